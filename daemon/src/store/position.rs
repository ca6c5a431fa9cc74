//! How far each file of a feed has been read.

use super::columns::{unsigned, word};
use crate::model::Digest;
use rusqlite::{Connection, Row};
use std::{
    ffi::OsString,
    os::unix::ffi::{OsStrExt as _, OsStringExt as _},
    path::{Path, PathBuf},
    sync::Arc,
};

/// How far a file of a feed has been read, and what that file was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedPosition {
    /// The name of the feed.
    pub feed: Arc<str>,
    /// The file, as the feed names it.
    pub path: PathBuf,
    /// The number of the device that holds it.
    pub device: u64,
    /// The number of its inode.
    pub inode: u64,
    /// Everything before this byte was read.
    pub offset_bytes: u64,
    /// Its size in bytes when it was read.
    pub size_bytes: u64,
    /// When it had last been changed, in nanoseconds since 1970.
    pub modified_ns: i64,
    /// The digest of the bytes just before the offset (how many is the feed's business): tells growth from
    /// replacement.
    pub anchor: Digest,
}

pub(super) fn remember(connection: &Connection, positions: &[FeedPosition]) -> rusqlite::Result<()> {
    let mut remember = connection.prepare_cached(
        "INSERT OR REPLACE INTO feed_position \
         (feed, path, device, inode, offset_bytes, size_bytes, modified_ns, anchor) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for position in positions {
        remember.execute((
            &position.feed,
            bytes(&position.path),
            position.device.cast_signed(),
            position.inode.cast_signed(),
            position.offset_bytes.cast_signed(),
            position.size_bytes.cast_signed(),
            position.modified_ns,
            position.anchor.0,
        ))?;
    }
    Ok(())
}

pub(super) fn forget(connection: &Connection, files: &[(Arc<str>, PathBuf)]) -> rusqlite::Result<()> {
    let mut forget = connection.prepare_cached("DELETE FROM feed_position WHERE feed = ?1 AND path = ?2")?;
    for (feed, path) in files {
        forget.execute((feed, bytes(path)))?;
    }
    Ok(())
}

/// All positions of a feed, by path.
pub(super) fn of_feed(connection: &Connection, feed: &str) -> rusqlite::Result<Vec<FeedPosition>> {
    let mut query = connection.prepare_cached("SELECT * FROM feed_position WHERE feed = ?1 ORDER BY path")?;
    query.query_map([feed], read)?.collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<FeedPosition> {
    Ok(FeedPosition {
        feed: row.get("feed")?,
        path: OsString::from_vec(row.get("path")?).into(),
        device: unsigned(row, "device")?,
        inode: unsigned(row, "inode")?,
        offset_bytes: unsigned(row, "offset_bytes")?,
        size_bytes: unsigned(row, "size_bytes")?,
        modified_ns: row.get("modified_ns")?,
        anchor: word(row, "anchor")?,
    })
}

fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_bytes()
}

//! How far a file has been read, and whether it is still the same file.

use crate::model::Digest;
use rustix::fs::Stat;
use serde::{Deserialize, Serialize};
use std::{
    fs::File,
    io,
    os::unix::fs::FileExt as _,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// How many bytes before the offset the anchor of a log covers: with its signature, the end of one attestation.
const ANCHOR_BYTES: u64 = 1024;

/// How far a file of a feed has been read: plain data, committed with the attestations that it covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The path inside the feed.
    pub path: String,
    /// The device that the file lies on.
    pub device: u64,
    /// The file's inode on that device.
    pub inode: u64,
    /// Everything before this byte has been delivered.
    pub offset_bytes: u64,
    /// The file's size when it was read.
    pub size_bytes: u64,
    /// When the file had last been modified, in nanoseconds since 1970-01-01T00:00:00Z.
    pub modified_ns: i64,
    /// What stood before the offset: of a `.json` of at most 1 MiB that is read to its end, the digest of all of it;
    /// otherwise the digest of the last 1024 bytes before the offset.
    pub anchor: Digest,
}

/// What the file system says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileState {
    pub(super) device: u64,
    pub(super) inode: u64,
    pub(super) size_bytes: u64,
    pub(super) modified_ns: i64,
}

impl FileState {
    /// `stat` in the daemon's units.
    #[allow(
        clippy::unnecessary_cast,
        reason = "on x86-64 and ARM64 the casts change at most the sign; elsewhere the width"
    )]
    pub(super) fn of(stat: &Stat) -> Self {
        let nanoseconds = i64::try_from(stat.st_mtime_nsec).unwrap_or(0);
        Self {
            device: stat.st_dev as u64,
            inode: stat.st_ino as u64,
            size_bytes: u64::try_from(stat.st_size).unwrap_or(0),
            modified_ns: (stat.st_mtime as i64).saturating_mul(1_000_000_000).saturating_add(nanoseconds),
        }
    }

    /// Whether the file was modified less than `span` before `now` (or, by a skewed clock, after it).
    pub(super) fn modified_within(&self, span: Duration, now: SystemTime) -> bool {
        let now_ns = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        i128::try_from(now_ns).is_ok_and(|now_ns| now_ns.abs_diff(i128::from(self.modified_ns)) < span.as_nanos())
    }

    /// The position at `offset_bytes` of this file.
    pub(super) fn at(&self, path: &str, offset_bytes: u64, anchor: Digest) -> Position {
        Position {
            path: path.to_owned(),
            device: self.device,
            inode: self.inode,
            offset_bytes,
            size_bytes: self.size_bytes,
            modified_ns: self.modified_ns,
            anchor,
        }
    }
}

impl Position {
    /// The state of the file when it was read.
    pub(super) fn state(&self) -> FileState {
        FileState { device: self.device, inode: self.inode, size_bytes: self.size_bytes, modified_ns: self.modified_ns }
    }

    /// Whether the file was read to the end that it had.
    pub(super) fn is_at_end(&self) -> bool {
        self.offset_bytes == self.size_bytes
    }

    /// Where to go on in a log that is now in `state`: here, if it is the same file, only longer; otherwise at 0.
    ///
    /// The device is not compared, because many get another number at every boot; the anchor tells instead.
    pub(super) fn resume_log(&self, file: &File, state: &FileState) -> io::Result<u64> {
        let may_continue = self.inode == state.inode && self.offset_bytes <= state.size_bytes;
        let continues =
            may_continue && (self.state() == *state || anchor_before(file, self.offset_bytes)? == self.anchor);
        Ok(if continues { self.offset_bytes } else { 0 })
    }
}

/// The digest of the (at most 1024) bytes before `offset_bytes`.
pub(super) fn anchor_before(file: &File, offset_bytes: u64) -> io::Result<Digest> {
    let length = offset_bytes.min(ANCHOR_BYTES);
    let mut buffer = [0; ANCHOR_BYTES as usize];
    let window = &mut buffer[..length as usize];
    let mut filled = 0;
    while filled < window.len() {
        match file.read_at(&mut window[filled..], offset_bytes - length + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Digest::of(&window[..filled]))
}

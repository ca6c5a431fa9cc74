//! How far a file has been read, and whether it is still the same file.

use crate::model::Digest;
use rustix::fs::Stat;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{
    fs::File,
    io,
    os::unix::fs::FileExt as _,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// How many bytes before the offset show that a log was only appended to: the end of one attestation, with its signature.
const TAIL_BYTES: u64 = 1024;

/// For how long after a modification another one may leave the file's time unchanged: some file systems count in steps of two
/// seconds.
const CLOCK_GRAIN: Duration = Duration::from_secs(2);

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
    /// The digest of everything before the offset; of what is too long for an attestation, only of its beginning and its
    /// length. It recognises a file that was copied, moved or restored from a backup.
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

    /// Whether both are of one file, by its inode.
    pub(super) fn is_inode_of(&self, other: &Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }

    /// Whether everything but the inode is the same. This distinguishes files only where the earlier state [is
    /// settled](Self::is_settled).
    pub(super) fn is_like(&self, other: &Self) -> bool {
        Self { inode: other.inode, ..*self } == *other
    }

    /// Whether a file that is written from now on, this one or its replacement, gets another time.
    pub(super) fn is_settled(&self) -> bool {
        !self.modified_within(CLOCK_GRAIN, SystemTime::now())
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
}

/// The digest so far of everything read from the start of a file: the anchor of a position there.
#[derive(Clone)]
pub(super) struct Trail(Option<Sha256>);

impl Trail {
    /// The trail at the start of a file.
    pub(super) fn new() -> Self {
        Self(Some(Sha256::new()))
    }

    /// The trail of a file that is read once and never resumed: it costs nothing.
    pub(super) fn none() -> Self {
        Self(None)
    }

    /// Adds `bytes`, as they are in the file.
    pub(super) fn pass(&mut self, bytes: &[u8]) {
        if let Some(hasher) = &mut self.0 {
            hasher.update(bytes);
        }
    }

    /// Adds `length_bytes` bytes that begin with `head` and are too many to be read.
    pub(super) fn pass_long(&mut self, head: &[u8], length_bytes: u64) {
        self.pass(head);
        self.pass(&length_bytes.to_le_bytes());
    }

    /// The anchor of a position here.
    pub(super) fn anchor(&self) -> Digest {
        Digest(self.0.clone().unwrap_or_default().finalize().into())
    }
}

/// The digest of the (at most 1024) bytes before `offset_bytes`.
pub(super) fn tail_before(file: &File, offset_bytes: u64) -> io::Result<Digest> {
    let length = offset_bytes.min(TAIL_BYTES);
    let mut buffer = [0; TAIL_BYTES as usize];
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

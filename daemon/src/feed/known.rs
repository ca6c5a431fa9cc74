//! A file that a feed follows: how far it is read, and what it looks like now.

use super::{
    Position,
    position::{FileState, Trail},
    recognition::Recognition,
};
use crate::model::Digest;

/// How far a file was read.
#[derive(Clone)]
pub(super) struct FileProgress {
    pub(super) position: Position,
    /// There is no newline between the offset and this byte.
    pub(super) seen_bytes: u64,
    /// What is needed to resume from the position without reading what is before it; `None` after a start.
    pub(super) memory: Option<Memory>,
    /// How far the file has been hashed, while it is not yet recognised.
    pub(super) recognition: Option<Box<Recognition>>,
    /// The number of the scan that last saw it.
    pub(super) scan: u64,
}

impl FileProgress {
    /// Whether the file of this `state` was read a moment ago, although its inode differs: some file systems give a file a new
    /// inode whenever it is opened.
    pub(super) fn is_of(&self, state: &FileState) -> bool {
        self.memory.as_ref().is_some_and(|memory| memory.is_settled) && self.position.state().is_like(state)
    }
}

/// What is known of the bytes before a position.
#[derive(Clone)]
pub(super) struct Memory {
    pub(super) trail: Trail,
    /// The digest of the last of them: while it stays the same, a log was only appended to.
    pub(super) tail: Digest,
    /// Whether the file's size and time distinguish it from one that was written later.
    pub(super) is_settled: bool,
}

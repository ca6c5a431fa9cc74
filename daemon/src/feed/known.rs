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
    /// No newline stands between the offset and here.
    pub(super) seen_bytes: u64,
    /// What it takes to go on from the position without reading again what stands before it; none after a start.
    pub(super) memory: Option<Memory>,
    /// Where a turn ended in which the file was still to be known again.
    pub(super) recognition: Option<Box<Recognition>>,
    /// The scan that last came by.
    pub(super) scan: u64,
}

impl FileProgress {
    /// Whether the file that is at `state` now was read a moment ago, though its inode is another: some file systems give a
    /// file a new one whenever it is opened.
    pub(super) fn is_of(&self, state: &FileState) -> bool {
        self.memory.as_ref().is_some_and(|memory| memory.is_settled) && self.position.state().is_like(state)
    }
}

/// What is known of the bytes before a position.
#[derive(Clone)]
pub(super) struct Memory {
    pub(super) trail: Trail,
    /// The digest of the last of them: when it is as it was, a log was only added to.
    pub(super) tail: Digest,
    /// Whether the file's size and time tell it from one that was written later.
    pub(super) is_settled: bool,
}

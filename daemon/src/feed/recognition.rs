//! Knowing a file again by its content: all that stands before a position is hashed, as many turns as that takes, and where
//! one turn ended the next one goes on.

use super::{
    lines::Cut,
    position::{FileState, Trail, tail_before},
    visit::Visit,
};
use crate::model::Digest;
use std::io;

/// How far a file was hashed that is not known again yet.
#[derive(Clone)]
pub(super) struct Recognition {
    /// The file, as it was in the last turn.
    pub(super) state: FileState,
    /// Where to hash to.
    pub(super) until_bytes: u64,
    pub(super) at: Cut,
    /// Of everything before that.
    pub(super) trail: Trail,
    /// The digest of the last bytes before it: when it is as it was, the file was only added to.
    pub(super) tail: Digest,
    /// Whether the state tells the file from one that was written later.
    pub(super) is_settled: bool,
}

impl Recognition {
    /// Whether what was hashed is what stands before `until_bytes` of the file that is visited.
    pub(super) fn is_of(&self, visit: &Visit<'_>, until_bytes: u64) -> io::Result<bool> {
        let is_alike = self.is_settled && self.state.is_like(&visit.state);
        let is_same_file = self.state.is_inode_of(&visit.state) || is_alike;
        Ok(is_same_file && self.until_bytes == until_bytes && tail_before(&visit.file, self.at.end_bytes)? == self.tail)
    }
}

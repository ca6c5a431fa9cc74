//! Recognising a file by its content: everything before a position is hashed, over as many turns as that takes, each going on
//! where the last one ended.

use super::{
    lines::Cut,
    position::{FileState, Trail, tail_before},
    visit::Visit,
};
use crate::model::Digest;
use std::io;

/// How far a file has been hashed that is not recognised yet.
#[derive(Clone)]
pub(super) struct Recognition {
    /// The file, as it was in the last turn.
    pub(super) state: FileState,
    /// The byte up to which to hash.
    pub(super) until_bytes: u64,
    pub(super) at: Cut,
    /// Of everything before that.
    pub(super) trail: Trail,
    /// The digest of the last bytes before it: while it stays the same, the file was only appended to.
    pub(super) tail: Digest,
    /// Whether the state distinguishes the file from one that was written later.
    pub(super) is_settled: bool,
}

impl Recognition {
    /// Whether what was hashed belongs to the visited file, up to `until_bytes`.
    pub(super) fn is_of(&self, visit: &Visit<'_>, until_bytes: u64) -> io::Result<bool> {
        let is_alike = self.is_settled && self.state.is_like(&visit.state);
        let is_same_file = self.state.is_inode_of(&visit.state) || is_alike;
        Ok(is_same_file && self.until_bytes == until_bytes && tail_before(&visit.file, self.at.end_bytes)? == self.tail)
    }
}

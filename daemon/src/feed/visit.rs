//! A file of a feed that is open, and why it is read.

use super::{pending::Trigger, position::FileState};
use std::{fs::File, time::Instant};

/// An open file and why it is read.
pub(super) struct Visit<'a> {
    pub(super) name: &'a str,
    pub(super) file: File,
    pub(super) state: FileState,
    pub(super) trigger: Trigger,
    pub(super) arrived: Instant,
}

//! How the feeds do.

use crate::feed::Unread;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What is known of the feeds.
#[derive(Default)]
pub(super) struct Feeds {
    /// Those whose first scan is neither over nor impossible.
    pub(super) scanning: BTreeSet<String>,
    /// What each did not read when it was last read through.
    pub(super) unread: BTreeMap<Arc<str>, Unread>,
    /// Those that are not there to be followed.
    pub(super) away: BTreeSet<Arc<str>>,
    /// Those whose quarantine is full, and which were told of.
    pub(super) full: BTreeSet<Arc<str>>,
}

impl Feeds {
    /// Feeds of these names that are about to start.
    pub(super) fn new(names: impl Iterator<Item = String>) -> Self {
        Self { scanning: names.collect(), ..Self::default() }
    }

    /// Whether each feed was read through once, or is not there to be read.
    pub(super) fn are_read(&self) -> bool {
        self.scanning.is_empty()
    }
}

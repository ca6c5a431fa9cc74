//! The state of the feeds.

use crate::feed::Unread;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What is known of the feeds.
#[derive(Default)]
pub(super) struct Feeds {
    /// Feeds whose first scan is still to end.
    pub(super) scanning: BTreeSet<String>,
    /// The files that each feed left unread when it was last read through.
    pub(super) unread: BTreeMap<Arc<str>, Unread>,
    /// Feeds whose folder cannot be followed now.
    pub(super) away: BTreeSet<Arc<str>>,
    /// Feeds whose quarantine is full, and for which that has been logged.
    pub(super) full: BTreeSet<Arc<str>>,
}

impl Feeds {
    /// Feeds of these names that are about to start.
    pub(super) fn new(names: impl Iterator<Item = String>) -> Self {
        Self { scanning: names.collect(), ..Self::default() }
    }

    /// Whether each feed was read through once, or cannot be read.
    pub(super) fn are_read(&self) -> bool {
        self.scanning.is_empty()
    }
}

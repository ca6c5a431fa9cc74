//! What arrives together: items that wait for their verification, and for the commit that holds them.

use crate::{
    attest::Verified,
    feed::{self, Body, Delivery, Position},
    store::{FeedPosition, Intake, IntakeDone, PendingCommit},
};
use anyhow::Result;
use std::{collections::BTreeMap, sync::Arc, time::Instant as Stopwatch};

/// What the feeds brought, not yet verified.
#[derive(Default)]
pub(super) struct ArrivedBatch {
    pub(super) items: Vec<UnverifiedItem>,
    /// By feed and path: how far the file is read, or that it is gone, whichever came last.
    pub(super) files: BTreeMap<(Arc<str>, String), Option<FeedPosition>>,
    pub(super) arrivals: Vec<(Arc<str>, Stopwatch)>,
    /// Files, as (feed, path), that were sent again as they had been read before.
    pub(super) resent: Vec<(Arc<str>, String)>,
}

/// One thing to verify.
pub(super) struct UnverifiedItem {
    pub(super) feed: Arc<str>,
    pub(super) origin: Arc<str>,
    pub(super) body: Body,
    /// Its number in quarantine, if it is retried from there.
    pub(super) retried: Option<i64>,
}

impl ArrivedBatch {
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty() && self.files.is_empty()
    }

    /// Adds a delivery; `follows` says whether the next start goes on from its position.
    pub(super) fn add(&mut self, delivery: Delivery, follows: bool) {
        let Delivery { feed, items, position, arrived } = delivery;
        if items.is_empty() {
            // The file was replaced and its content is the same: what was refused of it may be accepted now.
            self.resent.push((Arc::clone(&feed), position.path.clone()));
        } else {
            self.arrivals.push((Arc::clone(&feed), arrived));
        }
        let item = |item: feed::DeliveredItem| UnverifiedItem {
            feed: Arc::clone(&feed),
            origin: item.origin.into(),
            body: item.body,
            retried: None,
        };
        self.items.extend(items.into_iter().map(item));
        if follows {
            let file = (Arc::clone(&feed), position.path.clone());
            self.files.insert(file, Some(stored_position(feed, position)));
        }
    }

    /// A file is gone, until it is delivered again.
    pub(super) fn forget(&mut self, feed: Arc<str>, path: String) {
        self.files.insert((feed, path), None);
    }
}

/// What to remember of the files of a batch, and which to forget.
pub(super) fn positions_of(
    files: BTreeMap<(Arc<str>, String), Option<FeedPosition>>,
) -> (Vec<FeedPosition>, Vec<(Arc<str>, std::path::PathBuf)>) {
    let (mut positions, mut forgotten) = (Vec::new(), Vec::new());
    for ((feed, path), position) in files {
        match position {
            Some(position) => positions.push(position),
            None => forgotten.push((feed, path.into())),
        }
    }
    (positions, forgotten)
}

fn stored_position(feed: Arc<str>, position: Position) -> FeedPosition {
    let Position { path, device, inode, offset_bytes, size_bytes, modified_ns, anchor } = position;
    FeedPosition { feed, path: path.into(), device, inode, offset_bytes, size_bytes, modified_ns, anchor }
}

/// A position as a feed takes it back at its start.
#[must_use]
pub(crate) fn feed_position(stored: FeedPosition) -> Position {
    let FeedPosition { path, device, inode, offset_bytes, size_bytes, modified_ns, anchor, .. } = stored;
    Position { path: path.to_string_lossy().into_owned(), device, inode, offset_bytes, size_bytes, modified_ns, anchor }
}

/// A batch after verification: what to store, and what to take into memory once it is stored.
pub(super) struct VerifiedBatch {
    pub(super) intake: Intake,
    /// What became of each arrival of the intake, in its order.
    pub(super) told: Vec<ArrivalOutcome>,
    pub(super) arrivals: Vec<(Arc<str>, Stopwatch)>,
}

/// One arrival, for memory and metrics.
pub(super) struct ArrivalOutcome {
    pub(super) feed: Arc<str>,
    pub(super) attested: Result<Box<Verified>, &'static str>,
}

/// A batch on its way to the disk.
pub(super) struct CommittingBatch {
    pub(super) pending: PendingCommit<IntakeDone>,
    pub(super) told: Vec<ArrivalOutcome>,
    pub(super) arrivals: Vec<(Arc<str>, Stopwatch)>,
    pub(super) started: Stopwatch,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Digest;

    /// A file that goes and comes back within one batch keeps its position, and one that comes and goes is forgotten.
    #[test]
    fn what_came_last_of_a_file_is_what_is_stored() {
        let delivery = |offset_bytes| Delivery {
            feed: "drop".into(),
            items: Vec::new(),
            position: Position {
                path: "a.jsonl".to_owned(),
                device: 1,
                inode: 1,
                offset_bytes,
                size_bytes: offset_bytes,
                modified_ns: 0,
                anchor: Digest::of(b""),
            },
            arrived: Stopwatch::now(),
        };
        // A number is a delivery up to there; none says that the file is gone.
        for (told, expected) in [
            (&[None, Some(2)][..], Some(2)),
            (&[Some(1), None, Some(2)], Some(2)),
            (&[Some(1), Some(2)], Some(2)),
            (&[Some(1), None], None),
            (&[None], None),
        ] {
            let mut batch = ArrivedBatch::default();
            for one in told {
                match one {
                    Some(offset_bytes) => batch.add(delivery(*offset_bytes), true),
                    None => batch.forget("drop".into(), "a.jsonl".to_owned()),
                }
            }
            let (positions, forgotten) = positions_of(batch.files);
            let offsets: Vec<u64> = positions.iter().map(|position| position.offset_bytes).collect();
            assert_eq!(offsets, Vec::from_iter(expected), "{told:?}");
            assert_eq!(forgotten.len(), usize::from(expected.is_none()), "{told:?}");
        }
    }
}

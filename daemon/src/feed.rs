//! Where attestations come from: bytes with their origin, never their meaning.
//!
//! A feed hands [`FeedEvent`]s to the pipeline over one bounded channel, so a slow pipeline slows the reading and memory
//! stays flat. It acknowledges nothing by itself: each [`Delivery`] carries the [`Position`] that is to be committed in the
//! same transaction as its attestations, and at the next start the feed gets the committed positions back.

mod agenda;
mod bulk;
mod content;
mod directory;
mod event_sender;
mod follower;
mod held;
mod known;
mod lines;
mod pending;
mod position;
mod problem;
mod reading;
mod recognition;
mod resuming;
mod root;
#[cfg(test)]
mod tests;
mod tree;
mod unread;
mod visit;
mod walk;
mod watches;

pub use bulk::{BulkSource, read_all};
pub(crate) use content::documents;
pub(crate) use directory::{DirectoryFeed, DirectoryOptions};
pub(crate) use position::Position;

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

/// The most bytes that one attestation may have: 1 MiB. What is longer is delivered as [`Body::Oversized`].
pub const MAX_ATTESTATION_BYTES: usize = 1024 * 1024;
/// How much of an oversized attestation is kept for the quarantine.
pub(crate) const OVERSIZED_HEAD_BYTES: usize = 4 * 1024;
/// The most items in one delivery.
pub(crate) const MAX_DELIVERY_ITEMS: usize = 1024;
/// A delivery is closed when its bodies reach this many bytes; its last item may go beyond it.
pub(crate) const MAX_DELIVERY_BYTES: usize = 4 * 1024 * 1024;
/// How long a file that looks unfinished is left to its writer: a document that breaks off is then taken as it is, and so is the
/// last line of a log without a newline if it is a JSON value; one that is none is reported.
pub(crate) const UNFINISHED_WAIT: Duration = Duration::from_secs(10);
/// How much of one file is read before the others of its feed have their turn, whether it is delivered or only recognised:
/// 16 MiB, or [`MAX_TURN_DELIVERIES`].
pub(crate) const MAX_TURN_BYTES: u64 = 16 * 1024 * 1024;
/// The most deliveries of one file in one turn.
pub(crate) const MAX_TURN_DELIVERIES: usize = 16;
/// Most unread files that a feed names; it counts them all.
pub(crate) const MAX_UNREAD_NAMED: usize = 100;
/// How long stopping a feed may take before its thread is left to end by itself.
pub(crate) const MAX_STOP_WAIT: Duration = Duration::from_secs(5);

/// What a feed tells the pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedEvent {
    /// Attestations, or a position that moved without any.
    Delivery(Delivery),
    /// Something cannot be read; the feed goes on without it and tries again when it changes.
    Problem {
        /// The feed's name in the configuration.
        feed: Arc<str>,
        /// The path inside the feed; empty for the feed itself.
        path: String,
        /// What is wrong, ending with the fix.
        sentence: String,
    },
    /// A file is no longer there: its position may be deleted. Its attestations stay; deleting a file revokes nothing.
    Gone {
        /// The feed's name in the configuration.
        feed: Arc<str>,
        /// The path inside the feed.
        path: String,
    },
    /// Everything that was there when the scan began has been delivered, except for lines that are longer than any attestation:
    /// at the start, and after every rescan.
    Scanned {
        /// The feed's name in the configuration.
        feed: Arc<str>,
        /// The files that were left unread.
        unread: Unread,
    },
    /// The feed's folder is there and is followed.
    Up {
        /// The feed's name in the configuration.
        feed: Arc<str>,
    },
    /// The feed's folder cannot be followed; it is tried again every second.
    Down {
        /// The feed's name in the configuration.
        feed: Arc<str>,
        /// Why, ending with the fix.
        sentence: String,
    },
    /// The queue of changes overflowed; a rescan finds what was missed.
    Overflow {
        /// The feed's name in the configuration.
        feed: Arc<str>,
    },
}

/// Items of one file or request, in their order, and the position that they reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The feed's name in the configuration.
    pub feed: Arc<str>,
    /// At most [`MAX_DELIVERY_ITEMS`]; empty when only the position moved.
    pub items: Vec<DeliveredItem>,
    /// What to commit together with the items.
    pub position: Position,
    /// When the feed learned of the change: the time from arrival to score starts here.
    pub arrived: Instant,
}

/// One attestation as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveredItem {
    /// The path inside the feed, and `:byte N` (its first byte, from 0) where a file holds several.
    pub origin: String,
    /// The attestation's bytes.
    pub body: Body,
}

/// The bytes of an attestation, or what is left of one that is too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// The bytes as they are, at most [`MAX_ATTESTATION_BYTES`] (without the line's end).
    Bytes(Vec<u8>),
    /// Longer than one attestation may be.
    Oversized {
        /// How long it is, without the line's end.
        length_bytes: u64,
        /// Its first [`OVERSIZED_HEAD_BYTES`].
        head: Vec<u8>,
    },
}

/// How deep a folder is searched, and how many files are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanLimits {
    /// How many levels of folders below the feed's own are read: a file in the feed's folder has depth 0.
    pub depth_folders: usize,
    /// How many files are followed; a further one is reported and left unread.
    pub files: usize,
}

impl Default for ScanLimits {
    fn default() -> Self {
        Self { depth_folders: 16, files: 200_000 }
    }
}

/// What a feed leaves unread.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unread {
    /// How many files, and folders and links that lead nowhere.
    pub files: u64,
    /// The first of them by name, at most [`MAX_UNREAD_NAMED`]: each with the reason, ending with the fix.
    pub named: Vec<(String, String)>,
}

/// A feed's thread cannot be started.
#[derive(Debug, thiserror::Error)]
#[error("feed `{feed}`: its thread cannot be started ({source}): raise the limit of tasks for the daemon")]
pub(crate) struct FeedError {
    /// The feed's name in the configuration.
    pub feed: Arc<str>,
    /// What the system says.
    pub source: io::Error,
}

/// Why reading a file ended early.
#[derive(Debug)]
enum ReadError {
    /// The file cannot be read; the feed goes on.
    Io(io::Error),
    /// The feed is being stopped, or nobody listens any more.
    Stopped,
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

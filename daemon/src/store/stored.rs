//! What became of something that was to be stored.

use std::sync::Arc;

/// What became of one arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredArrival {
    /// A new attestation.
    New {
        /// Its place in the order of arrival.
        id: i64,
    },
    /// Known already, from signers that were known: nothing changed.
    Duplicate {
        /// The place of the first copy.
        id: i64,
    },
    /// Known already, now with signatures of further keys.
    SignersExtended {
        /// The place of the first copy.
        id: i64,
        /// All its signers now, the earlier ones first.
        signers: Vec<Arc<str>>,
    },
    /// In quarantine.
    Quarantined {
        /// Its number there; the same as before when the same bytes had come from the same origin.
        id: i64,
    },
    /// Refused, and only counted: as much of its feed is in quarantine as is kept.
    Summarised,
}

//! What became of an arrival that was to be stored.

use std::sync::Arc;

/// What became of one arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredArrival {
    /// A new attestation.
    New {
        /// Its number in the order of arrival.
        id: i64,
    },
    /// Known already, with the same signers: nothing changed.
    Duplicate {
        /// The number of the first copy.
        id: i64,
    },
    /// Known already, now with signatures of further keys.
    SignersExtended {
        /// The number of the first copy.
        id: i64,
        /// All its signers now, the earlier ones first.
        signers: Vec<Arc<str>>,
    },
    /// In quarantine.
    Quarantined {
        /// Its number in quarantine; the same as before when the same bytes had come from the same origin.
        id: i64,
    },
    /// Refused, and only counted: the quarantine is full for its feed.
    Summarised,
}

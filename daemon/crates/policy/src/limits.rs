//! What a policy may have at the most.

use crate::{diagnostic::FILE_MAX_BYTES, model::WHOLE_BP};

/// Longest policy file, in bytes.
pub const POLICY_MAX_BYTES: usize = FILE_MAX_BYTES;

/// Most rules in one policy.
pub const RULES_MAX: usize = 64;

/// Most bands in one policy: each is a series in the metrics.
pub const BANDS_MAX: usize = 16;

/// Heaviest rule. With [`RULES_MAX`] it keeps one rule's weight above half a basis point of them all, so that a coverage
/// of 100 % is only ever shown when every rule was scored.
pub const WEIGHT_MAX: u32 = 100;

/// Most versions of one rule that run in the shadow of the one that counts.
pub const SHADOWS_MAX: usize = 4;

/// The band of a supplier to which no rule applies.
pub const UNRATED: &str = "unrated";

/// Longest name of a region, corridor, parent or country, in bytes.
pub(super) const SHOCK_NAME_MAX_BYTES: usize = 256;

// One rule's weight is more than half a basis point of all the others together: coverage cannot round to the whole.
const _: () = assert!(RULES_MAX as u64 * (WEIGHT_MAX as u64) < 2 * (WHOLE_BP as u64));

//! The limits of a policy.

use crate::{diagnostic::MAX_FILE_BYTES, model::WHOLE_BP};

/// Longest policy file, in bytes.
pub const MAX_POLICY_BYTES: usize = MAX_FILE_BYTES;

/// Most rules in one policy.
pub const MAX_RULES: usize = 64;

/// Most bands in one policy: each is a series in the metrics.
pub(super) const MAX_BANDS: usize = 16;

/// Largest weight of a rule. With [`MAX_RULES`] it keeps one rule's weight above half a basis point of them all, so that a
/// coverage of 100 % is only ever shown when every rule was scored.
pub const MAX_WEIGHT: u32 = 100;

/// Most versions of one rule that run in the shadow of the one that counts.
pub const MAX_SHADOWS: usize = 4;

/// The band of a supplier to which no rule applies.
pub const UNRATED: &str = "unrated";

/// Longest name of a region, corridor, parent or country, in bytes.
pub(super) const MAX_SHOCK_NAME_BYTES: usize = 256;

// One rule's weight is more than half a basis point of all the others together: coverage cannot round to the whole.
const _: () = assert!(MAX_RULES as u64 * (MAX_WEIGHT as u64) < 2 * (WHOLE_BP as u64));

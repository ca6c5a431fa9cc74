//! How predicate types of ours are named.

/// What predicate types of ours begin with; the kind and `:v1` follow.
pub(crate) const PREDICATE_TYPE_PREFIX: &str = "urn:tierwatch:attestation:";

/// What predicate types of ours end with: the version of the predicate.
pub(crate) const PREDICATE_TYPE_SUFFIX: &str = ":v1";

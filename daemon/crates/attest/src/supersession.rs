//! Which of several attestations of one slot (issuer, subject, kind, discriminator) counts: the latest issued of those
//! that have started, a tie going to the greater digest. One that has not started waits, and displaces nothing before.

use crate::model::{Attestation, Digest, Instant};

/// When it begins to count: not before it is issued, nor before it is valid.
pub(super) fn starts_at(attestation: &Attestation) -> Instant {
    attestation.issued_at.max(attestation.valid_from)
}

/// Whether it has begun to count at `as_of`; it may have lapsed since.
pub(super) fn has_started(attestation: &Attestation, as_of: Instant) -> bool {
    starts_at(attestation) <= as_of
}

/// The order of supersession within a slot.
pub(super) fn rank(attestation: &Attestation) -> (Instant, Digest) {
    (attestation.issued_at, attestation.digest)
}

/// Goes through what one slot holds, sorted by [`rank`], from the last to the first, and tells of each whether it still
/// has a say at or after `as_of`: the last of those that have started does, and every later one that will count for a
/// while. The others are superseded for good: nothing that happens to their successors brings them back.
pub(super) fn has_a_say<T>(
    slot: impl DoubleEndedIterator<Item = T>,
    as_of: Instant,
    attestation: impl Fn(&T) -> &Attestation,
) -> impl Iterator<Item = (T, bool)> {
    let mut earliest_successor: Option<Instant> = None;
    slot.rev().map(move |held| {
        let start = starts_at(attestation(&held));
        let stands = earliest_successor.is_none_or(|successor| successor > start.max(as_of));
        earliest_successor = Some(earliest_successor.map_or(start, |earliest| earliest.min(start)));
        (held, stands)
    })
}

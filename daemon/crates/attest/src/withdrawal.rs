//! Revocation, suspension and explicit supersession: what takes an attestation out of force, in any order of arrival.
//!
//! - A revocation ends its target for good, from when it starts to count. It cannot itself be taken back.
//! - A suspension keeps its target from counting while it holds; it can be revoked and superseded, not suspended.
//! - `supersedes` ends its targets, of the same issuer, as a revocation does.
//!
//! The issuer of the target may do all of it, by keys that could have attested the target: its kind about its subject. An
//! issuer may have keys of narrower remits, and none of them speaks for the others; of several signers each withdraws what it
//! may by itself. Another issuer may revoke and suspend when its grant says so, naming the subject as the target names it: that
//! is how far its grant has been checked.

use super::{
    remit::Remit,
    supersession::{has_a_say, has_started, rank, starts_at},
};
use crate::model::{Attestation, Digest, Instant, Kind, Organisation, claims::Withdraws};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// What is known against attestations, present or not.
#[derive(Debug, Default)]
pub(super) struct Withdrawals {
    by_target: FxHashMap<Digest, Against>,
}

#[derive(Debug, Default)]
struct Against {
    ends: Vec<End>,
    suspensions: Vec<Suspension>,
}

/// The target counts no more from an instant on.
#[derive(Debug)]
struct End {
    by: Author,
    from: Instant,
}

#[derive(Debug)]
struct Suspension {
    by: Author,
    attestation: Arc<Attestation>,
}

/// Who withdraws, and on what ground.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Author {
    remit: Remit,
    /// The subject about which it may withdraw what others attest.
    of_others: Option<Organisation>,
}

impl Author {
    /// Who withdraws what they could attest themselves.
    fn of_own(remit: &Remit) -> Self {
        Self { remit: remit.clone(), of_others: None }
    }

    /// The same, and what others attest where their grant says so.
    fn new(attestation: &Attestation, remit: &Remit) -> Self {
        let of_others = remit.may_revoke.then(|| attestation.subject.clone());
        Self { of_others, ..Self::of_own(remit) }
    }

    fn may_withdraw(&self, target: &Attestation) -> bool {
        self.remit.speaks_for(target) || self.of_others.as_ref() == Some(&target.subject)
    }
}

impl Withdrawals {
    /// Takes in what `attestation` withdraws; tells which attestations that concerns.
    pub(super) fn insert(&mut self, attestation: &Arc<Attestation>, remit: &Remit, now: Instant) -> Vec<Digest> {
        let mut targets = attestation.supersedes.clone();
        for target in &targets {
            self.end(*target, Author::of_own(remit), starts_at(attestation));
        }
        match attestation.claims.withdraws() {
            Some(Withdraws::ForGood(withdrawal)) => {
                self.end(withdrawal.digest, Author::new(attestation, remit), starts_at(attestation));
                targets.push(withdrawal.digest);
            }
            Some(Withdraws::WhileItHolds(withdrawal)) => {
                let against = self.by_target.entry(withdrawal.digest).or_default();
                against.suspend(Author::new(attestation, remit), attestation, now);
                targets.push(withdrawal.digest);
            }
            None => {}
        }
        targets
    }

    fn end(&mut self, target: Digest, by: Author, from: Instant) {
        let ends = &mut self.by_target.entry(target).or_default().ends;
        match ends.iter_mut().find(|end| end.by == by) {
            Some(end) => end.from = end.from.min(from),
            None => ends.push(End { by, from }),
        }
    }

    /// Whether `target` does not count at `as_of`.
    pub(super) fn withdrawn(&self, target: &Attestation, as_of: Instant) -> bool {
        self.ended(target, as_of)
            || self.suspensions(target, as_of).any(|suspension| {
                has_started(suspension, as_of) && suspension.is_valid_at(as_of) && !self.ended(suspension, as_of)
            })
    }

    /// Whether `target` is revoked or explicitly superseded, now or later.
    pub(super) fn ends_ever(&self, target: &Attestation) -> bool {
        self.ended(target, Instant::MAX)
    }

    fn ended(&self, target: &Attestation, as_of: Instant) -> bool {
        self.ends(target).any(|from| from <= as_of)
    }

    /// Every instant at which it may change whether `target` counts, as far as can be told at `as_of`.
    pub(super) fn boundaries(&self, target: &Attestation, as_of: Instant) -> Vec<Instant> {
        let mut boundaries: Vec<Instant> = self.ends(target).collect();
        for suspension in self.suspensions(target, as_of) {
            boundaries.push(starts_at(suspension));
            boundaries.extend(suspension.valid_until);
            boundaries.extend(self.ends(suspension));
        }
        boundaries
    }

    fn ends<'a>(&'a self, target: &'a Attestation) -> impl Iterator<Item = Instant> + 'a {
        let against = self.by_target.get(&target.digest).filter(|_| target.kind() != Kind::Revocation);
        let ends = against.into_iter().flat_map(|against| &against.ends);
        ends.filter(|end| end.by.may_withdraw(target)).map(|end| end.from)
    }

    /// The suspensions of `target` that have a say at or after `as_of`.
    fn suspensions<'a>(&'a self, target: &'a Attestation, as_of: Instant) -> impl Iterator<Item = &'a Attestation> {
        let permanent = target.kind().withdraws();
        let against = self.by_target.get(&target.digest).filter(|_| !permanent);
        let all = against.map_or(&[][..], |against| &against.suspensions);
        let slots = all.chunk_by(|one, next| one.slot() == next.slot());
        let standing = slots.flat_map(move |slot| standing(slot, as_of));
        standing.filter(|suspension| suspension.by.may_withdraw(target)).map(|suspension| &*suspension.attestation)
    }
}

/// Those of one slot of suspensions that have a say at or after `as_of`.
fn standing(slot: &[Suspension], as_of: Instant) -> impl Iterator<Item = &Suspension> {
    let all = has_a_say(slot.iter(), as_of, |suspension| &suspension.attestation);
    all.filter_map(|(suspension, stands)| stands.then_some(suspension))
}

impl Against {
    /// Adds a suspension; those that it supersedes for good at `now` go.
    fn suspend(&mut self, by: Author, attestation: &Arc<Attestation>, now: Instant) {
        if self.suspensions.iter().any(|other| other.attestation.digest == attestation.digest) {
            return;
        }
        self.suspensions.push(Suspension { by, attestation: Arc::clone(attestation) });
        self.suspensions
            .sort_by(|one, other| (one.slot(), rank(&one.attestation)).cmp(&(other.slot(), rank(&other.attestation))));
        let slots = self.suspensions.chunk_by(|one, next| one.slot() == next.slot());
        let standing: Vec<Digest> =
            slots.flat_map(|slot| standing(slot, now)).map(|suspension| suspension.attestation.digest).collect();
        self.suspensions.retain(|suspension| standing.contains(&suspension.attestation.digest));
    }
}

impl Suspension {
    /// Suspensions of one target by one issuer about one subject supersede one another, where they reach equally far: one
    /// that does not reach the target cannot lift one that does.
    fn slot(&self) -> (&str, &Organisation, &Remit) {
        (&self.attestation.issuer, &self.attestation.subject, &self.by.remit)
    }
}

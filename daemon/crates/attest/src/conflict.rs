//! What is in force about one organisation: the outcome of supersession within issuers and of the conflict between them.

use super::{
    supersession::{has_a_say, has_started, rank},
    withdrawal::Withdrawals,
};
use crate::model::{Attestation, Claims, Instant, Kind};
use std::{borrow::Cow, sync::Arc};

/// The evidence about one organisation at one instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// What counts, by kind, then digest. Lapsed attestations that nothing valid replaces are among them, and those
    /// that have not started yet: `valid_from` and `valid_until` tell.
    pub in_force: Vec<Arc<Attestation>>,
    /// Where valid attestations of several issuers claim different things.
    pub conflicts: Vec<Conflict>,
}

/// Valid attestations of several issuers that claim different things of the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The one that counts: of the highest trust, then the latest issued, then the greatest digest.
    pub winner: Arc<Attestation>,
    /// Those that claim otherwise and do not count, in that order.
    pub others: Vec<Arc<Attestation>>,
}

/// One attestation that is held about an organisation, with what it contends for.
#[derive(Debug)]
pub(super) struct Contender<'a> {
    pub(super) kind: &'a Kind,
    /// What tells claims of the kind apart, in the names that organisations have now.
    pub(super) discriminator: Cow<'a, str>,
    pub(super) attestation: &'a Arc<Attestation>,
}

impl Contender<'_> {
    fn slot(&self) -> (&Kind, &str, &str) {
        (self.kind, &self.discriminator, &self.attestation.issuer)
    }
}

/// Decides the conflict of `contenders` at `as_of`; `same` tells whether two claim the same in the names of now.
pub(super) fn decide(
    mut contenders: Vec<Contender<'_>>,
    withdrawals: &Withdrawals,
    as_of: Instant,
    same: impl Fn(&Claims, &Claims) -> bool,
) -> Evidence {
    contenders.sort_by(|one, other| {
        one.slot().cmp(&other.slot()).then_with(|| rank(one.attestation).cmp(&rank(other.attestation)))
    });
    let mut evidence = Evidence::default();
    for matter in contenders.chunk_by(|one, next| one.kind == next.kind && one.discriminator == next.discriminator) {
        let mut started: Vec<&Arc<Attestation>> = Vec::new();
        for slot in matter.chunk_by(|one, next| one.attestation.issuer == next.attestation.issuer) {
            for (contender, stands) in has_a_say(slot.iter(), as_of, |contender| contender.attestation) {
                if !stands || withdrawals.withdrawn(contender.attestation, as_of) {
                    continue;
                }
                if has_started(contender.attestation, as_of) {
                    started.push(contender.attestation);
                } else {
                    evidence.in_force.push(Arc::clone(contender.attestation));
                }
            }
        }
        settle(&mut evidence, started, as_of, &same);
    }
    evidence.in_force.sort_by_cached_key(|attestation| (attestation.kind(), attestation.digest));
    evidence
}

/// Between issuers: the highest trust among the valid wins; where none is valid, the best of the lapsed.
fn settle(
    evidence: &mut Evidence,
    mut started: Vec<&Arc<Attestation>>,
    as_of: Instant,
    same: &impl Fn(&Claims, &Claims) -> bool,
) {
    // What several issuers withdraw, they withdraw each for themselves.
    if started.first().is_some_and(|first| first.kind().withdraws()) {
        evidence.in_force.extend(started.into_iter().cloned());
        return;
    }
    let any_valid = started.iter().any(|attestation| attestation.is_valid_at(as_of));
    if any_valid {
        started.retain(|attestation| attestation.is_valid_at(as_of));
        started.sort_by_key(|attestation| (attestation.trust, rank(attestation)));
    } else {
        started.sort_by_key(|attestation| (attestation.trust, attestation.valid_until, rank(attestation)));
    }
    let Some(winner) = started.pop() else { return };
    evidence.in_force.push(Arc::clone(winner));
    let differs = |other: &&&Arc<Attestation>| any_valid && !same(&winner.claims, &other.claims);
    let others: Vec<_> = started.iter().rev().filter(differs).map(|other| Arc::clone(other)).collect();
    if !others.is_empty() {
        evidence.conflicts.push(Conflict { winner: Arc::clone(winner), others });
    }
}

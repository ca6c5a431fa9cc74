//! Reading evidence.

use crate::bindings::plugin::{Attestation, Claims, State, Subject, Trust};

/// The confidence that the weakest trust among `used` allows, in basis points; 0 when nothing is used.
#[must_use]
pub fn confidence_bp<'a>(used: impl IntoIterator<Item = &'a Attestation>) -> u32 {
    used.into_iter().map(|attestation| attestation.trust.confidence_bp()).min().unwrap_or(0)
}

impl Trust {
    /// The confidence in evidence of this trust, in basis points.
    #[must_use]
    pub fn confidence_bp(self) -> u32 {
        match self {
            Self::Unsigned => 1_000,
            Self::SelfAsserted => 4_000,
            Self::ThirdParty => 7_500,
            Self::Authority => 9_500,
        }
    }
}

impl Attestation {
    /// Whether it counts as evidence: it covers the organisation and has started, though it may have lapsed since.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.covers && self.state != State::Upcoming
    }

    /// Whether it counts and is in force.
    #[must_use]
    pub fn is_in_force(&self) -> bool {
        self.covers && self.state == State::InForce
    }

    /// Whether it will count: it covers the organisation, is issued and starts later.
    #[must_use]
    pub fn is_renewal(&self) -> bool {
        self.covers && self.state == State::Upcoming
    }
}

impl Attestation {
    /// Orders attestations that contradict one another, of which the greatest counts: in force before lapsed, then the more
    /// trusted, then the later issued.
    #[must_use]
    pub fn strength(&self) -> impl Ord + use<> {
        (self.is_in_force(), self.trust.confidence_bp(), self.issued_at)
    }
}

impl Subject {
    /// The evidence that covers the organisation and has started, lapsed or not.
    pub fn usable(&self) -> impl Iterator<Item = &Attestation> {
        self.evidence.iter().filter(|attestation| attestation.is_usable())
    }

    /// The claims that `pick` picks from the evidence, each with its attestation: those in force or, if all have lapsed, the last
    /// known ones.
    pub fn stated<'a, C>(&'a self, pick: impl Fn(&'a Claims) -> Option<&'a C>) -> Vec<(&'a Attestation, &'a C)> {
        let usable = self.usable().filter_map(|attestation| Some((attestation, pick(&attestation.claims)?)));
        let mut stated: Vec<_> = usable.collect();
        if stated.iter().any(|(attestation, _)| attestation.is_in_force()) {
            stated.retain(|(attestation, _)| attestation.is_in_force());
        }
        stated
    }

    /// The evidence that covers the organisation and is in force.
    pub fn in_force(&self) -> impl Iterator<Item = &Attestation> {
        self.evidence.iter().filter(|attestation| attestation.is_in_force())
    }

    /// The evidence that covers the organisation and starts later.
    pub fn renewals(&self) -> impl Iterator<Item = &Attestation> {
        self.evidence.iter().filter(|attestation| attestation.is_renewal())
    }

    /// The evidence whose scope leaves the organisation out: such evidence counts as absent.
    pub fn out_of_scope(&self) -> impl Iterator<Item = &Attestation> {
        self.evidence.iter().filter(|attestation| !attestation.covers)
    }
}

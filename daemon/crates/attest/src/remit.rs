//! How far the signers of an attestation may speak, beyond that attestation.
//!
//! A grant admits an attestation by its kind and subject. Some attestations reach further: a revocation, a suspension
//! and `supersedes` end others, an alias makes two names one organisation. What they reach is compared with the same
//! grants, or a key that may say little could undo, or take over, what it has no say in.

use crate::model::{Attestation, Kind, Organisation, Trust, claims::NetworkClaims};
use std::sync::Arc;

/// Which kinds about whom a grant is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Scope {
    /// `None`: every kind.
    pub(super) kinds: Option<Vec<Kind>>,
    pub(super) about: Vec<Pattern>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pattern {
    Exact(Organisation),
    Prefix(String),
}

impl Pattern {
    fn matches(&self, subject: &Organisation) -> bool {
        match self {
            Self::Exact(organisation) => organisation == subject,
            Self::Prefix(prefix) => subject.as_str().starts_with(prefix),
        }
    }
}

impl Scope {
    pub(super) fn covers(&self, kind: &Kind, subject: &Organisation) -> bool {
        self.kinds.as_ref().is_none_or(|kinds| kinds.contains(kind))
            && self.about.iter().any(|about| about.matches(subject))
    }
}

/// One grant that the signers meet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Granted {
    /// Who speaks under it: of several signers each speaks as far as its own grants reach, and for no other.
    pub(super) issuer: Arc<str>,
    pub(super) scope: Arc<Scope>,
    /// The one subject that it is about, where a grant lets subjects speak about themselves.
    pub(super) itself: Option<Organisation>,
    pub(super) trust: Trust,
}

impl Granted {
    fn covers(&self, kind: &Kind, subject: &Organisation) -> bool {
        self.scope.covers(kind, subject) && self.itself.as_ref().is_none_or(|itself| itself == subject)
    }
}

/// How far the signers of an attestation, or the feed that brought it unsigned, may speak. Of an attestation that reaches
/// no other it is empty: nobody asks.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remit {
    /// Whether they may revoke and suspend what others have attested about the same organisation.
    pub may_revoke: bool,
    pub(super) grants: Arc<[Granted]>,
}

impl Remit {
    /// How far they are believed when they attest `kind` about `subject`; `None` when they may not.
    #[must_use]
    pub fn trust(&self, kind: &Kind, subject: &Organisation) -> Option<Trust> {
        self.grants.iter().filter(|granted| granted.covers(kind, subject)).map(|granted| granted.trust).max()
    }

    /// Whether the issuer of `target` is among them, by keys that may attest what it attests.
    pub(super) fn speaks_for(&self, target: &Attestation) -> bool {
        let (kind, subject) = (target.kind(), &target.subject);
        self.grants.iter().any(|granted| granted.issuer == target.issuer && granted.covers(&kind, subject))
    }

    /// Whether they may say alone that an organisation, about which they may speak, is also known as `alias`.
    pub(super) fn vouches_for(&self, alias: &Organisation) -> bool {
        self.trust(&Kind::EntityProfile, alias) >= Some(Trust::ThirdParty)
    }

    /// That of these signers and of `others` together, for tests.
    #[cfg(test)]
    pub(super) fn and(self, others: &Self) -> Self {
        let grants = self.grants.iter().chain(&*others.grants).cloned().collect();
        Self { may_revoke: self.may_revoke || others.may_revoke, grants }
    }

    /// Everything, of one issuer as an authority.
    #[doc(hidden)]
    #[must_use]
    pub fn unlimited(issuer: &str, may_revoke: bool) -> Self {
        Self::limited(issuer, may_revoke, None, "")
    }

    /// These kinds (`None`: all) about names that begin so, as an authority.
    #[doc(hidden)]
    #[must_use]
    pub fn limited(issuer: &str, may_revoke: bool, kinds: Option<Vec<Kind>>, prefix: &str) -> Self {
        let scope = Arc::new(Scope { kinds, about: vec![Pattern::Prefix(prefix.to_owned())] });
        let granted = Granted { issuer: issuer.into(), scope, itself: None, trust: Trust::Authority };
        Self { may_revoke, grants: [granted].into() }
    }
}

/// Whether `attestation` has an effect on what others attest, or on other names: then its signers' remit matters beyond it.
#[must_use]
pub fn reaches_others(attestation: &Attestation) -> bool {
    let names_others =
        matches!(attestation.claims.network(), Some(NetworkClaims::Profile(profile)) if !profile.aliases.is_empty());
    attestation.kind().withdraws() || names_others || !attestation.supersedes.is_empty()
}

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
    pub(super) scope: Arc<Scope>,
    /// The one subject that it is about, where a grant lets subjects speak about themselves.
    pub(super) itself: Option<Organisation>,
    pub(super) trust: Trust,
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
        let covers = |granted: &&Granted| {
            granted.scope.covers(kind, subject) && granted.itself.as_ref().is_none_or(|itself| itself == subject)
        };
        self.grants.iter().filter(covers).map(|granted| granted.trust).max()
    }

    /// Whether they may attest what `target` attests.
    pub(super) fn covers(&self, target: &Attestation) -> bool {
        self.trust(&target.kind(), &target.subject).is_some()
    }

    /// Whether they may say alone that an organisation, about which they may speak, is also known as `alias`.
    pub(super) fn vouches_for(&self, alias: &Organisation) -> bool {
        self.trust(&Kind::EntityProfile, alias) >= Some(Trust::ThirdParty)
    }

    /// Everything, as an authority.
    #[doc(hidden)]
    #[must_use]
    pub fn unlimited(may_revoke: bool) -> Self {
        Self::limited(may_revoke, None, "")
    }

    /// These kinds (`None`: all) about names that begin so, as an authority.
    #[doc(hidden)]
    #[must_use]
    pub fn limited(may_revoke: bool, kinds: Option<Vec<Kind>>, prefix: &str) -> Self {
        let scope = Arc::new(Scope { kinds, about: vec![Pattern::Prefix(prefix.to_owned())] });
        Self { may_revoke, grants: [Granted { scope, itself: None, trust: Trust::Authority }].into() }
    }
}

/// Whether `attestation` has an effect on what others attest, or on other names: then its signers' remit matters beyond it.
#[must_use]
pub fn reaches_others(attestation: &Attestation) -> bool {
    let names_others =
        matches!(attestation.claims.network(), Some(NetworkClaims::Profile(profile)) if !profile.aliases.is_empty());
    attestation.kind().withdraws() || names_others || !attestation.supersedes.is_empty()
}

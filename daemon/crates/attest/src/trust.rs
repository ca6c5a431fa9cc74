//! The trust table: which key or feed may attest which kinds about which organisations, and how far it is believed.
//!
//! It comes from the operator's configuration alone. A payload can ask for nothing: what no grant allows is refused.
//!
//! ```toml
//! [[key]]
//! name = "iasme-2026"
//! owner = "IASME"                  # the issuer; SCHEME:ID when it is an organisation that attests about itself
//! public_key = "…"                 # PEM, or the base64 of a raw Ed25519 key
//!
//! [[grant]]
//! name = "certification bodies"
//! signers = ["iasme-2026"]         # or "subject": any key whose owner is the subject
//! kinds = ["cyber.ce", "cyber.ceplus", "revocation"]    # or "all"
//! about = ["GB-COH:*"]             # exact, or a prefix that ends in `*`
//! trust = "authority"
//! ```

pub use super::grant::{Grant, GrantedKinds, Key, Signers, TrustError};

use super::{
    component_signature::ComponentSigners,
    keys::{KeyId, PublicKey},
    kinds::Kinds,
    remit::{Granted, Pattern, Remit, Scope},
};
use crate::model::{Identifiers, Kind, Organisation, Trust};
use rustc_hash::FxHashMap;
use std::{collections::BTreeSet, sync::Arc};

/// Under what an attestation is admitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// Who says so.
    pub issuer: Arc<str>,
    /// How far it is believed.
    pub trust: Trust,
    /// Whether it may revoke and suspend what others have attested about the same organisation.
    pub may_revoke: bool,
}

/// Why nothing admits an attestation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotAdmitted {
    /// No grant speaks of these signers or this feed with this kind and subject.
    OutOfRemit,
    /// A grant does, and not enough of its keys have signed.
    Threshold { grant: Arc<str>, found: usize, needed: usize },
}

/// The keys and grants of the configuration, checked.
#[derive(Debug, Clone, Default)]
pub struct TrustTable {
    keys: Vec<TrustedKey>,
    by_id: FxHashMap<KeyId, usize>,
    by_name: FxHashMap<String, usize>,
    /// The keys of owners that are organisations.
    by_owner: FxHashMap<Organisation, Vec<usize>>,
    grants: Vec<CheckedGrant>,
}

#[derive(Debug, Clone)]
struct TrustedKey {
    name: String,
    owner: Arc<str>,
    organisation: Option<Organisation>,
    public: PublicKey,
}

#[derive(Debug, Clone)]
struct CheckedGrant {
    name: Arc<str>,
    source: GrantedTo,
    threshold: usize,
    scope: Arc<Scope>,
    trust: Trust,
    may_revoke: bool,
    issuer: Option<Arc<str>>,
}

#[derive(Debug, Clone)]
enum GrantedTo {
    Subject,
    /// Places in `TrustTable::keys`.
    Keys(BTreeSet<usize>),
    Feed(Arc<str>),
}

impl TrustTable {
    /// Checks the keys and grants of the configuration.
    ///
    /// # Errors
    /// The first [`TrustError`].
    pub fn new(keys: &[Key], grants: &[Grant], identifiers: &Identifiers, kinds: &Kinds) -> Result<Self, TrustError> {
        let mut table = Self::default();
        for key in keys {
            table.add_key(key, identifiers)?;
        }
        for grant in grants {
            if table.grants.iter().any(|other| *other.name == *grant.name) {
                return Err(TrustError::GrantName(grant.name.clone()));
            }
            let checked = table.check_grant(grant, identifiers, kinds)?;
            table.grants.push(checked);
        }
        Ok(table)
    }

    fn add_key(&mut self, key: &Key, identifiers: &Identifiers) -> Result<(), TrustError> {
        let name = || key.name.clone();
        let ix = self.keys.len();
        if self.by_name.insert(name(), ix).is_some() {
            return Err(TrustError::KeyName(name()));
        }
        let public =
            PublicKey::from_pem(&key.public_key).map_err(|problem| TrustError::Key { name: name(), problem })?;
        let organisation =
            identifiers.parse_speaker(&key.owner).map_err(|problem| TrustError::Owner { name: name(), problem })?;
        if let Some(other) = self.by_id.insert(public.id(), ix) {
            return Err(TrustError::SameKey(self.keys[other].name.clone(), name()));
        }
        let owner = organisation.as_ref().map_or(key.owner.as_str(), Organisation::as_str).into();
        if let Some(organisation) = &organisation {
            self.by_owner.entry(organisation.clone()).or_default().push(ix);
        }
        self.keys.push(TrustedKey { name: name(), owner, organisation, public });
        Ok(())
    }

    fn check_grant(&self, grant: &Grant, identifiers: &Identifiers, kinds: &Kinds) -> Result<CheckedGrant, TrustError> {
        let source = self.source(grant)?;
        check_trust(grant, &source)?;
        if let GrantedTo::Keys(keys) = &source {
            let mut owners = keys.iter().map(|&ix| &self.keys[ix].owner);
            let first = owners.next();
            if grant.threshold > 1 && grant.issuer.is_none() && !owners.all(|owner| Some(owner) == first) {
                let problem = "lets keys of several owners sign together: set `issuer` to the name they speak under";
                return Err(TrustError::Contradiction { grant: grant.name.clone(), problem });
            }
        }
        let issuer = grant.issuer.as_deref().map(|issuer| {
            let organisation = identifiers
                .parse_speaker(issuer)
                .map_err(|problem| TrustError::Issuer { grant: grant.name.clone(), problem })?;
            Ok(organisation.as_ref().map_or(issuer, Organisation::as_str).into())
        });
        Ok(CheckedGrant {
            name: grant.name.as_str().into(),
            source,
            threshold: grant.threshold,
            scope: Arc::new(Scope { kinds: listed_kinds(grant, kinds)?, about: patterns(grant, identifiers)? }),
            trust: grant.trust,
            may_revoke: grant.may_revoke,
            issuer: issuer.transpose()?,
        })
    }

    fn source(&self, grant: &Grant) -> Result<GrantedTo, TrustError> {
        let name = || grant.name.clone();
        let threshold = |signers| TrustError::Threshold { grant: name(), threshold: grant.threshold, signers };
        match (&grant.signers, &grant.feed) {
            (Some(Signers::Subject), None) if grant.threshold == 0 => Err(threshold(1)),
            (Some(Signers::Subject), None) => Ok(GrantedTo::Subject),
            (Some(Signers::Keys(names)), None) => {
                let find = |key: &String| {
                    self.by_name
                        .get(key)
                        .copied()
                        .ok_or_else(|| TrustError::UnknownSigner { grant: name(), key: key.clone() })
                };
                let keys: BTreeSet<usize> = names.iter().map(find).collect::<Result<_, _>>()?;
                if (1..=keys.len()).contains(&grant.threshold) {
                    Ok(GrantedTo::Keys(keys))
                } else {
                    Err(threshold(keys.len()))
                }
            }
            (None, Some(_)) if grant.threshold != 1 => Err(threshold(1)),
            (None, Some(feed)) => Ok(GrantedTo::Feed(feed.as_str().into())),
            _ => {
                let problem = "needs either `signers` or `feed`: write the one that it is about";
                Err(TrustError::Contradiction { grant: name(), problem })
            }
        }
    }

    /// The key of this name.
    #[must_use]
    pub fn key(&self, id: KeyId) -> Option<&PublicKey> {
        self.by_id.get(&id).map(|&ix| &self.keys[ix].public)
    }

    /// What the configuration calls the key.
    #[must_use]
    pub fn key_name(&self, id: KeyId) -> Option<&str> {
        self.by_id.get(&id).map(|&ix| self.keys[ix].name.as_str())
    }

    /// The keys that may sign rule plugins.
    ///
    /// # Errors
    /// [`TrustError::UnknownComponentSigner`] when a name stands for no key.
    pub fn component_signers(&self, names: &[String]) -> Result<ComponentSigners, TrustError> {
        let key = |name: &String| match self.by_name.get(name) {
            Some(&ix) => Ok((name.clone(), self.keys[ix].public.clone())),
            None => Err(TrustError::UnknownComponentSigner(name.clone())),
        };
        names.iter().map(key).collect::<Result<_, _>>().map(ComponentSigners::new)
    }

    /// Every key, in the order of the configuration.
    pub fn keys(&self) -> impl Iterator<Item = &PublicKey> {
        self.keys.iter().map(|key| &key.public)
    }

    /// How many grants there are.
    #[must_use]
    pub fn grants(&self) -> usize {
        self.grants.len()
    }

    /// The keys that could sign `kind` about `subject`.
    pub(super) fn granted<'a>(
        &'a self,
        kind: &'a Kind,
        subject: &'a Organisation,
    ) -> impl Iterator<Item = &'a PublicKey> {
        self.grants.iter().filter(move |grant| grant.scope.covers(kind, subject)).flat_map(move |grant| {
            let (listed, owned) = match &grant.source {
                GrantedTo::Keys(keys) => (Some(keys), None),
                GrantedTo::Subject => (None, self.by_owner.get(subject)),
                GrantedTo::Feed(_) => (None, None),
            };
            let keys = listed.into_iter().flatten().chain(owned.into_iter().flatten());
            keys.map(|&ix| &self.keys[ix].public)
        })
    }

    /// The feeds that grants name.
    pub fn feeds(&self) -> impl Iterator<Item = &str> {
        self.grants.iter().filter_map(|grant| match &grant.source {
            GrantedTo::Feed(feed) => Some(&**feed),
            _ => None,
        })
    }

    /// Whether any grant lets unsigned attestations of `feed` in.
    pub(super) fn takes_unsigned(&self, feed: &str) -> bool {
        self.grants.iter().any(|grant| matches!(&grant.source, GrantedTo::Feed(granted) if **granted == *feed))
    }

    /// Under what `signers` (none: `feed` itself) may attest `kind` about `subject`: the highest trust that a grant
    /// gives, the first such grant when several give it.
    pub(super) fn admit(
        &self,
        signers: &[KeyId],
        feed: &str,
        kind: &Kind,
        subject: &Organisation,
    ) -> Result<Admission, NotAdmitted> {
        let signing: BTreeSet<usize> = signers.iter().filter_map(|id| self.by_id.get(id).copied()).collect();
        let mut best: Option<Admission> = None;
        let mut nearest: Option<NotAdmitted> = None;
        for grant in self.grants.iter().filter(|grant| grant.scope.covers(kind, subject)) {
            let Some((issuer, found)) = self.under(grant, &signing, signers.is_empty(), feed, Some(subject)) else {
                continue;
            };
            if found < grant.threshold {
                let needed = grant.threshold;
                nearest.get_or_insert_with(|| NotAdmitted::Threshold { grant: Arc::clone(&grant.name), found, needed });
                continue;
            }
            let issuer = grant.issuer.clone().unwrap_or(issuer);
            let may_revoke = grant.may_revoke || best.as_ref().is_some_and(|best| best.may_revoke);
            best = Some(match best {
                Some(better) if better.trust >= grant.trust => Admission { may_revoke, ..better },
                _ => Admission { issuer, trust: grant.trust, may_revoke },
            });
        }
        best.ok_or(nearest.unwrap_or(NotAdmitted::OutOfRemit))
    }

    /// Who speaks when `signers` (none: `feed` itself) say `kind` about `subject`, whether they may or not: who does when they
    /// are admitted; or else who would if as many signed as the grant asks for, or the owner of the first key; `None` when no
    /// key of theirs is known.
    pub(super) fn speaker(
        &self,
        signers: &[KeyId],
        feed: &str,
        kind: &Kind,
        subject: &Organisation,
    ) -> Option<Arc<str>> {
        if let Ok(admission) = self.admit(signers, feed, kind, subject) {
            return Some(admission.issuer);
        }
        let signing: BTreeSet<usize> = signers.iter().filter_map(|id| self.by_id.get(id).copied()).collect();
        let mut best: Option<(Trust, Arc<str>)> = None;
        for grant in self.grants.iter().filter(|grant| grant.scope.covers(kind, subject)) {
            if let Some((issuer, _)) = self.under(grant, &signing, signers.is_empty(), feed, Some(subject))
                && best.as_ref().is_none_or(|(trust, _)| *trust < grant.trust)
            {
                best = Some((grant.trust, grant.issuer.clone().unwrap_or(issuer)));
            }
        }
        let granted = best.map(|(_, issuer)| issuer);
        granted.or_else(|| signing.first().map(|&ix| Arc::clone(&self.keys[ix].owner)))
    }

    /// How far `signers` (none: `feed` itself) may speak at all.
    pub(super) fn remit(&self, signers: &[KeyId], feed: &str, may_revoke: bool) -> Remit {
        let signing: BTreeSet<usize> = signers.iter().filter_map(|id| self.by_id.get(id).copied()).collect();
        // An owner may have several keys, and a grant may ask for more than one of them.
        let owners: BTreeSet<&Organisation> =
            signing.iter().filter_map(|&ix| self.keys[ix].organisation.as_ref()).collect();
        let mut granted = Vec::new();
        for grant in &self.grants {
            let mut meets = |subject: Option<&Organisation>| {
                let under = self.under(grant, &signing, signers.is_empty(), feed, subject);
                if let Some((issuer, _)) = under.filter(|(_, found)| *found >= grant.threshold) {
                    let (issuer, scope) = (grant.issuer.clone().unwrap_or(issuer), Arc::clone(&grant.scope));
                    granted.push(Granted { issuer, scope, itself: subject.cloned(), trust: grant.trust });
                }
            };
            match grant.source {
                GrantedTo::Subject => owners.iter().for_each(|owner| meets(Some(owner))),
                GrantedTo::Keys(_) | GrantedTo::Feed(_) => meets(None),
            }
        }
        Remit { may_revoke, grants: granted.into() }
    }

    /// Who speaks under `grant` about `subject` (`None`: anybody but themselves) and how many of its keys have signed; `None` when none of them has.
    fn under(
        &self,
        grant: &CheckedGrant,
        signing: &BTreeSet<usize>,
        unsigned: bool,
        feed: &str,
        subject: Option<&Organisation>,
    ) -> Option<(Arc<str>, usize)> {
        let mut of_grant: Box<dyn Iterator<Item = usize>> = match &grant.source {
            GrantedTo::Feed(granted) => return (unsigned && **granted == *feed).then(|| (Arc::clone(granted), 1)),
            GrantedTo::Keys(keys) => Box::new(signing.intersection(keys).copied()),
            GrantedTo::Subject => Box::new(
                signing
                    .iter()
                    .copied()
                    .filter(|&ix| subject.is_some_and(|subject| self.keys[ix].organisation.as_ref() == Some(subject))),
            ),
        };
        let first = of_grant.next()?;
        Some((Arc::clone(&self.keys[first].owner), 1 + of_grant.count()))
    }
}

fn check_trust(grant: &Grant, source: &GrantedTo) -> Result<(), TrustError> {
    let problem = match source {
        GrantedTo::Feed(_) if grant.trust != Trust::Unsigned => {
            "lets unsigned attestations in: set trust = \"unsigned\", or list the keys that sign as `signers`"
        }
        GrantedTo::Subject | GrantedTo::Keys(_) if grant.trust == Trust::Unsigned => {
            "has signers: set trust to \"self\", \"third-party\" or \"authority\", or name a `feed` instead"
        }
        GrantedTo::Subject if grant.trust != Trust::Own => {
            "lets subjects speak about themselves: set trust = \"self\", or list the keys that deserve more"
        }
        _ if grant.may_revoke && grant.trust < Trust::ThirdParty => {
            "may revoke what others attest: set trust to \"third-party\" or \"authority\", or remove may_revoke"
        }
        _ => return Ok(()),
    };
    Err(TrustError::Contradiction { grant: grant.name.clone(), problem })
}

fn listed_kinds(grant: &Grant, kinds: &Kinds) -> Result<Option<Vec<Kind>>, TrustError> {
    let GrantedKinds::Listed(names) = &grant.kinds else { return Ok(None) };
    let find = |kind: &String| {
        kinds.named(kind).ok_or_else(|| TrustError::UnknownKind { grant: grant.name.clone(), kind: kind.clone() })
    };
    names.iter().map(find).collect::<Result<_, _>>().map(Some)
}

fn patterns(grant: &Grant, identifiers: &Identifiers) -> Result<Vec<Pattern>, TrustError> {
    let refuse = |pattern: &str| TrustError::Pattern { grant: grant.name.clone(), pattern: pattern.to_owned() };
    if grant.about.is_empty() {
        return Err(refuse(""));
    }
    let check = |pattern: &String| match pattern.strip_suffix('*') {
        // What no identifier begins with would never match, and nobody would hear of it.
        Some(prefix) => identifiers.parse_prefix(prefix).map(Pattern::Prefix).ok_or_else(|| refuse(pattern)),
        None => identifiers.parse(pattern).map(Pattern::Exact).map_err(|_| refuse(pattern)),
    };
    grant.about.iter().map(check).collect()
}

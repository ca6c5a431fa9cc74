//! The evidence in memory: what every organisation's attestations come to, whatever order they arrived in.
//!
//! The ledger holds what has a say now or later: the latest of each issuer about each matter, and what waits to start.
//! Everything else lives in the store alone. Identity, supersession, withdrawal and conflict each have a file of their
//! own; the ledger only knows whom an arrival concerns, and when time will change something by itself.

use super::{
    conflict::{self, Contender, Evidence},
    identity::{Aliases, Identity},
    remit::Remit,
    supersession::{has_a_say, rank, starts_at},
    withdrawal::Withdrawals,
};
use crate::model::{
    Attestation, Claims, Digest, Instant, Kind, Organisation, OrganisationIx, Trust,
    claims::{NetworkClaims, Withdraws},
};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What one issuer says of one matter, under the name that it uses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct SlotKey {
    kind: Kind,
    discriminator: Box<str>,
    issuer: Arc<str>,
}

/// Sorted by rank; nearly always one.
type Slot = SmallVec<[Arc<Attestation>; 1]>;

/// What is held under one name.
#[derive(Debug, Default)]
struct NameEntry {
    slots: BTreeMap<SlotKey, Slot>,
    /// The names whose attestations mention this one.
    mentioned_by: BTreeSet<OrganisationIx>,
    /// Whether it is more than an alias: a subject, or a party to somebody's supply.
    stands: bool,
}

/// The state of the evidence. Pure: it changes by what it is told, and knows the time from [`Ledger::due`] alone.
#[derive(Debug)]
pub struct Ledger {
    now: Instant,
    identity: Identity,
    by_name: FxHashMap<Organisation, OrganisationIx>,
    held: Vec<NameEntry>,
    by_digest: FxHashMap<Digest, (OrganisationIx, Arc<Attestation>)>,
    /// Of profiles with aliases: how far their signers may speak.
    naming: FxHashMap<Digest, Remit>,
    withdrawals: Withdrawals,
    calendar: BTreeSet<(Instant, OrganisationIx)>,
    dirty: BTreeSet<OrganisationIx>,
    /// Names that stood for an organisation and do so no more.
    gone: BTreeSet<OrganisationIx>,
}

impl Ledger {
    /// An empty ledger. What is superseded for good at `now` is not kept: ask about no instant before it. With
    /// [`Instant::MIN`] everything is kept, and any instant can be asked about.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self {
            now,
            identity: Identity::default(),
            by_name: FxHashMap::default(),
            held: Vec::new(),
            by_digest: FxHashMap::default(),
            naming: FxHashMap::default(),
            withdrawals: Withdrawals::default(),
            calendar: BTreeSet::new(),
            dirty: BTreeSet::new(),
            gone: BTreeSet::new(),
        }
    }

    /// Takes an attestation in, with how far its signers may speak beyond it. One that is there already, or is superseded
    /// already, changes nothing.
    pub fn insert(&mut self, attestation: Arc<Attestation>, remit: &Remit) {
        if self.by_digest.contains_key(&attestation.digest) {
            return;
        }
        let subject = self.party(&attestation.subject);
        for mentioned in mentioned(&attestation.claims) {
            let mentioned = self.party(mentioned);
            self.held[index(mentioned)].mentioned_by.insert(subject);
        }
        // An owner takes no part in anybody's supply, but chains of holdings pass through it under its other names.
        if let Some(owner) = owner(&attestation.claims) {
            let owner = self.intern(&owner);
            self.held[index(owner)].mentioned_by.insert(subject);
        }
        let targets = self.withdrawals.insert(&attestation, remit, self.now);
        if self.hold(subject, &attestation) {
            self.dirty.insert(subject);
            self.mark_boundaries(subject, &attestation);
            if let Claims::EntityProfile(profile) = &attestation.claims {
                if !profile.aliases.is_empty() {
                    self.naming.insert(attestation.digest, remit.clone());
                }
                self.identify(subject);
            }
        }
        for target in targets {
            self.withdraw(target);
        }
    }

    /// Puts an attestation into its slot and drops what has no say any more; `false` when that is itself.
    fn hold(&mut self, subject: OrganisationIx, attestation: &Arc<Attestation>) -> bool {
        let key = SlotKey {
            kind: attestation.kind(),
            discriminator: attestation.claims.discriminator().into(),
            issuer: Arc::clone(&attestation.issuer),
        };
        let slot = self.held[index(subject)].slots.entry(key).or_default();
        let at = slot.partition_point(|other| rank(other) < rank(attestation));
        slot.insert(at, Arc::clone(attestation));
        self.by_digest.insert(attestation.digest, (subject, Arc::clone(attestation)));
        for dropped in prune(slot, self.now) {
            self.by_digest.remove(&dropped);
            self.naming.remove(&dropped);
        }
        self.by_digest.contains_key(&attestation.digest)
    }

    /// The instants at which time alone changes something about `of`, because of `attestation`.
    fn mark_boundaries(&mut self, of: OrganisationIx, attestation: &Attestation) {
        let withdrawn = self.withdrawals.boundaries(attestation, self.now);
        let boundaries = withdrawn.into_iter().chain([starts_at(attestation)]).chain(attestation.valid_until);
        let now = self.now;
        self.calendar.extend(boundaries.filter(|at| *at > now).map(|at| (at, of)));
    }

    /// Something was said against the attestation `target`, which may not be here (yet).
    fn withdraw(&mut self, target: Digest) {
        let Some((subject, attestation)) = self.by_digest.get(&target).cloned() else { return };
        self.dirty.insert(subject);
        self.mark_boundaries(subject, &attestation);
        if attestation.kind() == Kind::EntityProfile {
            self.identify(subject);
        }
        // What a suspension suspends counts again when the suspension is revoked. Suspensions suspend no suspensions.
        if let Some(Withdraws::WhileItHolds(suspension)) = attestation.claims.withdraws()
            && let Some((suspended, attestation)) = self.by_digest.get(&suspension.digest).cloned()
        {
            self.dirty.insert(suspended);
            self.mark_boundaries(suspended, &attestation);
            if attestation.kind() == Kind::EntityProfile {
                self.identify(suspended);
            }
        }
    }

    /// Works out again which names the profiles about `subject` give it.
    fn identify(&mut self, subject: OrganisationIx) {
        let slots = &self.held[index(subject)].slots;
        let profiles = slots.iter().filter(|(key, _)| key.kind == Kind::EntityProfile);
        let latest = profiles.filter_map(|(_, slot)| slot.last()).filter(|latest| !self.withdrawals.ends_ever(latest));
        let attested: Vec<(Organisation, bool)> = latest
            .flat_map(|latest| {
                let aliases =
                    if let Claims::EntityProfile(profile) = &latest.claims { &profile.aliases[..] } else { &[] };
                let remit = self.naming.get(&latest.digest);
                let alone = move |alias: &Organisation| {
                    latest.trust >= Trust::ThirdParty && remit.is_some_and(|remit| remit.vouches_for(alias))
                };
                aliases.iter().map(move |alias| (alias.clone(), alone(alias)))
            })
            .collect();
        let mut aliases = Aliases::new();
        for (alias, alone) in attested {
            *aliases.entry(self.intern(&alias)).or_default() |= alone;
        }
        let changed = self.identity.set_aliases(subject, aliases);
        self.dirty.extend(changed.regrouped);
        for (renamed, before) in changed.renamed {
            self.dirty.extend(&self.held[index(renamed)].mentioned_by);
            if before == renamed {
                self.gone.insert(renamed);
            }
        }
    }

    fn intern(&mut self, name: &Organisation) -> OrganisationIx {
        if let Some(ix) = self.by_name.get(name) {
            return *ix;
        }
        let ix = self.identity.add(name.clone());
        self.by_name.insert(name.clone(), ix);
        self.held.push(NameEntry::default());
        ix
    }

    /// A name of somebody who takes part, new ones being dirty.
    fn party(&mut self, name: &Organisation) -> OrganisationIx {
        let ix = self.intern(name);
        let held = &mut self.held[index(ix)];
        if !held.stands {
            held.stands = true;
            self.dirty.insert(ix);
        }
        ix
    }

    /// What has changed since this was last called, sorted: organisations, to be looked at again, and names that stand
    /// for none any more, because they are another's now ([`Ledger::is_organisation`] tells which are which).
    pub fn take_dirty(&mut self) -> Vec<OrganisationIx> {
        let mut changed: BTreeSet<OrganisationIx> =
            std::mem::take(&mut self.dirty).into_iter().map(|ix| self.identity.representative(ix)).collect();
        let gone = std::mem::take(&mut self.gone);
        changed.extend(gone.into_iter().filter(|ix| self.identity.representative(*ix) != *ix));
        changed.into_iter().collect()
    }

    /// Every organisation, by the name that represents it.
    pub fn organisations(&self) -> impl Iterator<Item = OrganisationIx> {
        let all = (0..self.held.len()).filter_map(|index| u32::try_from(index).ok().map(OrganisationIx));
        all.filter(|ix| self.is_organisation(*ix))
    }

    /// Whether the name `ix` represents an organisation: one that somebody attests about, or that takes part in what is
    /// attested. Names that are known as aliases alone are none.
    #[must_use]
    pub fn is_organisation(&self, ix: OrganisationIx) -> bool {
        let stands = |member: &OrganisationIx| self.held[index(*member)].stands;
        self.identity.representative(ix) == ix && self.identity.members(ix).iter().any(stands)
    }

    /// The name that stands for the organisation of the name `ix`; itself, mostly.
    #[must_use]
    pub fn representative(&self, ix: OrganisationIx) -> OrganisationIx {
        self.identity.representative(ix)
    }

    /// The name `ix`.
    #[must_use]
    pub fn name(&self, ix: OrganisationIx) -> &Organisation {
        self.identity.name(ix)
    }

    /// All names of the organisation of `ix`, sorted.
    #[must_use]
    pub fn names(&self, ix: OrganisationIx) -> Vec<Organisation> {
        let mut names: Vec<_> = self.identity.members(ix).iter().map(|member| self.name(*member).clone()).collect();
        names.sort_unstable();
        names
    }

    /// The organisation that `name` names, by the name that represents it.
    #[must_use]
    pub fn resolve(&self, name: &Organisation) -> Option<OrganisationIx> {
        self.by_name.get(name).map(|ix| self.identity.representative(*ix))
    }

    /// The name that represents the organisation that `name` names; `name` itself when it is unknown.
    #[must_use]
    pub fn canonical(&self, name: &Organisation) -> Organisation {
        self.resolve(name).map_or_else(|| name.clone(), |ix| self.name(ix).clone())
    }

    /// An attestation that is held, by its digest.
    #[must_use]
    pub fn attestation(&self, digest: &Digest) -> Option<&Arc<Attestation>> {
        self.by_digest.get(digest).map(|(_, attestation)| attestation)
    }

    /// How many attestations are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_digest.len()
    }

    /// Whether nothing is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_digest.is_empty()
    }

    /// What counts about the organisation of `ix` at `as_of`.
    #[must_use]
    pub fn evidence(&self, ix: OrganisationIx, as_of: Instant) -> Evidence {
        let members = self.identity.members(ix);
        let slots = members.iter().flat_map(|member| &self.held[index(*member)].slots);
        let contenders = slots.flat_map(|(key, slot)| {
            slot.iter().map(|attestation| Contender {
                kind: &key.kind,
                discriminator: self.discriminator(key, attestation),
                attestation,
            })
        });
        conflict::decide(contenders.collect(), &self.withdrawals, as_of, |one, other| self.same_claims(one, other))
    }

    /// The discriminator of a slot in the names that organisations have now.
    fn discriminator<'a>(&self, key: &'a SlotKey, attestation: &Attestation) -> Cow<'a, str> {
        let owner = owner(&attestation.claims);
        if mentioned(&attestation.claims).into_iter().chain(&owner).all(|name| self.is_canonical(name)) {
            return Cow::Borrowed(&key.discriminator);
        }
        Cow::Owned(self.in_canonical_names(&attestation.claims).discriminator())
    }

    fn is_canonical(&self, name: &Organisation) -> bool {
        self.by_name.get(name).is_none_or(|ix| self.identity.representative(*ix) == *ix)
    }

    fn same_claims(&self, one: &Claims, other: &Claims) -> bool {
        one == other || self.in_canonical_names(one) == self.in_canonical_names(other)
    }

    fn in_canonical_names(&self, claims: &Claims) -> Claims {
        let mut claims = claims.clone();
        claims.rename(|organisation| self.canonical(organisation));
        claims
    }

    /// The latest instant up to `now` at which anything about the organisation of `ix` could have changed: a boundary
    /// of its evidence, or else the last midnight, since rules count in days. Its evidence has been the same ever
    /// since.
    #[must_use]
    pub fn settled(&self, ix: OrganisationIx, now: Instant) -> Instant {
        let slots = self.identity.members(ix).iter().flat_map(|member| self.held[index(*member)].slots.values());
        let standing = slots
            .flat_map(|slot| has_a_say(slot.iter(), now, |attestation| attestation))
            .filter_map(|(attestation, stands)| stands.then_some(attestation));
        let boundaries = standing.flat_map(|attestation| {
            let withdrawn = self.withdrawals.boundaries(attestation, now);
            withdrawn.into_iter().chain([starts_at(attestation)]).chain(attestation.valid_until)
        });
        boundaries.filter(|at| *at <= now).fold(now.midnight(), Instant::max)
    }

    /// The next instant after `after` at which time alone changes something.
    #[must_use]
    pub fn next_boundary(&self, after: Instant) -> Option<Instant> {
        let from = (after.plus_seconds(1), OrganisationIx(0));
        self.calendar.range(from..).next().map(|(at, _)| *at)
    }

    /// Lets time pass until `now`; gives the organisations whose boundaries it passed, sorted.
    pub fn due(&mut self, now: Instant) -> Vec<OrganisationIx> {
        self.now = self.now.max(now);
        let mut due = BTreeSet::new();
        while let Some((at, ix)) = self.calendar.first().copied().filter(|(at, _)| *at <= self.now) {
            self.calendar.remove(&(at, ix));
            due.insert(ix);
        }
        for ix in &due {
            for slot in self.held[index(*ix)].slots.values_mut() {
                for dropped in prune(slot, self.now) {
                    self.by_digest.remove(&dropped);
                    self.naming.remove(&dropped);
                }
            }
        }
        due.into_iter().map(|ix| self.identity.representative(ix)).collect::<BTreeSet<_>>().into_iter().collect()
    }
}

fn index(ix: OrganisationIx) -> usize {
    ix.0 as usize
}

/// Drops what has no say at or after `now`; tells which.
fn prune(slot: &mut Slot, now: Instant) -> SmallVec<[Digest; 1]> {
    if slot.len() < 2 {
        return SmallVec::new();
    }
    let judged = has_a_say(slot.iter(), now, |attestation| attestation);
    let dropped: SmallVec<[Digest; 1]> =
        judged.filter_map(|(attestation, stands)| (!stands).then_some(attestation.digest)).collect();
    slot.retain(|attestation| !dropped.contains(&attestation.digest));
    dropped
}

/// The organisation that owns the subject.
fn owner(claims: &Claims) -> Option<Organisation> {
    match claims.network()? {
        NetworkClaims::Holding(holding) => holding.organisation(),
        NetworkClaims::Profile(_)
        | NetworkClaims::Need(_)
        | NetworkClaims::Source(_)
        | NetworkClaims::Capability(_)
        | NetworkClaims::EndOfLife(_)
        | NetworkClaims::Site(_)
        | NetworkClaims::Recovery(_)
        | NetworkClaims::Requirement(_) => None,
    }
}

/// The organisations that take part in what is claimed, beside the subject: aliases are names, not parties, and the
/// entities in the scope of a certificate need no evidence of their own.
fn mentioned(claims: &Claims) -> SmallVec<[&Organisation; 2]> {
    let Some(claims) = claims.network() else { return SmallVec::new() };
    match claims {
        NetworkClaims::Profile(profile) => profile.parent.iter().collect(),
        NetworkClaims::Need(need) => [&need.buyer].into_iter().collect(),
        NetworkClaims::Source(source) => [&source.supplier, &source.buyer].into_iter().collect(),
        NetworkClaims::Requirement(requirement) => [&requirement.programme].into_iter().collect(),
        NetworkClaims::Capability(_)
        | NetworkClaims::EndOfLife(_)
        | NetworkClaims::Site(_)
        | NetworkClaims::Recovery(_)
        | NetworkClaims::Holding(_) => SmallVec::new(),
    }
}

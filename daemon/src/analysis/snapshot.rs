//! A stored state to ask questions of: the network, who everybody is, the scores and what follows from them. No rule runs
//! and nothing is stored.

use super::doubts::{Doubt, doubts};
use crate::{
    config::{
        Config, policy_file,
        trust::{self, TrustSetup},
    },
    diagnostic::spelling::{self, UnknownWord},
    model::{BasisPoints, Exposure, Facts, Identifiers, Instant, Organisation},
    network::{Network, Profile, graph::NodeIx},
    policy::Policy,
    scoring::{costs::Costs, credentials::Credentials, fleet::Fleet, rebuild::rebuild, scorer::ScoringCase},
    store::Reader,
};
use anyhow::{Result, bail};
use std::sync::Arc;

/// Most matches that an ambiguous name lists.
const MAX_MATCHES_SHOWN: usize = 10;

/// What the store holds at one instant.
pub(crate) struct Snapshot {
    fleet: Fleet,
    policy: Policy,
    identifiers: Identifiers,
    now: Instant,
    /// Suppliers whose stored score rests on nothing that today's keys and grants admit.
    outlived: usize,
}

impl Snapshot {
    /// Reads the state that `reader` holds at `now`, with today's keys and policy.
    ///
    /// # Errors
    /// When the store, the keys or the policy cannot be read.
    pub(crate) fn open(config: &Config, reader: &Reader, now: Instant) -> Result<Self> {
        let TrustSetup { verifier, .. } = trust::verifier(config)?;
        let policy = policy_file::policy(config)?;
        let mut fleet = rebuild(&verifier, reader, now, None)?.fleet;
        let outlived = fleet.unknown();
        fleet.settle_without_rules(&policy, now);
        let identifiers = verifier.options().identifiers.clone();
        Ok(Self { fleet, policy, identifiers, now, outlived })
    }

    /// How many suppliers have a stored score that rests on nothing which today's keys and grants admit: whoever scores has not
    /// taken these yet.
    #[must_use]
    pub(crate) fn outlived(&self) -> usize {
        self.outlived
    }

    /// Everything that the score of `organisation` would be made from; `None` when nothing was ever said about it.
    pub(crate) fn case(&mut self, organisation: &Organisation) -> Option<ScoringCase> {
        self.fleet.case(organisation, self.now)
    }

    /// The same state, for questions whose answers it caches.
    pub(crate) fn fleet_mut(&mut self) -> &mut Fleet {
        &mut self.fleet
    }

    /// Scores, credentials and exposures.
    #[must_use]
    pub(crate) fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// What every supplier costs the programmes.
    #[must_use]
    pub(crate) fn costs(&self) -> Costs {
        Costs::of(self.network(), self.fleet.exposures())
    }

    /// The policy in force.
    #[must_use]
    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The supply network of this state.
    #[must_use]
    pub(crate) fn network(&self) -> &Network {
        self.fleet.network()
    }

    /// Who `organisation` is, where anything is attested about it.
    #[must_use]
    pub(crate) fn profile(&self, organisation: &Organisation) -> Option<&Profile> {
        self.network().profile(organisation)
    }

    /// What `organisation` holds.
    #[must_use]
    pub(crate) fn credentials(&self, organisation: &Organisation) -> Option<&Credentials> {
        self.fleet.credentials(organisation)
    }

    /// Its registered name; empty when nobody attests it.
    #[must_use]
    pub(crate) fn name(&self, organisation: &Organisation) -> &str {
        self.profile(organisation).and_then(|profile| profile.name.as_ref()).map_or("", |name| name.as_str())
    }

    /// The risk of its score, 0 to 10 000; `None`: unrated.
    #[must_use]
    pub(crate) fn risk_bp(&self, organisation: &Organisation) -> Option<BasisPoints> {
        self.fleet.standing(organisation)?.level.risk_bp
    }

    /// How likely it is down within the horizon of the policy.
    #[must_use]
    pub(crate) fn exposure(&self, organisation: &Organisation) -> Option<&Exposure> {
        self.fleet.exposures().of(organisation)
    }

    /// What the network says of it.
    #[must_use]
    pub(crate) fn facts(&self, organisation: &Organisation) -> Arc<Facts> {
        self.network().facts(organisation)
    }

    /// What the evidence in force says that is probably a slip.
    #[must_use]
    pub(crate) fn doubts(&self) -> Vec<Doubt> {
        let ledger = self.fleet.ledger();
        let attestations: Vec<_> =
            ledger.organisations().flat_map(|ix| ledger.evidence(ix, self.now).in_force).collect();
        let said = attestations.iter().filter(|attestation| attestation.is_valid_at(self.now)).map(|attestation| {
            let mut claims = attestation.claims.clone();
            claims.rename(|name| ledger.canonical(name));
            (claims, &*attestation.issuer)
        });
        doubts(self.network(), said)
    }

    /// The one organisation or programme of the network that `wanted` names: `SCHEME:ID`, an alias, or a part of a name.
    ///
    /// # Errors
    /// When there is none, or several.
    pub(crate) fn find(&self, wanted: &str) -> Result<(Organisation, NodeIx)> {
        let named = self.identifiers.parse_party(wanted)?.map(|named| self.fleet.ledger().canonical(&named));
        if let Some((named, node)) = named.and_then(|named| self.network().node(&named).map(|node| (named, node))) {
            return Ok((named, node));
        }
        let lower = wanted.to_lowercase();
        let all = (0..).take(self.network().graph().len()).map(|node| (self.network().organisation(node), node));
        let mut found: Vec<(Organisation, NodeIx)> = all
            .filter(|(name, _)| {
                let is_part = self.name(name).to_lowercase().contains(&lower);
                is_part || (name.is_programme() && name.as_str().to_lowercase().ends_with(&format!(":{lower}")))
            })
            .map(|(name, node)| (name.clone(), node))
            .collect();
        found.sort_unstable();
        match found.as_slice() {
            [] => bail!(self.unknown(wanted)),
            [_] => Ok(found.remove(0)),
            several => {
                let line = |(name, _): &(Organisation, NodeIx)| format!("\n  {name} {}", self.name(name));
                let list: String = several.iter().take(MAX_MATCHES_SHOWN).map(line).collect();
                bail!("{} match `{wanted}`; name one by its identifier:{list}", several.len());
            }
        }
    }

    /// Says that `buyer` does not need `item`, and what it needs.
    #[must_use]
    pub(crate) fn unneeded(&self, buyer: &Organisation, item: &str) -> UnknownWord {
        let facts = self.facts(buyer);
        let known: Vec<&str> = facts.needs.iter().map(|need| need.item.as_str()).collect();
        spelling::unknown(&format!("need of {buyer}"), item, &known, &format!("`tierwatch explain {buyer}` lists them"))
    }

    /// Says that nobody is called `wanted`, and whose names are similar.
    fn unknown(&self, wanted: &str) -> UnknownWord {
        let nodes = (0..).take(self.network().graph().len());
        let known = nodes.map(|node| self.network().organisation(node));
        let known: Vec<&str> =
            known.flat_map(|name| [name.as_str(), self.name(name)]).filter(|name| !name.is_empty()).collect();
        let list = "`tierwatch suppliers` and `tierwatch programmes` list what there is";
        spelling::unknown("organisation or programme", wanted, &known, list)
    }

    /// All programmes, by name.
    #[must_use]
    pub(crate) fn programmes(&self) -> Vec<(Organisation, NodeIx)> {
        let node = |name: Organisation| self.network().node(&name).map(|node| (name, node));
        self.network().programmes().into_iter().filter_map(node).collect()
    }

    /// The programmes that `organisation` supplies at any distance; itself when it is one.
    #[must_use]
    pub(crate) fn programmes_behind(&self, organisation: &Organisation) -> Vec<(Organisation, NodeIx)> {
        if organisation.is_programme() {
            return self.network().node(organisation).map(|node| (organisation.clone(), node)).into_iter().collect();
        }
        let reached = self.facts(organisation).requirement.programmes.clone();
        reached.into_iter().filter_map(|name| self.network().node(&name).map(|node| (name, node))).collect()
    }
}

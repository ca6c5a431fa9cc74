//! Who else could meet a need, and the same from the supplier's side: which fragile needs it could second-source, what it
//! lacks to be eligible, and what each programme would gain.

use super::{snapshot::Snapshot, what_if::standby};
use crate::{
    diagnostic::spelling,
    model::{BasisPoints, Claims, Facts, Organisation, WHOLE_BP, claims::Text, facts::NeedFacts},
    network::{
        exposure::{Hazards, Sample},
        graph::{Graph, Needs, NodeIx, Source},
    },
    scoring::{credentials::Credentials, likelihood::likelihoods},
};
use anyhow::{Result, bail};
use rustc_hash::{FxHashMap, FxHashSet};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Most adoptions that are simulated for one question: the others are worse by what they lack and by score.
const MAX_ADOPTIONS: usize = 256;

/// The hint of an error that names an unknown cluster.
const CLUSTERS_LISTED: &str = "`tierwatch groups --by cluster` lists them";

/// A supplier adopted for a need, and what follows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Adoption {
    /// The organisation that would supply.
    pub supplier: Organisation,
    /// The organisation or programme that would buy.
    pub buyer: Organisation,
    /// The item that it would supply.
    pub item: Text,
    /// The supplier's risk, 0 to 10 000; `None`: unrated.
    pub risk_bp: Option<BasisPoints>,
    /// What it must obtain to be eligible; empty: nothing.
    pub lacks: Vec<String>,
    /// The approvals that it holds.
    pub approvals: Vec<Text>,
    /// Organisations on which both it and the present sources depend, or that own both; by name.
    pub shared: Vec<Organisation>,
    /// Whether it claims to supply this already, and neither the buyer nor a third party says so.
    pub is_claimed: bool,
    /// Whether it is where the caller would rather buy.
    pub is_preferred: bool,
    /// Each programme with its probability of being down, 0 to 1, before and after.
    pub programmes: Vec<(Organisation, f64, f64)>,
}

impl Adoption {
    /// By how much the probabilities of all programmes together fall.
    #[must_use]
    pub(crate) fn gain(&self) -> f64 {
        self.programmes.iter().map(|(_, before, after)| before - after).sum()
    }
}

/// Where the caller would rather buy.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Preference<'a> {
    /// A region, as profiles and sites name it.
    pub region: Option<&'a str>,
    /// A regional body, as profiles name it.
    pub cluster: Option<&'a str>,
}

impl Preference<'_> {
    /// Refuses a region or cluster that names nobody.
    fn check(self, snapshot: &Snapshot) -> Result<()> {
        let profiles = || snapshot.network().profiles().map(|(_, profile)| profile);
        if let Some(region) = self.region {
            let known: BTreeSet<&str> =
                profiles().flat_map(|one| one.regions().map(|(region, _)| region.as_str())).collect();
            let known: Vec<&str> = known.into_iter().collect();
            spelling::among("region", region, &known, "`tierwatch groups --by region` lists them")?;
        }
        if let Some(cluster) = self.cluster {
            let known: BTreeSet<&str> = profiles().flat_map(|one| &one.clusters).map(Text::as_str).collect();
            let known: Vec<&str> = known.into_iter().collect();
            spelling::among("cluster", cluster, &known, CLUSTERS_LISTED)?;
        }
        Ok(())
    }
}

/// Who else could supply `item` to `buyer`: those preferred first, then those that lack least, then by what the
/// programmes gain, by how little they share upstream, by score and by name.
///
/// # Errors
/// When the network has no such need.
pub(crate) fn alternatives(
    snapshot: &Snapshot,
    buyer: &str,
    item: &str,
    preference: Preference<'_>,
) -> Result<Vec<Adoption>> {
    let (buyer, _) = snapshot.find(buyer)?;
    let facts = snapshot.facts(&buyer);
    let Some(need) = facts.needs.iter().find(|need| need.item.as_str() == item) else {
        bail!(snapshot.unneeded(&buyer, item));
    };
    preference.check(snapshot)?;
    let mut market = Market::of(snapshot);
    let mut makers = market.makers.get(&need.item).cloned().unwrap_or_default();
    // Who claims to supply it is shown, though nothing else says that it can.
    let claiming = market.claimed.iter().filter(|(_, whom, what)| *whom == buyer && *what == need.item);
    makers.extend(claiming.map(|(supplier, ..)| supplier.clone()));
    makers.sort_unstable();
    makers.dedup();
    let candidates = makers.into_iter().filter(|maker| *maker != buyer && !is_source(need, maker));
    let mut adoptions: Vec<Adoption> =
        candidates.map(|maker| market.draft(&maker, &buyer, &facts, need, preference)).collect();
    keep_the_best(&mut adoptions);
    adoptions.iter_mut().for_each(|adoption| market.simulate(adoption));
    let least = |one: f64, other: f64| other.total_cmp(&one);
    adoptions.sort_by(|one, other| {
        let key = |adoption: &Adoption| (!adoption.is_preferred, adoption.lacks.len());
        key(one)
            .cmp(&key(other))
            .then(least(one.gain(), other.gain()))
            .then_with(|| one.shared.len().cmp(&other.shared.len()))
            .then_with(|| rank(one).cmp(&rank(other)))
    });
    Ok(adoptions)
}

/// Which fragile needs `suppliers` could second-source, the greatest gain first.
#[must_use]
pub(crate) fn opportunities(snapshot: &Snapshot, suppliers: &[Organisation]) -> Vec<Adoption> {
    let mut market = Market::of(snapshot);
    let mut adoptions = Vec::new();
    let nodes = (0..).take(snapshot.network().graph().len());
    let buyers: Vec<(Organisation, Arc<Facts>)> = nodes
        .map(|node| snapshot.network().organisation(node).clone())
        .map(|buyer| (buyer.clone(), snapshot.facts(&buyer)))
        .filter(|(buyer, facts)| buyer.is_programme() || !facts.requirement.programmes.is_empty())
        .collect();
    for (buyer, facts) in &buyers {
        for need in facts.needs.iter().filter(|need| is_fragile(need)) {
            let makers = market.makers.get(&need.item).cloned().unwrap_or_default();
            for supplier in suppliers.iter().filter(|supplier| *supplier != buyer && makers.contains(supplier)) {
                if !is_source(need, supplier) {
                    adoptions.push(market.draft(supplier, buyer, facts, need, Preference::default()));
                }
            }
        }
    }
    keep_the_best(&mut adoptions);
    adoptions.iter_mut().for_each(|adoption| market.simulate(adoption));
    adoptions.sort_by(|one, other| other.gain().total_cmp(&one.gain()).then_with(|| rank(one).cmp(&rank(other))));
    adoptions
}

/// The members of a cluster, by name.
///
/// # Errors
/// When nobody is a member.
pub(crate) fn members(snapshot: &Snapshot, cluster: &str) -> Result<Vec<Organisation>> {
    let network = snapshot.network();
    let is_member = |clusters: &[Text]| clusters.iter().any(|name| name.as_str().eq_ignore_ascii_case(cluster));
    let members = network.profiles().filter(|(_, profile)| is_member(&profile.clusters));
    let mut members: Vec<Organisation> = members.map(|(node, _)| network.organisation(node).clone()).collect();
    members.sort_unstable();
    if members.is_empty() {
        let known: BTreeSet<&str> = network.profiles().flat_map(|(_, one)| &one.clusters).map(Text::as_str).collect();
        let known: Vec<&str> = known.into_iter().collect();
        bail!(spelling::unknown("cluster", cluster, &known, CLUSTERS_LISTED));
    }
    Ok(members)
}

/// Whether it has one usable source, or all its sources depend on one organisation upstream.
fn is_fragile(need: &NeedFacts) -> bool {
    let usable = need
        .sources
        .iter()
        .filter(|source| source.share_bp > 0 || (source.qualified && source.switch_days <= need.buffer_days));
    usable.count() == 1 || need.shared_upstream.is_some()
}

fn is_source(need: &NeedFacts, supplier: &Organisation) -> bool {
    need.sources.iter().any(|source| source.supplier == *supplier)
}

fn rank(adoption: &Adoption) -> (BasisPoints, &Organisation, &Organisation, &Text) {
    (adoption.risk_bp.unwrap_or(WHOLE_BP), &adoption.supplier, &adoption.buyer, &adoption.item)
}

fn keep_the_best(adoptions: &mut Vec<Adoption>) {
    adoptions.sort_by(|one, other| {
        let key = |adoption: &Adoption| (!adoption.is_preferred, adoption.lacks.len());
        key(one).cmp(&key(other)).then_with(|| rank(one).cmp(&rank(other)))
    });
    adoptions.truncate(MAX_ADOPTIONS);
}

/// Who makes what, and a network to try things in.
struct Market<'s> {
    snapshot: &'s Snapshot,
    makers: BTreeMap<Text, Vec<Organisation>>,
    /// Who claims to supply whom with what, where neither the buyer nor a third party says so.
    claimed: FxHashSet<(Organisation, Organisation, Text)>,
    graph: Graph,
    hazards: &'s Hazards,
    upstream: FxHashMap<NodeIx, Arc<FxHashSet<NodeIx>>>,
    before: FxHashMap<NodeIx, f64>,
}

impl<'s> Market<'s> {
    fn of(snapshot: &'s Snapshot) -> Self {
        let mut makers: BTreeMap<Text, Vec<Organisation>> = BTreeMap::new();
        let network = snapshot.network();
        for (node, profile) in network.profiles() {
            for item in &profile.items {
                makers.entry(item.clone()).or_default().push(network.organisation(node).clone());
            }
        }
        let graph = network.graph().clone();
        for node in (0..).take(graph.len()) {
            for need in graph.needs(node) {
                let suppliers = need.sources.iter().filter(|source| source.active);
                let suppliers = suppliers.map(|source| network.organisation(source.supplier).clone());
                makers.entry(network.item_name(need.item).clone()).or_default().extend(suppliers);
            }
        }
        for list in makers.values_mut() {
            list.sort_unstable();
            list.dedup();
        }
        let hazards = snapshot.fleet().exposures().hazards();
        let claimed = snapshot.fleet().hearsay().filter_map(|(name, claims)| {
            let Claims::SupplySource(source) = claims else { return None };
            (source.supplier == *name).then(|| (name.clone(), source.buyer.clone(), source.item.clone()))
        });
        let claimed = claimed.collect();
        Self { snapshot, makers, claimed, graph, hazards, upstream: FxHashMap::default(), before: FxHashMap::default() }
    }

    fn draft(
        &mut self,
        supplier: &Organisation,
        buyer: &Organisation,
        facts: &Facts,
        need: &NeedFacts,
        preference: Preference<'_>,
    ) -> Adoption {
        let snapshot = self.snapshot;
        let profile = snapshot.profile(supplier).cloned().unwrap_or_default();
        let in_region = |region: &str| profile.regions().any(|(name, _)| name.as_str() == region);
        let in_cluster = |cluster: &str| profile.clusters.iter().any(|name| name.as_str() == cluster);
        Adoption {
            supplier: supplier.clone(),
            buyer: buyer.clone(),
            item: need.item.clone(),
            risk_bp: snapshot.risk_bp(supplier),
            lacks: snapshot.credentials(supplier).unwrap_or(&Credentials::default()).lacks(&facts.requirement),
            shared: self.shared(supplier, need),
            is_claimed: self.claimed.contains(&(supplier.clone(), buyer.clone(), need.item.clone())),
            is_preferred: preference.region.is_some_and(in_region) || preference.cluster.is_some_and(in_cluster),
            approvals: profile.approvals,
            programmes: Vec::new(),
        }
    }

    /// On whom both `supplier` and the present sources depend, an owner included.
    fn shared(&mut self, supplier: &Organisation, need: &NeedFacts) -> Vec<Organisation> {
        let network = self.snapshot.network();
        let Some(node) = network.node(supplier) else { return Vec::new() };
        let own = self.behind(node);
        let mut shared = FxHashSet::default();
        for source in need.sources.iter().filter_map(|source| network.node(&source.supplier)) {
            shared.extend(self.behind(source).intersection(&own).map(|node| network.organisation(*node).clone()));
            if network.ultimate_parent(source) == network.ultimate_parent(node) {
                shared.insert(network.ultimate_parent(node).clone());
            }
        }
        let mut shared: Vec<Organisation> = shared.into_iter().collect();
        shared.sort_unstable();
        shared
    }

    /// `node` and everybody who supplies it, at any distance.
    fn behind(&mut self, node: NodeIx) -> Arc<FxHashSet<NodeIx>> {
        if let Some(known) = self.upstream.get(&node) {
            return Arc::clone(known);
        }
        let mut seen = FxHashSet::from_iter([node]);
        let mut next = vec![node];
        while let Some(at) = next.pop() {
            next.extend(self.graph.suppliers(at).filter(|supplier| seen.insert(*supplier)));
        }
        let seen = Arc::new(seen);
        self.upstream.insert(node, Arc::clone(&seen));
        seen
    }

    /// What the programmes behind the buyer gain when the supplier stands by for the need.
    fn simulate(&mut self, adoption: &mut Adoption) {
        let network = self.snapshot.network();
        let ids = (network.node(&adoption.buyer), network.node(&adoption.supplier), network.item(&adoption.item));
        let (Some(buyer), Some(supplier), Some(item)) = ids else { return };
        let programmes = self.snapshot.programmes_behind(&adoption.buyer);
        let nodes: Vec<NodeIx> = programmes.iter().map(|(_, node)| *node).collect();
        let unknown: Vec<NodeIx> = nodes.iter().copied().filter(|node| !self.before.contains_key(node)).collect();
        let found = likelihoods(&self.graph, &unknown, self.hazards, Sample::default());
        self.before.extend(unknown.into_iter().zip(found.into_iter().map(|one| one.estimate.probability)));
        let needs: Needs = self.graph.needs(buyer).collect();
        let required = needs.iter().find(|need| need.item == item).and_then(|need| need.required_share_bp);
        let share_bp = required.unwrap_or(WHOLE_BP);
        self.graph.add_source(buyer, item, Source { share_bp, ..standby(supplier) });
        let after = likelihoods(&self.graph, &nodes, self.hazards, Sample::default());
        self.graph.set_needs(buyer, &needs);
        let with = programmes.into_iter().zip(after);
        adoption.programmes = with
            .map(|((name, node), after)| {
                (name, self.before.get(&node).copied().unwrap_or_default(), after.estimate.probability)
            })
            .collect();
    }
}

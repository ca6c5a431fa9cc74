//! The exposure of every programme and organisation, kept right as scores and network change: only what a change can
//! reach is computed again. The draws are keyed, so the rest would come out the same.

use super::likelihood::{followed, within};
use crate::{
    model::{Exposure, Organisation},
    network::{
        Network, STRUCK_SHARE_BP,
        exposure::{Hazard, Hazards, IncrementalExposures as Incremental, Sample, Shock},
        graph::NodeIx,
        random::stream,
    },
    policy::{ExposurePolicy, ShockKind},
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// How likely everybody is down, and what can go wrong by itself.
#[derive(Default)]
pub struct Exposures {
    hazards: Hazards,
    /// Every node's state in every scenario, once anything has been computed.
    incremental: Option<Incremental>,
    /// What each of the hazards' shocks is.
    shocks: Vec<(ShockKind, String)>,
    /// What was stored last, by organisation.
    standing: FxHashMap<Organisation, Exposure>,
    /// Whether another policy may be in force: everything is to be computed.
    is_stale: bool,
    /// The network's version of places from which the shocks were last made.
    places_version: u64,
    /// Whether anything has changed since the costs of suppliers were last computed.
    pub(super) are_costs_stale: bool,
    /// Whose score or needs may have changed.
    pub(super) touched: FxHashSet<Organisation>,
}

/// What exposures are made from.
#[derive(Clone, Copy)]
pub struct Inputs<'a, P: Fn(&Organisation) -> f64> {
    /// The supply network.
    pub network: &'a Network,
    /// The probability that an organisation is disrupted by itself.
    pub own: P,
    /// The probabilities of shocks, and the horizon in days.
    pub policy: &'a ExposurePolicy,
}

impl Exposures {
    /// Nothing computed yet.
    #[must_use]
    pub fn new() -> Self {
        Self { is_stale: true, ..Self::default() }
    }

    /// Takes back what the store holds, at start.
    pub fn restore(&mut self, organisation: Organisation, exposure: Exposure) {
        self.standing.insert(organisation, exposure);
    }

    /// Marks everything to be computed again: the policy may have changed.
    pub fn forget(&mut self) {
        self.is_stale = true;
    }

    /// Forgets an organisation that is found to be another one, or that nothing supports; returns whether it had an exposure.
    pub fn remove(&mut self, organisation: &Organisation) -> bool {
        self.standing.remove(organisation).is_some()
    }

    /// What can go wrong by itself.
    #[must_use]
    pub fn hazards(&self) -> &Hazards {
        &self.hazards
    }

    /// What the hazards' shock at `index` is.
    #[must_use]
    pub fn shock(&self, index: usize) -> Option<&(ShockKind, String)> {
        self.shocks.get(index)
    }

    /// The probability that `organisation` is down, as of the last [`settle`](Self::settle).
    #[must_use]
    pub fn of(&self, organisation: &Organisation) -> Option<&Exposure> {
        self.standing.get(organisation)
    }

    /// Brings all exposures up to date, and gives those that changed, by name. `counts` says who has one.
    pub fn settle<P: Fn(&Organisation) -> f64>(
        &mut self,
        inputs: &Inputs<'_, P>,
        counts: impl Fn(&Organisation) -> bool,
    ) -> Vec<(Organisation, Exposure)> {
        let network = inputs.network;
        let everything = self.is_stale;
        let seeds = self.take_seeds(inputs);
        self.are_costs_stale |= everything || !seeds.is_empty();
        let nodes: Vec<NodeIx> = match &mut self.incremental {
            Some(incremental) if !everything => {
                let figures = incremental.update(network.graph(), &self.hazards, &seeds);
                // Whoever has a score for the first time is included, though its figure has not moved.
                figures.into_iter().chain(seeds).collect()
            }
            _ => {
                self.incremental = Some(Incremental::new(network.graph(), &self.hazards, Sample::default()));
                network.graph().nodes().collect()
            }
        };
        let Some(incremental) = &self.incremental else { return Vec::new() };
        let mut moved = Vec::new();
        for node in nodes.into_iter().filter(|node| counts(network.organisation(*node))) {
            let name = network.organisation(node);
            let exposure = within(inputs.policy.horizon_days, followed(incremental.estimate(node), Sample::default()));
            if self.standing.get(name) != Some(&exposure) {
                self.standing.insert(name.clone(), exposure.clone());
                moved.push((name.clone(), exposure));
            }
        }
        moved.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        moved
    }

    /// Brings the hazards up to date; gives the nodes whose own chances or needs changed.
    fn take_seeds<P: Fn(&Organisation) -> f64>(&mut self, inputs: &Inputs<'_, P>) -> Vec<NodeIx> {
        let touched = std::mem::take(&mut self.touched);
        let network = inputs.network;
        let places_version = network.places_version();
        let places_moved = std::mem::replace(&mut self.places_version, places_version) != places_version;
        let grown = self.hazards.own.len() != network.graph().len();
        let mut seeds: Vec<NodeIx> = touched.iter().filter_map(|name| network.node(name)).collect();
        if std::mem::take(&mut self.is_stale) {
            seeds = (0..).take(network.graph().len()).collect();
        }
        if grown {
            let known = self.hazards.own.len();
            let fresh = network.hazards(|_| 0.0);
            self.hazards.own = fresh.own;
            seeds.extend((0..).take(network.graph().len()).skip(known));
            for node in (0..).take(network.graph().len()) {
                self.set_own(inputs, node);
            }
        }
        for node in &seeds {
            self.set_own(inputs, *node);
        }
        if places_moved || grown || seeds.len() == network.graph().len() {
            let (shocks, kinds) = shocks(inputs);
            for (one, other) in [(&shocks, &self.hazards.shocks), (&self.hazards.shocks, &shocks)] {
                let new = one.iter().filter(|shock| !other.contains(shock));
                seeds.extend(new.flat_map(|shock| shock.nodes.iter().copied()));
            }
            (self.hazards.shocks, self.shocks) = (shocks, kinds);
        }
        seeds
    }

    fn set_own<P: Fn(&Organisation) -> f64>(&mut self, inputs: &Inputs<'_, P>, node: NodeIx) {
        let name = inputs.network.organisation(node);
        // A programme is what others bring down; it has no score to fail by.
        let own = if name.is_programme() { 0.0 } else { (inputs.own)(name) };
        self.hazards.set_probability(node, own);
    }
}

/// The shocks of every region, corridor, country and parent that the network's organisations share, and what each is.
fn shocks<P: Fn(&Organisation) -> f64>(inputs: &Inputs<'_, P>) -> (Vec<Shock>, Vec<(ShockKind, String)>) {
    let network = inputs.network;
    let mut struck: BTreeMap<(ShockKind, &str), Vec<NodeIx>> = BTreeMap::new();
    for node in (0..).take(network.graph().len()) {
        let name = network.organisation(node);
        if name.is_programme() {
            continue;
        }
        let parent = network.ultimate_parent(node);
        struck.entry((ShockKind::Parent, parent.as_str())).or_default().push(node);
        let Some(profile) = network.profile(name) else { continue };
        let mut strike = |kind, name| struck.entry((kind, name)).or_default().push(node);
        if let Some(country) = &profile.country {
            strike(ShockKind::Country, country.as_str());
        }
        for (region, _) in profile.regions().filter(|(_, share_bp)| *share_bp >= STRUCK_SHARE_BP) {
            strike(ShockKind::Region, region.as_str());
        }
        for (corridor, _) in profile.corridors().into_iter().filter(|(_, share_bp)| *share_bp >= STRUCK_SHARE_BP) {
            strike(ShockKind::Corridor, corridor.as_str());
        }
    }
    let mut shocks = Vec::with_capacity(struck.len());
    let mut kinds = Vec::with_capacity(struck.len());
    for ((kind, name), nodes) in struck {
        let probability = inputs.policy.shock_probability(kind, name);
        // An owner of only one organisation is no common shock.
        if probability > 0.0 && (kind != ShockKind::Parent || nodes.len() > 1) {
            let hazard = Hazard { probability, stream: stream(&format!("shock {kind} {name}")) };
            shocks.push(Shock { hazard, nodes });
            kinds.push((kind, name.to_owned()));
        }
    }
    (shocks, kinds)
}

//! The facts that rules read, in names, from what the network knows in numbers.

use super::{
    Network,
    causes::shared_upstream,
    concentration::Concentration,
    graph::{Need, NodeIx, Source},
    ownership::ownership,
    statement::ProgrammeRequirement,
    survival::stops,
};
use crate::model::{
    Facts, Organisation, Requirement,
    facts::{ClearanceRequirement, Impact, Loss, NeedFacts, SourceFacts},
};
use std::collections::BTreeMap;

impl Network {
    pub(super) fn facts_of(&self, node: NodeIx) -> Facts {
        Facts {
            requirement: self.requirement(node),
            needs: self.graph.needs(node).map(|need| self.need_facts(node, need)).collect(),
            impact: self.impact(node),
            ownership: ownership(&self.sayings, node),
        }
    }

    fn requirement(&self, node: NodeIx) -> Requirement {
        let reached = &self.reaches[node as usize].programmes;
        // What is said about an organisation for a programme replaces what that programme asks of the others.
        let exceptions = self.sayings.requirements(node);
        let own = exceptions.iter().filter(|(programme, _)| *programme != node).map(|(_, asked)| asked);
        let general = reached.iter().filter(|programme| find(exceptions, **programme).is_none());
        let general = general.filter_map(|programme| find(self.sayings.requirements(*programme), *programme));
        let mut requirement = highest(own.chain(general));
        requirement.programmes = self.names(reached.iter().copied());
        requirement
    }

    fn need_facts(&self, buyer: NodeIx, need: Need<'_>) -> NeedFacts {
        let sources: Vec<SourceFacts> = need.sources.iter().map(|source| self.source_facts(need, source)).collect();
        let shared = shared_upstream(need, &self.causes).into_iter().filter(|cause| cause.organisation != buyer);
        let nearest = shared.min_by_key(|cause| (cause.steps, self.organisation(cause.organisation)));
        let concentration = Concentration::of(need, &self.sayings);
        NeedFacts {
            item: self.sayings.items.name(need.item).clone(),
            class: need.class,
            required_share_bp: need.required_share_bp,
            buffer_days: need.buffer_days,
            hhi_bp: concentration.parent_bp,
            region_hhi_bp: concentration.region_bp,
            corridor_hhi_bp: concentration.corridor_bp,
            country_hhi_bp: concentration.country_bp,
            share_total_bp: sources.iter().fold(0, |total, source| total.saturating_add(source.share_bp)),
            sources,
            shared_upstream: nearest.map(|cause| self.organisation(cause.organisation).clone()),
        }
    }

    fn source_facts(&self, need: Need<'_>, source: &Source) -> SourceFacts {
        SourceFacts {
            supplier: self.organisation(source.supplier).clone(),
            ultimate_parent: self.organisation(self.sayings.ultimate_parent(source.supplier)).clone(),
            share_bp: source.share_bp,
            qualified: source.qualified,
            switch_days: source.switch_days,
            last_order_on: self.sayings.last_order_on(source.supplier, need.item),
        }
    }

    fn impact(&self, node: NodeIx) -> Impact {
        let buyers = self.graph.buyers(node);
        let supplies = |buyer: &&NodeIx| {
            let sources = self.graph.needs(**buyer).flat_map(|need| need.sources);
            sources.into_iter().any(|source| source.supplier == node && source.active)
        };
        let reach = &self.reaches[node as usize];
        // Who brings a programme down reaches it.
        let brings_down = |programme: &NodeIx| {
            self.causes[*programme as usize].binary_search_by_key(&node, |cause| cause.organisation).is_ok()
        };
        let single: Vec<NodeIx> = reach.programmes.iter().copied().filter(brings_down).collect();
        let recover_days = self.sayings.profile(node).and_then(|profile| profile.recover_days);
        let single_point_of = self.losses(node, &single, recover_days);
        Impact {
            buyers: u32::try_from(buyers.iter().filter(supplies).count()).unwrap_or(u32::MAX),
            survive_days: single_point_of.iter().map(|loss| loss.survive_days).min(),
            single_point_of,
            recover_days,
            tier: reach.tier,
        }
    }

    /// How much hangs on `programme`, 1 (least) to 5 (most); `None` when it does not say.
    #[must_use]
    pub fn criticality(&self, programme: &Organisation) -> Option<u8> {
        self.criticality_of(self.node(programme)?)
    }

    fn criticality_of(&self, programme: NodeIx) -> Option<u8> {
        find(self.sayings.requirements(programme), programme).map(|asked| asked.criticality)
    }

    /// What it means to `programmes`, all of which `node` alone brings down, that it fails and recovers in
    /// `recover_days`; by name.
    fn losses(&self, node: NodeIx, programmes: &[NodeIx], recover_days: Option<u32>) -> Vec<Loss> {
        if programmes.is_empty() {
            return Vec::new();
        }
        let stopped = stops(&self.graph, &[node]);
        let mut losses: Vec<Loss> = programmes
            .iter()
            .map(|programme| {
                let survive_days = stopped.iter().find(|stop| stop.node == *programme).map_or(0, |stop| stop.day);
                Loss {
                    programme: self.organisation(*programme).clone(),
                    hidden: self.graph.buyers(node).binary_search(programme).is_err(),
                    criticality: self.criticality_of(*programme),
                    survive_days,
                    down_days: recover_days.map(|recover_days| recover_days.saturating_sub(survive_days)),
                }
            })
            .collect();
        losses.sort_by(|one, other| one.programme.cmp(&other.programme));
        losses
    }

    /// Sorted.
    pub(super) fn names(&self, nodes: impl Iterator<Item = NodeIx>) -> Vec<Organisation> {
        let mut names: Vec<Organisation> = nodes.map(|node| self.organisation(node).clone()).collect();
        names.sort();
        names
    }
}

fn find(requirements: &[(NodeIx, ProgrammeRequirement)], programme: NodeIx) -> Option<&ProgrammeRequirement> {
    let place = requirements.binary_search_by_key(&programme, |(programme, _)| *programme).ok()?;
    Some(&requirements[place].1)
}

/// The highest of each thing asked; of a nation's clearances the highest level, with the greatest headcount at it.
fn highest<'a>(asked: impl Iterator<Item = &'a ProgrammeRequirement>) -> Requirement {
    let mut highest = Requirement::default();
    let mut clearances = BTreeMap::new();
    for asked in asked {
        highest.cyber_level = highest.cyber_level.max(asked.cyber_level);
        highest.cmmc_level = highest.cmmc_level.max(asked.cmmc_level);
        highest.criticality = highest.criticality.max(Some(asked.criticality));
        if let Some(level) = asked.clearance_level {
            let most = clearances.entry(level.nation()).or_insert((level, asked.headcount));
            *most = (*most).max((level, asked.headcount));
        }
    }
    highest.clearances =
        clearances.into_values().map(|(level, headcount)| ClearanceRequirement { level, headcount }).collect();
    highest
}

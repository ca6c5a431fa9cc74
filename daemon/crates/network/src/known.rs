//! What the network knows of one node, in numbers: all that its [`Facts`](crate::model::Facts) are made of. Numbers and
//! names belong together for ever, so whose numbers stay has the same facts; comparing numbers touches no name.

use super::{
    Network,
    causes::shared_upstream,
    concentration::Concentration,
    graph::{Need, NodeIx},
    ownership::ownership,
    statement::ProgrammeRequirement,
    survival::stops,
};
use crate::model::{
    Date, Requirement,
    facts::{ClearanceRequirement, Ownership},
};
use smallvec::SmallVec;
use std::collections::BTreeMap;

#[derive(Default, Hash)]
pub(super) struct Known<'n> {
    /// Without the programmes.
    pub(super) requirement: Requirement,
    /// Those that it reaches, by number.
    pub(super) programmes: &'n [NodeIx],
    /// By item.
    pub(super) needs: Vec<KnownNeed<'n>>,
    pub(super) impact: KnownImpact,
    /// Whether others speak of it; no fact, and yet whoever loses it may be known by nothing.
    pub(super) is_named: bool,
    pub(super) ownership: Option<Ownership>,
}

#[derive(Hash)]
pub(super) struct KnownNeed<'n> {
    pub(super) need: Need<'n>,
    /// Of each source.
    pub(super) suppliers: SmallVec<[KnownSupplier; 4]>,
    pub(super) concentration: Concentration,
    /// Of those without whom no source can supply the nearest.
    pub(super) shared_upstream: Option<NodeIx>,
}

#[derive(Hash)]
pub(super) struct KnownSupplier {
    pub(super) ultimate_parent: NodeIx,
    pub(super) last_order_on: Option<Date>,
}

#[derive(Default, Hash)]
pub(super) struct KnownImpact {
    /// Who has it as an active source.
    pub(super) buyers: u32,
    /// By the programme's number.
    pub(super) single_point_of: Vec<KnownLoss>,
    pub(super) recover_days: Option<u32>,
    pub(super) tier: Option<u32>,
}

/// A programme that a node alone brings down.
#[derive(Hash)]
pub(super) struct KnownLoss {
    pub(super) programme: NodeIx,
    pub(super) hidden: bool,
    pub(super) criticality: Option<u8>,
    pub(super) survive_days: u32,
}

impl Network {
    /// As the network is now.
    pub(super) fn known(&self, node: NodeIx) -> Known<'_> {
        Known {
            requirement: self.requirement(node),
            programmes: &self.reaches[node as usize].programmes,
            needs: self.graph.needs(node).map(|need| self.known_need(node, need)).collect(),
            impact: self.impact(node),
            is_named: self.is_named_at(node),
            ownership: ownership(&self.sayings, node),
        }
    }

    fn requirement(&self, node: NodeIx) -> Requirement {
        let reached = &self.reaches[node as usize].programmes;
        // What is said about an organisation for a programme replaces what that programme asks of the others.
        let exceptions = self.sayings.requirements(node);
        let own = exceptions.iter().filter(|(programme, _)| *programme != node).map(|(_, asked)| (asked, true));
        let general = reached.iter().filter(|programme| find(exceptions, **programme).is_none());
        let general = general.filter_map(|programme| {
            let asked = find(self.sayings.requirements(*programme), *programme)?;
            Some((asked, self.asked.is_asked(*programme, node)))
        });
        highest(own.chain(general))
    }

    fn known_need<'n>(&self, buyer: NodeIx, need: Need<'n>) -> KnownNeed<'n> {
        let suppliers = need.sources.iter().map(|source| KnownSupplier {
            ultimate_parent: self.sayings.ultimate_parent(source.supplier),
            last_order_on: self.sayings.last_order_on(source.supplier, need.item),
        });
        let shared = shared_upstream(need, &self.causes).into_iter().filter(|cause| cause.organisation != buyer);
        let nearest = shared.min_by(|one, other| {
            let names = || self.organisation(one.organisation).cmp(self.organisation(other.organisation));
            one.steps.cmp(&other.steps).then_with(names)
        });
        KnownNeed {
            need,
            suppliers: suppliers.collect(),
            concentration: Concentration::of(need, &self.sayings),
            shared_upstream: nearest.map(|cause| cause.organisation),
        }
    }

    fn impact(&self, node: NodeIx) -> KnownImpact {
        KnownImpact {
            buyers: self.graph.supplied(node),
            single_point_of: self.losses(node),
            recover_days: self.sayings.profile(node).and_then(|profile| profile.recover_days),
            tier: self.reaches[node as usize].tier,
        }
    }

    /// What it means to the programmes that `node` alone brings down that it fails.
    fn losses(&self, node: NodeIx) -> Vec<KnownLoss> {
        if self.programmes_down[node as usize] == 0 {
            return Vec::new();
        }
        // Who brings a programme down reaches it.
        let reached = self.reaches[node as usize].programmes.iter();
        let programmes = reached.filter(|programme| {
            self.causes[**programme as usize].binary_search_by_key(&node, |cause| cause.organisation).is_ok()
        });
        let stopped = stops(&self.graph, &[node]);
        let loss = |programme: &NodeIx| KnownLoss {
            programme: *programme,
            hidden: self.graph.buyers(node).binary_search(programme).is_err(),
            criticality: self.criticality_of(*programme),
            survive_days: stopped.iter().find(|stop| stop.node == *programme).map_or(0, |stop| stop.day),
        };
        programmes.map(loss).collect()
    }

    pub(super) fn criticality_of(&self, programme: NodeIx) -> Option<u8> {
        find(self.sayings.requirements(programme), programme).map(|asked| asked.criticality)
    }
}

/// What is said for `programme`, among what is said of one subject.
pub(super) fn find(
    requirements: &[(NodeIx, ProgrammeRequirement)],
    programme: NodeIx,
) -> Option<&ProgrammeRequirement> {
    let place = requirements.binary_search_by_key(&programme, |(programme, _)| *programme).ok()?;
    Some(&requirements[place].1)
}

/// The highest of each thing asked; of a nation's clearances the highest level, with the greatest headcount at it. What does
/// not flow down this far asks nothing; how much hangs on the programme is the same at every tier.
fn highest<'a>(asked: impl Iterator<Item = (&'a ProgrammeRequirement, bool)>) -> Requirement {
    let mut highest = Requirement::default();
    let mut clearances = BTreeMap::new();
    for (asked, flows_down) in asked {
        highest.criticality = highest.criticality.max(Some(asked.criticality));
        if !flows_down {
            continue;
        }
        highest.cyber_level = highest.cyber_level.max(asked.cyber_level);
        highest.cmmc_level = highest.cmmc_level.max(asked.cmmc_level);
        if let Some(level) = asked.clearance_level {
            let most = clearances.entry(level.nation()).or_insert((level, asked.headcount));
            *most = (*most).max((level, asked.headcount));
        }
    }
    highest.clearances =
        clearances.into_values().map(|(level, headcount)| ClearanceRequirement { level, headcount }).collect();
    highest
}

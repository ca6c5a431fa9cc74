//! What the network knows of one node, in numbers: all that its [`Facts`](crate::model::Facts) are made of. Numbers and
//! names belong together for ever, so whose numbers stay has the same facts; comparing numbers touches no name.

use super::{
    concentration::Concentration,
    graph::{Need, NodeIx},
    statement::StatedRequirement,
};
use crate::model::{
    Date, Requirement,
    facts::{ClearanceRequirement, Ownership},
};
use smallvec::SmallVec;
use std::collections::BTreeMap;

#[derive(Default, Hash)]
pub(super) struct FactInputs<'n> {
    /// Without the programmes.
    pub(super) requirement: Requirement,
    /// Those that it reaches, by number.
    pub(super) programmes: &'n [NodeIx],
    /// By item.
    pub(super) needs: Vec<NeedInputs<'n>>,
    pub(super) impact: ImpactInputs,
    /// Whether others speak of it; no fact, and yet whoever loses it may be known by nothing.
    pub(super) is_named: bool,
    pub(super) ownership: Option<Ownership>,
}

#[derive(Hash)]
pub(super) struct NeedInputs<'n> {
    pub(super) need: Need<'n>,
    /// Of each source.
    pub(super) suppliers: SmallVec<[SupplierInputs; 4]>,
    pub(super) concentration: Concentration,
    /// Of those without whom no source can supply the nearest.
    pub(super) shared_upstream: Option<NodeIx>,
}

#[derive(Hash)]
pub(super) struct SupplierInputs {
    pub(super) ultimate_parent: NodeIx,
    pub(super) last_order_on: Option<Date>,
}

#[derive(Default, Hash)]
pub(super) struct ImpactInputs {
    /// Who has it as an active source.
    pub(super) buyers: u32,
    /// By the programme's number.
    pub(super) single_point_of: Vec<LossInputs>,
    pub(super) recover_days: Option<u32>,
    pub(super) tier: Option<u32>,
}

/// A programme that a node alone brings down.
#[derive(Hash)]
pub(super) struct LossInputs {
    pub(super) programme: NodeIx,
    pub(super) hidden: bool,
    pub(super) criticality: Option<u8>,
    pub(super) survive_days: u32,
}

/// The highest of each thing asked; of a nation's clearances the highest level, with the greatest headcount at it. What does
/// not flow down this far asks nothing; how much hangs on the programme is the same at every tier.
pub(super) fn highest<'a>(asked: impl Iterator<Item = (&'a StatedRequirement, bool)>) -> Requirement {
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

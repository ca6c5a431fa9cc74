//! What the network knows of one node, in numbers: all that its [`Facts`](crate::model::Facts) are made of. A number
//! always stands for the same name, so equal numbers mean equal facts, and comparing them touches no name.

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
    /// The programmes that it reaches, by number.
    pub(super) programmes: &'n [NodeIx],
    /// Its needs, by item.
    pub(super) needs: Vec<NeedInputs<'n>>,
    pub(super) impact: ImpactInputs,
    /// Whether others name it. This is no fact, but an organisation that loses it may no longer be known by anything.
    pub(super) is_named: bool,
    pub(super) ownership: Option<Ownership>,
}

#[derive(Hash)]
pub(super) struct NeedInputs<'n> {
    pub(super) need: Need<'n>,
    /// One for each source.
    pub(super) suppliers: SmallVec<[SupplierInputs; 4]>,
    pub(super) concentration: Concentration,
    /// The nearest node without which no source can supply.
    pub(super) shared_upstream: Option<NodeIx>,
}

#[derive(Hash)]
pub(super) struct SupplierInputs {
    pub(super) ultimate_parent: NodeIx,
    pub(super) last_order_on: Option<Date>,
}

#[derive(Default, Hash)]
pub(super) struct ImpactInputs {
    /// How many buyers have it as an active source.
    pub(super) buyers: u32,
    /// The programmes that it alone brings down, by number.
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

/// The highest of each requirement; for a nation's clearances the highest level, with the greatest headcount at that level. A
/// requirement that does not flow down this far asks nothing; the criticality of the programme is the same at every tier.
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

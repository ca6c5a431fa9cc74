//! Single points of failure: for every node, whose failure alone brings it down.
//!
//! `D(v) = {v} ∪ ⋃ needs { x : without the sources that x brings down, the need is not met }`, the least fixed point.
//! For a need that any one source meets this is the intersection of its sources' `D`; with shares it is a threshold.

use super::{
    flow::Flow,
    graph::{Graph, Need, NodeIx},
};
use smallvec::SmallVec;

/// One whose failure alone brings a node down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cause {
    /// Who fails.
    pub(super) organisation: NodeIx,
    /// Over how many tiers the failure spreads before it arrives; 1 from a direct source.
    pub(super) steps: u32,
}

/// Sorted by organisation, each once, without the node itself.
pub(super) type Causes = Box<[Cause]>;

/// Causes flow from sources to buyers.
pub(super) struct CauseFlow;

impl Flow for CauseFlow {
    type Value = Causes;

    fn inputs<'g>(&'g self, graph: &'g Graph, node: NodeIx) -> impl Iterator<Item = NodeIx> + 'g {
        graph.needs(node).flat_map(|need| need.counted().map(|(supplier, _)| supplier))
    }

    fn outputs<'g>(&'g self, graph: &'g Graph, node: NodeIx) -> impl Iterator<Item = NodeIx> + 'g {
        graph.buyers(node).iter().copied()
    }

    fn compute(&self, graph: &Graph, node: NodeIx, causes: &[Causes]) -> Causes {
        let mut all: Vec<Cause> = Vec::new();
        for need in graph.needs(node) {
            all.extend(of_need(need, causes).into_iter().filter(|cause| cause.organisation != node));
        }
        all.sort_unstable();
        all.dedup_by_key(|cause| cause.organisation);
        for cause in &mut all {
            cause.steps += 1;
        }
        all.into()
    }
}

/// Those whose failure alone leaves `need` unmet, each with the steps until it stops being met; sorted.
pub(super) fn of_need(need: Need<'_>, causes: &[Causes]) -> Vec<Cause> {
    let required = need.required_weight();
    if required == 0 {
        return Vec::new();
    }
    let counted: SmallVec<[(NodeIx, u64); 4]> = need.counted().collect();
    let total: u64 = counted.iter().map(|(_, weight)| weight).sum();
    // Who takes which weight away, and when.
    let mut losses: Vec<(Cause, u64)> = Vec::new();
    for (supplier, weight) in counted {
        losses.push((Cause { organisation: supplier, steps: 0 }, weight));
        losses.extend(causes[supplier as usize].iter().map(|cause| (*cause, weight)));
    }
    losses.sort_unstable();
    let by_organisation = losses.chunk_by(|(a, _), (b, _)| a.organisation == b.organisation);
    by_organisation.filter_map(|losses| stops_at(losses, total, required)).collect()
}

/// The loss in `losses` (by steps) after which less than `required` is left of `total`.
fn stops_at(losses: &[(Cause, u64)], total: u64, required: u64) -> Option<Cause> {
    let mut left = total;
    losses.iter().find_map(|(cause, weight)| {
        left -= weight;
        (left < required).then_some(*cause)
    })
}

/// Those without whom no source of `need` that counts can supply, other than a source that is the only one.
pub(super) fn shared_upstream(need: Need<'_>, causes: &[Causes]) -> Vec<Cause> {
    let any_one = Need { required_share_bp: None, ..need };
    let mut sources = need.counted().map(|(supplier, _)| supplier);
    let only = if let (Some(only), None) = (sources.next(), sources.next()) { Some(only) } else { None };
    let mut shared = of_need(any_one, causes);
    shared.retain(|cause| Some(cause.organisation) != only);
    shared
}

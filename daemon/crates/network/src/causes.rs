//! Single points of failure: for every node, the nodes whose failure alone brings it down.
//!
//! `D(v) = {v} ∪ ⋃ needs { x : without the sources that x brings down, the need is not met }`, the least fixed point.
//! For a need that any one source meets this is the intersection of its sources' `D`; with shares it is a threshold.

use super::{
    flow::Flow,
    graph::{Graph, Need, NodeIx},
};
use smallvec::SmallVec;

/// A node whose failure alone brings another down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cause {
    /// The node that fails.
    pub(super) organisation: NodeIx,
    /// How many tiers the failure passes before it arrives; 1 from a direct source.
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
        let mut all = CauseList::new();
        for need in graph.needs(node) {
            find(need, causes, &mut all);
        }
        all.retain(|cause| cause.organisation != node);
        all.sort_unstable();
        all.dedup_by_key(|cause| cause.organisation);
        for cause in &mut all {
            cause.steps += 1;
        }
        all.as_slice().into()
    }
}

/// The causes that are being collected; mostly few.
pub(super) type CauseList = SmallVec<[Cause; 16]>;

/// Adds to `found` those whose failure alone leaves `need` unmet, each with the steps until it stops being met.
fn find(need: Need<'_>, causes: &[Causes], found: &mut CauseList) {
    match need.required_share_bp {
        None => find_common(need.counted().map(|(supplier, _)| supplier), causes, found),
        Some(_) => find_heavy(need, causes, found),
    }
}

/// Adds those that bring down all of `suppliers`.
fn find_common(mut suppliers: impl Iterator<Item = NodeIx> + Clone, causes: &[Causes], found: &mut CauseList) {
    let Some(first) = suppliers.next() else { return };
    let itself = Cause { organisation: first, steps: 0 };
    for Cause { organisation, steps } in std::iter::once(&itself).chain(&causes[first as usize]) {
        let steps_to = |other: NodeIx| {
            let index = || causes[other as usize].binary_search_by_key(organisation, |cause| cause.organisation).ok();
            if *organisation == other { Some(0) } else { index().map(|index| causes[other as usize][index].steps) }
        };
        let last = suppliers.clone().try_fold(*steps, |last, other| steps_to(other).map(|steps| last.max(steps)));
        found.extend(last.map(|steps| Cause { organisation: *organisation, steps }));
    }
}

/// Adds those that bring down sources until less than the required share is left.
fn find_heavy(need: Need<'_>, causes: &[Causes], found: &mut CauseList) {
    let required = need.required_weight();
    if required == 0 {
        return;
    }
    // Which cause takes away which weight, and after how many steps.
    let mut losses: SmallVec<[(Cause, u64); 16]> = SmallVec::new();
    let mut total = 0;
    for (supplier, weight) in need.counted() {
        total += weight;
        losses.push((Cause { organisation: supplier, steps: 0 }, weight));
        losses.extend(causes[supplier as usize].iter().map(|cause| (*cause, weight)));
    }
    losses.sort_unstable();
    let by_organisation = losses.chunk_by(|(a, _), (b, _)| a.organisation == b.organisation);
    found.extend(by_organisation.filter_map(|losses| stops_at(losses, total, required)));
}

/// The loss in `losses` (by steps) after which less than `required` is left of `total`.
fn stops_at(losses: &[(Cause, u64)], total: u64, required: u64) -> Option<Cause> {
    let mut left = total;
    losses.iter().find_map(|(cause, weight)| {
        left -= weight;
        (left < required).then_some(*cause)
    })
}

/// The nodes without which no source of `need` that counts can supply, except for a source that is the only one.
pub(super) fn shared_upstream(need: Need<'_>, causes: &[Causes]) -> CauseList {
    let suppliers = need.counted().map(|(supplier, _)| supplier);
    let mut shared = CauseList::new();
    find_common(suppliers.clone(), causes, &mut shared);
    if suppliers.count() == 1 {
        // It comes first.
        shared.remove(0);
    }
    shared
}

//! Which suppliers must meet a programme's requirement, where it flows down only a number of tiers.

use super::{
    graph::{Graph, NodeIx},
    statements::{Statements, find},
};
use rustc_hash::{FxHashMap, FxHashSet};

/// For each programme that limits how far its requirement flows down: the suppliers that are near enough, sorted.
#[derive(Clone, Debug, Default)]
pub(super) struct FlowDown(FxHashMap<NodeIx, Vec<NodeIx>>);

impl FlowDown {
    /// Whether the requirement of `programme` flows down to `node`, which reaches it.
    pub(super) fn is_asked(&self, programme: NodeIx, node: NodeIx) -> bool {
        self.0.get(&programme).is_none_or(|near| near.binary_search(&node).is_ok())
    }

    /// Brings these suppliers up to date after the requirements of `programmes` or the needs of `buyers`, which are sorted, have
    /// changed. Returns the suppliers that a programme now includes or no longer includes.
    pub(super) fn settle(
        &mut self,
        graph: &Graph,
        statements: &Statements,
        programmes: &[NodeIx],
        buyers: &[NodeIx],
    ) -> Vec<NodeIx> {
        for programme in programmes {
            if flow_tiers(statements, *programme).is_some() {
                self.0.entry(*programme).or_default();
            } else {
                self.0.remove(programme);
            }
        }
        let mut moved = Vec::new();
        for (programme, near) in &mut self.0 {
            let is_near = |buyer: &NodeIx| buyer == programme || near.binary_search(buyer).is_ok();
            if !programmes.contains(programme) && !buyers.iter().any(is_near) {
                continue;
            }
            let now = within(graph, *programme, flow_tiers(statements, *programme).unwrap_or_default());
            moved.extend(near.iter().filter(|node| now.binary_search(node).is_err()));
            moved.extend(now.iter().filter(|node| near.binary_search(node).is_err()));
            *near = now;
        }
        moved
    }
}

fn flow_tiers(statements: &Statements, programme: NodeIx) -> Option<u32> {
    find(statements.requirements(programme), programme)?.flow_tiers
}

/// The suppliers of `programme` down to this many tiers, sorted. Idle ones are included: they must be fit before they step in.
fn within(graph: &Graph, programme: NodeIx, tiers: u32) -> Vec<NodeIx> {
    let mut found: FxHashSet<NodeIx> = FxHashSet::default();
    let mut tier = vec![programme];
    for _ in 0..tiers {
        let next = tier.iter().flat_map(|buyer| graph.suppliers(*buyer)).filter(|supplier| found.insert(*supplier));
        tier = next.collect();
        if tier.is_empty() {
            break;
        }
    }
    let mut found: Vec<NodeIx> = found.into_iter().collect();
    found.sort_unstable();
    found
}

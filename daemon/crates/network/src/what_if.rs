//! What if: the same scenarios before and after a change, and who moves.
//!
//! Change a copy (of the graph, of the hazards, or of the whole [`Network`](super::Network)) and compare. The draws are
//! keyed, so what the change does not reach does not move at all. The nodes that the change reaches are simulated, with
//! everything upstream of them, and no others. For an exact answer, ask [`exact`](super::exact::exact) before and after.

use super::{
    exposure::{DownCounts, Estimate, Hazard, Hazards, Sample, exposure_of},
    graph::{Graph, Need, Needs, NodeIx, Source},
    random::stream,
};
use std::{cmp::Reverse, mem};

/// A network with what can go wrong in it.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'s> {
    /// The supply network.
    pub graph: &'s Graph,
    /// What can go wrong by itself.
    pub hazards: &'s Hazards,
}

/// A node whose probability of being down changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Move {
    /// The node that moves, changed itself or reached by a change.
    pub node: NodeIx,
    /// The probability that it is down before; 0 hits for a new node.
    pub before: Estimate,
    /// The probability that it is down after; the same draws, so the difference is due to the change alone.
    pub after: Estimate,
}

/// Who moves between `before` and `after`, the largest moves first, then by node. A node keeps its number; `after` may
/// have more nodes. A node that is down in as many scenarios as before is not among them. Finding what differs takes a look
/// at every node. The nodes that differ, those that they reach and everything upstream of these are simulated twice, once in
/// each scene.
#[must_use]
pub fn moves(before: Scene<'_>, after: Scene<'_>, sample: Sample) -> Vec<Move> {
    let changed = changed(before, after);
    let of = |scene: Scene<'_>| {
        let known = |node: &NodeIx| (*node as usize) < scene.graph.len();
        let reached = downstream(scene.graph, changed.iter().copied().filter(known).collect());
        (exposure_of(scene.graph, reached.iter().copied(), scene.hazards, sample), reached)
    };
    let ((before, mut nodes), (after, also)) = (of(before), of(after));
    nodes.extend(also);
    nodes.sort_unstable();
    nodes.dedup();
    let down = |exposure: &DownCounts, node: NodeIx| exposure.down.get(node as usize).copied().unwrap_or_default();
    nodes.retain(|node| down(&before, *node) != down(&after, *node));
    nodes.sort_by_key(|node| (Reverse(down(&before, *node).abs_diff(down(&after, *node))), *node));
    nodes.into_iter().map(|node| Move { node, before: before.estimate(node), after: after.estimate(node) }).collect()
}

/// The nodes that differ in themselves.
fn changed(before: Scene<'_>, after: Scene<'_>) -> Vec<NodeIx> {
    let len = u32::try_from(before.graph.len().max(after.graph.len())).unwrap_or(NodeIx::MAX);
    let own = |scene: Scene<'_>, node: NodeIx| scene.hazards.own.get(node as usize).copied().unwrap_or_default();
    let differs = |node: &NodeIx| {
        let (in_before, in_after) = ((*node as usize) < before.graph.len(), (*node as usize) < after.graph.len());
        let same_needs = in_before && in_after && before.graph.needs(*node).eq(after.graph.needs(*node));
        !same_needs || own(before, *node) != own(after, *node)
    };
    let mut changed: Vec<NodeIx> = (0..len).filter(differs).collect();
    for (one, other) in [(before, after), (after, before)] {
        let new = one.hazards.shocks.iter().filter(|shock| !other.hazards.shocks.contains(shock));
        changed.extend(new.flat_map(|shock| &shock.nodes));
    }
    changed
}

/// `nodes` and everybody who buys from them, at any distance.
#[must_use]
fn downstream(graph: &Graph, nodes: Vec<NodeIx>) -> Vec<NodeIx> {
    let mut seen = vec![false; graph.len()];
    let mut found: Vec<NodeIx> =
        nodes.into_iter().filter(|node| !mem::replace(&mut seen[*node as usize], true)).collect();
    let mut next = 0;
    while let Some(node) = found.get(next).copied() {
        found.extend(graph.buyers(node).iter().filter(|buyer| !mem::replace(&mut seen[**buyer as usize], true)));
        next += 1;
    }
    found
}

impl Hazards {
    /// Makes `nodes` fail for certain: a supplier that is gone, or everybody behind a closed corridor or in a region that is
    /// cut off.
    pub fn fail(&mut self, nodes: impl IntoIterator<Item = NodeIx>) {
        for node in nodes {
            self.set_probability(node, 1.0);
        }
    }

    /// Gives `node` another probability of failing by itself, 0 to 1; its draws stay the same. A node without a hazard gets
    /// one with draws of its own, and so do nodes of lower numbers without one, with probability 0.
    pub fn set_probability(&mut self, node: NodeIx, probability: f64) {
        for without in self.own.len()..=node as usize {
            self.own.push(Hazard { probability: 0.0, stream: stream(&format!("node {without}")) });
        }
        self.own[node as usize].probability = probability;
    }
}

impl Graph {
    /// Adds `source` to the need of `buyer` for `item`, replacing an earlier source of the same supplier. Returns whether
    /// the buyer needs the item: where it does not, nothing is added.
    ///
    /// # Panics
    /// When buyer or supplier is no node.
    pub fn add_source(&mut self, buyer: NodeIx, item: u32, source: Source) -> bool {
        let Some(need) = self.needs(buyer).find(|need| need.item == item) else { return false };
        let others = need.sources.iter().filter(|present| present.supplier != source.supplier);
        let sources: Vec<Source> = others.copied().chain([source]).collect();
        let mut needs = Needs::default();
        for need in self.needs(buyer) {
            needs.push(if need.item == item { Need { sources: &sources, ..need } } else { need });
        }
        self.set_needs(buyer, &needs);
        true
    }
}

//! Time to survive: who stops on which day when some nodes stop on day 0.

use super::graph::{Graph, Need, NodeIx};
use rustc_hash::FxHashMap;
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, hash_map::Entry},
};

/// A node that stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StoppedNode {
    /// The day on which it stops, counted from the failure on day 0; at most `u32::MAX`.
    pub day: u32,
    /// The node that stops: one that failed, or one that is brought down.
    pub node: NodeIx,
}

/// Who stops, by day and node, when `failed` stop on day 0 and do not recover. All other nodes survive.
///
/// A need runs out on the day on which the shares of its sources fall below what is required, plus its buffer; a node
/// stops when its first need runs out. The work grows with the nodes that stop, not with the network.
///
/// # Panics
/// When one of `failed` is none of `graph`.
#[must_use]
pub fn stops(graph: &Graph, failed: &[NodeIx]) -> Vec<StoppedNode> {
    let mut waiting: BinaryHeap<Reverse<StoppedNode>> =
        failed.iter().map(|node| Reverse(StoppedNode { day: 0, node: *node })).collect();
    let mut stopped: FxHashMap<NodeIx, u32> = FxHashMap::default();
    // By buyer and index of the need: how much weight its sources can still lose.
    let mut spare: FxHashMap<(NodeIx, usize), u64> = FxHashMap::default();
    while let Some(Reverse(stop)) = waiting.pop() {
        let Entry::Vacant(entry) = stopped.entry(stop.node) else { continue };
        entry.insert(stop.day);
        for buyer in graph.buyers(stop.node).iter().filter(|buyer| **buyer != stop.node) {
            for (index, need) in graph.needs(*buyer).enumerate() {
                let Some((_, weight)) = need.counted().find(|(supplier, _)| *supplier == stop.node) else { continue };
                let spare = spare.entry((*buyer, index)).or_insert_with(|| spare_of(need));
                let was_met = *spare > 0;
                *spare = spare.saturating_sub(weight);
                if was_met && *spare == 0 {
                    let day = stop.day.saturating_add(need.buffer_days);
                    waiting.push(Reverse(StoppedNode { day, node: *buyer }));
                }
            }
        }
    }
    let mut stops: Vec<StoppedNode> = stopped.into_iter().map(|(node, day)| StoppedNode { day, node }).collect();
    stops.sort_unstable();
    stops
}

/// How much weight the sources must lose before the need is not met; never, when nothing is required.
fn spare_of(need: Need<'_>) -> u64 {
    match need.required_weight() {
        0 => u64::MAX,
        required => need.counted().map(|(_, weight)| weight).sum::<u64>() + 1 - required,
    }
}

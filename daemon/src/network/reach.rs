//! Which programmes an organisation supplies, at whatever distance: requirements flow down the same way.

use super::{
    flow::Flow,
    graph::{Graph, NodeIx},
};
use std::sync::Arc;

/// What a supplier reaches by following its buyers. An idle source reaches too: it must be fit before it is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reach {
    /// The programmes, sorted by number; shared between the many suppliers that reach the same.
    pub(super) programmes: Arc<[NodeIx]>,
    /// The distance to the nearest; 1 supplies it directly.
    pub(super) tier: Option<u32>,
}

/// Reach flows from buyers to sources.
pub(super) struct ReachFlow<'n> {
    /// By node, whether it is a programme.
    pub(super) is_programme: &'n [bool],
}

impl Flow for ReachFlow<'_> {
    type Value = Reach;

    fn inputs<'g>(&'g self, graph: &'g Graph, node: NodeIx) -> impl Iterator<Item = NodeIx> + 'g {
        graph.buyers(node).iter().copied()
    }

    fn outputs<'g>(&'g self, graph: &'g Graph, node: NodeIx) -> impl Iterator<Item = NodeIx> + 'g {
        graph.suppliers(node)
    }

    fn compute(&self, graph: &Graph, node: NodeIx, reaches: &[Reach]) -> Reach {
        let mut programmes: Vec<NodeIx> = Vec::new();
        let mut tier: Option<u32> = None;
        let buyers = graph.buyers(node);
        for buyer in buyers {
            let reach = &reaches[*buyer as usize];
            programmes.extend(&*reach.programmes);
            let through = if self.is_programme[*buyer as usize] {
                programmes.push(*buyer);
                Some(1)
            } else {
                reach.tier.map(|tier| tier + 1)
            };
            tier = tier.into_iter().chain(through).min();
        }
        programmes.sort_unstable();
        programmes.dedup();
        let same =
            buyers.iter().map(|buyer| &reaches[*buyer as usize].programmes).find(|known| ***known == *programmes);
        Reach { programmes: same.cloned().unwrap_or_else(|| programmes.into()), tier }
    }
}

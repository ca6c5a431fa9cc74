//! Which programmes an organisation supplies, at any distance: requirements flow down the same way.

use super::{
    flow::Flow,
    graph::{Graph, NodeIx},
};
use smallvec::SmallVec;
use std::sync::Arc;

/// What a supplier reaches by following its buyers. An idle source reaches too: it must be fit before it is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reach {
    /// The programmes, sorted by number; shared between the many suppliers that reach the same.
    pub(super) programmes: Arc<[NodeIx]>,
    /// The distance to the nearest programme; 1 supplies it directly.
    pub(super) tier: Option<u32>,
}

/// Reach flows from buyers to sources.
pub(super) struct ReachFlow<'n> {
    /// By node: whether it is a programme.
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
        let buyers = graph.buyers(node);
        let mut tier: Option<u32> = None;
        for buyer in buyers {
            let through = if self.is_programme[*buyer as usize] { Some(0) } else { reaches[*buyer as usize].tier };
            tier = tier.into_iter().chain(through.map(|tier| tier + 1)).min();
        }
        Reach { programmes: self.programmes(buyers, reaches), tier }
    }
}

impl ReachFlow<'_> {
    fn programmes(&self, buyers: &[NodeIx], reaches: &[Reach]) -> Arc<[NodeIx]> {
        let known = || buyers.iter().map(|buyer| &reaches[*buyer as usize].programmes);
        let Some(most) = known().max_by_key(|programmes| programmes.len()) else { return Arc::default() };
        let direct = || buyers.iter().filter(|buyer| self.is_programme[**buyer as usize]);
        let is_within = |programmes: &Arc<[NodeIx]>| Arc::ptr_eq(programmes, most) || is_subset(programmes, most);
        if direct().all(|programme| most.binary_search(programme).is_ok()) && known().all(is_within) {
            return most.clone();
        }
        let mut programmes: SmallVec<[NodeIx; 32]> = direct().copied().collect();
        known().for_each(|known| programmes.extend_from_slice(known));
        programmes.sort_unstable();
        programmes.dedup();
        programmes.as_slice().into()
    }
}

/// Of sorted numbers.
fn is_subset(few: &[NodeIx], many: &[NodeIx]) -> bool {
    let mut many = many.iter();
    few.iter().all(|one| many.by_ref().find(|other| *other >= one) == Some(one))
}

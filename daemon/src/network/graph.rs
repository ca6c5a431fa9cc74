//! The supply network as numbers: who needs what from whom, in both directions.

use crate::model::{BasisPoints, WHOLE_BP, claims::Class};

/// A node's place in a [`Graph`]: an organisation or a programme.
pub type NodeIx = u32;

/// One supplier for one need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// Who supplies.
    pub supplier: NodeIx,
    /// Which part of the need, 0 to 10 000.
    pub share_bp: BasisPoints,
    /// How long it takes to switch an idle source on.
    pub switch_days: u32,
    /// Whether it supplies today; otherwise it is idle.
    pub active: bool,
    /// Whether the buyer has qualified it: an idle source that is not never counts.
    pub qualified: bool,
}

/// What one node needs, and from whom it can have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// What is needed: a number of the caller's choice.
    pub item: u32,
    /// How much hangs on it.
    pub class: Class,
    /// How much of the supply must be up; `None`: any one source.
    pub required_share_bp: Option<BasisPoints>,
    /// How long stock lasts when the supply stops.
    pub buffer_days: u32,
    /// Who supplies it, each supplier once.
    pub sources: Box<[Source]>,
}

impl Need {
    /// Whether a source can meet the need: an idle one only if it is qualified and on before the stock runs out.
    #[must_use]
    pub fn counts(&self, source: &Source) -> bool {
        source.active || (source.qualified && source.switch_days <= self.buffer_days)
    }

    /// The sources that count, each with its weight: its share, or 1 where any one source will do.
    pub fn counted(&self) -> impl Iterator<Item = (NodeIx, u64)> {
        let weight = |source: &Source| self.required_share_bp.map_or(1, |_| u64::from(source.share_bp));
        self.sources.iter().filter(|source| self.counts(source)).map(move |source| (source.supplier, weight(source)))
    }

    /// The weight that must be up for the need to be met; 0 when nothing known can leave it unmet.
    ///
    /// Evidence is never complete. What the known sources together do not reach is met by one unknown supplier of the
    /// missing share, which never fails: otherwise the node would be down before anything has happened.
    #[must_use]
    pub fn required_weight(&self) -> u64 {
        let known: u64 = self.counted().map(|(_, weight)| weight).sum();
        match self.required_share_bp.map(u64::from) {
            None => known.min(1),
            Some(required) if required <= known => required,
            Some(required) => required.saturating_sub(u64::from(WHOLE_BP).saturating_sub(known)).min(known),
        }
    }
}

/// Every node's needs, and for every node who buys from it.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    nodes: Vec<Node>,
}

#[derive(Clone, Debug, Default)]
struct Node {
    needs: Box<[Need]>,
    /// Sorted, each once, whether the source counts or not.
    buyers: Vec<NodeIx>,
}

impl Graph {
    /// How many nodes there are; they are `0..len`.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are no nodes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// All nodes, ascending.
    pub fn nodes(&self) -> impl Iterator<Item = NodeIx> + use<> {
        0..u32::try_from(self.nodes.len()).unwrap_or_else(|_| unreachable!("nodes are numbered with u32"))
    }

    /// Makes room for the nodes `0..len`; new ones need nothing.
    pub fn grow(&mut self, len: usize) {
        if len > self.nodes.len() {
            self.nodes.resize_with(len, Node::default);
        }
    }

    /// What `node` needs.
    #[must_use]
    pub fn needs(&self, node: NodeIx) -> &[Need] {
        &self.nodes[node as usize].needs
    }

    /// Who names `node` as a source, sorted.
    #[must_use]
    pub fn buyers(&self, node: NodeIx) -> &[NodeIx] {
        &self.nodes[node as usize].buyers
    }

    /// Whom `node` names as a source, once a need.
    pub fn suppliers(&self, node: NodeIx) -> impl Iterator<Item = NodeIx> {
        self.needs(node).iter().flat_map(|need| need.sources.iter().map(|source| source.supplier))
    }

    /// Replaces what `node` needs. Every supplier must be a node already.
    pub fn set_needs(&mut self, node: NodeIx, needs: Vec<Need>) {
        let before = self.distinct_suppliers(node);
        self.nodes[node as usize].needs = needs.into_boxed_slice();
        let after = self.distinct_suppliers(node);
        for supplier in before.iter().filter(|supplier| after.binary_search(supplier).is_err()) {
            let buyers = &mut self.nodes[*supplier as usize].buyers;
            if let Ok(place) = buyers.binary_search(&node) {
                buyers.remove(place);
            }
        }
        for supplier in after {
            let buyers = &mut self.nodes[supplier as usize].buyers;
            if let Err(place) = buyers.binary_search(&node) {
                buyers.insert(place, node);
            }
        }
    }

    fn distinct_suppliers(&self, node: NodeIx) -> Vec<NodeIx> {
        let mut suppliers: Vec<NodeIx> = self.suppliers(node).collect();
        suppliers.sort_unstable();
        suppliers.dedup();
        suppliers
    }
}

//! The supply network as numbers: who needs what from whom, in both directions, in a few long arrays.
//!
//! For a program that has names of its own, a graph is all that the analyses need. Whoever builds one must keep a rule that
//! nothing checks: a node has at most one need of an item, and a need names each supplier once.
//!
//! ```
//! use tierwatch_network::exact::{Budget, exact};
//! use tierwatch_network::exposure::{Hazard, Hazards, Sample, exposure_of};
//! use tierwatch_network::graph::{Graph, Need, Source};
//! use tierwatch_network::{model::claims::Class, random::stream};
//!
//! // Node 0 needs 60 % of what 1 (50 %), 2 (30 %) and 3 (20 %) supply.
//! let source = |(supplier, share_bp)| Source { supplier, share_bp, switch_days: 0, active: true, qualified: true };
//! let sources = [(1, 5000), (2, 3000), (3, 2000)].map(source);
//! let (class, required_share_bp) = (Class::Critical, Some(6000));
//! let need = Need { item: 0, class, required_share_bp, buffer_days: 0, sources: &sources };
//! let mut graph = Graph::default();
//! graph.grow(4);
//! graph.set_needs(0, &[need].into_iter().collect());
//! let own = [("0", 0.0), ("1", 0.1), ("2", 0.2), ("3", 0.2)];
//! let own = own.map(|(name, probability)| Hazard { probability, stream: stream(name) }).to_vec();
//! let hazards = Hazards { own, shocks: Vec::new() };
//! // Node 0 is up if 1 is, and not both of 2 and 3 fail: 1 - 0.9 * (1 - 0.2 * 0.2) = 0.136.
//! let found = exact(&graph, 0, &hazards, Budget::default()).expect("it is small");
//! assert_eq!(format!("{:.3}", found.probability), "0.136");
//! // While 1 is up, it is down with 0.2 * 0.2 = 0.04, and for certain once 1 fails: the importance of 1 is 1 - 0.04 = 0.96.
//! assert_eq!(format!("{:.2}", found.importance[0].birnbaum), "0.96");
//! let estimate = exposure_of(&graph, [0], &hazards, Sample::default()).estimate(0);
//! assert!(estimate.low < 0.136 && 0.136 < estimate.high);
//! ```

use super::csr::Csr;
use crate::model::{BasisPoints, WHOLE_BP, claims::Class};
use smallvec::SmallVec;

/// A node's number in a [`Graph`], from 0: an organisation or a programme. It has a meaning only in that graph, its clones and
/// what they grow into.
pub type NodeIx = u32;

/// One supplier for one need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    /// The node that supplies. A node may be its own source, which fails only with it.
    pub supplier: NodeIx,
    /// Which part of the need comes from it, 0 to 10 000 basis points: its weight where a share is required, and the analyses
    /// ignore it where any one source will do.
    pub share_bp: BasisPoints,
    /// Days that it takes to switch an idle source on; ignored for an active one.
    pub switch_days: u32,
    /// Whether it supplies today; otherwise it is idle. A [`Network`](crate::Network) takes share 0 for idle.
    pub active: bool,
    /// Whether the buyer has qualified it: an idle source that is not qualified never counts.
    pub qualified: bool,
}

/// What one node needs, and from whom it can have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Need<'s> {
    /// What is needed: a number of the caller's choice, or [`Network::item`](crate::Network::item). A node has one need of it
    /// at most.
    pub item: u32,
    /// How critical the item is. Facts show it; no analysis reads it.
    pub class: Class,
    /// How much of the supply must be up, 0 to 10 000 basis points; `None`: any one source.
    pub required_share_bp: Option<BasisPoints>,
    /// For how many days stock lasts when the supply stops.
    pub buffer_days: u32,
    /// Who supplies it, each supplier once, in any order.
    pub sources: &'s [Source],
}

impl<'s> Need<'s> {
    /// Whether a source can meet the need: an idle one only if it is qualified and on before the stock runs out.
    #[must_use]
    pub fn counts(&self, source: &Source) -> bool {
        source.active || (source.qualified && source.switch_days <= self.buffer_days)
    }

    /// The sources that count, each with its weight: its share, or 1 where any one source will do.
    pub fn counted(self) -> impl Iterator<Item = (NodeIx, u64)> + Clone + use<'s> {
        let weight = move |source: &Source| self.required_share_bp.map_or(1, |_| u64::from(source.share_bp));
        let counted = self.sources.iter().filter(move |source| self.counts(source));
        counted.map(move |source| (source.supplier, weight(source)))
    }

    /// The weight, among that of [`counted`](Self::counted), that must be up for the need to be met: basis points where
    /// a share is required, else 1; 0 when nothing known can leave it unmet.
    ///
    /// Evidence is never complete. One unknown supplier, which never fails, has the share that the known sources lack: otherwise
    /// the node would be down before anything has happened.
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

/// What one node needs, to be put into a [`Graph`] or taken from it and changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    terms: SmallVec<[Terms; 2]>,
    /// The sources of all needs, need after need.
    sources: SmallVec<[Source; 4]>,
}

/// A need without its sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Terms {
    item: u32,
    class: Class,
    required_share_bp: Option<BasisPoints>,
    buffer_days: u32,
    /// The index after its last source, among those of all the node's needs.
    sources_end: u32,
}

impl Needs {
    /// Adds a need; its item must differ from those of the needs before.
    pub fn push(&mut self, need: Need<'_>) {
        self.sources.extend_from_slice(need.sources);
        let Need { item, class, required_share_bp, buffer_days, .. } = need;
        let sources_end =
            u32::try_from(self.sources.len()).unwrap_or_else(|_| unreachable!("a source is of 2^32 nodes at most"));
        self.terms.push(Terms { item, class, required_share_bp, buffer_days, sources_end });
    }

    /// The needs, in the order in which they were added.
    #[must_use]
    pub fn iter(&self) -> NeedIter<'_> {
        NeedIter { terms: self.terms.iter(), sources: &self.sources, start: 0 }
    }
}

impl<'s> FromIterator<Need<'s>> for Needs {
    fn from_iter<I: IntoIterator<Item = Need<'s>>>(needs: I) -> Self {
        let mut all = Self::default();
        needs.into_iter().for_each(|need| all.push(need));
        all
    }
}

impl<'s> IntoIterator for &'s Needs {
    type Item = Need<'s>;
    type IntoIter = NeedIter<'s>;

    fn into_iter(self) -> NeedIter<'s> {
        self.iter()
    }
}

/// The needs of one node, each with its sources; it knows how many are left.
#[derive(Clone, Debug)]
pub struct NeedIter<'s> {
    terms: std::slice::Iter<'s, Terms>,
    sources: &'s [Source],
    start: u32,
}

impl<'s> Iterator for NeedIter<'s> {
    type Item = Need<'s>;

    fn next(&mut self) -> Option<Need<'s>> {
        let Terms { item, class, required_share_bp, buffer_days, sources_end } = *self.terms.next()?;
        let sources = &self.sources[self.start as usize..sources_end as usize];
        self.start = sources_end;
        Some(Need { item, class, required_share_bp, buffer_days, sources })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.terms.size_hint()
    }
}

impl ExactSizeIterator for NeedIter<'_> {}

/// Every node's needs, and every node's buyers. Methods that take a node panic for one outside `0..len`.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    terms: Csr<Terms>,
    sources: Csr<Source>,
    /// By node: its buyers, sorted, each once, whether the source counts or not.
    buyers: Csr<NodeIx>,
    /// By node: how many of its buyers it supplies today.
    supplied: Vec<u32>,
}

impl Graph {
    /// How many nodes there are; they are `0..len`.
    #[must_use]
    pub fn len(&self) -> usize {
        self.terms.len()
    }

    /// Whether there are no nodes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All nodes, ascending.
    pub fn nodes(&self) -> impl Iterator<Item = NodeIx> + use<> {
        0..u32::try_from(self.len()).unwrap_or_else(|_| unreachable!("nodes are numbered with u32"))
    }

    /// Makes room for the nodes `0..len`; new ones need nothing. It never shrinks.
    pub fn grow(&mut self, len: usize) {
        self.terms.grow(len);
        self.sources.grow(len);
        self.buyers.grow(len);
        self.supplied.resize(self.terms.len(), 0);
    }

    /// What `node` needs, in the order in which it was set; a [`Network`](crate::Network)'s by the names of the items.
    #[must_use]
    pub fn needs(&self, node: NodeIx) -> NeedIter<'_> {
        NeedIter { terms: self.terms.get(node).iter(), sources: self.sources.get(node), start: 0 }
    }

    /// The nodes that name `node` as a source, active or idle, whether it counts or not: ascending, each once.
    #[must_use]
    pub fn buyers(&self, node: NodeIx) -> &[NodeIx] {
        self.buyers.get(node)
    }

    /// How many of its buyers `node` supplies today, as an active source.
    #[must_use]
    pub fn supplied(&self, node: NodeIx) -> u32 {
        self.supplied[node as usize]
    }

    /// The sources of `node`, active or idle, one for each need that names it.
    pub fn suppliers(&self, node: NodeIx) -> impl Iterator<Item = NodeIx> {
        self.sources.get(node).iter().map(|source| source.supplier)
    }

    /// Replaces what `node` needs. The work grows with its sources, before and after, and with their buyers.
    ///
    /// # Panics
    /// When it, or a supplier, is no node yet: [`grow`](Self::grow) first. The graph must not be used after that.
    pub fn set_needs(&mut self, node: NodeIx, needs: &Needs) {
        let before = NamedSource::all_of(self.sources.get(node));
        let after = NamedSource::all_of(&needs.sources);
        self.terms.set(node, &needs.terms);
        self.sources.set(node, &needs.sources);
        for NamedSource { node: supplier, is_active } in &before {
            self.supplied[*supplier as usize] -= u32::from(*is_active);
            if after.binary_search_by_key(supplier, |supplier| supplier.node).is_err()
                && let Ok(index) = self.buyers.get(*supplier).binary_search(&node)
            {
                self.buyers.remove(*supplier, index);
            }
        }
        for NamedSource { node: supplier, is_active } in after {
            self.supplied[supplier as usize] += u32::from(is_active);
            if let Err(index) = self.buyers.get(supplier).binary_search(&node) {
                self.buyers.insert(supplier, index, node);
            }
        }
    }
}

/// A source of a node, for any of its needs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct NamedSource {
    node: NodeIx,
    /// Whether it is active for at least one of them.
    is_active: bool,
}

impl NamedSource {
    /// The distinct suppliers of `sources`, sorted.
    fn all_of(sources: &[Source]) -> SmallVec<[Self; 8]> {
        let supplier = |source: &Source| Self { node: source.supplier, is_active: source.active };
        let mut suppliers: SmallVec<[Self; 8]> = sources.iter().map(supplier).collect();
        suppliers.sort_unstable();
        suppliers.dedup_by(|next, one| {
            one.is_active |= next.is_active && next.node == one.node;
            next.node == one.node
        });
        suppliers
    }
}

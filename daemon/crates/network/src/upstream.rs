//! Everything upstream of some nodes, renumbered with sources before buyers: the analyses walk over this.

use super::{
    components::StrongComponents,
    graph::{Graph, NodeIx},
};

/// Some nodes and everything upstream of them through sources that count. A slot is a node's number within this part.
#[derive(Clone, Debug, Default)]
pub(super) struct Upstream {
    /// By slot: the node.
    nodes: Vec<NodeIx>,
    /// By node: its slot + 1, or 0 for nodes outside.
    slots: Vec<u32>,
    /// The needs of slot `p` are `needs[starts[p]..starts[p + 1]]`. Needs that nothing known can leave unmet are left
    /// out.
    starts: Vec<usize>,
    needs: Vec<UpstreamNeed>,
    /// Slots, with the weight of each.
    sources: Vec<(u32, u64)>,
    /// Where each strongly connected component ends, and whether it is a cycle.
    components: Vec<(usize, bool)>,
}

#[derive(Clone, Debug)]
struct UpstreamNeed {
    item: u32,
    buffer_days: u32,
    required: u64,
    sources_end: usize,
}

/// A need inside an upstream part.
#[derive(Clone, Copy, Debug)]
pub(super) struct NeedView<'c> {
    /// What is needed, as the graph numbers it.
    pub(super) item: u32,
    /// How long stock lasts when the supply stops.
    pub(super) buffer_days: u32,
    /// The weight of the sources that must be up, at least 1.
    pub(super) required: u64,
    /// The slots of the sources that count, with the weight of each.
    pub(super) sources: &'c [(u32, u64)],
}

impl NeedView<'_> {
    /// The weight that can be lost before the need is unmet.
    pub(super) fn spare(&self) -> u64 {
        self.sources.iter().map(|(_, weight)| weight).sum::<u64>() - self.required
    }
}

impl Upstream {
    /// `roots` and everything upstream of them.
    pub(super) fn of(graph: &Graph, roots: impl IntoIterator<Item = NodeIx>) -> Self {
        let (found, first_slots) = reached(graph, roots);
        let slot_of = |node: NodeIx| first_slots[node as usize] - 1;
        let mut starts = vec![0];
        let mut inputs = Vec::new();
        for node in &found {
            inputs.extend(graph.needs(*node).flat_map(|need| need.counted().map(|(node, _)| slot_of(node))));
            starts.push(inputs.len());
        }
        let order = StrongComponents::of(&starts, &inputs);
        let mut upstream = Self {
            nodes: Vec::with_capacity(found.len()),
            slots: first_slots.clone(),
            starts: vec![0],
            needs: Vec::new(),
            sources: Vec::new(),
            components: Vec::new(),
        };
        for component in order.iter() {
            for slot in component {
                let node = found[*slot as usize];
                upstream.nodes.push(node);
                upstream.slots[node as usize] = number(upstream.nodes.len());
            }
            let own_source = |slot: &u32| inputs[starts[*slot as usize]..starts[*slot as usize + 1]].contains(slot);
            upstream.components.push((upstream.nodes.len(), component.len() > 1 || component.iter().any(own_source)));
        }
        upstream.take_needs(graph);
        upstream
    }

    fn take_needs(&mut self, graph: &Graph) {
        for node in &self.nodes {
            for need in graph.needs(*node) {
                let required = need.required_weight();
                if required > 0 {
                    let slots = &self.slots;
                    self.sources.extend(need.counted().map(|(node, weight)| (slots[node as usize] - 1, weight)));
                    let (item, buffer_days, sources_end) = (need.item, need.buffer_days, self.sources.len());
                    self.needs.push(UpstreamNeed { item, buffer_days, required, sources_end });
                }
            }
            self.starts.push(self.needs.len());
        }
    }

    /// By slot: the node.
    pub(super) fn nodes(&self) -> &[NodeIx] {
        &self.nodes
    }

    /// The slot of `node`, if it is inside.
    pub(super) fn slot(&self, node: NodeIx) -> Option<u32> {
        self.slots.get(node as usize)?.checked_sub(1)
    }

    /// The needs of the node at `slot` that something known can leave unmet.
    pub(super) fn needs(&self, slot: u32) -> impl Iterator<Item = NeedView<'_>> {
        (self.starts[slot as usize]..self.starts[slot as usize + 1]).map(|need| {
            let start = need.checked_sub(1).map_or(0, |before| self.needs[before].sources_end);
            let UpstreamNeed { item, buffer_days, required, sources_end } = self.needs[need];
            NeedView { item, buffer_days, required, sources: &self.sources[start..sources_end] }
        })
    }

    /// The least fixed point of `compute`, which makes the value of a slot from those of its sources and must be
    /// monotone in them: every value starts as in `values` and is computed until it no longer changes.
    ///
    /// # Errors
    /// The first error of `compute`.
    pub(super) fn solve<V: PartialEq, E>(
        &self,
        values: &mut [V],
        mut compute: impl FnMut(u32, &[V]) -> Result<V, E>,
    ) -> Result<(), E> {
        let mut start = 0;
        for (end, is_cycle) in &self.components {
            let slots = number(start)..number(*end);
            start = *end;
            let mut changes = true;
            while changes {
                changes = false;
                for slot in slots.clone() {
                    let value = compute(slot, values)?;
                    changes |= *is_cycle && values[slot as usize] != value;
                    values[slot as usize] = value;
                }
            }
        }
        Ok(())
    }
}

/// The nodes reached from `roots`, and by node its slot among them + 1.
fn reached(graph: &Graph, roots: impl IntoIterator<Item = NodeIx>) -> (Vec<NodeIx>, Vec<u32>) {
    let mut slots = vec![0; graph.len()];
    let mut found: Vec<NodeIx> = Vec::new();
    let mut enter = |node: NodeIx, found: &mut Vec<NodeIx>| {
        if slots[node as usize] == 0 {
            found.push(node);
            slots[node as usize] = number(found.len());
        }
    };
    for root in roots {
        enter(root, &mut found);
    }
    let mut next = 0;
    while let Some(node) = found.get(next).copied() {
        for need in graph.needs(node) {
            need.counted().for_each(|(supplier, _)| enter(supplier, &mut found));
        }
        next += 1;
    }
    (found, slots)
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or_else(|_| unreachable!("nodes are numbered with u32"))
}

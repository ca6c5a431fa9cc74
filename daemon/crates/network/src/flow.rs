//! Facts that flow along the network, kept right as it changes: least fixed points, computed again only where an
//! input has changed.
//!
//! On a cycle a value that has lost its cause could keep itself alive. So the nodes that a change can reach are put in
//! the order of their strongly connected components, inputs first, and a component that must be computed again starts
//! from nothing.

use super::{
    components::StrongComponents,
    graph::{Graph, NodeIx},
};
use std::{collections::VecDeque, mem};

/// A value for each node: a monotone function of its neighbours' values.
pub(super) trait Flow {
    /// Starts from its default and only grows until it is right.
    type Value: Clone + Default + PartialEq;

    /// The nodes whose values `node`'s own is made from.
    fn inputs<'g>(&'g self, graph: &'g Graph, node: NodeIx) -> impl Iterator<Item = NodeIx> + 'g;

    /// At least the nodes whose values are made from `node`'s.
    fn outputs<'g>(&'g self, graph: &'g Graph, node: NodeIx) -> impl Iterator<Item = NodeIx> + 'g;

    /// The value of `node`, from the present values of its inputs.
    fn compute(&self, graph: &Graph, node: NodeIx, values: &[Self::Value]) -> Self::Value;
}

/// Brings `values` up to date after the inputs or the function of `seeds` have changed. Returns each node whose value
/// has changed, with its old value.
pub(super) fn settle<F: Flow>(
    flow: &F,
    graph: &Graph,
    values: &mut Vec<F::Value>,
    seeds: &[NodeIx],
) -> Vec<(NodeIx, F::Value)> {
    values.resize_with(graph.len(), F::Value::default);
    let region = ChangeRegion::reached(flow, graph, seeds);
    let order = StrongComponents::of(&region.starts, &region.inputs);
    let mut changed = ChangedNodes { slots: vec![false; region.nodes.len()], nodes: Vec::new() };
    for component in order.iter() {
        let must = |slot: &u32| {
            region.is_seed(*slot) || region.inputs(*slot).iter().any(|input| changed.slots[*input as usize])
        };
        if !component.iter().any(must) {
            continue;
        }
        match component {
            [slot] if !region.inputs(*slot).contains(slot) => {
                let node = region.nodes[*slot as usize];
                let value = flow.compute(graph, node, values);
                changed.replace(*slot, node, value, values);
            }
            _ => settle_cycle(flow, graph, &region, component, values, &mut changed),
        }
    }
    changed.nodes
}

/// The nodes that have changed, by node with the old value and by slot in the region.
struct ChangedNodes<V> {
    slots: Vec<bool>,
    nodes: Vec<(NodeIx, V)>,
}

impl<V: PartialEq> ChangedNodes<V> {
    fn replace(&mut self, slot: u32, node: NodeIx, value: V, values: &mut [V]) {
        let current = &mut values[node as usize];
        if *current != value {
            self.slots[slot as usize] = true;
            self.nodes.push((node, mem::replace(current, value)));
        }
    }
}

fn settle_cycle<F: Flow>(
    flow: &F,
    graph: &Graph,
    region: &ChangeRegion,
    component: &[u32],
    values: &mut [F::Value],
    changed: &mut ChangedNodes<F::Value>,
) {
    let node_of = |slot: u32| region.nodes[slot as usize];
    let before: Vec<F::Value> = component.iter().map(|slot| mem::take(&mut values[node_of(*slot) as usize])).collect();
    let mut waiting = vec![true; component.len()];
    let mut queue: VecDeque<u32> = component.iter().copied().collect();
    while let Some(slot) = queue.pop_front() {
        if let Ok(member) = component.binary_search(&slot) {
            waiting[member] = false;
        }
        let node = node_of(slot);
        let value = flow.compute(graph, node, values);
        if value == values[node as usize] {
            continue;
        }
        values[node as usize] = value;
        for output in flow.outputs(graph, node).filter_map(|output| region.slot(output)) {
            if let Ok(member) = component.binary_search(&output)
                && !mem::replace(&mut waiting[member], true)
            {
                queue.push_back(output);
            }
        }
    }
    for (slot, before) in component.iter().zip(before) {
        let node = node_of(*slot);
        if values[node as usize] != before {
            changed.slots[*slot as usize] = true;
            changed.nodes.push((node, before));
        }
    }
}

/// The nodes that a change can reach, renumbered from 0 by slot, and their inputs among themselves.
pub(super) struct ChangeRegion {
    pub(super) nodes: Vec<NodeIx>,
    /// By node: its slot + 1, or 0 outside the region.
    slots: Vec<u32>,
    /// The seeds are the first slots.
    seeds: usize,
    /// The inputs of slot `p` are `inputs[starts[p]..starts[p + 1]]`, as slots.
    pub(super) starts: Vec<usize>,
    pub(super) inputs: Vec<u32>,
}

impl ChangeRegion {
    pub(super) fn reached<F: Flow>(flow: &F, graph: &Graph, seeds: &[NodeIx]) -> Self {
        let mut region =
            Self { nodes: Vec::new(), slots: vec![0; graph.len()], seeds: 0, starts: vec![0], inputs: Vec::new() };
        for seed in seeds {
            region.enter(*seed);
        }
        region.seeds = region.nodes.len();
        let mut next = 0;
        while region.nodes.len() < graph.len() && next < region.nodes.len() {
            for output in flow.outputs(graph, region.nodes[next]) {
                region.enter(output);
            }
            next += 1;
        }
        for slot in 0..region.nodes.len() {
            let inputs = flow.inputs(graph, region.nodes[slot]);
            let slots = &region.slots;
            region.inputs.extend(inputs.filter_map(|input| slots[input as usize].checked_sub(1)));
            region.starts.push(region.inputs.len());
        }
        region
    }

    fn enter(&mut self, node: NodeIx) {
        let slot = &mut self.slots[node as usize];
        if *slot == 0 {
            self.nodes.push(node);
            *slot = u32::try_from(self.nodes.len()).unwrap_or_else(|_| unreachable!("nodes are numbered with u32"));
        }
    }

    fn slot(&self, node: NodeIx) -> Option<u32> {
        self.slots[node as usize].checked_sub(1)
    }

    pub(super) fn is_seed(&self, slot: u32) -> bool {
        (slot as usize) < self.seeds
    }

    pub(super) fn inputs(&self, slot: u32) -> &[u32] {
        &self.inputs[self.starts[slot as usize]..self.starts[slot as usize + 1]]
    }
}

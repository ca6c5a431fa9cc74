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

/// One value a node, a monotone function of its neighbours' values.
pub(super) trait Flow {
    /// Starts from its default and only grows until it is right.
    type Value: Clone + Default + PartialEq;

    /// The nodes whose values `node`'s own is made from.
    fn inputs<'g>(&'g self, graph: &'g Graph, node: NodeIx) -> impl Iterator<Item = NodeIx> + 'g;

    /// At least the nodes whose values are made from `node`'s.
    fn outputs<'g>(&'g self, graph: &'g Graph, node: NodeIx) -> impl Iterator<Item = NodeIx> + 'g;

    /// The value of `node` as those of its inputs are now.
    fn compute(&self, graph: &Graph, node: NodeIx, values: &[Self::Value]) -> Self::Value;
}

/// Brings `values` up to date after the inputs or the function of `seeds` have changed. Returns each node whose value
/// is another now, with the value it had.
pub(super) fn settle<F: Flow>(
    flow: &F,
    graph: &Graph,
    values: &mut Vec<F::Value>,
    seeds: &[NodeIx],
) -> Vec<(NodeIx, F::Value)> {
    values.resize_with(graph.len(), F::Value::default);
    let region = ChangeRegion::reached(flow, graph, seeds);
    let order = StrongComponents::of(&region.starts, &region.inputs);
    let mut changed = ChangedNodes { places: vec![false; region.nodes.len()], nodes: Vec::new() };
    for component in order.iter() {
        let must = |place: &u32| {
            region.is_seed(*place) || region.inputs(*place).iter().any(|input| changed.places[*input as usize])
        };
        if !component.iter().any(must) {
            continue;
        }
        match component {
            [place] if !region.inputs(*place).contains(place) => {
                let node = region.nodes[*place as usize];
                let value = flow.compute(graph, node, values);
                changed.replace(*place, node, value, values);
            }
            _ => settle_cycle(flow, graph, &region, component, values, &mut changed),
        }
    }
    changed.nodes
}

/// The nodes that have changed, by node with the old value and by place in the region.
struct ChangedNodes<V> {
    places: Vec<bool>,
    nodes: Vec<(NodeIx, V)>,
}

impl<V: PartialEq> ChangedNodes<V> {
    fn replace(&mut self, place: u32, node: NodeIx, value: V, values: &mut [V]) {
        let slot = &mut values[node as usize];
        if *slot != value {
            self.places[place as usize] = true;
            self.nodes.push((node, mem::replace(slot, value)));
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
    let node_of = |place: u32| region.nodes[place as usize];
    let before: Vec<F::Value> =
        component.iter().map(|place| mem::take(&mut values[node_of(*place) as usize])).collect();
    let mut waiting = vec![true; component.len()];
    let mut queue: VecDeque<u32> = component.iter().copied().collect();
    while let Some(place) = queue.pop_front() {
        if let Ok(member) = component.binary_search(&place) {
            waiting[member] = false;
        }
        let node = node_of(place);
        let value = flow.compute(graph, node, values);
        if value == values[node as usize] {
            continue;
        }
        values[node as usize] = value;
        for output in flow.outputs(graph, node).filter_map(|output| region.place(output)) {
            if let Ok(member) = component.binary_search(&output)
                && !mem::replace(&mut waiting[member], true)
            {
                queue.push_back(output);
            }
        }
    }
    for (place, before) in component.iter().zip(before) {
        let node = node_of(*place);
        if values[node as usize] != before {
            changed.places[*place as usize] = true;
            changed.nodes.push((node, before));
        }
    }
}

/// The nodes that a change can reach, numbered anew from 0 by place, and their inputs among themselves.
pub(super) struct ChangeRegion {
    pub(super) nodes: Vec<NodeIx>,
    /// By node: its place + 1, or 0 outside the region.
    places: Vec<u32>,
    /// The seeds are the first places.
    seeds: usize,
    /// The inputs of place `p` are `inputs[starts[p]..starts[p + 1]]`, as places.
    pub(super) starts: Vec<usize>,
    pub(super) inputs: Vec<u32>,
}

impl ChangeRegion {
    pub(super) fn reached<F: Flow>(flow: &F, graph: &Graph, seeds: &[NodeIx]) -> Self {
        let mut region =
            Self { nodes: Vec::new(), places: vec![0; graph.len()], seeds: 0, starts: vec![0], inputs: Vec::new() };
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
        for place in 0..region.nodes.len() {
            let inputs = flow.inputs(graph, region.nodes[place]);
            let places = &region.places;
            region.inputs.extend(inputs.filter_map(|input| places[input as usize].checked_sub(1)));
            region.starts.push(region.inputs.len());
        }
        region
    }

    fn enter(&mut self, node: NodeIx) {
        let place = &mut self.places[node as usize];
        if *place == 0 {
            self.nodes.push(node);
            *place = u32::try_from(self.nodes.len()).unwrap_or_else(|_| unreachable!("nodes are numbered with u32"));
        }
    }

    fn place(&self, node: NodeIx) -> Option<u32> {
        self.places[node as usize].checked_sub(1)
    }

    pub(super) fn is_seed(&self, place: u32) -> bool {
        (place as usize) < self.seeds
    }

    pub(super) fn inputs(&self, place: u32) -> &[u32] {
        &self.inputs[self.starts[place as usize]..self.starts[place as usize + 1]]
    }
}

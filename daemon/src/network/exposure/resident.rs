//! Exposures that stay right as the network changes: every node's row is kept, and only rows whose inputs have changed
//! are computed again.

use super::{Hazards, ROW_WORDS, Row, Sample, Shock, Simulation, count, or, unmet};
use crate::network::{
    causes::CauseFlow,
    components::Components,
    cone::{Cone, NeedView},
    exposure::Estimate,
    flow::Region,
    graph::{Graph, NodeIx},
};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::mem;

/// The weight that a need requires, and its sources that count with theirs.
type CountedNeed = (u64, Vec<(NodeIx, u64)>);

/// The states of every node in every scenario of one sample: 64 bytes a node for each 512 scenarios.
#[derive(Clone, Debug, PartialEq)]
pub struct Exposures {
    sample: Sample,
    /// By block of 512 scenarios, then by node.
    blocks: Vec<Vec<Row>>,
    /// By node: in how many scenarios it is down.
    down: Vec<u32>,
    /// As of the last update, to see which have changed.
    shocks: Vec<Shock>,
    /// By node: which shocks strike it.
    struck: FxHashMap<NodeIx, Vec<usize>>,
}

impl Exposures {
    /// Simulates the whole of `graph`, in parallel.
    #[must_use]
    pub fn new(graph: &Graph, hazards: &Hazards, sample: Sample) -> Self {
        let cone = Cone::of(graph, graph.nodes());
        let simulation = Simulation { cone: &cone, hazards, sample };
        let by_node = |block: u32| {
            let mut rows = vec![[0; ROW_WORDS]; graph.len()];
            for (node, row) in cone.nodes().iter().zip(simulation.rows(block)) {
                rows[*node as usize] = row;
            }
            rows
        };
        let blocks: Vec<Vec<Row>> = (0..simulation.blocks()).into_par_iter().map(by_node).collect();
        let down = (0..graph.len()).map(|node| blocks.iter().map(|rows| count(&rows[node])).sum());
        let (down, shocks) = (down.collect(), hazards.shocks.clone());
        Self { sample, blocks, down, struck: by_struck(&shocks), shocks }
    }

    /// Brings all rows up to date after the needs or the own hazards of `changed` have become others; new nodes and
    /// other shocks are noticed. Returns whose figure changed, sorted. The result is that of [`new`](Self::new), bit for
    /// bit; the work grows with what the changes reach.
    pub fn update(&mut self, graph: &Graph, hazards: &Hazards, changed: &[NodeIx]) -> Vec<NodeIx> {
        let new = graph.nodes().skip(self.down.len());
        let mut seeds: Vec<NodeIx> = changed.iter().copied().chain(new).collect();
        self.down.resize(graph.len(), 0);
        self.blocks.iter_mut().for_each(|rows| rows.resize(graph.len(), [0; ROW_WORDS]));
        seeds.extend(self.take_shocks(&hazards.shocks));
        seeds.retain(|seed| (*seed as usize) < graph.len());
        let region = Region::reached(&CauseFlow, graph, &seeds);
        let order = Components::of(&region.starts, &region.inputs);
        let mut moved = vec![false; region.nodes.len()];
        let mut figures = Vec::new();
        for component in order.iter() {
            let must = |place: &u32| {
                region.is_seed(*place) || region.inputs(*place).iter().any(|input| moved[*input as usize])
            };
            if !component.iter().any(must) {
                continue;
            }
            let nodes: Vec<NodeIx> = component.iter().map(|place| region.nodes[*place as usize]).collect();
            let is_cycle = nodes.len() > 1 || component.iter().any(|place| region.inputs(*place).contains(place));
            let rows_moved = self.compute(graph, hazards, &nodes, is_cycle);
            for ((place, node), row_moved) in component.iter().zip(nodes).zip(rows_moved) {
                moved[*place as usize] = row_moved;
                let down = self.blocks.iter().map(|rows| count(&rows[node as usize])).sum();
                if mem::replace(&mut self.down[node as usize], down) != down {
                    figures.push(node);
                }
            }
        }
        figures.sort_unstable();
        figures
    }

    /// The probability that `node` is down.
    #[must_use]
    pub fn estimate(&self, node: NodeIx) -> Estimate {
        Estimate::from_hits(self.down.get(node as usize).copied().unwrap_or_default(), self.sample.scenarios)
    }

    /// Computes the rows of one component from nothing; returns for each of its `nodes` whether its row is another now.
    fn compute(&mut self, graph: &Graph, hazards: &Hazards, nodes: &[NodeIx], is_cycle: bool) -> Vec<bool> {
        let cone = Cone::default();
        let simulation = Simulation { cone: &cone, hazards, sample: self.sample };
        let needs: Vec<Vec<CountedNeed>> = nodes.iter().map(|node| counted_needs(graph, *node)).collect();
        let mut moved = vec![false; nodes.len()];
        for (block, rows) in (0..).zip(&mut self.blocks) {
            let own = nodes.iter().map(|node| {
                let mut row = simulation.own_row(*node, block);
                for shock in self.struck.get(node).into_iter().flatten() {
                    or(&mut row, &simulation.draw(&hazards.shocks[*shock].hazard, block));
                }
                row
            });
            let own: Vec<Row> = own.collect();
            let swap = |(node, own): (&NodeIx, Row)| mem::replace(&mut rows[*node as usize], own);
            let before: Vec<Row> = nodes.iter().zip(own).map(swap).collect();
            let mut changes = true;
            while changes {
                changes = false;
                for (node, needs) in nodes.iter().zip(&needs) {
                    let mut row = rows[*node as usize];
                    for (required, sources) in needs {
                        or(&mut row, &unmet(NeedView { required: *required, sources }, rows));
                    }
                    changes |= is_cycle && rows[*node as usize] != row;
                    rows[*node as usize] = row;
                }
            }
            for ((node, before), moved) in nodes.iter().zip(before).zip(&mut moved) {
                *moved |= rows[*node as usize] != before;
            }
        }
        moved
    }

    /// Takes over `shocks`; returns whom those struck or strike that are others now.
    fn take_shocks(&mut self, shocks: &[Shock]) -> Vec<NodeIx> {
        if self.shocks == shocks {
            return Vec::new();
        }
        let before = mem::replace(&mut self.shocks, shocks.to_vec());
        self.struck = by_struck(shocks);
        let gone = before.iter().filter(|shock| !shocks.contains(shock));
        let new = shocks.iter().filter(|shock| !before.contains(shock));
        gone.chain(new).flat_map(|shock| shock.nodes.iter().copied()).collect()
    }
}

fn by_struck(shocks: &[Shock]) -> FxHashMap<NodeIx, Vec<usize>> {
    let mut struck: FxHashMap<NodeIx, Vec<usize>> = FxHashMap::default();
    for (number, shock) in shocks.iter().enumerate() {
        shock.nodes.iter().for_each(|node| struck.entry(*node).or_default().push(number));
    }
    struck
}

/// The needs of `node` that something known can leave unmet: what is required, and the weight of each source by node.
fn counted_needs(graph: &Graph, node: NodeIx) -> Vec<CountedNeed> {
    let needs = graph.needs(node).iter().filter(|need| need.required_weight() > 0);
    needs.map(|need| (need.required_weight(), need.counted().collect())).collect()
}

//! Exposures that stay right as the network changes: every node's row is kept, and only rows whose inputs have changed
//! are computed again.

use super::{Hazards, NEVER, ROW_WORDS, Sample, ScenarioRow, Shock, add_all_down, add_unmet, count, or};
use crate::{
    causes::CauseFlow,
    components::StrongComponents,
    exposure::{Estimate, ROW_SCENARIOS},
    flow::ChangeRegion,
    graph::{Graph, NodeIx},
};
use rayon::prelude::*;
use std::mem;

/// The states of every node in every scenario of one sample: 256 bytes a node for each 2048 scenarios. It belongs to one
/// graph, which may change and grow, and the hazards with it.
#[derive(Clone, Debug, PartialEq)]
pub struct IncrementalExposures {
    sample: Sample,
    blocks: Vec<ScenarioBlock>,
    /// The shocks of the last update, to see which have changed.
    shocks: Vec<Shock>,
    struck: Struck,
}

/// 2048 scenarios.
#[derive(Clone, Debug, PartialEq)]
struct ScenarioBlock {
    number: u32,
    /// By node: who is down.
    rows: NodeRows,
    /// By node: in how many of them it is.
    down: Vec<u32>,
    /// By shock: where it happens.
    shocks: Vec<ScenarioRow>,
}

/// A row for every node. The system zeroes them page by page, when they are used.
#[derive(Clone, Debug, Default, PartialEq)]
struct NodeRows(Vec<u64>);

impl NodeRows {
    fn grow(&mut self, len: usize) {
        if self.0.is_empty() {
            self.0 = vec![0; len * ROW_WORDS];
        }
        self.0.resize(len * ROW_WORDS, 0);
    }

    fn all(&self) -> &[ScenarioRow] {
        self.0.as_chunks().0
    }

    fn row_mut(&mut self, node: NodeIx) -> &mut ScenarioRow {
        &mut self.0.as_chunks_mut().0[node as usize]
    }
}

impl IncrementalExposures {
    /// Simulates the whole of `graph`, in parallel.
    #[must_use]
    pub fn new(graph: &Graph, hazards: &Hazards, sample: Sample) -> Self {
        let blocks = 0..sample.scenarios.div_ceil(ROW_SCENARIOS);
        let blocks = blocks.map(|number| ScenarioBlock {
            number,
            rows: NodeRows::default(),
            down: Vec::new(),
            shocks: Vec::new(),
        });
        let (blocks, struck) = (blocks.collect(), Struck::by(&[]));
        let mut exposures = Self { sample, blocks, shocks: Vec::new(), struck };
        exposures.update(graph, hazards, &[]);
        exposures
    }

    /// Brings all rows up to date after the needs or the own hazards of `changed` have changed; new nodes and changed shocks are
    /// noticed. For a [`Network`](crate::Network), the result of [`settle`](crate::Network::settle) includes everybody whose
    /// needs changed. A node that changed and is not in `changed` keeps a wrong figure. Returns whose figure changed, sorted. The
    /// result is that of [`new`](Self::new), bit for bit; the work grows with what the changes reach.
    pub fn update(&mut self, graph: &Graph, hazards: &Hazards, changed: &[NodeIx]) -> Vec<NodeIx> {
        let known = self.blocks.first().map_or(0, |block| block.down.len());
        let new = graph.nodes().skip(known);
        let mut seeds: Vec<NodeIx> = changed.iter().copied().chain(new).collect();
        seeds.extend(self.take_shocks(&hazards.shocks));
        seeds.retain(|seed| (*seed as usize) < graph.len());
        let failures = Failures { hazards, sample: self.sample, struck: &self.struck };
        let order = || {
            let region = ChangeRegion::reached(&CauseFlow, graph, &seeds);
            let order = StrongComponents::of(&region.starts, &region.inputs);
            (region, order)
        };
        let admit = || self.blocks.par_iter_mut().for_each(|block| block.admit(graph.len(), failures));
        let ((region, order), ()) = rayon::join(order, admit);
        let work = BlockWork { graph, failures, region: &region, order: &order };
        let shifts: Vec<Vec<(NodeIx, i32)>> = self.blocks.par_iter_mut().map(|block| block.update(&work)).collect();
        let mut shifts: Vec<(NodeIx, i32)> = shifts.into_iter().flatten().collect();
        shifts.par_sort_unstable();
        // One block may gain what another loses.
        let of_nodes = shifts.chunk_by(|(one, _), (other, _)| one == other);
        let moved = of_nodes.filter(|shifts| shifts.iter().map(|(_, shift)| shift).sum::<i32>() != 0);
        moved.filter_map(|shifts| shifts.first()).map(|(node, _)| *node).collect()
    }

    /// The probability that `node` is down, as of the last update; 0 hits for a node that it did not have.
    #[must_use]
    pub fn estimate(&self, node: NodeIx) -> Estimate {
        let hits = self.blocks.iter().filter_map(|block| block.down.get(node as usize)).sum();
        Estimate::from_hits(hits, self.sample.scenarios)
    }

    /// Takes over `shocks`; returns the nodes that the changed ones struck or strike.
    fn take_shocks(&mut self, shocks: &[Shock]) -> Vec<NodeIx> {
        if self.shocks == shocks {
            return Vec::new();
        }
        let before = mem::replace(&mut self.shocks, shocks.to_vec());
        self.struck = Struck::by(shocks);
        for block in &mut self.blocks {
            let happens = |shock: &Shock| {
                let mut row = NEVER;
                shock.hazard.draw(self.sample, block.number, &mut row);
                row
            };
            block.shocks = shocks.iter().map(happens).collect();
        }
        let gone = before.iter().filter(|shock| !shocks.contains(shock));
        let new = shocks.iter().filter(|shock| !before.contains(shock));
        gone.chain(new).flat_map(|shock| shock.nodes.iter().copied()).collect()
    }
}

/// The hazards by which nodes fail, with their sample.
#[derive(Clone, Copy)]
struct Failures<'a> {
    hazards: &'a Hazards,
    sample: Sample,
    struck: &'a Struck,
}

impl Failures<'_> {
    /// Adds to `row` where `node` fails by itself in the block of this number, or by a shock, with the `shocks` in it.
    fn add_own(&self, node: NodeIx, block: u32, shocks: &[ScenarioRow], row: &mut ScenarioRow) {
        self.hazards.draw_own(node, self.sample, block, row);
        self.struck.of(node).iter().for_each(|shock| or(row, &shocks[*shock as usize]));
    }
}

/// What an update does to every block.
struct BlockWork<'a> {
    graph: &'a Graph,
    failures: Failures<'a>,
    region: &'a ChangeRegion,
    /// The components of the region, sources first.
    order: &'a StrongComponents,
}

/// What an update has done to one block.
struct BlockUpdate {
    /// By slot in the region: whether the row has changed.
    moved: Vec<bool>,
    /// By how much the number of scenarios changes in which a node is down.
    shifts: Vec<(NodeIx, i32)>,
}

impl ScenarioBlock {
    /// Makes room for the nodes `0..len`, and fills the rows of new ones with their own failures.
    fn admit(&mut self, len: usize, failures: Failures<'_>) {
        self.rows.grow(len);
        for node in (0..).take(len).skip(self.down.len()) {
            failures.add_own(node, self.number, &self.shocks, self.rows.row_mut(node));
        }
    }

    /// Computes the rows again that the work can change; returns how many more scenarios each node is down in.
    fn update(&mut self, work: &BlockWork<'_>) -> Vec<(NodeIx, i32)> {
        // Later ones have been admitted for this update.
        let known = self.down.len();
        self.down.resize(work.graph.len(), 0);
        let region = work.region;
        let mut done = BlockUpdate { moved: vec![false; region.nodes.len()], shifts: Vec::new() };
        for component in work.order.iter() {
            let must = |slot: &u32| {
                region.is_seed(*slot) || region.inputs(*slot).iter().any(|input| done.moved[*input as usize])
            };
            if !component.iter().any(must) {
                continue;
            }
            match component {
                [slot] if !region.inputs(*slot).contains(slot) => {
                    let node = region.nodes[*slot as usize];
                    let is_new = node as usize >= known;
                    let mut row = if is_new { *self.rows.row_mut(node) } else { self.own(work.failures, node) };
                    self.add_unmet(work, node, &mut row);
                    let before = mem::replace(self.rows.row_mut(node), row);
                    if is_new || before != row {
                        done.note(*slot, node, count(&row), &mut self.down);
                    }
                }
                _ => self.solve_cycle(work, component, known, &mut done),
            }
        }
        done.shifts
    }

    /// Computes the rows of one component from nothing until they no longer change.
    fn solve_cycle(&mut self, work: &BlockWork<'_>, component: &[u32], known: usize, done: &mut BlockUpdate) {
        let nodes: Vec<NodeIx> = component.iter().map(|slot| work.region.nodes[*slot as usize]).collect();
        let own: Vec<ScenarioRow> = nodes.iter().map(|node| self.own(work.failures, *node)).collect();
        let start = |(node, own): (&NodeIx, ScenarioRow)| mem::replace(self.rows.row_mut(*node), own);
        let before: Vec<ScenarioRow> = nodes.iter().zip(own).map(start).collect();
        let mut changes = true;
        while changes {
            changes = false;
            for node in &nodes {
                let mut row = self.rows.all()[*node as usize];
                self.add_unmet(work, *node, &mut row);
                changes |= mem::replace(self.rows.row_mut(*node), row) != row;
            }
        }
        for ((slot, node), before) in component.iter().zip(nodes).zip(before) {
            let now = &self.rows.all()[node as usize];
            if node as usize >= known || before != *now {
                done.note(*slot, node, count(now), &mut self.down);
            }
        }
    }

    /// Where `node` fails by itself or by a shock.
    fn own(&self, failures: Failures<'_>, node: NodeIx) -> ScenarioRow {
        let mut row = NEVER;
        failures.add_own(node, self.number, &self.shocks, &mut row);
        row
    }

    /// Adds to `row` where a need of `node` is not met.
    fn add_unmet(&self, work: &BlockWork<'_>, node: NodeIx, row: &mut ScenarioRow) {
        for need in work.graph.needs(node) {
            let (required, rows) = (need.required_share_bp.map(|_| need.required_weight()), self.rows.all());
            match required {
                Some(0) => {}
                Some(required) => add_unmet(row, required, need.counted(), rows),
                None => add_all_down(row, need.counted().map(|(supplier, _)| supplier), rows),
            }
        }
    }
}

impl BlockUpdate {
    /// Notes that the row at `slot` has changed, and that `node` is down in `count` scenarios now.
    fn note(&mut self, slot: u32, node: NodeIx, count: u32, down: &mut [u32]) {
        self.moved[slot as usize] = true;
        let before = mem::replace(&mut down[node as usize], count);
        if before != count {
            self.shifts.push((node, count.cast_signed() - before.cast_signed()));
        }
    }
}

/// By node: which shocks strike it.
#[derive(Clone, Debug, PartialEq)]
struct Struck {
    /// The shocks of node `n` are `shocks[starts[n]..starts[n + 1]]`.
    starts: Vec<usize>,
    shocks: Vec<u32>,
}

impl Struck {
    fn by(shocks: &[Shock]) -> Self {
        let nodes = || shocks.iter().flat_map(|shock| shock.nodes.iter().map(|node| *node as usize));
        let len = nodes().max().map_or(0, |last| last + 1);
        // Counts are stored one index later and then summed, so that each entry is where a node's shocks start.
        let mut starts = vec![0; len + 1];
        nodes().for_each(|node| starts[node + 1] += 1);
        for node in 0..len {
            starts[node + 1] += starts[node];
        }
        let mut free = starts.clone();
        let mut by_node = vec![0; nodes().count()];
        for (number, shock) in (0..).zip(shocks) {
            for node in &shock.nodes {
                by_node[free[*node as usize]] = number;
                free[*node as usize] += 1;
            }
        }
        Self { starts, shocks: by_node }
    }

    fn of(&self, node: NodeIx) -> &[u32] {
        let node = node as usize;
        self.starts.get(node + 1).map_or(&[], |end| &self.shocks[self.starts[node]..*end])
    }
}

//! Exposure: how likely every node is down within the horizon, by simulating many scenarios at once.
//!
//! The horizon is the one for which the caller's hazards have probabilities. An answer costs about as many steps as
//! there are sources upstream for each 2048 scenarios; its interval narrows with the square root of the scenarios.
//!
//! Scenario k is a bit; a node's state in 2048 scenarios is a row of bits, an any-one need an AND of its sources' down
//! rows, a threshold an addition of weights in bit planes, a node an OR. On cycles rows are computed until they no longer change.

mod incremental;

pub use incremental::IncrementalExposures;

use super::{
    graph::{Graph, NodeIx},
    random,
    upstream::Upstream,
};
use rayon::prelude::*;
use smallvec::SmallVec;
use std::convert::Infallible;

/// The default number of scenarios: a probability of one half is then known to ±0.015, one of 0.01 to ±0.003.
pub const SCENARIOS: u32 = 4096;

/// Words of 64 scenarios in a row. Wide rows hide the time of looking them up; two blocks make the default sample.
const ROW_WORDS: usize = 32;
pub(super) const ROW_SCENARIOS: u32 = 64 * ROW_WORDS as u32;

/// The states of one node in 2048 scenarios; a bit is set where it is down.
pub(super) type ScenarioRow = [u64; ROW_WORDS];
pub(super) const NEVER: ScenarioRow = [0; ROW_WORDS];

/// What can go wrong by itself. All hazards are independent, as long as no two have the same stream.
#[derive(Clone, Debug, Default)]
pub struct Hazards {
    /// Own failures, by node; nodes without one never fail by themselves, and those of nodes that the graph does not have are
    /// passed over.
    pub own: Vec<Hazard>,
    /// What strikes several nodes together; answers name a shock by its index in here.
    pub shocks: Vec<Shock>,
}

/// One independent event.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hazard {
    /// The probability that it happens within the horizon, 0 to 1. Less, or not a number, counts as 0, more as 1.
    pub probability: f64,
    /// Identifies its draws: [`stream`](super::random::stream) of a name. Two hazards of one stream happen together in the
    /// simulation, the less likely never without the other, while exact answers treat them as independent.
    pub stream: u64,
}

/// An event that brings down several nodes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shock {
    /// Its probability, with draws of its own: its stream must not be any node's.
    pub hazard: Hazard,
    /// The nodes that it brings down, each once; those that the graph does not have are passed over.
    pub nodes: Vec<NodeIx>,
}

/// How many scenarios, and of which series. Equal samples of equal networks give equal results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// How many scenarios, at least 1; multiples of 2048 make the best use of time. With 0, every probability is 0.
    pub scenarios: u32,
    /// Selects the series of random numbers: any number.
    pub seed: u64,
}

impl Default for Sample {
    fn default() -> Self {
        Self { scenarios: SCENARIOS, seed: 0 }
    }
}

/// A probability from a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The share of the scenarios, 0 to 1.
    pub probability: f64,
    /// Where the 95 % interval starts (Wilson 1927, which also holds near 0 and 1); at most the probability.
    pub low: f64,
    /// Where it ends; at least the probability, and above 0 even where no scenario was hit.
    pub high: f64,
}

impl Estimate {
    /// From `hits` in `scenarios`, at most as many; 0 scenarios count as 1.
    #[must_use]
    pub fn from_hits(hits: u32, scenarios: u32) -> Self {
        /// The 97.5 % quantile of the normal distribution.
        const Z: f64 = 1.959_963_984_540_054;
        let n = f64::from(scenarios.max(1));
        let probability = f64::from(hits) / n;
        let centre = probability + Z * Z / (2.0 * n);
        let spread = Z * (probability * (1.0 - probability) / n + Z * Z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + Z * Z / n;
        Self {
            probability,
            low: ((centre - spread) / scale).clamp(0.0, probability),
            high: ((centre + spread) / scale).clamp(probability, 1.0),
        }
    }
}

/// How often every node is down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DownCounts {
    /// How many scenarios there were.
    pub scenarios: u32,
    /// By node: in how many of them it is down.
    pub down: Vec<u32>,
}

impl DownCounts {
    /// The probability that `node` is down; 0 hits for one that was not simulated, or that the graph does not have.
    #[must_use]
    pub fn estimate(&self, node: NodeIx) -> Estimate {
        Estimate::from_hits(self.down.get(node as usize).copied().unwrap_or_default(), self.scenarios)
    }
}

/// Simulates the whole of `graph`, in parallel.
#[must_use]
pub fn exposure(graph: &Graph, hazards: &Hazards, sample: Sample) -> DownCounts {
    exposure_of(graph, graph.nodes(), hazards, sample)
}

/// Simulates `nodes` and what stands behind them, in parallel; for all others the answer is 0 scenarios down.
///
/// # Panics
/// When one of `nodes` is none of `graph`.
#[must_use]
pub fn exposure_of(
    graph: &Graph,
    nodes: impl IntoIterator<Item = NodeIx>,
    hazards: &Hazards,
    sample: Sample,
) -> DownCounts {
    let simulation = Simulation { upstream: &Upstream::of(graph, nodes), hazards, sample };
    let counts = |block: u32| -> Vec<u32> { simulation.rows(block).iter().map(count).collect() };
    let add = |mut one: Vec<u32>, other: Vec<u32>| {
        one.iter_mut().zip(other).for_each(|(one, other)| *one += other);
        one
    };
    let counts = (0..simulation.blocks()).into_par_iter().map(counts).reduce_with(add).unwrap_or_default();
    let mut down = vec![0; graph.len()];
    for (node, count) in simulation.upstream.nodes().iter().zip(counts) {
        down[*node as usize] = count;
    }
    DownCounts { scenarios: sample.scenarios, down }
}

/// The scenarios of one sample in one upstream part, block by block.
pub(super) struct Simulation<'a> {
    pub(super) upstream: &'a Upstream,
    pub(super) hazards: &'a Hazards,
    pub(super) sample: Sample,
}

impl Simulation<'_> {
    /// How many blocks of 2048 scenarios there are; the last may be smaller.
    pub(super) fn blocks(&self) -> u32 {
        self.sample.scenarios.div_ceil(ROW_SCENARIOS)
    }

    /// By slot: who is down in the scenarios of `block`.
    fn rows(&self, block: u32) -> Vec<ScenarioRow> {
        let mut rows = self.own_rows(block);
        let solved: Result<(), Infallible> = self.upstream.solve(&mut rows, |slot, rows| {
            // A node that is down stays down, so earlier results can be built upon.
            let mut row = rows[slot as usize];
            for need in self.upstream.needs(slot) {
                add_unmet(&mut row, need.required, need.sources.iter().copied(), rows);
            }
            Ok(row)
        });
        solved.unwrap_or_else(|never| match never {});
        rows
    }

    /// By slot: who has failed by itself or by a shock.
    fn own_rows(&self, block: u32) -> Vec<ScenarioRow> {
        let mut rows: Vec<ScenarioRow> = self.upstream.nodes().iter().map(|node| self.own_row(*node, block)).collect();
        for shock in &self.hazards.shocks {
            let struck = self.draw(&shock.hazard, block);
            for slot in shock.nodes.iter().filter_map(|node| self.upstream.slot(*node)) {
                or(&mut rows[slot as usize], &struck);
            }
        }
        rows
    }

    /// Where `node` has failed by itself.
    pub(super) fn own_row(&self, node: NodeIx, block: u32) -> ScenarioRow {
        let mut row = NEVER;
        self.hazards.draw_own(node, self.sample, block, &mut row);
        row
    }

    /// Where an event happens.
    pub(super) fn draw(&self, hazard: &Hazard, block: u32) -> ScenarioRow {
        let mut row = NEVER;
        hazard.draw(self.sample, block, &mut row);
        row
    }
}

impl Hazards {
    /// Sets in `row` where `node` fails by itself.
    fn draw_own(&self, node: NodeIx, sample: Sample, block: u32, row: &mut ScenarioRow) {
        if let Some(hazard) = self.own.get(node as usize) {
            hazard.draw(sample, block, row);
        }
    }
}

impl Hazard {
    /// Sets in `row` where it happens.
    fn draw(&self, sample: Sample, block: u32, row: &mut ScenarioRow) {
        random::draw(row, sample.seed, self.stream, u64::from(block), self.probability);
        let left = sample.scenarios.saturating_sub(block * ROW_SCENARIOS);
        if left < ROW_SCENARIOS {
            for (word, start) in row.iter_mut().zip((0..).step_by(64)) {
                *word &= first_bits(left.saturating_sub(start));
            }
        }
    }
}

/// In how many scenarios of the row it is down.
fn count(row: &ScenarioRow) -> u32 {
    // Bits are summed within each byte, for four words in parallel, so that no special instruction is needed. Nothing can wrap;
    // without checks for that, the compiler sums several words at once.
    let mut bytes = [0_u64; 4];
    for words in row.as_chunks::<4>().0 {
        for (sums, word) in bytes.iter_mut().zip(words) {
            let pairs = word.wrapping_sub(word >> 1 & 0x5555_5555_5555_5555);
            let nibbles = (pairs & 0x3333_3333_3333_3333).wrapping_add(pairs >> 2 & 0x3333_3333_3333_3333);
            *sums = sums.wrapping_add(nibbles.wrapping_add(nibbles >> 4) & 0x0f0f_0f0f_0f0f_0f0f);
        }
    }
    const { assert!(ROW_WORDS / 4 * 8 < 256, "a byte holds the sum of its bits over a row") };
    bytes.iter().flat_map(|sums| sums.to_le_bytes()).map(u32::from).sum()
}

fn first_bits(count: u32) -> u64 {
    if count >= 64 { u64::MAX } else { (1 << count) - 1 }
}

fn or(row: &mut ScenarioRow, other: &ScenarioRow) {
    row.iter_mut().zip(other).for_each(|(word, other)| *word |= other);
}

/// Sets in `row` where less than `required` of the weight of `sources` is up.
pub(super) fn add_unmet(
    row: &mut ScenarioRow,
    required: u64,
    sources: impl Iterator<Item = (u32, u64)> + Clone,
    rows: &[ScenarioRow],
) {
    let (mut total, mut least) = (0, u64::MAX);
    for (_, weight) in sources.clone() {
        total += weight;
        least = least.min(weight);
    }
    let spare = total - required;
    if spare < least {
        sources.for_each(|(source, _)| or(row, &rows[source as usize]));
    } else if required == 1 && least >= 1 {
        add_all_down(row, sources.map(|(source, _)| source), rows);
    } else {
        or(row, &lost_more_than(spare, sources, rows));
    }
}

/// Sets in `row` where all of `sources`, at least one, are down.
fn add_all_down(row: &mut ScenarioRow, mut sources: impl Iterator<Item = u32>, rows: &[ScenarioRow]) {
    let mut next = || sources.next().map(|source| &rows[source as usize]);
    match (next(), next(), next()) {
        (Some(one), None, _) => or(row, one),
        (Some(one), Some(other), None) => {
            row.iter_mut().zip(one).zip(other).for_each(|((word, one), other)| *word |= one & other);
        }
        (Some(one), Some(other), Some(third)) => {
            let mut all = *third;
            for down in [one, other].into_iter().chain(sources.map(|source| &rows[source as usize])) {
                all.iter_mut().zip(down).for_each(|(word, down)| *word &= down);
            }
            or(row, &all);
        }
        (None, ..) => {}
    }
}

/// Where the weights of those that are down add up to more than `spare`: the sum is kept in bit planes, the lowest
/// first.
fn lost_more_than(spare: u64, sources: impl Iterator<Item = (u32, u64)> + Clone, rows: &[ScenarioRow]) -> ScenarioRow {
    // Shares are mostly equal: counting in their greatest common divisor needs fewer planes.
    let unit = sources.clone().fold(0, |unit, (_, weight)| common_divisor(weight, unit)).max(1);
    let spare = spare / unit;
    let mut sum: SmallVec<[ScenarioRow; 4]> = SmallVec::new();
    for (source, weight) in sources {
        let weight = weight / unit;
        let down = &rows[source as usize];
        let mut carry = NEVER;
        let mut plane = 0;
        while weight >> plane != 0 || carry != NEVER {
            if sum.len() == plane {
                sum.push(NEVER);
            }
            let adds = weight >> plane & 1 == 1;
            for ((bit, carry), down) in sum[plane].iter_mut().zip(&mut carry).zip(down) {
                let added = if adds { *down } else { 0 };
                let before = *bit;
                *bit ^= added ^ *carry;
                *carry = (before & added) | (*carry & (before ^ added));
            }
            plane += 1;
        }
    }
    let mut more = NEVER;
    for (plane, bits) in sum.iter().enumerate() {
        // From the lowest plane up, so that a higher one overrules.
        let spare_bit = spare >> plane & 1 == 1;
        for (more, bit) in more.iter_mut().zip(bits) {
            *more = if spare_bit { *more & bit } else { *more | bit };
        }
    }
    // A spare weight with bits beyond all sums is never exceeded.
    if spare >> sum.len() == 0 { more } else { NEVER }
}

/// The greatest common divisor.
fn common_divisor(one: u64, other: u64) -> u64 {
    if one == 0 { other } else { common_divisor(other % one, one) }
}

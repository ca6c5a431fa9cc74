//! Attribution: every scenario in which a node is down is charged to its root causes, and the charges sum exactly.
//!
//! A scenario's charge starts at the node that is down and goes back along the cascade, tier by tier: a node that fell
//! passes it in equal parts to the needs that first ran short, a need to the sources that were down by then in
//! proportion to their weights, a node that failed by itself in equal parts to its own failure and the shocks that
//! struck it. Earlier tiers only, so it ends on cycles too.

use super::{
    cascade::{Cascade, Wiring},
    exposure::{Hazards, ROW_SCENARIOS, Sample, ScenarioRow, Simulation},
    graph::{Graph, NodeIx},
    upstream::Upstream,
};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::cmp::Reverse;

/// The charge of one scenario, 2^32 units: fine enough to be split many times; rounding loses no unit.
pub const SCENARIO_UNITS: u64 = 1 << 32;

/// What a scenario is charged to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RootCause {
    /// This node failed by itself.
    Node(NodeIx),
    /// The shock of this index in [`Hazards::shocks`], from 0.
    Shock(usize),
}

/// Why nodes are down, over all scenarios in which they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// How many scenarios there were.
    pub scenarios: u32,
    /// In how many the node is down; of several nodes, any of them.
    pub down: u32,
    /// The charge of each root cause, the greatest first; they sum to [`SCENARIO_UNITS`] times the weight of each node, over all
    /// scenarios in which it is down.
    pub charges: Vec<(RootCause, u64)>,
}

impl Attribution {
    /// The part of the node's probability of being down that `units` stand for, 0 to 1. The parts of all charges sum to that
    /// probability or, for several nodes, to the sum of their probabilities times their weights.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a figure to show; the units are the exact one")]
    pub fn probability(&self, units: u64) -> f64 {
        units as f64 / SCENARIO_UNITS as f64 / f64::from(self.scenarios.max(1))
    }
}

/// Simulates what stands behind `node`, in parallel, and charges every scenario in which it is down. The work grows
/// with the nodes that fall in each scenario: it is more than that of [`exposure_of`](super::exposure::exposure_of), on the
/// same scenarios.
///
/// # Panics
/// When `node` is none of `graph`.
#[must_use]
pub fn attribution(graph: &Graph, node: NodeIx, hazards: &Hazards, sample: Sample) -> Attribution {
    attribution_of_all(graph, &[(node, 1)], hazards, sample)
}

/// The same for several nodes at once, each with a weight: every scenario is run once for all of them.
///
/// The scenarios times the sum of the weights must stay below 2^32: beyond, a charge may overflow.
///
/// # Panics
/// When one of `nodes` is none of `graph`.
#[must_use]
pub fn attribution_of_all(graph: &Graph, nodes: &[(NodeIx, u64)], hazards: &Hazards, sample: Sample) -> Attribution {
    let upstream = &Upstream::of(graph, nodes.iter().map(|(node, _)| *node));
    let simulation = Simulation { upstream, hazards, sample };
    let wiring = Wiring::of(upstream, hazards);
    let ends: Vec<(u32, u64)> =
        nodes.iter().filter_map(|(node, weight)| Some((upstream.slot(*node)?, *weight))).collect();
    let charge = |block: u32| {
        let mut ledger =
            Charges { down: 0, own: vec![0; upstream.nodes().len()], shocks: vec![0; hazards.shocks.len()] };
        charge_block(&simulation, block, &ends, &mut Cascade::new(&wiring), &mut ledger);
        ledger
    };
    let ledger = (0..simulation.blocks()).into_par_iter().map(charge).reduce_with(Charges::add);
    let Charges { down, own, shocks } = ledger.unwrap_or_default();
    let own = upstream.nodes().iter().map(|node| RootCause::Node(*node)).zip(own);
    let mut charges: Vec<(RootCause, u64)> =
        own.chain((0..).map(RootCause::Shock).zip(shocks)).filter(|(_, units)| *units > 0).collect();
    charges.sort_by_key(|(root, units)| (Reverse(*units), *root));
    Attribution { scenarios: sample.scenarios, down, charges }
}

/// `ends` are slots with their weights.
fn charge_block(
    simulation: &Simulation<'_>,
    block: u32,
    ends: &[(u32, u64)],
    cascade: &mut Cascade<'_>,
    ledger: &mut Charges,
) {
    let own: Vec<ScenarioRow> =
        simulation.upstream.nodes().iter().map(|node| simulation.own_row(*node, block)).collect();
    let shocks: Vec<ScenarioRow> =
        simulation.hazards.shocks.iter().map(|shock| simulation.draw(&shock.hazard, block)).collect();
    for scenario in 0..ROW_SCENARIOS {
        let happens = |row: &ScenarioRow| row[scenario as usize / 64] >> (scenario % 64) & 1 == 1;
        cascade.run(own.iter().map(happens), shocks.iter().map(happens));
        ledger.charge(cascade, ends);
    }
}

/// The charges so far, in units.
#[derive(Default)]
struct Charges {
    down: u32,
    /// By slot.
    own: Vec<u64>,
    /// By shock.
    shocks: Vec<u64>,
}

impl Charges {
    /// Charges the scenario that `cascade` has run for those of `ends` that are down in it.
    fn charge(&mut self, cascade: &Cascade<'_>, ends: &[(u32, u64)]) {
        let mut owed: FxHashMap<u32, u64> = FxHashMap::default();
        for (slot, weight) in ends.iter().filter(|(slot, _)| cascade.is_down(*slot)) {
            *owed.entry(*slot).or_default() += weight * SCENARIO_UNITS;
        }
        let Some(last) = cascade.fallen().iter().rposition(|slot| owed.contains_key(slot)) else { return };
        self.down += 1;
        // Later tiers come first, since charges are passed on to earlier ones.
        for slot in cascade.fallen()[..=last].iter().rev() {
            let Some(units) = owed.remove(slot) else { continue };
            if cascade.began(*slot) {
                let (own, shocks) = cascade.events(*slot);
                let parts = split(units, &vec![1; usize::from(own) + shocks.len()]);
                let (own_part, shock_parts) = parts.split_at(usize::from(own));
                self.own[*slot as usize] += own_part.iter().sum::<u64>();
                shocks.iter().zip(shock_parts).for_each(|(shock, part)| self.shocks[*shock] += part);
                continue;
            }
            let needs = cascade.first_short(*slot);
            for (sources, part) in needs.iter().zip(split(units, &vec![1; needs.len()])) {
                let weights: Vec<u64> = sources.iter().map(|(_, weight)| *weight).collect();
                for ((source, _), part) in sources.iter().zip(split(part, &weights)) {
                    *owed.entry(*source).or_default() += part;
                }
            }
        }
    }

    fn add(mut self, other: Self) -> Self {
        self.down += other.down;
        self.own.iter_mut().zip(other.own).for_each(|(one, other)| *one += other);
        self.shocks.iter_mut().zip(other.shocks).for_each(|(one, other)| *one += other);
        self
    }
}

/// Splits `units` in proportion to `weights`; what rounding leaves over goes to the heaviest.
fn split(units: u64, weights: &[u64]) -> Vec<u64> {
    let all: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    let part = |weight: &u64| (u128::from(units) * u128::from(*weight)).checked_div(all).unwrap_or_default();
    let mut parts: Vec<u64> = weights.iter().map(|weight| u64::try_from(part(weight)).unwrap_or(units)).collect();
    let left = units - parts.iter().sum::<u64>();
    if let Some(heaviest) = (0..parts.len()).rev().max_by_key(|slot| weights[*slot]) {
        parts[heaviest] += left;
    }
    parts
}

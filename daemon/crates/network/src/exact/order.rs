//! Orders of events: a diagram's size depends on the order in which events are decided, and no rule finds the best one.
//! Several are tried.

use super::{
    budget::Budget,
    formula::{Formula, GateIx},
    modules::Local,
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;

/// How often each leaf is moved to the middle of what it is connected with.
const FORCE_ROUNDS: usize = 60;

/// Most words of 64 gates for the table of which gates are above which leaves: 64 MiB.
const MAX_ABOVE_WORDS: usize = 1 << 23;

/// A leaf with more uses than this is common: a shock, or a supplier of many.
const COMMON_USES: u32 = 3;

/// The orders of a module's leaves to try, the most promising first, each once. Orders for which the caller does not want to
/// wait are left out.
pub(super) fn orders(formula: &Formula, local: &Local, budget: Budget<'_>) -> Vec<Vec<GateIx>> {
    let shape = FormulaShape::of(formula, local);
    let walks = shape.walks();
    let others = [
        shape.common_first(&walks[0]),
        shape.common_first(&walks[1]),
        shape.widest_first(&walks[0]),
        shape.widest_first(&walks[1]),
        shape.force(&walks[0], budget),
        shape.force(&walks[1], budget),
    ];
    each_once(walks.into_iter().chain(others))
}

/// The cheapest of these orders.
pub(super) fn walks(formula: &Formula, local: &Local) -> Vec<Vec<GateIx>> {
    let [first, second, ..] = FormulaShape::of(formula, local).walks();
    each_once([first, second].into_iter())
}

fn each_once(orders: impl Iterator<Item = Vec<GateIx>>) -> Vec<Vec<GateIx>> {
    let mut kept: Vec<Vec<GateIx>> = Vec::new();
    for order in orders {
        if !kept.contains(&order) {
            kept.push(order);
        }
    }
    kept
}

struct FormulaShape<'f> {
    formula: &'f Formula,
    local: &'f Local,
    /// How many leaves are below, each counted as often as it is used.
    size: FxHashMap<GateIx, u64>,
    /// How many gates are between it and the furthest leaf.
    depth: FxHashMap<GateIx, u64>,
    /// How many gates it is an input of.
    uses: FxHashMap<GateIx, u32>,
}

impl<'f> FormulaShape<'f> {
    fn of(formula: &'f Formula, local: &'f Local) -> Self {
        let mut size: FxHashMap<GateIx, u64> = local.leaves.iter().map(|leaf| (*leaf, 1)).collect();
        let mut depth: FxHashMap<GateIx, u64> = local.leaves.iter().map(|leaf| (*leaf, 0)).collect();
        let mut uses: FxHashMap<GateIx, u32> = FxHashMap::default();
        for gate in &local.gates {
            uses.entry(*gate).or_default();
            let (mut below, mut deepest) = (0_u64, 0);
            for input in formula.gate(*gate).inputs() {
                *uses.entry(input).or_default() += 1;
                below = below.saturating_add(size[&input]);
                deepest = deepest.max(depth[&input] + 1);
            }
            size.insert(*gate, below);
            depth.insert(*gate, deepest);
        }
        Self { formula, local, size, depth, uses }
    }

    fn walks(&self) -> [Vec<GateIx>; 5] {
        [
            self.walk(|_| 0),
            self.walk(|gate| self.size[&gate]),
            self.walk(|gate| u64::MAX - self.size[&gate]),
            self.walk(|gate| u64::MAX - u64::from(self.uses[&gate])),
            self.walk(|gate| self.depth[&gate]),
        ]
    }

    /// The leaves in the order in which a walk from the top first visits them, with the inputs of a gate sorted by `key`.
    fn walk(&self, key: impl Fn(GateIx) -> u64) -> Vec<GateIx> {
        let mut order = Vec::with_capacity(self.local.leaves.len());
        let mut met: FxHashSet<GateIx> = FxHashSet::default();
        let mut waiting: Vec<GateIx> = self.local.gates.last().copied().into_iter().collect();
        while let Some(gate) = waiting.pop() {
            if !met.insert(gate) {
                continue;
            }
            if self.local.leaves.contains(&gate) {
                order.push(gate);
                continue;
            }
            let mut inputs: Vec<GateIx> = self.formula.gate(gate).inputs().collect();
            inputs.sort_by_key(|input| key(*input));
            waiting.extend(inputs.into_iter().rev());
        }
        order
    }

    /// `order`, with the leaves that many gates use before all others: once a shock is decided, it no longer connects what it
    /// strikes.
    fn common_first(&self, order: &[GateIx]) -> Vec<GateIx> {
        let mut order = order.to_vec();
        order.sort_by_key(|leaf| {
            let uses = self.uses[leaf];
            Reverse(if uses > COMMON_USES { uses } else { 0 })
        });
        order
    }

    /// `order`, with the leaves below the most gates before all others: what supports many systems is decided before the systems,
    /// which are then no longer connected. `order` itself where finding that out takes too much memory.
    fn widest_first(&self, order: &[GateIx]) -> Vec<GateIx> {
        let positions: FxHashMap<GateIx, usize> = self.local.gates.iter().copied().zip(0..).collect();
        let words = self.local.gates.len().div_ceil(64);
        if words * (self.local.gates.len() + self.local.leaves.len()) > MAX_ABOVE_WORDS {
            return order.to_vec();
        }
        // By gate and leaf: the gates above it, a bit for each.
        let mut above: FxHashMap<GateIx, Vec<u64>> = FxHashMap::default();
        for gate in self.local.gates.iter().rev() {
            let mut its = above.get(gate).cloned().unwrap_or_else(|| vec![0; words]);
            its[positions[gate] / 64] |= 1 << (positions[gate] % 64);
            for input in self.formula.gate(*gate).inputs() {
                let below = above.entry(input).or_insert_with(|| vec![0; words]);
                below.iter_mut().zip(&its).for_each(|(word, its)| *word |= its);
            }
        }
        let width = |leaf: &GateIx| above.get(leaf).map_or(0, |above| above.iter().map(|word| word.count_ones()).sum());
        let mut order = order.to_vec();
        order.sort_by_key(|leaf| Reverse::<u32>(width(leaf)));
        order
    }

    /// `order`, with each leaf moved to the middle of the gates that use it (Aloul, Markov and Sakallah, "FORCE", 2003).
    #[expect(clippy::cast_precision_loss, reason = "positions need no more than their order")]
    fn force(&self, order: &[GateIx], budget: Budget<'_>) -> Vec<GateIx> {
        let mut position: FxHashMap<GateIx, f64> =
            order.iter().enumerate().map(|(position, leaf)| (*leaf, position as f64)).collect();
        let mut ordered: Vec<GateIx> = order.to_vec();
        for gate in &self.local.gates {
            let middle = self.middle(*gate, &position);
            position.insert(*gate, middle);
            ordered.push(*gate);
        }
        for _ in 0..FORCE_ROUNDS {
            if budget.go_on().is_err() {
                break;
            }
            let mut pulled: FxHashMap<GateIx, (f64, u32)> = FxHashMap::default();
            for gate in &self.local.gates {
                let middle = f64::midpoint(self.middle(*gate, &position), position[gate]);
                for member in self.formula.gate(*gate).inputs().chain([*gate]) {
                    let pull = pulled.entry(member).or_default();
                    *pull = (pull.0 + middle, pull.1 + 1);
                }
            }
            let target = |member: &GateIx| pulled.get(member).map_or(0.0, |(sum, count)| sum / f64::from(*count));
            ordered.sort_by(|one, other| target(one).total_cmp(&target(other)));
            for (number, member) in ordered.iter().enumerate() {
                position.insert(*member, number as f64);
            }
        }
        ordered.retain(|member| self.local.leaves.contains(member));
        ordered
    }

    fn middle(&self, gate: GateIx, position: &FxHashMap<GateIx, f64>) -> f64 {
        let (mut sum, mut count) = (0.0, 0_u32);
        for input in self.formula.gate(gate).inputs() {
            sum += position[&input];
            count += 1;
        }
        sum / f64::from(count.max(1))
    }
}

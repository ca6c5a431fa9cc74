//! Exact answers: the probability that a node is down, how much each cause matters, and how many minimal cut sets there
//! are, from binary decision diagrams.
//!
//! What brings a node down becomes one formula over independent events (`formula`; cycles are followed until all that
//! can fall has fallen), which is then simplified. It falls apart into modules that share no event with the rest
//! (`modules`). For probabilities each becomes a part of one circuit (`compile`, `circuit`): by a diagram, in the first of
//! several orders in which it is small enough (`plan`, `order`, `bdd`, `diagram`), in one that is improved while the
//! diagram grows (`bdd::sift`), or divided. For cut sets each becomes a diagram (`counts`). A node limit and the caller's
//! patience bound the work; past them the answer says why there is none.
//!
//! "Exact" means up to the rounding of `f64`: no scenario is drawn. Every question starts its own threads, one for each
//! core, each with 1 GiB of address space for its stack, of which only what is used takes memory. So do not ask from within
//! a task of rayon: its thread would take up other tasks while it waits.

mod bdd;
mod budget;
mod circuit;
mod compile;
mod counts;
mod diagram;
mod formula;
mod modules;
mod order;
mod plan;
mod threshold;

use super::{
    attribution::RootCause,
    cuts::CutSet,
    exposure::Hazards,
    graph::{Graph, NodeIx},
    upstream::Upstream,
};
use budget::STACK_BYTES;
pub use budget::{Budget, DIAGRAM_NODES, MAX_FORMULA_GATES, MAX_MODULE_LEAVES, NotExact};
use circuit::{Circuit, CircuitIx};
use compile::{CompileSchedule, compile};
use counts::{CutSetCounts, Solutions};
use diagram::Diagram;
use formula::{Formula, Gate, GateIx};
use modules::{Local, modularised};
use rayon::ThreadPoolBuilder;
use rustc_hash::FxHashMap;

/// What one cause means for a node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Importance {
    /// The node that fails by itself, or the shock.
    pub root: RootCause,
    /// Birnbaum: the node's probability of being down if this cause happens, less that if it does not; 0 to 1.
    pub birnbaum: f64,
    /// Fussell–Vesely: the part of the node's probability that would go away if this cause never happened; 0 to 1, and 0 when
    /// the probability is. Those of all causes may sum to more than 1.
    pub fussell_vesely: f64,
}

/// An exact answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Exact {
    /// The probability that the node is down within the hazards' horizon, by itself or because of others; 0 to 1.
    pub probability: f64,
    /// The importance of every cause upstream that can happen: the greatest Fussell–Vesely first, then the greatest
    /// Birnbaum, then by root.
    pub importance: Vec<Importance>,
}

/// The minimal cut sets of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CutSets {
    /// How many there are of each order, in nodes; index 0 is order 1. A count stops at `u128::MAX`.
    pub counts: Vec<u128>,
    /// Some of them, by size and node: all when there are no more than asked for, else as many as asked for, not always the
    /// smallest.
    pub sets: Vec<CutSet>,
}

/// The exact probability that `node` is down, and what each cause means for it.
///
/// # Errors
/// [`NotExact`] when it takes more than `budget`.
///
/// # Panics
/// When `node` is none of `graph`.
pub fn exact(graph: &Graph, node: NodeIx, hazards: &Hazards, budget: Budget<'_>) -> Result<Exact, NotExact> {
    exact_by(graph, node, hazards, CompileSchedule::within(budget), budget)
}

/// The same, for tests, dividing everything that is shared.
#[cfg(test)]
pub(super) fn exact_by_dividing(graph: &Graph, node: NodeIx, hazards: &Hazards) -> Result<Exact, NotExact> {
    exact_by(graph, node, hazards, CompileSchedule::dividing_always(), Budget::default())
}

/// The same, for tests, improving the order of every diagram all the time.
#[cfg(test)]
pub(super) fn exact_by_sifting(graph: &Graph, node: NodeIx, hazards: &Hazards) -> Result<Exact, NotExact> {
    exact_by(graph, node, hazards, CompileSchedule::sifting_always(), Budget::default())
}

fn exact_by(
    graph: &Graph,
    node: NodeIx,
    hazards: &Hazards,
    ways: CompileSchedule,
    budget: Budget<'_>,
) -> Result<Exact, NotExact> {
    deep(|| {
        let upstream = Upstream::of(graph, [node]);
        let Some(root) = upstream.slot(node) else { return Ok(Exact { probability: 0.0, importance: Vec::new() }) };
        let events = Events::of(&upstream, hazards);
        let (formula, top) = formula::down(&upstream, root, &|slot| events.by_slot[slot as usize].clone(), budget)?;
        let (circuit, index) = compile(&formula, top, events.roots.len(), ways, budget)?;
        Ok(events.exact(&circuit, index))
    })
}

/// The minimal cut sets of `node` of up to `order` nodes, of those for whom `can_fail`; `node` itself is left out.
/// At most `listed_max` are listed, all are counted. Shocks and probabilities do not matter here.
///
/// # Errors
/// [`NotExact`] when it takes more than `budget`.
///
/// # Panics
/// When `order` is 0, or `node` is none of `graph`.
pub fn cut_sets(
    graph: &Graph,
    node: NodeIx,
    can_fail: &(dyn Fn(NodeIx) -> bool + Sync),
    order: usize,
    listed_max: usize,
    budget: Budget<'_>,
) -> Result<CutSets, NotExact> {
    deep(|| {
        let upstream = Upstream::of(graph, [node]);
        let Some(root) = upstream.slot(node) else { return Ok(CutSets { counts: vec![0; order], sets: Vec::new() }) };
        let own = |slot: u32| {
            let member = upstream.nodes()[slot as usize];
            if member != node && can_fail(member) { vec![slot] } else { Vec::new() }
        };
        let (formula, top) = formula::down(&upstream, root, &own, budget)?;
        ModularFormula::of(&formula, top, budget)?.cut_sets(&upstream, order, listed_max, budget)
    })
}

/// Runs in a pool with deep stacks. Do not call it from a worker of another pool of rayon, which would take up other work while
/// it waits.
fn deep<T: Send>(run: impl FnOnce() -> Result<T, NotExact> + Send) -> Result<T, NotExact> {
    let pool = ThreadPoolBuilder::new().stack_size(STACK_BYTES).build();
    pool.map_err(|_| NotExact::Stack)?.install(run)
}

/// What can happen by itself within an upstream part.
struct Events {
    /// By event.
    roots: Vec<(RootCause, f64)>,
    /// By slot.
    by_slot: Vec<Vec<u32>>,
}

impl Events {
    fn of(upstream: &Upstream, hazards: &Hazards) -> Self {
        let mut events = Self { roots: Vec::new(), by_slot: vec![Vec::new(); upstream.nodes().len()] };
        for (slot, node) in upstream.nodes().iter().enumerate() {
            let probability = hazards.own.get(*node as usize).map_or(0.0, |hazard| hazard.probability);
            if probability > 0.0 {
                events.by_slot[slot].push(number(events.roots.len()));
                events.roots.push((RootCause::Node(*node), probability.min(1.0)));
            }
        }
        for (shock, struck) in hazards.shocks.iter().enumerate().filter(|(_, shock)| shock.hazard.probability > 0.0) {
            let event = number(events.roots.len());
            let mut slots: Vec<u32> = struck.nodes.iter().filter_map(|node| upstream.slot(*node)).collect();
            slots.sort_unstable();
            slots.dedup();
            if !slots.is_empty() {
                slots.into_iter().for_each(|slot| events.by_slot[slot as usize].push(event));
                events.roots.push((RootCause::Shock(shock), struck.hazard.probability.min(1.0)));
            }
        }
        events
    }

    fn exact(&self, circuit: &Circuit, root: CircuitIx) -> Exact {
        let probabilities = circuit.probabilities(|event| self.roots[event as usize].1);
        let probability = probabilities[root as usize];
        let slopes = circuit.slopes(root, &probabilities, self.roots.len());
        let importance = |((root, own), birnbaum): (&(RootCause, f64), f64)| {
            let fussell_vesely = if probability > 0.0 { own * birnbaum / probability } else { 0.0 };
            Importance { root: *root, birnbaum, fussell_vesely }
        };
        let mut importance: Vec<Importance> = self.roots.iter().zip(slopes).map(importance).collect();
        importance.sort_by(|one, other| {
            let by_part = other.fussell_vesely.total_cmp(&one.fussell_vesely);
            by_part.then(other.birnbaum.total_cmp(&one.birnbaum)).then(one.root.cmp(&other.root))
        });
        Exact { probability, importance }
    }
}

/// A formula in modules, each with its diagram.
struct ModularFormula {
    formula: Formula,
    top: GateIx,
    /// Inputs first; the top is the last, unless it is an event or never.
    diagrams: Vec<(GateIx, Diagram)>,
}

impl ModularFormula {
    fn of(formula: &Formula, top: GateIx, budget: Budget<'_>) -> Result<Self, NotExact> {
        let (formula, top) = formula.simplified(top, budget)?;
        let (formula, top) = modularised(&formula, top)?;
        let is_module = modules::modules(&formula, top);
        let mut diagrams = Vec::new();
        for gate in 0..=top {
            let is_event = matches!(formula.gate(gate), Gate::Event(_) | Gate::False | Gate::True);
            if is_module[gate as usize] && !is_event {
                let local = Local::of(&formula, gate, &is_module);
                diagrams.push((gate, Diagram::of(&formula, gate, &local, budget)?));
            }
        }
        Ok(Self { formula, top, diagrams })
    }

    fn cut_sets(
        &self,
        upstream: &Upstream,
        order: usize,
        listed_max: usize,
        budget: Budget<'_>,
    ) -> Result<CutSets, NotExact> {
        let mut counts: FxHashMap<GateIx, CutSetCounts> = FxHashMap::default();
        let mut solutions: FxHashMap<GateIx, Solutions> = FxHashMap::default();
        let mut event = vec![0; order + 1];
        event[1] = 1;
        let none = vec![0; order + 1];
        let own = |gate: GateIx| if matches!(self.formula.gate(gate), Gate::Event(_)) { &event } else { &none };
        for (gate, diagram) in &self.diagrams {
            let of_leaf = |leaf: GateIx| counts.get(&leaf).unwrap_or_else(|| own(leaf)).clone();
            // A leaf without any set that is small enough contributes none.
            let least = |leaf: GateIx| of_leaf(leaf).iter().position(|count| *count > 0).unwrap_or(order + 1);
            let found = Solutions::of(diagram, order, &least, budget)?;
            let counted = found.counts(order, &of_leaf);
            solutions.insert(*gate, found);
            counts.insert(*gate, counted);
        }
        let counted = counts.get(&self.top).unwrap_or_else(|| own(self.top));
        let mut sets: Vec<CutSet> = Vec::new();
        for mut set in self.listed(self.top, order, listed_max, &solutions) {
            set.sort_unstable();
            sets.push(set.into_iter().map(|slot| upstream.nodes()[slot as usize]).collect());
        }
        sets.iter_mut().for_each(|set| set.sort_unstable());
        sets.sort_by(|one, other| one.len().cmp(&other.len()).then_with(|| one.cmp(other)));
        Ok(CutSets { counts: counted[1..].to_vec(), sets })
    }

    /// Up to `limit` sets of `gate` in events, each of at most `order`.
    fn listed(
        &self,
        gate: GateIx,
        order: usize,
        limit: usize,
        solutions: &FxHashMap<GateIx, Solutions>,
    ) -> Vec<Vec<u32>> {
        if let Gate::Event(event) = self.formula.gate(gate) {
            return [vec![*event]].into_iter().take(limit).collect();
        }
        let Some(own) = solutions.get(&gate) else { return Vec::new() };
        let least = |leaf: &GateIx| solutions.get(leaf).map_or(1, Solutions::least);
        let mut all: Vec<Vec<u32>> = Vec::new();
        for leaves in own.sets(order, limit) {
            let mut products: Vec<Vec<u32>> = vec![Vec::new()];
            // Reserved for the leaves to come, so that whatever is kept can be completed.
            let mut reserved: usize = leaves.iter().map(least).sum();
            for leaf in leaves {
                reserved -= least(&leaf);
                let mut known: FxHashMap<usize, Vec<Vec<u32>>> = FxHashMap::default();
                let mut joined = Vec::new();
                for one in &products {
                    let room = order - one.len() - reserved;
                    let inner = known.entry(room).or_insert_with(|| self.listed(leaf, room, limit, solutions));
                    joined.extend(inner.iter().take(limit - joined.len()).map(|other| [&one[..], other].concat()));
                }
                products = joined;
            }
            all.extend(products);
            if all.len() >= limit {
                all.truncate(limit);
                break;
            }
        }
        all
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or_else(|_| unreachable!("events are fewer than the gates' limit"))
}

//! Binary decision diagrams: built in a forest, then kept as a plain list, inputs first.

use super::{
    Effort, NotExact,
    forest::{Edge, Forest, Stop},
    formula::{Formula, Gate, GateIx},
    modules::Local,
    order::orders,
    plan::{Plan, Step, StepIx},
};
use rayon::iter::{IndexedParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _};
use rustc_hash::FxHashMap;
use std::{
    cmp::Reverse,
    sync::atomic::{AtomicUsize, Ordering},
};

/// How many leaves one module may have: the recursion of the diagrams' operations goes as deep.
pub const MODULE_LEAVES_MAX: usize = 50_000;
/// How many nodes each order may take before the next is tried, and whether all orders are or the better half of them.
const STAGES: [(usize, bool); 4] = [(1 << 13, true), (1 << 17, false), (1 << 20, false), (1 << 23, true)];
/// How many nodes the diagrams that are built at the same time may have together, or one alone if it may have more.
const NODES_AT_ONCE: usize = 1 << 25;

/// A node of a [`Diagram`] by number, or one of the two ends.
pub(super) type Link = u32;
/// The end where the module is not down.
pub(super) const UP: Link = 0;
/// The end where it is.
pub(super) const DOWN: Link = 1;

/// Whether a module is down, leaf after leaf.
pub(super) struct Diagram {
    /// The leaves, by level.
    pub(super) leaves: Vec<GateIx>,
    /// The nodes, inputs first; number 2 is the first.
    nodes: Vec<Node>,
    pub(super) root: Link,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Node {
    pub(super) level: u32,
    /// Where it goes on when the leaf is down.
    pub(super) down: Link,
    /// And when it is up.
    pub(super) up: Link,
}

impl Diagram {
    /// Builds the diagram of a module, trying one order after another with more and more nodes.
    pub(super) fn of(formula: &Formula, module: GateIx, local: &Local, effort: Effort<'_>) -> Result<Self, NotExact> {
        if let Some(simple) = Self::of_one_gate(formula, module, local) {
            return Ok(simple);
        }
        let mut search = Search::new(formula, local, orders(formula, local), effort)?;
        for (nodes, tries_all) in stages(effort) {
            if let Some(diagram) = search.within(nodes, tries_all)? {
                return Ok(diagram);
            }
        }
        Err(NotExact::Nodes { limit: effort.nodes })
    }

    /// A gate right above its leaves is a chain of them.
    fn of_one_gate(formula: &Formula, module: GateIx, local: &Local) -> Option<Self> {
        let [_] = local.gates[..] else { return None };
        let (leaves, is_any) = match formula.gate(module) {
            Gate::Any(inputs) => (inputs.to_vec(), true),
            Gate::All(inputs) => (inputs.to_vec(), false),
            _ => return None,
        };
        let mut diagram = Self { leaves, nodes: Vec::new(), root: if is_any { UP } else { DOWN } };
        for level in (0..).take(diagram.leaves.len()).collect::<Vec<u32>>().into_iter().rev() {
            let (down, up) = if is_any { (DOWN, diagram.root) } else { (diagram.root, UP) };
            diagram.root = diagram.push(Node { level, down, up });
        }
        Some(diagram)
    }

    fn push(&mut self, node: Node) -> Link {
        self.nodes.push(node);
        u32::try_from(self.nodes.len() + 1).unwrap_or(u32::MAX)
    }

    /// The nodes with their numbers, inputs first.
    pub(super) fn nodes(&self) -> impl DoubleEndedIterator<Item = (Link, Node)> + '_ {
        self.nodes.iter().enumerate().map(|(place, node)| (u32::try_from(place + 2).unwrap_or(u32::MAX), *node))
    }

    pub(super) fn node(&self, link: Link) -> Option<Node> {
        self.nodes.get((link as usize).checked_sub(2)?).copied()
    }
}

/// With how many nodes orders are tried, one after the other, and whether all of them: at last with all that the effort allows.
pub(super) fn stages(effort: Effort<'_>) -> impl Iterator<Item = (usize, bool)> {
    STAGES.into_iter().filter(move |(nodes, _)| *nodes < effort.nodes).chain([(effort.nodes, true)])
}

/// The search for an order in which a module's diagram is small enough.
pub(super) struct Search<'s> {
    plan: Plan,
    effort: Effort<'s>,
    /// Those that came furthest go first.
    orders: Vec<Vec<GateIx>>,
}

impl<'s> Search<'s> {
    pub(super) fn new(
        formula: &Formula,
        local: &Local,
        orders: Vec<Vec<GateIx>>,
        effort: Effort<'s>,
    ) -> Result<Self, NotExact> {
        if local.leaves.len() > MODULE_LEAVES_MAX {
            return Err(NotExact::Leaves);
        }
        Ok(Self { plan: Plan::of(formula, local)?, effort, orders })
    }

    /// A diagram of at most `nodes` in any of the orders, or the better half of them.
    pub(super) fn within(&mut self, nodes: usize, tries_all: bool) -> Result<Option<Diagram>, NotExact> {
        if nodes == 0 {
            return Ok(None);
        }
        let tried = if tries_all { self.orders.len() } else { self.orders.len().div_ceil(2) };
        let effort = self.effort;
        // On all cores. The first in their order counts, however the others raced, so that every run answers the same.
        let first = AtomicUsize::new(usize::MAX);
        let attempt = |(place, order): (usize, &Vec<GateIx>)| {
            let is_outrun = || first.load(Ordering::Relaxed) < place;
            let give_up = || is_outrun() || (effort.give_up)();
            let effort = Effort { nodes, give_up: &give_up };
            let done = Attempt::new(&self.plan, order, effort).run();
            if done.is_ok() {
                first.fetch_min(place, Ordering::Relaxed);
            }
            done
        };
        let mut steps_done = Vec::with_capacity(tried);
        for orders in self.orders[..tried].chunks((NODES_AT_ONCE / nodes).max(1)) {
            let attempts: Vec<Result<Diagram, Failure>> = orders.par_iter().enumerate().map(attempt).collect();
            for attempt in attempts {
                match attempt {
                    Ok(diagram) => return Ok(Some(diagram)),
                    Err(Failure::GivenUp) => return Err(NotExact::GivenUp),
                    Err(Failure::Full { steps }) => steps_done.push(steps),
                }
            }
        }
        let mut reached: Vec<(usize, Vec<GateIx>)> = steps_done.into_iter().zip(self.orders.drain(..tried)).collect();
        reached.sort_by_key(|(steps, _)| Reverse(*steps));
        self.orders.splice(..0, reached.into_iter().map(|(_, order)| order));
        Ok(None)
    }
}

enum Failure {
    /// The nodes that were allowed did not suffice; so many steps were done.
    Full { steps: usize },
    /// The caller wants to wait no longer.
    GivenUp,
}

/// One order, with so many nodes at most.
struct Attempt<'a> {
    plan: &'a Plan,
    order: &'a [GateIx],
    forest: Forest<'a>,
    /// By step: when it is down, as long as another needs it.
    functions: Vec<Option<Edge>>,
    effort: Effort<'a>,
}

impl<'a> Attempt<'a> {
    fn new(plan: &'a Plan, order: &'a [GateIx], effort: Effort<'a>) -> Self {
        let functions = vec![None; plan.steps.len()];
        Self { plan, order, forest: Forest::new(effort), functions, effort }
    }

    fn run(mut self) -> Result<Diagram, Failure> {
        let levels: FxHashMap<GateIx, u32> = self.order.iter().copied().zip(0..).collect();
        let mut uses = self.plan.uses.clone();
        for (place, step) in self.plan.steps.iter().enumerate() {
            let function = match step {
                Step::Never => Ok(Edge::NEVER),
                Step::Leaf(leaf) => self.forest.leaf(levels[leaf]),
                Step::Any(inputs) => self.fold(inputs, Forest::any),
                Step::All(inputs) => self.fold(inputs, Forest::all),
            };
            self.functions[place] = Some(function.map_err(|stop| match stop {
                Stop::Full => Failure::Full { steps: place },
                Stop::GivenUp => Failure::GivenUp,
            })?);
            for input in step.inputs() {
                uses[*input] -= 1;
                if uses[*input] == 0 {
                    self.functions[*input] = None;
                }
            }
        }
        let function = self.functions[self.plan.module].unwrap_or(Edge::NEVER);
        let diagram = Diagram { leaves: self.order.to_vec(), nodes: Vec::new(), root: UP };
        let mut export = Export { forest: &self.forest, diagram, links: FxHashMap::default() };
        export.diagram.root = export.link(function);
        Ok(export.diagram)
    }

    /// Joins the functions of `inputs`.
    fn fold(
        &mut self,
        inputs: &[StepIx],
        join: fn(&mut Forest<'a>, Edge, Edge) -> Result<Edge, Stop>,
    ) -> Result<Edge, Stop> {
        // From the last level up: what has been joined lies below what comes.
        let mut functions: Vec<Edge> = inputs.iter().filter_map(|input| self.functions[*input]).collect();
        functions.sort_by_key(|function| Reverse(self.forest.node(*function).level));
        let mut functions = functions.into_iter();
        let mut joined = functions.next().unwrap_or(Edge::NEVER);
        for function in functions {
            if (self.effort.give_up)() {
                return Err(Stop::GivenUp);
            }
            joined = match join(&mut self.forest, joined, function) {
                Err(Stop::Full) => {
                    self.forest.collect(self.functions.iter().flatten().copied().chain([joined]));
                    if self.forest.is_crowded() {
                        return Err(Stop::Full);
                    }
                    join(&mut self.forest, joined, function)?
                }
                done => done?,
            };
        }
        Ok(joined)
    }
}

/// Takes a function apart into plain nodes.
struct Export<'f> {
    forest: &'f Forest<'f>,
    diagram: Diagram,
    links: FxHashMap<Edge, Link>,
}

impl Export<'_> {
    fn link(&mut self, function: Edge) -> Link {
        match function {
            Edge::ALWAYS => return DOWN,
            Edge::NEVER => return UP,
            _ => {}
        }
        if let Some(known) = self.links.get(&function) {
            return *known;
        }
        let level = self.forest.node(function).level;
        let (if_down, if_up) = self.forest.split(function, level);
        let node = Node { level, down: self.link(if_down), up: self.link(if_up) };
        let link = self.diagram.push(node);
        self.links.insert(function, link);
        link
    }
}

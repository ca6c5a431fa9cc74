//! Binary decision diagrams: built with `OxiDD`, then kept as a plain list, inputs first.

use super::{
    Effort, NotExact,
    formula::{Formula, Gate, GateIx},
    modules::Local,
    order::orders,
};
use oxidd::{
    BooleanFunction, Function, HasLevel as _, Manager as _, ManagerRef as _, Node as AnyNode,
    bcdd::{BCDDFunction, new_manager},
    util::{AllocResult, OutOfMemory},
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
        let mut search = Search::new(formula, module, local, orders(formula, local), effort)?;
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
    formula: &'s Formula,
    module: GateIx,
    local: &'s Local,
    effort: Effort<'s>,
    /// Those that came furthest go first.
    orders: Vec<Vec<GateIx>>,
}

impl<'s> Search<'s> {
    pub(super) fn new(
        formula: &'s Formula,
        module: GateIx,
        local: &'s Local,
        orders: Vec<Vec<GateIx>>,
        effort: Effort<'s>,
    ) -> Result<Self, NotExact> {
        if local.leaves.len() > MODULE_LEAVES_MAX {
            return Err(NotExact::Leaves);
        }
        Ok(Self { formula, module, local, effort, orders })
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
            let attempt = Attempt::new(self.formula, self.local, order, nodes);
            let done = attempt.map_err(|_| Failure::Full { gates: 0 })?.run(self.module, effort);
            if done.is_ok() {
                first.fetch_min(place, Ordering::Relaxed);
            }
            done
        };
        let mut gates_done = Vec::with_capacity(tried);
        for orders in self.orders[..tried].chunks((NODES_AT_ONCE / nodes).max(1)) {
            let attempts: Vec<Result<Diagram, Failure>> = orders.par_iter().enumerate().map(attempt).collect();
            for attempt in attempts {
                match attempt {
                    Ok(diagram) => return Ok(Some(diagram)),
                    Err(Failure::GivenUp) => return Err(NotExact::GivenUp),
                    Err(Failure::Full { gates }) => gates_done.push(gates),
                }
            }
        }
        let mut reached: Vec<(usize, Vec<GateIx>)> = gates_done.into_iter().zip(self.orders.drain(..tried)).collect();
        reached.sort_by_key(|(gates, _)| Reverse(*gates));
        self.orders.splice(..0, reached.into_iter().map(|(_, order)| order));
        Ok(None)
    }
}

enum Failure {
    /// The nodes that were allowed did not suffice; so many gates were done.
    Full { gates: usize },
    /// The caller wants to wait no longer.
    GivenUp,
}

/// Why one function was not built.
enum Stop {
    Full,
    GivenUp,
}

impl From<OutOfMemory> for Stop {
    fn from(_: OutOfMemory) -> Self {
        Self::Full
    }
}

/// One order, with so many nodes at most.
struct Attempt<'f> {
    formula: &'f Formula,
    local: &'f Local,
    order: &'f [GateIx],
    /// By gate: when it is down.
    functions: FxHashMap<GateIx, BCDDFunction>,
    /// By gate: how many gates still need its function.
    uses: FxHashMap<GateIx, u32>,
    never: BCDDFunction,
}

impl<'f> Attempt<'f> {
    fn new(formula: &'f Formula, local: &'f Local, order: &'f [GateIx], nodes: usize) -> AllocResult<Self> {
        let capacity = nodes + 2 * order.len();
        let manager = new_manager(capacity, capacity.next_power_of_two(), 1);
        let levels = u32::try_from(order.len()).unwrap_or(u32::MAX);
        let (functions, never) = manager.with_manager_exclusive(|manager| {
            let numbers = manager.add_vars(levels);
            let functions: Result<FxHashMap<GateIx, BCDDFunction>, _> = order
                .iter()
                .zip(numbers)
                .map(|(leaf, number)| BCDDFunction::var(manager, number).map(|function| (*leaf, function)))
                .collect();
            functions.map(|functions| (functions, BCDDFunction::f(manager)))
        })?;
        let mut uses: FxHashMap<GateIx, u32> = FxHashMap::default();
        for input in local.gates.iter().flat_map(|gate| formula.gate(*gate).inputs()) {
            *uses.entry(input).or_default() += 1;
        }
        Ok(Self { formula, local, order, functions, uses, never })
    }

    fn run(mut self, module: GateIx, effort: Effort<'_>) -> Result<Diagram, Failure> {
        for (gates, gate) in self.local.gates.iter().enumerate() {
            let function = self.function(*gate, effort).map_err(|stop| match stop {
                Stop::Full => Failure::Full { gates },
                Stop::GivenUp => Failure::GivenUp,
            })?;
            self.functions.insert(*gate, function);
            for input in self.formula.gate(*gate).inputs() {
                let left = self.uses.entry(input).or_default();
                *left -= 1;
                // A leaf's function costs nothing, and the diagram's levels are its.
                if *left == 0 && !self.local.leaves.contains(&input) {
                    self.functions.remove(&input);
                }
            }
        }
        let function = self.functions.remove(&module).unwrap_or(self.never);
        self.functions.clear();
        let mut export = Export {
            diagram: Diagram { leaves: self.order.to_vec(), nodes: Vec::new(), root: UP },
            links: FxHashMap::default(),
        };
        export.diagram.root = export.link(function);
        Ok(export.diagram)
    }

    fn function(&self, gate: GateIx, effort: Effort<'_>) -> Result<BCDDFunction, Stop> {
        match self.formula.gate(gate) {
            // Events are leaves, and what never or always happens has been left out of every other gate.
            Gate::Never | Gate::Always | Gate::Event(_) => Ok(self.never.clone()),
            Gate::Any(inputs) => self.fold(inputs, effort, BCDDFunction::or),
            Gate::All(inputs) => self.fold(inputs, effort, BCDDFunction::and),
            Gate::Beyond { spare, inputs } => {
                let mut whole = 0;
                let mut weights = Vec::with_capacity(inputs.len());
                for (input, weight) in inputs {
                    whole += weight;
                    weights.push((&self.functions[input], *weight));
                }
                Threshold { weights, known: FxHashMap::default(), never: &self.never, effort }.beyond(
                    inputs.len(),
                    *spare,
                    whole,
                )
            }
        }
    }

    /// Joins the functions of `inputs`.
    fn fold(
        &self,
        inputs: &[GateIx],
        effort: Effort<'_>,
        join: impl Fn(&BCDDFunction, &BCDDFunction) -> AllocResult<BCDDFunction>,
    ) -> Result<BCDDFunction, Stop> {
        // From the last level up: what has been joined lies below what comes.
        let mut functions: Vec<&BCDDFunction> = inputs.iter().map(|input| &self.functions[input]).collect();
        functions.sort_by_key(|function| Reverse(level(function)));
        let mut functions = functions.into_iter();
        let mut joined = functions.next().unwrap_or(&self.never).clone();
        for function in functions {
            if (effort.give_up)() {
                return Err(Stop::GivenUp);
            }
            joined = join(&joined, function)?;
        }
        Ok(joined)
    }
}

/// The level of a function's first leaf; that of the ends is the last of all.
fn level(function: &BCDDFunction) -> u32 {
    function.with_manager_shared(|manager, edge| match manager.get_node(edge) {
        AnyNode::Inner(node) => node.level(),
        AnyNode::Terminal(_) => u32::MAX,
    })
}

/// Weights that are lost, added up input after input.
struct Threshold<'t> {
    weights: Vec<(&'t BCDDFunction, u64)>,
    /// By how many inputs are left and what can still be lost.
    known: FxHashMap<(usize, u64), BCDDFunction>,
    never: &'t BCDDFunction,
    effort: Effort<'t>,
}

impl Threshold<'_> {
    /// When the first `inputs` lose more than `spare` of the `whole` that they weigh.
    fn beyond(&mut self, inputs: usize, spare: u64, whole: u64) -> Result<BCDDFunction, Stop> {
        if whole <= spare {
            return Ok(self.never.clone());
        }
        if let Some(known) = self.known.get(&(inputs, spare)) {
            return Ok(known.clone());
        }
        if (self.effort.give_up)() {
            return Err(Stop::GivenUp);
        }
        let (function, weight) = self.weights[inputs - 1];
        let rest = whole - weight;
        let up = self.beyond(inputs - 1, spare, rest)?;
        let made = match spare.checked_sub(weight) {
            Some(left) => {
                let down = self.beyond(inputs - 1, left, rest)?;
                function.ite(&down, &up)?
            }
            None => function.or(&up)?,
        };
        self.known.insert((inputs, spare), made.clone());
        Ok(made)
    }
}

/// Takes a function apart into plain nodes.
struct Export {
    diagram: Diagram,
    links: FxHashMap<BCDDFunction, Link>,
}

impl Export {
    fn link(&mut self, function: BCDDFunction) -> Link {
        let Some((if_down, if_up)) = function.cofactors() else {
            return if function.valid() { DOWN } else { UP };
        };
        if let Some(known) = self.links.get(&function) {
            return *known;
        }
        let node = Node { level: level(&function), down: self.link(if_down), up: self.link(if_up) };
        let link = self.diagram.push(node);
        self.links.insert(function, link);
        link
    }
}

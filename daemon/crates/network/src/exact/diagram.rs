//! Binary decision diagrams: built in a diagram manager, then kept as a plain list, inputs first.

#[cfg(test)]
use super::budget::DIAGRAM_NODES;
use super::{
    bdd::{BddManager, Edge, NotBuilt},
    budget::{Budget, MAX_MODULE_LEAVES, NotExact},
    formula::{Formula, Gate, GateIx},
    modules::Local,
    order::orders,
    plan::{Plan, Step, StepIx},
    threshold::{Ends, Live, Sums},
};
use rayon::iter::{IndexedParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _};
use rustc_hash::FxHashMap;
use std::{
    cmp::Reverse,
    sync::atomic::{AtomicUsize, Ordering},
};

/// The attempts, one after the other, each with its limit of nodes; at last the orders with everything that the budget allows.
const STAGES: [Stage; 6] = [
    Stage { nodes: 1 << 13, tried: StageMethod::Orders },
    Stage { nodes: 1 << 17, tried: StageMethod::BetterHalf },
    Stage { nodes: 1 << 18, tried: StageMethod::Sifted { from: SIFT_NODES } },
    Stage { nodes: 1 << 21, tried: StageMethod::Sifted { from: SIFT_NODES } },
    Stage { nodes: 1 << 23, tried: StageMethod::BetterHalf },
    Stage { nodes: 1 << 24, tried: StageMethod::Sifted { from: SIFT_NODES } },
];
/// From how many nodes on an order is improved while a diagram is built.
const SIFT_NODES: usize = 1 << 12;
/// By which factor a join may add nodes before its inputs are sifted and it is tried again.
const ROOM: usize = 4;
/// How many orders are improved.
const SIFTED: usize = 2;
/// Most leaves of a module whose orders are improved: it takes as many exchanges as the square of that.
const MAX_SIFTED_LEAVES: usize = 1 << 12;
/// How many nodes the diagrams that are built at the same time may have together; a single diagram may have more, if the budget
/// allows.
const NODES_AT_ONCE: usize = 1 << 25;

/// A node of a [`Diagram`] by number, or one of the two ends.
pub(super) type Link = u32;
/// The end that means that the module is not down.
pub(super) const UP: Link = 0;
/// The end that means that the module is down.
pub(super) const DOWN: Link = 1;

/// Whether a module is down, leaf after leaf.
pub(super) struct Diagram {
    /// The leaves, by level.
    pub(super) leaves: Vec<GateIx>,
    /// The nodes, inputs first; number 2 is the first.
    nodes: Vec<DiagramNode>,
    pub(super) root: Link,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct DiagramNode {
    pub(super) level: u32,
    /// The next node when the leaf is down.
    pub(super) down: Link,
    /// The next node when the leaf is up.
    pub(super) up: Link,
}

impl Diagram {
    /// Builds the diagram of a module, trying one order after another with more and more nodes.
    pub(super) fn of(formula: &Formula, module: GateIx, local: &Local, budget: Budget<'_>) -> Result<Self, NotExact> {
        if let Some(simple) = Self::of_one_gate(formula, module, local, budget)? {
            return Ok(simple);
        }
        let mut search = OrderSearch::new(formula, local, orders(formula, local, budget), budget)?;
        for stage in stages(budget) {
            if let Some(diagram) = search.within(stage)? {
                return Ok(diagram);
            }
        }
        Err(NotExact::Nodes { limit: budget.nodes })
    }

    /// A gate whose inputs are leaves is a chain of them; a threshold has a node for each sum of their weights.
    pub(super) fn of_one_gate(
        formula: &Formula,
        module: GateIx,
        local: &Local,
        budget: Budget<'_>,
    ) -> Result<Option<Self>, NotExact> {
        let [_] = local.gates[..] else { return Ok(None) };
        let (leaves, is_any) = match formula.gate(module) {
            Gate::Or(inputs) => (inputs.to_vec(), true),
            Gate::And(inputs) => (inputs.to_vec(), false),
            Gate::AtLeast { spare, inputs } => return Self::of_threshold(*spare, inputs, budget).map(Some),
            Gate::False | Gate::True | Gate::Event(_) => return Ok(None),
        };
        let mut diagram = Self { leaves, nodes: Vec::new(), root: if is_any { UP } else { DOWN } };
        for level in (0..).take(diagram.leaves.len()).collect::<Vec<u32>>().into_iter().rev() {
            let (down, up) = if is_any { (DOWN, diagram.root) } else { (diagram.root, UP) };
            diagram.root = diagram.push(DiagramNode { level, down, up });
        }
        Ok(Some(diagram))
    }

    /// The heaviest input is decided first, which leaves the fewest sums open.
    fn of_threshold(spare: u64, inputs: &[(GateIx, u64)], budget: Budget<'_>) -> Result<Self, NotExact> {
        let mut inputs = inputs.to_vec();
        inputs.sort_by_key(|(leaf, weight)| (Reverse(*weight), *leaf));
        let (leaves, weights) = inputs.into_iter().unzip();
        let mut diagram = Self { leaves, nodes: Vec::new(), root: UP };
        let mut known: FxHashMap<DiagramNode, Link> = FxHashMap::default();
        let made = Sums::of(spare, weights, budget)?.fold(Ends { never: UP, always: DOWN }, |index, [down, up], _| {
            if down == up {
                return Ok::<Link, NotExact>(down);
            }
            let node = DiagramNode { level: u32::try_from(index).unwrap_or(u32::MAX), down, up };
            Ok(*known.entry(node).or_insert_with(|| diagram.push(node)))
        });
        diagram.root = made?;
        Ok(diagram)
    }

    fn push(&mut self, node: DiagramNode) -> Link {
        self.nodes.push(node);
        u32::try_from(self.nodes.len() + 1).unwrap_or(u32::MAX)
    }

    /// The nodes with their numbers, inputs first.
    pub(super) fn nodes(&self) -> impl DoubleEndedIterator<Item = (Link, DiagramNode)> + '_ {
        self.nodes.iter().enumerate().map(|(index, node)| (u32::try_from(index + 2).unwrap_or(u32::MAX), *node))
    }

    pub(super) fn node(&self, link: Link) -> Option<DiagramNode> {
        self.nodes.get((link as usize).checked_sub(2)?).copied()
    }
}

/// One attempt at a module's diagram.
#[derive(Clone, Copy)]
pub(super) struct Stage {
    /// Most nodes of a diagram.
    nodes: usize,
    tried: StageMethod,
}

#[derive(Clone, Copy)]
enum StageMethod {
    /// All orders.
    Orders,
    /// The half of the orders that came furthest in the stage before.
    BetterHalf,
    /// The best orders, which are improved while the diagram grows, from this many nodes on.
    Sifted { from: usize },
}

impl Stage {
    /// A diagram of at most this many nodes, in any order.
    pub(super) fn of(nodes: usize) -> Self {
        Self { nodes, tried: StageMethod::Orders }
    }

    #[cfg(test)]
    pub(super) fn sifting_always() -> Self {
        Self { nodes: DIAGRAM_NODES, tried: StageMethod::Sifted { from: 1 } }
    }
}

/// The stages, tried one after the other.
pub(super) fn stages(budget: Budget<'_>) -> impl Iterator<Item = Stage> {
    STAGES.into_iter().filter(move |stage| stage.nodes < budget.nodes).chain([Stage::of(budget.nodes)])
}

/// The search for an order in which a module's diagram is small enough.
pub(super) struct OrderSearch<'s> {
    plan: Plan,
    budget: Budget<'s>,
    /// The orders, those that came furthest first.
    orders: Vec<Vec<GateIx>>,
}

impl<'s> OrderSearch<'s> {
    pub(super) fn new(
        formula: &Formula,
        local: &Local,
        orders: Vec<Vec<GateIx>>,
        budget: Budget<'s>,
    ) -> Result<Self, NotExact> {
        if local.leaves.len() > MAX_MODULE_LEAVES {
            return Err(NotExact::Leaves);
        }
        Ok(Self { plan: Plan::of(formula, local)?, budget, orders })
    }

    /// A diagram that is small enough for a stage.
    pub(super) fn within(&mut self, Stage { nodes, tried }: Stage) -> Result<Option<Diagram>, NotExact> {
        let is_sifted = matches!(tried, StageMethod::Sifted { .. });
        if nodes == 0 || is_sifted && self.orders.iter().any(|order| order.len() > MAX_SIFTED_LEAVES) {
            return Ok(None);
        }
        let (tried, sifts_from) = match tried {
            StageMethod::Orders => (self.orders.len(), None),
            StageMethod::BetterHalf => (self.orders.len().div_ceil(2), None),
            StageMethod::Sifted { from } => (SIFTED.min(self.orders.len()), Some(from)),
        };
        let budget = self.budget;
        // The attempts run on all cores. The first in their order wins, whichever finished first, so that every run gives the
        // same answer.
        let first = AtomicUsize::new(usize::MAX);
        let attempt = |(index, order): (usize, &Vec<GateIx>)| {
            let is_outrun = || first.load(Ordering::Relaxed) < index;
            let give_up = || is_outrun() || (budget.give_up)();
            let budget = Budget { nodes, give_up: &give_up };
            let done = Attempt::new(&self.plan, order, budget, sifts_from).run();
            if done.is_ok() {
                first.fetch_min(index, Ordering::Relaxed);
            }
            done
        };
        let mut reached: Vec<(usize, Vec<GateIx>)> = Vec::with_capacity(tried);
        for orders in self.orders[..tried].chunks((NODES_AT_ONCE.min(budget.nodes) / nodes).max(1)) {
            let attempts: Vec<Result<Diagram, Failure>> = orders.par_iter().enumerate().map(attempt).collect();
            for attempt in attempts {
                match attempt {
                    Ok(diagram) => return Ok(Some(diagram)),
                    Err(Failure::GivenUp) => return Err(NotExact::GivenUp),
                    Err(Failure::Full { steps, order }) => reached.push((steps, order)),
                }
            }
        }
        reached.sort_by_key(|(steps, _)| Reverse(*steps));
        self.orders.splice(..tried, reached.into_iter().map(|(_, order)| order));
        Ok(None)
    }
}

enum Failure {
    /// The allowed nodes did not suffice; `steps` steps were done, in the end in this order.
    Full { steps: usize, order: Vec<GateIx> },
    /// The caller does not want to wait any longer.
    GivenUp,
}

/// An attempt at one order, with a limit of nodes.
struct Attempt<'a> {
    plan: &'a Plan,
    order: Vec<GateIx>,
    bdd: BddManager<'a>,
    /// By step: its function, as long as another step needs it.
    functions: Vec<Option<Edge>>,
    sifting: Option<Schedule>,
}

/// When to improve the order.
struct Schedule {
    /// The fewest nodes with which to improve it.
    from: usize,
    /// The number of nodes at which to improve it next.
    at: usize,
    /// How many nodes there were after the last time.
    settled: usize,
}

impl<'a> Attempt<'a> {
    fn new(plan: &'a Plan, order: &[GateIx], budget: Budget<'a>, sifts_from: Option<usize>) -> Self {
        let functions = vec![None; plan.steps.len()];
        let mut bdd = BddManager::new(budget);
        if let Some(from) = sifts_from {
            // The leaves themselves must fit.
            bdd.allow(ROOM * from.max(order.len()));
        }
        let sifting = sifts_from.map(|from| Schedule { from, at: from, settled: 0 });
        Self { plan, order: order.to_vec(), bdd, functions, sifting }
    }

    fn run(mut self) -> Result<Diagram, Failure> {
        let levels: FxHashMap<GateIx, u32> = self.order.iter().copied().zip(0..).collect();
        let mut uses = self.plan.uses.clone();
        let plan = self.plan;
        for (index, step) in plan.steps.iter().enumerate() {
            let function = match step {
                Step::False => Ok(Edge::FALSE),
                // Leaves are the first steps: the order is still the initial one.
                Step::Leaf(leaf) => self.bdd.leaf(levels[leaf]),
                Step::Or(inputs) => self.joined(inputs, &mut uses, BddManager::any),
                Step::And(inputs) => self.joined(inputs, &mut uses, BddManager::all),
                Step::AtLeast { spare, inputs } => self.beyond(*spare, inputs, &mut uses),
            };
            self.functions[index] = match function {
                Ok(function) => Some(function),
                Err(NotBuilt::Full) => return Err(Failure::Full { steps: index, order: self.order }),
                Err(NotBuilt::GivenUp) => return Err(Failure::GivenUp),
            };
        }
        let function = self.functions[self.plan.module].unwrap_or(Edge::FALSE);
        let diagram = Diagram { leaves: self.order, nodes: Vec::new(), root: UP };
        let mut export = Export { bdd: &self.bdd, diagram, links: FxHashMap::default() };
        export.diagram.root = export.link(function);
        Ok(export.diagram)
    }

    /// The function of a step that is an input of another; it is dropped when no further step needs it.
    fn take(&mut self, input: StepIx, uses: &mut [u32]) -> Edge {
        let function = self.functions[input].unwrap_or(Edge::FALSE);
        uses[input] -= 1;
        if uses[input] == 0 {
            self.functions[input] = None;
        }
        function
    }

    /// Joins the functions of `inputs`.
    fn joined(
        &mut self,
        inputs: &[StepIx],
        uses: &mut [u32],
        join: fn(&mut BddManager<'a>, Edge, Edge) -> Result<Edge, NotBuilt>,
    ) -> Result<Edge, NotBuilt> {
        let mut waiting: Vec<Edge> = inputs.iter().map(|input| self.take(*input, uses)).collect();
        // From the last level up, so that what has been joined is below what follows.
        waiting.reverse();
        waiting.sort_by_key(|function| self.bdd.node(*function).level);
        let mut joined = waiting.pop().unwrap_or(Edge::FALSE);
        while let Some(function) = waiting.pop() {
            let one = joined;
            joined = self.made(&[one, function], &[&waiting], |bdd| join(bdd, one, function))?;
        }
        Ok(joined)
    }

    /// When the weights of those of `inputs` that happen add up to more than `spare`. The topmost are decided first,
    /// so that what is made for the others is below.
    fn beyond(&mut self, spare: u64, inputs: &[(StepIx, u64)], uses: &mut [u32]) -> Result<Edge, NotBuilt> {
        let weighted = inputs.iter().map(|(input, weight)| (self.take(*input, uses), *weight));
        let mut weighted: Vec<(Edge, u64)> = weighted.collect();
        weighted
            .sort_by_cached_key(|(function, weight)| (self.bdd.lowest_level(*function), Reverse(*weight), *function));
        let (functions, weights): (Vec<Edge>, Vec<u64>) = weighted.into_iter().unzip();
        let sums = Sums::of(spare, weights, self.bdd.budget()).map_err(|why| match why {
            NotExact::GivenUp => NotBuilt::GivenUp,
            _ => NotBuilt::Full,
        })?;
        let ends = Ends { never: Edge::FALSE, always: Edge::TRUE };
        sums.fold(ends, |index, [down, up], Live { below, made }| {
            let input = functions[index];
            self.made(&[input, down, up], &[&functions[..=index], below, made], |bdd| bdd.choice(input, down, up))
        })
    }

    /// The result of `make` on `inputs`. If there is no room for it, everything but these, the `others` and the functions of the
    /// steps is freed, and `make` is tried again.
    fn made(
        &mut self,
        inputs: &[Edge],
        others: &[&[Edge]],
        make: impl Fn(&mut BddManager<'a>) -> Result<Edge, NotBuilt>,
    ) -> Result<Edge, NotBuilt> {
        let mut is_last_try = false;
        loop {
            match make(&mut self.bdd) {
                Ok(made) => {
                    let due = self.sifting.as_ref().map_or(usize::MAX, |schedule| schedule.at);
                    if self.bdd.len() >= due {
                        self.tidy(&[others, &[&[made]]].concat(), due / 2)?;
                    }
                    return Ok(made);
                }
                Err(NotBuilt::Full) if !is_last_try => {
                    self.tidy(&[others, &[inputs]].concat(), 0)?;
                    is_last_try = self.bdd.allows_all();
                    if is_last_try && self.bdd.is_crowded() {
                        return Err(NotBuilt::Full);
                    }
                    self.bdd.allow_twice();
                }
                Err(stop) => return Err(stop),
            }
        }
    }

    /// Frees unneeded nodes, and improves the order if more than `few` are left and their number has grown since the last time.
    fn tidy(&mut self, needed: &[&[Edge]], few: usize) -> Result<(), NotBuilt> {
        let needed: Vec<Edge> =
            self.functions.iter().flatten().chain(needed.iter().copied().flatten()).copied().collect();
        self.bdd.collect(needed.iter().copied());
        let Some(schedule) = &mut self.sifting else { return Ok(()) };
        if self.bdd.len() > few.max(schedule.settled + schedule.settled / 8) {
            let order = self.bdd.sift(self.order.len(), &needed)?;
            self.order = order.into_iter().map(|level| self.order[level as usize]).collect();
            schedule.settled = self.bdd.len();
            schedule.at = schedule.from.max(2 * schedule.settled);
            self.bdd.allow(ROOM * schedule.at);
        }
        Ok(())
    }
}

/// Converts a function into plain nodes.
struct Export<'f> {
    bdd: &'f BddManager<'f>,
    diagram: Diagram,
    links: FxHashMap<Edge, Link>,
}

impl Export<'_> {
    fn link(&mut self, function: Edge) -> Link {
        match function {
            Edge::TRUE => return DOWN,
            Edge::FALSE => return UP,
            _ => {}
        }
        if let Some(known) = self.links.get(&function) {
            return *known;
        }
        let level = self.bdd.node(function).level;
        let (if_down, if_up) = self.bdd.split(function, level);
        let node = DiagramNode { level, down: self.link(if_down), up: self.link(if_up) };
        let link = self.diagram.push(node);
        self.links.insert(function, link);
        link
    }
}

//! From a formula to a circuit: module after module, each by the first way that is small enough.
//!
//! A gate whose inputs are all leaves is a sum or product of them. A module of several gates becomes a diagram, in the first
//! of several orders that is small enough. Where none is, the part that the most gates share is decided first, and both
//! outcomes are compiled as formulas of their own: without the shared part they mostly fall apart into modules again.

use super::{
    budget::{Budget, NotExact},
    circuit::{Circuit, CircuitIx, FALSE, Full, TRUE},
    diagram::{Diagram, OrderSearch, Stage, stages},
    formula::{Formula, Gate, GateIx},
    modules::{Local, modularised, modules},
    order::{orders, walks},
};
use rustc_hash::FxHashMap;
use std::cmp::Reverse;

/// A top-level module is divided once for each this many nodes of its diagram's limit, before it is tried as a diagram again:
/// about the same work.
const NODES_A_DIVISION: usize = 1 << 11;
/// Most divisions of one top-level module: what they do not take apart, further ones seldom do.
const MAX_DIVISIONS: usize = 1 << 12;
/// Divisions before diagrams of any size are tried: enough where a few shocks connect parts that are simple without them.
const DIVISIONS_FIRST: usize = 1 << 6;
/// The stages of diagrams after which a top-level module is divided [`DIVISIONS_FIRST`] times, and then up to the limit.
const STAGES_BEFORE_DIVIDING: [usize; 2] = [1, 4];
/// Nodes of a diagram that is tried before dividing further.
const PART_NODES: usize = 1 << 11;

/// One way to compile a top-level module.
#[derive(Clone, Copy)]
enum Way {
    /// Diagrams.
    Diagrams(Stage),
    /// Dividing it, at most this often.
    Dividing(usize),
}

/// The ways to compile a module, and how far each is followed before the next.
pub(super) struct CompileSchedule {
    /// The ways, tried one after the other.
    ways: Vec<Way>,
    /// Nodes of the diagrams of the parts of a divided module before they are divided further.
    part_nodes: usize,
}

impl CompileSchedule {
    pub(super) fn within(budget: Budget<'_>) -> Self {
        let divisions = (budget.nodes / NODES_A_DIVISION).min(MAX_DIVISIONS);
        let mut ways: Vec<Way> = stages(budget).map(Way::Diagrams).collect();
        let [first, then] = STAGES_BEFORE_DIVIDING.map(|stages| stages.min(ways.len()));
        ways.insert(then, Way::Dividing(divisions));
        ways.insert(first, Way::Dividing(divisions.min(DIVISIONS_FIRST)));
        Self { ways, part_nodes: PART_NODES.min(budget.nodes) }
    }

    /// Without diagrams: everything is divided until each gate's inputs are leaves.
    #[cfg(test)]
    pub(super) fn dividing_always() -> Self {
        Self { ways: vec![Way::Dividing(usize::MAX)], part_nodes: 0 }
    }

    /// With diagrams only, whose order is improved with every node.
    #[cfg(test)]
    pub(super) fn sifting_always() -> Self {
        Self { ways: vec![Way::Diagrams(Stage::sifting_always())], part_nodes: 0 }
    }
}

/// Compiles what brings `top` about into a circuit.
pub(super) fn compile(
    formula: &Formula,
    top: GateIx,
    events: usize,
    ways: CompileSchedule,
    budget: Budget<'_>,
) -> Result<(Circuit, CircuitIx), NotExact> {
    let mut compiler =
        CircuitCompiler { circuit: Circuit::new(budget.nodes), known: FxHashMap::default(), left: None, ways, budget };
    match compiler.whole(formula, top, events) {
        Ok(index) => Ok((compiler.circuit, index)),
        Err(NotCompiled::NotExact(why)) => Err(why),
        Err(NotCompiled::Full | NotCompiled::Divided) => Err(NotExact::Nodes { limit: budget.nodes }),
    }
}

/// Why a part was not compiled.
enum NotCompiled {
    NotExact(NotExact),
    /// The circuit has too many nodes.
    Full,
    /// Its divisions are used up.
    Divided,
}

impl From<NotExact> for NotCompiled {
    fn from(why: NotExact) -> Self {
        Self::NotExact(why)
    }
}

impl From<Full> for NotCompiled {
    fn from(_: Full) -> Self {
        Self::Full
    }
}

/// A module to compile, after the modules below it.
struct ModulePart<'p> {
    formula: &'p Formula,
    module: GateIx,
    local: Local,
    /// The compiled modules by gate, including events.
    compiled: &'p FxHashMap<GateIx, CircuitIx>,
}

struct CircuitCompiler<'e> {
    circuit: Circuit,
    /// Modules that have been compiled, by their gates.
    known: FxHashMap<Box<[u64]>, CircuitIx>,
    /// How many divisions are left, while a top-level module is divided.
    left: Option<usize>,
    ways: CompileSchedule,
    budget: Budget<'e>,
}

impl CircuitCompiler<'_> {
    fn whole(&mut self, formula: &Formula, top: GateIx, events: usize) -> Result<CircuitIx, NotCompiled> {
        let events: Result<Vec<CircuitIx>, Full> = (0..).take(events).map(|event| self.circuit.event(event)).collect();
        self.formula(formula, top, &events?)
    }

    /// Compiles a formula over `events`, which are indices of the circuit.
    fn formula(&mut self, formula: &Formula, top: GateIx, events: &[CircuitIx]) -> Result<CircuitIx, NotCompiled> {
        let (formula, top) = formula.simplified(top, self.budget)?;
        let (formula, top) = modularised(&formula, top)?;
        let is_module = modules(&formula, top);
        // The compiled modules by gate, including events.
        let mut compiled: FxHashMap<GateIx, CircuitIx> = FxHashMap::default();
        for gate in (0..=top).filter(|gate| is_module[*gate as usize]) {
            let index = match formula.gate(gate) {
                Gate::False => FALSE,
                Gate::True => TRUE,
                Gate::Event(event) => events[*event as usize],
                _ => {
                    let local = Local::of(&formula, gate, &is_module);
                    self.module(&ModulePart { formula: &formula, module: gate, local, compiled: &compiled })?
                }
            };
            compiled.insert(gate, index);
        }
        Ok(compiled[&top])
    }

    fn module(&mut self, part: &ModulePart<'_>) -> Result<CircuitIx, NotCompiled> {
        self.budget.go_on()?;
        let key = part.key();
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        let index = match (part.formula.gate(part.module), &part.local.gates[..]) {
            (Gate::Or(inputs), [_]) => self.circuit.any(&part.of(inputs))?,
            (Gate::And(inputs), [_]) => self.circuit.all(&part.of(inputs))?,
            (Gate::AtLeast { .. }, [_]) => self.threshold(part)?,
            _ if self.left.is_some() => self.divided_part(part)?,
            _ => self.searched(part)?,
        };
        self.known.insert(key, index);
        Ok(index)
    }

    /// A threshold whose inputs are leaves.
    fn threshold(&mut self, part: &ModulePart<'_>) -> Result<CircuitIx, NotCompiled> {
        match Diagram::of_one_gate(part.formula, part.module, &part.local, self.budget)? {
            Some(diagram) => self.diagram(&diagram, part),
            None => Err(NotCompiled::Full),
        }
    }

    /// A top-level module: by small diagrams and a few divisions, then by larger ones and more.
    fn searched(&mut self, part: &ModulePart<'_>) -> Result<CircuitIx, NotCompiled> {
        let budget = self.budget;
        let ModulePart { formula, local, .. } = part;
        let mut search = OrderSearch::new(formula, local, orders(formula, local, budget), budget)?;
        for index in 0..self.ways.ways.len() {
            match self.ways.ways[index] {
                Way::Diagrams(stage) => {
                    if let Some(diagram) = search.within(stage)? {
                        return self.diagram(&diagram, part);
                    }
                }
                Way::Dividing(divisions) => {
                    let mark = self.circuit.len();
                    self.left = Some(divisions);
                    let divided = self.divided(part);
                    self.left = None;
                    match divided {
                        Err(NotCompiled::Full | NotCompiled::Divided) => {
                            self.circuit.truncate(mark);
                            self.known.retain(|_, index| (*index as usize) < mark);
                        }
                        done => return done,
                    }
                }
            }
        }
        Err(NotCompiled::Full)
    }

    /// A module of a divided part: by a small diagram, or divided further.
    fn divided_part(&mut self, part: &ModulePart<'_>) -> Result<CircuitIx, NotCompiled> {
        let ModulePart { formula, local, .. } = part;
        let mut search = OrderSearch::new(formula, local, walks(formula, local), self.budget)?;
        match search.within(Stage::of(self.ways.part_nodes))? {
            Some(diagram) => self.diagram(&diagram, part),
            None => self.divided(part),
        }
    }

    /// Decides the part that the most gates share, and compiles both outcomes.
    fn divided(&mut self, part: &ModulePart<'_>) -> Result<CircuitIx, NotCompiled> {
        let left = self.left.unwrap_or_default().checked_sub(1).ok_or(NotCompiled::Divided)?;
        self.left = Some(left);
        let (alone, top, leaves) = part.local.alone(part.formula, part.module)?;
        let uses = alone.uses(top);
        let is_leaf = |gate: &GateIx| matches!(alone.gate(*gate), Gate::Event(_));
        let shared = (0..top).filter(is_leaf).max_by_key(|gate| (uses[*gate as usize], Reverse(*gate)));
        let Some(pivot) = shared else { return Err(NotCompiled::Divided) };
        let Gate::Event(number) = alone.gate(pivot) else { return Err(NotCompiled::Divided) };
        let events = part.of(&leaves);
        let mut ways = [FALSE; 2];
        for (way, happens) in ways.iter_mut().zip([true, false]) {
            let (restricted, top) = alone.restricted(top, |gate| (gate == pivot).then_some(happens))?;
            *way = self.formula(&restricted, top, &events)?;
        }
        Ok(self.circuit.choice(events[*number as usize], ways[0], ways[1])?)
    }

    fn diagram(&mut self, diagram: &Diagram, part: &ModulePart<'_>) -> Result<CircuitIx, NotCompiled> {
        let leaves = part.of(&diagram.leaves);
        // By link: the two ends are the circuit's first nodes.
        let mut links = vec![FALSE, TRUE];
        for (_, node) in diagram.nodes() {
            let (down, up) = (links[node.down as usize], links[node.up as usize]);
            links.push(self.circuit.choice(leaves[node.level as usize], down, up)?);
        }
        Ok(links[diagram.root as usize])
    }
}

impl ModulePart<'_> {
    /// The indices of some of its leaves.
    fn of(&self, leaves: &[GateIx]) -> Vec<CircuitIx> {
        leaves.iter().map(|leaf| self.compiled[leaf]).collect()
    }

    /// A key of its gates by number and its leaves by index: equal functions of equal leaves have equal keys.
    fn key(&self) -> Box<[u64]> {
        const LEAF: u64 = 1 << 32;
        const GATE: u64 = u64::MAX;
        let numbers: FxHashMap<GateIx, u64> = self.local.gates.iter().copied().zip(0..).collect();
        let input = |gate: GateIx| match numbers.get(&gate) {
            Some(number) => *number,
            None => LEAF + u64::from(self.compiled[&gate]),
        };
        let mut key = Vec::new();
        for gate in &self.local.gates {
            let (sort, inputs) = match self.formula.gate(*gate) {
                Gate::Or(inputs) => (0, inputs),
                Gate::And(inputs) => (1, inputs),
                Gate::AtLeast { spare, inputs } => {
                    key.extend([GATE, 2, *spare]);
                    key.extend(inputs.iter().flat_map(|(gate, weight)| [input(*gate), *weight]));
                    continue;
                }
                Gate::False | Gate::True | Gate::Event(_) => continue,
            };
            key.extend([GATE, sort]);
            key.extend(inputs.iter().map(|gate| input(*gate)));
        }
        key.into()
    }
}

//! From a formula to a circuit: module after module, each by the first way that is small enough.
//!
//! A gate right above its parts is a sum or product of them. A module of several gates becomes a diagram, in the first of
//! several orders. Where no small one is found, the part that the most gates share is asked about, and both answers are
//! compiled as formulas of their own: without what held them together they mostly fall apart into modules again.

use super::{
    Effort, NotExact,
    circuit::{ALWAYS, Circuit, Full, NEVER, Place},
    diagram::{Diagram, NODES_TRIED, Search},
    formula::{Formula, Gate, GateIx},
    modules::{Local, modules},
    order::{orders, walks},
};
use rustc_hash::FxHashMap;

/// For so many nodes that a diagram may have, a module of the whole is divided once more before it is tried as a diagram
/// again: about as much work.
const NODES_A_DIVISION: usize = 1 << 11;
/// Nodes of a diagram that is tried before dividing further.
const PART_NODES: usize = 1 << 11;

/// Compiles what brings `top` about into `circuit`.
pub(super) fn compile(
    formula: &Formula,
    top: GateIx,
    events: usize,
    effort: Effort<'_>,
) -> Result<(Circuit, Place), NotExact> {
    let mut compiler =
        Compiler { circuit: Circuit::new(effort.nodes), known: FxHashMap::default(), left: None, effort };
    let compiled = compiler.whole(formula, top, events);
    match compiled {
        Ok(place) => Ok((compiler.circuit, place)),
        Err(Stop::NotExact(why)) => Err(why),
        Err(Stop::Full | Stop::Divided) => Err(NotExact::Nodes { limit: effort.nodes }),
    }
}

/// Why a part was not compiled.
enum Stop {
    NotExact(NotExact),
    /// The circuit has too many nodes.
    Full,
    /// It has been divided too often.
    Divided,
}

impl From<NotExact> for Stop {
    fn from(why: NotExact) -> Self {
        Self::NotExact(why)
    }
}

impl From<Full> for Stop {
    fn from(_: Full) -> Self {
        Self::Full
    }
}

struct Compiler<'e> {
    circuit: Circuit,
    /// Modules that have been compiled, by their gates.
    known: FxHashMap<Box<[u64]>, Place>,
    /// How many divisions are left, while one module of the whole is divided.
    left: Option<usize>,
    effort: Effort<'e>,
}

impl Compiler<'_> {
    fn whole(&mut self, formula: &Formula, top: GateIx, events: usize) -> Result<Place, Stop> {
        let events: Result<Vec<Place>, Full> = (0..).take(events).map(|event| self.circuit.event(event)).collect();
        self.formula(formula, top, &events?)
    }

    /// Compiles a formula over `events`, which are places of the circuit.
    fn formula(&mut self, formula: &Formula, top: GateIx, events: &[Place]) -> Result<Place, Stop> {
        let (formula, top) = formula.simplified(top)?;
        let is_module = modules(&formula, top);
        // By gate that is a module, events among them.
        let mut places: FxHashMap<GateIx, Place> = FxHashMap::default();
        for gate in (0..=top).filter(|gate| is_module[*gate as usize]) {
            let place = match formula.gate(gate) {
                Gate::Never => NEVER,
                Gate::Always => ALWAYS,
                Gate::Event(event) => events[*event as usize],
                _ => self.module(&formula, gate, &Local::of(&formula, gate, &is_module), &places)?,
            };
            places.insert(gate, place);
        }
        Ok(places[&top])
    }

    fn module(
        &mut self,
        formula: &Formula,
        module: GateIx,
        local: &Local,
        places: &FxHashMap<GateIx, Place>,
    ) -> Result<Place, Stop> {
        if (self.effort.give_up)() {
            return Err(NotExact::GivenUp.into());
        }
        let key = key(formula, local, places);
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        let parts = |inputs: &[GateIx]| inputs.iter().map(|input| places[input]).collect::<Vec<_>>();
        let place = match (formula.gate(module), &local.gates[..]) {
            (Gate::Any(inputs), [_]) => self.circuit.any(&parts(inputs))?,
            (Gate::All(inputs), [_]) => self.circuit.all(&parts(inputs))?,
            _ if self.left.is_some() => self.divided_part(formula, module, local, places)?,
            _ => self.searched(formula, module, local, places)?,
        };
        self.known.insert(key, place);
        Ok(place)
    }

    /// A module of the whole: by small diagrams, by division, by large diagrams.
    fn searched(
        &mut self,
        formula: &Formula,
        module: GateIx,
        local: &Local,
        places: &FxHashMap<GateIx, Place>,
    ) -> Result<Place, Stop> {
        let effort = self.effort;
        let mut search = Search::new(formula, module, local, orders(formula, local), effort)?;
        let [few, more, many] = NODES_TRIED;
        for (nodes, tries_all) in [(few, true), (more, false)] {
            if let Some(diagram) = search.within(nodes, tries_all)? {
                return self.diagram(&diagram, places);
            }
        }
        let mark = self.circuit.len();
        self.left = Some(effort.nodes / NODES_A_DIVISION);
        let divided = self.divided(formula, module, local, places);
        self.left = None;
        match divided {
            Err(Stop::Full | Stop::Divided) => {
                self.circuit.truncate(mark);
                self.known.retain(|_, place| (*place as usize) < mark);
            }
            done => return done,
        }
        for (nodes, tries_all) in [(many, false), (effort.nodes, true)] {
            if let Some(diagram) = search.within(nodes, tries_all)? {
                return self.diagram(&diagram, places);
            }
        }
        Err(Stop::Full)
    }

    /// A module of a divided one: by a small diagram, or divided further.
    fn divided_part(
        &mut self,
        formula: &Formula,
        module: GateIx,
        local: &Local,
        places: &FxHashMap<GateIx, Place>,
    ) -> Result<Place, Stop> {
        let mut search = Search::new(formula, module, local, walks(formula, local), self.effort)?;
        match search.within(PART_NODES, true)? {
            Some(diagram) => self.diagram(&diagram, places),
            None => self.divided(formula, module, local, places),
        }
    }

    /// Asks about the part that the most gates share, and compiles both answers.
    fn divided(
        &mut self,
        formula: &Formula,
        module: GateIx,
        local: &Local,
        places: &FxHashMap<GateIx, Place>,
    ) -> Result<Place, Stop> {
        let left = self.left.unwrap_or_default().checked_sub(1).ok_or(Stop::Divided)?;
        self.left = Some(left);
        let (alone, top, leaves) = local.alone(formula, module)?;
        let uses = alone.uses(top);
        let is_leaf = |gate: &GateIx| matches!(alone.gate(*gate), Gate::Event(_));
        let shared = (0..top).filter(is_leaf).max_by_key(|gate| (uses[*gate as usize], std::cmp::Reverse(*gate)));
        let Some(pivot) = shared else { return Err(Stop::Divided) };
        let Gate::Event(number) = alone.gate(pivot) else { return Err(Stop::Divided) };
        let events: Vec<Place> = leaves.iter().map(|leaf| places[leaf]).collect();
        let mut ways = [NEVER; 2];
        for (way, happens) in ways.iter_mut().zip([true, false]) {
            let (restricted, top) = alone.restricted(top, |gate| (gate == pivot).then_some(happens))?;
            *way = self.formula(&restricted, top, &events)?;
        }
        Ok(self.circuit.choice(events[*number as usize], ways[0], ways[1])?)
    }

    fn diagram(&mut self, diagram: &Diagram, places: &FxHashMap<GateIx, Place>) -> Result<Place, Stop> {
        let leaves: Vec<Place> = diagram.leaves.iter().map(|leaf| places[leaf]).collect();
        // By link: the two ends are the circuit's first places.
        let mut links = vec![NEVER, ALWAYS];
        for (_, node) in diagram.nodes() {
            let (down, up) = (links[node.down as usize], links[node.up as usize]);
            links.push(self.circuit.choice(leaves[node.level as usize], down, up)?);
        }
        Ok(links[diagram.root as usize])
    }
}

/// A module's gates by number, its parts by place: the same for the same function of the same parts.
fn key(formula: &Formula, local: &Local, places: &FxHashMap<GateIx, Place>) -> Box<[u64]> {
    const PART: u64 = 1 << 32;
    let numbers: FxHashMap<GateIx, u64> = local.gates.iter().copied().zip(0..).collect();
    let input = |gate: GateIx| match places.get(&gate) {
        Some(place) if local.leaves.contains(&gate) => PART + u64::from(*place),
        _ => numbers[&gate],
    };
    let mut key = Vec::new();
    for gate in &local.gates {
        match formula.gate(*gate) {
            Gate::Never | Gate::Always | Gate::Event(_) => {}
            Gate::Any(inputs) => {
                key.extend([u64::MAX, 0]);
                key.extend(inputs.iter().map(|gate| input(*gate)));
            }
            Gate::All(inputs) => {
                key.extend([u64::MAX, 1]);
                key.extend(inputs.iter().map(|gate| input(*gate)));
            }
            Gate::Beyond { spare, inputs } => {
                key.extend([u64::MAX, 2, *spare]);
                key.extend(inputs.iter().flat_map(|(gate, weight)| [input(*gate), *weight]));
            }
        }
    }
    key.into()
}

//! What brings a node down, as one formula over independent events: no cycle, nothing negated, equal parts shared.

use super::budget::{Budget, MAX_FORMULA_GATES, NotExact};
use crate::{
    components::StrongComponents,
    upstream::{NeedView, Upstream},
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;

/// How many of the events that are used several times are tried alone: each costs a pass over the formula.
const COMMON_EVENTS_TRIED: usize = 512;

/// How many of the gates that one input decides alone are tried for leaving that input out below them.
const DECIDING_GATES_TRIED: usize = 64;

/// How often a formula is simplified before it is accepted as it is.
const SIMPLER_ROUNDS: usize = 8;

/// A gate's index in its formula; its inputs come before it.
pub(super) type GateIx = u32;

/// When something happens, as a function of its inputs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Gate {
    /// Never.
    False,
    /// Always.
    True,
    /// When the event of this number does.
    Event(u32),
    /// When any of these does.
    Or(Box<[GateIx]>),
    /// When all of these do.
    And(Box<[GateIx]>),
    /// When the weights of those that do add up to more than `spare`.
    AtLeast { spare: u64, inputs: Box<[(GateIx, u64)]> },
}

impl Gate {
    pub(super) fn inputs(&self) -> impl Iterator<Item = GateIx> {
        let (plain, weighted): (&[GateIx], &[(GateIx, u64)]) = match self {
            Self::False | Self::True | Self::Event(_) => (&[], &[]),
            Self::Or(inputs) | Self::And(inputs) => (inputs, &[]),
            Self::AtLeast { inputs, .. } => (&[], inputs),
        };
        plain.iter().copied().chain(weighted.iter().map(|(input, _)| *input))
    }
}

/// Gates, each once, inputs first.
#[derive(Default)]
pub(super) struct Formula {
    gates: Vec<Gate>,
    known: FxHashMap<Gate, GateIx>,
}

impl Formula {
    pub(super) fn gates(&self) -> &[Gate] {
        &self.gates
    }

    pub(super) fn gate(&self, gate: GateIx) -> &Gate {
        &self.gates[gate as usize]
    }

    fn add(&mut self, gate: Gate) -> Result<GateIx, NotExact> {
        if let Some(known) = self.known.get(&gate) {
            return Ok(*known);
        }
        let index = u32::try_from(self.gates.len()).unwrap_or(u32::MAX);
        if index as usize >= MAX_FORMULA_GATES {
            return Err(NotExact::Gates);
        }
        self.gates.push(gate.clone());
        self.known.insert(gate, index);
        Ok(index)
    }

    pub(super) fn never(&mut self) -> Result<GateIx, NotExact> {
        self.add(Gate::False)
    }

    pub(super) fn always(&mut self) -> Result<GateIx, NotExact> {
        self.add(Gate::True)
    }

    pub(super) fn event(&mut self, event: u32) -> Result<GateIx, NotExact> {
        self.add(Gate::Event(event))
    }

    /// The inputs keep their order, which the orders of events start from.
    pub(super) fn any(&mut self, inputs: impl IntoIterator<Item = GateIx>) -> Result<GateIx, NotExact> {
        let mut kept: Vec<GateIx> = Vec::new();
        let mut met: FxHashSet<GateIx> = FxHashSet::default();
        for input in inputs {
            match self.gate(input) {
                Gate::True => return Ok(input),
                Gate::False => {}
                _ if met.insert(input) => kept.push(input),
                _ => {}
            }
        }
        match kept[..] {
            [] => self.never(),
            [only] => Ok(only),
            _ => self.add(Gate::Or(kept.into())),
        }
    }

    pub(super) fn all(&mut self, inputs: impl IntoIterator<Item = GateIx>) -> Result<GateIx, NotExact> {
        let mut kept: Vec<GateIx> = Vec::new();
        let mut met: FxHashSet<GateIx> = FxHashSet::default();
        for input in inputs {
            match self.gate(input) {
                Gate::False => return Ok(input),
                Gate::True => {}
                _ if met.insert(input) => kept.push(input),
                _ => {}
            }
        }
        match kept[..] {
            [] => self.always(),
            [only] => Ok(only),
            _ => self.add(Gate::And(kept.into())),
        }
    }

    pub(super) fn beyond(&mut self, spare: u64, weighted: &[(GateIx, u64)]) -> Result<GateIx, NotExact> {
        let lost = weighted.iter().filter(|(input, _)| *self.gate(*input) == Gate::True);
        let Some(spare) = spare.checked_sub(lost.map(|(_, weight)| weight).sum()) else { return self.always() };
        let can_change = |gate: &Gate| !matches!(gate, Gate::False | Gate::True);
        let mut inputs: Vec<(GateIx, u64)> = Vec::with_capacity(weighted.len());
        for (input, weight) in weighted.iter().filter(|(input, weight)| *weight > 0 && can_change(self.gate(*input))) {
            match inputs.iter_mut().find(|(same, _)| same == input) {
                Some((_, sum)) => *sum += weight,
                None => inputs.push((*input, *weight)),
            }
        }
        let whole: u64 = inputs.iter().map(|(_, weight)| weight).sum();
        if whole <= spare {
            return self.never();
        }
        if inputs.iter().all(|(_, weight)| *weight > spare) {
            return self.any(inputs.into_iter().map(|(input, _)| input));
        }
        if inputs.iter().all(|(_, weight)| whole - weight <= spare) {
            return self.all(inputs.into_iter().map(|(input, _)| input));
        }
        self.add(Gate::AtLeast { spare, inputs: inputs.into() })
    }

    /// A gate like `gate`, with each input replaced by `to`.
    pub(super) fn copy(&mut self, gate: &Gate, to: impl Fn(GateIx) -> GateIx) -> Result<GateIx, NotExact> {
        match gate {
            Gate::False => self.never(),
            Gate::True => self.always(),
            Gate::Event(event) => self.event(*event),
            Gate::Or(inputs) => self.any(inputs.iter().map(|input| to(*input))),
            Gate::And(inputs) => self.all(inputs.iter().map(|input| to(*input))),
            Gate::AtLeast { spare, inputs } => {
                let inputs: Vec<(GateIx, u64)> = inputs.iter().map(|(input, weight)| (to(*input), *weight)).collect();
                self.beyond(*spare, &inputs)
            }
        }
    }

    /// By gate: how often it is an input within `root`; 0 where it is no part of it.
    pub(super) fn uses(&self, root: GateIx) -> Vec<u32> {
        let mut uses = vec![0_u32; self.gates.len()];
        uses[root as usize] = 1;
        for gate in (0..=root as usize).rev().filter(|gate| self.gates.len() > *gate) {
            if uses[gate] > 0 {
                self.gates[gate].inputs().for_each(|input| uses[input as usize] += 1);
            }
        }
        uses
    }

    /// The same formula, simplified.
    pub(super) fn simplified(&self, root: GateIx, budget: Budget<'_>) -> Result<(Self, GateIx), NotExact> {
        let (mut formula, mut top) = self.absorbed(root, budget)?;
        for _ in 0..SIMPLER_ROUNDS {
            budget.go_on()?;
            let before = formula.edges(top);
            (formula, top) = formula.pruned_by_dominators(top)?;
            (formula, top) = formula.coalesced(top)?;
            if formula.edges(top) >= before {
                break;
            }
        }
        Ok((formula, top))
    }

    /// How many inputs the gates have in total.
    fn edges(&self, root: GateIx) -> u64 {
        self.uses(root).into_iter().map(u64::from).sum()
    }

    /// The same formula where an event that is used many times, but alone brings `root` about or is necessary for it, is used
    /// once, at the top. What such a shock connected falls apart.
    fn absorbed(&self, root: GateIx, budget: Budget<'_>) -> Result<(Self, GateIx), NotExact> {
        let uses = self.uses(root);
        let is_common = |gate: &GateIx| uses[*gate as usize] > 1 && matches!(self.gate(*gate), Gate::Event(_));
        let mut common: Vec<GateIx> = (0..=root).filter(is_common).collect();
        common.sort_by_key(|gate| Reverse(uses[*gate as usize]));
        common.truncate(COMMON_EVENTS_TRIED);
        let (mut suffices, mut needed) = (Vec::new(), Vec::new());
        for event in common {
            budget.go_on()?;
            suffices.extend(self.happens(root, event, true).then_some(event));
            needed.extend((!self.happens(root, event, false)).then_some(event));
        }
        let fixed = |gate: GateIx| match (suffices.contains(&gate), needed.contains(&gate)) {
            (false, false) => None,
            (suffices, _) => Some(!suffices),
        };
        let (mut new, mut top) = self.restricted(root, fixed)?;
        let events: Result<Vec<GateIx>, _> =
            suffices.iter().chain(&needed).map(|event| new.copy(self.gate(*event), |input| input)).collect();
        let events = events?;
        let (alone, needed) = events.split_at(suffices.len());
        top = new.any([top].into_iter().chain(alone.iter().copied()))?;
        top = new.all([top].into_iter().chain(needed.iter().copied()))?;
        Ok((new, top))
    }

    /// The formula with some events decided: `fixed` says for which, and whether they happen.
    pub(super) fn restricted(
        &self,
        root: GateIx,
        fixed: impl Fn(GateIx) -> Option<bool>,
    ) -> Result<(Self, GateIx), NotExact> {
        let uses = self.uses(root);
        let mut new = Self::default();
        let mut copies = vec![0; root as usize + 1];
        for gate in (0..=root).filter(|gate| uses[*gate as usize] > 0) {
            copies[gate as usize] = match fixed(gate) {
                Some(true) => new.always()?,
                Some(false) => new.never()?,
                None => new.copy(self.gate(gate), |input| copies[input as usize])?,
            };
        }
        Ok((new, copies[root as usize]))
    }

    /// Whether `root` happens if only `event` happens (`does`), or if everything but `event` happens.
    fn happens(&self, root: GateIx, event: GateIx, does: bool) -> bool {
        let mut happens = vec![false; root as usize + 1];
        for (index, gate) in self.gates.iter().enumerate().take(root as usize + 1) {
            happens[index] = match gate {
                Gate::False => false,
                Gate::True => true,
                Gate::Event(_) => (index == event as usize) == does,
                Gate::Or(inputs) => inputs.iter().any(|input| happens[*input as usize]),
                Gate::And(inputs) => inputs.iter().all(|input| happens[*input as usize]),
                Gate::AtLeast { spare, inputs } => {
                    let lost = inputs.iter().filter(|(input, _)| happens[*input as usize]);
                    lost.map(|(_, weight)| weight).sum::<u64>() > *spare
                }
            };
        }
        happens[root as usize]
    }

    /// The same formula where an input of a gate is left out further below, as far as all ways there pass through that gate: an
    /// input of "any" matters below only while it does not happen, and one of "all" only while it does.
    fn pruned_by_dominators(&self, root: GateIx) -> Result<(Self, GateIx), NotExact> {
        let uses = self.uses(root);
        let dominators = GateDominators::of(self, root, &uses);
        // By input: the gates that have it and decide by it alone, the highest first.
        let mut deciding: FxHashMap<GateIx, Vec<GateIx>> = FxHashMap::default();
        for gate in (0..=root).rev().filter(|gate| uses[*gate as usize] > 0) {
            if let Gate::Or(inputs) | Gate::And(inputs) = self.gate(gate) {
                for input in inputs.iter().filter(|input| uses[**input as usize] > 1) {
                    let deciding = deciding.entry(*input).or_default();
                    if deciding.len() < DECIDING_GATES_TRIED {
                        deciding.push(gate);
                    }
                }
            }
        }
        let mut new = Self::default();
        let (never, always) = (new.never()?, new.always()?);
        let mut copies = vec![never; root as usize + 1];
        for gate in (0..=root).filter(|gate| uses[*gate as usize] > 0) {
            let decided = |input: GateIx| {
                let deciding =
                    deciding.get(&input)?.iter().find(|above| **above != gate && dominators.is_above(**above, gate))?;
                Some(if matches!(self.gate(*deciding), Gate::Or(_)) { never } else { always })
            };
            let to = |input: GateIx| decided(input).unwrap_or(copies[input as usize]);
            copies[gate as usize] = new.copy(self.gate(gate), to)?;
        }
        Ok((new, copies[root as usize]))
    }

    /// The same formula with a gate that is used once, by a gate of its own sort, merged into that.
    fn coalesced(&self, root: GateIx) -> Result<(Self, GateIx), NotExact> {
        let uses = self.uses(root);
        let mut flat = Self::default();
        let mut copies = vec![0; root as usize + 1];
        // By merged gate: its inputs in the new formula.
        let mut merged: FxHashMap<GateIx, Vec<GateIx>> = FxHashMap::default();
        let mut merges = vec![false; root as usize + 1];
        for gate in 0..=root {
            for input in self.gate(gate).inputs().filter(|input| uses[*input as usize] == 1 && uses[gate as usize] > 0)
            {
                merges[input as usize] = matches!(
                    (self.gate(gate), self.gate(input)),
                    (Gate::Or(_), Gate::Or(_)) | (Gate::And(_), Gate::And(_))
                );
            }
        }
        for gate in (0..=root).filter(|gate| uses[*gate as usize] > 0) {
            let sort = self.gate(gate);
            let (Gate::Or(inputs) | Gate::And(inputs)) = sort else {
                copies[gate as usize] = flat.copy(sort, |input| copies[input as usize])?;
                continue;
            };
            let mut all: Vec<GateIx> = Vec::with_capacity(inputs.len());
            for input in inputs {
                match merged.remove(input) {
                    Some(inner) => all.extend(inner),
                    None => all.push(copies[*input as usize]),
                }
            }
            if merges[gate as usize] {
                merged.insert(gate, all);
            } else {
                copies[gate as usize] = if matches!(sort, Gate::Or(_)) { flat.any(all)? } else { flat.all(all)? };
            }
        }
        Ok((flat, copies[root as usize]))
    }
}

/// The dominators of each gate: the gates that all ways from the root to it pass through.
struct GateDominators {
    /// By gate: its number in a walk down the tree of dominators, and the number after the last gate below it.
    spans: Vec<(u32, u32)>,
}

impl GateDominators {
    fn of(formula: &Formula, root: GateIx, uses: &[u32]) -> Self {
        // By gate: the nearest gate that all ways pass through. Users have greater numbers, so theirs are known first.
        let mut above: Vec<Option<GateIx>> = vec![None; root as usize + 1];
        above[root as usize] = Some(root);
        let used = || (0..=root).filter(|gate| uses[*gate as usize] > 0);
        for gate in used().rev() {
            for input in formula.gate(gate).inputs() {
                let (mut one, mut other) = (above[input as usize].unwrap_or(gate), gate);
                while one != other {
                    let lower = if one < other { &mut one } else { &mut other };
                    *lower = above[*lower as usize].unwrap_or(root);
                }
                above[input as usize] = Some(one);
            }
        }
        let mut sizes = vec![1_u32; root as usize + 1];
        for gate in used().filter(|gate| *gate != root) {
            if let Some(above) = above[gate as usize] {
                sizes[above as usize] += sizes[gate as usize];
            }
        }
        let mut spans = vec![(0, 0); root as usize + 1];
        // By gate: the number that its next child gets.
        let mut next = vec![0; root as usize + 1];
        for gate in used().rev() {
            let start = match above[gate as usize].filter(|_| gate != root) {
                Some(above) => {
                    let start = next[above as usize];
                    next[above as usize] += sizes[gate as usize];
                    start
                }
                None => 0,
            };
            next[gate as usize] = start + 1;
            spans[gate as usize] = (start, start + sizes[gate as usize]);
        }
        Self { spans }
    }

    /// Whether all ways to `gate` pass through `above`.
    fn is_above(&self, above: GateIx, gate: GateIx) -> bool {
        let ((start, end), (index, _)) = (self.spans[above as usize], self.spans[gate as usize]);
        (start..end).contains(&index)
    }
}

/// When the node at slot `root` of `upstream` is down. `own` gives the events that bring a slot down by themselves.
pub(super) fn down(
    upstream: &Upstream,
    root: u32,
    own: &dyn Fn(u32) -> Vec<u32>,
    budget: Budget<'_>,
) -> Result<(Formula, GateIx), NotExact> {
    let slots = u32::try_from(upstream.nodes().len()).unwrap_or(u32::MAX);
    let mut starts = vec![0];
    let mut inputs: Vec<u32> = Vec::new();
    for slot in 0..slots {
        inputs.extend(upstream.needs(slot).flat_map(|need| need.sources.iter().map(|(source, _)| *source)));
        starts.push(inputs.len());
    }
    let mut formula = Formula::default();
    let never = formula.never()?;
    let mut gates = vec![never; slots as usize];
    for component in StrongComponents::of(&starts, &inputs).iter() {
        for _ in 0..rounds(component, &starts, &inputs) {
            let mut changes = false;
            for slot in component {
                budget.go_on()?;
                let gate = node(&mut formula, upstream, *slot, own, &gates)?;
                changes |= gates[*slot as usize] != gate;
                gates[*slot as usize] = gate;
            }
            if !changes {
                break;
            }
        }
    }
    Ok((formula, gates[root as usize]))
}

/// How often the members must be computed, in order, until everything that can fall has fallen: a failure spreads along a path
/// without repetition, and one round follows it until it has to go back in the order.
fn rounds(component: &[u32], starts: &[usize], inputs: &[u32]) -> usize {
    if component.len() == 1 {
        return 1;
    }
    let order: FxHashMap<u32, usize> = component.iter().enumerate().map(|(order, slot)| (*slot, order)).collect();
    let mut late: FxHashSet<u32> = FxHashSet::default();
    for (own, slot) in component.iter().enumerate() {
        let sources = &inputs[starts[*slot as usize]..starts[*slot as usize + 1]];
        late.extend(sources.iter().filter(|source| order.get(source).is_some_and(|order| *order >= own)));
    }
    (late.len() + 1).min(component.len())
}

fn node(
    formula: &mut Formula,
    upstream: &Upstream,
    slot: u32,
    own: &dyn Fn(u32) -> Vec<u32>,
    gates: &[GateIx],
) -> Result<GateIx, NotExact> {
    let mut causes = Vec::new();
    for event in own(slot) {
        causes.push(formula.event(event)?);
    }
    for need in upstream.needs(slot) {
        causes.push(unmet(formula, need, gates)?);
    }
    formula.any(causes)
}

fn unmet(formula: &mut Formula, need: NeedView<'_>, gates: &[GateIx]) -> Result<GateIx, NotExact> {
    let inputs: Vec<(GateIx, u64)> =
        need.sources.iter().map(|(source, weight)| (gates[*source as usize], *weight)).collect();
    formula.beyond(need.spare(), &inputs)
}

//! How a module's function is put together: gate after gate, thresholds written out.

use super::{
    NotExact,
    formula::{FORMULA_GATES_MAX, Formula, Gate, GateIx},
    modules::Local,
};
use rustc_hash::FxHashMap;

/// A step by number; what it is made from comes before it.
pub(super) type StepIx = usize;

/// A gate of the module, a part of one, or a leaf.
pub(super) enum Step {
    Never,
    Leaf(GateIx),
    Any(Vec<StepIx>),
    All(Vec<StepIx>),
}

impl Step {
    pub(super) fn inputs(&self) -> &[StepIx] {
        match self {
            Self::Never | Self::Leaf(_) => &[],
            Self::Any(inputs) | Self::All(inputs) => inputs,
        }
    }
}

/// The number of [`Step::Never`].
const NEVER: StepIx = 0;

/// A module in steps, leaves first.
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    /// By step: how many others are made from it, and one more for the module.
    pub(super) uses: Vec<u32>,
    /// The module; a threshold may come to no more than one of its leaves.
    pub(super) module: StepIx,
}

impl Plan {
    pub(super) fn of(formula: &Formula, local: &Local) -> Result<Self, NotExact> {
        let mut plan = Self { steps: vec![Step::Never], uses: vec![0], module: NEVER };
        let mut leaves: Vec<GateIx> = local.leaves.iter().copied().collect();
        leaves.sort_unstable();
        let mut made: FxHashMap<GateIx, StepIx> = FxHashMap::default();
        for leaf in leaves {
            made.insert(leaf, plan.add(Step::Leaf(leaf))?);
        }
        for gate in &local.gates {
            let of = |inputs: &[GateIx]| inputs.iter().map(|input| made[input]).collect();
            let step = match formula.gate(*gate) {
                // Events are leaves, and what never or always happens has been left out of every other gate.
                Gate::Never | Gate::Always | Gate::Event(_) => NEVER,
                Gate::Any(inputs) => plan.add(Step::Any(of(inputs)))?,
                Gate::All(inputs) => plan.add(Step::All(of(inputs)))?,
                Gate::Beyond { spare, inputs } => {
                    let weights: Vec<(StepIx, u64)> =
                        inputs.iter().map(|(input, weight)| (made[input], *weight)).collect();
                    let whole = weights.iter().map(|(_, weight)| weight).sum();
                    Threshold { plan: &mut plan, known: FxHashMap::default() }.beyond(&weights, *spare, whole)?
                }
            };
            made.insert(*gate, step);
            // The module itself is the last of its gates.
            plan.module = step;
        }
        plan.uses[plan.module] += 1;
        Ok(plan)
    }

    fn add(&mut self, step: Step) -> Result<StepIx, NotExact> {
        if self.steps.len() >= FORMULA_GATES_MAX {
            return Err(NotExact::Gates);
        }
        step.inputs().iter().for_each(|input| self.uses[*input] += 1);
        self.steps.push(step);
        self.uses.push(0);
        Ok(self.steps.len() - 1)
    }
}

/// Weights that are lost, added up input after input.
struct Threshold<'p> {
    plan: &'p mut Plan,
    /// By how many inputs are left and what can still be lost.
    known: FxHashMap<(usize, u64), StepIx>,
}

impl Threshold<'_> {
    /// When the inputs lose more than `spare` of the `whole` that they weigh.
    fn beyond(&mut self, weights: &[(StepIx, u64)], spare: u64, whole: u64) -> Result<StepIx, NotExact> {
        let Some(((input, weight), others)) = weights.split_last().filter(|_| whole > spare) else {
            return Ok(NEVER);
        };
        if let Some(known) = self.known.get(&(weights.len(), spare)) {
            return Ok(*known);
        }
        let with = match spare.checked_sub(*weight) {
            Some(left) => match self.beyond(others, left, whole - weight)? {
                NEVER => NEVER,
                down => self.plan.add(Step::All(vec![*input, down]))?,
            },
            None => *input,
        };
        let without = self.beyond(others, spare, whole - weight)?;
        let made = match (with, without) {
            (NEVER, only) | (only, NEVER) => only,
            _ => self.plan.add(Step::Any(vec![with, without]))?,
        };
        self.known.insert((weights.len(), spare), made);
        Ok(made)
    }
}

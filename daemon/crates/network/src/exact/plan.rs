//! How a module's function is built: gate after gate.

use super::{
    budget::{MAX_FORMULA_GATES, NotExact},
    formula::{Formula, Gate, GateIx},
    modules::Local,
};
use rustc_hash::FxHashMap;

/// The number of a step; its inputs come before it.
pub(super) type StepIx = usize;

/// A gate of the module, a part of one, or a leaf.
pub(super) enum Step {
    False,
    Leaf(GateIx),
    Or(Vec<StepIx>),
    And(Vec<StepIx>),
    /// When the weights of those that happen add up to more than `spare`.
    AtLeast {
        spare: u64,
        inputs: Vec<(StepIx, u64)>,
    },
}

impl Step {
    pub(super) fn inputs(&self) -> impl Iterator<Item = StepIx> {
        let (plain, weighted): (&[StepIx], &[(StepIx, u64)]) = match self {
            Self::False | Self::Leaf(_) => (&[], &[]),
            Self::Or(inputs) | Self::And(inputs) => (inputs, &[]),
            Self::AtLeast { inputs, .. } => (&[], inputs),
        };
        plain.iter().copied().chain(weighted.iter().map(|(input, _)| *input))
    }
}

/// The number of [`Step::False`].
const FALSE: StepIx = 0;

/// A module in steps, leaves first.
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    /// By step: how many others use it, and one more for the module.
    pub(super) uses: Vec<u32>,
    /// The module, the last of its gates.
    pub(super) module: StepIx,
}

impl Plan {
    pub(super) fn of(formula: &Formula, local: &Local) -> Result<Self, NotExact> {
        let mut plan = Self { steps: vec![Step::False], uses: vec![0], module: FALSE };
        let mut leaves: Vec<GateIx> = local.leaves.iter().copied().collect();
        leaves.sort_unstable();
        let mut made: FxHashMap<GateIx, StepIx> = FxHashMap::default();
        for leaf in leaves {
            made.insert(leaf, plan.add(Step::Leaf(leaf))?);
        }
        for gate in &local.gates {
            let of = |inputs: &[GateIx]| inputs.iter().map(|input| made[input]).collect();
            let step = match formula.gate(*gate) {
                // Events are leaves, and constants have been left out of every other gate.
                Gate::False | Gate::True | Gate::Event(_) => FALSE,
                Gate::Or(inputs) => plan.add(Step::Or(of(inputs)))?,
                Gate::And(inputs) => plan.add(Step::And(of(inputs)))?,
                Gate::AtLeast { spare, inputs } => {
                    let inputs = inputs.iter().map(|(input, weight)| (made[input], *weight)).collect();
                    plan.add(Step::AtLeast { spare: *spare, inputs })?
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
        if self.steps.len() >= MAX_FORMULA_GATES {
            return Err(NotExact::Gates);
        }
        step.inputs().for_each(|input| self.uses[input] += 1);
        self.steps.push(step);
        self.uses.push(0);
        Ok(self.steps.len() - 1)
    }
}

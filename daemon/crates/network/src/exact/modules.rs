//! Modules: parts of a formula that share no event with the rest, so that each is solved once and alone.
//!
//! They are found by the dates of one walk (Dutuit and Rauzy, "A linear-time algorithm to find modules of fault trees", 1996).

use super::{
    budget::NotExact,
    formula::{Formula, Gate, GateIx},
};
use rustc_hash::{FxHashMap, FxHashSet};

/// By gate: whether it is a module within `root`; events are modules.
pub(super) fn modules(formula: &Formula, root: GateIx) -> Vec<bool> {
    let count = root as usize + 1;
    // When a gate is first visited, when its inputs are done, and when it is last visited.
    let (mut first, mut finish, mut last) = (vec![0_u32; count], vec![0_u32; count], vec![0_u32; count]);
    let mut date = 0;
    let mut calls: Vec<(GateIx, Vec<GateIx>)> = Vec::new();
    let open = |gate: GateIx, date: &mut u32, first: &mut [u32], last: &mut [u32]| {
        *date += 1;
        last[gate as usize] = *date;
        if first[gate as usize] != 0 {
            return None;
        }
        first[gate as usize] = *date;
        let mut inputs: Vec<GateIx> = formula.gate(gate).inputs().collect();
        inputs.reverse();
        Some((gate, inputs))
    };
    calls.extend(open(root, &mut date, &mut first, &mut last));
    while let Some((gate, inputs)) = calls.last_mut() {
        if let Some(input) = inputs.pop() {
            calls.extend(open(input, &mut date, &mut first, &mut last));
        } else {
            date += 1;
            finish[*gate as usize] = date;
            last[*gate as usize] = date;
            calls.pop();
        }
    }
    let (mut earliest, mut latest) = (vec![u32::MAX; count], vec![0; count]);
    let mut is_module = vec![false; count];
    for gate in 0..count {
        if first[gate] == 0 {
            continue;
        }
        for input in formula.gates()[gate].inputs().map(|input| input as usize) {
            earliest[gate] = earliest[gate].min(earliest[input]).min(first[input]);
            latest[gate] = latest[gate].max(latest[input]).max(last[input]);
        }
        is_module[gate] = earliest[gate] > first[gate] && latest[gate] < finish[gate];
    }
    is_module
}

/// The parts of a module: its own gates, down to events and other modules.
pub(super) struct Local {
    /// Its own gates, inputs first; the module itself is the last.
    pub(super) gates: Vec<GateIx>,
    /// Events and other modules.
    pub(super) leaves: FxHashSet<GateIx>,
}

impl Local {
    pub(super) fn of(formula: &Formula, module: GateIx, is_module: &[bool]) -> Self {
        let mut gates = vec![module];
        let mut met = FxHashSet::from_iter([module]);
        let mut leaves = FxHashSet::default();
        let mut next = 0;
        while let Some(gate) = gates.get(next).copied() {
            for input in formula.gate(gate).inputs() {
                if is_module[input as usize] {
                    leaves.insert(input);
                } else if met.insert(input) {
                    gates.push(input);
                }
            }
            next += 1;
        }
        gates.sort_unstable();
        Self { gates, leaves }
    }

    /// The module as a formula of its own, whose events are the indices of the leaves that come with it.
    pub(super) fn alone(&self, formula: &Formula, module: GateIx) -> Result<(Formula, GateIx, Vec<GateIx>), NotExact> {
        let mut leaves: Vec<GateIx> = self.leaves.iter().copied().collect();
        leaves.sort_unstable();
        let mut alone = Formula::default();
        let mut copies: FxHashMap<GateIx, GateIx> = FxHashMap::default();
        for (leaf, event) in leaves.iter().zip(0..) {
            copies.insert(*leaf, alone.event(event)?);
        }
        for gate in &self.gates {
            copies.insert(*gate, alone.copy(formula.gate(*gate), |input| copies[&input])?);
        }
        Ok((alone, copies[&module], leaves))
    }
}

/// The same formula where inputs of a module's gate that share events get a gate of their own, and so do inputs that only this
/// gate has: parts that share nothing become modules.
pub(super) fn modularised(formula: &Formula, root: GateIx) -> Result<(Formula, GateIx), NotExact> {
    let is_module = modules(formula, root);
    let uses = formula.uses(root);
    let mut new = Formula::default();
    let mut copies = vec![0; root as usize + 1];
    for gate in (0..=root).filter(|gate| uses[*gate as usize] > 0) {
        let sort = formula.gate(gate);
        let (Gate::Or(inputs) | Gate::And(inputs)) = sort else {
            copies[gate as usize] = new.copy(sort, |input| copies[input as usize])?;
            continue;
        };
        let any = matches!(sort, Gate::Or(_));
        let parts = if is_module[gate as usize] {
            parts(formula, inputs, &is_module)
        } else {
            // Inputs that only this gate has become one part.
            let is_own = |input: &&GateIx| is_module[**input as usize] && uses[**input as usize] == 1;
            let own: Vec<GateIx> = inputs.iter().filter(is_own).copied().collect();
            let others = inputs.iter().filter(|input| !is_own(input)).map(|input| vec![*input]);
            others.chain([own]).filter(|part| !part.is_empty()).collect()
        };
        let mut made = Vec::with_capacity(parts.len());
        for part in parts {
            let inputs = part.iter().map(|input| copies[*input as usize]);
            made.push(if any { new.any(inputs)? } else { new.all(inputs)? });
        }
        copies[gate as usize] = if any { new.any(made)? } else { new.all(made)? };
    }
    Ok((new, copies[root as usize]))
}

/// Groups `inputs` that share gates below.
fn parts(formula: &Formula, inputs: &[GateIx], is_module: &[bool]) -> Vec<Vec<GateIx>> {
    // By gate below: the first input that reaches it.
    let mut owner: FxHashMap<GateIx, usize> = FxHashMap::default();
    let mut group: Vec<usize> = (0..inputs.len()).collect();
    for (number, input) in inputs.iter().enumerate() {
        let mut waiting = vec![*input];
        while let Some(gate) = waiting.pop() {
            if let Some(other) = owner.insert(gate, number) {
                let (one, other) = (leader(&mut group, number), leader(&mut group, other));
                group[one.max(other)] = one.min(other);
                continue;
            }
            if !is_module[gate as usize] {
                waiting.extend(formula.gate(gate).inputs());
            }
        }
    }
    let mut parts: Vec<Vec<GateIx>> = vec![Vec::new(); inputs.len()];
    for (number, input) in inputs.iter().enumerate() {
        parts[leader(&mut group, number)].push(*input);
    }
    parts.retain(|part| !part.is_empty());
    parts
}

fn leader(group: &mut [usize], mut number: usize) -> usize {
    while group[number] != number {
        group[number] = group[group[number]];
        number = group[number];
    }
    number
}

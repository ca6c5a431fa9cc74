//! Thresholds by their sums: of the inputs decided so far only the weight that can still be lost matters, so there are as many
//! states as sources times distinct sums, and not as many as sets of sources.

use super::budget::{Budget, NotExact};

/// The states of a threshold: by the number of inputs decided, the weights that can still be lost, ascending. There is no state
/// where the threshold is decided already.
pub(super) struct Sums {
    /// By input: its weight.
    weights: Vec<u64>,
    layers: Vec<Vec<u64>>,
}

/// The values of the states in use: those of the layer below, and those made so far of this one.
#[derive(Clone, Copy)]
pub(super) struct Live<'l, T> {
    pub(super) below: &'l [T],
    pub(super) made: &'l [T],
}

/// The values for never and always.
#[derive(Clone, Copy)]
pub(super) struct Ends<T> {
    pub(super) never: T,
    pub(super) always: T,
}

impl Sums {
    /// A threshold over inputs with these weights, each at least 1, decided one after the other. It happens when those that
    /// happen weigh more than `spare`; all of them together do.
    ///
    /// # Errors
    /// When there are more states than allowed nodes, or the caller does not want to wait any longer.
    pub(super) fn of(spare: u64, weights: Vec<u64>, budget: Budget<'_>) -> Result<Self, NotExact> {
        let mut left = vec![0; weights.len() + 1];
        for (index, weight) in weights.iter().enumerate().rev() {
            left[index] = left[index + 1] + weight;
        }
        let mut layers: Vec<Vec<u64>> = Vec::with_capacity(weights.len());
        let mut layer = vec![spare];
        let mut states = 0;
        for (index, weight) in weights.iter().enumerate() {
            states += layer.len();
            if states > budget.nodes {
                return Err(NotExact::Nodes { limit: budget.nodes });
            }
            budget.go_on()?;
            let is_open = |spare: &u64| *spare < left[index + 1];
            let happens = layer.iter().filter_map(|spare| spare.checked_sub(*weight)).filter(is_open);
            let next = merged(happens, layer.iter().copied().filter(is_open));
            layers.push(std::mem::replace(&mut layer, next));
        }
        Ok(Self { weights, layers })
    }

    /// The value of the threshold. `make` gives the value of a state from the index of its input, the values if that
    /// happens and if it does not, and the values in use.
    ///
    /// # Errors
    /// The first error of `make`.
    pub(super) fn fold<T: Copy, E>(
        &self,
        ends: Ends<T>,
        mut make: impl FnMut(usize, [T; 2], Live<'_, T>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut below: Vec<T> = Vec::new();
        for (index, layer) in self.layers.iter().enumerate().rev() {
            let next = self.layers.get(index + 1).map_or(&[][..], Vec::as_slice);
            let value = |spare: u64| match next.binary_search(&spare) {
                Ok(state) => below[state],
                // There is no state where the remaining weight cannot exceed the spare weight.
                Err(_) => ends.never,
            };
            let mut made: Vec<T> = Vec::with_capacity(layer.len());
            for spare in layer {
                let happens = spare.checked_sub(self.weights[index]).map_or(ends.always, value);
                made.push(make(index, [happens, value(*spare)], Live { below: &below, made: &made })?);
            }
            below = made;
        }
        Ok(below.first().copied().unwrap_or(ends.never))
    }
}

/// Two ascending lists as one, each number once.
fn merged(one: impl Iterator<Item = u64>, other: impl Iterator<Item = u64>) -> Vec<u64> {
    let (mut one, mut other) = (one.peekable(), other.peekable());
    let mut all: Vec<u64> = Vec::new();
    loop {
        let next = match (one.peek(), other.peek()) {
            (Some(left), Some(right)) if left <= right => one.next(),
            (_, Some(_)) => other.next(),
            _ => one.next(),
        };
        let Some(next) = next else { return all };
        if all.last() != Some(&next) {
            all.push(next);
        }
    }
}

//! Names to numbers and back, so that everything else is arrays of `u32`.

use rustc_hash::FxHashMap;
use std::hash::Hash;

/// Every name met so far, in the order of meeting. Names are never forgotten: their number stays good for ever.
#[derive(Clone, Debug)]
pub(super) struct Names<T> {
    numbers: FxHashMap<T, u32>,
    names: Vec<T>,
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self { numbers: FxHashMap::default(), names: Vec::new() }
    }
}

impl<T: Clone + Eq + Hash> Names<T> {
    /// The number of `name`, a new one when it is met for the first time.
    pub(super) fn number(&mut self, name: &T) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number =
            u32::try_from(self.names.len()).unwrap_or_else(|_| unreachable!("2^32 names do not fit in memory"));
        self.numbers.insert(name.clone(), number);
        self.names.push(name.clone());
        number
    }

    /// The number of `name`, if it has been met.
    pub(super) fn find(&self, name: &T) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// The name that has this number.
    pub(super) fn name(&self, number: u32) -> &T {
        &self.names[number as usize]
    }

    /// How many names there are; their numbers are `0..len`.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }
}

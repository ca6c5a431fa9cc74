//! Names to numbers and back, so that everything else is arrays of `u32`.

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;
use std::hash::Hash;

/// Every name so far, in the order of first use. Names are never forgotten: their numbers stay valid for ever.
#[derive(Clone, Debug)]
pub(super) struct Interner<T>(IndexSet<T, FxBuildHasher>);

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self(IndexSet::default())
    }
}

impl<T: Clone + Eq + Hash> Interner<T> {
    /// The number of `name`, a new one at its first use.
    pub(super) fn number(&mut self, name: &T) -> u32 {
        let index = self.0.get_index_of(name).unwrap_or_else(|| self.0.insert_full(name.clone()).0);
        number(index)
    }

    /// As [`number`](Self::number), faster where `likely` is the number of `name`.
    pub(super) fn number_again(&mut self, name: &T, likely: u32) -> u32 {
        if self.0.get_index(likely as usize) == Some(name) { likely } else { self.number(name) }
    }

    /// The number of `name`, if it has one.
    pub(super) fn find(&self, name: &T) -> Option<u32> {
        self.0.get_index_of(name).map(number)
    }

    /// The name that has this number.
    pub(super) fn name(&self, number: u32) -> &T {
        &self.0[number as usize]
    }

    /// How many names there are; their numbers are `0..len`.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or_else(|_| unreachable!("2^32 names do not fit in memory"))
}

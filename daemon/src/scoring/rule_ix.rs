//! How the rules of a scorer are addressed.

use crate::policy::{MAX_RULES, MAX_SHADOWS};

// A policy with the most rules and shadows allowed fits.
const _: () = assert!(MAX_RULES * (1 + MAX_SHADOWS) <= u16::MAX as usize);

/// A rule of one scorer: the active ones come first, in the policy's order, then the shadows. Never stored, never shown; in
/// another scorer it names another rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleIx(u16);

/// What a rule is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Its answers make the scores.
    Active,
    /// Its answers are compared with those of the active one, and make no score.
    ShadowOf(RuleIx),
}

/// A value for each rule of a scorer. It may be shorter than the list of rules; what is missing at its end is absent.
#[derive(Clone, Debug)]
pub struct RuleMap<T>(Vec<T>);

impl RuleIx {
    fn nth(nth: usize) -> Self {
        Self(u16::try_from(nth).unwrap_or_else(|_| unreachable!("a policy has fewer rules")))
    }
}

impl<T> RuleMap<T> {
    /// The value of the rule.
    #[must_use]
    pub fn get(&self, ix: RuleIx) -> Option<&T> {
        self.0.get(usize::from(ix.0))
    }

    pub(super) fn get_mut(&mut self, ix: RuleIx) -> Option<&mut T> {
        self.0.get_mut(usize::from(ix.0))
    }

    /// Each value with its rule.
    pub fn iter(&self) -> impl Iterator<Item = (RuleIx, &T)> {
        self.0.iter().enumerate().map(|(nth, one)| (RuleIx::nth(nth), one))
    }

    /// The values alone, in the order of the rules.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut()
    }

    /// Adds the value of the next rule.
    pub(super) fn push(&mut self, one: T) {
        self.0.push(one);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

impl<T: Default> RuleMap<T> {
    /// Makes it hold a value for each of `rules` rules, and for no more.
    pub(super) fn resize(&mut self, rules: usize) {
        self.0.resize_with(rules, T::default);
    }

    /// The value of the rule, added where it is absent.
    pub(super) fn or_default(&mut self, ix: RuleIx) -> &mut T {
        let nth = usize::from(ix.0);
        if self.0.len() <= nth {
            self.resize(nth + 1);
        }
        &mut self.0[nth]
    }
}

impl<T> Default for RuleMap<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> FromIterator<T> for RuleMap<T> {
    fn from_iter<I: IntoIterator<Item = T>>(all: I) -> Self {
        Self(all.into_iter().collect())
    }
}

impl<T> IntoIterator for RuleMap<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
impl RuleIx {
    /// The `nth` rule of a test.
    pub(crate) const fn of_test(nth: u16) -> Self {
        Self(nth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_yet_is_absent() {
        let (first, third) = (RuleIx::of_test(0), RuleIx::of_test(2));
        let mut map: RuleMap<usize> = [7].into_iter().collect();
        assert_eq!((map.get(first), map.get(third)), (Some(&7), None));
        *map.or_default(third) += 1;
        assert_eq!(map.iter().map(|(_, one)| *one).collect::<Vec<_>>(), [7, 0, 1]);
        assert_eq!(map.iter().map(|(ix, _)| ix).last(), Some(third));
        map.resize(1);
        assert_eq!(map.get(third), None);
    }
}

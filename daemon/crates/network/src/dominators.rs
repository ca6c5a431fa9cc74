//! Dominators: the slots that all ways from one slot to another pass through.
//!
//! The algorithm is that of Cooper, Harvey and Kennedy ("A simple, fast dominance algorithm", 2001): it iterates until nothing
//! changes, which takes one round without cycles.

/// By slot: the nearest other slot that all ways to it pass through.
pub(super) struct Dominators {
    nearest: Vec<u32>,
    /// The slots that can be reached, the root first, each after its nearest.
    order: Vec<u32>,
}

/// No slot: it cannot be reached.
const NONE: u32 = u32::MAX;

impl Dominators {
    /// The dominators of the ways from `root`, where slot `p` leads to `next[starts[p]..starts[p + 1]]`.
    pub(super) fn of(starts: &[usize], next: &[u32], root: u32) -> Self {
        let slots = starts.len().saturating_sub(1);
        let order = reverse_postorder(starts, next, root);
        let mut number = vec![NONE; slots];
        for (at, slot) in (0..).zip(&order) {
            number[*slot as usize] = at;
        }
        // By slot: those that lead to it, in the order.
        let mut leading: Vec<Vec<u32>> = vec![Vec::new(); slots];
        for slot in &order {
            for to in &next[starts[*slot as usize]..starts[*slot as usize + 1]] {
                leading[*to as usize].push(*slot);
            }
        }
        let mut nearest = vec![NONE; slots];
        nearest[root as usize] = root;
        let mut changes = true;
        while changes {
            changes = false;
            for slot in order.iter().skip(1) {
                let known = leading[*slot as usize].iter().copied().filter(|from| nearest[*from as usize] != NONE);
                let found = known.reduce(|one, other| common(&nearest, &number, one, other)).unwrap_or(NONE);
                changes |= nearest[*slot as usize] != found;
                nearest[*slot as usize] = found;
            }
        }
        Self { nearest, order }
    }

    /// The slots that can be reached, except the root, each after its nearest dominator and with it.
    pub(super) fn nearest(&self) -> impl Iterator<Item = (u32, u32)> {
        self.order.iter().skip(1).map(|slot| (*slot, self.nearest[*slot as usize]))
    }

    /// The slots that all ways to `slot` pass through, from the root on, without it and the root.
    pub(super) fn all_of(&self, slot: u32) -> Vec<u32> {
        let mut all = Vec::new();
        let mut at = slot;
        while self.nearest[at as usize] != NONE && self.nearest[at as usize] != at {
            at = self.nearest[at as usize];
            all.push(at);
        }
        // The last is the root.
        all.pop();
        all.reverse();
        all
    }
}

/// The nearest slot that all ways to both pass through.
fn common(nearest: &[u32], number: &[u32], mut one: u32, mut other: u32) -> u32 {
    while one != other {
        let later = if number[one as usize] > number[other as usize] { &mut one } else { &mut other };
        *later = nearest[*later as usize];
    }
    one
}

/// The slots that can be reached, each after all that lead to it, except on cycles.
fn reverse_postorder(starts: &[usize], next: &[u32], root: u32) -> Vec<u32> {
    let mut met = vec![false; starts.len().saturating_sub(1)];
    met[root as usize] = true;
    let mut order = Vec::new();
    // Slots that are being visited, each with how many that it leads to have been looked at.
    let mut calls = vec![(root, 0)];
    while let Some((slot, looked_at)) = calls.last_mut() {
        let slot = *slot as usize;
        match next[starts[slot]..starts[slot + 1]].get(*looked_at) {
            Some(to) => {
                *looked_at += 1;
                if !std::mem::replace(&mut met[*to as usize], true) {
                    calls.push((*to, 0));
                }
            }
            None => order.extend(calls.pop().map(|(slot, _)| slot)),
        }
    }
    order.reverse();
    order
}

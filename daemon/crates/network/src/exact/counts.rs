//! Minimal cut sets from a diagram, counted by order without listing them.
//!
//! The minimal solutions of a diagram form a diagram themselves, of sets (Rauzy, "New algorithms for fault trees analysis",
//! 1993). Sets that are larger than asked for are dropped early, which loses none that is small enough.

use super::{
    budget::{Budget, NotExact},
    diagram::{DOWN, Diagram, Link, UP},
    formula::GateIx,
};
use rustc_hash::FxHashMap;

/// How many sets there are of each order; the index is the order.
pub(super) type CutSetCounts = Vec<u128>;

/// No set.
const NONE: Link = 0;
/// The empty set alone.
const EMPTY: Link = 1;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct CutSetNode {
    level: u32,
    /// The sets that hold the leaf.
    with: Link,
    /// The sets that do not.
    without: Link,
}

/// The minimal cut sets of one module, in its leaves.
pub(super) struct Solutions {
    leaves: Vec<GateIx>,
    nodes: Vec<CutSetNode>,
    /// By link: how many events the smallest of its sets has; `usize::MAX` where there is none.
    least: Vec<usize>,
    /// By level: how many events the smallest set of the leaf has.
    least_of_leaf: Vec<usize>,
    root: Link,
}

impl Solutions {
    /// The sets of at most `order` events; `least` gives the order of the smallest set of a leaf.
    pub(super) fn of(
        diagram: &Diagram,
        order: usize,
        least: &dyn Fn(GateIx) -> usize,
        budget: Budget<'_>,
    ) -> Result<Self, NotExact> {
        let mut search = SolutionSearch {
            diagram,
            least: diagram.leaves.iter().map(|leaf| least(*leaf)).collect(),
            nodes: Vec::new(),
            unique: FxHashMap::default(),
            minimal: FxHashMap::default(),
            reduced: FxHashMap::default(),
            budget,
        };
        let root = search.minimal(diagram.root, order)?;
        let (nodes, least_of_leaf) = (search.nodes, search.least);
        let mut least = vec![usize::MAX, 0];
        for node in &nodes {
            let with = least[node.with as usize].saturating_add(least_of_leaf[node.level as usize]);
            least.push(with.min(least[node.without as usize]));
        }
        Ok(Self { leaves: diagram.leaves.clone(), nodes, least, least_of_leaf, root })
    }

    /// How many events the smallest set has; `usize::MAX` where there is none.
    pub(super) fn least(&self) -> usize {
        self.least[self.root as usize]
    }

    fn node(&self, link: Link) -> Option<CutSetNode> {
        self.nodes.get((link as usize).checked_sub(2)?).copied()
    }

    /// How many sets there are by order, up to `order`, with each leaf replaced by its own sets.
    pub(super) fn counts(&self, order: usize, of_leaf: &dyn Fn(GateIx) -> CutSetCounts) -> CutSetCounts {
        let leaves: Vec<CutSetCounts> = self.leaves.iter().map(|leaf| of_leaf(*leaf)).collect();
        let mut counts: Vec<CutSetCounts> = vec![vec![0; order + 1]; self.nodes.len() + 2];
        counts[EMPTY as usize][0] = 1;
        for (index, node) in self.nodes.iter().enumerate() {
            let mut sum = counts[node.without as usize].clone();
            for (one, left) in leaves[node.level as usize].iter().enumerate().filter(|(_, count)| **count > 0) {
                for (other, right) in
                    counts[node.with as usize].iter().enumerate().take((order + 1).saturating_sub(one))
                {
                    sum[one + other] = sum[one + other].saturating_add(left.saturating_mul(*right));
                }
            }
            counts[index + 2] = sum;
        }
        counts.swap_remove(self.root as usize)
    }

    /// Up to `limit` sets of leaves, each of which comes to at most `order` events with the smallest sets of its leaves.
    pub(super) fn sets(&self, order: usize, limit: usize) -> Vec<Vec<GateIx>> {
        let mut found = Vec::new();
        let mut waiting: Vec<(Link, usize, Vec<GateIx>)> = vec![(self.root, order, Vec::new())];
        while let Some((link, room, set)) = waiting.pop() {
            if found.len() == limit {
                break;
            }
            if self.least[link as usize] > room {
                continue;
            }
            let Some(node) = self.node(link) else {
                if link == EMPTY {
                    found.push(set);
                }
                continue;
            };
            waiting.push((node.without, room, set.clone()));
            if let Some(room) = room.checked_sub(self.least_of_leaf[node.level as usize]) {
                waiting.push((node.with, room, [&set[..], &[self.leaves[node.level as usize]]].concat()));
            }
        }
        found
    }
}

struct SolutionSearch<'d> {
    diagram: &'d Diagram,
    /// By level.
    least: Vec<usize>,
    nodes: Vec<CutSetNode>,
    unique: FxHashMap<CutSetNode, Link>,
    minimal: FxHashMap<(Link, usize), Link>,
    reduced: FxHashMap<(Link, Link), Link>,
    budget: Budget<'d>,
}

impl SolutionSearch<'_> {
    fn make(&mut self, node: CutSetNode) -> Result<Link, NotExact> {
        if node.with == NONE {
            return Ok(node.without);
        }
        if let Some(known) = self.unique.get(&node) {
            return Ok(*known);
        }
        if self.nodes.len() >= self.budget.nodes {
            return Err(NotExact::Nodes { limit: self.budget.nodes });
        }
        self.nodes.push(node);
        let link = u32::try_from(self.nodes.len() + 1).unwrap_or(u32::MAX);
        self.unique.insert(node, link);
        Ok(link)
    }

    fn node(&self, link: Link) -> Option<CutSetNode> {
        self.nodes.get((link as usize).checked_sub(2)?).copied()
    }

    /// The minimal sets of at most `order` that lead from `link` to the end where the module is down.
    fn minimal(&mut self, link: Link, order: usize) -> Result<Link, NotExact> {
        let Some(node) = self.diagram.node(link) else {
            debug_assert!(link == UP || link == DOWN, "the ends have no node");
            return Ok(if link == DOWN { EMPTY } else { NONE });
        };
        if order == 0 {
            return Ok(NONE);
        }
        if let Some(known) = self.minimal.get(&(link, order)) {
            return Ok(*known);
        }
        self.budget.go_on()?;
        let without = self.minimal(node.up, order)?;
        let with = match order.checked_sub(self.least[node.level as usize]) {
            Some(left) => {
                let with = self.minimal(node.down, left)?;
                self.reduce(with, without)?
            }
            None => NONE,
        };
        let made = self.make(CutSetNode { level: node.level, with, without })?;
        self.minimal.insert((link, order), made);
        Ok(made)
    }

    /// The sets of `sets` that hold none of `others`.
    fn reduce(&mut self, sets: Link, others: Link) -> Result<Link, NotExact> {
        if sets == NONE || others == NONE {
            return Ok(sets);
        }
        if others == EMPTY || sets == others {
            return Ok(NONE);
        }
        let Some(other) = self.node(others) else { return Ok(NONE) };
        if let Some(known) = self.reduced.get(&(sets, others)) {
            return Ok(*known);
        }
        self.budget.go_on()?;
        let Some(node) = self.node(sets) else {
            // The empty set holds only itself.
            let made = self.reduce(sets, other.without)?;
            self.reduced.insert((sets, others), made);
            return Ok(made);
        };
        let made = if other.level < node.level {
            self.reduce(sets, other.without)?
        } else {
            let apart = if node.level < other.level { others } else { other.without };
            let mut with = node.with;
            if node.level == other.level {
                with = self.reduce(with, other.with)?;
            }
            let with = self.reduce(with, apart)?;
            let without = self.reduce(node.without, apart)?;
            self.make(CutSetNode { level: node.level, with, without })?
        };
        self.reduced.insert((sets, others), made);
        Ok(made)
    }
}

//! Functions that share one binary decision diagram.
//!
//! The design is that of Brace, Rudell and Bryant ("Efficient implementation of a BDD package", 1990): each node exists once
//! and is found by a table; an edge may complement what it leads to; results are remembered in a lossy table. One thread
//! uses a diagram manager, without locks; a node takes 16 bytes and some 8 of tables; past its limit building fails.

mod sift;

use super::budget::Budget;
use rustc_hash::{FxHashMap, FxHashSet};

/// A function: a node, and whether its function is complemented (the lowest bit).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Edge(u32);

impl Edge {
    pub(super) const TRUE: Self = Self(0);
    pub(super) const FALSE: Self = Self(1);

    fn to(node: u32) -> Self {
        Self(node << 1)
    }

    fn node(self) -> u32 {
        self.0 >> 1
    }

    fn slot(self) -> usize {
        self.node() as usize
    }

    fn is_complement(self) -> bool {
        self.0 & 1 == 1
    }

    fn not(self) -> Self {
        Self(self.0 ^ 1)
    }

    /// Complemented if `other` is.
    pub(super) fn like(self, other: Self) -> Self {
        Self(self.0 ^ (other.0 & 1))
    }
}

/// No node: the end of a chain.
const NONE: u32 = u32::MAX;
/// The level of the one end, below all others.
const END: u32 = u32::MAX;
/// Most nodes possible: an edge uses one bit of its number for the complement, and one number is [`NONE`].
const MAX_NODES: usize = (1 << 31) - 2;
/// Chains of the smallest table of nodes.
const MIN_CHAINS: usize = 1 << 10;
/// Slots of the smallest table of computed results, and of the largest.
const COMPUTED: [usize; 2] = [1 << 12, 1 << 24];
/// Most choices that are remembered.
const MAX_CHOSEN: usize = 1 << 20;
/// After how many steps the caller is asked whether to go on.
const STEPS_BETWEEN_QUESTIONS: u32 = 1 << 12;

#[derive(Clone, Copy)]
pub(super) struct BddNode {
    pub(super) level: u32,
    /// The function if the leaf of its level is down; never a complement.
    pub(super) down: Edge,
    /// The function if the leaf is up.
    pub(super) up: Edge,
    /// The next node in its chain, or in the chain of free slots.
    next: u32,
}

#[derive(Clone, Copy)]
struct Computed {
    one: Edge,
    other: Edge,
    both: Edge,
}

const NOT_COMPUTED: Computed = Computed { one: Edge::TRUE, other: Edge::TRUE, both: Edge::TRUE };

/// Why a function was not built.
#[derive(Clone, Copy, Debug)]
pub(super) enum NotBuilt {
    /// There is no room for another node.
    Full,
    /// The caller does not want to wait any longer.
    GivenUp,
}

/// All nodes, each once.
pub(super) struct BddManager<'e> {
    nodes: Vec<BddNode>,
    /// The first of the chain of free slots.
    free: u32,
    /// How many nodes there are, the free slots not counted.
    count: usize,
    /// The first of each chain.
    chains: Vec<u32>,
    computed: Vec<Computed>,
    chosen: FxHashMap<[Edge; 3], Edge>,
    steps_until_question: u32,
    /// The most nodes that are allowed at present.
    limit: usize,
    budget: Budget<'e>,
}

impl<'e> BddManager<'e> {
    pub(super) fn new(budget: Budget<'e>) -> Self {
        let budget = Budget { nodes: budget.nodes.min(MAX_NODES), ..budget };
        let end = BddNode { level: END, down: Edge::TRUE, up: Edge::TRUE, next: NONE };
        Self {
            nodes: vec![end],
            free: NONE,
            count: 0,
            chains: vec![NONE; MIN_CHAINS],
            computed: vec![NOT_COMPUTED; COMPUTED[0]],
            chosen: FxHashMap::default(),
            steps_until_question: STEPS_BETWEEN_QUESTIONS,
            limit: budget.nodes,
            budget,
        }
    }

    /// How much may be tried.
    pub(super) fn budget(&self) -> Budget<'e> {
        self.budget
    }

    /// Whether more than half of all possible nodes exist.
    pub(super) fn is_crowded(&self) -> bool {
        self.count > self.budget.nodes / 2
    }

    /// Allows this many nodes at present, but never more than the budget.
    pub(super) fn allow(&mut self, nodes: usize) {
        self.limit = nodes.min(self.budget.nodes);
    }

    /// Allows twice as many as now.
    pub(super) fn allow_twice(&mut self) {
        self.allow(self.limit.saturating_mul(2));
    }

    /// Whether the whole budget is allowed.
    pub(super) fn allows_all(&self) -> bool {
        self.limit == self.budget.nodes
    }

    /// How many nodes there are, including those that are no longer needed.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// A function's first node; a constant function has the end.
    pub(super) fn node(&self, edge: Edge) -> BddNode {
        self.nodes[edge.slot()]
    }

    /// The function that is true if the leaf of this level is down.
    pub(super) fn leaf(&mut self, level: u32) -> Result<Edge, NotBuilt> {
        self.make(level, Edge::TRUE, Edge::FALSE)
    }

    pub(super) fn any(&mut self, one: Edge, other: Edge) -> Result<Edge, NotBuilt> {
        Ok(self.all(one.not(), other.not())?.not())
    }

    pub(super) fn all(&mut self, one: Edge, other: Edge) -> Result<Edge, NotBuilt> {
        if one == other || other == Edge::TRUE {
            return Ok(one);
        }
        if one == Edge::TRUE {
            return Ok(other);
        }
        if one == other.not() || one == Edge::FALSE || other == Edge::FALSE {
            return Ok(Edge::FALSE);
        }
        let (one, other) = (one.min(other), one.max(other));
        let known = self.computed[mixed(one, other) & (self.computed.len() - 1)];
        if known.one == one && known.other == other {
            return Ok(known.both);
        }
        self.ask()?;
        let level = self.node(one).level.min(self.node(other).level);
        let ((one_down, one_up), (other_down, other_up)) = (self.split(one, level), self.split(other, level));
        let down = self.all(one_down, other_down)?;
        let up = self.all(one_up, other_up)?;
        let both = self.make(level, down, up)?;
        let slot = mixed(one, other) & (self.computed.len() - 1);
        self.computed[slot] = Computed { one, other, both };
        Ok(both)
    }

    /// `down` where `input` happens and `up` where it does not; `up` never happens without `down`.
    pub(super) fn choice(&mut self, input: Edge, down: Edge, up: Edge) -> Result<Edge, NotBuilt> {
        match (input, down, up) {
            (Edge::TRUE, ..) => return Ok(down),
            (Edge::FALSE, ..) => return Ok(up),
            (_, Edge::TRUE, Edge::FALSE) => return Ok(input),
            _ if down == up => return Ok(down),
            _ => {}
        }
        let key = [input, down, up];
        if let Some(known) = self.chosen.get(&key) {
            return Ok(*known);
        }
        self.ask()?;
        let level = key.iter().map(|edge| self.node(*edge).level).min().unwrap_or(END);
        let [(input_down, input_up), (down_down, down_up), (up_down, up_up)] = key.map(|edge| self.split(edge, level));
        let if_down = self.choice(input_down, down_down, up_down)?;
        let if_up = self.choice(input_up, down_up, up_up)?;
        let chosen = self.make(level, if_down, if_up)?;
        if self.chosen.len() >= MAX_CHOSEN {
            self.chosen.clear();
        }
        self.chosen.insert(key, chosen);
        Ok(chosen)
    }

    /// The lowest level of the leaves that `edge` depends on; that of the end for a constant.
    pub(super) fn lowest_level(&self, edge: Edge) -> u32 {
        let mut lowest = None;
        let mut met: FxHashSet<u32> = FxHashSet::default();
        let mut waiting = vec![edge];
        while let Some(edge) = waiting.pop() {
            let node = self.node(edge);
            if node.level != END && met.insert(edge.node()) {
                lowest = lowest.max(Some(node.level));
                waiting.extend([node.down, node.up]);
            }
        }
        lowest.unwrap_or(END)
    }

    /// Asks now and then whether the caller wants to go on.
    fn ask(&mut self) -> Result<(), NotBuilt> {
        self.steps_until_question -= 1;
        if self.steps_until_question > 0 {
            return Ok(());
        }
        self.steps_until_question = STEPS_BETWEEN_QUESTIONS;
        if (self.budget.give_up)() { Err(NotBuilt::GivenUp) } else { Ok(()) }
    }

    /// The rest of a function when the leaf of `level` is down, and when it is up.
    pub(super) fn split(&self, edge: Edge, level: u32) -> (Edge, Edge) {
        let node = self.node(edge);
        if node.level == level { (node.down.like(edge), node.up.like(edge)) } else { (edge, edge) }
    }

    /// The function that decides by the leaf of `level`, which is above all levels of `down` and `up`.
    fn make(&mut self, level: u32, down: Edge, up: Edge) -> Result<Edge, NotBuilt> {
        if down == up {
            return Ok(down);
        }
        if down.is_complement() {
            return Ok(Edge::to(self.slot_of(level, down.not(), up.not())?).not());
        }
        Ok(Edge::to(self.slot_of(level, down, up)?))
    }

    fn slot_of(&mut self, level: u32, down: Edge, up: Edge) -> Result<u32, NotBuilt> {
        if let Some(known) = self.find(level, down, up) {
            return Ok(known);
        }
        if self.count >= self.limit {
            return Err(NotBuilt::Full);
        }
        if self.count >= self.chains.len() {
            self.grow();
        }
        let slot =
            if self.free == NONE { u32::try_from(self.nodes.len()).map_err(|_| NotBuilt::Full)? } else { self.free };
        let node = BddNode { level, down, up, next: NONE };
        match self.nodes.get_mut(slot as usize) {
            Some(free) => self.free = std::mem::replace(free, node).next,
            None => self.nodes.push(node),
        }
        self.count += 1;
        self.link(slot);
        Ok(slot)
    }

    fn find(&self, level: u32, down: Edge, up: Edge) -> Option<u32> {
        let mut slot = self.chains[self.chain(level, down, up)];
        while slot != NONE {
            let node = &self.nodes[slot as usize];
            if (node.level, node.down, node.up) == (level, down, up) {
                return Some(slot);
            }
            slot = node.next;
        }
        None
    }

    fn chain(&self, level: u32, down: Edge, up: Edge) -> usize {
        (mixed(down, up) ^ (level as usize).wrapping_mul(0x9e37_79b1)) & (self.chains.len() - 1)
    }

    fn link(&mut self, slot: u32) {
        let BddNode { level, down, up, .. } = self.nodes[slot as usize];
        let chain = self.chain(level, down, up);
        self.nodes[slot as usize].next = std::mem::replace(&mut self.chains[chain], slot);
    }

    /// Doubles the chains, and makes more room for computed results.
    fn grow(&mut self) {
        let chains = vec![NONE; 2 * self.chains.len()];
        for first in std::mem::replace(&mut self.chains, chains) {
            let mut slot = first;
            while slot != NONE {
                let next = self.nodes[slot as usize].next;
                self.link(slot);
                slot = next;
            }
        }
        let room = (self.chains.len() / 2).clamp(COMPUTED[0], COMPUTED[1]);
        if room > self.computed.len() {
            self.computed = vec![NOT_COMPUTED; room];
        }
    }

    /// Frees the nodes that are no part of `needed`.
    pub(super) fn collect(&mut self, needed: impl Iterator<Item = Edge>) {
        let mut lives = vec![false; self.nodes.len()];
        let mut waiting: Vec<Edge> = needed.collect();
        while let Some(edge) = waiting.pop() {
            if !std::mem::replace(&mut lives[edge.slot()], true) {
                let node = self.node(edge);
                waiting.extend([node.down, node.up]);
            }
        }
        self.chains.fill(NONE);
        self.computed.fill(NOT_COMPUTED);
        self.chosen.clear();
        (self.free, self.count) = (NONE, 0);
        for (slot, lives) in (0..).zip(lives).skip(1) {
            if lives {
                self.count += 1;
                self.link(slot);
            } else {
                self.nodes[slot as usize].next = std::mem::replace(&mut self.free, slot);
            }
        }
    }
}

/// A hash of two edges.
fn mixed(one: Edge, other: Edge) -> usize {
    let both = u64::from(one.0) << 32 | u64::from(other.0);
    (both.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize
}

//! Improves the order of a diagram manager that has grown large: each leaf is moved to the level that needs the fewest nodes
//! (Rudell, "Dynamic variable ordering for ordered binary decision diagrams", 1993). Functions stay the same.

use super::{BddManager, COMPUTED, Edge, NONE, NOT_COMPUTED, NotBuilt};
use rustc_hash::FxHashMap;
use std::cmp::Reverse;

/// A leaf is moved on while there are at most this many per cent of the fewest nodes seen: a greater value takes several times
/// as long and finds hardly better orders.
const MAX_GROWTH_PERCENT: usize = 103;
/// How many nodes and exchanges may be looked at for each initial node, before the order is accepted as it is.
const LOOKS_PER_NODE: usize = 2_000;
/// Most steps through nodes to find out which leaves interact; beyond it, all count as interacting.
const MAX_SUPPORT_STEPS: usize = 50_000_000;

/// A node while leaves are moved.
#[derive(Clone, Copy)]
struct SiftNode {
    leaf: u32,
    down: Edge,
    up: Edge,
    /// How many nodes and functions lead to it.
    uses: u32,
}

/// The diagram manager, organised by leaf. A leaf's number is its initial level.
struct Sifting<'f, 'e> {
    bdd: &'f BddManager<'e>,
    nodes: Vec<SiftNode>,
    free: Vec<u32>,
    /// By leaf: its nodes, by their two functions.
    by_leaf: Vec<FxHashMap<(Edge, Edge), u32>>,
    /// By level: its leaf.
    order: Vec<u32>,
    together: Together,
    count: usize,
    looks_left: usize,
    /// Nodes that change when two leaves are exchanged, and edges that are released: kept to reuse their memory.
    moved: Vec<u32>,
    released: Vec<Edge>,
}

impl BddManager<'_> {
    /// Moves each leaf to the level where it needs the fewest nodes; returns by level where its leaf was before. Only what is
    /// part of `needed` is kept.
    ///
    /// # Errors
    /// When the caller does not want to wait any longer.
    pub(in super::super) fn sift(&mut self, leaves: usize, needed: &[Edge]) -> Result<Vec<u32>, NotBuilt> {
        self.collect(needed.iter().copied());
        let mut sifting = Sifting::of(self, leaves, needed);
        sifting.settle_all()?;
        let Sifting { nodes, free, order, count, .. } = sifting;
        let mut levels = vec![0; order.len()];
        for (level, leaf) in (0..).zip(&order) {
            levels[*leaf as usize] = level;
        }
        self.nodes.truncate(1);
        self.nodes.extend(nodes.iter().skip(1).map(|node| super::BddNode {
            level: levels[node.leaf as usize],
            down: node.down,
            up: node.up,
            next: NONE,
        }));
        self.chains = vec![NONE; self.nodes.len().next_power_of_two()];
        self.computed = vec![NOT_COMPUTED; (self.chains.len() / 2).clamp(COMPUTED[0], COMPUTED[1])];
        (self.free, self.count) = (NONE, count);
        let mut is_free = vec![false; nodes.len()];
        for slot in free {
            is_free[slot as usize] = true;
            self.nodes[slot as usize].next = std::mem::replace(&mut self.free, slot);
        }
        for (slot, is_free) in (0..).zip(is_free).skip(1) {
            if !is_free {
                self.link(slot);
            }
        }
        Ok(order)
    }
}

impl<'f, 'e> Sifting<'f, 'e> {
    fn of(bdd: &'f BddManager<'e>, leaves: usize, needed: &[Edge]) -> Self {
        let nodes = bdd.nodes.iter().map(|node| SiftNode { leaf: node.level, down: node.down, up: node.up, uses: 0 });
        let mut sifting = Self {
            bdd,
            nodes: nodes.collect(),
            free: Vec::new(),
            by_leaf: vec![FxHashMap::default(); leaves],
            order: (0..).take(leaves).collect(),
            together: Together::of(bdd, leaves, needed),
            count: bdd.count,
            looks_left: bdd.count.saturating_mul(LOOKS_PER_NODE),
            moved: Vec::new(),
            released: Vec::new(),
        };
        let mut is_free = vec![true; bdd.nodes.len()];
        for first in &bdd.chains {
            let mut slot = *first;
            while slot != NONE {
                is_free[slot as usize] = false;
                let node = bdd.nodes[slot as usize];
                sifting.by_leaf[node.level as usize].insert((node.down, node.up), slot);
                sifting.node(node.down).uses += 1;
                sifting.node(node.up).uses += 1;
                slot = node.next;
            }
        }
        needed.iter().for_each(|edge| sifting.node(*edge).uses += 1);
        sifting.free.extend((0..).zip(is_free).skip(1).filter(|(_, is_free)| *is_free).map(|(slot, _)| slot));
        sifting
    }

    fn node(&mut self, edge: Edge) -> &mut SiftNode {
        &mut self.nodes[edge.slot()]
    }

    /// Moves all leaves, those with the most nodes first.
    fn settle_all(&mut self) -> Result<(), NotBuilt> {
        let mut leaves: Vec<u32> = self.order.clone();
        leaves.sort_by_key(|leaf| Reverse(self.by_leaf[*leaf as usize].len()));
        for leaf in leaves {
            if self.looks_left == 0 {
                break;
            }
            if !self.by_leaf[leaf as usize].is_empty() {
                self.settle(leaf)?;
            }
        }
        Ok(())
    }

    /// Moves a leaf to the nearer end, then to the other, then back to where there were the fewest nodes.
    fn settle(&mut self, leaf: u32) -> Result<(), NotBuilt> {
        let start = self.order.iter().position(|other| *other == leaf).unwrap_or_default();
        let last = self.order.len() - 1;
        let (mut level, mut fewest, mut best) = (start, self.count, start);
        let ends = if start < last / 2 { [0, last] } else { [last, 0] };
        for end in ends {
            // Back over the levels that were seen.
            self.bring(&mut level, start)?;
            let ahead = if end > start { &self.order[start + 1..] } else { &self.order[..start] };
            let met = ahead.iter().filter(|other| self.together.are(leaf, **other));
            // Only nodes of passed leaves can disappear, and when it moves up, its own.
            let mut can_go: usize = met.map(|other| self.nodes_of(*other)).sum();
            if end < start {
                can_go += self.nodes_of(leaf);
            }
            while level != end
                && self.count * 100 <= fewest * MAX_GROWTH_PERCENT
                && self.count < fewest + can_go
                && self.looks_left > 0
            {
                let next = if end > level { level + 1 } else { level - 1 };
                let passed = self.order[next];
                if self.together.are(leaf, passed) {
                    can_go -= self.nodes_of(passed);
                }
                self.bring(&mut level, next)?;
                if self.count < fewest {
                    (fewest, best) = (self.count, level);
                }
            }
        }
        self.bring(&mut level, best)
    }

    fn nodes_of(&self, leaf: u32) -> usize {
        self.by_leaf[leaf as usize].len()
    }

    fn bring(&mut self, level: &mut usize, to: usize) -> Result<(), NotBuilt> {
        while *level != to {
            if (self.bdd.budget.give_up)() {
                return Err(NotBuilt::GivenUp);
            }
            if *level < to {
                self.swap(*level);
                *level += 1;
            } else {
                *level -= 1;
                self.swap(*level);
            }
        }
        Ok(())
    }

    /// Exchanges the leaves of `level` and of the next.
    fn swap(&mut self, level: usize) {
        let (upper, lower) = (self.order[level], self.order[level + 1]);
        self.order.swap(level, level + 1);
        self.looks_left = self.looks_left.saturating_sub(1);
        if !self.together.are(upper, lower) {
            return;
        }
        self.looks_left = self.looks_left.saturating_sub(self.nodes_of(upper));
        let nodes = &self.nodes;
        let asks = |edge: Edge| nodes[edge.slot()].leaf == lower;
        let mut moved = std::mem::take(&mut self.moved);
        self.by_leaf[upper as usize].retain(|(down, up), slot| {
            let moves = asks(*down) || asks(*up);
            if moves {
                moved.push(*slot);
            }
            !moves
        });
        for slot in moved.drain(..) {
            let SiftNode { down, up, uses, .. } = self.nodes[slot as usize];
            let ((down_down, down_up), (up_down, up_up)) = (self.split(down, lower), self.split(up, lower));
            // The first is no complement, because what leads down never is.
            let new_down = self.make(upper, down_down, up_down);
            let new_up = self.make(upper, down_up, up_up);
            self.nodes[slot as usize] = SiftNode { leaf: lower, down: new_down, up: new_up, uses };
            self.by_leaf[lower as usize].insert((new_down, new_up), slot);
            self.release(down);
            self.release(up);
        }
        self.moved = moved;
    }

    fn split(&self, edge: Edge, leaf: u32) -> (Edge, Edge) {
        let node = &self.nodes[edge.slot()];
        if node.leaf == leaf { (node.down.like(edge), node.up.like(edge)) } else { (edge, edge) }
    }

    /// A function that decides by `leaf`, with one more use.
    fn make(&mut self, leaf: u32, down: Edge, up: Edge) -> Edge {
        if down.is_complement() {
            return self.make(leaf, down.not(), up.not()).not();
        }
        if down == up {
            self.node(down).uses += 1;
            return down;
        }
        if let Some(known) = self.by_leaf[leaf as usize].get(&(down, up)) {
            self.nodes[*known as usize].uses += 1;
            return Edge::to(*known);
        }
        self.node(down).uses += 1;
        self.node(up).uses += 1;
        let node = SiftNode { leaf, down, up, uses: 1 };
        let slot = self.free.pop().unwrap_or_else(|| {
            self.nodes.push(node);
            u32::try_from(self.nodes.len() - 1).unwrap_or_else(|_| unreachable!("decision diagrams have fewer nodes"))
        });
        self.nodes[slot as usize] = node;
        self.by_leaf[leaf as usize].insert((down, up), slot);
        self.count += 1;
        Edge::to(slot)
    }

    /// Takes one use away from a function, and frees what is no longer used.
    fn release(&mut self, edge: Edge) {
        self.released.push(edge);
        while let Some(edge) = self.released.pop() {
            let node = self.node(edge);
            node.uses -= 1;
            if node.uses == 0 && edge.slot() != 0 {
                let SiftNode { leaf, down, up, .. } = *node;
                self.by_leaf[leaf as usize].remove(&(down, up));
                self.free.push(edge.node());
                self.count -= 1;
                self.released.extend([down, up]);
            }
        }
    }
}

/// Which leaves interact: some function depends on both. Others can be exchanged without changing any node.
struct Together {
    words: usize,
    /// By leaf: a bit for each leaf. Empty when all count as interacting.
    bits: Vec<u64>,
}

impl Together {
    fn of(bdd: &BddManager<'_>, leaves: usize, functions: &[Edge]) -> Self {
        let words = leaves.div_ceil(64);
        let mut together = Self { words, bits: vec![0; leaves * words] };
        let mut met = vec![false; bdd.nodes.len()];
        let (mut nodes, mut waiting) = (Vec::new(), Vec::new());
        let mut steps = 0;
        for function in functions {
            let mut below = vec![0_u64; words];
            waiting.push(function.slot());
            while let Some(slot) = waiting.pop() {
                if slot != 0 && !std::mem::replace(&mut met[slot], true) {
                    let node = bdd.nodes[slot];
                    below[node.level as usize / 64] |= 1 << (node.level % 64);
                    nodes.push(slot);
                    waiting.extend([node.down.slot(), node.up.slot()]);
                }
            }
            steps += nodes.len();
            if steps > MAX_SUPPORT_STEPS {
                return Self { words, bits: Vec::new() };
            }
            nodes.drain(..).for_each(|slot| met[slot] = false);
            for leaf in (0..leaves).filter(|leaf| below[leaf / 64] >> (leaf % 64) & 1 == 1) {
                let row = &mut together.bits[leaf * words..][..words];
                row.iter_mut().zip(&below).for_each(|(word, below)| *word |= below);
            }
        }
        together
    }

    fn are(&self, one: u32, other: u32) -> bool {
        let word = self.bits.get(one as usize * self.words + other as usize / 64);
        word.is_none_or(|word| word >> (other % 64) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Budget;
    use super::*;
    use crate::random::mix;

    /// Whether a function happens when the leaves of `down` are, a bit a level.
    fn happens(bdd: &BddManager<'_>, mut edge: Edge, down: u32) -> bool {
        while edge != Edge::TRUE && edge != Edge::FALSE {
            let level = bdd.node(edge).level;
            let (if_down, if_up) = bdd.split(edge, level);
            edge = if down >> level & 1 == 1 { if_down } else { if_up };
        }
        edge == Edge::TRUE
    }

    /// The same leaves by their new levels.
    fn moved(down: u32, order: &[u32]) -> u32 {
        (0..).zip(order).map(|(level, before)| (down >> before & 1) << level).sum()
    }

    #[test]
    fn pairs_that_stand_apart_come_together() {
        const PAIRS: u32 = 8;
        let mut bdd = BddManager::new(Budget::default());
        let mut any = Edge::FALSE;
        for pair in 0..PAIRS {
            let (one, other) = (bdd.leaf(pair).expect("there is room"), bdd.leaf(pair + PAIRS).expect("there is room"));
            let both = bdd.all(one, other).expect("there is room");
            any = bdd.any(any, both).expect("there is room");
        }
        bdd.collect([any].into_iter());
        assert_eq!(bdd.len(), (1 << (PAIRS + 1)) - 2);
        let order = bdd.sift(2 * PAIRS as usize, &[any]).expect("there is room");
        assert_eq!(bdd.len(), 2 * PAIRS as usize, "{order:?}");
        for pair in order.chunks(2) {
            assert_eq!(pair[0] % PAIRS, pair[1] % PAIRS, "{order:?}");
        }
    }

    #[test]
    fn functions_stay_what_they_are() {
        const LEAVES: u32 = 9;
        for seed in 0..300 {
            let mut random = mix(seed);
            let mut below = |end: usize| {
                random = mix(random);
                usize::try_from(random % end as u64).expect("small")
            };
            let mut bdd = BddManager::new(Budget::default());
            let mut functions: Vec<Edge> = (0..LEAVES).map(|level| bdd.leaf(level).expect("there is room")).collect();
            for _ in 0..30 {
                let (one, other) = (functions[below(functions.len())], functions[below(functions.len())]);
                let joined = if below(2) == 0 { bdd.any(one, other) } else { bdd.all(one, other) };
                functions.push(joined.expect("there is room"));
            }
            // Some are no longer needed.
            functions.retain(|_| below(3) > 0);
            let before: Vec<Vec<bool>> = functions
                .iter()
                .map(|function| (0..1 << LEAVES).map(|down| happens(&bdd, *function, down)).collect())
                .collect();
            bdd.collect(functions.iter().copied());
            let nodes = bdd.len();

            let order = bdd.sift(LEAVES as usize, &functions).expect("there is room");

            assert!(bdd.len() <= nodes, "seed {seed}: {} of {nodes}", bdd.len());
            for (function, before) in functions.iter().zip(&before) {
                for (down, before) in (0..).zip(before) {
                    assert_eq!(happens(&bdd, *function, moved(down, &order)), *before, "seed {seed}");
                }
            }
            // Only needed nodes are left, and the diagram manager still works: equal functions are equal edges.
            let nodes = bdd.len();
            bdd.collect(functions.iter().copied());
            assert_eq!(bdd.len(), nodes, "seed {seed}");
            for (one, one_before) in functions.iter().zip(&before) {
                for (other, other_before) in functions.iter().zip(&before) {
                    let both = bdd.all(*one, *other).expect("there is room");
                    for (down, (one, other)) in (0..).zip(one_before.iter().zip(other_before)) {
                        assert_eq!(happens(&bdd, both, moved(down, &order)), *one && *other, "seed {seed}");
                    }
                    if one_before == other_before {
                        assert_eq!(one, other, "seed {seed}");
                    }
                }
            }
        }
    }
}

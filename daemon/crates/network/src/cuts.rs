//! Minimal cut sets: the smallest sets of nodes whose failure together brings a node down. Those of one node are its
//! single points of failure, those of two its pairs.
//!
//! They are propagated upwards like single points: the cut sets of a need are unions of cut sets of its sources, enough of
//! them to leave it unmet; those of a node are itself and its needs'. Sets larger than the order asked for are dropped at
//! once, which loses nothing: a part of a set is never larger than the set.
//!
//! Sets are tried one by one, so this is for small orders and not too many sets. [`cut_sets`](super::exact::cut_sets) counts
//! any number of them by decision diagrams, and lets the caller say who can fail.

use super::{
    graph::{Graph, NodeIx},
    upstream::{NeedView, Upstream},
};
use rustc_hash::FxHashSet;
use smallvec::SmallVec;
use std::cmp::{Ordering, Reverse};

/// The highest order, in nodes of a set, that can be asked for: 2^order subsets of a set are looked up.
pub const MAX_CUT_SET_ORDER: usize = 8;

/// How many sets are tried in all for one answer before giving up: more are [`NoCutSets::TooMany`].
pub const MAX_CUT_SETS_TRIED: usize = 1_000_000;

/// Nodes whose failure together brings another down, none of them without the others; ascending. It dereferences to a slice.
pub type CutSet = SmallVec<[NodeIx; 4]>;

/// Why the cut sets cannot be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCutSets {
    /// There are too many of them: ask for a lower order.
    #[error("more than {MAX_CUT_SETS_TRIED} sets would have to be tried up to order {order}")]
    TooMany {
        /// The order asked for, 1 to [`MAX_CUT_SET_ORDER`] nodes.
        order: usize,
    },
    /// The order is out of range.
    #[error("cut sets of order {order} are out of range: ask for 1 to {MAX_CUT_SET_ORDER}")]
    Order {
        /// The order asked for, 0 or above [`MAX_CUT_SET_ORDER`].
        order: usize,
    },
    /// `give_up` said so.
    #[error("the time limit was reached")]
    GivenUp,
}

/// All minimal cut sets of `root` with at most `order` nodes, by size and node, where every node can fail; `root` itself is
/// left out.
///
/// # Errors
/// [`NoCutSets`] when the order is out of range, the sets are too many to hold, or `give_up`, which is asked again and
/// again, says so.
///
/// # Panics
/// When `root` is none of `graph`.
pub fn minimal_cut_sets(
    graph: &Graph,
    root: NodeIx,
    order: usize,
    give_up: &dyn Fn() -> bool,
) -> Result<Vec<CutSet>, NoCutSets> {
    if !(1..=MAX_CUT_SET_ORDER).contains(&order) {
        return Err(NoCutSets::Order { order });
    }
    let upstream = Upstream::of(graph, [root]);
    let mut values: Vec<Vec<CutSet>> = vec![Vec::new(); upstream.nodes().len()];
    let mut trials_left = MAX_CUT_SETS_TRIED;
    upstream.solve(&mut values, |slot, values| {
        let mut sets = vec![CutSet::from_slice(&[slot])];
        for need in upstream.needs(slot) {
            let (trials_left, found) = (&mut trials_left, &mut sets);
            let tried = FxHashSet::default();
            CutSearch { need, values, order, trials_left, tried, found, give_up }.extend(CutSet::new())?;
        }
        Ok(minimal(sets))
    })?;
    let Some(slot) = upstream.slot(root) else { return Ok(Vec::new()) };
    let to_nodes = |set: &CutSet| {
        let mut nodes: CutSet = set.iter().map(|slot| upstream.nodes()[*slot as usize]).collect();
        nodes.sort_unstable();
        nodes
    };
    let mut sets: Vec<CutSet> = values[slot as usize].iter().map(to_nodes).filter(|set| set[..] != [root]).collect();
    sets.sort_by(by_size);
    Ok(sets)
}

/// Collects the sets that leave one need unmet, among them all minimal ones.
struct CutSearch<'a> {
    need: NeedView<'a>,
    /// By slot: the minimal cut sets of the sources.
    values: &'a [Vec<CutSet>],
    order: usize,
    trials_left: &'a mut usize,
    tried: FxHashSet<CutSet>,
    found: &'a mut Vec<CutSet>,
    give_up: &'a dyn Fn() -> bool,
}

impl CutSearch<'_> {
    fn extend(&mut self, set: CutSet) -> Result<(), NoCutSets> {
        if !self.tried.insert(set.clone()) {
            return Ok(());
        }
        if (self.give_up)() {
            return Err(NoCutSets::GivenUp);
        }
        *self.trials_left = self.trials_left.checked_sub(1).ok_or(NoCutSets::TooMany { order: self.order })?;
        let is_up = |(source, _): &&(u32, u64)| !brings_down(&set, &self.values[*source as usize]);
        let mut up: SmallVec<[(u32, u64); 8]> = self.need.sources.iter().filter(is_up).copied().collect();
        let all: u64 = up.iter().map(|(_, weight)| weight).sum();
        let Some(spare) = all.checked_sub(self.need.required) else {
            self.found.push(set);
            return Ok(());
        };
        // The heaviest come first: once the remaining ones together weigh no more than the spare weight, a set needs one of
        // those before, and all sets with those have been tried.
        up.sort_unstable_by_key(|(source, weight)| (Reverse(*weight), *source));
        let mut rest = all;
        for (source, weight) in up {
            if rest <= spare {
                break;
            }
            rest -= weight;
            for cut in &self.values[source as usize] {
                let union = union(&set, cut);
                if union.len() <= self.order {
                    self.extend(union)?;
                }
            }
        }
        Ok(())
    }
}

fn union(one: &CutSet, other: &CutSet) -> CutSet {
    let mut union: CutSet = one.iter().chain(other).copied().collect();
    union.sort_unstable();
    union.dedup();
    union
}

/// Orders sets by size, then by nodes.
fn by_size(one: &CutSet, other: &CutSet) -> Ordering {
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

/// Whether `set` holds one of `cuts`, which are sorted by size.
fn brings_down(set: &CutSet, cuts: &[CutSet]) -> bool {
    let subsets = 1_usize..1 << set.len();
    if cuts.len() <= subsets.len() {
        return cuts.iter().any(|cut| cut.iter().all(|node| set.contains(node)));
    }
    subsets.into_iter().any(|chosen| {
        let subset = set.iter().enumerate().filter(|(bit, _)| chosen >> bit & 1 == 1).map(|(_, node)| *node);
        let subset: CutSet = subset.collect();
        cuts.binary_search_by(|cut| by_size(cut, &subset)).is_ok()
    })
}

/// The `sets` that contain no other, by size.
fn minimal(mut sets: Vec<CutSet>) -> Vec<CutSet> {
    sets.sort_by(by_size);
    let mut kept: Vec<CutSet> = Vec::new();
    for set in sets {
        if !brings_down(&set, &kept) {
            kept.push(set);
        }
    }
    kept
}

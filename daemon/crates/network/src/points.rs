//! The single points of failure of one organisation or programme: who alone brings it down, and when.
//!
//! Every node upstream is tried. Whatever a node's failure does to the one asked about passes through the node's nearest
//! dominator, so each failure is followed only that far, and from there on by what is known of the dominator: in a chain that
//! is one step. How the failure comes in, and where a second source would help, is asked of one point at a time
//! ([`ways`](super::ways)).

use super::{
    Network,
    dominators::Dominators,
    graph::{Graph, NodeIx},
    upstream::Upstream,
};
use crate::model::Organisation;
use rayon::prelude::*;
use std::{cmp::Reverse, collections::BinaryHeap};

/// An organisation whose failure alone brings another down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinglePoint {
    /// The organisation that fails.
    pub organisation: Organisation,
    /// Whether it is no direct supplier of the one that it brings down.
    pub is_hidden: bool,
    /// Its distance from the one that it brings down, by the shortest way along the sources that count: 1 supplies it
    /// directly.
    pub tier: u32,
    /// Days from its failure until the other stops, as long as stocks on the way last: the time to survive.
    pub survives_days: u32,
}

impl Network {
    /// The single points of failure of `organisation`, those that bring it down soonest first, then by name. As of the
    /// last [`settle`](Self::settle). Empty for an organisation that nothing names. It is computed at each call, from everything
    /// upstream.
    #[must_use]
    pub fn single_points(&self, organisation: &Organisation) -> Vec<SinglePoint> {
        let Some(node) = self.node(organisation) else { return Vec::new() };
        if self.causes[node as usize].is_empty() {
            return Vec::new();
        }
        let behind = UpstreamOf::of(&self.graph, node);
        let Ok(points) = behind.single_points(|point| self.organisation(point).clone(), &|| false) else {
            return Vec::new();
        };
        let told = |SinglePointNode { node, is_hidden, tier, survives_days }| SinglePoint {
            organisation: self.organisation(node).clone(),
            is_hidden,
            tier,
            survives_days,
        };
        points.into_iter().map(told).collect()
    }
}

/// A node whose failure alone brings another down, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SinglePointNode {
    /// The node that fails.
    pub node: NodeIx,
    /// As [`SinglePoint::is_hidden`].
    pub is_hidden: bool,
    /// As [`SinglePoint::tier`].
    pub tier: u32,
    /// As [`SinglePoint::survives_days`].
    pub survives_days: u32,
}

/// `give_up` said that the caller does not want to wait any longer: there is no answer, not even a partial one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the time limit was reached")]
pub struct GivenUp;

/// Everything upstream of one node, to ask who alone brings it down and how.
pub struct UpstreamOf<'g> {
    pub(super) graph: &'g Graph,
    pub(super) of: NodeIx,
    pub(super) upstream: Upstream,
}

impl<'g> UpstreamOf<'g> {
    /// Everything upstream of `of`, along sources that count.
    ///
    /// # Panics
    /// When `of` is none of `graph`.
    #[must_use]
    pub fn of(graph: &'g Graph, of: NodeIx) -> Self {
        Self { graph, of, upstream: Upstream::of(graph, [of]) }
    }

    /// Its single points of failure, in parallel; those that bring it down soonest first, then by `name`.
    ///
    /// # Errors
    /// [`GivenUp`] when `give_up`, which is asked again and again, by several threads, says so.
    pub fn single_points<K: Ord>(
        &self,
        name: impl Fn(NodeIx) -> K + Sync,
        give_up: &(dyn Fn() -> bool + Sync),
    ) -> Result<Vec<SinglePointNode>, GivenUp> {
        let upstream = &self.upstream;
        let Some(root) = upstream.slot(self.of) else { return Ok(Vec::new()) };
        let uses = Uses::of(upstream);
        let dominators = Dominators::of(&uses.starts, &uses.sources, root);
        let pairs: Vec<(u32, u32)> = dominators.nearest().collect();
        let first: Result<Vec<Option<u32>>, GivenUp> = pairs
            .par_iter()
            .map_init(|| Failing::of(&uses), |failing, (slot, nearest)| failing.stops(*slot, *nearest, give_up))
            .collect();
        // By slot: the day on which its failure stops the root.
        let mut days: Vec<Option<u32>> = vec![None; upstream.nodes().len()];
        days[root as usize] = Some(0);
        for ((slot, nearest), first) in pairs.iter().zip(first?) {
            let rest = days[*nearest as usize];
            days[*slot as usize] = first.zip(rest).map(|(first, rest)| first.saturating_add(rest));
        }
        let tiers = self.tiers();
        let point = |(slot, _): (u32, u32)| {
            let node = upstream.nodes()[slot as usize];
            let is_hidden = self.graph.buyers(node).binary_search(&self.of).is_err();
            Some(SinglePointNode { node, is_hidden, tier: tiers[slot as usize], survives_days: days[slot as usize]? })
        };
        let mut points: Vec<SinglePointNode> = pairs.into_iter().filter_map(point).collect();
        points.sort_by_cached_key(|point| (point.survives_days, name(point.node)));
        Ok(points)
    }

    /// By slot: its distance from the node asked about.
    fn tiers(&self) -> Vec<u32> {
        let mut tiers = vec![u32::MAX; self.upstream.nodes().len()];
        let mut found: Vec<u32> = self.upstream.slot(self.of).into_iter().collect();
        found.iter().for_each(|slot| tiers[*slot as usize] = 0);
        let mut next = 0;
        while let Some(slot) = found.get(next).copied() {
            for (source, _) in self.upstream.needs(slot).flat_map(|need| need.sources) {
                if tiers[*source as usize] == u32::MAX {
                    tiers[*source as usize] = tiers[slot as usize] + 1;
                    found.push(*source);
                }
            }
            next += 1;
        }
        tiers
    }
}

/// An upstream part read from sources to buyers.
struct Uses {
    /// The sources of slot `p`, of all its needs, are `sources[starts[p]..starts[p + 1]]`.
    starts: Vec<usize>,
    sources: Vec<u32>,
    /// By need, in the order of slots: whose it is, the weight that it can lose, and how long its stock lasts.
    needs: Vec<(u32, u64, u32)>,
    /// By slot: the needs that it is a source of, with its weight.
    of: Vec<Vec<(usize, u64)>>,
}

impl Uses {
    fn of(upstream: &Upstream) -> Self {
        let slots = upstream.nodes().len();
        let mut uses = Self { starts: vec![0], sources: Vec::new(), needs: Vec::new(), of: vec![Vec::new(); slots] };
        for slot in (0..).take(slots) {
            for need in upstream.needs(slot) {
                for (source, weight) in need.sources {
                    uses.of[*source as usize].push((uses.needs.len(), *weight));
                    uses.sources.push(*source);
                }
                uses.needs.push((slot, need.spare(), need.buffer_days));
            }
            uses.starts.push(uses.sources.len());
        }
        uses
    }
}

/// Makes one slot fail after another, in the same memory.
struct Failing<'u> {
    uses: &'u Uses,
    waiting: BinaryHeap<Reverse<(u32, u32)>>,
    /// The slots that have stopped.
    stopped: Vec<u32>,
    /// By slot: whether it has stopped.
    is_stopped: Vec<bool>,
    /// By need: the weight that it has lost.
    lost: Vec<u64>,
}

impl<'u> Failing<'u> {
    fn of(uses: &'u Uses) -> Self {
        Self {
            uses,
            waiting: BinaryHeap::new(),
            stopped: Vec::new(),
            is_stopped: vec![false; uses.of.len()],
            lost: vec![0; uses.needs.len()],
        }
    }

    /// The day on which `last` stops when `first` stops on day 0; `None`: it does not.
    fn stops(&mut self, first: u32, last: u32, give_up: &(dyn Fn() -> bool + Sync)) -> Result<Option<u32>, GivenUp> {
        self.waiting.push(Reverse((0, first)));
        let mut found = None;
        while let Some(Reverse((day, slot))) = self.waiting.pop() {
            if slot == last {
                found = Some(day);
                break;
            }
            if std::mem::replace(&mut self.is_stopped[slot as usize], true) {
                continue;
            }
            if give_up() {
                return Err(GivenUp);
            }
            self.stopped.push(slot);
            for (need, weight) in &self.uses.of[slot as usize] {
                let (owner, spare, buffer_days) = self.uses.needs[*need];
                let was_met = self.lost[*need] <= spare;
                self.lost[*need] += weight;
                if was_met && self.lost[*need] > spare {
                    self.waiting.push(Reverse((day.saturating_add(buffer_days), owner)));
                }
            }
        }
        self.forget();
        Ok(found)
    }

    fn forget(&mut self) {
        self.waiting.clear();
        for slot in self.stopped.drain(..) {
            self.is_stopped[slot as usize] = false;
            self.uses.of[slot as usize].iter().for_each(|(need, _)| self.lost[*need] = 0);
        }
    }
}

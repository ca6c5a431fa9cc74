//! How the failure of one node reaches another: what all its ways pass through, and for which need a second source would stop it.
//!
//! Each need that it leaves unmet is assumed met once, 2048 needs at a time: scenario k assumes need k to be met, and a node's
//! state is a row of bits, as in the simulation. If the node asked about stays up, a second source for that need helps.

use super::{
    dominators::Dominators,
    exposure::{NEVER, ROW_SCENARIOS, ScenarioRow, add_unmet},
    graph::NodeIx,
    points::UpstreamOf,
    survival::stops,
    upstream::NeedView,
};
use std::convert::Infallible;

/// A need of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NeedOf {
    /// The node that needs it.
    pub node: NodeIx,
    /// The item that it needs, as [`Need::item`](crate::graph::Need::item).
    pub item: u32,
}

/// How the failure of one node reaches another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ways {
    /// The nodes that all ways pass through, from the one that it reaches on, without these two.
    pub common: Vec<NodeIx>,
    /// Needs each of which alone would stop it with another source that does not fail too; by node, then by item.
    pub second_source: Vec<NeedOf>,
    /// The needs of the reached node through which the failure comes in.
    pub entries: Vec<NeedOf>,
}

impl UpstreamOf<'_> {
    /// How the failure of `point` brings down the node asked about; three empty lists if it does not, or if it is the same node.
    /// It costs as much as simulating everything upstream with as many scenarios as there are unmet needs.
    #[must_use]
    pub fn ways(&self, point: NodeIx) -> Ways {
        let none = Ways { common: Vec::new(), second_source: Vec::new(), entries: Vec::new() };
        let (Some(root), Some(first)) = (self.upstream.slot(self.of), self.upstream.slot(point)) else { return none };
        let mut is_down = vec![false; self.upstream.nodes().len()];
        for slot in stops(self.graph, &[point]).iter().filter_map(|stop| self.upstream.slot(stop.node)) {
            is_down[slot as usize] = true;
        }
        if root == first || !is_down[root as usize] {
            return none;
        }
        let unmet = self.unmet(&is_down, first);
        let nodes = |slot: u32| self.upstream.nodes()[slot as usize];
        let of = |(slot, need): &(u32, NeedView<'_>)| NeedOf { node: nodes(*slot), item: need.item };
        let common = self.common(&unmet, &is_down, root, first).into_iter().map(nodes).collect();
        let mut second_source: Vec<NeedOf> = Vec::new();
        for needs in unmet.chunks(ROW_SCENARIOS as usize) {
            let held = self.rows(&is_down, first, needs)[root as usize];
            let helps = |number: usize| held[number / 64] >> (number % 64) & 1 == 0;
            second_source
                .extend(needs.iter().enumerate().filter(|(number, _)| helps(*number)).map(|(_, need)| of(need)));
        }
        second_source.sort_unstable();
        second_source.dedup();
        let entries = unmet.iter().filter(|(slot, _)| *slot == root).map(of).collect();
        Ways { common, second_source, entries }
    }

    /// The unmet needs, each with its node. Those of the point itself do not matter.
    fn unmet(&self, is_down: &[bool], first: u32) -> Vec<(u32, NeedView<'_>)> {
        let is_unmet = |need: &NeedView<'_>| {
            let lost = need.sources.iter().filter(|(source, _)| is_down[*source as usize]);
            lost.map(|(_, weight)| weight).sum::<u64>() > need.spare()
        };
        let slots = (0..).zip(is_down).filter(|(slot, is_down)| **is_down && *slot != first).map(|(slot, _)| slot);
        slots.flat_map(|slot| self.upstream.needs(slot).filter(is_unmet).map(move |need| (slot, need))).collect()
    }

    /// What all ways through unmet needs pass through.
    fn common(&self, unmet: &[(u32, NeedView<'_>)], is_down: &[bool], root: u32, first: u32) -> Vec<u32> {
        let mut unmet = unmet.iter().peekable();
        let (mut starts, mut next) = (vec![0], Vec::new());
        for slot in (0..).take(is_down.len()) {
            while let Some((_, need)) = unmet.next_if(|(owner, _)| *owner == slot) {
                let down = need.sources.iter().map(|(source, _)| *source).filter(|source| is_down[*source as usize]);
                next.extend(down);
            }
            starts.push(next.len());
        }
        Dominators::of(&starts, &next, root).all_of(first)
    }

    /// By slot: where it is down when `first` has failed and scenario k assumes `needs[k]` to be met.
    fn rows(&self, is_down: &[bool], first: u32, needs: &[(u32, NeedView<'_>)]) -> Vec<ScenarioRow> {
        let mut rows = vec![NEVER; is_down.len()];
        rows[first as usize] = [u64::MAX; NEVER.len()];
        let mut held: Vec<Vec<(u32, usize)>> = vec![Vec::new(); is_down.len()];
        for (number, (slot, need)) in needs.iter().enumerate() {
            held[*slot as usize].push((need.item, number));
        }
        let solved: Result<(), Infallible> = self.upstream.solve(&mut rows, |slot, rows| {
            let mut row = rows[slot as usize];
            if slot == first || !is_down[slot as usize] {
                return Ok(row);
            }
            for need in self.upstream.needs(slot) {
                let mut unmet = NEVER;
                add_unmet(&mut unmet, need.required, need.sources.iter().copied(), rows);
                for (_, number) in held[slot as usize].iter().filter(|(item, _)| *item == need.item) {
                    unmet[number / 64] &= !(1 << (number % 64));
                }
                row.iter_mut().zip(unmet).for_each(|(word, unmet)| *word |= unmet);
            }
            Ok(row)
        });
        solved.unwrap_or_else(|never| match never {});
        rows
    }
}

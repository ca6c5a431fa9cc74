//! One scenario, tier by tier: who falls when, and because of whom.

use super::{exposure::Hazards, graph::NodeIx, upstream::Upstream};

/// The upstream part read from sources to buyers, and who is struck by which shock.
pub(super) struct Wiring<'c> {
    upstream: &'c Upstream,
    /// By need, in the order of slots: whose it is, and the weight that it can lose.
    needs: Vec<(u32, u64)>,
    /// By slot: the number of its first need.
    first_needs: Vec<usize>,
    /// By slot: the needs that it is a source of, with its weight.
    users: Vec<Vec<(usize, u64)>>,
    /// By slot: the shocks that strike it.
    shocks: Vec<Vec<usize>>,
    /// By shock: the slots that it strikes.
    struck: Vec<Vec<u32>>,
}

impl<'c> Wiring<'c> {
    pub(super) fn of(upstream: &'c Upstream, hazards: &Hazards) -> Self {
        let slots = upstream.nodes().len();
        let struck = |nodes: &[NodeIx]| nodes.iter().filter_map(|node| upstream.slot(*node)).collect();
        let mut wiring = Self {
            upstream,
            needs: Vec::new(),
            first_needs: Vec::with_capacity(slots),
            users: vec![Vec::new(); slots],
            shocks: vec![Vec::new(); slots],
            struck: hazards.shocks.iter().map(|shock| struck(&shock.nodes)).collect(),
        };
        for slot in (0..).take(slots) {
            wiring.first_needs.push(wiring.needs.len());
            for need in upstream.needs(slot) {
                for (source, weight) in need.sources {
                    wiring.users[*source as usize].push((wiring.needs.len(), *weight));
                }
                wiring.needs.push((slot, need.spare()));
            }
        }
        for (shock, slots) in wiring.struck.iter().enumerate() {
            slots.iter().for_each(|slot| wiring.shocks[*slot as usize].push(shock));
        }
        wiring
    }
}

/// Runs one scenario after another in the same memory.
pub(super) struct Cascade<'w> {
    wiring: &'w Wiring<'w>,
    /// Who is down, tier after tier.
    fallen: Vec<u32>,
    /// By slot: the tier in which it falls, 0 when it fails by itself or by a shock, [`UP`] when it does not.
    tiers: Vec<u32>,
    /// By need: the weight that it has lost.
    lost: Vec<u64>,
    /// By need: the tier whose fall leaves it unmet, or [`UP`].
    short: Vec<u32>,
    /// By slot: whether it fails by itself.
    own: Vec<bool>,
    /// By shock: whether it happens.
    shocks: Vec<bool>,
}

const UP: u32 = u32::MAX;

impl<'w> Cascade<'w> {
    pub(super) fn new(wiring: &'w Wiring<'w>) -> Self {
        Self {
            wiring,
            fallen: Vec::new(),
            tiers: vec![UP; wiring.users.len()],
            lost: vec![0; wiring.needs.len()],
            short: vec![UP; wiring.needs.len()],
            own: Vec::new(),
            shocks: Vec::new(),
        }
    }

    /// Makes the slots fail for which `own` is true and those that a true one of `shocks` strikes, and everything that follows
    /// from these.
    pub(super) fn run(&mut self, own: impl Iterator<Item = bool>, shocks: impl Iterator<Item = bool>) {
        self.forget();
        self.own.extend(own);
        self.shocks.extend(shocks);
        let wiring = self.wiring;
        for slot in (0..).zip(&self.own).filter(|(_, fails)| **fails).map(|(slot, _)| slot).collect::<Vec<u32>>() {
            self.fall(slot, 0);
        }
        for (shock, slots) in wiring.struck.iter().enumerate() {
            if self.shocks[shock] {
                slots.iter().for_each(|slot| self.fall(*slot, 0));
            }
        }
        let mut next = 0;
        while let Some(slot) = self.fallen.get(next).copied() {
            let tier = self.tiers[slot as usize];
            for (need, weight) in &wiring.users[slot as usize] {
                let (owner, spare) = wiring.needs[*need];
                self.lost[*need] += weight;
                if self.lost[*need] > spare && self.short[*need] == UP {
                    self.short[*need] = tier;
                    self.fall(owner, tier + 1);
                }
            }
            next += 1;
        }
    }

    fn fall(&mut self, slot: u32, tier: u32) {
        let own_tier = &mut self.tiers[slot as usize];
        if *own_tier == UP {
            *own_tier = tier;
            self.fallen.push(slot);
        }
    }

    fn forget(&mut self) {
        let wiring = self.wiring;
        for slot in self.fallen.drain(..) {
            self.tiers[slot as usize] = UP;
            for (need, _) in &wiring.users[slot as usize] {
                self.lost[*need] = 0;
                self.short[*need] = UP;
            }
        }
        self.own.clear();
        self.shocks.clear();
    }

    /// Who is down, earlier tiers first.
    pub(super) fn fallen(&self) -> &[u32] {
        &self.fallen
    }

    /// Whether `slot` is down.
    pub(super) fn is_down(&self, slot: u32) -> bool {
        self.tiers[slot as usize] != UP
    }

    /// Whether `slot`, which is down, failed by itself or by a shock.
    pub(super) fn began(&self, slot: u32) -> bool {
        self.tiers[slot as usize] == 0
    }

    /// Whether `slot` failed by itself, and which shocks struck it.
    pub(super) fn events(&self, slot: u32) -> (bool, Vec<usize>) {
        let shocks = self.wiring.shocks[slot as usize].iter().copied().filter(|shock| self.shocks[*shock]);
        (self.own[slot as usize], shocks.collect())
    }

    /// The needs of `slot`, which is down, that were the first to run short: each with the sources that were down by
    /// then, which are of earlier tiers than `slot`, and their weights.
    pub(super) fn first_short(&self, slot: u32) -> Vec<Vec<(u32, u64)>> {
        let tier = self.tiers[slot as usize];
        let needs = self.wiring.upstream.needs(slot).zip(self.wiring.first_needs[slot as usize]..);
        let first = needs.filter(|(_, number)| self.short[*number] < tier);
        let down = |(source, _): &&(u32, u64)| self.tiers[*source as usize] < tier;
        first.map(|(need, _)| need.sources.iter().filter(down).copied().collect()).collect()
    }
}

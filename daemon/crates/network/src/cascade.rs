//! One scenario, tier by tier: who falls when, and because of whom.

use super::{exposure::Hazards, graph::NodeIx, upstream::Upstream};

/// The upstream part read from sources to buyers, and who is struck by which shock.
pub(super) struct Wiring<'c> {
    upstream: &'c Upstream,
    /// By need, in the order of places: whose it is, and the weight that it can lose.
    needs: Vec<(u32, u64)>,
    /// By place: the number of its first need.
    first_needs: Vec<usize>,
    /// By place: the needs that it is a source of, with its weight.
    users: Vec<Vec<(usize, u64)>>,
    /// By place: the shocks that strike it.
    shocks: Vec<Vec<usize>>,
    /// By shock: the places that it strikes.
    struck: Vec<Vec<u32>>,
}

impl<'c> Wiring<'c> {
    pub(super) fn of(upstream: &'c Upstream, hazards: &Hazards) -> Self {
        let places = upstream.nodes().len();
        let struck = |nodes: &[NodeIx]| nodes.iter().filter_map(|node| upstream.place(*node)).collect();
        let mut wiring = Self {
            upstream,
            needs: Vec::new(),
            first_needs: Vec::with_capacity(places),
            users: vec![Vec::new(); places],
            shocks: vec![Vec::new(); places],
            struck: hazards.shocks.iter().map(|shock| struck(&shock.nodes)).collect(),
        };
        for place in (0..).take(places) {
            wiring.first_needs.push(wiring.needs.len());
            for need in upstream.needs(place) {
                for (source, weight) in need.sources {
                    wiring.users[*source as usize].push((wiring.needs.len(), *weight));
                }
                wiring.needs.push((place, need.spare()));
            }
        }
        for (shock, places) in wiring.struck.iter().enumerate() {
            places.iter().for_each(|place| wiring.shocks[*place as usize].push(shock));
        }
        wiring
    }
}

/// Runs one scenario after another in the same memory.
pub(super) struct Cascade<'w> {
    wiring: &'w Wiring<'w>,
    /// Who is down, tier after tier.
    fallen: Vec<u32>,
    /// By place: the tier in which it falls, 0 when it fails by itself or by a shock, [`UP`] when it does not.
    tiers: Vec<u32>,
    /// By need: the weight lost.
    lost: Vec<u64>,
    /// By need: the tier whose fall leaves it unmet, or [`UP`].
    short: Vec<u32>,
    /// By place: whether it fails by itself.
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

    /// Lets those fail for whom `own` is true, by place, and those whom the `shocks` strike that are true, and all that
    /// follows.
    pub(super) fn run(&mut self, own: impl Iterator<Item = bool>, shocks: impl Iterator<Item = bool>) {
        self.forget();
        self.own.extend(own);
        self.shocks.extend(shocks);
        let wiring = self.wiring;
        for place in (0..).zip(&self.own).filter(|(_, fails)| **fails).map(|(place, _)| place).collect::<Vec<u32>>() {
            self.fall(place, 0);
        }
        for (shock, places) in wiring.struck.iter().enumerate() {
            if self.shocks[shock] {
                places.iter().for_each(|place| self.fall(*place, 0));
            }
        }
        let mut next = 0;
        while let Some(place) = self.fallen.get(next).copied() {
            let tier = self.tiers[place as usize];
            for (need, weight) in &wiring.users[place as usize] {
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

    fn fall(&mut self, place: u32, tier: u32) {
        let own_tier = &mut self.tiers[place as usize];
        if *own_tier == UP {
            *own_tier = tier;
            self.fallen.push(place);
        }
    }

    fn forget(&mut self) {
        let wiring = self.wiring;
        for place in self.fallen.drain(..) {
            self.tiers[place as usize] = UP;
            for (need, _) in &wiring.users[place as usize] {
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

    /// Whether `place` is down.
    pub(super) fn is_down(&self, place: u32) -> bool {
        self.tiers[place as usize] != UP
    }

    /// Whether `place`, which is down, failed by itself or by a shock.
    pub(super) fn began(&self, place: u32) -> bool {
        self.tiers[place as usize] == 0
    }

    /// Whether `place` failed by itself, and which shocks struck it.
    pub(super) fn events(&self, place: u32) -> (bool, Vec<usize>) {
        let shocks = self.wiring.shocks[place as usize].iter().copied().filter(|shock| self.shocks[*shock]);
        (self.own[place as usize], shocks.collect())
    }

    /// The needs of `place`, which is down, that were the first to run short: each with the sources that were down by
    /// then, which are of earlier tiers than `place`, and their weights.
    pub(super) fn first_short(&self, place: u32) -> Vec<Vec<(u32, u64)>> {
        let tier = self.tiers[place as usize];
        let needs = self.wiring.upstream.needs(place).zip(self.wiring.first_needs[place as usize]..);
        let first = needs.filter(|(_, number)| self.short[*number] < tier);
        let down = |(source, _): &&(u32, u64)| self.tiers[*source as usize] < tier;
        first.map(|(need, _)| need.sources.iter().filter(down).copied().collect()).collect()
    }
}

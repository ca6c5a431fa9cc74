//! Who buys what from whom. Nothing is kept: a buyer's needs are a function of the seed and its number, so a network of
//! a million organisations takes no more memory than one of twenty.

use super::{
    catalogue::{PRODUCTS, PROGRAMMES, Product},
    random::Stream,
};
use crate::model::{BasisPoints, claims::Class};
use std::ops::Range;

/// Tiers below the programmes.
pub(super) const TIERS: usize = 4;
/// The percentages of organisations in tiers 1 to 3; the rest are in tier 4.
const TIER_PERCENT: [u32; TIERS - 1] = [8, 22, 40];
/// A tier has at least this many organisations, so that second sources exist.
const MIN_TIER: u32 = 2;
/// Up to this many organisations the programmes are those of the catalogue; above, one for every 100.
const MAX_CATALOGUE: u32 = 699;
const ORGANISATIONS_PER_PROGRAMME: u32 = 100;
/// A programme needs this many items more than its share of tier 1.
const PROGRAMME_EXTRA_NEEDS: u32 = 2;
/// One in this many suppliers of an item is a hub, which every buyer nearby uses beside its own supplier.
const HUB_EVERY: u32 = 32;

/// Who needs something: a programme or an organisation, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Buyer {
    Programme(u32),
    Firm(u32),
}

/// One source of a need.
#[derive(Clone, Debug)]
pub(super) struct PlannedSource {
    pub(super) supplier: u32,
    pub(super) share_bp: BasisPoints,
    pub(super) qualified: bool,
    pub(super) switch_days: u32,
}

impl PlannedSource {
    /// A source in use.
    pub(super) fn active(supplier: u32, share_bp: BasisPoints) -> Self {
        Self { supplier, share_bp, qualified: true, switch_days: 0 }
    }

    /// An alternate that is idle.
    pub(super) fn idle(supplier: u32, qualified: bool, switch_days: u32) -> Self {
        Self { supplier, share_bp: 0, qualified, switch_days }
    }
}

/// One need of one buyer.
#[derive(Clone, Debug)]
pub(super) struct PlannedNeed {
    pub(super) item: &'static str,
    pub(super) class: Class,
    pub(super) required_share_bp: Option<BasisPoints>,
    pub(super) buffer_days: u32,
    pub(super) sources: Vec<PlannedSource>,
}

/// The shape of the network: how many of what. Organisations are numbered from 0, tier after tier.
#[derive(Clone, Debug)]
pub(super) struct Structure {
    seed: u64,
    /// Where each tier begins, and where the last one ends.
    starts: [u32; TIERS + 1],
    programmes: u32,
}

impl Structure {
    pub(super) fn new(seed: u64, organisations: u32) -> Self {
        let mut starts = [0; TIERS + 1];
        for (tier, percent) in TIER_PERCENT.iter().enumerate() {
            let size = u64::from(organisations) * u64::from(*percent) / 100;
            starts[tier + 1] = starts[tier] + u32::try_from(size).unwrap_or(u32::MAX).max(MIN_TIER);
        }
        starts[TIERS] = organisations;
        let catalogue = u32::try_from(PROGRAMMES.len()).unwrap_or(u32::MAX);
        let programmes =
            if organisations <= MAX_CATALOGUE { catalogue } else { organisations / ORGANISATIONS_PER_PROGRAMME };
        Self { seed, starts, programmes }
    }

    pub(super) fn organisations(&self) -> u32 {
        self.starts[TIERS]
    }

    pub(super) fn programmes(&self) -> u32 {
        self.programmes
    }

    /// The organisations of `tier`, 0 for tier 1.
    pub(super) fn tier(&self, tier: usize) -> Range<u32> {
        self.starts[tier]..self.starts[tier + 1]
    }

    /// The tier of organisation `firm`, 0 for tier 1.
    pub(super) fn tier_of(&self, firm: u32) -> usize {
        (1..TIERS).filter(|&tier| firm >= self.starts[tier]).count()
    }

    /// What organisation `firm` makes: its number decides, so that others who make the same are found by counting.
    pub(super) fn product(&self, firm: u32) -> &'static Product {
        let tier = self.tier_of(firm);
        let products = PRODUCTS[tier];
        &products[(firm - self.starts[tier]) as usize % products.len()]
    }

    /// What `buyer` needs, one item at most once; nothing in the last tier.
    pub(super) fn needs(&self, buyer: Buyer) -> Vec<PlannedNeed> {
        let (tier, number, buyers) = match buyer {
            Buyer::Programme(number) => (0, number, self.programmes),
            Buyer::Firm(firm) => {
                let tier = self.tier_of(firm);
                (tier + 1, firm - self.starts[tier], self.starts[tier + 1] - self.starts[tier])
            }
        };
        if tier == TIERS {
            return Vec::new();
        }
        let purpose = if tier == 0 { "programme needs" } else { "needs" };
        let mut stream = Stream::new(self.seed, purpose, (u64::from(number) << 8) | tier as u64);
        let suppliers = self.starts[tier + 1] - self.starts[tier];
        let slice = |number: u32| {
            u32::try_from(u64::from(number) * u64::from(suppliers) / u64::from(buyers)).unwrap_or(suppliers)
        };
        // Every supplier lies in one buyer's slice, hence has at least one buyer.
        let own = slice(number)..slice(number + 1);
        let extra = if tier == 0 { PROGRAMME_EXTRA_NEEDS } else { 0 };
        let mut needs: Vec<PlannedNeed> = Vec::new();
        for position in own.clone().chain((0..extra).map(|step| (own.end + step) % suppliers)) {
            let need = self.need(&mut stream, tier, position);
            match needs.iter_mut().find(|known| known.item == need.item) {
                Some(known) => widen(known, self.starts[tier] + position),
                None => needs.push(need),
            }
        }
        needs
    }

    /// A need whose first source is the organisation at `position` of `tier`.
    fn need(&self, stream: &mut Stream, tier: usize, position: u32) -> PlannedNeed {
        let first = self.starts[tier] + position;
        let others = self.others(stream, tier, position);
        let class = match stream.below(100) {
            0..15 => Class::Critical,
            15..50 => Class::Major,
            _ => Class::Minor,
        };
        let count = match stream.below(100) {
            0..10 => 1,
            10..88 => 2,
            _ => 3,
        };
        let shares: &[BasisPoints] = match count.min(others.len() + 1) {
            1 => &[10_000],
            2 => stream.pick::<[BasisPoints; 2]>(&[[6000, 4000], [5000, 5000], [7000, 3000]]),
            _ => stream.pick::<[BasisPoints; 3]>(&[[5000, 3000, 2000], [4000, 3000, 3000]]),
        };
        let suppliers = std::iter::once(first).chain(others.iter().copied());
        let mut sources: Vec<_> =
            suppliers.zip(shares).map(|(supplier, share)| PlannedSource::active(supplier, *share)).collect();
        if stream.chance(15)
            && let Some(&spare) = others.get(sources.len() - 1)
        {
            sources.push(PlannedSource::idle(spare, stream.chance(75), *stream.pick(&[10, 20, 30, 45, 60])));
        }
        PlannedNeed {
            item: self.product(first).item,
            class,
            required_share_bp: (shares.len() == 3 && stream.chance(10)).then_some(6000),
            buffer_days: *stream.pick(&[5, 10, 15, 20, 30, 45, 60, 90]),
            sources,
        }
    }

    /// Up to three others near `position` in `tier` who make the same.
    fn others(&self, stream: &mut Stream, tier: usize, position: u32) -> Vec<u32> {
        let size = self.starts[tier + 1] - self.starts[tier];
        let step = u32::try_from(PRODUCTS[tier].len()).unwrap_or(u32::MAX);
        let round = position / step;
        let hub = position % step + (round - round % HUB_EVERY) * step;
        let mut others: Vec<u32> = Vec::with_capacity(4);
        if stream.chance(12) {
            others.push(hub);
        }
        others.extend([position + step, position.wrapping_sub(step), position + 2 * step]);
        others.retain(|&other| other < size && other != position);
        let mut seen = Vec::with_capacity(others.len());
        others.retain(|other| {
            !seen.contains(other) && {
                seen.push(*other);
                true
            }
        });
        others.into_iter().take(3).map(|other| self.starts[tier] + other).collect()
    }
}

/// An item that a buyer needs from two neighbours is one need with both as sources.
fn widen(need: &mut PlannedNeed, supplier: u32) {
    if need.sources.iter().all(|source| source.supplier != supplier) {
        need.sources.push(PlannedSource::idle(supplier, true, 20));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn everyone(structure: &Structure) -> impl Iterator<Item = Buyer> {
        let programmes = (0..structure.programmes()).map(Buyer::Programme);
        programmes.chain((0..structure.organisations()).map(Buyer::Firm))
    }

    #[test]
    fn networks_of_any_size_hold_together() {
        for organisations in [20, 57, 300, 320, 699, 700, 5000] {
            let structure = Structure::new(7, organisations);
            let needs: Vec<PlannedNeed> = everyone(&structure).flat_map(|buyer| structure.needs(buyer)).collect();
            let supplying: BTreeSet<u32> =
                needs.iter().flat_map(|need| need.sources.iter().map(|source| source.supplier)).collect();
            assert_eq!(supplying.len(), organisations as usize, "every organisation supplies someone");
            for need in &needs {
                assert!(need.sources.iter().all(|source| structure.product(source.supplier).item == need.item));
                assert_eq!(need.sources.iter().map(|source| source.share_bp).sum::<u32>(), 10_000, "{need:?}");
                let distinct: BTreeSet<u32> = need.sources.iter().map(|source| source.supplier).collect();
                assert_eq!(distinct.len(), need.sources.len(), "{need:?}");
            }
            let edges_percent =
                needs.iter().map(|need| need.sources.len()).sum::<usize>() * 100 / organisations as usize;
            assert!(
                organisations < 300 || (200..=250).contains(&edges_percent),
                "{edges_percent} % for {organisations}"
            );
        }
    }

    #[test]
    fn the_last_tier_needs_nothing() {
        let structure = Structure::new(7, 320);
        assert!(structure.tier(3).all(|firm| structure.needs(Buyer::Firm(firm)).is_empty()));
        assert_eq!((structure.tier_of(0), structure.tier_of(319)), (0, 3));
    }
}

//! Concentration of a need: by owners of the supply, and by where it comes from.
//!
//! The Herfindahl–Hirschman index is Σ share²: the probability that two random units of the supply are of one owner, or from
//! one region or country. A site may use several corridors, so for these the probability itself is measured, that two units
//! have a corridor in common. Supply of unknown origin counts as coming from one place.

use super::{graph::Need, profile::Profile, statements::Statements};
use crate::model::{WHOLE_BP, claims::Text};
use smallvec::SmallVec;
use std::cmp::Reverse;

/// Most different sets of corridors that are distinguished for one need; the supply of the smallest ones beyond counts as
/// coming from one unknown place.
const MAX_ROUTES: usize = 64;

/// The whole of a need, in units of a 10 000th of a basis point, so that shares of shares are whole numbers.
const WHOLE: u64 = WHOLE_BP as u64 * WHOLE_BP as u64;

/// Indices of one need, 0 to 10 000 each.
#[derive(Hash)]
pub(super) struct Concentration {
    pub(super) parent_bp: u32,
    pub(super) region_bp: u32,
    pub(super) corridor_bp: u32,
    pub(super) country_bp: u32,
}

impl Concentration {
    /// The indices of `need`, by what is known of its sources now.
    pub(super) fn of(need: Need<'_>, statements: &Statements) -> Self {
        let (mut parents, mut regions, mut routes, mut countries) =
            (SupplyShares::default(), SupplyShares::default(), SupplyShares::default(), SupplyShares::default());
        // Contradictory shares may add to more than the whole.
        let supply = need.sources.iter().map(|source| u64::from(source.share_bp) * u64::from(WHOLE_BP)).sum();
        let supply = WHOLE.max(supply);
        for source in need.sources {
            let share = u64::from(source.share_bp);
            let whole = share * u64::from(WHOLE_BP);
            let profile = statements.profile(source.supplier);
            parents.add(statements.ultimate_parent(source.supplier), whole);
            if let Some(country) = profile.and_then(|profile| profile.country.as_ref()) {
                countries.add(country, whole);
            }
            for (region, part) in profile.into_iter().flat_map(Profile::region_parts) {
                regions.add(region, share * part);
            }
            for (route, part) in profile.into_iter().flat_map(Profile::route_parts) {
                routes.add(route, share * part);
            }
        }
        Self {
            parent_bp: parents.index_bp(supply),
            region_bp: regions.index_bp(supply),
            corridor_bp: routes.shared_bp(supply),
            country_bp: countries.index_bp(supply),
        }
    }
}

/// The supply of a need by owner, region or the like. Nearly every need has few sources.
struct SupplyShares<K>(SmallVec<[(K, u64); 4]>);

impl<K> Default for SupplyShares<K> {
    fn default() -> Self {
        Self(SmallVec::new())
    }
}

impl<K: Copy + Ord> SupplyShares<K> {
    fn add(&mut self, of: K, part: u64) {
        self.0.push((of, part));
    }

    /// Each key once, with its whole part; and the part of `supply` whose key is unknown.
    fn merged(mut self, supply: u64) -> (Self, u64) {
        self.0.sort_unstable();
        self.0.dedup_by(|next, one| {
            let is_same = next.0 == one.0;
            one.1 += if is_same { next.1 } else { 0 };
            is_same
        });
        let known = self.0.iter().map(|(_, part)| part).sum();
        (self, supply.saturating_sub(known))
    }

    /// The index Σ part², 0 to 10 000.
    fn index_bp(self, supply: u64) -> u32 {
        let (Self(parts), unknown) = self.merged(supply);
        basis_points(parts.iter().map(|(_, part)| *part).chain([unknown]).map(|part| product(part, part)).sum())
    }
}

impl SupplyShares<&[Text]> {
    /// The probability that two units of the supply share a corridor, 0 to 10 000.
    fn shared_bp(self, supply: u64) -> u32 {
        let (Self(mut parts), mut unknown) = self.merged(supply);
        if parts.len() > MAX_ROUTES {
            parts.sort_by_key(|(_, part)| Reverse(*part));
            unknown += parts.drain(MAX_ROUTES..).map(|(_, part)| part).sum::<u64>();
        }
        let mut shared = product(unknown, unknown);
        for (index, (one, one_part)) in parts.iter().enumerate() {
            shared += product(*one_part, *one_part);
            let meeting = parts[index + 1..].iter().filter(|(other, _)| one.iter().any(|name| other.contains(name)));
            shared += meeting.map(|(_, other_part)| 2 * product(*one_part, *other_part)).sum::<u128>();
        }
        basis_points(shared)
    }
}

/// The product of two parts. Parts are capped at the whole first, so that the product stays in range.
fn product(one: u64, other: u64) -> u128 {
    u128::from(one.min(WHOLE)) * u128::from(other.min(WHOLE))
}

/// A part of the whole squared, rounded half up, at most 10 000.
fn basis_points(squares: u128) -> u32 {
    let unit = u128::from(WHOLE) * u128::from(WHOLE) / u128::from(WHOLE_BP);
    u32::try_from((squares + unit / 2) / unit).map_or(WHOLE_BP, |bp| bp.min(WHOLE_BP))
}

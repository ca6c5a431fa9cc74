//! Who owns an organisation, through all chains of holdings.

use super::{graph::NodeIx, statements::Statements};
use crate::model::{
    claims::Text,
    facts::{CountryFacts, OwnerFacts, Ownership},
};
use std::collections::BTreeMap;

/// Longest chain of owners that is followed.
const MAX_CHAIN: usize = 32;
/// Most holdings that are followed for one organisation: chains may split and join without end.
const MAX_HOLDINGS: usize = 1024;

/// The whole of an organisation, in units of a millionth of a part per million: chains are rounded once, at their end.
const WHOLE: u64 = 1_000_000 * PPM;
/// Units in a part per million.
const PPM: u64 = 1_000_000;

/// Follows the holdings of `organisation`; `None` when nobody attests any.
pub(super) fn ownership(statements: &Statements, organisation: NodeIx) -> Option<Ownership> {
    if statements.holdings(organisation).is_empty() {
        return None;
    }
    let mut walk = OwnershipWalk::from(statements, organisation);
    walk.follow(organisation, WHOLE);
    let owners = walk.owners.into_iter().map(|((owner, country), part)| OwnerFacts {
        owner: owner.clone(),
        country: country.clone(),
        effective_ppm: ppm(part),
    });
    let countries = walk
        .countries
        .into_iter()
        .map(|(country, part)| CountryFacts { country: country.clone(), effective_ppm: ppm(part) });
    Some(Ownership {
        owners: owners.collect(),
        countries: countries.collect(),
        undisclosed_ppm: ppm(walk.undisclosed),
        opaque: walk.opaque,
    })
}

/// A walk from an organisation to its owners and theirs.
struct OwnershipWalk<'a> {
    statements: &'a Statements,
    /// The organisation and the owners behind it, up to where the walk is.
    chain: Vec<NodeIx>,
    /// The countries of those owners.
    passed: Vec<&'a Text>,
    owners: BTreeMap<(&'a Text, &'a Text), u64>,
    countries: BTreeMap<&'a Text, u64>,
    undisclosed: u64,
    opaque: bool,
    followed: usize,
}

impl<'a> OwnershipWalk<'a> {
    fn from(statements: &'a Statements, organisation: NodeIx) -> Self {
        Self {
            statements,
            chain: vec![organisation],
            passed: Vec::new(),
            owners: BTreeMap::new(),
            countries: BTreeMap::new(),
            undisclosed: 0,
            opaque: false,
            followed: 0,
        }
    }

    /// Charges `part` of the whole, which is held through `owned`, to the owners of `owned`.
    fn follow(&mut self, owned: NodeIx, part: u64) {
        let mut left = part;
        for holding in self.statements.holdings(owned) {
            let held = u128::from(part) * u128::from(holding.percent_ppm) / 1_000_000;
            let held = u64::try_from(held).unwrap_or(part);
            let owner = holding.organisation().and_then(|owner| self.statements.organisations.find(&owner));
            let comes_back = owner.is_some_and(|owner| self.chain.contains(&owner));
            if comes_back || self.followed == MAX_HOLDINGS {
                self.opaque = true;
                continue;
            }
            self.followed += 1;
            left = left.saturating_sub(held);
            *self.owners.entry((&holding.owner.0, &holding.owner_country.0)).or_default() += held;
            let is_new = !self.passed.contains(&&holding.owner_country.0);
            if is_new {
                *self.countries.entry(&holding.owner_country.0).or_default() += held;
            }
            let Some(owner) = owner.filter(|owner| !self.statements.holdings(*owner).is_empty()) else { continue };
            if self.chain.len() > MAX_CHAIN {
                self.opaque = true;
                self.undisclosed = self.undisclosed.saturating_add(held);
                continue;
            }
            self.chain.push(owner);
            self.passed.push(&holding.owner_country.0);
            self.follow(owner, held);
            self.passed.pop();
            self.chain.pop();
        }
        self.undisclosed = self.undisclosed.saturating_add(left);
    }
}

/// A part in parts per million, rounded half up and at most the whole: contradictory holdings may add up to more.
fn ppm(part: u64) -> u32 {
    u32::try_from((part.min(WHOLE) + PPM / 2) / PPM).unwrap_or(u32::MAX)
}

//! Who owns whom by its definition: every chain written out.

use super::oracle::Said;
use crate::{
    Statement,
    model::{
        Organisation,
        claims::{Holding, Text},
        facts::{CountryFacts, OwnerFacts, Ownership},
    },
};
use std::collections::BTreeMap;

/// Holdings from the organisation up to an owner, with the part of the organisation that this owner has through them,
/// in 10⁻¹².
struct Chain<'s> {
    links: Vec<&'s Holding>,
    part: u64,
}

/// The holdings in `organisation`, the first of each owner.
fn holdings<'s>(said: &'s Said, organisation: &str) -> Vec<&'s Holding> {
    let subject = said.iter().find(|(name, _)| name.as_str() == organisation);
    let mut by_owner: BTreeMap<&Text, &Holding> = BTreeMap::new();
    for statement in subject.into_iter().flat_map(|(_, statements)| statements) {
        if let Statement::Holding(holding) = statement {
            by_owner.entry(&holding.owner).or_insert(holding);
        }
    }
    by_owner.into_values().collect()
}

pub(super) fn ownership(said: &Said, organisation: &Organisation) -> Option<Ownership> {
    if holdings(said, organisation.as_str()).is_empty() {
        return None;
    }
    let mut chains = vec![Chain { links: Vec::new(), part: 1_000_000_000_000 }];
    let (mut undisclosed, mut opaque) = (0, false);
    let mut next = 0;
    while let Some(Chain { links, part }) = chains.get(next) {
        let (links, part) = (links.clone(), *part);
        let top = links.last().map_or(organisation.as_str(), |link| link.owner.as_str());
        let behind = holdings(said, top);
        let mut told = 0;
        for holding in &behind {
            let is_on_it =
                |name: &Text| name.as_str() == organisation.as_str() || links.iter().any(|link| link.owner.0 == *name);
            if is_on_it(&holding.owner) {
                opaque = true;
                continue;
            }
            let held = part * u64::from(holding.percent_ppm) / 1_000_000;
            told += held;
            chains.push(Chain { links: links.iter().copied().chain([*holding]).collect(), part: held });
        }
        if !behind.is_empty() {
            undisclosed += part.saturating_sub(told);
        }
        next += 1;
    }
    let ppm =
        |part: u64| u32::try_from((part.min(1_000_000_000_000) + 500_000) / 1_000_000).expect("parts per million");
    let mut owners: BTreeMap<(&Text, &Text), u64> = BTreeMap::new();
    let mut countries: BTreeMap<&Text, u64> = BTreeMap::new();
    for Chain { links, part } in &chains {
        let Some((last, before)) = links.split_last() else { continue };
        *owners.entry((&last.owner, &last.owner_country)).or_default() += part;
        if before.iter().all(|link| link.owner_country != last.owner_country) {
            *countries.entry(&last.owner_country).or_default() += part;
        }
    }
    let owners = owners.into_iter().map(|((owner, country), part)| OwnerFacts {
        owner: owner.clone(),
        country: country.clone(),
        effective_ppm: ppm(part),
    });
    let countries = countries
        .into_iter()
        .map(|(country, part)| CountryFacts { country: country.clone(), effective_ppm: ppm(part) });
    let (owners, countries) = (owners.collect(), countries.collect());
    Some(Ownership { owners, countries, undisclosed_ppm: ppm(undisclosed), opaque })
}

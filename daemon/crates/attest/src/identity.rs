//! Which names are one organisation. Names that share an alias are one, in whatever order the attestations came.
//!
//! A profile says of its subject that it is also known by other names. That joins two names when a third party or an
//! authority says so whose grants cover both, or when the profiles of both say so of each other: otherwise a supplier
//! could claim the certificates of another by calling itself so, and a body merge a firm of its region with any other. Identity does not depend on time: a name once attested stays, until
//! the profile is replaced by one without it, or revoked.

use crate::model::{Organisation, OrganisationIx};
use std::collections::{BTreeMap, BTreeSet};

/// The schemes that represent an organisation of several names, the preferred first; then any other.
const PREFERRED_SCHEMES: [&str; 4] = ["GB-COH", "XI-LEI", "US-SAM", "CAGE"];

/// The scheme that represents an organisation only where it has no other name.
const LAST_SCHEME: &str = "XI-DUNS";

/// How `name` ranks among the names of one organisation: the least represents it.
fn preference(name: &Organisation) -> (usize, &str) {
    let scheme = name.scheme();
    let others = PREFERRED_SCHEMES.len() + usize::from(scheme == LAST_SCHEME);
    (PREFERRED_SCHEMES.iter().position(|preferred| *preferred == scheme).unwrap_or(others), name.as_str())
}

/// What names a profile gives its subject, and whether it is believed without the other side saying so too.
pub(super) type Aliases = BTreeMap<OrganisationIx, bool>;

/// What a change of aliases did.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct IdentityChange {
    /// Names that are now one with other names than before.
    pub(super) regrouped: Vec<OrganisationIx>,
    /// Names that another name represents than before, with the name that did.
    pub(super) renamed: Vec<(OrganisationIx, OrganisationIx)>,
}

/// All names, grouped into organisations.
#[derive(Debug, Default)]
pub(super) struct Identity {
    names: Vec<IdentityEntry>,
}

#[derive(Debug)]
struct IdentityEntry {
    organisation: Organisation,
    aliases: Aliases,
    representative: OrganisationIx,
    /// Every name of the organisation, sorted, where this one represents it.
    members: Vec<OrganisationIx>,
}

impl Identity {
    /// Adds a name that is an organisation of its own.
    pub(super) fn add(&mut self, organisation: Organisation) -> OrganisationIx {
        let ix = OrganisationIx(u32::try_from(self.names.len()).unwrap_or_else(|_| unreachable!("2^32 names")));
        self.names.push(IdentityEntry { organisation, aliases: Aliases::new(), representative: ix, members: vec![ix] });
        ix
    }

    fn at(&self, ix: OrganisationIx) -> &IdentityEntry {
        &self.names[ix.0 as usize]
    }

    fn at_mut(&mut self, ix: OrganisationIx) -> &mut IdentityEntry {
        &mut self.names[ix.0 as usize]
    }

    pub(super) fn name(&self, ix: OrganisationIx) -> &Organisation {
        &self.at(ix).organisation
    }

    pub(super) fn representative(&self, ix: OrganisationIx) -> OrganisationIx {
        self.at(ix).representative
    }

    /// Every name of the organisation that `ix` belongs to, sorted.
    pub(super) fn members(&self, ix: OrganisationIx) -> &[OrganisationIx] {
        &self.at(self.representative(ix)).members
    }

    /// Replaces what the profiles about `ix` say of its names.
    pub(super) fn set_aliases(&mut self, ix: OrganisationIx, mut aliases: Aliases) -> IdentityChange {
        let programme = |ix: &OrganisationIx| self.name(*ix).is_programme();
        if programme(&ix) {
            aliases.clear();
        }
        aliases.retain(|alias, _| *alias != ix && !programme(alias));
        if self.at(ix).aliases == aliases {
            return IdentityChange::default();
        }
        let before = std::mem::replace(&mut self.at_mut(ix).aliases, aliases);
        let touched = before.keys().chain(self.at(ix).aliases.keys()).chain([&ix]);
        let region: BTreeSet<OrganisationIx> = touched.flat_map(|touched| self.members(*touched)).copied().collect();
        self.regroup(&region)
    }

    /// Groups the names of `region` anew; no name in it is joined to one outside.
    fn regroup(&mut self, region: &BTreeSet<OrganisationIx>) -> IdentityChange {
        let before: BTreeMap<OrganisationIx, (OrganisationIx, Vec<OrganisationIx>)> =
            region.iter().map(|ix| (*ix, (self.representative(*ix), self.members(*ix).to_vec()))).collect();
        for group in self.groups(region) {
            let best = group.iter().copied().min_by_key(|ix| preference(self.name(*ix)));
            for ix in &group {
                let name = self.at_mut(*ix);
                name.representative = best.unwrap_or(*ix);
                name.members = if best == Some(*ix) { group.clone() } else { Vec::new() };
            }
        }
        let mut changed = IdentityChange::default();
        for (ix, (representative, members)) in before {
            if self.members(ix) != members {
                changed.regrouped.push(ix);
            }
            if self.representative(ix) != representative {
                changed.renamed.push((ix, representative));
            }
        }
        changed
    }

    /// The connected groups of `region`, each sorted.
    fn groups(&self, region: &BTreeSet<OrganisationIx>) -> Vec<Vec<OrganisationIx>> {
        let mut joined: BTreeMap<OrganisationIx, Vec<OrganisationIx>> = BTreeMap::new();
        for ix in region {
            let joins = |(alias, alone): (&OrganisationIx, &bool)| {
                (*alone || self.at(*alias).aliases.contains_key(ix)).then_some(*alias)
            };
            for alias in self.at(*ix).aliases.iter().filter_map(joins) {
                joined.entry(*ix).or_default().push(alias);
                joined.entry(alias).or_default().push(*ix);
            }
        }
        let mut left = region.clone();
        let mut groups = Vec::new();
        while let Some(first) = left.pop_first() {
            let mut group = vec![first];
            let mut reached = 0;
            while let Some(ix) = group.get(reached).copied() {
                group.extend(joined.get(&ix).into_iter().flatten().filter(|next| left.remove(next)));
                reached += 1;
            }
            group.sort_unstable();
            groups.push(group);
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(names: &[&str]) -> Identity {
        let mut identity = Identity::default();
        for name in names {
            identity.add(Organisation::checked_before(name));
        }
        identity
    }

    fn aliases(aliases: &[(u32, bool)]) -> Aliases {
        aliases.iter().map(|(ix, alone)| (OrganisationIx(*ix), *alone)).collect()
    }

    fn set(identity: &mut Identity, ix: u32, to: &[(u32, bool)]) -> IdentityChange {
        identity.set_aliases(OrganisationIx(ix), aliases(to))
    }

    fn representatives(identity: &Identity) -> Vec<u32> {
        identity.names.iter().map(|name| name.representative.0).collect()
    }

    #[test]
    fn names_join_and_part() {
        let mut identity = identity(&["XI-LEI:A", "NL-KVK:B", "GB-COH:C", "XI-DUNS:D", "NL-KVK:A"]);
        set(&mut identity, 0, &[(1, true)]);
        assert_eq!(representatives(&identity), [0, 0, 2, 3, 4]);
        let changed = set(&mut identity, 2, &[(1, true)]);
        assert_eq!(representatives(&identity), [2, 2, 2, 3, 4]);
        assert_eq!(changed.renamed, [(OrganisationIx(0), OrganisationIx(0)), (OrganisationIx(1), OrganisationIx(0))]);
        assert_eq!(changed.regrouped.len(), 3);
        set(&mut identity, 4, &[(3, true)]);
        assert_eq!(representatives(&identity), [2, 2, 2, 4, 4]);
        set(&mut identity, 2, &[]);
        assert_eq!(representatives(&identity), [0, 0, 2, 4, 4]);
        assert_eq!(set(&mut identity, 2, &[]), IdentityChange::default());
    }

    #[test]
    fn a_name_that_only_one_side_claims_joins_when_the_other_side_agrees() {
        let mut identity = identity(&["GB-COH:A", "GB-COH:B"]);
        set(&mut identity, 0, &[(1, false)]);
        assert_eq!(representatives(&identity), [0, 1]);
        set(&mut identity, 1, &[(0, false)]);
        assert_eq!(representatives(&identity), [0, 0]);
        set(&mut identity, 0, &[]);
        assert_eq!(representatives(&identity), [0, 1]);
    }

    #[test]
    fn a_programme_is_never_an_organisation_too() {
        let mut identity = identity(&["GB-COH:A", "PROGRAMME:P"]);
        set(&mut identity, 0, &[(1, true)]);
        set(&mut identity, 1, &[(0, true)]);
        assert_eq!(representatives(&identity), [0, 1]);
    }
}

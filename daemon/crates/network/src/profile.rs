//! Who an organisation is, where it works, how soon it recovers and what else it could supply.

use crate::model::{
    BasisPoints, WHOLE_BP,
    claims::{EntityProfile, Recovery, Site, SupplyCapability, Text},
};
use std::collections::BTreeMap;

/// If at least this part of an organisation's supply, in basis points, comes from a region or passes through a corridor, a shock
/// of that brings the organisation down.
pub const STRUCK_SHARE_BP: BasisPoints = WHOLE_BP / 2;

/// What the attestations about one organisation say of it beside its supply. The first profile counts as a whole, so the
/// most trusted is stated first; sites add up, items and approvals are collected, and of plans the longest counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// The registered name. While nobody states a profile of it, this and the three below are `None`, sectors and clusters
    /// are empty.
    pub name: Option<Text>,
    /// The country that it is registered in, by two letters of ISO 3166-1.
    pub country: Option<Text>,
    /// The region of its seat. [`regions`](Self::regions) says where it works.
    pub region: Option<Text>,
    /// Whether it is a small or medium enterprise; `None`: nobody says.
    pub sme: Option<bool>,
    /// The sectors that it works in, as its profile has them.
    pub sectors: Vec<Text>,
    /// Regional bodies that it belongs to, as its profile has them.
    pub clusters: Vec<Text>,
    /// Part of its supply by the region of its sites; empty when no site is attested.
    regions: BTreeMap<Text, BasisPoints>,
    /// Part of its supply by the transport corridors that it passes through, which are sorted.
    routes: BTreeMap<Vec<Text>, BasisPoints>,
    /// Items that it could supply: sorted, each once.
    pub items: Vec<Text>,
    /// Approvals it holds, as `AS9100`: sorted, each once.
    pub approvals: Vec<Text>,
    /// Its time to recover, in days: the longest of its plans'; `None`: nobody states a plan.
    pub recover_days: Option<u32>,
}

impl Profile {
    /// Adds a profile; the first one counts.
    pub(super) fn identify(&mut self, said: EntityProfile) {
        if self.name.is_none() {
            self.name = Some(said.name);
            self.country = Some(said.country.0);
            self.region = said.region;
            self.sme = said.sme;
            self.sectors = said.sectors;
            self.clusters = said.clusters;
        }
    }

    /// Adds one of its sites.
    pub(super) fn add_site(&mut self, site: Site) {
        let mut route = site.corridors;
        route.sort();
        route.dedup();
        for total_bp in [self.regions.entry(site.region).or_default(), self.routes.entry(route).or_default()] {
            *total_bp = total_bp.saturating_add(site.share_bp);
        }
    }

    /// Adds a plan for its recovery.
    pub(super) fn add_plan(&mut self, plan: &Recovery) {
        self.recover_days = self.recover_days.max(Some(plan.recover_days));
    }

    /// Adds what it could supply.
    pub(super) fn add_capability(&mut self, could: SupplyCapability) {
        for (list, more) in [(&mut self.items, could.items), (&mut self.approvals, could.approvals)] {
            list.extend(more);
            list.sort();
            list.dedup();
        }
    }

    /// Where it works, and which part of its supply comes from there, in basis points: the regions of its sites by name, or
    /// its seat with the whole when no site is attested. Together they may be more or less than the whole.
    pub fn regions(&self) -> impl Iterator<Item = (&Text, BasisPoints)> {
        let seat = self.region.iter().filter(|_| self.regions.is_empty()).map(|region| (region, WHOLE_BP));
        self.regions.iter().map(|(region, share_bp)| (region, *share_bp)).chain(seat)
    }

    /// Which part of its supply passes through each corridor, in basis points, by name. Supply may pass through several, so
    /// together they may be more than the whole.
    #[must_use]
    pub fn corridors(&self) -> BTreeMap<&Text, BasisPoints> {
        let mut corridors: BTreeMap<&Text, BasisPoints> = BTreeMap::new();
        for (route, share_bp) in &self.routes {
            for corridor in route {
                let total_bp = corridors.entry(corridor).or_default();
                *total_bp = total_bp.saturating_add(*share_bp);
            }
        }
        corridors
    }

    /// Its supply by region, in parts of 10 000 of the whole: the origin of what is missing is unknown.
    pub(super) fn region_parts(&self) -> impl Iterator<Item = (&Text, u64)> {
        self.regions().map(|(region, share_bp)| (region, self.part(share_bp)))
    }

    /// The same by sets of corridors that the supply passes through together.
    pub(super) fn route_parts(&self) -> impl Iterator<Item = (&[Text], u64)> {
        let known = self.routes.iter().filter(|(route, _)| !route.is_empty());
        known.map(|(route, share_bp)| (route.as_slice(), self.part(*share_bp)))
    }

    /// A site's share, scaled down where all of them together are more than the whole.
    fn part(&self, share_bp: BasisPoints) -> u64 {
        let whole = u64::from(WHOLE_BP);
        let all: u64 = self.routes.values().map(|share_bp| u64::from(*share_bp)).sum();
        u64::from(share_bp) * whole / all.max(whole)
    }

    /// Whether it works in `region` with at least [`STRUCK_SHARE_BP`].
    #[must_use]
    pub fn is_in_region(&self, region: &str) -> bool {
        self.regions().any(|(name, share_bp)| name.as_str() == region && share_bp >= STRUCK_SHARE_BP)
    }

    /// Whether at least [`STRUCK_SHARE_BP`] of it passes through `corridor`.
    #[must_use]
    pub fn is_behind(&self, corridor: &str) -> bool {
        self.corridors().iter().any(|(name, share_bp)| name.as_str() == corridor && *share_bp >= STRUCK_SHARE_BP)
    }

    /// Whether it is where `other` is: in the same country, the same regions, behind the same corridors.
    pub(super) fn is_placed_as(&self, other: &Self) -> bool {
        (&self.country, &self.region, &self.regions, &self.routes)
            == (&other.country, &other.region, &other.regions, &other.routes)
    }
}

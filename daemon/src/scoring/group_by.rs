//! Groups of organisations, and which organisation belongs to which.

use crate::{model::Organisation, network::Profile};

/// By what organisations are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupBy {
    /// The regional bodies that they belong to; one may belong to several.
    Cluster,
    /// The regions that they work in; one may work in several.
    Region,
    /// The sectors that they work in; one may work in several.
    Sector,
    /// Their distance below the nearest programme.
    Tier,
    /// The programmes that they reach.
    Programme,
    /// Whether they are small or medium enterprises.
    Sme,
}

/// The group of organisations whose group nobody states.
pub(crate) const UNKNOWN: &str = "unknown";

impl GroupBy {
    /// Every way of grouping.
    pub(crate) const ALL: [Self; 6] =
        [Self::Cluster, Self::Region, Self::Sector, Self::Tier, Self::Programme, Self::Sme];

    /// Its word in the labels of metrics.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::Region => "region",
            Self::Sector => "sector",
            Self::Tier => "tier",
            Self::Programme => "programme",
            Self::Sme => "sme",
        }
    }

    /// The groups of one organisation.
    #[must_use]
    pub(crate) fn groups_of(self, profile: &Profile, tier: Option<u32>, programmes: &[Organisation]) -> Vec<String> {
        let mut groups: Vec<String> = match self {
            Self::Cluster => profile.clusters.iter().map(ToString::to_string).collect(),
            Self::Region => profile.regions().map(|(region, _)| region.to_string()).collect(),
            Self::Sector => profile.sectors.iter().map(ToString::to_string).collect(),
            Self::Tier => tier.iter().map(ToString::to_string).collect(),
            Self::Programme => programmes.iter().map(ToString::to_string).collect(),
            Self::Sme => profile.sme.iter().map(|sme| if *sme { "sme" } else { "large" }.to_owned()).collect(),
        };
        if groups.is_empty() {
            groups.push(UNKNOWN.to_owned());
        }
        groups.sort_unstable();
        groups.dedup();
        groups
    }
}

//! Every figure rolled up: by cluster, region, sector, tier, programme, and SME or not.

use super::survey::Survey;
use crate::{
    model::{BasisPoints, Organisation},
    network::Profile,
};
use std::{cmp::Reverse, collections::BTreeMap};

/// By what organisations are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupBy {
    /// The regional bodies that they belong to; one may belong to several.
    Cluster,
    /// Where they work; one may work in several.
    Region,
    /// What they work in.
    Sector,
    /// Their distance below the nearest programme.
    Tier,
    /// The programmes that they reach.
    Programme,
    /// Whether they are small or medium enterprises.
    Sme,
}

/// The group of those of whom nobody says it.
pub const UNKNOWN: &str = "unknown";

/// What a group comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// How many organisations.
    pub count: u32,
    /// How many of them have a risk.
    pub rated: u32,
    /// Their risks together.
    pub risk_sum_bp: u64,
    /// The worst of them; of equals the first by name.
    pub worst: Option<(Reverse<BasisPoints>, Organisation)>,
    /// How many of them are expected to be down within the horizon: the sum of their probabilities.
    pub expected_down: f64,
    /// The most exposed: the highest probability.
    pub exposure_worst: f64,
}

impl Group {
    /// The mean risk of those that have one.
    #[must_use]
    pub fn risk_mean_bp(&self) -> Option<BasisPoints> {
        let rated = u64::from(self.rated);
        (2 * self.risk_sum_bp + rated).checked_div(2 * rated).and_then(|mean| mean.try_into().ok())
    }

    /// The mean probability of being down.
    #[must_use]
    pub fn exposure_mean(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.expected_down / f64::from(self.count) }
    }
}

impl GroupBy {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Cluster, Self::Region, Self::Sector, Self::Tier, Self::Programme, Self::Sme];

    /// Its word in labels.
    #[must_use]
    pub fn as_str(self) -> &'static str {
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
    pub fn groups_of(self, profile: &Profile, tier: Option<u32>, programmes: &[Organisation]) -> Vec<String> {
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

/// The groups of all scored organisations, by name.
#[must_use]
pub fn groups(survey: &Survey, by: GroupBy) -> BTreeMap<String, Group> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let nobody = Profile::default();
    let mut standings: Vec<_> = survey.fleet().standings().collect();
    // Sums of floats depend on their order.
    standings.sort_unstable_by_key(|(name, _)| *name);
    for (name, standing) in standings {
        let facts = survey.facts(name);
        let profile = survey.profile(name).unwrap_or(&nobody);
        let exposure = survey.exposure(name).map_or(0.0, |exposure| exposure.probability);
        for group in by.groups_of(profile, facts.impact.tier, &facts.requirement.programmes) {
            let group = groups.entry(group).or_default();
            group.count += 1;
            group.expected_down += exposure;
            group.exposure_worst = group.exposure_worst.max(exposure);
            if let Some(risk_bp) = standing.level.risk_bp {
                group.rated += 1;
                group.risk_sum_bp += u64::from(risk_bp);
                let this = (Reverse(risk_bp), name.clone());
                if group.worst.as_ref().is_none_or(|worst| this < *worst) {
                    group.worst = Some(this);
                }
            }
        }
    }
    groups
}

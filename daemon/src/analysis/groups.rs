//! Every figure rolled up: by cluster, region, sector, tier, programme, and SME or not.

use super::snapshot::Snapshot;
use crate::{
    model::{BasisPoints, Organisation},
    network::Profile,
    scoring::group_by::GroupBy,
};
use std::{cmp::Reverse, collections::BTreeMap};

/// The figures of one group.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Group {
    /// How many organisations belong to it.
    pub count: u32,
    /// How many of them have a risk.
    pub rated: u32,
    /// The sum of their risks, in basis points.
    pub risk_sum_bp: u64,
    /// The worst of them; of equals the first by name.
    pub worst: Option<(Reverse<BasisPoints>, Organisation)>,
    /// How many of them are expected to be down within the horizon: the sum of their probabilities.
    pub expected_down: f64,
    /// The highest probability of being down among them, 0 to 1.
    pub exposure_worst: f64,
}

impl Group {
    /// The mean risk of those that have one, in basis points.
    #[must_use]
    pub(crate) fn risk_mean_bp(&self) -> Option<BasisPoints> {
        let rated = u64::from(self.rated);
        (2 * self.risk_sum_bp + rated).checked_div(2 * rated).and_then(|mean| mean.try_into().ok())
    }

    /// The mean probability of being down, 0 to 1.
    #[must_use]
    pub(crate) fn exposure_mean(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.expected_down / f64::from(self.count) }
    }
}

/// The groups of all scored organisations, by name.
#[must_use]
pub(crate) fn groups(snapshot: &Snapshot, by: GroupBy) -> BTreeMap<String, Group> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let nobody = Profile::default();
    let mut standings: Vec<_> = snapshot.fleet().standings().collect();
    // Sums of floats depend on their order.
    standings.sort_unstable_by_key(|(name, _)| *name);
    for (name, standing) in standings {
        let facts = snapshot.facts(name);
        let profile = snapshot.profile(name).unwrap_or(&nobody);
        let exposure = snapshot.exposure(name).map_or(0.0, |exposure| exposure.probability);
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

//! The groups in the metrics, kept up to date organisation by organisation: never counted anew over all of them.

use crate::{
    metrics::Metrics,
    model::{BasisPoints, Organisation},
    scoring::group_by::GroupBy,
};
use rustc_hash::FxHashMap;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

/// Most groups of one kind that have series: those with the most suppliers. Evidence can invent names of groups, and
/// must not fill the memory of whoever scrapes them.
const MAX_GROUPS_SHOWN: usize = 32;
/// What a probability of 1 is stored as: sums of integers do not drift.
const PROBABILITY_UNITS: f64 = 4_294_967_296.0;

/// A group: its kind and its name.
pub(super) type GroupKey = (GroupBy, String);

/// The figures behind the metrics of groups.
#[derive(Default)]
pub(super) struct Rollup {
    members: FxHashMap<Organisation, GroupMember>,
    tallies: BTreeMap<GroupKey, Tally>,
    shown: BTreeSet<GroupKey>,
}

/// One organisation as it is counted.
#[derive(Default)]
pub(super) struct GroupMember {
    groups: Vec<GroupKey>,
    risk_bp: Option<BasisPoints>,
    exposure_units: u64,
}

#[derive(Default)]
struct Tally {
    count: u32,
    risk_sum_bp: u64,
    /// How many organisations have each risk, so that the worst is known when one leaves.
    risks: BTreeMap<BasisPoints, u32>,
    exposure_units: u64,
}

impl Rollup {
    /// Counts an organisation with this score in these groups.
    pub(super) fn put_score(
        &mut self,
        organisation: &Organisation,
        groups: Vec<GroupKey>,
        risk_bp: Option<BasisPoints>,
    ) {
        let before = self.remove(organisation);
        self.add(organisation, GroupMember { groups, risk_bp, ..before });
    }

    /// Counts an organisation with this probability of being down.
    pub(super) fn put_exposure(&mut self, organisation: &Organisation, probability: f64) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 2^32")]
        let exposure_units = (probability * PROBABILITY_UNITS) as u64;
        let before = self.remove(organisation);
        self.add(organisation, GroupMember { exposure_units, ..before });
    }

    /// Stops counting an organisation; returns what it was counted with.
    pub(super) fn remove(&mut self, organisation: &Organisation) -> GroupMember {
        let member = self.members.remove(organisation).unwrap_or_default();
        for group in &member.groups {
            let Some(tally) = self.tallies.get_mut(group) else { continue };
            tally.count -= 1;
            tally.exposure_units -= member.exposure_units;
            if let Some(risk_bp) = member.risk_bp {
                tally.risk_sum_bp -= u64::from(risk_bp);
                if let Some(many) = tally.risks.get_mut(&risk_bp) {
                    *many -= 1;
                }
                tally.risks.retain(|_, many| *many > 0);
            }
            if tally.count == 0 {
                self.tallies.remove(group);
            }
        }
        member
    }

    fn add(&mut self, organisation: &Organisation, member: GroupMember) {
        for group in &member.groups {
            let tally = self.tallies.entry(group.clone()).or_default();
            tally.count += 1;
            tally.exposure_units += member.exposure_units;
            if let Some(risk_bp) = member.risk_bp {
                tally.risk_sum_bp += u64::from(risk_bp);
                *tally.risks.entry(risk_bp).or_default() += 1;
            }
        }
        self.members.insert(organisation.clone(), member);
    }

    /// Sets the series of the groups with the most suppliers and removes those of all others.
    #[expect(clippy::cast_precision_loss, reason = "sums over suppliers are far below 2^53")]
    pub(super) fn show(&mut self, metrics: &Metrics) {
        let mut shown = BTreeSet::new();
        for by in GroupBy::ALL {
            let mut of_kind: Vec<_> = self.tallies.iter().filter(|((kind, _), _)| *kind == by).collect();
            of_kind.sort_by_key(|(key, tally)| (Reverse(tally.count), (*key).clone()));
            for (key, tally) in of_kind.into_iter().take(MAX_GROUPS_SHOWN) {
                let labels = &[by.as_str(), key.1.as_str()];
                let rated: u32 = tally.risks.values().sum();
                let mean = tally.risk_sum_bp as f64 / (f64::from(rated.max(1)) * 10_000.0);
                let worst = tally.risks.last_key_value().map_or(0.0, |(risk_bp, _)| f64::from(*risk_bp) / 10_000.0);
                let exposed = tally.exposure_units as f64 / PROBABILITY_UNITS / f64::from(tally.count);
                metrics.group_suppliers.with_label_values(labels).set(i64::from(tally.count));
                metrics.group_risk_mean.with_label_values(labels).set(mean);
                metrics.group_risk_worst.with_label_values(labels).set(worst);
                metrics.group_exposure_mean.with_label_values(labels).set(exposed);
                shown.insert(key.clone());
            }
        }
        for (by, name) in self.shown.difference(&shown) {
            let labels = &[by.as_str(), name.as_str()];
            // The series exist, since this rollup set them; if one did not, nothing would be left to remove.
            let _ = metrics.group_suppliers.remove_label_values(labels);
            for series in [&metrics.group_risk_mean, &metrics.group_risk_worst, &metrics.group_exposure_mean] {
                let _ = series.remove_label_values(labels);
            }
        }
        self.shown = shown;
    }
}

//! Metrics of figures that are counted as a whole.

use super::Pipeline;
use crate::{
    attest::Refusal,
    scoring::rule_ix::Role,
    store::{self, Reader},
};
use anyhow::Result;
use std::time::{Duration, Instant as Stopwatch};

/// What suppliers cost is computed at once if that takes no longer than this,
const COSTS_QUICK: Duration = Duration::from_millis(20);
/// and otherwise in at most one part in this many of the time.
const COSTS_PART: u32 = 20;

impl Pipeline {
    /// Shows what is counted as a whole: the quarantine, the store's size, the gauges of suppliers.
    pub(super) fn show(&mut self) -> Result<()> {
        self.settle_costs();
        self.gauges.show(&self.metrics);
        for (ix, rule) in self.settings.scorer.active() {
            let is_open = self.fleet.circuit_breakers().open(ix).is_some();
            self.metrics.rule_quarantined.with_label_values(&[&*rule.manifest().name]).set(i64::from(is_open));
        }
        let rules = self.settings.scorer.all();
        for (ix, _, shadow) in rules.filter(|(_, role, _)| *role != Role::Active) {
            let labels = [&*shadow.manifest().name, &shadow.manifest().version];
            let differing = i64::try_from(self.fleet.differing(ix)).unwrap_or(i64::MAX);
            self.metrics.shadow_differences.with_label_values(&labels).set(differing);
        }
        #[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^53 bytes")]
        self.metrics.store_size.set(store::size_bytes(&self.reader_path) as f64);
        if std::mem::take(&mut self.quarantine_moved) {
            let counts = match Reader::open(&self.reader_path).and_then(|reader| reader.counts()) {
                Ok(counts) => counts,
                // It is shown the next time; the store itself reports trouble that lasts.
                Err(error) if error.may_pass() => {
                    self.quarantine_moved = true;
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            };
            for reason in Refusal::CODES {
                let waiting = counts.quarantined.iter().find(|(code, _)| code == reason).map_or(0, |(_, count)| *count);
                self.metrics.quarantine.with_label_values(&[*reason]).set(i64::try_from(waiting).unwrap_or(i64::MAX));
            }
            self.metrics.store_attestations.set(i64::try_from(counts.attestations).unwrap_or(i64::MAX));
        }
        Ok(())
    }

    /// Brings up to date what suppliers cost, if it may have changed and computing it takes a small part of the time: in a
    /// large network it follows within a minute.
    fn settle_costs(&mut self) {
        if !self.fleet.are_costs_stale() || self.costs_due.is_some_and(|due| Stopwatch::now() < due) {
            return;
        }
        let started = Stopwatch::now();
        self.gauges.put_costs(&self.fleet.take_costs());
        let took = started.elapsed();
        self.costs_due = (took > COSTS_QUICK).then(|| started + took * COSTS_PART);
    }
}

//! What the metrics show of the fleet, kept up to date score by score: never counted anew over all suppliers.

use super::rollup::Rollup;
use crate::{
    metrics::Metrics,
    model::{BasisPoints, Exposure, Facts, Organisation, Score},
    policy::Level,
    scoring::{costs::Costs, evaluation::Scored},
};
use rustc_hash::FxHashMap;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// The figures behind the metrics of risk.
pub(super) struct Gauges {
    top: usize,
    rows: FxHashMap<Organisation, SupplierGauges>,
    /// Rated suppliers, the worst first, ties by name.
    worst: BTreeSet<(Reverse<BasisPoints>, Organisation)>,
    bands: BTreeMap<Arc<str>, i64>,
    coverage_sum_bp: u64,
    /// By programme and whether hidden: how many single points.
    single_points: BTreeMap<(Organisation, bool), i64>,
    /// The suppliers that cost the programmes most, in descending order; as many as have a series. `None` until that is computed.
    dearest: Option<Vec<(Organisation, f64)>>,
    shown: Vec<Organisation>,
    exposed: ExposureGauges,
    rollup: Rollup,
}

/// The figures behind the metrics of exposure.
#[derive(Default)]
struct ExposureGauges {
    programmes: BTreeMap<Organisation, Exposure>,
    /// Programmes that no longer have an exposure and still have a series.
    gone: Vec<Organisation>,
    /// The probability of every organisation, as the bits of a float: bits of positive floats sort like the floats.
    bits: FxHashMap<Organisation, u64>,
    /// The most exposed first, ties by name.
    worst: BTreeSet<(Reverse<u64>, Organisation)>,
    shown: Vec<Organisation>,
}

struct SupplierGauges {
    risk_bp: Option<BasisPoints>,
    band: Arc<str>,
    coverage_bp: BasisPoints,
    points: Vec<(Organisation, bool)>,
}

impl Gauges {
    /// Empty; `top` suppliers will have a series of their own.
    pub(super) fn new(top: usize) -> Self {
        Self {
            top,
            rows: FxHashMap::default(),
            worst: BTreeSet::new(),
            bands: BTreeMap::new(),
            coverage_sum_bp: 0,
            single_points: BTreeMap::new(),
            dearest: None,
            shown: Vec::new(),
            exposed: ExposureGauges::default(),
            rollup: Rollup::default(),
        }
    }

    /// Replaces what suppliers cost the programmes.
    pub(super) fn put_costs(&mut self, costs: &Costs) {
        let dearest = costs.dearest().into_iter().filter(|(name, _)| self.rows.contains_key(*name));
        self.dearest = Some(dearest.take(self.top).map(|(name, cost)| (name.clone(), cost)).collect());
    }

    /// Who has a series of its own, the worst first: those that cost the programmes most, then those of the highest risk, which
    /// cost nothing where costs are known.
    fn worst_first(&self) -> Vec<(Organisation, Option<f64>)> {
        let dearest = self.dearest.iter().flatten().filter(|(name, _)| self.rows.contains_key(name));
        let mut worst: Vec<_> = dearest.map(|(name, cost)| (name.clone(), Some(*cost))).collect();
        let no_cost = self.dearest.is_some().then_some(0.0);
        for (_, name) in &self.worst {
            if worst.len() >= self.top {
                break;
            }
            if !worst.iter().any(|(known, _)| known == name) {
                worst.push((name.clone(), no_cost));
            }
        }
        worst
    }

    /// How many suppliers have a score.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Replaces the figures of the organisation's last score.
    pub(super) fn put(&mut self, scored: &Scored) {
        let (score, facts): (&Score, &Facts) = (&scored.score, &scored.facts);
        self.take_out(&score.organisation);
        self.rollup.put_score(&score.organisation, scored.groups.clone(), score.risk_bp);
        let points = facts.impact.single_point_of.iter().map(|loss| (loss.programme.clone(), loss.hidden));
        let points = points.collect();
        self.insert(&score.organisation, score.risk_bp, score.band.clone(), score.coverage_bp, points);
        for programme in &facts.requirement.programmes {
            for hidden in [false, true] {
                self.single_points.entry((programme.clone(), hidden)).or_default();
            }
        }
    }

    /// Shows the figures of a stored score, until the organisation is scored.
    pub(super) fn put_stored(&mut self, organisation: &Organisation, level: &Level) {
        self.take_out(organisation);
        self.insert(organisation, level.risk_bp, level.band.clone(), level.coverage_bp, Vec::new());
    }

    fn insert(
        &mut self,
        organisation: &Organisation,
        risk_bp: Option<BasisPoints>,
        band: Arc<str>,
        coverage_bp: BasisPoints,
        points: Vec<(Organisation, bool)>,
    ) {
        *self.bands.entry(band.clone()).or_default() += 1;
        if let Some(risk_bp) = risk_bp {
            self.worst.insert((Reverse(risk_bp), organisation.clone()));
            self.coverage_sum_bp += u64::from(coverage_bp);
        }
        for point in &points {
            *self.single_points.entry(point.clone()).or_default() += 1;
        }
        self.rows.insert(organisation.clone(), SupplierGauges { risk_bp, band, coverage_bp, points });
    }

    /// Takes an organisation out of the figures.
    pub(super) fn remove(&mut self, organisation: &Organisation) {
        self.take_out(organisation);
        let _ = self.rollup.remove(organisation);
        self.remove_exposure(organisation);
        if self.exposed.programmes.remove(organisation).is_some() {
            self.exposed.gone.push(organisation.clone());
            self.single_points.retain(|(programme, _), _| programme != organisation);
        }
    }

    fn take_out(&mut self, organisation: &Organisation) {
        let Some(row) = self.rows.remove(organisation) else { return };
        *self.bands.entry(row.band).or_default() -= 1;
        if let Some(risk_bp) = row.risk_bp {
            self.worst.remove(&(Reverse(risk_bp), organisation.clone()));
            self.coverage_sum_bp -= u64::from(row.coverage_bp);
        }
        for point in row.points {
            // A programme that is gone has no single points.
            self.single_points.entry(point).and_modify(|count| *count -= 1);
        }
    }

    /// Replaces the exposure of the organisation or programme.
    pub(super) fn put_exposure(&mut self, organisation: &Organisation, exposure: &Exposure) {
        if organisation.is_programme() {
            self.exposed.programmes.insert(organisation.clone(), exposure.clone());
            return;
        }
        self.remove_exposure(organisation);
        self.rollup.put_exposure(organisation, exposure.probability);
        let bits = exposure.probability.to_bits();
        self.exposed.bits.insert(organisation.clone(), bits);
        self.exposed.worst.insert((Reverse(bits), organisation.clone()));
    }

    /// Takes the exposure of an organisation out of the figures.
    fn remove_exposure(&mut self, organisation: &Organisation) {
        if let Some(before) = self.exposed.bits.remove(organisation) {
            self.exposed.worst.remove(&(Reverse(before), organisation.clone()));
        }
    }

    /// Sets the series; those of suppliers that left the top are removed, so that there are never more than configured.
    #[expect(clippy::cast_precision_loss, reason = "counts of suppliers and basis points are far below 2^53")]
    pub(super) fn show(&mut self, metrics: &Metrics) {
        self.exposed.show(metrics, self.top);
        self.rollup.show(metrics);
        for (band, count) in &self.bands {
            metrics.suppliers.with_label_values(&[&**band]).set(*count);
        }
        let rated = self.worst.len();
        metrics.coverage.set(if rated == 0 { 0.0 } else { self.coverage_sum_bp as f64 / (rated as f64 * 10_000.0) });
        let top = self.worst_first();
        for gone in self.shown.iter().filter(|name| !top.iter().any(|(shown, _)| shown == *name)) {
            // The series exists, since these gauges set it; if it did not, nothing would be left to remove.
            let _ = metrics.supplier_risk.remove_label_values(&[gone.as_str()]);
            let _ = metrics.supplier_cost.remove_label_values(&[gone.as_str()]);
        }
        for (name, cost) in &top {
            let label = &[name.as_str()];
            if let Some(cost) = cost {
                metrics.supplier_cost.with_label_values(label).set(*cost);
            }
            match self.rows.get(name).and_then(|row| row.risk_bp) {
                Some(risk_bp) => metrics.supplier_risk.with_label_values(label).set(f64::from(risk_bp) / 10_000.0),
                None => drop(metrics.supplier_risk.remove_label_values(label)),
            }
        }
        self.shown = top.into_iter().map(|(name, _)| name).collect();
        for ((programme, hidden), count) in &self.single_points {
            let hidden = if *hidden { "true" } else { "false" };
            metrics.single_points.with_label_values(&[programme.as_str(), hidden]).set(*count);
        }
    }
}

impl ExposureGauges {
    fn show(&mut self, metrics: &Metrics, top: usize) {
        for gone in self.gone.drain(..).filter(|gone| !self.programmes.contains_key(gone)) {
            let name = &[gone.as_str()];
            for series in
                [&metrics.programme_exposure, &metrics.programme_exposure_low, &metrics.programme_exposure_high]
            {
                // The series exists, since these gauges set it; if it did not, nothing would be left to remove.
                let _ = series.remove_label_values(name);
            }
            for hidden in ["false", "true"] {
                let _ = metrics.single_points.remove_label_values(&[gone.as_str(), hidden]);
            }
        }
        for (programme, exposure) in &self.programmes {
            let name = &[programme.as_str()];
            metrics.programme_exposure.with_label_values(name).set(exposure.probability);
            metrics.programme_exposure_low.with_label_values(name).set(exposure.low);
            metrics.programme_exposure_high.with_label_values(name).set(exposure.high);
        }
        let worst: Vec<&(Reverse<u64>, Organisation)> = self.worst.iter().take(top).collect();
        for gone in self.shown.iter().filter(|name| !worst.iter().any(|(_, shown)| shown == *name)) {
            // The series exists, since these gauges set it; if it did not, nothing would be left to remove.
            let _ = metrics.organisation_exposure.remove_label_values(&[gone.as_str()]);
        }
        for (bits, name) in &worst {
            metrics.organisation_exposure.with_label_values(&[name.as_str()]).set(f64::from_bits(bits.0));
        }
        self.shown = worst.into_iter().map(|(_, name)| name.clone()).collect();
    }
}

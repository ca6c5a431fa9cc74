//! Every metric: its name, help, labels and buckets. Base units; every label takes its values from the configuration,
//! from the loaded rules or from a closed set, so that cardinality is bounded by construction.

use crate::model::Instant;
use prometheus::{
    Encoder as _, Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry, TextEncoder, core::Collector,
};

/// 100 µs to 6.4 s: from a store commit to a bulk intake. Narrower around the limits of alerts: a quantile is only known
/// to the bucket that it falls into.
const SECONDS_BUCKETS: [f64; 14] =
    [0.0001, 0.0004, 0.0016, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 6.4];

/// The series of one daemon. Cloning shares them.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Registry,
    /// Attestations by `feed` and `outcome`: `accepted`, `duplicate`, `refused`.
    pub attestations: IntCounterVec,
    /// Refusals by `feed` and `reason`, which is a refusal code.
    pub refusals: IntCounterVec,
    /// What waits in quarantine now, by `reason`.
    pub quarantine: IntGaugeVec,
    /// When a feed last delivered something new, by `feed`.
    pub feed_last_delivery: GaugeVec,
    /// When a feed was last read through from end to end, by `feed`.
    pub feed_last_scan: GaugeVec,
    /// From arrival to durable, of the delivery that became durable last, by `feed`.
    pub feed_lag: GaugeVec,
    /// What went wrong in a feed outside any attestation, by `feed`.
    pub feed_problems: IntCounterVec,
    /// 1 while a feed's folder is there and is followed, else 0, by `feed`.
    pub feed_up: IntGaugeVec,
    /// Files in a feed's folder that are not read, by `feed`.
    pub feed_unread: IntGaugeVec,
    /// Refused items that are counted and not kept, since the quarantine of their feed is full, by `feed`.
    pub quarantine_summarised: IntCounterVec,
    /// Assessments by `rule` and `outcome`.
    pub assessments: IntCounterVec,
    /// Time of a rule's run over one chunk of suppliers, by `rule`.
    pub rule_duration: HistogramVec,
    /// Fuel that a rule has used, by `rule`.
    pub rule_fuel: IntCounterVec,
    /// Batches of a rule that failed as a whole and were bisected, by `rule`.
    pub rule_failures: IntCounterVec,
    /// 1 while a rule is in quarantine, by `rule`.
    pub rule_quarantined: IntGaugeVec,
    /// How often a rule went into quarantine or stayed there after a try, by `rule`.
    pub rule_quarantines: IntCounterVec,
    /// Suppliers on whom a shadow version answers differently from the one that counts, by `rule` and `version`.
    pub shadow_differences: IntGaugeVec,
    /// Suppliers by `band`.
    pub suppliers: IntGaugeVec,
    /// Mean coverage of the rated suppliers, 0 to 1.
    pub coverage: Gauge,
    /// Risk of the suppliers that cost most, 0 to 1, by `organisation`: only the configured top N.
    pub supplier_risk: GaugeVec,
    /// What the suppliers that cost most cost the programmes, by `organisation`: only the configured top N.
    pub supplier_cost: GaugeVec,
    /// Organisations whose failure alone stops a programme, by `programme` and `hidden`.
    pub single_points: IntGaugeVec,
    /// Probability that a programme is down within the policy's horizon, by `programme`.
    pub programme_exposure: GaugeVec,
    /// Where its 95 % interval starts, by `programme`.
    pub programme_exposure_low: GaugeVec,
    /// Where it ends, by `programme`.
    pub programme_exposure_high: GaugeVec,
    /// Probability that an organisation is down, by `organisation`: only the configured top N.
    pub organisation_exposure: GaugeVec,
    /// Suppliers of the largest groups, by `by` and `group`.
    pub group_suppliers: IntGaugeVec,
    /// Mean risk of those that have one, 0 to 1, by `by` and `group`.
    pub group_risk_mean: GaugeVec,
    /// Worst risk, 0 to 1, by `by` and `group`.
    pub group_risk_worst: GaugeVec,
    /// Mean probability of being down, by `by` and `group`.
    pub group_exposure_mean: GaugeVec,
    /// From the arrival of an attestation to the committed score.
    pub arrival_to_score: Histogram,
    /// Scores written because they changed, by `direction`: `rise`, `fall`, `other`.
    pub score_changes: IntCounterVec,
    /// Suppliers that came into a band, by `band` and `direction`: `rise`, `fall`, `first`, and `other` without a movement of
    /// the risk.
    pub band_entries: IntCounterVec,
    /// Time of a durable commit.
    pub store_commit: Histogram,
    /// Events that wait for the pipeline.
    pub queue: IntGauge,
    /// Size of the store's files.
    pub store_size: Gauge,
    /// Attestations in the store.
    pub store_attestations: IntGauge,
    /// Always 1, by `version`.
    pub build_info: IntGaugeVec,
    /// Always 1, by `rule`, `version`, `digest`.
    pub plugin_info: IntGaugeVec,
    /// Components of the plugin folder that are left out.
    pub plugins_refused: IntGauge,
    /// Rules that keep their last good plugin, and shadows that do not run.
    pub rules_kept: IntGauge,
    /// Always 1, by `policy`, `digest`.
    pub policy_info: IntGaugeVec,
    /// Reloads by `outcome`: `taken`, `refused`.
    pub reloads: IntCounterVec,
    /// 1 when the last reload was taken, 0 when the last good configuration is kept.
    pub last_reload_taken: IntGauge,
    /// 1 when a key has changed that takes effect only at the next start.
    pub restart_required: IntGauge,
    /// 1 when everything that was in the feeds at the start is scored.
    pub ready: IntGauge,
    /// When the daemon started.
    pub start_time: Gauge,
    /// How often suppliers were looked at anew because time passed a boundary.
    pub boundary_wakes: IntCounter,
}

/// Makes and registers series; the first error is kept, so that the list below reads as a list.
struct Maker {
    registry: Registry,
    error: Option<prometheus::Error>,
}

impl Maker {
    fn add<T: Collector + Clone + 'static>(&mut self, made: prometheus::Result<T>) -> Option<T> {
        let registered =
            made.and_then(|collector| self.registry.register(Box::new(collector.clone())).map(|()| collector));
        registered.map_err(|error| self.error.get_or_insert(error)).ok()
    }

    fn counters(&mut self, name: &str, help: &str, labels: &[&str]) -> Option<IntCounterVec> {
        self.add(IntCounterVec::new(Opts::new(name, help), labels))
    }

    fn gauges(&mut self, name: &str, help: &str, labels: &[&str]) -> Option<GaugeVec> {
        self.add(GaugeVec::new(Opts::new(name, help), labels))
    }

    fn int_gauges(&mut self, name: &str, help: &str, labels: &[&str]) -> Option<IntGaugeVec> {
        self.add(IntGaugeVec::new(Opts::new(name, help), labels))
    }

    fn histogram(&mut self, name: &str, help: &str) -> Option<Histogram> {
        self.add(Histogram::with_opts(HistogramOpts::new(name, help).buckets(SECONDS_BUCKETS.to_vec())))
    }
}

/// The time now in seconds since 1970, as gauges have it.
#[must_use]
pub(crate) fn unix_seconds_now() -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^53")]
    let seconds = Instant::now().unix_seconds() as f64;
    seconds
}

impl Metrics {
    /// All series, at zero.
    ///
    /// # Errors
    /// When two of the series below have one name: a fault of this file that every test would show.
    pub fn new() -> prometheus::Result<Self> {
        let mut make = Maker { registry: Registry::new(), error: None };
        let metrics = Self::make(&mut make);
        match (metrics, make.error) {
            (Some(metrics), None) => Ok(metrics),
            (_, error) => Err(error.unwrap_or_else(|| prometheus::Error::Msg("a series was not made".to_owned()))),
        }
    }

    #[expect(clippy::too_many_lines, reason = "one list of all series")]
    fn make(make: &mut Maker) -> Option<Self> {
        let seconds = HistogramOpts::new(
            "tierwatch_rule_duration_seconds",
            "Time of one run of a rule over a chunk of suppliers.",
        );
        Some(Self {
            attestations: make.counters(
                "tierwatch_attestations_total",
                "Attestations that arrived, by feed and outcome (accepted, duplicate, refused).",
                &["feed", "outcome"],
            )?,
            refusals: make.counters("tierwatch_refusals_total", "Attestations refused, by feed and reason code.", &["feed", "reason"])?,
            quarantine: make.int_gauges("tierwatch_quarantine_items", "Refused items that wait in quarantine, by reason code.", &["reason"])?,
            feed_last_delivery: make.gauges(
                "tierwatch_feed_last_delivery_timestamp_seconds",
                "When the feed last delivered something new, in seconds since 1970.",
                &["feed"],
            )?,
            feed_last_scan: make.gauges(
                "tierwatch_feed_last_scan_timestamp_seconds",
                "When the feed was last read through from end to end, in seconds since 1970.",
                &["feed"],
            )?,
            feed_lag: make.gauges(
                "tierwatch_feed_lag_seconds",
                "How long the oldest delivery that was made durable last had waited since it arrived.",
                &["feed"],
            )?,
            feed_problems: make.counters("tierwatch_feed_problems_total", "What went wrong in the feed outside any attestation.", &["feed"])?,
            feed_up: make.int_gauges("tierwatch_feed_up", "1 while the feed's folder is there and is followed, else 0.", &["feed"])?,
            feed_unread: make.int_gauges(
                "tierwatch_feed_unread_files",
                "Files in the feed's folder that are not read, when it was last read through: other names, unreadable, links that leave it.",
                &["feed"],
            )?,
            quarantine_summarised: make.counters(
                "tierwatch_quarantine_summarised_total",
                "Refused items that are counted and not kept, since the quarantine of their feed is full.",
                &["feed"],
            )?,
            assessments: make.counters(
                "tierwatch_rule_assessments_total",
                "Assessments, by rule and outcome (scored, not-applicable, unknown, invalid, failed).",
                &["rule", "outcome"],
            )?,
            rule_duration: make.add(HistogramVec::new(seconds.buckets(SECONDS_BUCKETS.to_vec()), &["rule"]))?,
            rule_fuel: make.counters("tierwatch_rule_fuel_total", "Fuel that the rule has burnt.", &["rule"])?,
            rule_failures: make.counters("tierwatch_rule_failures_total", "Calls of the rule that failed: trap, limit or impossible answer.", &["rule"])?,
            rule_quarantined: make.int_gauges("tierwatch_rule_quarantined", "1 while the rule is in quarantine and its last answers are kept.", &["rule"])?,
            rule_quarantines: make.counters(
                "tierwatch_rule_quarantines_total",
                "How often the rule went into quarantine, or stayed there after a try.",
                &["rule"],
            )?,
            shadow_differences: make.int_gauges(
                "tierwatch_shadow_differences",
                "Suppliers on whom a version in the shadow answers otherwise than the one that counts.",
                &["rule", "version"],
            )?,
            suppliers: make.int_gauges("tierwatch_suppliers", "Suppliers, by band of the policy.", &["band"])?,
            coverage: make.add(Gauge::new("tierwatch_coverage_ratio", "Mean coverage of the rated suppliers, 0 to 1."))?,
            supplier_risk: make.gauges(
                "tierwatch_supplier_risk_ratio",
                "Risk of the suppliers that cost the programmes most, 0 to 1; only as many as the configuration says.",
                &["organisation"],
            )?,
            supplier_cost: make.gauges(
                "tierwatch_supplier_cost",
                "What the suppliers cost the programmes that cost most: the probability of being down that is charged to each, 0 to 1, times the programme's criticality, 1 to 5, over all programmes; only as many as the configuration says.",
                &["organisation"],
            )?,
            single_points: make.int_gauges(
                "tierwatch_programme_single_points",
                "Organisations whose failure alone stops the programme, by whether they are hidden behind a direct supplier.",
                &["programme", "hidden"],
            )?,
            programme_exposure: make.gauges(
                "tierwatch_programme_exposure_ratio",
                "Probability that the programme is down within the policy's horizon, 0 to 1.",
                &["programme"],
            )?,
            programme_exposure_low: make.gauges(
                "tierwatch_programme_exposure_low_ratio",
                "Where the 95 % interval of the programme's exposure starts.",
                &["programme"],
            )?,
            programme_exposure_high: make.gauges(
                "tierwatch_programme_exposure_high_ratio",
                "Where the 95 % interval of the programme's exposure ends.",
                &["programme"],
            )?,
            organisation_exposure: make.gauges(
                "tierwatch_organisation_exposure_ratio",
                "Probability that the organisation is down within the policy's horizon; only as many of the most exposed as the configuration says.",
                &["organisation"],
            )?,
            group_suppliers: make.int_gauges(
                "tierwatch_group_suppliers",
                "Suppliers of a group (by cluster, region, sector, tier, programme, sme); the largest groups only.",
                &["by", "group"],
            )?,
            group_risk_mean: make.gauges(
                "tierwatch_group_risk_mean_ratio",
                "Mean risk of the group's rated suppliers, 0 to 1.",
                &["by", "group"],
            )?,
            group_risk_worst: make.gauges("tierwatch_group_risk_worst_ratio", "Worst risk in the group, 0 to 1.", &["by", "group"])?,
            group_exposure_mean: make.gauges(
                "tierwatch_group_exposure_mean_ratio",
                "Mean probability that a supplier of the group is down within the policy's horizon, 0 to 1.",
                &["by", "group"],
            )?,
            arrival_to_score: make.histogram("tierwatch_arrival_to_score_seconds", "From the arrival of an attestation to the committed score.")?,
            score_changes: make.counters("tierwatch_score_changes_total", "Scores written because they changed, by direction.", &["direction"])?,
            band_entries: make.counters(
                "tierwatch_band_entries_total",
                "Suppliers that came into a band of the policy, by band and direction (rise, fall, first: the first score, other: the risk as before).",
                &["band", "direction"],
            )?,
            store_commit: make.histogram("tierwatch_store_commit_seconds", "Time from the request to the durable commit.")?,
            queue: make.add(IntGauge::new("tierwatch_queue_events", "Events that wait for the pipeline; a full queue holds the feeds back."))?,
            store_size: make.add(Gauge::new("tierwatch_store_size_bytes", "Size of the store with its write-ahead log."))?,
            store_attestations: make.add(IntGauge::new("tierwatch_store_attestations", "Attestations in the store."))?,
            build_info: make.int_gauges("tierwatch_build_info", "Always 1, by version.", &["version"])?,
            plugin_info: make.int_gauges("tierwatch_plugin_info", "Always 1: the loaded rule plugins.", &["rule", "version", "digest"])?,
            plugins_refused: make.add(IntGauge::new(
                "tierwatch_plugins_refused",
                "Components of the plugin folder that are left out: unreadable, or not signed as they must be; the log says why.",
            ))?,
            rules_kept: make.add(IntGauge::new(
                "tierwatch_rules_kept",
                "Rules that keep their last good plugin because another was refused, and shadows that do not run; `tierwatch plugins` says why.",
            ))?,
            policy_info: make.int_gauges("tierwatch_policy_info", "Always 1: the policy in force.", &["policy", "digest"])?,
            reloads: make.counters("tierwatch_reloads_total", "Reloads of the configuration, by outcome (taken, refused, guarded).", &["outcome"])?,
            last_reload_taken: make.add(IntGauge::new(
                "tierwatch_last_reload_taken",
                "1 when the last reload was taken, 0 when it was refused and the last good configuration is kept.",
            ))?,
            restart_required: make.add(IntGauge::new(
                "tierwatch_restart_required",
                "1 when the configuration has changed in a key that takes effect only at the next start, else 0; the log names it.",
            ))?,
            ready: make.add(IntGauge::new(
                "tierwatch_ready",
                "1 when everything that was in the feeds at the start is scored, else 0.",
            ))?,
            start_time: make.add(Gauge::new("tierwatch_start_timestamp_seconds", "When the daemon started, in seconds since 1970."))?,
            boundary_wakes: make.add(IntCounter::new(
                "tierwatch_boundary_wakes_total",
                "How often suppliers were looked at anew because time passed midnight UTC or a boundary of their evidence.",
            ))?,
            registry: make.registry.clone(),
        })
    }

    /// The exposition in the text format 0.0.4.
    ///
    /// # Errors
    /// When a series cannot be encoded.
    pub fn encode(&self) -> prometheus::Result<Vec<u8>> {
        let mut text = Vec::with_capacity(16 * 1024);
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}

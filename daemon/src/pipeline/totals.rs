//! What a pipeline did in its life.

use std::time::Duration;

/// Totals of a pipeline's life, for a summary at its end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Totals {
    /// Attestations that were new.
    pub accepted: u64,
    /// Attestations that the store had already.
    pub duplicates: u64,
    /// How many arrivals were refused, by the code of the reason.
    pub refused: std::collections::BTreeMap<&'static str, u64>,
    /// Scores written.
    pub scores: u64,
    /// Time spent in each part of the work.
    pub parts: StageTimes,
    /// Why nothing was scored, where scoring had to wait.
    pub not_scored: Option<String>,
}

/// Wall-clock time of each part of the work, as the pipeline's own thread sees it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StageTimes {
    /// Verifying and normalising, on all cores.
    pub verify: Duration,
    /// Waiting for the store's commit of attestations.
    pub store: Duration,
    /// Taking the attestations into memory.
    pub take_in: Duration,
    /// Network facts, rules and policy.
    pub evaluate: Duration,
    /// Waiting for the store's commit of scores.
    pub record: Duration,
}

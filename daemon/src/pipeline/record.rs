//! Scores on their way into the store and the metrics.

use super::{Totals, gauges::Gauges, settings::Settings, telling::Telling};
use crate::{
    metrics::Metrics,
    model::Instant,
    scoring::{
        circuit_breaker::CircuitChange,
        evaluation::{FleetEvaluation, Scored},
        parallel::in_parallel,
    },
    store::{Artefact, ArtefactKind, NewScore, Scoring, Store},
};
use anyhow::{Context as _, Result};
use std::{cmp::Ordering, sync::Arc, time::Instant as Stopwatch};

/// What recording needs of the pipeline, while the fleet is busy evaluating.
pub(super) struct Recorder<'a> {
    pub(super) settings: &'a Settings,
    pub(super) store: &'a Store,
    pub(super) metrics: &'a Metrics,
    pub(super) gauges: &'a mut Gauges,
    pub(super) unrecorded: &'a mut Vec<Artefact>,
    pub(super) totals: &'a mut Totals,
    /// The time at which the scores become known.
    pub(super) known_at: Instant,
    /// What the log says of the evaluation.
    pub(super) telling: Telling,
}

impl Recorder<'_> {
    /// Stores what a part of an evaluation found, then shows it.
    pub(super) fn record(&mut self, evaluation: FleetEvaluation) -> Result<()> {
        self.count_runs(&evaluation);
        self.tell_circuit_changes(&evaluation);
        let started = Stopwatch::now();
        if evaluation.is_news() {
            let scoring = scoring(&evaluation, std::mem::take(self.unrecorded), self.known_at);
            self.totals.scores += scoring.scores.len() as u64;
            self.store.record_scores(scoring).wait().context("scores cannot be stored")?;
            self.metrics.store_commit.observe(started.elapsed().as_secs_f64());
        }
        let FleetEvaluation { scored, withdrawn, exposures, .. } = evaluation;
        self.totals.parts.record += started.elapsed();
        for one in withdrawn {
            self.gauges.remove(&one.organisation);
            self.telling.withdrawal(one);
        }
        for (organisation, exposure) in &exposures {
            self.gauges.put_exposure(organisation, exposure);
        }
        for one in scored {
            self.gauges.put(&one);
            if one.moved {
                self.count(&one);
                self.telling.score(one);
            }
        }
        Ok(())
    }

    /// Counts a change of score by direction, and an entry into a band.
    fn count(&self, one: &Scored) {
        let Some(change) = &one.change else { return };
        let direction = match change.before.as_ref().map(|before| before.risk_bp.cmp(&change.after.risk_bp)) {
            None => "first",
            Some(Ordering::Less) => "rise",
            Some(Ordering::Greater) => "fall",
            Some(Ordering::Equal) => "other",
        };
        if change.before.is_some() {
            self.metrics.score_changes.with_label_values(&[direction]).inc();
        }
        if change.before.as_ref().is_none_or(|before| before.band != change.after.band) {
            self.metrics.band_entries.with_label_values(&[&*change.after.band, direction]).inc();
        }
    }

    /// Logs which rules, shadows too, went into quarantine or came out of it.
    fn tell_circuit_changes(&self, evaluation: &FleetEvaluation) {
        for (ix, run) in evaluation.runs.iter() {
            let Some(rule) = self.settings.scorer.rule(ix) else { continue };
            let (rule, version) = (&*rule.manifest().name, &*rule.manifest().version);
            match &run.circuit_change {
                Some(CircuitChange::Opened(open)) => {
                    tracing::error!(rule, version, retry_at = %open.retry_at, "the rule is in quarantine and its last answers are kept: {}", open.why);
                }
                Some(CircuitChange::Closed) => {
                    tracing::info!(rule, version, "the rule answers again: its quarantine is over");
                }
                None => {}
            }
        }
    }

    fn count_runs(&self, evaluation: &FleetEvaluation) {
        for (ix, rule) in self.settings.scorer.active() {
            let Some(run) = evaluation.runs.get(ix) else { continue };
            let name = &*rule.manifest().name;
            for (outcome, count) in &run.outcomes {
                self.metrics.assessments.with_label_values(&[name, outcome]).inc_by(*count);
            }
            self.metrics.rule_fuel.with_label_values(&[name]).inc_by(run.fuel);
            self.metrics.rule_failures.with_label_values(&[name]).inc_by(run.failures);
            let durations = self.metrics.rule_duration.with_label_values(&[name]);
            run.durations.iter().for_each(|duration| durations.observe(duration.as_secs_f64()));
            if matches!(run.circuit_change, Some(CircuitChange::Opened(_))) {
                self.metrics.rule_quarantines.with_label_values(&[name]).inc();
            }
        }
    }
}

/// What is stored of an evaluation, with what else its scores are made from.
#[must_use]
pub fn scoring(evaluation: &FleetEvaluation, mut artefacts: Vec<Artefact>, known_at: Instant) -> Scoring {
    let moved: Vec<&Scored> = evaluation.scored.iter().filter(|one| one.moved).collect();
    let prepared = in_parallel(moved, |one| {
        let change = one.change.as_ref().and_then(|change| serde_json::to_string(change).ok()).map(Into::into);
        let facts = Artefact::new(ArtefactKind::Facts, one.facts.to_bytes().into()).like(one.facts_before);
        (NewScore::new(&one.score, change), facts)
    });
    let mut scores = Vec::with_capacity(prepared.len());
    for (score, facts) in prepared {
        scores.push(score);
        artefacts.push(facts);
    }
    Scoring {
        scores,
        withdrawn: evaluation.withdrawn.clone(),
        artefacts,
        exposures: evaluation.exposures.clone(),
        known_at,
    }
}

/// What scores are made from beside evidence and facts. Each is stored with the first score that it was used for.
pub(super) fn artefacts(scorer: &crate::scoring::scorer::Scorer) -> Vec<Artefact> {
    let policy: Arc<[u8]> = scorer.policy().text().as_bytes().into();
    let mut artefacts = vec![Artefact::new(ArtefactKind::Policy, policy)];
    artefacts.extend(scorer.components().map(|bytes| Artefact::new(ArtefactKind::Component, Arc::clone(bytes))));
    artefacts
}

//! A stored score as commands read it back.

use super::output::probability;
use crate::{
    by_name,
    model::{
        Exposure, Facts, Method, Organisation,
        stored::{ContributionJson, ScoreJson},
    },
    store::Reader,
};
use anyhow::{Context as _, Result};
use serde::Serialize;
use std::cmp::Reverse;

/// Reads the JSON of a stored score.
pub(super) fn stored_score(json: &str) -> Result<ScoreJson<'_>> {
    ScoreJson::parse(json).context("a stored score is damaged: restore the store from a backup")
}

/// The parts of the rules that explain the score: the greatest contribution first, with its gravest findings. A part whose
/// rule says nothing is left out.
pub(super) fn reasons(score: &ScoreJson<'_>) -> Vec<String> {
    telling(score).into_iter().map(because).collect()
}

/// What explains most of the score; `None` where no rule says anything.
pub(super) fn top_reason(score: &ScoreJson<'_>) -> Option<String> {
    telling(score).first().map(|part| part.rule.to_string())
}

fn telling<'s, 'a>(score: &'s ScoreJson<'a>) -> Vec<&'s ContributionJson<'a>> {
    let tells = |part: &&ContributionJson<'_>| {
        part.contribution_bp > 0 && (part.failure.is_some() || part.reason.is_some() || !part.findings.is_empty())
    };
    let mut parts: Vec<_> = score.contributions.iter().filter(tells).collect();
    parts.sort_by_key(|part| Reverse(part.contribution_bp));
    parts
}

/// One line: what the rule found, or why it has no answer.
pub(super) fn because(part: &ContributionJson<'_>) -> String {
    let gravest = part.findings.iter().max_by_key(|finding| (finding.severity, Reverse(&finding.code)));
    let why = match (&part.failure, &part.reason, gravest) {
        (Some(failure), _, _) => failure,
        (None, _, Some(finding)) => &finding.message,
        (None, Some(reason), None) => &reason.text,
        (None, None, None) => &part.outcome,
    };
    format!("{}: {why}", part.rule)
}

/// What the supply network said of the supplier when the score was made.
pub(super) fn stored_facts(reader: &Reader, score: &ScoreJson<'_>) -> Result<Facts> {
    let bytes = reader
        .artefact(&score.provenance.facts)?
        .context("the facts of this score are not in the store: restore it from a backup")?;
    by_name::json_bytes(&bytes).context("the facts of this score are damaged: restore the store from a backup")
}

/// An exposure as programs read it.
#[derive(Debug, Serialize)]
pub(super) struct ExposureLine {
    pub(super) probability: f64,
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) method: &'static str,
    pub(super) scenarios: Option<u32>,
    pub(super) not_exact_because: Option<String>,
    pub(super) horizon_days: u32,
}

impl ExposureLine {
    /// From a stored exposure.
    pub(super) fn of(exposure: &Exposure) -> Self {
        let Exposure { horizon_days, probability, low, high, method } = exposure;
        let (scenarios, not_exact_because) = match method {
            Method::Exact => (None, None),
            Method::MonteCarlo { scenarios, not_exact_because } => (Some(*scenarios), Some(not_exact_because.clone())),
        };
        Self {
            probability: *probability,
            low: *low,
            high: *high,
            method: method.as_str(),
            scenarios,
            not_exact_because,
            horizon_days: *horizon_days,
        }
    }

    /// One line for people.
    pub(super) fn sentence(&self) -> String {
        let how = match (&self.scenarios, &self.not_exact_because) {
            (Some(scenarios), Some(because)) => format!(
                "95 % interval {} to {}, estimated from {scenarios} scenarios; not exact because {because}",
                probability(self.low),
                probability(self.high)
            ),
            _ => "exact".to_owned(),
        };
        format!("down within {} days: {} ({how})", self.horizon_days, probability(self.probability))
    }
}

/// Names as texts.
pub(super) fn organisation_names(organisations: &[Organisation]) -> Vec<String> {
    organisations.iter().map(ToString::to_string).collect()
}

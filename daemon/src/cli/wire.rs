//! A stored score as commands read it back: the words of the store's JSON, not the model's types.

use super::output::probability;
use crate::{
    by_name,
    model::{BasisPoints, Date, Digest, Exposure, Facts, Instant, Method, Organisation, Severity, Trust},
    store::Reader,
};
use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

/// A score with what explains it.
#[derive(Debug, Deserialize)]
pub(super) struct StoredScore {
    pub(super) organisation: String,
    pub(super) name: Option<String>,
    pub(super) aliases: Vec<String>,
    pub(super) as_of: Instant,
    pub(super) risk_bp: Option<BasisPoints>,
    pub(super) band: String,
    pub(super) coverage_bp: BasisPoints,
    pub(super) confidence_bp: BasisPoints,
    #[serde(default)]
    pub(super) certain: Vec<String>,
    pub(super) contributions: Vec<StoredContribution>,
    pub(super) findings: Vec<StoredFinding>,
    pub(super) provenance: StoredProvenance,
}

/// One rule's part.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredContribution {
    pub(super) rule: String,
    pub(super) outcome: String,
    pub(super) risk_bp: Option<BasisPoints>,
    pub(super) confidence_bp: BasisPoints,
    pub(super) gate: bool,
    pub(super) contribution_bp: BasisPoints,
    pub(super) reason: Option<StoredReason>,
    pub(super) failure: Option<String>,
    pub(super) findings: Vec<StoredFinding>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) stale_since: Option<Instant>,
}

/// Why a rule has no risk to give.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredReason {
    pub(super) text: String,
}

/// One finding, with its text.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredFinding {
    pub(super) code: String,
    pub(super) severity: Severity,
    pub(super) message: String,
    pub(super) remedy: Option<String>,
    pub(super) due_on: Option<Date>,
}

/// What a score was made from.
#[derive(Debug, Deserialize)]
pub(super) struct StoredProvenance {
    pub(super) digest: Digest,
    pub(super) attestations: Vec<(Digest, Trust)>,
    pub(super) facts: Digest,
    pub(super) plugins: Vec<(String, Digest)>,
    pub(super) policy: Digest,
}

impl StoredScore {
    /// Reads the JSON of a stored score.
    pub(super) fn parse(json: &str) -> Result<Self> {
        by_name::json(json).context("a stored score is damaged: restore the store from a backup")
    }

    /// The rule's parts that say why the score is what it is: the greatest contribution first, with its gravest findings.
    /// A risk that its rule has nothing to tell of is left out.
    pub(super) fn reasons(&self) -> Vec<String> {
        self.telling().into_iter().map(StoredContribution::because).collect()
    }

    /// The rule that says most of why; `None` where none has anything to tell.
    pub(super) fn top_reason(&self) -> Option<String> {
        self.telling().first().map(|part| part.rule.clone())
    }

    fn telling(&self) -> Vec<&StoredContribution> {
        let tells = |part: &&StoredContribution| {
            part.contribution_bp > 0 && (part.failure.is_some() || part.reason.is_some() || !part.findings.is_empty())
        };
        let mut parts: Vec<_> = self.contributions.iter().filter(tells).collect();
        parts.sort_by_key(|part| std::cmp::Reverse(part.contribution_bp));
        parts
    }
}

impl StoredContribution {
    /// In a line: what the rule found, or why it could not say.
    pub(super) fn because(&self) -> String {
        let gravest = self.findings.iter().max_by_key(|finding| (finding.severity, std::cmp::Reverse(&finding.code)));
        let why = match (&self.failure, &self.reason, gravest) {
            (Some(failure), _, _) => failure.clone(),
            (None, _, Some(finding)) => finding.message.clone(),
            (None, Some(reason), None) => reason.text.clone(),
            (None, None, None) => self.outcome.clone(),
        };
        format!("{}: {why}", self.rule)
    }
}

/// What the supply network said of the supplier when the score was made.
pub(super) fn stored_facts(reader: &Reader, score: &StoredScore) -> Result<Facts> {
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
    /// As it is stored.
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

    /// In a line for people.
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

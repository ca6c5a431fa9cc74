//! The current score of a supplier in little memory, to compare a new score with.

use crate::model::{
    BasisPoints, Digest, Score, Trust,
    score::{Contribution, Provenance},
    stored::{ContributionJson, ScoreJson},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A score without its instant: scores with equal standings differ only by the passing of time. It is made from a score, or
/// from what is stored of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its risk, band, coverage and confidence.
    pub level: Level,
    /// Whether a finding means that the organisation does not deliver.
    pub is_certain: bool,
    /// The standing of each rule, by rule name.
    pub rules: Vec<(Arc<str>, RuleStanding)>,
    /// The attestations in force, with the trust they had, by digest.
    pub attestations: Vec<(Digest, Trust)>,
    /// The component of each rule that ran, by rule name.
    pub plugins: Vec<(Arc<str>, Digest)>,
    /// The digest of the network's facts.
    pub facts: Digest,
    /// The digest of the policy.
    pub policy: Digest,
    /// The digest of the rest: names, reasons and findings.
    pub details: Digest,
}

/// The figures of a score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// 0 to 10 000; `None` when no rule applied.
    pub risk_bp: Option<BasisPoints>,
    /// The policy's name for the band of the risk.
    pub band: Arc<str>,
    /// The weight of the scored rules, as a part of 10 000 of those that apply.
    pub coverage_bp: BasisPoints,
    /// How far the evidence may be trusted, 0 to 10 000.
    pub confidence_bp: BasisPoints,
}

/// The standing of one rule in a score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleStanding {
    /// The word for its outcome, as `scored`.
    pub outcome: Box<str>,
    /// The risk that counted, 0 to 10 000; `None`: not applicable.
    pub risk_bp: Option<BasisPoints>,
    /// Its part of the score, in basis points; the parts sum to the risk.
    pub contribution_bp: BasisPoints,
}

impl Standing {
    /// Whether a policy gives the same own probability for this standing as for `other`.
    #[must_use]
    pub fn is_as_likely(&self, other: &Self) -> bool {
        let of = |standing: &Self| (standing.level.risk_bp, standing.is_certain);
        of(self) == of(other) && self.rules == other.rules
    }
}

impl From<&Score> for Standing {
    fn from(score: &Score) -> Self {
        let provenance = &score.provenance;
        Self {
            level: Level::of(score),
            is_certain: !score.certain.is_empty(),
            rules: RuleStanding::all_of(score),
            attestations: provenance.attestations.clone(),
            plugins: provenance.plugins.clone(),
            facts: provenance.facts,
            policy: provenance.policy,
            details: details_of(&ScoreJson::from(score)),
        }
    }
}

impl From<ScoreJson<'_>> for Standing {
    fn from(score: ScoreJson<'_>) -> Self {
        let details = details_of(&score);
        let Provenance { attestations, plugins, facts, policy, .. } = score.provenance.into_owned();
        let rule = |part: &ContributionJson<'_>| {
            let ContributionJson { rule, outcome, risk_bp, contribution_bp, .. } = part;
            let standing =
                RuleStanding { outcome: (&**outcome).into(), risk_bp: *risk_bp, contribution_bp: *contribution_bp };
            (Arc::from(&**rule), standing)
        };
        Self {
            level: Level {
                risk_bp: score.risk_bp,
                band: (&*score.band).into(),
                coverage_bp: score.coverage_bp,
                confidence_bp: score.confidence_bp,
            },
            is_certain: !score.certain.is_empty(),
            rules: score.contributions.iter().map(rule).collect(),
            attestations,
            plugins,
            facts,
            policy,
            details,
        }
    }
}

impl Level {
    pub(super) fn of(score: &Score) -> Self {
        Self {
            risk_bp: score.risk_bp,
            band: Arc::clone(&score.band),
            coverage_bp: score.coverage_bp,
            confidence_bp: score.confidence_bp,
        }
    }
}

impl RuleStanding {
    pub(super) fn all_of(score: &Score) -> Vec<(Arc<str>, Self)> {
        let standing = |part: &Contribution| Self {
            outcome: part.outcome.as_str().into(),
            risk_bp: part.risk_bp,
            contribution_bp: part.contribution_bp,
        };
        score.contributions.iter().map(|part| (Arc::clone(&part.rule), standing(part))).collect()
    }
}

/// The digest over the JSON of name, aliases, contributions and findings, one after another: each is one JSON value, so the
/// boundaries are never in doubt.
fn details_of(score: &ScoreJson<'_>) -> Digest {
    let mut json = Vec::with_capacity(2048);
    score.name.append_to(&mut json);
    score.aliases.append_to(&mut json);
    score.contributions.append_to(&mut json);
    score.findings.append_to(&mut json);
    Digest::of(&json)
}

//! What a new score is compared with: the score that stands, in little memory, since every supplier has one.

use crate::model::{
    BasisPoints, Digest, Score, Trust,
    score::{Contribution, Provenance},
    stored::{ContributionJson, ScoreJson},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A score without the instant that it speaks of: two that are equal differ by the passing of time alone. Made from a
/// score, or from what is stored of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its figures.
    pub level: Level,
    /// Whether a finding says that it does not deliver.
    pub is_certain: bool,
    /// How each rule stood, by rule name.
    pub rules: Vec<(Arc<str>, RuleStanding)>,
    /// The attestations in force, with the trust they had, by digest.
    pub attestations: Vec<(Digest, Trust)>,
    /// The component of each rule that ran, by rule name.
    pub plugins: Vec<(Arc<str>, Digest)>,
    /// The network's facts.
    pub facts: Digest,
    /// The policy.
    pub policy: Digest,
    /// Over the rest of what it says: names, reasons and findings.
    pub details: Digest,
}

/// The figures of a score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// 0 to 10 000; `None` when no rule applied.
    pub risk_bp: Option<BasisPoints>,
    /// The policy's word for it.
    pub band: Arc<str>,
    /// How much of the policy was scored.
    pub coverage_bp: BasisPoints,
    /// How far the evidence may be believed.
    pub confidence_bp: BasisPoints,
}

/// How one rule stood in a score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleStanding {
    /// The word for its outcome, as `scored`.
    pub outcome: Box<str>,
    /// The risk that counted; `None`: not applicable.
    pub risk_bp: Option<BasisPoints>,
    /// Its part of the score.
    pub contribution_bp: BasisPoints,
}

impl Standing {
    /// Whether a policy gives the organisation the same probability of its own as with `other`.
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

/// Over the JSON of name, aliases, contributions and findings, one after another: each is one JSON value, so where one
/// ends and the next begins is never in doubt.
fn details_of(score: &ScoreJson<'_>) -> Digest {
    let mut json = Vec::with_capacity(2048);
    score.name.append_to(&mut json);
    score.aliases.append_to(&mut json);
    score.contributions.append_to(&mut json);
    score.findings.append_to(&mut json);
    Digest::of(&json)
}

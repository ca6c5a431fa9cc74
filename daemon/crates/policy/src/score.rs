//! What a policy makes of a supplier's assessments.
//!
//! The score is the greater of two: the weighted mean of the rules that apply, and the gate factor times the worst gate.
//! A rule without a risk of its own counts in both with the risk that the policy assumes: if a silent rule were no gate, a
//! supplier would fare better by withholding a bad clearance, and showing a clearance that is better than assumed could
//! raise its score. So the score never falls when one rule's risk rises, whatever its outcome was.

use super::{
    CertainFinding, Policy, PolicyRule,
    composite::{WeightedRisk, composite, half_up, narrow},
};
use crate::model::{
    Assessment, BasisPoints, Finding, Instant, Organisation, Outcome, Score, WHOLE_BP,
    claims::Text,
    score::{Contribution, Provenance},
};
use std::{cmp::Reverse, sync::Arc};

/// The organisation that is scored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rated {
    /// The name that stands for all its aliases.
    pub organisation: Organisation,
    /// Its registered name, where a profile states one.
    pub name: Option<Text>,
    /// Its other names, sorted.
    pub aliases: Vec<Organisation>,
}

/// Scores one organisation. `assessments` has at most one entry for each rule, in any order: rules that the policy does not
/// run are ignored, and a rule that it runs but that has no entry counts as failed. `findings` are the daemon's own.
#[must_use]
pub fn score(
    policy: &Policy,
    rated: Rated,
    as_of: Instant,
    mut assessments: Vec<(Arc<str>, Assessment)>,
    findings: Vec<Finding>,
    provenance: Provenance,
) -> Score {
    let mut contributions: Vec<Contribution> = policy
        .rules()
        .map(|rule| {
            let index = assessments.iter().position(|(name, _)| *name == rule.name);
            let assessment = index.map(|index| assessments.swap_remove(index).1);
            contribution(policy, rule, assessment.unwrap_or_else(|| Assessment::failed("the rule gave no answer")))
        })
        .collect();
    let weights = Weights::of(&contributions);
    let certain = certain(policy, &contributions);
    let risk_bp = share_out(&mut contributions, weights.applicable, policy.gate_factor_bp());
    Score {
        organisation: rated.organisation,
        name: rated.name,
        aliases: rated.aliases,
        as_of,
        risk_bp,
        band: policy.band(risk_bp),
        coverage_bp: weights.coverage_bp(),
        confidence_bp: weights.confidence_bp(),
        certain,
        contributions,
        findings,
        provenance,
    }
}

/// The findings that the policy treats as certain disruption, each once, as `RULE:CODE`.
fn certain(policy: &Policy, contributions: &[Contribution]) -> Vec<String> {
    let is_found = |certain: &&CertainFinding| {
        let of_rule = contributions.iter().filter(|part| part.rule == certain.rule);
        of_rule.flat_map(|part| &part.findings).any(|finding| *finding.reason.message.code == *certain.code)
    };
    policy.exposure().certain().iter().filter(is_found).map(ToString::to_string).collect()
}

fn contribution(policy: &Policy, rule: &PolicyRule, assessment: Assessment) -> Contribution {
    let risk_bp = match &assessment.outcome {
        // The host refuses a risk above the whole; here it must only not break the arithmetic.
        Outcome::Scored { risk_bp, .. } => Some((*risk_bp).min(WHOLE_BP)),
        Outcome::NotApplicable(_) => None,
        Outcome::Unknown(_) => Some(policy.assumed().unknown_bp),
        Outcome::Invalid(_) => Some(policy.assumed().invalid_bp),
        Outcome::Failed(_) => Some(policy.assumed().failed_bp),
    };
    Contribution {
        rule: Arc::clone(&rule.name),
        outcome: assessment.outcome,
        risk_bp,
        weight: rule.weight,
        gate: rule.gate,
        contribution_bp: 0,
        findings: assessment.findings,
        stale_since: assessment.stale_since,
    }
}

/// Sums of weights over a supplier's rules.
#[derive(Default)]
struct Weights {
    applicable: u64,
    scored: u64,
    /// Σ weight · confidence, the latter in basis points.
    confidence: u64,
}

impl Weights {
    fn of(contributions: &[Contribution]) -> Self {
        let mut weights = Self::default();
        for contribution in contributions.iter().filter(|contribution| contribution.risk_bp.is_some()) {
            let weight = u64::from(contribution.weight);
            weights.applicable += weight;
            if let Outcome::Scored { confidence_bp, .. } = contribution.outcome {
                weights.scored += weight;
                weights.confidence += weight * u64::from(confidence_bp.min(WHOLE_BP));
            }
        }
        weights
    }

    fn coverage_bp(&self) -> BasisPoints {
        half_up(self.scored * u64::from(WHOLE_BP), self.applicable)
    }

    fn confidence_bp(&self) -> BasisPoints {
        half_up(self.confidence, self.applicable)
    }
}

/// Gives each rule its part of the score and returns their sum; `None` when no rule applies (`weight` is 0).
fn share_out(contributions: &mut [Contribution], weight: u64, gate_factor_bp: BasisPoints) -> Option<BasisPoints> {
    let part = |one: &Contribution| Some(WeightedRisk { weight: one.weight, gate: one.gate, risk_bp: one.risk_bp? });
    let risk_bp = composite(contributions.iter().filter_map(part), gate_factor_bp)?;
    let lift_bp = risk_bp - share_out_mean(contributions, weight);
    let gates = contributions.iter_mut().filter(|contribution| contribution.gate && contribution.risk_bp.is_some());
    if let Some(gate) = gates.min_by_key(|gate| Reverse(gate.risk_bp)) {
        gate.contribution_bp += lift_bp;
    }
    Some(risk_bp)
}

/// The method of largest remainders: each rule gets its part of the mean rounded down, and the basis points that are
/// then missing from the rounded mean go to the largest remainders, ties by rule name.
fn share_out_mean(contributions: &mut [Contribution], weight: u64) -> BasisPoints {
    let weighted = |contribution: &Contribution| {
        u64::from(contribution.weight) * u64::from(contribution.risk_bp.unwrap_or_default())
    };
    let mean_bp = half_up(contributions.iter().map(weighted).sum(), weight);
    let mut missing_bp = mean_bp;
    for contribution in contributions.iter_mut() {
        contribution.contribution_bp = narrow(weighted(contribution) / weight);
        missing_bp -= contribution.contribution_bp;
    }
    let mut by_remainder: Vec<usize> = (0..contributions.len()).collect();
    // The sort is stable, and the rules are in the order of their names.
    by_remainder.sort_by_key(|&index| Reverse(weighted(&contributions[index]) % weight));
    for index in by_remainder.into_iter().take(missing_bp as usize) {
        contributions[index].contribution_bp += 1;
    }
    mean_bp
}

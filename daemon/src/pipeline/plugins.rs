//! The state of the rules of the running daemon: which version counts, which shadows run and where they differ, which rules
//! are in quarantine, and what was left out and why.

use super::{reload_outcome::LastReload, settings::Settings};
use crate::{
    model::{Assessment, BasisPoints, Instant, Outcome},
    rules::Rule,
    scoring::{
        answer::{Answer, said},
        circuit_breaker::OpenCircuit,
        fleet::Fleet,
        rule_ix::{Role, RuleIx},
    },
};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// Most suppliers that are named where a shadow differs.
const MAX_DIFFERENCES: usize = 20;

/// The state of the rules.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PluginsReport {
    /// Whether a daemon runs the rules; if not, this is what a start would load.
    pub running: bool,
    /// The name of the policy in force.
    pub policy: String,
    /// The SHA-256 of its text.
    pub policy_digest: String,
    /// The rules that count, by name, each followed by its shadows.
    pub rules: Vec<RuleState>,
    /// Why rules keep their last good plugin, or shadows do not run.
    pub notices: Vec<String>,
    /// Why components are left out.
    pub refused: Vec<String>,
    /// How the last reload went; absent before the first.
    pub last_reload: Option<LastReload>,
}

/// The state of one version of a rule.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RuleState {
    /// The rule's name in the policy.
    pub rule: String,
    /// The plugin's version.
    pub version: String,
    /// The SHA-256 of its component.
    pub digest: String,
    /// The file that it came from, or that it is built in.
    pub origin: String,
    /// Whether it runs in the shadow of the version that counts.
    pub is_shadow: bool,
    /// How many suppliers it has an answer about.
    pub answered: usize,
    /// How many suppliers it failed on.
    pub failed: usize,
    /// How many suppliers have an earlier answer of it, since it cannot be asked.
    pub stale: usize,
    /// Of a shadow: on how many suppliers it answers differently from the version that counts.
    pub differing: usize,
    /// Of a shadow: where it differs the most.
    pub differences: Vec<ShadowDifference>,
    /// Set while it is in quarantine.
    pub quarantine: Option<QuarantinedRule>,
}

/// A rule in quarantine.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct QuarantinedRule {
    /// When its quarantine began.
    pub since: Instant,
    /// When it is tried again, at the earliest.
    pub retry_at: Instant,
    /// How often it has been tried since without success.
    pub tries: u32,
    /// What it failed with.
    pub why: String,
}

/// A supplier on whom a shadow answers differently.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ShadowDifference {
    /// The supplier's name, as `SCHEME:ID`.
    pub organisation: String,
    /// What the version that counts says.
    pub counting: String,
    /// What the shadow says.
    pub shadow: String,
}

impl PluginsReport {
    /// The state of the rules of `settings`, after they have evaluated `fleet`.
    #[must_use]
    pub(crate) fn of(settings: &Settings, fleet: &Fleet) -> Self {
        let scorer = &settings.scorer;
        let mut rules = Vec::new();
        for (active, rule) in scorer.active() {
            rules.push(RuleState::of(rule, fleet, active, Role::Active));
            for (ix, role, shadow) in scorer.all().filter(|(_, role, _)| *role == Role::ShadowOf(active)) {
                rules.push(RuleState::of(shadow, fleet, ix, role));
            }
        }
        Self {
            running: false,
            policy: scorer.policy().name().to_string(),
            policy_digest: scorer.policy().digest().to_string(),
            rules,
            notices: scorer.notices().iter().map(|notice| format!("{}: {}", notice.rule, notice.text)).collect(),
            refused: settings.refused_plugins.clone(),
            last_reload: None,
        }
    }
}

impl RuleState {
    fn of(rule: &Rule, fleet: &Fleet, ix: RuleIx, role: Role) -> Self {
        let (mut answered, mut failed, mut stale) = (0, 0, 0);
        for (_, Answer { assessment, .. }) in fleet.answers(ix) {
            match &assessment.outcome {
                Outcome::Failed(_) => failed += 1,
                _ if assessment.stale_since.is_some() => stale += 1,
                _ => answered += 1,
            }
        }
        let differences = match role {
            Role::Active => Vec::new(),
            Role::ShadowOf(active) => differences(fleet, active, ix),
        };
        let quarantine = fleet.circuit_breakers().open(ix).cloned();
        Self {
            rule: rule.manifest().name.to_string(),
            version: rule.manifest().version.clone(),
            digest: rule.digest().to_string(),
            origin: rule.plugin().origin().to_owned(),
            is_shadow: role != Role::Active,
            answered,
            failed,
            stale,
            differing: fleet.differing(ix),
            differences,
            quarantine: quarantine.map(|OpenCircuit { since, retry_at, tries, why, .. }| QuarantinedRule {
                since,
                retry_at,
                tries,
                why,
            }),
        }
    }
}

/// Where the answers of two rules differ the most; then by name.
fn differences(fleet: &Fleet, counting: RuleIx, shadow: RuleIx) -> Vec<ShadowDifference> {
    let mut differing: Vec<_> = fleet
        .answers(shadow)
        .filter(|(_, answer)| answer.differs)
        .filter_map(|(name, answer)| Some((name, &fleet.answer(name, counting)?.assessment, &answer.assessment)))
        .collect();
    let apart = |one: &Assessment, other: &Assessment| match (risk(one), risk(other)) {
        (Some(one), Some(other)) => one.abs_diff(other),
        (None, None) => 0,
        _ => BasisPoints::MAX,
    };
    differing.sort_unstable_by_key(|(name, one, other)| (Reverse(apart(one, other)), *name));
    let told = differing.into_iter().take(MAX_DIFFERENCES).map(|(name, one, other)| ShadowDifference {
        organisation: name.to_string(),
        counting: said(one),
        shadow: said(other),
    });
    told.collect()
}

fn risk(assessment: &Assessment) -> Option<BasisPoints> {
    match assessment.outcome {
        Outcome::Scored { risk_bp, .. } => Some(risk_bp),
        _ => None,
    }
}

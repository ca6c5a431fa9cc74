//! Whole messages, whole scores.

mod change;
mod composite;
mod exposure;
mod kinds;
mod packs;
mod properties;
mod refused;

use super::{Policy, Rated, score};
use crate::model::{
    Assessment, BasisPoints, Digest, Finding, Instant, Organisation, Outcome, Reason, Score, Trust,
    assessment::Message, score::Provenance,
};
use std::sync::Arc;

/// What one rule answers in a test: `3000` is scored, with a confidence of 7500.
pub(super) fn assessment(answer: &str) -> Assessment {
    let message = Message { code: "TEST".to_owned(), text: "because".to_owned(), remedy: String::new() };
    let reason = Reason { message: Arc::new(message), arguments: Vec::new() };
    let outcome = match answer {
        "not-applicable" => Outcome::NotApplicable(reason),
        "unknown" => Outcome::Unknown(reason),
        "invalid" => Outcome::Invalid(reason),
        "failed" => return Assessment::failed("out of fuel"),
        risk => Outcome::Scored { risk_bp: risk.parse().expect("a risk"), confidence_bp: 7500 },
    };
    Assessment::new(outcome, Vec::new())
}

/// The policy of the tests: `rules` are lines below `[rules]`, as `clearance = { gate = true }`.
pub(super) fn policy(rules: &str) -> Policy {
    let bands = "[[bands]]\nname = 'low'\nfrom_bp = 0\n[[bands]]\nname = 'high'\nfrom_bp = 5000\n";
    let text = format!("name = 'test'\nversion = '1'\n{bands}[rules]\n{rules}\n");
    Policy::parse("test.toml", &text).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

/// The score of `answers`, pairs of a rule and what it answers, from the attestations whose bytes are in `attested`.
pub(super) fn scored(policy: &Policy, answers: &[(&str, String)], attested: &[&str], findings: Vec<Finding>) -> Score {
    let as_of = Instant::from_unix_seconds(1_780_000_000);
    let plugins = answers.iter().map(|(rule, _)| ((*rule).into(), Digest::of(rule.as_bytes()))).collect();
    let attestations = attested.iter().map(|bytes| (Digest::of(bytes.as_bytes()), Trust::ThirdParty)).collect();
    let provenance =
        Provenance::new(attestations, Vec::new(), Digest::of(b"facts"), plugins, Vec::new(), policy.digest(), as_of);
    let assessments = answers.iter().map(|(rule, answer)| ((*rule).into(), assessment(answer))).collect();
    score(policy, rated(), as_of, assessments, findings, provenance)
}

/// The organisation that the tests score.
pub(super) fn rated() -> Rated {
    Rated { organisation: Organisation::checked_before("GB-COH:09506232"), name: None, aliases: Vec::new() }
}

/// Each rule's part, by rule name.
pub(super) fn parts(score: &Score) -> Vec<BasisPoints> {
    score.contributions.iter().map(|contribution| contribution.contribution_bp).collect()
}

//! Assessments read back from a stored score: what a rule said when it could still be asked.

use super::{
    Argument, Assessment, BasisPoints, Date, Digest, Finding, Instant, Outcome, Reason, Severity, assessment::Message,
    claims::Text,
};
use crate::by_name;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The part of a stored score that its assessments are in.
#[derive(Deserialize)]
struct StoredScore {
    contributions: Vec<StoredAssessment>,
    provenance: StoredProvenance,
}

#[derive(Deserialize)]
struct StoredProvenance {
    as_of: Instant,
}

#[derive(Deserialize)]
struct StoredAssessment {
    rule: Arc<str>,
    outcome: String,
    risk_bp: Option<BasisPoints>,
    confidence_bp: BasisPoints,
    reason: Option<StoredReason>,
    findings: Vec<StoredFinding>,
    stale_since: Option<Instant>,
}

#[derive(Deserialize)]
struct StoredReason {
    code: String,
    text: String,
}

#[derive(Deserialize)]
struct StoredFinding {
    code: String,
    severity: Severity,
    message: String,
    remedy: Option<String>,
    due_on: Option<Date>,
    evidence: Vec<Digest>,
}

impl Assessment {
    /// What `rule` said in the stored score `body`, marked as stale since the instant that it spoke of; `None` when it said
    /// nothing, or failed.
    #[must_use]
    pub fn kept_from(body: &str, rule: &str) -> Option<Self> {
        let StoredScore { contributions, provenance } = by_name::json(body).ok()?;
        let stored = contributions.into_iter().find(|one| *one.rule == *rule)?;
        let reason = || stored.reason.as_ref().map(|reason| said(&reason.code, &reason.text, ""));
        let outcome = match &*stored.outcome {
            "scored" => Outcome::Scored { risk_bp: stored.risk_bp?, confidence_bp: stored.confidence_bp },
            "not-applicable" => Outcome::NotApplicable(reason()?),
            "unknown" => Outcome::Unknown(reason()?),
            "invalid" => Outcome::Invalid(reason()?),
            _ => return None,
        };
        let finding = |stored: StoredFinding| Finding {
            reason: said(&stored.code, &stored.message, stored.remedy.as_deref().unwrap_or_default()),
            severity: stored.severity,
            evidence: stored.evidence,
            due_on: stored.due_on,
        };
        let findings = stored.findings.into_iter().map(finding).collect();
        Some(Self { outcome, findings, stale_since: Some(stored.stale_since.unwrap_or(provenance.as_of)) })
    }

    /// Over everything that it says: an assessment that is read back from a stored score has the digest that it had.
    #[must_use]
    pub fn digest(&self) -> Digest {
        #[derive(Serialize)]
        struct Said<'a>(
            &'a str,
            Option<(BasisPoints, BasisPoints)>,
            Option<&'a Reason>,
            &'a [Finding],
            Option<Instant>,
        );
        let (risk, reason) = match &self.outcome {
            Outcome::Scored { risk_bp, confidence_bp } => (Some((*risk_bp, *confidence_bp)), None),
            Outcome::NotApplicable(reason) | Outcome::Unknown(reason) | Outcome::Invalid(reason) => {
                (None, Some(reason))
            }
            Outcome::Failed(_) => (None, None),
        };
        let said = Said(self.outcome.as_str(), risk, reason, &self.findings, self.stale_since);
        let bytes = serde_json::to_vec(&said)
            .unwrap_or_else(|error| unreachable!("an assessment holds only strings and numbers: {error}"));
        Digest::of(&bytes)
    }
}

/// A message whose text is made already: it is filled with itself.
fn said(code: &str, text: &str, remedy: &str) -> Reason {
    let place = |text: &str, place: &str| if text.is_empty() { String::new() } else { place.to_owned() };
    let message = Message { code: code.to_owned(), text: "{0}".to_owned(), remedy: place(remedy, "{1}") };
    let arguments = vec![Argument::Text(Text::from(text)), Argument::Text(Text::from(remedy))];
    Reason { message: Arc::new(message), arguments }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Organisation, Score,
        score::{Contribution, Provenance},
    };

    fn as_of() -> Instant {
        Instant::from_unix_seconds(1_767_225_600)
    }

    fn reason(text: &str, remedy: &str) -> Reason {
        let message = Message { code: "CODE".to_owned(), text: text.to_owned(), remedy: remedy.to_owned() };
        Reason { message: Arc::new(message), arguments: vec![Argument::Number(3), Argument::BasisPoints(2501)] }
    }

    fn stored(outcome: Outcome, findings: Vec<Finding>, stale_since: Option<Instant>) -> String {
        let risk_bp = match outcome {
            Outcome::Scored { risk_bp, .. } => Some(risk_bp),
            Outcome::NotApplicable(_) => None,
            Outcome::Unknown(_) | Outcome::Invalid(_) | Outcome::Failed(_) => Some(7000),
        };
        let contribution = Contribution {
            rule: "mine".into(),
            outcome,
            risk_bp,
            weight: 1,
            gate: false,
            contribution_bp: 0,
            findings,
            stale_since,
        };
        let nothing = Digest::of(b"");
        let provenance = Provenance::new(vec![], vec![], nothing, vec![], vec![], nothing, as_of());
        let score = Score {
            organisation: Organisation::checked_before("GB-COH:1"),
            name: None,
            aliases: vec![],
            as_of: as_of(),
            risk_bp,
            band: "high".into(),
            coverage_bp: 0,
            confidence_bp: 0,
            certain: Vec::new(),
            contributions: vec![contribution],
            findings: vec![],
            provenance,
        };
        String::from_utf8(score.to_bytes()).expect("JSON is text")
    }

    #[test]
    fn what_is_read_back_says_the_same() {
        let finding = |remedy: &str, due_on| Finding {
            reason: reason("{0} of {1}", remedy),
            severity: Severity::High,
            evidence: vec![Digest::of(b"one")],
            due_on,
        };
        let findings = || vec![finding("Mend {0}.", None), finding("", "2026-05-09".parse().ok())];
        for outcome in [
            Outcome::Scored { risk_bp: 6200, confidence_bp: 9500 },
            Outcome::NotApplicable(reason("not {{0}", "")),
            Outcome::Unknown(reason("{0}", "")),
            Outcome::Invalid(reason("", "")),
        ] {
            let said = Assessment { outcome, findings: findings(), stale_since: Some(as_of()) };
            let first =
                Assessment::kept_from(&stored(said.outcome.clone(), findings(), None), "mine").expect("it is there");
            assert_eq!(first.digest(), said.digest(), "{said:?}");
            assert_eq!(first.stale_since, Some(as_of()), "it speaks of the instant of its score");
            let later = Some(Instant::from_unix_seconds(1));
            let again =
                Assessment::kept_from(&stored(first.outcome, first.findings, later), "mine").expect("it is there");
            assert_eq!(again.stale_since, later, "what was stale has its own instant");
            assert_ne!(again.digest(), said.digest());
        }
    }

    #[test]
    fn a_failure_is_not_worth_keeping() {
        let failed = stored(Outcome::Failed("it stopped".to_owned()), vec![], None);
        assert_eq!(Assessment::kept_from(&failed, "mine"), None);
        assert_eq!(Assessment::kept_from(&failed, "another"), None);
        assert_eq!(Assessment::kept_from("{}", "mine"), None);
    }
}

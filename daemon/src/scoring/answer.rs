//! Answers of rules, as the fleet keeps them.

use super::rule_ix::RuleIx;
use crate::{
    model::{Assessment, Digest, Instant, Organisation, Outcome},
    policy::Points,
};

/// What a rule last said of a supplier.
#[derive(Clone)]
pub(crate) struct Answer {
    /// The digest of the evidence and facts that it was made from; `None` when the rule is to be asked again in any case.
    pub(super) print: Option<Digest>,
    /// The instant that the rule was asked about.
    pub(super) as_of: Instant,
    pub(crate) assessment: Assessment,
    /// Where the rule failed: what it said before, marked as stale.
    pub(super) last_good: Option<Box<Assessment>>,
    /// Of a shadow: whether it differs from the answer of the version that counts.
    pub(crate) differs: bool,
}

/// What a rule said of a supplier according to the store, for a rule that cannot be asked and has said nothing since the start.
pub(crate) type Archive<'a> = &'a dyn Fn(&Organisation, &str) -> Option<Assessment>;

impl Answer {
    pub(super) fn has_failed(&self) -> bool {
        matches!(self.assessment.outcome, Outcome::Failed(_))
    }

    /// The last answer that was no failure, marked as stale.
    pub(super) fn into_last_good(self) -> Option<Box<Assessment>> {
        if self.has_failed() {
            return self.last_good;
        }
        let stale_since = Some(self.assessment.stale_since.unwrap_or(self.as_of));
        Some(Box::new(Assessment { stale_since, ..self.assessment }))
    }
}

/// An answer of a rule that is new.
pub(crate) struct TriedAnswer {
    pub(super) organisation: Organisation,
    pub(super) ix: RuleIx,
    pub(super) answer: Answer,
}

/// The outcome and the codes of the findings.
pub(crate) fn said(assessment: &Assessment) -> String {
    let outcome = match &assessment.outcome {
        Outcome::Scored { risk_bp, .. } => format!("scored {}", Points(*risk_bp)),
        other => other.as_str().to_owned(),
    };
    let codes: Vec<&str> = assessment.findings.iter().map(|finding| &*finding.reason.message.code).collect();
    if codes.is_empty() { outcome } else { format!("{outcome} ({})", codes.join(", ")) }
}

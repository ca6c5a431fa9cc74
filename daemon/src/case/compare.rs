//! What a rule answered, in a case's own words, against what the case expects.

use super::{Case, Expected, ExpectedFinding};
use crate::model::{Assessment, Finding, Instant, Outcome};
use std::fmt;

/// What differs, as a person reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// A value that differs.
    Value {
        /// Which value, as `risk_bp`.
        what: &'static str,
        /// What the case says.
        expected: String,
        /// What the rule answered.
        got: String,
    },
    /// A finding that is expected and was not made.
    Missing(String),
    /// A finding that was made and is not expected.
    Unexpected(String),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value { what, expected, got } => write!(f, "{what}: expected {expected}, got {got}"),
            Self::Missing(finding) => write!(f, "- finding {finding}"),
            Self::Unexpected(finding) => write!(f, "+ finding {finding}"),
        }
    }
}

impl Case {
    /// What a rule answered at `as_of`, with nothing left out that a case can expect.
    #[must_use]
    pub fn answered(&self, as_of: Instant, assessment: &Assessment) -> Expected {
        let outcome = &assessment.outcome;
        let (risk_bp, confidence_bp) = match outcome {
            Outcome::Scored { risk_bp, confidence_bp } => (Some(*risk_bp), Some(*confidence_bp)),
            _ => (None, None),
        };
        let reason = match outcome {
            Outcome::Scored { .. } => None,
            Outcome::NotApplicable(reason) | Outcome::Unknown(reason) | Outcome::Invalid(reason) => {
                Some(reason.message.code.clone())
            }
            Outcome::Failed(why) => Some(why.clone()),
        };
        let findings = assessment.findings.iter().map(|finding| self.finding(finding)).collect();
        Expected { as_of, outcome: outcome.as_str(), risk_bp, confidence_bp, reason, findings: Some(findings) }
    }

    fn finding(&self, finding: &Finding) -> ExpectedFinding {
        let id = |digest| {
            let index = self.attestations.iter().position(|one| one.digest == digest);
            index.and_then(|index| self.ids.get(index).cloned()).unwrap_or_else(|| digest.to_string())
        };
        ExpectedFinding {
            code: finding.reason.message.code.clone(),
            severity: Some(finding.severity),
            message: Some(finding.reason.text()),
            due_on: finding.due_on,
            evidence: Some(finding.evidence.iter().copied().map(id).collect()),
        }
    }
}

impl Expected {
    /// How `got`, in which nothing is left out, differs from what is expected here.
    #[must_use]
    pub fn differences(&self, got: &Self) -> Vec<Difference> {
        let mut found = Vec::new();
        let mut differs = |what, expected: Option<String>, got: Option<String>| {
            if let Some(expected) = expected
                && got.as_ref() != Some(&expected)
            {
                found.push(Difference::Value { what, expected, got: got.unwrap_or_else(|| "none".to_owned()) });
            }
        };
        let number = |bp: Option<u32>| bp.map(|bp| bp.to_string());
        if self.outcome == got.outcome {
            differs("risk_bp", number(self.risk_bp), number(got.risk_bp));
            differs("confidence_bp", number(self.confidence_bp), number(got.confidence_bp));
            differs("reason", self.reason.clone(), got.reason.clone());
        } else {
            let all = |one: &Self| {
                let parts = [Some(one.outcome.to_owned()), number(one.risk_bp), one.reason.clone()];
                Some(parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
            };
            differs("outcome", all(self), all(got));
        }
        if let Some(expected) = &self.findings {
            findings(expected, got.findings.as_deref().unwrap_or_default(), &mut found);
        }
        found
    }
}

impl ExpectedFinding {
    fn fits(&self, got: &Self) -> bool {
        fn same<T: PartialEq>(expected: Option<&T>, got: Option<&T>) -> bool {
            expected.is_none_or(|expected| Some(expected) == got)
        }
        self.code == got.code
            && same(self.severity.as_ref(), got.severity.as_ref())
            && same(self.message.as_ref(), got.message.as_ref())
            && same(self.due_on.as_ref(), got.due_on.as_ref())
            && same(self.evidence.as_ref(), got.evidence.as_ref())
    }
}

impl fmt::Display for ExpectedFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)?;
        if let Some(severity) = self.severity {
            write!(f, " {}", severity.as_str())?;
        }
        if let Some(due_on) = self.due_on {
            write!(f, " due {due_on}")?;
        }
        if let Some(evidence) = self.evidence.as_ref().filter(|evidence| !evidence.is_empty()) {
            write!(f, " shown by {}", evidence.join(", "))?;
        }
        self.message.as_ref().map_or(Ok(()), |message| write!(f, ": {message}"))
    }
}

/// Compares the findings in order: what is not in the longest common subsequence is missing or unexpected.
fn findings(expected: &[ExpectedFinding], got: &[ExpectedFinding], found: &mut Vec<Difference>) {
    // The length of the longest common subsequence of `expected[i..]` and `got[j..]`, by the textbook algorithm.
    let width = got.len() + 1;
    let mut common = vec![0_usize; (expected.len() + 1) * width];
    for i in (0..expected.len()).rev() {
        for j in (0..got.len()).rev() {
            common[i * width + j] = if expected[i].fits(&got[j]) {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < expected.len() || j < got.len() {
        let fits = i < expected.len() && j < got.len() && expected[i].fits(&got[j]);
        let without_expected =
            i < expected.len() && (j == got.len() || common[(i + 1) * width + j] >= common[i * width + j + 1]);
        if fits {
            (i, j) = (i + 1, j + 1);
        } else if without_expected {
            found.push(Difference::Missing(expected[i].to_string()));
            i += 1;
        } else {
            found.push(Difference::Unexpected(got[j].to_string()));
            j += 1;
        }
    }
}

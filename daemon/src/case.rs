//! A rule's cases: evidence in, expected answer out, as a person writes them. What `tierwatch plugin test` runs.
//!
//! ```toml
//! about = "AS9100 lapsed yesterday"
//! organisation = "GB-COH:09506232"
//!
//! [facts.requirement]                 # what the network says; what is left out counts as not said
//! criticality = 3
//!
//! [[attestations]]
//! id = "approvals"                    # what `evidence` below calls it
//! kind = "supply.capability"
//! issuer = "Approval Body"
//! trust = "third-party"
//! valid_from = 2025-05-10
//! valid_until = 2026-05-09            # the last day
//! claims = { approvals = ["AS9100"] }
//!
//! [[expected]]                        # one for each day to ask about
//! as_of = 2026-05-10
//! outcome = "scored"
//! risk_bp = 5000
//! findings = [{ code = "APPROVAL_LAPSED", severity = "high", evidence = ["approvals"] }]
//! ```
//!
//! Knows no host, no clock and no file: text in, text out.

mod compare;
mod read;
mod write;

#[cfg(test)]
mod tests;

pub(crate) use compare::Difference;
pub use write::write;

use crate::{
    diagnostic::{Diagnostics, ParameterSpans, Problems, part_of_text},
    model::{Attestation, BasisPoints, Date, Facts, Identifiers, Instant, Organisation, Severity},
    rules::{ParameterProblem, Subject},
};
use serde_json::{Map, Value};
use std::{collections::BTreeSet, sync::Arc};

/// What a case may name beside what every daemon knows.
#[derive(Clone, Debug, Default)]
pub struct CaseVocabulary {
    /// The schemes of identifiers.
    pub identifiers: Identifiers,
    /// The kinds that a configuration declares or a rule reads.
    pub kinds: BTreeSet<Arc<str>>,
    /// The parameter by which a case declares kinds itself, where the rule has one.
    pub kinds_parameter: Option<String>,
}

/// One case: a supplier's evidence, and what a rule must answer at some instants.
#[derive(Clone, Debug)]
pub struct Case {
    /// What the case shows, in a sentence.
    pub about: Option<String>,
    /// The supplier, by the name that stands for all its names.
    pub organisation: Organisation,
    /// All its names, that one included, sorted.
    pub names: Vec<Organisation>,
    /// The rule's parameters; what is left out has the rule's default.
    pub parameters: Map<String, Value>,
    /// Where the parameters stand in the case's file.
    pub parameter_spans: ParameterSpans,
    /// What the network says of the supplier.
    pub facts: Facts,
    /// The attestations that count, in the order of the file.
    pub attestations: Vec<Arc<Attestation>>,
    /// What the expectations call each attestation.
    pub ids: Vec<String>,
    /// What must be answered, and when.
    pub expected: Vec<Expected>,
}

/// What a rule must answer at one instant. What is `None` may be anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The instant asked about.
    pub as_of: Instant,
    /// As the model's words have it: `scored`, `not-applicable`, `unknown`, `invalid`, `failed`.
    pub outcome: &'static str,
    /// The risk of a score, 0 to 10 000.
    pub risk_bp: Option<BasisPoints>,
    /// The confidence of a score, 0 to 10 000.
    pub confidence_bp: Option<BasisPoints>,
    /// The message's code, of an answer that is no score.
    pub reason: Option<String>,
    /// All findings, in the rule's order.
    pub findings: Option<Vec<ExpectedFinding>>,
}

/// One finding that must be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedFinding {
    /// Its message's code.
    pub code: String,
    /// How much it matters.
    pub severity: Option<Severity>,
    /// The sentence as a person reads it.
    pub message: Option<String>,
    /// By when it must be mended.
    pub due_on: Option<Date>,
    /// The ids of the attestations that show it, in the rule's order.
    pub evidence: Option<Vec<String>>,
}

impl Case {
    /// The supplier at one instant, as a rule gets it.
    #[must_use]
    pub fn subject(&self, as_of: Instant) -> Subject<'_> {
        Subject {
            organisation: &self.organisation,
            names: &self.names,
            as_of,
            evidence: &self.attestations,
            facts: &self.facts,
        }
    }

    /// What is wrong with the case's parameters, each where it stands in the `text` that the case was read from.
    #[must_use]
    pub(crate) fn complaints(&self, file_name: &str, text: &str, refused: &[ParameterProblem]) -> Diagnostics {
        let problems = Problems::new(file_name, text);
        for ParameterProblem { path, within, message, fix } in refused {
            let whole = self.parameter_spans.around(path).unwrap_or_default();
            let span = within.clone().map_or_else(|| whole.clone(), |part| part_of_text(text, whole.clone(), part));
            let fix = fix
                .clone()
                .unwrap_or_else(|| "correct it; `tierwatch plugin inspect` shows what the rule takes".into());
            problems.add(span, message, fix);
        }
        problems.refused()
    }
}

impl Expected {
    /// The codes of its reason and its findings.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        let findings = self.findings.iter().flatten().map(|finding| finding.code.as_str());
        self.reason.as_deref().into_iter().chain(findings)
    }
}

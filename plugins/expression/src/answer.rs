//! What a clause answers, and how its answer is made for one subject.

use crate::language::{Evaluation, Node, Value, functions::of_list};
use tierwatch_rule::{
    Argument, Assessment, Attestation, Finding, Outcome, Reason, Scored, Severity, WHOLE_BP, confidence_bp,
};

/// Most findings that the daemon takes of one answer.
const MAX_FINDINGS: usize = 256;
/// Longest text that the contract takes as an argument, in bytes.
const MAX_TEXT_BYTES: usize = 1024;
/// What stands at the end of one that was longer.
const CUT: &str = "…";

#[derive(Debug)]
pub(crate) struct PlannedAnswer {
    pub(crate) outcome: PlannedOutcome,
    pub(crate) findings: Vec<PlannedFinding>,
}

#[derive(Debug)]
pub(crate) enum PlannedOutcome {
    Scored { risk: Node, confidence: Confidence },
    NotApplicable(Said),
    Unknown(Said),
    Invalid(Said),
}

#[derive(Debug)]
pub(crate) enum Confidence {
    BasisPoints(Node),
    /// That of the weakest trust among these.
    Attestations(Node),
}

/// A message with what fills it.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) message: u32,
    pub(crate) arguments: Vec<Shown>,
}

/// An argument, with the words that it is one of.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) node: Node,
    pub(crate) words: &'static [&'static str],
}

#[derive(Debug)]
pub(crate) struct PlannedFinding {
    pub(crate) said: Said,
    pub(crate) severity: Severity,
    pub(crate) when: Option<Node>,
    pub(crate) each: Option<Node>,
    pub(crate) evidence: Option<Node>,
    pub(crate) due_on: Option<Node>,
}

impl PlannedAnswer {
    pub(crate) fn given<'s>(&'s self, evaluation: &mut Evaluation<'s>) -> Assessment {
        let outcome = match &self.outcome {
            PlannedOutcome::Scored { risk, confidence } => {
                let confidence_bp = match confidence {
                    Confidence::BasisPoints(node) => basis_points(evaluation, "confidence", node),
                    Confidence::Attestations(node) => confidence_bp(of_list(&evaluation.value(node))),
                };
                let risk_bp = basis_points(evaluation, "risk", risk);
                Outcome::Scored(Scored { risk_bp, confidence_bp })
            }
            PlannedOutcome::NotApplicable(said) => Outcome::NotApplicable(said.reason(evaluation)),
            PlannedOutcome::Unknown(said) => Outcome::Unknown(said.reason(evaluation)),
            PlannedOutcome::Invalid(said) => Outcome::Invalid(said.reason(evaluation)),
        };
        let mut findings = Vec::new();
        self.findings.iter().for_each(|finding| finding.found(evaluation, &mut findings));
        Assessment { outcome, findings }
    }
}

/// What `node` comes to, which is basis points or else a fault.
fn basis_points<'s>(evaluation: &mut Evaluation<'s>, what: &str, node: &'s Node) -> u32 {
    let number = evaluation.value(node).rank();
    u32::try_from(number).ok().filter(|bp| *bp <= WHOLE_BP).unwrap_or_else(|| {
        evaluation.fail(format!("a {what} of {number} basis points, where 0 to {WHOLE_BP} are allowed,"));
        0
    })
}

impl Said {
    fn reason<'s>(&'s self, evaluation: &mut Evaluation<'s>) -> Reason {
        let arguments = evaluation.within_message(self.message, |evaluation| {
            let arguments = self.arguments.iter();
            arguments.map(|shown| argument(evaluation.value(&shown.node), shown.words)).collect()
        });
        Reason { message: self.message, arguments }
    }
}

impl PlannedFinding {
    fn found<'s>(&'s self, evaluation: &mut Evaluation<'s>, findings: &mut Vec<Finding>) {
        evaluation.within_message(self.said.message, |evaluation| {
            match &self.each {
                None => findings.extend(self.one(evaluation)),
                Some(each) => {
                    for element in evaluation.value(each).elements().iter() {
                        findings.extend(evaluation.with(element.clone(), |evaluation| self.one(evaluation)));
                    }
                }
            }
            if findings.len() > MAX_FINDINGS {
                evaluation.fail(format!("more than {MAX_FINDINGS} findings of one answer"));
            }
        });
    }

    fn one<'s>(&'s self, evaluation: &mut Evaluation<'s>) -> Option<Finding> {
        if self.when.as_ref().is_some_and(|when| !evaluation.holds(when)) {
            return None;
        }
        let Reason { message, arguments } = self.said.reason(evaluation);
        let shown_by = self.evidence.as_ref().map(|evidence| of_list(&evaluation.value(evidence)));
        let due_on = self.due_on.as_ref().map(|due_on| evaluation.value(due_on));
        Some(Finding {
            message,
            arguments,
            severity: self.severity,
            evidence: shown_by.iter().flatten().map(|attestation: &&Attestation| attestation.index).collect(),
            due_on: due_on.and_then(|due_on| if let Value::Date(date) = due_on { Some(date) } else { None }),
        })
    }
}

pub(crate) fn argument(value: Value<'_>, words: &[&str]) -> Argument {
    match value {
        Value::Text(text) => argument_text(&text),
        Value::Decimal(decimal) => Argument::Text(decimal.to_string()),
        Value::Bool(truth) => Argument::Text(truth.to_string()),
        Value::Name(handle) => Argument::Name(handle),
        Value::Date(date) => Argument::Date(date),
        Value::Instant(instant) => Argument::Instant(instant),
        Value::PerCent(bp) => Argument::BasisPoints(bp),
        Value::Word(index) => Argument::Text(words.get(usize::from(index)).copied().unwrap_or_default().to_owned()),
        other => Argument::Number(other.rank()),
    }
}

/// A text as an argument: no more of it than the contract takes, or whoever attests a long one would make the rule fail.
pub(crate) fn argument_text(text: &str) -> Argument {
    if text.len() <= MAX_TEXT_BYTES {
        return Argument::Text(text.to_owned());
    }
    Argument::Text(format!("{}{CUT}", &text[..text.floor_char_boundary(MAX_TEXT_BYTES - CUT.len())]))
}

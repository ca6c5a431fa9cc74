//! From the parameters to what is evaluated for each subject; all that is wrong with them, each at its place.

mod messages;
mod planner;

pub(crate) use planner::plan;

use crate::{
    answer::{self, PlannedAnswer},
    language::{Evaluation, Fault, Misfit, Node, Within},
    show::Show,
};
use tierwatch_rule::{Argument, Assessment, Fact, Finding, Reason, Severity, Subject};

/// The code of the message about an attestation that does not fit the schema of its kind.
pub(crate) const MISFIT: &str = "SCHEMA_MISFIT";

/// A rule that makes sense.
#[derive(Debug)]
pub(crate) struct Plan {
    definitions: Vec<Node>,
    /// What the policy calls them.
    names: Vec<String>,
    /// The codes of its messages.
    codes: Vec<String>,
    pub(crate) body: Body,
    /// The index of [`MISFIT`] among the messages, where it can be said: after all others.
    pub(crate) misfit: Option<u32>,
    /// The kinds that cross.
    pub(crate) kinds: Vec<String>,
    /// The facts that cross.
    pub(crate) facts: Vec<Fact>,
    /// What names are compared with.
    pub(crate) words: Vec<String>,
}

#[derive(Debug)]
pub(crate) enum Body {
    /// Each with its condition; the last has none.
    Clauses(Vec<(Option<Node>, PlannedAnswer)>),
    /// One expression is shown.
    Show(Show),
}

impl Plan {
    /// Without what its expressions share.
    fn of(body: Body, misfit: Option<u32>, kinds: Vec<String>, facts: Vec<Fact>) -> Self {
        let (definitions, names, codes, words) = Default::default();
        Self { definitions, names, codes, body, misfit, kinds, facts, words }
    }

    /// What the rule says of one organisation.
    #[must_use]
    pub(crate) fn assess(&self, subject: &Subject) -> Assessment {
        let mut evaluation = Evaluation::new(subject, &self.definitions);
        let (assessment, place) = match &self.body {
            Body::Show(show) => (show.shown(&mut evaluation), " in the expression".to_owned()),
            Body::Clauses(clauses) => self.answered(clauses, &mut evaluation),
        };
        match (self.misfit, evaluation.misfit(), evaluation.fault()) {
            (Some(message), Some(misfit), _) => unfit(message, misfit),
            (.., Some(fault)) => self.failed(fault, place),
            _ => assessment,
        }
    }

    /// The answer of the first clause that holds, and where that stands in the policy; a condition that cannot be calculated
    /// holds for nobody, and no later clause is asked.
    fn answered<'s>(
        &'s self,
        clauses: &'s [(Option<Node>, PlannedAnswer)],
        evaluation: &mut Evaluation<'s>,
    ) -> (Assessment, String) {
        for (number, (when, answer)) in (1..).zip(clauses) {
            let holds = when.as_ref().is_none_or(|when| evaluation.holds(when));
            if evaluation.fault().is_some() {
                return (failed(String::new()), format!(" in `when` of clause {number}"));
            }
            if holds {
                let place = if when.is_some() { format!(" in clause {number}") } else { " in `otherwise`".to_owned() };
                return (answer.given(evaluation), place);
            }
        }
        unreachable!("the last clause has no condition")
    }

    /// What could not be calculated, with the named expression, the message or else the clause that it stands in.
    fn failed(&self, fault: &Fault, place: String) -> Assessment {
        let name = |names: &[String], index: usize| names.get(index).cloned().unwrap_or_default();
        let place = match fault.within {
            Some(Within::Let(index)) => format!(" in `let.{}`", name(&self.names, index)),
            Some(Within::Message(index)) => {
                format!(" in the message `{}`", name(&self.codes, usize::try_from(index).unwrap_or(usize::MAX)))
            }
            None => place,
        };
        failed(format!("{}{place}", fault.why))
    }
}

/// What the daemon takes for the rule's failure, and not for anything about the supplier.
fn failed(what: String) -> Assessment {
    let reason = Reason { message: u32::MAX, arguments: vec![Argument::Text(what)] };
    Assessment { outcome: tierwatch_rule::Outcome::Invalid(reason), findings: Vec::new() }
}

/// Evidence that cannot be read as its schema says cannot be.
fn unfit(message: u32, misfit: &Misfit<'_>) -> Assessment {
    let arguments = || {
        let what = answer::argument_text(&misfit.what);
        vec![Argument::Name(misfit.of.issuer), Argument::Text(misfit.kind.to_owned()), what]
    };
    let finding = Finding {
        message,
        arguments: arguments(),
        severity: Severity::Medium,
        evidence: vec![misfit.of.index],
        due_on: None,
    };
    let reason = Reason { message, arguments: arguments() };
    Assessment { outcome: tierwatch_rule::Outcome::Invalid(reason), findings: vec![finding] }
}

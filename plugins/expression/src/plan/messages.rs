//! Messages: what fills them, and what makes a finding of one.

use super::planner::{Planner, Scope};
use crate::{
    answer::{PlannedFinding, Said, Shown},
    language::{Base, Many, Type, nearest, vocabulary::is_attestation},
    parameters::{Expression, Message},
};
use std::collections::BTreeSet;
use tierwatch_rule::Severity;

impl<'p> Planner<'p> {
    pub(super) fn finding(&mut self, path: &str, code: &str, scope: &Scope) -> Option<PlannedFinding> {
        self.findings.insert(code.to_owned());
        let (index, message) = self.message(path, code)?;
        let of = |key: &str| format!("/messages/{code}/{key}");
        let mut scope = scope.clone();
        let severity = message.severity.map(Severity::from);
        if severity.is_none() {
            self.refuse(format!("/messages/{code}"), "a finding has a severity", "add `severity = \"medium\"`");
        }
        let each = message.each.as_ref().map(|each| {
            let (node, list) = self.any(&of("each"), each, &scope)?;
            if list.many != Many::List || list.base == Base::Nothing {
                self.refuse(of("each"), &format!("this is {list}, not a list"), "write a list, or use `when`");
                return None;
            }
            scope.it = Some(list.base);
            Some(node)
        });
        // What `it` is depends on the list, whose mistake is told.
        self.checker.it_is_told = matches!(each, Some(None));
        let when = message.when.as_ref().map(|when| {
            let (node, known) = self.typed(&of("when"), when, &scope, Type::one(Base::Bool))?;
            scope.known.extend(known.when_true);
            Some(node)
        });
        let evidence = message.evidence.as_ref().map(|evidence| {
            let (node, shown_by) = self.any(&of("evidence"), evidence, &scope)?;
            if !is_attestation(shown_by.base) {
                self.refuse(
                    of("evidence"),
                    &format!("this is {shown_by}"),
                    "write an attestation, or a list of them as `[a, ?b]`",
                );
            }
            Some(node)
        });
        let due_on = message.due_on.as_ref();
        let due_on = due_on.map(|due_on| Some(self.typed(&of("due_on"), due_on, &scope, Type::one(Base::Date))?.0));
        let said = self.said(code, index, message, &scope);
        self.checker.it_is_told = false;
        Some(PlannedFinding {
            said: said?,
            severity: severity?,
            when: transposed(when)?,
            each: transposed(each)?,
            evidence: transposed(evidence)?,
            due_on: transposed(due_on)?,
        })
    }

    pub(super) fn said(&mut self, code: &str, index: u32, message: &Message, scope: &Scope) -> Option<Said> {
        let arguments: Vec<_> = (message.arguments.iter().enumerate())
            .map(|(index, argument)| self.argument(&format!("/messages/{code}/arguments/{index}"), argument, scope))
            .collect();
        Some(Said { message: index, arguments: arguments.into_iter().collect::<Option<_>>()? })
    }

    fn argument(&mut self, path: &str, argument: &Expression, scope: &Scope) -> Option<Shown> {
        let (node, of) = self.any(path, argument, scope)?;
        let fix = match (of.many, of.base) {
            (Many::One, Base::Record(_) | Base::Nothing) => {
                "write a number, a text, a name, a day, an instant or a word"
            }
            (Many::One, Base::Bool) => "write a text for each case, as `… ? 'is' : 'is not'`",
            (Many::One, base) => {
                let words = if let Base::Word(words) = base { words.words } else { &[] };
                return Some(Shown { node, words });
            }
            (Many::Optional, Base::Record(_)) => "write one of its fields",
            (Many::Optional, _) => "give a value with `.orValue(…)`, or ask for it in `when`",
            (Many::List, _) => "count them, as `(…).size()`, or take one with first(), last() or greatest(…)",
        };
        self.refuse(path, &format!("this is {of}, which a message cannot show"), fix);
        None
    }

    /// Whether an answer says the message, with all that it has.
    pub(super) fn message_used(&mut self, code: &str, message: &Message) {
        let path = format!("/messages/{code}");
        let is_reason = self.reasons.contains(code);
        if self.findings.contains(code) {
            self.placeholders(&path, message);
            return;
        }
        if !is_reason {
            let fix = "name it among `findings` or as a `reason`, or take it out";
            self.refuse(path, &format!("no answer says `{code}`"), fix);
            return;
        }
        let given = [
            ("severity", message.severity.is_some()),
            ("when", message.when.is_some()),
            ("evidence", message.evidence.is_some()),
            ("due_on", message.due_on.is_some()),
        ];
        for (key, _) in given.into_iter().filter(|(_, is_given)| *is_given) {
            let fix = format!("leave it out, or name `{code}` among the `findings` of an answer");
            self.refuse(format!("{path}/{key}"), "only a finding has it", &fix);
        }
        self.placeholders(&path, message);
    }

    /// Checks that the placeholders of the texts and the arguments belong together.
    fn placeholders(&mut self, path: &str, message: &Message) {
        let mut used = BTreeSet::new();
        for (key, text) in [("text", &message.text), ("remedy", &message.remedy)] {
            let numbers: Vec<_> = placeholders(text).collect();
            if numbers.iter().any(|number| number.is_none_or(|number| number >= message.arguments.len())) {
                let count = message.arguments.len();
                let message = format!("it has a place for an argument that is not there; there are {count}");
                self.refuse(
                    format!("{path}/{key}"),
                    &message,
                    "number the places from {0}, one for each of `arguments`",
                );
            }
            used.extend(numbers.into_iter().flatten());
        }
        for index in (0..message.arguments.len()).filter(|index| !used.contains(index)) {
            let fix = format!("write `{{{index}}}` in `text` or `remedy`, or take it out");
            self.refuse(format!("{path}/arguments/{index}"), "no text has a place for it", &fix);
        }
    }

    pub(super) fn message(&mut self, path: &str, code: &str) -> Option<(u32, &'p Message)> {
        let parameters = self.parameters;
        let found = parameters.messages.iter().zip(0..).find(|((known, _), _)| *known == code);
        if found.is_none() {
            let known: Vec<&str> = parameters.messages.keys().map(String::as_str).collect();
            let fix = match nearest(code, &known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("add `[….messages.{code}]` with its `text`"),
            };
            self.refuse(path, &format!("there is no message `{code}`"), &fix);
        }
        found.map(|((_, message), index)| (index, message))
    }
}

fn transposed<T>(given: Option<Option<T>>) -> Option<Option<T>> {
    match given {
        Some(Some(value)) => Some(Some(value)),
        Some(None) => None,
        None => Some(None),
    }
}

/// The numbers between braces; `None` for what is none.
fn placeholders(text: &str) -> impl Iterator<Item = Option<usize>> {
    text.split('{').skip(1).map(|after| after.split_once('}').and_then(|(number, _)| number.parse().ok()))
}

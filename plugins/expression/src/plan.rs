//! From the parameters to what is evaluated for each subject; all that is wrong with them, each at its place.

use crate::{
    answer::{self, Confidence, PlannedAnswer, PlannedFinding, PlannedOutcome, Said, Shown},
    language::{
        Base, Checker, Declared, Evaluation, Fault, Known, Many, Misfit, Mistake, Node, Type, nearest,
        vocabulary::ATTESTATION,
    },
    parameters::{Answer, Expression, Message, Outcome, Parameters},
    show::Show,
};
use std::collections::BTreeSet;
use tierwatch_rule::{Argument, Assessment, Fact, Finding, Problem, Reason, Severity, Span, Subject, WHOLE_BP};

/// The code of the message about an attestation that does not fit the schema of its kind.
pub(crate) const MISFIT: &str = "SCHEMA_MISFIT";

/// A rule that makes sense.
#[derive(Debug)]
pub(crate) struct Plan {
    definitions: Vec<Node>,
    /// What the policy calls them.
    names: Vec<String>,
    pub(crate) body: Body,
    /// The place of [`MISFIT`] among the messages, where it can be said: after all others.
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

/// Where an expression is used: what may stand for what there.
#[derive(Clone, Default)]
struct Scope {
    it: Option<Base>,
    known: Vec<String>,
}

/// Plans the rule of `parameters`.
///
/// # Errors
/// Everything that is wrong.
pub(crate) fn plan(parameters: &Parameters) -> Result<Plan, Vec<Problem>> {
    let definitions = parameters.definitions.iter().map(|(name, expression)| (name.clone(), expression.text()));
    let declared = parameters.declared.iter().map(|(name, schema)| Declared::new(name, schema.get()));
    let checker = Checker::new(definitions, declared.collect());
    let mut planner = Planner { parameters, checker, problems: Vec::new(), said: BTreeSet::new() };
    let plan = planner.plan();
    planner.problems.dedup();
    match plan {
        Some(plan) if planner.problems.is_empty() => {
            let (definitions, words) = planner.checker.into_parts();
            let names = parameters.definitions.keys().cloned().collect();
            Ok(Plan { definitions, names, words, ..plan })
        }
        _ => Err(planner.problems),
    }
}

struct Planner<'p> {
    parameters: &'p Parameters,
    checker: Checker,
    problems: Vec<Problem>,
    /// The codes that an answer names.
    said: BTreeSet<String>,
}

impl<'p> Planner<'p> {
    fn plan(&mut self) -> Option<Plan> {
        let parameters = self.parameters;
        for (place, mistake) in self.checker.define() {
            let name = parameters.definitions.keys().nth(place).map_or("", String::as_str);
            self.complain(&format!("/let/{name}"), &mistake);
        }
        if let Some(show) = &parameters.show {
            return self.shown(show);
        }
        let mut scope = Scope::default();
        let mut clauses = Vec::new();
        for (place, clause) in parameters.clauses.iter().enumerate() {
            let path = format!("/clauses/{place}");
            let when = self.typed(&format!("{path}/when"), &clause.when, &scope, Type::one(Base::Bool));
            let (when, known) = when.map_or((None, Default::default()), |(node, known)| (Some(node), known));
            let mut here = scope.clone();
            here.known.extend(known.when_true);
            let answer = self.answer(&path, &clause.answer, &here);
            // Whoever comes to the next clause has not stopped at this one.
            scope.known.extend(known.when_false);
            clauses.push(when.zip(answer));
        }
        let otherwise = self.answer("/otherwise", &parameters.otherwise, &scope);
        for code in parameters.messages.keys() {
            if !self.said.contains(code) {
                let fix = "name it among `findings` or as a `reason`, or take it out";
                self.refuse(format!("/messages/{code}"), &format!("no answer says `{code}`"), fix);
            }
        }
        let kinds = self.kinds();
        let mut clauses: Vec<_> = clauses
            .into_iter()
            .collect::<Option<Vec<_>>>()?
            .into_iter()
            .map(|(when, answer)| (Some(when), answer))
            .collect();
        clauses.push((None, otherwise?));
        let facts = self.checker.facts().to_vec();
        let misfit = self.misfit(parameters.messages.len());
        self.refuse_unused();
        Some(Plan::of(Body::Clauses(clauses), misfit, kinds, facts))
    }

    /// Refuses named expressions that nothing names, where there is no other mistake that may hide who does: a slip in a name
    /// must not pass for a change.
    fn refuse_unused(&mut self) {
        if !self.problems.is_empty() {
            return;
        }
        let refused = self.checker.unused().into_iter().map(|(name, meant)| {
            let meant = meant.map_or_else(String::new, |meant| format!("write `{meant}` if that is meant, "));
            let message = format!("no expression names `{name}`: {meant}name it in one, or take it out");
            Problem::of(format!("/let/{name}"), message)
        });
        self.problems.extend(refused);
    }

    /// The place of the message about what does not fit, after `messages` others, where an attestation of a declared kind is read.
    fn misfit(&mut self, messages: usize) -> Option<u32> {
        if !self.checker.reads_declared() {
            return None;
        }
        if self.parameters.messages.contains_key(MISFIT) {
            let message = format!("`{MISFIT}` is what the rule says of evidence that does not fit its kind's schema");
            self.refuse(format!("/messages/{MISFIT}"), &message, "choose another code");
        }
        u32::try_from(messages).ok()
    }

    /// One expression and whatever its type has of fields.
    fn shown(&mut self, expression: &Expression) -> Option<Plan> {
        let (node, of) = self.any("/show", expression, &Scope::default())?;
        let show = Show::new(node, of, self.parameters.skip);
        let mut kinds: Vec<String> = self.checker.kinds().map(str::to_owned).collect();
        if kinds.is_empty() && self.checker.reads_all_evidence() {
            kinds = self.checker.known_kinds().into_iter().map(str::to_owned).collect();
        }
        let mut facts = self.checker.facts().to_vec();
        if kinds.is_empty() && facts.is_empty() {
            // A rule declares something that it reads, though `1 + 1` reads nothing.
            facts.push(Fact::Requirement);
        }
        let misfit = self.misfit(show.messages().len());
        Some(Plan::of(Body::Show(show), misfit, kinds, facts))
    }

    /// Those that the expressions name and those that are listed, once each.
    fn kinds(&mut self) -> Vec<String> {
        let mut kinds: Vec<String> = self.checker.kinds().map(str::to_owned).collect();
        let known = self.checker.known_kinds();
        for (place, kind) in self.parameters.kinds.iter().enumerate() {
            match nearest(kind, &known) {
                Some(near) if near != kind => {
                    let message = format!("`{kind}` is no kind: did you mean `{near}`?");
                    self.problems.push(Problem::of(format!("/kinds/{place}"), message));
                }
                _ if kinds.contains(kind) => {}
                _ => kinds.push(kind.clone()),
            }
        }
        if kinds.is_empty() && self.checker.reads_all_evidence() {
            let message = "the expressions ask for `evidence` and name no kind: list in `kinds` what that is to hold";
            self.problems.push(Problem::of("", message));
        }
        if kinds.is_empty() && self.checker.facts().is_empty() && self.problems.is_empty() {
            let message = "nothing here depends on the supplier: ask for a kind as `cyber.ce`, or a fact as `impact`";
            self.problems.push(Problem::of("", message));
        }
        kinds
    }

    fn answer(&mut self, path: &str, answer: &Answer, scope: &Scope) -> Option<PlannedAnswer> {
        let findings: Vec<_> = (answer.findings.iter().enumerate())
            .map(|(place, code)| self.finding(&format!("{path}/findings/{place}"), code, scope))
            .collect();
        let outcome = match answer.outcome {
            Outcome::Scored => self.scored(path, answer, scope),
            outcome => {
                let said = self.reason(path, answer, scope);
                said.map(|said| match outcome {
                    Outcome::NotApplicable => PlannedOutcome::NotApplicable(said),
                    Outcome::Unknown => PlannedOutcome::Unknown(said),
                    _ => PlannedOutcome::Invalid(said),
                })
            }
        };
        Some(PlannedAnswer { outcome: outcome?, findings: findings.into_iter().collect::<Option<_>>()? })
    }

    fn scored(&mut self, path: &str, answer: &Answer, scope: &Scope) -> Option<PlannedOutcome> {
        if answer.reason.is_some() {
            self.refuse(
                format!("{path}/reason"),
                "a score has no reason",
                "leave it out, or write `outcome = \"unknown\"`",
            );
        }
        let risk = self.required(path, "risk", answer.risk.as_ref(), "risk = 7000");
        let confidence =
            self.required(path, "confidence", answer.confidence.as_ref(), "confidence = \"usable(cyber.ce)\"");
        let risk = risk.and_then(|risk| {
            let path = format!("{path}/risk");
            self.in_basis_points(&path, risk);
            self.typed(&path, risk, scope, Type::one(Base::Int))
        });
        let confidence =
            confidence.and_then(|confidence| self.confidence(&format!("{path}/confidence"), confidence, scope));
        Some(PlannedOutcome::Scored { risk: risk?.0, confidence: confidence? })
    }

    fn confidence(&mut self, path: &str, confidence: &Expression, scope: &Scope) -> Option<Confidence> {
        self.in_basis_points(path, confidence);
        let (node, of) = self.any(path, confidence, scope)?;
        if is_attestations(of) {
            return Some(Confidence::Attestations(node));
        }
        if of == Type::one(Base::Int) {
            return Some(Confidence::BasisPoints(node));
        }
        self.refuse(
            path,
            &format!("this is {of}"),
            "write an int in basis points, or the attestations that the risk rests on",
        );
        None
    }

    fn in_basis_points(&mut self, path: &str, number: &Expression) {
        if let Expression::Number(number) = number
            && !(0..=i64::from(WHOLE_BP)).contains(number)
        {
            self.refuse(path, &format!("{number} are no basis points"), "write 0 to 10000");
        }
    }

    fn reason(&mut self, path: &str, answer: &Answer, scope: &Scope) -> Option<Said> {
        for (key, expression) in [("risk", &answer.risk), ("confidence", &answer.confidence)] {
            if expression.is_some() {
                self.refuse(format!("{path}/{key}"), "only a score has it", "leave it out, or leave `outcome` out");
            }
        }
        let Some(code) = &answer.reason else {
            self.refuse(path, "an answer that is no score says why", "add `reason = \"CODE\"` of a message");
            return None;
        };
        let (place, message) = self.message(&format!("{path}/reason"), code)?;
        if message.each.is_some() {
            self.refuse(format!("{path}/reason"), "a reason is said once", "name a message without `each`");
        }
        self.said(code, place, message, scope)
    }

    fn finding(&mut self, path: &str, code: &str, scope: &Scope) -> Option<PlannedFinding> {
        let (place, message) = self.message(path, code)?;
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
            if !is_attestations(shown_by) {
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
        let said = self.said(code, place, message, &scope);
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

    fn said(&mut self, code: &str, place: u32, message: &Message, scope: &Scope) -> Option<Said> {
        let path = format!("/messages/{code}");
        for (key, text) in [("text", &message.text), ("remedy", &message.remedy)] {
            for number in places(text) {
                if number.is_none_or(|number| number >= message.arguments.len()) {
                    let message = format!(
                        "it has a place for an argument that is not there; there are {}",
                        message.arguments.len()
                    );
                    self.refuse(
                        format!("{path}/{key}"),
                        &message,
                        "number the places from {0}, one for each of `arguments`",
                    );
                    break;
                }
            }
        }
        let arguments: Vec<_> = (message.arguments.iter().enumerate())
            .map(|(place, argument)| {
                let path = format!("{path}/arguments/{place}");
                let (node, of) = self.any(&path, argument, scope)?;
                if of.many != Many::One || matches!(of.base, Base::Record(_) | Base::Bool | Base::Nothing) {
                    self.refuse(
                        path,
                        &format!("this is {of}, which a message cannot show"),
                        "write a number, a text, a name, a day, an instant or a word",
                    );
                    return None;
                }
                let words = if let Base::Word(words) = of.base { words.words } else { &[] };
                Some(Shown { node, words })
            })
            .collect();
        Some(Said { message: place, arguments: arguments.into_iter().collect::<Option<_>>()? })
    }

    fn message(&mut self, path: &str, code: &str) -> Option<(u32, &'p Message)> {
        self.said.insert(code.to_owned());
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
        found.map(|((_, message), place)| (place, message))
    }

    fn required<'e>(
        &mut self,
        path: &str,
        key: &str,
        value: Option<&'e Expression>,
        example: &str,
    ) -> Option<&'e Expression> {
        if value.is_none() {
            self.refuse(path, &format!("a score has no `{key}`"), &format!("add `{example}`"));
        }
        value
    }

    /// An expression of one type, with what it tells as a condition.
    fn typed(&mut self, path: &str, expression: &Expression, scope: &Scope, wanted: Type) -> Option<(Node, Known)> {
        match self.checker.check(&expression.text(), scope.it, &scope.known) {
            Ok(checked) if checked.of == wanted => Some((checked.node, checked.known)),
            Ok(checked) => {
                let fix = match checked.of.many {
                    Many::Optional if wanted.base == Base::Bool && checked.of.base != Base::Bool => {
                        "ask whether there is one, as `….hasValue()`"
                    }
                    Many::Optional => "give a value for where there is none with `.orValue(…)`",
                    _ if wanted.base == Base::Bool => "ask something of it, as `== …`",
                    _ if wanted.base == Base::Int && checked.of.base == Base::Decimal => {
                        "write `scaled(x, 10000)`, which is so many times it and whole"
                    }
                    _ if wanted.base == Base::Date && checked.of.base == Base::Instant => {
                        "write date_of(…) or last_day(…)"
                    }
                    _ => "correct the expression",
                };
                self.refuse(path, &format!("this is {}, not {wanted}", checked.of), fix);
                None
            }
            Err(mistake) => {
                self.complain(path, &mistake);
                None
            }
        }
    }

    fn any(&mut self, path: &str, expression: &Expression, scope: &Scope) -> Option<(Node, Type)> {
        match self.checker.check(&expression.text(), scope.it, &scope.known) {
            Ok(checked) => Some((checked.node, checked.of)),
            Err(mistake) => {
                self.complain(path, &mistake);
                None
            }
        }
    }

    fn refuse(&mut self, path: impl Into<String>, message: &str, fix: &str) {
        self.problems.push(Problem::of(path, format!("{message}: {fix}")));
    }

    fn complain(&mut self, path: &str, mistake: &Mistake) {
        if mistake.message.is_empty() {
            return;
        }
        let place = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        let within = Some(Span { start: place(mistake.at.start), end: place(mistake.at.end) });
        let message = format!("{}: {}", mistake.message, mistake.fix);
        let problem = Problem { path: path.to_owned(), within, message };
        // A message that several clauses use is checked for each of them.
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}

fn transposed<T>(given: Option<Option<T>>) -> Option<Option<T>> {
    match given {
        Some(Some(value)) => Some(Some(value)),
        Some(None) => None,
        None => Some(None),
    }
}

fn is_attestations(of: Type) -> bool {
    of.base.fits(Base::Record(&ATTESTATION))
}

/// The numbers between braces; `None` for what is none.
fn places(text: &str) -> impl Iterator<Item = Option<usize>> {
    text.split('{').skip(1).map(|after| after.split_once('}').and_then(|(number, _)| number.parse().ok()))
}

impl Plan {
    /// Without what its expressions share.
    fn of(body: Body, misfit: Option<u32>, kinds: Vec<String>, facts: Vec<Fact>) -> Self {
        Self { definitions: Vec::new(), names: Vec::new(), body, misfit, kinds, facts, words: Vec::new() }
    }

    /// What the rule says of one organisation.
    #[must_use]
    pub(crate) fn assess(&self, subject: &Subject) -> Assessment {
        let mut evaluation = Evaluation::new(subject, &self.definitions);
        let (assessment, place) = match &self.body {
            Body::Show(show) => (show.shown(&mut evaluation), String::new()),
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

    /// What could not be calculated, with the named expression or else the clause that it stands in.
    fn failed(&self, fault: &Fault, place: String) -> Assessment {
        let name = fault.within.and_then(|place| self.names.get(place));
        failed(format!("{}{}", fault.why, name.map_or(place, |name| format!(" in `let.{name}`"))))
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

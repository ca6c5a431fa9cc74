//! Planning: every expression is checked where it stands, and all that is wrong is told at its place.

use super::{Body, MISFIT, Plan};
use crate::{
    answer::{Confidence, PlannedAnswer, PlannedOutcome, Said},
    language::{
        Base, Checker, Declared, Known, Many, Mistake, Node, Type, fix_for_condition, nearest,
        vocabulary::is_attestation,
    },
    parameters::{Answer, Expression, Outcome, Parameters},
    show::Show,
};
use std::collections::{BTreeMap, BTreeSet};
use tierwatch_rule::{Fact, Problem, Span, WHOLE_BP};

/// Where an expression is used: what may stand for what there.
#[derive(Clone, Default)]
pub(super) struct Scope {
    pub(super) it: Option<Base>,
    pub(super) known: Vec<String>,
}

/// Plans the rule of `parameters`.
///
/// # Errors
/// Everything that is wrong.
pub(crate) fn plan(parameters: &Parameters) -> Result<Plan, Vec<Problem>> {
    let definitions = parameters.definitions.iter().map(|(name, expression)| (name.clone(), expression.text()));
    let declared = parameters.declared.iter().map(|(name, schema)| Declared::new(name, schema.get()));
    let checker = Checker::new(definitions, declared.collect()).knowing_schemes(parameters.schemes.clone());
    let mut planner =
        Planner { parameters, checker, problems: Vec::new(), reasons: BTreeSet::new(), findings: BTreeSet::new() };
    let plan = planner.plan();
    planner.problems.dedup();
    match plan {
        Some(plan) if planner.problems.is_empty() => {
            let (definitions, words) = planner.checker.into_parts();
            let names = parameters.definitions.keys().cloned().collect();
            let codes = parameters.messages.keys().cloned().collect();
            Ok(Plan { definitions, names, codes, words, ..plan })
        }
        _ => Err(planner.problems),
    }
}

pub(super) struct Planner<'p> {
    pub(super) parameters: &'p Parameters,
    pub(super) checker: Checker,
    problems: Vec<Problem>,
    /// The codes that an answer has for its reason.
    pub(super) reasons: BTreeSet<String>,
    /// Those that an answer lists among its findings.
    pub(super) findings: BTreeSet<String>,
}

impl<'p> Planner<'p> {
    fn plan(&mut self) -> Option<Plan> {
        let parameters = self.parameters;
        self.define();
        if let Some(show) = &parameters.show {
            return self.shown(show);
        }
        let mut scope = Scope::default();
        let mut clauses = Vec::new();
        for (index, clause) in parameters.clauses.iter().enumerate() {
            let path = format!("/clauses/{index}");
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
        parameters.messages.iter().for_each(|(code, message)| self.message_used(code, message));
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

    fn define(&mut self) {
        let parameters = self.parameters;
        let mut mistakes: BTreeMap<usize, Mistake> = self.checker.define().into_iter().collect();
        for (index, name) in parameters.definitions.keys().enumerate() {
            let path = format!("/let/{name}");
            match (self.checker.taken(name), mistakes.remove(&index)) {
                (Some(why), _) => self.refuse(path, &why, "choose another name"),
                (None, Some(mistake)) => self.complain(&path, &mistake),
                (None, None) => {}
            }
        }
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

    /// The index of the message about what does not fit, after `messages` others, where an attestation of a declared kind is read.
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
        let mut kinds = self.named_kinds();
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

    /// The kinds that the expressions name and those that are listed, once each.
    fn named_kinds(&mut self) -> Vec<String> {
        let mut kinds: Vec<String> = self.checker.kinds().map(str::to_owned).collect();
        let known = self.checker.known_kinds();
        for (index, kind) in self.parameters.kinds.iter().enumerate() {
            match nearest(kind, &known) {
                Some(near) if !known.contains(&&**kind) => {
                    let message = format!("`{kind}` is no kind: did you mean `{near}`?");
                    self.problems.push(Problem::of(format!("/kinds/{index}"), message));
                }
                _ if kinds.contains(kind) => {}
                _ => kinds.push(kind.clone()),
            }
        }
        kinds
    }

    /// The kinds that cross.
    fn kinds(&mut self) -> Vec<String> {
        let kinds = self.named_kinds();
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
            .map(|(index, code)| self.finding(&format!("{path}/findings/{index}"), code, scope))
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
            let typed = self.typed(&path, risk, scope, Type::one(Base::Int))?;
            self.in_basis_points(&path, &typed.0);
            Some(typed)
        });
        let confidence =
            confidence.and_then(|confidence| self.confidence(&format!("{path}/confidence"), confidence, scope));
        Some(PlannedOutcome::Scored { risk: risk?.0, confidence: confidence? })
    }

    fn confidence(&mut self, path: &str, confidence: &Expression, scope: &Scope) -> Option<Confidence> {
        let (node, of) = self.any(path, confidence, scope)?;
        self.in_basis_points(path, &node);
        if is_attestation(of.base) {
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

    /// Refuses a number that is written there and is none of basis points.
    fn in_basis_points(&mut self, path: &str, node: &Node) {
        if let Some(number) = node.whole().filter(|number| !(0..=i64::from(WHOLE_BP)).contains(number)) {
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
        self.reasons.insert(code.clone());
        let (index, message) = self.message(&format!("{path}/reason"), code)?;
        if message.each.is_some() {
            self.refuse(format!("{path}/reason"), "a reason is said once", "name a message without `each`");
        }
        self.said(code, index, message, scope)
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
    pub(super) fn typed(
        &mut self,
        path: &str,
        expression: &Expression,
        scope: &Scope,
        wanted: Type,
    ) -> Option<(Node, Known)> {
        match self.checker.check(&expression.text(), scope.it, &scope.known) {
            Ok(checked) if checked.of == wanted => Some((checked.node, checked.known)),
            Ok(checked) => {
                self.refuse(path, &format!("this is {}, not {wanted}", checked.of), fix_for(checked.of, wanted.base));
                None
            }
            Err(mistake) => {
                self.complain(path, &mistake);
                None
            }
        }
    }

    pub(super) fn any(&mut self, path: &str, expression: &Expression, scope: &Scope) -> Option<(Node, Type)> {
        match self.checker.check(&expression.text(), scope.it, &scope.known) {
            Ok(checked) => Some((checked.node, checked.of)),
            Err(mistake) => {
                self.complain(path, &mistake);
                None
            }
        }
    }

    pub(super) fn refuse(&mut self, path: impl Into<String>, message: &str, fix: &str) {
        let problem = Problem::of(path, told(message, fix));
        // A message that several clauses use is looked at for each of them.
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn complain(&mut self, path: &str, mistake: &Mistake) {
        if mistake.message.is_empty() {
            return;
        }
        let offset = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
        let within = Some(Span { start: offset(mistake.at.start), end: offset(mistake.at.end) });
        let problem = Problem { path: path.to_owned(), within, message: told(&mistake.message, &mistake.fix) };
        // A message that several clauses use is checked for each of them.
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}

/// A problem as the daemon reads it: the last colon that a space follows, outside of what is code, stands before the fix.
fn told(message: &str, fix: &str) -> String {
    let parts = fix.split('`').enumerate();
    let fix: Vec<String> =
        parts.map(|(index, part)| if index % 2 == 0 { part.replace(": ", ":") } else { part.to_owned() }).collect();
    format!("{message}: {}", fix.join("`"))
}

/// How to make what is wanted of something else.
fn fix_for(of: Type, wanted: Base) -> &'static str {
    match (wanted, of.many, of.base) {
        (Base::Bool, ..) => fix_for_condition(of).unwrap_or(match of.many {
            Many::Optional => "give a value for where there is none with `.orValue(…)`",
            _ => "ask something of it, as `== …`",
        }),
        (_, Many::Optional, Base::Record(_)) => "read a field of it, as `.?days.orValue(…)`",
        (_, Many::Optional, _) => "give a value for where there is none with `.orValue(…)`",
        (Base::Int, Many::List, Base::Int) => "add them up, as `(…).sum()`, or count them, as `(…).size()`",
        (Base::Int, Many::List, _) => "count them, as `(…).size()`",
        (Base::Int, Many::One, Base::Decimal) => "write `scaled(x, 10000)`, which is so many times it and whole",
        (Base::Int, Many::One, Base::Bool) => "write a number for each case, as `… ? 10000 : 0`",
        (Base::Date, Many::One, Base::Instant) => "write date_of(…) or last_day(…)",
        (_, Many::List, _) => "take one with first(), last() or greatest(…)",
        _ => "correct the expression",
    }
}

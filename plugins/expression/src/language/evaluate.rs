//! Evaluating an expression over one subject. What can go wrong with types has been ruled out; what is left (an overflow, a
//! division by zero) is kept as a fault, and what was made of it means nothing.

use super::{
    declared::{self, Misfit},
    item::Item,
    node::{Arithmetic, Comparison, Each, Node},
    types::{Field, Get},
    value::{Text, Value},
    vocabulary::{Variable, kind_of},
};
use std::{cmp::Ordering, rc::Rc};
use tierwatch_rule::{Attestation, Claims, Subject, date_of};

/// One subject, with what is known of it so far.
pub struct Evaluation<'s> {
    subject: &'s Subject,
    definitions: &'s [Node],
    /// What the named expressions came to: each is evaluated once, when it is first asked for.
    defined: Vec<Option<Value<'s>>>,
    locals: Vec<Value<'s>>,
    /// What is being evaluated, if it has a name.
    within: Option<Within>,
    /// The first attestation that did not fit its kind's schema.
    misfit: Option<Misfit<'s>>,
    /// What could not be calculated first.
    fault: Option<Fault>,
}

/// What could not be calculated: the rule's failure, never the supplier's.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Why, as a noun.
    pub why: String,
    /// What it happened in, if that has a name.
    pub within: Option<Within>,
}

/// What has a name of its own in a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// The named expression at this index.
    Let(usize),
    /// The message at this index.
    Message(u32),
}

impl<'s> Evaluation<'s> {
    /// Nothing is evaluated yet.
    #[must_use]
    pub fn new(subject: &'s Subject, definitions: &'s [Node]) -> Self {
        Self {
            subject,
            definitions,
            defined: vec![None; definitions.len()],
            locals: Vec::new(),
            within: None,
            misfit: None,
            fault: None,
        }
    }

    /// What `then` gives while `it` stands for an element.
    pub fn with<T>(&mut self, it: Value<'s>, then: impl FnOnce(&mut Self) -> T) -> T {
        self.locals.push(it);
        let given = then(self);
        self.locals.pop();
        given
    }

    /// What `then` gives, whose faults are the message's at that index.
    pub fn within_message<T>(&mut self, message: u32, then: impl FnOnce(&mut Self) -> T) -> T {
        let outside = self.within.replace(Within::Message(message));
        let given = then(self);
        self.within = outside;
        given
    }

    fn of_each(&mut self, node: &'s Node, it: Value<'s>) -> Value<'s> {
        self.with(it, |evaluation| evaluation.value(node))
    }

    /// Whether `node` is true.
    pub fn holds(&mut self, node: &'s Node) -> bool {
        self.value(node).is_true()
    }

    /// What `node` comes to.
    pub fn value(&mut self, node: &'s Node) -> Value<'s> {
        match node {
            Node::Bool(flag) => Value::Bool(*flag),
            Node::Int(number) => Value::Int(*number),
            Node::Decimal(number) => Value::Decimal(*number),
            Node::Text(text) => Value::Text(Text::Borrowed(text)),
            Node::Date(date) => Value::Date(*date),
            Node::Word(index) => Value::Word(*index),
            Node::Named(index) => {
                Value::of(self.subject.words.as_deref().unwrap_or_default().get(*index).copied(), Value::Name)
            }
            Node::Variable(variable) => self.variable(*variable),
            Node::Let(index) => self.defined(*index),
            Node::Local(index) => self.locals.get(*index).cloned().unwrap_or(Value::Absent),
            Node::Field(of, field) => match self.value(of) {
                Value::Item(item) => self.field(item, field),
                _ => Value::Absent,
            },
            Node::Present(of) => Value::Bool(!matches!(self.value(of), Value::Absent)),
            Node::Otherwise(of, other) => match self.value(of) {
                Value::Absent => self.value(other),
                value => value,
            },
            Node::And(left, right) => Value::Bool(self.holds(left) && self.holds(right)),
            Node::Or(left, right) => Value::Bool(self.holds(left) || self.holds(right)),
            Node::Not(of) => Value::Bool(!self.holds(of)),
            Node::If(condition, yes, no) => {
                if self.holds(condition) {
                    self.value(yes)
                } else {
                    self.value(no)
                }
            }
            Node::Compare(comparison, left, right) => {
                let (left, right) = (self.value(left), self.value(right));
                Value::Bool(compared(*comparison, &left, &right))
            }
            Node::Arithmetic(arithmetic, left, right) => {
                let (left, right) = (self.value(left).rank(), self.value(right).rank());
                self.calculated(calculated(*arithmetic, left, right))
            }
            Node::Negate(of) => {
                let negated = self.value(of).rank().checked_neg();
                self.calculated(negated.map_or(Value::Failed("a number that overflows"), Value::Int))
            }
            Node::Contains(one, list) => {
                let (one, list) = (self.value(one), self.value(list).elements());
                Value::Bool(list.iter().any(|element| element.equals(&one)))
            }
            Node::Join(parts) => {
                let mut all = Vec::new();
                for part in parts {
                    all.extend_from_slice(&self.value(part).elements());
                }
                Value::List(all.into())
            }
            Node::Each(each, list, bodies) => self.each(*each, list, bodies),
            Node::Call(function, arguments) => {
                let given: Vec<Value<'s>> = arguments.iter().map(|argument| self.value(argument)).collect();
                self.calculated((function.apply)(&given))
            }
        }
    }

    /// `value`, or nothing where it could not be calculated.
    fn calculated(&mut self, value: Value<'s>) -> Value<'s> {
        match value {
            Value::Failed(why) => {
                self.fail(why);
                Value::Absent
            }
            value => value,
        }
    }

    /// Keeps that the rule cannot answer, unless it could not before.
    pub fn fail(&mut self, why: impl Into<String>) {
        let within = self.within;
        self.fault.get_or_insert_with(|| Fault { why: why.into(), within });
    }

    /// What could not be calculated first.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// The first attestation that did not fit the schema of its kind, where one was met: what was made of it means nothing.
    #[must_use]
    pub fn misfit(&self) -> Option<&Misfit<'s>> {
        self.misfit.as_ref()
    }

    /// What an item has as a field.
    pub fn field(&mut self, item: Item<'s>, field: &Field) -> Value<'s> {
        match field.get {
            Get::Known(get) => get(item),
            Get::Never { .. } => Value::Absent,
            Get::Named => declared::value(item, field).unwrap_or_else(|misfit| {
                self.misfit.get_or_insert(misfit);
                Value::Absent
            }),
        }
    }

    fn variable(&self, variable: Variable) -> Value<'s> {
        let subject = self.subject;
        let of_kind = |is_meant: &dyn Fn(&Attestation) -> bool| {
            let meant = subject.evidence.iter().filter(|one| is_meant(one));
            Value::List(meant.map(|one| Value::Item(Item::Attestation(one))).collect::<Rc<[_]>>())
        };
        match variable {
            Variable::AsOf => Value::Instant(subject.as_of),
            Variable::Today => Value::Date(date_of(subject.as_of)),
            Variable::Itself => Value::Name(0),
            Variable::Evidence => Value::list(&subject.evidence, |one| Value::Item(Item::Attestation(one))),
            Variable::Kind(index) => of_kind(&|one| kind_of(&one.claims).map(usize::from) == Some(index)),
            Variable::Declared(kind) => {
                of_kind(&|one| matches!(&one.claims, Claims::Declared(declared) if declared.kind == kind))
            }
            Variable::Requirement => Value::of(subject.requirement.as_ref(), |one| Value::Item(Item::Requirement(one))),
            Variable::Needs => {
                let needs = subject.needs.as_deref().unwrap_or_default();
                Value::list(needs, |need| Value::Item(Item::Need(need)))
            }
            Variable::Impact => Value::of(subject.impact.as_ref(), |one| Value::Item(Item::Impact(one))),
            Variable::Ownership => Value::of(subject.ownership.as_ref(), |one| Value::Item(Item::Ownership(one))),
        }
    }

    fn defined(&mut self, index: usize) -> Value<'s> {
        if let Some(Some(known)) = self.defined.get(index) {
            return known.clone();
        }
        // A definition stands for itself: it sees no variable of the macro that it is used in.
        let outside = (std::mem::take(&mut self.locals), self.within.replace(Within::Let(index)));
        let definitions: &'s [Node] = self.definitions;
        let value = definitions.get(index).map_or(Value::Absent, |node| self.value(node));
        (self.locals, self.within) = outside;
        if let Some(slot) = self.defined.get_mut(index) {
            *slot = Some(value.clone());
        }
        value
    }

    fn each(&mut self, each: Each, list: &'s Node, bodies: &'s [Node]) -> Value<'s> {
        let elements = self.value(list).elements();
        let [body, rest @ ..] = bodies else { return Value::Absent };
        let mut holds = |element: &Value<'s>| self.of_each(body, element.clone()).is_true();
        match each {
            Each::All => Value::Bool(elements.iter().all(holds)),
            Each::Exists => Value::Bool(elements.iter().any(holds)),
            Each::ExistsOne => Value::Bool(elements.iter().filter(|element| holds(element)).count() == 1),
            Each::Filter => Value::List(elements.iter().filter(|element| holds(element)).cloned().collect()),
            Each::Map => Value::List(elements.iter().map(|element| self.of_each(body, element.clone())).collect()),
            Each::FilterMap => {
                let mut made = Vec::new();
                for element in elements.iter() {
                    if self.of_each(body, element.clone()).is_true() {
                        made.extend(rest.first().map(|of| self.of_each(of, element.clone())));
                    }
                }
                Value::List(made.into())
            }
            Each::Greatest | Each::Least => {
                let mut best: Option<(Vec<i64>, &Value<'s>)> = None;
                for element in elements.iter() {
                    let keys: Vec<i64> = bodies.iter().map(|key| self.of_each(key, element.clone()).rank()).collect();
                    let better = best.as_ref().is_none_or(|(kept, _)| match each {
                        Each::Greatest => keys >= *kept,
                        _ => keys < *kept,
                    });
                    if better {
                        best = Some((keys, element));
                    }
                }
                best.map_or(Value::Absent, |(_, element)| element.clone())
            }
        }
    }
}

fn compared(comparison: Comparison, left: &Value<'_>, right: &Value<'_>) -> bool {
    let order = left.compared(right);
    match comparison {
        Comparison::Equal => left.equals(right),
        Comparison::Unequal => !left.equals(right),
        Comparison::Less => order == Ordering::Less,
        Comparison::AtMost => order != Ordering::Greater,
        Comparison::Greater => order == Ordering::Greater,
        Comparison::AtLeast => order != Ordering::Less,
    }
}

fn calculated<'s>(arithmetic: Arithmetic, left: i64, right: i64) -> Value<'s> {
    let (result, why) = match arithmetic {
        Arithmetic::Add => (left.checked_add(right), "a sum that overflows"),
        Arithmetic::Subtract => (left.checked_sub(right), "a difference that overflows"),
        Arithmetic::Multiply => (left.checked_mul(right), "a product that overflows"),
        // The least number divided by -1 overflows.
        Arithmetic::Divide | Arithmetic::Remainder if right != 0 => {
            let result =
                if arithmetic == Arithmetic::Divide { left.checked_div(right) } else { left.checked_rem(right) };
            (result, "a quotient that overflows")
        }
        Arithmetic::Divide | Arithmetic::Remainder => (None, "a division by zero"),
    };
    result.map_or(Value::Failed(why), Value::Int)
}

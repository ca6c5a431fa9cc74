//! From the syntax of an expression to what is evaluated: every name is resolved and every part gets its type, or the mistake
//! is shown at its place with the fix.

use super::{
    combine,
    facts::Known,
    kinds::{begun_by, is_written},
    node::{Node, Variable},
    parse::{Places, parse},
    schema,
    spelling::{article, fix_for, nearest, shown},
    types::{Base, Many, Type},
    vocabulary::{Field, GIVEN, Get, KINDS, Record},
};
use cel::{
    IdedExpr,
    common::ast::{Expr, LiteralValue, SelectExpr},
};
use std::{collections::BTreeSet, ops::Range};
use tierwatch_rule::Fact;

/// What is wrong with an expression, and where in its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The bytes that are meant.
    pub at: Range<usize>,
    /// What is wrong; empty when it has been said at another place.
    pub message: String,
    /// What to write instead.
    pub fix: String,
}

impl Mistake {
    /// One that has been said at another place.
    fn told() -> Self {
        Self { at: 0..0, message: String::new(), fix: String::new() }
    }
}

/// An expression that makes sense.
#[derive(Debug)]
pub struct Checked {
    /// What is evaluated.
    pub node: Node,
    /// What it gives.
    pub of: Type,
    /// What it tells when it is a condition.
    pub known: Known,
}

/// A named expression.
#[derive(Debug)]
struct Definition {
    name: String,
    text: String,
    state: State,
}

#[derive(Debug)]
enum State {
    Unchecked,
    /// It is being checked: whoever asks for it now defines it by itself.
    Open,
    Checked(Type, Known),
    Refused,
}

/// A kind that the configuration declares.
#[derive(Debug)]
pub struct Declared {
    name: &'static str,
    /// The JSON Schema of its claims.
    schema: String,
    /// What it makes of them, once an expression names the kind: most rules name few.
    record: Option<&'static Record>,
}

impl Declared {
    /// The kind `name`, whose claims `schema` describes, in JSON.
    #[must_use]
    pub fn new(name: &str, schema: &str) -> Self {
        Self { name: String::leak(name.to_owned()), schema: schema.to_owned(), record: None }
    }

    fn record(&mut self) -> &'static Record {
        let made = || schema::record(self.name, &serde_json::from_str(&self.schema).unwrap_or_default());
        let record = self.record.unwrap_or_else(made);
        self.record = Some(record);
        record
    }
}

/// What all expressions of a rule share: its named expressions, and what they read together.
#[derive(Debug, Default)]
pub struct Checker {
    definitions: Vec<Definition>,
    nodes: Vec<Node>,
    words: Vec<String>,
    declared: Vec<Declared>,
    /// Those that are named: their places among the built-in ones and then the declared ones.
    kinds: BTreeSet<usize>,
    facts: Vec<Fact>,
    all_evidence: bool,
    /// Whether why there is no `it` has been said: whatever names it says nothing of it.
    pub it_is_told: bool,
    /// The named expressions that some expression names, by their places.
    used: BTreeSet<usize>,
    /// In the named expressions, by their places.
    mistakes: Vec<(usize, Mistake)>,
}

/// One expression while it is checked.
pub(super) struct Check<'c> {
    pub(super) rule: &'c mut Checker,
    text: &'c str,
    pub(super) locals: Vec<(String, Type)>,
    /// The paths that are known to have a value here.
    pub(super) known: Vec<String>,
}

pub(super) type Part = (Node, Type);

impl Checker {
    /// With these named expressions, which may name one another, and with these kinds beside those of the vocabulary.
    pub fn new(definitions: impl IntoIterator<Item = (String, String)>, declared: Vec<Declared>) -> Self {
        let definition = |(name, text)| Definition { name, text, state: State::Unchecked };
        let definitions: Vec<_> = definitions.into_iter().map(definition).collect();
        let nodes = definitions.iter().map(|_| Node::Bool(false)).collect();
        Self { definitions, nodes, declared, ..Self::default() }
    }

    /// Checks `text`, in which `it` is an element of a list if there is one, and `known` are paths that have a value.
    ///
    /// # Errors
    /// The first mistake.
    pub fn check(&mut self, text: &str, it: Option<Base>, known: &[String]) -> Result<Checked, Mistake> {
        let syntax = parse(text)?;
        let locals = it.map(|base| ("it".to_owned(), Type::one(base))).into_iter().collect();
        let mut check = Check { rule: self, text, locals, known: known.to_vec() };
        let (node, of) = check.part(&syntax)?;
        let known = check.known_by(&syntax);
        Ok(Checked { node, of, known })
    }

    /// Checks all named expressions; the mistakes in them, each with the place of its expression.
    pub fn define(&mut self) -> Vec<(usize, Mistake)> {
        (0..self.definitions.len()).for_each(|place| self.define_one(place));
        std::mem::take(&mut self.mistakes)
    }

    fn define_one(&mut self, place: usize) {
        let definition = &mut self.definitions[place];
        if !matches!(definition.state, State::Unchecked) {
            return;
        }
        definition.state = State::Open;
        let text = definition.text.clone();
        self.definitions[place].state = match self.check(&text, None, &[]) {
            Ok(Checked { node, of, known }) => {
                self.nodes[place] = node;
                State::Checked(of, known)
            }
            Err(mistake) => {
                self.mistakes.push((place, mistake));
                State::Refused
            }
        };
    }

    /// What the named expressions are evaluated as, in their order.
    #[must_use]
    pub fn into_parts(self) -> (Vec<Node>, Vec<String>) {
        (self.nodes, self.words)
    }

    /// The kinds that are named.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> {
        let known = self.known_kinds();
        self.kinds.iter().filter_map(move |place| known.get(*place).copied())
    }

    /// Whether a kind is named that the configuration declares.
    #[must_use]
    pub fn reads_declared(&self) -> bool {
        self.kinds.last().is_some_and(|place| *place >= KINDS.len())
    }

    /// All kinds that there are.
    #[must_use]
    pub fn known_kinds(&self) -> Vec<&'static str> {
        KINDS.iter().map(|kind| kind.name).chain(self.declared.iter().map(|kind| kind.name)).collect()
    }

    /// The facts that are named.
    #[must_use]
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// The named expressions that nothing names, each with the one among the others that may be meant.
    #[must_use]
    pub fn unused(&self) -> Vec<(&str, Option<&str>)> {
        let names: Vec<&str> = self.definitions.iter().map(|definition| definition.name.as_str()).collect();
        let unused = names.iter().enumerate().filter(|(place, _)| !self.used.contains(place)).map(|(_, name)| *name);
        let meant = |name: &str| {
            let others: Vec<&str> = names.iter().copied().filter(|other| *other != name).collect();
            nearest(name, &others)
        };
        unused.map(|name| (name, meant(name))).collect()
    }

    /// Whether all evidence is asked for.
    #[must_use]
    pub fn reads_all_evidence(&self) -> bool {
        self.all_evidence
    }

    pub(super) fn name_kind(&mut self, place: usize) {
        self.kinds.insert(place);
    }

    /// What claims of the declared kind at `place` are.
    pub(super) fn declared_record(&mut self, place: usize) -> Option<&'static Record> {
        self.declared.get_mut(place).map(Declared::record)
    }

    pub(super) fn defines(&self, name: &str) -> bool {
        self.definitions.iter().any(|definition| definition.name == name)
    }

    pub(super) fn word(&mut self, text: &str) -> usize {
        self.words.iter().position(|word| word == text).unwrap_or_else(|| {
            self.words.push(text.to_owned());
            self.words.len() - 1
        })
    }
}

impl Check<'_> {
    pub(super) fn mistake(&self, at: &IdedExpr, message: impl Into<String>, fix: impl Into<String>) -> Mistake {
        Mistake { at: Places::of(self.text).of_part(at), message: message.into(), fix: fix.into() }
    }

    /// The place and the type of a macro's variable.
    pub(super) fn local(&self, name: &str) -> Option<(usize, Type)> {
        let place = self.locals.iter().rposition(|(local, _)| local == name)?;
        Some((place, self.locals[place].1))
    }

    /// What a named condition tells.
    pub(super) fn known_by_definition(&self, name: &str) -> Known {
        let named = |definition: &&Definition| definition.name == name && self.local(name).is_none();
        match self.rule.definitions.iter().find(named).map(|definition| &definition.state) {
            Some(State::Checked(_, known)) => known.clone(),
            _ => Known::default(),
        }
    }

    /// A part, which is there for certain where that is known.
    pub(super) fn part(&mut self, expression: &IdedExpr) -> Result<Part, Mistake> {
        let (node, of) = self.unsure(expression)?;
        let is_known =
            of.many == Many::Optional && self.path(expression).is_some_and(|path| self.known.contains(&path));
        Ok((node, if is_known { Type::one(of.base) } else { of }))
    }

    pub(super) fn unsure(&mut self, expression: &IdedExpr) -> Result<Part, Mistake> {
        match &expression.expr {
            Expr::Literal(literal) => self.literal(expression, literal),
            Expr::Ident(name) => self.variable(expression, name),
            Expr::Select(select) => self.select(expression, select),
            Expr::List(list) => self.list(list),
            Expr::Comprehension(expanded) => match combine::of(expanded) {
                Some(found) => self.each(expression, found.each, found.list, found.variable, &found.bodies),
                None => Err(self.mistake(
                    expression,
                    "this macro is not known",
                    "use exists, all, exists_one, filter or map",
                )),
            },
            Expr::Call(call) => self.call(expression, call),
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                Err(self.mistake(expression, "an expression makes no records", "name the values that are needed"))
            }
        }
    }

    fn literal(&self, at: &IdedExpr, literal: &LiteralValue) -> Result<Part, Mistake> {
        Ok(match literal {
            LiteralValue::Boolean(flag) => (Node::Bool(*flag.inner()), Type::one(Base::Bool)),
            LiteralValue::Int(number) => (Node::Int(*number.inner()), Type::one(Base::Int)),
            LiteralValue::String(text) => (Node::Text(text.inner().to_owned()), Type::one(Base::Text)),
            LiteralValue::Double(_) => {
                let fix = "write basis points for a risk or a share, as 2500 for 25 %, and millionths for degrees, as \
                           51500000 for 51.5; a decimal of a declared kind is compared as `scaled(x, 100) > 50`";
                return Err(self.mistake(at, "numbers here are whole", fix));
            }
            LiteralValue::UInt(_) => return Err(self.mistake(at, "numbers have no `u`", "leave the `u` out")),
            LiteralValue::Null => {
                return Err(self.mistake(at, "nothing is null", "ask `has(x.y)` or `x.hasValue()` instead"));
            }
            LiteralValue::Bytes(_) => return Err(self.mistake(at, "there are no bytes", "write a text in quotes")),
        })
    }

    fn variable(&mut self, at: &IdedExpr, name: &str) -> Result<Part, Mistake> {
        if let Some((place, of)) = self.local(name) {
            return Ok((Node::Local(place), of));
        }
        if let Some(place) = self.rule.definitions.iter().position(|definition| definition.name == name) {
            return self.defined(at, place);
        }
        if let Some(given) = GIVEN.iter().find(|given| given.name == name) {
            self.rule.all_evidence |= given.variable == Variable::Evidence;
            if let Some(fact) = given.fact.filter(|fact| !self.rule.facts.contains(fact)) {
                self.rule.facts.push(fact);
            }
            return Ok((Node::Variable(given.variable), given.of));
        }
        if let Some(part) = self.kind(name) {
            return Ok(part);
        }
        let own = self.locals.iter().map(|(name, _)| name.as_str());
        let known: Vec<&str> = own
            .chain(self.rule.definitions.iter().map(|definition| definition.name.as_str()))
            .chain(GIVEN.iter().map(|given| given.name))
            .chain(self.rule.known_kinds())
            .collect();
        let fix = match (self.unwritable(name), nearest(name, &known)) {
            _ if name == "it" && self.rule.it_is_told => return Err(Mistake::told()),
            _ if name == "it" => "add `each` to the message: a list, whose elements `it` is in turn".to_owned(),
            (Some(kind), _) => format!("write `kind('{kind}')` for the kind of that name"),
            (None, Some(near)) => format!("did you mean `{near}`?"),
            (None, None) => "rules/README.md lists the variables; define others under `let`, and kinds of your own under [[kinds]] of \
                             the configuration"
                .to_owned(),
        };
        Err(self.mistake(at, format!("`{name}` is no variable"), fix))
    }

    fn defined(&mut self, at: &IdedExpr, place: usize) -> Result<Part, Mistake> {
        if matches!(self.rule.definitions[place].state, State::Open) {
            let name = &self.rule.definitions[place].name;
            let message = format!("`{name}` is defined by itself");
            return Err(self.mistake(at, message, "take it out of what it is defined by"));
        }
        self.rule.used.insert(place);
        self.rule.define_one(place);
        match &self.rule.definitions[place].state {
            State::Checked(of, _) => Ok((Node::Let(place), *of)),
            // The mistake is shown where it is made.
            _ => Err(Mistake::told()),
        }
    }

    fn select(&mut self, at: &IdedExpr, select: &SelectExpr) -> Result<Part, Mistake> {
        if let Some(kind) = self.selected_kind(at, select) {
            return kind;
        }
        let (operand, of) = self.part(&select.operand)?;
        let field = self.field(at, &select.operand, of, &select.field)?;
        if !select.test {
            return Ok((Node::Field(operand.into(), field), field.of));
        }
        if field.of.many == Many::Optional {
            return Ok((Node::Present(Node::Field(operand.into(), field).into()), Type::one(Base::Bool)));
        }
        Err(self.mistake(at, format!("`{}` is always there", select.field), "leave `has` out"))
    }

    pub(super) fn field(
        &self,
        at: &IdedExpr,
        operand: &IdedExpr,
        of: Type,
        name: &str,
    ) -> Result<&'static Field, Mistake> {
        let called = self.path(operand).map_or_else(|| "this".to_owned(), |path| format!("`{}`", shown(&path)));
        match of {
            Type { base: Base::Record(record), many: Many::One } => match find_field(record, name) {
                Some(Field { get: Get::Never { why, fix }, .. }) => {
                    Err(self.mistake(at, format!("`{name}` cannot be read: {why}"), *fix))
                }
                Some(field) => Ok(field),
                None => {
                    let known: Vec<&str> = record.all_fields().map(|field| field.name).collect();
                    let begun = begun_by(name, known.iter().copied());
                    let fix = match begun.or_else(|| nearest(name, &known)) {
                        Some(near) if is_written(near) => format!("did you mean `{near}`?"),
                        Some(near) => format!("write `.field('{near}')` for the field of that name"),
                        None => format!("its fields are {}", known.join(", ")),
                    };
                    Err(self.mistake(at, format!("the {} {called} has no field `{name}`", record.name), fix))
                }
            },
            Type { many: Many::Optional, .. } => Err(self.absent_with(at, operand, Some(name))),
            Type { many: Many::List, .. } => {
                let fix =
                    "take one with first(), last() or greatest(…), or ask of each with exists(…), filter(…) or map(…)";
                Err(self.mistake(at, format!("{called} is a {of}"), fix))
            }
            of => Err(self.mistake(
                at,
                format!("{called} is {} {of}, which has no fields", article(of)),
                "leave the field out",
            )),
        }
    }

    /// What can be absent is used as if it were there.
    pub(super) fn absent(&self, at: &IdedExpr, operand: &IdedExpr) -> Mistake {
        self.absent_with(at, operand, None)
    }

    /// The same where it is asked for a field of this name.
    fn absent_with(&self, at: &IdedExpr, operand: &IdedExpr, field: Option<&str>) -> Mistake {
        let path = self.path(operand).map(|path| shown(&path));
        let ask = match (&path, &operand.expr) {
            (Some(path), Expr::Select(_)) => format!("ask `has({path}) &&` before, or "),
            (Some(path), _) => format!("ask `{path}.hasValue() &&` before, or "),
            (None, _) if field.is_none() => "name it under `let` and ask `hasValue()` before, or ".to_owned(),
            (None, _) => String::new(),
        };
        let value = match (field, &path, &operand.expr) {
            (Some(field), ..) => format!("`.?{field}.orValue(…)` in the place of `.{field}`"),
            (None, Some(path), Expr::Select(select)) => {
                let before = path.strip_suffix(&format!(".{}", select.field)).unwrap_or(path);
                format!("`{before}.?{}.orValue(…)`", select.field)
            }
            (None, path, _) => format!("`{}.orValue(…)`", path.as_deref().unwrap_or_default()),
        };
        let called = path.map_or_else(|| "this".to_owned(), |path| format!("`{path}`"));
        self.mistake(at, format!("{called} may be absent"), format!("{ask}give a value for then with {value}"))
    }

    /// A part of which there is exactly one.
    pub(super) fn one(&mut self, expression: &IdedExpr) -> Result<(Node, Base), Mistake> {
        match self.part(expression)? {
            (node, Type { base, many: Many::One }) => Ok((node, base)),
            (_, Type { many: Many::Optional, .. }) => Err(self.absent(expression, expression)),
            (_, of) => Err(self.mistake(
                expression,
                format!("this is a {of}, not one value"),
                "take one with first(), last() or greatest(…)",
            )),
        }
    }

    pub(super) fn of_base(&mut self, expression: &IdedExpr, wanted: Base) -> Result<Node, Mistake> {
        match self.one(expression)? {
            (node, base) if base == wanted => Ok(node),
            (_, base) => {
                let (this, wanted) = (Type::one(base), Type::one(wanted));
                let message = format!("this is {} {this}, not {} {wanted}", article(this), article(wanted));
                Err(self.mistake(expression, message, fix_for(base, wanted.base)))
            }
        }
    }
}

fn find_field(record: &'static Record, name: &str) -> Option<&'static Field> {
    record.all_fields().find(|field| field.name == name)
}

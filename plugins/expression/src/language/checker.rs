//! What all expressions of a rule share: its named expressions, the kinds that are declared, and what they read together.

use super::{
    check::Check,
    facts::Known,
    node::Node,
    order,
    parse::parse,
    schema,
    spelling::nearest,
    types::{Base, Type},
    vocabulary::{KINDS, Record},
};
use cel::IdedExpr;
use std::{collections::BTreeSet, ops::Range};
use tierwatch_rule::Fact;

/// Most texts that the names of one rule are compared with: the contract takes no more.
pub(super) const MAX_WORDS: usize = 256;

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
    pub(super) fn told() -> Self {
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
    /// How deep it is nested, with the named expressions in it.
    pub(super) depth: usize,
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
    /// It waits for those that it names, or is being checked: whoever names it now defines it by itself.
    Open(Option<IdedExpr>),
    Checked {
        of: Type,
        known: Known,
        depth: usize,
    },
    Refused,
}

/// What a named expression is where it is named.
pub(super) enum Named<'c> {
    /// Of this type, and so deep.
    Checked(Type, usize),
    /// It is defined by itself.
    Open(&'c str),
    /// It makes no sense, which has been said where it is written.
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
        self.define_all();
        let syntax = self.parsed(text)?;
        self.checked(text, &syntax, it, known)
    }

    fn checked(
        &mut self,
        text: &str,
        syntax: &IdedExpr,
        it: Option<Base>,
        known: &[String],
    ) -> Result<Checked, Mistake> {
        let checked = Check::new(self, text, it, known).whole(syntax);
        checked.or_else(|_| Check::new(self, text, it, known).with_places().whole(syntax))
    }

    /// Checks all named expressions; the mistakes in them, each with the place of its expression.
    pub fn define(&mut self) -> Vec<(usize, Mistake)> {
        self.define_all();
        std::mem::take(&mut self.mistakes)
    }

    fn define_all(&mut self) {
        (0..self.definitions.len()).for_each(|place| self.define_one(place));
    }

    /// Checks a named expression after those that it names: the stack is small, and a chain of them may be long.
    fn define_one(&mut self, place: usize) {
        let mut waiting = vec![place];
        while let Some(place) = waiting.last().copied() {
            match self.definitions[place].state {
                State::Unchecked => waiting.extend(self.open(place)),
                State::Open(_) => self.settle(place),
                State::Checked { .. } | State::Refused => _ = waiting.pop(),
            }
        }
    }

    /// Reads a named expression; those that it names and that are to be checked before.
    fn open(&mut self, place: usize) -> Vec<usize> {
        let syntax = match self.parsed(&self.definitions[place].text) {
            Ok(syntax) => syntax,
            Err(mistake) => {
                self.refuse(place, mistake);
                return Vec::new();
            }
        };
        let names = order::named(&syntax);
        let is_wanted = |one: &Definition| matches!(one.state, State::Unchecked) && names.contains(one.name.as_str());
        let wanted =
            (0..self.definitions.len()).filter(|other| *other != place && is_wanted(&self.definitions[*other]));
        let wanted = wanted.collect();
        self.definitions[place].state = State::Open(Some(syntax));
        wanted
    }

    /// Checks a named expression that was read.
    fn settle(&mut self, place: usize) {
        let State::Open(Some(syntax)) = std::mem::replace(&mut self.definitions[place].state, State::Open(None)) else {
            return;
        };
        let text = self.definitions[place].text.clone();
        match self.checked(&text, &syntax, None, &[]) {
            Ok(Checked { node, of, known, depth }) => {
                self.nodes[place] = node;
                self.definitions[place].state = State::Checked { of, known, depth };
            }
            Err(mistake) => self.refuse(place, mistake),
        }
    }

    fn refuse(&mut self, place: usize, mistake: Mistake) {
        self.mistakes.push((place, mistake));
        self.definitions[place].state = State::Refused;
    }

    /// The syntax of `text`.
    fn parsed(&self, text: &str) -> Result<IdedExpr, Mistake> {
        parse(text).map_err(|mistake| self.unread_kind(text, &mistake.at).unwrap_or(mistake))
    }

    /// What the named expressions are evaluated as, in their order, and what names are compared with.
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
        let names: Vec<&str> = self.names().collect();
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

    pub(super) fn name_fact(&mut self, fact: Fact) {
        if !self.facts.contains(&fact) {
            self.facts.push(fact);
        }
    }

    pub(super) fn name_all_evidence(&mut self) {
        self.all_evidence = true;
    }

    /// What claims of the declared kind at `place` are.
    pub(super) fn declared_record(&mut self, place: usize) -> Option<&'static Record> {
        self.declared.get_mut(place).map(Declared::record)
    }

    /// The names of the named expressions.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.definitions.iter().map(|definition| definition.name.as_str())
    }

    /// The named expression at `place`, for somebody who names it.
    pub(super) fn named(&mut self, place: usize) -> Named<'_> {
        self.used.insert(place);
        let Definition { name, state, .. } = &self.definitions[place];
        match state {
            State::Checked { of, depth, .. } => Named::Checked(*of, *depth),
            State::Open(_) => Named::Open(name),
            State::Unchecked | State::Refused => Named::Refused,
        }
    }

    /// What a named condition tells.
    pub(super) fn known_by(&self, name: &str) -> Known {
        match self.definitions.iter().find(|definition| definition.name == name).map(|definition| &definition.state) {
            Some(State::Checked { known, .. }) => known.clone(),
            _ => Known::default(),
        }
    }

    /// The place of `text` among those that names are compared with; `None` where there are too many.
    pub(super) fn word(&mut self, text: &str) -> Option<usize> {
        if let Some(known) = self.words.iter().position(|word| word == text) {
            return Some(known);
        }
        (self.words.len() < MAX_WORDS).then(|| {
            self.words.push(text.to_owned());
            self.words.len() - 1
        })
    }
}

//! What all expressions of a rule share: its named expressions, the kinds that are declared, and what they read together.

use super::{
    checked::{Known, Mistake},
    identifier::Schemes,
    node::Node,
    schema,
    spelling::nearest,
    types::{Record, Type},
    vocabulary::KINDS,
};
use cel::IdedExpr;
use std::collections::BTreeSet;
use tierwatch_rule::Fact;

/// Most texts that the names of one rule are compared with: the contract takes no more.
pub(super) const MAX_WORDS: usize = 256;

/// A named expression.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) state: State,
}

/// How far its check is.
#[derive(Debug)]
pub(super) enum State {
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
    pub(super) definitions: Vec<Definition>,
    /// What they are evaluated as, those that are not checked yet too.
    pub(super) nodes: Vec<Node>,
    words: Vec<String>,
    declared: Vec<Declared>,
    pub(super) schemes: Schemes,
    /// Those that are named: their places among the built-in ones and then the declared ones.
    kinds: BTreeSet<usize>,
    facts: Vec<Fact>,
    all_evidence: bool,
    /// Whether why there is no `it` has been said: whatever names it says nothing of it.
    pub it_is_told: bool,
    /// The named expressions that some expression names, by their places.
    used: BTreeSet<usize>,
    /// In the named expressions, by their places.
    pub(super) mistakes: Vec<(usize, Mistake)>,
}

impl Checker {
    /// With these named expressions, which may name one another, and with these kinds beside those of the vocabulary.
    pub fn new(definitions: impl IntoIterator<Item = (String, String)>, declared: Vec<Declared>) -> Self {
        let definition = |(name, text)| Definition { name, text, state: State::Unchecked };
        let definitions: Vec<_> = definitions.into_iter().map(definition).collect();
        let nodes = definitions.iter().map(|_| Node::Bool(false)).collect();
        Self { definitions, nodes, declared, ..Self::default() }
    }

    /// Told which `schemes` of organisations the configuration declares: no others are taken then.
    #[must_use]
    pub fn knowing_schemes(self, schemes: Option<BTreeSet<String>>) -> Self {
        Self { schemes: Schemes(schemes), ..self }
    }

    /// What the named expressions are evaluated as, in their order, and what names are compared with.
    #[must_use]
    pub fn into_parts(self) -> (Vec<Node>, Vec<String>) {
        (self.nodes, self.words)
    }

    /// The kinds that are named.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> {
        let known = self.known_kinds();
        self.kinds.iter().filter_map(move |index| known.get(*index).copied())
    }

    /// Whether a kind is named that the configuration declares.
    #[must_use]
    pub fn reads_declared(&self) -> bool {
        self.kinds.last().is_some_and(|index| *index >= KINDS.len())
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
        let unused = names.iter().enumerate().filter(|(index, _)| !self.used.contains(index)).map(|(_, name)| *name);
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

    pub(super) fn name_kind(&mut self, index: usize) {
        self.kinds.insert(index);
    }

    pub(super) fn name_fact(&mut self, fact: Fact) {
        if !self.facts.contains(&fact) {
            self.facts.push(fact);
        }
    }

    pub(super) fn name_all_evidence(&mut self) {
        self.all_evidence = true;
    }

    /// What claims of the declared kind at `index` are.
    pub(super) fn declared_record(&mut self, index: usize) -> Option<&'static Record> {
        self.declared.get_mut(index).map(Declared::record)
    }

    /// The names of the named expressions.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.definitions.iter().map(|definition| definition.name.as_str())
    }

    /// The named expression at `index`, for somebody who names it.
    pub(super) fn named(&mut self, index: usize) -> Named<'_> {
        self.used.insert(index);
        let Definition { name, state, .. } = &self.definitions[index];
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

    /// The index of `text` among those that names are compared with; `None` where there are too many.
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

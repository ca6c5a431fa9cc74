//! What an expression can name of a supplier: variables, records, fields and words, each with its type and what it means. The
//! tables of `rules/README.md` are made from these.

use super::types::{Base, Type};
use tierwatch_rule::Fact;

#[macro_use]
mod tables;

mod attestation;
mod contract;
mod words;

pub use attestation::{ATTESTATION, is_attestation};
pub use contract::*;
pub use tables::Kind;
pub use words::*;

/// A variable that is no kind.
#[derive(Debug)]
pub struct Given {
    /// Its name.
    pub name: &'static str,
    /// What it stands for.
    pub variable: Variable,
    /// Its type.
    pub of: Type,
    /// What it means.
    pub about: &'static str,
    /// The fact that it reads.
    pub fact: Option<Fact>,
}

/// What a subject has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variable {
    /// The instant asked about.
    AsOf,
    /// Its day.
    Today,
    /// The organisation's own name.
    Itself,
    /// All evidence.
    Evidence,
    /// The evidence of a kind, by its index in the vocabulary.
    Kind(usize),
    /// The evidence of a kind that the configuration declares.
    Declared(&'static str),
    /// What is required of it.
    Requirement,
    /// What it depends on.
    Needs,
    /// What depends on it.
    Impact,
    /// Who owns it.
    Ownership,
}

/// The variables that are no kinds.
pub static GIVEN: &[Given] = &[
    Given {
        name: "as_of",
        variable: Variable::AsOf,
        of: Type::one(Base::Instant),
        about: "the instant that is asked about: the only clock",
        fact: None,
    },
    Given {
        name: "today",
        variable: Variable::Today,
        of: Type::one(Base::Date),
        about: "the day of `as_of`",
        fact: None,
    },
    Given {
        name: "self",
        variable: Variable::Itself,
        of: Type::one(Base::Organisation),
        about: "the organisation itself, by any of its names",
        fact: None,
    },
    Given {
        name: "evidence",
        variable: Variable::Evidence,
        of: Type::list(Base::Record(&ATTESTATION)),
        about: "every attestation of the kinds that the rule reads, in the daemon's order",
        fact: None,
    },
    Given {
        name: "requirement",
        variable: Variable::Requirement,
        of: Type::one(Base::Record(&REQUIREMENT)),
        about: "the highest that any programme in its reach asks of it",
        fact: Some(Fact::Requirement),
    },
    Given {
        name: "needs",
        variable: Variable::Needs,
        of: Type::list(Base::Record(&NEED)),
        about: "what it depends on",
        fact: Some(Fact::Needs),
    },
    Given {
        name: "impact",
        variable: Variable::Impact,
        of: Type::one(Base::Record(&IMPACT)),
        about: "what depends on it",
        fact: Some(Fact::Impact),
    },
    Given {
        name: "ownership",
        variable: Variable::Ownership,
        of: Type::optional(Base::Record(&OWNERSHIP)),
        about: "who owns it; absent when nobody attests a holding",
        fact: Some(Fact::Ownership),
    },
];

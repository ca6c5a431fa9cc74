//! What an expression can name of a supplier: variables, records, fields and words, each with its type and what it means. The
//! tables of `rules/README.md` are made from these.

use super::{
    item::Item,
    node::Variable,
    types::{Base, Type},
    value::Value,
};
use tierwatch_rule::{Fact, Name};

/// Something with fields.
#[derive(Debug)]
pub struct Record {
    /// What messages and the manual call it.
    pub name: &'static str,
    /// Its own fields.
    pub fields: &'static [Field],
    /// Whether it has those of every attestation too.
    pub is_attestation: bool,
}

/// A field of a record.
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub of: Type,
    /// What it means, with its unit.
    pub about: &'static str,
    /// How it is got.
    pub get: Get,
}

/// How a field's value is got out of a record.
pub enum Get {
    /// Out of a record of the contract.
    Known(for<'s> fn(Item<'s>) -> Value<'s>),
    /// By its name, out of what an attestation of a declared kind claims.
    Named,
    /// Not at all: its schema gives it no type of expressions.
    Never {
        /// Why.
        why: &'static str,
        /// What to write in the schema.
        fix: &'static str,
    },
}

/// A kind of attestation: a variable of its name is the list of them.
#[derive(Debug)]
pub struct Kind {
    /// As `cyber.ce`.
    pub name: &'static str,
    /// What one is.
    pub record: &'static Record,
}

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

impl std::fmt::Debug for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Record {
    /// All its fields, its own first.
    pub fn all_fields(&'static self) -> impl Iterator<Item = &'static Field> {
        let common = if self.is_attestation && !std::ptr::eq(self, &ATTESTATION) { ATTESTATION.fields } else { &[] };
        self.fields.iter().chain(common)
    }
}

const fn int() -> Type {
    Type::one(Base::Int)
}

const fn optional(base: Base) -> Type {
    Type::optional(base)
}

fn number<'s>(number: impl Into<i64>) -> Value<'s> {
    Value::Int(number.into())
}

fn names(handles: &[Name]) -> Value<'_> {
    Value::list(handles, |handle| Value::Name(*handle))
}

fn texts(texts: &[String]) -> Value<'_> {
    Value::list(texts, |text| Value::text(text))
}

/// `name: type, pattern of the item => value, "what it means";`
macro_rules! record {
    ($(#[$doc:meta])* $id:ident = $name:literal $is_attestation:literal {
        $($field:literal: $of:expr, $pattern:pat => $value:expr, $about:literal;)*
    }) => {
        $(#[$doc])*
        pub static $id: Record = Record {
            name: $name,
            is_attestation: $is_attestation,
            fields: &[$(Field {
                name: $field,
                of: $of,
                about: $about,
                get: Get::Known(|item| {
                    #[allow(unreachable_patterns, reason = "a record of one variant needs no second arm")]
                    match item {
                        $pattern => $value,
                        _ => Value::Absent,
                    }
                }),
            }),*],
        };
    };
}

/// A record of claims, whose fields are those of one variant of `Claims`.
macro_rules! claims {
    ($(#[$doc:meta])* $id:ident = $name:literal {
        $($field:literal: $of:expr, $pattern:pat => $value:expr, $about:literal;)*
    }) => {
        record! { $(#[$doc])* $id = $name true {
            $($field: $of, Item::Attestation(Attestation { claims: $pattern, .. }) => $value, $about;)*
        } }
    };
}

mod attestation;
mod contract;
mod words;

pub use attestation::ATTESTATION;
pub use contract::*;
pub use words::*;

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
        of: Type::one(Base::Name),
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

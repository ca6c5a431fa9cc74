//! How the tables of kinds and records are written.

use super::super::{
    types::{Base, Record, Type},
    value::Value,
};
use tierwatch_rule::Name;

/// A kind of attestation: a variable of its name is the list of them.
#[derive(Debug)]
pub struct Kind {
    /// As `cyber.ce`.
    pub name: &'static str,
    /// What one is.
    pub record: &'static Record,
}

pub(super) const fn int() -> Type {
    Type::one(Base::Int)
}

pub(super) const fn optional(base: Base) -> Type {
    Type::optional(base)
}

pub(super) fn number<'s>(number: impl Into<i64>) -> Value<'s> {
    Value::Int(number.into())
}

pub(super) fn names(handles: &[Name]) -> Value<'_> {
    Value::list(handles, |handle| Value::Name(*handle))
}

pub(super) fn texts(texts: &[String]) -> Value<'_> {
    Value::list(texts, |text| Value::text(text))
}

/// `name: type, pattern of the item => value, "what it means";`
macro_rules! fields {
    ($($field:literal: $of:expr, $pattern:pat => $value:expr, $about:literal;)*) => {
        &[$(Field {
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
        }),*]
    };
}

/// A record that is nothing more general, with its [`fields`].
macro_rules! record {
    ($(#[$doc:meta])* $id:ident = $name:literal { $($fields:tt)* }) => {
        $(#[$doc])*
        pub static $id: Record = Record { name: $name, specialises: None, fields: fields! { $($fields)* } };
    };
}

/// A record of claims, whose fields are those of one variant of `Claims`.
macro_rules! claims {
    ($(#[$doc:meta])* $id:ident = $name:literal {
        $($field:literal: $of:expr, $pattern:pat => $value:expr, $about:literal;)*
    }) => {
        $(#[$doc])*
        pub static $id: Record = Record {
            name: $name,
            specialises: Some(&ATTESTATION),
            fields: fields! {
                $($field: $of, Item::Attestation(Attestation { claims: $pattern, .. }) => $value, $about;)*
            },
        };
    };
}

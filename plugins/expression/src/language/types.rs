//! The types of expressions, those with fields included.

use super::{item::Item, value::Value};
use std::fmt;

/// A set of words that a field may be, as `in-force`.
#[derive(Debug)]
pub struct Words {
    /// What messages call one of them.
    pub name: &'static str,
    /// In the contract's order.
    pub words: &'static [&'static str],
    /// Whether a later one is more.
    pub ordered: bool,
}

impl Words {
    /// These and `word`. A rule's expressions live as long as the rule does, and so do these.
    #[must_use]
    pub fn or(&'static self, word: &str) -> &'static Self {
        if self.words.contains(&word) {
            return self;
        }
        let mut words = self.words.to_vec();
        words.push(String::leak(word.to_owned()));
        Box::leak(Box::new(Self { name: self.name, words: Vec::leak(words), ordered: false }))
    }
}

/// Something with fields.
#[derive(Debug)]
pub struct Record {
    /// What messages and the manual call it.
    pub name: &'static str,
    /// What it is one of, whose fields it has too.
    pub specialises: Option<&'static Record>,
    /// Its own fields.
    pub fields: &'static [Field],
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

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Record {
    /// All its fields, its own first.
    pub fn all_fields(&'static self) -> impl Iterator<Item = &'static Field> {
        self.fields.iter().chain(self.specialises.map_or(&[][..], |general| general.fields))
    }

    /// The field `name`, if it has one.
    #[must_use]
    pub fn field(&'static self, name: &str) -> Option<&'static Field> {
        self.all_fields().find(|field| field.name == name)
    }

    /// What it is one of, or itself.
    fn general(&'static self) -> &'static Self {
        self.specialises.unwrap_or(self)
    }
}

/// What one value is.
#[derive(Clone, Copy, Debug)]
pub enum Base {
    /// `true` or `false`.
    Bool,
    /// A whole number of 64 bits.
    Int,
    /// A number that need not be whole: it is compared, and made whole by `scaled`.
    Decimal,
    /// A text that can be read.
    Text,
    /// A text that is always one of these.
    Choice(&'static Words),
    /// An item, a region …: a text that can be compared and shown.
    Name,
    /// A country, as a text of two letters.
    Country,
    /// An organisation, by its identifier.
    Organisation,
    /// A programme, by its identifier.
    Programme,
    /// An organisation, by its identifier, as a text that can be read.
    Identifier,
    /// An organisation by its identifier, or by a name: with a colon and no blank it is an identifier.
    Party,
    /// A day in UTC.
    Date,
    /// A second in UTC.
    Instant,
    /// Basis points that are shown as per cent.
    PerCent,
    /// One of a set of words.
    Word(&'static Words),
    /// Something with fields.
    Record(&'static Record),
    /// What the elements of `[]` are.
    Nothing,
}

/// Whether there is one value, perhaps one, or a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Many {
    /// Exactly one.
    One,
    /// One or none.
    Optional,
    /// Any number.
    List,
}

/// The type of an expression.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Type {
    /// What the values are.
    pub base: Base,
    /// How many there are.
    pub many: Many,
}

impl PartialEq for Base {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Word(left), Self::Word(right)) | (Self::Choice(left), Self::Choice(right)) => {
                std::ptr::eq(*left, *right)
            }
            (Self::Record(left), Self::Record(right)) => std::ptr::eq(*left, *right),
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

impl Base {
    /// Whether `<` means something.
    #[must_use]
    pub fn is_ordered(self) -> bool {
        match self {
            Self::Int | Self::Decimal | Self::Date | Self::Instant | Self::Bool => true,
            Self::Word(words) => words.ordered,
            _ => false,
        }
    }

    /// What holds values of both types, if anything does: what both are one of, and all texts are texts and all names are names.
    #[must_use]
    pub fn join(self, other: Self) -> Option<Self> {
        match (self, other) {
            (one, Self::Nothing) | (Self::Nothing, one) => Some(one),
            (one, other) if one == other => Some(one),
            (Self::Record(left), Self::Record(right)) if std::ptr::eq(left.general(), right.general()) => {
                Some(Self::Record(left.general()))
            }
            (one, other) if one.plain() == other.plain() => Some(one.plain()),
            _ => None,
        }
    }

    /// The same without what is known of its texts and names.
    #[must_use]
    pub fn plain(self) -> Self {
        match self {
            Self::Choice(_) | Self::Country | Self::Identifier => Self::Text,
            Self::Organisation | Self::Programme | Self::Party => Self::Name,
            plain => plain,
        }
    }

    /// Whether a value of this type may stand where one of `wanted` is asked for.
    #[must_use]
    pub fn fits(self, wanted: Self) -> bool {
        self.join(wanted) == Some(wanted)
    }
}

impl Type {
    /// One value.
    #[must_use]
    pub const fn one(base: Base) -> Self {
        Self { base, many: Many::One }
    }

    /// One value or none.
    #[must_use]
    pub const fn optional(base: Base) -> Self {
        Self { base, many: Many::Optional }
    }

    /// A list.
    #[must_use]
    pub const fn list(base: Base) -> Self {
        Self { base, many: Many::List }
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Decimal => "decimal",
            Self::Text | Self::Choice(_) | Self::Country | Self::Identifier => "text",
            Self::Name | Self::Organisation | Self::Programme | Self::Party => "name",
            Self::Date => "date",
            Self::Instant => "instant",
            Self::PerCent => "per cent",
            Self::Word(words) => words.name,
            Self::Record(record) => record.name,
            Self::Nothing => "anything",
        })
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.many {
            Many::One => self.base.fmt(f),
            Many::Optional => write!(f, "optional({})", self.base),
            Many::List => write!(f, "list({})", self.base),
        }
    }
}

//! The values of expressions: borrowed from the subject and from the rule.

use super::item::Item;
use std::{cmp::Ordering, ops::Deref, rc::Rc};
use tierwatch_rule::{Date, Instant};

/// A value.
#[derive(Clone, Debug)]
pub enum Value<'s> {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number that need not be whole.
    Decimal(f64),
    /// A text.
    Text(Text<'s>),
    /// A name, by its handle.
    Name(u32),
    /// A day.
    Date(Date),
    /// A second.
    Instant(Instant),
    /// Basis points that are shown as per cent.
    PerCent(u32),
    /// The index of a word in its set.
    Word(u8),
    /// Something with fields.
    Item(Item<'s>),
    /// A list.
    List(Rc<[Value<'s>]>),
    /// No value.
    Absent,
    /// What cannot be calculated, and why: evaluation keeps that and goes on without a value.
    Failed(&'static str),
}

/// A text of the subject or of the rule, or one that is made of such.
#[derive(Clone, Debug)]
pub enum Text<'s> {
    /// As it is.
    Borrowed(&'s str),
    /// Made.
    Made(Rc<str>),
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Made(text) => text,
        }
    }
}

impl<'s> Value<'s> {
    /// `value` made by `make`; absent when there is none.
    pub fn of<T>(value: Option<T>, make: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Absent, make)
    }

    /// A text as it is.
    #[must_use]
    pub fn text(text: &'s str) -> Self {
        Self::Text(Text::Borrowed(text))
    }

    /// A list of what `make` makes of `items`.
    pub fn list<T: 's>(items: &'s [T], make: impl Fn(&'s T) -> Self) -> Self {
        Self::List(items.iter().map(make).collect())
    }

    /// Whether it is `true`.
    #[must_use]
    pub fn is_true(&self) -> bool {
        matches!(self, Self::Bool(true))
    }

    /// Its index in the order of its type.
    #[must_use]
    pub fn rank(&self) -> i64 {
        match self {
            Self::Bool(flag) => i64::from(*flag),
            Self::Int(number) | Self::Instant(number) => *number,
            Self::Date(day) => i64::from(*day),
            Self::Word(index) => i64::from(*index),
            Self::Name(handle) | Self::PerCent(handle) => i64::from(*handle),
            Self::Decimal(decimal) => decimal_rank(*decimal),
            Self::Text(_) | Self::Item(_) | Self::List(_) | Self::Absent | Self::Failed(_) => 0,
        }
    }

    /// How it compares with another of its type.
    #[must_use]
    pub fn compared(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Int(whole), Self::Decimal(_)) => decimal_rank(as_decimal(*whole)).cmp(&other.rank()),
            (Self::Decimal(_), Self::Int(whole)) => self.rank().cmp(&decimal_rank(as_decimal(*whole))),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    /// Whether it equals another of its type: attestations are equal to themselves alone.
    #[must_use]
    pub fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(left), Self::Text(right)) => **left == **right,
            (Self::Item(Item::Attestation(left)), Self::Item(Item::Attestation(right))) => left.index == right.index,
            (Self::List(left), Self::List(right)) => {
                left.len() == right.len() && left.iter().zip(right.iter()).all(|(left, right)| left.equals(right))
            }
            (Self::Absent, Self::Absent) => true,
            (Self::Absent, _) | (_, Self::Absent) => false,
            _ => self.compared(other) == Ordering::Equal,
        }
    }

    /// Its elements; one value is a list of itself, and no value is an empty one.
    #[must_use]
    pub fn elements(self) -> Rc<[Self]> {
        match self {
            Self::List(elements) => elements,
            Self::Absent => Rc::new([]),
            one => Rc::new([one]),
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "JSON's numbers are floating-point numbers: beyond 2^53 they have no last digit"
)]
pub(super) fn as_decimal(whole: i64) -> f64 {
    whole as f64
}

/// The index of a decimal among all: its bits, in which the negative ones are turned round. A zero has no sign.
fn decimal_rank(decimal: f64) -> i64 {
    let bits = (decimal + 0.0).to_bits().cast_signed();
    bits ^ (((bits >> 63).cast_unsigned()) >> 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_compared_with_one_another_and_with_whole_numbers() {
        let ordered = [
            Value::Decimal(f64::NEG_INFINITY),
            Value::Int(-3),
            Value::Decimal(-2.5),
            Value::Decimal(-0.1),
            Value::Int(0),
            Value::Decimal(5e-324),
            Value::Decimal(0.285),
            Value::Int(1),
            Value::Decimal(1.000_000_1),
            Value::Int(2),
            Value::Decimal(1e300),
        ];
        let is_decimal = |value: &Value<'_>| matches!(value, Value::Decimal(_));
        for (index, one) in ordered.iter().enumerate() {
            for (other_place, other) in ordered.iter().enumerate() {
                if is_decimal(one) || is_decimal(other) {
                    assert_eq!(one.compared(other), index.cmp(&other_place), "{one:?} {other:?}");
                    assert_eq!(one.equals(other), index == other_place, "{one:?} {other:?}");
                }
            }
        }
        assert!(Value::Decimal(-0.0).equals(&Value::Decimal(0.0)) && Value::Decimal(2.0).equals(&Value::Int(2)));
    }
}

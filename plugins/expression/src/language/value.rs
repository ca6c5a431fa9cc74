//! The values of expressions: borrowed from the subject and from the rule.

use std::{cmp::Ordering, rc::Rc};
use tierwatch_rule::{
    Attestation, ClearanceRequirement, Date, Impact, Instant, Loss, NationalHolding, Need, Owner, Ownership,
    PersonnelCount, PoamItem, Requirement, Source,
};

/// A value.
#[derive(Clone, Debug)]
pub enum Value<'s> {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A text.
    Text(&'s str),
    /// A name, by its handle.
    Name(u32),
    /// A day.
    Date(Date),
    /// A second.
    Instant(Instant),
    /// Basis points that are shown as per cent.
    PerCent(u32),
    /// The place of a word in its set.
    Word(u8),
    /// Something with fields.
    Item(Item<'s>),
    /// A list.
    List(Rc<[Value<'s>]>),
    /// No value.
    Absent,
}

/// Something with fields.
#[derive(Clone, Copy, Debug)]
pub enum Item<'s> {
    /// An attestation.
    Attestation(&'s Attestation),
    /// What is required.
    Requirement(&'s Requirement),
    /// People that must be cleared.
    Clearance(&'s ClearanceRequirement),
    /// A need.
    Need(&'s Need),
    /// A source of a need.
    Source(&'s Source),
    /// What depends on the organisation.
    Impact(&'s Impact),
    /// A programme that it alone brings down.
    Loss(&'s Loss),
    /// Who owns it.
    Ownership(&'s Ownership),
    /// One owner.
    Owner(&'s Owner),
    /// What the owners of one country hold.
    NationalHolding(&'s NationalHolding),
    /// One line of cleared people.
    PersonnelCount(&'s PersonnelCount),
    /// One item of a plan of action.
    Shortfall(&'s PoamItem),
}

impl<'s> Value<'s> {
    /// `value` made by `make`; absent when there is none.
    pub fn of<T>(value: Option<T>, make: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Absent, make)
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

    /// Its place in the order of its type.
    #[must_use]
    pub fn rank(&self) -> i64 {
        match self {
            Self::Bool(flag) => i64::from(*flag),
            Self::Int(number) | Self::Instant(number) => *number,
            Self::Date(day) => i64::from(*day),
            Self::Word(place) => i64::from(*place),
            Self::Name(handle) | Self::PerCent(handle) => i64::from(*handle),
            Self::Text(_) | Self::Item(_) | Self::List(_) | Self::Absent => 0,
        }
    }

    /// How it compares with another of its type.
    #[must_use]
    pub fn compared(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }

    /// Whether it equals another of its type: attestations are equal to themselves alone.
    #[must_use]
    pub fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(left), Self::Text(right)) => left == right,
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

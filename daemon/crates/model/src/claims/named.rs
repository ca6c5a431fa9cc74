//! Whom and what claims name: the type of a field says it.

use super::Text;
use crate::{Date, Digest, Instant, Organisation};
use serde::{Deserialize, Serialize};
use std::{fmt, ops::Deref};

/// Something that claims name, in its place there.
#[derive(Debug)]
pub enum Named<'c> {
    /// An organisation, by an identifier alone.
    Organisation(&'c mut Organisation),
    /// A country.
    Country(&'c mut Country),
    /// Somebody, by an identifier or by a name.
    Party(&'c mut Party),
    /// Nobody: any other text.
    Text(&'c mut Text),
}

/// Where something stands in claims: `poam[1].requirement`. It is written out only when it is shown.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'p> {
    /// The claims themselves.
    Whole,
    /// A field of what stands there.
    Field(&'p Self, &'static str),
    /// One of a list that stands there.
    Item(&'p Self, usize),
}

impl Place<'_> {
    /// The field of this name of what stands here.
    pub(super) fn field(&self, name: &'static str) -> Place<'_> {
        Place::Field(self, name)
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => Ok(()),
            Self::Field(Place::Whole, name) => f.write_str(name),
            Self::Field(within, name) => write!(f, "{within}.{name}"),
            Self::Item(list, number) => write!(f, "{list}[{number}]"),
        }
    }
}

/// What is called with everything that claims name.
pub(super) type Found<'f, 'c> = &'f mut dyn FnMut(&Place<'_>, Named<'c>);

/// What may name somebody or a country.
pub(super) trait Names {
    /// Calls `found` with what it names, in the order of its fields; it stands at `at`.
    fn names<'c>(&'c mut self, at: &Place<'_>, found: Found<'_, 'c>);
}

macro_rules! texts {
    ($($(#[$meta:meta])* $name:ident)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Text);

        impl Deref for $name {
            type Target = Text;

            fn deref(&self) -> &Text {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl Names for $name {
            fn names<'c>(&'c mut self, at: &Place<'_>, found: Found<'_, 'c>) {
                found(at, Named::$name(self));
            }
        }
    )+};
}

texts! {
    /// A country in any word for it; in two letters of ISO 3166-1, once it is spelled.
    Country
    /// Somebody by `SCHEME:ID` where he has one, else by a name.
    Party
}

impl Names for Organisation {
    fn names<'c>(&'c mut self, at: &Place<'_>, found: Found<'_, 'c>) {
        found(at, Named::Organisation(self));
    }
}

impl Names for Text {
    fn names<'c>(&'c mut self, at: &Place<'_>, found: Found<'_, 'c>) {
        found(at, Named::Text(self));
    }
}

impl<T: Names> Names for Option<T> {
    fn names<'c>(&'c mut self, at: &Place<'_>, found: Found<'_, 'c>) {
        self.iter_mut().for_each(|one| one.names(at, found));
    }
}

impl<T: Names> Names for Vec<T> {
    fn names<'c>(&'c mut self, at: &Place<'_>, found: Found<'_, 'c>) {
        self.iter_mut().enumerate().for_each(|(number, one)| one.names(&Place::Item(at, number), found));
    }
}

/// What names nobody.
macro_rules! nameless {
    ($($type:ty)+) => {$(
        impl Names for $type {
            fn names<'c>(&'c mut self, _: &Place<'_>, _: Found<'_, 'c>) {}
        }
    )+};
}

nameless! { bool u8 u32 i32 Date Instant Digest }

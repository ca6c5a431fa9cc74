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
}

/// What may name somebody or a country.
pub(super) trait Names {
    /// Adds what it names, in the order of its fields.
    fn names<'c>(&'c mut self, found: &mut Vec<Named<'c>>);
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
            fn names<'c>(&'c mut self, found: &mut Vec<Named<'c>>) {
                found.push(Named::$name(self));
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
    fn names<'c>(&'c mut self, found: &mut Vec<Named<'c>>) {
        found.push(Named::Organisation(self));
    }
}

impl<T: Names> Names for Option<T> {
    fn names<'c>(&'c mut self, found: &mut Vec<Named<'c>>) {
        self.iter_mut().for_each(|one| one.names(found));
    }
}

impl<T: Names> Names for Vec<T> {
    fn names<'c>(&'c mut self, found: &mut Vec<Named<'c>>) {
        self.iter_mut().for_each(|one| one.names(found));
    }
}

/// What names nobody.
macro_rules! nameless {
    ($($type:ty)+) => {$(
        impl Names for $type {
            fn names<'c>(&'c mut self, _: &mut Vec<Named<'c>>) {}
        }
    )+};
}

nameless! { bool u8 u32 i32 Text Date Instant Digest }

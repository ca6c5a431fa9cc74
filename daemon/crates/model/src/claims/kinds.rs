//! What a row of the list of kinds is made of, and what is made of the rows.

use super::{NetworkClaims, Withdraws};
use crate::Organisation;

/// What tells claims of one kind about one organisation apart.
pub(super) enum MatterKey<T> {
    /// Nothing: a later one replaces any earlier one.
    One,
    /// This text: a later one replaces the earlier one with the same.
    Each(fn(&T) -> String),
}

/// Whom claims cover: what does not cover an organisation counts there as absent.
pub(super) enum Covers<T> {
    /// The organisation that they are about.
    Subject,
    /// Those that they list, where they do.
    Listed(fn(&T) -> Option<&[Organisation]>),
}

/// Where claims have an effect.
pub(super) enum Effect<'c, T> {
    /// Only in the rules that read them.
    RulesOnly,
    /// In the supply network too.
    Network(fn(&'c T) -> NetworkClaims<'c>),
    /// On what others attest: rules never see them.
    Others(fn(&'c T) -> Withdraws<'c>),
}

impl<T> MatterKey<T> {
    pub(super) fn of(&self, it: &T) -> String {
        match self {
            Self::One => String::new(),
            Self::Each(text) => text(it),
        }
    }
}

impl<T> Covers<T> {
    pub(super) fn of<'c>(&self, it: &'c T) -> Option<&'c [Organisation]> {
        match self {
            Self::Subject => None,
            Self::Listed(list) => list(it),
        }
    }
}

impl<'c, T> Effect<'c, T> {
    pub(super) fn network(&self, it: &'c T) -> Option<NetworkClaims<'c>> {
        match self {
            Self::RulesOnly | Self::Others(_) => None,
            Self::Network(claims) => Some(claims(it)),
        }
    }

    pub(super) fn withdraws(&self, it: &'c T) -> Option<Withdraws<'c>> {
        match self {
            Self::RulesOnly | Self::Network(_) => None,
            Self::Others(withdraws) => Some(withdraws(it)),
        }
    }
}

/// Makes [`Kind`](super::Kind) and [`Claims`](super::Claims) of their rows.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $variant:ident($type:ty) = $name:literal, $matter:expr, $covers:expr, $reach:expr;)+) => {
        /// What an attestation is about.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[doc = $doc])+ $variant,)+
            /// A kind that the configuration declares with a JSON Schema.
            Declared(std::sync::Arc<str>),
        }

        impl Kind {
            /// The kinds that every daemon knows.
            pub const BUILT_IN: &[Self] = &[$(Self::$variant),+];

            /// The word for it in files, answers and metrics.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)+
                    Self::Declared(name) => name,
                }
            }

            /// What it is, in a sentence; empty for a declared one.
            #[must_use]
            pub fn about(&self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc),+).trim_ascii(),)+
                    Self::Declared(_) => "",
                }
            }

            /// The JSON Schema of its claims as they are written; `None` for a declared one, which the configuration has.
            #[must_use]
            pub fn written(&self) -> Option<schemars::Schema> {
                let settings = schemars::generate::SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
                let schemas = settings.into_generator();
                match self {
                    $(Self::$variant => Some(schemas.into_root_schema_for::<$type>()),)+
                    Self::Declared(_) => None,
                }
            }

            /// Whether all claims of this kind about one organisation are of one matter, so that a later one replaces any earlier
            /// one: their [`Claims::discriminator`] is always empty.
            #[must_use]
            pub fn is_one_matter(&self) -> bool {
                match self {
                    $(Self::$variant => {
                        let matter: $crate::claims::kinds::MatterKey<$type> = $matter;
                        matches!(matter, $crate::claims::kinds::MatterKey::One)
                    })+
                    Self::Declared(_) => true,
                }
            }

            /// Whether it takes back what others attest: the daemon obeys it, and no rule sees it.
            #[must_use]
            pub fn withdraws(&self) -> bool {
                match self {
                    $(Self::$variant => {
                        let reach: $crate::claims::kinds::Effect<'_, $type> = $reach;
                        matches!(reach, $crate::claims::kinds::Effect::Others(_))
                    })+
                    Self::Declared(_) => false,
                }
            }

            /// The kind that `name` names; what is not built in is taken as declared.
            #[must_use]
            pub fn named(name: &str) -> Self {
                match name {
                    $($name => Self::$variant,)+
                    _ => Self::Declared(name.into()),
                }
            }
        }

        /// What is claimed: one variant a kind.
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
        #[serde(tag = "kind", content = "claims")]
        pub enum Claims {
            $($(#[doc = $doc])+ #[serde(rename = $name)] $variant($type),)+
            /// A kind that the configuration declares: claims that its JSON Schema has passed.
            #[serde(untagged)]
            Declared(DeclaredClaims),
        }

        /// Reads the claims of this kind from any format.
        impl<'de> serde::de::DeserializeSeed<'de> for &Kind {
            type Value = Claims;

            fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<Claims, D::Error> {
                Ok(match self {
                    $(Kind::$variant => Claims::$variant(serde::Deserialize::deserialize(from)?),)+
                    Kind::Declared(name) => {
                        Claims::Declared(DeclaredClaims { kind: name.clone(), claims: serde::Deserialize::deserialize(from)? })
                    }
                })
            }
        }

        impl Claims {
            /// Reads the claims of `kind` from their JSON text.
            ///
            /// # Errors
            /// A missing, unknown or impossible field, named with line and column.
            pub fn parse(kind: &Kind, json: &str) -> Result<Self, serde_json::Error> {
                $crate::by_name::json_seeded(kind, json)
            }

            /// The kind of these claims.
            #[must_use]
            pub fn kind(&self) -> Kind {
                match self {
                    $(Self::$variant(_) => Kind::$variant,)+
                    Self::Declared(declared) => Kind::Declared(declared.kind.clone()),
                }
            }

            /// What tells claims of one kind about one organisation apart, so that a later one replaces only its own
            /// predecessor: the item of a need, the standard of a certificate, the region of a site. Digests that are stored
            /// are made of it.
            #[must_use]
            pub fn discriminator(&self) -> String {
                match self {
                    $(Self::$variant(it) => {
                        let matter: $crate::claims::kinds::MatterKey<$type> = $matter;
                        matter.of(it)
                    })+
                    Self::Declared(_) => String::new(),
                }
            }

            /// Whom alone the claims cover; `None`: the whole of the organisation that they are about.
            #[must_use]
            pub fn covered(&self) -> Option<&[$crate::Organisation]> {
                match self {
                    $(Self::$variant(it) => {
                        let covers: $crate::claims::kinds::Covers<$type> = $covers;
                        covers.of(it)
                    })+
                    Self::Declared(_) => None,
                }
            }

            /// What they say of the supply network, if they do.
            #[must_use]
            pub fn network(&self) -> Option<NetworkClaims<'_>> {
                match self {
                    $(Self::$variant(it) => {
                        let reach: $crate::claims::kinds::Effect<'_, $type> = $reach;
                        reach.network(it)
                    })+
                    Self::Declared(_) => None,
                }
            }

            /// What they take back, if they do.
            #[must_use]
            pub fn withdraws(&self) -> Option<Withdraws<'_>> {
                match self {
                    $(Self::$variant(it) => {
                        let reach: $crate::claims::kinds::Effect<'_, $type> = $reach;
                        reach.withdraws(it)
                    })+
                    Self::Declared(_) => None,
                }
            }

            /// Whom and which countries they name, each in its place, and every other text.
            pub fn named(&mut self) -> Vec<Named<'_>> {
                let mut found = Vec::new();
                self.find_named(&mut |_, named| found.push(named));
                found
            }

            /// The same one after the other, with the field that each stands in.
            fn find_named<'c>(&'c mut self, found: $crate::claims::named::Found<'_, 'c>) {
                let at = &$crate::claims::Place::Whole;
                match self {
                    $(Self::$variant(it) => $crate::claims::named::Names::names(it, at, found),)+
                    Self::Declared(_) => {}
                }
            }
        }
    };
}

pub(super) use kinds;

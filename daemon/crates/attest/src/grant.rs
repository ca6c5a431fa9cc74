//! Keys and grants as the configuration has them, and what can be wrong with them; [`super::trust`] is their manual.

use super::not_a_key::NotAKey;
use crate::model::{Trust, organisation::NotAnOrganisation};
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, SeqAccess, Visitor},
};
use std::fmt;

/// One `[[key]]` of the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// What grants call it.
    pub name: String,
    /// Whose it is: the issuer of what it signs. `SCHEME:ID`, or a name without a colon.
    pub owner: String,
    /// PEM `PUBLIC KEY`, or the base64 of a raw 32-byte Ed25519 key.
    pub public_key: String,
}

/// One `[[grant]]` of the configuration. It has either `signers` or `feed`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// What it is called where something is refused.
    pub name: String,
    /// Who may sign under it.
    #[serde(default)]
    pub signers: Option<Signers>,
    /// The feed whose unsigned attestations it lets in.
    #[serde(default)]
    pub feed: Option<String>,
    /// How many distinct keys of its signers must sign.
    #[serde(default = "one")]
    pub threshold: usize,
    /// What may be attested.
    #[serde(default)]
    pub kinds: GrantedKinds,
    /// About whom: `SCHEME:ID`, or a prefix that ends in `*`.
    #[serde(default = "anyone")]
    pub about: Vec<String>,
    /// How far it is believed.
    pub trust: Trust,
    /// Whether it may revoke and suspend what others have attested about the same organisation.
    #[serde(default)]
    pub may_revoke: bool,
    /// The issuer, where that is not the owner of the key: needed when keys of several owners sign together.
    #[serde(default)]
    pub issuer: Option<String>,
}

fn one() -> usize {
    1
}

fn anyone() -> Vec<String> {
    vec!["*".into()]
}

/// Who may sign under a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signers {
    /// Any key whose owner is the subject.
    Subject,
    /// The keys of these names.
    Keys(Vec<String>),
}

/// What may be attested under a grant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum GrantedKinds {
    /// Every kind.
    #[default]
    All,
    /// The kinds of these names.
    Listed(Vec<String>),
}

impl<'de> Deserialize<'de> for Signers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let list = deserializer.deserialize_any(WordOrList { word: "subject", list: "keys" })?;
        Ok(list.map_or(Self::Subject, Self::Keys))
    }
}

impl<'de> Deserialize<'de> for GrantedKinds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let list = deserializer.deserialize_any(WordOrList { word: "all", list: "kinds" })?;
        Ok(list.map_or(Self::All, Self::Listed))
    }
}

/// Reads one certain word (`None`) or a list of strings.
struct WordOrList {
    word: &'static str,
    list: &'static str,
}

impl<'de> Visitor<'de> for WordOrList {
    type Value = Option<Vec<String>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" or a list of one or more {}", self.word, self.list)
    }

    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Self::Value, E> {
        if word == self.word { Ok(None) } else { Err(E::invalid_value(serde::de::Unexpected::Str(word), &self)) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(text) = seq.next_element()? {
            list.push(text);
        }
        if list.is_empty() {
            return Err(A::Error::invalid_length(0, &self));
        }
        Ok(Some(list))
    }
}

/// What is wrong with the configured keys and grants.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// Two keys of one name.
    #[error("two keys are called `{0}`: give each [[key]] a name of its own")]
    KeyName(String),
    /// One key under two names: it could meet a threshold of two alone.
    #[error("the keys `{0}` and `{1}` are the same key: remove one of them, a threshold must count distinct keys")]
    SameKey(String, String),
    /// The key cannot be read.
    #[error("the key `{name}`: {problem}")]
    Key {
        /// Which key.
        name: String,
        /// What is wrong with it.
        problem: NotAKey,
    },
    /// The owner looks like an organisation and is none.
    #[error("the owner of the key `{name}`: {problem}")]
    Owner {
        /// Of which key.
        name: String,
        /// What is wrong with it.
        problem: NotAnOrganisation,
    },
    /// The issuer looks like an organisation and is none.
    #[error("the issuer of the grant `{grant}`: {problem}")]
    Issuer {
        /// Of which grant.
        grant: String,
        /// What is wrong with it.
        problem: NotAnOrganisation,
    },
    /// Two grants of one name.
    #[error("two grants are called `{0}`: give each [[grant]] a name of its own")]
    GrantName(String),
    /// A name that stands for nothing.
    #[error("the grant `{grant}` names the key `{key}`, which does not exist: add it as [[key]] or correct the name")]
    UnknownSigner {
        /// Which grant.
        grant: String,
        /// What it names.
        key: String,
    },
    /// A name that stands for nothing.
    #[error(
        "`signers` under [plugins] names the key `{0}`, which does not exist: add it as [[key]] or correct the name"
    )]
    UnknownComponentSigner(String),
    /// A threshold that nobody can meet, or everybody.
    #[error("the grant `{grant}` has a threshold of {threshold} with {signers} signers: set it to 1 to {signers}")]
    Threshold {
        /// Which grant.
        grant: String,
        /// What it asks for.
        threshold: usize,
        /// How many keys it has.
        signers: usize,
    },
    /// A kind that does not exist.
    #[error(
        "the grant `{grant}` names the kind `{kind}`, which does not exist: declare it under [[kinds]] or correct the name"
    )]
    UnknownKind {
        /// Which grant.
        grant: String,
        /// What it names.
        kind: String,
    },
    /// A pattern that matches nothing.
    #[error(
        "the grant `{grant}` has the pattern `{pattern}`, which matches no identifier: write SCHEME:ID as its scheme asks, or the beginning of one that ends in `*`"
    )]
    Pattern {
        /// Which grant.
        grant: String,
        /// What it has.
        pattern: String,
    },
    /// What contradicts itself.
    #[error("the grant `{grant}` {problem}")]
    Contradiction {
        /// Which grant.
        grant: String,
        /// What is wrong, and what to write.
        problem: &'static str,
    },
}

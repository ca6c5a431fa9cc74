//! The kinds of attestation, and the claims of any of them.

use super::{Claims, Kind, Named, NetworkClaims};
use crate::{
    Identifiers, Organisation,
    country::{NotACountry, alpha_2},
    organisation::NotAnOrganisation,
};
use serde::Serialize;
use std::{fmt, sync::Arc};

/// Longest name of a declared kind, in bytes.
pub const MAX_KIND_NAME_BYTES: usize = 64;

impl Kind {
    /// Whether a kind that is not built in could have this name: one that is fit for a metric and a URN.
    #[must_use]
    pub fn is_name(name: &str) -> bool {
        let part = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        name.len() <= MAX_KIND_NAME_BYTES
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.split(['.', '_', '-']).all(part)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Kind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What claims name that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSpelled {
    /// An organisation.
    #[error(transparent)]
    Organisation(#[from] NotAnOrganisation),
    /// A country.
    #[error(transparent)]
    Country(#[from] NotACountry),
}

/// Claims of a kind that the configuration declares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeclaredClaims {
    /// The declared kind's name.
    pub kind: Arc<str>,
    /// Name and value pairs that the kind's JSON Schema has passed.
    pub claims: serde_json::Map<String, serde_json::Value>,
}

impl Claims {
    /// Checks whom and which countries the claims name, and brings identifiers into their schemes' spelling and countries into
    /// two letters. What is stored is spelled already, and read back as it stands.
    ///
    /// # Errors
    /// The first that is none, or a name that looks like an identifier and is none.
    pub fn spell(&mut self, identifiers: &Identifiers) -> Result<(), NotSpelled> {
        let mut named = self.named();
        // One after the other, so that of several mistakes the same is always told.
        for name in &mut named {
            if let Named::Country(country) = name {
                country.0 = alpha_2(country.as_str())?.into();
            }
        }
        for name in &mut named {
            if let Named::Organisation(organisation) = name {
                **organisation = identifiers.parse(organisation.as_str())?;
            }
        }
        for name in &mut named {
            if let Named::Party(party) = name
                && let Some(organisation) = identifiers.parse_party(party.as_str())?
            {
                **party = organisation.as_str().into();
            }
        }
        Ok(())
    }

    /// Replaces every organisation that the claims name, as by the name that it has among several.
    pub fn rename(&mut self, rename: impl Fn(&Organisation) -> Organisation) {
        for name in self.named() {
            match name {
                Named::Organisation(organisation) => *organisation = rename(organisation),
                Named::Party(party) => {
                    if let Some(organisation) = party.organisation() {
                        *party = rename(&organisation).as_str().into();
                    }
                }
                Named::Country(_) => {}
            }
        }
    }

    /// Whose supply is spoken of: who buys, or the programme that asks. `None` where the subject's own affairs are.
    ///
    /// Its word counts, and a third party's; anybody else, speaking of it for himself, only claims
    /// ([`Attestation::is_hearsay`](crate::Attestation::is_hearsay)).
    #[must_use]
    pub fn speaks_for(&self) -> Option<&Organisation> {
        match self.network()? {
            NetworkClaims::Need(need) => Some(&need.buyer),
            NetworkClaims::Source(source) => Some(&source.buyer),
            NetworkClaims::Requirement(requirement) => Some(&requirement.programme),
            NetworkClaims::Profile(_)
            | NetworkClaims::Capability(_)
            | NetworkClaims::EndOfLife(_)
            | NetworkClaims::Site(_)
            | NetworkClaims::Recovery(_)
            | NetworkClaims::Holding(_) => None,
        }
    }
}

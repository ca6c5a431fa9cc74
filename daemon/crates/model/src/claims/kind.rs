//! The kinds of attestation, and the claims of any of them.

use super::{Claims, Kind, Named, NetworkClaims};
use crate::{
    Identifiers, Organisation,
    country::{NotACountry, alpha_2},
    organisation::{NotAnOrganisation, PROGRAMME_SCHEME, is_blank},
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

/// What claims name that is none, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}`: {fault}")]
pub struct NotSpelled {
    /// The field that names it, as `entities[1]`.
    pub field: String,
    /// What is wrong with it.
    pub fault: SpellingFault,
}

/// What is wrong with a name in claims; the sentence ends with the fix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpellingFault {
    /// It is no organisation.
    #[error(transparent)]
    Organisation(#[from] NotAnOrganisation),
    /// It is no programme, for want of its scheme.
    #[error("`{0}` names no programme: write {PROGRAMME_SCHEME}:{0}")]
    Programme(String),
    /// It is no country.
    #[error(transparent)]
    Country(#[from] NotACountry),
    /// Nothing in it can be seen.
    #[error("it holds nothing but blanks: write what it is called")]
    Blank,
}

/// The field of claims that names a programme and nothing else.
const PROGRAMME_FIELD: &str = "programme";

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
    /// The first that is none, a name that looks like an identifier and is none, or a text of blanks.
    pub fn spell(&mut self, identifiers: &Identifiers) -> Result<(), NotSpelled> {
        let mut first = Ok(());
        // In the order of the fields, so that of several mistakes the same is always told.
        self.find_named(&mut |at, named| {
            if first.is_ok() {
                first = spell(named, identifiers, || at.to_string());
            }
        });
        first
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
                Named::Country(_) | Named::Text(_) => {}
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

/// Brings what stands in `field` into its spelling.
fn spell(named: Named<'_>, identifiers: &Identifiers, field: impl Fn() -> String) -> Result<(), NotSpelled> {
    let refused = |fault: SpellingFault| NotSpelled { field: field(), fault };
    match named {
        Named::Country(country) => {
            country.0 = alpha_2(country.as_str()).map_err(|error| refused(error.into()))?.into();
        }
        Named::Organisation(organisation) => {
            let name = organisation.as_str();
            let spelled = identifiers.parse(name).map_err(|error| {
                let meant = || identifiers.parse(&format!("{PROGRAMME_SCHEME}:{name}"));
                let is_programme = matches!(error, NotAnOrganisation::Shape(_)) && field() == PROGRAMME_FIELD;
                match is_programme && meant().is_ok() {
                    true => refused(SpellingFault::Programme(name.to_owned())),
                    false => refused(error.into()),
                }
            })?;
            *organisation = spelled;
        }
        Named::Party(party) if is_blank(party.as_str()) => return Err(refused(SpellingFault::Blank)),
        Named::Party(party) => {
            if let Some(spelled) = identifiers.parse_party(party.as_str()).map_err(|error| refused(error.into()))? {
                *party = spelled.as_str().into();
            }
        }
        Named::Text(text) if is_blank(text.as_str()) => return Err(refused(SpellingFault::Blank)),
        Named::Text(_) => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_with_its_field() {
        for (kind, json, told) in [
            (
                "supply.need",
                r#"{"buyer":"KESTREL","item":"i","class":"minor"}"#,
                "`buyer`: `KESTREL` names no organisation: write SCHEME:ID, at most 128 bytes and no spaces, as in GB-COH:09506232",
            ),
            (
                "programme.requirement",
                r#"{"programme":"KESTREL","criticality":1}"#,
                "`programme`: `KESTREL` names no programme: write PROGRAMME:KESTREL",
            ),
            (
                "cyber.ce",
                r#"{"certificate":"C","whole_organisation":false,"entities":["CAGE:1ABC9","CAGE:1"]}"#,
                "`entities[1]`: `CAGE:1` is not valid in its scheme: a CAGE code is 5 letters or digits",
            ),
            (
                "entity.profile",
                r#"{"name":" \t","country":"GB"}"#,
                "`name`: it holds nothing but blanks: write what it is called",
            ),
            (
                "cyber.cmmc",
                r#"{"level":2,"status":"final","status_on":"2026-01-01","poam":[{"requirement":"\u200b","points":1}]}"#,
                "`poam[0].requirement`: it holds nothing but blanks: write what it is called",
            ),
            (
                "foci.mitigation",
                r#"{"instrument":"ssa","accepted_by":" "}"#,
                "`accepted_by`: it holds nothing but blanks: write what it is called",
            ),
        ] {
            let mut claims = Claims::parse(&Kind::named(kind), json).expect(kind);
            let refused = claims.spell(&Identifiers::default()).expect_err(kind).to_string();
            assert_eq!(refused, told);
        }
        let country = r#"{"owner":"X","owner_country":"Atlantis","percent":1}"#;
        let mut claims = Claims::parse(&Kind::OwnershipHolding, country).expect("a holding");
        let refused = claims.spell(&Identifiers::default()).expect_err("no country").to_string();
        assert!(refused.starts_with("`owner_country`: `Atlantis` is no country: write"), "{refused}");
    }
}

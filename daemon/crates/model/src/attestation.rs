//! One signed, dated claim about one organisation, in its canonical form.

use super::{Claims, Digest, Instant, Kind, Organisation, trust::Trust};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A Traffic Light Protocol 2.0 label (FIRST): carried, shown, honoured by exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Handling {
    /// No limit on disclosure.
    #[serde(rename = "TLP:CLEAR")]
    Clear,
    /// Within the community.
    #[serde(rename = "TLP:GREEN")]
    Green,
    /// Within the organisation and its clients, on a need-to-know basis.
    #[serde(rename = "TLP:AMBER")]
    Amber,
    /// Within the organisation.
    #[serde(rename = "TLP:AMBER+STRICT")]
    AmberStrict,
    /// For the eyes of individual recipients.
    #[serde(rename = "TLP:RED")]
    Red,
}

impl Handling {
    /// The label as the standard writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clear => "TLP:CLEAR",
            Self::Green => "TLP:GREEN",
            Self::Amber => "TLP:AMBER",
            Self::AmberStrict => "TLP:AMBER+STRICT",
            Self::Red => "TLP:RED",
        }
    }
}

/// Where a claim's proof can be found: named, never fetched.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceLink {
    /// What it is, for a person.
    #[schemars(extend("examples" = ["the certificate"]))]
    pub name: String,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["https://example.org/certificate.pdf"]))]
    pub uri: Option<String>,
    /// The SHA-256 of what lies there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
}

/// A verified attestation in canonical form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attestation {
    /// The SHA-256 of the signed bytes: its name everywhere.
    pub digest: Digest,
    /// The organisation that it is about, by the name that it uses (not yet merged with aliases).
    pub subject: Organisation,
    /// The issuer: the owner of the key, from the operator's configuration.
    pub issuer: Arc<str>,
    /// When it was issued.
    pub issued_at: Instant,
    /// The start of its validity, inclusive.
    pub valid_from: Instant,
    /// The end of its validity, exclusive; `None` when it has no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Instant>,
    /// The trust that the configuration gives this issuer for this claim.
    pub trust: Trust,
    /// The part of the organisation that it is about, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Box<str>>,
    /// The claims; the variant is the kind.
    #[serde(flatten)]
    pub claims: Claims,
    /// Links to the proof.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<EvidenceLink>,
    /// Attestations of the same issuer that this one replaces, whatever their kind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub supersedes: Vec<Digest>,
    /// Who may see it, as a TLP label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handling: Option<Handling>,
}

impl Attestation {
    /// The kind of its claims.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.claims.kind()
    }

    /// Whether it is a claim of its subject alone about somebody else's supply: such a claim is shown and changes no figure until
    /// that somebody, a third party or an authority says the same. `same` tells whether two names mean one organisation.
    #[must_use]
    pub fn is_hearsay(&self, same: impl FnOnce(&Organisation, &Organisation) -> bool) -> bool {
        self.trust < Trust::ThirdParty && self.claims.speaks_for().is_some_and(|other| !same(other, &self.subject))
    }

    /// Whether it is valid at `as_of`: `valid_from <= as_of < valid_until`.
    #[must_use]
    pub fn is_valid_at(&self, as_of: Instant) -> bool {
        self.valid_from <= as_of && self.valid_until.is_none_or(|until| as_of < until)
    }
}

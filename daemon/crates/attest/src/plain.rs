//! The plain form of an attestation: one JSON object without a signature.

use crate::model::{Digest, Handling, Instant, Organisation, attestation::EvidenceLink};
use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};
use std::borrow::Cow;

/// The predicate with two fields more (`serde` cannot flatten what borrows raw JSON). The manual's table of the plain form
/// is made from this.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Plain<'a> {
    /// The kind of its claims.
    #[serde(borrow)]
    #[schemars(extend("examples" = ["cyber.ce"]))]
    pub(super) kind: Cow<'a, str>,
    /// Whom it is about.
    #[serde(borrow)]
    #[schemars(with = "Organisation")]
    pub(super) subject: Cow<'a, str>,
    /// When it is said.
    #[serde(borrow)]
    #[schemars(with = "Instant")]
    pub(super) issued_at: Cow<'a, str>,
    /// When it starts to hold; when it is said, if that is left out.
    #[serde(borrow, default)]
    #[schemars(with = "Option<Instant>", extend("examples" = ["2026-05-10"]))]
    pub(super) valid_from: Option<Cow<'a, str>>,
    /// When it stops to hold; a date means to the end of that day. Without it, it holds until something else is said.
    #[serde(borrow, default)]
    #[schemars(with = "Option<Instant>", extend("examples" = ["2099-12-31"]))]
    pub(super) valid_until: Option<Cow<'a, str>>,
    /// What part of the organisation it speaks of, in words.
    #[serde(borrow, default)]
    #[schemars(extend("examples" = ["the whole of it"]))]
    pub(super) scope: Option<Cow<'a, str>>,
    /// What is claimed, as the kind has it.
    #[serde(borrow)]
    #[schemars(with = "Map<String, Value>")]
    pub(super) claims: &'a RawValue,
    /// Where the proof is: named, never fetched.
    #[serde(default)]
    pub(super) evidence: Vec<EvidenceLink>,
    /// Attestations of the same issuer that this one replaces.
    #[serde(default)]
    #[schemars(extend("examples" = [[]]))]
    pub(super) supersedes: Vec<Digest>,
    /// Who may see it (Traffic Light Protocol 2.0).
    #[serde(default)]
    #[schemars(extend("examples" = ["TLP:AMBER"]))]
    pub(super) handling: Option<Handling>,
}

/// The JSON Schema of the plain form.
pub(super) fn plain_schema() -> Schema {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<Plain<'_>>()
}

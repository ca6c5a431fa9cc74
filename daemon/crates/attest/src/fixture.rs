//! What the tests of this module share: a small trust table and documents signed with its keys.

use super::{
    Verifier, VerifierOptions, dsse,
    keys::{Algorithm, SigningKey},
    kinds::Kinds,
    statement,
    trust::{Grant, Key, TrustTable},
};
use crate::model::{Identifiers, Instant};
use serde_json::{Value, json};

/// The organisation that most tests are about.
pub(super) const SUBJECT: &str = "GB-COH:09506232";

/// What the clock of the tests says.
pub(super) fn now() -> Instant {
    "2026-05-10T12:00:00Z".parse().expect("an instant")
}

/// The key of this name: every name has one, whether it is in the table or not.
pub(super) fn key(name: &str) -> SigningKey {
    let algorithm = if name.ends_with("p256") { Algorithm::EcdsaP256 } else { Algorithm::Ed25519 };
    SigningKey::from_seed(algorithm, crate::model::Digest::of(name.as_bytes()).0)
}

/// The keys and grants that the tests trust, as a configuration file has them.
pub(super) const TABLE: &str = r#"
    [[grant]]
    name = "suppliers about themselves"
    signers = "subject"
    trust = "self"

    [[grant]]
    name = "certification bodies"
    signers = ["body", "body-p256"]
    kinds = ["cyber.ce", "cyber.ceplus", "revocation"]
    about = ["GB-COH:*"]
    trust = "third-party"

    [[grant]]
    name = "register"
    signers = ["register-1", "register-2", "register-3"]
    threshold = 2
    kinds = ["entity.status", "revocation"]
    trust = "authority"
    may_revoke = true
    issuer = "The Register"

    [[grant]]
    name = "spreadsheet"
    feed = "spreadsheet"
    kinds = ["site", "welding.approval"]
    trust = "unsigned"
"#;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default)]
    grant: Vec<Grant>,
}

/// The trust table of `toml`'s grants over the keys of the tests.
pub(super) fn table(toml: &str, kinds: &Kinds) -> Result<TrustTable, String> {
    let owners = [
        ("supplier", SUBJECT),
        ("other-supplier", "GB-COH:00000001"),
        ("body", "Body"),
        ("body-p256", "Body"),
        ("register-1", "Register A"),
        ("register-2", "Register B"),
        ("register-3", "Register C"),
    ];
    let keys = owners.map(|(name, owner)| Key {
        name: name.to_owned(),
        owner: owner.to_owned(),
        public_key: key(name).public().to_pem().expect("PEM"),
    });
    let grants = toml::from_str::<Table>(toml).map_err(|error| error.to_string())?.grant;
    TrustTable::new(&keys, &grants, &Identifiers::default(), kinds).map_err(|error| error.to_string())
}

/// The kinds of the tests: `welding.approval` is declared, one predicate type is mapped.
pub(super) fn kinds() -> Kinds {
    let schema = json!({
        "type": "object",
        "required": ["process"],
        "properties": {"process": {"enum": ["TIG", "MIG"]}, "since": {"type": "integer"}},
        "additionalProperties": false
    });
    let declared = [("welding.approval".to_owned(), schema)].into();
    let files = [("welding.approval".to_owned(), "/etc/tierwatch/welding.schema.json".into())].into();
    let mapped = [("https://iasme.example/ce/v2".to_owned(), "cyber.ce".to_owned())].into();
    Kinds::new(&declared, &mapped, &Identifiers::default()).expect("kinds").written_in(files)
}

/// A verifier over [`TABLE`].
pub(super) fn verifier() -> Verifier {
    let kinds = kinds();
    let trust = table(TABLE, &kinds).expect("a trust table");
    Verifier::new(VerifierOptions { kinds, trust, ..VerifierOptions::default() })
}

/// A good Cyber Essentials certificate: the predicate of a statement.
pub(super) fn predicate() -> Value {
    json!({
        "issued_at": "2026-05-10T09:00:00Z",
        "valid_until": "2027-05-09",
        "claims": {"certificate": "CE-1", "whole_organisation": true}
    })
}

/// The statement that `kind` with `predicate` holds of `subject`.
pub(super) fn statement_of(subject: &str, kind: &str, predicate: &Value) -> Value {
    json!({
        "_type": statement::STATEMENT_TYPE,
        "subject": [{"name": subject, "digest": {"sha256": crate::model::Digest::of(subject.as_bytes())}}],
        "predicateType": format!("urn:tierwatch:attestation:{kind}:v1"),
        "predicate": predicate
    })
}

/// `statement` in an envelope, signed by the keys of these names.
pub(super) fn signed(statement: &Value, signers: &[&str]) -> String {
    let keys: Vec<SigningKey> = signers.iter().map(|name| key(name)).collect();
    let keys: Vec<&SigningKey> = keys.iter().collect();
    dsse::sign(statement::PAYLOAD_TYPE, statement.to_string().as_bytes(), &keys)
}

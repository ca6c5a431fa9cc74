//! in-toto Statement v1 (in-toto/attestation, `spec/v1/statement.md`) with Tierwatch's predicate.
//!
//! ```json
//! {"_type": "https://in-toto.io/Statement/v1",
//!  "subject": [{"name": "GB-COH:09506232", "digest": {"sha256": "SHA-256 of the name"}}],
//!  "predicateType": "urn:tierwatch:attestation:cyber.ce:v1",
//!  "predicate": {"issued_at": "2026-05-10T09:00:00Z", "valid_from": "2026-05-10", "valid_until": "2027-05-09",
//!                "claims": {"certificate": "CE-1", "whole_organisation": true}}}
//! ```

use super::{
    faults::{faults_of_plain, faults_of_signed},
    plain::Plain,
    predicate::{PREDICATE_TYPE_PREFIX, PREDICATE_TYPE_SUFFIX},
    refusal::{Refusal, Shown},
    unverified::{DocumentVocabulary, Unverified, check_span},
};
use crate::{
    by_name,
    model::{Digest, Handling, Instant, Kind, Organisation, attestation::EvidenceLink},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use std::borrow::Cow;

/// The DSSE payload type of an in-toto statement.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// Whether `media_type`, in lower case and without parameters, is that of a statement: [`PAYLOAD_TYPE`], or that with the
/// predicate's name in it, as `application/vnd.in-toto.provenance+json` (in-toto/attestation, `spec/v1/envelope.md`). The
/// statement's own predicate type decides what it means.
pub(super) fn is_payload_type(media_type: &str) -> bool {
    let middle = media_type.strip_prefix("application/vnd.in-toto").and_then(|rest| rest.strip_suffix("+json"));
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.".contains(&byte))
    };
    middle.is_some_and(|middle| middle.is_empty() || middle.strip_prefix('.').is_some_and(is_name))
}

/// The `_type` of a statement.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";

/// What is about to be attested.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    /// About whom.
    pub subject: &'a Organisation,
    /// Of which kind.
    pub kind: &'a Kind,
    /// When it is said.
    pub issued_at: Instant,
    /// When it starts to hold; `None`: when it is said.
    pub valid_from: Option<Instant>,
    /// When it stops to hold, exclusive.
    pub valid_until: Option<Instant>,
    /// What part of the organisation it speaks of.
    pub scope: Option<&'a str>,
    /// The claims, as the kind has them.
    pub claims: &'a Value,
    /// Where the proof is.
    pub evidence: &'a [EvidenceLink],
    /// What it replaces.
    pub supersedes: &'a [Digest],
    /// Who may see it.
    pub handling: Option<Handling>,
}

impl Draft<'_> {
    /// Checks that it would hold at some time.
    ///
    /// # Errors
    /// [`Refusal::InvalidTime`] when it ends no later than it starts.
    pub fn check_span(&self) -> Result<(), Refusal> {
        check_span(self.issued_at, self.valid_from, self.valid_until)
    }
}

/// The statement of `draft` as one line of JSON: the payload to sign under [`PAYLOAD_TYPE`].
#[must_use]
pub fn write(draft: &Draft<'_>) -> String {
    let name = draft.subject.as_str();
    let statement = WrittenStatement {
        statement_type: STATEMENT_TYPE,
        subject: [WrittenSubject { name, digest: WrittenDigest { sha256: Digest::of(name.as_bytes()) } }],
        predicate_type: format!("{PREDICATE_TYPE_PREFIX}{}{PREDICATE_TYPE_SUFFIX}", draft.kind),
        predicate: WrittenPredicate {
            issued_at: draft.issued_at,
            valid_from: draft.valid_from,
            valid_until: draft.valid_until,
            scope: draft.scope,
            claims: draft.claims,
            evidence: draft.evidence,
            supersedes: draft.supersedes,
            handling: draft.handling,
        },
    };
    serde_json::to_string(&statement).unwrap_or_else(|error| unreachable!("a statement has only string keys: {error}"))
}

#[derive(Serialize)]
struct WrittenStatement<'a> {
    #[serde(rename = "_type")]
    statement_type: &'a str,
    subject: [WrittenSubject<'a>; 1],
    #[serde(rename = "predicateType")]
    predicate_type: String,
    predicate: WrittenPredicate<'a>,
}

#[derive(Serialize)]
struct WrittenSubject<'a> {
    name: &'a str,
    digest: WrittenDigest,
}

#[derive(Serialize)]
struct WrittenDigest {
    sha256: Digest,
}

#[derive(Serialize)]
struct WrittenPredicate<'a> {
    issued_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_from: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
    claims: &'a Value,
    #[serde(skip_serializing_if = "<[EvidenceLink]>::is_empty")]
    evidence: &'a [EvidenceLink],
    #[serde(skip_serializing_if = "<[Digest]>::is_empty")]
    supersedes: &'a [Digest],
    #[serde(skip_serializing_if = "Option::is_none")]
    handling: Option<Handling>,
}

/// Reads the statement in `json`, which [`super::json::check`] has passed; `digest` is that of the signed bytes.
pub(super) fn read<'a>(
    json: &'a str,
    digest: Digest,
    vocabulary: DocumentVocabulary<'_>,
) -> Result<Unverified<'a>, Refusal> {
    let statement: ReadStatement<'a> = by_name::json(json).map_err(|error| match faults_of_signed(json) {
        Some(faults) => Refusal::malformed(faults.listed()),
        None => unreadable(error),
    })?;
    if statement.statement_type != STATEMENT_TYPE {
        let found = Shown::of(&statement.statement_type);
        return Err(Refusal::UnsupportedType { field: "_type", found, expected: STATEMENT_TYPE });
    }
    let subject = match statement.subject.as_slice() {
        [subject] => subject,
        subjects => {
            let count = subjects.len();
            return Err(Refusal::InvalidSubject(Shown::of(format_args!(
                "there are {count}, state one organisation in each statement"
            ))));
        }
    };
    if subject.digest.sha256.as_deref().and_then(|text| text.parse().ok()) != Some(Digest::of(subject.name.as_bytes()))
    {
        return Err(Refusal::InvalidSubject(Shown::of(
            "set digest.sha256 to the SHA-256 of the subject's name as it is written",
        )));
    }
    let subject = vocabulary.subject(&subject.name)?;
    let kind = vocabulary.kinds.of_predicate_type(&statement.predicate_type)?;
    Ok(statement.predicate.into_stated(digest, subject, kind))
}

/// Reads unsigned JSON: the predicate with `kind` and `subject` beside its fields.
pub(super) fn read_plain<'a>(
    json: &'a str,
    digest: Digest,
    vocabulary: DocumentVocabulary<'_>,
) -> Result<Unverified<'a>, Refusal> {
    let plain: Plain<'a> = by_name::json(json).map_err(|error| match faults_of_plain(json) {
        Some(faults) => Refusal::malformed(faults.listed()),
        None => unreadable(error),
    })?;
    let subject = vocabulary.subject(&plain.subject)?;
    let kind = vocabulary.kinds.named(&plain.kind).ok_or_else(|| Refusal::UnknownKind(Shown::of(&plain.kind)))?;
    let predicate = ReadPredicate {
        issued_at: plain.issued_at,
        valid_from: plain.valid_from,
        valid_until: plain.valid_until,
        scope: plain.scope,
        claims: plain.claims,
        evidence: plain.evidence,
        supersedes: plain.supersedes,
        handling: plain.handling,
    };
    Ok(predicate.into_stated(digest, subject, kind))
}

fn unreadable(error: serde_json::Error) -> Refusal {
    Refusal::malformed(format_args!("the statement has {error}"))
}

/// Fields that we do not know are ignored here, as in-toto asks; those of the predicate are ours and are refused.
#[derive(Deserialize)]
struct ReadStatement<'a> {
    #[serde(borrow, rename = "_type")]
    statement_type: Cow<'a, str>,
    #[serde(borrow)]
    subject: Vec<ReadSubject<'a>>,
    #[serde(borrow, rename = "predicateType")]
    predicate_type: Cow<'a, str>,
    #[serde(borrow)]
    predicate: ReadPredicate<'a>,
}

#[derive(Deserialize)]
struct ReadSubject<'a> {
    #[serde(borrow, default)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    digest: ReadDigest<'a>,
}

#[derive(Deserialize, Default)]
struct ReadDigest<'a> {
    #[serde(borrow, default)]
    sha256: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadPredicate<'a> {
    #[serde(borrow)]
    issued_at: Cow<'a, str>,
    #[serde(borrow, default)]
    valid_from: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    valid_until: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    scope: Option<Cow<'a, str>>,
    #[serde(borrow)]
    claims: &'a RawValue,
    #[serde(default)]
    evidence: Vec<EvidenceLink>,
    #[serde(default)]
    supersedes: Vec<Digest>,
    #[serde(default)]
    handling: Option<Handling>,
}

impl<'a> ReadPredicate<'a> {
    fn into_stated(self, digest: Digest, subject: Organisation, kind: Kind) -> Unverified<'a> {
        Unverified {
            digest,
            subject,
            kind,
            issued_at: self.issued_at,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            scope: self.scope,
            claims: self.claims.get().into(),
            evidence: self.evidence,
            supersedes: self.supersedes,
            handling: self.handling,
        }
    }
}

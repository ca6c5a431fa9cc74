//! What a document states, read and not yet believed: the common form of every wire format.

use super::{
    kinds::Kinds,
    refusal::{Refusal, Shown},
    trust::Admission,
};
use crate::model::{
    Attestation, Claims, Digest, Handling, Identifiers, Instant, Kind, Organisation, attestation::EvidenceLink,
    claims::MAX_TEXT_BYTES,
};
use std::borrow::Cow;

/// Most evidence links, and most superseded attestations, of one attestation.
const MAX_LINKS: usize = 256;

/// The scheme whose identifiers only stand beside another: a number that firms no longer get.
const ALIAS_ONLY_SCHEME: &str = "XI-DUNS";

/// Checks that what holds from `valid_from`, or else from `issued_at`, until `valid_until` (exclusive) holds at some time.
pub(super) fn check_span(
    issued_at: Instant,
    valid_from: Option<Instant>,
    valid_until: Option<Instant>,
) -> Result<(), Refusal> {
    let start = valid_from.unwrap_or(issued_at);
    let Some(until) = valid_until.filter(|until| *until <= start) else { return Ok(()) };
    // Nobody is told to mend what he has not written.
    let start = match valid_from {
        Some(from) => format!("valid_from, {from}"),
        None => format!("issued_at, {issued_at}, from which it holds without a valid_from"),
    };
    let problem = format!("{until} is not after {start}: it would never hold, correct one of them");
    Err(Refusal::InvalidTime { field: "valid_until", problem: Shown::of(problem) })
}

/// The words that a document is read with.
#[derive(Clone, Copy)]
pub(super) struct DocumentVocabulary<'v> {
    /// The schemes of organisations.
    pub(super) identifiers: &'v Identifiers,
    /// The kinds and predicate types.
    pub(super) kinds: &'v Kinds,
}

impl DocumentVocabulary<'_> {
    /// The organisation that an attestation is about.
    pub(super) fn subject(&self, name: &str) -> Result<Organisation, Refusal> {
        let subject = self.identifiers.parse(name)?;
        if subject.scheme() == ALIAS_ONLY_SCHEME {
            return Err(Refusal::InvalidIdentifier(Shown::of(format_args!(
                "`{subject}` is an alias only: name the organisation by another scheme and list this one among the aliases of its entity.profile"
            ))));
        }
        Ok(subject)
    }
}

/// One attestation as a document states it. Subject and kind are read, because they choose the keys to try; times and
/// claims are still text, because nobody has signed them yet.
#[derive(Debug)]
pub(super) struct Unverified<'a> {
    pub(super) digest: Digest,
    pub(super) subject: Organisation,
    pub(super) kind: Kind,
    pub(super) issued_at: Cow<'a, str>,
    pub(super) valid_from: Option<Cow<'a, str>>,
    pub(super) valid_until: Option<Cow<'a, str>>,
    pub(super) scope: Option<Cow<'a, str>>,
    pub(super) claims: Cow<'a, str>,
    pub(super) evidence: Vec<EvidenceLink>,
    pub(super) supersedes: Vec<Digest>,
    pub(super) handling: Option<Handling>,
}

/// The fields of an [`Unverified`] that were still text, as they are read.
pub(super) struct CheckedFields {
    issued_at: Instant,
    valid_from: Instant,
    valid_until: Option<Instant>,
    claims: Claims,
}

impl Unverified<'_> {
    /// Reads what is still text.
    pub(super) fn check(
        &self,
        vocabulary: DocumentVocabulary<'_>,
        now: Instant,
        future_tolerance_seconds: i64,
    ) -> Result<CheckedFields, Refusal> {
        let issued_at = time("issued_at", &self.issued_at, Instant::parse_start)?;
        if issued_at > now.plus_seconds(future_tolerance_seconds) {
            return Err(Refusal::FromTheFuture { issued_at, now });
        }
        let start = self.valid_from.as_ref().map(|text| time("valid_from", text, Instant::parse_start)).transpose()?;
        let valid_from = start.unwrap_or(issued_at);
        let valid_until =
            self.valid_until.as_ref().map(|text| time("valid_until", text, Instant::parse_end)).transpose()?;
        check_span(issued_at, start, valid_until)?;
        for (field, links) in [("evidence", self.evidence.len()), ("supersedes", self.supersedes.len())] {
            if links > MAX_LINKS {
                return Err(Refusal::malformed(format_args!("`{field}` has {links} entries, at most {MAX_LINKS}")));
            }
        }
        if self.scope.as_ref().is_some_and(|scope| scope.len() > MAX_TEXT_BYTES) {
            return Err(Refusal::malformed(format_args!("`scope` has more than {MAX_TEXT_BYTES} bytes")));
        }
        let claims = vocabulary.kinds.read_claims(vocabulary.identifiers, &self.subject, &self.kind, &self.claims)?;
        vocabulary.kinds.check_past(&claims, issued_at)?;
        Ok(CheckedFields { issued_at, valid_from, valid_until, claims })
    }

    /// Brings it into canonical form, under the `admission` that its signers have.
    pub(super) fn normalise(self, admission: Admission, checked: CheckedFields) -> Attestation {
        let CheckedFields { issued_at, valid_from, valid_until, claims } = checked;
        Attestation {
            digest: self.digest,
            subject: self.subject,
            issuer: admission.issuer,
            issued_at,
            valid_from,
            valid_until,
            trust: admission.trust,
            scope: self.scope.map(|scope| scope.into()),
            claims,
            evidence: self.evidence,
            supersedes: self.supersedes,
            handling: self.handling,
        }
    }
}

fn time<E: std::fmt::Display>(
    field: &'static str,
    text: &str,
    parse: impl Fn(&str) -> Result<Instant, E>,
) -> Result<Instant, Refusal> {
    parse(text).map_err(|error| Refusal::InvalidTime { field, problem: Shown::of(error) })
}

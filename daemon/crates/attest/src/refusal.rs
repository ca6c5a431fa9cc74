//! Why bytes do not become an attestation: a code for machines, a sentence for people that ends with how to mend it.

use super::{dsse::NotAnEnvelope, json::MAX_JSON_DEPTH};
use crate::{
    diagnostic::harmless,
    model::{Instant, organisation::NotAnOrganisation},
};
use std::fmt;

/// Largest single attestation, in bytes as it arrives.
pub const MAX_ATTESTATION_BYTES: usize = 1024 * 1024;

/// Longest foreign text inside a refusal, in characters.
const MAX_SHOWN_CHARS: usize = 240;

/// Foreign text made fit to be shown: clipped, and with nothing in it that a terminal would obey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown(String);

impl Shown {
    /// Makes what `text` displays fit to be shown.
    #[must_use]
    pub fn of(text: impl fmt::Display) -> Self {
        let text = text.to_string();
        let end = text.char_indices().nth(MAX_SHOWN_CHARS).map_or(text.len(), |(end, _)| end);
        let cut = if end < text.len() { "…" } else { "" };
        Self(format!("{}{cut}", harmless::line(&text[..end])))
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The fix for claims, for which `manual` is read.
fn corrected(manual: Option<&Shown>) -> String {
    manual.map(|manual| format!("; correct them as {manual} has them")).unwrap_or_default()
}

/// Why bytes do not become an attestation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not UTF-8, not JSON, a key twice, or not the shape that its type has.
    #[error("it cannot be read: {0}; mend that and send it again")]
    Malformed(Shown),
    /// Larger than one attestation may be.
    #[error(
        "it has {bytes} bytes: one attestation is at most {MAX_ATTESTATION_BYTES}; put large proof elsewhere and name it under `evidence`"
    )]
    Oversized {
        /// How large it is.
        bytes: usize,
    },
    /// Nested too deep.
    #[error("its JSON is nested deeper than {MAX_JSON_DEPTH}: flatten it")]
    TooDeep,
    /// JSON, but of another purpose or form.
    #[error("it is no attestation ({what}): {fix}")]
    NotAnAttestation {
        /// What it is.
        what: &'static str,
        /// How to mend that form.
        fix: &'static str,
    },
    /// An envelope, a statement or a BOM of a type that is not read.
    #[error("its {field} `{found}` is not read here: use {expected}")]
    UnsupportedType {
        /// Which field says so.
        field: &'static str,
        /// What it says.
        found: Shown,
        /// What is read.
        expected: &'static str,
    },
    /// No signature, from a feed that must have one.
    #[error(
        "it is not signed, and no grant lets the feed `{feed}` bring unsigned attestations: sign it with `tierwatch attest sign`, or add a [[grant]] with a name, feed = \"{feed}\", trust = \"unsigned\" and the kinds that it may bring"
    )]
    Unsigned {
        /// Where it came from.
        feed: Shown,
    },
    /// A known key is named, and the signature is not its own over these bytes.
    #[error(
        "no signature is valid: it was changed after it was signed, or signed with another key than it names; ask the issuer for the original"
    )]
    BadSignature,
    /// None of the keys of the configuration made a signature.
    #[error(
        "it is signed with no key of the configuration (it names {keyids}): add the issuer's public key as [[key]] and grant it its kinds; if it is there, put its id into `keyid`"
    )]
    UnknownKey {
        /// The hints of its signatures.
        keyids: Shown,
    },
    /// Not enough of a grant's keys have signed.
    #[error(
        "the grant `{grant}` asks for {needed} distinct keys and {found} signed: collect the missing signatures in one envelope"
    )]
    Threshold {
        /// Which grant came nearest.
        grant: Shown,
        /// How many of its keys signed.
        found: usize,
        /// How many it asks for.
        needed: usize,
    },
    /// The signers, or the feed, may not say this.
    #[error(
        "{who} may not attest {kind} about {subject}: widen a [[grant]] if it should, or have it attested by who may"
    )]
    OutOfRemit {
        /// The keys or the feed.
        who: Shown,
        /// What is attested.
        kind: Shown,
        /// About whom.
        subject: Shown,
    },
    /// Issued later than now.
    #[error("it was issued at {issued_at}, and now is {now}: check the clock of the issuer, or send it again later")]
    FromTheFuture {
        /// When it says it was issued.
        issued_at: Instant,
        /// When it was read.
        now: Instant,
    },
    /// Neither built in nor declared nor mapped.
    #[error(
        "`{0}` is no kind that this daemon knows: correct it, declare the kind under [[kinds]] with a JSON Schema, or map the predicate type under [[predicates]]"
    )]
    UnknownKind(Shown),
    /// Not exactly one subject, or its digest is not that of its name.
    #[error("its subject is not usable: {0}")]
    InvalidSubject(Shown),
    /// An organisation is not named as its scheme asks.
    #[error("{0}")]
    InvalidIdentifier(Shown),
    /// A time cannot be read, or the validity is empty.
    #[error("{field}: {problem}")]
    InvalidTime {
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        problem: Shown,
    },
    /// The claims are not those of their kind.
    #[error("the claims are not those of {kind}: {problem}{}", corrected(.manual.as_ref()))]
    InvalidClaims {
        /// Which kind.
        kind: Shown,
        /// What is wrong, with its place.
        problem: Shown,
        /// Where it stands how they are written; `None` when `problem` ends with its own fix.
        manual: Option<Shown>,
    },
}

impl Refusal {
    /// The code of what time alone mends.
    pub const FROM_THE_FUTURE: &str = "from-the-future";
    /// Every code there is: the values of the metric's label.
    pub const CODES: &[&str] = &[
        "malformed",
        "oversized",
        "too-deep",
        "not-an-attestation",
        "unsupported-type",
        "unsigned",
        "bad-signature",
        "unknown-key",
        "threshold",
        "out-of-remit",
        Self::FROM_THE_FUTURE,
        "unknown-kind",
        "invalid-subject",
        "invalid-identifier",
        "invalid-time",
        "invalid-claims",
    ];

    /// The codes of what is refused because its signer is not believed, or not in this: somebody may be forging.
    pub const OF_TRUST: &[&str] = &["unsigned", "bad-signature", "unknown-key", "threshold", "out-of-remit"];

    /// The code of this refusal, one of [`Refusal::CODES`].
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::Oversized { .. } => "oversized",
            Self::TooDeep => "too-deep",
            Self::NotAnAttestation { .. } => "not-an-attestation",
            Self::UnsupportedType { .. } => "unsupported-type",
            Self::Unsigned { .. } => "unsigned",
            Self::BadSignature => "bad-signature",
            Self::UnknownKey { .. } => "unknown-key",
            Self::Threshold { .. } => "threshold",
            Self::OutOfRemit { .. } => "out-of-remit",
            Self::FromTheFuture { .. } => Self::FROM_THE_FUTURE,
            Self::UnknownKind(_) => "unknown-kind",
            Self::InvalidSubject(_) => "invalid-subject",
            Self::InvalidIdentifier(_) => "invalid-identifier",
            Self::InvalidTime { .. } => "invalid-time",
            Self::InvalidClaims { .. } => "invalid-claims",
        }
    }

    /// Malformed, for this reason.
    pub(super) fn malformed(what: impl fmt::Display) -> Self {
        Self::Malformed(Shown::of(what))
    }
}

impl From<NotAnEnvelope> for Refusal {
    fn from(error: NotAnEnvelope) -> Self {
        Self::malformed(error)
    }
}

impl From<NotAnOrganisation> for Refusal {
    fn from(error: NotAnOrganisation) -> Self {
        Self::InvalidIdentifier(Shown::of(error))
    }
}

impl From<super::json::Fault> for Refusal {
    fn from(fault: super::json::Fault) -> Self {
        use super::json::Fault;
        match fault {
            Fault::TooDeep => Self::TooDeep,
            Fault::Repeated(key) => {
                Self::malformed(format_args!("the key `{}` stands twice in one object", Shown::of(key)))
            }
            Fault::Reserved(key) => Self::malformed(format_args!("the key `{}` is reserved", Shown::of(key))),
            Fault::Syntax(error) => Self::malformed(format_args!("not JSON, {error}")),
        }
    }
}

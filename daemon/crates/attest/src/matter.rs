//! What an attestation is about, told of those that are refused too: who says it, of whom, of which kind, and of which of
//! the things that its kind tells apart.
//!
//! A refused attestation is bad news or a mistake, and only its issuer can say which: by one that is accepted, of the same
//! matter and not older. What comes from the same place says nothing of it.

use crate::model::{Attestation, Digest, Instant, Kind, Organisation};

/// What one attestation is about, and when it was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matter {
    /// Names the matter: attestations of one matter succeed one another.
    pub digest: Digest,
    /// When it was said; of one that is refused, as it says itself, where that can be read.
    pub issued_at: Option<Instant>,
}

impl Matter {
    /// That of an attestation.
    #[must_use]
    pub fn of(attestation: &Attestation) -> Self {
        let Attestation { subject, issuer, claims, issued_at, .. } = attestation;
        let digest = named(issuer, subject, &claims.kind(), &claims.discriminator());
        Self { digest, issued_at: Some(*issued_at) }
    }
}

/// Of an attestation with these parts.
pub(super) fn named(issuer: &str, subject: &Organisation, kind: &Kind, discriminator: &str) -> Digest {
    // None of the parts but the last can hold a line's end.
    Digest::of(format!("{kind}\n{subject}\n{}\n{issuer}\n{discriminator}", issuer.len()).as_bytes())
}

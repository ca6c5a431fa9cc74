//! What an attestation is about, told of those that are refused too: who says it, of whom, of which kind, and of which of
//! the things that its kind tells apart.
//!
//! A refused attestation is bad news or a mistake, and only its issuer can say which: by one that is accepted, of the same
//! matter and not older. What comes from the same place says nothing of it.

use super::{keys::KeyId, stated::Stated, verifier::Verifier};
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

fn named(issuer: &str, subject: &Organisation, kind: &Kind, discriminator: &str) -> Digest {
    // None of the parts but the last can hold a line's end.
    Digest::of(format!("{kind}\n{subject}\n{}\n{issuer}\n{discriminator}", issuer.len()).as_bytes())
}

impl Verifier {
    /// What the one attestation in `stated`, which was refused, says that it is about; `signers` are the keys that signed it,
    /// or that it names.
    pub(super) fn matter(&self, stated: &[Stated<'_>], signers: &[KeyId], feed: &str) -> Option<Matter> {
        let [stated] = stated else { return None };
        let Stated { subject, kind, .. } = stated;
        let issuer = self.options().trust.speaker(signers, feed, kind, subject)?;
        let options = self.options();
        // Where the claims cannot be read, which of several things they are of cannot be told: then nothing succeeds them.
        let claims = options.kinds.read_claims(&options.identifiers, subject, kind, &stated.claims).ok();
        let discriminator =
            claims.map(|claims| claims.discriminator()).or_else(|| kind.is_one_matter().then(String::new))?;
        let issued_at = Instant::parse_start(&stated.issued_at).ok();
        Some(Matter { digest: named(&issuer, subject, kind, &discriminator), issued_at })
    }
}

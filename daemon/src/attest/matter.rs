//! What an attestation is about, told of those that are refused too: who says it, of whom, of which kind, and of which of
//! the things that its kind tells apart.
//!
//! A refused attestation is bad news or a mistake, and only its issuer can say which: by one that is accepted, of the same
//! matter and not older. What comes from the same place says nothing of it.

use super::{
    cyclonedx,
    dsse::{Envelope, Signature},
    json,
    keys::KeyId,
    signatures,
    stated::Stated,
    verifier::{Format, Verifier, utf8},
};
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
    /// What the one attestation in `bytes`, which were refused, says that it is about. Nothing of it is verified. `None`
    /// where it cannot be read so far, names no issuer of the configuration, or is not one.
    #[must_use]
    pub fn matter(&self, bytes: &[u8], feed: &str) -> Option<Matter> {
        let text = utf8(bytes).ok()?;
        let outline = json::check(text).ok()?;
        match Format::of(&outline)? {
            Format::Envelope => {
                let envelope = Envelope::parse(text).ok()?;
                let format = Format::of_payload_type(&envelope.payload_type).ok()?;
                let payload = utf8(&envelope.payload).ok()?;
                json::check(payload).ok()?;
                let message = envelope.signed_bytes();
                let stated = self.read(format, payload, Digest::of(&message)).ok()?;
                let hints = || envelope.signatures.iter().filter_map(Signature::hint).collect();
                let signers: Vec<KeyId> = signatures::signers(&self.options().trust, &envelope, &message, &stated)
                    .unwrap_or_else(|_| hints());
                self.only_matter(stated, &signers, feed)
            }
            Format::Bom if !cyclonedx::has_claims(text).ok()? => None,
            format => self.only_matter(self.read(format, text, Digest::of(b"")).ok()?, &[], feed),
        }
    }

    fn only_matter(&self, stated: Vec<Stated<'_>>, signers: &[KeyId], feed: &str) -> Option<Matter> {
        let [stated] = &stated[..] else { return None };
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

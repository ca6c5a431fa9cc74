//! The whole way from bytes to verified attestations.

use super::{
    cyclonedx,
    dsse::{Envelope, Signature},
    forms::{self, ForeignForm},
    json::{self, JsonOutline},
    keys::KeyId,
    kinds::Kinds,
    matter::{self, Matter},
    refusal::{MAX_ATTESTATION_BYTES, Refusal, Shown},
    remit::{Remit, reaches_others},
    signatures, statement,
    trust::{Admission, NotAdmitted, TrustTable},
    unverified::{CheckedFields, DocumentVocabulary, Unverified},
};
use crate::model::{Attestation, Digest, Identifiers, Instant, Kind, Organisation};

/// How far an issuer's clock may be ahead of ours unless the configuration says otherwise, in seconds.
pub const FUTURE_TOLERANCE_SECONDS: i64 = 300;

/// What a [`Verifier`] is made of.
#[derive(Debug, Clone)]
pub struct VerifierOptions {
    /// The schemes of organisations.
    pub identifiers: Identifiers,
    /// The kinds and predicate types.
    pub kinds: Kinds,
    /// Who may say what.
    pub trust: TrustTable,
    /// How far `issued_at` may lie in the future, in seconds.
    pub future_tolerance_seconds: i64,
}

impl Default for VerifierOptions {
    /// Trusts nobody.
    fn default() -> Self {
        Self {
            identifiers: Identifiers::default(),
            kinds: Kinds::default(),
            trust: TrustTable::default(),
            future_tolerance_seconds: FUTURE_TOLERANCE_SECONDS,
        }
    }
}

/// An attestation that is believed as far as its trust says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// In canonical form, with issuer and trust as the trust table has them now.
    pub attestation: Attestation,
    /// The keys that signed it, sorted; none when it came unsigned. Stored beside it, so that its admission can be
    /// worked out again when the trust table changes.
    pub signers: Vec<KeyId>,
    /// How far its signers may speak beyond it.
    pub remit: Remit,
}

/// What is refused, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub refusal: Refusal,
    /// What the one attestation in it says that it is about. Nothing of it is verified. `None` where it cannot be read so
    /// far, names no issuer of the configuration, or is not one.
    pub matter: Option<Box<Matter>>,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, matter: None }
    }
}

/// Turns bytes into attestations or says why not. Pure: the same bytes, feed, time and options give the same answer.
#[derive(Debug, Clone, Default)]
pub struct Verifier {
    options: VerifierOptions,
}

impl Verifier {
    /// A verifier with these options.
    #[must_use]
    pub fn new(options: VerifierOptions) -> Self {
        Self { options }
    }

    /// The options it was made with.
    #[must_use]
    pub fn options(&self) -> &VerifierOptions {
        &self.options
    }

    /// Verifies one document that came from `feed`. A document with several claims is believed as a whole or not at
    /// all.
    ///
    /// # Errors
    /// [`Refusal`]
    pub fn verify(&self, bytes: &[u8], feed: &str, now: Instant) -> Result<Vec<Verified>, Refusal> {
        self.judge(bytes, feed, now).map_err(|refused| refused.refusal)
    }

    /// As [`verify`](Self::verify), and of what is refused what it is about, from the same reading.
    ///
    /// # Errors
    /// [`Refused`]
    pub fn judge(&self, bytes: &[u8], feed: &str, now: Instant) -> Result<Vec<Verified>, Refused> {
        if bytes.len() > MAX_ATTESTATION_BYTES {
            return Err(Refusal::Oversized { bytes: bytes.len() }.into());
        }
        let text = utf8(bytes)?;
        let outline = checked(text)?;
        match Format::of(&outline) {
            Some(Format::Envelope) => self.verify_envelope(text, feed, now),
            Some(format) => self.verify_unsigned(format, text, feed, now),
            None => Err(Refusal::of_form(ForeignForm::of(&outline)).into()),
        }
    }

    /// Whether `envelope` carries a signature of each of `signers` whose key the trust table has, whatever its payload is
    /// taken for today.
    #[must_use]
    pub fn is_signed_by(&self, envelope: &[u8], signers: &[KeyId]) -> bool {
        let Some(envelope) = str::from_utf8(envelope).ok().and_then(|text| Envelope::parse(text).ok()) else {
            return signers.is_empty();
        };
        let message = envelope.signed_bytes();
        let mut keys = signers.iter().filter_map(|signer| self.options.trust.key(*signer));
        keys.all(|key| envelope.signatures.iter().any(|signature| key.verify(&message, &signature.bytes)))
    }

    /// Works out again under what a stored attestation is admitted; `signers` are those that [`Verified`] had.
    ///
    /// # Errors
    /// [`Refusal`] when the trust table does not admit it any more.
    pub fn admit(
        &self,
        signers: &[KeyId],
        feed: &str,
        kind: &Kind,
        subject: &Organisation,
    ) -> Result<Admission, Refusal> {
        let trust = &self.options.trust;
        trust.admit(signers, feed, kind, subject).map_err(|reason| match reason {
            NotAdmitted::Threshold { grant, found, needed } => {
                Refusal::Threshold { grant: Shown::of(grant), found, needed }
            }
            NotAdmitted::OutOfRemit if signers.is_empty() && !trust.takes_unsigned(feed) => {
                Refusal::Unsigned { feed: Shown::of(feed) }
            }
            NotAdmitted::OutOfRemit => {
                let names: Vec<&str> = signers.iter().filter_map(|id| trust.key_name(*id)).collect();
                let who = match names.as_slice() {
                    [] if signers.is_empty() => format!("the feed `{feed}`"),
                    [] => "its signer, which is no key of the configuration any more,".to_owned(),
                    names => format!("the key `{}`", names.join("`, `")),
                };
                Refusal::OutOfRemit { who: Shown::of(who), kind: Shown::of(kind), subject: Shown::of(subject) }
            }
        })
    }

    /// `attestation`, which was stored, as the trust table admits it now, and how far its signers may speak beyond it;
    /// `signers` are those that [`Verified`] had.
    ///
    /// # Errors
    /// [`Refusal`] when the trust table does not admit it any more.
    pub fn readmit(
        &self,
        attestation: Attestation,
        signers: &[KeyId],
        feed: &str,
    ) -> Result<(Attestation, Remit), Refusal> {
        let Admission { issuer, trust, may_revoke } =
            self.admit(signers, feed, &attestation.kind(), &attestation.subject)?;
        let remit = self.remit(signers, feed, may_revoke, &attestation);
        Ok((Attestation { issuer, trust, ..attestation }, remit))
    }

    fn remit(&self, signers: &[KeyId], feed: &str, may_revoke: bool, attestation: &Attestation) -> Remit {
        if reaches_others(attestation) { self.options.trust.remit(signers, feed, may_revoke) } else { Remit::default() }
    }

    fn vocabulary(&self) -> DocumentVocabulary<'_> {
        DocumentVocabulary { identifiers: &self.options.identifiers, kinds: &self.options.kinds }
    }

    fn verify_envelope(&self, text: &str, feed: &str, now: Instant) -> Result<Vec<Verified>, Refused> {
        let envelope = Envelope::parse(text).map_err(Refusal::from)?;
        let format = Format::of_payload_type(&envelope.payload_type)?;
        let payload = utf8(&envelope.payload)?;
        checked(payload)?;
        let message = envelope.signed_bytes();
        let unverified = self.read(format, payload, Digest::of(&message))?;
        match signatures::signers(&self.options.trust, &envelope, &message, &unverified) {
            Ok(signers) => self.believe(unverified, &signers, feed, now),
            Err(refusal) => {
                let hints: Vec<KeyId> = envelope.signatures.iter().filter_map(Signature::hint).collect();
                Err(Refused { refusal, matter: self.matter(&unverified, &hints, feed).map(Box::new) })
            }
        }
    }

    fn verify_unsigned(&self, format: Format, text: &str, feed: &str, now: Instant) -> Result<Vec<Verified>, Refused> {
        if format == Format::Bom && !cyclonedx::has_claims(text)? {
            return Err(Refusal::of_form(ForeignForm::Claimless).into());
        }
        if !self.options.trust.takes_unsigned(feed) {
            return Err(Refusal::Unsigned { feed: Shown::of(feed) }.into());
        }
        let unverified = self.read(format, text, Digest::of(text.trim_ascii().as_bytes()))?;
        self.believe(unverified, &[], feed, now)
    }

    fn read<'a>(&self, format: Format, json: &'a str, digest: Digest) -> Result<Vec<Unverified<'a>>, Refusal> {
        match format {
            Format::Bom => cyclonedx::read(json, digest, self.vocabulary()),
            Format::Plain => statement::read_plain(json, digest, self.vocabulary()).map(|unverified| vec![unverified]),
            Format::Statement | Format::Envelope => {
                statement::read(json, digest, self.vocabulary()).map(|unverified| vec![unverified])
            }
        }
    }

    fn believe(
        &self,
        unverified: Vec<Unverified<'_>>,
        signers: &[KeyId],
        feed: &str,
        now: Instant,
    ) -> Result<Vec<Verified>, Refused> {
        let tolerance = self.options.future_tolerance_seconds;
        let check = |unverified: &Unverified<'_>| {
            let admission = self.admit(signers, feed, &unverified.kind, &unverified.subject)?;
            Ok((admission, unverified.check(self.vocabulary(), now, tolerance)?))
        };
        let checked: Result<Vec<_>, Refusal> = unverified.iter().map(check).collect();
        let checked = match checked {
            Ok(checked) => checked,
            Err(refusal) => {
                return Err(Refused { refusal, matter: self.matter(&unverified, signers, feed).map(Box::new) });
            }
        };
        let believe = |(unverified, (admission, checked)): (Unverified<'_>, (Admission, CheckedFields))| {
            let may_revoke = admission.may_revoke;
            let attestation = unverified.normalise(admission, checked);
            let remit = self.remit(signers, feed, may_revoke, &attestation);
            Verified { attestation, signers: signers.to_vec(), remit }
        };
        Ok(unverified.into_iter().zip(checked).map(believe).collect())
    }

    /// What the one attestation in `unverified`, which was refused, says that it is about; `signers` are the keys that signed it,
    /// or that it names.
    pub(super) fn matter(&self, unverified: &[Unverified<'_>], signers: &[KeyId], feed: &str) -> Option<Matter> {
        let [unverified] = unverified else { return None };
        let Unverified { subject, kind, .. } = unverified;
        let issuer = self.options().trust.speaker(signers, feed, kind, subject)?;
        let options = self.options();
        // Where the claims cannot be read, which of several things they are of cannot be told: then nothing succeeds them.
        let claims = options.kinds.read_claims(&options.identifiers, subject, kind, &unverified.claims).ok();
        let discriminator =
            claims.map(|claims| claims.discriminator()).or_else(|| kind.is_one_matter().then(String::new))?;
        let issued_at = Instant::parse_start(&unverified.issued_at).ok();
        Some(Matter { digest: matter::named(&issuer, subject, kind, &discriminator), issued_at })
    }
}

/// What a JSON object is, by the keys it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// A DSSE envelope.
    Envelope,
    /// An in-toto statement.
    Statement,
    /// A CycloneDX BOM.
    Bom,
    /// Our own predicate with `kind` and `subject`.
    Plain,
}

impl Format {
    const BY_KEYS: [(&[&str], Self); 7] = [
        (&["payloadType"], Self::Envelope),
        (&["payload", "signatures"], Self::Envelope),
        (&["_type", "predicateType"], Self::Statement),
        (&["bomFormat"], Self::Bom),
        // Any two of its fields: what lacks the others is told which.
        (&["kind", "subject"], Self::Plain),
        (&["kind", "claims"], Self::Plain),
        (&["subject", "claims"], Self::Plain),
    ];

    fn of(outline: &JsonOutline<'_>) -> Option<Self> {
        Self::BY_KEYS.iter().find(|(keys, _)| outline.has(keys)).map(|(_, format)| *format)
    }

    fn of_payload_type(payload_type: &str) -> Result<Self, Refusal> {
        // Media types may carry parameters, as `; version=1.6`, and have no case (RFC 6838).
        let media_type = payload_type.split(';').next().unwrap_or_default().trim_end().to_ascii_lowercase();
        if statement::is_payload_type(&media_type) {
            return Ok(Self::Statement);
        }
        if media_type == cyclonedx::PAYLOAD_TYPE {
            return Ok(Self::Bom);
        }
        Err(Refusal::UnsupportedType {
            field: "payloadType",
            found: Shown::of(payload_type),
            expected: "application/vnd.in-toto+json or application/vnd.cyclonedx+json",
        })
    }
}

fn checked(text: &str) -> Result<JsonOutline<'_>, Refusal> {
    json::check(text).map_err(Refusal::from)
}

fn utf8(bytes: &[u8]) -> Result<&str, Refusal> {
    if let Some(problem) = forms::encoding(bytes) {
        return Err(Refusal::malformed(problem));
    }
    str::from_utf8(bytes)
        .map_err(|error| Refusal::malformed(format_args!("not UTF-8 from byte {} on", error.valid_up_to())))
}

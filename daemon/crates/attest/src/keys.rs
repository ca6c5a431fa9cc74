//! Keys that sign and verify: Ed25519 (RFC 8032, verified strictly) and ECDSA over P-256 with SHA-256 (FIPS 186-5).

use super::{
    key_forms::{self, Half},
    not_a_key::NotAKey,
};
use crate::model::Digest;
use base64::{Engine as _, engine::general_purpose::STANDARD_PAD_INDIFFERENT};
use ed25519_dalek::pkcs8::{
    DecodePrivateKey as _, DecodePublicKey as _, EncodePrivateKey as _, EncodePublicKey as _,
    spki::der::pem::LineEnding,
};
use p256::{ecdsa::signature::Signer as _, elliptic_curve::Generate as _};
use ring::signature::{ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A signature scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// ECDSA over P-256 with SHA-256 (FIPS 186-5).
    EcdsaP256,
}

impl Algorithm {
    /// The word for it in files and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            Self::EcdsaP256 => "ecdsa-p256",
        }
    }
}

/// The name of a key: the SHA-256 of its `SubjectPublicKeyInfo` in DER, so that one key has one name however it was
/// written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(pub Digest);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A private key. Its memory is wiped when it goes.
#[derive(Clone)]
pub struct SigningKey(Secret);

#[derive(Clone)]
enum Secret {
    Ed25519(Box<ed25519_dalek::SigningKey>),
    EcdsaP256(Box<p256::ecdsa::SigningKey>),
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.algorithm().as_str())
    }
}

impl SigningKey {
    /// The key that belongs to `seed`: the same seed gives the same key, so that a simulation can be repeated.
    #[must_use]
    pub fn from_seed(algorithm: Algorithm, seed: [u8; 32]) -> Self {
        match algorithm {
            Algorithm::Ed25519 => Self(Secret::Ed25519(Box::new(ed25519_dalek::SigningKey::from_bytes(&seed)))),
            Algorithm::EcdsaP256 => {
                // Zero and what is not below the group's order are no keys (one seed in 2^32): hash until one is.
                let mut scalar = seed;
                loop {
                    if let Ok(key) = p256::ecdsa::SigningKey::from_slice(&scalar) {
                        return Self(Secret::EcdsaP256(Box::new(key)));
                    }
                    scalar = Digest::of(&scalar).0;
                }
            }
        }
    }

    /// A new key from the operating system's randomness.
    ///
    /// # Panics
    /// When the operating system has no randomness: no key is better than a guessable one.
    #[must_use]
    pub fn generate(algorithm: Algorithm) -> Self {
        Self::from_seed(algorithm, <[u8; 32]>::generate())
    }

    /// Reads a PEM `PRIVATE KEY` (PKCS#8, RFC 5958).
    ///
    /// # Errors
    /// [`NotAKey::Private`], or [`NotAKey::Form`] where it is a key of another form.
    pub fn from_pem(pem: &str) -> Result<Self, NotAKey> {
        let pem = pem.trim();
        if let Ok(key) = ed25519_dalek::SigningKey::from_pkcs8_pem(pem) {
            return Ok(Self(Secret::Ed25519(Box::new(key))));
        }
        let key = p256::ecdsa::SigningKey::from_pkcs8_pem(pem).map_err(|_| key_forms::refused(pem, Half::Private))?;
        Ok(Self(Secret::EcdsaP256(Box::new(key))))
    }

    /// Writes a PEM `PRIVATE KEY` (PKCS#8).
    ///
    /// # Errors
    /// [`NotAKey::Encoding`], which no key of ours is known to meet.
    pub fn to_pem(&self) -> Result<String, NotAKey> {
        let pem = match &self.0 {
            Secret::Ed25519(key) => key.to_pkcs8_pem(LineEnding::LF),
            Secret::EcdsaP256(key) => key.to_pkcs8_pem(LineEnding::LF),
        };
        pem.map(|pem| pem.to_string()).map_err(|error| NotAKey::Encoding(error.to_string()))
    }

    /// The scheme it signs with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self.0 {
            Secret::Ed25519(_) => Algorithm::Ed25519,
            Secret::EcdsaP256(_) => Algorithm::EcdsaP256,
        }
    }

    /// Signs `message`: 64 bytes, `R || S` or `r || s`. Deterministic (RFC 8032, RFC 6979).
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.0 {
            Secret::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
            Secret::EcdsaP256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.to_vec()
            }
        }
    }

    /// The key that verifies what this one signs.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey::of(match &self.0 {
            Secret::Ed25519(key) => CurvePoint::Ed25519(key.verifying_key()),
            Secret::EcdsaP256(key) => CurvePoint::EcdsaP256(*key.verifying_key()),
        })
    }
}

/// A key that verifies, with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    id: KeyId,
    point: CurvePoint,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum CurvePoint {
    Ed25519(ed25519_dalek::VerifyingKey),
    EcdsaP256(p256::ecdsa::VerifyingKey),
}

impl PublicKey {
    /// Reads a PEM `PUBLIC KEY` (SPKI, RFC 5280), or the base64 of a raw 32-byte Ed25519 key.
    ///
    /// # Errors
    /// [`NotAKey`]
    pub fn from_pem(text: &str) -> Result<Self, NotAKey> {
        let text = text.trim();
        if !text.starts_with("-----BEGIN") {
            let raw = STANDARD_PAD_INDIFFERENT.decode(text).ok().and_then(|raw| <[u8; 32]>::try_from(raw).ok());
            let raw = raw.ok_or_else(|| key_forms::refused(text, Half::Public))?;
            let key = ed25519_dalek::VerifyingKey::from_bytes(&raw);
            return Self::ed25519(key.map_err(|_| NotAKey::Public)?);
        }
        if let Ok(key) = ed25519_dalek::VerifyingKey::from_public_key_pem(text) {
            return Self::ed25519(key);
        }
        let key =
            p256::ecdsa::VerifyingKey::from_public_key_pem(text).map_err(|_| key_forms::refused(text, Half::Public))?;
        Ok(Self::of(CurvePoint::EcdsaP256(key)))
    }

    fn ed25519(key: ed25519_dalek::VerifyingKey) -> Result<Self, NotAKey> {
        let canonical = key.to_edwards().compress().to_bytes() == key.to_bytes();
        if key.is_weak() || !canonical {
            return Err(NotAKey::Weak);
        }
        Ok(Self::of(CurvePoint::Ed25519(key)))
    }

    fn of(point: CurvePoint) -> Self {
        let document = match &point {
            CurvePoint::Ed25519(key) => key.to_public_key_der(),
            CurvePoint::EcdsaP256(key) => key.to_public_key_der(),
        };
        let document = document.unwrap_or_else(|error| unreachable!("a public key has a DER form: {error}"));
        Self { id: KeyId(Digest::of(document.as_bytes())), point }
    }

    /// Writes a PEM `PUBLIC KEY` (SPKI).
    ///
    /// # Errors
    /// [`NotAKey::Encoding`], which no key of ours is known to meet.
    pub fn to_pem(&self) -> Result<String, NotAKey> {
        let pem = match &self.point {
            CurvePoint::Ed25519(key) => key.to_public_key_pem(LineEnding::LF),
            CurvePoint::EcdsaP256(key) => key.to_public_key_pem(LineEnding::LF),
        };
        pem.map_err(|error| NotAKey::Encoding(error.to_string()))
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The scheme it verifies.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self.point {
            CurvePoint::Ed25519(_) => Algorithm::Ed25519,
            CurvePoint::EcdsaP256(_) => Algorithm::EcdsaP256,
        }
    }

    /// Whether `signature` is this key's over `message`. ECDSA signatures may be raw `r || s` or DER.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        #[cfg(test)]
        VERIFICATIONS.with(|count| count.set(count.get() + 1));
        match &self.point {
            CurvePoint::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            // ring takes a fifth of p256's time; p256 reads the keys and signs, deterministically.
            CurvePoint::EcdsaP256(key) => {
                let point = key.to_sec1_point(false);
                [&ECDSA_P256_SHA256_FIXED, &ECDSA_P256_SHA256_ASN1].into_iter().any(|encoding| {
                    UnparsedPublicKey::new(encoding, point.as_bytes()).verify(message, signature).is_ok()
                })
            }
        }
    }
}

#[cfg(test)]
thread_local! {
    /// How many signatures this thread has verified: they are what a stranger can make dear.
    pub(super) static VERIFICATIONS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [Algorithm; 2] = [Algorithm::Ed25519, Algorithm::EcdsaP256];

    #[test]
    fn a_key_survives_its_pem_and_verifies_what_it_signed() {
        for algorithm in BOTH {
            let key = SigningKey::from_seed(algorithm, [7; 32]);
            let read = SigningKey::from_pem(&key.to_pem().expect("PEM")).expect("the key back");
            let public = PublicKey::from_pem(&key.public().to_pem().expect("PEM")).expect("the public key back");
            let signature = read.sign(b"message");
            assert_eq!((public.id(), public.algorithm()), (key.public().id(), algorithm));
            assert!(public.verify(b"message", &signature));
            assert!(!public.verify(b"massage", &signature));
            assert!(!public.verify(b"message", &signature[..63]));
            assert!(!public.verify(b"message", &[]));
            assert_eq!(format!("{key:?}"), format!("SigningKey({})", algorithm.as_str()));
        }
    }

    #[test]
    fn generated_keys_differ() {
        for algorithm in BOTH {
            assert_ne!(SigningKey::generate(algorithm).public(), SigningKey::generate(algorithm).public());
        }
    }

    #[test]
    fn a_seed_that_is_no_scalar_still_gives_a_key() {
        for seed in [[0; 32], [0xff; 32]] {
            let key = SigningKey::from_seed(Algorithm::EcdsaP256, seed);
            assert!(key.public().verify(b"m", &key.sign(b"m")));
        }
    }

    #[test]
    fn ecdsa_signatures_may_be_der() {
        let key = SigningKey::from_seed(Algorithm::EcdsaP256, [3; 32]);
        let raw = p256::ecdsa::Signature::from_slice(&key.sign(b"m")).expect("a signature");
        assert!(key.public().verify(b"m", raw.to_der().as_bytes()));
    }

    /// RFC 8032, section 7.1, test 2.
    #[test]
    fn ed25519_matches_its_rfc() {
        let bytes = |hex: &str| hex::decode(hex).expect("hexadecimal digits");
        let raw = bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        let public = PublicKey::from_pem(&STANDARD_PAD_INDIFFERENT.encode(raw)).expect("a key");
        let signature = bytes(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        );
        assert!(public.verify(&[0x72], &signature));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let check =
            |text: &str, expected: &NotAKey| assert_eq!(PublicKey::from_pem(text).as_ref().err(), Some(expected));
        check("", &NotAKey::Public);
        check("AAAA", &NotAKey::Public);
        check("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", &NotAKey::Public);
        // The neutral element: every message has a signature under it.
        check("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", &NotAKey::Weak);
        assert_eq!(SigningKey::from_pem("x").err(), Some(NotAKey::Private));
    }
}

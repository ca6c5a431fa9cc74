//! DSSE 1.0, the Dead Simple Signing Envelope (secure-systems-lab/dsse, `protocol.md` and `envelope.md`).
//!
//! What is signed is not the JSON but the pre-authentication encoding ([`pae`]) of payload type and payload, so no
//! canonical JSON is needed. Base64 may be standard or URL-safe, padded or not. A `keyid` is a hint where to look
//! first.

use super::keys::{KeyId, SigningKey};
use crate::by_name;
use base64::{
    DecodeError, Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_PAD_INDIFFERENT, URL_SAFE_PAD_INDIFFERENT},
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Most signatures of one envelope: each may cost a verification for every key that could have made it.
const MAX_SIGNATURES: usize = 16;

/// The pre-authentication encoding: `DSSEv1 SP LEN(type) SP type SP LEN(payload) SP payload`.
#[must_use]
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(payload_type.len() + payload.len() + 32);
    for part in ["DSSEv1 ", &payload_type.len().to_string(), " ", payload_type, " ", &payload.len().to_string(), " "] {
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes.extend_from_slice(payload);
    bytes
}

/// Why an envelope cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAnEnvelope {
    /// A field is missing or of the wrong type.
    #[error("the envelope is not DSSE 1.0 ({0}): write payload, payloadType and signatures[].sig as base64 strings")]
    Shape(String),
    /// A field is no base64.
    #[error("`{field}` is not base64 ({error}): encode it with the standard or the URL-safe alphabet (RFC 4648)")]
    Base64 {
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        error: DecodeError,
    },
    /// No signatures, or too many.
    #[error("the envelope has {0} signatures: put 1 to {MAX_SIGNATURES} into it")]
    Signatures(usize),
}

/// An envelope taken apart; nothing of it is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// The media type of the payload.
    pub payload_type: Cow<'a, str>,
    /// The bytes that were signed together with their type.
    pub payload: Vec<u8>,
    /// At least one, and no more than the limit that [`NotAnEnvelope`] tells.
    pub signatures: Vec<Signature<'a>>,
}

/// One signature of an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature<'a> {
    /// Where to look for its key first; says nothing about who made it.
    pub keyid: Option<Cow<'a, str>>,
    /// The signature itself.
    pub bytes: Vec<u8>,
}

impl Signature<'_> {
    /// The key that the hint names, where it is a name of the kind that we give.
    #[must_use]
    pub fn hint(&self) -> Option<KeyId> {
        self.keyid.as_deref()?.parse().ok().map(KeyId)
    }
}

/// Fields that we do not know are ignored, as the protocol asks: nothing outside the payload is signed.
#[derive(Deserialize)]
struct WireEnvelope<'a> {
    #[serde(borrow)]
    payload: Cow<'a, str>,
    #[serde(borrow, rename = "payloadType")]
    payload_type: Cow<'a, str>,
    #[serde(borrow)]
    signatures: Vec<WireSignature<'a>>,
}

#[derive(Serialize, Deserialize)]
struct WireSignature<'a> {
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    keyid: Option<Cow<'a, str>>,
    #[serde(borrow)]
    sig: Cow<'a, str>,
}

impl<'a> Envelope<'a> {
    /// Takes the JSON text of an envelope apart.
    ///
    /// # Errors
    /// [`NotAnEnvelope`]
    pub fn parse(json: &'a str) -> Result<Self, NotAnEnvelope> {
        let wire: WireEnvelope<'a> = by_name::json(json).map_err(|error| NotAnEnvelope::Shape(error.to_string()))?;
        if wire.signatures.is_empty() || wire.signatures.len() > MAX_SIGNATURES {
            return Err(NotAnEnvelope::Signatures(wire.signatures.len()));
        }
        let open = |signature: WireSignature<'a>| {
            Ok(Signature { bytes: decode("signatures[].sig", &signature.sig)?, keyid: signature.keyid })
        };
        Ok(Self {
            payload: decode("payload", &wire.payload)?,
            payload_type: wire.payload_type,
            signatures: wire.signatures.into_iter().map(open).collect::<Result<_, _>>()?,
        })
    }

    /// The bytes that the signatures are over.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        pae(&self.payload_type, &self.payload)
    }
}

fn decode(field: &'static str, text: &str) -> Result<Vec<u8>, NotAnEnvelope> {
    let url_safe = text.contains(['-', '_']);
    let engine = if url_safe { URL_SAFE_PAD_INDIFFERENT } else { STANDARD_PAD_INDIFFERENT };
    engine.decode(text).map_err(|error| NotAnEnvelope::Base64 { field, error })
}

/// Signs `payload` with every one of `keys`: one line of JSON, each signature with the name of its key as a hint.
#[must_use]
pub fn sign(payload_type: &str, payload: &[u8], keys: &[&SigningKey]) -> String {
    #[derive(Serialize)]
    struct SignedWire<'a> {
        #[serde(rename = "payloadType")]
        payload_type: &'a str,
        payload: String,
        signatures: Vec<WireSignature<'a>>,
    }
    let message = pae(payload_type, payload);
    let signature = |key: &&SigningKey| WireSignature {
        keyid: Some(key.public().id().to_string().into()),
        sig: STANDARD.encode(key.sign(&message)).into(),
    };
    let signatures = keys.iter().map(signature).collect();
    let wire = SignedWire { payload_type, payload: STANDARD.encode(payload), signatures };
    serde_json::to_string(&wire).unwrap_or_else(|error| unreachable!("an envelope holds only strings: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{Algorithm, PublicKey};

    /// The one official vector: `protocol.md`, "Test Vectors".
    const OFFICIAL: &str = r#"{"payload":"aGVsbG8gd29ybGQ=","payloadType":"http://example.com/HelloWorld","signatures":[{"sig":"A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="}]}"#;

    /// The vector's public key (X 4695…9160, Y 5640…2820) as SPKI.
    const OFFICIAL_KEY: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZ805D3eqNZywjCI19lInBJOp7YMr
CrzAH3CVTAOQ0jgMeCvVTiaRJaRPRDOv8UMs6U4SvKc6pnrIDOoSYI3fdA==
-----END PUBLIC KEY-----";

    #[test]
    fn the_official_vector_verifies() {
        let envelope = Envelope::parse(OFFICIAL).expect("an envelope");
        assert_eq!(envelope.signed_bytes(), b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
        let key = PublicKey::from_pem(OFFICIAL_KEY).expect("a key");
        assert!(key.verify(&envelope.signed_bytes(), &envelope.signatures[0].bytes));
        assert!(!key.verify(b"DSSEv1 29 http://example.com/HelloWorld 11 hello worle", &envelope.signatures[0].bytes));
    }

    #[test]
    fn what_is_signed_opens_again() {
        let keys =
            [Algorithm::Ed25519, Algorithm::EcdsaP256].map(|algorithm| SigningKey::from_seed(algorithm, [1; 32]));
        let json = sign("text/plain", b"caf\xc3\xa9", &keys.each_ref());
        let envelope = Envelope::parse(&json).expect("an envelope");
        assert!(!json.contains('\n'));
        assert_eq!(envelope.payload, b"caf\xc3\xa9");
        for (signature, key) in envelope.signatures.iter().zip(&keys) {
            assert_eq!(signature.hint(), Some(key.public().id()));
            assert!(key.public().verify(&envelope.signed_bytes(), &signature.bytes));
        }
    }

    #[test]
    fn both_alphabets_are_read_padded_or_not() {
        for text in ["+/A=", "+/A", "-_A=", "-_A"] {
            assert_eq!(decode("payload", text).as_deref(), Ok([0xfb, 0xf0].as_slice()), "{text}");
        }
        assert!(decode("payload", "+_A=").is_err());
        assert!(decode("payload", "+/B=").is_err(), "two texts of the same bytes");
    }

    #[test]
    fn what_is_no_envelope_is_refused() {
        let check = |json: &str, expected: &str| {
            let error = Envelope::parse(json).expect_err(json).to_string();
            assert!(error.contains(expected), "{json}: {error}");
        };
        check("{}", "missing field `payload`");
        check(r#"{"payload":"","payloadType":"t","signatures":[]}"#, "has 0 signatures");
        check(r#"{"payload":"","payloadType":"t","signatures":[{"sig":"!"}]}"#, "`signatures[].sig` is not base64");
        check(r#"{"payload":"*","payloadType":"t","signatures":[{"sig":""}]}"#, "`payload` is not base64");
        check(r#"{"payload":1,"payloadType":"t","signatures":[]}"#, "expected");
        let many = format!(r#"{{"payload":"","payloadType":"t","signatures":[{}]}}"#, [r#"{"sig":""}"#; 17].join(","));
        check(&many, "has 17 signatures: put 1 to 16");
    }
}

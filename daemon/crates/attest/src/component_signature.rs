//! Signatures over rule plugins: a DSSE envelope beside a component, whose payload is the component's digest. Its payload
//! type keeps it apart from attestations: neither can be taken for the other, though the same keys make both.

use super::{
    dsse::{self, Envelope, NotAnEnvelope, Signature},
    keys::{KeyId, PublicKey, SigningKey},
};
use crate::model::Digest;

/// The payload type of a component's signature. The payload is `sha256:` and 64 hexadecimal digits.
pub const PAYLOAD_TYPE: &str = "application/vnd.tierwatch.component.v1";

/// What is appended to a component's file name for its signature.
pub const EXTENSION: &str = "sig";

/// Longest file of a component's signature, in bytes.
pub const MAX_COMPONENT_SIGNATURE_BYTES: u64 = 64 * 1024;

/// Why a component counts as unsigned; the sentence ends with the fix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// There is no signature.
    #[error("it is not signed: sign it with `tierwatch plugin sign`, and put the `.{EXTENSION}` file beside it")]
    Unsigned,
    /// The signature file is none.
    #[error("its signature cannot be read: {0}")]
    Envelope(#[from] NotAnEnvelope),
    /// It signs something else.
    #[error("its signature is over a `{0}`: sign it with `tierwatch plugin sign`")]
    Type(String),
    /// It signs another component.
    #[error("its signature is over another component, {0}: sign this one, or put that one back")]
    OtherComponent(String),
    /// A trusted key's name stands under what that key has not signed.
    #[error("its signature by `{0}` is not valid: have it signed again, and find out who changed it")]
    BadSignature(String),
    /// Nobody trusted has signed it.
    #[error(
        "it is signed by no key that may sign plugins ({0}): add the key to `signers` under [plugins] in trust.toml"
    )]
    Stranger(String),
}

/// The keys that may sign rule plugins, by the names that the configuration gives them.
#[derive(Debug, Clone, Default)]
pub struct ComponentSigners {
    keys: Vec<(String, PublicKey)>,
}

/// Signs a component's digest with every one of `keys`.
#[must_use]
pub fn sign(component: &Digest, keys: &[&SigningKey]) -> String {
    dsse::sign(PAYLOAD_TYPE, payload(component).as_bytes(), keys)
}

fn payload(component: &Digest) -> String {
    format!("sha256:{component}")
}

impl ComponentSigners {
    /// These keys, each with its name.
    #[must_use]
    pub fn new(keys: Vec<(String, PublicKey)>) -> Self {
        Self { keys }
    }

    /// The name of a trusted key that has signed `component`, of which `signature` is the signature file's text.
    ///
    /// # Errors
    /// [`NotSigned`]
    pub fn check(&self, component: &Digest, signature: Option<&str>) -> Result<&str, NotSigned> {
        let envelope = Envelope::parse(signature.ok_or(NotSigned::Unsigned)?)?;
        if envelope.payload_type != PAYLOAD_TYPE {
            return Err(NotSigned::Type(envelope.payload_type.chars().take(100).collect()));
        }
        if envelope.payload != payload(component).as_bytes() {
            let other = String::from_utf8_lossy(&envelope.payload);
            return Err(NotSigned::OtherComponent(other.chars().take(100).collect()));
        }
        let message = envelope.signed_bytes();
        // A hint only says where to look first, so every key is tried: there are few.
        let made_by = |(_, key): &&(String, PublicKey)| {
            envelope.signatures.iter().any(|signature| key.verify(&message, &signature.bytes))
        };
        if let Some((name, _)) = self.keys.iter().find(made_by) {
            return Ok(name);
        }
        let hints: Vec<KeyId> = envelope.signatures.iter().filter_map(Signature::hint).collect();
        match self.keys.iter().find(|(_, key)| hints.contains(&key.id())) {
            Some((name, _)) => Err(NotSigned::BadSignature(name.clone())),
            None => Err(NotSigned::Stranger(hints.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Algorithm;

    #[test]
    fn only_a_trusted_key_over_this_component_counts() {
        let keys = [1, 2].map(|seed| SigningKey::from_seed(Algorithm::Ed25519, [seed; 32]));
        let component_signers = ComponentSigners::new(vec![("cluster".to_owned(), keys[0].public())]);
        let (mine, other) = (Digest::of(b"mine"), Digest::of(b"other"));
        #[track_caller]
        fn refused(got: Result<&str, NotSigned>, expected: &str) {
            let sentence = got.expect_err("not signed").to_string();
            assert!(sentence.starts_with(expected), "{sentence}");
        }
        let check =
            |signature: Option<&str>, expected: &str| refused(component_signers.check(&mine, signature), expected);
        let by = |keys: &[&SigningKey], digest| sign(digest, keys);
        assert_eq!(component_signers.check(&mine, Some(&by(&[&keys[0]], &mine))), Ok("cluster"));
        assert_eq!(
            component_signers.check(&mine, Some(&by(&[&keys[1], &keys[0]], &mine))),
            Ok("cluster"),
            "one is enough"
        );
        check(None, "it is not signed");
        check(Some("{"), "its signature cannot be read");
        check(Some(&by(&[&keys[0]], &other)), "its signature is over another component, sha256");
        check(
            Some(&dsse::sign("text/plain", payload(&mine).as_bytes(), &[&keys[0]])),
            "its signature is over a `text/plain`",
        );
        let stranger = format!("it is signed by no key that may sign plugins ({})", keys[1].public().id());
        check(Some(&by(&[&keys[1]], &mine)), &stranger);
        // The same signature file with its payload and another's signature.
        let signature = |json: &str| {
            let value: serde_json::Value = serde_json::from_str(json).expect("JSON");
            value["signatures"][0]["sig"].as_str().expect("a signature").to_owned()
        };
        let (good, foreign) = (by(&[&keys[0]], &mine), by(&[&keys[0]], &other));
        let forged = good.replace(&signature(&good), &signature(&foreign));
        check(Some(&forged), "its signature by `cluster` is not valid");
    }
}

//! Keys in forms that are not read, each with the command that makes it one that is. Other programs write SEC1, keys with a
//! passphrase, certificates and keys of other algorithms; "this is no key" sends their owners looking in the wrong place.

use super::keys::NotAKey;
use base64::{Engine as _, engine::general_purpose::STANDARD_PAD_INDIFFERENT};

/// Which half of a key is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    /// The half that signs.
    Private,
    /// The half that verifies.
    Public,
}

const NEW_KEY: &str = "make one with `tierwatch attest key`";

/// Algorithms that are not read, by their object identifiers in DER.
const FOREIGN: [(&[u8], &str); 9] = [
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", "an RSA key"),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", "an RSA key"),
    (b"\x2b\x81\x04\x00\x22", "a key on the curve P-384"),
    (b"\x2b\x81\x04\x00\x23", "a key on the curve P-521"),
    (b"\x2b\x81\x04\x00\x0a", "a key on the curve secp256k1"),
    (b"\x2a\x86\x48\xce\x38\x04\x01", "a DSA key"),
    (b"\x2b\x65\x6e", "an X25519 key, which does not sign"),
    (b"\x2b\x65\x6f", "an X448 key, which does not sign"),
    (b"\x2b\x65\x71", "an Ed448 key"),
];

/// Why `text` is not read as the `half` of a key: in a form of its own where it is one that is known.
pub(super) fn refused(text: &str, half: Half) -> NotAKey {
    let form = |what: &str, fix: &str| NotAKey::Form { what: what.to_owned(), fix: fix.to_owned() };
    let labels: Vec<&str> = text.split("-----BEGIN ").skip(1).filter_map(|block| block.split("-----").next()).collect();
    let has = |label: &str| labels.contains(&label);
    let is_private = labels.iter().any(|label| label.ends_with("PRIVATE KEY"));
    let other = "only Ed25519 and P-256 are read: make one with `tierwatch attest key`";
    if half == Half::Public && is_private {
        return form(
            "a private key, which belongs to its owner alone",
            "put in what `openssl pkey -in FILE -pubout` makes of it",
        );
    }
    if has("ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED") {
        return form("a private key with a passphrase", "take that off with `openssl pkey -in FILE -out key.pem`");
    }
    if has("OPENSSH PRIVATE KEY") || text.starts_with("ssh-") || text.starts_with("ecdsa-sha2-") {
        return form("a key of OpenSSH", NEW_KEY);
    }
    if has("RSA PRIVATE KEY") || has("RSA PUBLIC KEY") {
        return form("an RSA key", other);
    }
    if has("CERTIFICATE") {
        let fix = match half {
            Half::Public => "put in what `openssl x509 -in FILE -noout -pubkey` makes of it",
            Half::Private => "name the file of its private key",
        };
        return form("a certificate", fix);
    }
    if let Some(what) = foreign(text) {
        return form(what, other);
    }
    if has("EC PRIVATE KEY") {
        return form(
            "a private key in the form SEC1",
            "bring it into PKCS#8 with `openssl pkey -in FILE -out key.pem`",
        );
    }
    match half {
        Half::Private if has("PUBLIC KEY") => {
            form("a public key, which signs nothing", "name the file of the private key")
        }
        Half::Private => NotAKey::Private,
        Half::Public => NotAKey::Public,
    }
}

/// The algorithm of a PEM text whose key is of none that is read.
fn foreign(text: &str) -> Option<&'static str> {
    // Every block, since `openssl ecparam` writes the curve into one of its own before the key.
    let ders = text.split("-----BEGIN ").skip(1).filter_map(|block| {
        let body: String = block.split("-----").nth(1)?.split_whitespace().collect();
        STANDARD_PAD_INDIFFERENT.decode(body).ok()
    });
    ders.into_iter().find_map(|der| {
        let named = |oid: &[u8]| {
            // Its tag and length go before an object identifier: the bytes alone may be part of a key.
            let length = u8::try_from(oid.len()).unwrap_or(u8::MAX);
            let whole = [&[0x06, length], oid].concat();
            der.windows(whole.len()).any(|window| window == whole)
        };
        FOREIGN.iter().find(|(oid, _)| named(oid)).map(|(_, what)| *what)
    })
}

#[cfg(test)]
mod tests {
    use crate::attest::keys::{PublicKey, SigningKey};

    /// The keys are made for this test with OpenSSL 3.0, and open nothing.
    const KEYS: &str = include_str!("key_forms.pem.txt");

    #[test]
    fn each_form_has_its_command() {
        let mut told = Vec::new();
        for (what, pem) in KEYS.split("\n# ").map(|one| one.trim_start_matches("# ").split_once('\n').expect("a name"))
        {
            let private =
                SigningKey::from_pem(pem).map(|_| "read".to_owned()).unwrap_or_else(|error| error.to_string());
            let public = PublicKey::from_pem(pem).map(|_| "read".to_owned()).unwrap_or_else(|error| error.to_string());
            told.push(format!("{what}\n  to sign: {private}\n  to verify: {public}"));
        }
        let told = told.join("\n");
        assert_eq!(told, include_str!("key_forms.golden.txt").trim_end(), "\n{told}\n");
    }
}

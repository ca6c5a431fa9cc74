//! Keys in forms that are not read, each with the command that makes it one that is. Other programs write SEC1, keys with a
//! passphrase, certificates and keys of other algorithms; "this is no key" sends their owners looking in the wrong place.

use super::not_a_key::NotAKey;
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
    // First what no command makes a key of that is read: whichever half it is, another is needed.
    if has("OPENSSH PRIVATE KEY") || text.starts_with("ssh-") || text.starts_with("ecdsa-sha2-") {
        return form("a key of OpenSSH", NEW_KEY);
    }
    if has("RSA PRIVATE KEY") || has("RSA PUBLIC KEY") {
        return form("an RSA key", other);
    }
    if let Some(what) = foreign(text) {
        return form(what, other);
    }
    if half == Half::Public && is_private {
        return form(
            "a private key, which belongs to its owner alone",
            "put in what `openssl pkey -in FILE -pubout` makes of it",
        );
    }
    if has("ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED") {
        return form("a private key with a passphrase", "take that off with `openssl pkey -in FILE -out key.pem`");
    }
    if has("CERTIFICATE") {
        let fix = match half {
            Half::Public => "put in what `openssl x509 -in FILE -noout -pubkey` makes of it",
            Half::Private => "name the file of its private key",
        };
        return form("a certificate", fix);
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
    let mut blocks = text.split("-----BEGIN ").skip(1).filter_map(|block| {
        let mut parts = block.split("-----");
        let (label, body) = (parts.next()?, parts.next()?);
        let body: String = body.split_whitespace().collect();
        Some((label, STANDARD_PAD_INDIFFERENT.decode(body).ok()?))
    });
    blocks.find_map(|(label, der)| {
        // What a certificate is signed with says nothing of the key in it.
        let der = if label == "CERTIFICATE" { key_of_certificate(&der)? } else { &der };
        let named = |oid: &[u8]| {
            // Its tag and length go before an object identifier: the bytes alone may be part of a key.
            let length = u8::try_from(oid.len()).unwrap_or(u8::MAX);
            let whole = [&[0x06, length], oid].concat();
            der.windows(whole.len()).any(|window| window == whole)
        };
        FOREIGN.iter().find(|(oid, _)| named(oid)).map(|(_, what)| *what)
    })
}

/// The public key of a certificate (X.509, RFC 5280 section 4.1), in DER: the sixth part of what is signed, or the seventh
/// where that begins with its version.
fn key_of_certificate(der: &[u8]) -> Option<&[u8]> {
    const VERSION: u8 = 0xa0;
    let (_, certificate, _) = der_value(der)?;
    let (_, mut signed, _) = der_value(certificate)?;
    let before = if signed.first() == Some(&VERSION) { 6 } else { 5 };
    for _ in 0..before {
        (_, _, signed) = der_value(signed)?;
    }
    der_value(signed).map(|(_, key, _)| key)
}

/// The first value in DER (X.690 section 8.1): its tag, what it holds, and what comes after it.
fn der_value(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match usize::from(*first) {
        short @ ..0x80 => (short, rest),
        long => {
            let (bytes, rest) = rest.split_at_checked(long - 0x80).filter(|(bytes, _)| bytes.len() <= 4)?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
    };
    let (held, rest) = rest.split_at_checked(length)?;
    Some((*tag, held, rest))
}

#[cfg(test)]
mod tests {
    use super::super::not_a_key::NotAKey;
    use crate::keys::{PublicKey, SigningKey};
    use std::{fs, process::Command};

    /// The keys are made for this test with OpenSSL 3.0, and open nothing.
    const KEYS: &str = include_str!("key_forms.pem.txt");

    /// Each with what it is.
    fn keys() -> impl Iterator<Item = (&'static str, &'static str)> {
        KEYS.split("\n# ").map(|one| one.trim_start_matches("# ").split_once('\n').expect("a name"))
    }

    fn to_sign(pem: &str) -> Result<(), NotAKey> {
        SigningKey::from_pem(pem).map(drop)
    }

    fn to_verify(pem: &str) -> Result<(), NotAKey> {
        PublicKey::from_pem(pem).map(drop)
    }

    #[test]
    fn each_form_has_its_command() {
        let told = |read: Result<(), NotAKey>| read.map_or_else(|error| error.to_string(), |()| "read".to_owned());
        let all = keys().map(|(what, pem)| {
            format!("{what}\n  to sign: {}\n  to verify: {}", told(to_sign(pem)), told(to_verify(pem)))
        });
        let all = all.collect::<Vec<_>>().join("\n");
        assert_eq!(all, include_str!("key_forms.golden.txt").trim_end(), "\n{all}\n");
    }

    /// Whoever follows a sentence is done: what its command makes is read.
    #[test]
    fn what_the_commands_make_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, made) = (folder.path().join("FILE"), folder.path().join("key.pem"));
        let mut tried = 0;
        for (what, pem) in keys() {
            // Its owner alone can do that.
            let has_passphrase = what.contains("with a passphrase");
            for (half, read) in [("to sign", to_sign as fn(&str) -> _), ("to verify", to_verify)] {
                let Err(error) = read(pem) else { continue };
                let error = error.to_string();
                let Some(command) = error.split('`').find(|part| part.starts_with("openssl ")) else { continue };
                if has_passphrase {
                    continue;
                }
                fs::write(&file, pem).expect("written");
                let mut run = Command::new("openssl");
                let Ok(output) = run.args(command.split(' ').skip(1)).current_dir(folder.path()).output() else {
                    #[expect(clippy::print_stderr, reason = "whoever reads the test's output should know")]
                    {
                        eprintln!("SKIPPED: there is no openssl; install it");
                    }
                    return;
                };
                let text = if command.contains("-out key.pem") {
                    fs::read_to_string(&made).expect("it was made")
                } else {
                    String::from_utf8(output.stdout).expect("PEM")
                };
                assert_eq!(read(&text), Ok(()), "{what} {half}: {command}\n{text}");
                tried += 1;
            }
        }
        assert!(tried > 5, "{tried}");
    }
}

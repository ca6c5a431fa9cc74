//! Keys made with `tierwatch attest key`, and what they sign with `tierwatch attest sign`.

use crate::command::{Answer, tierwatch};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A private key in a file, and its public half.
#[derive(Debug)]
pub struct Key {
    /// What grants call it.
    pub name: String,
    path: PathBuf,
    public_pem: String,
}

impl Key {
    /// Makes one of `algorithm` (`ed25519` or `ecdsa-p256`) in `folder`.
    ///
    /// # Panics
    /// When the command fails.
    #[must_use]
    pub fn make(folder: &Path, name: &str, algorithm: &str) -> Self {
        let path = folder.join(format!("{name}.pem"));
        let made = Answer::of(tierwatch().args(["attest", "key", "--algorithm", algorithm]).arg(&path));
        Self { name: name.to_owned(), path, public_pem: made.expect(0) }
    }

    /// Its `[[key]]` table, as the property of `owner`.
    #[must_use]
    pub fn table(&self, owner: &str) -> String {
        format!("\n[[key]]\nname = \"{}\"\nowner = \"{owner}\"\npublic_key = '''\n{}'''\n", self.name, self.public_pem)
    }

    /// Signs an attestation; `more` are further arguments, as `["--valid-until", "2030-01-01"]`. The answer is an envelope
    /// in one line.
    ///
    /// # Panics
    /// When the command fails.
    #[must_use]
    pub fn sign(&self, subject: &str, kind: &str, claims: &Value, more: &[&str]) -> String {
        let mut command = tierwatch();
        command.args(["attest", "sign", "--subject", subject, "--kind", kind, "--claims", &claims.to_string()]);
        Answer::of(command.arg("--key").arg(&self.path).args(more)).expect(0)
    }
}

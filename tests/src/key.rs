//! Keys made with `tierwatch attest key`, and what they sign with `tierwatch attest sign`.

use crate::command::{Answer, tierwatch};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A private key in a file, and the table that lets a daemon know its public half.
#[derive(Debug)]
pub struct Key {
    /// Its name in grants.
    pub name: String,
    path: PathBuf,
    table: String,
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
        Self { name: name.to_owned(), path, table: made.expect(0) }
    }

    /// Its `[[key]]` table as the command printed it, with `owner` as its owner.
    ///
    /// # Panics
    /// When the table has no such line.
    #[must_use]
    pub fn table(&self, owner: &str) -> String {
        let line = format!("owner = \"{}\"", self.name);
        assert!(self.table.contains(&line), "`{line}` is not in:\n{}", self.table);
        format!("\n{}", self.table.replace(&line, &format!("owner = \"{owner}\"")))
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

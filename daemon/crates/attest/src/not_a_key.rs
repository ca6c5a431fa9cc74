//! What is said of a key that is none.

/// Why a text is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAKey {
    /// Neither PEM nor base64 of 32 bytes, or of another algorithm.
    #[error(
        "this is not a public key: give a PEM `PUBLIC KEY` of Ed25519 or P-256, or the base64 of a raw 32-byte Ed25519 key"
    )]
    Public,
    /// A point of small order or in a second spelling: signatures under it prove nothing.
    #[error("this Ed25519 key is weak or not in canonical form: make a new one with `tierwatch attest key`")]
    Weak,
    /// No PKCS#8 of a known algorithm.
    #[error(
        "this is not a private key: give a PEM `PRIVATE KEY` (PKCS#8) of Ed25519 or P-256, as `tierwatch attest key` writes it"
    )]
    Private,
    /// A key in a form, or of an algorithm, that is not read.
    #[error("this is {what}: {fix}")]
    Form {
        /// What it is.
        what: String,
        /// The command that makes a key of it, or what else to do.
        fix: String,
    },
    /// The key cannot be written.
    #[error("the key cannot be written as PEM ({0}): make a new one with `tierwatch attest key`")]
    Encoding(String),
}

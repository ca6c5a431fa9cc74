//! The file of keys and grants, and the verifier that it makes.

use super::{
    Config,
    files::read_text,
    vocabulary::{Vocabulary, vocabulary},
    warnings,
};
use crate::{
    attest::{
        Verifier, VerifierOptions,
        component_signature::ComponentSigners,
        trust::{Grant, Key, TrustTable},
    },
    by_name,
    model::Digest,
};
use anyhow::{Context as _, Result};
use serde::Deserialize;

/// Largest file of keys and grants, in bytes.
const MAX_TRUST_BYTES: usize = 64 << 20;

/// The file of keys and grants.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TrustFile {
    #[serde(default)]
    key: Vec<Key>,
    #[serde(default)]
    grant: Vec<Grant>,
    #[serde(default)]
    plugins: TrustedPlugins,
}

/// `[plugins]` of that file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TrustedPlugins {
    #[serde(default)]
    signers: Vec<String>,
}

/// A verifier, and a digest of all that it was made from.
pub struct TrustSetup {
    /// Verifies what arrives.
    pub verifier: Verifier,
    /// Who may sign rule plugins.
    pub component_signers: ComponentSigners,
    /// Changes when any key, grant, scheme or kind changes.
    pub digest: Digest,
    /// Grants that can never match, each with the fix.
    pub warnings: Vec<String>,
}

/// The verifier that `config` describes.
///
/// # Errors
/// A key, grant, schema or predicate that cannot be used.
pub fn verifier(config: &Config) -> Result<TrustSetup> {
    let text = read_text(&config.trust, MAX_TRUST_BYTES, "keys and grants")?;
    let Vocabulary { identifiers, kinds, material } = vocabulary(config)?;
    let material = [text.as_bytes(), &material].concat();
    let attestations = &config.attestations;
    let shown = config.trust.display();
    let file: TrustFile = by_name::toml(&text).map_err(|error| {
        anyhow::anyhow!(
            "{shown} is refused\n{}\ncorrect it there; config/trust.toml shows every key",
            error.to_string().trim_end()
        )
    })?;
    let trust = TrustTable::new(&file.key, &file.grant, &identifiers, &kinds).with_context(|| shown.to_string())?;
    let component_signers = trust.component_signers(&file.plugins.signers).with_context(|| shown.to_string())?;
    let future_tolerance_seconds = attestations.future_tolerance_seconds;
    let warnings = warnings::of_grants(config, &identifiers, &file.key, &file.grant);
    let verifier = Verifier::new(VerifierOptions { identifiers, kinds, trust, future_tolerance_seconds });
    Ok(TrustSetup { verifier, component_signers, digest: Digest::of(&material), warnings })
}

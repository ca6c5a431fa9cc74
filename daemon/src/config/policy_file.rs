//! The policy that the configuration names.

use super::{Config, files::read_text, vocabulary::declared_kinds};
use crate::{
    model::DeclaredKinds,
    policy::{MAX_POLICY_BYTES, Policy},
};
use anyhow::Result;
use std::path::Path;

/// The policy that `config` names, with the declared kinds that its rules read.
///
/// # Errors
/// When it cannot be read or is refused.
pub(crate) fn policy(config: &Config) -> Result<Policy> {
    policy_at(&config.policy, &declared_kinds(config)?)
}

/// The policy in a file, with those of the `declared` kinds that its rules read.
///
/// # Errors
/// When it cannot be read or is refused.
pub(crate) fn policy_at(path: &Path, declared: &DeclaredKinds) -> Result<Policy> {
    let text = read_text(path, MAX_POLICY_BYTES, "policy")?;
    Ok(Policy::parse_with(&path.display().to_string(), &text, declared)?)
}

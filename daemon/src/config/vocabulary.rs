//! What attestations are written in: the schemes of organisations and the kinds that a configuration declares.

use super::{Config, files::read_text};
use crate::{
    attest::kinds::Kinds,
    by_name,
    model::{DeclaredKinds, Identifiers},
};
use anyhow::{Context as _, Result};
use serde_json::Value;
use std::{collections::BTreeMap, path::Path};

/// Largest JSON Schema of a declared kind, in bytes.
const MAX_SCHEMA_BYTES: usize = 1 << 20;

/// What attestations are written in.
pub(crate) struct Vocabulary {
    /// The schemes of organisations' identifiers.
    pub identifiers: Identifiers,
    /// The kinds of attestations, and the predicate types that stand for them.
    pub kinds: Kinds,
    /// The bytes of everything that they were made from, for a digest.
    pub(super) material: Vec<u8>,
}

/// The schemes and kinds that `config` declares.
///
/// # Errors
/// A schema or predicate that cannot be used.
pub(crate) fn vocabulary(config: &Config) -> Result<Vocabulary> {
    let attestations = &config.attestations;
    let mut material = Vec::new();
    let mut declared = BTreeMap::new();
    for (name, path) in &attestations.kinds {
        let (text, schema) = schema(path)?;
        material.extend_from_slice(name.as_bytes());
        material.extend_from_slice(text.as_bytes());
        declared.insert(name.clone(), schema);
    }
    material.extend_from_slice(format!("{attestations:?}").as_bytes());
    let identifiers = Identifiers::new(attestations.schemes.clone());
    let kinds = Kinds::new(&declared, &attestations.predicates, &identifiers)?;
    let kinds = kinds.written_in(attestations.kinds.clone());
    Ok(Vocabulary { identifiers, kinds, material })
}

/// The JSON Schema in a file, as it is written and as it is read.
fn schema(path: &Path) -> Result<(String, Value)> {
    let text = read_text(path, MAX_SCHEMA_BYTES, "JSON Schema")?;
    let schema = by_name::json(&text).with_context(|| format!("{} is no JSON: correct it", path.display()))?;
    Ok((text, schema))
}

/// The kinds that `config` declares, with the JSON Schemas of their claims, and its schemes.
///
/// # Errors
/// A schema that cannot be read.
pub(crate) fn declared_kinds(config: &Config) -> Result<DeclaredKinds> {
    let kinds = config.attestations.kinds.iter();
    let schemas = kinds.map(|(name, path)| Ok((name.as_str().into(), schema(path)?.1))).collect::<Result<_>>()?;
    let schemes = Some(config.attestations.schemes.keys().cloned().collect());
    Ok(DeclaredKinds { schemas, schemes, ..DeclaredKinds::default() })
}

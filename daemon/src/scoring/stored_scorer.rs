//! The policy and the rules that a stored score was made with.

use super::{components::Component, lineup, scorer::Scorer};
use crate::{
    by_name,
    model::{Digest, Instant, Trust, score::ConflictDigests},
    policy::Policy,
    rules::Host,
    store::{Reader, ScoreFilter},
};
use anyhow::{Context as _, Result};
use serde::Deserialize;
use std::{collections::BTreeMap, path::Path, sync::Arc};

/// Current scores among which the one that was made last is looked for.
const LAST_OF_SCORES: u32 = 1000;

/// The part of a stored score that it is made again from.
#[derive(Deserialize)]
pub(crate) struct Stored {
    pub(crate) organisation: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) provenance: StoredProvenance,
}

#[derive(Deserialize)]
pub(crate) struct StoredProvenance {
    pub(crate) attestations: Vec<(Digest, Trust)>,
    pub(crate) conflicts: Vec<ConflictDigests>,
    pub(crate) facts: Digest,
    pub(crate) plugins: Vec<(String, Digest)>,
    #[serde(default)]
    pub(crate) stale: Vec<(Arc<str>, Digest)>,
    pub(crate) policy: Digest,
    pub(crate) as_of: Instant,
}

/// The policy and the rules that the latest of the current scores were made with, from the store at `path`; none where there
/// is no store, no score, or not everything that it takes: then there is nothing good to go on with.
pub(crate) fn last_scorer(path: &Path, host: &Host) -> Option<Scorer> {
    let reader = Reader::open(path).ok()?;
    let scores = reader.scores(&ScoreFilter { band: None, after: None, limit: LAST_OF_SCORES }).ok()?;
    let last = scores.into_iter().max_by_key(|score| score.id)?;
    let stored: Stored = by_name::json(&last.body).ok()?;
    scorer(&reader, host, &stored.provenance).ok()
}

pub(crate) fn scorer(reader: &Reader, host: &Host, provenance: &StoredProvenance) -> Result<Scorer> {
    let text = String::from_utf8(artefact(reader, &provenance.policy)?)?;
    let policy = Policy::parse(&format!("policy {}", provenance.policy.short()), &text)?;
    let component = |(digest, rule): (&Digest, &String)| {
        anyhow::Ok(Component { origin: format!("stored {rule}"), bytes: artefact(reader, digest)?.into() })
    };
    // One component may be several rules.
    let distinct = BTreeMap::from_iter(provenance.plugins.iter().map(|(rule, digest)| (*digest, rule.clone())));
    let components = distinct.iter().map(component).collect::<Result<Vec<_>>>()?;
    let (loaded, refused) = lineup::compile(host, components, &[]);
    if let Some(error) = refused.into_iter().next() {
        return Err(error.into());
    }
    Ok(Scorer::new(policy, &loaded, None)?)
}

pub(crate) fn artefact(reader: &Reader, digest: &Digest) -> Result<Vec<u8>> {
    let bytes = reader.artefact(digest)?;
    bytes.with_context(|| format!("the artefact {digest} is not in the store: restore it from a backup"))
}

//! The policy and the rules that a stored score was made with.

use super::{components::Component, rule_set, scorer::Scorer};
use crate::{
    model::{Digest, score::Provenance, stored::ScoreJson},
    policy::Policy,
    rules::Host,
    store::Reader,
};
use anyhow::{Context as _, Result};
use std::{collections::BTreeMap, path::Path, sync::Arc};

/// How many current scores are searched for the one that was made last.
const LAST_OF_SCORES: usize = 1000;

/// The policy and the rules that the latest of the current scores was made with, from the store at `path`; `None` where there
/// is no store, no score, or some part of that scorer is missing.
pub(crate) fn last_scorer(path: &Path, host: &Host) -> Option<Scorer> {
    let reader = Reader::open(path).ok()?;
    let ranking = reader.ranking(None).ok()?;
    let scores = ranking.iter().take(LAST_OF_SCORES).filter_map(|one| reader.score_of(&one.organisation, None).ok()?);
    let last = scores.max_by_key(|score| score.id)?;
    let stored = ScoreJson::parse(&last.body).ok()?;
    scorer(&reader, host, &stored.provenance).ok()
}

pub(crate) fn scorer(reader: &Reader, host: &Host, provenance: &Provenance) -> Result<Scorer> {
    let text = String::from_utf8(artefact(reader, &provenance.policy)?)?;
    let policy = Policy::parse(&format!("policy {}", provenance.policy.short()), &text)?;
    let component = |(digest, rule): (&Digest, &Arc<str>)| {
        anyhow::Ok(Component { origin: format!("stored {rule}"), bytes: artefact(reader, digest)?.into() })
    };
    // One component may be several rules.
    let distinct = BTreeMap::from_iter(provenance.plugins.iter().map(|(rule, digest)| (*digest, rule.clone())));
    let components = distinct.iter().map(component).collect::<Result<Vec<_>>>()?;
    let (loaded, refused) = rule_set::compile(host, components, &[]);
    if let Some(error) = refused.into_iter().next() {
        return Err(error.into());
    }
    Ok(Scorer::new(policy, &loaded, None)?)
}

pub(crate) fn artefact(reader: &Reader, digest: &Digest) -> Result<Vec<u8>> {
    let bytes = reader.artefact(digest)?;
    bytes.with_context(|| format!("the artefact {digest} is not in the store: restore it from a backup"))
}

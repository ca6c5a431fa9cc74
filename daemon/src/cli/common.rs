//! What several commands ask of the configuration and the store.

use crate::{
    analysis::snapshot::Snapshot,
    attest::{encoding, trust::TrustTable},
    config::{Config, warnings::COMMAND_LINE_FEED},
    diagnostic::spelling,
    model::{BasisPoints, Identifiers, Instant, Organisation},
    scoring::costs::Costs,
    store::{Reader, ScoreFilter, StoredScore},
};
use anyhow::{Context as _, Result};
use std::{collections::BTreeSet, path::Path};

/// The configuration when none is named.
pub(super) const CONFIG_DEFAULT: &str = "tierwatch.toml";

/// The store of a configuration, to be read.
pub(super) fn reader(config: &Path) -> Result<(Config, Reader)> {
    let config = Config::read(config)?;
    let path = config.store_path();
    if !path.exists() {
        anyhow::bail!(
            "there is no store at {}: start `tierwatch run`, or `tierwatch ingest` something first",
            path.display()
        );
    }
    let reader = Reader::open(&path)?;
    Ok((config, reader))
}

/// A snapshot of the store of a configuration, to ask questions of.
pub(super) fn snapshot(config: &Path) -> Result<Snapshot> {
    let (config, reader) = reader(config)?;
    Snapshot::open(&config, &reader, Instant::now())
}

/// The text in `bytes`, which came from `named`.
pub(super) fn text_of(bytes: Vec<u8>, named: &str) -> Result<String> {
    if let Some(problem) = encoding(&bytes) {
        anyhow::bail!("{named}: {problem}");
    }
    String::from_utf8(bytes).with_context(|| format!("{named} is not UTF-8: save it as that"))
}

/// The configuration; `None` where none was named and none is here: authors and signers of rules need not run a daemon.
pub(super) fn config_if_any(path: &Path) -> Result<Option<Config>> {
    let is_none = path == Path::new(CONFIG_DEFAULT) && !path.exists();
    if is_none { Ok(None) } else { Ok(Some(Config::read(path)?)) }
}

/// The identifier schemes of a configuration, so that names on the command line are spelled like attested ones.
pub(super) fn identifiers(config: &Config) -> Identifiers {
    Identifiers::new(config.attestations.schemes.clone())
}

/// Scores in one page when all are read.
const PAGE_SCORES: u32 = 1000;

/// Hands the current scores to `each`, the worst first, until it returns false.
pub(super) fn for_each_worst(
    reader: &Reader,
    band: Option<&str>,
    mut each: impl FnMut(StoredScore) -> Result<bool>,
) -> Result<()> {
    let mut after: Option<(Option<BasisPoints>, String)> = None;
    loop {
        let from = after.as_ref().map(|(risk_bp, organisation)| (*risk_bp, organisation.as_str()));
        let page = reader.scores(&ScoreFilter { band, after: from, limit: PAGE_SCORES })?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some((last.risk_bp, last.organisation.to_string()));
        for stored in page {
            if !each(stored)? {
                return Ok(());
            }
        }
    }
}

/// Hands the current scores to `each`, those first whose suppliers cost the programmes most, until it returns false.
pub(super) fn for_each_dearest(
    reader: &Reader,
    costs: &Costs,
    mut each: impl FnMut(StoredScore) -> Result<bool>,
) -> Result<()> {
    let mut all: Vec<(Option<BasisPoints>, Organisation)> = Vec::new();
    for_each_worst(reader, None, |stored| {
        all.push((stored.risk_bp, stored.organisation));
        Ok(true)
    })?;
    all.sort_by(|one, other| costs.worst_first((&one.1, one.0), (&other.1, other.0)));
    for (_, organisation) in all {
        // The organisation may have been merged into another one since.
        let Some(stored) = reader.score_of(&organisation, None)? else { continue };
        if !each(stored)? {
            break;
        }
    }
    Ok(())
}

/// Refuses a feed that neither the configuration nor a grant names: a misspelt one would admit nothing.
pub(super) fn check_feed(feed: &str, config: &Config, trust: &TrustTable) -> Result<()> {
    let configured = config.feeds.iter().map(|feed| feed.name.as_str());
    let known: BTreeSet<&str> = configured.chain(trust.feeds()).chain([COMMAND_LINE_FEED]).collect();
    let known: Vec<&str> = known.into_iter().collect();
    Ok(spelling::among("feed", feed, &known, "the configuration and trust.toml name them").map(drop)?)
}

/// Parses an argument that is an instant; a date means its 00:00.
pub(super) fn parse_instant(text: &str) -> Result<Instant, String> {
    Instant::parse_start(text).map_err(|error| error.to_string())
}

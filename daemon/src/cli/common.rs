//! What several commands ask of the configuration and the store.

use super::output::print_note;
use crate::{
    analysis::snapshot::Snapshot,
    attest::{encoding, trust::TrustTable},
    config::{Config, warnings::COMMAND_LINE_FEED},
    diagnostic::spelling,
    model::{Identifiers, Instant},
    scoring::costs::Costs,
    store::{Ranked, Reader, StoredScore},
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
    snapshot_of(&config, &reader)
}

/// The same, of a store that is open. A trust.toml that the stored scores have not been made with is noted, or what follows would
/// contradict them silently.
pub(super) fn snapshot_of(config: &Config, reader: &Reader) -> Result<Snapshot> {
    let snapshot = Snapshot::open(config, reader, Instant::now())?;
    if snapshot.outlived() > 0 {
        print_note(&format!(
            "{} suppliers have a score in the store of which {} admits no evidence any more, and the figures here count without \
             them. The daemon has not taken that file over: ask for it with `tierwatch reload`, or mend the file",
            snapshot.outlived(),
            config.trust.display()
        ));
    }
    Ok(snapshot)
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

/// Hands the current scores to `each`, the worst first, until it returns false.
pub(super) fn for_each_worst(
    reader: &Reader,
    band: Option<&str>,
    each: impl FnMut(StoredScore) -> Result<bool>,
) -> Result<()> {
    for_each_of(reader, reader.ranking(band)?, each)
}

/// Hands the current scores to `each`, those first whose suppliers cost the programmes most, until it returns false.
pub(super) fn for_each_dearest(
    reader: &Reader,
    costs: &Costs,
    each: impl FnMut(StoredScore) -> Result<bool>,
) -> Result<()> {
    let mut all = reader.ranking(None)?;
    all.sort_by(|one, other| costs.worst_first((&one.organisation, one.risk_bp), (&other.organisation, other.risk_bp)));
    for_each_of(reader, all, each)
}

fn for_each_of(reader: &Reader, ranking: Vec<Ranked>, mut each: impl FnMut(StoredScore) -> Result<bool>) -> Result<()> {
    for Ranked { organisation, .. } in ranking {
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

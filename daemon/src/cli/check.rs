//! `tierwatch check`

use super::{
    common::snapshot,
    done::Done,
    output::{Column, Output, column, print_json, print_rows, print_text},
};
use crate::{
    analysis::{
        audit::{Audit, audit},
        doubts::Doubt,
    },
    config::{Config, warnings::Warnings},
    pipeline::settings::Settings,
    store::Reader,
};
use anyhow::Result;
use serde::Serialize;
use std::path::Path;

/// Check configuration, keys, policy and plugins, and say what they come to.
#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// Look through the stored evidence too for what is probably a slip: items in several spellings, programmes that are
    /// only mentioned, shares over the whole, buyers that supply nobody. Exit code 3 where there is any.
    #[arg(long)]
    data: bool,
    /// Read all of the store too, and verify every envelope again. Exit code 3 for damage.
    #[arg(long)]
    deep: bool,
}

/// The result of the check, as programs read it.
#[derive(Serialize)]
struct CheckReport {
    configuration: String,
    policy: String,
    policy_digest: String,
    rules: Vec<CheckedRule>,
    refused_plugins: Vec<String>,
    keys: usize,
    grants: usize,
    feeds: Vec<CheckedFeed>,
    /// Parts of the configuration that are accepted but cannot be meant, each with the fix.
    warnings: Vec<String>,
    /// What is probably a slip in the stored evidence, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Vec<Doubt>>,
    /// The audit of the store, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<Audit>,
}

const DOUBTS: [Column<Doubt>; 3] = [
    column("doubt", |row| row.kind.as_str().to_owned()),
    column("about", |row| row.about.clone()),
    column("why", |row| row.text.clone()),
];

#[derive(Serialize)]
struct CheckedRule {
    rule: String,
    version: String,
    digest: String,
    kinds: Vec<String>,
}

#[derive(Serialize)]
struct CheckedFeed {
    feed: String,
    path: String,
}

/// Reads everything that the daemon would read at its start, and says what it is.
pub(super) fn check(path: &Path, output: Output, Check { data, deep }: Check) -> Result<Done> {
    let config = Config::read(path)?;
    let settings = Settings::read(path, config)?;
    let policy = settings.scorer.policy();
    let trust = &settings.verifier.options().trust;
    let rule = |rule: &crate::rules::Rule| CheckedRule {
        rule: rule.manifest().name.to_string(),
        version: rule.manifest().version.clone(),
        digest: rule.digest().to_string(),
        kinds: rule.manifest().kinds.iter().map(ToString::to_string).collect(),
    };
    let data = data.then(|| snapshot(path).map(|snapshot| snapshot.doubts())).transpose()?;
    let store = match deep {
        true => Some(audit(&settings.verifier, &Reader::open(&settings.config.store_path())?)?),
        false => None,
    };
    let is_damaged = store.as_ref().is_some_and(|store| !store.faults.is_empty());
    let is_doubtful = data.as_ref().is_some_and(|doubts| !doubts.is_empty());
    let has_warnings = settings.warnings.all().next().is_some();
    let done = if is_doubtful || is_damaged || has_warnings { Done::Difference } else { Done::Fine };
    if output == Output::Csv
        && let Some(doubts) = &data
    {
        print_rows(output, doubts, &DOUBTS)?;
        return Ok(done);
    }
    let checked = CheckReport {
        data,
        store,
        configuration: path.display().to_string(),
        policy: policy.name().to_string(),
        policy_digest: policy.digest().to_string(),
        rules: settings.scorer.rules().map(rule).collect(),
        refused_plugins: settings.refused_plugins.clone(),
        keys: trust.keys().count(),
        grants: trust.grants(),
        feeds: settings
            .config
            .feeds
            .iter()
            .map(|feed| CheckedFeed { feed: feed.name.clone(), path: feed.path.display().to_string() })
            .collect(),
        warnings: settings.warnings.all().cloned().collect(),
    };
    if output == Output::Json {
        print_json(&checked)?;
        return Ok(done);
    }
    output.no_csv("a configuration")?;
    describe(&checked, &settings.warnings)?;
    Ok(done)
}

/// Prints the result for people.
fn describe(checked: &CheckReport, warnings: &Warnings) -> Result<()> {
    print_text(&format!(
        "{} is good\npolicy {} {}\n",
        checked.configuration,
        checked.policy,
        &checked.policy_digest[..12]
    ))?;
    for rule in &checked.rules {
        print_text(&format!(
            "rule   {} {} {} reads {}\n",
            rule.rule,
            rule.version,
            &rule.digest[..12],
            rule.kinds.join(", ")
        ))?;
    }
    for why in &checked.refused_plugins {
        print_text(&format!("left out: {why}\n"))?;
    }
    print_text(&format!("trust  {} keys, {} grants\n", checked.keys, checked.grants))?;
    warn(&warnings.trust)?;
    for feed in &checked.feeds {
        print_text(&format!("feed   {} {}\n", feed.feed, feed.path))?;
    }
    warn(&warnings.feeds)?;
    checked.store.as_ref().map_or(Ok(()), describe_store)?;
    let Some(doubts) = &checked.data else { return Ok(()) };
    print_text(&format!("data   {} doubts\n", doubts.len()))?;
    if doubts.is_empty() { Ok(()) } else { print_rows(Output::Table, doubts, &DOUBTS) }
}

/// Prints warnings below what they are about.
fn warn(warnings: &[String]) -> Result<()> {
    warnings.iter().try_for_each(|warning| print_text(&format!("warning: {warning}\n")))
}

fn describe_store(store: &Audit) -> Result<()> {
    let Audit { attestations, envelopes, scores, artefacts, not_admitted, refused_today, faults, more_faults } = store;
    let verdict = if faults.is_empty() { "as they were written" } else { "not all as they were written" };
    print_text(&format!(
        "store  {attestations} attestations in {envelopes} envelopes, {scores} scores, {artefacts} artefacts: {verdict}\n"
    ))?;
    for (reason, count) in not_admitted {
        print_text(&format!("       {count} envelopes are not admitted today ({reason}): they count for nothing\n"))?;
    }
    for (reason, count) in refused_today {
        print_text(&format!(
            "       {count} envelopes would be refused today ({reason}): they count as they were taken\n"
        ))?;
    }
    for fault in faults {
        print_text(&format!("damage {fault}\n"))?;
    }
    if *more_faults > 0 {
        print_text(&format!("damage and {more_faults} more\n"))?;
    }
    if faults.is_empty() {
        return Ok(());
    }
    print_text("       check the disk, then put the newest backup in the store's place\n")
}

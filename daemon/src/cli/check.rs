//! `tierwatch check`

use super::{
    Done,
    output::{Output, print_json, print_text},
};
use crate::{
    config::Config,
    pipeline::{
        audit::{Audit, audit},
        setup::Settings,
    },
    store::Reader,
};
use anyhow::{Result, bail};
use serde::Serialize;
use std::{fmt::Write as _, path::Path};

/// Check configuration, keys, policy and plugins, and say what they come to.
#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// Read everything in the store too, and verify every envelope again.
    #[arg(long)]
    deep: bool,
}

/// What the configuration comes to, as programs read it.
#[derive(Serialize)]
struct Checked {
    configuration: String,
    policy: String,
    policy_digest: String,
    rules: Vec<CheckedRule>,
    refused_plugins: Vec<String>,
    keys: usize,
    grants: usize,
    feeds: Vec<CheckedFeed>,
    /// What the store was found to be, where that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<Audit>,
}

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

impl Check {
    /// Reads everything that the daemon would read at its start, and says what it is.
    pub(super) fn run(self, path: &Path, output: Output) -> Result<Done> {
        let checked = checked(path, self.deep)?;
        match output {
            Output::Json => print_json(&checked)?,
            _ => {
                output.no_csv("a configuration")?;
                print_text(&told(&checked))?;
            }
        }
        let damaged = checked.store.is_some_and(|store| !store.faults.is_empty());
        Ok(if damaged { Done::Difference } else { Done::Fine })
    }
}

fn checked(path: &Path, deep: bool) -> Result<Checked> {
    let config = Config::read(path)?;
    for feed in &config.feeds {
        if !feed.path.is_dir() {
            bail!(
                "the feed `{}` watches {}, which is no folder: make it, or correct its path",
                feed.name,
                feed.path.display()
            );
        }
    }
    let settings = Settings::read(path, config)?;
    let policy = settings.scorer.policy();
    let trust = &settings.verifier.options().trust;
    let rule = |rule: &crate::rules::Rule| CheckedRule {
        rule: rule.manifest().name.to_string(),
        version: rule.manifest().version.clone(),
        digest: rule.digest().to_string(),
        kinds: rule.manifest().kinds.iter().map(ToString::to_string).collect(),
    };
    let store = if deep {
        let reader = Reader::open(&settings.config.store_path())?;
        Some(audit(&settings.verifier, &reader)?)
    } else {
        None
    };
    Ok(Checked {
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
        store,
    })
}

/// The same for people.
fn told(checked: &Checked) -> String {
    let mut text =
        format!("{} is good\npolicy {} {}\n", checked.configuration, checked.policy, &checked.policy_digest[..12]);
    // Writing to a string cannot fail.
    for rule in &checked.rules {
        let (rule, version, digest) = (&rule.rule, &rule.version, (&rule.digest[..12], rule.kinds.join(", ")));
        let _ = writeln!(text, "rule   {rule} {version} {} reads {}", digest.0, digest.1);
    }
    for why in &checked.refused_plugins {
        let _ = writeln!(text, "left out: {why}");
    }
    let _ = writeln!(text, "trust  {} keys, {} grants", checked.keys, checked.grants);
    for feed in &checked.feeds {
        let _ = writeln!(text, "feed   {} {}", feed.feed, feed.path);
    }
    if let Some(store) = &checked.store {
        tell_store(&mut text, store);
    }
    text
}

fn tell_store(text: &mut String, store: &Audit) {
    let Audit { attestations, envelopes, scores, artefacts, not_admitted, faults, more_faults } = store;
    let verdict = if faults.is_empty() { "as they were written" } else { "not all as they were written" };
    let _ = writeln!(
        text,
        "store  {attestations} attestations in {envelopes} envelopes, {scores} scores, {artefacts} artefacts: {verdict}"
    );
    for (reason, count) in not_admitted {
        let _ = writeln!(text, "       {count} envelopes are not admitted today ({reason}): they count for nothing");
    }
    for fault in faults {
        let _ = writeln!(text, "damage {fault}");
    }
    if *more_faults > 0 {
        let _ = writeln!(text, "damage and {more_faults} more");
    }
    if !faults.is_empty() {
        text.push_str("       check the disk, then put the newest backup in the store's place\n");
    }
}

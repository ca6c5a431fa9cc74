//! `tierwatch plugin diff`

use super::found::FoundComponent;
use crate::{
    analysis::snapshot::Snapshot,
    cli::{
        common::reader,
        done::Done,
        output::{Column, Output, column, lines, print_rows, print_text},
    },
    config::{policy_file, vocabulary},
    diagnostic::spelling,
    model::Instant,
    pipeline::settings::Settings,
    policy::{Change, Points, Policy},
    scoring::{
        components::Component,
        dry_run::{RuleFailure, dry_run},
        rule_set::Loaded,
        scorer::Scorer,
    },
};
use anyhow::{Result, bail};
use serde::Serialize;
use std::{
    convert::Infallible,
    fmt::Write as _,
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

/// Say whom another plugin, parameter or policy would move on the present suppliers, by how much and why. Nothing is stored.
///
/// All that is given counts together. Every supplier is scored twice at the same instant, so that nothing else moves anybody.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Diff {
    /// A component that takes the place of the one of its name, or comes beside the others.
    #[arg(long, value_name = "FILE|DIR")]
    plugin: Option<PathBuf>,
    /// A policy instead of the configuration's.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// A parameter, its value as in TOML: cyber-posture.grace_days=60, m6-share.let.worst_bp=8000.
    #[arg(long, value_name = "RULE.PARAMETER=VALUE", value_parser = parse_set)]
    set: Vec<Set>,
    /// At most this many.
    #[arg(long, short = 'n', value_name = "COUNT")]
    limit: Option<NonZeroUsize>,
}

/// One parameter to be set.
#[derive(Clone, Debug)]
struct Set {
    rule: String,
    parameter: String,
    value: toml::Value,
}

fn parse_set(text: &str) -> Result<Set, String> {
    let wrong = || "write RULE.PARAMETER=VALUE, as cyber-posture.grace_days=60".to_owned();
    let (path, value) = text.split_once('=').ok_or_else(wrong)?;
    let (rule, parameter) = path.split_once('.').ok_or_else(wrong)?;
    let table: toml::Table = format!("value = {value}")
        .parse()
        .map_err(|_| format!("`{value}` is no TOML: write a number, a list in brackets, or a text in quotes"))?;
    let value = table.get("value").cloned().ok_or_else(wrong)?;
    Ok(Set { rule: rule.to_owned(), parameter: parameter.to_owned(), value })
}

/// A supplier that moves, as programs read it.
#[derive(Serialize)]
struct MovedSupplier {
    organisation: String,
    name: String,
    risk_bp_before: Option<u32>,
    risk_bp_after: Option<u32>,
    band_before: Option<String>,
    band_after: String,
    why: String,
}

const COLUMNS: [Column<MovedSupplier>; 5] = [
    lines("organisation", |row| vec![row.organisation.clone(), row.name.clone()]),
    column("before", |row| risk(row.risk_bp_before)),
    column("after", |row| risk(row.risk_bp_after)),
    column("band", |row| match &row.band_before {
        Some(before) if *before != row.band_after => format!("{before} → {}", row.band_after),
        _ => row.band_after.clone(),
    }),
    column("why", |row| row.why.clone()),
];

fn risk(risk_bp: Option<u32>) -> String {
    risk_bp.map_or_else(|| "unrated".to_owned(), |risk_bp| Points(risk_bp).to_string())
}

impl Diff {
    pub(in crate::cli) fn run(self, path: &Path, output: Output) -> Result<Done> {
        if self.plugin.is_none() && self.policy.is_none() && self.set.is_empty() {
            bail!("nothing is otherwise: add --plugin, --policy or --set");
        }
        let (config, reader) = reader(path)?;
        let now = Instant::now();
        let settings = Settings::read(path, config)?;
        let after = self.after(&settings)?;
        let mut snapshot = Snapshot::open(&settings.config, &reader, now)?;
        let fleet = snapshot.fleet_mut();
        fleet.forget_answers();
        let Ok(()) = fleet.evaluate(&settings.scorer, now, &|_, _| None, |_| Ok::<(), Infallible>(()));
        let dry_run = dry_run(fleet, &settings.scorer, &after, now, settings.config.plugins.tolerance.failures);
        let mut summary = format!("{dry_run}\n");
        for (ix, RuleFailure { suppliers, first, why }) in &dry_run.failing {
            let rule = after.rule(*ix).map_or("", |rule| &*rule.manifest().name);
            let _ = writeln!(
                summary,
                "a reload would refuse {rule}: it is no good on {suppliers} suppliers, first on {first}: {why}"
            );
        }
        let limit = self.limit.map_or(usize::MAX, NonZeroUsize::get);
        let rows: Vec<MovedSupplier> =
            dry_run.moved.iter().take(limit).map(|change| moved(&snapshot, change)).collect();
        if output == Output::Table {
            print_text(&summary)?;
        }
        print_rows(output, &rows, &COLUMNS)?;
        Ok(Done::Fine)
    }

    /// The scorer with all changes that were given.
    fn after(&self, settings: &Settings) -> Result<Scorer> {
        let policy = self.changed_policy(settings)?;
        let mut plugins = settings.plugins.clone();
        if let Some(plugin) = &self.plugin {
            let FoundComponent { origin, bytes, .. } = FoundComponent::of(plugin)?;
            let plugin = settings.host.compile(&origin, &bytes)?;
            let name = plugin.manifest().name.clone();
            if !policy.rules().any(|rule| rule.plugin == name) {
                bail!(
                    "the policy does not run the rule `{name}`: write `[rules.{name}]` with a weight into a copy of it, and name \
                     that with --policy"
                );
            }
            plugins.retain(|other| other.plugin.manifest().name != name);
            let component = Component { origin, bytes: bytes.into_owned().into() };
            plugins.push(Loaded { plugin, component });
        }
        Ok(Scorer::new(policy, &plugins, None)?)
    }

    fn changed_policy(&self, settings: &Settings) -> Result<Policy> {
        let path = self.policy.as_ref().unwrap_or(&settings.config.policy);
        let shown = path.display().to_string();
        let declared = vocabulary::declared_kinds(&settings.config)?;
        let policy = policy_file::policy_at(path, &declared)?;
        if self.set.is_empty() {
            return Ok(policy);
        }
        let mut table: toml::Table = policy.text().parse()?;
        for Set { rule, parameter, value } in &self.set {
            let of_rule =
                table.get_mut("rules").and_then(|rules| rules.get_mut(rule)).and_then(toml::Value::as_table_mut);
            let Some(of_rule) = of_rule else {
                let known: Vec<&str> = policy.rules().map(|rule| &*rule.name).collect();
                let list = "correct --set, or name another policy with --policy";
                bail!(spelling::unknown("rule of the policy", rule, &known, list))
            };
            let parameters = of_rule.entry("parameters").or_insert_with(|| toml::Table::new().into());
            let (tables, last) =
                parameter.rsplit_once('.').map_or((None, parameter.as_str()), |(of, last)| (Some(of), last));
            let inner = tables.into_iter().flat_map(|tables| tables.split('.')).try_fold(parameters, |value, table| {
                Some(value.as_table_mut()?.entry(table).or_insert_with(|| toml::Table::new().into()))
            });
            match inner.and_then(toml::Value::as_table_mut) {
                Some(inner) => _ = inner.insert(last.to_owned(), value.clone()),
                None => bail!("`{rule}.{parameter}` is within no table: correct --set"),
            }
        }
        Ok(Policy::parse_with(&format!("{shown} with --set"), &toml::to_string(&table)?, &declared)?)
    }
}

fn moved(snapshot: &Snapshot, change: &Change) -> MovedSupplier {
    MovedSupplier {
        organisation: change.organisation.to_string(),
        name: snapshot.name(&change.organisation).to_owned(),
        risk_bp_before: change.before.as_ref().and_then(|before| before.risk_bp),
        risk_bp_after: change.after.risk_bp,
        band_before: change.before.as_ref().map(|before| before.band.to_string()),
        band_after: change.after.band.to_string(),
        why: why(change),
    }
}

/// The rules that answer differently.
fn why(change: &Change) -> String {
    let answers = change.rules.iter().filter(|rule| rule.answers_otherwise());
    let answers: Vec<String> = answers.map(ToString::to_string).collect();
    if answers.is_empty() { "the policy weighs the same answers otherwise".to_owned() } else { answers.join("; ") }
}

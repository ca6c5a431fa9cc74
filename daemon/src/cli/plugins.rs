//! `tierwatch plugins`

use super::{
    Done, ask_daemon,
    output::{Column, Output, column, print_json, print_rows, print_text},
};
use crate::{
    attest::Ledger,
    config::Config,
    model::Instant,
    pipeline::{
        fleet::Fleet,
        plugins::{Plugins, RuleState},
        setup::Settings,
    },
};
use anyhow::Result;
use std::path::Path;

const COLUMNS: [Column<RuleState>; 6] = [
    column("rule", |row| row.rule.clone()),
    column("version", |row| row.version.clone()),
    column("digest", |row| row.digest.chars().take(12).collect()),
    column("role", |row| if row.is_shadow { "shadow" } else { "counts" }.to_owned()),
    column("state", state),
    column("from", |row| row.origin.clone()),
];

fn state(row: &RuleState) -> String {
    let mut parts = Vec::new();
    if let Some(quarantine) = &row.quarantine {
        parts.push(format!("in quarantine since {}, tried again at {}", quarantine.since, quarantine.retry_at));
    }
    let counted = [(row.failed, "failed"), (row.stale, "stale"), (row.differing, "otherwise")];
    parts.extend(counted.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")));
    parts.push(format!("{} answered", row.answered));
    parts.join(", ")
}

/// Says how the rules of the running daemon do; without one, what a start would load.
pub(super) fn plugins(path: &Path, output: Output) -> Result<Done> {
    let config = Config::read(path)?;
    let listen = config.listen;
    let plugins = match ask_daemon::get::<Plugins>(&config, "/v1/plugins")? {
        Some(plugins) => plugins,
        None => {
            let settings = Settings::read(path, config)?;
            Plugins::of(&settings, &Fleet::new(Ledger::new(Instant::now())))
        }
    };
    match output {
        Output::Json => print_json(&plugins)?,
        Output::Csv => print_rows(output, &plugins.rules, &COLUMNS)?,
        Output::Table => {
            if !plugins.running {
                print_text(&format!("no daemon answers at {listen}: this is what a start would load\n"))?;
            }
            print_rows(output, &plugins.rules, &COLUMNS)?;
            print_text(&more(&plugins))?;
        }
    }
    Ok(Done::Fine)
}

/// What does not fit into a table.
fn more(plugins: &Plugins) -> String {
    let mut text = String::new();
    for rule in &plugins.rules {
        if let Some(quarantine) = &rule.quarantine {
            text += &format!("\n{} {} is in quarantine: {}\n", rule.rule, rule.version, quarantine.why);
        }
        if !rule.differences.is_empty() {
            text += &format!("\n{} {} answers otherwise on {} suppliers\n", rule.rule, rule.version, rule.differing);
        }
        for difference in &rule.differences {
            text +=
                &format!("  {}: {} instead of {}\n", difference.organisation, difference.shadow, difference.counting);
        }
    }
    for notice in &plugins.notices {
        text += &format!("\n{notice}\n");
    }
    for refused in &plugins.refused {
        text += &format!("\nleft out: {refused}\n");
    }
    if let Some(reload) = &plugins.last_reload {
        let outcome = if reload.taken { "taken" } else { "refused" };
        text += &format!("\nlast reload, {}, {outcome}: {}\n", reload.at, reload.said);
    }
    text
}

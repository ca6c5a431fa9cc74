//! `tierwatch plugins`

use super::{
    ask_daemon,
    done::Done,
    output::{Column, Output, Page, column, print_json, print_rows},
};
use crate::{
    attest::Ledger,
    config::Config,
    model::Instant,
    pipeline::{
        plugins::{PluginsReport, RuleState},
        settings::Settings,
    },
    scoring::fleet::Fleet,
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

/// Prints the state of the running daemon's rules; without a daemon, what a start would load.
pub(super) fn plugins(path: &Path, output: Output) -> Result<Done> {
    let config = Config::read(path)?;
    let listen = config.listen;
    let plugins = match ask_daemon::get::<PluginsReport>(&config, "/v1/plugins")? {
        Some(plugins) => plugins,
        None => {
            let settings = Settings::read(path, config)?;
            PluginsReport::of(&settings, &Fleet::new(Ledger::new(Instant::now())))
        }
    };
    match output {
        Output::Json => print_json(&plugins)?,
        Output::Csv => print_rows(output, &plugins.rules, &COLUMNS)?,
        Output::Table => {
            let mut page = Page::default();
            if !plugins.running {
                page.line(format_args!("no daemon answers at {listen}: this is what a start would load"));
            }
            page.rows(&plugins.rules, &COLUMNS);
            add_more(&mut page, &plugins);
            page.print()?;
        }
    }
    Ok(Done::Fine)
}

/// What does not fit into a table.
fn add_more(page: &mut Page, plugins: &PluginsReport) {
    for rule in &plugins.rules {
        if let Some(quarantine) = &rule.quarantine {
            page.gap();
            page.line(format_args!("{} {} is in quarantine: {}", rule.rule, rule.version, quarantine.why));
        }
        if !rule.differences.is_empty() {
            page.gap();
            page.line(format_args!("{} {} answers otherwise on {} suppliers", rule.rule, rule.version, rule.differing));
        }
        for one in &rule.differences {
            page.line(format_args!("  {}: {} instead of {}", one.organisation, one.shadow, one.counting));
        }
    }
    let refused = plugins.refused.iter().map(|refused| format!("left out: {refused}"));
    let reload = plugins
        .last_reload
        .as_ref()
        .map(|reload| format!("last reload, {}, {}: {}", reload.at, reload.outcome.as_str(), reload.said));
    for paragraph in plugins.notices.iter().map(ToString::to_string).chain(refused).chain(reload) {
        page.gap();
        // Diagnostics of a file have several lines.
        paragraph.lines().for_each(|line| page.line(line));
    }
}

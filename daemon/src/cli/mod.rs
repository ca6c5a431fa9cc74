//! The command line: one file a subcommand. Results go to standard output, errors to standard error.

mod alternatives;
mod analyse;
mod ask_daemon;
mod attest;
mod check;
mod compile;
mod completions;
mod demo;
mod explain;
mod groups;
mod ingest;
mod log;
mod number;
mod output;
mod plugin;
mod plugins;
mod programmes;
mod quarantine;
mod reload;
mod replay;
mod run;
mod simulate;
mod suppliers;
mod template;
mod what_if;
mod wire;

use crate::{
    analysis::survey::Survey,
    attest::{encoding, trust::TrustTable},
    config::{Config, warnings::COMMAND_LINE_FEED},
    diagnostic::{harmless, spelling},
    model::{BasisPoints, Identifiers, Instant, Organisation},
    rules::COMPILE_COMMAND,
    scoring::costs::Costs,
    store::{Reader, ScoreFilter, Store, StoreOptions, StoredScore},
};
use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use output::Output;
use std::{
    collections::BTreeSet,
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

/// The configuration when none is named.
const CONFIG_DEFAULT: &str = "tierwatch.toml";

/// Exit codes, as `tierwatch --help` tells them.
const EXIT_CODES: &str = "Exit codes:
  0  done
  1  it failed; standard error says why and what to do
  2  the command line is wrong
  3  it found what it looked for: other bytes in `replay`, a refusal or an unread file in `ingest`, a refusal in `verify`, an item that is refused again in `quarantine retry`, one that did not wait in `quarantine set-aside`, another answer in `plugin test`, what cannot be meant in `check`, a doubt in `check --data`, damage in `check --deep`
  130  `ingest` was interrupted; what it had read is stored and scored";

/// What a shell gives for a command that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// Scores the suppliers of defence programmes from signed attestations and explains every score.
#[derive(Debug, Parser)]
#[command(name = "tierwatch", version, after_help = EXIT_CODES, propagate_version = true)]
pub struct Cli {
    /// The configuration file.
    #[arg(long, short, global = true, env = "TIERWATCH_CONFIG", default_value = CONFIG_DEFAULT, value_name = "FILE")]
    config: PathBuf,
    /// How lists are printed.
    #[arg(long, short, global = true, value_enum, default_value_t)]
    output: Output,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Watch the feeds and keep every score up to date, until SIGTERM; SIGHUP reloads.
    Run,
    Check(check::Check),
    /// Make a demonstration network, watch it, and say what it shows.
    Demo(demo::Demo),
    /// Make a seeded supply network with really signed attestations.
    Simulate(simulate::Simulate),
    /// Read attestations from files, folders or standard input, and score.
    Ingest(ingest::Ingest),
    /// List the suppliers, the worst first.
    Suppliers(suppliers::Suppliers),
    /// Say why a supplier has its score, and what changed.
    Explain(explain::Explain),
    Programmes(programmes::Programmes),
    WhatIf(what_if::WhatIf),
    Alternatives(alternatives::Alternatives),
    Opportunities(alternatives::Opportunities),
    Groups(groups::Groups),
    /// List, show, retry or set aside what was refused.
    #[command(subcommand)]
    Quarantine(quarantine::Quarantine),
    /// Have the running daemon read its configuration again, whatever that takes away.
    Reload,
    /// Make stored scores again from what they were made from; the bytes must be the same.
    Replay(replay::Replay),
    /// Analyse a supply network in a plain file: no daemon, no store.
    Analyse(analyse::Analyse),
    /// Make keys; sign and verify attestations.
    #[command(subcommand)]
    Attest(attest::Attest),
    Template(template::Template),
    /// Write rule plugins: start one, build it, look into it, run its cases, measure it, sign it, see whom it moves.
    #[command(subcommand)]
    Plugin(plugin::Plugin),
    /// List the rules of the running daemon: versions, shadows, quarantine, and what was left out and why.
    Plugins,
    /// Print shell completions.
    Completions(completions::Completions),
    /// Compile a component from standard input to standard output: the daemon starts this for itself.
    #[command(name = COMPILE_COMMAND, hide = true)]
    Compile(compile::Compile),
}

/// What a command ended with, when it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    /// As asked.
    Fine,
    /// It did its work and found what its caller should know of.
    Difference,
    /// It was told to stop, and left nothing half done.
    Interrupted,
    /// It failed, and the log has said why.
    Failed,
}

/// Parses the command line, runs it, reports, and gives the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.run() {
        Ok(Done::Fine) => ExitCode::SUCCESS,
        Ok(Done::Difference) => ExitCode::from(3),
        Ok(Done::Interrupted) => ExitCode::from(INTERRUPTED),
        Ok(Done::Failed) => ExitCode::FAILURE,
        Err(error) => {
            report(&error);
            ExitCode::FAILURE
        }
    }
}

/// Prints an error with its causes, each once: a cause that its error's text already tells is left out.
fn report(error: &anyhow::Error) {
    let mut shown = io::stderr().lock();
    let mut told = error.to_string();
    // Diagnostics of a file begin with the word themselves.
    let prefix = if told.starts_with("error:") { "" } else { "error: " };
    // Whoever read it may have gone; the exit code says it still.
    let _ = writeln!(shown, "{prefix}{}", harmless::lines(&told));
    for cause in error.chain().skip(1) {
        let text = cause.to_string();
        if !told.contains(&text) {
            let _ = writeln!(shown, "  because {}", harmless::lines(&text));
        }
        told = text;
    }
}

impl Cli {
    fn run(self) -> Result<Done> {
        let Self { config, output, command } = self;
        match command {
            Command::Run => run::run(&config),
            Command::Check(asked) => check::check(&config, output, asked),
            Command::Demo(demo) => demo.run(),
            Command::Simulate(simulate) => simulate.run(output),
            Command::Ingest(ingest) => ingest.run(&config, output),
            Command::Suppliers(suppliers) => suppliers.run(&config, output),
            Command::Explain(explain) => explain.run(&config, output),
            Command::Programmes(programmes) => programmes.run(&config, output),
            Command::WhatIf(what_if) => what_if.run(&config, output),
            Command::Alternatives(alternatives) => alternatives.run(&config, output),
            Command::Opportunities(opportunities) => opportunities.run(&config, output),
            Command::Groups(groups) => groups.run(&config, output),
            Command::Quarantine(quarantine) => quarantine.run(&config, output),
            Command::Reload => reload::reload(&config, output),
            Command::Replay(replay) => replay.run(&config, output),
            Command::Analyse(analyse) => analyse.run(output),
            Command::Attest(attest) => attest.run(&config, output),
            Command::Template(template) => template.run(&config, output),
            Command::Plugin(plugin) => plugin.run(&config, output),
            Command::Plugins => plugins::plugins(&config, output),
            Command::Completions(completions) => completions.run(),
            Command::Compile(compile) => compile.run(),
        }
    }
}

/// The store of a configuration, to be read.
fn reader(config: &Path) -> Result<(Config, Reader)> {
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

/// What the store of a configuration holds now, to ask questions of.
fn survey(config: &Path) -> Result<Survey> {
    let (config, reader) = reader(config)?;
    Survey::open(&config, &reader, Instant::now())
}

/// The text in `bytes`, which came from `named`.
fn text_of(bytes: Vec<u8>, named: &str) -> Result<String> {
    if let Some(problem) = encoding(&bytes) {
        anyhow::bail!("{named}: {problem}");
    }
    String::from_utf8(bytes).with_context(|| format!("{named} is not UTF-8: save it as that"))
}

/// The configuration; nothing where none was named and none lies here: who writes rules or signs need not run a daemon.
fn config_if_any(path: &Path) -> Result<Option<Config>> {
    let is_none = path == Path::new(CONFIG_DEFAULT) && !path.exists();
    if is_none { Ok(None) } else { Ok(Some(Config::read(path)?)) }
}

/// The schemes of a configuration: what is written on the command line is spelled as what is attested.
fn identifiers(config: &Config) -> Identifiers {
    Identifiers::new(config.attestations.schemes.clone())
}

/// The store of a configuration, to be written; its folder is made when it is not there.
fn open_store(config: &Config, options: &StoreOptions) -> Result<Store> {
    make_private(&config.data_dir).with_context(|| {
        let folder = config.data_dir.display();
        format!("cannot make the folder {folder}: correct data_dir, or let this user write there")
    })?;
    Ok(Store::open(&config.store_path(), options)?)
}

/// Attestations may be confidential: nobody else may so much as list what is kept of them.
const PRIVATE_MODE: u32 = 0o700;

/// Makes a folder that is this user's alone, whatever the umask says. One that is there stays as its owner made it.
fn make_private(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::DirBuilder::new().mode(PRIVATE_MODE).create(folder)?;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(PRIVATE_MODE))
}

/// Scores of one page when all are read.
const PAGE_SCORES: u32 = 1000;

/// Hands the current scores to `each`, the worst first, until it answers false.
fn for_each_worst(
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

/// Hands the current scores to `each`, those first whose suppliers cost the programmes most, until it answers false.
fn for_each_dearest(reader: &Reader, costs: &Costs, mut each: impl FnMut(StoredScore) -> Result<bool>) -> Result<()> {
    let mut all: Vec<(Option<BasisPoints>, Organisation)> = Vec::new();
    for_each_worst(reader, None, |stored| {
        all.push((stored.risk_bp, stored.organisation));
        Ok(true)
    })?;
    all.sort_by(|one, other| costs.worst_first((&one.1, one.0), (&other.1, other.0)));
    for (_, organisation) in all {
        // Somebody may have come to be another one since.
        let Some(stored) = reader.score_of(&organisation, None)? else { continue };
        if !each(stored)? {
            break;
        }
    }
    Ok(())
}

/// Refuses a feed that neither the configuration nor a grant names: nothing would be let in under a misspelt one.
fn check_feed(feed: &str, config: &Config, trust: &TrustTable) -> Result<()> {
    let configured = config.feeds.iter().map(|feed| feed.name.as_str());
    let known: BTreeSet<&str> = configured.chain(trust.feeds()).chain([COMMAND_LINE_FEED]).collect();
    let known: Vec<&str> = known.into_iter().collect();
    Ok(spelling::among("feed", feed, &known, "the configuration and trust.toml name them").map(drop)?)
}

/// Parses an argument that is an instant; a date means its 00:00.
fn parse_instant(text: &str) -> Result<Instant, String> {
    Instant::parse_start(text).map_err(|error| error.to_string())
}

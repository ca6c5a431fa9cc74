//! The command line: one file a subcommand. Results go to standard output, errors to standard error.

mod alternatives;
mod analyse;
mod ask_daemon;
mod attest;
mod check;
mod common;
mod compile;
mod completions;
mod demo;
mod done;
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

use crate::{diagnostic::harmless, rules::COMPILE_COMMAND};
use anyhow::Result;
use clap::{CommandFactory as _, Parser, Subcommand};
use common::CONFIG_DEFAULT;
use done::{Done, INTERRUPTED};
use output::Output;
use std::{
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
};

/// Exit codes, as `tierwatch --help` tells them.
const EXIT_CODES: &str = "Exit codes:
  0  done
  1  it failed; standard error says why and what to do
  2  the command line is wrong
  3  it found what it looked for: other bytes in `replay`, a refusal or an unread file in `ingest`, a refusal in `verify`, an item that is refused again in `quarantine retry`, one that did not wait in `quarantine set-aside`, another answer in `plugin test`, what cannot be meant in `check`, a doubt in `check --data`, damage in `check --deep`
  130  `ingest` was interrupted; what it had read is stored and scored";

/// Scores the suppliers of defence programmes from signed attestations and explains every score.
#[derive(Debug, Parser)]
#[command(name = "tierwatch", version, after_help = EXIT_CODES, propagate_version = true)]
pub(crate) struct Cli {
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
    WhatIf(what_if::WhatIfArgs),
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
    Plugin(plugin::PluginCommand),
    /// List the rules of the running daemon: versions, shadows, quarantine, and what was left out and why.
    Plugins,
    /// Print shell completions.
    Completions(completions::Completions),
    /// Compile a component from standard input to standard output: the daemon starts this for itself.
    #[command(name = COMPILE_COMMAND, hide = true)]
    Compile(compile::Compile),
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

/// Prints an error with its causes, each once: a cause that its error's text already contains is left out.
fn report(error: &anyhow::Error) {
    let mut shown = io::stderr().lock();
    let mut told = error.to_string();
    // Diagnostics of a file begin with the word themselves.
    let prefix = if told.starts_with("error:") { "" } else { "error: " };
    // The reader may have gone; the exit code still says it.
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
            Command::Completions(completions) => completions.run(&mut Self::command()),
            Command::Compile(compile) => compile.run(),
        }
    }
}

//! `tierwatch plugin …`: for authors of rules. Rules run in the daemon's own host, with the limits of the configuration where
//! there is one; only `record` and `diff` need a configuration, and a store.

mod bed;
mod bench;
mod build;
mod diff;
mod eval;
mod found;
mod inspect;
mod new;
mod record;
mod sign;
mod test;

use super::{done::Done, output::Output};
use anyhow::Result;
use std::path::Path;

/// Write rule plugins: start one, build it, look into it, run its cases, measure it, sign it, see whom it moves.
#[derive(Debug, clap::Subcommand)]
pub(super) enum PluginCommand {
    New(new::New),
    Build(build::Build),
    Inspect(inspect::Inspect),
    Test(test::Test),
    Bench(bench::Bench),
    Sign(sign::Sign),
    Record(record::Record),
    Eval(eval::Eval),
    Diff(diff::Diff),
}

impl PluginCommand {
    pub(super) fn run(self, config: &Path, output: Output) -> Result<Done> {
        match self {
            Self::New(new) => new.run(),
            Self::Build(build) => build.run(config),
            Self::Inspect(inspect) => inspect.run(config, output),
            Self::Test(test) => test.run(config, output),
            Self::Bench(bench) => bench.run(config, output),
            Self::Sign(sign) => sign.run(),
            Self::Record(record) => record.run(config),
            Self::Eval(eval) => eval.run(config, output),
            Self::Diff(diff) => diff.run(config, output),
        }
    }
}

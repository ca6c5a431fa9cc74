//! `tierwatch simulate`

use super::{
    done::Done,
    output::{Output, print_json, print_text},
};
use crate::{
    model::{Date, Instant},
    simulate::{self, Options, WrittenNetwork},
};
use anyhow::{Context as _, Result};
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The policies of the repository, so that a simulated folder is complete wherever it is made.
const POLICIES: [(&str, &str); 2] = [
    ("uk-mod.toml", include_str!("../../../rules/uk-mod.toml")),
    ("us-dod.toml", include_str!("../../../rules/us-dod.toml")),
];

/// Make a seeded supply network with really signed attestations: the same seed gives the same bytes.
#[derive(Debug, clap::Args)]
pub(super) struct Simulate {
    /// The folder to write; it must hold no feed yet.
    folder: PathBuf,
    /// Where all chance comes from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many organisations.
    #[arg(long, default_value_t = simulate::DEMO_ORGANISATIONS)]
    organisations: u32,
    /// How many attestations about each, beside those of the network.
    #[arg(long, value_name = "COUNT")]
    attestations: Option<u32>,
    /// How many organisations sign with a key of their own.
    #[arg(long, default_value_t = simulate::OWN_KEYS)]
    own_keys: u32,
    /// The day that all dates are relative to; today by default.
    #[arg(long)]
    today: Option<Date>,
}

impl Simulate {
    pub(super) fn run(self, output: Output) -> Result<Done> {
        output.no_csv("what a simulation came to")?;
        let today = self.today.unwrap_or_else(|| Instant::now().date());
        let options = Options {
            seed: self.seed,
            organisations: self.organisations,
            attestations_per_organisation: self.attestations,
            own_keys: self.own_keys,
            ..Options::demo(today)
        };
        let written = write(&self.folder, &options)?;
        match output {
            Output::Json => print_json(&written)?,
            _ => print_text(&format!(
                "{} organisations below {} programmes: {} attestations, {} bytes\nscore them: tierwatch --config {} run\n",
                written.organisations,
                written.programmes,
                written.attestations,
                written.feed_bytes,
                self.folder.join("tierwatch.toml").display(),
            ))?,
        }
        Ok(Done::Fine)
    }
}

/// Writes the network and the policies into `folder`, with a progress bar.
pub(super) fn write(folder: &Path, options: &Options) -> Result<WrittenNetwork> {
    let bar = ProgressBar::new(options.organisations.into())
        .with_style(ProgressStyle::with_template("{bar:40} {pos}/{len} organisations {msg} {eta}")?);
    let written = simulate::write_demo(folder, options, &mut |progress| {
        bar.set_position(progress.done.into());
        bar.set_message(format!("{} attestations", progress.attestations));
    })?;
    bar.finish_and_clear();
    for (name, text) in POLICIES {
        let path = folder.join(name);
        fs::write(&path, text)
            .with_context(|| format!("cannot write {}: check the folder's permissions", path.display()))?;
    }
    Ok(written)
}

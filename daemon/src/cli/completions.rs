//! `tierwatch completions`

use super::{Cli, Done, output::print_bytes};
use anyhow::Result;
use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

/// Print completions for a shell: `tierwatch completions bash > /etc/bash_completion.d/tierwatch`
#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    /// Which shell.
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self) -> Result<Done> {
        let mut script = Vec::new();
        generate(self.shell, &mut Cli::command(), "tierwatch", &mut script);
        print_bytes(&script)?;
        Ok(Done::Fine)
    }
}

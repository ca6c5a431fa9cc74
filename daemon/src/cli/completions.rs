//! `tierwatch completions`

use super::{done::Done, output::print_bytes};
use anyhow::Result;
use clap::Command;
use clap_complete::{Shell, generate};

/// Print completions for a shell: `tierwatch completions bash > /etc/bash_completion.d/tierwatch`
#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    /// Which shell.
    shell: Shell,
}

impl Completions {
    /// Of `command`.
    pub(super) fn run(self, command: &mut Command) -> Result<Done> {
        let mut script = Vec::new();
        generate(self.shell, command, "tierwatch", &mut script);
        print_bytes(&script)?;
        Ok(Done::Fine)
    }
}

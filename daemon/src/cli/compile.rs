//! `tierwatch compile-component`, which only the daemon starts

use super::Done;
use crate::rules::{Host, Limits};
use anyhow::Result;
use std::io::{self, Read as _, Write as _};

/// Compile a component from standard input to standard output, for an engine with these limits; a refusal is written there
/// instead, with exit code 3.
#[derive(Debug, clap::Args)]
pub(super) struct Compile {
    /// Linear memory of an instance, in bytes.
    memory_bytes: usize,
    /// Native stack of a call, in bytes.
    stack_bytes: usize,
}

impl Compile {
    pub(super) fn run(self) -> Result<Done> {
        let Self { memory_bytes, stack_bytes } = self;
        let limits = Limits { memory_bytes, stack_bytes, ..Limits::default() };
        let mut component = Vec::new();
        io::stdin().lock().read_to_end(&mut component)?;
        let (done, answer) = match Host::precompile(&limits, &component)? {
            Ok(code) => (Done::Fine, code),
            Err(reason) => (Done::Difference, reason.into_bytes()),
        };
        let mut output = io::stdout().lock();
        output.write_all(&answer)?;
        output.flush()?;
        Ok(done)
    }
}

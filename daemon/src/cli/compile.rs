//! `tierwatch compile-component`, which only the daemon starts

use super::done::Done;
use crate::rules::{Host, Limits};
use anyhow::Result;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::{
    io::{self, Read as _},
    path::PathBuf,
};

/// Processor time for one component, in seconds: a Python rule of 18 MB takes some ten.
const MAX_PROCESSOR_SECONDS: u64 = 300;
/// Memory that it may write to, in bytes. What the engine only sets aside is not counted.
const MAX_MEMORY_BYTES: u64 = 4 << 30;

/// Compile a component from standard input, for an engine with these limits, and answer on standard output.
#[derive(Debug, clap::Args)]
pub(super) struct Compile {
    /// Linear memory of an instance, in bytes.
    memory_bytes: usize,
    /// Native stack of a call, in bytes.
    stack_bytes: usize,
    /// Where compiled functions are kept for the next component.
    functions: Option<PathBuf>,
}

impl Compile {
    pub(super) fn run(self) -> Result<Done> {
        let Self { memory_bytes, stack_bytes, functions } = self;
        // Whatever a component makes the compiler do ends with this process.
        limit(Resource::Cpu, MAX_PROCESSOR_SECONDS)?;
        limit(Resource::Data, MAX_MEMORY_BYTES)?;
        let limits = Limits { memory_bytes, stack_bytes, ..Limits::default() };
        let mut component = Vec::new();
        io::stdin().lock().read_to_end(&mut component)?;
        let (answer, keep) = Host::precompile(&limits, &component, functions.as_deref())?;
        answer.write(&mut io::stdout().lock())?;
        // The daemon has its answer already.
        keep();
        Ok(Done::Fine)
    }
}

fn limit(resource: Resource, most: u64) -> Result<()> {
    // The parent process may have allowed less.
    let most = getrlimit(resource).maximum.map_or(most, |allowed| allowed.min(most));
    Ok(setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?)
}

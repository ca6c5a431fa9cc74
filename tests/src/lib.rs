//! Drives the real `tierwatch` binary from outside, as its users do: over files, signals, HTTP and the command line.
//!
//! A [`Site`] is a folder with a configuration; a [`Daemon`] runs in it. Every address has port 0 and every folder is
//! temporary, so tests run beside each other. Nothing sleeps for a fixed time: [`eventually`] looks until it sees what it
//! waits for, and fails with its name after [`DEADLINE`].

mod clock;
mod command;
mod daemon;
pub mod evidence;
mod exposition;
mod golden;
pub mod imports;
mod key;
mod server;
mod site;
pub mod sources;
mod watched;
mod workshop;

pub use clock::SetClock;
pub use command::{Answer, binary, guest_target, guest_tools, guests, installed, repository};
pub use daemon::Daemon;
pub use exposition::Exposition;
pub use golden::{check_golden, check_made};
pub use key::Key;
pub use server::{Prometheus, selectors};
pub use site::Site;
pub use watched::Watched;
pub use workshop::Workshop;

use std::{
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

/// How long anything may take before a test fails: generous, because other tests use the same processors.
pub const DEADLINE: Duration = Duration::from_secs(90);
/// The pause between two looks of [`eventually`].
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Looks until `look` sees something.
///
/// # Panics
/// After [`DEADLINE`], naming `what` it waited for.
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(started.elapsed() < DEADLINE, "waited {DEADLINE:?} in vain for {what}");
        thread::sleep(LOOK_EVERY);
    }
}

/// The folder of public test vectors, which `TIERWATCH_CONFORMANCE` names; prints a note where there is none.
#[must_use]
#[expect(clippy::print_stderr, reason = "a skipped test must be visible")]
pub fn conformance(folder: &str) -> Option<PathBuf> {
    let found = std::env::var_os("TIERWATCH_CONFORMANCE").map(|all| PathBuf::from(all).join(folder));
    if found.is_none() {
        eprintln!("SKIPPED: TIERWATCH_CONFORMANCE does not name the folder of test vectors");
    }
    found
}

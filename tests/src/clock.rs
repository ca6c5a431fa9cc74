//! A clock that a test sets, for daemons that see it through libfaketime.

use crate::{Daemon, Site};
use std::{
    fs,
    path::PathBuf,
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

/// The library, and the file from which it reads the time.
#[derive(Debug)]
pub struct SetClock {
    library: PathBuf,
    time: PathBuf,
}

impl SetClock {
    /// A clock of this site that is right; prints a note where the library is missing, because a test then covers less.
    #[must_use]
    #[expect(clippy::print_stderr, reason = "a skipped test must be visible")]
    pub fn of(site: &Site) -> Option<Self> {
        let of = |entry: fs::DirEntry| entry.path().join("faketime/libfaketimeMT.so.1");
        let Some(library) = fs::read_dir("/usr/lib").ok()?.flatten().map(of).find(|library| library.exists()) else {
            eprintln!("SKIPPED: there is no libfaketime; install faketime");
            return None;
        };
        let clock = Self { library, time: site.path("time") };
        clock.set(Self::now());
        Some(clock)
    }

    /// The real time, in seconds since 1970.
    ///
    /// # Panics
    /// When it is before 1970.
    #[must_use]
    pub fn now() -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
    }

    /// Sets the clock to `seconds` since 1970.
    ///
    /// # Panics
    /// When the file cannot be written.
    pub fn set(&self, seconds: u64) {
        let text = Command::new("date").args(["+@%Y-%m-%d %H:%M:%S", "-d", &format!("@{seconds}")]).output();
        let beside = self.time.with_extension("new");
        fs::write(&beside, text.expect("date runs").stdout).expect("the folder is ours");
        fs::rename(beside, &self.time).expect("the folder is ours");
    }

    /// Starts a daemon of `site` that sees this clock.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start(&self, site: &Site) -> Daemon {
        site.start_with(&[
            ("LD_PRELOAD", &self.library.display().to_string()),
            ("FAKETIME_TIMESTAMP_FILE", &self.time.display().to_string()),
            ("FAKETIME_NO_CACHE", "1"),
            ("DONT_FAKE_MONOTONIC", "1"),
            ("NO_FAKE_STAT", "1"),
        ])
    }
}

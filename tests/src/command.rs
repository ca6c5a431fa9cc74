//! Running the binary once, to its end.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// The output and exit code of a command that has ended.
#[derive(Debug)]
pub struct Answer {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Answer {
    /// Runs `command` to its end, without input.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn of(command: &mut Command) -> Self {
        command.stdin(Stdio::null()).output().expect("the command starts").into()
    }

    /// Standard output, of a command that must end with `code`.
    ///
    /// # Panics
    /// When it ended with another code.
    #[must_use]
    pub fn expect(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self.stdout
    }

    /// Standard output as JSON, of a command that must succeed.
    ///
    /// # Panics
    /// When it failed or printed something else.
    #[must_use]
    pub fn json(self) -> serde_json::Value {
        serde_json::from_str(&self.expect(0)).expect("standard output is JSON")
    }
}

/// The binary under test: `TIERWATCH_BIN`, or `tierwatch` in the target folder that this test was built into.
///
/// # Panics
/// When it is not there.
#[must_use]
pub fn binary() -> PathBuf {
    let beside = || {
        let test = std::env::current_exe().expect("a test has a path");
        test.ancestors().nth(2).expect("it lies in target/release/deps").join("tierwatch")
    };
    let path = std::env::var_os("TIERWATCH_BIN").map_or_else(beside, PathBuf::from);
    assert!(path.is_file(), "{} is not there: run `cargo build --release -p tierwatch` first", path.display());
    path
}

/// A command of the binary, without the environment of whoever runs the tests.
pub(crate) fn tierwatch() -> Command {
    let mut command = Command::new(binary());
    for variable in ["TIERWATCH_CONFIG", "COLUMNS", "RUST_LOG"] {
        command.env_remove(variable);
    }
    command
}

/// The root of the repository.
#[must_use]
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Whether `program` can be run here. If not, prints which command `brings` it, because a test then covers less.
#[must_use]
#[expect(clippy::print_stderr, reason = "a skipped test must be visible")]
pub fn installed(program: &str, brings: &str) -> bool {
    let runs = |program: &Path| Command::new(program).arg("--version").output().is_ok_and(|ran| ran.status.success());
    let found = runs(Path::new(program)) || runs(&guest_tools().join(program));
    if !found {
        eprintln!("SKIPPED: {program} is not installed; `{brings}` brings it");
    }
    found
}

/// The folder into which `make guests-c` puts the tools that make components.
#[must_use]
pub fn guest_tools() -> PathBuf {
    repository().join("target/guests/c/bin")
}

/// A builder of rules in another language, which `make guests` has set up in `target/guests`; prints a note where it is missing.
#[must_use]
#[expect(clippy::print_stderr, reason = "a skipped test must be visible")]
pub fn guests(what: &str) -> Option<PathBuf> {
    let found = std::fs::canonicalize(repository().join("target/guests").join(what)).ok();
    if found.is_none() {
        eprintln!("SKIPPED: there is no target/guests/{what}; `make guests` brings it");
    }
    found
}

/// The target folder for rules in Rust, shared so that their dependencies are compiled once.
#[must_use]
pub fn guest_target() -> PathBuf {
    repository().join("target/guests/rust")
}

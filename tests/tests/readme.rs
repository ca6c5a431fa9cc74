//! The README's commands run as they stand.
//!
//! A block of ```` ```sh ```` is run by `bash`, all of them one after the other in one folder that has the repository's
//! files and `tierwatch` on the path, so that a later block may use what an earlier one made. In a block of
//! ```` ```console ```` the lines after `$ ` are run in the same way, and the rest is a session that was pasted. Left out
//! are commands that build, install or clone ([`NOT_RUN`]): `make test` runs this very test. A command may end with
//! [`DIFFERENCE`], as `tierwatch ingest` does where it refuses something, and must not fail.

use std::{fs, os::unix::fs::symlink, process::Command};
use tierwatch_tests::{Answer, binary, repository};

/// Commands that begin so are not run here.
const NOT_RUN: &[&str] = &["make", "git clone", "cargo", "apt-get", "sudo", "rustup", "cd tierwatch"];

/// The exit code of a command that did its work and found what its caller should know of.
const DIFFERENCE: i32 = 3;

/// The commands of `markdown` with the line they stand in, in order.
fn commands(markdown: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut fence: Option<&str> = None;
    for (number, line) in markdown.lines().enumerate() {
        match (line.trim().strip_prefix("```"), fence) {
            (Some(language), None) => fence = Some(language),
            (Some(_), Some(_)) => fence = None,
            (None, Some("sh")) if !line.trim().is_empty() => found.push((number + 1, line.to_owned())),
            (None, Some("console")) => found.extend(line.strip_prefix("$ ").map(|line| (number + 1, line.to_owned()))),
            _ => {}
        }
    }
    found
}

#[test]
fn every_command_of_the_readme_runs() {
    let readme = fs::read_to_string(repository().join("README.md")).expect("there is a README");
    let commands = commands(&readme);
    for command in ["make demo", "make test"] {
        assert!(commands.iter().any(|(_, line)| line.starts_with(command)), "the README does not say `{command}`");
    }

    let clone = tempfile::tempdir().expect("a folder");
    for entry in fs::read_dir(repository()).expect("it is there") {
        let entry = entry.expect("it can be listed");
        symlink(fs::canonicalize(entry.path()).expect("it is there"), clone.path().join(entry.file_name()))
            .expect("the folder is ours");
    }
    let mut script = String::from("set -uo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n");
    for (number, line) in &commands {
        if NOT_RUN.iter().all(|begin| !line.starts_with(begin)) {
            script += &format!(
                "{line}\ncode=$?; [ $code = 0 ] || [ $code = {DIFFERENCE} ] || {{ echo 'README.md line {number}' >&2; exit 1; }}\n"
            );
        }
    }
    let path = format!(
        "{}:{}",
        binary().parent().expect("it lies in a folder").display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let said = Answer::of(Command::new("bash").args(["-c", &script]).current_dir(clone.path()).env("PATH", path));
    assert_eq!(said.code, Some(0), "stdout:\n{}\nstderr:\n{}", said.stdout, said.stderr);
}

#[test]
fn commands_are_found_in_blocks_of_sh_and_console_alone() {
    let markdown = "a\n```sh\nmake demo\n\nb\n```\n```toml\nc = 1\n```\n```console\n$ d --e\nf\n```\n$ g\n";
    let found = commands(markdown);
    let expected = [(3, "make demo"), (5, "b"), (11, "d --e")].map(|(line, text)| (line, text.to_owned()));
    assert_eq!(found, expected);
}

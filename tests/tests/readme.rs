//! The commands of the README and of the page on plugins run as they are written.
//!
//! A block of ```` ```sh ```` is run by `bash`, all of them one after the other in one folder that has the repository's
//! files and `tierwatch` on the path, so that a later block may use what an earlier one made. In a block of
//! ```` ```console ```` the lines after `$ ` are run in the same way, and the rest is a session that was pasted. A block that
//! names a file, as ```` ```c c-sites/rule.c ````, becomes that file. Left out are commands that build, install or clone ([`NOT_RUN`]): `make test` runs this very test. A command may end with
//! [`DIFFERENCE`], as `tierwatch ingest` does where it refuses something, and must not fail.

use std::{fs, os::unix::fs::symlink, process::Command};
use tierwatch_tests::{Answer, binary, guest_target, guest_tools, guests, installed, repository};

/// Beginnings of commands that are not run here.
const NOT_RUN: &[&str] = &["make", "git clone", "cargo", "apt-get", "sudo", "rustup", "cd tierwatch"];

/// The exit code of a command that did its work and found what its caller should know of.
const DIFFERENCE: i32 = 3;

/// Ends a file of the page.
const END_OF_FILE: &str = "END OF THE FILE";

/// The commands of `markdown` with the line they stand in, in order.
fn commands(markdown: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut fence: Option<&str> = None;
    for (number, line) in markdown.lines().enumerate() {
        let file = fence.and_then(|fence| fence.split_once(' ')).map(|(_, file)| file);
        match (line.trim().strip_prefix("```"), fence) {
            (Some(language), None) => {
                fence = Some(language);
                if let Some((_, file)) = language.split_once(' ') {
                    found.push((number + 1, format!("cat > {file} <<'{END_OF_FILE}'\n")));
                }
            }
            (Some(_), Some(_)) => {
                if let (Some(_), Some((_, command))) = (file, found.last_mut()) {
                    *command += END_OF_FILE;
                }
                fence = None;
            }
            (None, Some(_)) if file.is_some() => {
                if let Some((_, command)) = found.last_mut() {
                    *command += line;
                    command.push('\n');
                }
            }
            (None, Some("sh")) if !line.trim().is_empty() => found.push((number + 1, line.to_owned())),
            (None, Some("console")) => found.extend(line.strip_prefix("$ ").map(|line| (number + 1, line.to_owned()))),
            _ => {}
        }
    }
    found
}

/// Commands that set up the builders of other languages, with what replaces them: the builders of `make guests`.
const SET_UP: [(&str, &str, &str); 2] = [
    ("(cd python-approvals &&", "python", "python-approvals/.venv"),
    ("(cd javascript-approvals &&", "javascript/node_modules", "javascript-approvals/node_modules"),
];

/// Runs `commands` one after the other in a folder that has the repository's files.
fn run(file: &str, commands: &[(usize, String)]) {
    let clone = tempfile::tempdir().expect("a folder");
    for entry in fs::read_dir(repository()).expect("it is there") {
        let entry = entry.expect("it can be listed");
        symlink(fs::canonicalize(entry.path()).expect("it is there"), clone.path().join(entry.file_name()))
            .expect("the folder is ours");
    }
    let mut script = String::from("set -uo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n");
    for (number, line) in commands {
        script += &format!(
            "{line}\ncode=$?; [ $code = 0 ] || [ $code = {DIFFERENCE} ] || {{ echo '{file} line {number}' >&2; exit 1; }}\n"
        );
    }
    let path = format!(
        "{}:{}:{}",
        guest_tools().display(),
        binary().parent().expect("it lies in a folder").display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let mut bash = Command::new("bash");
    bash.args(["-c", &script]).current_dir(clone.path()).env("PATH", path);
    bash.env("XDG_CACHE_HOME", clone.path().join("cache")).env("CARGO_TARGET_DIR", guest_target());
    let said = Answer::of(&mut bash);
    assert_eq!(said.code, Some(0), "stdout:\n{}\nstderr:\n{}", said.stdout, said.stderr);
}

#[test]
fn every_command_of_the_readme_runs() {
    let readme = fs::read_to_string(repository().join("README.md")).expect("there is a README");
    let mut commands = commands(&readme);
    for command in ["make demo", "make test"] {
        assert!(commands.iter().any(|(_, line)| line.starts_with(command)), "the README does not say `{command}`");
    }
    commands.retain(|(_, line)| NOT_RUN.iter().all(|begin| !line.starts_with(begin)));
    run("README.md", &commands);
}

#[test]
fn every_command_of_the_page_on_plugins_runs() {
    let page = fs::read_to_string(repository().join("plugins/README.md")).expect("there is a page");
    let mut commands = commands(&page);
    for (command, guest, path) in SET_UP {
        let set_up = commands.iter_mut().find(|(_, line)| line.starts_with(command));
        let (_, line) = set_up.unwrap_or_else(|| panic!("the page does not say how {path} is made"));
        match guests(guest) {
            Some(ready) => *line = format!("ln -s {} {path}", ready.display()),
            None => {
                let folder = path.split('/').next().expect("a folder").to_owned();
                commands.retain(|(_, line)| !line.contains(&folder));
            }
        }
    }
    commands.retain(|(_, line)| NOT_RUN.iter().all(|begin| !line.starts_with(begin)));
    if !["clang", "wasm-ld", "wit-bindgen", "wasm-tools"].into_iter().all(|tool| installed(tool, "make guests-c")) {
        commands.retain(|(_, line)| !line.contains("c-sites"));
    }
    run("plugins/README.md", &commands);
}

#[test]
fn every_command_of_the_page_on_policies_runs() {
    let page = fs::read_to_string(repository().join("rules/README.md")).expect("there is a page");
    run("rules/README.md", &commands(&page));
}

#[test]
fn commands_are_found_in_blocks_of_sh_and_console_alone() {
    let markdown = "a\n```sh\nmake demo\n\nb\n```\n```toml\nc = 1\n```\n```console\n$ d --e\nf\n```\n$ g\n```c e/f.c\nint g;\n\n```\n";
    let found = commands(markdown);
    let file = "cat > e/f.c <<'END OF THE FILE'\nint g;\n\nEND OF THE FILE";
    let expected = [(3, "make demo"), (5, "b"), (11, "d --e"), (15, file)].map(|(line, text)| (line, text.to_owned()));
    assert_eq!(found, expected);
}

//! The sources of this repository, for tests that read them.

use crate::repository;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The folder of the daemon's sources.
#[must_use]
pub fn source() -> PathBuf {
    repository().join("daemon/src")
}

/// The folder of the crates below the daemon.
#[must_use]
pub fn crates() -> PathBuf {
    repository().join("daemon/crates")
}

/// The folders with the sources of each crate of ours.
///
/// # Panics
/// When a folder cannot be read.
#[must_use]
pub fn sources() -> Vec<PathBuf> {
    let below = |folder: PathBuf| {
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path().join("src"))
    };
    let all = [repository().join("daemon/crates"), repository().join("plugins")].into_iter().flat_map(below);
    [source()].into_iter().chain(all).filter(|folder| folder.join("lib.rs").exists()).collect()
}

/// All files below a folder whose names end with `ending`.
///
/// # Panics
/// When a folder cannot be read.
#[must_use]
pub fn all_below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.to_string_lossy().ends_with(ending) => files.push(path),
                false => {}
            }
        }
    }
    files.sort();
    files
}

fn is_test(file: &Path) -> bool {
    let is_tests = |name: &str| name == "tests" || name == "tests.rs" || name.ends_with("_tests.rs");
    file.ends_with("fixture.rs") || file.components().any(|part| part.as_os_str().to_str().is_some_and(is_tests))
}

/// The files of a crate without its tests.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let files: Vec<PathBuf> = all_below(folder, ".rs")
        .into_iter()
        .filter(|file| !is_test(file.strip_prefix(folder).expect("below")))
        .collect();
    assert!(!files.is_empty(), "{} has no file: is the list in this test out of date?", folder.display());
    files
}

/// The code of a file: no comments, nothing after the unit tests begin.
///
/// # Panics
/// When it cannot be read.
#[must_use]
pub fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a source file");
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect()
}

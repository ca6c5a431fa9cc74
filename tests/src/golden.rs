//! Golden files: the whole of an output, kept in `tests/golden`, and files of the repository that are made from another.

use crate::repository;
use std::fs;

/// Compares `actual` with the golden file `name`; with `UPDATE_GOLDEN=1` in the environment it is written instead.
///
/// # Panics
/// When they differ, with the first line that does.
pub fn check_golden(name: &str, actual: &str) {
    check_made(&format!("tests/golden/{name}"), actual);
}

/// The same for a file anywhere in the repository.
///
/// # Panics
/// As [`check_golden`].
pub fn check_made(path: &str, actual: &str) {
    let file = repository().join(path);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&file, actual).expect("the file can be written");
        return;
    }
    let golden = fs::read_to_string(&file).unwrap_or_default();
    if golden == actual {
        return;
    }
    let same = golden.lines().zip(actual.lines()).take_while(|(golden, actual)| golden == actual).count();
    let line = |text: &str| text.lines().nth(same).unwrap_or("(the end)").to_owned();
    panic!(
        "{path} differs from line {} on\n  there:  {}\n  actual: {}\nrun again with UPDATE_GOLDEN=1 if that is right\n\n{actual}",
        same + 1,
        line(&golden),
        line(actual),
    );
}

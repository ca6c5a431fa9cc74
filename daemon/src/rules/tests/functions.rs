//! Compiled functions on disk: used for the next component, and trusted no further than their file and their seals.

use crate::{
    model::Digest,
    rules::{
        Host, Limits, built_in,
        cache::{self, CompilerAnswer},
        functions::Functions,
    },
};
use rusqlite::{Connection, params};
use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
    path::{Path, PathBuf},
};
use tempfile::TempDir;
use wasmtime::CacheStore as _;

/// A folder of this user alone, and where functions are kept in it.
fn scratch() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    allow(folder.path(), 0o700);
    let path = folder.path().join("functions.db");
    (folder, path)
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("permissions");
}

fn answer(rule: usize, functions: Option<&Path>) -> CompilerAnswer {
    let compiled = Host::precompile(&Limits::default(), built_in()[rule].component, functions);
    let (answer, keep) = compiled.expect("an engine");
    keep();
    answer
}

fn compile(rule: usize, functions: Option<&Path>) -> Vec<u8> {
    match answer(rule, functions) {
        CompilerAnswer::Code(code) => code,
        CompilerAnswer::Refusal(reason) => panic!("{reason}"),
    }
}

/// The functions of a file, by name.
fn rows(path: &Path) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let connection = Connection::open(path).expect("a database");
    let mut select = connection.prepare("SELECT name, code FROM functions").expect("its table");
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
    rows.collect::<Result<_, _>>().expect("rows")
}

#[test]
fn a_function_is_compiled_once() {
    let (_folder, path) = scratch();
    let alone = compile(0, None);
    assert!(compile(0, Some(&path)) == alone, "keeping functions changes the code");
    assert_eq!(fs::metadata(&path).expect("a file").mode() & 0o777, 0o600);
    let first = rows(&path);
    assert!(compile(0, Some(&path)) == alone, "functions that were kept give other code");
    // Two rules have functions in common.
    let other = compile(1, None);
    assert!(compile(1, Some(&path)) == other);
    let alone: usize = {
        let (_folder, path) = scratch();
        compile(1, Some(&path));
        rows(&path).len()
    };
    assert!(rows(&path).len() < first.len() + alone);
}

#[test]
fn what_is_kept_is_what_is_used() {
    let (_folder, path) = scratch();
    let good = compile(0, Some(&path));
    // Every function is replaced by one of another rule, correctly sealed.
    let (_elsewhere, elsewhere) = scratch();
    compile(1, Some(&elsewhere));
    let foreign = rows(&elsewhere).into_values().min_by_key(Vec::len).expect("a function");
    let connection = Connection::open(&path).expect("a database");
    for name in rows(&path).into_keys() {
        let seal = cache::seal(&Digest::of(&name), &foreign).0;
        let update = "UPDATE functions SET code = ?2, seal = ?3 WHERE name = ?1";
        connection.execute(update, params![name, foreign, seal]).expect("a row");
    }
    let is_same = matches!(answer(0, Some(&path)), CompilerAnswer::Code(code) if code == good);
    assert!(!is_same, "what is kept is not used");
}

#[test]
fn what_is_damaged_is_compiled_anew() {
    let (_folder, path) = scratch();
    let good = compile(0, Some(&path));
    let most = rows(&path).len() / 2;
    for damage in [
        "UPDATE functions SET code = zeroblob(length(code))",
        "UPDATE functions SET code = substr(code, 2)",
        "UPDATE functions SET seal = zeroblob(32)",
        "UPDATE functions SET seal = x'00'",
        "DROP TABLE functions",
    ] {
        let connection = Connection::open(&path).expect("a database");
        connection.execute(damage, []).expect(damage);
        drop(connection);
        assert!(compile(0, Some(&path)) == good, "{damage}");
        let functions = Functions::open(&path).expect("functions");
        let mended = rows(&path).into_keys().filter(|name| functions.get(name).is_some()).count();
        assert!(mended > most, "{mended} are there after {damage}");
    }
}

#[test]
fn what_is_no_database_gives_way_to_one() {
    for content in [&b"no database, however long it is: "[..].repeat(100), &b"SQLite format 3\0".repeat(40)[..]] {
        let (_folder, path) = scratch();
        fs::write(&path, content).expect("written");
        allow(&path, 0o600);
        let good = compile(0, None);
        assert!(compile(0, Some(&path)) == good);
        assert!(compile(0, Some(&path)) == good);
        assert!(!rows(&path).is_empty());
    }
}

#[test]
fn what_others_may_have_written_is_not_used() {
    let (folder, path) = scratch();
    compile(0, Some(&path));
    let opens = || Functions::open(&path).is_some();
    assert!(opens());
    allow(&path, 0o606);
    assert!(!opens());
    allow(&path, 0o600);
    allow(folder.path(), 0o777);
    assert!(!opens());
    allow(folder.path(), 0o700);
    assert!(opens());
    let elsewhere = folder.path().join("elsewhere");
    fs::rename(&path, &elsewhere).expect("renamed");
    symlink(&elsewhere, &path).expect("a link");
    assert!(!opens());
}

#[test]
fn what_was_not_used_for_longest_goes_first() {
    let (_folder, path) = scratch();
    let functions = Functions::open(&path).expect("functions");
    let name = |number: u8| vec![number; 32];
    (0..10).for_each(|number| assert!(functions.insert(&name(number), vec![number; 10_000])));
    functions.keep(i64::MAX);
    let functions = Functions::open(&path).expect("functions");
    for number in [0, 2, 4, 6] {
        assert!(functions.get(&name(number)).is_some_and(|code| *code == vec![number; 10_000]));
    }
    assert!(functions.insert(&name(10), vec![10; 10_000]));
    functions.keep(50_000);
    let kept: Vec<u8> = rows(&path).into_keys().map(|name| name[0]).collect();
    assert_eq!(kept, [0, 2, 4, 6, 9, 10]);
}

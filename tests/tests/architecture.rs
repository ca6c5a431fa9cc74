//! The directions of dependence that `daemon/ARCHITECTURE.md` promises, read off the sources.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Each module of the daemon, and the modules and crates of ours that it may name.
const MAY_NAME: [(&str, &[&str]); 10] = [
    ("feed", &["model"]),
    ("watch", &[]),
    ("store", &["model"]),
    ("rules", &["model"]),
    ("case", &["diagnostic", "model", "rules"]),
    ("metrics", &[]),
    ("config", &["attest", "diagnostic", "model", "rules"]),
    ("simulate", &["attest", "model"]),
    (
        "pipeline",
        &["attest", "config", "diagnostic", "feed", "metrics", "model", "network", "policy", "rules", "store", "watch"],
    ),
    ("http", &["metrics", "model", "pipeline", "store"]),
];

/// What every module may name: how anything is read.
const EVERYWHERE: &str = "by_name";

/// What reads JSON or TOML without `by_name`: structs then take arrays by position.
const READERS: [&str; 7] = [
    "serde_json::from_",
    "serde_json::Deserializer",
    "serde_json::StreamDeserializer",
    "toml::from_",
    "toml::Deserializer",
    "toml::de::Deserializer",
    ": Json<",
];

/// Who may, since no struct is read there: the check of whole texts, what cuts files, and `by_name` itself.
const READS_NO_STRUCT: [&str; 3] = ["by-name/src/lib.rs", "attest/src/json.rs", "feed/content.rs"];

/// Modules that must stay free of clocks, files, threads of their own and async.
const PURE: [&str; 5] = ["model", "attest", "policy", "network", "case"];

/// What a pure module must not name; `Instant::now` is the model's one clock, for the edges alone.
const IMPURE: [&str; 7] = ["std::fs", "std::net", "std::process", "std::thread", "tokio::", "rusqlite", "SystemTime"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../daemon/src")
}

fn crates() -> PathBuf {
    source().join("../crates")
}

/// The files of a module or a crate: `name.rs`, and everything below its folder but its tests.
fn files(module: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let single = source().join(format!("{module}.rs"));
    if single.exists() {
        files.push(single);
    }
    let mut folders = vec![source().join(module), crates().join(module).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
            match path.is_dir() {
                true if name == "tests" => {}
                true => folders.push(path),
                false if name == "tests.rs" || !name.ends_with(".rs") => {}
                false => files.push(path),
            }
        }
    }
    assert!(!files.is_empty(), "the module {module} has no file: is the list in this test out of date?");
    files
}

/// The code of a file: no comments, nothing after the unit tests begin.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a source file");
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect()
}

/// The modules of ours that `code` names, also in `use crate::{a::X, b::Y}`.
fn named(code: &str) -> BTreeSet<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut names = BTreeSet::new();
    for (place, _) in code.match_indices("crate::") {
        let rest = &code[place + "crate::".len()..];
        let Some(group) = rest.strip_prefix('{') else {
            names.insert(word(rest));
            continue;
        };
        let mut depth = 0;
        let mut item = String::new();
        for c in group.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    names.insert(word(item.trim()));
                    item.clear();
                    continue;
                }
                _ => {}
            }
            item.push(c);
        }
        names.insert(word(item.trim()));
    }
    names.retain(|name| name.starts_with(|c: char| c.is_lowercase()));
    names
}

#[test]
fn modules_name_only_what_they_may() {
    let mut wrong = Vec::new();
    for (module, allowed) in MAY_NAME {
        for file in files(module) {
            for name in named(&code(&file)) {
                if name != module && name != EVERYWHERE && !allowed.contains(&name.as_str()) {
                    wrong.push(format!("{} names `{name}`; `{module}` may name only {allowed:?}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// All sources of the daemon and its crates but their tests.
fn all_files() -> Vec<PathBuf> {
    let folders = [source(), crates()].into_iter().flat_map(|folder| fs::read_dir(folder).expect("the sources"));
    let mut modules: Vec<String> = folders
        .filter_map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned);
            name.filter(|name| !["lib", "main"].contains(&name.as_str()))
        })
        .collect();
    modules.sort();
    modules.dedup();
    modules.iter().flat_map(|module| files(module)).collect()
}

/// An array for an object is refused everywhere, because everything is read in one way.
#[test]
fn everything_is_read_by_the_names_of_its_fields() {
    let mut wrong = Vec::new();
    for file in all_files() {
        let relative = file.strip_prefix(source()).or_else(|_| file.strip_prefix(crates())).expect("a source");
        let relative = relative.to_string_lossy().into_owned();
        let is_test = relative.ends_with("_tests.rs") || relative.ends_with("fixture.rs");
        if READS_NO_STRUCT.contains(&relative.as_str()) || is_test {
            continue;
        }
        let code = code(&file);
        for reader in READERS.iter().filter(|reader| code.contains(**reader)) {
            let by_name = code.lines().filter(|line| line.contains(reader)).all(|line| line.contains("ByName<"));
            if !by_name {
                wrong.push(format!("{relative} reads with `{reader}`: use `by_name::json` or `by_name::toml`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pure_modules_have_no_clock_and_no_io() {
    let mut wrong = Vec::new();
    for module in PURE {
        for file in files(module) {
            let code = code(&file);
            let clock = module != "model" && code.contains("Instant::now");
            for impure in
                IMPURE.iter().filter(|word| code.contains(**word)).copied().chain(clock.then_some("Instant::now"))
            {
                wrong.push(format!(
                    "{} names `{impure}`: `{module}` takes the time and the bytes as arguments",
                    file.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_scan_sees_what_it_should() {
    let seen = named(
        "use crate::{\n    attest::{a, b::{c}},\n    model::X,\n};\nfn f() { crate::store::open(); crate::Result }\n",
    );
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["attest", "model", "store"]);
}

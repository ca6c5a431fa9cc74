//! The directions of dependence that `daemon/ARCHITECTURE.md` promises, and habits that no compiler enforces, checked in
//! the sources.

use petgraph::{algo::tarjan_scc, graph::DiGraph};
use regex::Regex;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};
use tierwatch_tests::{
    imports::Crate,
    repository,
    sources::{all_below, code, crates, files, source, sources},
};

/// Each module of the daemon, and those that it may name. All may name the crates below `daemon/crates`, between which the
/// compiler keeps the directions.
const MAY_NAME: [(&str, &[&str]); 16] = [
    ("analysis", &["config", "rules", "scoring", "store"]),
    ("case", &["rules"]),
    (
        "cli",
        &[
            "analysis", "case", "config", "daemon", "feed", "guest", "http", "metrics", "pipeline", "rules", "scoring",
            "simulate", "store",
        ],
    ),
    ("config", &["rules"]),
    ("daemon", &["config", "feed", "http", "metrics", "pipeline", "scoring", "store", "watch"]),
    ("feed", &[]),
    ("guest", &[]),
    ("http", &["metrics", "pipeline"]),
    ("lib", &[]),
    ("metrics", &[]),
    ("pipeline", &["config", "feed", "metrics", "rules", "scoring", "store", "watch"]),
    ("rules", &[]),
    ("scoring", &["config", "rules", "store"]),
    ("simulate", &[]),
    ("store", &[]),
    ("watch", &[]),
];

/// Most lines of a file of sources.
const MAX_FILE_LINES: usize = 500;

/// Functions that read JSON or TOML without `by_name`: structs would take arrays by position.
const READERS: [&str; 7] = [
    "serde_json::from_",
    "serde_json::Deserializer",
    "serde_json::StreamDeserializer",
    "toml::from_",
    "toml::Deserializer",
    "toml::de::Deserializer",
    ": Json<",
];

/// Files that may use them, since they read no struct: the check of whole texts, what cuts files, and `by_name` itself.
const READS_NO_STRUCT: [&str; 3] = ["by-name/src/lib.rs", "attest/src/json.rs", "feed/content.rs"];

/// Modules that must stay free of clocks, files, threads of their own and async.
const PURE: [&str; 5] = ["model", "attest", "policy", "network", "case"];

/// What a pure module must not name; `Instant::now` is the model's one clock, for the edges alone.
const IMPURE: [&str; 7] = ["std::fs", "std::net", "std::process", "std::thread", "tokio::", "rusqlite", "SystemTime"];

/// The module of the daemon that a file belongs to.
fn module_of(file: &Path) -> String {
    let below = file.strip_prefix(source()).expect("it is the daemon's");
    let first = below.components().next().expect("a name").as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn modules_name_only_what_they_may() {
    let daemon = Crate::read(&source());
    let may: BTreeMap<&str, &[&str]> = MAY_NAME.into_iter().collect();
    let modules: BTreeSet<String> = daemon.files().map(module_of).collect();
    let listed: BTreeSet<String> = may.keys().map(|&name| name.to_owned()).collect();
    assert_eq!(modules, listed, "the modules, and those that are listed here");
    let mut wrong = Vec::new();
    for (from, to) in daemon.arrows() {
        let module = module_of(from);
        for (other, path) in to {
            let named = module_of(other);
            if module != named && module != "lib" && !may[&*module].contains(&&*named) {
                wrong.push(format!("{} names `{path}`; `{module}` may name {:?}", from.display(), may[&*module]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_two_files_need_one_another() {
    let mut circles = Vec::new();
    for folder in sources() {
        let read = Crate::read(&folder);
        let arrows = read.arrows();
        let mut graph: DiGraph<&Path, ()> = DiGraph::new();
        let nodes: BTreeMap<&Path, _> = read.files().map(|file| (file, graph.add_node(file))).collect();
        for (from, to) in &arrows {
            to.keys().for_each(|to| _ = graph.add_edge(nodes[from], nodes[to], ()));
        }
        for circle in tarjan_scc(&graph).into_iter().filter(|nodes| nodes.len() > 1) {
            let circle: Vec<&Path> = circle.into_iter().map(|node| graph[node]).collect();
            let within = |from: &&Path| {
                arrows[from]
                    .iter()
                    .filter(|(to, _)| circle.contains(to))
                    .map(|(to, path)| format!("  {} names `{path}` of {}", from.display(), to.display()))
                    .collect::<Vec<_>>()
            };
            circles.push(circle.iter().flat_map(within).collect::<Vec<_>>().join("\n"));
        }
    }
    assert!(
        circles.is_empty(),
        "files that need one another: move what both need into a file of its own\n{}",
        circles.join("\n\n")
    );
}

/// One name means one type everywhere in the daemon. A private type may share its name with another file's, since it is used
/// nowhere else.
#[test]
fn no_two_files_define_types_of_one_name() {
    let daemon = repository().join("daemon");
    let crates: Vec<Crate> =
        sources().iter().filter(|folder| folder.starts_with(&daemon)).map(|folder| Crate::read(folder)).collect();
    let mut files: BTreeMap<&str, Vec<&Path>> = BTreeMap::new();
    for (name, file) in crates.iter().flat_map(Crate::public_types) {
        files.entry(name).or_default().push(file);
    }
    assert!(files.len() > 100, "{} types: are they found?", files.len());
    let below = |file: &&Path| file.strip_prefix(&daemon).expect("the daemon's").display().to_string();
    let twice = files.iter().filter(|(_, files)| files.len() > 1).map(|(name, files)| {
        let files: Vec<String> = files.iter().map(below).collect();
        format!(
            "`{name}` is a type of {}: give all but one a longer name, which says what each is",
            files.join(" and of ")
        )
    });
    let twice: Vec<String> = twice.collect();
    assert!(twice.is_empty(), "{}", twice.join("\n"));
}

/// One form for all limits, so that each is found: `MAX_PATH_BYTES`.
#[test]
fn limits_are_called_max_first() {
    let constant = Regex::new(r"\b(?:const|static) ([A-Z0-9_]+):").expect("a pattern");
    let last = Regex::new(r"_(?:MAX|MIN)(?:_[A-Z]+)*$|_SHOWN$").expect("a pattern");
    let (mut limits, mut wrong) = (0, Vec::new());
    for file in ["daemon", "plugins", "tests"].iter().flat_map(|folder| all_below(&repository().join(folder), ".rs")) {
        let code = fs::read_to_string(&file).expect("a source file");
        for name in constant.captures_iter(&code).map(|found| found.extract::<1>().1[0]) {
            if name.starts_with("MAX_") || name.starts_with("MIN_") {
                limits += 1;
            } else if last.is_match(name) {
                wrong.push(format!("{} has `{name}`", file.display()));
            }
        }
    }
    assert!(limits > 100, "only {limits} limits were found: is this the repository?");
    assert!(wrong.is_empty(), "call limits MAX_ or MIN_ and what they limit, with the unit:\n{}", wrong.join("\n"));
}

/// Every scored figure is an integer, and a profile must name each package separately.
#[test]
fn every_crate_stops_where_a_number_overflows() {
    let manifest = fs::read_to_string(repository().join("Cargo.toml")).expect("the workspace");
    for entry in fs::read_dir(crates()).expect("the crates") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        let section = format!("[profile.release.package.tierwatch-{name}]\noverflow-checks = true\n");
        assert!(manifest.contains(&section), "Cargo.toml lacks {section}");
    }
}

#[test]
fn no_file_is_long_and_each_module_has_its_own() {
    let mut wrong = Vec::new();
    let all = ["daemon", "plugins", "tests"].map(|folder| repository().join(folder));
    for file in all.iter().flat_map(|folder| all_below(folder, ".rs")) {
        let lines = fs::read_to_string(&file).expect("a source file").lines().count();
        if lines > MAX_FILE_LINES {
            wrong.push(format!("{} has {lines} lines, and {MAX_FILE_LINES} are allowed: part it", file.display()));
        }
        // The module that benchmarks share must have this name, or it would be a benchmark itself.
        if file.ends_with("mod.rs") && !file.ends_with("benches/common/mod.rs") {
            wrong.push(format!("{}: name it as its folder, beside that", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// An array for an object is refused everywhere, because everything is read through `by_name`.
#[test]
fn everything_is_read_by_the_names_of_its_fields() {
    let mut wrong = Vec::new();
    for file in [source(), crates()].iter().flat_map(|folder| files(folder)) {
        let relative = file.strip_prefix(source()).or_else(|_| file.strip_prefix(crates())).expect("a source");
        let relative = relative.to_string_lossy().into_owned();
        if READS_NO_STRUCT.contains(&relative.as_str()) {
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
        let of_crate = crates().join(module).join("src");
        let files = match of_crate.exists() {
            true => files(&of_crate),
            false => files(&source()).into_iter().filter(|file| module_of(file) == module).collect(),
        };
        assert!(!files.is_empty(), "{module} has no file: is the list in this test out of date?");
        for file in files {
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
fn the_architecture_names_files_that_there_are() {
    let page = fs::read_to_string(repository().join("daemon/ARCHITECTURE.md")).expect("the page");
    // `attest/remit.rs` is `crates/attest/src/remit.rs`.
    let short = |path: &Path| format!("/{}", path.display()).replace("/src/", "/");
    let is_one = |name: &&str| {
        let is_path = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
        let ends = [".rs", ".md", ".toml", ".txt", ".wit", ".py", ".js"];
        name.chars().all(is_path) && !name.starts_with('.') && ends.iter().any(|end| name.ends_with(end))
    };
    let named: BTreeSet<&str> = page.split('`').skip(1).step_by(2).filter(is_one).collect();
    assert!(named.len() > 30, "only {named:?} are found");
    let folders = ["daemon", "plugins", "tests", "rules", "config"].map(|folder| repository().join(folder));
    let all: Vec<String> = folders
        .iter()
        .flat_map(|folder| all_below(folder, ""))
        .map(|path| short(path.strip_prefix(repository()).expect("below")))
        .collect();
    let missing: Vec<&str> = named
        .into_iter()
        .filter(|name| !name.contains("NAME") && !all.iter().any(|path| path.ends_with(&short(Path::new(name)))))
        .collect();
    assert!(missing.is_empty(), "daemon/ARCHITECTURE.md names files that are not there: {missing:?}");
}

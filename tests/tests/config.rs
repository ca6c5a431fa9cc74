//! The files of `config/` for operations teams: good as they stand, laid out as `config/tierwatch.service` says.

use regex::Regex;
use std::{collections::BTreeSet, fs, process::Command};
use tempfile::TempDir;
use tierwatch_tests::{
    Answer, binary, repository,
    sources::{all_below, code, files, sources},
};

/// Checks `config` in a folder like `/etc/tierwatch`.
fn check(config: &str) -> Answer {
    check_with(config, "")
}

/// The same with `trust` after the keys and grants of the example.
fn check_with(config: &str, trust: &str) -> Answer {
    let installed = TempDir::new().expect("a folder");
    let at = |file: &str| installed.path().join(file);
    for folder in ["rules", "feed", "plugins"] {
        fs::create_dir(at(folder)).expect("the folder is ours");
    }
    let config = config.replace("/var/lib/tierwatch", "data").replace("/srv/tierwatch/feed", "feed");
    fs::write(at("tierwatch.toml"), config).expect("the folder is ours");
    fs::write(at("as9100.schema.json"), "{\"type\": \"object\"}").expect("the folder is ours");
    let keys = fs::read_to_string(repository().join("config/trust.toml")).expect("it is there");
    fs::write(at("trust.toml"), keys + trust).expect("the folder is ours");
    fs::copy(repository().join("rules/uk-mod.toml"), at("rules/uk-mod.toml")).expect("it is there");
    Answer::of(Command::new(binary()).arg("--config").arg(at("tierwatch.toml")).args(["check", "--output", "json"]))
}

fn example() -> String {
    fs::read_to_string(repository().join("config/tierwatch.toml")).expect("it is there")
}

/// The example with the keys that have no default set as its comments show them.
fn example_with_all_set() -> String {
    let set = |line: &str| match line.strip_prefix("# ") {
        Some(key) if key.starts_with('[') || key.split_once(" = ").is_some_and(|(key, _)| !key.contains(' ')) => {
            key.to_owned()
        }
        _ => line.to_owned(),
    };
    example().lines().map(set).collect::<Vec<_>>().join("\n") + "\n"
}

#[test]
fn the_example_is_good_as_it_stands() {
    let checked = check(&example()).json();
    assert_eq!(checked["policy"], "uk-mod", "{checked}");
    assert_eq!(checked["feeds"][0]["feed"], "suppliers", "{checked}");
}

#[test]
fn what_the_example_shows_in_comments_is_good_too() {
    let all = example_with_all_set();
    for key in ["folder = \"plugins\"", "[[schemes]]", "[[kinds]]", "[[predicates]]"] {
        assert!(all.lines().any(|line| line.starts_with(key)), "{key} is not set in:\n{all}");
    }
    let _ = check(&all).expect(0);
}

/// The daemon refuses an unknown key by naming all that there are: each of those must be in the example.
#[test]
fn the_example_has_every_key() {
    let all = example_with_all_set();
    let with_unknown = |line: &str| if line.starts_with('[') { format!("{line}\nzzz = 1") } else { line.to_owned() };
    let spoilt = format!("zzz = 1\n{}", all.lines().map(with_unknown).collect::<Vec<_>>().join("\n"));
    let refused = check(&spoilt);
    assert_eq!(refused.code, Some(1));
    let lists =
        refused.stderr.lines().filter_map(|line| line.split_once("use one of the keys of ")?.1.split_once(": "));
    let sections: Vec<(&str, Vec<&str>)> = lists.map(|(section, keys)| (section, keys.split(", ").collect())).collect();
    assert_eq!(sections.len(), 1 + all.lines().filter(|line| line.starts_with('[')).count(), "{}", refused.stderr);
    for (section, keys) in sections {
        for key in keys {
            let is_there =
                |line: &str| line.starts_with(&format!("{key} = ")) || line.trim_matches(['[', ']']).ends_with(key);
            assert!(all.lines().any(is_there), "`{key}` of {section} is not in config/tierwatch.toml");
        }
    }
}

/// Tables of the Cargo.toml of a rule, which `tierwatch plugin build` speaks of.
const OF_CARGO: [&str; 2] = ["lib", "package"];

/// The tables of the TOML below a folder that operators and authors of rules write: Cargo's is none of it.
fn tables_of(folder: &str) -> BTreeSet<String> {
    let header = Regex::new(r"(?m)^\[\[?([a-z.-]+)\]").expect("a pattern");
    let text = |path| fs::read_to_string(path).expect("it is there");
    let files = all_below(&repository().join(folder), ".toml").into_iter();
    let found = files.filter(|path| !path.ends_with("Cargo.toml")).map(text);
    found.flat_map(|text| header.captures_iter(&text).map(|found| found[1].to_owned()).collect::<Vec<_>>()).collect()
}

/// A fix that names a table or a key that no file has would mislead its reader.
#[test]
fn fixes_name_tables_and_keys_that_there_are() {
    let named = Regex::new(
        r"(?:`(?<key>[a-z_]+)(?: = [^`]*)?` (?:under|below) `?)?(?:\[\[(?<list>[a-z.-]{2,})\]\]|(?:under |below |`)\[(?<table>[A-Za-z.-]{2,})\])",
    )
    .expect("a pattern");
    let joined = Regex::new(r"\\\n\s*").expect("a pattern");
    let mut told = BTreeSet::new();
    for file in sources().iter().flat_map(|folder| files(folder)) {
        let code = code(&file);
        for found in named.captures_iter(&joined.replace_all(&code, "")) {
            let text = |name: &str| found.name(name).map(|text| text.as_str().to_owned());
            told.insert((text("list").is_some(), text("list").or_else(|| text("table")), text("key")));
        }
    }
    assert!(told.len() > 12, "the pattern finds no more than {told:?}");
    let others: BTreeSet<String> = ["rules", "plugins"].into_iter().flat_map(tables_of).collect();
    let least = "data_dir = \"data\"\npolicy = \"rules/uk-mod.toml\"\ntrust = \"trust.toml\"\n";
    for (is_list, table, key) in told {
        let table = table.expect("a table");
        let is_elsewhere = others.contains(&table) || OF_CARGO.contains(&&*table);
        if table == "rules.NAME" || key.is_none() && is_elsewhere {
            continue;
        }
        let header = if is_list { format!("[[{table}]]") } else { format!("[{table}]") };
        let line = key.as_deref().map(|key| format!("{key} = {{}}\n")).unwrap_or_default();
        // Both files report unknown keys: tierwatch.toml all of them, trust.toml the first with the known ones.
        let probe = format!("\n{header}\nzzz = 0\n{line}");
        // Tables with a name are read only if they have one.
        let config = check(&format!("{least}{probe}name = \"a.b\"\n")).stderr;
        let unknown = |word: &str| config.contains(&format!("`{word}` is not a key of"));
        let is_of_config = unknown("zzz") && !table.split('.').chain(key.as_deref()).any(unknown);
        let trust = check_with(&example(), &probe).stderr;
        let is_listed = key.as_deref().is_none_or(|key| trust.contains(&format!("`{key}`")));
        let is_known = is_of_config || trust.contains("unknown field `zzz`") && is_listed;
        assert!(
            is_known,
            "a text says to write {key:?} under {header}, which neither tierwatch.toml nor trust.toml has"
        );
    }
}

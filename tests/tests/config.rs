//! The files of `config/` for operations teams: good as they stand, laid out as `config/tierwatch.service` says.

use std::{fs, process::Command};
use tempfile::TempDir;
use tierwatch_tests::{Answer, binary, repository};

/// Checks `config` in a folder like `/etc/tierwatch`.
fn check(config: &str) -> Answer {
    let installed = TempDir::new().expect("a folder");
    let at = |file: &str| installed.path().join(file);
    for folder in ["rules", "feed", "plugins"] {
        fs::create_dir(at(folder)).expect("the folder is ours");
    }
    let config = config.replace("/var/lib/tierwatch", "data").replace("/srv/tierwatch/feed", "feed");
    fs::write(at("tierwatch.toml"), config).expect("the folder is ours");
    fs::write(at("as9100.schema.json"), "{\"type\": \"object\"}").expect("the folder is ours");
    fs::copy(repository().join("config/trust.toml"), at("trust.toml")).expect("it is there");
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

use super::*;

const MINIMAL: &str = "data_dir = \"data\"\npolicy = \"p.toml\"\ntrust = \"t.toml\"\n";

fn parse(text: &str) -> Result<Config, String> {
    Config::parse("tierwatch.toml", text, Path::new("/etc/tierwatch")).map_err(|diagnostics| diagnostics.to_string())
}

#[test]
fn paths_are_taken_from_the_folder_of_the_file() {
    let config = parse(&format!("{MINIMAL}[[feeds]]\nname = \"a\"\npath = \"/srv/feed\"\n")).expect("a configuration");
    assert_eq!(config.data_dir, Path::new("/etc/tierwatch/data"));
    assert_eq!(config.feeds, [Feed { name: "a".to_owned(), path: "/srv/feed".into() }]);
    assert_eq!(config.store_path(), Path::new("/etc/tierwatch/data/tierwatch.db"));
}

/// The file of the repository shows every key with its default: with the comments before the keys taken away it must parse,
/// and to the same as a file that says nothing.
#[test]
fn the_shipped_file_names_every_key_with_its_default() {
    let shipped = include_str!("../../../config/tierwatch.toml");
    let shipped = parse(shipped).expect("config/tierwatch.toml is good");
    let silent = parse(MINIMAL).expect("the least configuration is good");
    assert_eq!(shipped.log, silent.log);
    assert_eq!(shipped.metrics, silent.metrics);
    assert_eq!(shipped.listen, silent.listen);
    assert_eq!(shipped.plugins.limits, silent.plugins.limits);
    assert_eq!(shipped.attestations.future_tolerance_seconds, silent.attestations.future_tolerance_seconds);
}

#[test]
fn a_bad_file_is_refused_at_its_place_with_the_fix() {
    let check = |text: &str, expected: &str| {
        let refused = parse(text).expect_err("it is refused");
        assert_eq!(refused, expected, "\n{refused}");
    };
    check(
        "data_dir = \"data\"\npolicy = \"p.toml\"\ntrsut = \"t.toml\"\n",
        "error: a configuration has no `trust`
 --> tierwatch.toml:1:1
  |
1 | data_dir = \"data\"
  | ^
  |
  = help: add `trust = \"trust.toml\"`

error: `trsut` is not a key of a configuration
 --> tierwatch.toml:3:1
  |
3 | trsut = \"t.toml\"
  | ^^^^^
  |
  = help: did you mean `trust`? The keys of a configuration are data_dir, policy, trust, http, log, plugins, attestations, schemes, kinds, predicates, feeds, metrics, reload, clock",
    );
    check(
        &format!("{MINIMAL}[http]\nlisten = \"0.0.0.0:9470\"\n"),
        "error: `0.0.0.0:9470` can be reached from other machines, and this version answers without TLS and tokens
 --> tierwatch.toml:5:10
  |
5 | listen = \"0.0.0.0:9470\"
  |          ^^^^^^^^^^^^^^
  |
  = help: listen on 127.0.0.1 or [::1], and put a proxy that asks for credentials before it",
    );
    check(
        &format!("{MINIMAL}[plugins.limits]\nmemory_mib = 0\n"),
        "error: `memory_mib` cannot be 0
 --> tierwatch.toml:5:14
  |
5 | memory_mib = 0
  |              ^
  |
  = help: write a whole number from 1 to 1024",
    );
    check(
        &format!("{MINIMAL}[[feeds]]\nname = \"a\"\npath = \"x\"\n[[feeds]]\nname = \"a\"\npath = \"y\"\n"),
        "error: there are two feeds `a`
 --> tierwatch.toml:8:8
  |
8 | name = \"a\"
  |        ^^^
  |
  = help: give each feed a name of its own",
    );
    check(
        &format!("{MINIMAL}[log]\nformat = \"xml\"\n"),
        "error: `xml` is no log format
 --> tierwatch.toml:5:10
  |
5 | format = \"xml\"
  |          ^^^^^
  |
  = help: write `human` or `json`",
    );
    check(
        &format!("{MINIMAL}[[schemes]]\nname = \"NL-KVK\"\npattern = \"[0-9\"\n"),
        "error: this is no regular expression
 --> tierwatch.toml:6:11
  |
6 | pattern = \"[0-9\"
  |           ^^^^^^
  |
  = help: write one as `[0-9]{8}`; it must match the whole identifier",
    );
}

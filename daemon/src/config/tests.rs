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

/// The file of the repository shows every key with its default: with its keys uncommented it must parse to the same
/// configuration as a file that sets nothing.
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
#[expect(clippy::too_many_lines, reason = "a table")]
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

/// Messages of plugins say `[plugins.limits]`, and `[plugins]` is what comes to mind.
#[test]
fn a_limit_of_plugins_is_sent_where_it_belongs() {
    let shipped = include_str!("../../../config/tierwatch.toml");
    let (_, limits) = shipped.split_once("[plugins.limits]\n").expect("it is there");
    let (limits, _) = limits.split_once("\n\n").expect("a section ends");
    for line in limits.lines() {
        let refused = parse(&format!("{MINIMAL}[plugins]\n{line}\n")).expect_err("it is refused");
        let (key, _) = line.split_once(" = ").expect("a key");
        assert!(refused.starts_with(&format!("error: `{key}` is not a key of [plugins]\n")), "{refused}");
        assert!(refused.ends_with("\n  = help: write it below `[plugins.limits]`"), "{refused}");
    }
}

#[test]
fn what_is_declared_twice_or_under_no_name_is_refused() {
    let check = |text: &str, location: &str, expected: &str| {
        let refused = parse(&format!("{MINIMAL}{text}")).expect_err(expected);
        let (first, last) = (refused.lines().next(), refused.lines().last());
        assert_eq!(
            (first, refused.lines().nth(1)),
            (Some(&*format!("error: {expected}")), Some(&*format!(" --> {location}")))
        );
        assert!(last.is_some_and(|last| last.starts_with("  = help: ")), "{refused}");
    };
    let scheme = |name: &str, pattern: &str| format!("[[schemes]]\nname = \"{name}\"\npattern = \"{pattern}\"\n");
    let kind = |name: &str| format!("[[kinds]]\nname = \"{name}\"\nschema = \"s.json\"\n");
    let predicate = |uri: &str, kind: &str| format!("[[predicates]]\ntype = \"{uri}\"\nkind = \"{kind}\"\n");
    let twice = scheme("NL-KVK", "[0-9]{8}") + &scheme("NL-KVK", "[0-9]{12}");
    check(&twice, "tierwatch.toml:8:8", "there are two schemes `NL-KVK`");
    let built_in = "the scheme `GB-COH`: it is built in, with a check of its own";
    check(&scheme("GB-COH", "[A-Z0-9]{8}"), "tierwatch.toml:5:8", built_in);
    check(&scheme("nl:kvk x", "[0-9]{8}"), "tierwatch.toml:5:8", "the scheme `nl:kvk x`: it is no name of a scheme");
    check(&scheme("NL-KVK", "[0-9]{8})|("), "tierwatch.toml:6:11", "this is no regular expression");
    check(&(kind("a.b") + &kind("a.b")), "tierwatch.toml:8:8", "there are two kinds `a.b`");
    check(&kind("cyber.ce"), "tierwatch.toml:5:8", "the kind `cyber.ce` is built in");
    for name in ["A.B", "a..b", ".", "a b", "1a"] {
        check(&kind(name), "tierwatch.toml:5:8", &format!("`{name}` is not a name for a kind"));
    }
    let twice = predicate("https://example.org/a", "cyber.ce") + &predicate("https://example.org/a", "cyber.ceplus");
    check(&twice, "tierwatch.toml:8:8", "there are two predicate types `https://example.org/a`");
    check(&predicate("my predicate", "cyber.ce"), "tierwatch.toml:5:8", "`my predicate` is no predicate type");
    check(&predicate("https://example.org/a", "cyber.xx"), "tierwatch.toml:6:8", "there is no kind `cyber.xx`");
    let ours = "urn:tierwatch:attestation:cyber.ce:v1";
    let refused = format!("the predicate type `{ours}` is Tierwatch's own and names its kind itself");
    check(&predicate(ours, "cyber.ce"), "tierwatch.toml:5:8", &refused);
    let good = scheme("NL-KVK", "[0-9]{8}|[0-9]{12}")
        + &kind("approval.as9100")
        + &predicate("https://e.org/a", "approval.as9100");
    assert!(parse(&format!("{MINIMAL}{good}")).is_ok());
}

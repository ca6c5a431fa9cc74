//! The command line as people and programs meet it: help, errors that end with the fix, exit codes, shapes of output.
//! After an intended change, `UPDATE_GOLDEN=1 cargo test --release -p tierwatch-tests --test cli` writes the golden files.

use serde_json::Value;
use std::{fmt::Write as _, fs, process::Command};
use tierwatch_tests::{Answer, Site, binary, check_golden, evidence};

#[test]
fn the_help_of_every_command() {
    let commands: &[&[&str]] = &[
        &[],
        &["run"],
        &["check"],
        &["demo"],
        &["simulate"],
        &["ingest"],
        &["suppliers"],
        &["explain"],
        &["programmes"],
        &["what-if"],
        &["alternatives"],
        &["opportunities"],
        &["groups"],
        &["quarantine"],
        &["quarantine", "list"],
        &["quarantine", "show"],
        &["quarantine", "retry"],
        &["quarantine", "set-aside"],
        &["reload"],
        &["replay"],
        &["attest"],
        &["attest", "key"],
        &["attest", "sign"],
        &["attest", "verify"],
        &["template"],
        &["analyse"],
        &["plugin"],
        &["plugin", "new"],
        &["plugin", "build"],
        &["plugin", "inspect"],
        &["plugin", "test"],
        &["plugin", "bench"],
        &["plugin", "sign"],
        &["plugin", "record"],
        &["plugin", "eval"],
        &["plugin", "diff"],
        &["completions"],
    ];
    let mut all = String::new();
    for command in commands {
        let help = Answer::of(Command::new(binary()).args(*command).arg("--help").env_remove("COLUMNS")).expect(0);
        let _ = writeln!(all, "$ tierwatch {}\n{help}", [*command, &["--help"]].concat().join(" "));
    }
    check_golden("help.txt", &all);
}

/// One mistake: the change to a good site that makes it wrong, and the command.
struct Wrong {
    edit: Option<(&'static str, &'static str, &'static str)>,
    command: &'static [&'static str],
}

const fn wrong(command: &'static [&'static str]) -> Wrong {
    Wrong { edit: None, command }
}

const fn edited(file: &'static str, old: &'static str, new: &'static str) -> Wrong {
    Wrong { edit: Some((file, old, new)), command: &["check"] }
}

const WRONG: &[Wrong] = &[
    wrong(&["frobnicate"]),
    wrong(&["suppliers", "--output", "xml"]),
    wrong(&["explain"]),
    edited("tierwatch.toml", "data_dir", "datadir"),
    edited("tierwatch.toml", "data_dir = \"data\"", "data_dir = 7"),
    edited("tierwatch.toml", "127.0.0.1:0", "0.0.0.0:9470"),
    edited("tierwatch.toml", "127.0.0.1:0", "localhost"),
    edited("tierwatch.toml", "format = \"json\"", "format = \"xml\""),
    edited("tierwatch.toml", "trust.toml", "nobody.toml"),
    edited("tierwatch.toml", "uk-mod.toml", "fr-dga.toml"),
    edited("uk-mod.toml", "\nweight = 1", "\nweight = 0"),
    edited("uk-mod.toml", "from_bp = 2500", "from_bp = 6000"),
    edited("uk-mod.toml", "[rules.clearance]", "[rules.astrology]"),
    edited("trust.toml", "signers = [\"authority\"]", "signers = [\"nobody\"]"),
    edited("trust.toml", "trust = \"authority\"", "trust = \"blind\""),
    edited("trust.toml", "-----BEGIN PUBLIC KEY-----", "-----BEGIN-----"),
    wrong(&["run", "--now"]),
    wrong(&["explain", "nobody"]),
    wrong(&["explain", "GB-COH:99999999"]),
    wrong(&["programmes", "PROGRAMME:NOBODY"]),
    wrong(&["what-if"]),
    wrong(&["what-if", "--fail", "GB-COH:99999999"]),
    wrong(&["what-if", "--score", "GB-COH:99999999"]),
    wrong(&["what-if", "--add-source", "GB-COH:99999999"]),
    wrong(&["alternatives", "Certified Works 1", "castings"]),
    wrong(&["opportunities"]),
    wrong(&["opportunities", "--cluster", "Atlantis"]),
    wrong(&["groups", "--by", "colour"]),
    edited("uk-mod.toml", "[exposure]", "[exposure]\nhorizon_days = 0"),
    wrong(&["suppliers", "--min-risk-bp", "high"]),
    wrong(&["quarantine", "show", "4711"]),
    wrong(&["replay", "GB-COH:99999999"]),
    wrong(&["ingest", "nowhere.jsonl"]),
    wrong(&["simulate", "small", "--organisations", "5"]),
    wrong(&["simulate", "."]),
    wrong(&["demo", "--once", "--folder", "."]),
    wrong(&["attest", "key", "authority.pem"]),
    wrong(&["attest", "verify", "tierwatch.toml"]),
    wrong(&[
        "attest",
        "sign",
        "--key",
        "nowhere.pem",
        "--subject",
        "GB-COH:1",
        "--kind",
        "cyber.saq",
        "--claims",
        "{\"level\":1}",
    ]),
    wrong(&[
        "attest",
        "sign",
        "--key",
        "authority.pem",
        "--subject",
        "acme",
        "--kind",
        "cyber.saq",
        "--claims",
        "{\"level\":1}",
    ]),
    wrong(&[
        "attest",
        "sign",
        "--key",
        "authority.pem",
        "--subject",
        "GB-COH:1",
        "--kind",
        "cyber.saq",
        "--claims",
        "{\"level\":9}",
    ]),
    wrong(&[
        "attest",
        "sign",
        "--key",
        "authority.pem",
        "--subject",
        "GB-COH:1",
        "--kind",
        "cyber.saq",
        "--claims",
        "@nowhere.json",
    ]),
];

#[test]
fn every_error_ends_with_the_fix() {
    let site = Site::new();
    let key = site.authority();
    let before_any_store = site.run(&["suppliers"]);
    fs::write(site.path("good.jsonl"), evidence::certified(&key, 1)).expect("the folder is ours");
    let _ = site.run(&["ingest", "good.jsonl"]).expect(0);

    let mut all = String::new();
    let without =
        Answer::of(Command::new(binary()).arg("check").current_dir(site.path("feed")).env_remove("TIERWATCH_CONFIG"));
    record(&mut all, &site, &["check"], "in a folder without a configuration", &without);
    record(&mut all, &site, &["suppliers"], "before there is a store", &before_any_store);
    for Wrong { edit, command } in WRONG {
        let made = edit.map(|(file, old, new)| {
            site.edit(file, old, new);
            format!("with `{}` in {file}", new.trim())
        });
        let answer = site.run(command);
        if let Some((file, old, new)) = edit {
            site.edit(file, new, old);
        }
        assert_ne!(answer.code, Some(0), "{command:?} must fail");
        record(&mut all, &site, command, made.as_deref().unwrap_or_default(), &answer);
    }
    check_golden("errors.txt", &all);
}

/// Adds the output of a failed command, with the site's folder written as `DIR`.
fn record(all: &mut String, site: &Site, command: &[&str], when: &str, answer: &Answer) {
    let folder = site.folder().display().to_string();
    let said = format!("{}{}", answer.stdout, answer.stderr).replace(&folder, "DIR");
    let when = if when.is_empty() { String::new() } else { format!("   # {when}") };
    let code = answer.code.unwrap_or(-1);
    let _ = writeln!(all, "$ tierwatch {}{when}\n{said}exit code {code}\n", command.join(" "));
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().map(|fields| fields.keys().map(String::as_str).collect()).unwrap_or_default()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn output_for_programs_keeps_its_shape() {
    let site = Site::new();
    let key = site.authority();
    fs::write(site.path("feed/good.jsonl"), evidence::certified(&key, 1) + &evidence::certified(&key, 2))
        .expect("ours");
    fs::write(site.path("feed/bad.json"), "{").expect("ours");
    let ingested = site.run(&["ingest", "feed", "--output", "json"]);
    assert_eq!(ingested.code, Some(3), "it refused one item: {}", ingested.stderr);

    let suppliers = site.suppliers();
    let [worst, _] = &suppliers[..] else { panic!("{suppliers:#?}") };
    let expected = [
        "aliases",
        "as_of",
        "band",
        "clusters",
        "confidence_bp",
        "contributions",
        "cost",
        "country",
        "coverage_bp",
        "findings",
        "name",
        "organisation",
        "programmes",
        "provenance",
        "regions",
        "risk_bp",
        "sectors",
        "single_point_of",
        "sme",
        "survive_days",
        "tier",
        "top_reason",
    ];
    assert_eq!(sorted(keys(worst)), expected);
    let parts = worst["contributions"].as_array().expect("a list");
    for part in parts {
        assert_eq!(sorted(keys(part)), ["contribution_bp", "outcome", "risk_bp", "rule"]);
    }
    let sum: u64 = parts.iter().filter_map(|part| part["contribution_bp"].as_u64()).sum();
    assert_eq!(Some(sum), worst["risk_bp"].as_u64(), "the contributions sum to the score");

    let plugins = site.run(&["plugins", "--output", "json"]).json();
    let expected = ["last_reload", "notices", "policy", "policy_digest", "refused", "rules", "running"];
    assert_eq!(sorted(keys(&plugins)), expected);
    assert_eq!(plugins["running"], false, "no daemon is asked");
    let header = "rule,version,digest,role,state,from\n";
    assert!(site.run(&["plugins", "--output", "csv"]).expect(0).starts_with(header));

    let csv = site.run(&["suppliers", "--output", "csv"]).expect(0);
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "organisation,name,cost,risk,band,coverage percent,tier,from,brings down,after days,since");
    assert_eq!(lines.len(), 3, "{csv}");
    let limited = site.run(&["suppliers", "-n", "1", "--output", "csv"]).expect(0);
    assert_eq!(limited.lines().count(), 2);
    assert_eq!(site.run(&["suppliers", "--band", "critical"]).expect(0), "none\n");
    assert_eq!(site.run(&["suppliers", "--band", "critical", "--output", "json"]).expect(0), "[]\n");

    let item = &site.quarantine()[0];
    let expected = [
        "attempts",
        "byte_count",
        "digest",
        "feed",
        "id",
        "items",
        "origin",
        "reason",
        "received_at",
        "sentence",
        "state",
    ];
    assert_eq!(sorted(keys(item)), expected);
    let explained = site.run(&["explain", &evidence::supplier(1), "--output", "json"]).json();
    assert_eq!(
        sorted(keys(&explained)),
        ["attestations", "buyers", "exposure", "facts", "handling", "history", "names", "score"]
    );
    assert_eq!(explained["score"]["provenance"]["digest"], provenance_of(&suppliers, &evidence::supplier(1)));
    let checked = site.run(&["check", "--output", "json"]).json();
    assert_eq!(checked["rules"].as_array().map(Vec::len), Some(3));
}

fn sorted(mut keys: Vec<&str>) -> Vec<&str> {
    keys.sort_unstable();
    keys
}

fn provenance_of(suppliers: &[Value], organisation: &str) -> Value {
    let of = suppliers.iter().find(|supplier| supplier["organisation"] == organisation);
    of.map(|supplier| supplier["provenance"].clone()).unwrap_or_default()
}

#[test]
fn an_attestation_is_made_and_verified_by_hand() {
    let site = Site::new();
    let key = site.authority();
    fs::write(site.path("good.json"), evidence::certificate(&key, 1)).expect("ours");
    let verified = site.run(&["attest", "verify", "good.json", "--output", "json"]).json();
    assert_eq!(verified[0]["kind"], "cyber.ce", "{verified}");
    assert_eq!(verified[0]["trust"], "authority", "{verified}");
    fs::write(site.path("stranger.json"), evidence::certificate(&site.key("stranger"), 1)).expect("ours");
    let refused = site.run(&["attest", "verify", "stranger.json", "--output", "json"]);
    assert_eq!(refused.code, Some(3), "{}", refused.stderr);
    let refused: Value = serde_json::from_str(&refused.stdout).expect("JSON");
    assert_eq!(refused["reason"], "unknown-key", "{refused}");
    let ecdsa = tierwatch_tests::Key::make(site.folder(), "ecdsa", "ecdsa-p256");
    site.trust(&ecdsa.table("Second Authority"));
    site.edit("trust.toml", "signers = [\"authority\"]", "signers = [\"authority\", \"ecdsa\"]");
    fs::write(site.path("ecdsa.json"), evidence::certificate(&ecdsa, 1)).expect("ours");
    let verified = site.run(&["attest", "verify", "ecdsa.json", "--output", "json"]).json();
    assert_eq!(verified[0]["issuer"], "Second Authority", "{verified}");
}

#[test]
fn completions_are_printed_for_every_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = Answer::of(Command::new(binary()).args(["completions", shell])).expect(0);
        assert!(script.contains("quarantine"), "{shell}");
    }
}

//! `tierwatch template`, and the page that holds the same: config/attestations.md.
//! After an intended change, `UPDATE_GOLDEN=1 cargo test --release -p tierwatch-tests --test template` writes the page.

use serde_json::Value;
use std::{fmt::Write as _, fs};
use tierwatch_tests::{Site, repository};

const BEGIN: &str = "<!-- made from the kinds by UPDATE_GOLDEN=1 cargo test: begin -->\n";
const END: &str = "<!-- end -->\n";

fn list(site: &Site, arguments: &[&str]) -> Vec<Value> {
    match site.run(&[arguments, &["--output", "json"]].concat()).json() {
        Value::Array(rows) => rows,
        other => panic!("{arguments:?}: not a list: {other}"),
    }
}

fn word<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap_or_default()
}

#[test]
fn every_template_is_taken_as_it_is_printed() {
    let site = Site::new();
    site.trust("\n[[grant]]\nname = \"plain\"\nfeed = \"suppliers\"\nkinds = \"all\"\ntrust = \"unsigned\"\n");
    for kind in list(&site, &["template"]) {
        let kind = word(&kind, "kind");
        let printed = site.run(&["template", kind]).expect(0);
        let mut filled: Value = serde_json::from_str(&printed).expect("JSON");
        // About whom it is decides who may be named in it.
        let party = ["buyer", "programme"].iter().find_map(|party| filled["claims"][*party].as_str());
        filled["subject"] = party.unwrap_or("GB-COH:09506232").into();
        fs::write(site.path("filled.json"), filled.to_string()).expect("ours");
        let verified = site.run(&["attest", "verify", "filled.json", "--feed", "suppliers"]);
        assert_eq!(verified.code, Some(0), "{kind}: {}{}\n{printed}", verified.stdout, verified.stderr);
    }
}

#[test]
fn a_kind_that_is_declared_has_a_template_too() {
    let site = Site::new();
    let schema = r#"{"type": "object", "required": ["process"], "additionalProperties": false, "properties": {
        "process": {"type": "string", "enum": ["TIG", "MIG"], "description": "How it welds."},
        "welders": {"type": "integer", "minimum": 1, "description": "How many may."}}}"#;
    fs::write(site.path("welding.json"), schema).expect("ours");
    site.edit(
        "tierwatch.toml",
        "[[feeds]]",
        "[[kinds]]\nname = \"welding.approval\"\nschema = \"welding.json\"\n\n[[feeds]]",
    );
    let fields = list(&site, &["template", "welding.approval", "--fields"]);
    assert_eq!((word(&fields[0], "written"), &fields[0]["required"]), ("`TIG`, `MIG`", &true.into()), "{fields:?}");
    let filled = site.run(&["template", "welding.approval"]).json();
    assert_eq!(filled["claims"], serde_json::json!({"process": "TIG", "welders": 1}));
    let unknown = site.run(&["template", "welding.aproval"]);
    assert!(unknown.stderr.contains("did you mean `welding.approval`?"), "{}", unknown.stderr);
    let near = site.run(&["template", "cyber.cee"]);
    assert!(near.stderr.contains("did you mean `cyber.ce`?"), "{}", near.stderr);
}

#[test]
fn everything_that_is_missing_is_named_at_once() {
    let site = Site::new();
    site.trust("\n[[grant]]\nname = \"plain\"\nfeed = \"suppliers\"\nkinds = \"all\"\ntrust = \"unsigned\"\n");
    let check = |document: &str, expected: &str| {
        fs::write(site.path("item.json"), document).expect("ours");
        let answer = site.run(&["attest", "verify", "item.json", "--feed", "suppliers"]);
        assert!(answer.stdout.contains(expected), "{document}: {}{}", answer.stdout, answer.stderr);
    };
    check(
        r#"{"kind": "cyber.ce", "claims": {}}"#,
        "it lacks `issued_at`, `subject`, `claims.certificate`, `claims.whole_organisation`",
    );
    check(
        r#"{"kind": "ownership.holding", "subject": "GB-COH:1", "issued_at": "2026-01-01", "claims": {"owner": "X", "percent_ppm": 1}}"#,
        "it lacks `owner_country`, `percent`; `percent_ppm` is no field (did you mean `percent`?)",
    );
}

#[test]
fn the_page_holds_every_kind_as_it_is_written() {
    let site = Site::new();
    let mut made = String::new();
    for kind in list(&site, &["template"]) {
        let (name, about) = (word(&kind, "kind"), word(&kind, "about"));
        let _ = writeln!(
            made,
            "\n## `{name}`\n\n{about}\n\n| field | written as | must be there | what it means |\n|---|---|---|---|"
        );
        for field in list(&site, &["template", name, "--fields"]) {
            let required = if field["required"] == true { "yes" } else { "" };
            let (written, meaning) = (word(&field, "written"), word(&field, "meaning"));
            let _ = writeln!(made, "| `{}` | {written} | {required} | {meaning} |", word(&field, "field"));
        }
    }
    let path = repository().join("config/attestations.md");
    let page = fs::read_to_string(&path).expect("there is a page");
    let (head, rest) = page.split_once(BEGIN).expect("the page says where it begins");
    let (held, tail) = rest.split_once(END).expect("the page says where it ends");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, format!("{head}{BEGIN}{made}\n{END}{tail}")).expect("the page can be written");
        return;
    }
    assert!(
        held == format!("{made}\n"),
        "config/attestations.md is not what the kinds say: run again with UPDATE_GOLDEN=1"
    );
}

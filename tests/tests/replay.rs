//! Every stored score can be made again from what it was made from, to the byte.

use serde_json::{Value, json};
use std::fs;
use tierwatch_tests::{Site, repository};

#[test]
fn every_stored_score_replays_to_the_same_bytes() {
    let site = Site::simulated(320);
    let daemon = site.start_ready();
    let changed =
        |direction: &str| daemon.metrics().sum("tierwatch_score_changes_total", &[direction]).unwrap_or_default();
    // A renewal gives one supplier a second score, and a changed policy gives everybody one.
    let renewal =
        fs::read_dir(site.path("try")).expect("simulate wrote it").next().expect("a file").expect("it can be listed");
    let falls = changed("direction=\"fall\"");
    site.put("renewal.jsonl", fs::read(renewal.path()).expect("it can be read"));
    daemon.wait_for_metric("tierwatch_score_changes_total", &["direction=\"fall\""], falls + 1.0);
    site.edit("uk-mod.toml", "unknown_bp = 7000", "unknown_bp = 9000");
    let rises = changed("direction=\"rise\"");
    daemon.reload();
    daemon.wait_for_metric("tierwatch_score_changes_total", &["direction=\"rise\""], rises + 1.0);

    // The daemon is running meanwhile, as it usually is.
    let rows = site.run(&["replay", "--all", "--output", "json"]).json();
    let rows = rows.as_array().expect("a list");
    let different: Vec<&Value> = rows.iter().filter(|row| row["same"] != true).collect();
    assert!(different.is_empty(), "{different:#?}");
    let suppliers = site.suppliers();
    assert!(rows.len() > suppliers.len(), "{} scores of {} suppliers: no history", rows.len(), suppliers.len());

    let current = site.run(&["replay"]).expect(0);
    let all = suppliers.len();
    assert_eq!(current, format!("{all} scores made again: {all} the same, 0 different\n"));
    let one = &suppliers[0];
    let provenance = one["provenance"].as_str().expect("a digest");
    let said = site.run(&["replay", "--provenance", provenance]).expect(0);
    assert_eq!(said, "1 scores made again: 1 the same, 0 different\n");
    let organisation = one["organisation"].as_str().expect("a name");
    assert!(site.run(&["replay", organisation]).expect(0).ends_with(" the same, 0 different\n"));
}

#[test]
fn scores_of_rules_that_a_policy_writes_replay_to_the_same_bytes() {
    let site = Site::simulated(60);
    fs::copy(repository().join("rules/midlands-cluster.toml"), site.path("midlands-cluster.toml")).expect("ours");
    site.edit("tierwatch.toml", "policy = \"uk-mod.toml\"", "policy = \"midlands-cluster.toml\"");
    let checked = site.run(&["check", "--output", "json"]).json();
    let rule = |name: &str| {
        let rules = checked["rules"].as_array().expect("a list");
        rules.iter().find(|rule| rule["rule"] == name).unwrap_or_else(|| panic!("no {name}: {checked}")).clone()
    };
    // One plugin is two rules, each with what its own expressions name.
    assert_eq!(rule("m6-share")["digest"], rule("sme-without-certificate")["digest"]);
    assert_eq!(rule("m6-share")["kinds"], json!(["site"]));
    assert_eq!(
        rule("sme-without-certificate")["kinds"],
        json!(["entity.profile", "cyber.ce", "cyber.ceplus", "cyber.dcc", "cyber.standard", "supply.source"])
    );
    let _ = site.run(&["ingest", "feed"]);
    let suppliers = site.suppliers();
    let explained =
        site.run(&["explain", suppliers[0]["organisation"].as_str().expect("a name"), "--output", "json"]).json();
    let rules: Vec<&Value> =
        explained["score"]["contributions"].as_array().expect("a list").iter().map(|part| &part["rule"]).collect();
    assert_eq!(
        rules,
        ["adverse-events", "cyber-posture", "m6-share", "recovery", "single-source", "sme-without-certificate"]
    );
    let all = suppliers.len();
    let replayed = site.run(&["replay"]).expect(0);
    assert_eq!(replayed, format!("{all} scores made again: {all} the same, 0 different\n"));
}

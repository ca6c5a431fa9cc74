//! Every stored score can be made again from what it was made from, to the byte.

use serde_json::Value;
use std::fs;
use tierwatch_tests::Site;

#[test]
fn every_stored_score_replays_to_the_same_bytes() {
    let site = Site::simulated(320);
    let daemon = site.start_ready();
    let changed =
        |direction: &str| daemon.metrics().sum("tierwatch_score_changes_total", &[direction]).unwrap_or_default();
    // A renewal gives somebody a second score, and a changed policy gives one to everybody.
    let renewal =
        fs::read_dir(site.path("try")).expect("simulate wrote it").next().expect("a file").expect("it can be listed");
    let falls = changed("direction=\"fall\"");
    site.put("renewal.jsonl", fs::read(renewal.path()).expect("it can be read"));
    daemon.wait_for_metric("tierwatch_score_changes_total", &["direction=\"fall\""], falls + 1.0);
    site.edit("uk-mod.toml", "unknown_bp = 7000", "unknown_bp = 9000");
    let rises = changed("direction=\"rise\"");
    daemon.reload();
    daemon.wait_for_metric("tierwatch_score_changes_total", &["direction=\"rise\""], rises + 1.0);

    // While the daemon runs, as anyone would.
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

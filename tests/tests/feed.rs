//! From a file in the feed to a score, or to quarantine with a reason, whatever the file holds.

use serde_json::Value;
use std::{fs, path::Path};
use tierwatch_tests::{
    Site, conformance, eventually,
    evidence::{self, ANSWERED_BP, CERTIFIED_BP, supplier},
};

/// Largest attestation, in bytes.
const MAX_ATTESTATION_BYTES: usize = 1024 * 1024;

fn wait_for_risk(site: &Site, number: u32, risk_bp: u64) {
    let supplier = supplier(number);
    let what = format!("{supplier} at {risk_bp}");
    eventually(&what, || (site.risk_bp(&supplier) == Some(risk_bp)).then_some(()));
}

fn wait_for_quarantine(site: &Site, origin: &str) -> Value {
    eventually(&format!("{origin} in quarantine"), || site.quarantined(origin))
}

#[test]
fn a_file_renamed_or_written_into_the_feed_is_scored() {
    let site = Site::new();
    let key = site.authority();
    let _daemon = site.start_ready();
    site.put("first.jsonl", evidence::certified(&key, 1));
    wait_for_risk(&site, 1, CERTIFIED_BP);

    site.put("one.json", evidence::answers(&key, 1));
    wait_for_risk(&site, 1, ANSWERED_BP);

    let folder = site.path("feed/a/b");
    fs::create_dir_all(&folder).expect("the feed is there");
    fs::write(folder.join("in-place.jsonl"), evidence::certified(&key, 2)).expect("the feed is there");
    wait_for_risk(&site, 2, CERTIFIED_BP);

    fs::remove_file(site.path("feed/one.json")).expect("it is there");
    site.put("third.jsonl", evidence::certified(&key, 3));
    wait_for_risk(&site, 3, CERTIFIED_BP);
    assert_eq!(site.risk_bp(&supplier(1)), Some(ANSWERED_BP), "deleting a file revokes nothing");
    assert_eq!(site.quarantine(), Vec::<Value>::new());
}

#[test]
fn a_growing_log_is_followed_across_a_restart() {
    let site = Site::new();
    let key = site.authority();
    let mut daemon = site.start_ready();
    site.grow("log.jsonl", &evidence::certified(&key, 1));
    wait_for_risk(&site, 1, CERTIFIED_BP);
    let line = evidence::answers(&key, 1);
    let (start, rest) = line.split_at(line.len() / 2);
    site.grow("log.jsonl", start);
    assert_eq!(daemon.stop().code(), Some(0));

    site.grow("log.jsonl", rest);
    let daemon = site.start_ready();
    wait_for_risk(&site, 1, ANSWERED_BP);
    // The requirement is left out: issued within the same second, it would be the same attestation.
    site.grow("log.jsonl", &(evidence::source(&key, 2) + &evidence::certificate(&key, 2)));
    wait_for_risk(&site, 2, CERTIFIED_BP);

    // The store is written before the metrics are updated.
    daemon.wait_for_metric("tierwatch_attestations_total", &["outcome=\"accepted\""], 3.0);
    let seen = |outcome: &str| daemon.metrics().sum("tierwatch_attestations_total", &[outcome]);
    assert_eq!(seen("outcome=\"accepted\""), Some(3.0), "the rest of the log, and nothing a second time");
    assert_eq!(seen("outcome=\"refused\""), Some(0.0));
    assert_eq!(site.quarantine(), Vec::<Value>::new());
}

#[test]
fn what_is_refused_says_why_where_and_how_to_mend_it() {
    let site = Site::new();
    let key = site.authority();
    let narrow = site.key("narrow");
    site.trust(&narrow.table("Narrow Certifier"));
    site.trust(
        "\n[[grant]]\nname = \"narrow\"\nsigners = [\"narrow\"]\nkinds = [\"cyber.saq\"]\ntrust = \"third-party\"\n",
    );
    let certificate = evidence::certificate(&key, 1);
    let pad = " ".repeat(MAX_ATTESTATION_BYTES);
    let cases = [
        ("oversized.json", certificate.replacen('{', &format!("{{{pad}"), 1), "oversized", "at most 1048576"),
        ("changed.json", tampered(&certificate), "bad-signature", "ask the issuer for the original"),
        ("remit.json", evidence::certificate(&narrow, 1), "out-of-remit", "widen a [[grant]]"),
        (
            "stranger.json",
            evidence::certificate(&site.key("stranger"), 1),
            "unknown-key",
            "add the issuer's public key",
        ),
        ("broken.json", certificate[..certificate.len() / 2].to_owned(), "malformed", "send it again"),
        ("other.json", "{\"a\": 1}".to_owned(), "not-an-attestation", "keep other files out of the feed"),
        ("later.json", later(&key), "from-the-future", "check the clock of the issuer"),
    ];
    let daemon = site.start_ready();
    for (file, bytes, reason, mend) in &cases {
        site.put(file, bytes);
        let item = wait_for_quarantine(&site, file);
        assert_eq!(item["reason"], *reason, "{item}");
        assert_eq!(item["feed"], "suppliers", "{item}");
        let sentence = item["sentence"].as_str().unwrap_or_default();
        assert!(sentence.contains(mend), "{file}: `{sentence}` does not say `{mend}`");
        let labels = ["feed=\"suppliers\"", &format!("reason=\"{reason}\"")];
        assert_eq!(daemon.metrics().sum("tierwatch_refusals_total", &labels), Some(1.0), "{reason}");
    }
    let id = site.quarantined("broken.json").expect("it is there")["id"].to_string();
    let bytes = site.run(&["quarantine", "show", "--raw", &id]).expect(0);
    assert_eq!(bytes, cases[4].1, "the quarantine keeps the bytes as they arrived");
    assert_eq!(site.suppliers(), Vec::<Value>::new(), "nothing of this may count");
}

/// The same envelope with another signature.
fn tampered(envelope: &str) -> String {
    let mut envelope: Value = serde_json::from_str(envelope).expect("an envelope is JSON");
    let signature = envelope["signatures"][0]["sig"].as_str().expect("it is signed").to_owned();
    let middle = signature.len() / 2;
    let other = if signature.as_bytes()[middle] == b'A' { "B" } else { "A" };
    envelope["signatures"][0]["sig"] = format!("{}{other}{}", &signature[..middle], &signature[middle + 1..]).into();
    envelope.to_string()
}

/// An attestation issued in the year 2199.
fn later(key: &tierwatch_tests::Key) -> String {
    key.sign(&supplier(1), "cyber.saq", &serde_json::json!({"level": 1}), &["--issued-at", "2199-01-01"])
}

#[test]
fn after_a_mend_the_quarantine_is_retried() {
    let site = Site::new();
    let key = site.authority();
    let newcomer = site.key("newcomer");
    let daemon = site.start_ready();
    site.put("known.jsonl", evidence::certified(&key, 1));
    site.put("new.json", evidence::answers(&newcomer, 1));
    let item = wait_for_quarantine(&site, "new.json");
    assert_eq!(item["reason"], "unknown-key");
    wait_for_risk(&site, 1, CERTIFIED_BP);

    let in_vain = site.run(&["quarantine", "retry"]);
    assert_eq!((in_vain.code, in_vain.stdout.as_str()), (Some(3), "tried 1, accepted 0\n"), "{}", in_vain.stderr);

    site.trust(&newcomer.table("Newcomer"));
    site.trust(
        "\n[[grant]]\nname = \"new\"\nsigners = [\"newcomer\"]\nkinds = [\"cyber.saq\"]\ntrust = \"third-party\"\n",
    );
    daemon.reload();
    assert_eq!(daemon.metrics().sum("tierwatch_last_reload_taken", &[]), Some(1.0));
    assert_eq!(site.run(&["quarantine", "retry"]).expect(0), "tried 1, accepted 1\n");
    wait_for_risk(&site, 1, ANSWERED_BP);
    assert_eq!(site.quarantine(), Vec::<Value>::new());
    assert_eq!(daemon.metrics().sum("tierwatch_quarantine_items", &[]), Some(0.0));
}

#[test]
fn the_json_test_suite_brings_nothing_down_and_loses_nothing() {
    let Some(suite) = conformance("jsontestsuite") else { return };
    let site = Site::new();
    let key = site.authority();
    let mut daemon = site.start_ready();
    let mut files = Vec::new();
    for folder in ["test_parsing", "test_transform"] {
        copy_folder(&suite.join(folder), &site.path("feed").join(folder), &mut files);
    }
    site.put("test_parsing/good.jsonl", evidence::certified(&key, 1));
    site.put("y_last.json", evidence::answers(&key, 1));
    wait_for_risk(&site, 1, ANSWERED_BP);

    assert!(files.len() > 300, "{} files", files.len());
    // An empty file holds no attestation, good or bad.
    files.retain(|(_, bytes)| !bytes.trim_ascii().is_empty());
    let items = eventually("every file of the suite in quarantine", || {
        let items = site.quarantine();
        let is_there = |(name, _): &(String, Vec<u8>)| items.iter().any(|item| from_file(item, name));
        files.iter().all(is_there).then_some(items)
    });
    for (name, bytes) in &files {
        let of_file: Vec<&Value> = items.iter().filter(|item| from_file(item, name)).collect();
        let [item] = of_file[..] else { panic!("{name} is there {} times", of_file.len()) };
        assert!(item["sentence"].as_str().is_some_and(|sentence| !sentence.is_empty()), "{item}");
        assert_eq!(item["byte_count"], bytes.len(), "{item}");
    }
    assert_eq!(daemon.get("/readyz").0, 200);
    assert_eq!(daemon.stop().code(), Some(0));
}

fn from_file(item: &Value, name: &str) -> bool {
    item["origin"].as_str().is_some_and(|origin| origin == name || origin.starts_with(&format!("{name}:")))
}

/// Copies a folder's files unchanged; adds their names in the feed and bytes to `files`.
fn copy_folder(from: &Path, to: &Path, files: &mut Vec<(String, Vec<u8>)>) {
    fs::create_dir_all(to).expect("the feed is there");
    for entry in fs::read_dir(from).expect("the suite is there") {
        let path = entry.expect("it can be listed").path();
        let bytes = fs::read(&path).expect("it can be read");
        let name = path.file_name().expect("it is a file").to_string_lossy().into_owned();
        fs::write(to.join(&name), &bytes).expect("the feed is there");
        files.push((format!("{}/{name}", to.file_name().expect("a folder").to_string_lossy()), bytes));
    }
}

//! `kill -9` during ingestion: acknowledged evidence is stored exactly once, and the scores are those of a run that never crashed.

use serde_json::Value;
use std::{fs, thread, time::Duration};
use tierwatch_tests::{Daemon, Site, eventually};

/// How often the daemon is killed.
const KILLS: usize = 20;
/// Organisations of the simulated network: each round ingests about a thousand attestations, twice.
const ORGANISATIONS: u32 = 1600;

/// How many attestations the daemon has acknowledged since its start: those that it says are durable.
fn acknowledged(daemon: &Daemon) -> f64 {
    daemon.metrics().sum("tierwatch_attestations_total", &["outcome=\"accepted\""]).unwrap_or_default()
}

/// The suppliers without the fields in which two right answers may differ: the instant of a score, and its digest.
fn timeless(site: &Site) -> Vec<Value> {
    let mut suppliers = site.suppliers();
    for supplier in &mut suppliers {
        let fields = supplier.as_object_mut().expect("a supplier is an object");
        assert!(fields.remove("as_of").is_some() && fields.remove("provenance").is_some(), "{fields:?}");
    }
    suppliers.sort_by(|a, b| a["organisation"].as_str().cmp(&b["organisation"].as_str()));
    suppliers
}

/// The lines of every log of the network, in an order that mixes the logs.
fn lines_of(site: &Site) -> Vec<String> {
    let offices = fs::read_dir(site.path("feed/offices")).expect("simulate wrote it");
    let mut logs: Vec<_> = offices.map(|entry| entry.expect("it can be listed").path()).collect();
    logs.push(site.path("feed/suppliers.jsonl"));
    logs.sort();
    let text = |log| fs::read_to_string(log).expect("it can be read");
    let mut lines: Vec<String> =
        logs.iter().flat_map(|log| text(log).lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    // Sorted by the end of the line, which is a signature: a fixed order that is independent of the issuer.
    lines.sort_by_key(|line| line.bytes().rev().take(16).collect::<Vec<_>>());
    lines
}

#[test]
fn twenty_kills_lose_nothing_and_double_nothing() {
    let network = Site::simulated(ORGANISATIONS);
    let lines = lines_of(&network);
    let site = network.sibling();
    let rounds: Vec<String> = lines.chunks(lines.len().div_ceil(KILLS)).map(|chunk| chunk.join("\n") + "\n").collect();
    assert_eq!(rounds.len(), KILLS);

    let mut before = 0.0;
    for (round, text) in (0_u64..).zip(&rounds) {
        let mut daemon = site.start();
        if round % 3 == 1 {
            daemon.wait_until_ready();
        }
        site.grow("log.jsonl", text);
        site.put(&format!("round-{round}.jsonl"), text);
        if round % 3 == 0 {
            // This is between the commit of attestations and that of their scores, or soon after.
            eventually("something acknowledged", || (acknowledged(&daemon) > 0.0).then_some(()));
        } else {
            // This is the fault itself and no wait: each round kills the daemon at another moment of its work.
            thread::sleep(Duration::from_millis(round * 5));
        }
        before += acknowledged(&daemon);
        daemon.kill();
    }

    let mut daemon = site.start_ready();
    let total = f64::from(u32::try_from(lines.len()).expect("some thousand lines"));
    let stored = daemon.metrics().sum("tierwatch_store_attestations", &[]).expect("it says so");
    assert!(before > 0.0 && before <= stored, "{before} were acknowledged before a kill, {stored} are there");
    assert!((stored - total).abs() < 0.5, "{stored} of {total} are there");
    assert_eq!(daemon.stop().code(), Some(0));

    let fresh = network.sibling();
    fs::write(fresh.path("all.jsonl"), lines.join("\n")).expect("the folder is ours");
    let summary = fresh.run(&["ingest", "--output", "json", "all.jsonl"]).json();
    assert_eq!(summary["accepted"], lines.len(), "{summary}");
    let (survived, expected) = (timeless(&site), timeless(&fresh));
    assert!(expected.len() > 1000, "{} suppliers", expected.len());
    for (survived, expected) in survived.iter().zip(&expected) {
        assert_eq!(survived, expected);
    }
    assert_eq!(survived.len(), expected.len());
}

//! Bulk ingestion of signed attestations: verified strictly, stored durably, all rules, scored. Rate, parts of the work, and
//! memory against their number. The rules have been compiled before, as in every start but an installation's first.

mod common;

use common::{TIERWATCH, print_machine, simulate};
use std::{
    fs,
    io::Read as _,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

/// Organisations of the network; their number decides what must be in memory.
const ORGANISATIONS: u32 = 5_000;
/// Attestations about each, beside those of the network: memory must be flat in these.
const ATTESTATIONS: [u32; 3] = [20, 40, 80];

/// Has the rules compiled and kept, which the first start of an installation does once.
fn compile_rules(network: &Path) {
    let empty = network.join("nothing");
    fs::create_dir(&empty).expect("a folder");
    let config = network.join("tierwatch.toml");
    let status = Command::new(TIERWATCH)
        .arg("--config")
        .arg(config)
        .arg("ingest")
        .arg(empty)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the binary starts");
    assert!(status.success(), "the rules are not compiled");
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn main() {
    print_machine();
    println!(
        "ingest: {ORGANISATIONS} organisations; seconds are the pipeline's own wall clock, parts overlap with the store"
    );
    println!(
        "{:>12} {:>10} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>9}",
        "attestations", "per second", "seconds", "verify", "store", "take in", "evaluate", "record", "peak MB"
    );
    for attestations in ATTESTATIONS {
        let folder = tempfile::tempdir().expect("a folder");
        let network = folder.path().join("network");
        simulate(&network, ORGANISATIONS, attestations);
        compile_rules(&network);
        let mut child = Command::new(TIERWATCH)
            .args(["--output", "json", "--config"])
            .arg(network.join("tierwatch.toml"))
            .arg("ingest")
            .arg(network.join("feed"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let pid = child.id();
        let watch = thread::spawn(move || {
            let mut peak: f64 = 0.0;
            loop {
                let now = common::memory_mb(pid, "VmHWM");
                if now == 0.0 {
                    return peak;
                }
                peak = peak.max(now);
                thread::sleep(Duration::from_millis(20));
            }
        });
        let mut text = String::new();
        child.stdout.take().expect("a pipe").read_to_string(&mut text).expect("text");
        child.wait().expect("it ends");
        let peak = watch.join().expect("the watch ends");
        let summary: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let number = |pointer: &str| summary.pointer(pointer).and_then(serde_json::Value::as_f64).unwrap_or(f64::NAN);
        println!(
            "{:>12} {:>10.0} {:>8.2} {:>8.2} {:>8.2} {:>8.2} {:>8.2} {:>8.2} {peak:>9.0}",
            number("/accepted"),
            number("/attestations_per_second"),
            number("/seconds"),
            number("/parts_seconds/verify"),
            number("/parts_seconds/store"),
            number("/parts_seconds/take in"),
            number("/parts_seconds/evaluate"),
            number("/parts_seconds/record"),
        );
    }
}

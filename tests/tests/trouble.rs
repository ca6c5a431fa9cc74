//! A full disk, a wrong clock, a damaged file: the daemon stays up if that may pass, loses nothing, and says what is wrong.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    process::{Command, Stdio},
    time::Duration,
};
use tierwatch_tests::{
    Daemon, SetClock, Site, binary, eventually,
    evidence::{self, CERTIFIED_BP, supplier},
};

const DAY: u64 = 86_400;

/// A site with one supplier, and the key that attests it.
fn known() -> (Site, tierwatch_tests::Key) {
    let site = Site::new();
    let key = site.authority();
    site.put("one.jsonl", evidence::certified(&key, 1));
    (site, key)
}

fn accepted(daemon: &Daemon) -> f64 {
    daemon.metrics().sum("tierwatch_attestations_total", &["outcome=\"accepted\""]).unwrap_or_default()
}

fn lines_with(daemon: &Daemon, text: &str) -> usize {
    daemon.process().text().lines().filter(|line| line.contains(text)).count()
}

/// No file may grow, as on a full disk: acknowledged evidence is safe, the rest waits until there is room.
#[test]
fn a_disk_that_is_full_is_waited_for() {
    let (site, key) = known();
    let mut daemon = site.start_ready();
    let before = accepted(&daemon);
    daemon.process().limit_file_size(Some(1));
    site.put("two.jsonl", evidence::certified(&key, 2));
    let why = eventually("trouble", || match daemon.get("/readyz") {
        (503, why) => Some(why),
        _ => None,
    });
    assert!(why.starts_with("waiting: cannot use the store "), "{why}");
    assert_eq!(daemon.get("/healthz").0, 200);
    assert_eq!(daemon.metrics().sum("tierwatch_ready", &[]), Some(0.0));
    assert_eq!(daemon.get("/v1/plugins").0, 503, "it answers what it cannot do");
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(lines_with(&daemon, "nothing can be stored for now"), 1, "told once");
    assert!((accepted(&daemon) - before).abs() < 0.5, "nothing of it is acknowledged");
    daemon.process().limit_file_size(None);
    daemon.wait_until_ready();
    eventually("the score", || (site.risk_bp(&supplier(2)) == Some(CERTIFIED_BP)).then_some(()));
    assert_eq!(lines_with(&daemon, "the store can be written again"), 1);

    // A stop does not wait for room; the next start does the rest.
    daemon.process().limit_file_size(Some(1));
    site.put("three.jsonl", evidence::certified(&key, 3));
    eventually("trouble", || (daemon.get("/readyz").0 == 503).then_some(()));
    assert_eq!(daemon.stop().code(), Some(0));
    let daemon = site.start_ready();
    assert_eq!(site.risk_bp(&supplier(3)), Some(CERTIFIED_BP));
    assert_eq!(daemon.metrics().sum("tierwatch_store_attestations", &[]), Some(9.0));
    assert_eq!(site.run(&["check", "--deep"]).code, Some(0));
}

#[test]
fn what_is_damaged_is_refused_at_start_and_found_by_a_deep_check() {
    let (site, _) = known();
    let mut daemon = site.start_ready();
    assert_eq!(daemon.stop().code(), Some(0));
    let sound = site.run(&["check", "--deep"]).expect(0);
    assert!(sound.contains("store  3 attestations in 3 envelopes, "), "{sound}");
    assert!(sound.contains(": as they were written"), "{sound}");

    let path = site.path("data/tierwatch.db");
    let mut bytes = fs::read(&path).expect("the store");
    // Its kind and its subject, which are next to each other in a row.
    let row = b"cyber.ceGB-COH:9";
    let offset = bytes.windows(row.len()).position(|window| window == row).expect("the row lies there");
    bytes[offset + 1] ^= 1;
    fs::write(&path, bytes).expect("written");
    let check = site.run(&["check", "--deep"]);
    assert_eq!(check.code, Some(3), "{}{}", check.stdout, check.stderr);
    assert!(check.stdout.contains("rows of attestation are not as they were written"), "{}", check.stdout);
    let start = site.run(&["run"]);
    assert_eq!(start.code, Some(1));
    assert!(start.stderr.contains("not as it was written: row "), "{}", start.stderr);
    assert!(start.stderr.contains("put the newest backup in its place"), "{}", start.stderr);
}

#[test]
fn a_configuration_that_refuses_what_was_taken_is_no_damage() {
    let site = Site::new();
    let key = site.authority();
    site.edit("tierwatch.toml", "[log]", "[attestations]\nfuture_tolerance_seconds = 86400\n\n[log]");
    let claims = serde_json::json!({"certificate": "CE-1", "whole_organisation": true});
    let soon = format!("@{}", SetClock::now() + DAY / 2);
    let soon =
        Command::new("date").args(["-u", "+%Y-%m-%dT%H:%M:%SZ", "-d", &soon]).output().expect("date runs").stdout;
    let soon = String::from_utf8(soon).expect("a date");
    site.put("one.json", key.sign(&supplier(1), "cyber.ce", &claims, &["--issued-at", soon.trim()]));
    let mut daemon = site.start_ready();
    assert_eq!(daemon.stop().code(), Some(0));
    site.edit("tierwatch.toml", "future_tolerance_seconds = 86400", "future_tolerance_seconds = 300");
    let sound = site.run(&["check", "--deep"]).expect(0);
    let said = "1 envelopes would be refused today (from-the-future): they count as they were taken";
    assert!(sound.contains(said), "{sound}");
    assert!(sound.contains(": as they were written"), "{sound}");
}

#[test]
fn the_data_folder_is_its_users_alone_whatever_the_umask() {
    let site = Site::new();
    fs::create_dir(site.path("empty")).expect("the folder is ours");
    let ingest = Command::new("sh")
        .args(["-c", "umask 0; exec \"$0\" \"$@\""])
        .arg(binary())
        .arg("--config")
        .arg(site.path("tierwatch.toml"))
        .arg("ingest")
        .arg(site.path("empty"))
        .stdout(Stdio::null())
        .status();
    assert!(ingest.expect("it runs").success());
    let mode = fs::metadata(site.path("data")).expect("it is made").permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "{mode:o}");
}

#[test]
fn the_size_of_the_store_is_that_of_its_files() {
    let (site, _) = known();
    let daemon = site.start_ready();
    let size = |name: &str| fs::metadata(site.path(name)).map_or(0, |file| file.len());
    let files = || size("data/tierwatch.db") + size("data/tierwatch.db-wal");
    let shown = daemon.metrics().sum("tierwatch_store_size_bytes", &[]).expect("it is shown");
    assert!(size("data/tierwatch.db-wal") > 0, "there is a log");
    assert!(shown > f64::from(u32::try_from(files() / 2).expect("small")), "{shown} of {}", files());
}

#[test]
fn a_clock_that_is_set_holds_scoring_back_or_is_noticed() {
    let (site, key) = known();
    let Some(clock) = SetClock::of(&site) else { return };
    let second = evidence::certified(&key, 2);
    let now = SetClock::now;
    let mut daemon = clock.start(&site);
    daemon.wait_until_ready();
    assert_eq!(site.risk_bp(&supplier(1)), Some(CERTIFIED_BP));

    clock.set(now() - 20 * DAY);
    let before = accepted(&daemon);
    site.put("two.jsonl", second);
    daemon.wait_for_metric("tierwatch_attestations_total", &["outcome=\"accepted\""], before + 1.5);
    let (status, why) = daemon.get("/readyz");
    assert_eq!(status, 503);
    assert!(why.starts_with("waiting: the clock says "), "{why}");
    assert_eq!(site.risk_bp(&supplier(2)), None, "it is stored, and scored when the clock is right");
    assert_eq!(lines_with(&daemon, "nothing is scored until that is right"), 1, "told once");
    clock.set(now() + 60);
    daemon.wait_until_ready();
    eventually("the score", || (site.risk_bp(&supplier(2)) == Some(CERTIFIED_BP)).then_some(()));

    // A start with such a clock says so too, and shows the last known figures.
    let bands = |daemon: &Daemon| daemon.metrics().sum("tierwatch_suppliers", &[]);
    assert_eq!(bands(&daemon), Some(2.0));
    assert_eq!(daemon.stop().code(), Some(0));
    clock.set(now() - 20 * DAY);
    let daemon = clock.start(&site);
    eventually("it waits", || daemon.get("/readyz").1.starts_with("waiting: the clock says ").then_some(()));
    assert_eq!(lines_with(&daemon, "nothing is scored until that is right"), 1, "told once");
    eventually("what was last known", || (bands(&daemon) == Some(2.0)).then_some(()));
    daemon.reload();
    eventually("what a reload shows", || (bands(&daemon) == Some(2.0)).then_some(()));
    clock.set(now() + 60);
    daemon.wait_until_ready();
    assert_eq!(bands(&daemon), Some(2.0));

    // Nothing arrives, and certificates lapse within the step.
    let wakes = daemon.metrics().sum("tierwatch_boundary_wakes_total", &[]).unwrap_or_default();
    clock.set(now() + 400 * DAY);
    daemon.wait_for_metric("tierwatch_boundary_wakes_total", &[], wakes + 1.0);
    eventually("the lapse", || site.risk_bp(&supplier(1)).filter(|risk| *risk > CERTIFIED_BP));
    assert!(lines_with(&daemon, "the clock went forward") > 0);
    // A single movement is logged with all its figures.
    let told = |line: &&str| line.contains(&supplier(1)) && line.contains("\"risk_before\"");
    assert_eq!(daemon.process().text().lines().filter(told).count(), 1);
}

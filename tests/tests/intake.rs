//! Trouble that a feed or a folder may cause: be missing, be full of nonsense, be unreadable for a while.

use rustix::process::{Resource, Rlimit, Signal, prlimit};
use serde_json::Value;
use std::{fmt::Write as _, fs, process::Command};
use tierwatch_tests::{
    Daemon, Site, binary, eventually,
    evidence::{self, CERTIFIED_BP, supplier},
};

/// How many refused items of one feed are kept.
const KEPT: usize = 10_000;

fn wait_for_risk(site: &Site, number: u32) {
    let supplier = supplier(number);
    let what = format!("{supplier} at {CERTIFIED_BP}");
    eventually(&what, || (site.risk_bp(&supplier) == Some(CERTIFIED_BP)).then_some(()));
}

fn wait_for_line(daemon: &Daemon, what: &str) {
    daemon.process().line(what, |line| line.contains(what).then_some(()));
}

#[test]
fn what_cannot_be_read_for_want_of_descriptors_is_read_when_there_are_some() {
    let site = Site::new();
    let key = site.authority();
    let daemon = site.start_ready();
    let pid = daemon.process().pid();
    let limit = |current: Option<u64>| {
        let maximum = rustix::process::getrlimit(Resource::Nofile).maximum;
        prlimit(Some(pid), Resource::Nofile, Rlimit { current, maximum }).expect("it is our child")
    };
    // All descriptors below it are in use for good.
    let before = limit(Some(3));
    site.put("log.jsonl", evidence::certified(&key, 1));
    wait_for_line(&daemon, "too many files are open, and it is tried again: raise the daemon's limit of open files");
    limit(before.current);
    // The file no longer changes.
    wait_for_risk(&site, 1);
}

#[test]
fn without_inotify_feeds_and_configuration_are_looked_at() {
    let mut unshared = Command::new("unshare");
    unshared.args(["-Ur", "sh", "-c", "echo 0 > /proc/sys/user/max_inotify_instances && exec \"$@\"", "sh"]);
    let is_possible =
        || Command::new("unshare").args(["-Ur", "test", "-w", "/proc/sys/user/max_inotify_instances"]).status();
    if !is_possible().is_ok_and(|status| status.success()) {
        return;
    }
    let site = Site::new();
    let key = site.authority();
    site.edit("tierwatch.toml", "automatic = false", "automatic = true");
    let daemon = site.start_by(unshared.arg(binary()));
    daemon.wait_until_ready();
    wait_for_line(&daemon, "no change of the configuration can be watched");
    wait_for_line(&daemon, "no change can be watched, so the feed is read every 10 seconds instead: raise `fs.inotify");
    site.put("log.jsonl", evidence::certified(&key, 1));
    site.edit("uk-mod.toml", "version = \"1\"", "version = \"2\"");
    wait_for_risk(&site, 1);
    daemon.wait_for_metric("tierwatch_reloads_total", &["outcome=\"taken\""], 1.0);
}

#[test]
fn a_flood_of_bad_lines_is_kept_in_part_and_counted_as_a_whole() {
    const BAD: usize = 25_000;
    let site = Site::new();
    let key = site.authority();
    let mut flood = String::new();
    (0..BAD).for_each(|number| writeln!(flood, "{{{number}").expect("a string"));
    site.put("flood.jsonl", flood);
    site.put("good.jsonl", evidence::certified(&key, 1));
    let daemon = site.start_ready();
    wait_for_risk(&site, 1);
    let feed = "feed=\"suppliers\"";
    let metrics = daemon.metrics();
    assert_eq!(metrics.sum("tierwatch_refusals_total", &[feed]), Some(BAD as f64));
    assert_eq!(metrics.sum("tierwatch_quarantine_summarised_total", &[feed]), Some((BAD - KEPT) as f64));
    assert_eq!(metrics.sum("tierwatch_quarantine_items", &[]), Some(KEPT as f64));
    wait_for_line(&daemon, "the quarantine of this feed is full, and what else is refused is counted only");
    let items = site.quarantine();
    let summary = items.last().expect("it is there");
    assert_eq!((items.len(), &summary["items"]), (KEPT + 1, &Value::from(BAD - KEPT)), "{summary}");
    assert_eq!((&summary["state"], &summary["reason"]), (&"summarised".into(), &"malformed".into()), "{summary}");
    let origin = summary["origin"].as_str().expect("a text");
    assert!(origin.starts_with("flood.jsonl:byte ") && origin.contains(" … flood.jsonl:byte "), "{origin}");
}

#[test]
fn a_feed_that_is_late_is_a_degraded_start() {
    let site = Site::new();
    let key = site.authority();
    site.edit("tierwatch.toml", "[http]", "[[feeds]]\nname = \"late\"\npath = \"mount/late\"\n\n[http]");
    let checked = site.run(&["check"]);
    assert_eq!(checked.code, Some(3), "{}", checked.stderr);
    assert!(checked.stdout.contains("warning: the feed `late` watches "), "{}", checked.stdout);
    site.put("log.jsonl", evidence::certified(&key, 1));
    let daemon = site.start_ready();
    wait_for_risk(&site, 1);
    let up = |feed: &str| daemon.metrics().sum("tierwatch_feed_up", &[&format!("feed=\"{feed}\"")]);
    assert_eq!((up("suppliers"), up("late")), (Some(1.0), Some(0.0)));
    wait_for_line(&daemon, "is not there: create or mount it, the feed goes on with it by itself");
    fs::create_dir_all(site.path("mount/late")).expect("the folder is ours");
    fs::write(site.path("mount/late/log.jsonl"), evidence::certified(&key, 2)).expect("the folder is ours");
    wait_for_risk(&site, 2);
    assert_eq!(up("late"), Some(1.0));
    wait_for_line(&daemon, "the feed's folder is there again and is followed");
    fs::rename(site.path("mount"), site.path("unmounted")).expect("the folder is ours");
    eventually("the feed to be down", || (up("late") == Some(0.0)).then_some(()));
}

#[test]
fn what_takes_a_restart_is_told_until_there_was_one() {
    let site = Site::new();
    let mut daemon = site.start_ready();
    let required = |daemon: &Daemon| daemon.metrics().sum("tierwatch_restart_required", &[]);
    assert_eq!(required(&daemon), Some(0.0));
    site.edit("tierwatch.toml", "[http]", "[metrics]\ntop_suppliers = 7\n\n[http]");
    site.edit("tierwatch.toml", "path = \"feed\"", "path = \"food\"");
    for _ in 0..2 {
        daemon.reload();
        assert_eq!(required(&daemon), Some(1.0), "also when it is read again");
    }
    wait_for_line(&daemon, "what has changed in `feeds`, `metrics` takes effect at the next start: restart the daemon");
    wait_for_line(&daemon, "the feed `suppliers` watches ");
    assert_eq!(daemon.stop().code(), Some(0));
    // A start accepts what the reload accepted.
    let daemon = site.start_ready();
    assert_eq!(required(&daemon), Some(0.0));
    assert_eq!(daemon.metrics().sum("tierwatch_feed_up", &[]), Some(0.0));
}

#[test]
fn a_boundary_that_passes_while_something_arrives_is_counted() {
    let site = Site::new();
    let key = site.authority();
    site.put("log.jsonl", evidence::certified(&key, 1));
    let daemon = site.start_ready();
    let until = Command::new("date").args(["-u", "-d", "4 seconds", "+%FT%TZ"]).output().expect("there is a date");
    let until = String::from_utf8(until.stdout).expect("ASCII");
    let claims = serde_json::json!({"level": 1});
    site.grow("log.jsonl", &key.sign(&supplier(1), "cyber.saq", &claims, &["--valid-until", until.trim()]));
    eventually("the boundary", || {
        // An empty line counts as an arrival.
        site.grow("log.jsonl", "\n");
        daemon.metrics().sum("tierwatch_boundary_wakes_total", &[]).filter(|wakes| *wakes >= 1.0)
    });
}

#[test]
fn an_ingest_says_what_it_did_not_read() {
    let site = Site::new();
    let key = site.authority();
    fs::create_dir(site.path("bulk")).expect("the folder is ours");
    fs::write(site.path("bulk/good.jsonl"), evidence::certified(&key, 1)).expect("the folder is ours");
    fs::write(site.path("bulk/12.intoto"), evidence::certified(&key, 2)).expect("the folder is ours");
    std::os::unix::fs::symlink("/etc/hostname", site.path("bulk/out.json")).expect("linked");
    let ingested = site.run(&["ingest", "bulk", "--output", "json"]);
    let summary: Value = serde_json::from_str(&ingested.stdout).expect("JSON");
    assert_eq!((ingested.code, &summary["refused"], &summary["unread"]), (Some(3), &0.into(), &2.into()), "{summary}");
    assert_eq!(summary["unread_files"][0]["path"], "bulk/12.intoto");
    assert_eq!(summary["interrupted"], false);
    let text = site.run(&["ingest", "bulk"]).expect(3);
    assert!(
        text.contains(", 2 files not read; ")
            && text.contains("  not read: bulk/out.json: the link leads out of the feed's folder"),
        "{text}"
    );
}

#[test]
fn an_ingest_that_is_interrupted_scores_what_it_read() {
    let site = Site::new();
    let key = site.authority();
    let pipe = site.path("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::from_raw_mode(0o600), 0)
        .expect("made");
    fs::write(site.path("first.jsonl"), evidence::certified(&key, 1)).expect("the folder is ours");
    let first = site.path("first.jsonl");
    let arguments = ["ingest", first.to_str().expect("UTF-8"), pipe.to_str().expect("UTF-8")];
    let mut ingest = site.watch(&arguments);
    // Opened for writing and never written to: it waits there, with the first file behind it.
    let _open = fs::OpenOptions::new().write(true).open(&pipe).expect("opened");
    eventually("the first file in the store", || (site.run(&["suppliers"]).code == Some(0)).then_some(()));
    std::thread::sleep(std::time::Duration::from_millis(500));
    ingest.signal(Signal::INT);
    assert_eq!(ingest.wait().code(), Some(130));
    ingest.line("what was done", |line| line.contains("3 accepted, 0 duplicates, 0 refused").then_some(()));
    ingest.line("that it was interrupted", |line| line.starts_with("interrupted before everything").then_some(()));
    assert_eq!(site.risk_bp(&supplier(1)), Some(CERTIFIED_BP));
}

//! Start, reload, stop: the last good configuration stays, the store is closed, and one store has one daemon.

use rustix::process::Signal;
use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use tierwatch_tests::{
    Daemon, Site, binary, eventually,
    evidence::{self, CERTIFIED_BP, supplier},
};

/// How long the daemon promises that a stop takes at most.
const MAX_STOP_TIME: Duration = Duration::from_secs(20);

fn last_reload_taken(daemon: &Daemon) -> Option<f64> {
    daemon.metrics().sum("tierwatch_last_reload_taken", &[])
}

#[test]
fn it_stops_within_its_bound_and_leaves_the_store_closed() {
    let site = Site::simulated(300);
    let mut daemon = site.start_ready();
    assert_eq!(daemon.get("/healthz"), (200, "alive\n".to_owned()));
    assert_eq!(daemon.get("/nothing").0, 404);
    let started = Instant::now();
    assert_eq!(daemon.stop().code(), Some(0));
    assert!(started.elapsed() < MAX_STOP_TIME, "{:?}", started.elapsed());
    let left = site.path("data/tierwatch.db-wal");
    assert_eq!(fs::metadata(left).map_or(0, |log| log.len()), 0, "the write-ahead log is left behind");
    assert!(site.suppliers().len() >= 300);
}

/// The first start compiles the rules, which takes seconds: every signal arrives during that.
#[test]
fn a_signal_during_the_start_does_what_it_says() {
    let starting = |site: &Site| {
        let process = site.starting();
        eventually("its signals", || process.catches(Signal::HUP).then_some(()));
        process
    };
    for signal in [Signal::TERM, Signal::INT] {
        let site = Site::new();
        let mut process = starting(&site);
        process.signal(signal);
        assert_eq!(process.wait().code(), Some(0), "{signal:?}: {}", process.text());
    }
    let site = Site::new();
    let mut process = starting(&site);
    process.signal(Signal::HUP);
    process.line("the reload", |line| line.contains("reloaded: policy").then_some(()));
    process.signal(Signal::TERM);
    assert_eq!(process.wait().code(), Some(0), "{}", process.text());
}

/// The log of a unit must have one object on each line, whatever goes wrong once the format is known.
#[test]
fn a_fatal_error_and_a_refused_reload_are_one_line_of_the_log_each() {
    let site = Site::new();
    let daemon = site.start_ready();
    site.edit("uk-mod.toml", "[rules.clearance]", "[rules.clearence]");
    daemon.reload();
    let is_error = |line: &str| -> Option<String> {
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        (line["level"] == "ERROR").then(|| line["fields"]["message"].as_str().expect("a message").to_owned())
    };
    let refused = daemon.process().line("the refusal", is_error);
    assert!(refused.starts_with("the reload is refused") && refused.contains("the rule `clearence`"), "{refused}");
    assert!(!refused.contains('\n'), "{refused}");
    drop(daemon);
    let start = site.run(&["run"]);
    assert_eq!(start.code, Some(1), "{}", start.stderr);
    let fatal: Vec<String> = start.stderr.lines().filter_map(is_error).collect();
    assert!(matches!(&fatal[..], [line] if line.contains("the rule `clearence`")), "{}", start.stderr);
}

#[test]
fn lines_have_their_priority_where_journald_reads_them() {
    let site = Site::new();
    site.edit("uk-mod.toml", "[rules.clearance]", "[rules.clearence]");
    let started_with = |named: &dyn Fn(&fs::Metadata) -> String| {
        let path = site.path("stderr");
        let file = fs::File::create(&path).expect("the folder is ours");
        let stream = named(&file.metadata().expect("it is there"));
        let mut run = Command::new(binary());
        run.arg("--config").arg(site.path("tierwatch.toml")).arg("run").env("JOURNAL_STREAM", stream).stderr(file);
        assert_eq!(run.status().expect("it starts").code(), Some(1));
        fs::read_to_string(path).expect("it is text")
    };
    let journal = started_with(&|file| format!("{}:{}", file.dev(), file.ino()));
    assert!(journal.lines().all(|line| line.starts_with('<')), "{journal}");
    assert!(journal.lines().any(|line| line.starts_with("<3>{") && line.contains("clearence")), "{journal}");
    // The name of another stream than standard error, as inherited from a parent that the service manager started.
    let elsewhere = started_with(&|file| format!("{}:{}", file.dev(), file.ino() + 1));
    assert!(elsewhere.lines().all(|line| line.starts_with('{')), "{elsewhere}");
}

#[test]
fn rules_are_compiled_once_and_for_the_daemon_alone() {
    let site = Site::new();
    drop(site.start_ready());
    let folder = site.path("data/compiled");
    let files = || -> Vec<(PathBuf, u64, u32)> {
        let entries =
            fs::read_dir(&folder).expect("compiled rules are kept").map(|entry| entry.expect("an entry").path());
        let mut files: Vec<_> = entries.collect();
        files.sort();
        let about = |file: PathBuf| {
            let metadata = fs::metadata(&file).expect("a file");
            (file, metadata.ino(), metadata.mode() & 0o777)
        };
        files.into_iter().map(about).collect()
    };
    let first = files();
    assert!(first.len() >= 3, "{first:?}");
    assert!(first.iter().all(|(_, _, mode)| *mode == 0o600), "{first:?}");
    drop(site.start_ready());
    assert_eq!(files(), first, "they are compiled again");
    assert_eq!(fs::metadata(&folder).expect("a folder").mode() & 0o777, 0o700);
}

#[test]
fn a_stop_during_the_intake_keeps_what_was_acknowledged() {
    let site = Site::simulated(2000);
    let mut daemon = site.start();
    daemon.wait_for_metric("tierwatch_attestations_total", &["outcome=\"accepted\""], 1.0);
    assert_eq!(daemon.stop().code(), Some(0));
    let daemon = site.start_ready();
    assert_eq!(daemon.metrics().sum("tierwatch_ready", &[]), Some(1.0));
    let stories = fs::read(site.path("stories.json")).expect("simulate wrote it");
    let stories: serde_json::Value = serde_json::from_slice(&stories).expect("JSON");
    assert_eq!(daemon.metrics().sum("tierwatch_store_attestations", &[]), stories["attestations"].as_f64());
}

#[test]
fn a_reload_that_is_refused_keeps_the_last_good_policy() {
    let site = Site::new();
    let key = site.authority();
    site.put("log.jsonl", evidence::certified(&key, 1));
    let daemon = site.start_ready();
    assert_eq!(site.risk_bp(&supplier(1)), Some(CERTIFIED_BP));
    let policy =
        daemon.metrics().text().lines().find(|line| line.starts_with("tierwatch_policy_info")).map(str::to_owned);
    assert_eq!(last_reload_taken(&daemon), Some(1.0));

    for (file, old, new, says) in [
        ("uk-mod.toml", "[rules.clearance]", "[rules.clearence]", "the rule `clearence`"),
        ("uk-mod.toml", "\nweight = 1", "\nweigth = 1", "did you mean `weight`?"),
        ("tierwatch.toml", "data_dir = ", "datadir = ", "did you mean `data_dir`?"),
        ("trust.toml", "signers = [\"authority\"]", "signers = [\"nobody\"]", "the key `nobody`"),
    ] {
        site.edit(file, old, new);
        daemon.reload();
        assert_eq!(last_reload_taken(&daemon), Some(0.0), "{new}");
        assert_eq!(daemon.get("/readyz").0, 200, "{new}");
        daemon.process().line(says, |line| line.contains(says).then_some(()));
        let check = site.run(&["check"]);
        assert_eq!(check.code, Some(1), "{new}");
        assert!(check.stderr.contains(says), "{}", check.stderr);
        site.edit(file, new, old);
    }
    let kept = daemon.metrics();
    assert!(kept.text().lines().any(|line| Some(line) == policy.as_deref()), "{policy:?}");
    assert_eq!(site.risk_bp(&supplier(1)), Some(CERTIFIED_BP));

    // A good file again, and a changed policy with the same scores: only its digest differs.
    site.edit("uk-mod.toml", "version = \"1\"", "version = \"2\"");
    daemon.reload();
    assert_eq!(last_reload_taken(&daemon), Some(1.0));
    let taken = daemon.metrics();
    assert!(!taken.text().lines().any(|line| Some(line) == policy.as_deref()), "{policy:?} is still there");
    assert_eq!(taken.sum("tierwatch_policy_info", &[]), Some(1.0));
    assert_eq!(taken.sum("tierwatch_reloads_total", &["outcome=\"refused\""]), Some(4.0));
}

#[test]
fn a_reload_that_takes_a_key_away_takes_its_evidence_away() {
    let site = Site::new();
    let key = site.authority();
    let other = site.key("other");
    site.put("log.jsonl", evidence::certified(&key, 1));
    site.put("other.json", evidence::answers(&other, 1));
    site.trust(&other.table("Other"));
    let grant =
        "\n[[grant]]\nname = \"other\"\nsigners = [\"other\"]\nkinds = [\"cyber.saq\"]\ntrust = \"third-party\"\n";
    site.trust(grant);
    let daemon = site.start_ready();
    assert_eq!(site.risk_bp(&supplier(1)), Some(evidence::ANSWERED_BP));
    site.edit("trust.toml", grant, "");
    daemon.reload();
    eventually("the score without it", || (site.risk_bp(&supplier(1)) == Some(CERTIFIED_BP)).then_some(()));
}

#[test]
fn one_store_has_one_daemon() {
    let site = Site::new();
    let mut first = site.start_ready();
    site.edit("tierwatch.toml", &first.address().to_string(), "127.0.0.1:0");
    for command in [&["run"][..], &["ingest", "trust.toml"]] {
        let second = site.run(command);
        assert_eq!(second.code, Some(1), "{command:?}: {}", second.stderr);
        // The daemon logs it, a command prints it.
        let said = if command[0] == "run" { "\"level\":\"ERROR\"" } else { "error: " };
        assert!(second.stderr.contains(said), "{command:?}: {}", second.stderr);
        assert!(second.stderr.contains("tierwatch.db"), "{command:?}: {}", second.stderr);
    }
    assert_eq!(first.get("/healthz").0, 200);
    assert_eq!(first.stop().code(), Some(0));
    let _ = site.start_ready();
}

/// Whatever a component makes the compiler do, it ends: limits of processor time and memory apply to its process.
#[test]
fn compiling_has_limits() {
    let mut compiling = Command::new(binary())
        .args(["compile-component", "67108864", "524288"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let limits = format!("/proc/{}/limits", compiling.id());
    let limit = |name: &str| {
        let all = fs::read_to_string(&limits).unwrap_or_default();
        let line = all.lines().find_map(|line| line.strip_prefix(name).map(str::to_owned)).unwrap_or_default();
        line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    eventually("a limit on its memory", || {
        (limit("Max data size") == ["4294967296", "4294967296", "bytes"]).then_some(())
    });
    assert_eq!(limit("Max cpu time"), ["300", "300", "seconds"]);
    // It reads the component only now, so that no sentence explains a refusal.
    drop(compiling.stdin.take());
    let output = compiling.wait_with_output().expect("it ends");
    assert!(output.status.success());
    assert_eq!(output.stdout.first(), Some(&1), "a refusal");
}

//! What the log says of scores that move: a line each where each has its own cause, one line where all share a cause.

use serde_json::Value;
use std::fs;
use tierwatch_tests::{Daemon, SetClock, Site};

const DAY: u64 = 86_400;
/// Organisations of a simulated network, many of which move together.
const MANY: u32 = 120;
/// More than the log tells one by one.
const MORE_THAN_TOLD: u64 = 20;
/// A weight of the policy, and a different one, which moves everybody about whom the rule says anything.
const WEIGHTS: [&str; 2] = ["[rules.cyber-posture]\nweight = 3", "[rules.cyber-posture]\nweight = 9"];

/// The lines of the log from the `first`th on.
fn lines(daemon: &Daemon, first: usize) -> Vec<Value> {
    let text = daemon.process().text();
    text.lines().skip(first).map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

/// The one line that begins with `begins`.
fn one<'l>(lines: &'l [Value], begins: &str) -> &'l Value {
    let message = |line: &&Value| line["fields"]["message"].as_str().is_some_and(|text| text.starts_with(begins));
    let found: Vec<&Value> = lines.iter().filter(message).collect();
    assert_eq!(found.len(), 1, "{begins}: {lines:#?}");
    found[0]
}

/// How many lines of this level are about a single supplier's score.
fn told_at(lines: &[Value], level: &str) -> usize {
    let of_one = |line: &&Value| line["level"] == level && line["fields"]["organisation"].is_string();
    lines.iter().filter(of_one).count()
}

fn figure(line: &Value, field: &str) -> u64 {
    line["fields"][field].as_u64().unwrap_or_else(|| panic!("no {field}: {line}"))
}

#[test]
fn a_reload_is_one_line_however_many_it_moves() {
    let site = Site::simulated(MANY);
    let daemon = site.start_ready();
    let first = daemon.process().lines_written();
    site.edit("uk-mod.toml", WEIGHTS[0], WEIGHTS[1]);
    daemon.reload();
    let said = lines(&daemon, first);
    assert_eq!(told_at(&said, "INFO"), 0, "{said:#?}");
    let reloaded = one(&said, "reloaded: policy uk-mod ");
    assert!(figure(reloaded, "moved") > MORE_THAN_TOLD, "{reloaded}");
    let text = reloaded["fields"]["message"].as_str().expect("a text");
    let (_, named) = text.split_once(" into another band, most of all ").unwrap_or_else(|| panic!("{text}"));
    assert_eq!(named.split("; ").count(), 5, "{text}");
    assert!(named.contains(" → "), "{text}");

    // Removed keys withdraw scores: that is one line too.
    let first = daemon.process().lines_written();
    fs::write(site.path("trust.toml"), "").expect("the folder is ours");
    daemon.reload();
    let said = lines(&daemon, first);
    assert_eq!(told_at(&said, "INFO"), 0, "{said:#?}");
    let reloaded = one(&said, "reloaded: policy uk-mod ");
    assert!(figure(reloaded, "withdrawn") > MORE_THAN_TOLD, "{reloaded}");
}

#[test]
fn each_is_there_for_whoever_asks() {
    let site = Site::simulated(MANY);
    site.edit("tierwatch.toml", "[log]", "[log]\nfilter = \"info,tierwatch::pipeline=debug\"");
    let daemon = site.start_ready();
    let first = daemon.process().lines_written();
    site.edit("uk-mod.toml", WEIGHTS[0], WEIGHTS[1]);
    daemon.reload();
    let said = lines(&daemon, first);
    let moved = figure(one(&said, "reloaded: policy uk-mod "), "moved");
    assert!(told_at(&said, "DEBUG") as u64 >= moved, "{moved}: {said:#?}");
}

#[test]
fn a_day_that_moves_many_is_one_line_and_so_is_a_start_after_many_days() {
    let site = Site::simulated(MANY);
    let Some(clock) = SetClock::of(&site) else { return };
    let mut daemon = clock.start(&site);
    daemon.wait_until_ready();
    let (first, now) = (daemon.process().lines_written(), SetClock::now());
    clock.set(now + 400 * DAY);
    daemon.process().line_after(first, "the day", |line| line.contains("by the passing of time, ").then_some(()));
    let said = lines(&daemon, first);
    assert_eq!(told_at(&said, "INFO"), 0, "{said:#?}");
    assert!(figure(one(&said, "by the passing of time, "), "moved") > MORE_THAN_TOLD);
    assert_eq!(daemon.stop().code(), Some(0));

    clock.set(now + 430 * DAY);
    site.edit("uk-mod.toml", WEIGHTS[0], WEIGHTS[1]);
    let daemon = clock.start(&site);
    daemon.wait_until_ready();
    let said = lines(&daemon, 0);
    assert_eq!(told_at(&said, "INFO"), 0, "{said:#?}");
    assert!(figure(one(&said, "since the daemon last ran, "), "moved") > MORE_THAN_TOLD);
}

#[test]
fn what_a_reload_moves_while_the_clock_is_wrong_is_told_when_it_is_right() {
    let site = Site::simulated(MANY);
    let Some(clock) = SetClock::of(&site) else { return };
    let mut daemon = clock.start(&site);
    daemon.wait_until_ready();
    assert_eq!(daemon.stop().code(), Some(0));
    let now = SetClock::now();
    clock.set(now - 20 * DAY);
    let daemon = clock.start(&site);
    let waits = |line: &str| line.contains("nothing is scored until that is right").then_some(());
    daemon.process().line_after(0, "what it waits for", waits);
    let first = daemon.process().lines_written();
    site.edit("uk-mod.toml", WEIGHTS[0], WEIGHTS[1]);
    daemon.reload();
    let said = lines(&daemon, first);
    let text = one(&said, "reloaded: policy uk-mod ")["fields"]["message"].as_str().expect("a text");
    assert!(text.contains("; who moves shows once scoring goes on: "), "{text}");

    clock.set(now + 60);
    daemon.process().line_after(first, "what it moved", |line| line.contains("by the last reload, ").then_some(()));
    let said = lines(&daemon, first);
    assert!(figure(one(&said, "by the last reload, "), "moved") > MORE_THAN_TOLD, "{said:#?}");
}

//! What operations teams see: the metrics, the alerts and both dashboards, checked with Debian's real Prometheus.

use serde_json::Value;
use std::{
    fs,
    io::Write as _,
    process::{Command, Stdio},
    time::Instant,
};
use tierwatch_tests::{
    Answer, DEADLINE, Daemon, Key, Prometheus, Site, eventually, evidence, installed, repository, selectors,
};

/// A file of `config/prometheus`.
fn config(file: &str) -> String {
    repository().join("config/prometheus").join(file).display().to_string()
}

#[test]
fn the_exposition_passes_promtool() {
    if !installed("promtool", "apt-get install prometheus") {
        return;
    }
    let site = Site::simulated(320);
    let daemon = site.start_ready();
    let mut promtool = Command::new("promtool");
    let mut child =
        promtool.args(["check", "metrics"]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let exposition = daemon.metrics();
    child.stdin.take().expect("it is piped").write_all(exposition.text().as_bytes()).expect("it reads");
    let said = Answer::from(child.wait_with_output().expect("it ends"));
    assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""), "{}", said.stdout);
}

#[test]
fn every_alert_fires_and_stays_silent_in_a_test() {
    let alerts = fs::read_to_string(config("alerts.yml")).expect("there are alerts");
    let tests = fs::read_to_string(config("alerts_test.yml")).expect("there are tests");
    let names: Vec<&str> = alerts.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(names.len() >= 15, "{names:?}");
    for name in names {
        // Each test names every alert that fires at an instant: silent before, then firing.
        assert!(tests.contains(&format!("alertname=\"{name}\"")), "no test of alerts_test.yml makes {name} fire");
    }
    if installed("promtool", "apt-get install prometheus") {
        for arguments in [["check", "config", &config("prometheus.yml")], ["test", "rules", &config("alerts_test.yml")]]
        {
            let said = Answer::of(Command::new("promtool").args(arguments));
            assert_eq!(said.code, Some(0), "{arguments:?}: {}{}", said.stdout, said.stderr);
        }
    }
}

/// Every expression of every panel, with the panel's name.
fn panel_expressions() -> Vec<(String, String)> {
    let folder = repository().join("config/grafana/dashboards");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("there are dashboards") {
        let bytes = fs::read(entry.expect("it can be listed").path()).expect("it can be read");
        let dashboard: Value = serde_json::from_slice(&bytes).expect("a dashboard is JSON");
        for panel in dashboard["panels"].as_array().expect("it has panels") {
            for target in panel["targets"].as_array().unwrap_or(&Vec::new()) {
                let expression = target["expr"].as_str().expect("a target has an expression").to_owned();
                found.push((format!("{} / {}", dashboard["title"], panel["title"]), expression));
            }
        }
    }
    found
}

/// The selectors of every alert that Prometheus has loaded, with the alert's name.
fn alert_selectors(prometheus: &Prometheus) -> Vec<(String, String)> {
    let rules = prometheus.ask("rules", &[("type", "alert")]);
    let groups = rules["groups"].as_array().cloned().unwrap_or_default();
    let rules = groups.iter().flat_map(|group| group["rules"].as_array().cloned().unwrap_or_default());
    let of_rule = |rule: Value| {
        let selectors = selectors(rule["query"].as_str().expect("a rule has a query"));
        selectors.into_iter().map(move |selector| (rule["name"].to_string(), selector))
    };
    rules.flat_map(of_rule).collect()
}

/// Makes the daemon do something for every panel.
fn make_something_happen(site: &Site, daemon: &Daemon, key: &Key, round: u32) {
    site.put(&format!("round-{round}.jsonl"), evidence::certified(key, round));
    site.put(&format!("broken-{round}.json"), "{");
    daemon.wait_for_metric("tierwatch_arrival_to_score_seconds_count", &[], f64::from(round));
}

#[test]
fn every_expression_of_dashboards_and_alerts_has_data() {
    if !installed("prometheus", "apt-get install prometheus") {
        return;
    }
    let site = Site::simulated(320);
    let key = site.authority();
    let daemon = site.start_ready();
    let prometheus = Prometheus::start(daemon.address());
    eventually("the first scrape", || prometheus.has_data("up == 1").then_some(()));

    let mut missing = panel_expressions();
    missing.extend(alert_selectors(&prometheus));
    assert!(missing.len() > 60, "{} expressions", missing.len());
    let started = Instant::now();
    for round in 1.. {
        make_something_happen(&site, &daemon, &key, round);
        missing.retain(|(_, expression)| !prometheus.has_data(expression));
        if missing.is_empty() {
            break;
        }
        assert!(started.elapsed() < DEADLINE, "no data of {missing:#?}");
    }
}

//! `tierwatch demo`: one command shows what Tierwatch is for, and what it shows is what was planted.

use rustix::process::Signal;
use serde_json::Value;
use std::{collections::BTreeMap, fs, path::Path, process::Command};
use tierwatch_tests::{Answer, Watched, binary};

fn demo(folder: &Path) -> Command {
    let mut command = Command::new(binary());
    command.args(["demo", "--listen", "127.0.0.1:0", "--folder"]).arg(folder);
    command
}

fn planted(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("stories.json")).expect("the demo wrote it")).expect("JSON")
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no `{key}` in {value}"))
}

#[test]
fn once_it_reports_what_was_planted_and_ends() {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = scratch.path().join("demo");
    let report = Answer::of(demo(&folder).arg("--once")).expect(0);
    let shows = |text: &str| assert!(report.contains(text), "`{text}` is not in the report:\n{report}");

    shows("The 10 worst suppliers");
    assert!(!report.contains("/metrics"), "nothing answers there any more:\n{report}");
    let planted = planted(&folder);
    assert!(planted["organisations"].as_u64() >= Some(300), "{}", planted["organisations"]);
    for bad in list(&planted, "bad_inputs") {
        if let Some(reason) = bad["reason"].as_str() {
            shows(&format!("{reason:<18} {}", word(bad, "file")));
        }
    }
    let (_, hidden) = report.split_once("Hidden single points of failure").expect("the programmes");
    for programme in ["KESTREL", "HALBERD", "LODESTAR", "TAMARISK", "QUILLON", "SALTMARSH"] {
        assert!(hidden.contains(&format!("PROGRAMME:{programme}\n")), "{programme} is not in the report:\n{report}");
    }
    let stories = list(&planted, "stories");
    assert!(!stories.is_empty(), "the demonstration network has no stories");
    for story in stories {
        check_story(&folder, story);
    }
    let suppliers = suppliers(&folder, &[]);
    check_order(&folder, &report, stories, &suppliers);
    check_top_reasons(&suppliers);
}

fn suppliers(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    let mut command = Command::new(binary());
    command.arg("--config").arg(folder.join("tierwatch.toml")).args(["--output", "json", "suppliers"]).args(arguments);
    match Answer::of(&mut command).json() {
        Value::Array(suppliers) => suppliers,
        other => panic!("not a list: {other}"),
    }
}

/// Suppliers are sorted by what they cost the programmes, and the hidden single points cost most.
fn check_order(folder: &Path, report: &str, stories: &[Value], suppliers: &[Value]) {
    let costs: Vec<f64> = suppliers.iter().map(|one| one["cost"].as_f64().expect("a cost")).collect();
    assert!(costs.is_sorted_by(|one, other| one >= other), "{costs:?}");
    let hidden: Vec<&str> = stories
        .iter()
        .filter(|story| list(story, "shows").iter().any(|shown| shown["expect"] == "hidden-single-point"))
        .map(|story| word(story, "organisation"))
        .collect();
    assert_eq!(hidden.len(), 2, "two are planted");
    let top: Vec<&str> = suppliers.iter().take(hidden.len()).map(|one| word(one, "organisation")).collect();
    assert!(hidden.iter().all(|one| top.contains(one)), "{hidden:?} are not at the top: {top:?}");
    let listed = report.split_once("Hidden single points").expect("the programmes come after the worst").0;
    let position = |name: &str| listed.find(name).unwrap_or_else(|| panic!("{name} is not among the worst:\n{listed}"));
    let shown: Vec<usize> = suppliers.iter().take(10).map(|one| position(word(one, "organisation"))).collect();
    assert!(shown.is_sorted(), "the report has another order than the list: {shown:?}");
    assert!(listed.contains("Without it stop, from day "), "{listed}");

    // The order by risk is still available.
    let by_risk = self::suppliers(folder, &["--by", "risk", "-n", "20"]);
    let risks: Vec<Option<u64>> = by_risk.iter().map(|one| one["risk_bp"].as_u64()).collect();
    assert!(risks.len() == 20 && risks.is_sorted_by(|one, other| one >= other), "{risks:?}");
    let all: Vec<Option<u64>> = suppliers.iter().map(|one| one["risk_bp"].as_u64()).collect();
    assert!(!all.is_sorted_by(|one, other| one >= other), "by cost is not by risk");
}

/// No rule dominates: none is the first reason of more than a quarter of the suppliers.
fn check_top_reasons(suppliers: &[Value]) {
    let mut top: BTreeMap<&str, usize> = BTreeMap::new();
    for reason in suppliers.iter().filter_map(|supplier| supplier["top_reason"].as_str()) {
        *top.entry(reason).or_default() += 1;
    }
    assert!(top.len() >= 5, "{top:?}");
    let most = suppliers.len() / 4;
    assert!(top.values().all(|count| *count <= most), "{} suppliers: {top:?}", suppliers.len());
}

/// `explain` shows of its organisation whatever a story says must be seen.
fn check_story(folder: &Path, story: &Value) {
    let mut explain = Command::new(binary());
    explain.arg("--config").arg(folder.join("tierwatch.toml"));
    let explained = Answer::of(explain.args(["--output", "json", "explain", word(story, "organisation")])).json();
    for expected in list(story, "shows") {
        let seen = is_seen(&explained, expected);
        assert!(seen, "{}: {}\nis not seen: {expected}\nin {explained:#}", word(story, "id"), word(story, "planted"));
    }
}

fn is_seen(explained: &Value, expected: &Value) -> bool {
    let score = &explained["score"];
    let parts = list(score, "contributions");
    let part = |rule: &str| parts.iter().find(|part| part["rule"] == rule).unwrap_or(&Value::Null);
    match word(expected, "expect") {
        "risk" => {
            let part = part(word(expected, "rule"));
            part["outcome"] == "scored" && part["risk_bp"] == expected["risk_bp"]
        }
        "outcome" => part(word(expected, "rule"))["outcome"] == expected["outcome"],
        "finding" => {
            let findings = parts.iter().chain([score]).flat_map(|part| list(part, "findings"));
            findings.into_iter().any(|finding| finding["code"] == expected["code"])
        }
        "hidden-single-point" => {
            let points = list(&explained["facts"]["impact"], "single_point_of");
            let is_hidden =
                |programme: &Value| points.iter().any(|loss| loss["programme"] == *programme && loss["hidden"] == true);
            list(expected, "programmes").iter().all(is_hidden)
        }
        "merged" => score["organisation"] == expected["alias"] || list(score, "aliases").contains(&expected["alias"]),
        "evidence" => list(explained, "attestations").iter().any(|one| one["kind"] == expected["kind"]),
        "lapses-on" => {
            let end = format!("{}T00:00:00Z", word(expected, "date"));
            list(explained, "attestations").iter().any(|one| one["valid_until"] == end.as_str())
        }
        other => panic!("this test does not know the expectation `{other}`: add it"),
    }
}

#[test]
fn a_file_dropped_into_the_feed_shows_the_score_before_and_after() {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = scratch.path().join("demo");
    let mut running = Watched::start(&mut demo(&folder));
    // The last line of the report is the suggestion to try it.
    let suggested = running.line("the suggestion", |line| line.strip_prefix("try ").map(str::to_owned));
    let before = running.lines_written();

    let planted = planted(&folder);
    let file = folder.join(word(&planted, "replacement"));
    assert!(suggested.contains(&file.display().to_string()), "`{suggested}` does not name {}", file.display());
    let name = file.file_name().expect("it is a file");
    fs::rename(&file, folder.join("feed").join(name)).expect("the feed is there");

    let worst = list(&planted, "stories").iter().find(|story| story["id"] == "worst").expect("somebody is the worst");
    let organisation = word(worst, "organisation");
    running.line_after(before, "the score before and after", |line| {
        (line.contains(organisation) && line.contains(" → ")).then_some(())
    });
    running.signal(Signal::TERM);
    assert_eq!(running.wait().code(), Some(0));
}

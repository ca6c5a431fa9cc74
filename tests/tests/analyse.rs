//! `tierwatch analyse` on plain files: the worked examples of the design, and every way in which a file can be wrong.

use serde_json::{Value, json};
use std::{fmt::Write as _, fs, process::Command};
use tempfile::TempDir;
use tierwatch_tests::{Answer, binary, check_golden};

fn analyse(network: &str, arguments: &[&str]) -> Answer {
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("network.json");
    fs::write(&file, network).expect("it can be written");
    Answer::of(Command::new(binary()).current_dir(folder.path()).args(["analyse", "network.json"]).args(arguments))
}

/// The only programme of `network`.
fn programme(network: &Value, arguments: &[&str]) -> Value {
    let answer = analyse(&network.to_string(), &[arguments, &["--output", "json"]].concat()).expect(0);
    let mut all: Vec<Value> = serde_json::from_str(&answer).expect("an array");
    assert_eq!(all.len(), 1, "{answer}");
    all.remove(0)
}

fn any_of(node: &str, item: &str, sources: &[&str], buffer_days: u32) -> Value {
    let sources: Vec<Value> = sources.iter().map(|source| json!({"node": source})).collect();
    json!({"node": node, "item": item, "buffer_days": buffer_days, "sources": sources})
}

/// Example 1, with the buffers of example 4.
fn forge() -> Value {
    let probabilities = [("A", 0.1), ("B", 0.2), ("C", 0.2), ("D", 0.1), ("P", 0.0)];
    let nodes: Vec<Value> =
        probabilities.iter().map(|(id, probability)| json!({"id": id, "probability": probability})).collect();
    json!({
        "nodes": nodes,
        "needs": [any_of("P", "X", &["A"], 10), any_of("A", "Y", &["B", "C"], 5), any_of("B", "Z", &["D"], 20),
                  any_of("C", "Z", &["D"], 7)],
        "programmes": ["P"],
    })
}

fn words<'v>(list: &'v Value, key: &str) -> Vec<&'v str> {
    list.as_array().expect("a list").iter().map(|row| row[key].as_str().expect("a word")).collect()
}

#[test]
fn two_sources_that_meet_at_one_forge() {
    let found = programme(&forge(), &["--pairs", "--cut-sets", "3"]);
    let probability = found["probability"].as_f64().expect("a number");
    assert!((probability - 0.2224).abs() < 1e-12, "{found}");
    assert_eq!(found["method"], "exact");
    assert_eq!(found["interval"], json!([probability, probability]));
    assert_eq!(words(&found["single_points"], "id"), ["A", "D"]);
    let [direct, hidden] = [&found["single_points"][0], &found["single_points"][1]];
    assert_eq!(
        (&direct["hidden"], &direct["tier"], &direct["time_to_survive"]),
        (&json!(false), &json!(1), &json!(10))
    );
    assert_eq!((&hidden["hidden"], &hidden["tier"], &hidden["time_to_survive"]), (&json!(true), &json!(3), &json!(35)));
    let need = |node: &str, item: &str| json!({"node": node, "item": item});
    let anywhere = [need("P", "X"), need("A", "Y"), need("B", "Z"), need("C", "Z")];
    let expected = json!({
        "common": {"count": 1, "first": ["A"]},
        "second_source": {"count": 4, "first": anywhere},
        "entries": {"count": 1, "first": [need("P", "X")]},
    });
    let mut ways = hidden["ways"].clone();
    let found_needs = ways["second_source"]["first"].as_array_mut().expect("a list");
    found_needs.sort_by_key(|need| anywhere.iter().position(|expected| expected == need));
    assert_eq!(ways, expected);
    assert_eq!(found["pairs"], json!([["B", "C"]]));
    assert_eq!(found["cut_sets"]["counts"], json!({"1": 2, "2": 1, "3": 0}));
    assert_eq!(found["cut_sets"]["sets"], json!([["A"], ["D"], ["B", "C"]]));
}

#[test]
fn two_that_need_each_other() {
    let network = json!({
        "nodes": [{"id": "A"}, {"id": "B"}],
        "needs": [any_of("A", "X", &["B"], 0), any_of("B", "Y", &["A"], 0)],
        "programmes": ["A", "B"],
    });
    let answer = analyse(&network.to_string(), &["--output", "json"]).expect(0);
    let found: Vec<Value> = serde_json::from_str(&answer).expect("an array");
    assert_eq!(words(&found[0]["single_points"], "id"), ["B"]);
    assert_eq!(words(&found[1]["single_points"], "id"), ["A"]);
}

#[test]
fn shares_that_must_be_reached() {
    let source = |node: &str, share_bp: u32| json!({"node": node, "share_bp": share_bp});
    let network = json!({
        "nodes": [{"id": "A"}, {"id": "B"}, {"id": "C"}],
        "needs": [{"node": "P", "item": "X", "required_share_bp": 6000,
                   "sources": [source("A", 5000), source("B", 3000), source("C", 2000)]}],
        "programmes": ["P"],
    });
    let found = programme(&network, &["--pairs"]);
    assert_eq!(words(&found["single_points"], "id"), ["A"]);
    assert_eq!(found["pairs"], json!([["B", "C"]]));
}

#[test]
fn two_of_three_equal_sources_are_two_thirds_however_rounded() {
    let node = |id: &str| json!({"id": id, "probability": 0.1});
    for required in [6666, 6667] {
        let network = json!({
            "nodes": [node("A"), node("B"), node("C")],
            "needs": [{"node": "P", "required_share_bp": required,
                       "sources": [{"node": "A"}, {"node": "B"}, {"node": "C"}]}],
            "programmes": ["P"],
        });
        let found = programme(&network, &["--cut-sets", "2"]);
        assert!((found["probability"].as_f64().expect("a number") - 0.028).abs() < 1e-12, "{found}");
        assert_eq!(found["cut_sets"]["counts"], json!({"1": 0, "2": 3}));
    }
}

#[test]
fn without_an_exact_answer_it_estimates_and_says_so() {
    let found = programme(&forge(), &["--time-limit", "0", "--seed", "7", "--scenarios", "8192"]);
    assert_eq!(found["method"], "monte-carlo");
    const TOO_LATE: &str = "not exact because the time limit was reached: raise --time-limit";
    assert_eq!(found["not_exact_because"], TOO_LATE);
    let ends = [&found["interval"][0], &found["interval"][1]].map(|end| end.as_f64().expect("a number"));
    assert!(ends[0] < 0.2224 && 0.2224 < ends[1], "{found}");
    let counted = programme(&forge(), &["--time-limit", "0", "--cut-sets", "2", "--pairs"]);
    for unknown in ["single_points", "pairs", "cut_sets"] {
        assert_eq!(counted[unknown]["not_exact_because"], TOO_LATE, "{unknown} takes time too");
    }
    let refused = analyse(&forge().to_string(), &["--time-limit", "0", "--exact-only"]);
    assert_eq!(refused.code, Some(1));
    assert_eq!(refused.stderr, format!("error: P: {TOO_LATE}, or leave out --exact-only\n"));
    let few = programme(&ring(40), &["--node-limit", "20"]);
    let why = "not exact because every way that was tried takes more than 20 nodes: raise --node-limit";
    assert_eq!(few["not_exact_because"], why);
}

/// Nodes each of which needs any one of two others, so that they form one module.
fn ring(members: usize) -> Value {
    let name = |member: usize| format!("N{}", member % members);
    let nodes: Vec<Value> = (0..members).map(|member| json!({"id": name(member), "probability": 0.1})).collect();
    let need = |member: usize| any_of(&name(member), "X", &[&name(member * 7 + 13), &name(member * 7 + 26)], 0);
    let needs: Vec<Value> = (0..members).map(need).collect();
    json!({"nodes": nodes, "needs": needs, "programmes": ["N0"]})
}

/// A chain of `links` links below `P`.
fn chain(links: usize) -> Value {
    let nodes: Vec<Value> = (0..links).map(|link| json!({"id": format!("N{link}"), "probability": 1e-5})).collect();
    let first = any_of("P", "X", &["N0"], 0);
    let others = (1..links).map(|link| any_of(&format!("N{}", link - 1), "Y", &[&format!("N{link}")], 0));
    let needs: Vec<Value> = std::iter::once(first).chain(others).collect();
    json!({"nodes": nodes, "needs": needs, "programmes": ["P"]})
}

#[test]
fn a_long_chain_is_told_in_a_few_lines() {
    let text = analyse(&chain(20_000).to_string(), &["--pairs"]).expect(0);
    assert!(text.lines().count() < 120, "{} lines", text.lines().count());
    let shown = [
        "is down with probability 0.181270 (exact)",
        "single points of failure: 20000",
        "and 19980 more",
        "pairs: 0",
        "and 19990 more",
    ];
    for shown in shown {
        assert!(text.contains(shown), "`{shown}` is not in\n{text}");
    }
}

#[test]
fn a_rare_failure_has_a_number() {
    let network = json!({
        "nodes": [{"id": "P", "probability": 1e-300}, {"id": "A", "probability": 5e-324}],
        "needs": [any_of("P", "", &["A"], 0)],
        "programmes": ["P"],
    });
    let text = analyse(&network.to_string(), &[]).expect(0);
    assert!(text.contains("is down with probability 1.00000e-300 (exact)"), "{text}");
}

#[test]
fn half_of_two_hundred_is_solved_by_its_sum() {
    let node = |source: usize| format!("N{source}");
    let sources: Vec<Value> = (0..200).map(|source| json!({"node": node(source)})).collect();
    let nodes: Vec<Value> = (0..200).map(|source| json!({"id": node(source), "probability": 0.5})).collect();
    let network = json!({
        "nodes": nodes,
        "needs": [{"node": "P", "required_share_bp": 5000, "sources": sources}],
        "programmes": ["P"],
    });
    let found = programme(&network, &["--exact-only", "--node-limit", "20301"]);
    // Fewer than 100 of 200 coins: half of all but the one in the middle.
    let probability = found["probability"].as_f64().expect("a number");
    assert!((probability - 0.471_825_760_5).abs() < 1e-9, "{probability}");
}

const WRONG: &[&str] = &[
    "{",
    r#"{"nodes": [], "programmes": [], "colour": "red"}"#,
    r#"{"nodes": [], "programmes": []}"#,
    r#"{"nodes": [{"id": "A", "probability": 0.1}], "programmes": ["Z"]}"#,
    r#"{"nodes": [{"id": "KESTREL"}, {"id": "MERLIN"}], "programmes": ["KESTRAL"]}"#,
    r#"{"nodes": [{"id": "A"}, {"id": "A"}], "programmes": ["A"]}"#,
    r#"{"nodes": [{"id": "A", "probability": 1.5}, {"id": "B", "recover_days": -1}], "programmes": ["A"]}"#,
    r#"{"needs": [{"node": "Q", "item": "X", "sources": [{"node": "R"}]}], "programmes": ["P"]}"#,
    r#"{"nodes": [{"id": "A"}], "needs": [{"node": "P", "item": "X", "sources": [{"node": "A", "share_bp": -5}]}], "programmes": ["P"]}"#,
    r#"{"nodes": [{"id": "A"}], "needs": [{"node": "P", "item": "X", "required_share_bp": 6000, "sources": [{"node": "A", "share_bp": 5000}]}], "programmes": ["P"]}"#,
    r#"{"nodes": [{"id": "A"}], "needs": [{"node": "P", "item": "X", "sources": [{"node": "A", "active": false, "switch_days": 9}]}], "programmes": ["P"]}"#,
    r#"{"nodes": [{"id": "A"}, {"id": "B"}], "needs": [{"node": "P", "item": "X", "required_share_bp": 6000, "sources": [{"node": "A", "share_bp": 6000}, {"node": "B"}]}], "programmes": ["P"]}"#,
    r#"{"nodes": [{"id": "A"}], "needs": [{"node": "P", "item": "X", "sources": [{"node": "A"}, {"node": "A"}]}], "programmes": ["P"]}"#,
    r#"{"nodes": [{"id": "A"}], "shocks": [{"name": "flood", "probability": 2, "nodes": ["B"]}], "programmes": ["A"]}"#,
];

#[test]
fn a_wrong_file_is_refused_entry_by_entry() {
    let mut all = String::new();
    for network in WRONG {
        let answer = analyse(network, &[]);
        assert_eq!(answer.code, Some(1), "{network}");
        let _ = writeln!(all, "{network}\n{}", answer.stderr);
    }
    check_golden("analyse.txt", &all);
}

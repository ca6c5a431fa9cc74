//! A change as the one line that people read, and back from the store's JSON.

use super::{policy, scored};
use crate::{
    Change, Points, RuleChange, Standing, change,
    model::{Finding, Score, Severity, stored::ScoreJson},
};

const RULES: &str = "clearance = { gate = true }\ncyber-posture = {}\nsingle-source = {}";

fn score(answers: [&str; 3], attested: &[&str]) -> Score {
    let rules = ["clearance", "cyber-posture", "single-source"];
    let answers: Vec<_> = rules.into_iter().zip(answers.map(str::to_owned)).collect();
    scored(&policy(RULES), &answers, attested, Vec::new())
}

/// The change as a line, after the earlier score has been through the store and the change through JSON.
fn line(before: &Score, after: &Score) -> Option<String> {
    let json = String::from_utf8(before.to_bytes()).expect("JSON is text");
    let stored = Standing::from(ScoreJson::parse(&json).expect("a stored score"));
    assert_eq!(stored, Standing::from(before), "the store gives back what stood");
    let change = change(Some(&stored), after)?;
    let parts: i64 = change.rules.iter().map(RuleChange::moved_bp).sum();
    assert_eq!(change.moved_bp().unwrap_or(parts), parts, "the rules explain the movement exactly");
    let read: Change = serde_json::from_slice(&serde_json::to_vec(&change).expect("JSON")).expect("a change");
    assert_eq!(read, change);
    Some(change.to_string())
}

#[test]
fn a_change_says_what_why_and_by_which_attestation() {
    #[track_caller]
    fn check(before: ([&str; 3], &[&str]), after: ([&str; 3], &[&str]), expected: Option<&str>) {
        assert_eq!(line(&score(before.0, before.1), &score(after.0, after.1)).as_deref(), expected);
    }
    check((["0", "9000", "3000"], &["a"]), (["0", "9000", "3000"], &["a"]), None);
    check(
        (["0", "9000", "3000"], &["a"]),
        (["0", "0", "3000"], &["a", "b"]),
        Some("40.0 → 10.0 (−30.0): cyber-posture 90.0 → 0.0; +attestation 3e23e8160039"),
    );
    check(
        (["0", "0", "3000"], &["a"]),
        (["10000", "0", "3000"], &["b"]),
        Some(
            "10.0 → 90.0 (+80.0, low → high): clearance 0.0 → 100.0; +attestation 3e23e8160039; −attestation ca978112ca1b",
        ),
    );
    check(
        (["unknown", "0", "0"], &[]),
        (["0", "0", "1"], &["a"]),
        Some(
            "63.0 → 0.0 (−63.0, high → low): clearance unknown → 0.0; single-source 0.0 → 0.01; coverage 66.67 → 100.0 %; \
             +attestation ca978112ca1b",
        ),
    );
    check(
        (["0", "0", "0"], &[]),
        (["not-applicable", "not-applicable", "not-applicable"], &[]),
        Some(
            "0.0 → unrated (low → unrated): clearance 0.0 → not-applicable; cyber-posture 0.0 → not-applicable; \
             single-source 0.0 → not-applicable; coverage 100.0 → 0.0 %",
        ),
    );
    check(
        (["0", "0", "0"], &[]),
        (["0", "0", "0"], &["a", "b", "c", "d", "e"]),
        Some(
            "0.0 as before: +attestation 18ac3e7343f0; +attestation 2e7d2c03a950; +attestation 3e23e8160039; \
             2 more attestations",
        ),
    );
}

#[test]
fn a_first_score_is_a_change() {
    let first = change(None, &score(["0", "5000", "1000"], &["a"])).expect("a change");
    let expected =
        "first score 20.0 (low): cyber-posture 50.0; single-source 10.0; clearance 0.0; +attestation ca978112ca1b";
    assert_eq!(first.to_string(), expected);
    assert_eq!(first.before, None);
}

#[test]
fn another_policy_or_component_is_a_change() {
    let answers = [("a", "1000".to_owned())];
    let mut before =
        scored(&policy("a = {}\nb = {}"), &[answers[0].clone(), ("b", "1000".to_owned())], &[], Vec::new());
    let after_policy = policy("a = {}");
    let after = scored(&after_policy, &answers, &[], Vec::new());
    before.provenance.plugins[0].1 = after.provenance.policy;
    let expected = format!(
        "10.0 as before: b 10.0 → no longer run; component of a replaced; component of b replaced; policy {}",
        after_policy.digest().short()
    );
    assert_eq!(line(&before, &after), Some(expected));
}

#[test]
fn time_facts_and_findings_make_no_history_but_another_standing() {
    let before = score(["0", "0", "0"], &["a"]);
    let mut later = before.clone();
    later.as_of = later.as_of.plus_days(1);
    later.provenance.as_of = later.as_of;
    assert_eq!(Standing::from(&later), Standing::from(&before), "only time has passed");
    let crate::model::Outcome::Unknown(reason) = super::assessment("unknown").outcome else { unreachable!() };
    later.findings.push(Finding { reason, severity: Severity::Info, evidence: Vec::new(), due_on: None });
    assert_ne!(Standing::from(&later), Standing::from(&before));
    assert_eq!(line(&before, &later), None);
}

#[test]
fn points_are_exact() {
    let check = |risk_bp, shown: &str| assert_eq!(Points(risk_bp).to_string(), shown);
    check(0, "0.0");
    check(7, "0.07");
    check(6200, "62.0");
    check(6230, "62.3");
    check(6234, "62.34");
    check(10_000, "100.0");
}

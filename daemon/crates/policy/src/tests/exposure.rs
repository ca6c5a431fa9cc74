//! From a risk to a probability, and common shocks.

use super::{assessment, policy, rated};
use crate::{
    ExposurePolicy, Policy, ShockKind, Standing,
    model::{
        Assessment, Digest, Finding, Instant, Reason, Score, Severity, assessment::Message, score::Provenance,
        stored::ScoreJson,
    },
    score,
};

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
}

#[test]
fn between_two_points_lies_a_straight_line_and_beyond_them_nothing_new() {
    let exposure = ExposurePolicy::default();
    for (risk_bp, probability) in
        [(0, 0.005), (2500, 0.02), (3750, 0.035), (5000, 0.05), (6250, 0.1), (9000, 0.3), (10_000, 1.0)]
    {
        close(exposure.own_probability(Some(risk_bp)), probability);
    }
    close(exposure.own_probability(None), 0.05);
}

#[test]
fn a_policy_says_its_own_table_and_names_shocks() {
    let text = format!(
        "{}\n[exposure]\nhorizon_days = 90\nunrated_bp = 1000\ncorridor_bp = 20\n[[exposure.points]]\nrisk_bp = 2000\nprobability_bp = 100\n\
         [[exposure.points]]\nrisk_bp = 4000\nprobability_bp = 300\n[[exposure.shocks]]\nkind = 'corridor'\nname = 'M6'\nprobability_bp = 400\n",
        policy("clearance = {}").text()
    );
    let policy = Policy::parse("test.toml", &text).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    let exposure = policy.exposure();
    assert_eq!(exposure.horizon_days, 90);
    for (risk_bp, probability) in [(0, 0.01), (2000, 0.01), (3000, 0.02), (4000, 0.03), (9000, 0.03)] {
        close(exposure.own_probability(Some(risk_bp)), probability);
    }
    close(exposure.own_probability(None), 0.1);
    close(exposure.shock_probability(ShockKind::Corridor, "M6"), 0.04);
    close(exposure.shock_probability(ShockKind::Corridor, "A1"), 0.002);
    close(exposure.shock_probability(ShockKind::Region, "M6"), 0.005);
}

/// The policy of the tests with these lines below `[exposure]`.
fn exposing(rules: &str, exposure: &str) -> Policy {
    let text = format!("{}\n[exposure]\n{exposure}\n", policy(rules).text());
    Policy::parse("test.toml", &text).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

/// A rule, what it answers, and the codes of its findings.
type Answer<'a> = (&'a str, &'a str, &'a [&'a str]);

/// What `policy` makes of these answers.
fn standing(policy: &Policy, answers: &[Answer<'_>]) -> (Score, Standing) {
    let finding = |code: &&str| {
        let message = Message { code: (*code).to_owned(), text: "because".to_owned(), remedy: String::new() };
        let reason = Reason { message: message.into(), arguments: Vec::new() };
        Finding { reason, severity: Severity::High, evidence: Vec::new(), due_on: None }
    };
    let answer = |(rule, answer, codes): &Answer<'_>| {
        let found = codes.iter().map(finding).collect();
        ((*rule).into(), Assessment { findings: found, ..assessment(answer) })
    };
    let as_of = Instant::from_unix_seconds(1_780_000_000);
    let nothing = Digest::of(b"");
    let provenance = Provenance::new(Vec::new(), Vec::new(), nothing, Vec::new(), Vec::new(), policy.digest(), as_of);
    let score = score(policy, rated(), as_of, answers.iter().map(answer).collect(), Vec::new(), provenance);
    let json = String::from_utf8(score.to_bytes()).expect("JSON is text");
    let read = Standing::from(ScoreJson::parse(&json).expect("a stored score"));
    assert_eq!(read, Standing::from(&score), "read back from the store it is the same");
    (score, read)
}

#[test]
fn a_finding_can_make_a_disruption_certain() {
    let rules = "adverse-events = { gate = true }\nclearance = {}";
    let check = |policy: &Policy, found: &[&str], certain: &[&str], probability| {
        let (score, standing) = standing(policy, &[("adverse-events", "10000", found), ("clearance", "0", &[])]);
        assert_eq!(score.risk_bp, Some(9000));
        assert_eq!(score.certain, certain, "{found:?}");
        close(policy.own_probability(Some(&standing)), probability);
    };
    let default = policy(rules);
    check(&default, &["DISSOLVED"], &["adverse-events:DISSOLVED"], 1.0);
    check(&default, &["STATUS_LAPSED", "INSOLVENT"], &["adverse-events:INSOLVENT"], 1.0);
    check(&default, &["INCIDENT_OPEN"], &[], 0.3);
    let own = exposing(rules, "certain = ['adverse-events:INCIDENT_OPEN', 'clearance:FACILITY_WITHDRAWN']");
    check(&own, &["INCIDENT_OPEN", "INCIDENT_OPEN"], &["adverse-events:INCIDENT_OPEN"], 1.0);
    check(&own, &["DISSOLVED"], &[], 0.3);
    check(&exposing(rules, "certain = []"), &["DISSOLVED"], &[], 0.3);
    // The code counts only for its own rule, whatever the rule's outcome is.
    let (score, _) = standing(&default, &[("adverse-events", "0", &[]), ("clearance", "0", &["DISSOLVED"])]);
    assert!(score.certain.is_empty());
    let (score, gone) = standing(&default, &[("adverse-events", "unknown", &["DISSOLVED"])]);
    assert_eq!(score.certain, ["adverse-events:DISSOLVED"]);
    close(default.own_probability(Some(&gone)), 1.0);
    assert!(!String::from_utf8(standing(&default, &[]).0.to_bytes()).expect("JSON").contains("certain"));
}

#[test]
fn a_place_that_the_shocks_count_does_not_raise_the_own_probability() {
    let rules = "clearance = { gate = true }\ncyber-posture = { weight = 3 }\ngeography = { weight = 2 }";
    let check = |policy: &Policy, answers: &[Answer<'_>], risk_bp, probability| {
        let (score, standing) = standing(policy, answers);
        assert_eq!(score.risk_bp, risk_bp);
        close(policy.own_probability(Some(&standing)), probability);
    };
    let default = policy(rules);
    let scattered: [Answer<'_>; 3] = [("clearance", "0", &[]), ("cyber-posture", "5000", &[]), ("geography", "0", &[])];
    let one_place: [Answer<'_>; 3] =
        [("clearance", "0", &[]), ("cyber-posture", "5000", &[]), ("geography", "8000", &[])];
    // 3750 without the place, with it 2500 or 5167.
    check(&default, &scattered, Some(2500), 0.035);
    check(&default, &one_place, Some(5167), 0.035);
    let counted = exposing(rules, "counted_as_shocks = []");
    check(&counted, &scattered, Some(2500), 0.02);
    // A gate holds with and without.
    let gate: [Answer<'_>; 3] = [("clearance", "10000", &[]), ("cyber-posture", "0", &[]), ("geography", "8000", &[])];
    check(&default, &gate, Some(9000), 0.3);
    // Where only the place is known, nothing makes the organisation fail by itself.
    check(
        &default,
        &[("geography", "8000", &[]), ("clearance", "not-applicable", &[]), ("cyber-posture", "not-applicable", &[])],
        Some(8000),
        0.05,
    );
    close(default.own_probability(None), 0.05);
}

/// A shock strikes what attestations name, however the policy writes it.
#[test]
fn a_shock_is_named_as_attestations_are_spelled() {
    let parse = |kind: &str, name: &str| {
        let shock = format!("[[exposure.shocks]]\nkind = '{kind}'\nname = '{name}'\nprobability_bp = 400\n");
        Policy::parse("test.toml", &format!("{}\n{shock}", policy("clearance = {}").text()))
    };
    for (kind, written, spelled) in [
        (ShockKind::Country, "China", "CN"),
        (ShockKind::Country, "uk", "GB"),
        (ShockKind::Parent, "gb-coh:6", "GB-COH:00000006"),
        (ShockKind::Parent, "NL-KVK:12345678", "NL-KVK:12345678"),
        (ShockKind::Parent, "The Smith family", "The Smith family"),
        (ShockKind::Region, "China", "China"),
    ] {
        let policy = parse(kind.as_str(), written).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
        close(policy.exposure().shock_probability(kind, spelled), 0.04);
    }
    for (kind, written) in [("country", "Atlantis"), ("parent", "GB-COH:QQ1"), ("parent", "GB-COH 6")] {
        let refused = parse(kind, written).expect_err(written).to_string();
        assert!(refused.contains("= help: "), "{refused}");
    }
}

//! The composite: max(weighted mean of the rules that apply, 0.9 × the worst gate).

use super::{parts, policy, scored};

/// `(rule, its keys in the policy, what it answers)`.
type Row<'a> = &'a [(&'a str, &'a str, &'a str)];

#[track_caller]
fn check(rows: Row<'_>, risk_bp: Option<u32>, contributions: &[u32], coverage_bp: u32, confidence_bp: u32) {
    let rules: Vec<String> = rows.iter().map(|(rule, keys, _)| format!("{rule} = {{ {keys} }}")).collect();
    let answers: Vec<_> = rows.iter().map(|(rule, _, answer)| (*rule, (*answer).to_owned())).collect();
    let score = scored(&policy(&rules.join("\n")), &answers, &[], Vec::new());
    assert_eq!(score.risk_bp, risk_bp, "{rows:?}");
    assert_eq!(parts(&score), contributions, "{rows:?}");
    assert_eq!((score.coverage_bp, score.confidence_bp), (coverage_bp, confidence_bp), "{rows:?}");
}

const GATE: &str = "gate = true";

#[test]
fn a_gate_is_a_floor() {
    check(&[("a", "", "0"), ("b", "", "0"), ("c", GATE, "10000")], Some(9000), &[0, 0, 9000], 10_000, 7500);
    // Without the gate: 3333, not 9000.
    check(&[("a", "", "0"), ("b", "", "0"), ("c", "", "10000")], Some(3333), &[0, 0, 3333], 10_000, 7500);
    // The mean is above the floor.
    check(
        &[("a", "", "10000"), ("b", "", "10000"), ("c", GATE, "9000")],
        Some(9667),
        &[3334, 3333, 3000],
        10_000,
        7500,
    );
    // The worst of two gates is lifted; of two equal ones the first by name.
    check(&[("a", GATE, "2000"), ("b", GATE, "8000"), ("c", "", "0")], Some(7200), &[667, 6533, 0], 10_000, 7500);
    check(&[("a", "", "0"), ("b", GATE, "8000"), ("c", GATE, "8000")], Some(7200), &[0, 4534, 2666], 10_000, 7500);
    // A gate that does not apply is no gate.
    check(
        &[("a", "", "1000"), ("b", "", "2000"), ("c", GATE, "not-applicable")],
        Some(1500),
        &[500, 1000, 0],
        10_000,
        7500,
    );
}

#[test]
fn what_is_not_known_counts_as_assumed_and_lowers_coverage() {
    for answer in ["unknown", "failed", "invalid"] {
        check(&[("a", "", "0"), ("b", "", "0"), ("c", "", answer)], Some(2333), &[0, 0, 2333], 6667, 5000);
        check(&[("a", "weight = 3", "0"), ("c", "", answer)], Some(1750), &[0, 1750], 7500, 5625);
        // It gates too: withholding a clearance must not be better than showing a bad one.
        check(&[("a", "", "0"), ("b", "", "0"), ("c", GATE, answer)], Some(6300), &[0, 0, 6300], 6667, 5000);
        check(&[("a", "", answer)], Some(7000), &[7000], 0, 0);
    }
    check(&[("a", "", "not-applicable"), ("b", "", "not-applicable")], None, &[0, 0], 0, 0);
    check(&[("a", "", "not-applicable"), ("b", "", "4000")], Some(4000), &[0, 4000], 10_000, 7500);
}

#[test]
fn the_mean_is_weighted_and_rounded_half_up_once() {
    check(&[("a", "weight = 3", "1000"), ("b", "weight = 1", "5000")], Some(2000), &[750, 1250], 10_000, 7500);
    check(&[("a", "", "1"), ("b", "", "0")], Some(1), &[1, 0], 10_000, 7500);
    check(&[("a", "", "1"), ("b", "", "0"), ("c", "", "0")], Some(0), &[0, 0, 0], 10_000, 7500);
    // Equal remainders: the missing basis point goes to the first by name.
    check(&[("a", "", "1"), ("b", "", "1"), ("c", "", "0")], Some(1), &[1, 0, 0], 10_000, 7500);
    check(
        &[("a", "", "10000"), ("b", "", "10000"), ("c", "", "10000")],
        Some(10_000),
        &[3334, 3333, 3333],
        10_000,
        7500,
    );
}

#[test]
fn a_rule_that_gave_no_answer_has_failed() {
    let policy = policy("a = {}\nb = { enabled = false }\nc = {}");
    let answers = [("c", "1000".to_owned()), ("b", "9000".to_owned()), ("zzz", "9000".to_owned())];
    let score = scored(&policy, &answers, &[], Vec::new());
    let outcomes: Vec<_> = score.contributions.iter().map(|part| (&*part.rule, part.outcome.as_str())).collect();
    assert_eq!(outcomes, [("a", "failed"), ("c", "scored")]);
    assert_eq!(score.risk_bp, Some(4000));
}

#[test]
fn bands_hold_their_lowest_risk() {
    let policy = policy("a = {}");
    let check = |risk_bp, band| assert_eq!(&*policy.band(risk_bp), band, "{risk_bp:?}");
    check(None, "unrated");
    check(Some(0), "low");
    check(Some(4999), "low");
    check(Some(5000), "high");
    check(Some(10_000), "high");
}

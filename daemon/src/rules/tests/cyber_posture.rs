//! RULES.md, rule 1.

use super::harness::{Row, check, cyber_level, rule};
use serde_json::{Value, json};

fn certificate(kind: &str, valid_from: &str) -> Value {
    json!({"kind": kind, "valid_from": valid_from, "claims": {"certificate": "C-1", "whole_organisation": true}})
}

fn ce(valid_from: &str) -> Value {
    certificate("cyber.ce", valid_from)
}

fn plus(valid_from: &str) -> Value {
    certificate("cyber.ceplus", valid_from)
}

fn until(mut attestation: Value, valid_until: &str) -> Value {
    attestation["valid_until"] = valid_until.into();
    attestation
}

fn trusted(mut attestation: Value, trust: &str) -> Value {
    attestation["trust"] = trust.into();
    attestation
}

fn dcc(level: u8, valid_from: &str, attested_on: &str) -> Value {
    json!({"kind": "cyber.dcc", "valid_from": valid_from, "trust": "authority",
        "claims": {"level": level, "attested_on": attested_on}})
}

fn saq(level: u8, gaps: u32, valid_from: &str) -> Value {
    json!({"kind": "cyber.saq", "valid_from": valid_from, "trust": "self", "claims": {"level": level, "gaps": gaps}})
}

fn cip(accepted: bool, due_on: &str) -> Value {
    json!({"kind": "cyber.cip", "valid_from": "2026-01-01", "claims": {"accepted": accepted, "due_on": due_on}})
}

fn scoped(entity: &str) -> Value {
    json!({"kind": "cyber.ce", "valid_from": "2025-12-01",
        "claims": {"certificate": "C-2", "whole_organisation": false, "entities": [entity]}})
}

fn row(case: &'static str, required: u8, evidence: Vec<Value>, as_of: &'static str, expected: &'static str) -> Row {
    Row { case, facts: cyber_level(required), evidence, as_of, expected }
}

#[test]
fn the_table() {
    let certified = || dcc(2, "2025-12-10", "2025-12-10");
    let lapsed_plus = |last_day: &str| until(plus("2025-12-05"), last_day);
    check(
        &rule("cyber-posture", &json!({})),
        &[
            row(
                "R2; DCC 2, attested, CE Plus valid",
                2,
                vec![certified(), plus("2025-12-05")],
                "2026-05-09",
                "scored 0 7500",
            ),
            row(
                "the same, CE Plus lapsed 1 day",
                2,
                vec![certified(), lapsed_plus("2026-05-08")],
                "2026-05-09",
                "scored 8000 7500 CE_PLUS_LAPSED<1 due 2026-06-07",
            ),
            row(
                "the same, lapsed 30 days",
                2,
                vec![certified(), lapsed_plus("2026-04-09")],
                "2026-05-09",
                "scored 8000 7500 CE_PLUS_LAPSED<1 due 2026-05-09",
            ),
            row(
                "the same, lapsed 31 days",
                2,
                vec![certified(), lapsed_plus("2026-04-08")],
                "2026-05-09",
                "scored 9000 7500 CE_PLUS_LAPSED<1 due 2026-05-09",
            ),
            row("R2; CE only", 2, vec![ce("2025-12-01")], "2026-05-09", "scored 7000 7500 CE_PLUS_MISSING<1"),
            row("R1; CE only", 1, vec![ce("2025-12-01")], "2026-05-09", "scored 6000 7500 BASE_ONLY<1"),
            row(
                "CE Plus on the last day of its window",
                2,
                vec![ce("2025-11-30"), plus("2026-02-28")],
                "2026-05-09",
                "scored 6000 7500 BASE_ONLY<1",
            ),
            row(
                "CE Plus a day after its window",
                2,
                vec![ce("2025-11-30"), plus("2026-03-01")],
                "2026-05-09",
                "scored 7000 7500 CEP_WINDOW<2 CE_PLUS_MISSING<1",
            ),
            row(
                "CE on its last day",
                1,
                vec![ce("2025-05-10")],
                "2026-05-09",
                "scored 6000 7500 CE_DUE<1 due 2026-05-09 BASE_ONLY<1",
            ),
            row(
                "CE in its last second",
                1,
                vec![ce("2025-05-10")],
                "2026-05-09T23:59:59Z",
                "scored 6000 7500 CE_DUE<1 due 2026-05-09 BASE_ONLY<1",
            ),
            row("CE lapsed", 1, vec![ce("2025-05-10")], "2026-05-10", "scored 8000 7500 CE_LAPSED<1 due 2026-06-08"),
            row(
                "the organisation is out of scope",
                1,
                vec![scoped("GB-COH:00000002")],
                "2026-05-09",
                "unknown NO_EVIDENCE SCOPE<1",
            ),
            row("nothing at all", 2, vec![], "2026-05-09", "unknown NO_EVIDENCE"),
        ],
    );
}

#[test]
fn what_the_table_leaves_open() {
    let base = || ce("2025-12-01");
    let nothing_required = Row {
        facts: json!({}),
        ..row("nothing is required", 0, vec![base()], "2026-05-09", "not-applicable NOTHING_REQUIRED")
    };
    check(
        &rule("cyber-posture", &json!({})),
        &[
            nothing_required,
            row(
                "the yearly attestation is overdue",
                1,
                vec![base(), dcc(1, "2025-05-09", "2025-05-09")],
                "2026-05-09",
                "scored 2000 7500 DCC_OVERDUE<1 due 2026-05-09",
            ),
            row(
                "attested on the day before",
                1,
                vec![base(), dcc(1, "2025-05-10", "2025-05-10")],
                "2026-05-09",
                "scored 0 7500",
            ),
            row(
                "DCC after 36 months",
                1,
                vec![base(), dcc(1, "2023-05-09", "2026-01-01")],
                "2026-05-09",
                "scored 6000 7500 BASE_ONLY<1",
            ),
            row(
                "DCC below the level",
                1,
                vec![base(), dcc(0, "2025-06-01", "2025-06-01")],
                "2026-05-09",
                "scored 6000 7500 BASE_ONLY<1",
            ),
            row(
                "SAQ at the level",
                1,
                vec![base(), saq(1, 0, "2025-05-10")],
                "2026-05-09",
                "scored 2500 4000 DCC_MISSING<1",
            ),
            row(
                "SAQ after 12 months",
                1,
                vec![base(), saq(1, 0, "2025-05-09")],
                "2026-05-09",
                "scored 6000 7500 BASE_ONLY<1",
            ),
            row(
                "SAQ with gaps, no plan",
                1,
                vec![base(), saq(1, 3, "2026-01-01")],
                "2026-05-09",
                "scored 6000 7500 BASE_ONLY<2",
            ),
            row(
                "SAQ with gaps, plan accepted, its last day",
                1,
                vec![base(), saq(1, 3, "2026-01-01"), cip(true, "2026-05-09")],
                "2026-05-09",
                "scored 5000 4000 SHORTFALL<2 due 2026-05-09",
            ),
            row(
                "plan past its date",
                1,
                vec![base(), saq(0, 0, "2026-01-01"), cip(true, "2026-05-08")],
                "2026-05-09",
                "scored 6000 7500 BASE_ONLY<2",
            ),
            row(
                "plan not accepted",
                1,
                vec![base(), saq(0, 0, "2026-01-01"), cip(false, "2026-12-31")],
                "2026-05-09",
                "scored 6000 7500 BASE_ONLY<2",
            ),
            row(
                "SAQ without a certificate",
                1,
                vec![saq(1, 0, "2026-01-01")],
                "2026-05-09",
                "scored 9000 4000 CE_MISSING",
            ),
            row(
                "DCC without a certificate",
                2,
                vec![dcc(2, "2026-01-01", "2026-01-01")],
                "2026-05-09",
                "scored 9000 9500 CE_PLUS_NONE",
            ),
            row("a CE Plus is also a CE", 0, vec![plus("2025-12-01")], "2026-05-09", "scored 6000 7500 BASE_ONLY<1"),
            row(
                "a certificate that names an alias",
                1,
                vec![scoped("CAGE:ACME1")],
                "2026-05-09",
                "scored 6000 7500 BASE_ONLY<1",
            ),
            row("not started", 1, vec![ce("2026-05-10")], "2026-05-09", "unknown NO_EVIDENCE"),
            row(
                "a renewal in evidence",
                1,
                vec![ce("2025-06-01"), ce("2026-05-31")],
                "2026-05-09",
                "scored 6000 7500 BASE_ONLY<1",
            ),
            row(
                "a certificate from a leap day",
                1,
                vec![ce("2024-02-29")],
                "2025-02-27",
                "scored 6000 7500 CE_DUE<1 due 2025-02-27 BASE_ONLY<1",
            ),
            row(
                "a year after a leap day",
                1,
                vec![ce("2024-02-29")],
                "2025-02-28",
                "scored 8000 7500 CE_LAPSED<1 due 2025-03-29",
            ),
            row(
                "attested on a day to come",
                1,
                vec![base(), dcc(1, "2026-01-01", "2026-05-10")],
                "2026-05-09",
                "invalid ATTESTED_AHEAD ATTESTED_AHEAD<1",
            ),
            row(
                "the weakest trust counts",
                2,
                vec![trusted(plus("2025-12-05"), "unsigned"), dcc(2, "2025-12-10", "2025-12-10")],
                "2026-05-09",
                "scored 0 1000",
            ),
        ],
    );
}

#[test]
fn a_policy_sets_parameters() {
    let parameters = json!({"grace_days": 0, "just_lapsed_bp": 8500, "nothing_bp": 9900});
    check(
        &rule("cyber-posture", &parameters),
        &[row("no grace", 1, vec![ce("2025-05-10")], "2026-05-10", "scored 9900 7500 CE_LAPSED<1 due 2026-05-10")],
    );
}

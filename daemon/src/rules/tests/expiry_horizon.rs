//! RULES.md, rule 7.

use super::harness::{Row, check, cyber_level, rule};
use serde_json::{Value, json};

/// A certificate of a year that ends on this last day.
fn certificate(kind: &str, last_day: &str) -> Value {
    json!({"kind": kind, "valid_from": "2026-01-01", "valid_until": last_day,
        "claims": {"certificate": "C-1", "whole_organisation": true}})
}

/// One that is issued and starts later.
fn next(kind: &str, trust: &str) -> Value {
    json!({"kind": kind, "issued_at": "2026-05-01", "valid_from": "2026-05-10", "trust": trust,
        "claims": {"certificate": "C-2", "whole_organisation": true}})
}

fn facility(status: &str, sponsor_until: Option<&str>) -> Value {
    json!({"kind": "clearance.facility", "trust": "authority",
        "claims": {"nation": "GB", "level": "secret", "status": status, "sponsor_until": sponsor_until}})
}

fn row(case: &'static str, facts: Value, evidence: Vec<Value>, expected: &'static str) -> Row {
    Row { case, facts, evidence, as_of: "2026-05-09", expected }
}

/// Level 2, which asks for Cyber Essentials Plus: L is 90.
fn plus(case: &'static str, last_day: &str, expected: &'static str) -> Row {
    row(case, cyber_level(2), vec![certificate("cyber.ceplus", last_day)], expected)
}

#[test]
fn the_table() {
    check(
        &rule("expiry-horizon", &json!({})),
        &[
            plus("d = 90", "2026-08-07", "scored 0 7500"),
            plus("d = 89", "2026-08-06", "scored 89 7500 LAPSES<1 due 2026-08-06"),
            plus("d = 45", "2026-06-23", "scored 4000 7500 LAPSES<1 due 2026-06-23"),
            plus("d = 0", "2026-05-09", "scored 8000 7500 LAPSES<1 due 2026-05-09"),
            plus("d = −1", "2026-05-08", "scored 9000 7500 LAPSED<1"),
            row(
                "d = 0 with a renewal in evidence",
                cyber_level(2),
                vec![certificate("cyber.ceplus", "2026-05-09"), next("cyber.ceplus", "third-party")],
                "scored 4000 7500 RENEWED<1",
            ),
            row("no expiry known", cyber_level(2), vec![], "unknown NO_EXPIRY"),
        ],
    );
}

#[test]
fn certificates() {
    let without_end = json!({"kind": "cyber.ce", "valid_from": "2025-06-08",
        "claims": {"certificate": "C-1", "whole_organisation": true}});
    check(
        &rule("expiry-horizon", &json!({})),
        &[
            row(
                "nothing required",
                json!({}),
                vec![certificate("cyber.ce", "2026-05-09")],
                "not-applicable NOTHING_REQUIRED",
            ),
            row(
                "Cyber Essentials, d = 29, L = 30",
                cyber_level(1),
                vec![certificate("cyber.ce", "2026-06-07")],
                "scored 267 7500 LAPSES<1 due 2026-06-07",
            ),
            row(
                "d = 29 by the scheme's year",
                cyber_level(1),
                vec![without_end],
                "scored 267 7500 LAPSES<1 due 2026-06-07",
            ),
            row(
                "a Plus that lasts serves level 1 too",
                cyber_level(1),
                vec![certificate("cyber.ce", "2026-05-09"), certificate("cyber.ceplus", "2026-12-01")],
                "scored 0 7500",
            ),
            row(
                "Cyber Essentials serves no level 2",
                cyber_level(2),
                vec![certificate("cyber.ce", "2026-12-01")],
                "unknown NO_EXPIRY",
            ),
            row(
                "a renewal by its own word",
                cyber_level(2),
                vec![certificate("cyber.ceplus", "2026-05-09"), next("cyber.ceplus", "self")],
                "scored 8000 7500 LAPSES<1 due 2026-05-09",
            ),
            row(
                "a renewal does not mend what has lapsed",
                cyber_level(2),
                vec![certificate("cyber.ceplus", "2026-05-08"), next("cyber.ceplus", "third-party")],
                "scored 9000 7500 LAPSED<1",
            ),
        ],
    );
}

#[test]
fn other_credentials() {
    let cleared = || json!({"requirement": {"clearances": [{"level": "GB:SC", "headcount": 4}]}});
    let level_2 = || json!({"requirement": {"cmmc_level": 2}});
    let cmmc = |status: &str, status_on: &str| json!({"kind": "cyber.cmmc", "claims": {"level": 2, "status": status, "status_on": status_on}});
    let dcc =
        json!({"kind": "cyber.dcc", "valid_from": "2023-08-07", "claims": {"level": 2, "attested_on": "2026-01-01"}});
    check(
        &rule("expiry-horizon", &json!({})),
        &[
            row(
                "the certification, d = 89, L = 180",
                cyber_level(2),
                vec![certificate("cyber.ceplus", "2026-12-31"), dcc],
                "scored 4044 7500 LAPSES<1 due 2026-08-06",
            ),
            row(
                "a sponsorship, d = 135, L = 270",
                cleared(),
                vec![facility("full", Some("2026-09-21"))],
                "scored 4000 9500 LAPSES<1 due 2026-09-21",
            ),
            row(
                "a clearance that is withdrawn",
                cleared(),
                vec![facility("withdrawn", Some("2026-09-21"))],
                "unknown NO_EXPIRY",
            ),
            row("a clearance without an end", cleared(), vec![facility("full", None)], "unknown NO_EXPIRY"),
            row(
                "Conditional CMMC, d = 135",
                level_2(),
                vec![cmmc("conditional", "2026-03-25")],
                "scored 4000 7500 LAPSES<1 due 2026-09-21",
            ),
            row("Final CMMC, two years left", level_2(), vec![cmmc("final", "2025-05-10")], "scored 0 7500"),
            row(
                "the worst counts",
                json!({"requirement": {"cyber_level": 2, "clearances": [{"level": "GB:SC", "headcount": 4}]}}),
                vec![certificate("cyber.ceplus", "2026-06-23"), facility("full", Some("2026-05-08"))],
                "scored 9000 7500 LAPSES<1 due 2026-06-23 LAPSED<1",
            ),
        ],
    );
}

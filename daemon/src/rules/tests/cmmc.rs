//! RULES.md, rule 4.

use super::harness::{Row, check, rule};
use serde_json::{Value, json};

fn sprs(score: i32) -> Value {
    json!({"kind": "cyber.sprs", "trust": "self", "claims": {"score": score, "assessed_on": "2026-01-10", "ssp": true}})
}

fn status(level: u8, status: &str, status_on: &str, poam: &Value) -> Value {
    json!({"kind": "cyber.cmmc", "trust": "authority",
        "claims": {"level": level, "status": status, "status_on": status_on, "poam": poam}})
}

fn conditional(poam: &Value) -> Value {
    status(2, "conditional", "2026-01-01", poam)
}

fn affirmed(level: u8, status_on: &str, affirmed_on: &str) -> Value {
    let mut status = status(level, "final", status_on, &json!([]));
    status["claims"]["affirmed_on"] = affirmed_on.into();
    status
}

fn row(case: &'static str, level: Option<u8>, evidence: Vec<Value>, expected: &'static str) -> Row {
    Row { case, facts: json!({"requirement": {"cmmc_level": level}}), evidence, as_of: "2026-05-09", expected }
}

fn at(as_of: &'static str, row: Row) -> Row {
    Row { as_of, ..row }
}

#[test]
fn the_table_of_scores() {
    let without_plan = {
        let mut without = sprs(100);
        without["claims"]["ssp"] = false.into();
        without
    };
    check(
        &rule("cmmc", &json!({})),
        &[
            row("score 110", None, vec![sprs(110)], "scored 0 4000"),
            row("score 109", None, vec![sprs(109)], "scored 1091 4000"),
            row("score 99", None, vec![sprs(99)], "scored 2000 4000"),
            row("score 88", None, vec![sprs(88)], "scored 3000 4000"),
            row("score 87", None, vec![sprs(87)], "scored 5017 4000 SCORE_LOW<1"),
            row("score 0", None, vec![sprs(0)], "scored 6512 4000 SCORE_LOW<1"),
            row("score −203", None, vec![sprs(-203)], "scored 10000 4000 SCORE_LOW<1"),
            row("score 111", None, vec![sprs(111)], "invalid IMPOSSIBLE_SCORE IMPOSSIBLE_SCORE<1"),
            row("score −204", None, vec![sprs(-204)], "invalid IMPOSSIBLE_SCORE IMPOSSIBLE_SCORE<1"),
            row("no system security plan", None, vec![without_plan], "invalid NO_SECURITY_PLAN NO_SECURITY_PLAN<1"),
        ],
    );
}

#[test]
fn the_table_of_statuses_and_plans() {
    let plan = |requirement: &str, points: u8| json!([{"requirement": requirement, "points": points}]);
    let planned = |requirement, points, score| vec![conditional(&plan(requirement, points)), sprs(score)];
    check(
        &rule("cmmc", &json!({})),
        &[
            at(
                "2026-06-30",
                row(
                    "Conditional from 2026-01-01 on its last day",
                    Some(2),
                    planned("3.4.7", 1, 100),
                    "scored 3000 9500 CONDITIONAL<1 due 2026-06-30",
                ),
            ),
            at(
                "2026-07-01",
                row(
                    "Conditional from 2026-01-01 a day later",
                    Some(2),
                    planned("3.4.7", 1, 100),
                    "scored 5000 4000 STATUS_LAPSED<1 SCORE_ONLY<1",
                ),
            ),
            row(
                "the plan holds 3.13.11 at 3 points",
                Some(2),
                planned("3.13.11", 3, 100),
                "scored 3000 9500 CONDITIONAL<1 due 2026-06-30",
            ),
            row(
                "the plan holds 3.12.4",
                Some(2),
                planned("3.12.4", 1, 100),
                "scored 5000 4000 PLAN_INELIGIBLE<1 SCORE_ONLY<1",
            ),
            row(
                "the plan holds 3.10.3",
                Some(2),
                planned("3.10.3", 1, 100),
                "scored 5000 4000 PLAN_INELIGIBLE<1 SCORE_ONLY<1",
            ),
            row(
                "the plan holds 3.5.3 at 3 points",
                Some(2),
                planned("3.5.3", 3, 100),
                "scored 5000 4000 PLAN_INELIGIBLE<1 SCORE_ONLY<1",
            ),
            row(
                "score 87 with a plan",
                Some(2),
                planned("3.4.7", 1, 87),
                "scored 5017 4000 PLAN_INELIGIBLE<1 SCORE_ONLY<1 SCORE_LOW<1",
            ),
        ],
    );
}

#[test]
fn how_long_a_final_status_is_current() {
    let no_plan = json!([]);
    check(
        &rule("cmmc", &json!({})),
        &[
            row("nothing required, nothing there", None, vec![], "not-applicable NOTHING_REQUIRED"),
            row("required and nothing there", Some(2), vec![], "unknown NO_EVIDENCE"),
            row("Final and affirmed", Some(2), vec![affirmed(2, "2024-06-01", "2025-06-01")], "scored 0 9500"),
            row("a higher level", Some(1), vec![affirmed(3, "2024-06-01", "2025-06-01")], "scored 0 9500"),
            row("affirmed a year ago", Some(2), vec![affirmed(2, "2024-06-01", "2025-05-09")], "scored 0 9500"),
            row(
                "affirmed over a year ago",
                Some(2),
                vec![affirmed(2, "2024-06-01", "2025-05-08")],
                "scored 6000 9500 AFFIRMATION_OVERDUE<1 due 2026-05-08",
            ),
            row(
                "Final level 2, three years less a day",
                Some(2),
                vec![affirmed(2, "2023-05-10", "2026-01-01")],
                "scored 0 9500",
            ),
            row(
                "Final level 2, three years",
                Some(2),
                vec![affirmed(2, "2023-05-09", "2026-01-01"), sprs(110)],
                "scored 5000 4000 STATUS_LAPSED<1 SCORE_ONLY<1",
            ),
            row(
                "Final level 1, a year less a day",
                Some(1),
                vec![status(1, "final", "2025-05-10", &no_plan)],
                "scored 0 9500",
            ),
            row(
                "Final level 1, a year",
                Some(1),
                vec![status(1, "final", "2025-05-09", &no_plan)],
                "scored 9000 9500 STATUS_LAPSED<1 NO_SCORE",
            ),
        ],
    );
}

#[test]
fn what_the_table_leaves_open() {
    let no_plan = json!([]);
    let assessed_on = |on: &str| {
        let mut sprs = sprs(110);
        sprs["claims"]["assessed_on"] = on.into();
        sprs
    };
    check(
        &rule("cmmc", &json!({})),
        &[
            row(
                "below the level",
                Some(3),
                vec![affirmed(2, "2025-06-01", "2025-06-01"), sprs(110)],
                "scored 5000 4000 LEVEL_SHORT<1 SCORE_ONLY<1",
            ),
            row(
                "Conditional without a score",
                Some(2),
                vec![conditional(&no_plan)],
                "scored 9000 9500 PLAN_INELIGIBLE<1 NO_SCORE",
            ),
            row(
                "Conditional level 1",
                Some(1),
                vec![status(1, "conditional", "2026-04-01", &no_plan), sprs(110)],
                "scored 5000 4000 PLAN_INELIGIBLE<1 SCORE_ONLY<1",
            ),
            row("a score of three years", None, vec![assessed_on("2023-05-09")], "scored 0 4000"),
            row("an older score", None, vec![assessed_on("2023-05-08")], "scored 9000 4000 NO_SCORE"),
            row(
                "a status of tomorrow",
                Some(2),
                vec![status(2, "final", "2026-05-10", &no_plan)],
                "invalid AHEAD AHEAD<1",
            ),
            row("at 50 only a status helps", Some(2), vec![sprs(110)], "scored 5000 4000 SCORE_ONLY<1"),
        ],
    );
}

//! RULES.md, rule 9.

use super::harness::{Row, check, rule};
use serde_json::{Value, json};

const AS_OF: &str = "2026-05-09";

/// A plan that was tested in time.
fn plan(recover_days: u32, trust: &str) -> Value {
    json!({"kind": "continuity.recovery", "trust": trust,
        "claims": {"recover_days": recover_days, "tested_on": "2026-01-10"}})
}

fn assessed(recover_days: u32) -> Value {
    plan(recover_days, "third-party")
}

/// It alone stops each of these programmes after so many days.
fn stops(programmes: &[(&str, u32)]) -> Value {
    let loss = |(programme, survive_days): &(&str, u32)| json!({"programme": programme, "hidden": true, "criticality": 4, "survive_days": survive_days, "down_days": null});
    let losses: Vec<Value> = programmes.iter().map(loss).collect();
    let survive_days = programmes.iter().map(|(_, days)| *days).min();
    let reached: Vec<&str> = programmes.iter().map(|(name, _)| *name).collect();
    json!({"impact": {"single_point_of": losses, "survive_days": survive_days}, "requirement": {"programmes": reached}})
}

fn row(case: &'static str, survive_days: u32, evidence: Vec<Value>, expected: &'static str) -> Row {
    Row { case, facts: stops(&[("PROGRAMME:P", survive_days)]), evidence, as_of: AS_OF, expected }
}

#[test]
fn the_table() {
    let own = |recover_days| plan(recover_days, "self");
    check(
        &rule("recovery", &json!({})),
        &[
            row("assessed TTR 30: TTS 39", 39, vec![assessed(30)], "scored 0 7500"),
            row("TTS 38", 38, vec![assessed(30)], "scored 2000 7500 THIN_MARGIN<1"),
            row("TTS 30", 30, vec![assessed(30)], "scored 2000 7500 THIN_MARGIN<1"),
            row("TTS 29", 29, vec![assessed(30)], "scored 4200 7500 TOO_SLOW<1"),
            row("TTS 0", 0, vec![assessed(30)], "scored 10000 7500 TOO_SLOW<1"),
            row("self-asserted TTR 30: TTS 39", 39, vec![own(30)], "scored 2000 4000 THIN_MARGIN<1 OWN_WORD<1"),
            row("self-asserted TTR 30: TTS 50", 50, vec![own(30)], "scored 2000 4000 THIN_MARGIN<1 OWN_WORD<1"),
            row("self-asserted TTR 30: TTS 51", 51, vec![own(30)], "scored 0 4000 OWN_WORD<1"),
            Row { facts: json!({}), ..row("TTS not known", 0, vec![assessed(30)], "unknown SURVIVAL_NOT_KNOWN") },
        ],
    );
}

#[test]
fn what_the_table_leaves_open() {
    let with = |mut plan: Value, field: &str, to: &str| {
        plan[field] = to.into();
        plan
    };
    let tested_on = |on: &str| {
        let mut plan = assessed(30);
        plan["claims"]["tested_on"] = on.into();
        plan
    };
    let reaches = || json!({"requirement": {"programmes": ["PROGRAMME:P"]}});
    let buyers = || json!({"impact": {"buyers": 2}});
    let never_tested = json!({"kind": "continuity.recovery", "claims": {"recover_days": 30}});
    let of_item = json!({"kind": "continuity.recovery",
        "claims": {"item": "forged ring", "recover_days": 10, "tested_on": "2026-01-10"}});
    check(
        &rule("recovery", &json!({})),
        &[
            row("a TTR of 0", 0, vec![assessed(0)], "scored 0 7500"),
            row("a TTR of 0 by its own word", 0, vec![plan(0, "self")], "scored 0 4000"),
            row("no plan", 12, vec![], "unknown NO_PLAN"),
            Row { facts: reaches(), ..row("nobody stops", 0, vec![assessed(30)], "not-applicable NOT_ALONE") },
            Row { facts: reaches(), ..row("nobody stops, no plan", 0, vec![], "not-applicable NOT_ALONE") },
            Row { facts: json!({}), ..row("nothing at all", 0, vec![], "not-applicable NOTHING_REQUIRED") },
            Row {
                facts: buyers(),
                ..row("buyers and no programme", 0, vec![assessed(30)], "not-applicable NO_PROGRAMME")
            },
            Row { facts: buyers(), ..row("the same without a plan", 0, vec![], "not-applicable NO_PROGRAMME") },
            row("unsigned", 50, vec![plan(30, "unsigned")], "scored 2000 1000 THIN_MARGIN<1 OWN_WORD<1"),
            row("the longest plan counts", 29, vec![of_item, assessed(30)], "scored 4200 7500 TOO_SLOW<1"),
            Row {
                facts: stops(&[("PROGRAMME:Q", 100), ("PROGRAMME:P", 35), ("PROGRAMME:R", 15)]),
                ..row("the first programme counts", 0, vec![assessed(30)], "scored 7000 7500 TOO_SLOW<1 THIN_MARGIN<1")
            },
            row("tested a year ago", 39, vec![tested_on("2025-05-09")], "scored 0 7500 UNTESTED<1"),
            row("tested a day later", 39, vec![tested_on("2025-05-10")], "scored 0 7500"),
            row("tested tomorrow", 39, vec![tested_on("2026-05-10")], "invalid TESTED_AHEAD TESTED_AHEAD<1"),
            row("never tested", 39, vec![never_tested], "scored 0 7500 NEVER_TESTED<1"),
            row(
                "a plan that has lapsed",
                29,
                vec![with(assessed(30), "valid_until", "2026-05-08")],
                "scored 4200 7500 TOO_SLOW<1 PLAN_LAPSED<1",
            ),
        ],
    );
}

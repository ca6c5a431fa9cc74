//! RULES.md, rule 3.

use super::harness::{Row, check, rule};
use serde_json::{Value, json};

const AS_OF: &str = "2026-05-09";

fn facility(status: &str) -> Value {
    json!({"kind": "clearance.facility", "trust": "authority", "issuer": "UKSV",
        "claims": {"nation": "GB", "level": "secret", "status": status}})
}

fn us_facility(status: &str) -> Value {
    json!({"kind": "clearance.facility", "trust": "authority", "issuer": "DCSA",
        "claims": {"nation": "US", "level": "secret", "status": status}})
}

fn personnel(lines: &Value) -> Value {
    json!({"kind": "clearance.personnel", "trust": "authority", "issuer": "UKSV", "claims": lines})
}

fn sc(count: u32, review_due_on: &str) -> Value {
    json!({"level": "GB:SC", "count": count, "review_due_on": review_due_on})
}

fn granted(level: &str, count: u32, granted_on: &str) -> Value {
    json!({"level": level, "count": count, "granted_on": granted_on})
}

fn need(level: &str, headcount: u32) -> Value {
    json!({"requirement": {"clearances": [{"level": level, "headcount": headcount}]}})
}

fn row(case: &'static str, facts: Value, evidence: Vec<Value>, expected: &'static str) -> Row {
    Row { case, facts, evidence, as_of: AS_OF, expected }
}

fn at(as_of: &'static str, row: Row) -> Row {
    Row { as_of, ..row }
}

#[test]
fn the_table() {
    let people = |lines: Value| vec![facility("full"), personnel(&lines)];
    let late = "2030-01-01";
    let soon = "2026-11-05";
    let reviewed = |expected| {
        let granted_2016 = people(json!([granted("GB:SC", 10, "2016-05-10")]));
        row("SC granted 2016-05-10 at a cleared facility", need("GB:SC", 10), granted_2016, expected)
    };
    let asserted = |status: &str| {
        let mut facility = facility(status);
        facility["trust"] = "self".into();
        facility
    };
    check(
        &rule("clearance", &json!({})),
        &[
            row("need 10, have 10", need("GB:SC", 10), people(json!([sc(10, late)])), "scored 0 9500"),
            row("need 10, have 9", need("GB:SC", 10), people(json!([sc(9, late)])), "scored 1000 9500 SHORTFALL<1"),
            row(
                "need 10, have 10, 4 of them due within 180 days",
                need("GB:SC", 10),
                people(json!([sc(6, late), sc(4, soon)])),
                "scored 2000 9500 REVIEWS_DUE<1 due 2026-11-05",
            ),
            row(
                "need 10, have 14, 4 of them due within 180 days",
                need("GB:SC", 10),
                people(json!([sc(10, late), sc(4, soon)])),
                "scored 0 9500 REVIEWS_DUE<1 due 2026-11-05",
            ),
            row("need 4, have 0", need("GB:SC", 4), vec![facility("full")], "scored 10000 9500 SHORTFALL"),
            row(
                "SC needed, DV held",
                need("GB:SC", 4),
                people(json!([granted("GB:DV", 4, "2024-01-01")])),
                "scored 0 9500",
            ),
            at("2026-05-09", reviewed("scored 5000 9500 REVIEWS_DUE<1 due 2026-05-10")),
            at("2026-05-10", reviewed("scored 10000 9500 SHORTFALL<1 REVIEWS_OVERDUE<1 due 2026-05-10")),
            row(
                "an FSC that only the supplier asserts",
                need("GB:SC", 0),
                vec![asserted("full")],
                "scored 6000 4000 FACILITY_UNCONFIRMED<1",
            ),
            row(
                "UK SC for a US Secret need",
                need("US:SECRET", 4),
                vec![us_facility("full"), personnel(&json!([sc(4, late)]))],
                "scored 10000 9500 SHORTFALL<1",
            ),
            row(
                "US interim",
                need("US:SECRET", 0),
                vec![us_facility("interim")],
                "scored 4000 9500 FACILITY_PENDING<1",
            ),
            row("provisional", need("GB:SC", 0), vec![facility("provisional")], "scored 5000 9500 FACILITY_PENDING<1"),
            row("suspended", need("GB:SC", 0), vec![facility("suspended")], "scored 9500 9500 FACILITY_SUSPENDED<1"),
            row("none", need("GB:SC", 0), vec![facility("none")], "scored 10000 9500 FACILITY_NONE<1"),
            row("withdrawn", need("GB:SC", 0), vec![facility("withdrawn")], "scored 10000 9500 FACILITY_WITHDRAWN<1"),
        ],
    );
}

#[test]
fn what_the_table_leaves_open() {
    let sponsored = |until: &str| {
        let mut facility = facility("full");
        facility["claims"]["sponsor_until"] = until.into();
        facility
    };
    let held = |lines: Value| vec![personnel(&lines)];
    check(
        &rule("clearance", &json!({})),
        &[
            row("nothing required", json!({}), vec![facility("full")], "not-applicable NOTHING_REQUIRED"),
            row("no evidence", need("GB:SC", 10), vec![], "unknown NO_EVIDENCE"),
            row(
                "the sponsorship's last day",
                need("GB:SC", 0),
                vec![sponsored("2026-05-09")],
                "scored 0 9500 SPONSORSHIP_ENDS<1 due 2026-05-09",
            ),
            row(
                "the sponsorship has ended",
                need("GB:SC", 0),
                vec![sponsored("2026-05-08")],
                "scored 6000 9500 SPONSORSHIP_ENDED<1 due 2026-05-08",
            ),
            row(
                "SC needs a facility",
                need("GB:SC", 2),
                held(json!([sc(2, "2030-01-01")])),
                "scored 10000 9500 FACILITY_NONE",
            ),
            row("BPSS needs none", need("GB:BPSS", 2), held(json!([sc(2, "2030-01-01")])), "scored 0 9500"),
            row(
                "a facility below the level",
                need("GB:DV", 0),
                vec![facility("full")],
                "scored 10000 9500 FACILITY_NONE",
            ),
            row(
                "elsewhere an SC is reviewed after 5 years",
                need("GB:CTC", 2),
                held(json!([granted("GB:SC", 2, "2021-05-09")])),
                "scored 10000 9500 SHORTFALL<1 REVIEWS_OVERDUE<1 due 2026-05-09",
            ),
            row(
                "interim is no UK status",
                need("GB:SC", 0),
                vec![facility("interim")],
                "invalid IMPOSSIBLE_FACILITY IMPOSSIBLE_FACILITY<1",
            ),
            row(
                "granted on a day to come",
                need("GB:SC", 1),
                held(json!([granted("GB:SC", 1, "2026-05-10")])),
                "invalid IMPOSSIBLE_PERSONNEL IMPOSSIBLE_PERSONNEL<1",
            ),
        ],
    );
}

#[test]
fn nations_accept_one_another_only_by_configuration() {
    let parameters = json!({"equivalences": [{"held": "GB:SC", "satisfies": "US:SECRET"}]});
    let lines = json!([granted("GB:DV", 4, "2024-01-01")]);
    check(
        &rule("clearance", &parameters),
        &[
            row(
                "UK DV for US Secret",
                need("US:SECRET", 4),
                vec![facility("full"), personnel(&lines)],
                "scored 0 9500",
            ),
            row(
                "UK DV for US Top Secret",
                need("US:TOP-SECRET", 4),
                vec![facility("full"), personnel(&lines)],
                "scored 10000 9500 FACILITY_NONE SHORTFALL<1",
            ),
        ],
    );
}

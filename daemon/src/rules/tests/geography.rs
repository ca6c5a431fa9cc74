//! RULES.md, rule 6.

use super::harness::{Row, check, rule};
use crate::rules::built_in;
use serde_json::{Value, json};

const AS_OF: &str = "2026-05-09";

fn site(region: &str, share_bp: u32, corridors: &[&str]) -> Value {
    json!({"kind": "site", "claims": {"region": region, "share_bp": share_bp, "corridors": corridors}})
}

fn row(case: &'static str, evidence: Vec<Value>, expected: &'static str) -> Row {
    Row { case, facts: json!({}), evidence, as_of: AS_OF, expected }
}

/// Two equal regions, each with a site of `by_m6` in the corridor M6 and another with the rest of the half outside.
fn two_regions(by_m6: u32) -> Vec<Value> {
    ["North", "South"]
        .into_iter()
        .flat_map(|region| [site(region, by_m6, &["M6"]), site(region, 5_000 - by_m6, &[])])
        .collect()
}

#[test]
fn the_table() {
    let quarter = |region| site(region, 2_500, &[]);
    check(
        &rule("geography", &json!({})),
        &[
            row("one region", vec![site("North", 10_000, &[])], "scored 8000 7500 ONE_REGION<1"),
            row("four equal regions", ["N", "S", "W", "E"].map(quarter).to_vec(), "scored 3610 7500"),
            row("two equal regions, corridor 30 %", two_regions(1_500), "scored 5073 7500 FEW_REGIONS<2"),
            row("corridor 60 %", two_regions(3_000), "scored 5073 7500 FEW_REGIONS<2 ONE_CORRIDOR<2"),
            row("corridor 90 %", two_regions(4_500), "scored 8000 7500 FEW_REGIONS<2 ONE_CORRIDOR<2"),
        ],
    );
}

#[test]
fn what_the_table_leaves_open() {
    let reaching = json!({"requirement": {"programmes": ["PROGRAMME:P"]}});
    let with = |mut site: Value, field: &str, to: &str| {
        site[field] = to.into();
        site
    };
    let quarter = |region, corridor| site(region, 2_500, &[corridor]);
    check(
        &rule("geography", &json!({})),
        &[
            row("nothing at all", vec![], "not-applicable NOTHING_REQUIRED"),
            Row { facts: reaching, ..row("nothing, and a programme", vec![], "unknown NO_SITES") },
            row(
                "the whole by one corridor, twice named",
                vec![site("N", 5_000, &["M6", "M6"]), site("S", 5_000, &["M6"])],
                "scored 8000 7500 FEW_REGIONS<1 ONE_CORRIDOR<2",
            ),
            row(
                "31 % by a corridor, four regions",
                vec![
                    site("N", 2_500, &["M6"]),
                    site("S", 2_500, &["M1"]),
                    site("W", 2_500, &["M5"]),
                    site("E", 600, &["M6"]),
                    site("E", 1_900, &[]),
                ],
                "scored 3610 7500",
            ),
            row(
                "by every corridor",
                ["N", "S", "W", "E"].map(|region| quarter(region, "M6")).to_vec(),
                "scored 8000 7500 ONE_CORRIDOR<4",
            ),
            row(
                "shares add to 9000",
                vec![site("N", 5_000, &[]), site("S", 4_000, &[])],
                "scored 4605 7500 UNKNOWN_SHARE FEW_REGIONS<1",
            ),
            row(
                "shares add to 10050",
                vec![site("N", 5_025, &[]), site("S", 5_025, &[])],
                "scored 5103 7500 FEW_REGIONS<1",
            ),
            row(
                "shares add to 10051",
                vec![site("N", 5_026, &[]), site("S", 5_025, &[])],
                "invalid SHARES_OVER SHARES_OVER<2",
            ),
            row(
                "what has lapsed gives way",
                vec![site("S", 10_000, &[]), with(site("N", 10_000, &[]), "valid_until", "2026-05-08")],
                "scored 8000 7500 ONE_REGION<1",
            ),
            row(
                "all of it has lapsed",
                vec![with(site("N", 10_000, &[]), "valid_until", "2026-05-08")],
                "scored 8000 7500 SITES_LAPSED<1 ONE_REGION<1",
            ),
            row(
                "the weakest trust counts",
                vec![site("N", 5_000, &[]), with(site("S", 5_000, &[]), "trust", "self")],
                "scored 5073 4000 FEW_REGIONS<1",
            ),
        ],
    );
}

#[test]
fn only_those_that_reach_a_programme_are_asked_where_a_policy_says_so() {
    let reaching = || json!({"requirement": {"programmes": ["PROGRAMME:P"]}});
    let one = || vec![site("North", 10_000, &[])];
    check(
        &rule("geography", &json!({"programmes_only": true, "regions_percent": 40})),
        &[
            row("a site and no programme", one(), "not-applicable NO_PROGRAMME"),
            row("neither", vec![], "not-applicable NOTHING_REQUIRED"),
            Row { facts: reaching(), ..row("both", one(), "scored 4000 7500 ONE_REGION<1") },
            Row { facts: reaching(), ..row("a programme and no site", vec![], "unknown NO_SITES") },
        ],
    );
}

#[test]
fn a_corridor_that_falls_is_refused() {
    let geography = built_in().iter().find(|rule| rule.name == "geography").expect("a built-in rule");
    let parameters = json!({"corridor_from_bp": 5_000, "corridor_to_bp": 5_000});
    let refused = super::harness::host().load("geography", geography.component, &parameters).map(|_| ());
    let refused = refused.expect_err("a corridor's risk must rise").to_string();
    assert!(refused.contains("write more than corridor_from_bp, 5000"), "{refused}");
}

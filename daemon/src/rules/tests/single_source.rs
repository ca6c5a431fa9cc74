//! RULES.md, rule 2.

use super::harness::{Row, check, rule};
use serde_json::{Value, json};

/// A critical need with a buffer of 30 days; `sources` as [`source`] makes them.
fn need(hhi_bp: u32, sources: &[Value]) -> Value {
    let share_total_bp: u64 = sources.iter().filter_map(|source| source["share_bp"].as_u64()).sum();
    json!({"item": "forged ring", "class": "critical", "required_share_bp": null, "buffer_days": 30, "sources": sources,
        "hhi_bp": hhi_bp, "region_hhi_bp": 0, "corridor_hhi_bp": 0, "country_hhi_bp": 0, "share_total_bp": share_total_bp,
        "shared_upstream": null})
}

fn source(supplier: &str, share_bp: u32) -> Value {
    json!({"supplier": supplier, "ultimate_parent": supplier, "share_bp": share_bp, "qualified": true,
        "switch_days": 20, "last_order_on": null})
}

fn with(mut value: Value, field: &str, to: impl Into<Value>) -> Value {
    value[field] = to.into();
    value
}

fn row(case: &'static str, needs: Vec<Value>, expected: &'static str) -> Row {
    let need = json!({"kind": "supply.need", "claims":
        {"buyer": "GB-COH:00000001", "item": "forged ring", "class": "critical", "buffer_days": 30}});
    Row { case, facts: json!({"needs": needs}), evidence: vec![need], as_of: "2026-05-09", expected }
}

#[test]
fn the_table() {
    let spread = |hhi_bp| vec![need(hhi_bp, &[source("X:A", 5_000), source("X:B", 5_000)])];
    let one = |alternates: &[Value]| need(10_000, &[&[source("X:A", 10_000)], alternates].concat());
    let alternate = || source("X:B", 0);
    check(
        &rule("single-source", &json!({})),
        &[
            row("HHI 999", spread(999), "scored 1000 7500"),
            row("HHI 1000", spread(1_000), "scored 1000 7500"),
            row("HHI 1400", spread(1_400), "scored 2500 7500"),
            row("HHI 1800", spread(1_800), "scored 4000 7500 CONCENTRATED<1"),
            row("HHI 2600", spread(2_600), "scored 4585 7500 CONCENTRATED<1"),
            row("HHI 5000", spread(5_000), "scored 6341 7500 CONCENTRATED<1"),
            row("one source", vec![one(&[])], "scored 10000 7500 SINGLE_SOURCE<1"),
            row("one usable alternate", vec![one(&[alternate()])], "scored 7000 7500 ONE_ALTERNATE<1"),
            row("two usable", vec![one(&[alternate(), source("X:C", 0)])], "scored 5500 7500 ALTERNATES<1"),
            row(
                "an alternate needs 40 days, the buffer lasts 30",
                vec![one(&[with(alternate(), "switch_days", 40)])],
                "scored 10000 7500 SINGLE_SOURCE<1 ALTERNATE_LATE<1",
            ),
            row("one source, class minor", vec![with(one(&[]), "class", "minor")], "scored 3000 7500"),
            row(
                "sole-critical with a claimed alternate",
                vec![with(one(&[alternate()]), "class", "sole-critical")],
                "scored 9000 7500 SOLE_SOURCE<1",
            ),
            row("two suppliers of one parent", spread(10_000), "scored 10000 7500 SINGLE_SOURCE<1"),
            row(
                "two suppliers sharing one upstream",
                vec![with(need(5_000, &[source("X:A", 5_000), source("X:B", 5_000)]), "shared_upstream", "X:FORGE")],
                "scored 10000 7500 SHARED_UPSTREAM<1",
            ),
            row(
                "shares add to 9900",
                vec![need(4_902, &[source("X:A", 5_000), source("X:B", 4_900)])],
                "scored 6270 7500 UNKNOWN_SHARE<1 CONCENTRATED<1",
            ),
            row(
                "shares add to 10050",
                vec![need(5_050, &[source("X:A", 5_025), source("X:B", 5_025)])],
                "scored 6378 7500 CONCENTRATED<1",
            ),
            row(
                "shares add to 10051",
                vec![need(5_050, &[source("X:A", 5_026), source("X:B", 5_025)])],
                "invalid SHARES_OVER SHARES_OVER<1",
            ),
        ],
    );
}

#[test]
fn what_the_table_leaves_open() {
    let one = |alternates: &[Value]| need(10_000, &[&[source("X:A", 10_000)], alternates].concat());
    check(
        &rule("single-source", &json!({})),
        &[
            row("no need", vec![], "not-applicable NO_NEED"),
            row("no source", vec![need(10_000, &[])], "scored 10000 7500 NO_SOURCE<1"),
            row("class major", vec![with(one(&[]), "class", "major")], "scored 6000 7500 SINGLE_SOURCE<1"),
            row(
                "an alternate that is not qualified",
                vec![one(&[with(source("X:B", 0), "qualified", false)])],
                "scored 10000 7500 SINGLE_SOURCE<1 ALTERNATE_UNQUALIFIED<1",
            ),
            row(
                "end of life",
                vec![need(1_000, &[with(source("X:A", 10_000), "last_order_on", "2026-09-30")])],
                "scored 8000 7500 END_OF_LIFE<1 due 2026-09-30 SINGLE_SOURCE<1",
            ),
            row(
                "end of life of a minor need",
                vec![with(
                    need(1_000, &[with(source("X:A", 10_000), "last_order_on", "2026-09-30")]),
                    "class",
                    "minor",
                )],
                "scored 2400 7500 END_OF_LIFE<1 due 2026-09-30",
            ),
            row(
                "the worst need counts",
                vec![need(1_000, &[source("X:A", 10_000)]), with(one(&[]), "item", "bearing")],
                "scored 10000 7500 SINGLE_SOURCE",
            ),
            Row {
                evidence: vec![],
                ..row(
                    "nobody says who attested the facts",
                    vec![need(1_400, &[source("X:A", 10_000)])],
                    "scored 2500 1000",
                )
            },
        ],
    );
}

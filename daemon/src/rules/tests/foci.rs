//! RULES.md, rule 5.

use super::harness::{Row, check, rule};
use serde_json::{Value, json};

/// What the network makes of holdings: `(owner, country, parts per million)` each, of which each country is one chain's.
fn owned(owners: &[(&str, &str, u32)], undisclosed_ppm: u32, opaque: bool) -> Value {
    let mut countries: Vec<&str> = owners.iter().map(|(_, country, _)| *country).collect();
    countries.sort_unstable();
    countries.dedup();
    let held = |country: &str| -> u32 { owners.iter().filter(|owner| owner.1 == country).map(|owner| owner.2).sum() };
    let countries: Vec<Value> =
        countries.into_iter().map(|country| json!({"country": country, "effective_ppm": held(country)})).collect();
    let owners: Vec<Value> = owners
        .iter()
        .map(|(owner, country, ppm)| json!({"owner": owner, "country": country, "effective_ppm": ppm}))
        .collect();
    json!({"ownership":
        {"owners": owners, "countries": countries, "undisclosed_ppm": undisclosed_ppm, "opaque": opaque}})
}

fn holding(owner: &str, country: &str, percent: f64) -> Value {
    json!({"kind": "ownership.holding", "claims": {"owner": owner, "owner_country": country, "percent": percent}})
}

fn mitigation(instrument: &str) -> Value {
    json!({"kind": "foci.mitigation", "trust": "authority",
        "claims": {"instrument": instrument, "accepted_by": "DCSA"}})
}

fn row(case: &'static str, facts: Value, evidence: Vec<Value>, expected: &'static str) -> Row {
    Row { case, facts, evidence, as_of: "2026-05-09", expected }
}

/// So much from `country`, the rest from home.
fn held(case: &'static str, country: &'static str, ppm: u32, more: Vec<Value>, expected: &'static str) -> Row {
    let percent = f64::from(ppm) / 10_000.0;
    let mut evidence = vec![holding("A fund", country, percent), holding("The founder", "GB", 100.0 - percent)];
    evidence.extend(more);
    row(case, owned(&[("A fund", country, ppm), ("The founder", "GB", 1_000_000 - ppm)], 0, false), evidence, expected)
}

#[test]
fn the_table() {
    let foreign = |case, ppm, expected| held(case, "FR", ppm, vec![], expected);
    // What the network makes of them, its own tests show: here 60 % of a holder of 50 %, and two chains of 15 %.
    let through_holders = owned(&[("A fund", "FR", 300_000), ("A holder", "GB", 500_000)], 200_000, false);
    check(
        &rule("foci", &json!({})),
        &[
            foreign("other foreign 4.99 %", 49_900, "scored 0 7500"),
            foreign("5 %", 50_000, "scored 1000 7500 FOREIGN<2"),
            foreign("25.00 %", 250_000, "scored 1000 7500 FOREIGN<2"),
            foreign("25.01 %", 250_100, "scored 3000 7500 FOREIGN<2"),
            foreign("50.00 %", 500_000, "scored 3000 7500 FOREIGN<2"),
            foreign("74.99 %", 749_900, "scored 5000 7500 FOREIGN<2"),
            foreign("75.00 %", 750_000, "scored 6000 7500 FOREIGN<2"),
            held("75 % with SSA", "FR", 750_000, vec![mitigation("ssa")], "scored 2400 7500 FOREIGN<2 MITIGATED<1"),
            held(
                "75 % with a board resolution",
                "FR",
                750_000,
                vec![mitigation("board-resolution")],
                "scored 6000 7500 FOREIGN<2 INADEQUATE<1",
            ),
            row(
                "60 % of a holder of 50 %",
                through_holders.clone(),
                vec![holding("A holder", "GB", 50.0), holding("The founder", "GB", 50.0)],
                "scored 3000 7500 FOREIGN<2",
            ),
            row(
                "two chains of 15 %, one country",
                owned(&[("A fund", "FR", 150_000), ("Another", "FR", 150_000), ("A holder", "GB", 700_000)], 0, false),
                vec![holding("A holder", "GB", 100.0)],
                "scored 3000 7500 FOREIGN<1",
            ),
            row(
                "a cycle of holdings",
                owned(&[("A holder", "GB", 1_000_000)], 1_000_000, true),
                vec![holding("A holder", "GB", 100.0)],
                "scored 2000 7500 OPAQUE<1",
            ),
        ],
    );
}

#[test]
fn listed_countries_and_mitigations() {
    let listed = |case, ppm, expected| held(case, "CN", ppm, vec![], expected);
    let self_asserted = {
        let mut own = mitigation("ssa");
        own["trust"] = "self".into();
        own
    };
    check(
        &rule("foci", &json!({})),
        &[
            listed("listed 4.99 %", 49_900, "scored 0 7500"),
            listed("listed 5 %", 50_000, "scored 7000 7500 LISTED<2"),
            listed("listed 25.00 %", 250_000, "scored 7000 7500 LISTED<2"),
            listed("listed 25.01 %", 250_100, "scored 9000 7500 LISTED<2"),
            listed("listed 50.01 %", 500_100, "scored 10000 7500 LISTED<2"),
            held(
                "50.01 % with a proxy",
                "FR",
                500_100,
                vec![mitigation("proxy")],
                "scored 2000 7500 FOREIGN<2 MITIGATED<1",
            ),
            held(
                "50 % with a board resolution",
                "FR",
                500_000,
                vec![mitigation("board-resolution")],
                "scored 1200 7500 FOREIGN<2 MITIGATED<1",
            ),
            held("SSA by its own word", "FR", 750_000, vec![self_asserted], "scored 6000 7500 FOREIGN<2 UNCONFIRMED<1"),
            held("home", "GB", 900_000, vec![], "scored 0 7500"),
        ],
    );
}

#[test]
fn what_is_undisclosed_contradictory_or_missing() {
    let cleared = json!({"requirement": {"clearances": [{"level": "GB:SC", "headcount": 4}]}});
    check(
        &rule("foci", &json!({})),
        &[
            row(
                "the worst country counts",
                owned(&[("A fund", "FR", 700_000), ("B", "RU", 60_000), ("C", "GB", 240_000)], 0, false),
                vec![holding("A fund", "FR", 70.0)],
                "scored 7000 7500 LISTED<1",
            ),
            row(
                "25 % undisclosed",
                owned(&[("A fund", "FR", 750_000)], 250_000, false),
                vec![holding("A fund", "FR", 75.0)],
                "scored 6000 7500 FOREIGN<1",
            ),
            row(
                "more than 25 % undisclosed",
                owned(&[("A fund", "FR", 749_900)], 250_100, false),
                vec![holding("A fund", "FR", 74.99)],
                "scored 7000 7500 FOREIGN<1 OPAQUE<1",
            ),
            row(
                "a circle of a small part",
                owned(&[("A holder", "GB", 1_000_000)], 100_000, true),
                vec![holding("A holder", "GB", 100.0)],
                "scored 0 7500 OPAQUE<1",
            ),
            row(
                "at most the whole",
                owned(&[("B", "RU", 600_000)], 400_000, false),
                vec![holding("B", "RU", 60.0)],
                "scored 10000 7500 LISTED<1 OPAQUE<1",
            ),
            row(
                "holdings of 101 %",
                owned(&[("A fund", "FR", 1_000_000)], 0, false),
                vec![holding("A fund", "FR", 60.0), holding("B", "GB", 41.0)],
                "invalid HOLDINGS_OVER HOLDINGS_OVER<2",
            ),
            row("nothing, and no clearance", json!({}), vec![], "not-applicable NOTHING_REQUIRED"),
            row("nothing, and a clearance", cleared, vec![], "unknown NO_HOLDINGS"),
        ],
    );
    check(
        &rule("foci", &json!({"home": "US", "listed": []})),
        &[held("home is elsewhere", "US", 900_000, vec![], "scored 1000 7500 FOREIGN<2")],
    );
}

#[test]
fn it_weighs_by_what_is_asked() {
    let asked = |case, asked: Value, country, ppm, expected| {
        let row = held(case, country, ppm, vec![], expected);
        let mut facts = row.facts;
        facts["requirement"] = asked;
        Row { facts, ..row }
    };
    let cleared = || json!({"clearances": [{"level": "GB:SC", "headcount": 4}]});
    check(
        &rule("foci", &json!({"unasked_percent": 25})),
        &[
            asked("nothing is asked", json!({}), "FR", 750_000, "scored 1500 7500 FOREIGN<2"),
            asked("a cyber level alone", json!({"cyber_level": 2}), "FR", 750_000, "scored 1500 7500 FOREIGN<2"),
            asked("a clearance", cleared(), "FR", 750_000, "scored 6000 7500 FOREIGN<2"),
            asked("a CMMC level", json!({"cmmc_level": 2}), "FR", 750_000, "scored 6000 7500 FOREIGN<2"),
            asked("a listed country", json!({}), "RU", 750_000, "scored 10000 7500 LISTED<2"),
            row(
                "half of it undisclosed",
                owned(&[("The founder", "GB", 500_000)], 500_000, false),
                vec![holding("The founder", "GB", 50.0)],
                "scored 500 7500 OPAQUE<1",
            ),
        ],
    );
}

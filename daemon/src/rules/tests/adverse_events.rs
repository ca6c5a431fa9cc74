//! RULES.md, rule 8.

use super::harness::{Row, check, rule};
use serde_json::{Value, json};

const AS_OF: &str = "2026-05-09";

fn status(word: &str) -> Value {
    json!({"kind": "entity.status", "trust": "authority", "issuer": "Register", "claims": {"status": word}})
}

/// Of a severity, opened 2024-01-10 and reported at once, closed on this day.
fn closed(severity: u8, closed_on: &str) -> Value {
    json!({"kind": "incident", "claims": {"severity": severity, "opened_on": "2024-01-10",
        "reported_at": "2024-01-10", "closed_on": closed_on}})
}

fn open(severity: u8, reported_at: &str) -> Value {
    json!({"kind": "incident", "trust": "self",
        "claims": {"severity": severity, "opened_on": "2026-05-01", "reported_at": reported_at}})
}

fn row(case: &'static str, evidence: Vec<Value>, expected: &'static str) -> Row {
    Row { case, facts: json!({}), evidence, as_of: AS_OF, expected }
}

#[test]
fn the_table() {
    check(
        &rule("adverse-events", &json!({})),
        &[
            row("active, no incident", vec![status("active")], "scored 0 9500"),
            row("liquidation", vec![status("liquidation")], "scored 10000 9500 INSOLVENT<1"),
            row("receivership", vec![status("receivership")], "scored 10000 9500 INSOLVENT<1"),
            row("administration", vec![status("Administration")], "scored 10000 9500 INSOLVENT<1"),
            row("insolvency", vec![status("insolvency proceedings")], "scored 10000 9500 INSOLVENT<1"),
            row("dissolved", vec![status("dissolved")], "scored 10000 9500 DISSOLVED<1"),
            row("members'", vec![status("members' voluntary liquidation")], "scored 9000 9500 IN_TROUBLE<1"),
            row("arrangement", vec![status("voluntary_arrangement")], "scored 7500 9500 WARNING<1"),
            row("strike off", vec![status("proposal to strike off")], "scored 7000 9500 WARNING<1"),
            row("a status not in the list", vec![status("hibernating")], "unknown STATUS_NOT_KNOWN"),
            row("severity 1 closed 179 days ago", vec![closed(1, "2025-11-11")], "scored 8000 7500 INCIDENT_CLOSED<1"),
            row("180 days ago", vec![closed(1, "2025-11-10")], "scored 4000 7500 INCIDENT_CLOSED<1"),
            row("360 days ago", vec![closed(1, "2025-05-14")], "scored 2000 7500 INCIDENT_CLOSED<1"),
            row("reported after exactly 72 hours", vec![open(2, "2026-05-04")], "scored 5000 4000 INCIDENT_OPEN<1"),
        ],
    );
}

/// Every word of the registers, as they write it, with how it reads in the daemon's own.
#[test]
fn the_words_of_registers_are_read() {
    const ACTIVE: &str = "scored 0 9500";
    const INSOLVENT: &str = "scored 10000 9500 INSOLVENT<1";
    const DISSOLVED: &str = "scored 10000 9500 DISSOLVED<1";
    let rule = rule("adverse-events", &json!({}));
    let check = |words: &[&'static str], expected: &'static str| {
        let rows: Vec<Row> = words.iter().map(|word| row(word, vec![status(word)], expected)).collect();
        check(&rule, &rows);
    };
    // Companies House, "Free company data product".
    check(&["Active"], ACTIVE);
    check(&["Active - Proposal to Strike off", "active-proposal-to-strike-off"], "scored 7000 9500 WARNING<1");
    check(&["Voluntary Arrangement", "VOLUNTARY ARRANGEMENT"], "scored 7500 9500 WARNING<1");
    check(
        &["In Administration", "In Administration/Administrative Receiver", "In Administration/Receiver Manager"],
        INSOLVENT,
    );
    check(&["Liquidation", "Receiver Action", "RECEIVERSHIP"], INSOLVENT);
    check(&["Live but Receiver Manager on at least one charge"], INSOLVENT);
    // Its API, `company_status`.
    check(&["active", "open", "registered"], ACTIVE);
    check(&["voluntary-arrangement"], "scored 7500 9500 WARNING<1");
    check(&["liquidation", "receivership", "administration", "insolvency-proceedings"], INSOLVENT);
    check(&["dissolved", "converted-closed", "closed", "removed"], DISSOLVED);
    // GLEIF: the status of an entity; that of a registration says only that the record is old.
    check(&["ACTIVE"], ACTIVE);
    check(&["INACTIVE"], DISSOLVED);
    check(&["LAPSED", "lapsed"], "unknown RECORD_LAPSED");
    check(&["Live", "active and well", "-", "in"], "unknown STATUS_NOT_KNOWN");
}

#[test]
fn what_the_table_leaves_open() {
    let reaching = json!({"requirement": {"programmes": ["PROGRAMME:P"]}});
    let lapsed = {
        let mut lapsed = status("active");
        lapsed["valid_until"] = "2026-05-08".into();
        lapsed
    };
    check(
        &rule("adverse-events", &json!({})),
        &[
            row("nothing at all", vec![], "not-applicable NOTHING_REQUIRED"),
            Row { facts: reaching, ..row("nothing, and a programme", vec![], "unknown NO_EVIDENCE") },
            row(
                "reported a second later",
                vec![open(2, "2026-05-04T00:00:01Z")],
                "scored 6500 4000 INCIDENT_OPEN<1 REPORTED_LATE<1",
            ),
            row("severity 3", vec![open(3, "2026-05-02")], "scored 2500 4000 INCIDENT_OPEN<1"),
            row("severity 4", vec![open(4, "2026-05-02")], "scored 1000 4000 INCIDENT_OPEN<1"),
            // 2500 halved three times is 312.5.
            row("half up, once", vec![closed(3, "2024-11-15")], "scored 313 7500 INCIDENT_CLOSED<1"),
            row(
                "the worst counts, at most the whole",
                vec![status("administration"), open(1, "2026-05-09")],
                "scored 10000 4000 INSOLVENT<1 INCIDENT_OPEN<1 REPORTED_LATE<1",
            ),
            row(
                "a status not in the list beside an incident",
                vec![status("hibernating"), open(1, "2026-05-02")],
                "unknown STATUS_NOT_KNOWN INCIDENT_OPEN<1",
            ),
            row("a status that has lapsed", vec![lapsed], "scored 0 9500 STATUS_LAPSED<1"),
            row(
                "closed before it was opened",
                vec![closed(1, "2024-01-09")],
                "invalid IMPOSSIBLE_INCIDENT IMPOSSIBLE_INCIDENT<1",
            ),
            row("closed tomorrow", vec![closed(1, "2026-05-10")], "invalid IMPOSSIBLE_INCIDENT IMPOSSIBLE_INCIDENT<1"),
            row(
                "reported before it was opened",
                vec![open(1, "2026-04-30")],
                "invalid IMPOSSIBLE_INCIDENT IMPOSSIBLE_INCIDENT<1",
            ),
        ],
    );
}

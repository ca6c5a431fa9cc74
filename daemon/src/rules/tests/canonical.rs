//! What subjects write of themselves into a guest's memory, beside what the engine writes of them: every byte.

use super::{
    harness::{Case, Row},
    module::{Behaviour, FINDINGS, FINDINGS_COUNT, HARM_AT, HARMLESS, HEAP, answer, at, component},
};
use crate::{
    model::{Kind, facts::Fact},
    rules::{Host, Limits, bindings_v1 as v1, canonical, lower::Crossing},
};
use serde_json::{Value, json};
use wasm_encoder::InstructionSink;

/// Where the answer's only finding lies: in memory that is zero until then.
const FINDING: i32 = 512;
const EVIDENCE: u64 = 16;
const EVIDENCE_COUNT: u64 = 20;

/// Gives back all memory that was handed out so far, word for word, as the evidence of a finding.
fn show_memory(code: &mut InstructionSink<'_>) {
    answer(code, FINDINGS, FINDING);
    answer(code, FINDINGS_COUNT, 1);
    code.i32_const(FINDING).i32_const(HEAP).i32_store(at(EVIDENCE));
    code.i32_const(FINDING)
        .global_get(0)
        .i32_const(HEAP)
        .i32_sub()
        .i32_const(2)
        .i32_shr_u()
        .i32_store(at(EVIDENCE_COUNT));
}

/// All kinds that reach a rule, with all that each may say and with as little as it may say.
fn evidence() -> Vec<Value> {
    let of = |kind: &str, claims: Value| json!({"kind": kind, "claims": claims, "valid_until": "2027-01-01"});
    let open = |kind: &str, claims: Value| json!({"kind": kind, "claims": claims, "trust": "authority"});
    vec![
        of(
            "entity.profile",
            json!({"name": "Acme", "country": "GB", "region": "UKG", "sme": true, "sectors": ["C25", "C30"],
            "clusters": ["MAA"], "parent": "GB-COH:00000002"}),
        ),
        open("entity.profile", json!({"name": "Acme", "country": "GB"})),
        of("entity.status", json!({"status": "active"})),
        of("cyber.ce", json!({"certificate": "C-1", "whole_organisation": true})),
        of("cyber.ceplus", json!({"certificate": "C-2", "whole_organisation": false, "entities": ["CAGE:ACME1"]})),
        of("cyber.dcc", json!({"level": 3, "attested_on": "2026-01-31"})),
        open("cyber.saq", json!({"level": 2, "gaps": 77})),
        of("cyber.cip", json!({"accepted": true, "due_on": "2026-12-24"})),
        of("cyber.sprs", json!({"score": -203, "assessed_on": "2025-02-03", "ssp": true})),
        of(
            "cyber.cmmc",
            json!({"level": 2, "status": "conditional", "status_on": "2026-01-01", "affirmed_on": "2026-01-02",
            "poam": [{"requirement": "3.13.11", "points": 5}]}),
        ),
        open("cyber.cmmc", json!({"level": 1, "status": "final", "status_on": "2026-01-01"})),
        of("cyber.standard", json!({"standard": "ISO 27001", "scope": "everything"})),
        of(
            "clearance.facility",
            json!({"nation": "US", "level": "top-secret", "status": "withdrawn", "since": "2020-01-01",
            "sponsor_contract": "K-1", "sponsor_until": "2029-01-01"}),
        ),
        open("clearance.facility", json!({"nation": "GB", "level": "secret", "status": "none"})),
        of(
            "clearance.personnel",
            json!([{"level": "GB:SC", "count": 7, "review_due_on": "2027-01-01"},
            {"level": "US:TOP-SECRET", "count": 9, "granted_on": "2021-01-01"}]),
        ),
        of(
            "supply.need",
            json!({"buyer": "CAGE:ACME1", "item": "valve", "class": "minor", "required_share_bp": 6_000,
            "buffer_days": 9}),
        ),
        open("supply.need", json!({"buyer": "GB-COH:00000003", "item": "valve", "class": "critical"})),
        of(
            "supply.source",
            json!({"supplier": "GB-COH:00000004", "buyer": "GB-COH:00000003", "item": "valve",
            "share_bp": 4_000, "qualified": true, "switch_days": 30}),
        ),
        of(
            "supply.capability",
            json!({"items": ["valve", "pump"], "categories": ["forging"], "approvals": ["AS9100"]}),
        ),
        of("supply.end_of_life", json!({"item": "pump", "last_order_on": "2028-02-29"})),
        of(
            "site",
            json!({"region": "UKG", "corridors": ["M6", "M42"], "share_bp": 10_000, "latitude": 52.5, "longitude": -1.9}),
        ),
        open("site", json!({"region": "UKF", "share_bp": 1})),
        of("continuity.recovery", json!({"item": "valve", "recover_days": 90, "tested_on": "2025-05-05"})),
        open("continuity.recovery", json!({"recover_days": 45})),
        of("ownership.holding", json!({"owner": "XI-LEI:1", "owner_country": "FR", "percent": 25.01})),
        of("foci.mitigation", json!({"instrument": "voting-trust", "accepted_by": "DCSA"})),
        of(
            "incident",
            json!({"severity": 1, "opened_on": "2026-01-01", "closed_on": "2026-01-09",
            "reported_at": "2026-01-01T10:00:00Z"}),
        ),
        open("incident", json!({"severity": 4, "opened_on": "2026-02-01", "reported_at": "2026-02-01T10:00:00Z"})),
        of(
            "programme.requirement",
            json!({"programme": "PROGRAMME:TYPHOON", "criticality": 5, "cyber_level": 3, "cmmc_level": 2,
            "clearance_level": "GB:DV", "headcount": 12}),
        ),
        open("programme.requirement", json!({"programme": "PROGRAMME:A400M", "criticality": 1})),
        of("cluster.audit", json!({"text": "é", "whole": 7, "part": 0.5, "truth": true, "list": [1, {}]})),
    ]
}

/// All that the network may say.
fn facts() -> Value {
    json!({
        "requirement": {"cyber_level": 2, "cmmc_level": 3, "criticality": 4, "programmes": ["PROGRAMME:TYPHOON"],
            "clearances": [{"level": "GB:SC", "headcount": 3}, {"level": "US:SECRET", "headcount": 4}]},
        "needs": [{"item": "valve", "class": "sole-critical", "required_share_bp": 5_000, "buffer_days": 10, "hhi_bp": 1,
            "region_hhi_bp": 2, "corridor_hhi_bp": 3, "country_hhi_bp": 4, "share_total_bp": 9_999,
            "shared_upstream": "GB-COH:00000009", "sources": [{"supplier": "GB-COH:00000004",
            "ultimate_parent": "GB-COH:00000005", "share_bp": 6_000, "qualified": true, "switch_days": 1,
            "last_order_on": "2026-06-06"}]}],
        "impact": {"buyers": 2, "tier": 3, "survive_days": 4, "recover_days": 5, "single_point_of": [
            {"programme": "PROGRAMME:TYPHOON", "hidden": true, "criticality": 5, "survive_days": 6, "down_days": 7}]},
        "ownership": {"owners": [{"owner": "XI-LEI:1", "country": "FR", "effective_ppm": 250_100}],
            "countries": [{"country": "FR", "effective_ppm": 250_100}], "undisclosed_ppm": 749_900, "opaque": true},
    })
}

fn subjects(case: &Case, kinds: &[Kind], facts: &[Fact]) -> Vec<canonical::Subject> {
    let subject = case.subject();
    let words = if facts.is_empty() { vec![] } else { vec!["valve".into(), "GB-COH:1".into()] };
    let crossing = Crossing::new(kinds, facts, words);
    let mut subjects = crossing.batch(&[subject, subject]).subjects;
    for each in &mut subjects {
        each.0.as_of = HARM_AT;
    }
    subjects
}

#[test]
fn every_byte_is_as_the_engine_would_write_it() {
    let host = Host::new(Limits::default()).expect("a host");
    let rule = host.load("mirror.wasm", &component(&Behaviour { harm: show_memory, ..HARMLESS }), &json!({}));
    let rule = rule.expect("it loads");
    let row = |evidence, facts| Row { case: "", facts, evidence, as_of: "2026-05-10", expected: "" };
    let whole = Case::new(&row(evidence(), facts()));
    let empty = Case::new(&row(vec![], json!({})));
    let built_in = Kind::BUILT_IN.iter().filter(|kind| !matches!(kind, Kind::Revocation | Kind::Suspension));
    let kinds: Vec<_> = built_in.cloned().chain([Kind::named("cluster.audit")]).collect();
    let all = [Fact::Requirement, Fact::Needs, Fact::Impact, Fact::Ownership];
    for kind in &kinds {
        assert!(whole.subject().evidence.iter().any(|each| each.kind() == *kind), "{kind} is missing");
    }
    let mut batches = vec![subjects(&whole, &kinds, &all), subjects(&empty, &kinds, &all), subjects(&whole, &[], &[])];
    batches.extend(kinds.iter().map(|kind| subjects(&whole, std::slice::from_ref(kind), &[])));
    for batch in batches {
        let own = rule.start().expect("an instance").assess(&batch).expect("answers");
        let engines: Vec<_> = batch.into_iter().map(|subject| subject.0).collect();
        let told = rule.start().expect("an instance").assess_as_derived(&engines).expect("answers");
        let words = |answers: &[v1::Assessment]| answers[0].findings[0].evidence.clone();
        assert!(words(&own).iter().filter(|word| **word != 0).count() > 4);
        assert_eq!(words(&own), words(&told), "{engines:#?}");
    }
}

//! Compares what subjects write into a guest's memory with what the engine writes, byte by byte, and checks every field that the
//! SDK reads there.

use super::{
    harness::{built_in_component, host},
    module::{Behaviour, FINDINGS, FINDINGS_COUNT, HARM_AT, HARMLESS, HEAP, answer, at, component},
};
use crate::{
    attest::written,
    case::{Case, CaseVocabulary},
    model::{Kind, Outcome, facts::Fact},
    rules::{Host, Limits, Subject, bindings_v1 as v1, canonical, lower::Crossing},
};
use serde_json::{Value, json};
use wasm_encoder::InstructionSink;

/// Where the answer's only finding lies: in memory that is zero until then.
const FINDING: i32 = 512;
const EVIDENCE: u64 = 16;
const EVIDENCE_COUNT: u64 = 20;

/// Gives back all memory that was handed out so far, word for word, as the evidence of a finding.
pub(super) fn show_memory(code: &mut InstructionSink<'_>) {
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

/// Kinds that reach a rule, `cluster.audit` for those that a configuration declares, and all that the network may say.
const EVERYTHING: &str = include_str!("everything.toml");

/// All that, and the other kinds as their schemas show them: once with every field, once with as few as allowed.
pub(super) fn everything() -> Case {
    let mut text = EVERYTHING.to_owned();
    for (kind, schema) in shown_by_schema() {
        let claims = written::example(&schema);
        for (claims, beside) in [
            (claims.clone(), "trust = \"third-party\"\nvalid_until = 2027-01-01"),
            (least(&schema, &claims), "trust = \"authority\""),
        ] {
            let claims = toml::to_string(&claims).expect("claims are a table");
            text += &format!(
                "\n[[attestations]]\nkind = \"{kind}\"\nissuer = \"IASME\"\nvalid_from = 2025-12-01\n{beside}\n\
                 [attestations.claims]\n{claims}"
            );
        }
    }
    case(&text)
}

/// Nothing but a name.
fn nothing() -> Case {
    case("organisation = \"GB-COH:00000001\"\nexpected = [{ as_of = 2026-05-10, outcome = \"unknown\" }]\n")
}

fn case(text: &str) -> Case {
    let known = CaseVocabulary { kinds: ["cluster.audit".into()].into(), ..CaseVocabulary::default() };
    Case::parse("everything.toml", text, &known).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

/// The kinds that `everything.toml` does not have, with their schemas.
fn shown_by_schema() -> Vec<(&'static Kind, Value)> {
    let by_hand = case(EVERYTHING);
    let is_by_hand = |kind: &Kind| by_hand.attestations.iter().any(|each| each.kind() == *kind);
    let shown = Kind::BUILT_IN.iter().filter(|kind| !kind.withdraws() && !is_by_hand(kind));
    shown.map(|kind| (kind, kind.written().expect("it is built in").to_value())).collect()
}

/// The fields of `claims` that may not be left out.
fn least(schema: &Value, claims: &Value) -> Value {
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let fields = claims.as_object().expect("they have fields").iter();
    fields
        .filter(|(name, _)| required.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// What expressions read of such a kind: everything that its schema shows, and nothing of what may be left out.
fn read_by_schema(kind: &Kind, schema: &Value) -> [String; 2] {
    let claims = written::example(schema);
    let least = least(schema, &claims);
    let (mut all, mut none) = (Vec::new(), Vec::new());
    for (name, value) in claims.as_object().expect("they have fields") {
        let property = &schema["properties"][name];
        let is_required = least.get(name).is_some();
        let is_date = |one: &Value| one["title"] == "date" || one["$ref"] == "date";
        let is_date = is_date(property) || property["anyOf"].as_array().is_some_and(|any| any.iter().any(is_date));
        let equals = match value {
            Value::String(text) if is_date => format!("it.{name} == date('{text}')"),
            Value::String(text) => format!("it.{name} == '{text}'"),
            Value::Bool(true) => format!("it.{name}"),
            Value::Number(number) => format!("it.{name} == {number}"),
            other => panic!("{kind}.{name} is {other}: write evidence of this kind, and what is read of it, by hand"),
        };
        if is_required {
            none.push(equals.clone());
            all.push(equals);
        } else {
            all.push(format!("has(it.{name}) && {equals}"));
            none.push(format!("!has(it.{name})"));
        }
    }
    [all, none].map(|parts| format!("{kind}.exists(it, {})", parts.join(" && ")))
}

/// Everything that is read of [`everything`].
pub(super) fn read() -> Vec<String> {
    let by_hand = READ.iter().map(|expression| (*expression).to_owned());
    by_hand.chain(shown_by_schema().iter().flat_map(|(kind, schema)| read_by_schema(kind, schema))).collect()
}

fn subject(case: &Case) -> Subject<'_> {
    case.subject(case.expected[0].as_of)
}

pub(super) fn subjects(case: &Case, kinds: &[Kind], facts: &[Fact]) -> Vec<canonical::CanonicalSubject> {
    let subject = subject(case);
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
    let (whole, empty) = (everything(), nothing());
    let built_in = Kind::BUILT_IN.iter().filter(|kind| !kind.withdraws());
    let kinds: Vec<_> = built_in.cloned().chain([Kind::named("cluster.audit")]).collect();
    let all = [Fact::Requirement, Fact::Needs, Fact::Impact, Fact::Ownership];
    for kind in &kinds {
        assert!(whole.attestations.iter().any(|each| each.kind() == *kind), "{kind} is missing");
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

/// What the SDK reads of a subject, asked of the compiled `expression` rule: every field of every kind and fact.
const READ: &[&str] = &[
    "entity.profile.exists(p, p.name == 'Acme' && p.country == 'GB' && p.?region.orValue('none') == 'UKG' && \
     p.?sme.orValue(false) && 'C25' in p.sectors && 'C30' in p.sectors && p.sectors.size() == 2 && p.clusters.all(c, \
     c == 'MAA') && p.clusters.size() == 1 && p.?parent.orValue(self) == 'GB-COH:00000002')",
    "entity.profile.exists(p, p.name == 'Acme' && !has(p.region) && !has(p.sme) && p.sectors.size() + \
     p.clusters.size() == 0 && !has(p.parent))",
    "entity.status.exists(s, s.status == 'active' && s.place == 0)",
    "cyber.ce.exists(c, c.whole_organisation) && cyber.ceplus.exists(c, !c.whole_organisation)",
    "cyber.dcc.exists(d, d.level == 3 && d.attested_on == date('2026-01-31'))",
    "cyber.saq.exists(s, s.level == 2 && s.gaps == 77 && s.trust == 'authority' && !has(s.valid_until))",
    "cyber.cip.exists(c, c.accepted && c.due_on == date('2026-12-24'))",
    "cyber.sprs.exists(s, s.score == -203 && s.assessed_on == date('2025-02-03') && s.ssp)",
    "cyber.cmmc.exists(c, c.level == 2 && c.status == 'conditional' && c.status_on == date('2026-01-01') && \
     c.?affirmed_on.orValue(today) == date('2026-01-02') && c.poam.exists(i, i.requirement == '3.13.11' && i.points \
     == 5))",
    "cyber.cmmc.exists(c, c.level == 1 && c.status == 'final' && !has(c.affirmed_on) && c.poam.size() == 0)",
    "cyber.standard.exists(s, s.standard == 'ISO 27001' && s.scope == 'everything')",
    "clearance.facility.exists(f, f.nation == 'US' && f.level == 'top-secret' && f.status == 'withdrawn' && \
     f.?since.orValue(today) == date('2020-01-01') && f.?sponsor_contract.orValue(self) == 'K-1' && \
     f.?sponsor_until.orValue(today) == date('2029-01-01'))",
    "clearance.facility.exists(f, f.nation == 'GB' && f.level == 'secret' && f.status == 'none' && !has(f.since) && \
     !has(f.sponsor_contract) && !has(f.sponsor_until))",
    "clearance.personnel.exists(p, p.counts.exists(c, c.level == 'GB:SC' && c.count == 7 && \
     c.?review_due_on.orValue(today) == date('2027-01-01') && !has(c.granted_on)) && p.counts.exists(c, c.level == \
     'US:TOP-SECRET' && c.count == 9 && !has(c.review_due_on) && c.?granted_on.orValue(today) == date('2021-01-01')))",
    "supply.need.exists(n, n.buyer == self && n.item == 'valve' && n.class == 'minor' && \
     n.?required_share_bp.orValue(0) == 6000 && n.buffer_days == 9)",
    "supply.need.exists(n, n.buyer == 'GB-COH:00000003' && n.class == 'critical' && !has(n.required_share_bp) && \
     n.buffer_days == 0)",
    "supply.source.exists(s, s.supplier == 'GB-COH:00000004' && s.buyer == 'GB-COH:00000003' && s.item == 'valve' && \
     s.share_bp == 4000 && s.qualified && s.switch_days == 30)",
    "supply.capability.exists(c, 'valve' in c.items && 'pump' in c.items && c.items.size() == 2 && 'forging' in \
     c.categories && 'AS9100' in c.approvals)",
    "supply.end_of_life.exists(e, e.item == 'pump' && e.last_order_on == date('2028-02-29'))",
    "site.exists(s, s.region == 'UKG' && 'M6' in s.corridors && 'M42' in s.corridors && s.share_bp == 10000 && \
     s.?latitude.orValue(0) == 52500000 && s.?longitude.orValue(0) == -1900000)",
    "site.exists(s, s.region == 'UKF' && s.corridors.size() == 0 && s.share_bp == 1 && !has(s.latitude) && \
     !has(s.longitude))",
    "continuity.recovery.exists(r, r.?item.orValue(self) == 'valve' && r.recover_days == 90 && \
     r.?tested_on.orValue(today) == date('2025-05-05'))",
    "continuity.recovery.exists(r, !has(r.item) && r.recover_days == 45 && !has(r.tested_on))",
    "ownership.holding.exists(h, h.owner == 'GB-COH:00000006' && h.owner_country == 'FR' && h.percent_ppm == 250100)",
    "foci.mitigation.exists(m, m.instrument == 'voting-trust' && m.accepted_by == 'DCSA')",
    "incident.exists(i, i.severity == 1 && date_of(i.opened_at) == date('2026-01-01') && i.?closed_on.orValue(today) \
     == date('2026-01-09') && seconds_between(start_of(date('2026-01-01')), i.reported_at) == 36000)",
    "incident.exists(i, i.severity == 4 && !has(i.closed_on))",
    "programme.requirement.exists(r, r.programme == 'PROGRAMME:TYPHOON' && r.criticality == 5 && \
     r.?cyber_level.orValue(0) == 3 && r.?cmmc_level.orValue(0) == 2 && r.?clearance_level.orValue('GB:BPSS') == \
     'GB:DV' && r.headcount == 12)",
    "programme.requirement.exists(r, r.programme == 'PROGRAMME:A400M' && r.criticality == 1 && !has(r.cyber_level) && \
     !has(r.cmmc_level) && !has(r.clearance_level) && r.headcount == 0)",
    "evidence.exists(a, !has(a.kind) && a.issuer == 'IASME' && a.about == self && a.trust == 'third-party' && a.state \
     == 'in-force' && a.covers && date_of(a.issued_at) == date('2025-12-01') && date_of(a.valid_from) == \
     date('2025-12-01') && has(a.valid_until))",
    "requirement.?cyber_level.orValue(0) == 2 && requirement.?cmmc_level.orValue(0) == 3 && \
     requirement.?criticality.orValue(0) == 4",
    "has(requirement.gb_clearance) && requirement.gb_clearance.level == 'GB:SC' && requirement.gb_clearance.headcount \
     == 3 && has(requirement.us_clearance) && requirement.us_clearance.level == 'US:SECRET' && \
     requirement.us_clearance.headcount == 4",
    "needs.exists(n, n.item == 'valve' && n.class == 'sole-critical' && n.?required_share_bp.orValue(0) == 5000 && \
     n.buffer_days == 10 && n.hhi_bp == 1 && n.region_hhi_bp == 2 && n.corridor_hhi_bp == 3 && n.country_hhi_bp == 4 \
     && n.share_total_bp == 9999 && n.?shared_upstream.orValue(self) == 'GB-COH:00000009')",
    "needs.exists(n, n.sources.exists(s, s.supplier == 'GB-COH:00000004' && s.ultimate_parent == 'GB-COH:00000005' && \
     s.share_bp == 6000 && s.qualified && s.switch_days == 1 && s.?last_order_on.orValue(today) == \
     date('2026-06-06')))",
    "impact.buyers == 2 && impact.?tier.orValue(0) == 3 && impact.?survive_days.orValue(0) == 4 && \
     impact.?recover_days.orValue(0) == 5 && impact.programmes.exists(p, p == 'PROGRAMME:TYPHOON')",
    "impact.single_point_of.exists(l, l.programme == 'PROGRAMME:TYPHOON' && l.hidden && l.?criticality.orValue(0) == \
     5 && l.survive_days == 6 && l.?down_days.orValue(0) == 7)",
    "ownership.hasValue() && ownership.undisclosed_ppm == 749900 && ownership.opaque && ownership.owners.exists(o, \
     o.owner == 'GB-COH:00000006' && o.country == 'FR' && o.effective_ppm == 250100) && ownership.countries.exists(c, \
     c.country == 'FR' && c.effective_ppm == 250100)",
];

#[test]
fn every_field_is_read_as_it_was_written() {
    let plugin = host().compile("expression", built_in_component("expression")).expect("a plugin");
    let whole = everything();
    let mut wrong = Vec::new();
    for expression in read() {
        let parameters = json!({
            "kinds": ["cluster.audit"],
            "clauses": [{"when": expression, "risk": 1, "confidence": 0}],
            "otherwise": {"risk": 0, "confidence": 0},
        });
        let rule = plugin.configure(&parameters).map_err(|error| error.to_string());
        let outcome = rule.map(|rule| rule.assess(&[subject(&whole)]).assessments.remove(0).outcome);
        if outcome != Ok(Outcome::Scored { risk_bp: 1, confidence_bp: 0 }) {
            wrong.push((expression, outcome));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Lists within shown values, of which only the size is shown.
const WITHIN: &[&str] = &[
    "cyber.cmmc.filter(c, c.poam.size() > 0).first().?poam",
    "clearance.personnel.first().?counts",
    "needs.first().?sources",
    "impact.single_point_of",
    "ownership.?owners",
    "ownership.?countries",
];

/// A field without a value, although the evidence has every field, would be a slip in the table of fields.
#[test]
fn every_field_of_the_vocabulary_has_a_value() {
    let plugin = host().compile("expression", built_in_component("expression")).expect("a plugin");
    let whole = everything();
    let kinds: Vec<String> = plugin.manifest().kinds.iter().map(Kind::to_string).collect();
    let variables = ["as_of", "today", "self", "evidence", "requirement", "needs", "impact", "ownership"];
    let mut fields = 0;
    for shown in kinds.iter().map(String::as_str).chain(variables).chain(WITHIN.iter().copied()) {
        let parameters = json!({"show": shown, "otherwise": {}, "skip": 0});
        let rule = plugin.configure(&parameters).unwrap_or_else(|error| panic!("{error}"));
        let findings = rule.assess(&[subject(&whole)]).assessments.remove(0).findings;
        for field in rule.manifest().messages.iter().filter(|message| message.code.starts_with("FIELD_")) {
            if field.text.starts_with("valid_until\t") && shown != "evidence" {
                // Not every kind here has an end.
                continue;
            }
            assert!(findings.iter().any(|found| found.reason.message.code == field.code), "{shown}: {}", field.text);
            fields += 1;
        }
    }
    assert!(fields > 300, "only {fields} fields");
}

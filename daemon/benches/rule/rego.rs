//! The rule in Rego.

use super::{OTHERS_ROUNDS, Supplier, best, record};
use std::time::Duration;

const POLICY: &str = r#"
package posture
import rego.v1

usable := [a | some a in input.evidence; a.covers; a.state != "upcoming"]
essentials := [a | some a in usable; a.kind == "cyber.ce"]
late := [p | some p in usable; p.kind == "cyber.ceplus"; is_late(p)]
is_late(p) if {
    some e in essentials
    e.valid_from <= p.valid_from
    every o in essentials { in_no_time(o, p) }
}
in_no_time(e, p) if e.valid_from > p.valid_from
in_no_time(e, p) if e.window_ends < p.valid_from

plus := [p | some p in usable; p.kind == "cyber.ceplus"; not is_late(p)]
counting := plus if input.required >= 2
else := array.concat(plus, array.concat(essentials, late))
valid := [c | some c in counting; c.ends > input.as_of]
longest(certificates) := [c | some c in certificates; every o in certificates { not_better(o, c) }]
not_better(o, c) if o.ends < c.ends
not_better(o, c) if { o.ends == c.ends; o.trust < c.trust }
not_better(o, c) if { o.ends == c.ends; o.trust == c.trust; o.index >= c.index }
base := longest(valid)[0]
essentials_only := longest([c | some c in array.concat(essentials, late); c.ends > input.as_of])[0]
lapsed := longest(counting)[0]

ahead := [d | some d in usable; d.kind == "cyber.dcc"; d.attested_on > input.as_of]
certified := [d | some d in usable; d.kind == "cyber.dcc"; d.level >= input.required; d.ends > input.as_of]
certification := [d | some d in certified; every o in certified { o.attested_on <= d.attested_on }][0]
answered := [q | some q in usable; q.kind == "cyber.saq"; q.ends > input.as_of]
questionnaire := [q | some q in answered; every o in answered { not_fuller(o, q) }][0]
not_fuller(o, q) if o.level < q.level
not_fuller(o, q) if { o.level == q.level; o.gaps >= q.gaps }
plan := [p | some p in input.evidence; p.kind == "cyber.cip"; p.covers; p.state == "in-force"; p.accepted; p.due_on >= input.as_of][0]

renewed if { some a in input.evidence; a.covers; a.state == "upcoming"; a.kind in {"cyber.ceplus", base.kind} }
noticed := array.concat(
    [finding("SCOPE", "medium", [a.issuer], [a.index]) | some a in input.evidence; not a.covers],
    array.concat(
        [finding("CEP_WINDOW", "medium", [p.valid_from], array.concat([p.index], followed(p))) | some p in late],
        [finding(coded("DUE", base), "low", [base.ends - 1], [base.index]) | base.ends - input.as_of <= 60 * 86400; not renewed],
    ),
)
followed(p) := [e.index | some e in essentials; e.valid_from == max([o.valid_from | some o in essentials; o.valid_from <= p.valid_from])]
coded(what, c) := concat("_", ["CE_PLUS", what]) if c.kind == "cyber.ceplus"
else := concat("_", ["CE", what])
finding(code, severity, arguments, evidence) := {"code": code, "severity": severity, "arguments": arguments, "evidence": evidence}
scored(risk, used, found) := {"risk": risk, "confidence": min([a.trust | some a in used]), "findings": array.concat(noticed, found)}

answer := {"unknown": "NO_EVIDENCE"} if count(usable) == 0
else := {"invalid": "ATTESTED_AHEAD", "evidence": [ahead[0].index]} if count(ahead) > 0
else := scored(2000, [base, certification], [finding("DCC_OVERDUE", "medium", [certification.level], [certification.index])]) if {
    base
    input.as_of >= certification.attestation_ends
}
else := scored(0, [base, certification], []) if { base; certification }
else := scored(2500, [base, questionnaire], [finding("DCC_MISSING", "low", [input.required], [questionnaire.index])]) if {
    base
    questionnaire.level >= input.required
    questionnaire.gaps == 0
}
else := scored(5000, [base, questionnaire, plan], [finding("SHORTFALL", "medium", [plan.due_on], [questionnaire.index, plan.index])]) if {
    base
    questionnaire
    plan
}
else := scored(6000, [base], [finding("BASE_ONLY", "high", [input.required], array.concat([base.index], [q.index | some q in [questionnaire]]))]) if base
else := scored(7000, [essentials_only], [finding("CE_PLUS_MISSING", "high", [input.required], [essentials_only.index])]) if essentials_only
else := scored(8000, [lapsed], [finding(coded("LAPSED", lapsed), "high", [lapsed.ends - 1], [lapsed.index])]) if input.as_of - lapsed.ends < 30 * 86400
else := scored(9000, [lapsed], [finding(coded("LAPSED", lapsed), "high", [lapsed.ends - 1], [lapsed.index])]) if lapsed
else := scored(9000, usable, [finding("CE_PLUS_NONE", "high", [input.required], [])])
"#;

/// The data are in place before the clock starts.
pub(crate) fn run(suppliers: &[Supplier]) -> (Duration, Vec<serde_json::Value>) {
    let mut engine = regorus::Engine::new();
    engine.add_policy("posture.rego".into(), POLICY.into()).expect("a policy");
    let inputs: Vec<regorus::Value> = suppliers.iter().map(input).collect();
    let policy = engine.compile_with_entrypoint(&"data.posture.answer".into()).expect("compiled");
    let (time, answers) = best(OTHERS_ROUNDS, || {
        let answer = |input: &regorus::Value| policy.eval_with_input(input.clone()).expect("evaluated");
        inputs.iter().map(answer).collect::<Vec<_>>()
    });
    (time, answers.iter().map(|answer| serde_json::to_value(answer).expect("plain values")).collect())
}

fn input(supplier: &Supplier) -> regorus::Value {
    let record = serde_json::to_string(&record(supplier)).expect("JSON");
    regorus::Value::from_json_str(&record).expect("a value")
}

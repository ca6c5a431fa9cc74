//! The rule in CEL: named expressions, each evaluated once and in order, because `cel` has no way to name a value within an
//! expression. What an answer does not need is not searched for.

use super::{OTHERS_ROUNDS, Record, Supplier, best, record};
use cel::{Context, Env, Program, Value};
use std::{sync::Arc, time::Duration};

const NAMED: [(&str, &str); 18] = [
    ("usable", r#"evidence.filter(a, a.covers && a.state != "upcoming")"#),
    ("essentials", r#"usable.filter(a, a.kind == "cyber.ce")"#),
    (
        "late",
        r#"usable.filter(p, p.kind == "cyber.ceplus"
            && essentials.exists(e, e.valid_from <= p.valid_from)
            && essentials.all(e, e.valid_from > p.valid_from || e.window_ends < p.valid_from))"#,
    ),
    ("plus", r#"usable.filter(p, p.kind == "cyber.ceplus" && !late.exists(l, l.index == p.index))"#),
    ("counting", "required >= 2 ? plus : plus + essentials + late"),
    ("valid", "counting.filter(c, c.ends > as_of)"),
    (
        "base",
        "valid.filter(c, valid.all(o, o.index == c.index || (o.ends < c.ends)
            || (o.ends == c.ends && (o.trust < c.trust || (o.trust == c.trust && o.index > c.index)))))",
    ),
    ("is_based", "base.size() > 0"),
    (
        "essentials_only",
        "is_based ? [] : (essentials + late).filter(c, c.ends > as_of && !(essentials + late).exists(o, o.ends > c.ends))",
    ),
    (
        "lapsed",
        "is_based || essentials_only.size() > 0 ? [] : counting.filter(c, !counting.exists(o, o.ends > c.ends))",
    ),
    ("ahead", r#"usable.filter(d, d.kind == "cyber.dcc" && d.attested_on > as_of)"#),
    (
        "certified",
        r#"!is_based ? [] : usable.filter(d, d.kind == "cyber.dcc" && d.level >= required && d.ends > as_of)"#,
    ),
    ("certification", "certified.filter(d, !certified.exists(o, o.attested_on > d.attested_on))"),
    (
        "answered",
        r#"!is_based || certification.size() > 0 ? [] : usable.filter(q, q.kind == "cyber.saq" && q.ends > as_of)"#,
    ),
    (
        "questionnaire",
        "answered.filter(q, !answered.exists(o, o.level > q.level || (o.level == q.level && o.gaps < q.gaps)))",
    ),
    (
        "plan",
        r#"questionnaire.size() == 0 ? [] : evidence.filter(p, p.kind == "cyber.cip" && p.covers
            && p.state == "in-force" && p.accepted && p.due_on >= as_of)"#,
    ),
    (
        "announced",
        r#"is_based && base[0].ends - as_of <= 60 * 86400 && !evidence.exists(a, a.covers && a.state == "upcoming"
            && (a.kind == "cyber.ceplus" || a.kind == base[0].kind))
            ? [{"code": base[0].kind == "cyber.ceplus" ? "CE_PLUS_DUE" : "CE_DUE", "severity": "low",
                "arguments": [base[0].ends - 1], "evidence": [base[0].index], "due": base[0].ends - 1}] : []"#,
    ),
    (
        "noticed",
        r#"evidence.filter(a, !a.covers).map(a, {"code": "SCOPE", "severity": "medium", "arguments": [a.issuer],
            "evidence": [a.index]})
            + late.map(p, {"code": "CEP_WINDOW", "severity": "medium", "arguments": [p.valid_from],
            "evidence": [p.index] + essentials.filter(e, e.valid_from <= p.valid_from && !essentials.exists(o,
                o.valid_from <= p.valid_from && o.valid_from > e.valid_from)).map(e, e.index)}) + announced"#,
    ),
];

const ANSWER: &str = r#"
usable.size() == 0 ? {"unknown": "NO_EVIDENCE"}
: ahead.size() > 0 ? {"invalid": "ATTESTED_AHEAD", "evidence": [ahead[0].index]}
: certification.size() > 0 ? (as_of >= certification[0].attestation_ends
    ? {"risk": 2000, "confidence": base[0].trust < certification[0].trust ? base[0].trust : certification[0].trust, "findings": noticed + [{
        "code": "DCC_OVERDUE", "severity": "medium", "evidence": [certification[0].index],
        "arguments": [certification[0].level, certification[0].attestation_ends],
        "due": certification[0].attestation_ends}]}
    : {"risk": 0, "confidence": base[0].trust < certification[0].trust ? base[0].trust : certification[0].trust, "findings": noticed})
: questionnaire.size() > 0 && questionnaire[0].level >= required && questionnaire[0].gaps == 0
    ? {"risk": 2500, "confidence": base[0].trust < questionnaire[0].trust ? base[0].trust : questionnaire[0].trust, "findings": noticed + [{
        "code": "DCC_MISSING", "severity": "low", "arguments": [required], "evidence": [questionnaire[0].index]}]}
: plan.size() > 0 ? {"risk": 5000, "confidence": questionnaire[0].trust, "findings": noticed + [{
    "code": "SHORTFALL", "severity": "medium", "evidence": [questionnaire[0].index, plan[0].index],
    "arguments": [questionnaire[0].level, questionnaire[0].gaps, required, plan[0].due_on], "due": plan[0].due_on}]}
: is_based ? {"risk": 6000, "confidence": base[0].trust, "findings": noticed + [{
    "code": "BASE_ONLY", "severity": "high", "arguments": [required],
    "evidence": [base[0].index] + questionnaire.map(q, q.index)}]}
: essentials_only.size() > 0 ? {"risk": 7000, "confidence": essentials_only[0].trust, "findings": noticed + [{
    "code": "CE_PLUS_MISSING", "severity": "high", "arguments": [required], "evidence": [essentials_only[0].index]}]}
: lapsed.size() > 0 ? {
    "risk": as_of - lapsed[0].ends < 30 * 86400 ? 8000 : 9000, "confidence": lapsed[0].trust,
    "findings": noticed + [{"code": lapsed[0].kind == "cyber.ceplus" ? "CE_PLUS_LAPSED" : "CE_LAPSED",
        "severity": "high", "arguments": [lapsed[0].ends - 1, as_of], "evidence": [lapsed[0].index], "due": as_of}]}
: {"risk": 9000, "confidence": usable.filter(a, !usable.exists(o, o.trust < a.trust))[0].trust, "findings": noticed + [{
    "code": "CE_PLUS_NONE", "severity": "high", "arguments": [required], "evidence": []}]}"#;

/// The data are in place before the clock starts: each supplier has a context of its own, as a server would keep it.
pub(crate) fn run(suppliers: &[Supplier]) -> (Duration, Vec<serde_json::Value>) {
    let env = Arc::new(Env::stdlib());
    let compiled = |text: &str| env.compile(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let named = NAMED.map(|(name, text)| (name, compiled(text)));
    let answer = compiled(ANSWER);
    let contexts: Vec<Context<'_, '_>> = suppliers.iter().map(|supplier| context(&env, supplier)).collect();
    let (time, answers) =
        best(OTHERS_ROUNDS, || contexts.iter().map(|context| assess(&named, &answer, context)).collect::<Vec<_>>());
    (time, answers.iter().map(|answer| answer.json().expect("plain values")).collect())
}

fn assess(named: &[(&str, Program)], answer: &Program, context: &Context<'_, '_>) -> Value {
    let mut scope = context.new_inner_scope();
    for (name, program) in named {
        let value = Value::resolve_val(program.expression(), &scope).expect("evaluated").into_owned();
        scope.add_variable_as_val(*name, value);
    }
    answer.execute(&scope).expect("evaluated")
}

fn context(env: &Arc<Env>, supplier: &Supplier) -> Context<'static, 'static> {
    let Record { as_of, required, evidence } = record(supplier);
    let mut context = Context::with_env(Arc::clone(env));
    context.add_variable("as_of", as_of).expect("a variable");
    context.add_variable("required", required).expect("a variable");
    context.add_variable("evidence", evidence).expect("a variable");
    context
}

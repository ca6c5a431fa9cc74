//! One rule over one supplier of 4 attestations, fuel on: assessments a second through the compiled component, in
//! batches of 256 with a fresh instance each, beside the native body, regorus and the `cel` crate with the same rule, in the
//! same run.
//!
//! `cargo bench --bench rule`; a run takes about ten seconds. The best of the rounds counts: whatever else the machine
//! does only makes a round slower.

#![allow(clippy::print_stdout, reason = "a benchmark prints its table")]

mod common;

use common::{Supplier, print_machine};
use cyber_posture::{CyberPosture, Parameters};
use serde::Serialize;
use serde_json::{Value, json};
use std::{
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant as Clock},
};
use tierwatch::{
    model::{Attestation, Claims, Instant, Kind, Outcome, claims::Certificate},
    rules::{Evaluation, Host, Limits, Rule, built_in},
};
use tierwatch_rule as sdk;
use tierwatch_rule::Rule as _;

/// As many as a mid-sized prime has at tier 1 to 3.
const SUPPLIERS: usize = 10_240;
const ROUNDS: usize = 20;
/// Rego is slow enough for fewer.
const REGO_SUPPLIERS: usize = 2_048;
const REGO_ROUNDS: usize = 8;
/// 2026-05-09
const AS_OF: i64 = 20_582 * 86_400;

/// The rule in Rego. It gets the ends of all periods worked out, because Rego's `time.add_date` does not clamp months.
const REGO: &str = r#"
package posture
import rego.v1

base_valid if { some c in input.certificates; c.plus; c.ends > input.as_of }
base_valid if { input.required < 2; some c in input.certificates; c.ends > input.as_of }
essentials_valid if { some c in input.certificates; c.ends > input.as_of }
just_lapsed if { some c in input.certificates; c.plus; c.ends <= input.as_of; input.as_of - c.ends < 30 * 86400 }
certified if { some d in input.certifications; d.level >= input.required; d.ends > input.as_of }
attested if { some d in input.certifications; d.level >= input.required; d.ends > input.as_of; d.attestation_ends > input.as_of }
answered if { some q in input.questionnaires; q.level >= input.required; q.gaps == 0; q.ends > input.as_of }

default risk := 9000
risk := 0 if { base_valid; attested }
else := 2000 if { base_valid; certified }
else := 2500 if { base_valid; answered }
else := 6000 if { base_valid }
else := 7000 if { essentials_valid }
else := 8000 if { just_lapsed }
"#;

/// The same in CEL, over the same input.
const CEL: &str = "
certificates.exists(c, c.ends > as_of && (c.plus || required < 2))
    ? (certifications.exists(d, d.level >= required && d.ends > as_of && d.attestation_ends > as_of) ? 0
    : certifications.exists(d, d.level >= required && d.ends > as_of) ? 2000
    : questionnaires.exists(q, q.level >= required && q.gaps == 0 && q.ends > as_of) ? 2500 : 6000)
: certificates.exists(c, c.ends > as_of) ? 7000
: certificates.exists(c, c.plus && c.ends <= as_of && as_of - c.ends < 30 * 86400) ? 8000 : 9000";

/// What both get.
#[derive(Serialize)]
struct Input {
    as_of: i64,
    required: i64,
    certificates: Vec<Ending>,
    certifications: Vec<Ending>,
    questionnaires: Vec<Ending>,
}

#[derive(Default, Serialize)]
struct Ending {
    ends: i64,
    plus: bool,
    level: i64,
    gaps: i64,
    attestation_ends: i64,
}

fn main() {
    let suppliers: Vec<_> = (0..SUPPLIERS).map(supplier).collect();
    let subjects: Vec<_> = suppliers.iter().map(|supplier| supplier.subject(AS_OF)).collect();
    let host = Host::new(Limits::default()).expect("a host");
    let component = built_in().iter().find(|each| each.name == "cyber-posture").expect("the rule").component;
    let rule = host.load("cyber-posture", component, &json!({})).expect("the rule loads");

    let through_component = best(ROUNDS, || rule.assess(&subjects));
    let native = best_native(&suppliers);
    let (rego, rego_risks) = best_rego(&suppliers[..REGO_SUPPLIERS]);
    let (cel, cel_risks) = best_cel(&suppliers[..REGO_SUPPLIERS]);
    let evaluation = &through_component.1;
    agree(evaluation, &native.1, [&rego_risks, &cel_risks]);

    println!(
        "cyber-posture, {SUPPLIERS} suppliers of 4 attestations, batches of {}, fuel on",
        host.limits().batch_subjects
    );
    println!("one thread used");
    print_machine();
    println!("component  {}", rate(through_component.0, SUPPLIERS));
    parts(&rule, evaluation, through_component.0);
    println!("native     {}", rate(native.0, SUPPLIERS));
    println!("regorus    {}", rate(rego, REGO_SUPPLIERS));
    println!("cel        {}", rate(cel, REGO_SUPPLIERS));
    let each = |time: Duration, count: usize| time.as_secs_f64() / count as f64;
    println!("component is {:.1} times regorus", each(rego, REGO_SUPPLIERS) / each(through_component.0, SUPPLIERS));
    println!("component is {:.1} times cel", each(cel, REGO_SUPPLIERS) / each(through_component.0, SUPPLIERS));
}

fn parts(rule: &Rule, evaluation: &Evaluation, whole: Duration) {
    let parts = evaluation.parts;
    let share = |name: &str, part: Duration| {
        let nanoseconds = part.as_nanos() / SUPPLIERS as u128;
        println!("  {name:<24} {nanoseconds:>5} ns  {:>4.1} %", 100.0 * part.as_secs_f64() / whole.as_secs_f64());
    };
    share("start and configure", parts.start);
    share("convert", parts.lower);
    share("lower, guest, lift", parts.call);
    share("check and convert back", parts.lift);
    println!("  {} calls, {} fuel a supplier", evaluation.calls, evaluation.fuel / SUPPLIERS as u64);
    println!("  component of {} bytes", rule.plugin().component_bytes());
}

fn rate(time: Duration, count: usize) -> String {
    let nanoseconds = time.as_nanos() / count as u128;
    format!("{:>9.0} assessments/s  {nanoseconds:>6} ns each", count as f64 / time.as_secs_f64())
}

/// The shortest of several rounds, with its result.
fn best<T>(rounds: usize, mut run: impl FnMut() -> T) -> (Duration, T) {
    let timed = (0..rounds).map(|_| {
        let start = Clock::now();
        let result = black_box(run());
        (start.elapsed(), result)
    });
    timed.min_by_key(|(time, _)| *time).expect("a round")
}

fn best_native(suppliers: &[Supplier]) -> (Duration, Vec<u32>) {
    let rule = CyberPosture::configure(Parameters::default()).expect("the defaults");
    let subjects: Vec<_> = suppliers.iter().map(native_subject).collect();
    best(ROUNDS, || subjects.iter().map(|subject| native_risk(&rule.assess(subject))).collect())
}

fn native_risk(assessment: &sdk::Assessment) -> u32 {
    match &assessment.outcome {
        sdk::Outcome::Scored(scored) => scored.risk_bp,
        _ => u32::MAX,
    }
}

fn best_rego(suppliers: &[Supplier]) -> (Duration, Vec<u32>) {
    let mut engine = regorus::Engine::new();
    engine.add_policy("posture.rego".into(), REGO.into()).expect("a policy");
    let inputs: Vec<_> = suppliers.iter().map(rego_input).collect();
    let policy = engine.compile_with_entrypoint(&"data.posture.risk".into()).expect("compiled");
    best(REGO_ROUNDS, || {
        let risk = |input: &regorus::Value| policy.eval_with_input(input.clone()).expect("evaluated");
        inputs.iter().map(|input| risk(input).as_u32().expect("a number")).collect()
    })
}

/// The variables are in place before the clock starts: each supplier has a context of its own, as a server would keep it.
fn best_cel(suppliers: &[Supplier]) -> (Duration, Vec<u32>) {
    let env = Arc::new(cel::Env::stdlib());
    let program = env.compile(CEL).expect("a program");
    let contexts: Vec<_> = suppliers.iter().map(|supplier| cel_context(&env, supplier)).collect();
    best(REGO_ROUNDS, || {
        let risk = |context: &cel::Context<'_, '_>| match program.execute(context).expect("evaluated") {
            cel::Value::Int(risk) => u32::try_from(risk).expect("a risk"),
            other => unreachable!("{other:?} is no risk"),
        };
        contexts.iter().map(risk).collect()
    })
}

fn cel_context(env: &Arc<cel::Env>, supplier: &Supplier) -> cel::Context<'static, 'static> {
    let Input { as_of, required, certificates, certifications, questionnaires } = input(supplier);
    let mut context = cel::Context::with_env(Arc::clone(env));
    context.add_variable("as_of", as_of).expect("a variable");
    context.add_variable("required", required).expect("a variable");
    context.add_variable("certificates", certificates).expect("a variable");
    context.add_variable("certifications", certifications).expect("a variable");
    context.add_variable("questionnaires", questionnaires).expect("a variable");
    context
}

/// All say the same, or the comparison means nothing.
fn agree(evaluation: &Evaluation, native: &[u32], others: [&[u32]; 2]) {
    let risks: Vec<_> = evaluation
        .assessments
        .iter()
        .map(|assessment| match assessment.outcome {
            Outcome::Scored { risk_bp, .. } => risk_bp,
            _ => u32::MAX,
        })
        .collect();
    assert_eq!(risks, native);
    for other in others {
        assert_eq!(&risks[..other.len()], other);
    }
}

/// Ten kinds of supplier: seven are in order, one has a lapsed CE Plus, one is overdue, one has its answers only.
fn supplier(number: usize) -> Supplier {
    let (plus_day, attested_day, level) = match number % 10 {
        7 => (-380, -100, 2),
        8 => (-120, -370, 2),
        9 => (-120, -100, 1),
        _ => (-120, -100, 2),
    };
    let certificate = || Certificate { certificate: "C-1".into(), whole_organisation: true, entities: vec![] };
    let claims = [
        (plus_day - 30, Claims::CyberCe(certificate())),
        (plus_day, Claims::CyberCeplus(certificate())),
        (-400, parsed("cyber.dcc", &json!({"level": level, "attested_on": date(attested_day)}))),
        (-90, parsed("cyber.saq", &json!({"level": 2}))),
    ];
    let from = |(day, claims)| (Instant::from_unix_seconds(AS_OF).plus_days(day), claims);
    Supplier::new(number, claims.map(from))
}

fn parsed(kind: &str, claims: &Value) -> Claims {
    Claims::parse(&Kind::named(kind), &claims.to_string()).expect("claims")
}

fn date(day: i64) -> String {
    Instant::from_unix_seconds(AS_OF).plus_days(day).date().to_string()
}

fn native_subject(supplier: &Supplier) -> sdk::Subject {
    let day = |date: tierwatch::model::Date| i32::try_from(date.days_since_1970()).expect("a day");
    let attestation = |(index, from): (usize, &Arc<Attestation>)| sdk::Attestation {
        index: u32::try_from(index).expect("few"),
        about: 0,
        issuer: 1,
        trust: sdk::Trust::ThirdParty,
        state: sdk::State::InForce,
        covers: true,
        issued_at: from.issued_at.unix_seconds(),
        valid_from: from.valid_from.unix_seconds(),
        valid_until: None,
        claims: match &from.claims {
            Claims::CyberCe(_) => sdk::Claims::CyberCe(sdk::Certificate { whole_organisation: true }),
            Claims::CyberCeplus(_) => sdk::Claims::CyberCeplus(sdk::Certificate { whole_organisation: true }),
            Claims::CyberDcc(dcc) => {
                sdk::Claims::CyberDcc(sdk::Dcc { level: dcc.level, attested_on: day(dcc.attested_on) })
            }
            Claims::CyberSaq(saq) => sdk::Claims::CyberSaq(sdk::Saq { level: saq.level, gaps: saq.gaps }),
            other => unreachable!("the fleet has no {}", other.kind()),
        },
    };
    sdk::Subject {
        as_of: AS_OF,
        words: None,
        evidence: supplier.evidence.iter().enumerate().map(attestation).collect(),
        requirement: Some(sdk::Requirement {
            cyber_level: Some(2),
            cmmc_level: None,
            gb_clearance: None,
            us_clearance: None,
            criticality: None,
        }),
        needs: None,
        impact: None,
        ownership: None,
    }
}

fn rego_input(supplier: &Supplier) -> regorus::Value {
    let input = serde_json::to_string(&input(supplier)).expect("JSON");
    regorus::Value::from_json_str(&input).expect("a value")
}

fn input(supplier: &Supplier) -> Input {
    let ends = |from: &Attestation, months| from.valid_from.date().plus_months(months).start().unix_seconds();
    let (mut certificates, mut certifications, mut questionnaires) = (Vec::new(), Vec::new(), Vec::new());
    for from in &supplier.evidence {
        match &from.claims {
            Claims::CyberCe(_) => certificates.push(Ending { ends: ends(from, 12), ..Ending::default() }),
            Claims::CyberCeplus(_) => {
                certificates.push(Ending { plus: true, ends: ends(from, 12), ..Ending::default() });
            }
            Claims::CyberDcc(dcc) => certifications.push(Ending {
                level: dcc.level.into(),
                ends: ends(from, 36),
                attestation_ends: dcc.attested_on.plus_months(12).start().unix_seconds(),
                ..Ending::default()
            }),
            Claims::CyberSaq(saq) => questionnaires.push(Ending {
                level: saq.level.into(),
                gaps: saq.gaps.into(),
                ends: ends(from, 12),
                ..Ending::default()
            }),
            other => unreachable!("the fleet has no {}", other.kind()),
        }
    }
    Input { as_of: AS_OF, required: 2, certificates, certifications, questionnaires }
}

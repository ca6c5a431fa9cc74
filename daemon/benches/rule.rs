//! One rule over one supplier of 4 attestations, fuel on: assessments a second through the compiled component, in
//! batches of 256 with a fresh instance each, beside the native body, regorus and the `cel` crate with the same rule, in the
//! same run: all give risk, confidence and findings, and agree about every supplier here and about some that are in no order.
//!
//! `cargo bench --bench rule`; a run takes about ten seconds. The best of the rounds counts: whatever else the machine
//! does only makes a round slower.

#![allow(clippy::print_stdout, reason = "a benchmark prints its table")]

mod common;
#[path = "rule/cel.rs"]
mod in_cel;
#[path = "rule/rego.rs"]
mod in_rego;

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
    model::{Assessment, Attestation, Claims, Date, Digest, Finding, Instant, Kind, Outcome, claims::Certificate},
    rules::{Evaluation, Host, Limits, Rule, built_in},
};
use tierwatch_rule as sdk;
use tierwatch_rule::Rule as _;

/// As many as a mid-sized prime has at tier 1 to 3.
const SUPPLIERS: usize = 10_240;
const ROUNDS: usize = 20;
/// The others are slow enough for fewer.
const OTHERS_SUPPLIERS: usize = 2_048;
const OTHERS_ROUNDS: usize = 8;
/// 2026-05-09
const AS_OF: i64 = 20_582 * 86_400;

/// What CEL and Rego get: as much as the component, and the ends of all periods worked out, because neither can add months
/// to a date and keep to the month.
#[derive(Serialize)]
struct Record {
    as_of: i64,
    required: i64,
    evidence: Vec<Evidence>,
}

/// Days and instants are in seconds since 1970.
#[derive(Serialize)]
struct Evidence {
    index: usize,
    kind: String,
    issuer: String,
    covers: bool,
    state: &'static str,
    trust: u32,
    valid_from: i64,
    ends: i64,
    #[serde(flatten)]
    claims: Value,
}

fn main() {
    let suppliers: Vec<_> = (0..SUPPLIERS).map(supplier).collect();
    let subjects: Vec<_> = suppliers.iter().map(|supplier| supplier.subject(AS_OF)).collect();
    let host = Host::new(Limits::default()).expect("a host");
    let component = built_in().iter().find(|each| each.name == "cyber-posture").expect("the rule").component;
    let rule = host.load("cyber-posture", component, &json!({})).expect("the rule loads");

    let through_component = best(ROUNDS, || rule.assess(&subjects));
    let native = best_native(&suppliers);
    let rego = in_rego::run(&suppliers[..OTHERS_SUPPLIERS]);
    let cel = in_cel::run(&suppliers[..OTHERS_SUPPLIERS]);
    let evaluation = &through_component.1;
    assert_eq!(risks(evaluation), native.1);
    agree(evaluation, &suppliers[..OTHERS_SUPPLIERS], [&rego.1, &cel.1]);
    let odd = odd_suppliers();
    let subjects: Vec<_> = odd.iter().map(|supplier| supplier.subject(AS_OF)).collect();
    agree(&rule.assess(&subjects), &odd, [&in_rego::run(&odd).1, &in_cel::run(&odd).1]);

    println!(
        "cyber-posture, {SUPPLIERS} suppliers of 4 attestations, batches of {}, fuel on",
        host.limits().batch_subjects
    );
    println!("one thread used");
    print_machine();
    println!("component  {}", rate(through_component.0, SUPPLIERS));
    parts(&rule, evaluation, through_component.0);
    println!("native     {}", rate(native.0, SUPPLIERS));
    println!("regorus    {}", rate(rego.0, OTHERS_SUPPLIERS));
    println!("cel        {}", rate(cel.0, OTHERS_SUPPLIERS));
    let each = |time: Duration, count: usize| time.as_secs_f64() / count as f64;
    println!("component is {:.1} times regorus", each(rego.0, OTHERS_SUPPLIERS) / each(through_component.0, SUPPLIERS));
    println!("component is {:.1} times cel", each(cel.0, OTHERS_SUPPLIERS) / each(through_component.0, SUPPLIERS));
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

fn risks(evaluation: &Evaluation) -> Vec<u32> {
    let risk = |assessment: &Assessment| match assessment.outcome {
        Outcome::Scored { risk_bp, .. } => risk_bp,
        _ => u32::MAX,
    };
    evaluation.assessments.iter().map(risk).collect()
}

/// All say the same, or the comparison means nothing.
fn agree(evaluation: &Evaluation, suppliers: &[Supplier], others: [&[Value]; 2]) {
    let written: Vec<Value> = evaluation.assessments.iter().zip(suppliers).map(written).collect();
    for other in others {
        assert_eq!(other.iter().map(essence).collect::<Vec<_>>(), written);
    }
}

/// Risk, confidence, and of each finding the code and the indices of what shows it.
fn written((assessment, supplier): (&Assessment, &Supplier)) -> Value {
    let Outcome::Scored { risk_bp, confidence_bp } = assessment.outcome else {
        unreachable!("every supplier is scored")
    };
    let index_of = |digest: &Digest| supplier.evidence.iter().position(|attestation| attestation.digest == *digest);
    let finding = |finding: &Finding| {
        let indices: Vec<Option<usize>> = finding.evidence.iter().map(index_of).collect();
        json!([finding.reason.message.code, indices])
    };
    json!([risk_bp, confidence_bp, assessment.findings.iter().map(finding).collect::<Vec<_>>()])
}

/// The same of an answer in CEL or Rego.
fn essence(answer: &Value) -> Value {
    let findings = answer["findings"].as_array().expect("findings");
    let findings = findings.iter().map(|finding| json!([finding["code"], finding["evidence"]]));
    json!([answer["risk"], answer["confidence"], findings.collect::<Vec<_>>()])
}

/// Ten kinds of supplier: seven are in order, one has a lapsed CE Plus, one is overdue, one has its answers only.
fn supplier(number: usize) -> Supplier {
    let (plus_day, attested_day, level) = match number % 10 {
        7 => (-380, -100, 2),
        8 => (-120, -370, 2),
        9 => (-120, -100, 1),
        _ => (-120, -100, 2),
    };
    let claims = [
        (plus_day - 30, Claims::CyberCe(certificate())),
        (plus_day, Claims::CyberCeplus(certificate())),
        (-400, parsed("cyber.dcc", &json!({"level": level, "attested_on": date(attested_day)}))),
        (-90, parsed("cyber.saq", &json!({"level": 2}))),
    ];
    Supplier::new(number, claims.map(from_day))
}

/// One for each other answer of the rule that a certificate can lead to: they are compared, not timed.
fn odd_suppliers() -> Vec<Supplier> {
    let (ce, plus) = (|day| (day, Claims::CyberCe(certificate())), |day| (day, Claims::CyberCeplus(certificate())));
    let questionnaire = |level| (-90, parsed("cyber.saq", &json!({"level": level})));
    let claims = [
        vec![ce(-100), plus(-90)],
        vec![ce(-100), plus(-90), questionnaire(1)],
        vec![ce(-100)],
        vec![ce(-330), plus(-320), questionnaire(2)],
        vec![ce(-300), plus(-100)],
        vec![plus(-380)],
        vec![plus(-500)],
        vec![questionnaire(2)],
    ];
    claims
        .into_iter()
        .enumerate()
        .map(|(number, claims)| Supplier::new(number, claims.into_iter().map(from_day)))
        .collect()
}

fn certificate() -> Certificate {
    Certificate { certificate: "C-1".into(), whole_organisation: true, entities: vec![] }
}

/// From a day on, counted from the day that is asked about.
fn from_day((day, claims): (i64, Claims)) -> (Instant, Claims) {
    (Instant::from_unix_seconds(AS_OF).plus_days(day), claims)
}

fn parsed(kind: &str, claims: &Value) -> Claims {
    Claims::parse(&Kind::named(kind), &claims.to_string()).expect("claims")
}

fn date(day: i64) -> String {
    Instant::from_unix_seconds(AS_OF).plus_days(day).date().to_string()
}

fn native_subject(supplier: &Supplier) -> sdk::Subject {
    let day = |date: Date| i32::try_from(date.days_since_1970()).expect("a day");
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

fn record(supplier: &Supplier) -> Record {
    let evidence = supplier.evidence.iter().enumerate().map(|(index, from)| {
        let day = from.valid_from.date();
        let after = |date: Date, months| date.plus_months(months).start().unix_seconds();
        let (months, claims) = match &from.claims {
            Claims::CyberCe(_) => (12, json!({"window_ends": after(day, 3)})),
            Claims::CyberCeplus(_) => (12, json!({})),
            Claims::CyberDcc(dcc) => {
                let attested_on = dcc.attested_on.start().unix_seconds();
                let ends = after(dcc.attested_on, 12);
                (36, json!({"level": dcc.level, "attested_on": attested_on, "attestation_ends": ends}))
            }
            Claims::CyberSaq(saq) => (12, json!({"level": saq.level, "gaps": saq.gaps})),
            other => unreachable!("the fleet has no {}", other.kind()),
        };
        Evidence {
            index,
            kind: from.claims.kind().to_string(),
            issuer: from.issuer.to_string(),
            covers: true,
            state: "in-force",
            trust: sdk::Trust::ThirdParty.confidence_bp(),
            valid_from: day.start().unix_seconds(),
            ends: after(day, months),
            claims,
        }
    });
    Record { as_of: AS_OF, required: 2, evidence: evidence.collect() }
}

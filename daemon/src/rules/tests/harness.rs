//! Evidence as JSON in, one line as the answer out: what all tables of rules share.

use crate::{
    model::{
        Assessment, Attestation, Claims, Digest, Facts, Finding, Instant, Kind, Organisation, Outcome, Reason, Trust,
        facts::Impact,
    },
    rules::{Host, Limits, Rule, Subject, built_in},
};
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};

/// Whom the tables are about; also known as `CAGE:ACME1`.
pub(super) const SUBJECT: &str = "GB-COH:00000001";

static HOST: LazyLock<Host> = LazyLock::new(|| Host::new(Limits::default()).expect("a host"));

/// The host of all tests that need no limits of their own.
pub(super) fn host() -> &'static Host {
    &HOST
}

/// A built-in rule, compiled, with these parameters.
pub(super) fn rule(name: &str, parameters: &Value) -> Rule {
    let built_in = built_in().iter().find(|built_in| built_in.name == name).expect("a built-in rule");
    host().load(name, built_in.component, parameters).expect("a rule")
}

/// One row of a rule's table.
pub(super) struct Row {
    pub(super) case: &'static str,
    /// What differs from no facts at all, as the model writes it.
    pub(super) facts: Value,
    /// Each with `kind` and `claims`, and what differs from [`attestation`]'s defaults.
    pub(super) evidence: Vec<Value>,
    pub(super) as_of: &'static str,
    /// As [`line`] writes it.
    pub(super) expected: &'static str,
}

/// Assesses all rows in one batch and each alone: both must answer what the table says.
pub(super) fn check(rule: &Rule, rows: &[Row]) {
    let cases: Vec<_> = rows.iter().map(Case::new).collect();
    let subjects: Vec<_> = cases.iter().map(Case::subject).collect();
    let together = rule.assess(&subjects).assessments;
    assert_eq!(together.len(), rows.len());
    let mut wrong = String::new();
    for ((row, subject), assessment) in rows.iter().zip(&subjects).zip(&together) {
        let (got, alone) = (line(assessment), rule.assess(&[*subject]).assessments);
        assert_eq!(alone.as_slice(), std::slice::from_ref(assessment), "{}: alone and in company", row.case);
        if got != row.expected {
            wrong += &format!("{}\n  expected {}\n  got      {got}\n", row.case, row.expected);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// An owned subject.
pub(super) struct Case {
    organisation: Organisation,
    names: Vec<Organisation>,
    as_of: Instant,
    evidence: Vec<Arc<Attestation>>,
    facts: Facts,
}

impl Case {
    pub(super) fn new(row: &Row) -> Self {
        let name = Organisation::checked_before;
        Self {
            organisation: name(SUBJECT),
            names: vec![name(SUBJECT), name("CAGE:ACME1")],
            as_of: Instant::parse_start(row.as_of).expect("a time"),
            evidence: row.evidence.iter().map(|value| Arc::new(attestation(value))).collect(),
            facts: facts(&row.facts),
        }
    }

    pub(super) fn subject(&self) -> Subject<'_> {
        Subject {
            organisation: &self.organisation,
            names: &self.names,
            as_of: self.as_of,
            evidence: &self.evidence,
            facts: &self.facts,
        }
    }
}

/// `facts` over no facts at all; needs get an item each and what a need must have.
fn facts(differing: &Value) -> Facts {
    let mut whole = serde_json::to_value(Facts { impact: Impact::default(), ..Facts::default() }).expect("JSON");
    merge(&mut whole, differing);
    serde_json::from_value(whole).expect("facts")
}

fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}

/// An attestation: by default third-party, from `IASME`, issued when it starts to hold, without an end.
pub(super) fn attestation(value: &Value) -> Attestation {
    let text = |field: &str, default: &str| value[field].as_str().unwrap_or(default).to_owned();
    let kind = Kind::named(value["kind"].as_str().expect("a kind"));
    let valid_from = Instant::parse_start(&text("valid_from", "2025-12-01")).expect("a time");
    let trust = Trust::ALL.into_iter().find(|trust| trust.as_str() == text("trust", "third-party"));
    Attestation {
        digest: Digest::of(value.to_string().as_bytes()),
        subject: Organisation::checked_before(&text("subject", SUBJECT)),
        issuer: text("issuer", "IASME").into(),
        issued_at: value["issued_at"].as_str().map_or(valid_from, |at| Instant::parse_start(at).expect("a time")),
        valid_from,
        valid_until: value["valid_until"].as_str().map(|until| Instant::parse_end(until).expect("a time")),
        trust: trust.expect("a trust"),
        scope: None,
        claims: Claims::parse(&kind, &value["claims"].to_string()).expect("claims"),
        evidence: Vec::new(),
        supersedes: Vec::new(),
        handling: None,
    }
}

/// `scored 8000 7500 CE_PLUS_LAPSED<1 due 2026-06-08`: outcome, risk, confidence, each finding's code with how many
/// attestations show it and when it is due.
pub(super) fn line(assessment: &Assessment) -> String {
    let outcome = match &assessment.outcome {
        Outcome::Scored { risk_bp, confidence_bp } => format!("scored {risk_bp} {confidence_bp}"),
        Outcome::NotApplicable(reason) | Outcome::Unknown(reason) | Outcome::Invalid(reason) => {
            format!("{} {}", assessment.outcome.as_str(), code(reason))
        }
        Outcome::Failed(why) => format!("failed: {why}"),
    };
    let findings = assessment.findings.iter().map(|finding: &Finding| {
        let shown_by = match finding.evidence.len() {
            0 => String::new(),
            many => format!("<{many}"),
        };
        let due = finding.due_on.map(|due_on| format!(" due {due_on}")).unwrap_or_default();
        format!(" {}{shown_by}{due}", code(&finding.reason))
    });
    outcome + &findings.collect::<String>()
}

fn code(reason: &Reason) -> &str {
    // A text that is not filled means arguments that do not match the message.
    assert!(!reason.text().contains('?'), "{}", reason.text());
    assert!(!reason.remedy().unwrap_or_default().contains('?'), "{:?}", reason.remedy());
    &reason.message.code
}

/// Facts with a required cyber level.
pub(super) fn cyber_level(level: u8) -> Value {
    json!({"requirement": {"cyber_level": level}})
}

//! A case as the text of a file, which reading gives back the same.

use super::{Case, Expected, ExpectedFinding};
use crate::model::{
    Attestation, Claims, Date, Facts, Handling, Instant, Severity,
    facts::{Impact, NeedFacts, Ownership, Requirement},
};
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
struct WrittenCase<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<&'a str>,
    organisation: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<&'a str>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    parameters: &'a Map<String, Value>,
    #[serde(skip_serializing_if = "WrittenFacts::is_empty")]
    facts: WrittenFacts<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attestations: Vec<WrittenAttestation<'a>>,
    expected: Vec<WrittenExpected<'a>>,
}

/// Facts with the values that they have in an empty network are left out: reading gives them back.
#[derive(Serialize)]
struct WrittenFacts<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    requirement: Option<&'a Requirement>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    needs: &'a [NeedFacts],
    #[serde(skip_serializing_if = "Option::is_none")]
    impact: Option<&'a Impact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ownership: Option<&'a Ownership>,
}

impl WrittenFacts<'_> {
    fn is_empty(&self) -> bool {
        self.requirement.is_none() && self.needs.is_empty() && self.impact.is_none() && self.ownership.is_none()
    }
}

#[derive(Serialize)]
struct WrittenAttestation<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    issuer: &'a str,
    trust: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_at: Option<Instant>,
    valid_from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    handling: Option<Handling>,
    /// `kind` and `claims`
    #[serde(flatten)]
    claims: &'a Claims,
}

#[derive(Serialize)]
struct WrittenExpected<'a> {
    as_of: String,
    outcome: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    risk_bp: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence_bp: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<Vec<WrittenFinding<'a>>>,
}

#[derive(Serialize)]
struct WrittenFinding<'a> {
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<Severity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_on: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<&'a [String]>,
}

/// The text of a case's file.
#[must_use]
pub fn write(case: &Case) -> String {
    let own = |name: &&str| *name != case.organisation.as_str();
    let written = WrittenCase {
        about: case.about.as_deref(),
        organisation: case.organisation.as_str(),
        aliases: case.names.iter().map(|name| name.as_str()).filter(own).collect(),
        parameters: &case.parameters,
        facts: facts(&case.facts),
        attestations: case.attestations.iter().zip(&case.ids).map(|(one, id)| attestation(case, one, id)).collect(),
        expected: case.expected.iter().map(expected).collect(),
    };
    toml::to_string(&written).unwrap_or_else(|error| unreachable!("a case has what TOML can say: {error}"))
}

fn facts(from: &Facts) -> WrittenFacts<'_> {
    WrittenFacts {
        requirement: (from.requirement != Requirement::default()).then_some(&from.requirement),
        needs: &from.needs,
        impact: (from.impact != Impact::default()).then_some(&from.impact),
        ownership: from.ownership.as_ref(),
    }
}

fn attestation<'a>(case: &Case, from: &'a Attestation, id: &'a str) -> WrittenAttestation<'a> {
    WrittenAttestation {
        id,
        subject: (from.subject != case.organisation).then_some(from.subject.as_str()),
        issuer: &from.issuer,
        trust: from.trust.as_str(),
        issued_at: (from.issued_at != from.valid_from).then_some(from.issued_at),
        valid_from: start(from.valid_from),
        valid_until: from.valid_until.map(end),
        scope: from.scope.as_deref(),
        handling: from.handling,
        claims: &from.claims,
    }
}

fn expected(from: &Expected) -> WrittenExpected<'_> {
    WrittenExpected {
        as_of: start(from.as_of),
        outcome: from.outcome,
        risk_bp: from.risk_bp,
        confidence_bp: from.confidence_bp,
        reason: from.reason.as_deref(),
        findings: from.findings.as_ref().map(|findings| findings.iter().map(finding).collect()),
    }
}

fn finding(from: &ExpectedFinding) -> WrittenFinding<'_> {
    WrittenFinding {
        code: &from.code,
        severity: from.severity,
        message: from.message.as_deref(),
        due_on: from.due_on,
        evidence: from.evidence.as_deref(),
    }
}

/// A date where it is midnight, otherwise an instant.
fn start(instant: Instant) -> String {
    if instant == instant.midnight() { instant.date().to_string() } else { instant.to_string() }
}

/// The last day where it ends at midnight, otherwise an instant.
fn end(instant: Instant) -> String {
    if instant == instant.midnight() { instant.plus_days(-1).date().to_string() } else { instant.to_string() }
}

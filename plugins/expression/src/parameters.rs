//! What a policy writes below `[rules.NAME.parameters]`, and its JSON Schema.

use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use std::collections::{BTreeMap, BTreeSet};

/// Longest expression, in characters.
const MAX_EXPRESSION_CHARS: usize = 4096;
/// Most clauses, named expressions or messages.
const MAX_ENTRIES: usize = 64;
/// Most arguments of a message.
const MAX_ARGUMENTS: usize = 16;

/// The rule as it is written.
#[derive(Debug, Deserialize)]
pub(crate) struct Parameters {
    /// What it measures, as `cyber`.
    #[serde(default = "dimension")]
    pub(crate) dimension: String,
    /// What it does, for a person.
    #[serde(default = "help")]
    pub(crate) help: String,
    /// Kinds that it reads beside those that its expressions name.
    #[serde(default)]
    pub(crate) kinds: Vec<String>,
    /// Named expressions.
    #[serde(default, rename = "let")]
    pub(crate) definitions: BTreeMap<String, Expression>,
    /// The first whose `when` holds answers.
    #[serde(default)]
    pub(crate) clauses: Vec<Clause>,
    /// What is answered where none holds.
    pub(crate) otherwise: Answer,
    /// What the rule can say, by code.
    #[serde(default)]
    pub(crate) messages: BTreeMap<String, Message>,
    /// The kinds that the configuration declares, with the JSON Schemas of their claims.
    #[serde(default)]
    pub(crate) declared: BTreeMap<String, Box<RawValue>>,
    /// The schemes of organisations that the configuration declares; nobody tells where a score is made again.
    pub(crate) schemes: Option<BTreeSet<String>>,
    /// What is shown instead of an answer.
    pub(crate) show: Option<Expression>,
    /// How many values of it have been shown before.
    #[serde(default)]
    pub(crate) skip: usize,
}

fn dimension() -> String {
    "policy".into()
}

fn help() -> String {
    "A rule that the policy writes as expressions.".into()
}

/// An expression, or a plain number or truth.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Expression {
    /// `true` or `false`
    Truth(bool),
    /// A whole number.
    Number(i64),
    /// One with a point, which JSON Schema takes for whole where it is `5000.0`: refused at its place.
    Decimal(f64),
    /// CEL.
    Text(String),
}

impl Expression {
    /// As CEL.
    #[must_use]
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Truth(truth) => truth.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Decimal(number) => format!("{number:?}"),
            Self::Text(text) => text.clone(),
        }
    }
}

/// A condition and the answer where it holds.
#[derive(Debug, Deserialize)]
pub(crate) struct Clause {
    /// The condition.
    pub(crate) when: Expression,
    /// The answer.
    #[serde(flatten)]
    pub(crate) answer: Answer,
}

/// What kind of answer it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Outcome {
    /// A risk.
    #[default]
    Scored,
    /// Nothing is required.
    NotApplicable,
    /// Something is required and there is no evidence.
    Unknown,
    /// The evidence contradicts itself.
    Invalid,
}

/// An answer.
#[derive(Debug, Deserialize)]
pub(crate) struct Answer {
    /// Which.
    #[serde(default)]
    pub(crate) outcome: Outcome,
    /// Of a score, in basis points.
    pub(crate) risk: Option<Expression>,
    /// Of a score: basis points, or the attestations that it rests on.
    pub(crate) confidence: Option<Expression>,
    /// The code of the message that says why, of an answer that is no score.
    pub(crate) reason: Option<String>,
    /// The codes of the messages that are findings, in their order.
    #[serde(default)]
    pub(crate) findings: Vec<String>,
}

/// A message.
#[derive(Debug, Deserialize)]
pub(crate) struct Message {
    /// With `{0}`, `{1}` … for the arguments.
    pub(crate) text: String,
    /// What to do about it.
    #[serde(default)]
    pub(crate) remedy: String,
    /// How much it matters as a finding.
    pub(crate) severity: Option<Severity>,
    /// What fills the places of the texts.
    #[serde(default)]
    pub(crate) arguments: Vec<Expression>,
    /// Only then is it a finding.
    pub(crate) when: Option<Expression>,
    /// Once for each of these, which the other expressions call `it`.
    pub(crate) each: Option<Expression>,
    /// The attestations that show it.
    pub(crate) evidence: Option<Expression>,
    /// The last day for mending it.
    pub(crate) due_on: Option<Expression>,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Severity {
    /// Worth knowing.
    Info,
    /// To be mended in time.
    Low,
    /// To be mended soon.
    Medium,
    /// To be mended now.
    High,
    /// The programme is at risk.
    Critical,
}

impl From<Severity> for tierwatch_rule::Severity {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Info => Self::Info,
            Severity::Low => Self::Low,
            Severity::Medium => Self::Medium,
            Severity::High => Self::High,
            Severity::Critical => Self::Critical,
        }
    }
}

/// The JSON Schema of [`Parameters`].
#[must_use]
pub(crate) fn schema() -> String {
    let expression = |about: &str| {
        json!({"description": about, "type": ["string", "integer", "boolean"], "minLength": 1,
            "maxLength": MAX_EXPRESSION_CHARS})
    };
    let text =
        |about: &str, most: usize| json!({"description": about, "type": "string", "minLength": 1, "maxLength": most});
    let code = |about: &str| json!({"description": about, "type": "string", "pattern": "^[A-Z][A-Z0-9_]{0,63}$"});
    let answer = json!({
        "outcome": {"description": "What kind of answer it is.", "default": "scored",
            "enum": ["scored", "not-applicable", "unknown", "invalid"]},
        "risk": expression("Of a score: basis points, an int."),
        "confidence": expression("Of a score: basis points, an int; or the attestations that it rests on, whose weakest trust counts."),
        "reason": code("The code of the message that says why, of an answer that is no score."),
        "findings": {"description": "The codes of the messages that are findings, in their order.", "type": "array",
            "items": code("A code."), "maxItems": MAX_ENTRIES},
    });
    let mut clause = answer.clone();
    clause["when"] = expression("The condition, a bool.");
    let object = |properties: Value, required: &[&str]| json!({"type": "object", "additionalProperties": false, "properties": properties, "required": required});
    let message = object(
        json!({
            "text": text("A sentence with {0}, {1} … where the arguments go.", 1024),
            "remedy": {"description": "What to do about it, with the same arguments.", "type": "string", "maxLength": 1024},
            "severity": {"description": "How much it matters as a finding.", "enum": ["info", "low", "medium", "high", "critical"]},
            "arguments": {"description": "What fills the places of the texts.", "type": "array",
                "items": expression("A value."), "maxItems": MAX_ARGUMENTS},
            "when": expression("Only then is it a finding."),
            "each": expression("A list: a finding for each of its elements, which the other expressions call `it`."),
            "evidence": expression("The attestations that show it."),
            "due_on": expression("The last day for mending it, a date."),
        }),
        &["text"],
    );
    let names = |pattern: &str, of: &Value, about: &str| {
        json!({"description": about, "type": "object", "additionalProperties": false, "patternProperties": {pattern: of},
            "maxProperties": MAX_ENTRIES})
    };
    let mut whole = object(
        json!({
            "dimension": text("What it measures, as cyber or supply.", 64),
            "help": text("What it does and what that rests on.", 4096),
            "kinds": {"description": "Kinds that it reads beside those that its expressions name, for `evidence`.", "type": "array",
                "items": text("As cyber.ce.", 64), "maxItems": MAX_ENTRIES},
            "let": names("^[a-z][a-z0-9_]{0,63}$", &expression("An expression."), "Named expressions."),
            "clauses": {"description": "The first whose `when` holds answers.", "type": "array",
                "items": object(clause, &["when"]), "maxItems": MAX_ENTRIES},
            "otherwise": object(answer, &[]),
            "messages": names("^[A-Z][A-Z0-9_]{0,63}$", &message, "What the rule can say, by code."),
            "declared": {"description": "The kinds that the configuration declares, each with the JSON Schema of its claims; the daemon \
                fills this in.", "type": "object", "additionalProperties": {"type": ["object", "boolean"]},
                "x-tierwatch": "declared-kinds"},
            "schemes": {"description": "The schemes of organisations that the configuration declares; the daemon fills this in.",
                "type": "array", "items": text("As NL-KVK.", 32), "x-tierwatch": "declared-schemes"},
            "show": expression("What this comes to is shown instead of an answer: `tierwatch plugin eval` asks so."),
            "skip": {"description": "How many values of that have been shown before.", "type": "integer", "minimum": 0},
        }),
        &["otherwise"],
    );
    whole["properties"]["otherwise"]["description"] = "What is answered where no clause holds.".into();
    whole.to_string()
}

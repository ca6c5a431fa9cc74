//! What one rule says of one supplier.

use super::{BasisPoints, Date, Digest, Instant, Kind, Organisation, claims::Text, facts::Fact};
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};

/// A rule's description of itself: `describe()` of the contract, checked.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Manifest {
    /// The rule's name, as policies call it.
    pub name: Arc<str>,
    /// Semantic version of the rule.
    pub version: String,
    /// What it measures, as `cyber` or `supply`.
    pub dimension: String,
    /// What it does and which standards it rests on, for people.
    pub help: String,
    /// The kinds that it reads: no others reach it, and no others make it run again.
    pub kinds: Vec<Kind>,
    /// The facts it reads.
    pub facts: Vec<Fact>,
    /// JSON Schema (2020-12) of its parameters.
    pub parameters: serde_json::Value,
    /// Every message it can give: reasons and findings.
    pub messages: Vec<Arc<Message>>,
}

/// One message of a rule: assessments carry its index and arguments, the host makes the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Its code, as `CEP_WINDOW`.
    pub code: String,
    /// Its text, with `{0}`, `{1}` … for the arguments.
    pub text: String,
    /// What to do about it, with the same arguments; empty where there is nothing to do.
    pub remedy: String,
}

/// A value for a `{0}` of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// A text, shown as it is.
    Text(Text),
    /// A whole number.
    Number(i64),
    /// Basis points, shown as per cent.
    BasisPoints(BasisPoints),
    /// A date, shown as `2026-05-09`.
    Date(Date),
    /// An instant, shown in UTC.
    Instant(Instant),
    /// An organisation, shown as `SCHEME:ID`.
    Organisation(Organisation),
}

impl fmt::Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => text.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::BasisPoints(bp) => write!(f, "{}.{:02} %", bp / 100, bp % 100),
            Self::Date(date) => date.fmt(f),
            Self::Instant(instant) => instant.fmt(f),
            Self::Organisation(organisation) => organisation.fmt(f),
        }
    }
}

/// A message with its arguments. Its text is made when it is shown, since most assessments are never looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The message of the rule's manifest.
    pub message: Arc<Message>,
    /// The arguments, in the order of their numbers.
    pub arguments: Vec<Argument>,
}

impl Reason {
    /// A reason whose text and remedy are already filled in, as in a stored score.
    #[must_use]
    pub fn spelt(code: &str, text: &str, remedy: &str) -> Self {
        let remedy_text = if remedy.is_empty() { "" } else { "{1}" };
        let message = Message { code: code.to_owned(), text: "{0}".to_owned(), remedy: remedy_text.to_owned() };
        let arguments = vec![Argument::Text(Text::from(text)), Argument::Text(Text::from(remedy))];
        Self { message: Arc::new(message), arguments }
    }

    /// The message's text with the arguments filled in.
    #[must_use]
    pub fn text(&self) -> String {
        fill(&self.message.text, &self.arguments)
    }

    /// What to do about it; `None` where there is nothing to do.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        (!self.message.remedy.is_empty()).then(|| fill(&self.message.remedy, &self.arguments))
    }
}

fn fill(template: &str, arguments: &[Argument]) -> String {
    let mut filled = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let (placeholder, tail) = after.split_once('}').unwrap_or((after, ""));
        match placeholder.parse::<usize>().ok().and_then(|index| arguments.get(index)) {
            Some(argument) => filled.push_str(&argument.to_string()),
            None => filled.push('?'),
        }
        rest = tail;
    }
    filled.push_str(rest);
    filled
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// To be remedied in time.
    Low,
    /// To be remedied soon.
    Medium,
    /// To be remedied now.
    High,
    /// The programme is at risk.
    Critical,
}

impl Severity {
    /// The word for it in files and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// One thing that a rule found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The message with its arguments.
    pub reason: Reason,
    /// How much it matters.
    pub severity: Severity,
    /// The attestations that show it.
    pub evidence: Vec<Digest>,
    /// The day by which it must be remedied.
    pub due_on: Option<Date>,
}

/// A rule's answer. Unknown, failed and a risk of zero are three different things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The evidence gives a risk.
    Scored {
        /// 0 (none) to 10 000 (worst).
        risk_bp: BasisPoints,
        /// 0 to 10 000, by the weakest trust among the evidence used.
        confidence_bp: BasisPoints,
    },
    /// Nothing is required.
    NotApplicable(Reason),
    /// Something is required and there is no evidence.
    Unknown(Reason),
    /// The evidence contradicts itself or is impossible.
    Invalid(Reason),
    /// The rule did not answer, for this reason: the daemon's fault, not the supplier's.
    Failed(String),
}

impl Outcome {
    /// Every word that [`Outcome::as_str`] can give.
    pub const WORDS: [&'static str; 5] = ["scored", "not-applicable", "unknown", "invalid", "failed"];

    /// The word for it in files, answers and metrics.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Scored { .. } => "scored",
            Self::NotApplicable(_) => "not-applicable",
            Self::Unknown(_) => "unknown",
            Self::Invalid(_) => "invalid",
            Self::Failed(_) => "failed",
        }
    }
}

/// One rule's outcome for one supplier, with its findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// The rule's answer, with a risk or a reason.
    pub outcome: Outcome,
    /// Its findings, in the rule's order.
    pub findings: Vec<Finding>,
    /// The instant that the rule was asked about, if it could not be asked again since then.
    pub stale_since: Option<Instant>,
}

impl Assessment {
    /// The present assessment by a rule.
    #[must_use]
    pub fn new(outcome: Outcome, findings: Vec<Finding>) -> Self {
        Self { outcome, findings, stale_since: None }
    }

    /// The assessment of a rule that did not answer.
    #[must_use]
    pub fn failed(why: impl Into<String>) -> Self {
        Self::new(Outcome::Failed(why.into()), Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_filled() {
        let message = Message { code: "X".into(), text: "{0} of {1}, {2}{".into(), remedy: String::new() };
        let arguments = vec![Argument::Number(3), Argument::BasisPoints(2501)];
        let reason = Reason { message: message.into(), arguments };
        assert_eq!(reason.text(), "3 of 25.01 %, ??");
        assert_eq!(reason.remedy(), None);
    }
}

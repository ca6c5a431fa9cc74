//! The JSON in which a score is stored: one shape for writing and for reading.
//!
//! When a score is read, its texts and the JSON of its long parts are borrowed, so that a reader of a few fields copies only
//! those.

use super::{
    Assessment, BasisPoints, Date, Digest, Finding, Instant, Outcome, Reason, Score, Severity,
    score::{Contribution, Provenance},
};
use crate::by_name;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::value::RawValue;
use std::{borrow::Cow, ops::Deref};

/// A stored score. The order of the fields is that of the bytes; unknown fields, which a newer daemon may add, are ignored.
#[derive(Debug, Serialize, Deserialize)]
pub struct ScoreJson<'a> {
    /// `SCHEME:ID`, as [`Score::organisation`].
    #[serde(borrow)]
    pub organisation: Cow<'a, str>,
    /// The registered name; `null` where no profile states one.
    #[serde(borrow)]
    pub name: Written<'a, Option<Cow<'a, str>>>,
    /// The other names as `SCHEME:ID`, sorted.
    #[serde(borrow)]
    pub aliases: Written<'a, Vec<Cow<'a, str>>>,
    /// The instant for which it was made.
    pub as_of: Instant,
    /// 0 to 10 000; `None` when no rule applies.
    pub risk_bp: Option<BasisPoints>,
    /// The policy's name for the band of that risk.
    #[serde(borrow)]
    pub band: Cow<'a, str>,
    /// The weight of the scored rules, as a part of 10 000 of all that apply.
    pub coverage_bp: BasisPoints,
    /// The weighted mean of the rules' confidence, 0 to 10 000.
    pub confidence_bp: BasisPoints,
    /// As [`Score::certain`]; left out when there are none.
    #[serde(default, skip_serializing_if = "<[String]>::is_empty")]
    pub certain: Cow<'a, [String]>,
    /// One for each rule, by rule name.
    #[serde(borrow)]
    pub contributions: Written<'a, Vec<ContributionJson<'a>>>,
    /// The findings of the daemon itself.
    #[serde(borrow)]
    pub findings: Written<'a, Vec<FindingJson<'a>>>,
    /// What the score was made from.
    pub provenance: Cow<'a, Provenance>,
}

/// One rule's part in a stored score.
#[derive(Debug, Serialize, Deserialize)]
pub struct ContributionJson<'a> {
    /// The rule's name in the policy.
    #[serde(borrow)]
    pub rule: Cow<'a, str>,
    /// One of [`Outcome::WORDS`].
    #[serde(borrow)]
    pub outcome: Cow<'a, str>,
    /// The risk that counted; `None`: not applicable.
    pub risk_bp: Option<BasisPoints>,
    /// The rule's confidence; 0 unless it scored.
    pub confidence_bp: BasisPoints,
    /// The rule's weight in the policy, 1 to 100.
    pub weight: u32,
    /// Whether the policy makes it a gate.
    pub gate: bool,
    /// Its part of the score, in basis points.
    pub contribution_bp: BasisPoints,
    /// Why the rule has no risk to give.
    #[serde(borrow)]
    pub reason: Option<ReasonJson<'a>>,
    /// Why the rule did not answer.
    pub failure: Option<Cow<'a, str>>,
    /// The findings of the rule, in its order.
    #[serde(borrow)]
    pub findings: Vec<FindingJson<'a>>,
    /// As [`Contribution::stale_since`]; left out when the rule was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_since: Option<Instant>,
}

/// Why a rule has no risk to give.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReasonJson<'a> {
    /// The code of the message, as `CEP_WINDOW`.
    #[serde(borrow)]
    pub code: Cow<'a, str>,
    /// The message with its arguments filled in.
    #[serde(borrow)]
    pub text: Cow<'a, str>,
}

/// One finding, with its text.
#[derive(Debug, Serialize, Deserialize)]
pub struct FindingJson<'a> {
    /// The code of the message, as `CEP_WINDOW`.
    #[serde(borrow)]
    pub code: Cow<'a, str>,
    /// How much it matters.
    pub severity: Severity,
    /// The message with its arguments filled in.
    #[serde(borrow)]
    pub message: Cow<'a, str>,
    /// What to do about it; `None` where there is nothing to do.
    pub remedy: Option<Cow<'a, str>>,
    /// The day by which it must be remedied.
    pub due_on: Option<Date>,
    /// The attestations that show it.
    pub evidence: Cow<'a, [Digest]>,
}

/// A part of a stored score, with its JSON if it was read from JSON.
#[derive(Debug)]
pub struct Written<'a, T> {
    value: T,
    json: Option<&'a str>,
}

impl<T> Written<'_, T> {
    /// The part without its JSON.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T: Serialize> Written<'_, T> {
    /// Adds the part's JSON to `json`: the bytes that are or will be stored.
    pub fn append_to(&self, json: &mut Vec<u8>) {
        match self.json {
            Some(text) => json.extend_from_slice(text.as_bytes()),
            None => serde_json::to_writer(json, &self.value).unwrap_or_else(|error| unreachable!("{NO_JSON}: {error}")),
        }
    }
}

impl<T> Deref for Written<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> From<T> for Written<'_, T> {
    fn from(value: T) -> Self {
        Self { value, json: None }
    }
}

impl<T: Serialize> Serialize for Written<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for Written<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = <&'de RawValue>::deserialize(deserializer)?.get();
        Ok(Self { value: by_name::json(json).map_err(D::Error::custom)?, json: Some(json) })
    }
}

/// Why writing a score as JSON cannot fail.
const NO_JSON: &str = "a score holds only strings and numbers";

impl Score {
    /// The bytes that are stored, and that `replay` must reproduce: JSON with the fields in order.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(&ScoreJson::from(self)).unwrap_or_else(|error| unreachable!("{NO_JSON}: {error}"))
    }
}

impl<'a> ScoreJson<'a> {
    /// Reads what [`Score::to_bytes`] wrote.
    ///
    /// # Errors
    /// Where `json` is not a stored score.
    pub fn parse(json: &'a str) -> serde_json::Result<Self> {
        by_name::json(json)
    }

    /// What `rule` said, marked as stale since the instant it was asked about; `None` when it said nothing, or failed.
    #[must_use]
    pub fn assessment(&self, rule: &str) -> Option<Assessment> {
        let part = self.contributions.iter().find(|part| part.rule == rule)?;
        let reason = || part.reason.as_ref().map(|reason| Reason::spelt(&reason.code, &reason.text, ""));
        let outcome = match &*part.outcome {
            "scored" => Outcome::Scored { risk_bp: part.risk_bp?, confidence_bp: part.confidence_bp },
            "not-applicable" => Outcome::NotApplicable(reason()?),
            "unknown" => Outcome::Unknown(reason()?),
            "invalid" => Outcome::Invalid(reason()?),
            _ => return None,
        };
        let finding = |one: &FindingJson<'_>| Finding {
            reason: Reason::spelt(&one.code, &one.message, one.remedy.as_deref().unwrap_or_default()),
            severity: one.severity,
            evidence: one.evidence.to_vec(),
            due_on: one.due_on,
        };
        let findings = part.findings.iter().map(finding).collect();
        Some(Assessment { outcome, findings, stale_since: Some(part.stale_since.unwrap_or(self.provenance.as_of)) })
    }
}

impl Assessment {
    /// The digest over everything that it says: an assessment that is read back from a stored score has the same digest.
    #[must_use]
    pub fn digest(&self) -> Digest {
        #[derive(Serialize)]
        struct Said<'a>(
            &'a str,
            Option<(BasisPoints, BasisPoints)>,
            Option<&'a Reason>,
            &'a [Finding],
            Option<Instant>,
        );
        let (risk, reason) = match &self.outcome {
            Outcome::Scored { risk_bp, confidence_bp } => (Some((*risk_bp, *confidence_bp)), None),
            Outcome::NotApplicable(reason) | Outcome::Unknown(reason) | Outcome::Invalid(reason) => {
                (None, Some(reason))
            }
            Outcome::Failed(_) => (None, None),
        };
        let said = Said(self.outcome.as_str(), risk, reason, &self.findings, self.stale_since);
        let bytes = serde_json::to_vec(&said).unwrap_or_else(|error| unreachable!("{NO_JSON}: {error}"));
        Digest::of(&bytes)
    }
}

impl<'a> From<&'a Score> for ScoreJson<'a> {
    fn from(score: &'a Score) -> Self {
        Self {
            organisation: score.organisation.as_str().into(),
            name: score.name.as_ref().map(|name| Cow::Borrowed(name.as_str())).into(),
            aliases: score.aliases.iter().map(|alias| alias.as_str().into()).collect::<Vec<_>>().into(),
            as_of: score.as_of,
            risk_bp: score.risk_bp,
            band: (&*score.band).into(),
            coverage_bp: score.coverage_bp,
            confidence_bp: score.confidence_bp,
            certain: (&score.certain).into(),
            contributions: score.contributions.iter().map(ContributionJson::from).collect::<Vec<_>>().into(),
            findings: score.findings.iter().map(FindingJson::from).collect::<Vec<_>>().into(),
            provenance: Cow::Borrowed(&score.provenance),
        }
    }
}

impl<'a> From<&'a Contribution> for ContributionJson<'a> {
    fn from(part: &'a Contribution) -> Self {
        let (confidence_bp, reason, failure) = match &part.outcome {
            Outcome::Scored { confidence_bp, .. } => (*confidence_bp, None, None),
            Outcome::NotApplicable(reason) | Outcome::Unknown(reason) | Outcome::Invalid(reason) => {
                (0, Some(reason.into()), None)
            }
            Outcome::Failed(why) => (0, None, Some(why.into())),
        };
        Self {
            rule: (&*part.rule).into(),
            outcome: part.outcome.as_str().into(),
            risk_bp: part.risk_bp,
            confidence_bp,
            weight: part.weight,
            gate: part.gate,
            contribution_bp: part.contribution_bp,
            reason,
            failure,
            findings: part.findings.iter().map(FindingJson::from).collect(),
            stale_since: part.stale_since,
        }
    }
}

impl<'a> From<&'a Reason> for ReasonJson<'a> {
    fn from(reason: &'a Reason) -> Self {
        Self { code: (&*reason.message.code).into(), text: reason.text().into() }
    }
}

impl<'a> From<&'a Finding> for FindingJson<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            code: (&*finding.reason.message.code).into(),
            severity: finding.severity,
            message: finding.reason.text().into(),
            remedy: finding.reason.remedy().map(Cow::Owned),
            due_on: finding.due_on,
            evidence: (&finding.evidence).into(),
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ReasonJson::from(self).serialize(serializer)
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        FindingJson::from(self).serialize(serializer)
    }
}

#[cfg(test)]
mod tests;

//! From the contract to the model. A guest is not trusted: every number that it gives back is checked.

use super::{bindings_v1 as v1, limits::ARGUMENTS_MAX, lower::Batch};
use crate::model::{
    Argument, Assessment, Date, Finding, Instant, Outcome, Reason, Severity, WHOLE_BP, assessment::Message,
    time::DAY_SECONDS,
};
use std::sync::Arc;

/// What a rule gave back that it must not; the sentence ends with the fix.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Breach {
    #[error("it answered {0} basis points: have its author keep risk and confidence within 0 to 10000")]
    BasisPoints(u32),
    #[error("it named message {0}, which its manifest has not: have its author add it to the manifest")]
    Message(u32),
    #[error("it named evidence {0}, which the supplier has not: have its author pass on the `index` of an attestation")]
    Evidence(u32),
    #[error("it named handle {0}, which it was never given: have its author pass on handles of the same subject")]
    Name(u32),
    #[error("it named a day or an instant beyond the years 1 to 9999: have its author check its dates")]
    Time,
    #[error("it gave {got} findings: have its author keep to the limit of {limit} an assessment")]
    Findings { got: usize, limit: usize },
    #[error("it gave a message {0} arguments: have its author keep to {ARGUMENTS_MAX}")]
    Arguments(usize),
}

/// Checks and translates what a rule answered about one subject of a batch.
pub(super) struct Lift<'a, 'b> {
    pub(super) messages: &'a [Arc<Message>],
    pub(super) batch: &'a Batch<'b>,
    pub(super) findings_max: usize,
}

impl Lift<'_, '_> {
    /// The assessment of the subject at `place` in the batch.
    pub(super) fn assessment(&self, place: usize, from: v1::Assessment) -> Result<Assessment, Breach> {
        if from.findings.len() > self.findings_max {
            return Err(Breach::Findings { got: from.findings.len(), limit: self.findings_max });
        }
        let outcome = match from.outcome {
            v1::Outcome::Scored(scored) => Outcome::Scored {
                risk_bp: basis_points(scored.risk_bp)?,
                confidence_bp: basis_points(scored.confidence_bp)?,
            },
            v1::Outcome::NotApplicable(reason) => Outcome::NotApplicable(self.v1_reason(place, reason)?),
            v1::Outcome::Unknown(reason) => Outcome::Unknown(self.v1_reason(place, reason)?),
            v1::Outcome::Invalid(reason) => Outcome::Invalid(self.v1_reason(place, reason)?),
        };
        let findings = from.findings.into_iter().map(|finding| self.finding(place, finding));
        Ok(Assessment::new(outcome, findings.collect::<Result<_, _>>()?))
    }

    fn finding(&self, place: usize, from: v1::Finding) -> Result<Finding, Breach> {
        let digest = |index| self.batch.digest(place, index).ok_or(Breach::Evidence(index));
        Ok(Finding {
            reason: self.reason(place, from.message, from.arguments)?,
            severity: severity(from.severity),
            evidence: from.evidence.into_iter().map(digest).collect::<Result<_, _>>()?,
            due_on: from.due_on.map(date).transpose()?,
        })
    }

    fn v1_reason(&self, place: usize, from: v1::Reason) -> Result<Reason, Breach> {
        self.reason(place, from.message, from.arguments)
    }

    fn reason(&self, place: usize, message: u32, arguments: Vec<v1::Argument>) -> Result<Reason, Breach> {
        let found = usize::try_from(message).ok().and_then(|message| self.messages.get(message));
        if arguments.len() > ARGUMENTS_MAX {
            return Err(Breach::Arguments(arguments.len()));
        }
        let arguments = arguments.into_iter().map(|argument| self.argument(place, argument));
        Ok(Reason {
            message: Arc::clone(found.ok_or(Breach::Message(message))?),
            arguments: arguments.collect::<Result<_, _>>()?,
        })
    }

    fn argument(&self, place: usize, from: v1::Argument) -> Result<Argument, Breach> {
        Ok(match from {
            v1::Argument::Text(text) => Argument::Text(text.as_str().into()),
            v1::Argument::Number(number) => Argument::Number(number),
            v1::Argument::BasisPoints(bp) => Argument::BasisPoints(bp),
            v1::Argument::Date(days) => Argument::Date(date(days)?),
            v1::Argument::Instant(seconds) => Argument::Instant(instant(seconds)?),
            v1::Argument::Name(handle) => self.batch.names.resolve(place, handle).ok_or(Breach::Name(handle))?,
        })
    }
}

fn basis_points(bp: u32) -> Result<u32, Breach> {
    if bp <= WHOLE_BP { Ok(bp) } else { Err(Breach::BasisPoints(bp)) }
}

fn date(days: i32) -> Result<Date, Breach> {
    instant(i64::from(days) * DAY_SECONDS).map(Instant::date)
}

fn instant(seconds: i64) -> Result<Instant, Breach> {
    let instant = Instant::from_unix_seconds(seconds);
    if instant.unix_seconds() == seconds { Ok(instant) } else { Err(Breach::Time) }
}

fn severity(severity: v1::Severity) -> Severity {
    match severity {
        v1::Severity::Info => Severity::Info,
        v1::Severity::Low => Severity::Low,
        v1::Severity::Medium => Severity::Medium,
        v1::Severity::High => Severity::High,
        v1::Severity::Critical => Severity::Critical,
    }
}

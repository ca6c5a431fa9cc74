//! From the contract to the model. A guest is not trusted: every number that it returns is checked.

use super::{
    bindings_v1 as v1,
    limits::{MAX_ARGUMENT_BYTES, MAX_ASSESSMENT_BYTES, MAX_FAILURE_BYTES, shortened},
    lower::LoweredBatch,
};
use crate::model::{
    Argument, Assessment, Date, Finding, Instant, Outcome, Reason, Severity, WHOLE_BP, assessment::Message,
    time::DAY_SECONDS,
};
use std::sync::Arc;

/// What a rule returned although it must not; the sentence ends with the fix.
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
    #[error("it gave message {code} {got} arguments, and its texts take {takes}: have its author give it {takes}")]
    Arguments { code: String, got: usize, takes: usize },
    #[error(
        "it gave message {code} an argument of {got} bytes: have its author keep to {MAX_ARGUMENT_BYTES}, or pass on a handle"
    )]
    Argument { code: String, got: usize },
    #[error(
        "its answer comes to more than {MAX_ASSESSMENT_BYTES} bytes with its texts filled in: have its author report the worst \
         findings only"
    )]
    Size,
}

/// The message by which a rule says that it failed on a supplier: its one argument says how. No manifest has that many.
const FAILURE: u32 = u32::MAX;

/// What a finding takes beside its texts, in bytes: the names of its fields, its severity and its day.
const FINDING_BYTES: usize = 128;
/// What a digest takes, in bytes.
const DIGEST_BYTES: usize = 74;

/// A message, and how often each argument appears in it.
pub(super) struct MessageForm {
    message: Arc<Message>,
    /// How often each argument appears in its text and its remedy.
    uses: Vec<usize>,
}

impl MessageForm {
    pub(super) fn of(message: &Arc<Message>) -> Self {
        let mut uses = Vec::new();
        for template in [&message.text, &message.remedy] {
            // The manifest's check has found all of these to be indices of arguments.
            let indices =
                template.split('{').skip(1).filter_map(|after| after.split('}').next()?.parse::<usize>().ok());
            for index in indices {
                if uses.len() <= index {
                    uses.resize(index + 1, 0);
                }
                uses[index] += 1;
            }
        }
        Self { message: Arc::clone(message), uses }
    }

    /// Its length with these arguments filled in, in bytes.
    fn filled_bytes(&self, arguments: &[Argument]) -> usize {
        let templates = self.message.code.len() + self.message.text.len() + self.message.remedy.len();
        let filled = self.uses.iter().zip(arguments).map(|(uses, argument)| uses.saturating_mul(length(argument)));
        filled.fold(templates, usize::saturating_add)
    }
}

/// The most bytes that it has when it is shown.
fn length(argument: &Argument) -> usize {
    match argument {
        Argument::Text(text) => text.0.len(),
        Argument::Organisation(organisation) => organisation.as_str().len(),
        Argument::Number(_) | Argument::BasisPoints(_) | Argument::Date(_) | Argument::Instant(_) => 24,
    }
}

/// Checks and translates what a rule answered about one subject of a batch.
pub(super) struct Lift<'a, 'b> {
    pub(super) forms: &'a [MessageForm],
    pub(super) batch: &'a LoweredBatch<'b>,
    pub(super) findings_max: usize,
}

impl Lift<'_, '_> {
    /// The assessment of the subject with this index in the batch.
    pub(super) fn assessment(&self, subject: usize, from: v1::Assessment) -> Result<Assessment, Breach> {
        if from.findings.len() > self.findings_max {
            return Err(Breach::Findings { got: from.findings.len(), limit: self.findings_max });
        }
        let mut room = BytesLeft(MAX_ASSESSMENT_BYTES);
        let mut reason = |reason: v1::Reason| self.reason(subject, reason.message, reason.arguments, &mut room);
        let outcome = match from.outcome {
            v1::Outcome::Scored(scored) => Outcome::Scored {
                risk_bp: basis_points(scored.risk_bp)?,
                confidence_bp: basis_points(scored.confidence_bp)?,
            },
            v1::Outcome::NotApplicable(from) => Outcome::NotApplicable(reason(from)?),
            v1::Outcome::Unknown(from) => Outcome::Unknown(reason(from)?),
            v1::Outcome::Invalid(from) if from.message == FAILURE => return Ok(failure(&from.arguments)),
            v1::Outcome::Invalid(from) => Outcome::Invalid(reason(from)?),
        };
        let findings = from.findings.into_iter().map(|finding| self.finding(subject, finding, &mut room));
        Ok(Assessment::new(outcome, findings.collect::<Result<_, _>>()?))
    }

    fn finding(&self, subject: usize, from: v1::Finding, room: &mut BytesLeft) -> Result<Finding, Breach> {
        room.take(FINDING_BYTES.saturating_add(from.evidence.len().saturating_mul(DIGEST_BYTES)))?;
        let digest = |index| self.batch.digest(subject, index).ok_or(Breach::Evidence(index));
        Ok(Finding {
            reason: self.reason(subject, from.message, from.arguments, room)?,
            severity: severity(from.severity),
            evidence: from.evidence.into_iter().map(digest).collect::<Result<_, _>>()?,
            due_on: from.due_on.map(date).transpose()?,
        })
    }

    fn reason(
        &self,
        subject: usize,
        message: u32,
        arguments: Vec<v1::Argument>,
        room: &mut BytesLeft,
    ) -> Result<Reason, Breach> {
        let found = usize::try_from(message).ok().and_then(|message| self.forms.get(message));
        let form = found.ok_or(Breach::Message(message))?;
        let code = || form.message.code.clone();
        if arguments.len() != form.uses.len() {
            return Err(Breach::Arguments { code: code(), got: arguments.len(), takes: form.uses.len() });
        }
        for argument in &arguments {
            if let v1::Argument::Text(text) = argument
                && text.len() > MAX_ARGUMENT_BYTES
            {
                return Err(Breach::Argument { code: code(), got: text.len() });
            }
        }
        let arguments = arguments.into_iter().map(|argument| self.argument(subject, argument));
        let arguments: Vec<Argument> = arguments.collect::<Result<_, _>>()?;
        room.take(form.filled_bytes(&arguments))?;
        Ok(Reason { message: Arc::clone(&form.message), arguments })
    }

    fn argument(&self, subject: usize, from: v1::Argument) -> Result<Argument, Breach> {
        Ok(match from {
            v1::Argument::Text(text) => Argument::Text(text.as_str().into()),
            v1::Argument::Number(number) => Argument::Number(number),
            v1::Argument::BasisPoints(bp) => Argument::BasisPoints(bp),
            v1::Argument::Date(days) => Argument::Date(date(days)?),
            v1::Argument::Instant(seconds) => Argument::Instant(instant(seconds)?),
            v1::Argument::Name(handle) => self.batch.names.resolve(subject, handle).ok_or(Breach::Name(handle))?,
        })
    }
}

/// What is left of an assessment's bytes.
struct BytesLeft(usize);

impl BytesLeft {
    fn take(&mut self, bytes: usize) -> Result<(), Breach> {
        self.0 = self.0.checked_sub(bytes).ok_or(Breach::Size)?;
        Ok(())
    }
}

/// The failure of which a rule told, as one line.
fn failure(arguments: &[v1::Argument]) -> Assessment {
    let [v1::Argument::Text(said)] = arguments else {
        return Assessment::failed("it failed and does not say how: have its author look for it");
    };
    let line: String = shortened(said, MAX_FAILURE_BYTES).replace(char::is_control, " ");
    Assessment::failed(format!("it failed with {line}: have its author correct it"))
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

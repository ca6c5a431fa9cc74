//! Assessing suppliers in batches. A batch that fails is halved until one supplier is left, so that one supplier's data can
//! only fail itself.

use super::{Rule, Subject, call::CallError, lift::Lift, load::LoadReason};
use crate::model::{Assessment, Outcome};
use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

/// What an evaluation gave and cost.
#[derive(Clone, Debug, Default)]
pub struct Evaluation {
    /// One assessment a subject, in their order.
    pub assessments: Vec<Assessment>,
    /// Fuel used, failed calls included.
    pub fuel: u64,
    /// The part of `fuel` that went into making instances and configuring them.
    pub fuel_to_start: u64,
    /// The most linear memory that an instance had, in bytes.
    pub memory_bytes: usize,
    /// Calls made, each with an instance of its own.
    pub calls: u32,
    /// Subjects that the rule failed on.
    pub failures: usize,
    /// Where the time went.
    pub parts: Parts,
}

/// The time of an evaluation by part.
#[derive(Clone, Copy, Debug, Default)]
pub struct Parts {
    /// Making instances and configuring them.
    pub start: Duration,
    /// From the model to the contract's types.
    pub lower: Duration,
    /// Into the sandbox, the rule itself, and out again.
    pub call: Duration,
    /// Checking the answers and bringing them into the model.
    pub lift: Duration,
}

/// Why one call gave nothing for any of its subjects.
enum BatchError {
    /// It does not even start: its subjects have no part in that.
    Start(LoadReason),
    /// It failed on them.
    Call(CallError),
}

impl Rule {
    /// Assesses each subject; one that the rule fails on is [`Outcome::Failed`] with the reason.
    ///
    /// After a batch that fails the next is half as large, and after one that succeeds twice as large again. So a batch can
    /// fail in vain only log₂ of the first batch's size times, and once more for every batch that succeeded in between: of
    /// `n` subjects, whatever the rule does to whichever of them,
    ///
    /// - at most `n + 8` calls fail, each with at most `fuel_to_start` and `fuel_per_batch` of [`Limits`](super::Limits),
    /// - at most `2 n + 8` calls are made, and `n + 8` when all subjects fail: 264 for 256.
    ///
    /// It cannot be less than one call a subject: what fails in company must be tried alone, with as much fuel, or the answer
    /// would depend on the company. By the default limits that is up to 70 million units of fuel a subject.
    #[must_use]
    pub fn assess(&self, subjects: &[Subject<'_>]) -> Evaluation {
        let mut evaluation = Evaluation { assessments: Vec::with_capacity(subjects.len()), ..Evaluation::default() };
        let _running = self.core().watchdog.enter();
        let mut rest = subjects;
        let mut size = self.batch_subjects();
        while !rest.is_empty() {
            let (batch, after) = rest.split_at(size.min(rest.len()));
            let why = match self.call(batch, &mut evaluation) {
                Ok(()) => {
                    size = (size * 2).min(self.batch_subjects());
                    rest = after;
                    continue;
                }
                Err(BatchError::Call(_)) if batch.len() > 1 => {
                    size = batch.len() / 2;
                    continue;
                }
                Err(BatchError::Call(error)) => error.to_string(),
                Err(BatchError::Start(reason)) => reason.to_string(),
            };
            evaluation.assessments.extend(batch.iter().map(|_| Assessment::failed(why.as_str())));
            rest = after;
        }
        let failed = |assessment: &&Assessment| matches!(assessment.outcome, Outcome::Failed(_));
        evaluation.failures = evaluation.assessments.iter().filter(failed).count();
        evaluation
    }

    /// How many subjects the next batch holds: as many as the fuel for a batch lasts for twice, by what they used lately,
    /// so that the cost of starting is spread and a rule that needs much is not begun in vain. What is answered never
    /// depends on it.
    fn batch_subjects(&self) -> usize {
        let limits = &self.core().limits;
        let affordable = match self.fuel_a_subject().load(Ordering::Relaxed) {
            0 => usize::MAX,
            fuel => usize::try_from(limits.fuel_per_batch / 2 / fuel).unwrap_or(usize::MAX),
        };
        limits.batch_subjects.min(affordable).max(1)
    }

    /// Takes what a subject used in a call that succeeded, the latest counting most.
    fn learn(&self, fuel: u64) {
        let known = self.fuel_a_subject().load(Ordering::Relaxed);
        let learned = if known == 0 { fuel } else { known - known / 4 + fuel / 4 };
        self.fuel_a_subject().store(learned, Ordering::Relaxed);
    }

    /// One call in an instance of its own. Either every subject has its assessment afterwards, or none.
    fn call(&self, subjects: &[Subject<'_>], evaluation: &mut Evaluation) -> Result<(), BatchError> {
        let parts = &mut evaluation.parts;
        let mut clock = Instant::now();
        let mut lap = |part: &mut Duration| {
            let now = Instant::now();
            *part += now - clock;
            clock = now;
        };
        evaluation.calls += 1;
        let mut instance = self.start().map_err(BatchError::Start)?;
        evaluation.fuel += instance.fuel_used();
        evaluation.fuel_to_start += instance.fuel_used();
        lap(&mut parts.start);
        let batch = self.crossing().batch(subjects);
        lap(&mut parts.lower);
        let answered = instance.assess(&batch.subjects);
        let instance_fuel = instance.fuel_used();
        evaluation.fuel += instance_fuel;
        evaluation.memory_bytes = evaluation.memory_bytes.max(instance.memory_bytes());
        drop(instance);
        lap(&mut parts.call);
        let answers = answered.map_err(BatchError::Call)?;
        self.learn(instance_fuel / subjects.len().max(1) as u64);
        let lift = Lift {
            messages: &self.manifest().messages,
            batch: &batch,
            findings_max: self.core().limits.findings_per_assessment,
        };
        for (place, answer) in answers.into_iter().enumerate() {
            let lifted = lift.assessment(place, answer);
            evaluation.assessments.push(lifted.unwrap_or_else(|breach| Assessment::failed(breach.to_string())));
        }
        drop(batch);
        lap(&mut parts.lift);
        Ok(())
    }
}

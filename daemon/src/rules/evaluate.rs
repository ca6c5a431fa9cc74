//! Assessing suppliers in batches. A batch that fails is halved until one supplier is left, so that one supplier's data can
//! only fail itself.

use super::{Rule, Subject, call::CallError, lift::Lift, load_reason::LoadReason};
use crate::model::{Assessment, Outcome};
use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

/// The results of an evaluation, and what it cost.
#[derive(Clone, Debug, Default)]
pub struct Evaluation {
    /// One assessment for each subject, in their order.
    pub assessments: Vec<Assessment>,
    /// Fuel used, failed calls included.
    pub fuel: u64,
    /// The part of `fuel` that went into making instances and configuring them.
    pub fuel_to_start: u64,
    /// The most linear memory that an instance had, in bytes.
    pub memory_bytes: usize,
    /// How many calls were made, each with its own instance.
    pub calls: u32,
    /// How many subjects the rule failed on.
    pub failures: usize,
    /// Where the time went.
    pub parts: EvaluationTimes,
}

/// The time of an evaluation by part.
#[derive(Clone, Copy, Debug, Default)]
pub struct EvaluationTimes {
    /// Making instances and configuring them.
    pub start: Duration,
    /// From the model to the contract's types.
    pub lower: Duration,
    /// Into the sandbox, the rule itself, and out again.
    pub call: Duration,
    /// Checking the answers and bringing them into the model.
    pub lift: Duration,
}

/// The failure of a subject that the rule was not asked about.
const NOT_ASKED: &str = "it was not asked: it failed on too many suppliers before";

/// Why one call returned nothing for any of its subjects.
enum BatchError {
    /// It did not even start: no subject caused that.
    Start(LoadReason),
    /// It failed on them.
    Call(CallError),
}

/// How many suppliers a rule may fail on, one after another, before it is no longer asked. Shared by all threads that ask it.
#[derive(Debug)]
pub struct Patience {
    in_a_row: AtomicUsize,
    most: usize,
    is_over: AtomicBool,
}

impl Patience {
    /// Patience that ends when the rule has failed on `most` suppliers without an answer in between; it starts with `in_a_row`.
    #[must_use]
    pub fn new(in_a_row: usize, most: usize) -> Self {
        Self { in_a_row: AtomicUsize::new(in_a_row), most, is_over: AtomicBool::new(in_a_row >= most) }
    }

    /// Patience that never ends.
    #[must_use]
    pub fn endless() -> Self {
        Self::new(0, usize::MAX)
    }

    /// Whether the rule is no longer asked.
    #[must_use]
    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    fn failed(&self, suppliers: usize) {
        let before = self.in_a_row.fetch_add(suppliers, Ordering::Relaxed);
        if before.saturating_add(suppliers) >= self.most {
            self.is_over.store(true, Ordering::Relaxed);
        }
    }

    fn answered(&self) {
        self.in_a_row.store(0, Ordering::Relaxed);
    }
}

impl Rule {
    /// Assesses each subject; one that the rule fails on is [`Outcome::Failed`] with the reason.
    ///
    /// After a batch that fails the next is half as large, and after one that succeeds twice as large again. So a batch can
    /// fail without isolating a subject only log₂ of the first batch's size times, and once more for every batch that
    /// succeeded in between: of `n` subjects, whatever the rule does to whichever of them,
    ///
    /// - at most `n + 8` calls fail, each with at most `fuel_to_start` and `fuel_per_batch` of [`Limits`](super::Limits),
    /// - at most `2 n + 8` calls are made, and `n + 8` when all subjects fail: 264 for 256.
    ///
    /// It cannot be less than one call a subject: what fails in company must be tried alone, with as much fuel, or the answer
    /// would depend on the company. By the default limits that is up to 70 million units of fuel a subject.
    #[must_use]
    pub fn assess(&self, subjects: &[Subject<'_>]) -> Evaluation {
        self.assess_with(subjects, &Patience::endless())
    }

    /// As [`Rule::assess`]; when `patience` is over the rest of the subjects fail without being asked about.
    #[must_use]
    pub(crate) fn assess_with(&self, subjects: &[Subject<'_>], patience: &Patience) -> Evaluation {
        let mut evaluation = Evaluation { assessments: Vec::with_capacity(subjects.len()), ..Evaluation::default() };
        let _running = self.core().watchdog.enter();
        let mut rest = subjects;
        let mut size = self.batch_subjects();
        while !rest.is_empty() {
            if patience.is_over() {
                evaluation.assessments.extend(rest.iter().map(|_| Assessment::failed(NOT_ASKED)));
                break;
            }
            let (batch, after) = rest.split_at(size.min(rest.len()));
            let why = match self.call(batch, &mut evaluation) {
                Ok(()) => {
                    patience.answered();
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
            patience.failed(batch.len());
            evaluation.assessments.extend(batch.iter().map(|_| Assessment::failed(why.as_str())));
            rest = after;
        }
        let failed = |assessment: &&Assessment| matches!(assessment.outcome, Outcome::Failed(_));
        evaluation.failures = evaluation.assessments.iter().filter(failed).count();
        evaluation
    }

    /// How many subjects the next batch holds: half as many as the fuel for a batch lasts for, by what they used
    /// lately, so that the cost of starting is shared and an expensive rule does not run out of fuel. No answer depends on it.
    fn batch_subjects(&self) -> usize {
        let limits = &self.core().limits;
        let affordable = match self.fuel_a_subject().load(Ordering::Relaxed) {
            0 => usize::MAX,
            fuel => usize::try_from(limits.fuel_per_batch / 2 / fuel).unwrap_or(usize::MAX),
        };
        limits.batch_subjects.min(affordable).max(1)
    }

    /// Learns what a subject used in a call that succeeded; the latest counts most.
    fn learn(&self, fuel: u64) {
        let known = self.fuel_a_subject().load(Ordering::Relaxed);
        let learned = if known == 0 { fuel } else { known - known / 4 + fuel / 4 };
        self.fuel_a_subject().store(learned, Ordering::Relaxed);
    }

    /// Makes one call in a new instance. Either every subject has its assessment afterwards, or none.
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
        let lift =
            Lift { forms: self.forms(), batch: &batch, findings_max: self.core().limits.findings_per_assessment };
        for (index, answer) in answers.into_iter().enumerate() {
            let lifted = lift.assessment(index, answer);
            evaluation.assessments.push(lifted.unwrap_or_else(|breach| Assessment::failed(breach.to_string())));
        }
        drop(batch);
        lap(&mut parts.lift);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Patience;

    #[test]
    fn patience_is_over_once_and_for_all() {
        let patience = Patience::new(1, 4);
        patience.failed(2);
        assert!(!patience.is_over());
        patience.answered();
        patience.failed(3);
        assert!(!patience.is_over());
        patience.failed(1);
        assert!(patience.is_over());
        patience.answered();
        assert!(patience.is_over(), "an answer that was on its way changes nothing");
        assert!(Patience::new(4, 4).is_over());
        let endless = Patience::endless();
        endless.failed(usize::MAX - 1);
        assert!(!endless.is_over());
    }
}

//! The results of one evaluation.

use super::{circuit_breaker::CircuitChange, group_by::GroupBy, rule_ix::RuleMap};
use crate::{
    model::{Digest, Exposure, Facts, Organisation, Score},
    policy::Change,
    store::Withdrawn,
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// A score that was made.
pub struct Scored {
    /// The score, as it will be stored.
    pub score: Score,
    /// What the network says of the supplier: stored so that the score can be made again.
    pub facts: Arc<Facts>,
    /// The digest of the facts of the previous score.
    pub facts_before: Option<Digest>,
    /// Whether it is to be stored: it differs from the one before in more than the instant.
    pub moved: bool,
    /// The groups that it belongs to.
    pub groups: Vec<(GroupBy, String)>,
    /// What changed in its figures, rules or evidence.
    pub change: Option<Change>,
}

/// The results for a part of the suppliers of one evaluation.
#[derive(Default)]
pub struct FleetEvaluation {
    /// Every score that was made.
    pub scored: Vec<Scored>,
    /// Organisations that no longer have a score: another name stands for them, or nothing supports the score.
    pub withdrawn: Vec<Withdrawn>,
    /// Exposures that changed; they come with the last part.
    pub exposures: Vec<(Organisation, Exposure)>,
    /// What became of each rule; empty where none was run.
    pub runs: RuleMap<RuleRun>,
}

impl FleetEvaluation {
    /// Whether anything of it is to be stored.
    #[must_use]
    pub fn is_news(&self) -> bool {
        self.scored.iter().any(|one| one.moved) || !self.withdrawn.is_empty() || !self.exposures.is_empty()
    }
}

/// Figures of one rule's run in an evaluation.
#[derive(Default)]
pub struct RuleRun {
    /// How many assessments ended in each outcome.
    pub outcomes: BTreeMap<&'static str, u64>,
    /// Fuel burnt.
    pub fuel: u64,
    /// Calls that failed.
    pub failures: u64,
    /// Time of each chunk.
    pub durations: Vec<Duration>,
    /// What became of its circuit.
    pub circuit_change: Option<CircuitChange>,
}

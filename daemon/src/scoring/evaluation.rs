//! What one evaluation made.

use super::{circuit_breaker::CircuitChange, group_by::GroupBy, rule_ix::RuleMap};
use crate::{
    model::{Digest, Exposure, Facts, Organisation, Score},
    policy::Change,
    store::Withdrawn,
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// A score that was made.
pub struct Scored {
    /// The score.
    pub score: Score,
    /// What the network says of the supplier: stored so that the score can be made again.
    pub facts: Arc<Facts>,
    /// The digest of those of the score before it.
    pub facts_before: Option<Digest>,
    /// Whether it is to be stored: more than the passing of time distinguishes it from the one before.
    pub moved: bool,
    /// The groups that it belongs to.
    pub groups: Vec<(GroupBy, String)>,
    /// What changed in its figures, rules or evidence.
    pub change: Option<Change>,
}

/// What was done for a part of the suppliers of one evaluation.
#[derive(Default)]
pub struct FleetEvaluation {
    /// Every score that was made.
    pub scored: Vec<Scored>,
    /// Organisations that have no score of their own any more: another name stands for them, or nothing supports it.
    pub withdrawn: Vec<Withdrawn>,
    /// Exposures that changed; they come with the last part.
    pub exposures: Vec<(Organisation, Exposure)>,
    /// How each rule did; empty where none was looked at.
    pub runs: RuleMap<RuleRun>,
}

impl FleetEvaluation {
    /// Whether anything of it is to be stored.
    #[must_use]
    pub fn is_news(&self) -> bool {
        self.scored.iter().any(|one| one.moved) || !self.withdrawn.is_empty() || !self.exposures.is_empty()
    }
}

/// How one rule's part of an evaluation went.
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

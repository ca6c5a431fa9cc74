//! Everything that makes scores, the clock an argument: the fleet, its rules and their answers, exposures and costs.

pub mod answer;
pub mod answers;
pub mod components;
pub mod costs;
pub mod credentials;
pub mod evaluation;
pub mod exposures;
pub mod fleet;
pub mod group_by;
pub mod likelihood;
pub mod lineup;
pub(crate) mod parallel;
pub mod quarantine;
pub mod rebuild;
pub mod rule_ix;
pub mod scorer;
pub mod stored_scorer;
pub mod trial;

#[cfg(test)]
mod tests;

//! Everything that makes scores, the clock an argument: the fleet, its rules and their answers, exposures and costs.

pub mod answer;
pub mod answers;
pub mod circuit_breaker;
pub mod components;
pub mod costs;
pub mod credentials;
pub mod dry_run;
pub mod evaluation;
pub mod exposures;
pub mod fleet;
pub mod group_by;
pub mod likelihood;
pub(crate) mod parallel;
pub mod rebuild;
pub mod rule_ix;
pub mod rule_set;
pub mod scorer;
pub mod stored_scorer;

#[cfg(test)]
mod tests;

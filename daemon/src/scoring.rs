//! Everything that makes scores, with the clock as an argument: the fleet, its rules and their answers, exposures and costs.

pub(crate) mod answer;
pub(crate) mod answers;
pub(crate) mod circuit_breaker;
pub mod components;
pub(crate) mod costs;
pub(crate) mod credentials;
pub(crate) mod dry_run;
pub(crate) mod evaluation;
pub(crate) mod exposures;
pub mod fleet;
pub(crate) mod group_by;
pub(crate) mod likelihood;
pub(crate) mod parallel;
pub mod rebuild;
pub(crate) mod rule_ix;
pub mod rule_set;
pub mod scorer;
pub(crate) mod stored_scorer;

#[cfg(test)]
mod tests;

//! A policy turns a supplier's assessments into its score. Pure: no I/O, no clock, integers only.
//!
//! [`Policy::parse`] reads a rule pack (`rules/*.toml`) once into checked values; [`score()`] applies it; [`change()`] says
//! what a new score changes. How to write a policy: `rules/README.md`.

use tierwatch_by_name as by_name;
use tierwatch_diagnostic as diagnostic;
use tierwatch_model as model;

mod change;
mod complete;
mod composite;
mod exposure;
mod kinds;
mod limits;
mod pack;
mod parse;
mod points;
mod score;
mod standing;

#[cfg(test)]
mod tests;

pub use change::{AttestationChange, Change, RuleChange, change};
pub use exposure::{CertainFinding, ExposurePolicy, ShockKind};
pub use kinds::MAX_KINDS;
pub use limits::{MAX_POLICY_BYTES, MAX_RULES, MAX_SHADOWS, MAX_WEIGHT, UNRATED};
pub use pack::{Assumed, Band, Policy, PolicyRule};
pub use points::Points;
pub use score::{Rated, score};
pub use standing::{Level, RuleStanding, Standing};

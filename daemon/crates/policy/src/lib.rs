//! A policy turns a supplier's assessments into its score. Pure: no I/O, no clock, integers only.
//!
//! [`Policy::parse`] reads a rule pack (`rules/*.toml`) once into checked values; [`score()`] applies it; [`change`] says
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
pub use exposure::{CERTAIN_MAX, CertainFinding, ExposurePolicy, HORIZON_MAX_DAYS, POINTS_MAX, SHOCKS_MAX, ShockKind};
pub use kinds::{KIND_SCHEMA_MAX_BYTES, KIND_SCHEMAS_MAX_BYTES, KINDS_MAX};
pub use limits::{BANDS_MAX, POLICY_MAX_BYTES, RULES_MAX, SHADOWS_MAX, UNRATED, WEIGHT_MAX};
pub use pack::{Assumed, Band, Policy, Rule};
pub use points::Points;
pub use score::{Rated, score};
pub use standing::{Level, RuleStanding, Standing};

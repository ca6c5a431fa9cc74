//! The plugin host: rule plugins are WebAssembly components that turn evidence about a supplier into one assessment.
//!
//! A plugin imports nothing, runs in a fresh instance for every batch, and has limits on fuel, memory, stack, time and
//! output, all always on. The same inputs give the same assessments on any machine, failures included.
//!
//! ```text
//! component bytes -> Host::compile -> Plugin (its manifest) -> Plugin::configure -> Rule -> Rule::assess
//! ```
//!
//! Knows no store, no policy and no clock (except for the wall-clock limit): the caller says what is assessed and when.

mod bindings_v1;
mod built_in;
mod cache;
mod call;
mod canonical;
mod contract;
mod evaluate;
mod functions;
mod host;
mod lift;
mod limits;
mod load;
mod load_reason;
mod lower;
mod manifest;
mod names;
mod outline;
mod parameters;
mod watchdog;

#[cfg(test)]
mod tests;

pub use crate::rules::load_reason::LoadReason;
pub(crate) use crate::rules::load_reason::ParameterProblem;
pub use built_in::{BuiltIn, built_in};
pub use cache::CodeCache;
pub(crate) use cache::{COMPILE_COMMAND, CompilerCommand};
pub use evaluate::Evaluation;
pub(crate) use evaluate::Patience;
pub use host::Host;
pub(crate) use host::HostError;
pub use limits::Limits;
pub use load::Rule;
pub(crate) use load::{LoadError, Plugin, component_files, read_component};
pub(crate) use manifest::is_rule_name;
pub(crate) use parameters::kinds_parameter;

use crate::model::{Attestation, Facts, Instant, Organisation};
use std::sync::Arc;

/// One organisation at one instant, with everything a rule may see of it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The supplier that the assessment is about.
    pub organisation: &'a Organisation,
    /// Its names in other schemes; they all mean the organisation.
    pub names: &'a [Organisation],
    /// The instant that is asked about: the rule's only clock.
    pub as_of: Instant,
    /// The attestations that count, the latest on its matter, neither revoked nor suspended: in force, lapsed or upcoming.
    /// Kinds that the rule does not declare do not reach it.
    pub evidence: &'a [Arc<Attestation>],
    /// What the supply network says of it.
    pub facts: &'a Facts,
}

impl Subject<'_> {
    /// Whether `organisation` names this subject.
    #[must_use]
    pub fn is_named(&self, organisation: &Organisation) -> bool {
        self.organisation == organisation || self.names.contains(organisation)
    }
}

//! The trait that a rule implements.

use crate::{
    bindings::plugin::{Assessment, Manifest, Problem, Subject, Tailored},
    parameter::FromJson,
};

/// A rule: its manifest, its parameters, and how it assesses one organisation.
pub trait Rule: Sized + 'static {
    /// The policy's parameters: [`parameters!`](crate::parameters) makes the type with its defaults and its JSON Schema.
    type Parameters: FromJson;

    /// The manifest of the rule; it must be the same at every call.
    fn manifest() -> Manifest;

    /// Makes the rule from parameters that conform to the manifest's JSON Schema.
    ///
    /// # Errors
    /// Problems that a schema cannot express, as two periods in the wrong order; each ends with what to write instead.
    fn configure(parameters: Self::Parameters) -> Result<Self, Vec<Problem>>;

    /// What the rule reads and says with its parameters, where they decide it; otherwise the manifest applies.
    fn tailored(&self) -> Option<Tailored> {
        None
    }

    /// Assesses one organisation, using only `subject` and the parameters.
    fn assess(&self, subject: &Subject) -> Assessment;
}

//! What a rule is.

use crate::{
    bindings::plugin::{Assessment, Manifest, Problem, Subject, Tailored},
    parameter::FromJson,
};

/// A rule: what it declares, how it takes its parameters, how it assesses one organisation.
pub trait Rule: Sized + 'static {
    /// The policy's parameters: [`parameters!`](crate::parameters) makes the type with its defaults and its JSON Schema.
    type Parameters: FromJson;

    /// What the rule declares of itself; the same answer every time.
    fn manifest() -> Manifest;

    /// Takes parameters that the manifest's JSON Schema has passed.
    ///
    /// # Errors
    /// What a schema cannot say, as two periods in the wrong order; each ends with what to write instead.
    fn configure(parameters: Self::Parameters) -> Result<Self, Vec<Problem>>;

    /// What the rule is with its parameters, where they decide what it reads and says; the manifest holds otherwise.
    fn tailored(&self) -> Option<Tailored> {
        None
    }

    /// Assesses one organisation, by nothing but `subject` and the parameters.
    fn assess(&self, subject: &Subject) -> Assessment;
}

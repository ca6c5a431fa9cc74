//! Problems with parameters.

use crate::bindings::plugin::Problem;

impl Problem {
    /// A problem with the value at `path`, a JSON Pointer.
    #[must_use]
    pub fn of(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), within: None, message: message.into() }
    }
}

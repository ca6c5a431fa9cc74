//! What checking an expression gives: what is evaluated, its type and what it tells, or else the mistake.

use super::{node::Node, types::Type};
use std::ops::Range;

/// What is wrong with an expression, and where in its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The bytes that are meant.
    pub at: Range<usize>,
    /// What is wrong; empty when it has been said at another place.
    pub message: String,
    /// What to write instead.
    pub fix: String,
}

impl Mistake {
    /// One that has been said at another place.
    pub(super) fn told() -> Self {
        Self { at: 0..0, message: String::new(), fix: String::new() }
    }
}

/// An expression that makes sense.
#[derive(Debug)]
pub struct Checked {
    /// What is evaluated.
    pub node: Node,
    /// What it gives.
    pub of: Type,
    /// What it tells when it is a condition.
    pub known: Known,
    /// How deep it is nested, with the named expressions in it.
    pub(super) depth: usize,
}

/// The paths that are known to have a value when a condition is true, and when it is false.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// When it is true.
    pub when_true: Vec<String>,
    /// When it is false.
    pub when_false: Vec<String>,
}

impl Known {
    pub(super) fn swapped(self) -> Self {
        Self { when_true: self.when_false, when_false: self.when_true }
    }
}

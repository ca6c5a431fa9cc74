//! What the tests of the host share.

use crate::rules::{Host, Limits, built_in};
use std::sync::LazyLock;

static HOST: LazyLock<Host> = LazyLock::new(|| Host::new(Limits::default()).expect("a host"));

/// The host of all tests that need no limits of their own.
pub(super) fn host() -> &'static Host {
    &HOST
}

/// The component of the built-in rule `name`.
pub(super) fn built_in_component(name: &str) -> &'static [u8] {
    built_in().iter().find(|rule| rule.name == name).expect("a built-in rule").component
}

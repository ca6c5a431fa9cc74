//! The rules that come with the daemon: components that `build.rs` makes from the crates below `plugins/`.

/// A rule that comes with the daemon.
#[derive(Clone, Copy, Debug)]
pub struct BuiltIn {
    /// The rule's name.
    pub name: &'static str,
    /// Its component.
    pub component: &'static [u8],
}

/// Every rule that comes with the daemon, by name.
#[must_use]
pub fn built_in() -> &'static [BuiltIn] {
    include!(concat!(env!("OUT_DIR"), "/built_in_rules.rs"))
}

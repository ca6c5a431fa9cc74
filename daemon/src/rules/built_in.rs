//! The rules that come with the daemon: components that `build.rs` makes from the crates below `plugins/`.

/// A rule that comes with the daemon.
#[derive(Clone, Copy, Debug)]
pub struct BuiltIn {
    /// The rule's name, which its manifest has too.
    pub name: &'static str,
    /// The bytes of its component.
    pub component: &'static [u8],
}

/// Every rule that comes with the daemon, by name.
#[must_use]
pub fn built_in() -> &'static [BuiltIn] {
    include!(concat!(env!("OUT_DIR"), "/built_in_rules.rs"))
}

//! Contract `tierwatch:rule@1.0.0` as the host sees it. The WIT is the source; another version of it gets another file
//! beside this one.

#![allow(clippy::all, clippy::pedantic, missing_docs, unreachable_pub, unused_qualifications, reason = "generated")]

wasmtime::component::bindgen!({
    path: "../plugins/wit/1.0.0",
    world: "rule",
});

pub(super) use exports::tierwatch::rule::plugin::*;

/// What a component must export to be a rule plugin of this contract.
pub(super) const INTERFACE: &str = "tierwatch:rule/plugin@1.0.0";

//! The host of rules: what loads, what crosses, what limits hold, and malicious plugins. What the built-in rules answer is in
//! their cases, `plugins/NAME/cases/*.toml`, which `cli/plugin/test/tests.rs` runs.

mod answers;
mod cache;
mod canonical;
mod contract;
mod functions;
mod harness;
mod hostile;
mod limits;
mod loading;
mod manifests;
mod module;

//! Tierwatch scores the suppliers of defence programmes from signed attestations and explains every score.
//!
//! `ARCHITECTURE.md` beside this crate's manifest has the flow, the code map and what each module knows nothing of.
//! What is public beside the binary's `main` is what the benchmarks and the tests of `tests/` drive; all else is the crate's, so
//! that the compiler finds what nobody uses.
#![allow(rustdoc::private_intra_doc_links, reason = "who reads this reads what is the crate's too")]

pub use cli::main;
pub use tierwatch_attest as attest;
pub use tierwatch_by_name as by_name;
pub use tierwatch_diagnostic as diagnostic;
pub use tierwatch_model as model;
pub use tierwatch_network as network;
pub use tierwatch_policy as policy;

mod analysis;
pub mod case;
mod cli;
pub mod config;
mod daemon;
pub mod feed;
mod guest;
mod http;
mod metrics;
pub mod pipeline;
pub mod rules;
pub mod scoring;
pub mod simulate;
pub mod store;
mod watch;

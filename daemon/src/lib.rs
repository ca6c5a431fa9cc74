//! Tierwatch scores the suppliers of defence programmes from signed attestations and explains every score.
//!
//! `ARCHITECTURE.md` beside this crate's manifest has the flow, the code map and what each module knows nothing of.

pub use tierwatch_attest as attest;
pub use tierwatch_by_name as by_name;
pub use tierwatch_diagnostic as diagnostic;
pub use tierwatch_model as model;
pub use tierwatch_network as network;
pub use tierwatch_policy as policy;

pub mod analysis;
pub mod case;
pub mod cli;
pub mod config;
mod daemon;
pub mod feed;
mod guest;
pub mod http;
pub mod metrics;
pub mod pipeline;
pub mod rules;
pub mod scoring;
pub mod simulate;
pub mod store;
mod watch;

//! Tierwatch scores the suppliers of defence programmes from signed attestations and explains every score.
//!
//! `ARCHITECTURE.md` beside this crate's manifest has the flow, the code map and what each module knows nothing of.

pub mod attest;
pub mod by_name;
pub mod case;
pub mod cli;
pub mod config;
pub mod diagnostic;
pub mod feed;
mod guest;
pub mod http;
pub mod metrics;
pub mod model;
pub mod network;
pub mod pipeline;
pub mod policy;
pub mod rules;
pub mod simulate;
pub mod store;
mod watch;

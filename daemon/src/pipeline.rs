//! The one module that knows the order: arrive, verify, store, take in, evaluate, store the scores, show them.
//!
//! All that can wake the daemon is an [`Event`], the next boundary of time, or that it is time to look at the clock again. An
//! attestation is acknowledged only when the commit that holds it and its feed's position is durable.

mod batch;
mod clock;
mod event;
mod event_loop;
mod feed_states;
mod feeds;
mod gauges;
mod health;
mod intake;
pub(crate) mod plugins;
mod record;
mod reload;
mod reload_outcome;
mod reloading;
mod rollup;
pub mod settings;
mod show;
mod state;
mod telling;
mod timing;
mod totals;

pub(crate) use batch::feed_position;
pub(crate) use event::{Event, ItemsRefused, RetryDone, UnknownItems};
pub(crate) use event_loop::QUEUE_EVENTS;
pub(crate) use health::Health;
pub use record::scoring;
pub(crate) use state::Pipeline;
pub(crate) use totals::Totals;

#[cfg(test)]
mod tests;

//! What the answers are made from.

use crate::{
    metrics::Metrics,
    pipeline::{Event, Health},
};
use std::sync::Arc;
use tokio::sync::mpsc;

/// What the routes need.
#[derive(Clone)]
pub(crate) struct ServerState {
    /// The daemon's series.
    pub metrics: Metrics,
    /// Whether the daemon is ready, and what it waits for.
    pub health: Arc<Health>,
    /// The pipeline's queue.
    pub events: mpsc::Sender<Event>,
    /// Names under which it answers, beside addresses and `localhost`.
    pub hosts: Arc<[String]>,
}

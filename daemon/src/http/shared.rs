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
    /// Whether it is ready.
    pub health: Arc<Health>,
    /// The pipeline's queue.
    pub events: mpsc::Sender<Event>,
    /// Names that it may be asked by, beside addresses and `localhost`.
    pub hosts: Arc<[String]>,
}

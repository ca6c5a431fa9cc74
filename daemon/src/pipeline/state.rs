//! What the pipeline owns, apart from what it does: all its other files need this one, and this one needs none of them.

use super::{
    clock::Clock, feed_states::Feeds, gauges::Gauges, health::Health, reloading::Reloading, telling::Occasion,
    totals::Totals,
};
use crate::{
    metrics::Metrics,
    model::Instant,
    pipeline::{reload_outcome::LastReload, settings::Settings},
    scoring::fleet::Fleet,
    store::{Artefact, Store},
    watch::Watch,
};
use std::{path::PathBuf, sync::Arc, time::Instant as Stopwatch};

/// The pipeline: owner of everything that scoring needs.
pub(crate) struct Pipeline {
    pub(super) settings: Arc<Settings>,
    pub(super) store: Store,
    pub(super) reader_path: PathBuf,
    pub(super) fleet: Fleet,
    pub(super) metrics: Metrics,
    pub(super) health: Arc<Health>,
    pub(super) clock: Clock,
    /// The steady clock, which nobody can set.
    pub(super) steady: Stopwatch,
    pub(super) gauges: Gauges,
    pub(super) feeds: Feeds,
    /// The boundary of time that comes next after the last evaluation.
    pub(super) boundary: Option<Instant>,
    /// Whether the store held no score at the start, and the feeds' content of that time is not scored yet.
    pub(super) first_intake: bool,
    /// Why the next evaluation may move scores, beside the time.
    pub(super) occasion: Occasion,
    /// Whether an attestation in memory has less trust than the store now allows.
    pub(super) outdated: bool,
    /// What scores are made from that the store may not hold yet.
    pub(super) unrecorded: Vec<Artefact>,
    /// Whether the quarantine may hold other items than its metric shows.
    pub(super) quarantine_moved: bool,
    /// Files, as (feed, path), that were sent again unchanged.
    pub(super) resent: Vec<(Arc<str>, String)>,
    /// Whether the store could not be read, for a reason that may pass, when quarantined items were to be tried again.
    pub(super) put_off: bool,
    /// The date of the next item that waits in quarantine for its time; [`Instant::MIN`]: to be looked up.
    pub(super) awaited: Option<Instant>,
    /// What suppliers cost is not computed again before this instant.
    pub(super) costs_due: Option<Stopwatch>,
    /// When the deliveries arrived whose attestations are durable and not yet scored.
    pub(super) unscored: Vec<Stopwatch>,
    pub(super) totals: Totals,
    pub(super) reloading: Reloading,
    pub(super) last_reload: Option<LastReload>,
    pub(super) watch: Option<Watch>,
}

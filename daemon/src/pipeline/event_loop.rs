//! The loop: handles what wakes the pipeline, always in the same order.

use super::{
    batch::{ArrivedBatch, CommittingBatch},
    clock::Clock,
    event::{Event, RetryDone},
    feed_states::Feeds,
    gauges::Gauges,
    health::Health,
    plugins::PluginsReport,
    record::{self, Recorder},
    reloading::Reloading,
    state::Pipeline,
    telling::{Moves, Occasion, Telling},
    totals::Totals,
};
use crate::{
    feed::FeedEvent,
    metrics::Metrics,
    model::{Instant, Organisation, stored::ScoreJson},
    pipeline::settings::Settings,
    scoring::rebuild::rebuild,
    store::{Reader, Store, may_pass},
};
use anyhow::{Context as _, Result};
use std::{
    cell::OnceCell,
    sync::Arc,
    time::{Duration, Instant as Stopwatch},
};
use tokio::sync::mpsc;

/// Events that wait for the pipeline: a full queue holds the feeds back.
pub(crate) const QUEUE_EVENTS: usize = 64;

/// Attestations verified and committed together.
const BATCH_ITEMS: usize = 4096;

/// How long scores may wait while attestations keep arriving.
const MAX_EVALUATION_DELAY: Duration = Duration::from_secs(2);

/// How long closing the store may take.
const MAX_CLOSE_TIME: Duration = Duration::from_secs(10);

impl Pipeline {
    /// Rebuilds the state from the store; everything is evaluated when [`Pipeline::run`] begins.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) fn start(settings: Settings, store: Store, metrics: Metrics) -> Result<Self> {
        let reader_path = store.path().to_owned();
        let reader = Reader::open(&reader_path)?;
        let config = &settings.config;
        let tolerance_seconds = config.attestations.future_tolerance_seconds;
        let mut clock = Clock::new(reader.newest_time()?, tolerance_seconds, config.ignore_stored_after);
        let now = clock.look(Instant::now(), Duration::ZERO).told();
        let mut fleet = rebuild(&settings.verifier, &reader, now, None)?.fleet;
        fleet.tolerate(settings.config.plugins.tolerance);
        let unrecorded = record::artefacts(&settings.scorer);
        let mut gauges = Gauges::new(settings.config.metrics.top_suppliers);
        reader.for_each_exposure(|organisation, exposure| {
            gauges.put_exposure(&organisation, &exposure);
            anyhow::Ok(())
        })?;
        fleet.standings().for_each(|(organisation, standing)| gauges.put_stored(organisation, &standing.level));
        let feeds = Feeds::new(settings.config.feeds.iter().map(|feed| feed.name.clone()));
        let first_intake = reader.counts()?.scores.is_empty();
        settings.show(&metrics);
        settings.scorer.tell_notices();
        Ok(Self {
            settings: Arc::new(settings),
            store,
            reader_path,
            fleet,
            metrics,
            health: Arc::default(),
            clock,
            steady: Stopwatch::now(),
            gauges,
            feeds,
            boundary: None,
            first_intake,
            occasion: Occasion::Start,
            outdated: false,
            unrecorded,
            quarantine_moved: true,
            resent: Vec::new(),
            put_off: false,
            awaited: Some(Instant::MIN),
            costs_due: None,
            unscored: Vec::new(),
            totals: Totals::default(),
            reloading: Reloading::default(),
            last_reload: None,
            watch: None,
        })
    }

    /// Reports its state through `health`.
    #[must_use]
    pub(crate) fn telling(self, health: Arc<Health>) -> Self {
        Self { health, ..self }
    }

    /// Runs until [`Event::Stop`] or until every sender is gone, then closes the store.
    ///
    /// # Errors
    /// When the store fails for good: what was not acknowledged will be read again after a restart.
    pub(crate) async fn run(mut self, events: mpsc::Receiver<Event>) -> Result<Totals> {
        match self.work(events).await {
            Err(error) if self.health.store().is_given_up() && may_pass(&error) => {
                tracing::warn!(
                    "the stop did not wait for this: {error:#}; the next start reads and scores what is missing"
                );
            }
            worked => worked?,
        }
        tokio::task::block_in_place(|| self.store.close(MAX_CLOSE_TIME)).context("cannot close the store")?;
        Ok(Totals { not_scored: self.clock.behind().map(|behind| behind.to_string()), ..self.totals })
    }

    async fn work(&mut self, mut events: mpsc::Receiver<Event>) -> Result<()> {
        self.in_place(Self::catch_up)?;
        loop {
            let now = self.look();
            let wake = self.next_retry().into_iter().fold(self.fleet.next_wake(now), Instant::min);
            let pause = self.pause(wake, now);
            tokio::select! {
                event = events.recv() => match event {
                    None => break,
                    Some(event) => if self.in_place(|pipeline| pipeline.handle(event, &mut events))? { break },
                },
                read = self.reloading.read() => self.in_place(|pipeline| pipeline.end_reload(read))?,
                () = tokio::time::sleep(pause) => self.in_place(|pipeline| pipeline.tick(wake))?,
            }
        }
        self.in_place(|pipeline| pipeline.evaluate())
    }

    /// Tries quarantined items again and scores what that changes, then closes the store: what a command does when no daemon
    /// runs.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn retry_and_close(mut self, rows: Option<&[i64]>) -> Result<RetryDone> {
        let done = self.retry(rows)?;
        self.evaluate()?;
        self.store.close(MAX_CLOSE_TIME).context("cannot close the store")?;
        match self.clock.behind() {
            None => Ok(done),
            Some(behind) => anyhow::bail!("{} of {} are taken in: {behind}", done.accepted, done.tried),
        }
    }

    /// The work is processor time and waiting for the disk: other tasks of the runtime go on elsewhere meanwhile.
    fn in_place<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        tokio::task::block_in_place(|| work(self))
    }

    /// Handles `first` and whatever waits behind it; true when it is time to stop. While the store commits one batch, the
    /// next is verified.
    fn handle(&mut self, first: Event, events: &mut mpsc::Receiver<Event>) -> Result<bool> {
        let started = Stopwatch::now();
        let mut next = Some(first);
        let mut committing: Option<CommittingBatch> = None;
        let mut stop = false;
        while let Some(event) = next.take().or_else(|| events.try_recv().ok()) {
            self.metrics.queue.set(i64::try_from(events.len()).unwrap_or(i64::MAX));
            let mut batch = ArrivedBatch::default();
            let mut other = self.gather(event, &mut batch);
            while other.is_none() && batch.len() < BATCH_ITEMS {
                let Ok(event) = events.try_recv() else { break };
                other = self.gather(event, &mut batch);
            }
            if !batch.is_empty() {
                let verified = self.verify(batch);
                self.settle(committing.take())?;
                committing = Some(self.commit(verified));
            }
            if let Some(event) = other {
                self.settle(committing.take())?;
                stop |= self.act(event)?;
            }
            if stop || started.elapsed() > MAX_EVALUATION_DELAY {
                break;
            }
        }
        self.settle(committing)?;
        self.catch_up()?;
        self.metrics.queue.set(i64::try_from(events.len()).unwrap_or(i64::MAX));
        Ok(stop)
    }

    /// Retries what is due for it, and evaluates.
    pub(super) fn catch_up(&mut self) -> Result<()> {
        self.retry_resent()?;
        self.retry_due()?;
        self.evaluate()
    }

    /// Puts a delivery into the batch, takes note of a feed's problem, and gives back what must wait for the batch.
    fn gather(&mut self, event: Event, batch: &mut ArrivedBatch) -> Option<Event> {
        match event {
            Event::Feed(FeedEvent::Delivery(delivery)) => {
                let follows = self.settings.config.feeds.iter().any(|feed| *feed.name == *delivery.feed);
                batch.add(delivery, follows);
            }
            Event::Feed(FeedEvent::Gone { feed, path }) => batch.forget(feed, path),
            Event::Feed(event @ (FeedEvent::Problem { .. } | FeedEvent::Overflow { .. })) => self.note(event),
            // A feed's note that it is read through must be handled after what it has read.
            scanned_or_request => return Some(scanned_or_request),
        }
        None
    }

    /// Handles an event that is no delivery; true when it is time to stop.
    fn act(&mut self, event: Event) -> Result<bool> {
        match event {
            Event::Feed(event) => self.note(event),
            Event::Reload { asked, reply } => self.begin_reload(asked, reply),
            Event::Plugins(reply) => {
                // Whoever asked may have gone.
                let _ = reply.send(self.plugins());
            }
            Event::Retry(rows, reply) => {
                let _ = reply.send(self.retry(rows.as_deref()).map_err(Into::into));
            }
            Event::SetAside(ids, reply) => {
                let _ = reply.send(self.set_aside(ids).map_err(Into::into));
            }
            Event::Stop => return Ok(true),
        }
        Ok(false)
    }

    /// Scores whoever is dirty, stores what moved, then shows it. Nothing while the clock is wrong.
    pub(super) fn evaluate(&mut self) -> Result<()> {
        self.evaluated().map(drop)
    }

    /// The same; returns what became of the existing scores.
    pub(super) fn evaluated(&mut self) -> Result<Moves> {
        let started = Stopwatch::now();
        let now = self.look();
        if self.clock.behind().is_some() || !self.renew(now)? {
            // The metrics show what was last known, rather than no suppliers.
            self.gauges.show(&self.metrics);
            return Ok(Moves::default());
        }
        let is_due = self.boundary.is_some_and(|boundary| boundary <= now);
        if is_due {
            self.metrics.boundary_wakes.inc();
        }
        let occasion = match self.occasion {
            _ if self.first_intake => Occasion::FirstIntake,
            Occasion::Evidence if is_due => Occasion::Time,
            other => other,
        };
        self.clock.used(now);
        let recording = self.totals.parts.record;
        let settings = Arc::clone(&self.settings);
        let mut recorder = Recorder {
            settings: &settings,
            store: &self.store,
            metrics: &self.metrics,
            gauges: &mut self.gauges,
            unrecorded: &mut self.unrecorded,
            totals: &mut self.totals,
            known_at: now,
            telling: Telling::new(occasion),
        };
        let archive = OnceCell::new();
        let archive = |organisation: &Organisation, rule: &str| {
            let reader = archive.get_or_init(|| Reader::open(&self.reader_path).ok()).as_ref()?;
            let stored = reader.score_of(organisation, None);
            let stored =
                stored.inspect_err(|error| tracing::error!(%organisation, %error, "its last score is not read"));
            ScoreJson::parse(&stored.ok()??.body).ok()?.assessment(rule)
        };
        self.fleet.evaluate(&settings.scorer, now, &archive, |evaluation| recorder.record(evaluation))?;
        let telling = recorder.telling;
        let moves = telling.end(self.gauges.len());
        self.occasion = Occasion::Evidence;
        self.totals.parts.evaluate += started.elapsed().saturating_sub(self.totals.parts.record - recording);
        self.boundary = Some(self.fleet.next_wake(now));
        self.show()?;
        for arrived in self.unscored.drain(..) {
            self.metrics.arrival_to_score.observe(arrived.elapsed().as_secs_f64());
        }
        if self.feeds.are_read() && !self.health.set_scored() {
            self.first_intake = false;
            let Totals { accepted, duplicates, refused, .. } = &self.totals;
            let refused: u64 = refused.values().sum();
            tracing::info!(
                suppliers = self.gauges.len(),
                accepted,
                duplicates,
                refused,
                "ready: everything that was in the feeds is scored"
            );
        }
        Ok(moves)
    }

    /// The state of the rules now.
    pub(super) fn plugins(&self) -> PluginsReport {
        PluginsReport {
            running: true,
            last_reload: self.last_reload.clone(),
            ..PluginsReport::of(&self.settings, &self.fleet)
        }
    }
}

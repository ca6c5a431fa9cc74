//! `tierwatch ingest`

use super::{
    COMMAND_LINE_FEED, Done, check_feed,
    log::start_log,
    open_store,
    output::{Output, print_json, print_text},
    run::runtime,
};
use crate::{
    config::Config,
    feed::{FeedEvent, ScanLimits, Source, read_all},
    metrics::Metrics,
    pipeline::{
        Event, Pipeline, QUEUE_EVENTS, Totals,
        setup::{self, Settings},
    },
};
use anyhow::{Context as _, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant as Stopwatch},
};
use tokio::sync::mpsc;

/// Deliveries that wait between the reading and the pipeline.
const DELIVERIES: usize = 4;

/// Read attestations from files, folders or standard input, and score. The daemon must not be running.
#[derive(Debug, clap::Args)]
pub(super) struct Ingest {
    /// Files, folders, or `-` for standard input.
    #[arg(required = true)]
    sources: Vec<PathBuf>,
    /// The feed that they count as coming from: grants for unsigned attestations go by it.
    #[arg(long, default_value = COMMAND_LINE_FEED)]
    feed: String,
}

/// What an ingestion came to, as programs read it.
#[derive(Serialize)]
struct Summary {
    accepted: u64,
    duplicates: u64,
    refused: u64,
    refusals: BTreeMap<&'static str, u64>,
    scores: u64,
    seconds: f64,
    attestations_per_second: f64,
    parts_seconds: BTreeMap<&'static str, f64>,
}

impl Ingest {
    pub(super) fn run(self, path: &Path, output: Output) -> Result<Done> {
        output.no_csv("what an ingestion came to")?;
        let is_missing = |source: &&PathBuf| **source != Path::new("-") && !source.exists();
        if let Some(missing) = self.sources.iter().find(is_missing) {
            bail!("there is nothing at {}: name a file, a folder, or `-` for standard input", missing.display());
        }
        let mut config = Config::read(path)?;
        // One line a changed score is for the daemon's log, not for a bulk of them.
        "warn".clone_into(&mut config.log.filter);
        start_log(&config.log)?;
        let started = Stopwatch::now();
        let trust = setup::verifier(&config)?.verifier;
        check_feed(&self.feed, &config, &trust.options().trust)?;
        config.feeds.clear();
        let store = open_store(&config, &crate::store::StoreOptions::default())?;
        let pipeline = Pipeline::start(Settings::read(path, config)?, store, Metrics::new()?)?;
        let totals = runtime()?.block_on(self.read(pipeline))?;
        let not_scored = totals.not_scored.clone();
        let summary = Summary::of(totals, started.elapsed());
        match output {
            Output::Json => print_json(&summary)?,
            _ => print_text(&summary.text())?,
        }
        if let Some(why) = not_scored {
            bail!("it is stored and not scored: {why}");
        }
        Ok(if summary.refused == 0 { Done::Fine } else { Done::Difference })
    }

    async fn read(self, pipeline: Pipeline) -> Result<Totals> {
        let bar = ProgressBar::new_spinner()
            .with_style(ProgressStyle::with_template("{spinner} {human_pos} attestations, {per_sec}, {elapsed}")?);
        let (deliveries, mut delivered) = mpsc::channel(DELIVERIES);
        let (events, queue) = mpsc::channel(QUEUE_EVENTS);
        let feed: Arc<str> = self.feed.into();
        let source = |path: PathBuf| if path == Path::new("-") { Source::StandardInput } else { Source::Path(path) };
        let sources: Vec<Source> = self.sources.into_iter().map(source).collect();
        let reader = thread::spawn(move || read_all(&feed, &sources, ScanLimits::default(), deliveries));
        let counted = bar.clone();
        let forward = tokio::spawn(async move {
            while let Some(event) = delivered.recv().await {
                if let FeedEvent::Delivery(delivery) = &event {
                    counted.inc(delivery.items.len() as u64);
                }
                if events.send(Event::Feed(event)).await.is_err() {
                    break;
                }
            }
        });
        bar.enable_steady_tick(Duration::from_millis(200));
        let totals = pipeline.run(queue).await;
        bar.finish_and_clear();
        forward.await.context("the reading panicked")?;
        reader.join().map_err(|_| anyhow::anyhow!("the reading panicked"))??;
        totals
    }
}

impl Summary {
    #[expect(clippy::cast_precision_loss, reason = "counts of attestations are far below 2^53")]
    fn of(totals: Totals, took: Duration) -> Self {
        let refused = totals.refused.values().sum();
        let read = totals.accepted + totals.duplicates + refused;
        let parts = totals.parts;
        let parts = [
            ("verify", parts.verify),
            ("store", parts.store),
            ("take in", parts.take_in),
            ("evaluate", parts.evaluate),
            ("record", parts.record),
        ];
        Self {
            accepted: totals.accepted,
            duplicates: totals.duplicates,
            refused,
            refusals: totals.refused,
            scores: totals.scores,
            seconds: took.as_secs_f64(),
            attestations_per_second: read as f64 / took.as_secs_f64(),
            parts_seconds: parts.map(|(part, time)| (part, time.as_secs_f64())).into(),
        }
    }

    fn text(&self) -> String {
        let mut text = format!(
            "{} accepted, {} duplicates, {} refused; {} scores written; {:.1} s, {:.0} attestations/s\n",
            self.accepted, self.duplicates, self.refused, self.scores, self.seconds, self.attestations_per_second
        );
        for (reason, count) in &self.refusals {
            text += &format!("  refused {count} × {reason}\n");
        }
        if self.refused > 0 {
            text += "`tierwatch quarantine list` shows each with its reason and its mend\n";
        }
        text
    }
}

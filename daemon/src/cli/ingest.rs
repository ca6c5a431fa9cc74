//! `tierwatch ingest`

use super::{
    common::check_feed,
    done::{Done, INTERRUPTED},
    log::start_log,
    output::{Output, print_json, print_text},
};
use crate::{
    config::{Config, trust, warnings::COMMAND_LINE_FEED},
    daemon::{open_store, runtime},
    feed::{BulkSource, FeedEvent, ScanLimits, Unread, read_all},
    metrics::Metrics,
    pipeline::{Event, Pipeline, QUEUE_EVENTS, Totals, settings::Settings},
};
use anyhow::{Context as _, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant as Stopwatch},
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{mpsc, watch},
};

/// How many deliveries may wait between the reading and the pipeline.
const DELIVERIES: usize = 4;

/// Read attestations from files, folders or standard input, and score. The daemon must not be running. Ctrl-C ends the reading;
/// what was read is scored.
#[derive(Debug, clap::Args)]
pub(super) struct Ingest {
    /// Files, folders, or `-` for standard input.
    #[arg(required = true)]
    sources: Vec<PathBuf>,
    /// The feed that they count as coming from: grants for unsigned attestations go by it.
    #[arg(long, default_value = COMMAND_LINE_FEED)]
    feed: String,
}

/// The result of an ingestion, as programs read it.
#[derive(Serialize)]
struct Summary {
    accepted: u64,
    duplicates: u64,
    refused: u64,
    /// How many files were not read.
    unread: u64,
    refusals: BTreeMap<&'static str, u64>,
    /// The first of them.
    unread_files: Vec<UnreadFile>,
    /// Whether it was told to stop before everything was read.
    interrupted: bool,
    scores: u64,
    seconds: f64,
    attestations_per_second: f64,
    parts_seconds: BTreeMap<&'static str, f64>,
}

#[derive(Serialize)]
struct UnreadFile {
    path: String,
    why: String,
}

/// The result of reading.
struct Reading {
    totals: Totals,
    unread: Unread,
    interrupted: bool,
}

/// A key that is named by a slip would lie in quarantine as it is.
fn refuse_key(source: &Path) -> Result<()> {
    const BEGINNING: &[u8] = b"-----BEGIN ";
    let mut head = [0; BEGINNING.len()];
    let is_key = source.is_file()
        && File::open(source).and_then(|mut file| file.read_exact(&mut head)).is_ok()
        && head == BEGINNING;
    if is_key {
        bail!("{} is a key or a certificate and no attestation: name the files that are to be read", source.display());
    }
    Ok(())
}

impl Ingest {
    pub(super) fn run(self, path: &Path, output: Output) -> Result<Done> {
        output.no_csv("what an ingestion came to")?;
        self.sources.iter().try_for_each(|source| refuse_key(source))?;
        let is_missing = |source: &&PathBuf| **source != Path::new("-") && !source.exists();
        if let Some(missing) = self.sources.iter().find(is_missing) {
            bail!("there is nothing at {}: name a file, a folder, or `-` for standard input", missing.display());
        }
        let mut config = Config::read(path)?;
        // A line for each changed score suits the daemon's log, but not bulk ingestion.
        "warn".clone_into(&mut config.log.filter);
        start_log(&config.log)?;
        let started = Stopwatch::now();
        let trust = trust::verifier(&config)?.verifier;
        check_feed(&self.feed, &config, &trust.options().trust)?;
        config.feeds.clear();
        let store = open_store(&config, &crate::store::StoreOptions::default())?;
        let pipeline = Pipeline::start(Settings::read(path, config)?, store, Metrics::new()?)?;
        let runtime = runtime()?;
        let reading = runtime.block_on(self.read(pipeline))?;
        // A read of the standard input that gets nothing would block the shutdown.
        runtime.shutdown_background();
        let not_scored = reading.totals.not_scored.clone();
        let summary = Summary::of(reading, started.elapsed());
        match output {
            Output::Json => print_json(&summary)?,
            _ => print_text(&summary.text())?,
        }
        if let Some(why) = not_scored {
            bail!("it is stored and not scored: {why}");
        }
        Ok(match summary.refused + summary.unread {
            _ if summary.interrupted => Done::Interrupted,
            0 => Done::Fine,
            _ => Done::Difference,
        })
    }

    async fn read(self, pipeline: Pipeline) -> Result<Reading> {
        let bar = ProgressBar::new_spinner()
            .with_style(ProgressStyle::with_template("{spinner} {human_pos} attestations, {per_sec}, {elapsed}")?);
        let (deliveries, mut delivered) = mpsc::channel(DELIVERIES);
        let (events, queue) = mpsc::channel(QUEUE_EVENTS);
        let stop = stop_when_told(bar.clone())?;
        let feed: Arc<str> = self.feed.into();
        let source =
            |path: PathBuf| if path == Path::new("-") { BulkSource::StandardInput } else { BulkSource::Path(path) };
        let sources: Vec<BulkSource> = self.sources.into_iter().map(source).collect();
        let stopped = stop.clone();
        let reader = thread::spawn(move || read_all(&feed, &sources, ScanLimits::default(), deliveries, stopped));
        let (counted, mut stopped) = (bar.clone(), stop.clone());
        let forward = tokio::spawn(async move {
            loop {
                let event = tokio::select! {
                    event = delivered.recv() => event,
                    _ = stopped.wait_for(|stopped| *stopped) => break,
                };
                // Unread files are reported at the end.
                let Some(FeedEvent::Delivery(delivery)) = event else { if event.is_none() { break } else { continue } };
                counted.inc(delivery.items.len() as u64);
                if events.send(Event::Feed(FeedEvent::Delivery(delivery))).await.is_err() {
                    break;
                }
            }
        });
        bar.enable_steady_tick(Duration::from_millis(200));
        let totals = pipeline.run(queue).await;
        bar.finish_and_clear();
        forward.await.context("the reading panicked")?;
        let interrupted = *stop.borrow();
        // The reader may be waiting for a standard input that stays silent.
        let unread = if interrupted && !reader.is_finished() {
            Unread::default()
        } else {
            reader.join().map_err(|_| anyhow::anyhow!("the reading panicked"))?
        };
        Ok(Reading { totals: totals?, unread, interrupted })
    }
}

/// Becomes true at the first SIGINT or SIGTERM; the second one ends the process.
fn stop_when_told(bar: ProgressBar) -> Result<watch::Receiver<bool>> {
    let (stop, stopped) = watch::channel(false);
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::spawn(async move {
        for is_first in [true, false] {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if is_first {
                stop.send_replace(true);
                bar.suspend(|| {
                    tracing::warn!(
                        "no more is read, and what was read is being scored; a second time ends at once: the store is whole, \
                         and the next start scores the rest"
                    );
                });
            } else {
                std::process::exit(INTERRUPTED.into());
            }
        }
    });
    Ok(stopped)
}

impl Summary {
    #[expect(clippy::cast_precision_loss, reason = "counts of attestations are far below 2^53")]
    fn of(reading: Reading, took: Duration) -> Self {
        let Reading { totals, unread, interrupted } = reading;
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
            unread: unread.files,
            unread_files: unread.named.into_iter().map(|(path, why)| UnreadFile { path, why }).collect(),
            interrupted,
            scores: totals.scores,
            seconds: took.as_secs_f64(),
            attestations_per_second: read as f64 / took.as_secs_f64(),
            parts_seconds: parts.map(|(part, time)| (part, time.as_secs_f64())).into(),
        }
    }

    fn text(&self) -> String {
        let unread = if self.unread > 0 { format!(", {} files not read", self.unread) } else { String::new() };
        let mut text = format!(
            "{} accepted, {} duplicates, {} refused{unread}; {} scores written; {:.1} s, {:.0} attestations/s\n",
            self.accepted, self.duplicates, self.refused, self.scores, self.seconds, self.attestations_per_second
        );
        for (reason, count) in &self.refusals {
            text += &format!("  refused {count} × {reason}\n");
        }
        if self.refused > 0 {
            text += "`tierwatch quarantine list` shows each with its reason and its mend\n";
        }
        for UnreadFile { path, why } in &self.unread_files {
            text += &format!("  not read: {path}: {why}\n");
        }
        if self.unread > self.unread_files.len() as u64 {
            text += &format!("  not read: {} more\n", self.unread - self.unread_files.len() as u64);
        }
        if self.interrupted {
            text += "interrupted before everything was read: the same command reads the rest, and what is known is a duplicate\n";
        }
        text
    }
}

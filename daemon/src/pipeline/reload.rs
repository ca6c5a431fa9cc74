//! Another configuration, policy or plugin: read beside the running one while scoring goes on, tried on the present suppliers,
//! then taken between two batches, or left with the reason.

use super::{
    Pipeline, record,
    setup::{self, Settings},
    trial::{Failing, Trial, trial},
};
use crate::{diagnostic::on_one_line, model::Instant, store::Reader, watch::Watch};
use anyhow::Result;
use std::{collections::BTreeSet, sync::Arc};
use tokio::{sync::oneshot, task::JoinHandle};

/// Most suppliers that come into another band and are named in the log, before they do.
const REBANDED_NAMED_MAX: usize = 20;

/// Whoever asked for a reload and waits for what it came to.
type Waiting = oneshot::Sender<Result<String, String>>;

/// A configuration that is being read.
#[derive(Default)]
pub(super) struct Reloading {
    task: Option<JoinHandle<Result<Settings, String>>>,
    waiting: Vec<Waiting>,
    /// Asked for while another was being read: it may have been read too early.
    again: bool,
    later: Vec<Waiting>,
}

impl Reloading {
    /// What was read; never, when nothing is being read.
    pub(super) async fn read(&mut self) -> Result<Settings, String> {
        match &mut self.task {
            Some(task) => match task.await {
                Ok(read) => read,
                Err(panic) => Err(format!("reading it failed ({panic}): report this with the log")),
            },
            None => std::future::pending().await,
        }
    }
}

/// How the last reload went, for whoever asks.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct LastReload {
    /// When.
    pub at: Instant,
    /// Whether it was taken.
    pub taken: bool,
    /// What it came to, or why it was not taken.
    pub said: String,
}

impl Pipeline {
    /// Lets changes of the configuration's files be taken by themselves.
    #[must_use]
    pub fn watching(mut self, watch: Watch) -> Self {
        self.watch = Some(watch);
        self
    }

    /// Begins to read the configuration again, beside all other work.
    pub(super) fn begin_reload(&mut self, reply: Option<Waiting>) {
        if self.reloading.task.is_some() {
            self.reloading.again = true;
            self.reloading.later.extend(reply);
            return;
        }
        self.reloading.waiting.extend(reply);
        let last = Arc::clone(&self.settings);
        let read = move || last.reloaded().map_err(|error| format!("{error:#}"));
        self.reloading.task = Some(tokio::task::spawn_blocking(read));
    }

    /// Takes a new configuration, policy, keys and plugins, or keeps the last good ones and says why.
    pub(super) fn end_reload(&mut self, read: Result<Settings, String>) -> Result<()> {
        self.reloading.task = None;
        let outcome = match read {
            Ok(fresh) => self.try_and_take(fresh)?,
            Err(why) => Err(why),
        };
        let label = if outcome.is_ok() { "taken" } else { "refused" };
        self.metrics.reloads.with_label_values(&[label]).inc();
        self.metrics.last_reload_taken.set(i64::from(outcome.is_ok()));
        match &outcome {
            Ok(said) => tracing::info!("{said}"),
            Err(why) => {
                tracing::error!("the reload is refused and the last good configuration kept: {}", on_one_line(why));
            }
        }
        let (taken, said) = match &outcome {
            Ok(said) => (true, said.clone()),
            Err(why) => (false, why.clone()),
        };
        self.last_reload = Some(LastReload { at: Instant::now(), taken, said });
        for waiting in self.reloading.waiting.drain(..) {
            // Whoever asked may have gone; the reload stands all the same.
            let _ = waiting.send(outcome.clone());
        }
        if let Some(watch) = &mut self.watch {
            watch.follow(self.settings.sources());
        }
        if std::mem::take(&mut self.reloading.again) {
            self.begin_reload(None);
            self.reloading.waiting.append(&mut self.reloading.later);
        }
        self.evaluate()
    }

    /// The inner error is why it is not taken.
    fn try_and_take(&mut self, mut fresh: Settings) -> Result<Result<String, String>> {
        self.evaluate()?;
        let now = self.look();
        let trial = match self.tried(&mut fresh, now) {
            Ok(trial) => trial,
            Err(why) => return Ok(Err(why)),
        };
        fresh.scorer.tell_notices();
        announce(&trial);
        let policy = fresh.scorer.policy();
        let said = format!("reloaded: policy {} {}, {trial}", policy.name(), policy.digest().short());
        let tolerance = fresh.config.plugins.tolerance;
        if fresh.trust_digest == self.settings.trust_digest {
            self.fleet.adopt(tolerance, &self.settings.scorer, &fresh.scorer, trial.tried);
        } else {
            let reader = Reader::open(&self.reader_path)?;
            self.fleet = match setup::rebuild(&fresh.verifier, &reader, now) {
                Ok(fleet) => fleet,
                Err(error) => return Ok(Err(format!("{error:#}"))),
            };
            self.fleet.tolerate(tolerance);
        }
        self.unrecorded = record::artefacts(&fresh.scorer);
        fresh.show(&self.metrics);
        let config = &fresh.config;
        self.clock.configure(config.attestations.future_tolerance_seconds, config.ignore_stored_after);
        self.settings = Arc::new(fresh);
        Ok(Ok(said))
    }

    /// What `fresh` makes of the present suppliers. A plugin that fails where the one before answers, or that answers otherwise
    /// when it is asked again, gives its place back.
    fn tried(&mut self, fresh: &mut Settings, now: Instant) -> Result<Trial, String> {
        let last = Arc::clone(&self.settings);
        let mut given_back = BTreeSet::new();
        loop {
            let failures = fresh.config.plugins.tolerance.failures;
            let trial = trial(&mut self.fleet, &last.scorer, &fresh.scorer, now, failures);
            let mut counting = trial.failing.iter().filter(|(place, _)| *place < fresh.scorer.rules().len());
            let Some((place, failing)) = counting.next() else { return Ok(trial) };
            let why = refusal(fresh, *place, failing, trial.suppliers);
            if !given_back.insert(*place) || !fresh.scorer.keep(*place, &last.scorer, &why) {
                return Err(why);
            }
        }
    }
}

fn refusal(fresh: &Settings, place: usize, failing: &Failing, suppliers: usize) -> String {
    let Failing { suppliers: failed, first, why } = failing;
    let Some(rule) = fresh.scorer.places().nth(place) else { return why.clone() };
    let (name, version, origin) = (&rule.manifest().name, &rule.manifest().version, rule.plugin().origin());
    format!(
        "the rule `{name}` {version} of {origin} was no good on {failed} of {suppliers} suppliers when it was tried, first on \
         {first}: {why}; `tierwatch plugin record {first} --plugin {origin}` makes that a case"
    )
}

/// Says whom a reload will move before it does.
fn announce(trial: &Trial) {
    let mut rebanded = trial.rebanded();
    for change in rebanded.by_ref().take(REBANDED_NAMED_MAX) {
        tracing::info!(organisation = %change.organisation, "the reload will move: {change}");
    }
    match rebanded.count() {
        0 => {}
        more => {
            tracing::info!("the reload will move {more} more into another band: `tierwatch plugin diff` lists them")
        }
    }
}

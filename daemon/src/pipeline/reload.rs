//! Another configuration, policy or plugin: read beside the running one while scoring goes on, tried on the present suppliers,
//! then taken between two batches, or left with the reason.

use super::{
    Pipeline, record,
    reload_outcome::{LastReload, ReloadOutcome},
    reloading::{Again, NotTaken, ReloadReply, Taken},
    settings::Settings,
    telling::{Moves, Occasion},
};
use crate::{
    diagnostic::on_one_line,
    model::Instant,
    policy,
    scoring::{
        components::BUILT_IN,
        dry_run::{DryRun, RuleFailure, dry_run},
        rebuild::{Rebuilt, rebuild},
        rule_ix::RuleIx,
    },
    store::{Reader, may_pass},
    watch::Watch,
};
use anyhow::Result;
use std::{collections::BTreeSet, fmt, sync::Arc};

/// A reload that stops more than this part of the evidence from counting, in per cent, is logged as a warning.
const MAX_STOPPED_UNWARNED_PERCENT: u8 = 20;

impl Pipeline {
    /// Rebuilds the state where an attestation in memory has less trust than the store allows; false when the store cannot be
    /// read for now.
    pub(super) fn renew(&mut self, now: Instant) -> Result<bool> {
        if !self.outdated {
            return Ok(true);
        }
        let renewed = Reader::open(&self.reader_path)
            .map_err(anyhow::Error::from)
            .and_then(|reader| rebuild(&self.settings.verifier, &reader, now, None));
        match renewed {
            Ok(rebuilt) => self.fleet = rebuilt.fleet,
            Err(error) if may_pass(&error) => return Ok(false),
            Err(error) => return Err(error),
        }
        self.fleet.tolerate(self.settings.config.plugins.tolerance);
        self.outdated = false;
        Ok(true)
    }

    /// Lets changes of the configuration's files take effect without being asked for.
    #[must_use]
    pub(crate) fn watching(mut self, watch: Watch) -> Self {
        self.watch = Some(watch);
        self
    }

    /// Begins to read the configuration again, while all other work goes on.
    pub(super) fn begin_reload(&mut self, asked: bool, reply: Option<ReloadReply>) {
        if self.reloading.task.is_some() {
            let again = self.reloading.again.get_or_insert_default();
            again.asked |= asked;
            again.waiting.extend(reply);
            return;
        }
        self.reloading.asked = asked;
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
            Err(why) => Err(NotTaken::Refused(why)),
        };
        let (outcome, said) = match outcome {
            Ok(Taken { said, moves: Moves { moved, rebanded, withdrawn, .. } }) => {
                tracing::info!(moved, rebanded, withdrawn, "{said}");
                (ReloadOutcome::Taken, said)
            }
            Err(NotTaken::Refused(why)) => {
                tracing::error!("the reload is refused and the last good configuration kept: {}", on_one_line(&why));
                (ReloadOutcome::Refused, why)
            }
            Err(NotTaken::Guarded(why)) => {
                tracing::warn!("the reload waits for a word: {}", on_one_line(&why));
                (ReloadOutcome::Guarded, why)
            }
        };
        self.last_reload = Some(LastReload { at: Instant::now(), outcome, said: said.clone() });
        // Whoever learns of the reload finds its scores stored.
        self.evaluate()?;
        self.metrics.reloads.with_label_values(&[outcome.as_str()]).inc();
        self.metrics.last_reload_taken.set(i64::from(outcome == ReloadOutcome::Taken));
        for waiting in self.reloading.waiting.drain(..) {
            // Whoever asked may have gone; the reload stands all the same.
            let _ = waiting.send(if outcome == ReloadOutcome::Taken { Ok(said.clone()) } else { Err(said.clone()) });
        }
        if let Some(watch) = &mut self.watch {
            watch.follow(self.settings.sources());
        }
        if let Some(Again { asked, waiting }) = self.reloading.again.take() {
            self.begin_reload(asked, None);
            self.reloading.waiting = waiting;
        }
        Ok(())
    }

    fn try_and_take(&mut self, mut fresh: Settings) -> Result<Result<Taken, NotTaken>> {
        self.evaluate()?;
        let now = self.look();
        let dry_run = match self.tried(&mut fresh, now) {
            Ok(dry_run) => dry_run,
            Err(why) => return Ok(Err(NotTaken::Refused(why))),
        };
        let tolerance = fresh.config.plugins.tolerance;
        let policy = fresh.scorer.policy();
        let reloaded = format!("reloaded: policy {} {}", policy.name(), policy.digest().short());
        if fresh.trust_digest == self.settings.trust_digest {
            fresh.scorer.tell_notices();
            let moves: Moves = dry_run.moved.iter().collect();
            self.fleet.adopt(tolerance, &self.settings.scorer, &fresh.scorer, dry_run.tried);
            self.take(fresh);
            let said = match self.put_off() {
                Some(later) => format!("{reloaded}; {later}"),
                None => format!("{reloaded}, {}", moves.of(dry_run.suppliers)),
            };
            return Ok(Ok(Taken { said, moves }));
        }
        let before = self.fleet.ledger();
        let rebuilt = Reader::open(&self.reader_path)
            .map_err(anyhow::Error::from)
            .and_then(|reader| rebuild(&fresh.verifier, &reader, now, Some(before)));
        let rebuilt = match rebuilt {
            Ok(rebuilt) => rebuilt,
            Err(error) => return Ok(Err(NotTaken::Refused(format!("{error:#}")))),
        };
        let loss =
            StoppedEvidence { stopped: rebuilt.stopped, counting: before.len(), suppliers: rebuilt.fleet.unknown() };
        let guard_percent = fresh.config.reload.guard_percent;
        if !self.reloading.asked && loss.is_over(guard_percent) {
            let why = format!(
                "{loss}, more than reload.guard_percent = {guard_percent} lets pass by itself. If that is meant, ask for \
                 the reload: `tierwatch reload`, or SIGHUP; if not, mend {}",
                fresh.config.trust.display()
            );
            return Ok(Err(NotTaken::Guarded(why)));
        }
        if loss.is_over(MAX_STOPPED_UNWARNED_PERCENT) {
            tracing::warn!(stopped = loss.stopped, counting = loss.counting, "{loss}");
        }
        fresh.scorer.tell_notices();
        let counting = loss.counting;
        let Rebuilt { mut fleet, stopped } = rebuilt;
        fleet.tolerate(tolerance);
        self.fleet = fleet;
        self.take(fresh);
        let moves = self.evaluated()?;
        let reloaded = format!("{reloaded}, {stopped} of {counting} attestations stop counting");
        let said = match self.put_off() {
            Some(later) => format!("{reloaded}; {later}"),
            None => format!("{reloaded}: {}", moves.of(self.gauges.len() + moves.withdrawn)),
        };
        Ok(Ok(Taken { said, moves }))
    }

    /// The note, while nothing is scored, that what the reload moves will be logged later.
    fn put_off(&mut self) -> Option<String> {
        let behind = self.clock.behind()?;
        self.occasion = Occasion::ReloadPutOff;
        Some(format!("who moves shows once scoring goes on: {behind}"))
    }

    /// Makes `fresh` the settings in force.
    fn take(&mut self, fresh: Settings) {
        self.unrecorded = record::artefacts(&fresh.scorer);
        fresh.show(&self.metrics);
        let config = &fresh.config;
        self.clock.configure(config.attestations.future_tolerance_seconds, config.ignore_stored_after);
        self.settings = Arc::new(fresh);
        self.occasion = Occasion::Reload;
    }

    /// What `fresh` makes of the present suppliers. Where a plugin fails although the one before answers, or answers differently
    /// when it is asked again, the one before stays.
    fn tried(&mut self, fresh: &mut Settings, now: Instant) -> Result<DryRun, String> {
        let last = Arc::clone(&self.settings);
        let mut given_back = BTreeSet::new();
        loop {
            let failures = fresh.config.plugins.tolerance.failures;
            let dry_run = dry_run(&mut self.fleet, &last.scorer, &fresh.scorer, now, failures);
            let mut active = dry_run.failing.iter().filter(|(ix, _)| fresh.scorer.is_active(*ix));
            let Some((ix, failing)) = active.next() else { return Ok(dry_run) };
            let why = refusal(fresh, *ix, failing, dry_run.suppliers);
            if !given_back.insert(*ix) || !fresh.scorer.keep(*ix, &last.scorer, &why) {
                return Err(why);
            }
        }
    }
}

fn refusal(fresh: &Settings, ix: RuleIx, failing: &RuleFailure, suppliers: usize) -> String {
    let RuleFailure { suppliers: failed, first, why } = failing;
    let Some(rule) = fresh.scorer.rule(ix) else { return why.clone() };
    let (name, version, origin) = (&rule.manifest().name, &rule.manifest().version, rule.plugin().origin());
    let is_of_policy = |one: &policy::PolicyRule| *one.name == **name && one.plugin != one.name;
    let wanted = match origin.strip_prefix(BUILT_IN) {
        Some(_) if fresh.scorer.policy().rules().any(is_of_policy) => {
            format!("{name} --policy {}", fresh.config.policy.display())
        }
        Some(plugin) => plugin.to_owned(),
        None => origin.to_owned(),
    };
    format!(
        "the rule `{name}` {version} of {origin} was no good on {failed} of {suppliers} suppliers when it was tried, first on \
         {first}: {why}; `tierwatch plugin record {first} --plugin {wanted}` makes that a case"
    )
}

/// What a change of keys and grants takes away.
struct StoppedEvidence {
    /// Attestations that count now and would no longer count.
    stopped: usize,
    /// All attestations that count now.
    counting: usize,
    /// Suppliers about whom nothing would be known any more.
    suppliers: usize,
}

impl StoppedEvidence {
    fn is_over(&self, percent: u8) -> bool {
        self.stopped * 100 > self.counting * usize::from(percent)
    }
}

impl fmt::Display for StoppedEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stopped, counting, suppliers } = self;
        let percent = stopped * 100 / (*counting).max(1);
        write!(
            f,
            "{stopped} of {counting} attestations ({percent} %) stop counting, since no key or grant would admit them any \
             more, and {suppliers} suppliers lose their score with them, about whom nothing else is known"
        )
    }
}

//! From the configuration to what the pipeline works with: verifier, policy, rules.

use super::reload_outcome::ReloadOutcome;
use crate::{
    attest::{Refusal, Verifier},
    config::{
        Config,
        policy_file::policy,
        trust::{TrustSetup, verifier},
        warnings::{self, Warnings},
    },
    metrics::Metrics,
    model::{Digest, Outcome},
    policy::UNRATED,
    rules::Host,
    scoring::{
        components::{Components, components, host},
        rule_set::{self, Loaded},
        scorer::Scorer,
        stored_scorer,
    },
};
use anyhow::Result;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Everything that the configuration decides, read and checked as a whole: a reload takes all of it or nothing.
pub struct Settings {
    /// The configuration that everything else here was read from.
    pub config: Config,
    /// Verifies what arrives.
    pub verifier: Arc<Verifier>,
    /// Changes when any key, grant, scheme or kind changes.
    pub trust_digest: Digest,
    /// The policy and its rules.
    pub scorer: Scorer,
    /// Every plugin that could serve as a rule.
    pub plugins: Vec<Loaded>,
    /// Why components of the plugin folder are left out, each with its file and the fix.
    pub refused_plugins: Vec<String>,
    /// Parts of the configuration that cannot be meant.
    pub warnings: Warnings,
    /// Keys of the configuration that have changed and take effect only at the next start.
    pub restart_required: Vec<&'static str>,
    /// The sandbox that rules run in.
    pub host: Arc<Host>,
    path: PathBuf,
}

impl Settings {
    /// Reads the keys, the policy and the plugins of `config`, which was read from `path`.
    ///
    /// # Errors
    /// What is wrong with the first file that is refused.
    pub fn read(path: &Path, config: Config) -> Result<Self> {
        let host = Arc::new(host(&config)?);
        Self::with_host(path, config, host, None)
    }

    /// Reads everything again, from the configuration file on. The store and the address stay as they are until a restart,
    /// and so does the plugin of a rule for which there is no other good one.
    ///
    /// # Errors
    /// As [`Settings::read`].
    pub fn reloaded(&self) -> Result<Self> {
        let mut config = Config::read(&self.path)?;
        let same_limits = config.plugins.limits == self.config.plugins.limits;
        let host = if same_limits { Arc::clone(&self.host) } else { Arc::new(host(&config)?) };
        let running = &self.config;
        let fixed = [
            ("data_dir", config.data_dir != running.data_dir),
            ("http.listen", !is_same_address(config.listen, running.listen)),
            ("http.hosts", config.hosts != running.hosts),
            ("feeds", config.feeds != running.feeds),
            ("log", config.log != running.log),
            ("metrics", config.metrics != running.metrics),
        ];
        let restart_required: Vec<&str> = fixed.into_iter().filter_map(|(key, is_new)| is_new.then_some(key)).collect();
        if !restart_required.is_empty() {
            let keys = restart_required.join("`, `");
            tracing::warn!("what has changed in `{keys}` takes effect at the next start: restart the daemon");
        }
        // The feeds of the next start are checked now.
        let feeds = warnings::of_feeds(&config.feeds);
        config.data_dir.clone_from(&running.data_dir);
        config.listen = running.listen;
        config.hosts.clone_from(&running.hosts);
        config.feeds.clone_from(&running.feeds);
        config.log.clone_from(&running.log);
        config.metrics = running.metrics;
        let fresh = Self::with_host(&self.path, config, host, Some(self))?;
        let warnings = Warnings { feeds, ..fresh.warnings };
        if warnings != self.warnings {
            warnings.tell();
        }
        Ok(Self { warnings, restart_required, ..fresh })
    }

    /// The files and folders that it was read from, and those that its configuration file names now: a change of any of
    /// them is a reason to read them again.
    #[must_use]
    pub fn sources(&self) -> Vec<PathBuf> {
        let mut sources = Self::sources_of(&self.path, &self.config);
        if let Ok(named) = Config::read(&self.path) {
            sources.extend(Self::sources_of(&self.path, &named));
        }
        sources.sort_unstable();
        sources.dedup();
        sources
    }

    /// The files and folders that the settings of `config`, read from `path`, are made of; none when they are not to be watched.
    #[must_use]
    pub(crate) fn sources_of(path: &Path, config: &Config) -> Vec<PathBuf> {
        if !config.reload.automatic {
            return Vec::new();
        }
        let mut sources = vec![path.to_owned(), config.policy.clone(), config.trust.clone()];
        sources.extend(config.attestations.kinds.values().cloned());
        sources.extend(config.plugins.folder.clone());
        sources.sort_unstable();
        sources.dedup();
        sources
    }

    fn with_host(path: &Path, config: Config, host: Arc<Host>, last: Option<&Self>) -> Result<Self> {
        let TrustSetup { verifier, component_signers, digest, warnings } = verifier(&config)?;
        let warnings = Warnings { trust: warnings, feeds: warnings::of_feeds(&config.feeds) };
        let Components { found, refused: mut refused_plugins, is_folder_missing } =
            components(&config, &component_signers);
        // Plugins that another host compiled would keep that host's limits.
        let known = last.filter(|last| Arc::ptr_eq(&last.host, &host)).map_or(&[][..], |last| &last.plugins);
        let (plugins, no_rules) = rule_set::compile(&host, found, known);
        refused_plugins.extend(no_rules.iter().map(ToString::to_string));
        refused_plugins.iter().for_each(|why| tracing::error!("{why}"));
        // At a start, the last good plugins are those in the store. Their signatures were checked when they were loaded.
        let may_keep = is_folder_missing || !config.plugins.require_signed;
        let stored = || if may_keep { stored_scorer::last_scorer(&config.store_path(), &host) } else { None };
        let made = Scorer::new(policy(&config)?, &plugins, last.map(|last| &last.scorer));
        let made = match (made, last) {
            (Err(error), None) => match stored() {
                Some(stored) => Scorer::new(policy(&config)?, &plugins, Some(&stored)),
                None => Err(error),
            },
            (made, _) => made,
        };
        // A rule that is missing may be missing because its component was refused.
        let scorer = made.map_err(|error| {
            let error = anyhow::Error::from(error);
            if refused_plugins.is_empty() { error } else { error.context(refused_plugins.join("\n")) }
        })?;
        let (verifier, path) = (Arc::new(verifier), path.to_owned());
        let (trust_digest, restart_required) = (digest, Vec::new());
        Ok(Self {
            config,
            verifier,
            trust_digest,
            scorer,
            plugins,
            refused_plugins,
            warnings,
            restart_required,
            host,
            path,
        })
    }

    /// Shows in the metrics what is loaded. Every series that can ever count starts at 0: to Prometheus, a series that
    /// begins with its first bad signature has never risen.
    pub fn show(&self, metrics: &Metrics) {
        metrics.build_info.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        let policy = self.scorer.policy();
        metrics.policy_info.reset();
        metrics.policy_info.with_label_values(&[&**policy.name(), &policy.digest().short()]).set(1);
        metrics.suppliers.reset();
        for band in policy.bands().iter().map(|band| &*band.name).chain([UNRATED]) {
            metrics.suppliers.with_label_values(&[band]).set(0);
        }
        metrics.plugins_refused.set(i64::try_from(self.refused_plugins.len()).unwrap_or(i64::MAX));
        metrics.rules_kept.set(i64::try_from(self.scorer.notices().len()).unwrap_or(i64::MAX));
        metrics.plugin_info.reset();
        metrics.rule_quarantined.reset();
        metrics.shadow_differences.reset();
        for rule in self.scorer.rules() {
            let manifest = rule.manifest();
            let name = &*manifest.name;
            metrics.plugin_info.with_label_values(&[name, &manifest.version, &rule.digest().short()]).set(1);
            metrics.rule_fuel.with_label_values(&[name]);
            metrics.rule_failures.with_label_values(&[name]);
            metrics.rule_duration.with_label_values(&[name]);
            metrics.rule_quarantines.with_label_values(&[name]);
            for outcome in Outcome::WORDS {
                metrics.assessments.with_label_values(&[name, outcome]);
            }
        }
        for feed in &self.config.feeds {
            self.show_feed(metrics, &feed.name);
        }
        for reason in Refusal::CODES {
            metrics.quarantine.with_label_values(&[*reason]);
        }
        for direction in ["rise", "fall", "other"] {
            metrics.score_changes.with_label_values(&[direction]);
        }
        for band in policy.bands().iter().map(|band| &*band.name).chain([UNRATED]) {
            for direction in ["rise", "fall", "other", "first"] {
                metrics.band_entries.with_label_values(&[band, direction]);
            }
        }
        for outcome in ReloadOutcome::ALL.map(ReloadOutcome::as_str) {
            metrics.reloads.with_label_values(&[outcome]);
        }
        metrics.last_reload_taken.set(1);
        metrics.restart_required.set(i64::from(!self.restart_required.is_empty()));
    }

    fn show_feed(&self, metrics: &Metrics, feed: &str) {
        for outcome in ["accepted", "duplicate", "refused"] {
            metrics.attestations.with_label_values(&[feed, outcome]);
        }
        for reason in Refusal::CODES {
            metrics.refusals.with_label_values(&[feed, *reason]);
        }
        metrics.feed_problems.with_label_values(&[feed]);
        metrics.feed_up.with_label_values(&[feed]);
        metrics.feed_unread.with_label_values(&[feed]);
        metrics.quarantine_summarised.with_label_values(&[feed]);
        metrics.feed_lag.with_label_values(&[feed]);
        let silent_since = metrics.feed_last_delivery.with_label_values(&[feed]);
        if silent_since.get() == 0.0 {
            silent_since.set(metrics.start_time.get());
        }
    }
}

/// Whether a daemon that listens on the first listens as the second says: port 0 means any port.
fn is_same_address(one: SocketAddr, other: SocketAddr) -> bool {
    one.ip() == other.ip() && (one.port() == other.port() || one.port() == 0 || other.port() == 0)
}

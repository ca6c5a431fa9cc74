//! From the configuration to what the pipeline works with: verifier, policy, rules; and from the store to its state.

use super::{
    fleet::Fleet,
    lineup::{self, Loaded},
    reload::ReloadOutcome,
    replay,
    scorer::{Component, Scorer},
    warnings::{self, Warnings},
};
use crate::{
    attest::{
        Ledger, Refusal, Remit, Verifier, VerifierOptions, canonical,
        endorsement::{ENDORSEMENT_MAX_BYTES, EXTENSION, Endorsers},
        keys::KeyId,
        kinds::Kinds,
        trust::{Grant, Key, TrustTable},
    },
    by_name,
    config::Config,
    metrics::Metrics,
    model::{Attestation, Digest, Identifiers, Instant, Outcome},
    policy::{POLICY_MAX_BYTES, Policy, UNRATED},
    rules::{self, CodeCache, Compiler, Host, HostError},
    store::Reader,
};
use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Read as _,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Largest file of keys and grants, in bytes.
const TRUST_MAX_BYTES: usize = 64 << 20;
/// Largest JSON Schema of a declared kind, in bytes.
const SCHEMA_MAX_BYTES: usize = 1 << 20;

/// Everything that the configuration decides, read and checked as a whole: a reload takes all of it or nothing.
pub struct Settings {
    /// The configuration.
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
    /// What of it cannot be meant.
    pub warnings: Warnings,
    /// The keys that have changed since the start and take effect at the next one.
    pub restart_required: Vec<&'static str>,
    /// What rules run in.
    pub host: Arc<Host>,
    path: PathBuf,
}

/// The file of keys and grants.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TrustFile {
    #[serde(default)]
    key: Vec<Key>,
    #[serde(default)]
    grant: Vec<Grant>,
    #[serde(default)]
    plugins: TrustedPlugins,
}

/// `[plugins]` of that file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TrustedPlugins {
    #[serde(default)]
    signers: Vec<String>,
}

/// The components that may serve as rules, and those of the plugin folder that may not.
pub struct Components {
    /// The built-in ones first.
    pub found: Vec<Component>,
    /// Why the others are left out, each with its file and the fix.
    pub refused: Vec<String>,
    /// Whether the plugin folder could not be read at all.
    pub is_folder_missing: bool,
}

/// A verifier, and a digest of all that it was made from.
pub struct Keys {
    /// Verifies what arrives.
    pub verifier: Verifier,
    /// Who may sign rule plugins.
    pub endorsers: Endorsers,
    /// Changes when any key, grant, scheme or kind changes.
    pub digest: Digest,
    /// Grants that can never match, each with the fix.
    pub warnings: Vec<String>,
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
        // What is to be read at the next start is looked at now.
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
    pub fn sources_of(path: &Path, config: &Config) -> Vec<PathBuf> {
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
        let Keys { verifier, endorsers, digest, warnings } = verifier(&config)?;
        let warnings = Warnings { trust: warnings, feeds: warnings::of_feeds(&config.feeds) };
        let Components { found, refused: mut refused_plugins, is_folder_missing } = components(&config, &endorsers);
        // What another host compiled keeps that host's limits.
        let known = last.filter(|last| Arc::ptr_eq(&last.host, &host)).map_or(&[][..], |last| &last.plugins);
        let (plugins, no_rules) = lineup::compile(&host, found, known);
        refused_plugins.extend(no_rules.iter().map(ToString::to_string));
        refused_plugins.iter().for_each(|why| tracing::error!("{why}"));
        // At a start, the last good plugins are those in the store. Whether one of them is signed was asked when it came.
        let may_keep = is_folder_missing || !config.plugins.require_signed;
        let stored = || if may_keep { replay::last_scorer(&config.store_path(), &host) } else { None };
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

/// Whether a daemon that listens on one listens as the other says: a port 0 takes any.
fn is_same_address(one: SocketAddr, other: SocketAddr) -> bool {
    one.ip() == other.ip() && (one.port() == other.port() || one.port() == 0 || other.port() == 0)
}

/// The verifier that `config` describes.
///
/// # Errors
/// A key, grant, schema or predicate that cannot be used.
pub fn verifier(config: &Config) -> Result<Keys> {
    let text = read_text(&config.trust, TRUST_MAX_BYTES, "keys and grants")?;
    let Vocabulary { identifiers, kinds, material } = vocabulary(config)?;
    let material = [text.as_bytes(), &material].concat();
    let attestations = &config.attestations;
    let shown = config.trust.display();
    let file: TrustFile = by_name::toml(&text).map_err(|error| {
        anyhow::anyhow!(
            "{shown} is refused\n{}\ncorrect it there; config/trust.toml shows every key",
            error.to_string().trim_end()
        )
    })?;
    let trust = TrustTable::new(&file.key, &file.grant, &identifiers, &kinds).with_context(|| shown.to_string())?;
    let endorsers = trust.endorsers(&file.plugins.signers).with_context(|| shown.to_string())?;
    let future_tolerance_seconds = attestations.future_tolerance_seconds;
    let warnings = warnings::of_grants(config, &identifiers, &file.key, &file.grant);
    let verifier = Verifier::new(VerifierOptions { identifiers, kinds, trust, future_tolerance_seconds });
    Ok(Keys { verifier, endorsers, digest: Digest::of(&material), warnings })
}

/// What attestations are written in.
pub struct Vocabulary {
    /// The schemes of organisations.
    pub identifiers: Identifiers,
    /// The kinds and predicate types.
    pub kinds: Kinds,
    /// All that they were made from.
    material: Vec<u8>,
}

/// The schemes and kinds that `config` declares.
///
/// # Errors
/// A schema or predicate that cannot be used.
pub fn vocabulary(config: &Config) -> Result<Vocabulary> {
    let attestations = &config.attestations;
    let mut material = Vec::new();
    let mut declared = BTreeMap::new();
    for (name, path) in &attestations.kinds {
        let schema = read_text(path, SCHEMA_MAX_BYTES, "JSON Schema")?;
        material.extend_from_slice(name.as_bytes());
        material.extend_from_slice(schema.as_bytes());
        let parsed = by_name::json(&schema).with_context(|| format!("{} is no JSON: correct it", path.display()))?;
        declared.insert(name.clone(), parsed);
    }
    material.extend_from_slice(format!("{attestations:?}").as_bytes());
    let identifiers = Identifiers::new(attestations.schemes.clone());
    let kinds = Kinds::new(&declared, &attestations.predicates, &identifiers)?;
    Ok(Vocabulary { identifiers, kinds, material })
}

/// The policy that `config` names.
///
/// # Errors
/// When it cannot be read or is refused.
pub fn policy(config: &Config) -> Result<Policy> {
    let text = read_text(&config.policy, POLICY_MAX_BYTES, "policy")?;
    Ok(Policy::parse(&config.policy.display().to_string(), &text)?)
}

/// The built-in rules and those of the plugin folder, by name of file. A folder that is not there is told, and may come.
#[must_use]
pub fn components(config: &Config, endorsers: &Endorsers) -> Components {
    let built_in =
        |rule: &rules::BuiltIn| Component { origin: format!("built-in {}", rule.name), bytes: rule.component.into() };
    let found = rules::built_in().iter().map(built_in).collect();
    let mut components = Components { found, refused: Vec::new(), is_folder_missing: false };
    let Some(folder) = &config.plugins.folder else { return components };
    let files = match rules::component_files(folder) {
        Ok(files) => files,
        Err(error) => {
            components.is_folder_missing = true;
            components.refused.push(format!(
                "plugins.folder {} cannot be read ({error}): create or mount it, and it is read by itself; or correct it in \
                 the configuration",
                folder.display()
            ));
            return components;
        }
    };
    for path in files {
        let origin = path.display().to_string();
        let taken = rules::read_component(&path).map_err(|error| error.to_string()).and_then(|bytes| {
            if config.plugins.require_signed {
                let endorsement = endorsement(&path);
                let checked = endorsers.check(&Digest::of(&bytes), endorsement.as_deref());
                checked.map_err(|error| format!("plugin `{origin}` is not loaded: {error}"))?;
            }
            Ok(bytes)
        });
        match taken {
            Ok(bytes) => components.found.push(Component { origin, bytes: bytes.into() }),
            Err(why) => components.refused.push(why),
        }
    }
    components
}

/// The text of the signature beside a component; `None` when there is none that can be one.
#[must_use]
pub fn endorsement(component: &Path) -> Option<String> {
    let mut text = String::new();
    let file = File::open(endorsement_path(component)).ok()?;
    file.take(ENDORSEMENT_MAX_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}

/// Where the signature of a component lies.
#[must_use]
pub fn endorsement_path(component: &Path) -> PathBuf {
    let mut path = component.as_os_str().to_owned();
    path.push(".");
    path.push(EXTENSION);
    path.into()
}

/// The plugin host that `config` asks for. It keeps compiled code beside the store.
///
/// # Errors
/// [`HostError`] when the machine gives no address space or no thread.
pub fn host(config: &Config) -> Result<Host, HostError> {
    let limits = config.plugins.limits;
    let cache = CodeCache::new(config.code_path(), Some(Compiler::this_program(&limits)));
    Host::with_cache(limits, cache)
}

/// The state that the store holds, and how much of it counts.
pub struct Rebuilt {
    /// The state.
    pub fleet: Fleet,
    /// Of the attestations that counted before, those that today's keys and grants do not admit.
    pub stopped: usize,
}

/// The state that the store holds, with today's keys and grants: what they no longer admit is left out and counted.
/// `before` is what counted until now, where that is known.
///
/// # Errors
/// When the store cannot be read.
pub fn rebuild(verifier: &Verifier, reader: &Reader, now: Instant, before: Option<&Ledger>) -> Result<Rebuilt> {
    let mut fleet = Fleet::new(Ledger::new(now));
    let (mut stored_attestations, mut not_admitted, mut stopped): (u64, u64, usize) = (0, 0, 0);
    reader.for_each_attestation(None, |stored| {
        stored_attestations += 1;
        match readmit(verifier, &stored.canonical, &stored.signers, stored.feed)? {
            Ok((attestation, remit)) => fleet.insert(Arc::new(attestation), &remit),
            Err(refusal) => {
                tracing::debug!(digest = %stored.digest, "{refusal}");
                not_admitted += 1;
                stopped += usize::from(before.is_some_and(|before| before.attestation(&stored.digest).is_some()));
                fleet.leave_out(canonical::parse(&stored.canonical)?);
            }
        }
        anyhow::Ok(())
    })?;
    // Where it is known what counted until now, whoever asked says what that costs, if it comes to be.
    if not_admitted > 0 && before.is_none() {
        tracing::warn!(
            attestations = not_admitted,
            of = stored_attestations,
            "stored attestations that today's keys and grants do not admit: they do not count"
        );
    }
    reader.for_each_score(|stored| {
        let standing =
            by_name::json(&stored.body).context("a stored score is damaged: restore the store from a backup")?;
        fleet.restore(stored.organisation, standing);
        anyhow::Ok(())
    })?;
    reader.for_each_exposure(|organisation, exposure| {
        fleet.restore_exposure(organisation, exposure);
        anyhow::Ok(())
    })?;
    Ok(Rebuilt { fleet, stopped })
}

/// A stored attestation with the issuer and trust that today's keys and grants give it, and how far its signers may speak
/// beyond it.
///
/// # Errors
/// When the store is damaged; the inner refusal when nothing admits it today.
pub fn readmit(
    verifier: &Verifier,
    canonical: &str,
    signers: &[Arc<str>],
    feed: &str,
) -> Result<Result<(Attestation, Remit), Refusal>> {
    let attestation = canonical::parse(canonical)?;
    let key = |signer: &Arc<str>| {
        signer.parse().map(KeyId).context("a stored signer is damaged: restore the store from a backup")
    };
    let signers = signers.iter().map(key).collect::<Result<Vec<_>>>()?;
    Ok(verifier.readmit(attestation, &signers, feed))
}

/// The text of a configured file, which must not be larger than its limit.
fn read_text(path: &Path, max_bytes: usize, what: &str) -> Result<String> {
    let shown = path.display();
    let file = File::open(path)
        .with_context(|| format!("cannot read the {what} in {shown}: correct the path in the configuration"))?;
    if fs::metadata(path)?.is_dir() {
        bail!("{shown} is a folder, not a file of {what}: name the file in the configuration");
    }
    let mut text = String::new();
    let limit = u64::try_from(max_bytes).unwrap_or(u64::MAX);
    file.take(limit + 1).read_to_string(&mut text).with_context(|| format!("{shown} is not UTF-8 text"))?;
    if text.len() > max_bytes {
        bail!("{shown} is larger than {max_bytes} bytes, the most for {what}: split it or remove what is not used");
    }
    Ok(text)
}

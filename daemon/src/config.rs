//! The whole configuration, validated once into types. Unknown keys are refused, every problem is shown at its place.
//!
//! `config/tierwatch.toml` of the repository lists every key with its default and a comment; a test keeps it whole.

use crate::{
    diagnostic::{Diagnostics, Problems, Section},
    model::Instant,
    rules::Limits,
};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

mod attestations;
pub(crate) mod files;
pub(crate) mod policy_file;
pub mod trust;
pub(crate) mod vocabulary;
pub(crate) mod warnings;

pub use attestations::Attestations;

/// Longest path in the configuration, in bytes.
const MAX_PATH_BYTES: usize = 4096;
/// Most names under which the daemon answers.
const MAX_HOSTS: usize = 16;
/// Longest of these names, in bytes (RFC 1035).
const MAX_HOST_BYTES: usize = 253;
/// Most feeds of one daemon: each has a thread.
const MAX_FEEDS: usize = 64;
/// Most suppliers that have a metric of their own.
const MAX_TOP_SUPPLIERS: usize = 1000;

/// Everything an operator can set. Relative paths are taken from the folder of the file.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder of the store and of compiled rules.
    pub data_dir: PathBuf,
    /// The file of the policy in force.
    pub policy: PathBuf,
    /// The file of keys and grants.
    pub trust: PathBuf,
    /// The addresses of `/metrics`, `/healthz`, `/readyz` and the requests of the command line.
    pub listen: SocketAddr,
    /// Names under which it answers, beside addresses and `localhost`: those of a proxy in front of it.
    pub hosts: Vec<String>,
    /// Which log lines there are, and in which format.
    pub log: Log,
    /// Which rule plugins run, and within which limits.
    pub plugins: Plugins,
    /// Schemes, kinds and predicate types of attestations.
    pub attestations: Attestations,
    /// Where attestations come from.
    pub feeds: Vec<Feed>,
    /// What the metrics show.
    pub metrics: MetricsConfig,
    /// Changes of the configuration while the daemon runs.
    pub reload: Reload,
    /// Times in the store after this instant came from a wrong clock, and are ignored.
    pub ignore_stored_after: Option<Instant>,
}

/// `[reload]`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reload {
    /// Whether a change of this file, the policy, the keys or the plugins takes effect without being asked for.
    pub automatic: bool,
    /// The most of the evidence that counts, in per cent, that such a change may stop from counting; beyond it the change
    /// waits until somebody asks for the reload.
    pub guard_percent: u8,
}

impl Default for Reload {
    fn default() -> Self {
        Self { automatic: true, guard_percent: 20 }
    }
}

/// `[log]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// The format of a line.
    pub format: LogFormat,
    /// Which lines are written, as a `tracing` filter.
    pub filter: String,
}

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// `[plugins]`
#[derive(Clone, Debug)]
pub struct Plugins {
    /// A folder whose `*.wasm` components are rules beside the built-in ones.
    pub folder: Option<PathBuf>,
    /// Whether those of the folder must be signed by a key that trust.toml lets sign plugins.
    pub require_signed: bool,
    /// What one rule may use: fuel, memory, time.
    pub limits: Limits,
    /// How often a rule may fail before it goes into quarantine.
    pub tolerance: Tolerance,
}

/// When a rule goes into quarantine, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    /// It goes into quarantine after failing on this many suppliers without an answer in between.
    pub failures: usize,
    /// Seconds until it is tried again; each further try waits twice as long.
    pub retry_seconds: i64,
}

impl Default for Tolerance {
    fn default() -> Self {
        Self { failures: 20, retry_seconds: 60 }
    }
}

/// `[[feeds]]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Its name in logs, metrics and grants.
    pub name: String,
    /// The folder it watches.
    pub path: PathBuf,
}

/// `[metrics]`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetricsConfig {
    /// How many of the worst suppliers have a metric of their own.
    pub top_suppliers: usize,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}: {source}; name the file with --config or TIERWATCH_CONFIG", path.display())]
    Read {
        /// The path of the file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is refused.
    #[error("{0}")]
    Refused(#[from] Diagnostics),
}

impl Config {
    /// Reads and validates the file at `path`.
    ///
    /// # Errors
    /// [`ConfigError`] with everything that is wrong with the file.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Ok(Self::parse(&path.display().to_string(), &text, folder)?)
    }

    /// Validates `text`; relative paths are taken from `folder`.
    ///
    /// # Errors
    /// [`Diagnostics`] with every problem at its place.
    pub fn parse(file_name: &str, text: &str, folder: &Path) -> Result<Self, Diagnostics> {
        let problems = Problems::new(file_name, text);
        let table = problems.parse_toml()?;
        let config = read_file(Section::of_file(&problems, table.get_ref(), "a configuration"), folder);
        // `None` comes with at least one problem: an absent key is added by `require`.
        match (problems.finish(()), config) {
            (Err(diagnostics), _) => Err(diagnostics),
            (Ok(()), Some(config)) => Ok(config),
            (Ok(()), None) => unreachable!("a configuration that lacks something has a problem that says so"),
        }
    }

    /// Where the store is.
    #[must_use]
    pub fn store_path(&self) -> PathBuf {
        self.data_dir.join("tierwatch.db")
    }

    /// The folder of compiled rule plugins: it may be removed at any time.
    #[must_use]
    pub(crate) fn code_path(&self) -> PathBuf {
        self.data_dir.join("compiled")
    }
}

fn read_file(mut file: Section<'_>, folder: &Path) -> Option<Config> {
    file.require("data_dir", "data_dir = \"data\"");
    file.require("policy", "policy = \"rules/uk-mod.toml\"");
    file.require("trust", "trust = \"trust.toml\"");
    let mut path_of = |key| file.text(key, MAX_PATH_BYTES).map(|path| folder.join(path.get_ref()));
    let (data_dir, policy, trust) = (path_of("data_dir"), path_of("policy"), path_of("trust"));
    let (listen, hosts) = read_http(file.section("http"));
    let log = read_log(file.section("log"));
    let plugins = read_plugins(file.section("plugins"), folder);
    let attestations = Attestations::read(&mut file, folder);
    let feeds = read_feeds(&mut file, folder);
    let metrics = read_metrics(file.section("metrics"));
    let reload = read_reload(file.section("reload"));
    let ignore_stored_after = read_clock(file.section("clock"));
    file.finish();
    Some(Config {
        data_dir: data_dir?,
        policy: policy?,
        trust: trust?,
        listen,
        hosts,
        log,
        plugins,
        attestations,
        feeds,
        metrics,
        reload,
        ignore_stored_after,
    })
}

fn read_reload(section: Option<Section<'_>>) -> Reload {
    let default = Reload::default();
    let Some(mut section) = section else { return default };
    let automatic = section.flag("automatic").unwrap_or(default.automatic);
    let guard_percent =
        section.number("guard_percent", 0..=100).and_then(|percent| percent.into_inner().try_into().ok());
    section.finish();
    Reload { automatic, guard_percent: guard_percent.unwrap_or(default.guard_percent) }
}

fn read_clock(section: Option<Section<'_>>) -> Option<Instant> {
    let mut section = section?;
    let after = section.text("ignore_stored_after", 64).and_then(|text| {
        let parsed = Instant::parse_start(text.get_ref());
        if let Err(error) = &parsed {
            section.problem(text.span(), "this is no instant", error.to_string());
        }
        parsed.ok()
    });
    section.finish();
    after
}

/// The default address: loopback only.
fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 9470))
}

fn read_http(section: Option<Section<'_>>) -> (SocketAddr, Vec<String>) {
    let Some(mut http) = section else { return (default_listen(), Vec::new()) };
    let listen = http.text("listen", 64).and_then(|text| {
        let address: Option<SocketAddr> = text.get_ref().parse().ok();
        match address {
            None => http.problem(
                text.span(),
                format!("`{}` is no address", text.get_ref()),
                "write `127.0.0.1:9470`; port 0 takes a free one",
            ),
            Some(address) if !address.ip().is_loopback() => http.problem(
                text.span(),
                format!(
                    "`{address}` can be reached from other machines, and this version answers without TLS and tokens"
                ),
                "listen on 127.0.0.1 or [::1], and put a proxy that asks for credentials before it",
            ),
            Some(_) => {}
        }
        address
    });
    let hosts = read_hosts(&mut http);
    http.finish();
    (listen.unwrap_or_else(default_listen), hosts)
}

fn read_hosts(http: &mut Section<'_>) -> Vec<String> {
    let mut hosts = Vec::new();
    for host in http.texts("hosts", MAX_HOSTS, MAX_HOST_BYTES) {
        let name = *host.get_ref();
        if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.') {
            hosts.push(name.to_owned());
        } else {
            let fix = "write the name alone, without scheme and port: `tierwatch.example`";
            http.problem(host.span(), format!("`{name}` is no name of a host"), fix);
        }
    }
    hosts
}

fn read_log(section: Option<Section<'_>>) -> Log {
    let mut log = Log { format: LogFormat::Human, filter: "info".to_owned() };
    let Some(mut section) = section else { return log };
    if let Some(format) = section.text("format", 16) {
        match *format.get_ref() {
            "human" => log.format = LogFormat::Human,
            "json" => log.format = LogFormat::Json,
            other => section.problem(format.span(), format!("`{other}` is no log format"), "write `human` or `json`"),
        }
    }
    if let Some(filter) = section.text("filter", 1024) {
        if filter.get_ref().parse::<tracing_subscriber::EnvFilter>().is_err() {
            section.problem(
                filter.span(),
                "this is no filter of log lines",
                "write a level (`info`), or `info,tierwatch::feed=debug`",
            );
        }
        log.filter = (*filter.get_ref()).to_owned();
    }
    section.finish();
    log
}

/// The keys of `[plugins.limits]`.
const LIMITS: [&str; 5] = ["fuel_to_start", "fuel_per_batch", "memory_mib", "wall_clock_seconds", "output_kib"];

fn read_plugins(section: Option<Section<'_>>, folder: &Path) -> Plugins {
    let (limits, tolerance) = (Limits::default(), Tolerance::default());
    let mut plugins = Plugins { folder: None, require_signed: false, limits, tolerance };
    let Some(mut section) = section else { return plugins };
    plugins.folder = section.text("folder", MAX_PATH_BYTES).map(|path| folder.join(path.get_ref()));
    plugins.require_signed = section.flag("require_signed").unwrap_or(false);
    if let Some(failures) = section.number("quarantine_after", 1..=10_000_u16) {
        plugins.tolerance.failures = failures.into_inner().into();
    }
    if let Some(seconds) = section.number("retry_seconds", 1..=86_400_i64) {
        plugins.tolerance.retry_seconds = seconds.into_inner();
    }
    if let Some(mut limits) = section.section("limits") {
        let set = &mut plugins.limits;
        if let Some(fuel) = limits.number("fuel_to_start", 100_000..=100_000_000_000_u64) {
            set.fuel_to_start = fuel.into_inner();
        }
        if let Some(fuel) = limits.number("fuel_per_batch", 100_000..=100_000_000_000_u64) {
            set.fuel_per_batch = fuel.into_inner();
        }
        if let Some(memory) = limits.number("memory_mib", 1..=1024_u32) {
            set.memory_bytes = usize::try_from(memory.into_inner()).unwrap_or(1024) << 20;
        }
        if let Some(seconds) = limits.number("wall_clock_seconds", 1..=600_u32) {
            set.wall_clock = Duration::from_secs(seconds.into_inner().into());
        }
        if let Some(output) = limits.number("output_kib", 16..=65_536_u32) {
            set.output_bytes = usize::try_from(output.into_inner()).unwrap_or(65_536) << 10;
        }
        limits.finish();
    }
    section.belong_into("limits", &LIMITS);
    section.finish();
    plugins
}

fn read_feeds(file: &mut Section<'_>, folder: &Path) -> Vec<Feed> {
    let mut feeds: Vec<Feed> = Vec::new();
    for mut section in file.sections("feeds") {
        section.require("name", "name = \"suppliers\"");
        section.require("path", "path = \"feed\"");
        let name = section.name("name");
        let path = section.text("path", MAX_PATH_BYTES);
        if let (Some(name), Some(path)) = (name, path) {
            if feeds.iter().any(|feed| feed.name == *name.get_ref()) {
                section.problem(
                    name.span(),
                    format!("there are two feeds `{}`", name.get_ref()),
                    "give each feed a name of its own",
                );
            }
            feeds.push(Feed { name: (*name.get_ref()).to_owned(), path: folder.join(path.get_ref()) });
        }
        if feeds.len() > MAX_FEEDS {
            section.problem(
                section.span(),
                "there are too many feeds",
                format!("keep to {MAX_FEEDS}: one feed reads its sub-folders too"),
            );
        }
        section.finish();
    }
    feeds
}

fn read_metrics(section: Option<Section<'_>>) -> MetricsConfig {
    let mut metrics = MetricsConfig { top_suppliers: 20 };
    let Some(mut section) = section else { return metrics };
    if let Some(top) = section.number("top_suppliers", 0..=MAX_TOP_SUPPLIERS as i64) {
        metrics.top_suppliers = usize::try_from(top.into_inner()).unwrap_or(0);
    }
    section.finish();
    metrics
}

#[cfg(test)]
mod tests;

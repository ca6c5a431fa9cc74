//! A daemon that runs: assembled from its configuration, listening, and stopped as it is told.

use crate::{
    config::Config,
    feed::{DirectoryFeed, DirectoryOptions, FeedEvent},
    http::{self, ServerState},
    metrics::{Metrics, unix_seconds_now},
    pipeline::{Event, Health, Pipeline, QUEUE_EVENTS, Totals, feed_position, settings::Settings},
    scoring::rule_set::ScorerError,
    store::{Reader, Store, StoreOptions, Trouble},
    watch::Watch,
};
use anyhow::{Context as _, Result};
use std::{
    io,
    net::SocketAddr,
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::TcpListener,
    runtime::Runtime,
    signal::unix::{self, Signal, SignalKind},
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

/// How long a stop may take before whatever still runs is abandoned; the store is whole all the same.
const MAX_STOP_TIME: Duration = Duration::from_secs(20);

/// How often the daemon looks for a plugin folder that it waits for.
const FOLDER_PERIOD: Duration = Duration::from_secs(1);

/// How long to wait before a store that could not be opened is tried again.
const OPEN_PAUSE: Duration = Duration::from_secs(1);

/// Deliveries that wait between the feeds and the pipeline.
const FEED_QUEUE: usize = 8;

/// The signals that the daemon acts on. From the moment of [`take`](Self::take) none is lost: one that arrives before the
/// daemon can act on it waits.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    /// Registers for the signals; call it inside a runtime.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn take() -> Result<Self> {
        let take = |kind| unix::signal(kind).context("cannot listen for signals");
        Ok(Self {
            terminate: take(SignalKind::terminate())?,
            interrupt: take(SignalKind::interrupt())?,
            hangup: take(SignalKind::hangup())?,
        })
    }

    /// Waits for SIGTERM or SIGINT.
    pub(crate) async fn stop(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// The daemon's runtime: two threads are enough, since the heavy work is done by the pipeline and on all cores.
pub(crate) fn runtime() -> Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start the runtime")
}

/// Binds the address that the daemon answers on.
pub(crate) async fn listen(address: SocketAddr) -> Result<TcpListener> {
    let taken = || format!("cannot listen on {address}: is another daemon running? Change http.listen");
    TcpListener::bind(address).await.with_context(taken)
}

/// A running daemon.
pub(crate) struct Daemon {
    /// The address that it answers on.
    pub(crate) address: SocketAddr,
    /// Whether it is ready, and what it waits for.
    pub(crate) health: Arc<Health>,
    events: mpsc::Sender<Event>,
    feeds: Vec<DirectoryFeed>,
    pipeline: JoinHandle<Result<Totals>>,
    server: JoinHandle<()>,
    stop_server: oneshot::Sender<()>,
}

impl Daemon {
    /// Opens the store, rebuilds the state, and starts the feeds and what answers on `listener`.
    pub(crate) async fn start(path: &Path, config: Config, listener: TcpListener) -> Result<Self> {
        // A write beyond a limit on the size of files is to fail, as on a full disk, and not to end the daemon.
        let _too_large = unix::signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?;
        let metrics = Metrics::new().context("the metrics cannot be made")?;
        metrics.start_time.set(unix_seconds_now());
        let address = listener.local_addr()?;
        let (events, queue) = mpsc::channel(QUEUE_EVENTS);
        let health = Arc::new(Health::default());
        let (stop_server, stopped) = oneshot::channel();
        let hosts = config.hosts.clone().into();
        let shared =
            ServerState { metrics: metrics.clone(), health: Arc::clone(&health), events: events.clone(), hosts };
        let server = tokio::spawn(http::serve(listener, shared, async {
            // An error means that the daemon is gone, which is reason enough to stop.
            let _ = stopped.await;
        }));
        // The store comes first: compiled rules are kept in its folder.
        let store = open_when_possible(&config, health.store()).await?;
        // The watch begins before anything is read, so that no change is missed.
        let watch = watch(path, &config, events.downgrade())?;
        let settings = settings(path, config).await?;
        settings.warnings.tell();
        let config = settings.config.clone();
        let reader = Reader::open(&config.store_path())?;
        let pipeline = Pipeline::start(settings, store, metrics)?.watching(watch).telling(Arc::clone(&health));
        let mut feeds = Vec::new();
        for feed in &config.feeds {
            let options = DirectoryOptions::new(feed.name.as_str(), &feed.path);
            let positions = reader.positions(&feed.name)?.into_iter().map(feed_position).collect();
            feeds.push(DirectoryFeed::start(options, positions, into_events(events.clone()))?);
        }
        let pipeline = tokio::spawn(pipeline.run(queue));
        tracing::info!(%address, feeds = config.feeds.len(), version = env!("CARGO_PKG_VERSION"), "started");
        Ok(Self { address, health, events, feeds, pipeline, server, stop_server })
    }

    /// Runs until SIGTERM or SIGINT, reloading at each SIGHUP.
    pub(crate) async fn until_stopped(mut self, mut signals: Signals) -> Result<Totals> {
        loop {
            tokio::select! {
                _ = signals.terminate.recv() => break,
                _ = signals.interrupt.recv() => break,
                _ = signals.hangup.recv() => {
                    // A full queue holds nobody back: the reload waits its turn.
                    let events = self.events.clone();
                    tokio::spawn(async move { events.send(Event::Reload { asked: true, reply: None }).await });
                }
                ended = &mut self.pipeline => return ended.context("the pipeline panicked")?,
            }
        }
        self.stop().await
    }

    /// Stops intake, finishes what has arrived, closes the store; within [`MAX_STOP_TIME`].
    pub(crate) async fn stop(self) -> Result<Totals> {
        tracing::info!("stopping: no more intake");
        self.health.store().give_up();
        let feeds = self.feeds;
        let feeds_stopped = tokio::task::spawn_blocking(move || drop(feeds));
        let events = self.events;
        let finish = async {
            feeds_stopped.await.context("a feed panicked")?;
            // The pipeline may have ended by itself: its own result, below, says why.
            let _ = events.send(Event::Stop).await;
            let totals = self.pipeline.await.context("the pipeline panicked")??;
            let _ = self.stop_server.send(());
            self.server.await.context("the server panicked")?;
            Ok(totals)
        };
        match tokio::time::timeout(MAX_STOP_TIME, finish).await {
            Ok(finished) => {
                tracing::info!("stopped: the store is closed");
                finished
            }
            Err(_) => anyhow::bail!(
                "the stop took longer than {MAX_STOP_TIME:?} and was cut short; what was acknowledged is in the store"
            ),
        }
    }
}

/// Reads what the daemon works with. Waits for a plugin folder that does not exist yet, unless the store holds the rules that
/// made the last scores.
async fn settings(path: &Path, mut config: Config) -> Result<Settings> {
    loop {
        let read = tokio::task::block_in_place(|| Settings::read(path, config.clone()));
        let is_missing = |folder: &Option<PathBuf>| folder.as_ref().is_some_and(|folder| !folder.is_dir());
        match read {
            Err(error) if lacks_a_rule(&error) && is_missing(&config.plugins.folder) => {
                tracing::error!("nothing is read or scored until the plugin folder is there: {error:#}");
            }
            read => return read,
        }
        while is_missing(&config.plugins.folder) {
            tokio::time::sleep(FOLDER_PERIOD).await;
            // The folder may have been named wrongly and corrected since. The rest of the configuration stays that of the start.
            if let Ok(corrected) = Config::read(path) {
                config.plugins.folder = corrected.plugins.folder;
            }
        }
    }
}

/// Whether all that is wrong is that no plugin is the rule that the policy names.
fn lacks_a_rule(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(ScorerError::Missing { .. } | ScorerError::Version { .. }))
}

/// Opens the store; waits while the trouble may pass, as with a full disk or another program's lock.
async fn open_when_possible(config: &Config, trouble: &Arc<Trouble>) -> Result<Store> {
    let options = StoreOptions { trouble: Some(Arc::clone(trouble)), ..StoreOptions::default() };
    loop {
        match tokio::task::block_in_place(|| open_store(config, &options)) {
            Err(error) if error.downcast_ref().is_some_and(|error| trouble.note(error)) => {
                tokio::time::sleep(OPEN_PAUSE).await;
            }
            Err(error) => return Err(error),
            Ok(store) => {
                trouble.over();
                return Ok(store);
            }
        }
    }
}

/// Makes a queue for the feeds, and forwards everything in it to the pipeline as events.
fn into_events(events: mpsc::Sender<Event>) -> mpsc::Sender<FeedEvent> {
    let (sender, mut receiver) = mpsc::channel(FEED_QUEUE);
    tokio::spawn(async move {
        while let Some(event) = receiver.recv().await {
            if events.send(Event::Feed(event)).await.is_err() {
                break;
            }
        }
    });
    sender
}

/// Asks for a reload whenever a file of the configuration has changed.
fn watch(path: &Path, config: &Config, events: mpsc::WeakSender<Event>) -> Result<Watch> {
    let reload = || Event::Reload { asked: false, reply: None };
    let changed = move || events.upgrade().is_some_and(|events| events.blocking_send(reload()).is_ok());
    Watch::start(Settings::sources_of(path, config), changed).context("the configuration cannot be watched")
}

/// Opens the store of a configuration for writing; makes its folder if there is none.
pub(crate) fn open_store(config: &Config, options: &StoreOptions) -> Result<Store> {
    make_private(&config.data_dir).with_context(|| {
        let folder = config.data_dir.display();
        format!("cannot make the folder {folder}: correct data_dir, or let this user write there")
    })?;
    Ok(Store::open(&config.store_path(), options)?)
}

/// Attestations may be confidential: nobody else may so much as list what is kept of them.
const PRIVATE_MODE: u32 = 0o700;

/// Makes a folder that only this user can read, whatever the umask says. An existing one keeps its mode.
fn make_private(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::DirBuilder::new().mode(PRIVATE_MODE).create(folder)?;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(PRIVATE_MODE))
}

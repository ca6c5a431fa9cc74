//! The directory feed: a folder in which attestations are put, followed by a thread of its own.

use super::{
    FeedError, FeedEvent, Position, STOP_WAIT, ScanLimits, UNFINISHED_WAIT,
    follower::Follower,
    outlet::{Outlet, Stopped},
    pending::{Batch, Pending, Rescan},
    problem,
    root::{OpenError, Root},
    tree::Tree,
    watches::Watches,
};
use std::{
    io,
    path::PathBuf,
    sync::{Arc, mpsc as std_mpsc},
    thread,
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, watch};

/// How often the feed makes sure that its path still leads to the folder that it watches: the folder may be renamed,
/// or the path may be a link that is swapped, and neither is told to who watches the folder.
const ROOT_CHECK_PERIOD: Duration = Duration::from_secs(1);
/// How often everything is looked at while not every folder can be watched.
const DEAF_SCAN_PERIOD: Duration = Duration::from_secs(10);

/// What to follow.
#[derive(Debug, Clone)]
pub struct DirectoryOptions {
    /// The feed's name, in every event.
    pub name: Arc<str>,
    /// The folder; it may be reached over links.
    pub path: PathBuf,
    /// How far it is looked into.
    pub limits: ScanLimits,
    /// How long a file that looks unfinished is left alone before it is taken as it is, or reported.
    pub unfinished_wait: Duration,
}

impl DirectoryOptions {
    /// The feed `name` over the folder at `path`, everything else as it mostly is.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>, path: impl Into<PathBuf>) -> Self {
        Self { name: name.into(), path: path.into(), limits: ScanLimits::default(), unfinished_wait: UNFINISHED_WAIT }
    }
}

/// A folder that is being followed. Dropping it stops it.
pub struct DirectoryFeed {
    pub(super) pending: Arc<Pending>,
    stop: watch::Sender<bool>,
    /// Taken when the end was waited for.
    ended: Option<std_mpsc::Receiver<()>>,
}

impl DirectoryFeed {
    /// Follows a folder from `positions` on, those that were committed when it was last followed.
    ///
    /// First everything that is there is looked at, in the feed's thread; [`FeedEvent::Scanned`] tells when that is done.
    ///
    /// # Errors
    /// [`FeedError`] when the folder is missing or cannot be watched.
    pub fn start(
        options: DirectoryOptions,
        positions: Vec<Position>,
        sender: mpsc::Sender<FeedEvent>,
    ) -> Result<Self, FeedError> {
        let pending = Arc::new(Pending::default());
        let root = Root::open(&options.path).map_err(|error| refusal(&options, error))?;
        let watches =
            watch_changes(&pending).map_err(|source| FeedError::Watcher { feed: options.name.clone(), source })?;
        let (stop, stopped) = watch::channel(false);
        let (ending, ended) = std_mpsc::channel();
        let follower =
            Follower::new(Outlet::new(options.name.clone(), sender, stopped), positions, options.unfinished_wait);
        let tree = Tree::new(root, watches, follower, options.limits);
        pending.rescan(Rescan::Wanted);
        let feed = options.name.clone();
        let worker =
            Worker { path: options.path, pending: pending.clone(), tree, next_deaf_scan: None, _ending: ending };
        thread::Builder::new()
            .name(format!("feed {feed}"))
            .spawn(move || worker.run())
            .map_err(|source| FeedError::Thread { feed, source })?;
        Ok(Self { pending, stop, ended: Some(ended) })
    }

    /// Looks at everything again, as after a start: what is new, changed or gone is told.
    pub fn rescan(&self) {
        self.pending.rescan(Rescan::Wanted);
    }

    /// Stops reading and waits for the thread to end, [`STOP_WAIT`] at most. What was not delivered is read at the next
    /// start. Returns whether the thread has ended; it may hang in a file system that does not answer.
    pub fn stop(mut self) -> bool {
        self.end()
    }

    fn end(&mut self) -> bool {
        self.stop.send_replace(true);
        self.pending.stop();
        let has_ended = |ended: std_mpsc::Receiver<()>| {
            ended.recv_timeout(STOP_WAIT) == Err(std_mpsc::RecvTimeoutError::Disconnected)
        };
        self.ended.take().is_none_or(has_ended)
    }
}

impl Drop for DirectoryFeed {
    fn drop(&mut self) {
        self.end();
    }
}

/// The feed's thread.
struct Worker {
    path: PathBuf,
    pending: Arc<Pending>,
    tree: Tree,
    /// When everything is looked at for want of a watch.
    next_deaf_scan: Option<Instant>,
    /// Dropped with the worker, which tells that the thread has ended.
    _ending: std_mpsc::Sender<()>,
}

impl Worker {
    fn run(mut self) {
        let mut is_new = false;
        loop {
            let longest = self.tree.overdue_in().map_or(ROOT_CHECK_PERIOD, |due| due.min(ROOT_CHECK_PERIOD));
            let batch = self.pending.take(longest);
            if batch.is_stopped {
                return;
            }
            let turned = match self.find_root() {
                Ok(has_moved) => {
                    let is_new = std::mem::take(&mut is_new) || has_moved;
                    self.turn(&batch, is_new)
                }
                Err(sentence) => {
                    // Whatever the batch held is found by the scan when the folder is back.
                    is_new = true;
                    self.tree.report("", &sentence)
                }
            };
            if turned == Err(Stopped) {
                return;
            }
        }
    }

    /// Makes sure that the path leads to the folder that is followed, or follows the one that is there now; true then.
    fn find_root(&mut self) -> Result<bool, String> {
        if self.tree.is_at(&self.path) {
            return Ok(false);
        }
        let root = Root::open(&self.path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => problem::FOLDER_GONE.to_owned(),
            _ => problem::refusal(&OpenError::Io(error)),
        })?;
        let watches = watch_changes(&self.pending).map_err(|error| problem::not_watched(&error))?;
        self.tree.move_to(root, watches);
        Ok(true)
    }

    fn turn(&mut self, batch: &Batch, is_new: bool) -> Result<(), Stopped> {
        match &batch.rescan {
            Some(Rescan::Overflow) => self.tree.tell(|feed| FeedEvent::Overflow { feed })?,
            Some(Rescan::Failure(message)) => self.tree.report("", &problem::watcher_failed(message))?,
            Some(Rescan::Wanted) | None => {}
        }
        let is_deaf_scan_due = self.next_deaf_scan.is_some_and(|at| at <= Instant::now());
        if batch.rescan.is_some() || is_new || is_deaf_scan_due {
            self.scan_all()?;
        }
        let mut is_scan_needed = false;
        for change in &batch.changes {
            is_scan_needed |= self.tree.look_at(change)?;
        }
        if is_scan_needed {
            self.scan_all()?;
        }
        self.tree.look_at_overdue()?;
        if self.tree.is_deaf() && self.next_deaf_scan.is_none() {
            self.next_deaf_scan = Some(Instant::now() + DEAF_SCAN_PERIOD);
        }
        Ok(())
    }

    fn scan_all(&mut self) -> Result<(), Stopped> {
        self.tree.scan_all()?;
        self.next_deaf_scan = None;
        self.tree.tell(|feed| FeedEvent::Scanned { feed })
    }
}

fn watch_changes(pending: &Arc<Pending>) -> notify::Result<Watches> {
    let pending = pending.clone();
    notify::recommended_watcher(move |event| pending.absorb(event)).map(Watches::new)
}

fn refusal(options: &DirectoryOptions, source: io::Error) -> FeedError {
    let (feed, path) = (options.name.clone(), options.path.clone());
    match source.kind() {
        io::ErrorKind::NotFound => FeedError::Missing { feed, path },
        io::ErrorKind::NotADirectory => FeedError::NotAFolder { feed, path },
        io::ErrorKind::Unsupported => FeedError::NoSafeOpen { feed },
        _ => FeedError::Unreadable { feed, path, source },
    }
}

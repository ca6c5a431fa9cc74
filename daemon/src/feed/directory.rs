//! The directory feed: a folder in which attestations are put, followed by a thread of its own.

use super::{
    FeedError, FeedEvent, MAX_STOP_WAIT, MAX_TURN_BYTES, Position, ScanLimits, UNFINISHED_WAIT,
    event_sender::{EventSender, Stopped},
    follower::Follower,
    pending::{ChangeBatch, PendingChanges, Rescan},
    problem,
    root::FeedRoot,
    tree::Tree,
    watches::Watches,
};
use std::{
    path::PathBuf,
    sync::{Arc, mpsc as std_mpsc},
    thread,
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, watch};

/// How often the feed makes sure that its path still leads to the folder that it watches: the folder may be renamed,
/// or the path may be a link that is swapped, and whoever watches the folder hears of neither.
const ROOT_CHECK_PERIOD: Duration = Duration::from_secs(1);
/// How often everything is looked at: some file systems do not report changes that another machine has made.
const SCAN_PERIOD: Duration = Duration::from_secs(300);
/// The same while not every folder can be watched.
const DEAF_SCAN_PERIOD: Duration = Duration::from_secs(10);

/// Which folder to follow, and how.
#[derive(Debug, Clone)]
pub(crate) struct DirectoryOptions {
    /// The feed's name, in every event.
    pub name: Arc<str>,
    /// The folder; it may be reached over links.
    pub path: PathBuf,
    /// How deep it is searched, and how many files are followed.
    pub limits: ScanLimits,
    /// How long a file that looks unfinished is left alone before it is taken as it is, or reported.
    pub unfinished_wait: Duration,
    /// How many bytes of one file are read before the others have their turn.
    pub turn_bytes: u64,
    /// How often everything is looked at.
    pub scan_period: Duration,
}

impl DirectoryOptions {
    /// The feed `name` over the folder at `path`, everything else with its default.
    #[must_use]
    pub(crate) fn new(name: impl Into<Arc<str>>, path: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            path: path.into(),
            limits: ScanLimits::default(),
            unfinished_wait: UNFINISHED_WAIT,
            turn_bytes: MAX_TURN_BYTES,
            scan_period: SCAN_PERIOD,
        }
    }
}

/// A folder that is being followed. Dropping it stops it.
pub(crate) struct DirectoryFeed {
    pub(super) pending: Arc<PendingChanges>,
    stop: watch::Sender<bool>,
    /// `None` once the end has been waited for.
    ended: Option<std_mpsc::Receiver<()>>,
}

impl DirectoryFeed {
    /// Follows a folder from `positions` on, those that were committed when it was last followed. The folder may appear later:
    /// [`FeedEvent::Up`] and [`FeedEvent::Down`] report whether it is there.
    ///
    /// First the feed's thread looks at everything that is there; [`FeedEvent::Scanned`] reports the end of that.
    ///
    /// # Errors
    /// [`FeedError`] when the system gives no thread.
    pub(crate) fn start(
        options: DirectoryOptions,
        positions: Vec<Position>,
        sender: mpsc::Sender<FeedEvent>,
    ) -> Result<Self, FeedError> {
        let feed = options.name.clone();
        let (stop, stopped) = watch::channel(false);
        let (ending, ended) = std_mpsc::channel();
        let worker = Worker::new(options, positions, EventSender::new(feed.clone(), sender, stopped), ending);
        let pending = worker.pending.clone();
        thread::Builder::new()
            .name(format!("feed {feed}"))
            .spawn(move || worker.run())
            .map_err(|source| FeedError { feed, source })?;
        Ok(Self { pending, stop, ended: Some(ended) })
    }

    /// Stops reading and waits for the thread to end, [`MAX_STOP_WAIT`] at most. What was not delivered is read at the next
    /// start. Returns whether the thread has ended; it may hang in a file system that does not respond.
    pub(super) fn stop(&mut self) -> bool {
        self.stop.send_replace(true);
        self.pending.stop();
        let has_ended = |ended: std_mpsc::Receiver<()>| {
            ended.recv_timeout(MAX_STOP_WAIT) == Err(std_mpsc::RecvTimeoutError::Disconnected)
        };
        self.ended.take().is_none_or(has_ended)
    }
}

impl Drop for DirectoryFeed {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The state of the folder, as last reported to the pipeline.
#[derive(Debug, PartialEq, Eq)]
enum FolderStanding {
    Unknown,
    Up,
    /// Why it cannot be followed.
    Down(String),
}

/// The feed's thread.
struct Worker {
    path: PathBuf,
    limits: ScanLimits,
    scan_period: Duration,
    pending: Arc<PendingChanges>,
    event_sender: EventSender,
    /// The follower for the tree, until the folder is there for the first time.
    awaiting: Option<Follower>,
    tree: Option<Tree>,
    standing: FolderStanding,
    /// When the next scan of everything is due.
    next_scan: Instant,
    /// Whether the end of the last scan is still to be reported.
    owes_scanned: bool,
    /// Dropped with the worker, which signals that the thread has ended.
    _ending: std_mpsc::Sender<()>,
}

impl Worker {
    fn new(
        options: DirectoryOptions,
        positions: Vec<Position>,
        event_sender: EventSender,
        ending: std_mpsc::Sender<()>,
    ) -> Self {
        let mut follower = Follower::new(event_sender.clone(), positions, options.unfinished_wait);
        follower.turn_bytes = options.turn_bytes;
        Self {
            path: options.path,
            limits: options.limits,
            scan_period: options.scan_period,
            pending: Arc::new(PendingChanges::default()),
            event_sender,
            awaiting: Some(follower),
            tree: None,
            standing: FolderStanding::Unknown,
            next_scan: Instant::now(),
            owes_scanned: false,
            _ending: ending,
        }
    }

    fn run(mut self) {
        loop {
            let batch = self.pending.take(self.longest_wait());
            if batch.is_stopped || self.step(&batch) == Err(Stopped) {
                return;
            }
        }
    }

    /// Does what there is to do now.
    fn step(&mut self, batch: &ChangeBatch) -> Result<(), Stopped> {
        match self.find_root() {
            Ok(has_moved) => self.go_up().and_then(|was_down| self.turn(batch, has_moved || was_down)),
            // The scan finds whatever the batch held when the folder is back.
            Err(sentence) => self.go_down(sentence),
        }
    }

    /// How long the worker may wait for events. While the folder is away it can only look for it, whatever is due in it.
    fn longest_wait(&self) -> Duration {
        let until_scan = self.next_scan.saturating_duration_since(Instant::now());
        match (&self.standing, &self.tree) {
            (FolderStanding::Unknown, _) => Duration::ZERO,
            (FolderStanding::Up, Some(tree)) if tree.has_turns() => Duration::ZERO,
            (FolderStanding::Up, Some(tree)) => [tree.due_in().unwrap_or(ROOT_CHECK_PERIOD), until_scan]
                .into_iter()
                .fold(ROOT_CHECK_PERIOD, Duration::min),
            (FolderStanding::Up | FolderStanding::Down(_), _) => ROOT_CHECK_PERIOD,
        }
    }

    /// Makes sure that the path leads to the folder that is followed; if not, follows the one that is there now and returns true.
    fn find_root(&mut self) -> Result<bool, String> {
        if self.tree.as_ref().is_some_and(|tree| tree.is_at(&self.path)) {
            return Ok(false);
        }
        let root = FeedRoot::open(&self.path).map_err(|error| problem::no_root(&self.path, &error))?;
        let watches = watch_changes(&self.pending, self.scan_period);
        if let Some(tree) = &mut self.tree {
            tree.move_to(root, watches);
        } else if let Some(follower) = self.awaiting.take() {
            self.tree = Some(Tree::new(root, watches, follower, self.limits));
        }
        Ok(true)
    }

    /// Notes that the folder can be followed; returns whether that is new.
    fn go_up(&mut self) -> Result<bool, Stopped> {
        let before = std::mem::replace(&mut self.standing, FolderStanding::Up);
        if before == FolderStanding::Up {
            return Ok(false);
        }
        self.event_sender.send(FeedEvent::Up { feed: self.event_sender.feed().clone() })?;
        Ok(true)
    }

    fn go_down(&mut self, sentence: String) -> Result<(), Stopped> {
        let now = FolderStanding::Down(sentence.clone());
        if self.standing == now {
            return Ok(());
        }
        self.standing = now;
        self.event_sender.send(FeedEvent::Down { feed: self.event_sender.feed().clone(), sentence })
    }

    fn turn(&mut self, batch: &ChangeBatch, is_new: bool) -> Result<(), Stopped> {
        let is_due = self.next_scan <= Instant::now();
        let Some(tree) = &mut self.tree else { return Ok(()) };
        match &batch.rescan {
            Some(Rescan::Overflow) => tree.tell(|feed| FeedEvent::Overflow { feed })?,
            Some(Rescan::Failure(message)) => tree.report("", &problem::watcher_failed(message))?,
            None => {}
        }
        let mut is_scanned = batch.rescan.is_some() || is_new || is_due;
        if is_scanned {
            if tree.has_no_watcher() {
                tree.listen_with(watch_changes(&self.pending, self.scan_period));
            }
            tree.scan_all()?;
        }
        let mut is_scan_needed = false;
        for change in &batch.changes {
            is_scan_needed |= tree.look_at(change)?;
        }
        if is_scan_needed {
            tree.scan_all()?;
            is_scanned = true;
        }
        tree.look_at_due()?;
        tree.take_turns()?;
        let period = if tree.is_deaf() { deaf_period(self.scan_period) } else { self.scan_period };
        let latest = Instant::now() + period;
        self.next_scan = if is_scanned { latest } else { self.next_scan.min(latest) };
        self.owes_scanned |= is_scanned;
        if self.owes_scanned && tree.is_scan_over() {
            self.owes_scanned = false;
            let unread = tree.unread();
            tree.tell(|feed| FeedEvent::Scanned { feed, unread })?;
        }
        Ok(())
    }
}

/// How often everything is looked at while not every folder can be watched.
fn deaf_period(scan_period: Duration) -> Duration {
    DEAF_SCAN_PERIOD.min(scan_period)
}

fn watch_changes(pending: &Arc<PendingChanges>, scan_period: Duration) -> Watches {
    let pending = pending.clone();
    let watcher = notify::recommended_watcher(move |event| pending.absorb(event));
    Watches::new(watcher, deaf_period(scan_period))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// A folder that goes away costs nothing while it is away, whatever was still to be done in it.
    #[test]
    fn a_folder_that_is_away_is_looked_for_once_a_period() {
        let check = |what: &str, change: fn(&mut DirectoryOptions), content: &str| {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("feed");
            fs::create_dir(&path).expect("created");
            fs::write(path.join("a.jsonl"), content).expect("written");
            let mut options = DirectoryOptions::new("drop", &path);
            change(&mut options);
            let (sender, _events) = mpsc::channel(64);
            let (_stop, stopped) = watch::channel(false);
            let (ending, _ended) = std_mpsc::channel();
            let mut worker = Worker::new(options, Vec::new(), EventSender::new("drop".into(), sender, stopped), ending);
            assert_eq!(worker.longest_wait(), Duration::ZERO, "{what}: a start looks at once");
            worker.step(&ChangeBatch::default()).expect("read");
            assert!(worker.longest_wait() < ROOT_CHECK_PERIOD, "{what}: there is something to do");
            fs::rename(&path, folder.path().join("elsewhere")).expect("moved");
            for _ in 0..3 {
                worker.step(&ChangeBatch::default()).expect("looked for");
                assert_eq!(worker.longest_wait(), ROOT_CHECK_PERIOD, "{what}");
            }
            fs::rename(folder.path().join("elsewhere"), &path).expect("moved");
            worker.step(&ChangeBatch::default()).expect("read");
            assert_eq!(worker.standing, FolderStanding::Up, "{what}");
        };
        check("a scan is due", |options| options.scan_period = Duration::ZERO, "");
        check("a file has a turn left", |options| options.turn_bytes = 4, "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
        check("an unfinished file is due", |options| options.unfinished_wait = ROOT_CHECK_PERIOD / 2, "1");
    }
}

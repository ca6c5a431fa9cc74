//! The feed on a real file system with real inotify. Nothing here waits for a time: every check waits for an event.

mod bulk;
mod changes;
mod links;
mod logs;
mod shares;
mod turns;

use super::{Body, DeliveredItem, DirectoryFeed, DirectoryOptions, FeedEvent, Position, ScanLimits, Unread};
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::sync::mpsc;

/// Long enough for the slowest machine; reached only when a test fails.
const DEADLINE: Duration = Duration::from_secs(60);

/// A followed folder and everything that its feed said.
struct Bench {
    folder: TempDir,
    feed: Option<DirectoryFeed>,
    events: mpsc::Receiver<FeedEvent>,
    /// What a store would hold.
    positions: BTreeMap<String, Position>,
    problems: Vec<String>,
    gone: Vec<String>,
    overflows: usize,
    scans: usize,
    /// As of the last scan.
    unread: Unread,
    is_up: bool,
    sentinels: usize,
}

impl Bench {
    fn new() -> Self {
        Self::over(|_| {})
    }

    /// Follows a folder that `prepare` filled, from its first scan on.
    fn over(prepare: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        prepare(folder.path());
        let (_, events) = mpsc::channel(1);
        let mut bench = Self {
            folder,
            feed: None,
            events,
            positions: BTreeMap::new(),
            problems: Vec::new(),
            gone: Vec::new(),
            overflows: 0,
            scans: 0,
            unread: Unread::default(),
            is_up: false,
            sentinels: 0,
        };
        bench.start();
        bench
    }

    fn start(&mut self) {
        self.start_with(|_| {});
    }

    fn start_with(&mut self, change: impl FnOnce(&mut DirectoryOptions)) {
        let (sender, events) = mpsc::channel(8);
        let mut options = DirectoryOptions::new("drop", self.folder.path());
        options.unfinished_wait = DEADLINE;
        change(&mut options);
        let positions = self.positions.values().cloned().collect();
        self.feed = Some(DirectoryFeed::start(options, positions, sender).expect("a feed"));
        self.events = events;
    }

    fn stop(&mut self) {
        assert!(self.feed.take().expect("a feed").stop(), "the thread ended in time");
    }

    /// Stops the feed, replaces its folder by a copy with other inodes and times, and starts it again.
    fn restore(&mut self) {
        self.stop();
        let (folder, copy) = (self.folder.path().to_owned(), tempfile::tempdir().expect("a folder"));
        let names = || fs::read_dir(&folder).expect("read").map(|entry| entry.expect("an entry").file_name());
        for name in names() {
            fs::copy(folder.join(&name), copy.path().join(&name)).expect("copied");
        }
        // The originals are kept until the copies exist, so that no copy gets the inode of an original.
        let kept = tempfile::tempdir().expect("a folder");
        for name in names() {
            fs::rename(folder.join(&name), kept.path().join(&name)).expect("moved");
            fs::copy(copy.path().join(&name), folder.join(&name)).expect("copied");
        }
        self.start();
    }

    fn restart(&mut self) {
        self.stop();
        self.start();
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).expect("written");
    }

    /// Writes as a careful writer does: completely under a hidden name, then renamed.
    fn rename_in(&self, name: &str, content: &str) {
        let path = self.path(name);
        let hidden =
            path.with_file_name(format!(".{}.tmp", path.file_name().and_then(|name| name.to_str()).expect("a name")));
        fs::write(&hidden, content).expect("written");
        fs::rename(&hidden, &path).expect("renamed");
    }

    fn append(&self, name: &str, content: &str) {
        use std::io::Write as _;
        let mut file = fs::OpenOptions::new().append(true).create(true).open(self.path(name)).expect("opened");
        file.write_all(content.as_bytes()).expect("written");
    }

    fn link(&self, name: &str, target: &str) {
        std::os::unix::fs::symlink(target, self.path(name)).expect("linked");
    }

    /// The next items, if any came with the next event.
    fn next(&mut self) -> Vec<DeliveredItem> {
        let until = Instant::now() + DEADLINE;
        let event = loop {
            match self.events.try_recv() {
                Ok(event) => break event,
                Err(_) => assert!(Instant::now() < until, "nothing came; problems: {:?}", self.problems),
            }
            thread::sleep(Duration::from_millis(1));
        };
        match event {
            FeedEvent::Delivery(delivery) => {
                assert_eq!(&*delivery.feed, "drop");
                self.positions.insert(delivery.position.path.clone(), delivery.position);
                return delivery.items;
            }
            FeedEvent::Problem { path, sentence, .. } => self.problems.push(format!("{path}: {sentence}")),
            FeedEvent::Gone { path, .. } => {
                self.positions.remove(&path);
                self.gone.push(path);
            }
            FeedEvent::Scanned { unread, .. } => {
                self.scans += 1;
                self.unread = unread;
            }
            FeedEvent::Up { .. } => self.is_up = true,
            FeedEvent::Down { sentence, .. } => {
                self.is_up = false;
                self.problems
                    .push(format!("down: {}", sentence.replace(self.folder.path().to_str().expect("UTF-8"), "FOLDER")));
            }
            FeedEvent::Overflow { .. } => self.overflows += 1,
        }
        Vec::new()
    }

    fn until_scanned(&mut self) -> Vec<String> {
        let before = self.scans;
        let mut items = Vec::new();
        while self.scans == before {
            items.extend(self.next());
        }
        shown(items)
    }

    /// Every event caused so far. inotify keeps the order, so a file renamed in now is read last, unless
    /// a scan was under way and found it; so the turn in which it was read is waited for as well.
    fn settle(&mut self) -> Vec<String> {
        self.sentinels += 1;
        let sentinel = format!("sentinel{}.json", self.sentinels);
        self.rename_in(&sentinel, &format!("\"{sentinel}\""));
        let mut items = Vec::new();
        while !items.iter().any(|item: &DeliveredItem| item.origin == sentinel) {
            items.extend(self.next());
        }
        items.retain(|item| item.origin != sentinel);
        let overflows = self.overflows;
        self.lose_events();
        while self.overflows == overflows {
            items.extend(self.next());
        }
        assert_eq!(self.until_scanned(), [""; 0], "found only by the scan");
        shown(items)
    }

    /// Makes the feed believe that the queue of events overflowed.
    fn lose_events(&self) {
        let lost = notify::Event::new(notify::EventKind::Other).set_flag(notify::event::Flag::Rescan);
        self.feed.as_ref().expect("a feed").pending.absorb(Ok(lost));
    }

    /// What is new since the last check, in any order.
    fn check(&mut self, want: &[&str]) {
        let mut found = self.settle();
        found.sort();
        assert_eq!(found, want, "problems: {:?}", self.problems);
    }

    /// What the first scan, or the next one, finds.
    fn check_scan(&mut self, want: &[&str]) {
        let mut found = self.until_scanned();
        found.sort();
        assert_eq!(found, want, "problems: {:?}", self.problems);
    }
}

fn shown(items: Vec<DeliveredItem>) -> Vec<String> {
    let body = |body: Body| match body {
        Body::Bytes(bytes) if bytes.len() > 100 => format!("{} bytes", bytes.len()),
        Body::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Body::Oversized { length_bytes, head } => format!("oversized {length_bytes}, head {}", head.len()),
    };
    items.into_iter().map(|item| format!("{} {}", item.origin, body(item.body))).collect()
}

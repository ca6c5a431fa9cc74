//! Watches the files that the configuration is made of, and says when one of them has changed.
//!
//! What the kernel reports is only a hint: whether anything has changed is decided by the files themselves, so that swapped
//! links count and a store that writes beside the configuration does not. A file that is still being written is left
//! alone until its writer has closed it. Where the kernel reports nothing, the files are still looked at from time to time, and
//! a change counts once it is the same at two looks: nothing says there that a file is complete.

use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _,
    event::{AccessKind, AccessMode, CreateKind, ModifyKind},
};
use std::{
    collections::BTreeSet,
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread,
    time::{Duration, Instant},
};

/// How long nothing must happen before the files are looked at: several files that are copied together are one change.
const QUIET: Duration = Duration::from_millis(10);
/// The same when nothing but moves happened: files that belong together are moved one right after the other.
const QUIET_MOVED: Duration = Duration::from_millis(2);
/// How long a change waits at most for further ones.
const MAX_WAIT: Duration = Duration::from_secs(1);
/// How often the files are looked at when the kernel reports nothing: mounts come and go unreported, and some systems never
/// report anything.
const LOOK_PERIOD: Duration = Duration::from_secs(10);
/// Most files of a folder that are looked at.
const MAX_FILES: usize = 1024;

/// What tells one content of a file from another without reading it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct FileStamp {
    path: PathBuf,
    device: u64,
    inode: u64,
    bytes: u64,
    changed_at: (i64, i64),
}

/// What is watched. Dropping it ends the watching.
pub(crate) struct Watch {
    shared: Arc<WatchShared>,
    /// `None` where the system offers no notifications.
    watcher: Option<RecommendedWatcher>,
    folders: BTreeSet<PathBuf>,
    hints: Sender<Duration>,
}

#[derive(Default)]
struct WatchShared {
    known: Mutex<WatchedFiles>,
}

#[derive(Default)]
struct WatchedFiles {
    sources: Vec<PathBuf>,
    states: Vec<FileStamp>,
    /// The states at the last look that no report caused, if they differ from the known ones.
    unsure: Option<Vec<FileStamp>>,
}

impl Watch {
    /// Watches `sources`, files and folders, as they are now. Calls `changed` when one of them has changed; it returns whether to
    /// go on.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(sources: Vec<PathBuf>, changed: impl FnMut() -> bool + Send + 'static) -> io::Result<Self> {
        let (hints, receiver) = mpsc::channel();
        let hint = hints.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if let Some(quiet) = event.ok().as_ref().and_then(quiet_after) {
                // Nobody receives it when the watch ends.
                let _ = hint.send(quiet);
            }
        });
        let watcher = watcher.inspect_err(|error| {
            tracing::warn!(
                "no change of the configuration can be watched ({error}), so it is looked at every {LOOK_PERIOD:?} instead: raise \
                 `fs.inotify.max_user_instances` with sysctl, or the daemon's limit of open files if that is reached"
            );
        });
        let watcher = watcher.ok();
        let shared = Arc::new(WatchShared::default());
        let looking = Arc::clone(&shared);
        thread::Builder::new()
            .name("configuration watch".to_owned())
            .spawn(move || look(&looking, &receiver, changed))?;
        let mut watch = Self { shared, watcher, folders: BTreeSet::new(), hints };
        watch.listen(&sources);
        let states = states(&sources);
        *watch.shared.known() = WatchedFiles { sources, states, unsure: None };
        Ok(watch)
    }

    /// Watches `sources` from now on. Those that were not watched before are taken for changed.
    pub(crate) fn follow(&mut self, sources: Vec<PathBuf>) {
        // Also when the paths are the same: a folder that was removed and made again is a different one.
        self.listen(&sources);
        let mut known = self.shared.known();
        if known.sources == sources {
            return;
        }
        let is_new = sources.iter().any(|source| !known.sources.contains(source));
        let is_followed = |path: &Path| sources.iter().any(|source| source == path || path.parent() == Some(source));
        // What was seen of the others stays: a change since then is still to be told.
        known.states.retain(|state| !is_new && is_followed(&state.path));
        known.sources = sources;
        if is_new {
            // The receiving thread lives as long as this does.
            let _ = self.hints.send(QUIET);
        }
    }

    fn listen(&mut self, sources: &[PathBuf]) {
        let Some(watcher) = &mut self.watcher else { return };
        let folders: BTreeSet<PathBuf> = sources.iter().flat_map(|source| listened(source)).collect();
        for gone in self.folders.difference(&folders) {
            // It may have been removed: then it is not watched either.
            let _ = watcher.unwatch(gone);
        }
        for folder in &folders {
            let watched = watcher.watch(folder, RecursiveMode::NonRecursive);
            if let Err(error) = watched
                && !self.folders.contains(folder)
            {
                let folder = folder.display();
                tracing::warn!(%folder, "not watched ({error}) and looked at every {LOOK_PERIOD:?} instead: let the daemon read it");
            }
        }
        self.folders = folders;
    }
}

/// The folders whose reports tell of a change of `source`: itself if it is a folder, and the nearest existing one above it,
/// which reports when it comes or goes.
fn listened(source: &Path) -> Vec<PathBuf> {
    let above = source.ancestors().skip(1).map(|above| match above.as_os_str().is_empty() {
        true => Path::new("."),
        false => above,
    });
    let above = above.into_iter().find(|above| above.is_dir()).map(Path::to_owned);
    let itself = source.is_dir().then(|| source.to_owned());
    itself.into_iter().chain(above).collect()
}

impl WatchShared {
    fn known(&self) -> std::sync::MutexGuard<'_, WatchedFiles> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long nothing must happen after `event` until the files are complete; `None` where no file can be complete after it.
fn quiet_after(event: &Event) -> Option<Duration> {
    match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) | EventKind::Remove(_) => Some(QUIET),
        EventKind::Modify(ModifyKind::Name(_)) => Some(QUIET_MOVED),
        // A link is complete when it is made; a file is closed later.
        EventKind::Create(CreateKind::File) if !event.paths.iter().any(|path| path.is_symlink()) => None,
        EventKind::Create(_) => Some(QUIET),
        _ => event.need_rescan().then_some(QUIET),
    }
}

fn look(shared: &WatchShared, hints: &Receiver<Duration>, mut changed: impl FnMut() -> bool) {
    loop {
        let (mut is_told, mut quiet) = match hints.recv_timeout(LOOK_PERIOD) {
            Ok(quiet) => (true, quiet),
            Err(RecvTimeoutError::Timeout) => (false, Duration::ZERO),
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let began = Instant::now();
        while began.elapsed() < MAX_WAIT {
            match hints.recv_timeout(quiet) {
                Ok(longer) => (is_told, quiet) = (true, quiet.max(longer)),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
        if shared.known().have_become_others(is_told) && !changed() {
            return;
        }
    }
}

impl WatchedFiles {
    /// Looks at the files, because of a report or because it was time; returns whether they have changed since the last time that
    /// this was true.
    fn have_become_others(&mut self, is_told: bool) -> bool {
        let now = states(&self.sources);
        if now == self.states {
            self.unsure = None;
            return false;
        }
        if !is_told && self.unsure.as_ref() != Some(&now) {
            self.unsure = Some(now);
            return false;
        }
        self.unsure = None;
        self.states = now;
        true
    }
}

/// The state of every file; of a folder, whether it is there and the state of the files in it.
fn states(sources: &[PathBuf]) -> Vec<FileStamp> {
    let mut states = Vec::new();
    for source in sources {
        if let Ok(entries) = fs::read_dir(source) {
            states.extend(entries.flatten().take(MAX_FILES).filter_map(|entry| state(&entry.path())));
        }
        states.extend(state(source));
    }
    states.sort_unstable();
    states
}

fn state(path: &Path) -> Option<FileStamp> {
    let metadata = fs::metadata(path).ok()?;
    let (path, device, inode) = (path.to_owned(), metadata.dev(), metadata.ino());
    let is_file = metadata.is_file();
    // What is in a folder has states of its own.
    let (bytes, changed_at) =
        if is_file { (metadata.size(), (metadata.ctime(), metadata.ctime_nsec())) } else { (0, (0, 0)) };
    Some(FileStamp { path, device, inode, bytes, changed_at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::RecvTimeoutError;

    const SOON: Duration = Duration::from_secs(10);
    const NEVER: Duration = Duration::from_millis(300);

    fn watched(sources: &[PathBuf]) -> (Watch, Receiver<()>) {
        let (sender, receiver) = mpsc::channel();
        let watch = Watch::start(sources.to_vec(), move || sender.send(()).is_ok()).expect("a watch");
        (watch, receiver)
    }

    #[test]
    fn only_moves_are_taken_for_whole_soon() {
        use notify::event::{DataChange, RemoveKind, RenameMode};
        for (kind, quiet) in [
            (EventKind::Modify(ModifyKind::Name(RenameMode::To)), Some(QUIET_MOVED)),
            (EventKind::Access(AccessKind::Close(AccessMode::Write)), Some(QUIET)),
            (EventKind::Remove(RemoveKind::File), Some(QUIET)),
            (EventKind::Create(CreateKind::Folder), Some(QUIET)),
            (EventKind::Create(CreateKind::File), None),
            (EventKind::Modify(ModifyKind::Data(DataChange::Any)), None),
        ] {
            assert_eq!(quiet_after(&Event::new(kind)), quiet, "{kind:?}");
        }
    }

    #[test]
    fn a_change_is_told_once_and_others_are_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, plugins) = (folder.path().join("policy.toml"), folder.path().join("plugins"));
        fs::write(&file, "one").expect("written");
        fs::create_dir(&plugins).expect("made");
        let (_watch, changes) = watched(&[file.clone(), plugins.clone()]);

        fs::write(folder.path().join("beside"), "another").expect("written");
        assert_eq!(changes.recv_timeout(NEVER), Err(RecvTimeoutError::Timeout));
        fs::write(&file, "two").expect("written");
        assert_eq!(changes.recv_timeout(SOON), Ok(()));
        fs::write(plugins.join("rule.wasm"), "three").expect("written");
        assert_eq!(changes.recv_timeout(SOON), Ok(()));
        fs::rename(plugins.join("rule.wasm"), plugins.join("other.wasm")).expect("renamed");
        assert_eq!(changes.recv_timeout(SOON), Ok(()));
        fs::remove_file(plugins.join("other.wasm")).expect("removed");
        assert_eq!(changes.recv_timeout(SOON), Ok(()));
        assert_eq!(changes.recv_timeout(NEVER), Err(RecvTimeoutError::Timeout));
    }

    #[test]
    fn a_file_is_left_alone_until_it_is_closed() {
        use std::io::Write as _;
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("policy.toml");
        fs::write(&file, "one").expect("written");
        let (_watch, changes) = watched(std::slice::from_ref(&file));
        let mut writer = fs::File::create(&file).expect("opened");
        writer.write_all(b"half").expect("written");
        assert_eq!(changes.recv_timeout(NEVER), Err(RecvTimeoutError::Timeout));
        writer.write_all(b" and whole").expect("written");
        drop(writer);
        assert_eq!(changes.recv_timeout(SOON), Ok(()));
    }

    #[test]
    fn what_nobody_tells_counts_when_it_stays_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("policy.toml");
        fs::write(&file, "one").expect("written");
        let sources = vec![file.clone()];
        let mut known = WatchedFiles { states: states(&sources), sources, unsure: None };
        assert!(!known.have_become_others(false));
        for part in ["half", "half and more", "half and more and all"] {
            fs::write(&file, part).expect("written");
            assert!(!known.have_become_others(false), "{part}");
        }
        assert!(known.have_become_others(false), "it has not changed since the last look");
        assert!(!known.have_become_others(false), "told once");
        fs::write(&file, "two").expect("written");
        assert!(known.have_become_others(true), "whoever tells knows that it is whole");
    }

    #[test]
    fn a_folder_that_comes_or_goes_is_seen_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let (plugins, aside) = (folder.path().join("later/plugins"), folder.path().join("aside"));
        let sources = vec![plugins.clone()];
        let (mut watch, changes) = watched(&sources);
        let told = |watch: &mut Watch| {
            assert_eq!(changes.recv_timeout(LOOK_PERIOD / 2), Ok(()), "well before anybody looks by himself");
            watch.follow(sources.clone());
        };
        // Nothing above it is there yet, so a look follows the hint.
        fs::create_dir(folder.path().join("later")).expect("made");
        watch.follow(sources.clone());
        fs::create_dir(&plugins).expect("made");
        told(&mut watch);
        // The folder is empty, so no file in it can report anything.
        fs::rename(&plugins, &aside).expect("renamed");
        told(&mut watch);
        fs::rename(&aside, &plugins).expect("renamed");
        told(&mut watch);
        fs::write(plugins.join("rule.wasm"), "one").expect("written");
        told(&mut watch);
        fs::remove_dir_all(&plugins).expect("removed");
        told(&mut watch);
    }

    #[test]
    fn a_link_that_is_swapped_is_a_change() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::write(path("one"), "one").expect("written");
        fs::write(path("two"), "two").expect("written");
        symlink(path("one"), path("policy.toml")).expect("linked");
        let (_watch, changes) = watched(&[path("policy.toml")]);
        symlink(path("two"), path("new")).expect("linked");
        fs::rename(path("new"), path("policy.toml")).expect("renamed");
        assert_eq!(changes.recv_timeout(SOON), Ok(()));
    }

    #[test]
    fn what_is_followed_anew_counts_as_changed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::write(path("one"), "one").expect("written");
        fs::write(path("two"), "two").expect("written");
        let (mut watch, changes) = watched(&[path("one")]);
        watch.follow(vec![path("one"), path("two")]);
        assert_eq!(changes.recv_timeout(SOON), Ok(()));
        watch.follow(vec![path("two")]);
        assert_eq!(changes.recv_timeout(NEVER), Err(RecvTimeoutError::Timeout));
        fs::write(path("two"), "three").expect("written");
        assert_eq!(changes.recv_timeout(SOON), Ok(()));
    }
}

//! What has changed and waits to be looked at: filled by notify's thread, emptied by the feed's.
//!
//! A path waits once however often it changes, and past a limit everything gives way to one rescan, so a slow pipeline
//! costs no memory. Filling never waits for the feed's thread, which itself waits for notify's when it adds a watch.

use notify::{
    Event, EventKind,
    event::{AccessKind, AccessMode, CreateKind, ModifyKind, RenameMode},
};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Most paths that wait; beyond it a rescan replaces them.
const MAX_PENDING_PATHS: usize = 65_536;

/// Why a file is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trigger {
    /// A scan found it.
    Scan,
    /// Something happened to it; its writer may not be done.
    Changed,
    /// Its writer closed it, or renamed it to this path.
    Finished,
    /// It looked unfinished, and its writer had time to finish it.
    Overdue,
}

/// One path that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PathChange {
    pub(super) path: PathBuf,
    pub(super) trigger: Trigger,
    /// Whether the entry itself is new, so that links through it may lead elsewhere now.
    pub(super) is_new_entry: bool,
    /// When the feed learned of the first of the changes.
    pub(super) arrived: Instant,
}

/// Why everything is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rescan {
    /// Changes were lost.
    Overflow,
    /// notify failed, with this message.
    Failure(String),
}

/// Everything that waits at one moment.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ChangeBatch {
    pub(super) rescan: Option<Rescan>,
    /// The changed paths, in the order in which they first changed.
    pub(super) changes: Vec<PathChange>,
    pub(super) is_stopped: bool,
}

/// The changes that wait.
#[derive(Default)]
pub(super) struct PendingChanges {
    state: Mutex<PendingState>,
    filled: Condvar,
}

#[derive(Default)]
struct PendingState {
    batch: ChangeBatch,
    indices: HashMap<PathBuf, usize>,
    /// Whether one of the changes may bring content. A name that is gone can wait: mostly its new name follows.
    has_news: bool,
}

impl PendingChanges {
    /// Adds an event of notify.
    pub(super) fn absorb(&self, event: notify::Result<Event>) {
        let mut state = self.lock();
        match event {
            Ok(event) if event.need_rescan() => state.batch.overflow(),
            Ok(event) => state.note(event, Instant::now()),
            Err(error) => state.batch.rescan = Some(Rescan::Failure(error.to_string())),
        }
        if state.batch.changes.len() >= MAX_PENDING_PATHS {
            state.indices.clear();
            state.batch.changes.clear();
            state.batch.overflow();
        }
        if state.is_urgent() {
            self.filled.notify_one();
        }
    }

    /// Ends every wait from now on.
    pub(super) fn stop(&self) {
        self.lock().batch.is_stopped = true;
        self.filled.notify_one();
    }

    /// Waits until something is new, `longest` at most, and takes all that waits.
    pub(super) fn take(&self, longest: Duration) -> ChangeBatch {
        let state = self.lock();
        let waited = self.filled.wait_timeout_while(state, longest, |state| !state.is_urgent());
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.indices.clear();
        state.has_news = false;
        let is_stopped = state.batch.is_stopped;
        std::mem::replace(&mut state.batch, ChangeBatch { is_stopped, ..ChangeBatch::default() })
    }

    fn lock(&self) -> MutexGuard<'_, PendingState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ChangeBatch {
    /// Notes an overflow, unless a failure is noted already: both cause a rescan.
    fn overflow(&mut self) {
        self.rescan.get_or_insert(Rescan::Overflow);
    }
}

impl PendingState {
    fn is_urgent(&self) -> bool {
        self.has_news || self.batch.rescan.is_some() || self.batch.is_stopped
    }

    fn note(&mut self, event: Event, arrived: Instant) {
        let (trigger, is_new_entry) = match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => (Trigger::Finished, false),
            EventKind::Modify(ModifyKind::Name(RenameMode::To)) => (Trigger::Finished, true),
            // Reported after both of its halves were.
            EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => return,
            EventKind::Modify(ModifyKind::Data(_)) if !event.paths.iter().all(|path| grows(path)) => return,
            EventKind::Create(CreateKind::File | CreateKind::Folder) => (Trigger::Changed, true),
            EventKind::Modify(_) | EventKind::Remove(_) => (Trigger::Changed, false),
            _ => return,
        };
        self.has_news |=
            !matches!(event.kind, EventKind::Modify(ModifyKind::Name(RenameMode::From)) | EventKind::Remove(_));
        for path in event.paths {
            self.add(PathChange { path, trigger, is_new_entry, arrived });
        }
    }

    fn add(&mut self, change: PathChange) {
        if let Some(known) = self.indices.get(&change.path).and_then(|index| self.batch.changes.get_mut(*index)) {
            known.trigger = known.trigger.max(change.trigger);
            known.is_new_entry |= change.is_new_entry;
        } else {
            self.indices.insert(change.path.clone(), self.batch.changes.len());
            self.batch.changes.push(change);
        }
    }
}

/// Whether a file is read while it is being written: only a log is.
fn grows(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("jsonl"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{DataChange, Flag};

    const CLOSED: EventKind = EventKind::Access(AccessKind::Close(AccessMode::Write));
    const WRITTEN: EventKind = EventKind::Modify(ModifyKind::Data(DataChange::Any));

    fn check(events: &[(EventKind, &str)], want: &[(&str, Trigger)]) {
        let pending = PendingChanges::default();
        for (kind, path) in events {
            pending.absorb(Ok(Event::new(*kind).add_path(path.into())));
        }
        let batch = pending.take(Duration::ZERO);
        let found: Vec<_> =
            batch.changes.iter().map(|change| (change.path.to_str().unwrap_or(""), change.trigger)).collect();
        assert_eq!(found, want);
        assert_eq!(pending.take(Duration::ZERO), ChangeBatch::default());
    }

    #[test]
    fn a_path_waits_once_with_its_strongest_trigger() {
        let created = EventKind::Create(CreateKind::File);
        let opened = EventKind::Access(AccessKind::Open(AccessMode::Any));
        check(&[(created, "a.json"), (WRITTEN, "a.json"), (CLOSED, "a.json")], &[("a.json", Trigger::Finished)]);
        check(&[(WRITTEN, "a.json"), (opened, "a.json")], &[]);
        check(
            &[(WRITTEN, "a.jsonl"), (CLOSED, "b.json"), (WRITTEN, "a.jsonl")],
            &[("a.jsonl", Trigger::Changed), ("b.json", Trigger::Finished)],
        );
    }

    #[test]
    fn too_many_paths_become_one_rescan() {
        let pending = PendingChanges::default();
        for number in 0..=MAX_PENDING_PATHS {
            pending.absorb(Ok(Event::new(CLOSED).add_path(format!("{number}.json").into())));
        }
        let batch = pending.take(Duration::ZERO);
        assert_eq!((batch.rescan, batch.changes.len()), (Some(Rescan::Overflow), 1));
        pending.absorb(Ok(Event::new(EventKind::Other).set_flag(Flag::Rescan)));
        assert_eq!(pending.take(Duration::ZERO).rescan, Some(Rescan::Overflow));
    }
}

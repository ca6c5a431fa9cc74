//! The one thread that writes: it takes what is waiting, stores it in one transaction, then tells the requesters.

use super::{
    StoreError,
    lock::Lock,
    shelves::Shelves,
    trouble::Trouble,
    work::{Session, Task},
};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::{
    path::Path,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::Duration,
};

/// A group takes no further request once it has this many rows, which bounds how long its first one waits.
const GROUP_ROWS: usize = 4096;
/// After this long without a request the writer counts as idle and writes the log back, so that no request waits for that.
const IDLE: Duration = Duration::from_millis(50);

/// Everything that the writer's thread owns.
pub(super) struct Writer {
    pub(super) path: Arc<Path>,
    pub(super) connection: Connection,
    pub(super) attestations: Shelves,
    pub(super) artefacts: Shelves,
    pub(super) requests: Receiver<Box<dyn Task>>,
    /// Where to report trouble that the writer waits for.
    pub(super) trouble: Option<Arc<Trouble>>,
    /// Whether the log could not be written back when that was last tried.
    pub(super) log_grows: bool,
    /// Dropped last, when the connection is closed.
    pub(super) lock: Lock,
}

impl Writer {
    /// Works until no requester is left and all they asked for is done.
    pub(super) fn run(mut self) {
        let mut idle = true;
        loop {
            let next = if idle {
                self.requests.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                self.requests.recv_timeout(IDLE)
            };
            match next {
                Ok(first) => {
                    let group = self.gather(first);
                    self.store(group);
                    idle = false;
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.write_back("PASSIVE");
                    idle = true;
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.write_back("TRUNCATE");
        let Self { connection, lock, path, .. } = self;
        if let Err((_, error)) = connection.close() {
            tracing::warn!(store = %path.display(), %error, "the store was not closed cleanly; nothing stored is lost");
        }
        drop(lock);
    }

    fn gather(&self, first: Box<dyn Task>) -> Vec<Box<dyn Task>> {
        let mut rows = first.rows();
        let mut group = vec![first];
        while rows < GROUP_ROWS
            && let Ok(next) = self.requests.try_recv()
        {
            rows = rows.saturating_add(next.rows());
            group.push(next);
        }
        group
    }

    /// Stores a group in one transaction. If that fails each request is tried alone, so that one cannot fail the
    /// others; trouble that may pass is no fault of theirs, and the writer waits for its end.
    fn store(&mut self, mut group: Vec<Box<dyn Task>>) {
        let stored = self.commit(&mut group);
        if stored.is_ok() || group.len() == 1 {
            for task in group {
                task.finish(stored.clone());
            }
            return;
        }
        for task in group {
            let mut alone = [task];
            let stored = self.commit(&mut alone);
            let [task] = alone;
            task.finish(stored);
        }
    }

    fn commit(&mut self, group: &mut [Box<dyn Task>]) -> Result<(), StoreError> {
        loop {
            let stored = self.try_commit(group).map_err(|error| StoreError::of(&self.path, &error));
            let trouble = self.trouble.as_deref();
            match stored {
                Ok(()) => {
                    trouble.inspect(|trouble| trouble.over());
                    return Ok(());
                }
                Err(error) if trouble.is_some_and(|trouble| trouble.note(&error) && trouble.wait()) => {}
                Err(error) => {
                    tracing::error!(requests = group.len(), %error, "a transaction failed and was undone");
                    return Err(error);
                }
            }
        }
    }

    fn try_commit(&mut self, group: &mut [Box<dyn Task>]) -> rusqlite::Result<()> {
        let Self { connection, attestations, artefacts, .. } = self;
        let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
        let mut session = Session { connection: &*connection, attestations, artefacts };
        for task in group {
            task.apply(&mut session)?;
        }
        transaction.commit()
    }

    /// Writes the log back into the database. A failure loses nothing, and is told once: the log holds it.
    fn write_back(&mut self, mode: &str) {
        let written = self.connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(()));
        let failed_before = std::mem::replace(&mut self.log_grows, written.is_err());
        if let (Err(error), false) = (written, failed_before) {
            let error = StoreError::of(&self.path, &error);
            tracing::warn!(%error, "the store's log could not be written back; it is kept and tried again");
        }
    }
}

//! What the daemon has learnt and concluded, in SQLite: attestations, quarantine, feed positions, scores.
//!
//! [`Store`] is the one way in: requests queue for a single thread that stores what is waiting in one transaction and
//! only then answers, so that an answer means durable and the cost of a disk flush is shared. Requests are stored in
//! the order in which they were made. [`Reader`] is the way out: any number of them, none of which waits for the
//! writer.
//!
//! Deliberately absent: what an attestation or a score means, a clock (every time is an argument), and any question
//! that the daemon would ask while it evaluates (its tables are in memory, rebuilt with
//! [`Reader::for_each_attestation`]).

mod cause;
mod columns;
mod connection;
mod error;
mod exposures;
mod fold;
mod intake;
mod lock;
mod options;
mod pack;
mod position;
mod quarantine;
mod reader;
mod room;
mod schema;
mod scoring;
mod seal;
mod shelves;
mod stored;
mod trouble;
mod work;
mod writer;

#[cfg(test)]
mod tests;

pub(crate) use cause::WithdrawalCause;
pub(crate) use error::{StoreError, may_pass};
pub(crate) use intake::IntakeDone;
pub use intake::{Arrival, Intake, NewAttestation};
pub(crate) use lock::is_in_use;
pub use options::StoreOptions;
pub(crate) use position::FeedPosition;
pub(crate) use quarantine::{QuarantineFilter, QuarantineState, Quarantined, RefusedArrival};
pub(crate) use reader::{AttestationCopy, Rows, ScoreWithdrawal, StoredScore, WholeAttestation, size_bytes};
pub use reader::{Ranked, Reader};
pub(crate) use room::{MAX_QUARANTINE_BYTES, MAX_QUARANTINE_ITEMS, Summarised};
pub(crate) use scoring::{Artefact, ArtefactKind, NewScore, Scoring, ScoringDone, Withdrawn};
pub use stored::StoredArrival;
pub(crate) use trouble::Trouble;
pub(crate) use work::PendingCommit;

use lock::Lock;
use quarantine::SetAside;
use shelves::{Filed, Shelves};
use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError, SyncSender},
    },
    thread,
    time::Duration,
};
use work::{Task, Work};
use writer::Writer;

/// How many requests may wait for the writer; the caller of a further one blocks.
const QUEUE_REQUESTS: usize = 64;
/// How long a store that is dropped without [`Store::close`] may take to finish.
const MAX_DROP_TIME: Duration = Duration::from_secs(10);

/// A store that this process, and no other, writes.
#[derive(Debug)]
pub struct Store {
    path: Arc<Path>,
    /// `None` after [`Store::close`].
    requests: Mutex<Option<SyncSender<Box<dyn Task>>>>,
    /// Closed when the writer has ended.
    ended: Mutex<Receiver<()>>,
}

impl Store {
    /// Opens the store at `path` for writing, makes it if there is none, and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::InUse`], [`StoreError::NotAStore`], [`StoreError::Newer`], or what the disk says.
    pub fn open(path: &Path, options: &StoreOptions) -> Result<Self, StoreError> {
        let path: Arc<Path> = connection::locate(path)?.into();
        let lock = Lock::take(&path)?;
        let connection = connection::writer(&path, options)?;
        let load = |filed| Shelves::load(&connection, filed).map_err(|error| StoreError::of(&path, &error));
        let (attestations, artefacts) = (load(Filed::Attestations)?, load(Filed::Artefacts)?);
        let (sender, requests) = mpsc::sync_channel(QUEUE_REQUESTS);
        let (end, ended) = mpsc::channel();
        let writer = Writer {
            path: Arc::clone(&path),
            connection,
            attestations,
            artefacts,
            requests,
            trouble: options.trouble.clone(),
            log_grows: false,
            lock,
        };
        thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || {
                writer.run();
                drop::<mpsc::Sender<()>>(end);
            })
            .map_err(|error| StoreError::Io { path: path.to_path_buf(), detail: error.to_string() })?;
        Ok(Self { path, requests: Mutex::new(Some(sender)), ended: Mutex::new(ended) })
    }

    /// The path of the database file, with links resolved.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes in what feeds brought. Answers once it is durable: only then is it acknowledged.
    ///
    /// This and all other requests block while the queue is full: make them from threads, never from async tasks.
    pub fn intake(&self, intake: Intake) -> PendingCommit<IntakeDone> {
        self.submit(intake)
    }

    /// Sets aside what an operator has looked at: it no longer waits in quarantine. Answers how many had been waiting.
    pub fn set_aside(&self, ids: Vec<i64>) -> PendingCommit<usize> {
        self.submit(SetAside { ids })
    }

    /// Records scores, and what they were made from.
    pub fn record_scores(&self, scoring: Scoring) -> PendingCommit<ScoringDone> {
        self.submit(scoring)
    }

    /// Takes no further request, finishes those that were made, writes the log back and closes the file.
    ///
    /// # Errors
    /// [`StoreError::NotFinished`] when that takes longer than `bound`. The process may end all the same: what was
    /// acknowledged is durable.
    pub fn close(&self, bound: Duration) -> Result<(), StoreError> {
        drop(self.requests.lock().unwrap_or_else(PoisonError::into_inner).take());
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        match ended.recv_timeout(bound) {
            Ok(()) | Err(RecvTimeoutError::Disconnected) => Ok(()),
            Err(RecvTimeoutError::Timeout) => {
                Err(StoreError::NotFinished { path: self.path.to_path_buf(), bound_seconds: bound.as_secs() })
            }
        }
    }

    fn submit<W: Work>(&self, work: W) -> PendingCommit<W::Done> {
        let (task, pending) = work::request(work, &self.path);
        let sender = self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(sender) = sender {
            // When the writer is gone the task is dropped here, which answers `Closed`.
            let _ = sender.send(task);
        }
        pending
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Err(error) = self.close(MAX_DROP_TIME) {
            tracing::warn!(%error, "the store was left before it had finished");
        }
    }
}

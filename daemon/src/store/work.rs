//! Requests to the writer, and their answers.

use super::{StoreError, shelves::Shelves};
use rusqlite::Connection;
use std::{
    fmt,
    path::Path,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::sync::oneshot;

/// The store as a piece of work sees it, within the transaction of its group.
pub(super) struct Session<'a> {
    pub(super) connection: &'a Connection,
    pub(super) attestations: &'a mut Shelves,
    pub(super) artefacts: &'a mut Shelves,
}

/// A request that is stored completely or not at all. It may be applied again when the transaction of its group fails.
pub(super) trait Work: Send + 'static {
    /// What the requester learns once it is durable.
    type Done: Send + 'static;

    /// About how many rows it writes: this bounds a group.
    fn rows(&self) -> usize;

    /// Writes it to the store.
    fn apply(&self, session: &mut Session<'_>) -> rusqlite::Result<Self::Done>;
}

/// Work of any type with its requester, as the writer handles it.
pub(super) trait Task: Send {
    fn rows(&self) -> usize;
    fn apply(&mut self, session: &mut Session<'_>) -> rusqlite::Result<()>;
    /// Tells the requester. Called after the commit and never before.
    fn finish(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Requested<W: Work> {
    work: W,
    done: Option<W::Done>,
    reply: oneshot::Sender<Result<W::Done, StoreError>>,
}

impl<W: Work> Task for Requested<W> {
    fn rows(&self) -> usize {
        self.work.rows()
    }

    fn apply(&mut self, session: &mut Session<'_>) -> rusqlite::Result<()> {
        self.done = Some(self.work.apply(session)?);
        Ok(())
    }

    fn finish(self: Box<Self>, committed: Result<(), StoreError>) {
        let answer = match (committed, self.done) {
            (Ok(()), Some(done)) => Ok(done),
            (Err(error), _) => Err(error),
            // Dropping `reply` unanswered says the same as a closed store: nothing is known to be stored.
            (Ok(()), None) => return,
        };
        // The requester may have stopped waiting; the work is done all the same.
        let _ = self.reply.send(answer);
    }
}

/// Pairs work with the means to wait for it.
pub(super) fn request<W: Work>(work: W, path: &Arc<Path>) -> (Box<dyn Task>, PendingCommit<W::Done>) {
    let (reply, answer) = oneshot::channel();
    (Box::new(Requested { work, done: None, reply }), PendingCommit { answer, path: Arc::clone(path) })
}

/// Something that will be durable: wait for it with [`PendingCommit::wait`] on a thread, or await it.
#[must_use = "nothing is acknowledged before this has answered"]
pub struct PendingCommit<T> {
    answer: oneshot::Receiver<Result<T, StoreError>>,
    path: Arc<Path>,
}

impl<T> PendingCommit<T> {
    /// Waits until it is durable. For threads; a task of an async runtime awaits instead (this would panic there).
    ///
    /// # Errors
    /// Why nothing of the request was stored; [`StoreError::Closed`] when it came too late.
    pub fn wait(self) -> Result<T, StoreError> {
        self.answer.blocking_recv().unwrap_or_else(|_| Err(StoreError::Closed(self.path.to_path_buf())))
    }
}

impl<T> Future for PendingCommit<T> {
    type Output = Result<T, StoreError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.answer)
            .poll(context)
            .map(|answer| answer.unwrap_or_else(|_| Err(StoreError::Closed(self.path.to_path_buf()))))
    }
}

impl<T> fmt::Debug for PendingCommit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingCommit").field("path", &self.path).finish_non_exhaustive()
    }
}

//! The feed's end of the bounded channel: blocks while the pipeline is behind, and returns at once when told to stop.

use super::{FeedEvent, ReadError};
use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};
use tokio::sync::{mpsc, watch};

/// The feed must stop: it was told to, or the pipeline is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stopped;

/// Where a feed's thread puts its events.
#[derive(Clone)]
pub(super) struct EventSender {
    feed: Arc<str>,
    sender: mpsc::Sender<FeedEvent>,
    stop: watch::Receiver<bool>,
}

impl EventSender {
    pub(super) fn new(feed: Arc<str>, sender: mpsc::Sender<FeedEvent>, stop: watch::Receiver<bool>) -> Self {
        Self { feed, sender, stop }
    }

    /// The feed's name.
    pub(super) fn feed(&self) -> &Arc<str> {
        &self.feed
    }

    /// Whether reading should end.
    pub(super) fn is_stopped(&self) -> bool {
        *self.stop.borrow() || self.stop.has_changed().is_err() || self.sender.is_closed()
    }

    /// Hands `event` over, waiting for as long as the channel is full and nobody says stop.
    pub(super) fn send(&mut self, event: FeedEvent) -> Result<(), Stopped> {
        if self.is_stopped() {
            return Err(Stopped);
        }
        let event = match self.sender.try_send(event) {
            Ok(()) => return Ok(()),
            Err(mpsc::error::TrySendError::Closed(_)) => return Err(Stopped),
            Err(mpsc::error::TrySendError::Full(event)) => event,
        };
        let (sender, stop) = (&self.sender, &mut self.stop);
        block_on(async {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => Err(Stopped),
                sent = sender.send(event) => sent.map_err(|_| Stopped),
            }
        })
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future on this thread. Tokio's channels need no runtime, and the feed's thread has none.
fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

impl From<Stopped> for ReadError {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

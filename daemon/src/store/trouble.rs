//! What keeps the store from being written for a while: a full disk, another program's lock. The writer waits until it is
//! over, so that no request is lost, and the daemon's health says why.

use super::StoreError;
use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How long to wait between two tries.
const PAUSE: Duration = Duration::from_secs(1);

/// The trouble that a store has now, if any. The writer shares it with those who report it.
#[derive(Debug, Default)]
pub struct Trouble {
    state: Mutex<TroubleState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct TroubleState {
    now: Option<(StoreError, Instant)>,
    given_up: bool,
}

impl Trouble {
    /// Why nothing can be stored at present.
    #[must_use]
    pub fn why(&self) -> Option<StoreError> {
        self.lock().now.as_ref().map(|(error, _)| error.clone())
    }

    /// Stops all waiting: from now on, what cannot be stored at once fails.
    pub fn give_up(&self) {
        self.lock().given_up = true;
        self.changed.notify_all();
    }

    /// Whether waiting has been given up.
    #[must_use]
    pub(crate) fn is_given_up(&self) -> bool {
        self.lock().given_up
    }

    /// Notes a failure, and logs it once for as long as it lasts; false when waiting for its end makes no sense.
    pub(crate) fn note(&self, error: &StoreError) -> bool {
        let mut state = self.lock();
        if !error.may_pass() || state.given_up {
            return false;
        }
        let since = state.now.as_ref().map(|(_, since)| *since);
        if since.is_none() {
            tracing::error!(
                %error,
                "nothing can be stored for now: it is tried again every second, and what waits for it is not lost"
            );
        }
        state.now = Some((error.clone(), since.unwrap_or_else(Instant::now)));
        true
    }

    /// Waits until it is time to try again; false when waiting has been given up.
    pub(super) fn wait(&self) -> bool {
        let state = self.lock();
        let waited = self.changed.wait_timeout_while(state, PAUSE, |state| !state.given_up);
        !waited.unwrap_or_else(PoisonError::into_inner).0.given_up
    }

    /// Notes that it is over.
    pub(crate) fn over(&self) {
        if let Some((_, since)) = self.lock().now.take() {
            tracing::info!(seconds = since.elapsed().as_secs(), "the store can be written again: nothing is lost");
        }
    }

    fn lock(&self) -> MutexGuard<'_, TroubleState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

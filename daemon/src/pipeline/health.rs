//! The state of the daemon: whether it is ready, and if not, what it waits for.

use super::clock::ClockBehind;
use crate::store::Trouble;
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

/// What anyone may ask of the running pipeline without disturbing it.
#[derive(Debug, Default)]
pub(crate) struct Health {
    scored: AtomicBool,
    store: Arc<Trouble>,
    clock: Mutex<Option<ClockBehind>>,
}

impl Health {
    /// Whether everything that was in the feeds at the start has been scored, and whatever arrives now can be.
    #[must_use]
    pub(crate) fn is_ready(&self) -> bool {
        self.why_not().is_none()
    }

    /// Why it is not ready.
    #[must_use]
    pub(crate) fn why_not(&self) -> Option<String> {
        if let Some(error) = self.store.why() {
            return Some(format!("waiting: {error}"));
        }
        if let Some(behind) = *self.clock.lock().unwrap_or_else(PoisonError::into_inner) {
            return Some(format!("waiting: {behind}"));
        }
        let scored = self.scored.load(Ordering::Acquire);
        (!scored).then(|| "starting: the feeds are still being read".to_owned())
    }

    /// What keeps the store from being written.
    #[must_use]
    pub(crate) fn store(&self) -> &Arc<Trouble> {
        &self.store
    }

    pub(super) fn set_clock(&self, behind: Option<ClockBehind>) {
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner) = behind;
    }

    /// Notes that everything that was in the feeds at the start is scored; returns whether that was known already.
    pub(super) fn set_scored(&self) -> bool {
        self.scored.swap(true, Ordering::AcqRel)
    }
}

//! The limit of wall-clock time, as a backstop: a thread advances the engine's epoch while calls are running, and sleeps
//! otherwise, so that an idle daemon does nothing. It also bounds how many calls run at once, as the instance pool is.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};
use wasmtime::Engine;

/// How often the epoch advances.
const TICK: Duration = Duration::from_millis(20);

/// Most calls that run at once; another waits.
pub(super) const MAX_CALLS: u32 = 32;

/// Watches the calls of one engine. Its thread ends with it.
pub(super) struct Watchdog {
    shared: Arc<WatchdogShared>,
}

struct WatchdogShared {
    state: Mutex<WatchdogState>,
    /// Notified when a call started, a call ended, or the watchdog was dropped.
    changed: Condvar,
}

#[derive(Default)]
struct WatchdogState {
    running: u32,
    stopped: bool,
}

/// A running call; ends when dropped.
pub(super) struct Running<'a>(&'a WatchdogShared);

impl Watchdog {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start(engine: Engine) -> std::io::Result<Self> {
        let shared = Arc::new(WatchdogShared { state: Mutex::default(), changed: Condvar::new() });
        let theirs = Arc::clone(&shared);
        thread::Builder::new().name("rule-watchdog".into()).spawn(move || theirs.watch(&engine))?;
        Ok(Self { shared })
    }

    /// Waits until fewer than [`MAX_CALLS`] calls run, and counts as one.
    pub(super) fn enter(&self) -> Running<'_> {
        let full = |state: &mut WatchdogState| state.running >= MAX_CALLS;
        let waited = self.shared.changed.wait_while(self.shared.lock(), full);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        state.running += 1;
        let first = state.running == 1;
        drop(state);
        if first {
            self.shared.changed.notify_all();
        }
        Running(&self.shared)
    }

    /// The epochs that a call may last: at least as long as `limit`, at most one tick longer.
    pub(super) fn epochs(limit: Duration) -> u64 {
        u64::try_from(limit.as_millis().div_ceil(TICK.as_millis())).unwrap_or(u64::MAX).saturating_add(1)
    }
}

impl WatchdogShared {
    fn lock(&self) -> MutexGuard<'_, WatchdogState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn watch(&self, engine: &Engine) {
        let mut state = self.lock();
        while !state.stopped {
            if state.running == 0 {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            } else {
                drop(state);
                thread::sleep(TICK);
                engine.increment_epoch();
                state = self.lock();
            }
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        let was_full = state.running >= MAX_CALLS;
        state.running -= 1;
        drop(state);
        if was_full {
            self.0.changed.notify_all();
        }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.shared.lock().stopped = true;
        self.shared.changed.notify_all();
    }
}

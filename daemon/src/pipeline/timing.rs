//! What time it is for the pipeline, and when it looks again.

use super::Pipeline;
use crate::model::Instant;
use anyhow::Result;
use std::time::Duration;

/// Least time between two looks at the clock when nothing arrives: a clock set back must not spin.
const MIN_WAKE: Duration = Duration::from_millis(20);

/// Most time between two looks at the clock: a sleep does not notice that it was set, or that the machine slept.
const MAX_LOOK_PAUSE: Duration = Duration::from_secs(30);

/// The same while the clock is wrong, or while something waits for the store.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

impl Pipeline {
    /// How long to sleep when nothing arrives.
    pub(super) fn pause(&self, wake: Instant, now: Instant) -> Duration {
        let until = wake.unix_seconds().saturating_sub(now.unix_seconds());
        let longest = if self.has_to_wait() { LOOK_AGAIN } else { MAX_LOOK_PAUSE };
        let shortest = if self.put_off { LOOK_AGAIN } else { MIN_WAKE };
        Duration::from_secs(u64::try_from(until).unwrap_or(0)).clamp(shortest, longest)
    }

    /// Whether something waits for the clock or for the store.
    fn has_to_wait(&self) -> bool {
        self.clock.behind().is_some() || self.outdated || self.put_off
    }

    /// Scores again if the boundary `wake` has passed, or if scoring had to wait.
    pub(super) fn tick(&mut self, wake: Instant) -> Result<()> {
        let had_to_wait = self.has_to_wait();
        let has_passed = self.look() >= wake && self.clock.behind().is_none();
        if has_passed || had_to_wait { self.catch_up() } else { Ok(()) }
    }

    /// The time for everything that is written now. Logs once what is wrong with the clock.
    pub(super) fn look(&mut self) -> Instant {
        let now = self.clock.look(Instant::now(), self.steady.elapsed()).told();
        self.health.set_clock(self.clock.behind());
        now
    }
}

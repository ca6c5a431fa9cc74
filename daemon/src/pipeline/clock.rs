//! The wall clock, which others set: set back, it would have the daemon score for another day; set forward, it would not wake the
//! daemon, which sleeps by the steady clock.
//!
//! Time as the daemon writes it never goes back: it is that of the wall clock, and not earlier than the newest time that is
//! stored. A wall clock that is behind that by more than the tolerance is wrong, or those times are. Until a person corrects
//! one of them nothing is scored, and what arrives is stored at the time that the steady clock gives.

use crate::model::Instant;
use std::{fmt, time::Duration};

/// How far the wall clock may get ahead of the steady one between two looks before that is logged, in seconds.
const STEP_TOLD_SECONDS: i64 = 60;

/// What the daemon knows of time. The readings of both clocks are arguments.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    /// The latest time that was stored before this daemon started, or before `ignore_after` last changed.
    stored: Option<Instant>,
    /// The latest time that was used since then, which came from no wrong clock.
    used: Option<Instant>,
    /// How far the wall clock may be behind that.
    tolerance_seconds: i64,
    /// Stored times after this came from a wrong clock.
    ignore_after: Option<Instant>,
    /// The time, and what the steady clock said, at the last look that found the wall clock right.
    right: Option<(Instant, Duration)>,
    behind: Option<ClockBehind>,
}

/// A wall clock that is earlier than what is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ClockBehind {
    /// What the wall clock says.
    pub(super) wall: Instant,
    /// The latest time that is stored.
    pub(super) newest: Instant,
}

/// What a look at the clocks found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ClockReading {
    /// The time to use for everything that is written now.
    pub(super) now: Instant,
    /// What changed since the last look.
    pub(super) change: Option<ClockChange>,
}

/// What changed between two looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClockChange {
    /// The wall clock is behind.
    FellBehind(ClockBehind),
    /// It is right again.
    RightAgain,
    /// It went forward by this many seconds more than have passed: it was set, or the machine slept.
    Forward(i64),
}

impl Clock {
    /// With the latest time that is stored.
    pub(super) fn new(newest: Option<Instant>, tolerance_seconds: i64, ignore_after: Option<Instant>) -> Self {
        Self { stored: newest, used: None, tolerance_seconds, ignore_after, right: None, behind: None }
    }

    /// Takes another configuration.
    pub(super) fn configure(&mut self, tolerance_seconds: i64, ignore_after: Option<Instant>) {
        self.tolerance_seconds = tolerance_seconds;
        if self.ignore_after != ignore_after {
            // The times used until now may be among those to ignore.
            self.stored = self.stored.max(self.used.take());
            self.ignore_after = ignore_after;
        }
    }

    /// Notes that what is stored and scored now is of this time.
    pub(super) fn used(&mut self, at: Instant) {
        self.used = self.used.max(Some(at));
    }

    /// The wall clock, while it is behind.
    pub(super) fn behind(&self) -> Option<ClockBehind> {
        self.behind
    }

    /// Looks at both clocks.
    pub(super) fn look(&mut self, wall: Instant, steady: Duration) -> ClockReading {
        let passed = |since: Duration| i64::try_from(steady.saturating_sub(since).as_secs()).unwrap_or(i64::MAX);
        let expected = self.right.map(|(at, since)| at.plus_seconds(passed(since)));
        let stored = self.stored.map(|stored| self.ignore_after.map_or(stored, |after| stored.min(after)));
        let newest = stored.max(self.used).unwrap_or(wall);
        let was_behind = self.behind.is_some();
        if wall.plus_seconds(self.tolerance_seconds) < newest {
            let behind = ClockBehind { wall, newest };
            self.behind = Some(behind);
            let change = (!was_behind).then_some(ClockChange::FellBehind(behind));
            return ClockReading { now: expected.map_or(newest, |expected| expected.max(newest)), change };
        }
        self.behind = None;
        let now = wall.max(newest);
        self.right = Some((now, steady));
        let ahead = expected.map_or(0, |expected| wall.unix_seconds().saturating_sub(expected.unix_seconds()));
        let change = if was_behind {
            Some(ClockChange::RightAgain)
        } else {
            (ahead > STEP_TOLD_SECONDS).then_some(ClockChange::Forward(ahead))
        };
        ClockReading { now, change }
    }
}

impl fmt::Display for ClockBehind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the clock says {}, and what is stored was stored at {}: nothing is scored until that is right; set the clock, or, \
             if it is right now and was wrong then, write `ignore_stored_after = \"{}\"` under [clock] in the configuration",
            self.wall, self.newest, self.wall
        )
    }
}

impl ClockReading {
    /// The time to use; logs what changed.
    pub(super) fn told(self) -> Instant {
        match self.change {
            Some(ClockChange::FellBehind(behind)) => tracing::warn!("{behind}"),
            Some(ClockChange::RightAgain) => tracing::info!("the clock is right again: scoring goes on"),
            Some(ClockChange::Forward(seconds)) => {
                tracing::warn!(
                    seconds,
                    "the clock went forward by more than has passed: it was set, or the machine slept"
                );
            }
            None => {}
        }
        self.now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    fn at(seconds: i64) -> Instant {
        Instant::from_unix_seconds(1_790_000_000 + seconds)
    }

    fn steady(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_clock_that_was_set_back_is_told_once_and_time_goes_on_by_the_steady_one() {
        let mut clock = Clock::new(None, 300, None);
        assert_eq!(clock.look(at(0), steady(0)), ClockReading { now: at(0), change: None });
        clock.used(at(0));
        assert_eq!(
            clock.look(at(-300), steady(1)),
            ClockReading { now: at(0), change: None },
            "as far as the tolerance"
        );
        let behind = ClockBehind { wall: at(-20 * DAY), newest: at(0) };
        let look = clock.look(at(-20 * DAY), steady(1000));
        assert_eq!(
            look,
            ClockReading { now: at(999), change: Some(ClockChange::FellBehind(behind)) },
            "since the last look it was right"
        );
        assert_eq!(clock.look(at(1 - 20 * DAY), steady(2000)), ClockReading { now: at(1999), change: None });
        assert_eq!(clock.behind().map(|behind| behind.newest), Some(at(0)));
        assert_eq!(
            clock.look(at(3000), steady(3000)),
            ClockReading { now: at(3000), change: Some(ClockChange::RightAgain) }
        );
        assert_eq!(clock.behind(), None);
    }

    #[test]
    fn a_start_before_what_is_stored_waits_until_somebody_decides() {
        let mut clock = Clock::new(Some(at(0)), 300, None);
        let behind = ClockBehind { wall: at(-301), newest: at(0) };
        assert_eq!(
            clock.look(at(-301), steady(0)),
            ClockReading { now: at(0), change: Some(ClockChange::FellBehind(behind)) }
        );
        // What arrives meanwhile is taken in at that time.
        clock.used(at(0));
        clock.configure(300, Some(at(-301)));
        assert_eq!(
            clock.look(at(-200), steady(9)),
            ClockReading { now: at(-200), change: Some(ClockChange::RightAgain) }
        );
        clock.used(at(-200));
        assert_eq!(clock.look(at(100), steady(309)).now, at(100));
    }

    #[test]
    fn ignoring_what_a_wrong_clock_stored_does_not_stop_watching_the_clock() {
        let mut clock = Clock::new(Some(at(30 * DAY)), 300, Some(at(0)));
        assert_eq!(clock.look(at(10 * DAY), steady(0)), ClockReading { now: at(10 * DAY), change: None });
        clock.used(at(10 * DAY));
        let behind = ClockBehind { wall: at(DAY), newest: at(10 * DAY) };
        let look = clock.look(at(DAY), steady(60));
        assert_eq!(look, ClockReading { now: at(10 * DAY + 60), change: Some(ClockChange::FellBehind(behind)) });
        // Other keys of the configuration take nothing back.
        clock.configure(600, Some(at(0)));
        assert_eq!(clock.look(at(DAY), steady(120)), ClockReading { now: at(10 * DAY + 120), change: None });
    }

    #[test]
    fn a_step_forward_is_told_and_believed() {
        let mut clock = Clock::new(Some(at(0)), 300, None);
        assert_eq!(clock.look(at(10), steady(0)).change, None);
        assert_eq!(clock.look(at(40), steady(30)).change, None);
        assert_eq!(clock.look(at(100), steady(60)).change, None, "what a clock is corrected by is no news");
        let look = clock.look(at(40 * DAY), steady(90));
        assert_eq!(look, ClockReading { now: at(40 * DAY), change: Some(ClockChange::Forward(40 * DAY - 130)) });
    }
}

//! What a feed must look at again without any change to it: files that seemed unfinished, that could not be read, or that were
//! not finished in their turn.

use super::pending::Trigger;
use std::{
    collections::{HashMap, VecDeque},
    mem,
    time::{Duration, Instant},
};

/// How soon a file that could not be read is tried again; each further try waits twice as long.
const FIRST_TRY: Duration = Duration::from_millis(250);
/// The longest wait between two tries.
const MAX_TRY_PAUSE: Duration = Duration::from_secs(60);
/// How often trouble that may pass is tried again when everything is read only once: for 4 seconds.
const PASSING_TRIES: u32 = 4;

/// Why a file is to be looked at again at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// It looked unfinished, and its writer had time to finish it.
    Unfinished,
    /// It could not be read `tries` times in a row; `passing` when that may pass without anybody repairing it.
    Refused { tries: u32, passing: bool },
}

/// A file whose turn was over before it was read.
#[derive(Debug)]
struct WaitingFile {
    name: String,
    trigger: Trigger,
    is_of_scan: bool,
    in_long_line: bool,
}

/// Everything that is to be looked at again.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    later: HashMap<String, (Instant, Due)>,
    /// How often the files that are being tried right now were refused before.
    tried: HashMap<String, u32>,
    turns: VecDeque<WaitingFile>,
    /// Files of the scan that have the turn right now.
    of_scan: Vec<String>,
}

impl Agenda {
    /// Notes that a scan of everything begins: whatever waits for a turn belongs to it.
    pub(super) fn begin_scan(&mut self) {
        self.turns.iter_mut().for_each(|waiting| waiting.is_of_scan = true);
    }

    /// Looks at `name` again when it was left alone for `wait`.
    pub(super) fn wait_for(&mut self, name: &str, wait: Duration) {
        self.later.insert(name.to_owned(), (Instant::now() + wait, Due::Unfinished));
    }

    /// Looks at `name` again a while after it was refused.
    pub(super) fn try_again(&mut self, name: &str, passing: bool) {
        let before = match self.later.get(name) {
            // Refused again early: a scan or a change led here.
            Some((_, Due::Refused { tries, .. })) => *tries,
            _ => self.tried.remove(name).unwrap_or(0),
        };
        let wait = FIRST_TRY.saturating_mul(1 << before.min(16)).min(MAX_TRY_PAUSE);
        let due = Due::Refused { tries: before + 1, passing };
        self.later.insert(name.to_owned(), (Instant::now() + wait, due));
    }

    /// Notes that there is nothing more to do for `name`.
    pub(super) fn remove(&mut self, name: &str) {
        self.later.remove(name);
        self.tried.remove(name);
    }

    /// Takes what is to be looked at by now.
    pub(super) fn take_due(&mut self, now: Instant) -> Vec<(String, Due)> {
        let due: Vec<(String, Due)> =
            self.later.extract_if(|_, (at, _)| *at <= now).map(|(name, (_, due))| (name, due)).collect();
        let refused = |(name, due): &(String, Due)| match due {
            Due::Refused { tries, .. } => Some((name.clone(), *tries)),
            Due::Unfinished => None,
        };
        self.tried = due.iter().filter_map(refused).collect();
        due
    }

    /// How long until something is to be looked at.
    pub(super) fn due_in(&self) -> Option<Duration> {
        self.later.values().map(|(at, _)| at.saturating_duration_since(Instant::now())).min()
    }

    /// How long until the next try of trouble that may have passed; `None` when there is none, or it does not pass.
    pub(super) fn passing_in(&self) -> Option<Duration> {
        let passing = |(at, due): &(Instant, Due)| match due {
            Due::Refused { tries, passing: true } if *tries <= PASSING_TRIES => Some(*at),
            _ => None,
        };
        self.later.values().filter_map(passing).min().map(|at| at.saturating_duration_since(Instant::now()))
    }

    /// Gives `name` another turn after the others.
    pub(super) fn next_turn(&mut self, name: &str, trigger: Trigger, is_of_scan: bool, in_long_line: bool) {
        let is_of_scan = is_of_scan || self.of_scan.iter().any(|one| one == name);
        match self.turns.iter_mut().find(|waiting| waiting.name == name) {
            Some(waiting) => {
                waiting.trigger = waiting.trigger.max(trigger);
                waiting.is_of_scan |= is_of_scan;
                waiting.in_long_line = in_long_line;
            }
            None => self.turns.push_back(WaitingFile { name: name.to_owned(), trigger, is_of_scan, in_long_line }),
        }
    }

    /// Whether files wait for a turn.
    pub(super) fn has_turns(&self) -> bool {
        !self.turns.is_empty()
    }

    /// Whether no file that waits for a turn delays the end of the last scan.
    pub(super) fn is_scan_over(&self) -> bool {
        self.turns.iter().all(|waiting| waiting.in_long_line || !waiting.is_of_scan)
    }

    /// Takes those that wait for a turn, each with why it is read.
    pub(super) fn take_turns(&mut self) -> Vec<(String, Trigger)> {
        let turns = mem::take(&mut self.turns);
        self.of_scan = turns.iter().filter(|waiting| waiting.is_of_scan).map(|waiting| waiting.name.clone()).collect();
        turns.into_iter().map(|waiting| (waiting.name, waiting.trigger)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_is_tried_less_and_less_often_and_for_ever() {
        let mut agenda = Agenda::default();
        let mut waits = Vec::new();
        for _ in 0..12 {
            agenda.try_again("a", true);
            let (at, _) = agenda.later["a"];
            waits.push(at.saturating_duration_since(Instant::now()).as_millis().div_ceil(50) * 50);
            assert_eq!(agenda.take_due(at).len(), 1);
        }
        assert_eq!(waits, [250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000]);
        agenda.remove("a");
        agenda.try_again("a", true);
        assert!(agenda.due_in().is_some_and(|wait| wait <= FIRST_TRY), "it begins afresh when it was well");
    }

    #[test]
    fn only_what_may_pass_is_waited_for() {
        let mut agenda = Agenda::default();
        agenda.try_again("forbidden", false);
        agenda.wait_for("unfinished", Duration::ZERO);
        assert_eq!(agenda.passing_in(), None);
        for _ in 0..PASSING_TRIES {
            agenda.try_again("exhausted", true);
            assert!(agenda.passing_in().is_some());
        }
        agenda.try_again("exhausted", true);
        assert_eq!(agenda.passing_in(), None, "not for ever");
    }

    #[test]
    fn a_long_line_holds_no_scan_up() {
        let mut agenda = Agenda::default();
        agenda.next_turn("log", Trigger::Changed, true, false);
        agenda.next_turn("junk", Trigger::Changed, true, true);
        agenda.next_turn("new", Trigger::Changed, false, false);
        assert!(!agenda.is_scan_over());
        let turns = agenda.take_turns();
        assert_eq!(turns.iter().map(|(name, _)| &**name).collect::<Vec<_>>(), ["log", "junk", "new"]);
        agenda.next_turn("log", Trigger::Changed, false, false);
        assert!(!agenda.is_scan_over(), "its further turns belong to the scan");
        agenda.take_turns();
        agenda.next_turn("junk", Trigger::Changed, false, true);
        agenda.next_turn("new", Trigger::Changed, false, false);
        assert!(agenda.is_scan_over() && agenda.has_turns());
    }
}

//! Rules that keep failing are not asked for a while. What they last said still counts, marked as stale, and all else goes on.

use super::{
    rule_ix::{RuleIx, RuleMap},
    scorer::Scorer,
};
use crate::{
    config::Tolerance,
    model::{Instant, Organisation},
    rules::Patience,
};
use rustc_hash::FxHashSet;

/// Longest time between two tries of a rule whose circuit is open, in seconds.
const MAX_RETRY_SECONDS: i64 = 3600;

/// How often a rule may fail, and which rules are not asked at present.
#[derive(Debug, Default)]
pub(crate) struct CircuitBreakers {
    tolerance: Tolerance,
    /// Ends with the last rule that has been asked.
    breakers: RuleMap<CircuitBreaker>,
}

/// The state of one rule.
#[derive(Debug, Default)]
struct CircuitBreaker {
    /// The suppliers that it has failed on since it last answered.
    failing: FxHashSet<Organisation>,
    open: Option<OpenCircuit>,
}

/// Why and for how long a rule is not asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCircuit {
    /// When its circuit opened.
    pub since: Instant,
    /// When it is tried again, at the earliest.
    pub retry_at: Instant,
    /// How often it has been tried again without success.
    pub tries: u32,
    /// What it failed with.
    pub why: String,
    /// Whether everybody is to be looked at again once `retry_at` has come.
    is_waiting: bool,
}

/// What an evaluation has changed for a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CircuitChange {
    /// It is not asked until `retry_at`.
    Opened(OpenCircuit),
    /// It answers again.
    Closed,
}

impl CircuitBreakers {
    /// With the circuits of all rules closed.
    #[must_use]
    pub(crate) fn new(tolerance: Tolerance) -> Self {
        Self { tolerance, breakers: RuleMap::default() }
    }

    /// The rules of `after` take over from those of `before`; a rule that changed starts afresh.
    pub(super) fn adopt(&mut self, tolerance: Tolerance, before: &Scorer, after: &Scorer) {
        self.tolerance = tolerance;
        let mut carried = |ix| {
            let breaker = self.breakers.get_mut(after.same_in(ix, before)?)?;
            Some(std::mem::take(breaker))
        };
        self.breakers = after.all().map(|(ix, ..)| carried(ix).unwrap_or_default()).collect();
    }

    /// Why the rule is not asked, while its circuit is open.
    #[must_use]
    pub(crate) fn open(&self, ix: RuleIx) -> Option<&OpenCircuit> {
        self.breakers.get(ix)?.open.as_ref()
    }

    /// The next instant after `now` at which a rule is to be tried again.
    pub(super) fn next_retry(&self, now: Instant) -> Option<Instant> {
        let open = self.breakers.values().filter_map(|breaker| breaker.open.as_ref());
        open.map(|open| open.retry_at).filter(|at| *at > now).min()
    }

    /// Whether a rule is to be tried again at `now` on everybody; says so once.
    pub(super) fn take_due(&mut self, now: Instant) -> bool {
        let mut due = false;
        for open in self.breakers.values_mut().filter_map(|breaker| breaker.open.as_mut()) {
            if open.is_waiting && open.retry_at <= now {
                open.is_waiting = false;
                due = true;
            }
        }
        due
    }

    /// How many failures the rule may still have at `now`; `None` while its circuit is open.
    pub(super) fn patience(&mut self, ix: RuleIx, now: Instant) -> Option<Patience> {
        let most = self.tolerance.failures;
        let breaker = self.breakers.or_default(ix);
        match &breaker.open {
            Some(open) if open.retry_at > now => None,
            Some(_) => Some(Patience::new(0, most)),
            None => Some(Patience::new(breaker.failing.len(), most)),
        }
    }

    /// Notes the results of asking the rule about suppliers: each with its failure, if it failed.
    pub(super) fn observe<'a>(
        &mut self,
        ix: RuleIx,
        now: Instant,
        patience: &Patience,
        answers: impl Iterator<Item = (&'a Organisation, Option<&'a str>)>,
    ) -> Option<CircuitChange> {
        let tolerance = self.tolerance;
        let breaker = self.breakers.or_default(ix);
        let mut first = None;
        let mut is_over = patience.is_over();
        for (organisation, failure) in answers {
            match failure {
                Some(why) => {
                    first.get_or_insert(why);
                    breaker.failing.insert(organisation.clone());
                    is_over |= breaker.failing.len() >= tolerance.failures;
                }
                None => breaker.failing.clear(),
            }
        }
        if !is_over {
            return breaker.open.take().map(|_| CircuitChange::Closed);
        }
        breaker.failing.clear();
        let before = breaker.open.take();
        let tries = before.as_ref().map_or(0, |open| open.tries + 1);
        let wait = tolerance
            .retry_seconds
            .saturating_mul(1 << tries.min(16))
            .min(MAX_RETRY_SECONDS.max(tolerance.retry_seconds));
        let open = OpenCircuit {
            since: before.as_ref().map_or(now, |open| open.since),
            retry_at: now.plus_seconds(wait),
            tries,
            why: first.unwrap_or_default().to_owned(),
            is_waiting: true,
        };
        breaker.open = Some(open.clone());
        Some(CircuitChange::Opened(open))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILS: Option<&str> = Some("it stopped");
    const ANSWERS: Option<&str> = None;

    fn at(seconds: i64) -> Instant {
        Instant::from_unix_seconds(1_767_225_600 + seconds)
    }

    fn circuit_breakers() -> CircuitBreakers {
        CircuitBreakers::new(Tolerance { failures: 3, retry_seconds: 60 })
    }

    const RULE: RuleIx = RuleIx::of_test(0);

    /// Asks the rule about suppliers; `None` when it may not be asked.
    fn ask(
        circuit_breakers: &mut CircuitBreakers,
        now: Instant,
        answers: &[(&str, Option<&str>)],
    ) -> Option<Option<CircuitChange>> {
        let patience = circuit_breakers.patience(RULE, now)?;
        let answers: Vec<_> = answers.iter().map(|(name, why)| (Organisation::checked_before(name), *why)).collect();
        let answers = answers.iter().map(|(name, why)| (name, *why));
        Some(circuit_breakers.observe(RULE, now, &patience, answers))
    }

    fn retry_at(change: Option<Option<CircuitChange>>) -> Option<Instant> {
        match change.flatten() {
            Some(CircuitChange::Opened(open)) => Some(open.retry_at),
            _ => None,
        }
    }

    #[test]
    fn only_a_run_of_failures_counts() {
        let mut rule = circuit_breakers();
        let run = [("A", FAILS), ("B", FAILS), ("C", ANSWERS), ("D", FAILS), ("E", FAILS)];
        assert_eq!(ask(&mut rule, at(0), &run), Some(None));
        assert_eq!(ask(&mut rule, at(0), &[("E", FAILS), ("D", FAILS)]), Some(None), "the same two again");
        assert_eq!(retry_at(ask(&mut rule, at(0), &[("F", FAILS)])), Some(at(60)), "the third, over two evaluations");
        assert_eq!(rule.open(RULE).map(|open| &*open.why), Some("it stopped"));
        assert_eq!(ask(&mut rule, at(59), &[("A", ANSWERS)]), None, "it is not asked");
        assert_eq!(rule.open(RuleIx::of_test(1)), None, "others are");
    }

    #[test]
    fn each_try_in_vain_waits_twice_as_long_up_to_an_hour() {
        let mut rule = circuit_breakers();
        let all = [("A", FAILS), ("B", FAILS), ("C", FAILS)];
        let mut now = at(0);
        for wait in [60, 120, 240, 480, 960, 1920, 3600, 3600] {
            let next = retry_at(ask(&mut rule, now, &all)).expect("it fails");
            assert_eq!(next, now.plus_seconds(wait));
            assert_eq!(rule.next_retry(now), Some(next));
            assert!(!rule.take_due(next.plus_seconds(-1)));
            assert!(rule.take_due(next), "everybody is looked at again");
            assert!(!rule.take_due(next), "once");
            assert_eq!(rule.next_retry(next), None);
            now = next;
        }
        assert_eq!(rule.open(RULE).map(|open| (open.since, open.tries)), Some((at(0), 7)));
        assert_eq!(ask(&mut rule, now, &[("A", ANSWERS), ("B", FAILS)]), Some(Some(CircuitChange::Closed)));
        assert_eq!(rule.open(RULE), None);
        assert_eq!(retry_at(ask(&mut rule, now, &all)), Some(now.plus_seconds(60)), "and it starts afresh");
    }

    #[test]
    fn a_long_first_wait_is_not_cut() {
        let mut rule = CircuitBreakers::new(Tolerance { failures: 1, retry_seconds: 86_400 });
        for (now, next) in [(0, 86_400), (86_400, 172_800)] {
            assert_eq!(retry_at(ask(&mut rule, at(now), &[("A", FAILS)])), Some(at(next)));
        }
    }
}

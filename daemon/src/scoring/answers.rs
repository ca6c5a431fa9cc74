//! What every rule last said of every supplier: asked again only when what it reads has changed, kept when it cannot be asked.

use super::{
    answer::{Answer, Archive, Tried},
    evaluation::RuleRun,
    fleet::{Fleet, Member},
    parallel::in_parallel,
    quarantine::{Quarantine, Turn},
    scorer::{Case, Scorer, fingerprint},
};
use crate::{
    config::Tolerance,
    model::{Assessment, Digest, Instant, Organisation, Outcome},
    rules::Rule,
};
use std::mem;

impl Fleet {
    /// Forgets every answer: all rules are asked anew.
    pub fn forget_answers(&mut self) {
        self.day = None;
        self.exposures.forget();
        self.differing.clear();
        self.members.values_mut().for_each(|member| member.answers.clear());
    }

    /// Lets `after` answer from now on in place of `before`. What both would say is kept, and so is what was `tried`.
    pub fn adopt(&mut self, tolerance: Tolerance, before: &Scorer, after: &Scorer, tried: Vec<Tried>) {
        self.day = None;
        self.exposures.forget();
        self.differing.clear();
        self.quarantine.adopt(tolerance, before, after);
        let from: Vec<Option<usize>> = (0..after.places().count()).map(|place| after.place_in(place, before)).collect();
        for member in self.members.values_mut() {
            let mut old = mem::take(&mut member.answers);
            let mut taken = |place: &Option<usize>| {
                let mut answer = old.get_mut((*place)?)?.take()?;
                answer.differs = false;
                Some(answer)
            };
            member.answers = from.iter().map(&mut taken).collect();
        }
        for Tried { organisation, place, answer } in tried {
            if let Some(slot) = self.members.get_mut(&organisation).and_then(|member| member.answers.get_mut(place)) {
                *slot = Some(answer);
            }
        }
    }

    /// How often rules may fail.
    pub fn tolerate(&mut self, tolerance: Tolerance) {
        self.quarantine = Quarantine::new(tolerance);
    }

    /// Which rules are asked no more.
    #[must_use]
    pub fn quarantine(&self) -> &Quarantine {
        &self.quarantine
    }

    /// On how many suppliers the `nth` shadow answers otherwise than the version that counts.
    #[must_use]
    pub fn differing(&self, nth: usize) -> usize {
        self.differing.get(nth).copied().unwrap_or_default()
    }

    /// What the rule at `place` last said of everybody.
    pub(crate) fn answers(&self, place: usize) -> impl Iterator<Item = (&Organisation, &Answer)> {
        self.members.iter().filter_map(move |(name, member)| Some((name, member.answers.get(place)?.as_ref()?)))
    }

    /// What the rule at `place` last said of `organisation`.
    pub(crate) fn answer(&self, organisation: &Organisation, place: usize) -> Option<&Answer> {
        self.members.get(organisation)?.answers.get(place)?.as_ref()
    }

    pub(super) fn forget(&mut self, name: &Organisation) -> Option<Member> {
        let member = self.members.remove(name)?;
        let shadows = member.answers.len().saturating_sub(self.differing.len());
        for (count, answer) in self.differing.iter_mut().zip(member.answers.iter().skip(shadows)) {
            *count -= usize::from(answer.as_ref().is_some_and(|answer| answer.differs));
        }
        Some(member)
    }

    /// The assessments of every case by the rules that count; those in the shadow are asked as well.
    pub(super) fn assess(
        &mut self,
        scorer: &Scorer,
        now: Instant,
        cases: &[Case],
        archive: Archive<'_>,
        runs: &mut Vec<RuleRun>,
    ) -> Vec<Vec<Assessment>> {
        let places = scorer.places().count();
        for case in cases {
            self.members.entry(case.organisation.clone()).or_default().answers.resize_with(places, || None);
        }
        for (place, rule) in scorer.places().enumerate() {
            // The store holds what the version that counts has said.
            let archive = (place < scorer.rules().len()).then_some(archive);
            runs.push(self.ask(scorer, (place, rule), now, cases, archive));
        }
        self.compare(scorer, cases);
        let counting = scorer.rules().len();
        let said = |answer: &Option<Answer>| match answer {
            Some(answer) => answer.assessment.clone(),
            None => Assessment::failed("the rule gave too few answers"),
        };
        let all = |case: &Case| {
            let answers = self.members.get(&case.organisation).map(|member| &member.answers[..counting]);
            answers.unwrap_or_default().iter().map(said).collect()
        };
        cases.iter().map(all).collect()
    }

    /// Has the answer of the rule at `place` for every case: the one before where nothing that it reads has changed.
    fn ask(
        &mut self,
        scorer: &Scorer,
        (place, rule): (usize, &Rule),
        now: Instant,
        cases: &[Case],
        archive: Option<Archive<'_>>,
    ) -> RuleRun {
        let manifest = rule.manifest();
        let prints = in_parallel(cases.iter().collect(), |case| fingerprint(case, &manifest.kinds, &manifest.facts));
        let is_held = self.quarantine.held(place).is_some();
        // The same evidence fails again; but who fails while the rule is in quarantine gets back what was last said.
        let stands = |answer: &Answer| !(is_held && answer.has_failed());
        let is_answered = |(case, print): &(&Case, Digest)| {
            let answer = self.answer(&case.organisation, place);
            answer.is_some_and(|answer| answer.print == Some(*print) && stands(answer))
        };
        let (answered, asked): (Vec<_>, Vec<_>) = cases.iter().zip(prints).partition(is_answered);
        for (case, _) in &answered {
            self.slot(&case.organisation, place, |slot| {
                if let Some(answer) = slot {
                    answer.assessment.stale_since = None;
                }
            });
        }
        if asked.is_empty() {
            return RuleRun::default();
        }
        let Some(patience) = self.quarantine.patience(place, now) else {
            for (case, _) in &asked {
                self.keep_last(case, (place, rule), archive, None);
            }
            return RuleRun::default();
        };
        let run = scorer.run(place, &asked.iter().map(|(case, _)| *case).collect::<Vec<_>>(), &patience);
        let outcome = |((case, _), assessment): (&(&'_ Case, Digest), &'_ Assessment)| match &assessment.outcome {
            Outcome::Failed(why) => (case.organisation.clone(), Some(why.clone())),
            _ => (case.organisation.clone(), None),
        };
        let outcomes: Vec<_> = asked.iter().zip(&run.assessments).map(outcome).collect();
        let outcomes = outcomes.iter().map(|(organisation, why)| (organisation, why.as_deref()));
        let turn = self.quarantine.observe(place, now, &patience, outcomes);
        let is_put_aside = matches!(turn, Some(Turn::Quarantined(_)));
        let mut summary =
            RuleRun { fuel: run.fuel, failures: run.failures, durations: run.durations, turn, ..RuleRun::default() };
        for ((case, print), assessment) in asked.into_iter().zip(run.assessments) {
            *summary.outcomes.entry(assessment.outcome.as_str()).or_default() += 1;
            if is_put_aside && matches!(assessment.outcome, Outcome::Failed(_)) {
                self.keep_last(case, (place, rule), archive, Some(assessment));
                continue;
            }
            self.slot(&case.organisation, place, |slot| {
                let differs = slot.as_ref().is_some_and(|before| before.differs);
                let failed = matches!(assessment.outcome, Outcome::Failed(_));
                let last_good = slot.take().filter(|_| failed).and_then(Answer::into_last_good);
                *slot = Some(Answer { print: Some(print), as_of: case.as_of, assessment, last_good, differs });
            });
        }
        summary
    }

    /// What the rule at `place` last said of the case stays, marked as stale; without anything that it said, it has failed.
    fn keep_last(
        &mut self,
        case: &Case,
        (place, rule): (usize, &Rule),
        archive: Option<Archive<'_>>,
        failed: Option<Assessment>,
    ) {
        let why = || {
            let held = self.quarantine.held(place);
            format!("it is in quarantine: {}", held.map_or("", |held| &*held.why))
        };
        let before = self.answer(&case.organisation, place).cloned();
        let as_of = before.as_ref().map_or(case.as_of, |before| before.as_of);
        let differs = before.as_ref().is_some_and(|before| before.differs);
        // The evidence of then may come back, and then what it said is no longer stale; what it failed on is asked again.
        let print = before.as_ref().filter(|before| !before.has_failed()).and_then(|before| before.print);
        let kept = match before.and_then(Answer::into_last_good) {
            Some(good) => Answer { print, as_of, assessment: *good, last_good: None, differs },
            None => {
                let assessment = archive.and_then(|archive| archive(&case.organisation, &rule.manifest().name));
                let assessment = assessment.or(failed).unwrap_or_else(|| Assessment::failed(why()));
                Answer { print: None, as_of: case.as_of, assessment, last_good: None, differs }
            }
        };
        self.slot(&case.organisation, place, |slot| *slot = Some(kept));
    }

    fn slot(&mut self, organisation: &Organisation, place: usize, change: impl FnOnce(&mut Option<Answer>)) {
        if let Some(slot) = self.members.get_mut(organisation).and_then(|member| member.answers.get_mut(place)) {
            change(slot);
        }
    }

    /// Counts on whom the shadows answer otherwise.
    fn compare(&mut self, scorer: &Scorer, cases: &[Case]) {
        let counting = scorer.rules().len();
        self.differing.resize(scorer.shadows().len(), 0);
        for (nth, (of, _)) in scorer.shadows().enumerate() {
            for case in cases {
                let Some(member) = self.members.get_mut(&case.organisation) else { continue };
                let (before, after) = member.answers.split_at_mut(counting);
                let (Some(counts), Some(Some(shadow))) = (&before[of], after.get_mut(nth)) else { continue };
                let differs = counts.assessment != shadow.assessment;
                self.differing[nth] -= usize::from(shadow.differs);
                self.differing[nth] += usize::from(differs);
                shadow.differs = differs;
            }
        }
    }
}

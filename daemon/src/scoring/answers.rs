//! What every rule last said of every supplier. A rule is asked again only when what it reads has changed; its answers are kept
//! while it cannot be asked.

use super::{
    answer::{Answer, Archive, TriedAnswer},
    circuit_breaker::{CircuitBreakers, CircuitChange},
    evaluation::RuleRun,
    fleet::{Fleet, ScoredMember},
    parallel::in_parallel,
    rule_ix::{Role, RuleIx, RuleMap},
    scorer::{Scorer, ScoringCase, fingerprint},
};
use crate::{
    config::Tolerance,
    model::{Assessment, Digest, Instant, Organisation, Outcome},
    rules::Rule,
};
use std::mem;

impl Fleet {
    /// Forgets every answer: all rules are asked anew.
    pub(crate) fn forget_answers(&mut self) {
        self.day = None;
        self.exposures.forget();
        self.differing.clear();
        self.members.values_mut().for_each(|member| member.answers.clear());
    }

    /// Lets `after` answer from now on instead of `before`. Keeps the answers of rules that both have, and those `tried`.
    pub(crate) fn adopt(&mut self, tolerance: Tolerance, before: &Scorer, after: &Scorer, tried: Vec<TriedAnswer>) {
        self.day = None;
        self.exposures.forget();
        self.differing.clear();
        self.circuit_breakers.adopt(tolerance, before, after);
        let from: Vec<Option<RuleIx>> = after.all().map(|(ix, ..)| after.same_in(ix, before)).collect();
        for member in self.members.values_mut() {
            let mut old = mem::take(&mut member.answers);
            let mut taken = |ix: &Option<RuleIx>| {
                let mut answer = old.get_mut((*ix)?)?.take()?;
                answer.differs = false;
                Some(answer)
            };
            member.answers = from.iter().map(&mut taken).collect();
        }
        for TriedAnswer { organisation, ix, answer } in tried {
            self.slot(&organisation, ix, |slot| *slot = Some(answer));
        }
    }

    /// Sets how often rules may fail.
    pub(crate) fn tolerate(&mut self, tolerance: Tolerance) {
        self.circuit_breakers = CircuitBreakers::new(tolerance);
    }

    /// Which rules are asked no more.
    #[must_use]
    pub(crate) fn circuit_breakers(&self) -> &CircuitBreakers {
        &self.circuit_breakers
    }

    /// On how many suppliers a shadow answers differently from the version that counts.
    #[must_use]
    pub fn differing(&self, shadow: RuleIx) -> usize {
        self.differing.get(shadow).copied().unwrap_or_default()
    }

    /// Everybody whom the rules have been asked about.
    pub(super) fn assessed(&self) -> impl Iterator<Item = &Organisation> {
        let is_assessed = |member: &ScoredMember| member.answers.values().any(Option::is_some);
        self.members.iter().filter(move |(_, member)| is_assessed(member)).map(|(name, _)| name)
    }

    /// What the rule last said of everybody.
    pub(crate) fn answers(&self, ix: RuleIx) -> impl Iterator<Item = (&Organisation, &Answer)> {
        self.members.iter().filter_map(move |(name, member)| Some((name, member.answers.get(ix)?.as_ref()?)))
    }

    /// What the rule last said of `organisation`.
    pub(crate) fn answer(&self, organisation: &Organisation, ix: RuleIx) -> Option<&Answer> {
        self.members.get(organisation)?.answers.get(ix)?.as_ref()
    }

    pub(super) fn forget(&mut self, name: &Organisation) -> Option<ScoredMember> {
        let member = self.members.remove(name)?;
        for (ix, answer) in member.answers.iter() {
            if let (Some(Answer { differs: true, .. }), Some(count)) = (answer, self.differing.get_mut(ix)) {
                *count -= 1;
            }
        }
        Some(member)
    }

    /// The assessments of every case by the rules that count; those in the shadow are asked as well.
    pub(super) fn assess(
        &mut self,
        scorer: &Scorer,
        now: Instant,
        cases: &[ScoringCase],
        archive: Archive<'_>,
        runs: &mut RuleMap<RuleRun>,
    ) -> Vec<RuleMap<Assessment>> {
        let rules = scorer.all().count();
        for case in cases {
            self.members.entry(case.organisation.clone()).or_default().answers.resize(rules);
        }
        for (ix, role, rule) in scorer.all() {
            // The store holds what the version that counts has said.
            let archive = (role == Role::Active).then_some(archive);
            runs.push(self.ask(scorer, (ix, rule), now, cases, archive));
        }
        self.compare(scorer, cases);
        let active: Vec<RuleIx> = scorer.active().map(|(ix, _)| ix).collect();
        let all = |case: &ScoringCase| {
            let member = self.members.get(&case.organisation);
            let said = |ix: &RuleIx| match member.and_then(|member| member.answers.get(*ix)?.as_ref()) {
                Some(answer) => answer.assessment.clone(),
                None => Assessment::failed("the rule gave too few answers"),
            };
            active.iter().map(said).collect()
        };
        cases.iter().map(all).collect()
    }

    /// The answer of the rule for every case: its earlier one where nothing that it reads has changed.
    fn ask(
        &mut self,
        scorer: &Scorer,
        (ix, rule): (RuleIx, &Rule),
        now: Instant,
        cases: &[ScoringCase],
        archive: Option<Archive<'_>>,
    ) -> RuleRun {
        let manifest = rule.manifest();
        let prints = in_parallel(cases.iter().collect(), |case| fingerprint(case, &manifest.kinds, &manifest.facts));
        let is_open = self.circuit_breakers.open(ix).is_some();
        // The same evidence would fail again. But while the rule's circuit is open, the last good answer replaces a failure.
        let stands = |answer: &Answer| !(is_open && answer.has_failed());
        let is_answered = |(case, print): &(&ScoringCase, Digest)| {
            let answer = self.answer(&case.organisation, ix);
            answer.is_some_and(|answer| answer.print == Some(*print) && stands(answer))
        };
        let (answered, asked): (Vec<_>, Vec<_>) = cases.iter().zip(prints).partition(is_answered);
        for (case, _) in &answered {
            self.slot(&case.organisation, ix, |slot| {
                if let Some(answer) = slot {
                    answer.assessment.stale_since = None;
                }
            });
        }
        if asked.is_empty() {
            return RuleRun::default();
        }
        let Some(patience) = self.circuit_breakers.patience(ix, now) else {
            for (case, _) in &asked {
                self.keep_last(case, (ix, rule), archive, None);
            }
            return RuleRun::default();
        };
        let run = scorer.run(ix, &asked.iter().map(|(case, _)| *case).collect::<Vec<_>>(), &patience);
        let outcome = |((case, _), assessment): (&(&'_ ScoringCase, Digest), &'_ Assessment)| match &assessment.outcome
        {
            Outcome::Failed(why) => (case.organisation.clone(), Some(why.clone())),
            _ => (case.organisation.clone(), None),
        };
        let outcomes: Vec<_> = asked.iter().zip(&run.assessments).map(outcome).collect();
        let outcomes = outcomes.iter().map(|(organisation, why)| (organisation, why.as_deref()));
        let circuit_change = self.circuit_breakers.observe(ix, now, &patience, outcomes);
        let has_opened = matches!(circuit_change, Some(CircuitChange::Opened(_)));
        let mut summary = RuleRun {
            fuel: run.fuel,
            failures: run.failures,
            durations: run.durations,
            circuit_change,
            ..RuleRun::default()
        };
        for ((case, print), assessment) in asked.into_iter().zip(run.assessments) {
            *summary.outcomes.entry(assessment.outcome.as_str()).or_default() += 1;
            if has_opened && matches!(assessment.outcome, Outcome::Failed(_)) {
                self.keep_last(case, (ix, rule), archive, Some(assessment));
                continue;
            }
            self.slot(&case.organisation, ix, |slot| {
                let differs = slot.as_ref().is_some_and(|before| before.differs);
                let failed = matches!(assessment.outcome, Outcome::Failed(_));
                let last_good = slot.take().filter(|_| failed).and_then(Answer::into_last_good);
                *slot = Some(Answer { print: Some(print), as_of: case.as_of, assessment, last_good, differs });
            });
        }
        summary
    }

    /// Keeps what the rule last said of the case, marked as stale; if it has said nothing, the case counts as failed.
    fn keep_last(
        &mut self,
        case: &ScoringCase,
        (ix, rule): (RuleIx, &Rule),
        archive: Option<Archive<'_>>,
        failed: Option<Assessment>,
    ) {
        let why = || {
            let open = self.circuit_breakers.open(ix);
            format!("it is in quarantine: {}", open.map_or("", |open| &*open.why))
        };
        let before = self.answer(&case.organisation, ix).cloned();
        let as_of = before.as_ref().map_or(case.as_of, |before| before.as_of);
        let differs = before.as_ref().is_some_and(|before| before.differs);
        // If the evidence of then comes back, the answer is no longer stale. What the rule failed on is asked again.
        let print = before.as_ref().filter(|before| !before.has_failed()).and_then(|before| before.print);
        let kept = match before.and_then(Answer::into_last_good) {
            Some(good) => Answer { print, as_of, assessment: *good, last_good: None, differs },
            None => {
                let assessment = archive.and_then(|archive| archive(&case.organisation, &rule.manifest().name));
                let assessment = assessment.or(failed).unwrap_or_else(|| Assessment::failed(why()));
                Answer { print: None, as_of: case.as_of, assessment, last_good: None, differs }
            }
        };
        self.slot(&case.organisation, ix, |slot| *slot = Some(kept));
    }

    fn slot(&mut self, organisation: &Organisation, ix: RuleIx, change: impl FnOnce(&mut Option<Answer>)) {
        if let Some(slot) = self.members.get_mut(organisation).and_then(|member| member.answers.get_mut(ix)) {
            change(slot);
        }
    }

    /// Counts the suppliers on whom the shadows answer differently.
    fn compare(&mut self, scorer: &Scorer, cases: &[ScoringCase]) {
        for (shadow, role, _) in scorer.all() {
            let Role::ShadowOf(of) = role else { continue };
            let count = self.differing.or_default(shadow);
            for case in cases {
                let Some(member) = self.members.get_mut(&case.organisation) else { continue };
                let said = |ix| member.answers.get(ix).and_then(Option::as_ref).map(|answer| &answer.assessment);
                let (Some(counts), Some(other)) = (said(of), said(shadow)) else { continue };
                let differs = counts != other;
                let Some(Some(answer)) = member.answers.get_mut(shadow) else { continue };
                *count -= usize::from(answer.differs);
                *count += usize::from(differs);
                answer.differs = differs;
            }
        }
    }
}

//! A dry run: what another policy or other plugins would make of the present suppliers. Nothing is stored.

use super::{
    answer::{self, Answer, TriedAnswer},
    fleet::Fleet,
    rule_ix::{Role, RuleIx, RuleMap},
    scorer::{Scorer, ScoringCase, fingerprint},
};
use crate::{
    model::{Assessment, Instant, Organisation, Outcome},
    policy::{Change, change},
    rules::{Patience, Rule},
};
use std::{cmp::Reverse, fmt};

/// Suppliers that are held at a time.
const PART_SUPPLIERS: usize = 4096;

/// The result of a dry run.
#[derive(Default)]
pub(crate) struct DryRun {
    /// How many suppliers were scored.
    pub suppliers: usize,
    /// Those whose risk or band moves, the greatest movement first.
    pub moved: Vec<Change>,
    /// Rules that fail on suppliers on whom the present rule does not fail, or that answer differently when they are asked
    /// again; named by their index in the new scorer.
    pub failing: Vec<(RuleIx, RuleFailure)>,
    /// What the new rules said, so that adopting them need not ask again.
    pub tried: Vec<TriedAnswer>,
}

/// Why a rule is refused.
#[derive(Clone, Debug)]
pub(crate) struct RuleFailure {
    /// How many suppliers it failed on, at least.
    pub suppliers: usize,
    /// One of them.
    pub first: Organisation,
    /// What it said of that one, or did.
    pub why: String,
}

impl fmt::Display for DryRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (moved, suppliers, rebanded) = (self.moved.len(), self.suppliers, self.rebanded().count());
        write!(f, "{moved} of {suppliers} suppliers move, {rebanded} into another band")
    }
}

impl DryRun {
    /// The changes that lead into another band.
    pub(crate) fn rebanded(&self) -> impl Iterator<Item = &Change> {
        let other = |change: &&Change| change.before.as_ref().is_none_or(|before| before.band != change.after.band);
        self.moved.iter().filter(other)
    }
}

/// The sentence about a rule that answered one supplier in two ways.
fn swayed(one: &Assessment, other: &Assessment) -> String {
    let (one, other) = (answer::said(one), answer::said(other));
    let other = if one == other { "the same with other findings".to_owned() } else { format!("`{other}`") };
    format!(
        "it answered `{one}` and, asked again in other company, {other}: have its author keep nothing of one supplier for the \
         next, and draw no random numbers"
    )
}

/// Scores every supplier of `fleet` by `after`, as of `now`, when `before` has just evaluated it: whatever moves is due to the
/// difference of the two alone. A rule that fails on `failures` suppliers in a row is not asked further.
#[must_use]
pub(crate) fn dry_run(fleet: &mut Fleet, before: &Scorer, after: &Scorer, now: Instant, failures: usize) -> DryRun {
    let mut names: Vec<Organisation> = fleet.assessed().cloned().collect();
    names.sort_unstable();
    let mut dry_run = DryRun::default();
    // Everybody is asked twice, so whoever is last fails twice in a row.
    let patience: RuleMap<Patience> = after.all().map(|_| Patience::new(0, failures.saturating_mul(2))).collect();
    for part in names.chunks(PART_SUPPLIERS) {
        let cases: Vec<ScoringCase> = part.iter().filter_map(|name| fleet.case(name, now)).collect();
        dry_run.suppliers += cases.len();
        let mut said: Vec<RuleMap<Assessment>> = cases.iter().map(|_| RuleMap::default()).collect();
        for (ix, role, _) in after.all() {
            let Some(patience) = patience.get(ix) else { continue };
            let assessments = dry_run.ask(fleet, (before, after), ix, &cases, patience);
            if role == Role::Active {
                said.iter_mut().zip(assessments).for_each(|(of_case, one)| of_case.push(one));
            }
        }
        for (case, assessments) in cases.iter().zip(said) {
            let score = after.score(case, assessments);
            let Some(standing) = fleet.standing(&case.organisation) else { continue };
            if standing.level.risk_bp != score.risk_bp || standing.level.band != score.band {
                dry_run.moved.extend(change(Some(standing), &score));
            }
        }
    }
    let moved = |change: &Change| change.moved_bp().map_or(u64::MAX, i64::unsigned_abs);
    dry_run.moved.sort_by_key(|change| Reverse(moved(change)));
    dry_run
}

impl DryRun {
    /// What the rule says of `cases`; its earlier answers, where `before` has the same rule.
    fn ask(
        &mut self,
        fleet: &Fleet,
        (before, after): (&Scorer, &Scorer),
        ix: RuleIx,
        cases: &[ScoringCase],
        patience: &Patience,
    ) -> Vec<Assessment> {
        let unasked = || Assessment::failed("the rule gave too few answers");
        let said = |case: &ScoringCase, ix| fleet.answer(&case.organisation, ix).map(|answer| &answer.assessment);
        if let Some(old) = after.same_in(ix, before) {
            return cases.iter().map(|case| said(case, old).cloned().unwrap_or_else(unasked)).collect();
        }
        let Some(rule) = after.rule(ix) else { return Vec::new() };
        let manifest = rule.manifest();
        let is_last = |(ix, one): (RuleIx, &Rule)| (one.manifest().name == manifest.name).then_some(ix);
        let last = before.active().find_map(is_last);
        // Each is asked twice, the second time in the other order and so in other company: what a rule remembers of one
        // supplier must not show in what it says of the next, or a score could never be made again.
        let twice: Vec<&ScoringCase> = cases.iter().chain(cases.iter().rev()).collect();
        let mut run = after.run(ix, &twice, patience);
        let again = run.assessments.split_off(cases.len().min(run.assessments.len()));
        for ((case, assessment), again) in cases.iter().zip(&run.assessments).zip(again.iter().rev()) {
            match (&assessment.outcome, &again.outcome) {
                (Outcome::Failed(why), _) | (_, Outcome::Failed(why)) => {
                    let answered =
                        |one: &Assessment| !matches!(one.outcome, Outcome::Failed(_)) && one.stale_since.is_none();
                    if last.is_none_or(|last| said(case, last).is_some_and(answered)) {
                        self.fails(ix, case, why);
                    }
                }
                _ if assessment != again => self.fails(ix, case, &swayed(assessment, again)),
                _ => {}
            }
            // The rule may later be asked about those whom it was not asked about now.
            let print = (!patience.is_over()).then(|| fingerprint(case, &manifest.kinds, &manifest.facts));
            let answer =
                Answer { print, as_of: case.as_of, assessment: assessment.clone(), last_good: None, differs: false };
            self.tried.push(TriedAnswer { organisation: case.organisation.clone(), ix, answer });
        }
        run.assessments
    }

    fn fails(&mut self, ix: RuleIx, case: &ScoringCase, why: &str) {
        match self.failing.iter_mut().find(|(failing, _)| *failing == ix) {
            Some((_, failing)) => failing.suppliers += 1,
            None => {
                let failing = RuleFailure { suppliers: 1, first: case.organisation.clone(), why: why.to_owned() };
                self.failing.push((ix, failing));
            }
        }
    }
}

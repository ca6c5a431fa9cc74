//! A dry run: what another policy or another plugin would make of the present suppliers. Nothing is stored.

use super::{
    fleet::Fleet,
    scorer::{Case, Scorer},
};
use crate::{
    model::{Assessment, Instant, Organisation, Score},
    policy::{Change, Standing, change},
};
use std::cmp::Reverse;

/// Suppliers that are held at a time.
const PART_SUPPLIERS: usize = 4096;

/// What a dry run came to.
#[derive(Debug, Default)]
pub struct Trial {
    /// How many suppliers were scored both ways.
    pub suppliers: usize,
    /// Those whose risk or band moves, the greatest movement first.
    pub moved: Vec<Change>,
}

/// Scores every supplier of `fleet` at `now` by `before` and by `after`: what moves is due to nothing but their difference.
#[must_use]
pub fn trial(fleet: &mut Fleet, before: &Scorer, after: &Scorer, now: Instant) -> Trial {
    let mut names: Vec<Organisation> = fleet.standings().map(|(name, _)| name.clone()).collect();
    names.sort_unstable();
    let mut trial = Trial::default();
    for part in names.chunks(PART_SUPPLIERS) {
        let cases: Vec<Case> = part.iter().filter_map(|name| fleet.case(name, now)).collect();
        trial.suppliers += cases.len();
        let scores = score_all(before, &cases).into_iter().zip(score_all(after, &cases));
        trial.moved.extend(scores.filter_map(|(before, after)| {
            let change = change(Some(&Standing::from(&before)), &after)?;
            (before.risk_bp != after.risk_bp || before.band != after.band).then_some(change)
        }));
    }
    let moved = |change: &Change| change.moved_bp().map_or(u64::MAX, i64::unsigned_abs);
    trial.moved.sort_by_key(|change| Reverse(moved(change)));
    trial
}

fn score_all(scorer: &Scorer, cases: &[Case]) -> Vec<Score> {
    let cases: Vec<&Case> = cases.iter().collect();
    let mut assessments: Vec<Vec<Assessment>> = cases.iter().map(|_| Vec::new()).collect();
    for rule in 0..scorer.rules().len() {
        let run = scorer.run(rule, &cases).assessments;
        assessments.iter_mut().zip(run).for_each(|(of_case, assessment)| of_case.push(assessment));
    }
    cases.iter().zip(assessments).map(|(case, assessments)| scorer.score(case, assessments)).collect()
}

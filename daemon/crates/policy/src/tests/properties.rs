//! What holds for every policy and every set of answers.

use super::{policy, scored};
use crate::model::{Score, WHOLE_BP};
use proptest::prelude::*;

/// One rule of a random policy and its answer; the index in the list makes its name.
#[derive(Clone, Debug)]
struct Rule {
    weight: u32,
    gate: bool,
    answer: String,
}

fn answer() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => (0..=WHOLE_BP).prop_map(|risk_bp| risk_bp.to_string()),
        1 => Just("unknown".to_owned()),
        1 => Just("failed".to_owned()),
        1 => Just("invalid".to_owned()),
        2 => Just("not-applicable".to_owned()),
    ]
}

fn rules() -> impl Strategy<Value = Vec<Rule>> {
    let rule = (1..=100_u32, proptest::bool::weighted(0.3), answer());
    prop::collection::vec(rule.prop_map(|(weight, gate, answer)| Rule { weight, gate, answer }), 1..9)
}

/// Scores `rules`, written and answered in the order of `order`.
fn score(rules: &[Rule], order: &[usize]) -> Score {
    let names: Vec<String> = (0..rules.len()).map(|index| format!("rule-{index}")).collect();
    let line = |&index: &usize| {
        let Rule { weight, gate, .. } = rules[index];
        format!("{} = {{ weight = {weight}, gate = {gate} }}", names[index])
    };
    let mut sorted = order.to_vec();
    sorted.sort_unstable();
    // The text, and so the digest, is the same in every order: only the answers are permuted.
    let policy = policy(&sorted.iter().map(line).collect::<Vec<_>>().join("\n"));
    let answers: Vec<_> = order.iter().map(|&index| (names[index].as_str(), rules[index].answer.clone())).collect();
    scored(&policy, &answers, &[], Vec::new())
}

fn in_order(rules: &[Rule]) -> Score {
    score(rules, &(0..rules.len()).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn contributions_sum_exactly_and_within_bounds(rules in rules()) {
        let score = in_order(&rules);
        let sum: u32 = score.contributions.iter().map(|part| part.contribution_bp).sum();
        prop_assert_eq!(sum, score.risk_bp.unwrap_or(0));
        prop_assert!(sum <= WHOLE_BP);
        prop_assert_eq!(score.risk_bp.is_none(), rules.iter().all(|rule| rule.answer == "not-applicable"));
        for part in &score.contributions {
            prop_assert!(part.contribution_bp == 0 || part.risk_bp.is_some_and(|risk_bp| risk_bp > 0), "{:?}", part);
        }
    }

    #[test]
    fn the_composite_is_the_greater_of_mean_and_gate(rules in rules()) {
        let score = in_order(&rules);
        let applicable: Vec<_> = score.contributions.iter().filter(|part| part.risk_bp.is_some()).collect();
        let risk = |part: &&crate::model::score::Contribution| f64::from(part.risk_bp.unwrap_or(0));
        let weight: f64 = applicable.iter().map(|part| f64::from(part.weight)).sum();
        let mean = applicable.iter().map(|part| f64::from(part.weight) * risk(part)).sum::<f64>() / weight.max(1.0);
        let floor = applicable.iter().filter(|part| part.gate).map(|part| 0.9 * risk(part)).fold(0.0, f64::max);
        prop_assert!((f64::from(score.risk_bp.unwrap_or(0)) - mean.max(floor)).abs() <= 0.5 + 1e-6);
    }

    #[test]
    fn a_greater_risk_never_lowers_the_score(rules in rules(), which in any::<prop::sample::Index>(), risk_bp in 0..=WHOLE_BP) {
        let which = which.index(rules.len());
        let before = in_order(&rules);
        // The same holds for an unknown that becomes known: it moves from the assumed risk.
        prop_assume!(before.contributions[which].risk_bp.is_some_and(|counted| counted <= risk_bp));
        let mut raised = rules;
        raised[which].answer = risk_bp.to_string();
        prop_assert!(in_order(&raised).risk_bp >= before.risk_bp);
    }

    #[test]
    fn the_order_of_the_answers_changes_nothing(
        (rules, order) in rules().prop_flat_map(|rules| {
            let indices: Vec<usize> = (0..rules.len()).collect();
            (Just(rules), Just(indices).prop_shuffle())
        })
    ) {
        let (left, right) = (in_order(&rules), score(&rules, &order));
        prop_assert_eq!(left.contributions, right.contributions);
        prop_assert_eq!((left.risk_bp, left.coverage_bp, left.confidence_bp), (right.risk_bp, right.coverage_bp, right.confidence_bp));
    }

    #[test]
    fn coverage_is_whole_only_when_every_rule_was_scored(rules in rules()) {
        let score = in_order(&rules);
        let applicable: Vec<_> = rules.iter().filter(|rule| rule.answer != "not-applicable").collect();
        let scored = applicable.iter().filter(|rule| rule.answer.parse::<u32>().is_ok()).count();
        prop_assert!(score.coverage_bp <= WHOLE_BP && score.confidence_bp <= score.coverage_bp);
        prop_assert_eq!(score.coverage_bp == WHOLE_BP, scored == applicable.len() && scored > 0);
        prop_assert_eq!(score.coverage_bp == 0, scored == 0);
    }
}

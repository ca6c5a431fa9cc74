//! Thresholds of many sources, against the sum of probabilities added up source after source.

use super::graphs::{P, small};
use crate::{
    exact::{Budget, Exact, NotExact, cut_sets, exact},
    exposure::{Hazard, Hazards, Shock},
    graph::{Graph, NodeIx},
};

/// A programme that needs `required` of sources with these shares.
fn threshold(required: u32, shares: &[u32]) -> Graph {
    let sources: Vec<(NodeIx, u32)> = (1..).zip(shares.iter().copied()).collect();
    small(&[(P, Some(required), 0, &sources)])
}

fn hazards(probabilities: &[f64]) -> Hazards {
    let own = [0.0].into_iter().chain(probabilities.iter().copied());
    Hazards { own: own.map(|probability| Hazard { probability, stream: 0 }).collect(), shocks: Vec::new() }
}

/// The probability that the shares that are up add up to less than `required`.
fn by_sums(required: u32, shares: &[u32], probabilities: &[f64]) -> f64 {
    let whole: u32 = shares.iter().sum();
    let mut up = vec![0.0; whole as usize + 1];
    up[0] = 1.0;
    for (share, probability) in shares.iter().zip(probabilities) {
        for sum in (0..up.len()).rev() {
            let before = sum.checked_sub(*share as usize).map_or(0.0, |before| up[before]);
            up[sum] = up[sum] * probability + before * (1.0 - probability);
        }
    }
    up[..required as usize].iter().sum()
}

/// Unequal, but the same in every run.
fn shares(count: u32) -> Vec<u32> {
    (0..count).map(|source| 1 + source * 7919 % 211).collect()
}

fn probabilities(count: u32) -> Vec<f64> {
    (0..count).map(|source| f64::from(1 + source * 31 % 97) / 100.0).collect()
}

#[test]
fn thresholds_are_solved_by_their_sums() {
    let check = |required: u32, shares: &[u32], probabilities: &[f64], nodes: usize| {
        let graph = threshold(required, shares);
        let found = exact(&graph, P, &hazards(probabilities), Budget { nodes, ..Budget::default() });
        let Exact { probability, importance } = found.expect("as many nodes as sources and distinct sums");
        let right = by_sums(required, shares, probabilities);
        assert!((probability - right).abs() < 1e-12, "{probability} {right}");
        assert_eq!(importance.len(), shares.len());
        for one in importance.iter().step_by(37) {
            let crate::attribution::RootCause::Node(node) = one.root else { panic!("there are no shocks") };
            let with = |happens: f64| {
                let mut changed = probabilities.to_vec();
                changed[node as usize - 1] = happens;
                by_sums(required, shares, &changed)
            };
            assert!((one.birnbaum - (with(1.0) - with(0.0))).abs() < 1e-9, "{one:?}");
        }
    };
    check(100, &[1; 200], &probabilities(200), 200 * 101 + 202);
    check(150, &[33; 300], &probabilities(300), 300 * 300);
    check(4951, &[33; 300], &probabilities(300), 300 * 152);
    for count in [40, 60] {
        let shares = shares(count);
        let whole: u32 = shares.iter().sum();
        check(whole / 3, &shares, &probabilities(count), (count * whole) as usize);
    }
}

#[test]
fn a_threshold_whose_sources_are_struck_together_is_solved_too() {
    const SOURCES: u32 = 120;
    let shares = shares(SOURCES);
    let required = shares.iter().sum::<u32>() / 2;
    let graph = threshold(required, &shares);
    let mut hazards = hazards(&probabilities(SOURCES));
    let shocks = [(0.1, 3), (0.2, 5)];
    let struck = |every: usize| (1..=SOURCES).step_by(every).collect();
    hazards.shocks = shocks
        .map(|(probability, every)| Shock { hazard: Hazard { probability, stream: 0 }, nodes: struck(every) })
        .to_vec();
    let found = exact(&graph, P, &hazards, Budget::default()).expect("it is small").probability;
    let mut right = 0.0;
    for happen in 0..4_usize {
        let (mut weight, mut own) = (1.0, probabilities(SOURCES));
        for (number, (probability, every)) in shocks.iter().enumerate() {
            let happens = happen >> number & 1 == 1;
            weight *= if happens { *probability } else { 1.0 - probability };
            (0..own.len()).step_by(*every).filter(|_| happens).for_each(|source| own[source] = 1.0);
        }
        right += weight * by_sums(required, &shares, &own);
    }
    assert!((found - right).abs() < 1e-12, "{found} {right}");
}

#[test]
fn cut_sets_of_a_threshold_are_counted() {
    let graph = threshold(7, &[1; 10]);
    let found = cut_sets(&graph, P, &|_| true, 5, 1000, Budget::default()).expect("it is small");
    assert_eq!(found.counts, [0, 0, 0, 210, 0]);
    assert_eq!(found.sets.len(), 210);
}

#[test]
fn too_many_sums_are_refused() {
    // Powers of two: every set of sources has a sum of its own.
    let shares: Vec<u32> = (0..13).map(|bit| 1 << bit).collect();
    let found = exact(&threshold(4096, &shares), P, &hazards(&[0.5; 13]), Budget { nodes: 10, ..Budget::default() });
    assert_eq!(found, Err(NotExact::Nodes { limit: 10 }));
}

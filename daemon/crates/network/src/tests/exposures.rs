//! Exposure against the exact answer by enumeration of all failures.

use super::graphs::{A, B, C, D, P, down, example_1, graph, small};
use crate::{
    exposure::{Estimate, Hazard, Hazards, Sample, Shock, exposure},
    graph::{Graph, NodeIx},
    random::stream,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn hazard(name: &str, probability: f64) -> Hazard {
    Hazard { probability, stream: stream(name) }
}

pub(super) fn hazards(own: &[f64]) -> Hazards {
    let own = own.iter().zip(0..).map(|(probability, node)| hazard(&format!("T:{node}"), *probability)).collect();
    Hazards { own, shocks: Vec::new() }
}

/// The probability that `node` is down: over all failures of nodes and shocks, those that bring it down.
fn exact(graph: &Graph, hazards: &Hazards, node: NodeIx) -> f64 {
    let own = (0..).zip(&hazards.own).map(|(node, hazard)| (hazard.probability, vec![node]));
    let shocks = hazards.shocks.iter().map(|shock| (shock.hazard.probability, shock.nodes.clone()));
    let events: Vec<(f64, Vec<NodeIx>)> = own.chain(shocks).collect();
    let mut probability = 0.0;
    for happens in 0..1_u32 << events.len() {
        let mut weight = 1.0;
        let mut failed = BTreeSet::new();
        for (event, (probability, nodes)) in events.iter().enumerate() {
            if happens >> event & 1 == 1 {
                weight *= probability;
                failed.extend(nodes);
            } else {
                weight *= 1.0 - probability;
            }
        }
        if weight > 0.0 && down(graph, &failed).contains(&node) {
            probability += weight;
        }
    }
    probability
}

#[test]
fn example_1_is_down_with_its_exact_probability() {
    let hazards = hazards(&[0.0, 0.1, 0.2, 0.2, 0.1]);
    let exact = exact(&example_1(), &hazards, P);
    assert!((exact - 0.2224).abs() < 1e-12, "{exact}");
    let found = exposure(&example_1(), &hazards, Sample { scenarios: 1 << 18, seed: 1 }).estimate(P);
    assert!(found.low < exact && exact < found.high && found.high - found.low < 0.004, "{found:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// With probabilities 0 and 1 every scenario is the same and known: thresholds, cycles and shocks are exact.
    #[test]
    fn certain_failures_bring_down_what_they_must(graph in graph(), failed in 0..512_u32, shocked in 0..512_u32) {
        let chosen = |set: u32| (0..9_u32).filter(move |node| set >> node & 1 == 1);
        let mut hazards = hazards(&[0.0; 9]);
        chosen(failed).for_each(|node| hazards.own[node as usize].probability = 1.0);
        hazards.shocks.push(Shock { hazard: hazard("M6", 1.0), nodes: chosen(shocked).collect() });
        hazards.shocks.push(Shock { hazard: hazard("M5", 0.0), nodes: chosen(511).collect() });
        let found = exposure(&graph, &hazards, Sample { scenarios: 70, seed: 0 });
        let expected = down(&graph, &chosen(failed | shocked).collect());
        for node in 0..9 {
            prop_assert_eq!(found.down[node as usize], if expected.contains(&node) { 70 } else { 0 });
        }
    }

    /// What is not upstream of a node cannot move it, not even by a draw.
    #[test]
    fn only_what_is_downstream_of_a_change_moves(graph in graph(), changed in 0..9_u32) {
        let before = hazards(&[0.1; 9]);
        let mut after = before.clone();
        after.own[changed as usize].probability = 0.4;
        let run = |hazards: &Hazards| exposure(&graph, hazards, Sample { scenarios: 1000, seed: 3 });
        let (before, after) = (run(&before), run(&after));
        for node in 0..9 {
            let (was, is) = (before.down[node as usize], after.down[node as usize]);
            // More failures never bring anyone up: the draws are the same ones.
            prop_assert!(is >= was);
            prop_assert!(is == was || reaches(&graph, changed, node));
        }
    }
}

fn reaches(graph: &Graph, from: NodeIx, to: NodeIx) -> bool {
    let mut found = BTreeSet::from([from]);
    let mut waiting = vec![from];
    while let Some(node) = waiting.pop() {
        waiting.extend(graph.buyers(node).iter().filter(|buyer| found.insert(**buyer)));
    }
    found.contains(&to)
}

#[test]
fn the_interval_holds_the_exact_answer_as_often_as_it_says() {
    let graph = small(&[
        (P, Some(6000), 0, &[(A, 5000), (B, 3000), (C, 2000)]),
        (A, None, 0, &[(C, 1), (D, 1)]),
        (B, None, 0, &[(D, 1)]),
    ]);
    let mut hazards = hazards(&[0.0, 0.05, 0.1, 0.15, 0.2]);
    hazards.shocks.push(Shock { hazard: hazard("M6", 0.1), nodes: vec![B, C] });
    let exact = exact(&graph, &hazards, P);
    let held = (0..2000_u32).filter(|seed| {
        let found = exposure(&graph, &hazards, Sample { scenarios: 1024, seed: u64::from(*seed) }).estimate(P);
        found.low <= exact && exact <= found.high
    });
    let held = held.count();
    assert!((1860..=1940).contains(&held), "{held} of 2000");
}

#[test]
fn a_sample_is_the_same_for_ever() {
    let found = exposure(&example_1(), &hazards(&[0.0, 0.1, 0.2, 0.2, 0.1]), Sample::default());
    assert_eq!(found.down[..5], [891, 891, 1133, 1145, 393]);
}

#[test]
fn intervals_stay_between_0_and_1() {
    let check = |hits, scenarios, expected: [f64; 3]| {
        let Estimate { low, probability, high } = Estimate::from_hits(hits, scenarios);
        for (found, expected) in [low, probability, high].into_iter().zip(expected) {
            assert!((found - expected).abs() < 1e-4, "{hits} of {scenarios}: {found}, not {expected}");
        }
    };
    check(0, 100, [0.0, 0.0, 0.0370]);
    check(50, 100, [0.4038, 0.5, 0.5962]);
    check(100, 100, [0.9630, 1.0, 1.0]);
}

//! What-if and attribution.

use super::{
    exposures::hazards,
    graphs::{A, B, C, D, P, example_1, graph, small},
};
use crate::{
    attribution::{RootCause, SCENARIO_UNITS, attribution},
    exposure::{Hazard, Hazards, Sample, Shock, exposure},
    graph::{Graph, NodeIx, Source},
    random::stream,
    what_if::{Scene, moves},
};
use proptest::prelude::*;
use std::collections::BTreeSet;

const SAMPLE: Sample = Sample { scenarios: 1000, seed: 7 };

/// Asserts the charges when `failed` fail in every scenario, in thousandths of a scenario.
fn check_charges(graph: &Graph, hazards: &Hazards, expected: &[(RootCause, u64)]) {
    let found = attribution(graph, P, hazards, SAMPLE);
    let per_mille = |units: u64| (units * 1000 / SCENARIO_UNITS).div_ceil(u64::from(SAMPLE.scenarios));
    let charges: Vec<(RootCause, u64)> = found.charges.iter().map(|(root, units)| (*root, per_mille(*units))).collect();
    assert_eq!(charges, expected);
}

fn certain(failed: &[NodeIx]) -> Hazards {
    let mut hazards = hazards(&[0.0; 10]);
    hazards.fail(failed.iter().copied());
    hazards
}

#[test]
fn charges_go_to_what_began_it() {
    let node = RootCause::Node;
    let tree = example_1();
    check_charges(&tree, &certain(&[]), &[]);
    check_charges(&tree, &certain(&[B]), &[]);
    check_charges(&tree, &certain(&[D]), &[(node(D), 1000)]);
    check_charges(&tree, &certain(&[B, C]), &[(node(B), 500), (node(C), 500)]);
    check_charges(&tree, &certain(&[B, D]), &[(node(B), 500), (node(D), 500)]);
    // A fails by itself before D's failure arrives.
    check_charges(&tree, &certain(&[A, D]), &[(node(A), 1000)]);
    let shares = small(&[(P, Some(6000), 0, &[(A, 5000), (B, 3000), (C, 2000)])]);
    check_charges(&shares, &certain(&[A, B]), &[(node(A), 625), (node(B), 375)]);
    let cycle = small(&[(P, None, 0, &[(A, 1)]), (A, None, 0, &[(B, 1)]), (B, None, 0, &[(A, 1)])]);
    check_charges(&cycle, &certain(&[B]), &[(node(B), 1000)]);
    let mut struck = certain(&[D]);
    struck.shocks.push(Shock { hazard: Hazard { probability: 1.0, stream: 1 }, nodes: vec![D] });
    check_charges(&tree, &struck, &[(node(D), 500), (RootCause::Shock(0), 500)]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn charges_sum_exactly(graph in graph(), struck in 1..512_u32) {
        let mut hazards = hazards(&[0.1; 9]);
        let nodes = (0..9_u32).filter(|node| struck >> node & 1 == 1).collect();
        hazards.shocks.push(Shock { hazard: Hazard { probability: 0.1, stream: stream("M6") }, nodes });
        let found = attribution(&graph, P, &hazards, SAMPLE);
        prop_assert_eq!(found.down, exposure(&graph, &hazards, SAMPLE).down[P as usize]);
        let charged: u64 = found.charges.iter().map(|(_, units)| units).sum();
        prop_assert_eq!(charged, u64::from(found.down) * SCENARIO_UNITS);
    }

    #[test]
    fn moves_are_the_differences_of_whole_simulations(
        before in graph(), other in graph(), changed in 0..9_u32, probability in 0.0..1.0_f64
    ) {
        let mut after = before.clone();
        after.set_needs(changed, &other.needs(changed).collect());
        after.grow(10);
        let was = hazards(&[0.1; 9]);
        let mut is = was.clone();
        is.set_probability((changed + 1) % 9, probability);
        let found = moves(Scene { graph: &before, hazards: &was }, Scene { graph: &after, hazards: &is }, SAMPLE);
        let (mut whole_before, whole_after) = (exposure(&before, &was, SAMPLE), exposure(&after, &is, SAMPLE));
        whole_before.down.push(0);
        for node in 0..10 {
            let moved = found.iter().find(|moved| moved.node == node);
            let (was, is) = (whole_before.estimate(node), whole_after.estimate(node));
            prop_assert_eq!(moved.map(|moved| (moved.before, moved.after)), (was != is).then_some((was, is)));
        }
    }
}

#[test]
fn a_second_source_helps_whoever_stands_on_the_first() {
    let before = example_1();
    let hazards = hazards(&[0.0, 0.1, 0.2, 0.2, 0.1, 0.1]);
    let mut after = before.clone();
    let source = Source { supplier: 5, share_bp: 0, switch_days: 20, active: false, qualified: true };
    assert!(after.add_source(B, 0, source), "B needs the item");
    assert!(!after.add_source(B, 1, source), "B does not need this one");
    let found = moves(Scene { graph: &before, hazards: &hazards }, Scene { graph: &after, hazards: &hazards }, SAMPLE);
    let moved: Vec<NodeIx> = found.iter().map(|moved| moved.node).collect();
    assert_eq!(moved.len(), 3, "B, A and P: {moved:?}");
    assert!(found.iter().all(|moved| moved.after.probability < moved.before.probability));
}

#[test]
fn nodes_that_had_no_hazard_fail_by_draws_of_their_own() {
    let mut hazards = Hazards::default();
    hazards.set_probability(3, 0.2);
    hazards.set_probability(5, 0.3);
    let streams: BTreeSet<u64> = hazards.own.iter().map(|hazard| hazard.stream).collect();
    assert_eq!((hazards.own.len(), streams.len()), (6, 6), "{:?}", hazards.own);
}

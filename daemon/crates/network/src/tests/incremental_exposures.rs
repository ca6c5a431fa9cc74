//! Exposures kept right change by change against those simulated from scratch.

use super::{exposures::hazards, graphs::graph};
use crate::{
    exposure::{Hazard, IncrementalExposures, Sample, Shock, exposure},
    graph::{Graph, NodeIx},
    random::stream,
};
use proptest::{prelude::*, sample::select};

/// More than one block, the last not full.
const SAMPLE: Sample = Sample { scenarios: 2500, seed: 5 };
const NODES: NodeIx = 9;

#[derive(Clone, Debug)]
enum NetworkChange {
    /// The node has the needs that it has in the graph.
    Needs(NodeIx, Graph),
    Probability(NodeIx, f64),
    Shocks(Vec<Vec<NodeIx>>),
    NewNode,
}

fn change() -> impl Strategy<Value = NetworkChange> {
    let probability = select(&[0.0, 0.01, 0.3, 1.0][..]);
    prop_oneof![
        4 => (0..NODES, graph()).prop_map(|(node, graph)| NetworkChange::Needs(node, graph)),
        3 => (0..NODES, probability).prop_map(|(node, probability)| NetworkChange::Probability(node, probability)),
        1 => prop::collection::vec(prop::collection::vec(0..NODES, 0..4), 0..3).prop_map(NetworkChange::Shocks),
        1 => Just(NetworkChange::NewNode),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn updates_equal_a_simulation_from_scratch(
        start in graph(),
        changes in prop::collection::vec(prop::collection::vec(change(), 1..4), 1..12),
    ) {
        let mut graph = start;
        let mut hazards = hazards(&[0.05; NODES as usize]);
        let mut incremental = IncrementalExposures::new(&graph, &hazards, SAMPLE);
        for changes in changes {
            let before = exposure(&graph, &hazards, SAMPLE).down;
            let mut changed = Vec::new();
            for change in changes {
                match change {
                    NetworkChange::Needs(node, other) => {
                        graph.set_needs(node, &other.needs(node).collect());
                        changed.push(node);
                    }
                    NetworkChange::Probability(node, probability) => {
                        hazards.set_probability(node, probability);
                        changed.push(node);
                    }
                    NetworkChange::Shocks(struck) => {
                        let shock = |nodes| Shock {
                            hazard: Hazard { probability: 0.2, stream: stream("M6") },
                            nodes,
                        };
                        hazards.shocks = struck.into_iter().map(shock).collect();
                    }
                    NetworkChange::NewNode => graph.grow(graph.len() + 1),
                }
            }
            let moved = incremental.update(&graph, &hazards, &changed);
            prop_assert_eq!(&incremental, &IncrementalExposures::new(&graph, &hazards, SAMPLE));
            let after = exposure(&graph, &hazards, SAMPLE);
            let figure = |node: &NodeIx| before.get(*node as usize).copied().unwrap_or_default();
            let expected: Vec<NodeIx> = graph.nodes().filter(|node| figure(node) != after.down[*node as usize]).collect();
            prop_assert_eq!(moved, expected);
            for node in graph.nodes() {
                prop_assert_eq!(incremental.estimate(node), after.estimate(node));
            }
        }
    }
}

//! The analyses against their definitions, on small random graphs with thresholds, cycles and idle sources.

use crate::{
    cuts::{CutSet, MAX_CUT_SET_ORDER, NoCutSets, minimal_cut_sets},
    graph::{Graph, Need, Needs, NodeIx, Source},
    model::claims::Class,
    survival::{StoppedNode, stops},
};
use proptest::{option, prelude::*, sample::select};
use std::collections::{BTreeMap, BTreeSet};

const NODES: u32 = 9;

type Nodes = BTreeSet<NodeIx>;

fn need() -> impl Strategy<Value = Needs> {
    let share_bp = select(&[1000, 3000, 5000, 5000, 10_000][..]);
    let source = (0..NODES, share_bp, 0..3_u32, prop::bool::weighted(0.8), any::<bool>()).prop_map(
        |(supplier, share_bp, switch_days, active, qualified)| Source {
            supplier,
            share_bp,
            switch_days,
            active,
            qualified,
        },
    );
    let sources = prop::collection::vec(source, 1..4).prop_map(|mut sources| {
        sources.sort_by_key(|source| source.supplier);
        sources.dedup_by_key(|source| source.supplier);
        sources
    });
    let required_share_bp = option::weighted(0.4, select(&[2000, 6000, 10_000][..]));
    (required_share_bp, 0..5_u32, sources).prop_map(|(required_share_bp, buffer_days, sources)| {
        let need = Need { item: 0, class: Class::Critical, required_share_bp, buffer_days, sources: &sources };
        Needs::from_iter([need])
    })
}

pub(super) fn graph() -> impl Strategy<Value = Graph> {
    prop::collection::vec(prop::collection::vec(need(), 0..3), NODES as usize).prop_map(|needs| {
        let mut graph = Graph::default();
        graph.grow(needs.len());
        for (node, needs) in (0..).zip(needs) {
            graph.set_needs(node, &needs.iter().flatten().collect());
        }
        graph
    })
}

fn is_met(need: Need<'_>, is_up: impl Fn(NodeIx) -> bool) -> bool {
    let counted: Vec<_> =
        need.sources.iter().filter(|s| s.active || s.qualified && s.switch_days <= need.buffer_days).collect();
    let up = || counted.iter().filter(|source| is_up(source.supplier));
    let Some(required) = need.required_share_bp else { return counted.is_empty() || up().count() > 0 };
    let all: u32 = counted.iter().map(|source| source.share_bp).sum();
    let unknown = if all < required { 10_000 - all } else { 0 };
    up().map(|source| source.share_bp).sum::<u32>() + unknown >= required
}

/// Who is down when `failed` have failed: everyone starts up, and goes down for a reason.
pub(super) fn down(graph: &Graph, failed: &Nodes) -> Nodes {
    let mut down = failed.clone();
    loop {
        let falls = |node: &u32| graph.needs(*node).any(|need| !is_met(need, |source| !down.contains(&source)));
        let next: Nodes = down.iter().copied().chain((0..NODES).filter(falls)).collect();
        if next == down {
            return down;
        }
        down = next;
    }
}

/// The day on which each node stops, from the equations of the design.
fn stopping_days(graph: &Graph, failed: NodeIx) -> BTreeMap<NodeIx, u32> {
    let mut days = BTreeMap::from([(failed, 0)]);
    loop {
        let mut next = days.clone();
        for node in 0..NODES {
            for need in graph.needs(node) {
                let runs_short = |day: &u32| !is_met(need, |source| days.get(&source).is_none_or(|stops| stops > day));
                if let Some(short) = days.values().copied().filter(runs_short).min() {
                    let day = next.entry(node).or_insert(u32::MAX);
                    *day = (*day).min(short + need.buffer_days);
                }
            }
        }
        if next == days {
            return days;
        }
        days = next;
    }
}

/// All sets of at most three nodes, without `0`, that bring 0 down and contain no smaller one that does.
fn cut_sets(graph: &Graph) -> BTreeSet<Vec<NodeIx>> {
    let mut cuts: BTreeSet<Vec<NodeIx>> = BTreeSet::new();
    for size in 1..=3 {
        for chosen in (0..1_u32 << NODES).filter(|chosen| chosen.count_ones() == size && chosen & 1 == 0) {
            let set: Nodes = (0..NODES).filter(|node| chosen >> node & 1 == 1).collect();
            let holds_smaller = cuts.iter().any(|cut| cut.iter().all(|node| set.contains(node)));
            if !holds_smaller && down(graph, &set).contains(&0) {
                cuts.insert(set.into_iter().collect());
            }
        }
    }
    cuts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nodes_stop_on_the_day_of_the_definition(graph in graph()) {
        for failed in 0..NODES {
            let found: BTreeMap<_, _> = stops(&graph, &[failed]).into_iter().map(|stop| (stop.node, stop.day)).collect();
            prop_assert_eq!(found, stopping_days(&graph, failed));
        }
    }

    #[test]
    fn cut_sets_are_all_the_minimal_ones(graph in graph()) {
        let found = minimal_cut_sets(&graph, 0, 3, &|| false).expect("few");
        let distinct: BTreeSet<Vec<NodeIx>> = found.iter().map(|set| set.to_vec()).collect();
        prop_assert_eq!(found.len(), distinct.len());
        prop_assert_eq!(distinct, cut_sets(&graph));
    }
}

/// The buyer, its required share, its buffer, and its sources with their shares.
pub(super) type SmallNeed<'a> = (NodeIx, Option<u32>, u32, &'a [(NodeIx, u32)]);

/// A graph of few needs with active sources.
pub(super) fn small(needs: &[SmallNeed<'_>]) -> Graph {
    let mut graph = Graph::default();
    let suppliers = needs.iter().flat_map(|(_, _, _, sources)| sources.iter().map(|(supplier, _)| *supplier));
    graph.grow(suppliers.max().map_or(10, |last| 10.max(last as usize + 1)));
    let mut by_node: BTreeMap<NodeIx, Needs> = BTreeMap::new();
    for (node, required_share_bp, buffer_days, sources) in needs {
        let source = |(supplier, share_bp): &(NodeIx, u32)| Source {
            supplier: *supplier,
            share_bp: *share_bp,
            switch_days: 0,
            active: true,
            qualified: true,
        };
        by_node.entry(*node).or_default().push(Need {
            item: 0,
            class: Class::Critical,
            required_share_bp: *required_share_bp,
            buffer_days: *buffer_days,
            sources: &sources.iter().map(source).collect::<Vec<_>>(),
        });
    }
    for (node, needs) in by_node {
        graph.set_needs(node, &needs);
    }
    graph
}

pub(super) const P: NodeIx = 0;
pub(super) const A: NodeIx = 1;
pub(super) const B: NodeIx = 2;
pub(super) const C: NodeIx = 3;
pub(super) const D: NodeIx = 4;

/// Examples 1 and 4.
pub(super) fn example_1() -> Graph {
    let one: &[(NodeIx, u32)] = &[(D, 10_000)];
    small(&[
        (P, None, 10, &[(A, 10_000)]),
        (A, None, 5, &[(B, 5000), (C, 5000)]),
        (B, None, 20, one),
        (C, None, 7, one),
    ])
}

#[test]
fn example_4_survives_35_days() {
    let days = stops(&example_1(), &[D]);
    let expected = [(0, D), (7, C), (20, B), (25, A), (35, P)];
    assert_eq!(days, expected.map(|(day, node)| StoppedNode { day, node }));
    assert_eq!(stops(&example_1(), &[B]), [StoppedNode { day: 0, node: B }]);
}

#[test]
fn cut_sets_of_the_examples() {
    let check = |graph: &Graph, order, expected: &[&[NodeIx]]| {
        let expected: Vec<CutSet> = expected.iter().map(|set| CutSet::from_slice(set)).collect();
        assert_eq!(minimal_cut_sets(graph, P, order, &|| false), Ok(expected));
    };
    check(&example_1(), 1, &[&[A], &[D]]);
    check(&example_1(), 2, &[&[A], &[D], &[B, C]]);
    check(&small(&[(P, Some(6000), 0, &[(A, 5000), (B, 3000), (C, 2000)])]), 3, &[&[A], &[B, C]]);
    check(&small(&[(P, None, 0, &[(A, 1)]), (A, None, 0, &[(B, 1)]), (B, None, 0, &[(A, 1)])]), 2, &[&[A], &[B]]);
}

#[test]
fn too_many_cut_sets_are_refused_in_a_sentence() {
    let sources: Vec<(NodeIx, u32)> = (1..=60).map(|node| (node, 100)).collect();
    let graph = small(&[(0, Some(5900 - 500), 0, &sources)]);
    let check = |order, expected: &str| {
        let error = minimal_cut_sets(&graph, 0, order, &|| false).expect_err("refused");
        assert_eq!(error.to_string(), expected);
        assert!(matches!(error, NoCutSets::TooMany { .. } | NoCutSets::Order { .. }));
    };
    check(7, "more than 1000000 sets would have to be tried up to order 7");
    check(0, "cut sets of order 0 are out of range: ask for 1 to 8");
    check(MAX_CUT_SET_ORDER + 1, "cut sets of order 9 are out of range: ask for 1 to 8");
    assert_eq!(minimal_cut_sets(&graph, 0, 2, &|| true), Err(NoCutSets::GivenUp));
}

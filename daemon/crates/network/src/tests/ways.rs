//! Who alone brings another down, and how: against the definitions, on the networks of `exact`, and on long chains.

use super::{
    exact::days,
    graphs::{A, B, C, D, P, example_1, small},
};
use crate::{
    GivenUp, NeedOf, SinglePointNode, UpstreamOf, Ways,
    cuts::CutSet,
    graph::{Graph, Need, Needs, NodeIx},
};
use std::collections::BTreeSet;

/// Checks the single points of `of`, given by `sets`, with everything that is reported of them.
pub(super) fn check_single_points(seed: u64, graph: &Graph, of: NodeIx, sets: &[CutSet]) {
    let behind = UpstreamOf::of(graph, of);
    let found = behind.single_points(|node| node, &|| false).expect("there is time");
    let day = |point: NodeIx| days(graph, 1 << point)[of as usize].expect("its failure brings the other down");
    let mut right: Vec<(u32, NodeIx)> = sets.iter().map(|set| (day(set[0]), set[0])).collect();
    right.sort_unstable();
    let told: Vec<(u32, NodeIx)> = found.iter().map(|point| (point.survives_days, point.node)).collect();
    assert_eq!(told, right, "seed {seed}, node {of}");
    for point in found {
        let direct = graph.suppliers(of).any(|supplier| supplier == point.node);
        assert_eq!(point.is_hidden, !direct, "seed {seed}, node {of}: {point:?}");
        let met = reached(graph, of, |need, source| need.required_weight() > 0 && need.counts(source), None);
        assert_eq!(
            met.iter().position(|tier| tier.contains(&point.node)),
            Some(point.tier as usize),
            "{seed} {point:?}"
        );
        check_ways(seed, graph, of, point.node, &behind.ways(point.node));
    }
}

/// Tier by tier, the nodes upstream of `of` through the sources that `counts`, without `removed`.
fn reached(
    graph: &Graph,
    of: NodeIx,
    counts: impl Fn(&Need<'_>, &crate::graph::Source) -> bool,
    removed: Option<NodeIx>,
) -> Vec<BTreeSet<NodeIx>> {
    let mut tiers = vec![BTreeSet::from([of])];
    let mut met = BTreeSet::from([of]);
    while let Some(last) = tiers.last().filter(|last| !last.is_empty()) {
        let mut next = BTreeSet::new();
        for need in last.iter().flat_map(|node| graph.needs(*node)) {
            next.extend(need.sources.iter().filter(|source| counts(&need, source)).map(|source| source.supplier));
        }
        next.retain(|node| Some(*node) != removed && met.insert(*node));
        tiers.push(next);
    }
    tiers
}

fn check_ways(seed: u64, graph: &Graph, of: NodeIx, point: NodeIx, found: &Ways) {
    let down = days(graph, 1 << point);
    let is_down = |node: NodeIx| down[node as usize].is_some();
    let is_unmet = |need: &Need<'_>| {
        let up: u64 = need.counted().filter(|(source, _)| !is_down(*source)).map(|(_, weight)| weight).sum();
        up < need.required_weight()
    };
    // A way leads from a need that is not met to a source that is down.
    let fails = |need: &Need<'_>, source: &crate::graph::Source| {
        is_unmet(need) && need.counts(source) && is_down(source.supplier)
    };
    let others = graph.nodes().filter(|node| *node != of && *node != point);
    let blocks = |node: &NodeIx| !reached(graph, of, fails, Some(*node)).iter().any(|tier| tier.contains(&point));
    let common: BTreeSet<NodeIx> = others.filter(blocks).collect();
    assert_eq!(found.common.iter().copied().collect::<BTreeSet<_>>(), common, "seed {seed}: {point} brings {of} down");
    assert_eq!(found.common.len(), common.len(), "seed {seed}: {found:?}");

    let mut helps = Vec::new();
    for node in graph.nodes().filter(|node| *node != point && is_down(*node)) {
        for held in graph.needs(node).filter(is_unmet) {
            let mut held_met = graph.clone();
            let others: Needs = graph.needs(node).filter(|need| need.item != held.item).collect();
            held_met.set_needs(node, &others);
            if days(&held_met, 1 << point)[of as usize].is_none() {
                helps.push(NeedOf { node, item: held.item });
            }
        }
    }
    assert_eq!(found.second_source, helps, "seed {seed}: {point} brings {of} down");
    let entries: Vec<NeedOf> =
        graph.needs(of).filter(is_unmet).map(|need| NeedOf { node: of, item: need.item }).collect();
    assert_eq!(found.entries, entries, "seed {seed}: {point} brings {of} down");
}

fn need(node: NodeIx) -> NeedOf {
    NeedOf { node, item: 0 }
}

#[test]
fn a_forge_behind_two_makers_can_be_doubled_anywhere() {
    let graph = example_1();
    let ways = UpstreamOf::of(&graph, P).ways(D);
    assert_eq!(ways.common, [A]);
    assert_eq!(ways.second_source, [need(P), need(A), need(B), need(C)]);
    assert_eq!(ways.entries, [need(P)]);
}

#[test]
fn what_comes_in_by_two_needs_is_stopped_where_they_meet() {
    // P needs A and B, who both need C, who needs D: a second source of A leaves P to B.
    let one = |supplier| [(supplier, 10_000)];
    let (a, b, c, d) = (one(A), one(B), one(C), one(D));
    let mut graph = small(&[(A, None, 0, &c), (B, None, 0, &c), (C, None, 0, &d)]);
    let sources: Vec<_> =
        small(&[(P, None, 0, &a), (P, None, 0, &b)]).needs(P).map(|need| need.sources.to_vec()).collect();
    let of_p = small(&[(P, None, 0, &a)]);
    let like = of_p.needs(P).next().expect("there is one");
    let needs = (0..).zip(&sources).map(|(item, sources)| Need { item, sources, ..like });
    graph.set_needs(P, &needs.collect());
    let behind = UpstreamOf::of(&graph, P);
    let ways = behind.ways(D);
    assert_eq!(ways.common, [C]);
    assert_eq!(ways.second_source, [need(C)]);
    assert_eq!(ways.entries, [NeedOf { node: P, item: 0 }, NeedOf { node: P, item: 1 }]);
    // They meet in C itself: no single need helps.
    let ways = behind.ways(C);
    assert_eq!((ways.common.len(), ways.second_source.len(), ways.entries.len()), (0, 0, 2));
}

/// A programme at the end of `links` links, each of which needs the next through `width` others.
fn chain(links: u32, width: u32) -> Graph {
    let mut graph = Graph::default();
    graph.grow((links * (width + 1) + 1) as usize);
    let like = small(&[(P, None, 2, &[(A, 10_000)])]);
    let like = like.needs(P).next().expect("there is one");
    let source = |supplier: NodeIx| crate::graph::Source { supplier, ..like.sources[0] };
    for link in 0..links {
        let (first, next) = (link * (width + 1), (link + 1) * (width + 1));
        let between: Vec<_> = (first + 1..next).map(source).collect();
        let sources = if width == 0 { vec![source(next)] } else { between };
        graph.set_needs(first, &Needs::from_iter([Need { sources: &sources, ..like }]));
        for node in first + 1..next {
            graph.set_needs(node, &Needs::from_iter([Need { sources: &[source(next)], ..like }]));
        }
    }
    graph
}

#[test]
fn a_long_chain_is_one_step_a_link() {
    // Following each to the programme would take 10^9 steps and more.
    for (links, width, days) in [(50_000, 0, 2), (20_000, 2, 4)] {
        let graph = chain(links, width);
        let behind = UpstreamOf::of(&graph, P);
        let points = behind.single_points(|node| node, &|| false).expect("there is time");
        assert_eq!(points.len(), links as usize);
        let last = points.last().copied().expect("there are some");
        let (node, tier) = (links * (width + 1), links * if width == 0 { 1 } else { 2 });
        assert_eq!(last, SinglePointNode { node, is_hidden: true, tier, survives_days: links * days });
        if width == 0 {
            let ways = behind.ways(node);
            assert_eq!((ways.common.len(), ways.second_source.len()), (links as usize - 1, links as usize));
        }
    }
}

#[test]
fn single_points_are_given_up_when_asked() {
    let graph = example_1();
    assert_eq!(UpstreamOf::of(&graph, P).single_points(|node| node, &|| true), Err(GivenUp));
}

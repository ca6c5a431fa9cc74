//! All exact answers against an oracle that tries every set of failures, on many small random networks with thresholds,
//! cycles, shocks and idle sources.

use super::graphs::{SmallNeed, small};
use crate::{
    attribution::RootCause,
    cuts::{CutSet, minimal_cut_sets},
    exact::{Budget, CutSets, Exact, NotExact, cut_sets, exact, exact_by_dividing, exact_by_sifting},
    exposure::{Hazard, Hazards, Sample, Shock, exposure_of},
    graph::{Graph, Need, Needs, NodeIx, Source},
    model::claims::Class,
    random::{mix, stream},
    survival::stops,
};

/// How many networks are tried.
const NETWORKS: u64 = 10_000;

/// How many threads try them.
const THREADS: u64 = 4;

/// Most nodes of one network.
const MAX_NODES: u64 = 14;

/// Numbers that look random, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0) % end
    }

    fn number(&mut self, end: u64) -> u32 {
        u32::try_from(self.below(end)).expect("small")
    }

    fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }

    fn probability(&mut self) -> f64 {
        f64::from(self.number(1000)) / 1000.0
    }
}

pub(super) struct Case {
    pub(super) graph: Graph,
    pub(super) hazards: Hazards,
}

fn case(seed: u64) -> Case {
    let dice = &mut Dice(mix(seed));
    let nodes = if dice.one_in(40) { MAX_NODES } else { 2 + dice.below(8) };
    let mut graph = Graph::default();
    graph.grow(usize::try_from(nodes).expect("small"));
    // Half of the networks have no cycle.
    let cyclic = dice.one_in(2);
    for node in 0..u32::try_from(nodes).expect("small") {
        let suppliers = if cyclic { nodes } else { nodes - 1 - u64::from(node) };
        let first = if cyclic { 0 } else { node + 1 };
        let needs = if suppliers == 0 { 0 } else { dice.below(4) };
        let mut all = Needs::default();
        (0..needs).for_each(|item| add_need(&mut all, dice, item, first, suppliers));
        graph.set_needs(node, &all);
    }
    let own = (0..nodes).map(|node| Hazard {
        probability: match dice.below(8) {
            0 => 0.0,
            1 => 1.0,
            _ => dice.probability(),
        },
        stream: stream(&format!("{seed} {node}")),
    });
    let own = own.collect();
    let shocks = (0..dice.below(3)).map(|shock| Shock {
        hazard: Hazard { probability: dice.probability() / 4.0, stream: stream(&format!("shock {shock}")) },
        nodes: (0..1 + dice.below(3)).map(|_| dice.number(nodes)).collect(),
    });
    let shocks = shocks.collect();
    Case { graph, hazards: Hazards { own, shocks } }
}

fn add_need(needs: &mut Needs, dice: &mut Dice, item: u64, first: u32, suppliers: u64) {
    let mut sources: Vec<Source> = (0..1 + dice.below(4))
        .map(|_| Source {
            supplier: first + dice.number(suppliers),
            share_bp: 1000 * (1 + dice.number(5)),
            switch_days: dice.number(40),
            active: !dice.one_in(4),
            qualified: !dice.one_in(4),
        })
        .collect();
    sources.sort_by_key(|source| source.supplier);
    sources.dedup_by_key(|source| source.supplier);
    needs.push(Need {
        item: u32::try_from(item).expect("small"),
        class: Class::Critical,
        required_share_bp: dice.one_in(2).then(|| 1000 * (1 + dice.number(9))),
        buffer_days: dice.number(30),
        sources: &sources,
    });
}

/// A set of nodes: bit n stands for node n.
type Nodes = u32;

/// The nodes that are down, and on which day each stops, when `failed` stop at day 0: again and again until nothing
/// changes.
pub(super) fn days(graph: &Graph, failed: Nodes) -> Vec<Option<u32>> {
    let mut days: Vec<Option<u32>> = (0..graph.len()).map(|node| (failed >> node & 1 == 1).then_some(0)).collect();
    loop {
        let before = days.clone();
        for node in (0..graph.len()).filter(|node| failed >> node & 1 == 0) {
            let needs = graph.needs(u32::try_from(node).expect("small"));
            days[node] = needs.filter_map(|need| runs_out(need, &before)).min();
        }
        if days == before {
            return days;
        }
    }
}

fn runs_out(need: Need<'_>, days: &[Option<u32>]) -> Option<u32> {
    let weight = |source: &Source| if need.required_share_bp.is_some() { u64::from(source.share_bp) } else { 1 };
    let counted: Vec<&Source> = need
        .sources
        .iter()
        .filter(|source| source.active || (source.qualified && source.switch_days <= need.buffer_days))
        .collect();
    let whole: u64 = counted.iter().map(|source| weight(source)).sum();
    let required = match need.required_share_bp.map(u64::from) {
        None => whole.min(1),
        // Supply of unknown origin comes from one unknown supplier that never fails.
        Some(required) if required > whole => required.saturating_sub(10_000_u64.saturating_sub(whole)).min(whole),
        Some(required) => required,
    };
    let up_after = |day: u32| -> u64 {
        let up = counted.iter().filter(|source| days[source.supplier as usize].is_none_or(|stops| stops > day));
        up.map(|source| weight(source)).sum()
    };
    let mut stopping: Vec<u32> = counted.iter().filter_map(|source| days[source.supplier as usize]).collect();
    stopping.sort_unstable();
    stopping.into_iter().find(|day| up_after(*day) < required).map(|day| day + need.buffer_days)
}

struct Oracle {
    /// By set of failed nodes: the nodes that are down.
    down: Vec<Nodes>,
}

impl Oracle {
    fn of(graph: &Graph) -> Self {
        let set = |days: Vec<Option<u32>>| {
            days.iter().enumerate().filter(|(_, day)| day.is_some()).fold(0, |set, (node, _)| set | 1 << node)
        };
        Self { down: (0..1 << graph.len()).map(|failed| set(days(graph, failed))).collect() }
    }

    fn is_down(&self, node: usize, failed: Nodes) -> bool {
        self.down[failed as usize] >> node & 1 == 1
    }

    fn probability(&self, case: &Case, node: usize, fixed: Option<(RootCause, bool)>) -> f64 {
        let probability = |root: RootCause| match fixed {
            Some((fixed, happens)) if fixed == root => f64::from(u8::from(happens)),
            _ => match root {
                RootCause::Node(node) => case.hazards.own[node as usize].probability,
                RootCause::Shock(shock) => case.hazards.shocks[shock].hazard.probability,
            },
        };
        let mut sum = 0.0;
        for shocks in 0..1_usize << case.hazards.shocks.len() {
            let mut struck = 0;
            let mut weight = 1.0;
            for (number, shock) in case.hazards.shocks.iter().enumerate() {
                let happens = shocks >> number & 1 == 1;
                let own = probability(RootCause::Shock(number));
                weight *= if happens { own } else { 1.0 - own };
                if happens {
                    struck |= shock.nodes.iter().fold(0, |set, node| set | 1 << node);
                }
            }
            sum += weight * self.of_nodes(case.graph.len(), struck, node, &probability);
        }
        sum
    }

    fn of_nodes(&self, nodes: usize, struck: Nodes, node: usize, probability: &dyn Fn(RootCause) -> f64) -> f64 {
        // By set of failed nodes: the probability that exactly these fail.
        let mut weights = vec![1.0];
        for other in (0..).take(nodes) {
            let own = probability(RootCause::Node(other));
            let failing: Vec<f64> = weights.iter().map(|weight| weight * own).collect();
            weights.iter_mut().for_each(|weight| *weight *= 1.0 - own);
            weights.extend(failing);
        }
        let down = (0..).zip(&weights).filter(|(failed, _)| self.is_down(node, failed | struck));
        down.map(|(_, weight)| weight).sum()
    }

    /// The minimal cut sets of `node` among `able`, without itself.
    fn cut_sets(&self, node: usize, able: Nodes) -> Vec<CutSet> {
        let sets = (1..u32::try_from(self.down.len()).expect("small")).filter(|set| {
            set & !able == 0
                && self.is_down(node, *set)
                && (0..14).filter(|one| set >> one & 1 == 1).all(|one| !self.is_down(node, set & !(1 << one)))
        });
        let nodes = |set: Nodes| (0..14).filter(|one| set >> one & 1 == 1).collect();
        let mut sets: Vec<CutSet> = sets.map(nodes).collect();
        sets.sort_by(|one, other| one.len().cmp(&other.len()).then_with(|| one.cmp(other)));
        sets
    }
}

fn check(seed: u64) {
    let case = case(seed);
    let oracle = Oracle::of(&case.graph);
    let all: Nodes = (1 << case.graph.len()) - 1;
    for node in 0..2.min(case.graph.len()) {
        let number = u32::try_from(node).expect("small");
        let right = oracle.probability(&case, node, None);
        let by_diagrams = exact(&case.graph, number, &case.hazards, Budget::default());
        let by_dividing = exact_by_dividing(&case.graph, number, &case.hazards);
        let by_sifting = exact_by_sifting(&case.graph, number, &case.hazards);
        for found in [by_diagrams, by_dividing, by_sifting] {
            let found = found.expect("small");
            let probability = found.probability;
            assert!((probability - right).abs() < 1e-12, "seed {seed}, node {node}: {probability} {right}");
            check_importance(seed, &case, &oracle, node, &found);
        }
        check_few_nodes(seed, &case, number, right);
        let others = all & !(1 << node);
        let sets = oracle.cut_sets(node, others);
        assert_eq!(
            minimal_cut_sets(&case.graph, number, 3, &|| false),
            Ok(up_to(&sets, 3)),
            "seed {seed}, node {node}"
        );
        check_counts(seed, &case, number, &sets, others);
        super::ways::check_single_points(seed, &case.graph, number, &up_to(&sets, 1));
        let able = others & Dice(seed).number(1 << MAX_NODES);
        check_counts(seed, &case, number, &oracle.cut_sets(node, able), able);
    }
    for failed in (0..).take(case.graph.len()) {
        let right = days(&case.graph, 1 << failed);
        let mut found = vec![None; case.graph.len()];
        stops(&case.graph, &[failed]).iter().for_each(|stop| found[stop.node as usize] = Some(stop.day));
        assert_eq!(found, right, "seed {seed}: {failed} fails");
    }
}

/// With hardly any room, diagrams are collected, given up and divided: the answer is right, or there is none.
fn check_few_nodes(seed: u64, case: &Case, node: NodeIx, right: f64) {
    for nodes in [12, 24, 48, 96] {
        match exact(&case.graph, node, &case.hazards, Budget { nodes, ..Budget::default() }) {
            Ok(Exact { probability, .. }) => {
                assert!(
                    (probability - right).abs() < 1e-12,
                    "seed {seed}, node {node}, {nodes}: {probability} {right}"
                );
            }
            Err(why) => assert_eq!(why, NotExact::Nodes { limit: nodes }, "seed {seed}, node {node}"),
        }
    }
}

fn up_to(sets: &[CutSet], order: usize) -> Vec<CutSet> {
    sets.iter().filter(|set| set.len() <= order).cloned().collect()
}

fn check_counts(seed: u64, case: &Case, node: NodeIx, sets: &[CutSet], able: Nodes) {
    for order in [1, 2, 4, 14] {
        let counts = (1..=order).map(|size| sets.iter().filter(|set| set.len() == size).count() as u128).collect();
        let right = CutSets { counts, sets: up_to(sets, order) };
        let can_fail = |other: NodeIx| able >> other & 1 == 1;
        let found = cut_sets(&case.graph, node, &can_fail, order, 100_000, Budget::default());
        assert_eq!(found.as_ref(), Ok(&right), "seed {seed}, node {node}, order {order}");
        for listed_max in if seed.is_multiple_of(20) { 0..4 } else { 0..0 } {
            let some =
                cut_sets(&case.graph, node, &can_fail, order, listed_max, Budget::default()).expect("it is small");
            let what = format!("seed {seed}, node {node}, order {order}, {listed_max} listed");
            assert_eq!((&some.counts, some.sets.len()), (&right.counts, right.sets.len().min(listed_max)), "{what}");
            assert!(some.sets.iter().all(|set| right.sets.contains(set)), "{what}");
        }
    }
}

fn check_importance(seed: u64, case: &Case, oracle: &Oracle, node: usize, found: &Exact) {
    for importance in &found.importance {
        let with = oracle.probability(case, node, Some((importance.root, true)));
        let without = oracle.probability(case, node, Some((importance.root, false)));
        assert!((importance.birnbaum - (with - without)).abs() < 1e-9, "seed {seed}, node {node}: {importance:?}");
        let spared = if found.probability > 0.0 { 1.0 - without / found.probability } else { 0.0 };
        assert!((importance.fussell_vesely - spared).abs() < 1e-9, "seed {seed}, node {node}: {importance:?}");
    }
}

#[test]
fn all_exact_answers_are_the_oracles() {
    // Plain threads: a worker of rayon that waits for an answer would begin the next network on the same stack.
    std::thread::scope(|scope| {
        for first in 0..THREADS {
            scope.spawn(move || (first..NETWORKS).step_by(THREADS as usize).for_each(check));
        }
    });
}

#[test]
fn the_interval_holds_the_exact_answer_as_often_as_it_says() {
    let mut held = 0;
    let mut tried = 0;
    for seed in 0.. {
        let case = case(seed);
        let sample = Sample { scenarios: 1024, seed };
        let right = exact(&case.graph, 0, &case.hazards, Budget::default()).expect("small").probability;
        // An almost certain answer cannot be checked by an estimate.
        if !(0.01..=0.99).contains(&right) {
            continue;
        }
        let estimate = exposure_of(&case.graph, [0], &case.hazards, sample).estimate(0);
        tried += 1;
        held += u32::from(estimate.low <= right && right <= estimate.high);
        if tried == 2000 {
            break;
        }
    }
    assert!((1860..=1940).contains(&held), "{held} of {tried}");
}

/// `members` on a ring where each needs any one of the next two: they are one module that does not fall apart.
fn ring(members: u32) -> Case {
    let mut graph = Graph::default();
    graph.grow(members as usize);
    for node in 0..members {
        let source = |step: u32| Source {
            supplier: (node * 7 + step * 13) % members,
            share_bp: 5000,
            switch_days: 0,
            active: true,
            qualified: true,
        };
        let mut sources = vec![source(1), source(2)];
        sources.sort_by_key(|source| source.supplier);
        let need = Need { item: 0, class: Class::Critical, required_share_bp: None, buffer_days: 0, sources: &sources };
        graph.set_needs(node, &Needs::from_iter([need]));
    }
    let own = (0..members).map(|node| Hazard { probability: 0.1, stream: stream(&node.to_string()) });
    Case { graph, hazards: Hazards { own: own.collect(), shocks: Vec::new() } }
}

#[test]
fn a_limit_ends_in_a_sentence() {
    let Case { graph, hazards } = ring(60);
    let few = Budget { nodes: 20, ..Budget::default() };
    let refused = exact(&graph, 0, &hazards, few).expect_err("20 nodes are too few");
    assert_eq!(refused, NotExact::Nodes { limit: 20 });
    assert_eq!(refused.to_string(), "every way that was tried takes more than 20 nodes");
    let hurried = Budget { give_up: &|| true, ..Budget::default() };
    assert_eq!(exact(&graph, 0, &hazards, hurried), Err(NotExact::GivenUp));
    assert_eq!(cut_sets(&graph, 0, &|_| true, 3, 10, hurried), Err(NotExact::GivenUp));
}

/// Larger sets of a part must not use up the list: beside Y there is only room for C, and not for A and B.
#[test]
fn as_many_cut_sets_are_listed_as_asked_for() {
    let [p, s, y, a, b, c] = [0, 1, 2, 3, 4, 5];
    let pair: SmallNeed<'_> = (s, None, 0, &[(a, 1), (b, 1)]);
    let single: SmallNeed<'_> = (s, None, 0, &[(c, 1)]);
    for needs in [[pair, single], [single, pair]] {
        let graph = small(&[&needs[..], &[(p, None, 0, &[(s, 1), (y, 1)])]].concat());
        let found = cut_sets(&graph, p, &|node| node != s, 2, 1, Budget::default()).expect("it is small");
        assert_eq!(found, CutSets { counts: vec![0, 1], sets: vec![CutSet::from_slice(&[y, c])] });
    }
}

//! The supply network at a size of up to a million organisations: building it, all single points of failure, the exposure
//! of every node, one change; beside it the same questions answered scenario by scenario over a petgraph graph.
//!
//! `cargo bench --bench network` takes some two minutes; an argument is another greatest number of organisations.

#![allow(clippy::print_stdout, reason = "a benchmark prints its tables")]

mod common;

use common::{memory_mb, print_machine};
use petgraph::{
    Direction::{Incoming, Outgoing},
    graph::{DiGraph, NodeIndex},
    visit::EdgeRef as _,
};
use std::{
    collections::HashSet,
    hint::black_box,
    time::{Duration, Instant as Clock},
};
use tierwatch::{
    model::{
        Organisation,
        claims::{Class, Text},
    },
    network::{
        Network, Statement,
        exposure::{Hazard, Hazards, IncrementalExposures, Sample, Shock},
        graph::NodeIx,
        random::stream,
    },
};

const LARGEST: usize = 1_000_000;
/// Sources for each hundred organisations.
const SOURCES_PERCENT: usize = 220;
/// Organisations of each tier, of a hundred.
const TIERS_PERCENT: [usize; 5] = [2, 8, 20, 30, 40];
const ORGANISATIONS_A_PROGRAMME: usize = 20_000;
const REGIONS: usize = 20;
/// Organisations whose statements are made before the clock runs.
const TOLD_TOGETHER: usize = 10_000;
const CHANGES: usize = 201;
/// What the plain simulation is asked for; its time for more is in proportion.
const PLAIN_SCENARIOS: u32 = 16;
const PLAIN_POINTS: usize = 200;

fn main() {
    print_machine();
    let asked = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let largest = asked.unwrap_or(LARGEST);
    let sizes: Vec<usize> = (0..).map(|power| 10_usize.pow(power) * 1000).take_while(|size| *size < largest).collect();
    let runs: Vec<Figures> = sizes.into_iter().chain([largest]).map(|size| measure(size, size == largest)).collect();
    print_table(&runs);
}

/// Times in seconds, in the order of [`FIGURES`].
struct Figures {
    organisations: usize,
    seconds: [f64; FIGURES.len()],
}

const FIGURES: [&str; 5] = ["build", "single points and facts", "4096 scenarios", "one score", "one source"];

fn measure(organisations: usize, is_largest: bool) -> Figures {
    let supply = Supply::new(organisations);
    let mut network = Network::default();
    let build = (0..supply.len()).step_by(TOLD_TOGETHER).map(|start| supply.tell(&mut network, start)).sum();
    let settle = timed(|| drop(black_box(network.settle())));
    let mut hazards = hazards(&network);
    let mut incremental = None;
    let simulate =
        timed(|| incremental = Some(IncrementalExposures::new(network.graph(), &hazards, Sample::default())));
    let mut incremental = incremental.expect("the simulation ran");
    let rescored = median((0..CHANGES).map(|change| {
        let node = any(change, network.graph().len());
        let probability = if hazards.own[node as usize].probability > 0.1 { 0.02 } else { 0.2 };
        hazards.set_probability(node, probability);
        timed(|| drop(black_box(incremental.update(network.graph(), &hazards, &[node]))))
    }));
    let resourced = median((0..CHANGES).map(|change| {
        let buyer = any(change + CHANGES, supply.buyers) as usize;
        let mut statements = supply.statements(buyer);
        // One source less, and in the next round all of them again.
        if change % 2 == 0 {
            let last = statements.iter().rposition(|statement| matches!(statement, Statement::Source { .. }));
            statements.remove(last.expect("a buyer has sources"));
        }
        timed(|| {
            network.set(&supply.names[buyer], statements);
            let node = network.node(&supply.names[buyer]).expect("it is in the network");
            black_box(network.settle());
            black_box(incremental.update(network.graph(), &hazards, &[node]));
        })
    }));
    if is_largest {
        let pid = std::process::id();
        println!(
            "{organisations} organisations, {} sources, {} programmes: resident {:.0} MB, peak {:.0} MB",
            supply.sources.iter().map(Vec::len).sum::<usize>(),
            supply.programmes,
            memory_mb(pid, "VmRSS"),
            memory_mb(pid, "VmHWM")
        );
        compare(&supply, &network, &hazards, &incremental, settle, simulate);
    }
    Figures { organisations, seconds: [build, settle, simulate, rescored, resourced].map(|time| time.as_secs_f64()) }
}

fn print_table(runs: &[Figures]) {
    println!(
        "\n{:<28}{}{:>10}",
        "seconds",
        runs.iter().map(|run| format!("{:>12}", run.organisations)).collect::<String>(),
        "exponent"
    );
    for (index, figure) in FIGURES.iter().enumerate() {
        let times: String = runs.iter().map(|run| format!("{:>12.6}", run.seconds[index])).collect();
        println!("{figure:<28}{times}{:>10.2}", exponent(runs, index));
    }
}

/// The slope of log time against log size between the smallest and the largest.
fn exponent(runs: &[Figures], index: usize) -> f64 {
    let [first, .., last] = runs else { return f64::NAN };
    let size = |run: &Figures| f64::from(u32::try_from(run.organisations).expect("a size"));
    (last.seconds[index] / first.seconds[index]).ln() / (size(last) / size(first)).ln()
}

/// A supply network of five tiers: most sources near by in the next one, some hubs that everybody uses, some cycles.
struct Supply {
    names: Vec<Organisation>,
    items: Vec<Text>,
    programmes: usize,
    /// Who needs anything is before this.
    buyers: usize,
    /// By node: by need, its sources.
    sources: Vec<Vec<(u32, NodeIx)>>,
}

impl Supply {
    fn new(organisations: usize) -> Self {
        let programmes = 2 + organisations / ORGANISATIONS_A_PROGRAMME;
        let mut ends = vec![programmes];
        for percent in TIERS_PERCENT {
            ends.push(ends[ends.len() - 1] + organisations * percent / 100);
        }
        let len = ends[ends.len() - 1];
        let name = |node: usize| {
            let scheme = if node < programmes { "PROGRAMME" } else { "XI-TEST" };
            Organisation::checked_before(&format!("{scheme}:{node:07}"))
        };
        let buyers = ends[TIERS_PERCENT.len() - 1];
        let mut supply = Self {
            names: (0..len).map(name).collect(),
            items: Vec::new(),
            programmes,
            buyers,
            sources: vec![Vec::new(); len],
        };
        supply.wire(&ends, organisations * SOURCES_PERCENT / 100);
        supply
    }

    fn wire(&mut self, ends: &[usize], sources: usize) {
        let mut random = Random(1);
        let mut left = sources;
        let mut need = 0_u32;
        // Every buyer gets one need, and then another, until the sources are used up.
        while left > 0 {
            for tier in 0..TIERS_PERCENT.len() {
                let start = tier.checked_sub(1).map_or(0, |before| ends[before]);
                for buyer in start..ends[tier] {
                    let needs = if tier == 0 { 20_u32 } else { 1 };
                    for item in 0..needs {
                        let wanted = [1, 1, 1, 2, 2, 2, 2, 3, 3, 4][random.below(10)].min(left);
                        let position = (buyer - start) as f64 / (ends[tier] - start) as f64;
                        let found = (0..wanted).map(|_| random.source(ends, tier, position));
                        let found: HashSet<usize> = found.filter(|source| *source != buyer).collect();
                        left -= found.len();
                        let sources = found.into_iter().map(|source| (need * 20 + item, source as NodeIx));
                        self.sources[buyer].extend(sources);
                    }
                }
            }
            need += 1;
        }
        self.sources.iter_mut().for_each(|sources| sources.sort_unstable());
        self.items = (0..need * 20).map(|item| format!("item {item}").as_str().into()).collect();
    }

    fn len(&self) -> usize {
        self.names.len()
    }

    /// Tells `network` what is said of the nodes from `start` on; returns how long that takes it.
    fn tell(&self, network: &mut Network, start: usize) -> Duration {
        let end = self.len().min(start + TOLD_TOGETHER);
        let statements: Vec<Vec<Statement>> = (start..end).map(|node| self.statements(node)).collect();
        timed(|| self.names[start..end].iter().zip(statements).for_each(|(name, said)| network.set(name, said)))
    }

    /// What the attestations about `node` say.
    fn statements(&self, node: usize) -> Vec<Statement> {
        let buyer = &self.names[node];
        let mut statements = Vec::with_capacity(2 * self.sources[node].len());
        for sources in self.sources[node].chunk_by(|one, other| one.0 == other.0) {
            let item = &self.items[sources[0].0 as usize];
            let count = u32::try_from(sources.len()).expect("few");
            statements.push(Statement::Need {
                buyer: buyer.clone(),
                item: item.clone(),
                class: Class::Critical,
                required_share_bp: (count == 4).then_some(5_000),
                buffer_days: 5 * count,
            });
            statements.extend(sources.iter().map(|(_, source)| Statement::Source {
                supplier: self.names[*source as usize].clone(),
                buyer: buyer.clone(),
                item: item.clone(),
                share_bp: 10_000 / count,
                qualified: true,
                switch_days: 0,
            }));
        }
        if node < self.programmes {
            statements.push(Statement::Requirement(tierwatch::network::StatedRequirement {
                programme: buyer.clone(),
                criticality: 3,
                cyber_level: Some(2),
                cmmc_level: None,
                clearance_level: None,
                headcount: 0,
                flow_tiers: None,
            }));
        }
        statements
    }
}

fn hazards(network: &Network) -> Hazards {
    let own = |name: &Organisation| {
        if name.is_programme() { 0.0 } else { 0.01 + 0.0001 * (stream(name.as_str()) % 400) as f64 }
    };
    let mut hazards = network.hazards(own);
    for region in 0..REGIONS {
        let nodes = network.graph().nodes().filter(|node| *node as usize % REGIONS == region);
        let nodes = nodes.filter(|node| !network.organisation(*node).is_programme()).collect();
        let hazard = Hazard { probability: 0.01, stream: stream(&format!("region {region}")) };
        hazards.shocks.push(Shock { hazard, nodes });
    }
    hazards
}

/// Prints what the same questions cost one scenario after another, and that the answers agree.
fn compare(
    supply: &Supply,
    network: &Network,
    hazards: &Hazards,
    incremental: &IncrementalExposures,
    settle: Duration,
    simulate: Duration,
) {
    let plain = Plain::new(network);
    let mut hits = vec![0_u32; network.graph().len()];
    let mut random = Random(7);
    let scenarios = timed(|| {
        for _ in 0..PLAIN_SCENARIOS {
            plain.scenario(hazards, &mut random).into_iter().for_each(|node| hits[node.index()] += 1);
        }
    });
    let nodes = f64::from(u32::try_from(hits.len()).expect("a size"));
    let share = f64::from(hits.iter().sum::<u32>()) / f64::from(PLAIN_SCENARIOS) / nodes;
    let ours = network.graph().nodes().map(|node| incremental.estimate(node).probability).sum::<f64>() / nodes;
    let scenarios_a_second = |scenarios: u32, time: Duration| f64::from(scenarios) / time.as_secs_f64();
    let (fast, slow) = (scenarios_a_second(4096, simulate), scenarios_a_second(PLAIN_SCENARIOS, scenarios));
    println!("scenarios/s: tierwatch {fast:.0}, petgraph one by one {slow:.1}: {:.0} times", fast / slow);
    println!("mean probability of being down: tierwatch {ours:.4}, petgraph {share:.4} in {PLAIN_SCENARIOS} scenarios");

    let sampled: Vec<NodeIndex> =
        (0..PLAIN_POINTS).map(|point| NodeIndex::new(any(point, supply.len()) as usize)).collect();
    let mut falls = Vec::new();
    let points = timed(|| falls = sampled.iter().map(|point| plain.fall([*point])).collect());
    for (point, fallen) in sampled.iter().zip(falls) {
        let fallen: Vec<NodeIndex> = fallen;
        let organisation = &supply.names[point.index()];
        let programmes = fallen.iter().filter(|node| **node != *point && node.index() < supply.programmes).count();
        assert_eq!(network.facts(organisation).impact.single_point_of.len(), programmes, "{organisation}");
    }
    let one = points.as_secs_f64() / f64::from(u32::try_from(PLAIN_POINTS).expect("few"));
    let all = one * nodes;
    println!(
        "all single points: tierwatch {:.2} s with every fact, petgraph one failure after another {all:.2} s: {:.1} times",
        settle.as_secs_f64(),
        all / settle.as_secs_f64()
    );
}

/// The same network as a petgraph graph, sources pointing to needs and needs to buyers, and the obvious walk over it.
struct Plain {
    graph: DiGraph<u64, u64>,
    nodes: usize,
}

impl Plain {
    /// A node's weight is what it can lose and still be up; a need's edge weighs what its source supplies.
    fn new(network: &Network) -> Self {
        let mut graph = DiGraph::new();
        let nodes = network.graph().len();
        for _ in 0..nodes {
            graph.add_node(0);
        }
        for buyer in network.graph().nodes() {
            for need in network.graph().needs(buyer) {
                let supplied: u64 = need.counted().map(|(_, weight)| weight).sum();
                let met = graph.add_node(supplied - need.required_weight());
                graph.add_edge(met, NodeIndex::new(buyer as usize), 1);
                for (source, weight) in need.counted() {
                    graph.add_edge(NodeIndex::new(source as usize), met, weight);
                }
            }
        }
        Self { graph, nodes }
    }

    /// Who is down, by itself or because of others.
    fn scenario(&self, hazards: &Hazards, random: &mut Random) -> Vec<NodeIndex> {
        let mut failed: Vec<NodeIndex> = Vec::new();
        for (node, hazard) in hazards.own.iter().enumerate() {
            if random.unit() < hazard.probability {
                failed.push(NodeIndex::new(node));
            }
        }
        for shock in &hazards.shocks {
            if random.unit() < shock.hazard.probability {
                failed.extend(shock.nodes.iter().map(|node| NodeIndex::new(*node as usize)));
            }
        }
        self.fall(failed)
    }

    fn fall(&self, failed: impl IntoIterator<Item = NodeIndex>) -> Vec<NodeIndex> {
        let mut down = HashSet::new();
        let mut waiting: Vec<NodeIndex> = failed.into_iter().collect();
        let mut fallen = Vec::new();
        while let Some(node) = waiting.pop() {
            if !down.insert(node) {
                continue;
            }
            if node.index() < self.nodes {
                fallen.push(node);
            }
            for edge in self.graph.edges_directed(node, Outgoing) {
                let next = edge.target();
                let lost: u64 = if next.index() < self.nodes {
                    1
                } else {
                    let sources = self.graph.edges_directed(next, Incoming);
                    sources.filter(|source| down.contains(&source.source())).map(|source| *source.weight()).sum()
                };
                if lost > self.graph[next] {
                    waiting.push(next);
                }
            }
        }
        fallen
    }
}

/// `SplitMix64`: the same network every time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, count: usize) -> usize {
        (self.unit() * count as f64) as usize
    }

    /// A source for a buyer at `position`, 0 to 1, of `tier`.
    fn source(&mut self, ends: &[usize], tier: usize, position: f64) -> usize {
        let within = |start: usize, end: usize, position: f64| {
            start + ((position.rem_euclid(1.0) * (end - start) as f64) as usize).min(end - start - 1)
        };
        let (start, end) = (ends[tier], ends[tier + 1]);
        match self.below(100) {
            // Anybody of an organisation's own tier or one before: cycles.
            0 => within(ends[0], end, self.unit()),
            // A hub.
            1..15 => within(start, end, self.unit().powi(3)),
            _ => within(start, end, position + 0.02 * (self.unit() - 0.5)),
        }
    }
}

fn any(seed: usize, count: usize) -> NodeIx {
    NodeIx::try_from(Random(seed as u64 + 99).below(count)).expect("nodes are numbered with u32")
}

fn timed(run: impl FnOnce()) -> Duration {
    let start = Clock::now();
    run();
    start.elapsed()
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort_unstable();
    times[times.len() / 2]
}

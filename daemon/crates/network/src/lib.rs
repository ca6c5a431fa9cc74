//! The supply network behind the suppliers: who needs what from whom, and what follows from it.
//!
//! A node (organisation or programme) is up iff it has not failed itself and each of its needs is met; a need is met iff
//! the shares of its sources that are up reach what is required. Everything starts up and fails from there, so on a cycle
//! the greatest fixed point holds. This crate is pure: it knows no store, no clock, no file and no other crate of ours than
//! the
//! [`model`], which it re-exports. It reads no network file: `tierwatch analyse` has a format of its own.
//!
//! # What it answers
//!
//! | question | ask | answer |
//! |---|---|---|
//! | who alone brings a programme down, and when | [`Network::single_points`], [`UpstreamOf`] | organisations, tiers, days |
//! | how that failure comes in, and where a second source stops it | [`UpstreamOf::ways`] | nodes and needs |
//! | who together brings it down | [`exact::cut_sets`], [`cuts::minimal_cut_sets`] | sets of nodes, and how many there are |
//! | who stops on which day | [`survival::stops`] | days |
//! | how likely it is down, and which causes matter | [`exact::exact`] | the probability, importances |
//! | the same where that takes too much | [`exposure::exposure_of`] | a probability, 95 % interval |
//! | the same for everybody, after every change | [`exposure::IncrementalExposures`] | a probability, 95 % interval |
//! | because of whom | [`attribution::attribution`] | charges that sum exactly |
//! | who moves when something changes | [`what_if::moves`] | probabilities before and after |
//! | what is required of an organisation, how concentrated its sources are, who owns it | [`Network::facts`] | [`model::Facts`] |
//!
//! # Words
//!
//! A *programme* is an [`Organisation`] of the scheme `PROGRAMME`, what the prime delivers; every other one is a legal
//! entity. A *need* is what a *buyer* (either of them) needs of one *item*: its sources, how much of them must be up, and its
//! *buffer*, the days for which stock lasts. A *source* is one supplier for one need; an idle one (share 0) *counts*, which
//! means that it can keep the need met, only if it is qualified and its days to switch on are within the buffer. A *hazard*
//! is an independent event by which something fails; a *shock* is one that strikes several nodes together. The *exposure* of a
//! node is the probability that it is down, by itself or because of others. A *single point of failure* is a node whose
//! failure alone brings another down, *hidden* when it is no direct supplier of it.
//!
//! Evidence is never complete: the part of a required share that the known sources do not reach is met by somebody unknown
//! who never fails ([`graph::Need::required_weight`]), and a need without any known source is met.
//!
//! # Two ways in
//!
//! [`Network`] takes [`Statement`]s by name, merges what several subjects say of the same supply, knows profiles, owners and
//! requirements, and keeps everybody's facts right as statements change. [`graph::Graph`] is the bare network by number, for
//! a program that has names of its own. The analyses take a graph, [`Network::graph`] among them, and [`exposure::Hazards`],
//! which say how likely each node fails by itself: the caller decides that, and may start from [`Network::hazards`].
//! Shocks are the caller's too: [`Network::profiles`] and [`Network::ultimate_parent`] say who shares a place or an owner.
//!
//! # Units
//!
//! Probabilities are `f64` from 0 to 1, over the horizon of the caller's hazards; values below 0 or not a number
//! count as 0, and values above 1 as 1. Shares and concentrations (`_bp`) are whole basis points, 10 000 to the whole.
//! Ownership (`_ppm`) is in whole parts per million. Stock, time to switch, to survive and to recover (`_days`) are whole
//! days; sums stop at `u32::MAX`. A tier is a number of steps: 1 supplies directly. A criticality is 1 (least) to 5 (most).
//! Charges are units of 2⁻³² of a scenario ([`attribution::SCENARIO_UNITS`]).
//!
//! # Determinism
//!
//! Equal input gives equal answers to the bit, with any number of threads. A network's facts do not depend on the order in
//! which subjects are set; its numbers ([`graph::NodeIx`]) do. A draw of the simulation depends on the [`exposure::Sample`]'s
//! seed, the scenario, and the hazard's stream and probability alone: so a node that a change does not reach has exactly the
//! same figure after it. What happens in a scenario still happens in it when its probability rises, and a larger sample begins
//! with the scenarios of a smaller one. Where `give_up` ends a question, the answer is an
//! error, never a different figure.
//!
//! # Limits
//!
//! | limit | what happens there |
//! |---|---|
//! | 2³² nodes | a panic |
//! | a node, or an item, by a number that was never given out | a panic, in a graph as in a slice |
//! | such a node in [`exposure::Hazards`] or in [`exposure::DownCounts::estimate`] | it is passed over; 0 hits |
//! | [`exact::Budget::nodes`], by default [`exact::DIAGRAM_NODES`] nodes of one diagram | [`exact::NotExact::Nodes`] |
//! | [`exact::MAX_FORMULA_GATES`] gates | [`exact::NotExact::Gates`] |
//! | [`exact::MAX_MODULE_LEAVES`] causes that hang together | [`exact::NotExact::Leaves`] |
//! | a stack of 1 GiB, of address space, for each thread that builds | [`exact::NotExact::Stack`] where the machine gives none |
//! | [`cuts::MAX_CUT_SET_ORDER`] nodes of a set, [`cuts::MAX_CUT_SETS_TRIED`] sets tried | [`cuts::NoCutSets`] |
//! | a chain of 32 owners, 1024 holdings followed for one organisation | what is behind is undisclosed, and [`opaque`] says so |
//! | [`exact::cut_sets`] of order 0 | a panic |
//! | scenarios times the sum of the weights, 2³², in [`attribution::attribution_of_all`] | an overflow |
//!
//! Days and shares are not checked here; the model checks them where it parses claims. An error is about one question: all
//! others can still be asked, and after [`exact::NotExact`] the caller can simulate.
//!
//! # Costs
//!
//! *n* is the number of nodes and sources upstream of the one asked about. [`survival::stops`] grows with the nodes that stop; single points take
//! *n* steps for a chain and *n*² at worst; an exact answer is cheap for trees and exponential at worst, hence the budget.
//! A simulation takes some *n* steps for every 2048 scenarios, several times that on cycles, and 256 bytes a node for each
//! thread that runs. [`Network::settle`] and [`exposure::IncrementalExposures::update`] grow with what the changes reach,
//! not with the network; the latter keeps 256 bytes a node for every 2048 scenarios. Parallel work runs in
//! rayon's pool; exact answers start their own threads, with deep stacks ([`exact`] says what a caller must mind).
//!
//! # Example
//!
//! ```
//! use tierwatch_network::exact::{Budget, cut_sets, exact};
//! use tierwatch_network::model::{Identifiers, Organisation, claims::Class};
//! use tierwatch_network::{Network, Statement};
//!
//! let [p, a, b, c, d, e] = ["PROGRAMME:P", "CAGE:0000A", "CAGE:0000B", "CAGE:0000C", "CAGE:0000D", "CAGE:0000E"]
//!     .map(|name| Identifiers::default().parse(name).expect("a programme, and CAGE codes"));
//! let source = |supplier: &Organisation, buyer: &Organisation, item: &str, share_bp| {
//!     let (supplier, buyer, item) = (supplier.clone(), buyer.clone(), item.into());
//!     Statement::Source { supplier, buyer, item, share_bp, qualified: true, switch_days: 10 }
//! };
//! let (buyer, item, class) = (p.clone(), "engine".into(), Class::Critical);
//! let need = Statement::Need { buyer, item, class, required_share_bp: None, buffer_days: 10 };
//! let mut network = Network::default();
//! network.set(&p, vec![need, source(&a, &p, "engine", 10_000)]);
//! network.set(&a, vec![source(&b, &a, "blade", 5_000), source(&c, &a, "blade", 5_000)]);
//! network.set(&d, vec![source(&d, &b, "alloy", 10_000), source(&d, &c, "alloy", 10_000)]);
//! network.settle();
//!
//! let chances = [(&a, 0.1), (&b, 0.2), (&c, 0.2), (&d, 0.1), (&e, 0.05)];
//! let chance = |name: &Organisation| chances.iter().find(|(one, _)| *one == name).map_or(0.0, |(_, chance)| *chance);
//! let node = network.node(&p).expect("it is settled");
//! let down = |network: &Network| {
//!     exact(network.graph(), node, &network.hazards(chance), Budget::default()).expect("it is small").probability
//! };
//! // P is up if A and D are, and not both of B and C fail: 1 - 0.9 * 0.9 * (1 - 0.2 * 0.2) = 0.2224.
//! assert_eq!(format!("{:.4}", down(&network)), "0.2224");
//! // A and D bring it down alone, when its engines for 10 days are used up; nobody else keeps stock.
//! let points = network.single_points(&p).into_iter().map(|point| (point.organisation, point.tier, point.survives_days));
//! assert_eq!(points.collect::<Vec<_>>(), [(a.clone(), 1, 10), (d.clone(), 3, 10)]);
//! // Of one node {A} and {D}, of two {B, C}.
//! let sets = cut_sets(network.graph(), node, &|_| true, 2, 100, Budget::default()).expect("it is small");
//! assert_eq!((sets.counts, sets.sets.len()), (vec![2, 1], 3));
//! // What if E stands by, with engines within the 10 days? Then it must fail too: 0.2224 * 0.05 = 0.01112.
//! let mut after = network.clone();
//! after.set(&e, vec![source(&e, &p, "engine", 0)]);
//! after.settle();
//! assert_eq!((format!("{:.5}", down(&after)), after.single_points(&p)), ("0.01112".to_owned(), vec![]));
//! ```
//!
//! [`opaque`]: model::facts::Ownership::opaque
//! [`Organisation`]: model::Organisation

pub use tierwatch_model as model;

mod asked;
pub mod attribution;
mod cascade;
mod causes;
mod components;
mod concentration;
mod csr;
pub mod cuts;
mod dominators;
pub mod exact;
pub mod exposure;
mod fact_inputs;
mod facts;
mod flow;
pub mod graph;
mod interner;
mod lookup;
mod ownership;
mod points;
mod profile;
pub mod random;
mod reach;
mod statement;
mod statements;
pub mod survival;
mod upstream;
mod ways;
pub mod what_if;

#[cfg(test)]
mod tests;

pub use points::{GivenUp, SinglePoint, SinglePointNode, UpstreamOf};
pub use profile::{Profile, STRUCK_SHARE_BP};
pub use statement::{StatedRequirement, Statement};
pub use ways::{NeedOf, Ways};

use crate::model::{Facts, Organisation};
use asked::FlowDown;
use causes::{CauseFlow, Causes};
use exposure::{Hazard, Hazards};
use fact_inputs::FactInputs;
use foldhash::quality::RandomState;
use graph::{Graph, Needs, NodeIx};
use random::stream;
use rayon::prelude::*;
use reach::{Reach, ReachFlow};
use statements::{Statements, Touched};
use std::{hash::BuildHasher as _, mem, sync::Arc};

/// How many buyers' needs are merged at a time: this bounds the memory of a start.
const MERGED_TOGETHER: usize = 1 << 14;

/// The supply network, kept up to date statement by statement.
///
/// [`set`](Self::set) what the attestations say, as often as they change; [`settle`](Self::settle) to have it take
/// effect; then ask. The order in which things were set never matters. Between `set` and `settle`, answers mix old and new.
/// A clone is independent: change it and compare, for a what-if. Nothing is ever forgotten except statements:
/// nodes and items keep their numbers for as long as the network, or its clone, lives.
#[derive(Clone, Debug, Default)]
pub struct Network {
    statements: Statements,
    touched: Touched,
    graph: Graph,
    is_programme: Vec<bool>,
    causes: Vec<Causes>,
    /// By node: how many programmes it alone brings down.
    programmes_down: Vec<u32>,
    reaches: Vec<Reach>,
    asked: FlowDown,
    /// Keys the fingerprints, so that nobody outside can construct a collision.
    fingerprint: RandomState,
    /// By node: the fingerprint of the facts that were last returned, to see which have changed without keeping them all.
    fingerprints: Vec<u64>,
    places_version: u64,
}

impl Network {
    /// Replaces everything that the attestations in force about `subject` say; an empty list takes it all back. Saying the
    /// same again changes nothing.
    ///
    /// Where the statements contradict each other the first counts: put the most trusted first. Where subjects contradict each
    /// other about one supply, the buyer counts, then the supplier, then the subject whose name comes first. Takes effect
    /// with [`settle`](Self::settle).
    pub fn set(&mut self, subject: &Organisation, statements: Vec<Statement>) {
        self.statements.set(subject, statements, &mut self.touched);
    }

    /// Brings all facts up to date and returns the organisations whose facts have changed, sorted by name. These include
    /// everybody whose needs changed, as [`IncrementalExposures::update`](exposure::IncrementalExposures::update) requires.
    /// The work grows with what the changes reach, not with the network.
    pub fn settle(&mut self) -> Vec<Organisation> {
        let touched = mem::take(&mut self.touched);
        self.grow();
        self.places_version += u64::from(!touched.places.is_empty() || !touched.parents.is_empty());
        let mut seeds = Seeds::default();
        self.merge_needs(touched.buyers, &mut seeds);
        let mut candidates = Candidates { is_one: vec![false; self.graph.len()], nodes: Vec::new() };
        candidates.extend(seeds.buyers.iter().chain(&seeds.suppliers).copied());
        self.settle_flows(&seeds, &mut candidates);
        for parent in touched.parents {
            for organisation in self.statements.descendants(parent) {
                candidates.extend(self.graph.buyers(organisation).iter().copied());
            }
        }
        for supplier in touched.end_of_life.into_iter().chain(touched.places) {
            candidates.extend(self.graph.buyers(supplier).iter().copied());
        }
        for owner in touched.holdings {
            candidates.extend(self.statements.holds(owner));
        }
        candidates.extend(touched.exceptions.into_iter().chain(touched.recoveries).chain(touched.named_as_owner));
        let programmes = touched.programmes.into_iter().filter(|subject| self.is_programme[*subject as usize]);
        let programmes: Vec<NodeIx> = programmes.collect();
        candidates.extend(self.asked.settle(&self.graph, &self.statements, &programmes, &seeds.buyers));
        candidates.extend(self.upstream(programmes));
        let changed = self.newly_told(candidates);
        self.names(&changed)
    }

    /// The facts about `organisation` as of the last [`settle`](Self::settle), in basis points, parts per million and days
    /// as their fields say; empty ones when nothing names it. They are computed at each call: keep them.
    #[must_use]
    pub fn facts(&self, organisation: &Organisation) -> Arc<Facts> {
        Arc::new(self.node(organisation).map_or_else(Facts::default, |node| self.facts_of(node)))
    }

    /// Whether anybody's supply or ownership names `organisation`, as of the last [`settle`](Self::settle): it needs
    /// something, supplies somebody, or is the parent or a part owner of somebody else.
    #[must_use]
    pub fn is_named(&self, organisation: &Organisation) -> bool {
        self.node(organisation).is_some_and(|node| self.is_named_at(node))
    }

    fn is_named_at(&self, node: NodeIx) -> bool {
        !self.graph.buyers(node).is_empty() || self.graph.needs(node).next().is_some() || self.statements.is_owner(node)
    }

    /// What the analyses work on, as of the last [`settle`](Self::settle). Clone it to change it.
    #[must_use]
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The number of `organisation` in the [`graph`](Self::graph), the same for as long as the network lives; `None` when it
    /// was neither a subject nor named in a statement by the last [`settle`](Self::settle).
    #[must_use]
    pub fn node(&self, organisation: &Organisation) -> Option<NodeIx> {
        self.statements.organisations.find(organisation).filter(|node| (*node as usize) < self.graph.len())
    }

    /// The organisation with the number `node` in the [`graph`](Self::graph).
    ///
    /// # Panics
    /// When nobody has it.
    #[must_use]
    pub fn organisation(&self, node: NodeIx) -> &Organisation {
        self.statements.organisations.name(node)
    }

    /// What is said of `organisation` itself; `None` when nobody says anything.
    #[must_use]
    pub fn profile(&self, organisation: &Organisation) -> Option<&Profile> {
        self.statements.profile(self.node(organisation)?)
    }

    /// Everybody with a profile, in the order of the [`graph`](Self::graph).
    pub fn profiles(&self) -> impl Iterator<Item = (NodeIx, &Profile)> {
        self.graph.nodes().filter_map(|node| self.statements.profile(node).map(|profile| (node, profile)))
    }

    /// A number that changes whenever a [`settle`](Self::settle) has found somebody in another place or with another parent: then
    /// common shocks may strike other nodes.
    #[must_use]
    pub fn places_version(&self) -> u64 {
        self.places_version
    }

    /// All programmes, which are the organisations of the scheme `PROGRAMME`, that any statement has named, sorted by name.
    #[must_use]
    pub fn programmes(&self) -> Vec<Organisation> {
        let programmes: Vec<NodeIx> = self.graph.nodes().filter(|node| self.is_programme[*node as usize]).collect();
        self.names(&programmes)
    }

    /// What can go wrong by itself, with `probability`, 0 to 1, for each organisation, programmes too: they rarely fail by
    /// themselves, so give them 0. Draws are keyed by name, so they are the same in every network that names it. Shocks are
    /// the caller's to add.
    pub fn hazards(&self, probability: impl Fn(&Organisation) -> f64) -> Hazards {
        let names = (0..).take(self.graph.len()).map(|node| self.organisation(node));
        let own = names.map(|name| Hazard { probability: probability(name), stream: stream(name.as_str()) });
        Hazards { own: own.collect(), shocks: Vec::new() }
    }

    fn grow(&mut self) {
        let known = self.graph.len();
        let len = self.statements.organisations.len();
        let new = (known..len).filter_map(|node| u32::try_from(node).ok());
        self.is_programme.extend(new.map(|node| self.statements.organisations.name(node).is_programme()));
        self.graph.grow(len);
        self.causes.resize_with(len, Causes::default);
        self.programmes_down.resize(len, 0);
        self.reaches.resize_with(len, Reach::default);
        self.fingerprints.resize(len, self.fingerprint.hash_one(FactInputs::default()));
    }

    /// Merges the needs of `buyers` again; notes in `seeds` the buyers whose needs changed and all their
    /// suppliers. What has been merged is put into the graph while the next are merged.
    fn merge_needs(&mut self, mut buyers: Vec<NodeIx>, seeds: &mut Seeds) {
        buyers.sort_unstable();
        buyers.dedup();
        let Self { statements, graph, .. } = self;
        let merge = |part: &[NodeIx]| part.par_iter().map(|buyer| statements.needs_of(*buyer)).collect::<Vec<Needs>>();
        let mut put = |(part, merged): (&[NodeIx], Vec<Needs>)| {
            for (buyer, needs) in part.iter().zip(merged) {
                if graph.needs(*buyer).eq(&needs) {
                    continue;
                }
                seeds.suppliers.extend(graph.suppliers(*buyer));
                graph.set_needs(*buyer, &needs);
                seeds.suppliers.extend(graph.suppliers(*buyer));
                seeds.buyers.push(*buyer);
            }
        };
        let mut merged = None;
        for part in buyers.chunks(MERGED_TOGETHER) {
            let (next, ()) = rayon::join(|| merge(part), || merged.take().into_iter().for_each(&mut put));
            merged = Some((part, next));
        }
        merged.into_iter().for_each(put);
    }

    /// Brings up to date who brings whom down, and when, and in parallel who reaches which programmes; adds to `candidates` whose
    /// facts may have changed because of that.
    fn settle_flows(&mut self, seeds: &Seeds, candidates: &mut Candidates) {
        let Self { graph, is_programme, causes, programmes_down, reaches, .. } = self;
        let flow = ReachFlow { is_programme };
        let (changed, reached) = rayon::join(
            || flow::settle(&CauseFlow, graph, causes, &seeds.buyers),
            || flow::settle(&flow, graph, reaches, &seeds.suppliers),
        );
        candidates.extend(reached.into_iter().map(|(node, _)| node));
        // The time to survive changes only for those whose failure passes, or passed, through a buyer whose needs changed, and
        // these are the causes of that buyer.
        for (node, before) in changed {
            candidates.extend(graph.buyers(node).iter().copied());
            if is_programme[node as usize] || seeds.buyers.binary_search(&node).is_ok() {
                candidates.extend(before.iter().map(|cause| cause.organisation));
            }
            if is_programme[node as usize] {
                candidates.extend(causes[node as usize].iter().map(|cause| cause.organisation));
                before.iter().for_each(|cause| programmes_down[cause.organisation as usize] -= 1);
                causes[node as usize].iter().for_each(|cause| programmes_down[cause.organisation as usize] += 1);
            }
        }
        for buyer in &seeds.buyers {
            candidates.extend(causes[*buyer as usize].iter().map(|cause| cause.organisation));
        }
    }

    /// `nodes` and everybody who supplies them, at any distance.
    fn upstream(&self, nodes: Vec<NodeIx>) -> Vec<NodeIx> {
        if nodes.is_empty() {
            return nodes;
        }
        let mut seen = vec![false; self.graph.len()];
        let mut found = nodes;
        let mut next = 0;
        while let Some(node) = found.get(next).copied() {
            let new = self.graph.suppliers(node).filter(|supplier| !mem::replace(&mut seen[*supplier as usize], true));
            found.extend(new);
            next += 1;
        }
        found
    }

    /// Those of `candidates` whose facts differ from the ones last returned.
    fn newly_told(&mut self, candidates: Candidates) -> Vec<NodeIx> {
        let mut changed = candidates.nodes;
        changed.par_sort_unstable();
        let told: Vec<u64> =
            changed.par_iter().map(|node| self.fingerprint.hash_one(self.fact_inputs(*node))).collect();
        let mut told = told.into_iter();
        changed.retain(|node| {
            let before = &mut self.fingerprints[*node as usize];
            told.next().is_some_and(|now| mem::replace(before, now) != now)
        });
        changed
    }

    /// The names of `nodes`, sorted.
    fn names(&self, nodes: &[NodeIx]) -> Vec<Organisation> {
        let mut names: Vec<Organisation> = nodes.iter().map(|node| self.organisation(*node).clone()).collect();
        names.par_sort();
        names
    }
}

/// Nodes whose facts may have changed, each once.
struct Candidates {
    /// By node: whether it is in `nodes`.
    is_one: Vec<bool>,
    nodes: Vec<NodeIx>,
}

impl Extend<NodeIx> for Candidates {
    fn extend<I: IntoIterator<Item = NodeIx>>(&mut self, nodes: I) {
        let new = nodes.into_iter().filter(|node| !mem::replace(&mut self.is_one[*node as usize], true));
        self.nodes.extend(new);
    }
}

/// Where a change of needs begins to spread.
#[derive(Default)]
struct Seeds {
    /// Buyers whose needs changed, sorted.
    buyers: Vec<NodeIx>,
    suppliers: Vec<NodeIx>,
}

//! The supply network behind the suppliers: who needs what from whom, and what follows from it.
//!
//! A node (organisation or programme) is up iff itself is up and each of its needs is met; a need is met iff the shares
//! of its sources that are up reach what is required. Everything starts up and fails from there, so on a cycle the
//! greatest fixed point holds. This crate is pure: it knows no store, no clock and no other crate of ours than the model.
//!
//! [`Network`] holds what the attestations say and keeps the facts of every organisation right as they change. The
//! analyses work on its [`graph`], by number: [`survival`] (who stops when), [`cuts`] (what together brings a node
//! down), [`exact`] (how likely, to the last digit), [`exposure`] (how likely, by simulation), [`attribution`] (because of whom), [`what_if`] (who moves when something changes).

use tierwatch_model as model;

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

/// Buyers whose needs are merged in one go: bounds the memory of a start.
const MERGED_TOGETHER: usize = 1 << 14;

/// The supply network, kept up to date statement by statement.
///
/// [`set`](Self::set) what the attestations say, as often as they change; [`settle`](Self::settle) to have it take
/// effect; then ask. The order in which things were set never matters.
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
    /// Makes the fingerprints; nobody outside can know which facts would have the same.
    fingerprint: RandomState,
    /// By node: of the facts that were last told, to see which have changed without keeping them all.
    fingerprints: Vec<u64>,
    places_version: u64,
}

impl Network {
    /// Replaces everything that the attestations in force about `subject` say. Saying the same again changes nothing.
    ///
    /// Where the statements contradict each other the first counts: put the most trusted first. Takes effect with
    /// [`settle`](Self::settle).
    pub fn set(&mut self, subject: &Organisation, statements: Vec<Statement>) {
        self.statements.set(subject, statements, &mut self.touched);
    }

    /// Brings all facts up to date and returns whose have changed, sorted. The work grows with what the changes reach,
    /// not with the network.
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

    /// The facts about `organisation` as of the last [`settle`](Self::settle); empty ones when nothing names it.
    #[must_use]
    pub fn facts(&self, organisation: &Organisation) -> Arc<Facts> {
        Arc::new(self.node(organisation).map_or_else(Facts::default, |node| self.facts_of(node)))
    }

    /// Whether anybody's supply or ownership names `organisation`, as of the last [`settle`](Self::settle): it needs
    /// something, supplies somebody, or is the parent of somebody else or holds a part of him.
    #[must_use]
    pub fn is_named(&self, organisation: &Organisation) -> bool {
        self.node(organisation).is_some_and(|node| self.is_named_at(node))
    }

    fn is_named_at(&self, node: NodeIx) -> bool {
        !self.graph.buyers(node).is_empty() || self.graph.needs(node).next().is_some() || self.statements.is_owner(node)
    }

    /// What the analyses work on, as of the last [`settle`](Self::settle).
    #[must_use]
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The place of `organisation` in the [`graph`](Self::graph), where it is for as long as the network lives.
    #[must_use]
    pub fn node(&self, organisation: &Organisation) -> Option<NodeIx> {
        self.statements.organisations.find(organisation).filter(|node| (*node as usize) < self.graph.len())
    }

    /// Who is at `node` of the [`graph`](Self::graph).
    #[must_use]
    pub fn organisation(&self, node: NodeIx) -> &Organisation {
        self.statements.organisations.name(node)
    }

    /// What is said of `organisation` itself; `None` when nobody says anything.
    #[must_use]
    pub fn profile(&self, organisation: &Organisation) -> Option<&Profile> {
        self.statements.profile(self.node(organisation)?)
    }

    /// Everybody with what is said of them, in the order of the [`graph`](Self::graph).
    pub fn profiles(&self) -> impl Iterator<Item = (NodeIx, &Profile)> {
        self.graph.nodes().filter_map(|node| self.statements.profile(node).map(|profile| (node, profile)))
    }

    /// Another number whenever a [`settle`](Self::settle) has found somebody in another place or of another parent: then
    /// what strikes several together may strike others.
    #[must_use]
    pub fn places_version(&self) -> u64 {
        self.places_version
    }

    /// All programmes that anything says something of, sorted.
    #[must_use]
    pub fn programmes(&self) -> Vec<Organisation> {
        let programmes: Vec<NodeIx> = self.graph.nodes().filter(|node| self.is_programme[*node as usize]).collect();
        self.names(&programmes)
    }

    /// What can go wrong by itself, with `probability` for each organisation; draws are keyed by name, so they are the
    /// same in every network that names it. Shocks are the caller's to add.
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

    /// Brings up to date who brings whom down, and when, and beside it who reaches which programmes; adds to
    /// `candidates` whose facts may be others because of that.
    fn settle_flows(&mut self, seeds: &Seeds, candidates: &mut Candidates) {
        let Self { graph, is_programme, causes, programmes_down, reaches, .. } = self;
        let flow = ReachFlow { is_programme };
        let (changed, reached) = rayon::join(
            || flow::settle(&CauseFlow, graph, causes, &seeds.buyers),
            || flow::settle(&flow, graph, reaches, &seeds.suppliers),
        );
        candidates.extend(reached.into_iter().map(|(node, _)| node));
        // The time to survive is another only for those whose failure passes, or passed, through a buyer whose needs
        // changed, and they are the causes of that buyer.
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

    /// `nodes` and all that supply them at whatever distance.
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

    /// Those of `candidates` whose facts are others than were last told.
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

    /// Sorted.
    fn names(&self, nodes: &[NodeIx]) -> Vec<Organisation> {
        let mut names: Vec<Organisation> = nodes.iter().map(|node| self.organisation(*node).clone()).collect();
        names.par_sort();
        names
    }
}

/// Whose facts may have changed, each once.
struct Candidates {
    /// By node.
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
    /// Sorted.
    buyers: Vec<NodeIx>,
    suppliers: Vec<NodeIx>,
}

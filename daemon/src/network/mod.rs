//! The supply network behind the suppliers: who needs what from whom, and what follows from it.
//!
//! A node (organisation or programme) is up iff itself is up and each of its needs is met; a need is met iff the shares
//! of its sources that are up reach what is required. Everything starts up and fails from there, so on a cycle the
//! greatest fixed point holds. This module is pure: it knows no store, no clock and no other module than the model.
//!
//! [`Network`] holds what the attestations say and keeps the facts of every organisation right as they change. The
//! analyses work on its [`graph`], by number: [`survival`] (who stops when), [`cuts`] (what together brings a node
//! down), [`exact`] (how likely, to the last digit), [`exposure`] (how likely, by simulation), [`attribution`] (because of whom), [`what_if`] (who moves when something changes).

pub mod attribution;
mod cascade;
mod causes;
mod components;
mod concentration;
mod cone;
pub mod cuts;
pub mod exact;
pub mod exposure;
mod facts;
mod flow;
mod ownership;
mod points;
mod profile;
pub mod random;

pub mod graph;
mod lookup;
mod names;
mod reach;
mod rows;
mod said;
mod statement;
pub mod survival;
#[cfg(test)]
mod tests;
pub mod what_if;

pub use points::{Point, SinglePoint, single_points};
pub use profile::{Profile, STRUCK_SHARE_BP};
pub use statement::{ProgrammeRequirement, Statement};

use crate::model::{Facts, Organisation};
use causes::{CauseFlow, Causes};
use exposure::{Hazard, Hazards};
use graph::{Graph, Needs, NodeIx};
use random::stream;
use rayon::prelude::*;
use reach::{Reach, ReachFlow};
use said::{Sayings, Touched};
use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    mem,
    sync::Arc,
};

/// Buyers whose needs are merged in one go: bounds the memory of a start.
const MERGED_TOGETHER: usize = 1 << 14;

/// The supply network, kept up to date statement by statement.
///
/// [`set`](Self::set) what the attestations say, as often as they change; [`settle`](Self::settle) to have it take
/// effect; then ask. The order in which things were set never matters.
#[derive(Clone, Debug, Default)]
pub struct Network {
    sayings: Sayings,
    touched: Touched,
    graph: Graph,
    is_programme: Vec<bool>,
    causes: Vec<Causes>,
    reaches: Vec<Reach>,
    /// Of the facts that were last told, to see which have changed without keeping them all.
    fingerprints: Vec<u64>,
    places_version: u64,
}

impl Network {
    /// Replaces everything that the attestations in force about `subject` say. Saying the same again changes nothing.
    ///
    /// Where the statements contradict each other the first counts: put the most trusted first. Takes effect with
    /// [`settle`](Self::settle).
    pub fn set(&mut self, subject: &Organisation, statements: Vec<Statement>) {
        self.sayings.set(subject, statements, &mut self.touched);
    }

    /// Brings all facts up to date and returns whose have changed, sorted. The work grows with what the changes reach,
    /// not with the network.
    pub fn settle(&mut self) -> Vec<Organisation> {
        let touched = mem::take(&mut self.touched);
        self.grow();
        self.places_version += u64::from(!touched.places.is_empty() || !touched.parents.is_empty());
        let mut seeds = Seeds::default();
        self.merge_needs(touched.buyers, &mut seeds);
        let mut candidates = seeds.buyers.clone();
        candidates.extend(&seeds.suppliers);
        self.settle_causes(&seeds.buyers, &mut candidates);
        let flow = ReachFlow { is_programme: &self.is_programme };
        let reached = flow::settle(&flow, &self.graph, &mut self.reaches, &seeds.suppliers);
        candidates.extend(reached.into_iter().map(|(node, _)| node));
        for parent in touched.parents {
            for organisation in self.sayings.descendants(parent) {
                candidates.extend(self.graph.buyers(organisation));
            }
        }
        for supplier in touched.end_of_life.into_iter().chain(touched.places) {
            candidates.extend(self.graph.buyers(supplier));
        }
        for owner in touched.holdings {
            candidates.extend(self.sayings.holds(owner));
        }
        candidates.extend(touched.exceptions.into_iter().chain(touched.recoveries));
        let programmes = touched.programmes.into_iter().filter(|subject| self.is_programme[*subject as usize]);
        candidates.extend(self.upstream(programmes.collect()));
        let changed = self.newly_told(candidates);
        self.names(changed.into_iter())
    }

    /// The facts about `organisation` as of the last [`settle`](Self::settle); empty ones when nothing names it.
    #[must_use]
    pub fn facts(&self, organisation: &Organisation) -> Arc<Facts> {
        Arc::new(self.node(organisation).map_or_else(Facts::default, |node| self.facts_of(node)))
    }

    /// What the analyses work on, as of the last [`settle`](Self::settle).
    #[must_use]
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The place of `organisation` in the [`graph`](Self::graph), where it is for as long as the network lives.
    #[must_use]
    pub fn node(&self, organisation: &Organisation) -> Option<NodeIx> {
        self.sayings.organisations.find(organisation).filter(|node| (*node as usize) < self.graph.len())
    }

    /// Who is at `node` of the [`graph`](Self::graph).
    #[must_use]
    pub fn organisation(&self, node: NodeIx) -> &Organisation {
        self.sayings.organisations.name(node)
    }

    /// What is said of `organisation` itself; `None` when nobody says anything.
    #[must_use]
    pub fn profile(&self, organisation: &Organisation) -> Option<&Profile> {
        self.sayings.profile(self.node(organisation)?)
    }

    /// Everybody with what is said of them, in the order of the [`graph`](Self::graph).
    pub fn profiles(&self) -> impl Iterator<Item = (NodeIx, &Profile)> {
        self.graph.nodes().filter_map(|node| self.sayings.profile(node).map(|profile| (node, profile)))
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
        let nodes = (0..self.graph.len()).filter(|node| self.is_programme[*node]);
        self.names(nodes.filter_map(|node| u32::try_from(node).ok()))
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
        let len = self.sayings.organisations.len();
        let new = (known..len).filter_map(|node| u32::try_from(node).ok());
        self.is_programme.extend(new.map(|node| self.sayings.organisations.name(node).is_programme()));
        self.graph.grow(len);
        self.causes.resize_with(len, Causes::default);
        self.reaches.resize_with(len, Reach::default);
        self.fingerprints.resize_with(len, || fingerprint(&Facts::default()));
    }

    /// Merges the needs of `buyers` again; notes in `seeds` the buyers whose needs are others now and all their
    /// suppliers.
    fn merge_needs(&mut self, mut buyers: Vec<NodeIx>, seeds: &mut Seeds) {
        buyers.sort_unstable();
        buyers.dedup();
        for part in buyers.chunks(MERGED_TOGETHER) {
            let merged: Vec<Needs> = part.par_iter().map(|buyer| self.sayings.needs_of(*buyer)).collect();
            for (buyer, needs) in part.iter().zip(merged) {
                if self.graph.needs(*buyer).eq(&needs) {
                    continue;
                }
                seeds.suppliers.extend(self.graph.suppliers(*buyer));
                self.graph.set_needs(*buyer, &needs);
                seeds.suppliers.extend(self.graph.suppliers(*buyer));
                seeds.buyers.push(*buyer);
            }
        }
    }

    /// Brings up to date who brings whom down, and when: the time to survive is another only for those whose failure
    /// passes, or passed, through a buyer whose needs are others now, and they are the causes of that buyer.
    fn settle_causes(&mut self, seeds: &[NodeIx], candidates: &mut Vec<NodeIx>) {
        let changed = flow::settle(&CauseFlow, &self.graph, &mut self.causes, seeds);
        for (node, before) in changed {
            candidates.extend(self.graph.buyers(node));
            if self.is_programme[node as usize] || seeds.binary_search(&node).is_ok() {
                candidates.extend(before.iter().map(|cause| cause.organisation));
            }
            if self.is_programme[node as usize] {
                candidates.extend(self.causes[node as usize].iter().map(|cause| cause.organisation));
            }
        }
        for buyer in seeds {
            candidates.extend(self.causes[*buyer as usize].iter().map(|cause| cause.organisation));
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
    fn newly_told(&mut self, mut candidates: Vec<NodeIx>) -> Vec<NodeIx> {
        candidates.sort_unstable();
        candidates.dedup();
        let told = candidates.par_iter().map(|node| (*node, fingerprint(&self.facts_of(*node))));
        let told: Vec<(NodeIx, u64)> = told.collect();
        let mut changed = Vec::new();
        for (node, fingerprint) in told {
            if mem::replace(&mut self.fingerprints[node as usize], fingerprint) != fingerprint {
                changed.push(node);
            }
        }
        changed
    }
}

/// Where a change of needs begins to spread.
#[derive(Default)]
struct Seeds {
    /// Sorted.
    buyers: Vec<NodeIx>,
    suppliers: Vec<NodeIx>,
}

fn fingerprint(facts: &Facts) -> u64 {
    let mut hasher = DefaultHasher::new();
    facts.hash(&mut hasher);
    hasher.finish()
}

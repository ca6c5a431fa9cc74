//! The exposure of one programme: this module alone chooses how it is computed, and says why.

use crate::{
    model::{Exposure, Method},
    network::{
        attribution::{Attribution, RootCause, attribution},
        exact::{Budget, Exact, Importance, exact},
        exposure::{Estimate, Hazards, Sample, exposure_of},
        graph::{Graph, NodeIx},
    },
};
use rustc_hash::FxHashMap;

/// Nodes that a programme's diagrams may have when somebody waits for the answer: seconds at most.
const ASKED_NODES: usize = 1 << 18;

/// How to get the exact answer where that is too much.
const FURTHER: &str =
    "`tierwatch programmes NAME --network` gives the network to `tierwatch analyse`, whose limits can be raised";

/// Why an exposure that follows every change is estimated.
const FOLLOWED: &str =
    "it follows every change by simulation; `tierwatch programmes` computes a programme's exactly where it can";

/// The probability that a node is down; the horizon of the policy is added by [`within`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Likelihood {
    /// The probability with its 95 % interval.
    pub estimate: Estimate,
    /// How it was found.
    pub method: Method,
}

/// What one root cause contributes to a node's being down.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RootPart {
    /// An organisation that fails by itself, or a shock.
    pub root: RootCause,
    /// The part of the probability that is charged to it; all parts sum to the probability.
    pub attributed: f64,
    /// Birnbaum importance: how much likelier the node is down when it happens than when it does not.
    pub birnbaum: f64,
    /// Fussell–Vesely importance: the part of the probability that would be gone if it never happened.
    pub fussell_vesely: f64,
}

/// The probability that each of `nodes` is down, in their order: one simulation for all of them.
#[must_use]
pub(crate) fn likelihoods(graph: &Graph, nodes: &[NodeIx], hazards: &Hazards, sample: Sample) -> Vec<Likelihood> {
    let found = exposure_of(graph, nodes.iter().copied(), hazards, sample);
    nodes.iter().map(|node| followed(found.estimate(*node), sample)).collect()
}

/// The probability that `node` is down, exact where its diagrams allow, and the `most` roots that matter most.
#[must_use]
pub(crate) fn asked(
    graph: &Graph,
    node: NodeIx,
    hazards: &Hazards,
    sample: Sample,
    most: usize,
) -> (Likelihood, Vec<RootPart>) {
    let charged = attribution(graph, node, hazards, sample);
    let simulated = Estimate::from_hits(charged.down, charged.scenarios);
    match exact(graph, node, hazards, Budget { nodes: ASKED_NODES, ..Budget::default() }) {
        Ok(Exact { probability, importance }) => {
            let scale = if simulated.probability > 0.0 { probability / simulated.probability } else { 0.0 };
            let units: FxHashMap<RootCause, u64> = charged.charges.iter().copied().collect();
            let part = |one: Importance| RootPart {
                root: one.root,
                attributed: scale * charged.probability(units.get(&one.root).copied().unwrap_or_default()),
                birnbaum: one.birnbaum,
                fussell_vesely: one.fussell_vesely,
            };
            let estimate = Estimate { probability, low: probability, high: probability };
            let parts = importance.into_iter().take(most).map(part).collect();
            (Likelihood { estimate, method: Method::Exact }, parts)
        }
        Err(why) => {
            let not_exact_because = format!("{why}; {FURTHER}");
            let method = Method::MonteCarlo { scenarios: sample.scenarios, not_exact_because };
            let parts = simulated_roots(graph, node, hazards, sample, &charged, most);
            (Likelihood { estimate: simulated, method }, parts)
        }
    }
}

/// The `most` roots that are charged most, by simulation with and without each.
fn simulated_roots(
    graph: &Graph,
    node: NodeIx,
    hazards: &Hazards,
    sample: Sample,
    charged: &Attribution,
    most: usize,
) -> Vec<RootPart> {
    let down = |hazards: &Hazards| exposure_of(graph, [node], hazards, sample).estimate(node).probability;
    let probability = down(hazards);
    let part = |(root, units): &(RootCause, u64)| {
        let with = |happens: f64| {
            let mut changed = hazards.clone();
            match *root {
                RootCause::Node(node) => changed.set_probability(node, happens),
                RootCause::Shock(index) => {
                    if let Some(shock) = changed.shocks.get_mut(index) {
                        shock.hazard.probability = happens;
                    }
                }
            }
            down(&changed)
        };
        let (never, always) = (with(0.0), with(1.0));
        let fussell_vesely = if probability > 0.0 { (probability - never) / probability } else { 0.0 };
        RootPart { root: *root, attributed: charged.probability(*units), birnbaum: always - never, fussell_vesely }
    };
    charged.charges.iter().take(most).map(part).collect()
}

/// A likelihood within a horizon, as it is stored and shown.
#[must_use]
pub(crate) fn within(horizon_days: u32, likelihood: Likelihood) -> Exposure {
    let Likelihood { estimate: Estimate { probability, low, high }, method } = likelihood;
    Exposure { horizon_days, probability, low, high, method }
}

/// An estimate that is kept right with every change.
#[must_use]
pub(crate) fn followed(estimate: Estimate, sample: Sample) -> Likelihood {
    let method = Method::MonteCarlo { scenarios: sample.scenarios, not_exact_because: FOLLOWED.to_owned() };
    Likelihood { estimate, method }
}

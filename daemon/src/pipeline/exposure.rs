//! The exposure of one programme: the one place that chooses how it is found, and why.

use crate::{
    model::{Exposure, Method},
    network::{
        attribution::{Root, attribution},
        exposure::{Estimate, Hazards, Sample, exposure_of},
        graph::{Graph, NodeIx},
    },
};

/// Why every exposure is estimated today.
const NOT_EXACT: &str = "this version estimates every exposure";

/// How likely a node is down, without the horizon that the policy speaks of.
#[derive(Clone, Debug, PartialEq)]
pub struct Likelihood {
    /// The probability with its 95 % interval.
    pub estimate: Estimate,
    /// How it was found.
    pub method: Method,
}

/// What one root has to do with a node's being down.
#[derive(Clone, Debug, PartialEq)]
pub struct RootPart {
    /// An organisation that fails by itself, or a shock.
    pub root: Root,
    /// The part of the probability that is charged to it; all parts sum to the probability.
    pub attributed: f64,
    /// Birnbaum importance: how much likelier the node is down when it happens than when it does not.
    pub birnbaum: f64,
    /// Fussell–Vesely importance: the part of the probability that would be gone if it never happened.
    pub fussell_vesely: f64,
}

/// How likely `nodes` are down, in their order: one simulation for all of them.
#[must_use]
pub fn likelihoods(graph: &Graph, nodes: &[NodeIx], hazards: &Hazards, sample: Sample) -> Vec<Likelihood> {
    let found = exposure_of(graph, nodes.iter().copied(), hazards, sample);
    nodes.iter().map(|node| Likelihood { estimate: found.estimate(*node), method: estimated(sample) }).collect()
}

/// What has to do with `node`'s being down: the `most` roots that are charged most.
#[must_use]
pub fn roots(graph: &Graph, node: NodeIx, hazards: &Hazards, sample: Sample, most: usize) -> Vec<RootPart> {
    let charged = attribution(graph, node, hazards, sample);
    let down = |hazards: &Hazards| exposure_of(graph, [node], hazards, sample).estimate(node).probability;
    let probability = down(hazards);
    let part = |(root, units): &(Root, u64)| {
        let with = |happens: f64| {
            let mut changed = hazards.clone();
            match *root {
                Root::Node(node) => changed.set_probability(node, happens),
                Root::Shock(place) => {
                    if let Some(shock) = changed.shocks.get_mut(place) {
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
pub fn within(horizon_days: u32, likelihood: Likelihood) -> Exposure {
    let Likelihood { estimate: Estimate { probability, low, high }, method } = likelihood;
    Exposure { horizon_days, probability, low, high, method }
}

fn estimated(sample: Sample) -> Method {
    Method::MonteCarlo { scenarios: sample.scenarios, not_exact_because: NOT_EXACT.to_owned() }
}

//! What suppliers cost the programmes: the part of each programme's probability of being down that is charged to a supplier's
//! own failing, times the criticality of the programme. This, and not risk, decides who deserves
//! attention first: a sound firm on which all programmes depend costs more than an unsound one that three others can replace.

use super::exposures::Exposures;
use crate::{
    model::Organisation,
    network::{
        Network,
        attribution::{RootCause, attribution_of_all},
        exposure::{SCENARIOS, Sample},
    },
};
use rustc_hash::FxHashMap;
use std::cmp::{Ordering, Reverse};

/// The criticality of a programme for which nobody states one: the middle of 1 to 5.
const CRITICALITY_UNSAID: u8 = 3;
/// Most nodes times scenarios of one computation: about a second on two cores.
const MAX_NODE_SCENARIOS: usize = 1 << 31;
/// Fewest scenarios, however large the network.
const MIN_SCENARIOS: u32 = 256;

/// What every supplier costs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Costs(FxHashMap<Organisation, f64>);

impl Costs {
    /// Computed from the network as it is, with what can go wrong in it.
    #[must_use]
    pub(crate) fn of(network: &Network, exposures: &Exposures) -> Self {
        let weight = |programme: &Organisation| network.criticality(programme).unwrap_or(CRITICALITY_UNSAID);
        let weighed = |programme: Organisation| Some((network.node(&programme)?, u64::from(weight(&programme))));
        let programmes: Vec<_> = network.programmes().into_iter().filter_map(weighed).collect();
        let affordable = u32::try_from(MAX_NODE_SCENARIOS / network.graph().len().max(1)).unwrap_or(SCENARIOS);
        let sample = Sample { scenarios: affordable.clamp(MIN_SCENARIOS, SCENARIOS), ..Sample::default() };
        let charged = attribution_of_all(network.graph(), &programmes, exposures.hazards(), sample);
        let cost = |(root, units): &(RootCause, u64)| match root {
            RootCause::Node(node) => Some((network.organisation(*node).clone(), charged.probability(*units))),
            // A shock is charged to nobody.
            RootCause::Shock(_) => None,
        };
        Self(charged.charges.iter().filter_map(cost).collect())
    }

    /// The sum over the programmes of probability times criticality; 0 when none of them is ever down because of it.
    #[must_use]
    pub(crate) fn cost(&self, organisation: &Organisation) -> f64 {
        self.0.get(organisation).copied().unwrap_or_default()
    }

    /// The suppliers that cost anything, those that cost most first, ties by name.
    #[must_use]
    pub(crate) fn dearest(&self) -> Vec<(&Organisation, f64)> {
        let mut dearest: Vec<(&Organisation, f64)> = self.0.iter().map(|(name, cost)| (name, *cost)).collect();
        dearest.sort_unstable_by(|one, other| other.1.total_cmp(&one.1).then_with(|| one.0.cmp(other.0)));
        dearest
    }

    /// Worst first: by cost, then by risk, the unrated last, then by name.
    #[must_use]
    pub(crate) fn worst_first<R: Ord>(&self, one: (&Organisation, R), other: (&Organisation, R)) -> Ordering {
        let by_risk = || (Reverse(one.1), one.0).cmp(&(Reverse(other.1), other.0));
        self.cost(other.0).total_cmp(&self.cost(one.0)).then_with(by_risk)
    }
}

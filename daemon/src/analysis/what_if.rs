//! Changes to a copy of the network and of what can go wrong in it, and who moves.

use super::snapshot::Snapshot;
use crate::{
    diagnostic::spelling,
    model::{BasisPoints, Organisation, WHOLE_BP, claims::Text},
    network::{
        Profile,
        exposure::{Hazards, Sample},
        graph::{Graph, NodeIx, Source},
        what_if::{Move, Scene, moves},
    },
};
use anyhow::{Result, bail};
use std::collections::BTreeSet;

/// A copy of a snapshot's network and hazards, to be changed.
pub(crate) struct WhatIf<'s> {
    snapshot: &'s Snapshot,
    /// Who needs what from whom.
    pub graph: Graph,
    /// What can go wrong by itself.
    pub hazards: Hazards,
}

impl<'s> WhatIf<'s> {
    /// Of `snapshot` as it stands.
    #[must_use]
    pub(crate) fn of(snapshot: &'s Snapshot) -> Self {
        let hazards = snapshot.fleet().exposures().hazards().clone();
        Self { snapshot, graph: snapshot.network().graph().clone(), hazards }
    }

    /// Makes an organisation fail for certain.
    ///
    /// # Errors
    /// When the network does not have it.
    pub(crate) fn fail(&mut self, organisation: &str) -> Result<()> {
        let (_, node) = self.snapshot.find(organisation)?;
        self.hazards.fail([node]);
        Ok(())
    }

    /// Gives an organisation this risk instead of its own.
    ///
    /// # Errors
    /// When the network does not have it, or it is a programme.
    pub(crate) fn score(&mut self, organisation: &str, risk_bp: BasisPoints) -> Result<()> {
        let (name, node) = self.snapshot.find(organisation)?;
        if name.is_programme() {
            bail!("{name} is a programme and has no score: name one of its suppliers");
        }
        self.hazards.set_probability(node, self.snapshot.policy().exposure().own_probability(Some(risk_bp)));
        Ok(())
    }

    /// Makes `supplier` supply an even part of what `buyer` needs of `item`, from today.
    ///
    /// # Errors
    /// When the network has no such need or organisation.
    pub(crate) fn add_source(&mut self, supplier: &str, buyer: &str, item: &str) -> Result<()> {
        self.add(supplier, buyer, item, |sources, _| WHOLE_BP / (sources + 1))
    }

    /// Makes `supplier` stand by for `buyer`'s need of `item`: able to carry all that is required of it, at once.
    ///
    /// # Errors
    /// When the network has no such need or organisation.
    pub(crate) fn dual_source(&mut self, supplier: &str, buyer: &str, item: &str) -> Result<()> {
        self.add(supplier, buyer, item, |_, required_bp| required_bp)
    }

    fn add(
        &mut self,
        supplier: &str,
        buyer: &str,
        item: &str,
        share: impl Fn(u32, BasisPoints) -> BasisPoints,
    ) -> Result<()> {
        let ((who, supplier), (name, buyer)) = (self.snapshot.find(supplier)?, self.snapshot.find(buyer)?);
        if who.is_programme() {
            bail!("{who} is a programme, which supplies nobody: name a supplier first, then the buyer");
        }
        if supplier == buyer {
            bail!("{name} is no source of what it needs itself: name another supplier");
        }
        let number = self.snapshot.network().item(&Text::from(item));
        let need = self.graph.needs(buyer).find(|need| Some(need.item) == number);
        let (Some(number), Some(need)) = (number, need) else {
            bail!(self.snapshot.unneeded(&name, item));
        };
        let sources = u32::try_from(need.sources.len()).unwrap_or(u32::MAX - 1);
        let share_bp = share(sources, need.required_share_bp.unwrap_or(WHOLE_BP));
        self.graph.add_source(buyer, number, Source { share_bp, ..standby(supplier) });
        Ok(())
    }

    /// Makes everybody fail whose supply passes through a transport corridor.
    ///
    /// # Errors
    /// When nobody's does.
    pub(crate) fn close_corridor(&mut self, corridor: &str) -> Result<()> {
        let known = |profile: &Profile| profile.corridors().into_keys().cloned().collect();
        self.close("corridor", corridor, |profile| profile.is_behind(corridor), known)
    }

    /// Makes everybody fail who works in a region.
    ///
    /// # Errors
    /// When nobody does.
    pub(crate) fn close_region(&mut self, region: &str) -> Result<()> {
        let known = |profile: &Profile| profile.regions().map(|(region, _)| region.clone()).collect();
        self.close("region", region, |profile| profile.is_in_region(region), known)
    }

    fn close(
        &mut self,
        what: &str,
        name: &str,
        is_struck: impl Fn(&Profile) -> bool,
        known: impl Fn(&Profile) -> Vec<Text>,
    ) -> Result<()> {
        let network = self.snapshot.network();
        let struck = network.profiles().filter(|(_, profile)| is_struck(profile));
        let struck: Vec<NodeIx> = struck.map(|(node, _)| node).collect();
        if struck.is_empty() {
            let known: BTreeSet<Text> = network.profiles().flat_map(|(_, profile)| known(profile)).collect();
            let known: Vec<&str> = known.iter().map(Text::as_str).collect();
            spelling::among(what, name, &known, "the attestations of the kind `site` name them")?;
            bail!("nobody has half of its supply behind the {what} `{name}`, and nobody fails: name another");
        }
        self.hazards.fail(struck);
        Ok(())
    }

    /// Whose probability of being down moves against the snapshot, the largest moves first.
    #[must_use]
    pub(crate) fn moves(&self, sample: Sample) -> Vec<(&'s Organisation, Move)> {
        let network = self.snapshot.network();
        let before = Scene { graph: network.graph(), hazards: self.snapshot.fleet().exposures().hazards() };
        let after = Scene { graph: &self.graph, hazards: &self.hazards };
        moves(before, after, sample).into_iter().map(|one| (network.organisation(one.node), one)).collect()
    }
}

/// A source that is qualified and can be switched on at once.
#[must_use]
pub(crate) fn standby(supplier: NodeIx) -> Source {
    Source { supplier, share_bp: WHOLE_BP, switch_days: 0, active: true, qualified: true }
}

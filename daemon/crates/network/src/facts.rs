//! The facts that rules read: what the network knows, with names.

use super::{
    Network,
    causes::shared_upstream,
    concentration::Concentration,
    graph::{Need, NodeIx, Source},
    known::{Known, KnownImpact, KnownLoss, KnownNeed, KnownSupplier, highest},
    ownership::ownership,
    said::find,
    survival::stops,
};
use crate::model::{
    Facts, Organisation, Requirement,
    facts::{Impact, Loss, NeedFacts, SourceFacts},
};

impl Network {
    pub(super) fn facts_of(&self, node: NodeIx) -> Facts {
        let Known { requirement, programmes, needs, impact, is_named: _, ownership } = self.known(node);
        Facts {
            requirement: Requirement { programmes: self.names(programmes), ..requirement },
            needs: needs.into_iter().map(|need| self.need_facts(&need)).collect(),
            impact: self.impact_facts(impact),
            ownership,
        }
    }

    fn need_facts(&self, known: &KnownNeed<'_>) -> NeedFacts {
        let KnownNeed { need, suppliers, concentration, shared_upstream } = known;
        let sources = need.sources.iter().zip(suppliers);
        NeedFacts {
            item: self.sayings.items.name(need.item).clone(),
            class: need.class,
            required_share_bp: need.required_share_bp,
            buffer_days: need.buffer_days,
            sources: sources.map(|(source, supplier)| self.source_facts(source, supplier)).collect(),
            hhi_bp: concentration.parent_bp,
            region_hhi_bp: concentration.region_bp,
            corridor_hhi_bp: concentration.corridor_bp,
            country_hhi_bp: concentration.country_bp,
            share_total_bp: need.sources.iter().fold(0, |total, source| total.saturating_add(source.share_bp)),
            shared_upstream: shared_upstream.map(|organisation| self.organisation(organisation).clone()),
        }
    }

    fn source_facts(&self, source: &Source, supplier: &KnownSupplier) -> SourceFacts {
        SourceFacts {
            supplier: self.organisation(source.supplier).clone(),
            ultimate_parent: self.organisation(supplier.ultimate_parent).clone(),
            share_bp: source.share_bp,
            qualified: source.qualified,
            switch_days: source.switch_days,
            last_order_on: supplier.last_order_on,
        }
    }

    fn impact_facts(&self, impact: KnownImpact) -> Impact {
        let KnownImpact { buyers, single_point_of, recover_days, tier } = impact;
        let losses = single_point_of.into_iter().map(|loss| Loss {
            programme: self.organisation(loss.programme).clone(),
            hidden: loss.hidden,
            criticality: loss.criticality,
            survive_days: loss.survive_days,
            down_days: recover_days.map(|recover_days| recover_days.saturating_sub(loss.survive_days)),
        });
        let mut single_point_of: Vec<Loss> = losses.collect();
        single_point_of.sort_by(|one, other| one.programme.cmp(&other.programme));
        let survive_days = single_point_of.iter().map(|loss| loss.survive_days).min();
        Impact { buyers, single_point_of, survive_days, recover_days, tier }
    }

    /// How much hangs on `programme`, 1 (least) to 5 (most); `None` when it does not say.
    #[must_use]
    pub fn criticality(&self, programme: &Organisation) -> Option<u8> {
        self.criticality_of(self.node(programme)?)
    }
}

impl Network {
    /// As the network is now.
    pub(super) fn known(&self, node: NodeIx) -> Known<'_> {
        Known {
            requirement: self.requirement(node),
            programmes: &self.reaches[node as usize].programmes,
            needs: self.graph.needs(node).map(|need| self.known_need(node, need)).collect(),
            impact: self.impact(node),
            is_named: self.is_named_at(node),
            ownership: ownership(&self.sayings, node),
        }
    }

    fn requirement(&self, node: NodeIx) -> Requirement {
        let reached = &self.reaches[node as usize].programmes;
        // What is said about an organisation for a programme replaces what that programme asks of the others.
        let exceptions = self.sayings.requirements(node);
        let own = exceptions.iter().filter(|(programme, _)| *programme != node).map(|(_, asked)| (asked, true));
        let general = reached.iter().filter(|programme| find(exceptions, **programme).is_none());
        let general = general.filter_map(|programme| {
            let asked = find(self.sayings.requirements(*programme), *programme)?;
            Some((asked, self.asked.is_asked(*programme, node)))
        });
        highest(own.chain(general))
    }

    fn known_need<'n>(&self, buyer: NodeIx, need: Need<'n>) -> KnownNeed<'n> {
        let suppliers = need.sources.iter().map(|source| KnownSupplier {
            ultimate_parent: self.sayings.ultimate_parent(source.supplier),
            last_order_on: self.sayings.last_order_on(source.supplier, need.item),
        });
        let shared = shared_upstream(need, &self.causes).into_iter().filter(|cause| cause.organisation != buyer);
        let nearest = shared.min_by(|one, other| {
            let names = || self.organisation(one.organisation).cmp(self.organisation(other.organisation));
            one.steps.cmp(&other.steps).then_with(names)
        });
        KnownNeed {
            need,
            suppliers: suppliers.collect(),
            concentration: Concentration::of(need, &self.sayings),
            shared_upstream: nearest.map(|cause| cause.organisation),
        }
    }

    fn impact(&self, node: NodeIx) -> KnownImpact {
        KnownImpact {
            buyers: self.graph.supplied(node),
            single_point_of: self.losses(node),
            recover_days: self.sayings.profile(node).and_then(|profile| profile.recover_days),
            tier: self.reaches[node as usize].tier,
        }
    }

    /// What it means to the programmes that `node` alone brings down that it fails.
    fn losses(&self, node: NodeIx) -> Vec<KnownLoss> {
        if self.programmes_down[node as usize] == 0 {
            return Vec::new();
        }
        // Who brings a programme down reaches it.
        let reached = self.reaches[node as usize].programmes.iter();
        let programmes = reached.filter(|programme| {
            self.causes[**programme as usize].binary_search_by_key(&node, |cause| cause.organisation).is_ok()
        });
        let stopped = stops(&self.graph, &[node]);
        let loss = |programme: &NodeIx| KnownLoss {
            programme: *programme,
            hidden: self.graph.buyers(node).binary_search(programme).is_err(),
            criticality: self.criticality_of(*programme),
            survive_days: stopped.iter().find(|stop| stop.node == *programme).map_or(0, |stop| stop.day),
        };
        programmes.map(loss).collect()
    }

    pub(super) fn criticality_of(&self, programme: NodeIx) -> Option<u8> {
        find(self.sayings.requirements(programme), programme).map(|asked| asked.criticality)
    }
}

//! The facts that rules read: what the network knows, with names.

use super::{
    Network,
    causes::shared_upstream,
    concentration::Concentration,
    fact_inputs::{FactInputs, ImpactInputs, LossInputs, NeedInputs, SupplierInputs, highest},
    graph::{Need, NodeIx, Source},
    ownership::ownership,
    statements::find,
    survival::stops,
};
use crate::model::{
    Facts, Organisation, Requirement,
    facts::{Impact, Loss, NeedFacts, SourceFacts},
};

impl Network {
    pub(super) fn facts_of(&self, node: NodeIx) -> Facts {
        let FactInputs { requirement, programmes, needs, impact, is_named: _, ownership } = self.fact_inputs(node);
        Facts {
            requirement: Requirement { programmes: self.names(programmes), ..requirement },
            needs: needs.into_iter().map(|need| self.need_facts(&need)).collect(),
            impact: self.impact_facts(impact),
            ownership,
        }
    }

    fn need_facts(&self, known: &NeedInputs<'_>) -> NeedFacts {
        let NeedInputs { need, suppliers, concentration, shared_upstream } = known;
        let sources = need.sources.iter().zip(suppliers);
        NeedFacts {
            item: self.statements.items.name(need.item).clone(),
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

    fn source_facts(&self, source: &Source, supplier: &SupplierInputs) -> SourceFacts {
        SourceFacts {
            supplier: self.organisation(source.supplier).clone(),
            ultimate_parent: self.organisation(supplier.ultimate_parent).clone(),
            share_bp: source.share_bp,
            qualified: source.qualified,
            switch_days: source.switch_days,
            last_order_on: supplier.last_order_on,
        }
    }

    fn impact_facts(&self, impact: ImpactInputs) -> Impact {
        let ImpactInputs { buyers, single_point_of, recover_days, tier } = impact;
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

    /// The criticality of `programme`, 1 (least) to 5 (most); `None` when no requirement of its own states one.
    #[must_use]
    pub fn criticality(&self, programme: &Organisation) -> Option<u8> {
        self.criticality_of(self.node(programme)?)
    }
}

impl Network {
    /// The inputs of the node's facts, as the network is now.
    pub(super) fn fact_inputs(&self, node: NodeIx) -> FactInputs<'_> {
        FactInputs {
            requirement: self.requirement(node),
            programmes: &self.reaches[node as usize].programmes,
            needs: self.graph.needs(node).map(|need| self.need_inputs(node, need)).collect(),
            impact: self.impact(node),
            is_named: self.is_named_at(node),
            ownership: ownership(&self.statements, node),
        }
    }

    fn requirement(&self, node: NodeIx) -> Requirement {
        let reached = &self.reaches[node as usize].programmes;
        // A requirement for one organisation replaces what the programme asks of all others.
        let exceptions = self.statements.requirements(node);
        let own = exceptions.iter().filter(|(programme, _)| *programme != node).map(|(_, asked)| (asked, true));
        let general = reached.iter().filter(|programme| find(exceptions, **programme).is_none());
        let general = general.filter_map(|programme| {
            let asked = find(self.statements.requirements(*programme), *programme)?;
            Some((asked, self.asked.is_asked(*programme, node)))
        });
        highest(own.chain(general))
    }

    fn need_inputs<'n>(&self, buyer: NodeIx, need: Need<'n>) -> NeedInputs<'n> {
        let suppliers = need.sources.iter().map(|source| SupplierInputs {
            ultimate_parent: self.statements.ultimate_parent(source.supplier),
            last_order_on: self.statements.last_order_on(source.supplier, need.item),
        });
        let shared = shared_upstream(need, &self.causes).into_iter().filter(|cause| cause.organisation != buyer);
        let nearest = shared.min_by(|one, other| {
            let names = || self.organisation(one.organisation).cmp(self.organisation(other.organisation));
            one.steps.cmp(&other.steps).then_with(names)
        });
        NeedInputs {
            need,
            suppliers: suppliers.collect(),
            concentration: Concentration::of(need, &self.statements),
            shared_upstream: nearest.map(|cause| cause.organisation),
        }
    }

    fn impact(&self, node: NodeIx) -> ImpactInputs {
        ImpactInputs {
            buyers: self.graph.supplied(node),
            single_point_of: self.losses(node),
            recover_days: self.statements.profile(node).and_then(|profile| profile.recover_days),
            tier: self.reaches[node as usize].tier,
        }
    }

    /// What each programme loses that `node` alone brings down.
    fn losses(&self, node: NodeIx) -> Vec<LossInputs> {
        if self.programmes_down[node as usize] == 0 {
            return Vec::new();
        }
        // A node that brings a programme down reaches it.
        let reached = self.reaches[node as usize].programmes.iter();
        let programmes = reached.filter(|programme| {
            self.causes[**programme as usize].binary_search_by_key(&node, |cause| cause.organisation).is_ok()
        });
        let stopped = stops(&self.graph, &[node]);
        let loss = |programme: &NodeIx| LossInputs {
            programme: *programme,
            hidden: self.graph.buyers(node).binary_search(programme).is_err(),
            criticality: self.criticality_of(*programme),
            survive_days: stopped.iter().find(|stop| stop.node == *programme).map_or(0, |stop| stop.day),
        };
        programmes.map(loss).collect()
    }

    fn criticality_of(&self, programme: NodeIx) -> Option<u8> {
        find(self.statements.requirements(programme), programme).map(|asked| asked.criticality)
    }
}

//! The facts that rules read: what the network knows, with names.

use super::{
    Network,
    graph::{NodeIx, Source},
    known::{Known, KnownImpact, KnownNeed, KnownSupplier},
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

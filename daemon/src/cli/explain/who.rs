//! The names of the organisations in an explanation.

use crate::{
    analysis::snapshot::Snapshot,
    model::{BasisPoints, Facts, Organisation, stored::ScoreJson},
};
use serde::Serialize;
use std::collections::BTreeMap;

/// Who buys from a supplier, and what.
#[derive(Serialize)]
pub(super) struct BuyerLine {
    pub(super) organisation: String,
    /// Its registered name; empty when nobody attests it.
    pub(super) name: String,
    pub(super) item: String,
    /// The supplier's part of the need, 0 to 10 000; 0 is idle.
    pub(super) share_bp: BasisPoints,
    pub(super) qualified: bool,
}

/// Who buys from `supplier`, by name and item.
pub(super) fn buyers(snapshot: &Snapshot, supplier: &Organisation) -> Vec<BuyerLine> {
    let network = snapshot.network();
    let Some(node) = network.node(supplier) else { return Vec::new() };
    let mut buyers: Vec<BuyerLine> = Vec::new();
    for buyer in network.graph().buyers(node) {
        let organisation = network.organisation(*buyer);
        for need in &snapshot.facts(organisation).needs {
            let sold = need.sources.iter().filter(|source| source.supplier == *supplier);
            buyers.extend(sold.map(|source| BuyerLine {
                organisation: organisation.to_string(),
                name: snapshot.name(organisation).to_owned(),
                item: need.item.to_string(),
                share_bp: source.share_bp,
                qualified: source.qualified,
            }));
        }
    }
    buyers.sort_by(|one, other| (&one.organisation, &one.item).cmp(&(&other.organisation, &other.item)));
    buyers.dedup_by(|one, other| one.organisation == other.organisation && one.item == other.item);
    buyers
}

/// The registered names of the other organisations that the facts and the findings name by their identifiers.
pub(super) fn names(snapshot: &Snapshot, score: &ScoreJson<'_>, facts: &Facts) -> BTreeMap<String, String> {
    let sources = facts.needs.iter().flat_map(|need| {
        let suppliers = need.sources.iter().flat_map(|source| [&source.supplier, &source.ultimate_parent]);
        suppliers.chain(&need.shared_upstream).map(ToString::to_string)
    });
    let owners = facts.ownership.iter().flat_map(|ownership| &ownership.owners).map(|owner| owner.owner.to_string());
    let findings = score.contributions.iter().flat_map(|part| &part.findings).chain(&*score.findings);
    let said = findings.flat_map(|finding| [Some(&finding.message), finding.remedy.as_ref()]).flatten();
    let words = said.flat_map(|text| text.split(|c: char| c.is_whitespace() || ",;()`".contains(c)));
    let words = words.map(|word| word.trim_end_matches(['.', ':']).to_owned()).filter(|word| word.contains(':'));
    let named = sources.chain(owners).chain(words).filter(|name| *name != score.organisation);
    named
        .filter_map(|id| {
            let name = snapshot.name(&Organisation::checked_before(&id)).to_owned();
            (!name.is_empty()).then_some((id, name))
        })
        .collect()
}

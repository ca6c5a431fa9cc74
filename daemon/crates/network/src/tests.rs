//! The worked examples of the design, and the incremental network against a slow, obvious one.

mod changes;
mod exact;
mod examples;
mod exposures;
mod graphs;
mod incremental;
mod incremental_exposures;
mod oracle;
mod oracle_ownership;
mod places;
mod thresholds;
mod ways;

use super::Statement;
use crate::model::{
    BasisPoints, Organisation,
    claims::{Class, EntityProfile},
};

/// `P`, `P2` … are programmes, everything else is an organisation of the scheme `T`.
fn organisation(name: &str) -> Organisation {
    let scheme = if name.starts_with('P') { "PROGRAMME" } else { "T" };
    Organisation::checked_before(&format!("{scheme}:{name}"))
}

fn need(buyer: &str, item: &str, required_share_bp: Option<BasisPoints>, buffer_days: u32) -> Statement {
    let (buyer, item) = (organisation(buyer), item.into());
    Statement::Need { buyer, item, class: Class::Critical, required_share_bp, buffer_days }
}

fn source(supplier: &str, buyer: &str, item: &str, share_bp: BasisPoints) -> Statement {
    let (supplier, buyer) = (organisation(supplier), organisation(buyer));
    Statement::Source { supplier, buyer, item: item.into(), share_bp, qualified: true, switch_days: 40 }
}

/// A profile in GB, with its seat in `region` and with `parent`.
fn profile(region: Option<&str>, parent: Option<Organisation>) -> Statement {
    Statement::Profile(EntityProfile {
        name: "A name".into(),
        country: "GB".into(),
        region: region.map(Into::into),
        sme: None,
        sectors: Vec::new(),
        clusters: Vec::new(),
        parent,
        aliases: Vec::new(),
    })
}

//! Everything that explains one score.

use super::who::BuyerLine;
use crate::{
    cli::wire::ExposureLine,
    model::{Facts, Instant},
};
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Everything that explains a score, as programs read it.
#[derive(Serialize)]
pub(super) struct Explanation {
    /// The score as it is stored: the value that a replay must reproduce.
    pub(super) score: Box<RawValue>,
    /// What the supply network says of the organisation.
    pub(super) facts: Facts,
    /// The probability that it is down; null until it is computed.
    pub(super) exposure: Option<ExposureLine>,
    /// Who buys what from it.
    pub(super) buyers: Vec<BuyerLine>,
    /// The strictest label of its evidence; null when none has one.
    pub(super) handling: Option<&'static str>,
    /// The attestations that the score was made from.
    pub(super) attestations: Vec<EvidenceLine>,
    /// What changed, the latest first.
    pub(super) history: Vec<Entry>,
    /// The registered names of the organisations named above.
    pub(super) names: BTreeMap<String, String>,
}

#[derive(Serialize)]
pub(super) struct EvidenceLine {
    pub(super) kind: String,
    /// Who states it: the issuer that has this trust.
    pub(super) issuer: String,
    pub(super) trust: &'static str,
    pub(super) valid_from: Instant,
    pub(super) valid_until: Option<Instant>,
    /// Who may see it, as a TLP label; null when it has none.
    pub(super) handling: Option<&'static str>,
    pub(super) digest: String,
    pub(super) origin: String,
    /// What it says of the supply of another on this organisation's word alone: no figure rests on it until that other, a
    /// third party or an authority says the same. Null for everything else.
    pub(super) claimed: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Entry {
    pub(super) known_at: Instant,
    pub(super) change: Box<RawValue>,
    pub(super) line: String,
}

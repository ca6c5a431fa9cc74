//! What the supply network says about one organisation: an input of the rules beside its attestations.

use super::{
    BasisPoints, Date, Digest, Organisation,
    claims::{Class, ClearanceLevel, Text},
};
use serde::{Deserialize, Serialize};

/// A part of the facts, as a rule's manifest declares what it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// [`Facts::requirement`]
    Requirement,
    /// [`Facts::needs`]
    Needs,
    /// [`Facts::impact`]
    Impact,
    /// [`Facts::ownership`]
    Ownership,
}

/// The network's facts about one organisation. Equal networks give equal facts, in the same order, to the byte.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// What is required of it.
    pub requirement: Requirement,
    /// What it depends on, by item.
    pub needs: Vec<NeedFacts>,
    /// What depends on it.
    pub impact: Impact,
    /// Who owns it; `None` when nobody attests a holding of it.
    pub ownership: Option<Ownership>,
}

impl Facts {
    /// The facts that are `declared`; the others have the values that they have in an empty network.
    #[must_use]
    pub fn only(&self, declared: &[Fact]) -> Self {
        let mut only = Self::default();
        for fact in declared {
            match fact {
                Fact::Requirement => only.requirement = self.requirement.clone(),
                Fact::Needs => only.needs.clone_from(&self.needs),
                Fact::Impact => only.impact = self.impact.clone(),
                Fact::Ownership => only.ownership.clone_from(&self.ownership),
            }
        }
        only
    }

    /// The digest that binds a score to these facts.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.to_bytes())
    }

    /// Whether anybody depends on it or anything is required of it: otherwise no evidence makes a risk.
    #[must_use]
    pub fn is_linked(&self) -> bool {
        self.impact.buyers > 0 || self.impact.tier.is_some() || self.requirement != Requirement::default()
    }

    /// The bytes under [`Facts::digest`]: JSON with the fields in order.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_else(|error| unreachable!("facts hold only strings and numbers: {error}"))
    }
}

/// The highest requirements of the programmes that an organisation reaches and that flow down to its tier, or what a
/// `programme.requirement` about it says instead.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Cyber Security Model level, 0 to 3.
    pub cyber_level: Option<u8>,
    /// CMMC level, 1 to 3.
    pub cmmc_level: Option<u8>,
    /// The highest clearance of each nation, with the greatest headcount asked at that level; sorted by level.
    pub clearances: Vec<ClearanceRequirement>,
    /// The highest criticality of those programmes, 1 to 5.
    pub criticality: Option<u8>,
    /// The programmes it reaches, sorted.
    pub programmes: Vec<Organisation>,
}

/// How many people must be cleared, and to which level.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClearanceRequirement {
    /// The least level of their clearance.
    pub level: ClearanceLevel,
    /// The number of people.
    pub headcount: u32,
}

/// One need and its sources.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeedFacts {
    /// The item, as the buyer names it.
    pub item: Text,
    /// How critical the item is to the buyer.
    pub class: Class,
    /// How much of the supply must be up, 0 to 10 000; `None`: any one source.
    pub required_share_bp: Option<BasisPoints>,
    /// How many days stock lasts when the supply stops.
    pub buffer_days: u32,
    /// Its sources, sorted by the supplier's name.
    pub sources: Vec<SourceFacts>,
    /// Concentration (Herfindahl–Hirschman) by ultimate parent: Σ share², 0 to 10 000. In all four indices, what no source
    /// supplies, or what has an unknown origin, counts as one unknown supplier in one unknown place.
    pub hhi_bp: u32,
    /// The same by region: a source's share is split over its sites; a source without a known site counts
    /// where it has its seat.
    pub region_hhi_bp: u32,
    /// The same by transport corridor. Supply may pass through several, so it is the probability that two random units of
    /// the supply share a corridor; where every site uses one, this is Σ share² by corridor. For a site that names none, the
    /// corridor is unknown.
    pub corridor_hhi_bp: u32,
    /// The same by the country that a source is registered in.
    pub country_hhi_bp: u32,
    /// The sum of the shares, which may be over the whole when the attestations contradict one another.
    pub share_total_bp: u32,
    /// An organisation that is not itself the only source, but without which no source that counts can supply.
    pub shared_upstream: Option<Organisation>,
}

/// One source of one need.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceFacts {
    /// The organisation that supplies.
    pub supplier: Organisation,
    /// Its ultimate parent; itself when it has none.
    pub ultimate_parent: Organisation,
    /// Its part of the need, 0 to 10 000; 0 is idle.
    pub share_bp: BasisPoints,
    /// Whether the buyer has qualified it.
    pub qualified: bool,
    /// Days that it takes to switch it on, if it is idle.
    pub switch_days: u32,
    /// The last day for orders of the item from it; `None`: no end is announced.
    pub last_order_on: Option<Date>,
}

/// What depends on an organisation. Its impact is shown beside its score and is no risk; its recovery is compared with the time
/// for which others can do without it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Impact {
    /// How many buyers it supplies directly.
    pub buyers: u32,
    /// Programmes that stop when it alone stops, by name.
    pub single_point_of: Vec<Loss>,
    /// Days from its failure until the first of them stops; `None`: none of them does.
    pub survive_days: Option<u32>,
    /// Its time to recover, in days: the longest of its plans, where one that only it states counts 1.3 times.
    /// `None`: nobody attests a plan.
    pub recover_days: Option<u32>,
    /// Its distance below the nearest programme: 1 supplies a programme itself; `None` reaches none.
    pub tier: Option<u32>,
}

/// A programme that one organisation brings down by itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loss {
    /// The programme that stops.
    pub programme: Organisation,
    /// Whether the organisation does not supply it directly.
    pub hidden: bool,
    /// 1 (least) to 5 (most); `None` when the programme does not say.
    pub criticality: Option<u8>,
    /// Days from the organisation's failure until the programme stops.
    pub survive_days: u32,
    /// Days that the programme is down: the time to recover less the time to survive. `None` when that is not known.
    pub down_days: Option<u32>,
}

/// Who owns an organisation, through all chains of holdings that are attested.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ownership {
    /// Everyone who holds a part, directly or through others, by name.
    pub owners: Vec<OwnerFacts>,
    /// What the owners of each country hold, by country. On one chain a country counts once, with the owner that is
    /// nearest to the organisation: an owner of that owner holds the same part again.
    pub countries: Vec<CountryFacts>,
    /// What no attested owner holds, directly or behind another owner, in parts per million.
    pub undisclosed_ppm: u32,
    /// Whether a chain of owners forms a cycle, or is longer than is followed. What is behind that is undisclosed.
    pub opaque: bool,
}

/// An owner, direct or through others.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnerFacts {
    /// `SCHEME:ID`, or a name where it has none.
    pub owner: Text,
    /// ISO 3166-1 alpha-2.
    pub country: Text,
    /// What it holds, in parts per million: the sum over all chains of the product of the holdings.
    pub effective_ppm: u32,
}

/// What the owners of one country hold together.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountryFacts {
    /// ISO 3166-1 alpha-2.
    pub country: Text,
    /// What they hold together, in parts per million.
    pub effective_ppm: u32,
}

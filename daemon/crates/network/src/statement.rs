//! What an attestation says of the supply network.

use crate::model::{
    BasisPoints, Claims, Date, Organisation,
    claims::{Class, ClearanceLevel, EntityProfile, Holding, NetworkClaims, Recovery, Site, SupplyCapability, Text},
};

/// One thing that the attestations in force about one organisation say of the supply network. Names are canonical:
/// whoever makes statements has merged the aliases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// `buyer` needs `item`.
    Need {
        /// Who needs it: an organisation or a programme.
        buyer: Organisation,
        /// What is needed.
        item: Text,
        /// How much hangs on it.
        class: Class,
        /// How much of the supply must be up; `None`: any one source.
        required_share_bp: Option<BasisPoints>,
        /// How long stock lasts when the supply stops.
        buffer_days: u32,
    },
    /// `supplier` supplies `item` to `buyer`, or could: share 0 is idle.
    Source {
        /// Who supplies.
        supplier: Organisation,
        /// Whom.
        buyer: Organisation,
        /// What.
        item: Text,
        /// Which part of the need.
        share_bp: BasisPoints,
        /// Whether the buyer has qualified this source.
        qualified: bool,
        /// How long it takes to switch this source on.
        switch_days: u32,
    },
    /// The subject will no longer supply `item`.
    EndOfLife {
        /// Which item.
        item: Text,
        /// The last day for orders.
        last_order_on: Date,
    },
    /// Who the subject is.
    Profile(EntityProfile),
    /// One of the places where the subject works.
    Site(Site),
    /// How soon the subject supplies again, with its time to recover for the days of the plan.
    Recovery(Recovery),
    /// What the subject could supply.
    Capability(SupplyCapability),
    /// Who owns a part of the subject.
    Holding(Holding),
    /// What `programme` asks: of all that it reaches, or as many tiers as it says, when the subject is the programme; of
    /// the subject instead when not.
    Requirement(StatedRequirement),
}

/// What a programme asks of a supplier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedRequirement {
    /// Which programme.
    pub programme: Organisation,
    /// 1 (least) to 5 (most).
    pub criticality: u8,
    /// Cyber Security Model level, 0 to 3.
    pub cyber_level: Option<u8>,
    /// CMMC level, 1 to 3.
    pub cmmc_level: Option<u8>,
    /// The clearance that people need.
    pub clearance_level: Option<ClearanceLevel>,
    /// How many people need it at each supplier.
    pub headcount: u32,
    /// Down to which tier of the programme's suppliers it is asked; `None`: every tier.
    pub flow_tiers: Option<u32>,
}

impl Statement {
    /// What `claims` say of the network; `None` when they are about something else.
    #[must_use]
    pub fn from_claims(claims: &Claims) -> Option<Self> {
        Some(match claims.network()? {
            NetworkClaims::Need(need) => Self::Need {
                buyer: need.buyer.clone(),
                item: need.item.clone(),
                class: need.class,
                required_share_bp: need.required_share_bp,
                buffer_days: need.buffer_days,
            },
            NetworkClaims::Source(source) => Self::Source {
                supplier: source.supplier.clone(),
                buyer: source.buyer.clone(),
                item: source.item.clone(),
                share_bp: source.share_bp,
                qualified: source.qualified,
                switch_days: source.switch_days,
            },
            NetworkClaims::EndOfLife(notice) => {
                Self::EndOfLife { item: notice.item.clone(), last_order_on: notice.last_order_on }
            }
            NetworkClaims::Profile(profile) => Self::Profile(profile.clone()),
            NetworkClaims::Site(site) => Self::Site(site.clone()),
            NetworkClaims::Recovery(plan) => Self::Recovery(plan.clone()),
            NetworkClaims::Capability(could) => Self::Capability(could.clone()),
            NetworkClaims::Holding(holding) => Self::Holding(holding.clone()),
            NetworkClaims::Requirement(asked) => Self::Requirement(StatedRequirement {
                programme: asked.programme.clone(),
                criticality: asked.criticality,
                cyber_level: asked.cyber_level,
                cmmc_level: asked.cmmc_level,
                clearance_level: asked.clearance_level,
                headcount: asked.headcount,
                flow_tiers: asked.flow_tiers,
            }),
        })
    }
}

//! What an attestation says of the supply network.

use crate::model::{
    BasisPoints, Claims, Date, Organisation,
    claims::{Class, ClearanceLevel, EntityProfile, Holding, NetworkClaims, Recovery, Site, SupplyCapability, Text},
};

/// One thing that the attestations in force about one organisation, the subject, say of the supply network.
///
/// Names are canonical: whoever makes statements has merged the aliases. Organisations and items are distinguished by their
/// text alone, and buyer and item connect a need and its sources. A source whose need nobody states implies a critical need
/// without stock that any one source meets. Numbers are not checked here: [`from_claims`](Self::from_claims) takes them from
/// checked claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// `buyer` needs `item`.
    Need {
        /// Who needs it: an organisation or a programme.
        buyer: Organisation,
        /// What is needed, in the words that its sources use too.
        item: Text,
        /// How critical the item is. Facts show it; no analysis reads it.
        class: Class,
        /// How much of the supply must be up, 0 to 10 000 basis points; `None`: any one source.
        required_share_bp: Option<BasisPoints>,
        /// For how many days stock lasts when the supply stops. It decides when a node stops and whether an idle source counts;
        /// apart from that the probability of a stop does not depend on it.
        buffer_days: u32,
    },
    /// `supplier` supplies `item` to `buyer`, or could: share 0 is idle.
    Source {
        /// Who supplies: an organisation, no programme.
        supplier: Organisation,
        /// Whose need it is: an organisation's or a programme's.
        buyer: Organisation,
        /// The item of that need.
        item: Text,
        /// Which part of the need comes from this source, 0 to 10 000 basis points. All sources together may be less
        /// than the whole; more than the whole is not scaled down.
        share_bp: BasisPoints,
        /// Whether the buyer has qualified this source: an idle one that is not qualified never counts.
        qualified: bool,
        /// How many days it takes to switch this source on; ignored unless it is idle.
        switch_days: u32,
    },
    /// The subject will no longer supply `item`.
    EndOfLife {
        /// The item, as the needs of its buyers name it.
        item: Text,
        /// The last day for orders. Facts show it; the source counts until its statement is taken back.
        last_order_on: Date,
    },
    /// Who the subject is, where it is seated, and who its parent is.
    Profile(EntityProfile),
    /// One of the places where the subject works, with the part of its supply that comes from there; parts of one region,
    /// and of one set of corridors, add up.
    Site(Site),
    /// How soon the subject supplies again, with its [time to recover](Recovery::time_to_recover) for the days of the plan.
    Recovery(Recovery),
    /// What the subject could supply, and the approvals that it holds; all that are stated add up.
    Capability(SupplyCapability),
    /// Who owns a part of the subject, in parts per million: one holding for each owner.
    Holding(Holding),
    /// What `programme` requires. If the subject is the programme, it applies to everybody upstream, or to as many tiers as it
    /// says; otherwise it replaces that for the subject.
    Requirement(StatedRequirement),
}

/// What a programme requires of a supplier. Where several programmes reach one supplier, the highest of each counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedRequirement {
    /// The programme that requires it, also in an exception for one supplier.
    pub programme: Organisation,
    /// The criticality of the programme, 1 (least) to 5 (most).
    pub criticality: u8,
    /// Level of the Cyber Security Model (Def Stan 05-138), 0 to 3; `None`: none is asked.
    pub cyber_level: Option<u8>,
    /// Level of the CMMC (32 CFR 170), 1 to 3; `None`: none is asked.
    pub cmmc_level: Option<u8>,
    /// The clearance that people need; `None`: none is asked.
    pub clearance_level: Option<ClearanceLevel>,
    /// How many people need it at each supplier; ignored where no clearance is asked.
    pub headcount: u32,
    /// The last tier of the programme's suppliers that it applies to; `None`: every tier.
    pub flow_tiers: Option<u32>,
}

impl Statement {
    /// What `claims` say of the network; `None` when they are about something else, as a certificate is. The subject is
    /// not part of a statement: it is an argument of [`Network::set`](crate::Network::set).
    ///
    /// Claims that were read from JSON name organisations as their writer did: let
    /// [`spell`](Claims::spell) check the names and bring them into their one spelling.
    ///
    /// ```
    /// use tierwatch_network::{Statement, model::{Claims, Identifiers, Kind}};
    ///
    /// let json = r#"{"supplier": "cage:0000a", "buyer": "PROGRAMME:P", "item": "engine",
    ///     "share_bp": 10000, "qualified": true}"#;
    /// let mut claims = Claims::parse(&Kind::named("supply.source"), json)?;
    /// claims.spell(&Identifiers::default())?;
    /// let Some(Statement::Source { supplier, switch_days, .. }) = Statement::from_claims(&claims) else { panic!("a source") };
    /// assert_eq!((supplier.as_str(), switch_days), ("CAGE:0000A", 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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

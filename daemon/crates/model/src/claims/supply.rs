//! What is claimed of supply: who needs what, from whom, and what one could supply.

use super::{
    Text,
    claimed::{claimed, words},
    field::{optional_share_bp, share_bp},
};
use crate::{BasisPoints, Date, Organisation};

words! {
    /// How much hangs on a need.
    #[derive(PartialOrd, Ord, Hash)]
    pub enum Class {
        /// Critical, and only one source exists.
        SoleCritical = "sole-critical",
        /// The buyer stops without it.
        Critical = "critical",
        /// The buyer is hampered without it.
        Major = "major",
        /// The buyer can do without it for long.
        Minor = "minor",
    }
}

claimed! {
    /// `supply.need`
    pub struct SupplyNeed {
        /// Who needs it, an organisation or a programme: the subject itself.
        #[schemars(extend("examples" = ["GB-COH:09506232"]))]
        pub buyer: Organisation,
        /// What is needed.
        #[schemars(extend("examples" = ["turbine blade"]))]
        pub item: Text,
        /// How much hangs on it.
        pub class: Class,
        /// How much of the supply must be up; absent: any one source.
        #[serde(default, deserialize_with = "optional_share_bp", skip_serializing_if = "Option::is_none")]
        #[schemars(range(max = 10000))]
        pub required_share_bp: Option<BasisPoints>,
        /// How long stock lasts when the supply stops.
        #[serde(default)]
        pub buffer_days: u32,
    }
}

claimed! {
    /// `supply.source`; share 0 is an alternate that is idle
    pub struct SupplySource {
        /// Who supplies: it or the buyer is the subject itself.
        #[schemars(extend("examples" = ["GB-COH:01234567"]))]
        pub supplier: Organisation,
        /// Whom: not the supplier itself.
        #[schemars(extend("examples" = ["GB-COH:09506232"]))]
        pub buyer: Organisation,
        /// What.
        #[schemars(extend("examples" = ["turbine blade"]))]
        pub item: Text,
        /// Which part of the need.
        #[serde(deserialize_with = "share_bp")]
        #[schemars(range(max = 10000))]
        pub share_bp: BasisPoints,
        /// Whether the buyer has qualified this source.
        pub qualified: bool,
        /// How long it takes to switch this source on.
        #[serde(default)]
        pub switch_days: u32,
    }
}

claimed! {
    /// `supply.capability`
    pub struct SupplyCapability {
        /// Items it could supply.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(extend("examples" = [["turbine blade"]]))]
        pub items: Vec<Text>,
        /// Categories of items it could supply.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(extend("examples" = [["investment castings"]]))]
        pub categories: Vec<Text>,
        /// Approvals it holds, as `AS9100` or `NADCAP heat treatment`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(extend("examples" = [["AS9100"]]))]
        pub approvals: Vec<Text>,
    }
}

claimed! {
    /// `supply.end_of_life`: the subject will no longer supply the item
    pub struct EndOfLife {
        /// Which item.
        #[schemars(extend("examples" = ["turbine blade"]))]
        pub item: Text,
        /// The last day for orders.
        pub last_order_on: Date,
    }
}

//! What is claimed of supply: who needs what, from whom, and what one could supply.

use super::{
    Text,
    field::{optional_share_bp, share_bp},
};
use crate::{BasisPoints, Date, Organisation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much hangs on a need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Critical, and only one source exists.
    SoleCritical,
    /// The buyer stops without it.
    Critical,
    /// The buyer is hampered without it.
    Major,
    /// The buyer can do without it for long.
    Minor,
}

impl Class {
    /// The word for it in files and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SoleCritical => "sole-critical",
            Self::Critical => "critical",
            Self::Major => "major",
            Self::Minor => "minor",
        }
    }
}

/// `supply.need`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplyNeed {
    /// Who needs it: an organisation or a programme.
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

/// `supply.source`; share 0 is an alternate that is idle
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplySource {
    /// Who supplies.
    #[schemars(extend("examples" = ["GB-COH:01234567"]))]
    pub supplier: Organisation,
    /// Whom.
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

/// `supply.capability`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
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

/// `supply.end_of_life`: the subject will no longer supply the item
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndOfLife {
    /// Which item.
    #[schemars(extend("examples" = ["turbine blade"]))]
    pub item: Text,
    /// The last day for orders.
    pub last_order_on: Date,
}

//! What each kind of attestation claims. An unknown field is refused: a mistyped `valid_untill` must not become a
//! certificate that never ends.

mod clearance;
mod cyber;
mod field;
mod kind;
mod ownership;
mod supply;
mod text;

pub use clearance::{ClearanceLevel, FacilityClearance, FacilityLevel, FacilityStatus, Nation, PersonnelCount};
pub use cyber::{Certificate, Cip, Cmmc, CmmcStatus, CyberStandard, Dcc, PoamItem, Saq, Sprs};
pub use kind::{Claims, DeclaredClaims, KIND_NAME_MAX_BYTES, Kind, NotSpelled};
pub use ownership::{Holding, Instrument, Mitigation};
pub use supply::{Class, EndOfLife, SupplyCapability, SupplyNeed, SupplySource};
pub use text::{TEXT_MAX_BYTES, Text};

use super::{BasisPoints, Date, Digest, Instant, Organisation, Trust};
use field::{degrees, optional_ranged, ranged, share_bp, start};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `entity.profile`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EntityProfile {
    /// The registered name.
    #[schemars(extend("examples" = ["Otterstoke Structures Ltd"]))]
    pub name: Text,
    /// ISO 3166-1 alpha-2, once it is spelled; written in any word for the country.
    #[schemars(extend("examples" = ["GB"]))]
    pub country: Text,
    /// The region it is seated in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["Derby"]))]
    pub region: Option<Text>,
    /// Whether it is a small or medium enterprise; absent when nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sme: Option<bool>,
    /// What it works in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["castings"]]))]
    pub sectors: Vec<Text>,
    /// Regional bodies that it belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["Midlands Aerospace Alliance"]]))]
    pub clusters: Vec<Text>,
    /// The organisation that controls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["GB-COH:01234567"]))]
    pub parent: Option<Organisation>,
    /// Its identifiers in other schemes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["CAGE:U1234"]]))]
    pub aliases: Vec<Organisation>,
}

/// `entity.status`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EntityStatus {
    /// The register's word, as `active` or `administration`.
    #[schemars(extend("examples" = ["active"]))]
    pub status: Text,
}

/// `site`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// The region it lies in.
    #[schemars(extend("examples" = ["Derby"]))]
    pub region: Text,
    /// Transport corridors that its supply passes through, as `M6`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["M6"]]))]
    pub corridors: Vec<Text>,
    /// Which part of the organisation's supply comes from here.
    #[serde(deserialize_with = "share_bp")]
    #[schemars(range(max = 10000))]
    pub share_bp: BasisPoints,
    /// Degrees north (WGS 84); kept in millionths.
    #[serde(default, with = "degrees", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<f64>", range(min = -90, max = 90), extend("examples" = [52.92]))]
    pub latitude: Option<i32>,
    /// Degrees east (WGS 84); kept in millionths.
    #[serde(default, with = "degrees", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<f64>", range(min = -180, max = 180), extend("examples" = [-1.48]))]
    pub longitude: Option<i32>,
}

/// `continuity.recovery`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// For which item; absent: for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["turbine blade"]))]
    pub item: Option<Text>,
    /// Days until it supplies again.
    pub recover_days: u32,
    /// The day on which the plan was last tested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tested_on: Option<Date>,
}

impl Recovery {
    /// The **time to recover**, wherever one is shown or compared with a time to survive: the plan's days where a third party
    /// or an authority says so, and 1.3 times these, rounded up, where nobody but the organisation does.
    #[must_use]
    pub fn time_to_recover(&self, trust: Trust) -> u32 {
        const OWN_WORD_PERCENT: u64 = 130;
        if trust >= Trust::ThirdParty {
            return self.recover_days;
        }
        u32::try_from((u64::from(self.recover_days) * OWN_WORD_PERCENT).div_ceil(100)).unwrap_or(u32::MAX)
    }
}

/// `incident`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// 1 (worst) to 4.
    #[serde(deserialize_with = "ranged::<_, 1, 4>")]
    #[schemars(range(min = 1, max = 4))]
    pub severity: u8,
    /// When it began: a date, or an instant.
    #[serde(rename = "opened_on", deserialize_with = "start")]
    pub opened_at: Instant,
    /// The day on which it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_on: Option<Date>,
    /// When it was reported.
    #[serde(deserialize_with = "start")]
    pub reported_at: Instant,
    /// What tells it from another of the same day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["incident 7"]))]
    pub reference: Option<Text>,
}

/// `programme.requirement`: about a programme it flows down to all that it reaches, or as many tiers as it says; about
/// another organisation it says what that one must meet for the programme instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgrammeRequirement {
    /// Which programme.
    #[schemars(extend("examples" = ["PROGRAMME:KESTREL"]))]
    pub programme: Organisation,
    /// 1 (least) to 5 (most).
    #[serde(deserialize_with = "ranged::<_, 1, 5>")]
    #[schemars(range(min = 1, max = 5))]
    pub criticality: u8,
    /// Cyber Security Model level, 0 to 3.
    #[serde(default, deserialize_with = "optional_ranged::<_, 0, 3>", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 3))]
    pub cyber_level: Option<u8>,
    /// CMMC level, 1 to 3.
    #[serde(default, deserialize_with = "optional_ranged::<_, 1, 3>", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 3))]
    pub cmmc_level: Option<u8>,
    /// The clearance that people need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clearance_level: Option<ClearanceLevel>,
    /// How many people need it at each supplier.
    #[serde(default)]
    pub headcount: u32,
    /// Of a programme: down to which tier of its suppliers the levels, the clearance and the headcount are asked; 1 is its
    /// direct suppliers alone, 0 nobody; absent: every tier. The criticality is the programme's and holds at every tier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow_tiers: Option<u32>,
}

/// `revocation`, `suspension`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// Which attestation.
    pub digest: Digest,
    /// Why.
    #[schemars(extend("examples" = ["withdrawn by the assessor"]))]
    pub reason: Text,
}

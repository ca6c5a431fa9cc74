//! What is claimed of clearances, of facilities and of people.

use super::Text;
use crate::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The state of a facility clearance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FacilityStatus {
    /// There is none.
    None,
    /// Applied for.
    Applied,
    /// US: interim.
    Interim,
    /// UK: provisional.
    Provisional,
    /// Full.
    Full,
    /// Suspended.
    Suspended,
    /// Taken away.
    Withdrawn,
}

/// The highest classification that a facility may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FacilityLevel {
    /// US only.
    Confidential,
    /// SECRET.
    Secret,
    /// TOP SECRET.
    TopSecret,
}

/// The nations whose clearances Tierwatch orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Nation {
    /// United Kingdom.
    GB,
    /// United States.
    US,
}

/// A person's clearance. UK: BPSS < CTC < SC < DV; US: Confidential < Secret < Top Secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum ClearanceLevel {
    /// UK Baseline Personnel Security Standard.
    #[serde(rename = "GB:BPSS")]
    GbBpss,
    /// UK Counter-Terrorist Check.
    #[serde(rename = "GB:CTC")]
    GbCtc,
    /// UK Security Check.
    #[serde(rename = "GB:SC")]
    GbSc,
    /// UK Developed Vetting.
    #[serde(rename = "GB:DV")]
    GbDv,
    /// US Confidential.
    #[serde(rename = "US:CONFIDENTIAL")]
    UsConfidential,
    /// US Secret.
    #[serde(rename = "US:SECRET")]
    UsSecret,
    /// US Top Secret.
    #[serde(rename = "US:TOP-SECRET")]
    UsTopSecret,
}

impl ClearanceLevel {
    /// Whose clearance it is.
    #[must_use]
    pub fn nation(self) -> Nation {
        if self <= Self::GbDv { Nation::GB } else { Nation::US }
    }
}

/// `clearance.facility`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FacilityClearance {
    /// Whose clearance it is.
    pub nation: Nation,
    /// Up to which classification.
    pub level: FacilityLevel,
    /// Its state.
    pub status: FacilityStatus,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Date>,
    /// The contract it is sponsored for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["contract 4711"]))]
    pub sponsor_contract: Option<Text>,
    /// The last day of the sponsorship.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sponsor_until: Option<Date>,
}

/// One line of `clearance.personnel`: at least one of the two dates is there
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonnelCount {
    /// Which clearance.
    pub level: ClearanceLevel,
    /// How many people hold it.
    pub count: u32,
    /// The day on which they are to be reviewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_due_on: Option<Date>,
    /// The day on which it was granted: the rule adds its review period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted_on: Option<Date>,
}

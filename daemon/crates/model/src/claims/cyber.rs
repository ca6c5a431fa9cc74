//! What is claimed of cyber security: certificates, questionnaires, plans, CMMC, standards.

use super::{Text, field::ranged};
use crate::{Date, Organisation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `cyber.ce`, `cyber.ceplus`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// The certificate's number.
    #[schemars(extend("examples" = ["IASME-CE-012345"]))]
    pub certificate: Text,
    /// Whether its scope is the whole organisation.
    pub whole_organisation: bool,
    /// The organisations in its scope when that is not the whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["GB-COH:01234567"]]))]
    pub entities: Vec<Organisation>,
}

/// `cyber.dcc`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dcc {
    /// 0 to 3.
    #[serde(deserialize_with = "ranged::<_, 0, 3>")]
    #[schemars(range(min = 0, max = 3))]
    pub level: u8,
    /// When it was last attested.
    pub attested_on: Date,
}

/// `cyber.saq`: answered on the attestation's `valid_from`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Saq {
    /// The level that the answers reach, 0 to 3.
    #[serde(deserialize_with = "ranged::<_, 0, 3>")]
    #[schemars(range(min = 0, max = 3))]
    pub level: u8,
    /// How many controls the answers fall short of.
    #[serde(default)]
    pub gaps: u32,
}

/// `cyber.cip`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cip {
    /// Whether the buyer has accepted the plan.
    pub accepted: bool,
    /// The day by which it is carried out.
    pub due_on: Date,
}

/// `cyber.sprs`; an impossible score is for the rule to call invalid, with the attestation named
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sprs {
    /// −203 to 110.
    #[schemars(extend("examples" = [110]))]
    pub score: i32,
    /// The day of the assessment.
    pub assessed_on: Date,
    /// Whether there is a system security plan.
    pub ssp: bool,
}

/// Whether a CMMC status is final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CmmcStatus {
    /// Everything is met.
    Final,
    /// A plan of action is open.
    Conditional,
}

/// One line of a plan of action and milestones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PoamItem {
    /// The NIST SP 800-171 requirement, as `3.13.11`.
    #[schemars(extend("examples" = ["3.13.11"]))]
    pub requirement: Text,
    /// The points it costs.
    pub points: u8,
}

/// `cyber.cmmc`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cmmc {
    /// 1 to 3.
    #[serde(deserialize_with = "ranged::<_, 1, 3>")]
    #[schemars(range(min = 1, max = 3))]
    pub level: u8,
    /// Final or conditional.
    pub status: CmmcStatus,
    /// The day of the status.
    pub status_on: Date,
    /// The day of the last affirmation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub affirmed_on: Option<Date>,
    /// The plan of action.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub poam: Vec<PoamItem>,
}

/// `cyber.standard`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CyberStandard {
    /// As `ISO 27001` or `IEC 62443-4-1`.
    #[schemars(extend("examples" = ["ISO 27001"]))]
    pub standard: Text,
    /// What it covers.
    #[schemars(extend("examples" = ["design and manufacture"]))]
    pub scope: Text,
}

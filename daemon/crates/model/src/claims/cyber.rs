//! What is claimed of cyber security: certificates, questionnaires, plans, CMMC, standards.

use super::{
    Text,
    claimed::{claimed, words},
    field::ranged,
};
use crate::{Date, Organisation};

claimed! {
    /// `cyber.ce`, `cyber.ceplus`
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
}

impl Certificate {
    /// Whom alone it covers; `None`: the whole organisation.
    pub(super) fn covered(&self) -> Option<&[Organisation]> {
        (!self.whole_organisation).then_some(self.entities.as_slice())
    }
}

claimed! {
    /// `cyber.dcc`
    pub struct Dcc {
        /// 0 to 3.
        #[serde(deserialize_with = "ranged::<_, 0, 3>")]
        #[schemars(range(min = 0, max = 3))]
        pub level: u8,
        /// The day on which it was last attested, none after the issue.
        pub attested_on: Date,
    }
}

claimed! {
    /// `cyber.saq`: answered on the attestation's `valid_from`
    pub struct Saq {
        /// The level that the answers reach, 0 to 3.
        #[serde(deserialize_with = "ranged::<_, 0, 3>")]
        #[schemars(range(min = 0, max = 3))]
        pub level: u8,
        /// How many controls the answers fall short of.
        #[serde(default)]
        pub gaps: u32,
    }
}

claimed! {
    /// `cyber.cip`
    pub struct Cip {
        /// Whether the buyer has accepted the plan.
        pub accepted: bool,
        /// The day by which it is carried out.
        pub due_on: Date,
    }
}

claimed! {
    /// `cyber.sprs`; an impossible score is for the rule to call invalid, with the attestation named
    pub struct Sprs {
        /// −203 to 110.
        #[schemars(extend("examples" = [110]))]
        pub score: i32,
        /// The day of the assessment, none after the issue.
        pub assessed_on: Date,
        /// Whether there is a system security plan.
        pub ssp: bool,
    }
}

words! {
    /// Whether a CMMC status is final.
    pub enum CmmcStatus {
        /// Everything is met.
        Final = "final",
        /// A plan of action is open.
        Conditional = "conditional",
    }
}

claimed! {
    /// One line of a plan of action and milestones.
    pub struct PoamItem {
        /// The NIST SP 800-171 requirement, as `3.13.11`.
        #[schemars(extend("examples" = ["3.13.11"]))]
        pub requirement: Text,
        /// The points it costs.
        pub points: u8,
    }
}

claimed! {
    /// `cyber.cmmc`
    pub struct Cmmc {
        /// 1 to 3.
        #[serde(deserialize_with = "ranged::<_, 1, 3>")]
        #[schemars(range(min = 1, max = 3))]
        pub level: u8,
        /// Final or conditional.
        pub status: CmmcStatus,
        /// The day of the status, none after the issue.
        pub status_on: Date,
        /// The day of the last affirmation, none after the issue.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub affirmed_on: Option<Date>,
        /// The plan of action.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub poam: Vec<PoamItem>,
    }
}

claimed! {
    /// `cyber.standard`
    pub struct CyberStandard {
        /// As `ISO 27001` or `IEC 62443-4-1`.
        #[schemars(extend("examples" = ["ISO 27001"]))]
        pub standard: Text,
        /// What it covers.
        #[schemars(extend("examples" = ["design and manufacture"]))]
        pub scope: Text,
    }
}

//! What is claimed of clearances, of facilities and of people.

use super::{
    Text,
    claimed::{claimed, words},
};
use crate::Date;

words! {
    /// The state of a facility clearance.
    pub enum FacilityStatus {
        /// There is none.
        None = "none",
        /// Applied for.
        Applied = "applied",
        /// US: interim.
        Interim = "interim",
        /// UK: provisional.
        Provisional = "provisional",
        /// Full.
        Full = "full",
        /// Suspended.
        Suspended = "suspended",
        /// Taken away.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// The highest classification that a facility may hold.
    #[derive(PartialOrd, Ord, Hash)]
    pub enum FacilityLevel {
        /// US only.
        Confidential = "confidential",
        /// SECRET.
        Secret = "secret",
        /// TOP SECRET.
        TopSecret = "top-secret",
    }
}

words! {
    /// The nations whose clearances Tierwatch orders.
    #[derive(PartialOrd, Ord, Hash)]
    pub enum Nation {
        /// United Kingdom.
        Gb = "GB",
        /// United States.
        Us = "US",
    }
}

words! {
    /// A person's clearance. UK: BPSS < CTC < SC < DV; US: Confidential < Secret < Top Secret.
    #[derive(PartialOrd, Ord, Hash)]
    pub enum ClearanceLevel {
        /// UK Baseline Personnel Security Standard.
        GbBpss = "GB:BPSS",
        /// UK Counter-Terrorist Check.
        GbCtc = "GB:CTC",
        /// UK Security Check.
        GbSc = "GB:SC",
        /// UK Developed Vetting.
        GbDv = "GB:DV",
        /// US Confidential.
        UsConfidential = "US:CONFIDENTIAL",
        /// US Secret.
        UsSecret = "US:SECRET",
        /// US Top Secret.
        UsTopSecret = "US:TOP-SECRET",
    }
}

impl ClearanceLevel {
    /// Whose clearance it is.
    #[must_use]
    pub fn nation(self) -> Nation {
        if self <= Self::GbDv { Nation::Gb } else { Nation::Us }
    }
}

claimed! {
    /// `clearance.facility`
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
        /// The last day of the sponsorship: none before `since`, unless there is no clearance any more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub sponsor_until: Option<Date>,
    }
}

claimed! {
    /// One line of `clearance.personnel`: at least one of the two dates is there
    pub struct PersonnelCount {
        /// Which clearance.
        pub level: ClearanceLevel,
        /// How many people hold it.
        pub count: u32,
        /// The day on which they are to be reviewed; this or `granted_on` must be there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub review_due_on: Option<Date>,
        /// The day on which it was granted, none after the issue: the rule adds its review period.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub granted_on: Option<Date>,
    }
}

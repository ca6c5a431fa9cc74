//! What programmes ask.

use super::{
    ClearanceLevel,
    claimed::claimed,
    field::{optional_ranged, ranged},
};
use crate::Organisation;

claimed! {
    /// `programme.requirement`: about a programme it flows down to all that it reaches, or as many tiers as it says; about
    /// another organisation it says what that one must meet for the programme instead.
    pub struct ProgrammeRequirement {
        /// Which programme: the subject itself, where that is a programme.
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
}

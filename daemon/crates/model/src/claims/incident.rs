//! What is claimed of security incidents.

use super::{
    Text,
    claimed::claimed,
    field::{ranged, start},
};
use crate::{Date, Instant};

claimed! {
    /// `incident`
    pub struct Incident {
        /// 1 (worst) to 4.
        #[serde(deserialize_with = "ranged::<_, 1, 4>")]
        #[schemars(range(min = 1, max = 4))]
        pub severity: u8,
        /// When it began: a date, or an instant, not after the issue.
        #[serde(rename = "opened_on", deserialize_with = "start")]
        pub opened_at: Instant,
        /// The day on which it was closed: none before `opened_on`, none after the issue.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(extend("examples" = ["2026-05-10"]))]
        pub closed_on: Option<Date>,
        /// When it was reported: not before `opened_on`, not after the issue.
        #[serde(deserialize_with = "start")]
        pub reported_at: Instant,
        /// What tells it from another of the same day.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(extend("examples" = ["incident 7"]))]
        pub reference: Option<Text>,
    }
}

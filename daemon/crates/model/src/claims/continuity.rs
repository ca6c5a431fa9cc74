//! What is claimed of how soon an organisation supplies again.

use super::{Text, claimed::claimed};
use crate::{Date, Trust};

claimed! {
    /// `continuity.recovery`
    pub struct Recovery {
        /// For which item; absent: for all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(extend("examples" = ["turbine blade"]))]
        pub item: Option<Text>,
        /// Days until it supplies again.
        pub recover_days: u32,
        /// The day on which the plan was last tested, none after the issue.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub tested_on: Option<Date>,
    }
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

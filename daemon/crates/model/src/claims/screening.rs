//! What is claimed of lists of restricted parties.

use super::{
    Text,
    claimed::{claimed, words},
};
use crate::Date;

words! {
    /// What a search of a list found.
    pub enum ScreeningOutcome {
        /// Nobody on it is like the organisation.
        None = "none",
        /// Somebody on it may be the organisation: a person has to decide.
        Possible = "possible",
        /// The organisation is on it.
        Match = "match",
    }
}

claimed! {
    /// `screening`: one search of one list
    pub struct Screening {
        /// The list that was searched, as `1260H`.
        #[schemars(extend("examples" = ["1260H"]))]
        pub list: Text,
        /// What the search found.
        pub outcome: ScreeningOutcome,
        /// What the list forbids or asks.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(extend("examples" = ["no contract with it"]))]
        pub measure: Option<Text>,
        /// The first day of the measure; absent: it holds already.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(extend("examples" = ["2026-06-30"]))]
        pub from: Option<Date>,
        /// The last day of the measure, none before `from`; absent: it has no end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(extend("examples" = ["2027-06-29"]))]
        pub until: Option<Date>,
        /// Who it is on the list, in the list's words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(extend("examples" = ["Otterstoke Structures Ltd"]))]
        pub entry: Option<Text>,
    }
}

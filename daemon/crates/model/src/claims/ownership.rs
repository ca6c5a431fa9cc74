//! What is claimed of owners, and of what keeps them from control.

use super::{
    Country, Party,
    claimed::{claimed, words},
    field::percent,
};
use crate::Organisation;

claimed! {
    /// `ownership.holding`
    pub struct Holding {
        /// Who holds, not the subject itself: `SCHEME:ID` where it has one (only then can chains be followed), else a name.
        #[schemars(extend("examples" = ["GB-COH:01234567"]))]
        pub owner: Party,
        /// ISO 3166-1 alpha-2, once it is spelled; written in any word for the country.
        #[schemars(extend("examples" = ["FR"]))]
        pub owner_country: Country,
        /// How much, in per cent, as 25.01; kept in parts per million.
        #[serde(rename = "percent", with = "percent")]
        #[schemars(with = "f64", range(min = 0, max = 100), extend("examples" = [25.01]))]
        pub percent_ppm: u32,
    }
}

impl Holding {
    /// The owner as an organisation, where an identifier names it: only then can chains be followed.
    #[must_use]
    pub fn organisation(&self) -> Option<Organisation> {
        self.owner.organisation()
    }
}

words! {
    /// What keeps a foreign owner from control (32 CFR 117.11).
    pub enum Instrument {
        /// A resolution of the board.
        BoardResolution = "board-resolution",
        /// Security Control Agreement.
        Sca = "sca",
        /// Special Security Agreement.
        Ssa = "ssa",
        /// Proxy Agreement.
        Proxy = "proxy",
        /// Voting Trust.
        VotingTrust = "voting-trust",
    }
}

claimed! {
    /// `foci.mitigation`
    pub struct Mitigation {
        /// Which instrument.
        pub instrument: Instrument,
        /// Who accepted it.
        #[schemars(extend("examples" = ["DCSA"]))]
        pub accepted_by: Party,
    }
}

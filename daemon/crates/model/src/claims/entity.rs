//! What is claimed of who an organisation is.

use super::{Country, Text, claimed::claimed};
use crate::Organisation;

claimed! {
    /// `entity.profile`
    pub struct EntityProfile {
        /// The registered name.
        #[schemars(extend("examples" = ["Otterstoke Structures Ltd"]))]
        pub name: Text,
        /// ISO 3166-1 alpha-2, once it is spelled; written in any word for the country.
        #[schemars(extend("examples" = ["GB"]))]
        pub country: Country,
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
        /// The organisation that controls it, not the subject itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(extend("examples" = ["GB-COH:01234567"]))]
        pub parent: Option<Organisation>,
        /// Its identifiers in other schemes.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(extend("examples" = [["CAGE:U1234"]]))]
        pub aliases: Vec<Organisation>,
    }
}

claimed! {
    /// `entity.status`
    pub struct EntityStatus {
        /// The register's word, as `active` or `administration`.
        #[schemars(extend("examples" = ["active"]))]
        pub status: Text,
    }
}

//! What is claimed of the places where an organisation works.

use super::{
    Text,
    claimed::claimed,
    field::{degrees, share_bp},
};
use crate::BasisPoints;

claimed! {
    /// `site`
    pub struct Site {
        /// The region it lies in.
        #[schemars(extend("examples" = ["Derby"]))]
        pub region: Text,
        /// Transport corridors that its supply passes through, as `M6`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(extend("examples" = [["M6"]]))]
        pub corridors: Vec<Text>,
        /// Which part of the organisation's supply comes from here.
        #[serde(deserialize_with = "share_bp")]
        #[schemars(range(max = 10000))]
        pub share_bp: BasisPoints,
        /// Degrees north (WGS 84), together with `longitude`; kept in millionths.
        #[serde(default, with = "degrees", skip_serializing_if = "Option::is_none")]
        #[schemars(with = "Option<f64>", range(min = -90, max = 90), extend("examples" = [52.92]))]
        pub latitude: Option<i32>,
        /// Degrees east (WGS 84), together with `latitude`; kept in millionths.
        #[serde(default, with = "degrees", skip_serializing_if = "Option::is_none")]
        #[schemars(with = "Option<f64>", range(min = -180, max = 180), extend("examples" = [-1.48]))]
        pub longitude: Option<i32>,
    }
}

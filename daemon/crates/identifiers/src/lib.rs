//! How organisations and countries are identified, each in one spelling: `SCHEME:ID`, and two letters of ISO 3166-1.
//!
//! The daemon brings all that is attested into these spellings, and the language of expressions refuses what is compared with
//! them and is in no such spelling: both read the tables here.

pub mod country;
mod scheme;

pub use scheme::{BUILT_IN_SCHEMES, PROGRAMME_SCHEME, alike, begins_identifier, is_scheme, scheme_of, spelled};

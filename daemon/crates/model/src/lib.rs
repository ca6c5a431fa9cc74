//! What the words of Tierwatch mean, as plain data: no I/O, no clock, no async.
//!
//! Every other module uses these types. A value that exists is valid: parsing refuses malformed input with a sentence that ends
//! with the fix.

#![warn(clippy::wildcard_enum_match_arm)]

use tierwatch_by_name as by_name;

pub mod assessment;
pub mod attestation;
pub mod claims;
mod declared;
pub mod digest;
pub mod exposure;
pub mod facts;
pub mod organisation;
pub mod score;
pub mod stored;
pub mod time;
pub mod trust;
mod written;

pub use assessment::{Argument, Assessment, Finding, Manifest, Outcome, Reason, Severity};
pub use attestation::{Attestation, Handling};
pub use claims::{Claims, Kind};
pub use declared::DeclaredKinds;
pub use digest::Digest;
pub use exposure::{Exposure, Method};
pub use facts::{Facts, Requirement};
pub use organisation::{Identifiers, Organisation};
pub use score::Score;
pub use tierwatch_identifiers::country;
pub use time::{Date, Instant};
pub use trust::Trust;

/// One hundredth of a percent: risk, shares and confidence are all 0..=10 000 of these.
pub type BasisPoints = u32;

/// The whole, in basis points.
pub const WHOLE_BP: BasisPoints = 10_000;

/// An organisation's (or programme's) index in the tables of a running daemon. Never stored, never shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrganisationIx(pub u32);

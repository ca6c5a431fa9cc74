//! Write a Tierwatch rule plugin in Rust: implement [`Rule`], say [`export!`].
//!
//! A rule turns evidence about one organisation into one assessment. It has no clock, no randomness, no files and no
//! network: [`Subject::as_of`](Subject) is its only time, so the same subject gives the same assessment on any machine.
//!
//! ```
//! use tierwatch_rule::{
//!     Assessment, BASIS_POINTS, Claims, Manifest, Problem, Rule, Subject, confidence_bp, manifest, messages, parameters,
//! };
//!
//! messages! {
//!     NO_PROFILE: "Nobody says who it is." => "Send its `entity.profile`.";
//! }
//!
//! parameters! {
//!     /// The risk of a firm that is not small.
//!     large_bp: u32 = 5_000, BASIS_POINTS;
//! }
//!
//! struct Size(Parameters);
//!
//! impl Rule for Size {
//!     type Parameters = Parameters;
//!
//!     fn manifest() -> Manifest {
//!         manifest! {
//!             dimension: "example",
//!             help: "Small firms are no risk here, others are what the policy says.",
//!             kinds: ["entity.profile"],
//!             facts: [],
//!         }
//!     }
//!
//!     fn configure(parameters: Parameters) -> Result<Self, Vec<Problem>> {
//!         Ok(Self(parameters))
//!     }
//!
//!     fn assess(&self, subject: &Subject) -> Assessment {
//!         for attestation in subject.usable() {
//!             if let Claims::EntityProfile(profile) = &attestation.claims {
//!                 let risk_bp = if profile.sme == Some(true) { 0 } else { self.0.large_bp };
//!                 return Assessment::scored(risk_bp, confidence_bp([attestation]), vec![]);
//!             }
//!         }
//!         Assessment::unknown(Message::NO_PROFILE, vec![])
//!     }
//! }
//!
//! tierwatch_rule::export!(Size);
//! ```

#[cfg(target_arch = "wasm32")]
mod allocator;
mod assessment;
mod bindings;
mod calendar;
#[cfg(any(target_arch = "wasm32", test))]
mod canonical;
mod concentration;
mod evidence;
mod export;
mod json;
mod manifest;
mod message;
mod parameter;
mod problem;
mod rule;

pub use assessment::WHOLE_BP;
pub use bindings::plugin::*;
pub use calendar::{DAY_SECONDS, date_of, minus_months, plus_months, start_of};
pub use concentration::{CONCENTRATION_UNITS, concentration};
pub use evidence::confidence_bp;
pub use json::{Reader, Setting, Writer};
pub use message::Code;
pub use parameter::{BASIS_POINTS, Constraints, FromJson, PERCENT, within};
pub use rule::Rule;

/// Items for the expansion of [`export!`]; rules must not use them.
#[doc(hidden)]
pub mod internal {
    #[cfg(target_arch = "wasm32")]
    pub use crate::canonical::{read_subjects, subjects};
    pub use crate::{
        bindings::plugin,
        export::Slot,
        message::message,
        parameter::{Constraints, Parameter, read, schema},
    };
}

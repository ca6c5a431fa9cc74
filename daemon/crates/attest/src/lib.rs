//! Bytes become verified, normalised attestations here, and attestations become the evidence about an organisation.
//!
//! Nothing in this module reads a file, a socket or a clock: bytes, the operator's configuration and the time are
//! arguments, so that the same input always gives the same answer. The way of one document:
//!
//! 1. `json` refuses what two parsers could read differently, and `forms` knows what else is sent by mistake;
//! 2. [`dsse`] takes the envelope apart, [`statement`] or [`cyclonedx`] reads what is stated, in the words of
//!    [`kinds`];
//! 3. `signatures` finds the [`keys`] that signed, and [`trust`] says under which grant, if any, they may;
//! 4. what is stated becomes an attestation in canonical form, which [`canonical`] writes and reads for the store;
//!
//! or a [`refusal`] says why not. [`verifier`] is the whole way in one call.
//!
//! [`Ledger`] then holds what the attestations come to: `identity` (which names are one organisation), `supersession`
//! (which of one issuer's attestations counts), `withdrawal` (what is revoked or suspended) and `conflict` (which issuer
//! prevails) give the same evidence whatever order the attestations arrived in.

use tierwatch_by_name as by_name;
use tierwatch_diagnostic as diagnostic;
use tierwatch_model as model;

mod agreement;
pub mod canonical;
pub mod component_signature;
mod conflict;
#[cfg(test)]
mod conformance_tests;
pub mod cyclonedx;
pub mod dsse;
mod faults;
#[cfg(test)]
mod fixture;
mod forms;
mod grant;
mod identity;
mod json;
mod key_forms;
pub mod keys;
pub mod kinds;
mod ledger;
#[cfg(test)]
mod ledger_properties;
#[cfg(test)]
mod ledger_tests;
pub mod matter;
#[cfg(test)]
mod matter_tests;
pub mod not_a_key;
mod plain;
mod predicate;
pub mod refusal;
mod remit;
mod signatures;
pub mod statement;
mod supersession;
pub mod trust;
mod unverified;
pub mod verifier;
#[cfg(test)]
mod verifier_tests;
#[cfg(test)]
mod wild_tests;
mod withdrawal;
pub mod written;

pub use conflict::{Conflict, Evidence};
pub use forms::encoding;
pub use json::MAX_JSON_DEPTH;
pub use ledger::Ledger;
pub use matter::Matter;
pub use refusal::{MAX_ATTESTATION_BYTES, Refusal};
pub use remit::{Remit, reaches_others};
pub use verifier::{Refused, Verified, Verifier, VerifierOptions};

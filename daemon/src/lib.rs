//! Tierwatch scores the suppliers of defence programmes from signed attestations and explains every score.

pub mod model;

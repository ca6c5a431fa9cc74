//! Answers to questions about a stored state: nothing here stores anything.

pub mod alternatives;
pub mod audit;
pub mod doubts;
pub mod groups;
pub mod replay;
pub mod snapshot;
pub mod what_if;

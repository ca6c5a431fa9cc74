//! Answers to questions about a stored state: nothing here stores anything.

pub(crate) mod alternatives;
pub(crate) mod audit;
pub(crate) mod doubts;
pub(crate) mod groups;
pub(crate) mod replay;
pub(crate) mod snapshot;
pub(crate) mod what_if;

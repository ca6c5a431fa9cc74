//! JSON for parameters: no more of it than rules need, because a component carries what it links, and what a component
//! carries is compiled at every cold start. A general library, with its printing of floating-point numbers and its sentences
//! for every error, is three times as large as a rule.

mod read;
mod write;

pub(crate) use read::read;
pub(crate) use write::{quoted, write};

#[cfg(test)]
mod tests;

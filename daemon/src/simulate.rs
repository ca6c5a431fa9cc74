//! `tierwatch simulate`: a supply network that does not exist, of any size, with really signed attestations.
//!
//! The same [`Options`] give the same bytes, on any machine and any number of threads: names, structure, claims, dates
//! and keys all come from the seed, and today is an argument. With 200 organisations or more there is a cast of stories
//! ([`story::Story`]) whose outcome is known in advance, and always some input that must be refused ([`story::BadInput`]).
//!
//! Memory does not grow with the number of attestations: each organisation's are made, signed in parallel and written
//! in order, a chunk at a time. What stays is the list of programmes that each organisation reaches.
//!
//! The folder that [`write_demo`] fills:
//! ```text
//! tierwatch.toml  trust.toml   the daemon's configuration
//! stories.json                 what was planted, and what must be seen
//! feed/offices/*.jsonl         what each office issued
//! feed/suppliers.jsonl         what organisations say of themselves
//! feed/notices/*.json          revocations, incidents, end-of-life notices
//! feed/received/*.json         bad input
//! try/*.jsonl                  a file that heals the worst supplier when it is copied into the feed
//! ```

mod bad;
mod catalogue;
mod clearance;
mod cyber;
mod defects;
mod evidence;
mod firm;
mod identity;
mod issuers;
mod names;
mod planned;
mod random;
mod replacement;
mod rewiring;
mod sign;
mod staging;
mod stories;
mod story;
mod structure;
mod supply;
#[cfg(test)]
mod tests;
mod trust;
mod world;
mod write;

pub(crate) use write::WrittenNetwork;
pub use write::write_demo;

use crate::{attest::not_a_key::NotAKey, model::Date};
use std::{ops::RangeInclusive, path::PathBuf};

/// How many organisations a simulated network may have.
pub const ORGANISATIONS: RangeInclusive<u32> = 20..=1_000_000;
/// Most attestations about one organisation.
const MAX_ATTESTATIONS_PER_ORGANISATION: u32 = 1000;
/// Organisations of the demonstration network.
pub(crate) const DEMO_ORGANISATIONS: u32 = 320;
/// Organisations with a key of their own unless more are asked for: each is a table in `trust.toml`.
pub(crate) const OWN_KEYS: u32 = 2000;

/// The size, the seed and the dates of a simulation.
#[derive(Clone, Debug)]
pub struct Options {
    /// The seed of everything random.
    pub seed: u64,
    /// How many organisations there are, in [`ORGANISATIONS`].
    pub organisations: u32,
    /// How many attestations there are about each organisation; the network itself (about four on average) is always there.
    /// `None`: as many as such an organisation would have, about nine.
    pub attestations_per_organisation: Option<u32>,
    /// How many organisations sign with a key of their own; a regional body's portal signs for the others.
    pub own_keys: u32,
    /// The day that all dates are relative to, in UTC.
    pub today: Date,
    /// The policy that the written configuration names; relative paths start at the written folder.
    pub policy: PathBuf,
}

impl Options {
    /// The demonstration network as of `today`.
    #[must_use]
    pub fn demo(today: Date) -> Self {
        Self {
            seed: 1,
            organisations: DEMO_ORGANISATIONS,
            attestations_per_organisation: None,
            own_keys: OWN_KEYS,
            today,
            policy: "uk-mod.toml".into(),
        }
    }

    fn check(&self) -> Result<(), SimulateError> {
        if !ORGANISATIONS.contains(&self.organisations) {
            return Err(SimulateError::Organisations(self.organisations));
        }
        match self.attestations_per_organisation {
            Some(asked) if !(1..=MAX_ATTESTATIONS_PER_ORGANISATION).contains(&asked) => {
                Err(SimulateError::Attestations(asked))
            }
            _ => Ok(()),
        }
    }
}

/// Why nothing was simulated.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// Too few or too many organisations.
    #[error("cannot simulate {0} organisations: ask for 20 to 1000000")]
    Organisations(u32),
    /// None or too many attestations.
    #[error("cannot simulate {0} attestations an organisation: ask for 1 to {MAX_ATTESTATIONS_PER_ORGANISATION}")]
    Attestations(u32),
    /// The folder already holds a feed.
    #[error("{} exists: remove it or name another folder, so that two networks do not mix", .0.display())]
    Exists(PathBuf),
    /// A file cannot be written.
    #[error("cannot write {}: {source}; check the folder's permissions and the space left", path.display())]
    Io {
        /// The file that cannot be written.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A key cannot be written.
    #[error(transparent)]
    Key(#[from] NotAKey),
}

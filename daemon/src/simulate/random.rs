//! Repeatable randomness: every stream is named by the seed, a purpose and a number, so that what one
//! organisation draws never depends on how many others were drawn before it, or on which thread.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};
use sha2::{Digest as _, Sha256};

/// 32 bytes that only (`seed`, `purpose`, `number`) give: a stream's state or a signing key's seed.
pub(super) fn derive(seed: u64, purpose: &str, number: u64) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"tierwatch simulate v1\n");
    hash.update(seed.to_be_bytes());
    hash.update(number.to_be_bytes());
    hash.update(purpose.as_bytes());
    hash.finalize().into()
}

/// A stream of random numbers.
pub(super) struct Stream(ChaCha8Rng);

impl Stream {
    pub(super) fn new(seed: u64, purpose: &str, number: u64) -> Self {
        Self(ChaCha8Rng::from_seed(derive(seed, purpose, number)))
    }

    /// A number from `0..bound`. The bias of the multiplication is below 2⁻³² for the small bounds used here.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        let scaled = u64::from(self.0.next_u32()) * u64::from(bound);
        u32::try_from(scaled >> 32).unwrap_or(0)
    }

    /// A number from `low..=high`.
    pub(super) fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high - low + 1)
    }

    /// True in `percent` % of cases.
    pub(super) fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// One of `choices`, which is not empty.
    pub(super) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        let bound = u32::try_from(choices.len()).unwrap_or(u32::MAX);
        &choices[self.below(bound) as usize]
    }
}

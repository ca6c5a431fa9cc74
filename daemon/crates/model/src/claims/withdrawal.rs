//! What takes back what was attested.

use super::{Text, claimed::claimed};
use crate::Digest;

claimed! {
    /// `revocation`, `suspension`
    pub struct Withdrawal {
        /// Which attestation.
        pub digest: Digest,
        /// Why.
        #[schemars(extend("examples" = ["withdrawn by the assessor"]))]
        pub reason: Text,
    }
}

/// How claims take back what was attested.
#[derive(Clone, Copy, Debug)]
pub enum Withdraws<'c> {
    /// It never counts again.
    ForGood(&'c Withdrawal),
    /// It does not count while they hold.
    WhileItHolds(&'c Withdrawal),
}

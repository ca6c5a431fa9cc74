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

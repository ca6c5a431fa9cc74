//! Who signs: the offices of the simulated cluster and the organisations themselves, with keys from the seed.

use super::random::derive;
use crate::attest::keys::{Algorithm, SigningKey};

/// An office that issues attestations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Office {
    /// Keeps the register of companies.
    Register,
    /// Certifies cyber security.
    Certification,
    /// Clears facilities and people.
    Vetting,
    /// The prime contractor.
    Prime,
    /// The customer's programme office: signs requirements together with the prime.
    Programmes,
    /// The regional body that signs what members without a key say of themselves.
    Portal,
}

impl Office {
    pub(super) const ALL: [Self; 6] =
        [Self::Register, Self::Certification, Self::Vetting, Self::Prime, Self::Programmes, Self::Portal];

    /// The name of its key.
    pub(super) fn key_name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Certification => "certification",
            Self::Vetting => "vetting",
            Self::Prime => "prime",
            Self::Programmes => "programmes",
            Self::Portal => "portal",
        }
    }

    /// The file of the feed that holds most of what it issues.
    pub(super) fn log(self) -> &'static str {
        match self {
            Self::Register => "offices/register.jsonl",
            Self::Certification => "offices/certification.jsonl",
            Self::Vetting => "offices/vetting.jsonl",
            Self::Prime => "offices/prime.jsonl",
            Self::Programmes => "offices/programmes.jsonl",
            Self::Portal => "offices/portal.jsonl",
        }
    }

    /// What it is called.
    pub(super) fn owner(self) -> &'static str {
        match self {
            Self::Register => "Albion Register of Companies",
            Self::Certification => "Albion Cyber Certification",
            Self::Vetting => "Albion Vetting Office",
            Self::Prime => "Harrowgarth Prime Systems",
            Self::Programmes => "Albion Defence Programmes",
            Self::Portal => super::catalogue::PORTAL,
        }
    }

    fn algorithm(self) -> Algorithm {
        if self == Self::Vetting { Algorithm::EcdsaP256 } else { Algorithm::Ed25519 }
    }

    pub(super) fn key(self, seed: u64) -> SigningKey {
        SigningKey::from_seed(self.algorithm(), derive(seed, self.key_name(), 0))
    }
}

/// The key of organisation `firm`.
pub(super) fn firm_key(seed: u64, firm: u32) -> SigningKey {
    SigningKey::from_seed(Algorithm::Ed25519, derive(seed, "organisation key", u64::from(firm)))
}

/// A key that no trust table knows.
pub(super) fn stranger_key(seed: u64) -> SigningKey {
    SigningKey::from_seed(Algorithm::Ed25519, derive(seed, "stranger key", 0))
}

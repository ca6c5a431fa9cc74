//! The trust in a claim.

use serde::{Deserialize, Serialize};

/// How far a claim may be trusted. It comes only from the operator's configuration, never from a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trust {
    /// From a feed that the operator trusts, with no signature.
    Unsigned,
    /// Signed by the organisation that it is about.
    #[serde(rename = "self")]
    Own,
    /// Signed by another organisation, as an assessor or a certification body.
    ThirdParty,
    /// Signed by whoever runs the scheme or the register.
    Authority,
}

impl Trust {
    /// Every level, the least trusted first.
    pub const ALL: [Self; 4] = [Self::Unsigned, Self::Own, Self::ThirdParty, Self::Authority];

    /// The word for it in files and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unsigned => "unsigned",
            Self::Own => "self",
            Self::ThirdParty => "third-party",
            Self::Authority => "authority",
        }
    }
}

//! Short texts.

use crate::Organisation;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use std::{borrow::Borrow, fmt, sync::Arc};

/// Longest string in a claim, in bytes.
pub const MAX_TEXT_BYTES: usize = 1024;

/// A short text of a claim, shared because the same items and regions come back in thousands of attestations.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Text(pub Arc<str>);

impl Text {
    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The organisation that the text names, where it is one of a party that is named by an identifier or by a name:
    /// `Claims::spell` has seen to it that what looks like an identifier is one.
    #[must_use]
    pub fn organisation(&self) -> Option<Organisation> {
        let (scheme, id) = self.0.split_once(':')?;
        let is_identifier = !scheme.is_empty() && !id.is_empty() && !self.0.contains(char::is_whitespace);
        is_identifier.then(|| Organisation::checked_before(&self.0))
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() || text.len() > MAX_TEXT_BYTES {
            return Err(D::Error::custom(format!("a text has 1 to {MAX_TEXT_BYTES} bytes, this one {}", text.len())));
        }
        Ok(Self(text.into()))
    }
}

//! Organisations are named `SCHEME:ID`. The built-in schemes check their identifiers; any other scheme is configured
//! with a pattern, or refused.

use regex::Regex;
use serde::{Serialize, Serializer};
use std::{collections::BTreeMap, fmt, sync::Arc};

/// Longest `SCHEME:ID`, in bytes.
pub const ORGANISATION_MAX_BYTES: usize = 128;

/// The scheme of programmes: what the prime delivers, a root of the supply network.
pub const PROGRAMME_SCHEME: &str = "PROGRAMME";

/// A legal entity or a programme, named `SCHEME:ID`, checked and in its scheme's own spelling.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Organisation(Arc<str>);

impl Organisation {
    /// The whole name, `SCHEME:ID`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the colon.
    #[must_use]
    pub fn scheme(&self) -> &str {
        self.0.split_once(':').map_or("", |(scheme, _)| scheme)
    }

    /// Whether this names a programme.
    #[must_use]
    pub fn is_programme(&self) -> bool {
        self.scheme() == PROGRAMME_SCHEME
    }

    /// Takes a name that [`Identifiers::parse`] has checked before, as one that the store gives back.
    #[must_use]
    pub fn checked_before(name: &str) -> Self {
        Self(name.into())
    }
}

impl fmt::Display for Organisation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Organisation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Why a text names no organisation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAnOrganisation {
    /// No colon, an empty side, a space, or too long.
    #[error("`{0}` names no organisation: write SCHEME:ID, at most 128 bytes and no spaces, as in GB-COH:09506232")]
    Shape(String),
    /// Neither built in nor configured.
    #[error(
        "`{0}` is of an unknown scheme: use GB-COH, XI-LEI, US-SAM, CAGE, XI-DUNS or PROGRAMME, or declare the scheme under [identifiers] with its pattern"
    )]
    Scheme(String),
    /// The scheme's own check fails.
    #[error("`{name}` is not valid in its scheme: {fix}")]
    Identifier {
        /// What was read.
        name: String,
        /// What the scheme asks for.
        fix: &'static str,
    },
    /// A configured scheme's pattern does not match.
    #[error(
        "`{name}` does not match the pattern `{pattern}` that [identifiers] gives its scheme: correct the identifier or the pattern"
    )]
    Pattern {
        /// What was read.
        name: String,
        /// The configured pattern.
        pattern: String,
    },
}

/// The schemes that this daemon knows: the built-in ones and those of its configuration.
#[derive(Debug, Clone, Default)]
pub struct Identifiers {
    configured: BTreeMap<String, Regex>,
}

impl Identifiers {
    /// Adds schemes with the patterns their identifiers must match as a whole. A built-in scheme's check stays in force.
    #[must_use]
    pub fn new(configured: BTreeMap<String, Regex>) -> Self {
        Self { configured }
    }

    /// Checks `name` and brings it into its scheme's spelling (upper case, leading zeros).
    ///
    /// # Errors
    /// [`NotAnOrganisation`] with what to write instead.
    pub fn parse(&self, name: &str) -> Result<Organisation, NotAnOrganisation> {
        let shape = || NotAnOrganisation::Shape(name.chars().take(ORGANISATION_MAX_BYTES).collect());
        let (scheme, id) = name.split_once(':').ok_or_else(shape)?;
        let blank = |c: char| c.is_whitespace() || c.is_control();
        if scheme.is_empty() || id.is_empty() || name.len() > ORGANISATION_MAX_BYTES || name.contains(blank) {
            return Err(shape());
        }
        let refuse = |fix| NotAnOrganisation::Identifier { name: name.to_owned(), fix };
        let spelled = match scheme {
            "GB-COH" => company_number(id).ok_or_else(|| refuse("a company number is 8 characters, digits or a known two-letter prefix and digits"))?,
            "XI-LEI" => checked(id, is_lei).ok_or_else(|| refuse("an LEI is 18 letters or digits and 2 check digits (ISO 7064 mod 97-10): check for a mistyped character"))?,
            "US-SAM" => checked(id, is_uei).ok_or_else(|| refuse("a UEI is 12 letters or digits without I and O, and does not start with 0"))?,
            "CAGE" => checked(id, |id| id.len() == 5 && alphanumeric(id)).ok_or_else(|| refuse("a CAGE code is 5 letters or digits"))?,
            "XI-DUNS" => checked(id, |id| id.len() == 9 && digits(id)).ok_or_else(|| refuse("a D-U-N-S number is 9 digits"))?,
            PROGRAMME_SCHEME => checked(id, |id| id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)))
                .ok_or_else(|| refuse("a programme is named with letters, digits, `-`, `_` and `.`"))?,
            _ => {
                let pattern = self.configured.get(scheme).ok_or_else(|| NotAnOrganisation::Scheme(name.to_owned()))?;
                let whole = pattern.find(id).is_some_and(|found| found.len() == id.len());
                if !whole {
                    return Err(NotAnOrganisation::Pattern { name: name.to_owned(), pattern: pattern.to_string() });
                }
                id.to_owned()
            }
        };
        Ok(Organisation(format!("{scheme}:{spelled}").into()))
    }
}

fn checked(id: &str, valid: impl Fn(&str) -> bool) -> Option<String> {
    let upper = id.to_ascii_uppercase();
    valid(&upper).then_some(upper)
}

fn digits(id: &str) -> bool {
    id.bytes().all(|b| b.is_ascii_digit())
}

fn alphanumeric(id: &str) -> bool {
    id.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

/// Companies House: the two-letter prefixes of its register of prefixes; plain numbers are of England and Wales.
const COMPANY_PREFIXES: [&str; 34] = [
    "AC", "CE", "CS", "ES", "FC", "FE", "GE", "GN", "GS", "IC", "IP", "LP", "NA", "NC", "NF", "NI", "NL", "NO", "NP",
    "NR", "NV", "OC", "OE", "PC", "RC", "RS", "SA", "SC", "SE", "SF", "SI", "SL", "SO", "SR",
];

fn company_number(id: &str) -> Option<String> {
    let upper = id.to_ascii_uppercase();
    let (prefix, number) = match upper.get(..2) {
        Some(prefix) if COMPANY_PREFIXES.contains(&prefix) || ["SP", "SZ", "R0"].contains(&prefix) => upper.split_at(2),
        _ => ("", upper.as_str()),
    };
    let width = 8 - prefix.len();
    (!number.is_empty() && number.len() <= width && digits(number)).then(|| format!("{prefix}{number:0>width$}"))
}

/// ISO 17442: 18 characters and two check digits; letters count 10..=35, the whole mod 97 is 1 (ISO 7064).
fn is_lei(id: &str) -> bool {
    let shape = id.len() == 20 && alphanumeric(id) && digits(&id[18..]);
    let remainder = id.bytes().fold(0u32, |remainder, byte| match byte {
        b'0'..=b'9' => (remainder * 10 + u32::from(byte - b'0')) % 97,
        _ => (remainder * 100 + u32::from(byte.saturating_sub(b'A')) + 10) % 97,
    });
    shape && remainder == 1
}

fn is_uei(id: &str) -> bool {
    id.len() == 12 && alphanumeric(id) && !id.contains(['I', 'O']) && !id.starts_with('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_checked_and_spelled() {
        let identifiers = Identifiers::new([("NL-KVK".to_owned(), Regex::new("[0-9]{8}").expect("a pattern"))].into());
        let check = |name: &str, expected: Result<&str, &str>| match (identifiers.parse(name), expected) {
            (Ok(organisation), Ok(expected)) => assert_eq!(organisation.as_str(), expected),
            (Err(error), Err(expected)) => assert!(error.to_string().contains(expected), "{name}: {error}"),
            (got, expected) => panic!("{name}: {got:?}, not {expected:?}"),
        };
        check("GB-COH:09506232", Ok("GB-COH:09506232"));
        check("GB-COH:9506232", Ok("GB-COH:09506232"));
        check("GB-COH:sc123456", Ok("GB-COH:SC123456"));
        check("GB-COH:OC1234", Ok("GB-COH:OC001234"));
        check("GB-COH:QQ123456", Err("company number is 8"));
        check("GB-COH:123456789", Err("company number is 8"));
        check("XI-LEI:724500PMK2A2M1SQQ228", Ok("XI-LEI:724500PMK2A2M1SQQ228"));
        check("XI-LEI:969500T3MBS4SQAMHJ45", Err("mod 97-10"));
        check("US-SAM:YNDUZMUZF8H8", Ok("US-SAM:YNDUZMUZF8H8"));
        check("US-SAM:T53MCMLTWK59", Ok("US-SAM:T53MCMLTWK59"));
        check("US-SAM:0NDUZMUZF8H8", Err("does not start with 0"));
        check("US-SAM:INDUZMUZF8H8", Err("without I and O"));
        check("CAGE:1ABC9", Ok("CAGE:1ABC9"));
        check("CAGE:1ABC", Err("5 letters or digits"));
        check("XI-DUNS:123456789", Ok("XI-DUNS:123456789"));
        check("XI-DUNS:12345678", Err("9 digits"));
        check("NL-KVK:12345678", Ok("NL-KVK:12345678"));
        check("NL-KVK:123456789", Err("does not match the pattern"));
        check("FR-SIREN:123", Err("unknown scheme"));
        check("acme", Err("write SCHEME:ID"));
        check("GB-COH:", Err("write SCHEME:ID"));
        check("XI-LEI:É24500PMK2A2M1SQQ22", Err("mod 97-10"));
        check("GB-COH:é", Err("company number"));
    }
}

//! Organisations are named `SCHEME:ID`. The built-in schemes check their identifiers; any other scheme is configured
//! with a pattern, or refused.

use regex::Regex;
use serde::{Serialize, Serializer};
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, LazyLock},
};

/// Longest `SCHEME:ID`, in bytes.
const MAX_ORGANISATION_BYTES: usize = 128;

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

    /// The part before the colon.
    #[must_use]
    pub fn scheme(&self) -> &str {
        self.0.split_once(':').map_or("", |(scheme, _)| scheme)
    }

    /// Whether this names a programme.
    #[must_use]
    pub fn is_programme(&self) -> bool {
        self.scheme() == PROGRAMME_SCHEME
    }

    /// Takes a name that [`Identifiers::parse`] has checked before, as one from the store.
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
    /// No colon, an empty side, or too long.
    #[error("`{0}` names no organisation: write SCHEME:ID, at most 128 bytes and no spaces, as in GB-COH:09506232")]
    Shape(String),
    /// A blank, or an invisible character: two identifiers that look the same would be two organisations.
    #[error("`{0}` names no organisation: take the blank or invisible character out and write `{1}`")]
    Hidden(String, String),
    /// It reads like an identifier but is not written as one, so it would count as a name that nothing else has.
    #[error("`{0}` looks like an identifier and is not written as one: write `{1}`, or a name that is none")]
    Disguised(String, String),
    /// Neither built in nor configured.
    #[error(
        "`{0}` is of an unknown scheme: use GB-COH, XI-LEI, US-SAM, CAGE, XI-DUNS or PROGRAMME, or declare the scheme with its pattern as [[schemes]] in the configuration"
    )]
    Scheme(String),
    /// The scheme's own check fails.
    #[error("`{name}` is not valid in its scheme: {fix}")]
    Identifier {
        /// The name that was refused.
        name: String,
        /// What the scheme requires, as a fix.
        fix: &'static str,
    },
    /// A configured scheme's pattern does not match.
    #[error(
        "`{name}` does not match the pattern `{pattern}` that [[schemes]] gives its scheme: correct the identifier or the pattern"
    )]
    Pattern {
        /// The name that was refused.
        name: String,
        /// The pattern in the configuration.
        pattern: String,
    },
}

/// A scheme that the configuration declares.
#[derive(Debug, Clone)]
pub struct Scheme {
    pattern: String,
    whole: Regex,
}

impl Scheme {
    /// A scheme whose identifiers match `pattern` as a whole, in any of its alternatives.
    ///
    /// # Errors
    /// When the pattern is no regular expression.
    pub fn new(pattern: &str) -> Result<Self, regex::Error> {
        // The pattern is compiled alone first: `[0-9]{8})|(x` is valid only within other parentheses.
        Regex::new(pattern)?;
        Ok(Self { pattern: pattern.to_owned(), whole: Regex::new(&format!(r"\A(?:{pattern})\z"))? })
    }
}

/// Why a name cannot be that of a configured scheme; the sentence ends with the fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAScheme {
    /// It is a built-in scheme, whose check cannot be replaced.
    #[error("it is built in, with a check of its own: remove this table")]
    BuiltIn,
    /// It looks like a mistyped built-in scheme.
    #[error("it is {0} but for the hyphens: remove this table, or use another name")]
    Alike(&'static str),
    /// No identifier could have this scheme.
    #[error("it is no name of a scheme: use capital letters, digits and hyphens, a letter first, at most 32")]
    Name,
}

/// The schemes that this daemon knows: the built-in ones and those of its configuration.
#[derive(Debug, Clone, Default)]
pub struct Identifiers {
    configured: BTreeMap<String, Scheme>,
}

/// The schemes that every daemon knows.
pub const BUILT_IN: [&str; 6] = ["GB-COH", "XI-LEI", "US-SAM", "CAGE", "XI-DUNS", PROGRAMME_SCHEME];

/// Lengths of the identifiers of built-in schemes; a company number has its leading zeros.
const COMPANY_NUMBER_CHARS: usize = 8;
const LEI_CHARS: usize = 20;
const UEI_CHARS: usize = 12;
const CAGE_CHARS: usize = 5;
const DUNS_DIGITS: usize = 9;

/// Longest name of a configured scheme, in bytes.
const MAX_SCHEME_BYTES: usize = 32;

impl Identifiers {
    /// The built-in schemes and these; a built-in one wins over one of the same name.
    #[must_use]
    pub fn new(configured: BTreeMap<String, Scheme>) -> Self {
        Self { configured }
    }

    /// Whether a configured scheme may have this name.
    ///
    /// # Errors
    /// [`NotAScheme`] when it may not.
    pub fn check_scheme(name: &str) -> Result<(), NotAScheme> {
        let fit = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-';
        if BUILT_IN.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            return Err(NotAScheme::BuiltIn);
        }
        let letters = |name: &str| name.replace('-', "");
        if let Some(known) = BUILT_IN.into_iter().find(|known| letters(known) == letters(name)) {
            return Err(NotAScheme::Alike(known));
        }
        let good = name.len() <= MAX_SCHEME_BYTES
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.bytes().all(fit)
            && !name.ends_with('-');
        if good { Ok(()) } else { Err(NotAScheme::Name) }
    }

    /// The names of all schemes, built in and configured.
    fn schemes(&self) -> impl Iterator<Item = &str> {
        BUILT_IN.into_iter().chain(self.configured.keys().map(String::as_str))
    }

    /// The scheme of this name, which may be written in any case.
    fn scheme(&self, name: &str) -> Option<&str> {
        self.schemes().find(|known| known.eq_ignore_ascii_case(name))
    }

    /// Checks `name` and brings it into its scheme's spelling (upper case, leading zeros).
    ///
    /// # Errors
    /// [`NotAnOrganisation`] with what to write instead.
    pub fn parse(&self, name: &str) -> Result<Organisation, NotAnOrganisation> {
        let shape = || NotAnOrganisation::Shape(name.chars().take(MAX_ORGANISATION_BYTES).collect());
        let (scheme, id) = name.split_once(':').ok_or_else(shape)?;
        if scheme.is_empty() || id.is_empty() || name.len() > MAX_ORGANISATION_BYTES {
            return Err(shape());
        }
        if name.contains(is_hidden) {
            return Err(NotAnOrganisation::Hidden(shown(name), name.replace(is_hidden, "")));
        }
        let Some(scheme) = self.scheme(scheme) else { return Err(NotAnOrganisation::Scheme(name.to_owned())) };
        let refuse = |fix| NotAnOrganisation::Identifier { name: name.to_owned(), fix };
        let spelled = match scheme {
            "GB-COH" => company_number(id).ok_or_else(|| refuse("a company number is 8 characters: digits, or a known two-letter prefix and digits, after which some societies have letters and some partnerships an A"))?,
            "XI-LEI" => checked(id, is_lei).ok_or_else(|| refuse("an LEI is 18 letters or digits and 2 check digits (ISO 7064 mod 97-10): check for a mistyped character"))?,
            "US-SAM" => checked(id, is_uei).ok_or_else(|| refuse("a UEI is 12 letters or digits without I and O, and does not start with 0"))?,
            "CAGE" => checked(id, |id| id.len() == CAGE_CHARS && alphanumeric(id)).ok_or_else(|| refuse("a CAGE code is 5 letters or digits"))?,
            "XI-DUNS" => checked(id, |id| id.len() == DUNS_DIGITS && digits(id)).ok_or_else(|| refuse("a D-U-N-S number is 9 digits"))?,
            PROGRAMME_SCHEME => checked(id, |id| id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)))
                .ok_or_else(|| refuse("a programme is named with letters, digits, `-`, `_` and `.`"))?,
            _ => {
                let configured = self.configured.get(scheme).filter(|configured| !configured.whole.is_match(id));
                if let Some(Scheme { pattern, .. }) = configured {
                    return Err(NotAnOrganisation::Pattern { name: name.to_owned(), pattern: pattern.clone() });
                }
                id.to_owned()
            }
        };
        Ok(Organisation(format!("{scheme}:{spelled}").into()))
    }

    /// Reads a text that is an identifier or a name, as of an owner; `None` when it is a name. A text that looks like an
    /// identifier must be one: as a name it would match nobody else.
    ///
    /// # Errors
    /// [`NotAnOrganisation`] with what to write instead.
    pub fn parse_party(&self, text: &str) -> Result<Option<Organisation>, NotAnOrganisation> {
        if text.contains(':') && !text.trim_matches(is_hidden).contains(char::is_whitespace) {
            return self.parse(text).map(Some);
        }
        match self.disguised(text) {
            Some(meant) => Err(NotAnOrganisation::Disguised(shown(text), meant.to_string())),
            None => Ok(None),
        }
    }

    /// Reads the owner of a key: an organisation, or a name (`None`). A mistyped identifier must not become a name, since
    /// its owner would lose the right to speak about itself; so nothing with a colon is a name here.
    ///
    /// # Errors
    /// [`NotAnOrganisation`] with what to write instead.
    pub fn parse_speaker(&self, text: &str) -> Result<Option<Organisation>, NotAnOrganisation> {
        if text.contains(':') || text.is_empty() { self.parse(text).map(Some) } else { self.parse_party(text) }
    }

    /// The organisation that a text names with another separator than the colon (`GB-COH 09506232`), or without its scheme
    /// where the identifier checks itself. Names have no digits there, or a different length.
    fn disguised(&self, text: &str) -> Option<Organisation> {
        let bare = text.replace(is_hidden, "");
        let after =
            |scheme: &str| bare.get(scheme.len()..).filter(|_| bare[..scheme.len()].eq_ignore_ascii_case(scheme));
        let named = self.schemes().filter(|scheme| *scheme != PROGRAMME_SCHEME).find_map(|scheme| {
            let id = after(scheme)?.trim_start_matches(|c: char| !c.is_alphanumeric());
            let known = id.contains(|c: char| c.is_ascii_digit()).then(|| self.parse(&format!("{scheme}:{id}")));
            known.and_then(Result::ok)
        });
        named.or_else(|| self.parse(&format!("XI-LEI:{bare}")).ok())
    }

    /// The beginning of identifiers, as a grant has it before its `*`, in the spelling of its scheme; `None` when no
    /// identifier begins so. For a configured scheme only the name is checked, not whether its pattern allows the beginning.
    #[must_use]
    pub fn parse_prefix(&self, prefix: &str) -> Option<String> {
        if prefix.contains(is_hidden) || prefix.len() > MAX_ORGANISATION_BYTES {
            return None;
        }
        let Some((scheme, id)) = prefix.split_once(':') else {
            let upper = prefix.to_ascii_uppercase();
            return self.schemes().any(|scheme| scheme.starts_with(&upper)).then_some(upper);
        };
        let scheme = self.scheme(scheme)?;
        if !BUILT_IN.contains(&scheme) {
            return Some(format!("{scheme}:{id}"));
        }
        let id = id.to_ascii_uppercase();
        begins_identifier(scheme, &id).then(|| format!("{scheme}:{id}"))
    }
}

/// Whether some identifier of a built-in scheme begins with `id`, which is in upper case.
fn begins_identifier(scheme: &str, id: &str) -> bool {
    match scheme {
        "GB-COH" => begins_company_number(id),
        "XI-LEI" => begins_lei(id),
        "US-SAM" => id.len() <= UEI_CHARS && is_of_uei(id),
        "CAGE" => id.len() <= CAGE_CHARS && alphanumeric(id),
        "XI-DUNS" => id.len() <= DUNS_DIGITS && digits(id),
        _ => id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)),
    }
}

/// Whether a character is a blank, a control character or invisible (Unicode's categories Z and C).
fn is_hidden(c: char) -> bool {
    static HIDDEN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"[\p{Z}\p{C}]").unwrap_or_else(|error| unreachable!("a pattern of ours: {error}"))
    });
    if c.is_ascii() {
        c.is_ascii_whitespace() || c.is_ascii_control()
    } else {
        HIDDEN.is_match(c.encode_utf8(&mut [0; 4]))
    }
}

/// A text with its invisible characters written out.
fn shown(text: &str) -> String {
    let clipped = text.chars().take(MAX_ORGANISATION_BYTES);
    clipped
        .map(|c| if is_hidden(c) && c != ' ' { format!("<U+{:04X}>", u32::from(c)) } else { c.to_string() })
        .collect()
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

/// Companies House: the two-letter prefixes of its register; plain numbers belong to England and Wales.
const COMPANY_PREFIXES: [&str; 41] = [
    "AC", "CE", "CS", "EN", "ES", "FC", "FE", "GE", "GN", "GS", "IC", "IP", "LP", "NA", "NC", "NF", "NI", "NL", "NO",
    "NP", "NR", "NV", "NZ", "OC", "OE", "PC", "R0", "RC", "RS", "SA", "SC", "SE", "SF", "SG", "SI", "SL", "SO", "SP",
    "SR", "SZ", "ZC",
];

/// Prefixes of societies, whose numbers the registrar of mutuals gives: up to three letters may end them (`IP12345R`,
/// `SP1234RS`, `IP000CUS`).
const SOCIETY_PREFIXES: [&str; 6] = ["IP", "NO", "NP", "RS", "SO", "SP"];

/// Prefixes of partnerships and of Northern Ireland: an `A` may end the number (`SL00123A`).
const LETTERED_PREFIXES: [&str; 5] = ["LP", "NI", "NL", "SG", "SL"];

/// Most letters that end the number of a society.
const MAX_SOCIETY_LETTERS: usize = 3;

fn company_number(id: &str) -> Option<String> {
    let upper = id.to_ascii_uppercase();
    let (prefix, rest) = match upper.get(..2) {
        Some(prefix) if COMPANY_PREFIXES.contains(&prefix) => upper.split_at(2),
        _ => ("", upper.as_str()),
    };
    let number = rest.trim_end_matches(|c: char| c.is_ascii_uppercase());
    let letters = &rest[number.len()..];
    let ends_well = letters.is_empty()
        || (SOCIETY_PREFIXES.contains(&prefix) && letters.len() <= MAX_SOCIETY_LETTERS)
        || (LETTERED_PREFIXES.contains(&prefix) && letters == "A");
    let width = COMPANY_NUMBER_CHARS.checked_sub(prefix.len() + letters.len())?;
    let good = ends_well && (1..=width).contains(&number.len()) && digits(number);
    good.then(|| format!("{prefix}{number:0>width$}{letters}"))
}

/// Whether a company number begins with `id`: filling it with zeros, or with letters at its end, must give one.
fn begins_company_number(id: &str) -> bool {
    let is_begun_prefix = id.len() < 2 && COMPANY_PREFIXES.iter().any(|prefix| prefix.starts_with(id));
    let is_one_with = |fill: char| {
        let filled: String = id.chars().chain(std::iter::repeat(fill)).take(COMPANY_NUMBER_CHARS).collect();
        filled.starts_with(id) && company_number(&filled).as_deref() == Some(&filled)
    };
    is_begun_prefix || is_one_with('0') || is_one_with('A')
}

/// Whether an LEI begins with `id`: its check digits follow from the characters before them.
fn begins_lei(id: &str) -> bool {
    match id.len().checked_sub(LEI_CHARS - 2) {
        None | Some(0) => alphanumeric(id),
        Some(1) => ('0'..='9').any(|digit| is_lei(&format!("{id}{digit}"))),
        Some(_) => is_lei(id),
    }
}

/// ISO 17442: 18 characters and two check digits; letters count 10..=35, the whole mod 97 is 1 (ISO 7064).
fn is_lei(id: &str) -> bool {
    let shape = id.len() == LEI_CHARS && alphanumeric(id) && digits(&id[LEI_CHARS - 2..]);
    let remainder = id.bytes().fold(0u32, |remainder, byte| match byte {
        b'0'..=b'9' => (remainder * 10 + u32::from(byte - b'0')) % 97,
        _ => (remainder * 100 + u32::from(byte.saturating_sub(b'A')) + 10) % 97,
    });
    shape && remainder == 1
}

fn is_uei(id: &str) -> bool {
    id.len() == UEI_CHARS && is_of_uei(id)
}

fn is_of_uei(id: &str) -> bool {
    alphanumeric(id) && !id.contains(['I', 'O']) && !id.starts_with('0')
}

#[cfg(test)]
mod tests;

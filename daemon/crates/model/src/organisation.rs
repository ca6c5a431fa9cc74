//! Organisations are named `SCHEME:ID`. The built-in schemes check their identifiers; any other scheme is configured
//! with a pattern, or refused.

use regex::Regex;
use serde::{Serialize, Serializer};
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, LazyLock},
};
use tierwatch_identifiers::{alike, begins_identifier, is_scheme, spelled};

pub use tierwatch_identifiers::{BUILT_IN_SCHEMES, PROGRAMME_SCHEME};

/// Longest `SCHEME:ID`, in bytes.
const MAX_ORGANISATION_BYTES: usize = 128;

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
    /// It would be taken for a built-in one that somebody mistyped.
    #[error("it is {0} but for hyphens and case: remove this table, or use another name")]
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
        if BUILT_IN_SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            return Err(NotAScheme::BuiltIn);
        }
        if let Some(known) = alike(name) {
            return Err(NotAScheme::Alike(known));
        }
        if is_scheme(name) { Ok(()) } else { Err(NotAScheme::Name) }
    }

    /// The names of all schemes, built in and configured.
    fn schemes(&self) -> impl Iterator<Item = &str> {
        BUILT_IN_SCHEMES.into_iter().chain(self.configured.keys().map(String::as_str))
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
        let spelled = match spelled(scheme, id) {
            Some(spelled) => spelled.map_err(refuse)?,
            None => {
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
        let of_itself =
            || tierwatch_identifiers::scheme_of(&bare).and_then(|scheme| self.parse(&format!("{scheme}:{bare}")).ok());
        named.or_else(of_itself)
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
        if !BUILT_IN_SCHEMES.contains(&scheme) {
            return Some(format!("{scheme}:{id}"));
        }
        let id = id.to_ascii_uppercase();
        begins_identifier(scheme, &id).then(|| format!("{scheme}:{id}"))
    }
}

/// Blanks, control characters, and what has no shape of its own (Unicode's categories Z and C).
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

/// Whether nothing of a text can be seen.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(is_hidden)
}

/// A text with what is hidden in it written out.
fn shown(text: &str) -> String {
    let clipped = text.chars().take(MAX_ORGANISATION_BYTES);
    clipped
        .map(|c| if is_hidden(c) && c != ' ' { format!("<U+{:04X}>", u32::from(c)) } else { c.to_string() })
        .collect()
}

#[cfg(test)]
mod tests;

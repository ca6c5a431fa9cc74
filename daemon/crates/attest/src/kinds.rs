//! The kinds that this daemon reads: the built-in ones, those that the configuration declares with a JSON Schema, and
//! the foreign predicate types that it maps to either.

use super::{
    agreement::{about_the_past, agreement, is_within_limits},
    faults::{Faults, MAX_FAULTS, faults_by_schema, faults_of_claims},
    predicate::{PREDICATE_TYPE_PREFIX, PREDICATE_TYPE_SUFFIX},
    refusal::{Refusal, Shown},
};
use crate::model::{
    Claims, Identifiers, Instant, Kind, Organisation,
    claims::{DeclaredClaims, MAX_KIND_NAME_BYTES, NotSpelled, SpellingFault},
    country,
};
use jsonschema::{ValidationError, Validator};
use std::{collections::BTreeMap, fmt, path::PathBuf, sync::Arc};

/// Longest claims of a declared kind whose faults are all told, in bytes; of longer ones the first is.
const MAX_LISTED_BYTES: usize = 16 * 1024;

/// What is wrong with the configured kinds or predicate types.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KindsError {
    /// The name is taken.
    #[error("the kind `{0}` is built in: declare yours under another name")]
    BuiltIn(String),
    /// The name is not fit for a metric or a URN.
    #[error(
        "`{0}` is not a name for a kind: use lower-case letters and digits, a letter first, with `.`, `_` or `-` between, at most {MAX_KIND_NAME_BYTES}"
    )]
    Name(String),
    /// The schema does not compile.
    #[error(
        "the JSON Schema of the kind `{kind}` is not valid ({problem}): correct it (draft 2020-12 unless its `$schema` names an older one, no remote references, no `format` that nothing asserts)"
    )]
    Schema {
        /// Of which kind.
        kind: String,
        /// What the compiler says.
        problem: String,
    },
    /// The mapped kind does not exist.
    #[error(
        "the predicate type `{predicate_type}` is mapped to `{kind}`, which is no kind: declare it under [[kinds]] or correct the name"
    )]
    Mapped {
        /// What is mapped.
        predicate_type: String,
        /// To what.
        kind: String,
    },
    /// No predicate type could be this.
    #[error("`{0}` is no predicate type: write a URI, as https://example.org/cyber-essentials/v1")]
    PredicateType(String),
    /// A predicate type of ours is mapped.
    #[error("the predicate type `{0}` is Tierwatch's own and names its kind itself: remove it from [[predicates]]")]
    Ours(String),
}

/// Why JSON is not the claims of a kind. It displays all that is wrong; as a [`Refusal`] it is clipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotClaims {
    /// A field names an organisation that is none; the sentence ends with the fix.
    Identifier(String),
    /// The claims are not those of their kind.
    Faults {
        /// Which kind.
        kind: Kind,
        /// What is wrong.
        faults: Faults,
        /// Where it stands how they are written.
        manual: String,
    },
}

impl fmt::Display for NotClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identifier(told) => f.write_str(told),
            Self::Faults { kind, faults, .. } if faults.are_mended() => {
                write!(f, "the claims are not those of {kind}: {faults}")
            }
            Self::Faults { kind, faults, manual } => {
                write!(f, "the claims are not those of {kind}: {faults}; correct them as {manual} has them")
            }
        }
    }
}

impl std::error::Error for NotClaims {}

impl From<NotClaims> for Refusal {
    fn from(not: NotClaims) -> Self {
        match not {
            NotClaims::Identifier(told) => Self::InvalidIdentifier(Shown::of(told)),
            NotClaims::Faults { kind, faults, manual } => Self::InvalidClaims {
                kind: Shown::of(kind),
                problem: Shown::of(faults.listed()),
                manual: (!faults.are_mended()).then(|| Shown::of(manual)),
            },
        }
    }
}

/// The kinds that this daemon reads.
#[derive(Debug, Clone, Default)]
pub struct Kinds {
    declared: BTreeMap<Arc<str>, Arc<Validator>>,
    /// Where the schemas of those stand.
    files: BTreeMap<String, PathBuf>,
    predicate_types: BTreeMap<String, Kind>,
}

impl Kinds {
    /// Compiles the JSON Schemas of the `declared` kinds and checks the map of foreign `predicate_types` to kinds.
    ///
    /// # Errors
    /// [`KindsError`]
    pub fn new(
        declared: &BTreeMap<String, serde_json::Value>,
        predicate_types: &BTreeMap<String, String>,
        identifiers: &Identifiers,
    ) -> Result<Self, KindsError> {
        let mut kinds = Self::default();
        for (name, schema) in declared {
            Self::check_name(name)?;
            let validator = validator(schema, identifiers.clone())
                .map_err(|error| KindsError::Schema { kind: name.clone(), problem: error.to_string() })?;
            kinds.declared.insert(name.as_str().into(), Arc::new(validator));
        }
        for (predicate_type, kind) in predicate_types {
            check_predicate_type(predicate_type)?;
            let mapped = kinds
                .named(kind)
                .ok_or_else(|| KindsError::Mapped { predicate_type: predicate_type.clone(), kind: kind.clone() })?;
            kinds.predicate_types.insert(predicate_type.clone(), mapped);
        }
        Ok(kinds)
    }

    /// The same, whose refusals name these files of their schemas.
    #[must_use]
    pub fn written_in(self, files: BTreeMap<String, PathBuf>) -> Self {
        Self { files, ..self }
    }

    /// Where it stands how the claims of `kind` are written.
    pub(super) fn manual(&self, kind: &Kind) -> String {
        match self.files.get(kind.as_str()) {
            Some(file) => format!("its JSON Schema `{}`", file.display()),
            None => "the kind's table in the manual".to_owned(),
        }
    }

    /// Whether a kind may be declared under this name.
    ///
    /// # Errors
    /// [`KindsError::BuiltIn`] or [`KindsError::Name`].
    pub fn check_name(name: &str) -> Result<(), KindsError> {
        if Kind::BUILT_IN.contains(&Kind::named(name)) {
            return Err(KindsError::BuiltIn(name.to_owned()));
        }
        if Kind::is_name(name) { Ok(()) } else { Err(KindsError::Name(name.to_owned())) }
    }

    /// The names of the kinds that the configuration declares.
    pub fn declared(&self) -> impl Iterator<Item = &str> {
        self.declared.keys().map(|name| &**name)
    }

    /// The kind of this name, where there is one.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<Kind> {
        match Kind::named(name) {
            Kind::Declared(_) => self.declared.get_key_value(name).map(|(name, _)| Kind::Declared(Arc::clone(name))),
            built_in => Some(built_in),
        }
    }

    /// The kind that a predicate type means, by its own name or by the map.
    pub(super) fn of_predicate_type(&self, predicate_type: &str) -> Result<Kind, Refusal> {
        let own = predicate_type
            .strip_prefix(PREDICATE_TYPE_PREFIX)
            .and_then(|rest| rest.strip_suffix(PREDICATE_TYPE_SUFFIX))
            .and_then(|name| self.named(name));
        own.or_else(|| self.predicate_types.get(predicate_type).cloned())
            .ok_or_else(|| Refusal::UnknownKind(Shown::of(predicate_type)))
    }

    /// Reads new claims of `kind` about `subject` from JSON text that means one thing only. Claims that are stored may be from
    /// before something was asked of them, and are read without this.
    ///
    /// # Errors
    /// [`NotClaims`]
    pub fn read_claims(
        &self,
        identifiers: &Identifiers,
        subject: &Organisation,
        kind: &Kind,
        json: &str,
    ) -> Result<Claims, NotClaims> {
        let invalid = |faults| self.invalid(kind, faults);
        let mut claims = Claims::parse(kind, json).map_err(|error| invalid(faults_of_claims(kind, json, &error)))?;
        claims.spell(identifiers).map_err(|error: NotSpelled| match error.fault {
            SpellingFault::Organisation(_) | SpellingFault::Programme(_) => NotClaims::Identifier(error.to_string()),
            SpellingFault::Country(_) | SpellingFault::Blank => invalid(Faults::mended(error)),
        })?;
        if let Claims::Declared(declared) = claims {
            // What many faults cost grows with what is claimed.
            let most = if json.len() <= MAX_LISTED_BYTES { MAX_FAULTS } else { 1 };
            return self.validate(declared, most).map(Claims::Declared).map_err(invalid);
        }
        if !is_within_limits(&claims)
            && let Some(faults) = faults_by_schema(kind, json)
        {
            return Err(invalid(faults));
        }
        agreement(subject, &claims).map_err(|fault| invalid(Faults::mended(fault)))?;
        Ok(claims)
    }

    /// Checks that nothing which has happened in new `claims` happened after they were issued.
    ///
    /// # Errors
    /// [`NotClaims`]
    pub fn check_past(&self, claims: &Claims, issued_at: Instant) -> Result<(), NotClaims> {
        about_the_past(claims, issued_at).map_err(|fault| self.invalid(&claims.kind(), Faults::mended(fault)))
    }

    fn invalid(&self, kind: &Kind, faults: Faults) -> NotClaims {
        NotClaims::Faults { kind: kind.clone(), faults, manual: self.manual(kind) }
    }

    /// Checks claims of a declared kind against its schema; of what does not fit, the first `most` faults are told.
    fn validate(&self, declared: DeclaredClaims, most: usize) -> Result<DeclaredClaims, Faults> {
        let DeclaredClaims { kind, claims } = declared;
        let undeclared = || Faults::mended("the kind is not declared: declare it under [[kinds]]");
        let validator = self.declared.get(&kind).ok_or_else(undeclared)?;
        let value = serde_json::Value::Object(claims);
        let told = |error: ValidationError<'_>| match error.instance_path().as_str() {
            "" => error.to_string(),
            path => format!("{path}: {error}"),
        };
        if let Err(first) = validator.validate(&value) {
            return Err(match most {
                1 => Faults::first(std::iter::once(told(first)), 1),
                _ => Faults::first(validator.iter_errors(&value).map(told), most),
            });
        }
        match value {
            serde_json::Value::Object(claims) => Ok(DeclaredClaims { kind, claims }),
            _ => Err(Faults::mended("the claims are no object: write one")),
        }
    }
}

/// Whether a foreign predicate type may be mapped.
///
/// # Errors
/// [`KindsError::Ours`] or [`KindsError::PredicateType`].
pub fn check_predicate_type(predicate_type: &str) -> Result<(), KindsError> {
    if predicate_type.starts_with(PREDICATE_TYPE_PREFIX) {
        return Err(KindsError::Ours(predicate_type.to_owned()));
    }
    // RFC 3986: a scheme, a colon, and only characters that can be seen.
    let is_uri = predicate_type.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
            && !rest.is_empty()
            && rest.bytes().all(|byte| byte.is_ascii_graphic() && !br#"<>"{}|\^`"#.contains(&byte))
    });
    if is_uri { Ok(()) } else { Err(KindsError::PredicateType(predicate_type.to_owned())) }
}

/// What asserts all that a schema says, its formats too, and refuses a format that it does not know. Two are ours: rules
/// compare texts, so an `organisation` is one in its scheme's spelling, and a `country` is the two letters of ISO 3166-1.
fn validator(schema: &serde_json::Value, identifiers: Identifiers) -> Result<Validator, ValidationError<'static>> {
    let is_organisation =
        move |text: &str| identifiers.parse(text).is_ok_and(|organisation| organisation.as_str() == text);
    jsonschema::options()
        .with_format("organisation", is_organisation)
        .with_format("country", |text: &str| country::alpha_2(text) == Ok(text))
        .should_validate_formats(true)
        .should_ignore_unknown_formats(false)
        .build(schema)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn a_refusal_says_how_many_faults_it_does_not_show() {
        let schema = json!({"properties": (0..12).map(|number| (format!("field-{number}"), json!({"type": "integer"})))
        .collect::<serde_json::Map<_, _>>()});
        let identifiers = Identifiers::default();
        let kinds = Kinds::new(&[("welding.log".to_owned(), schema)].into(), &[].into(), &identifiers).expect("a kind");
        let claims: serde_json::Map<_, _> = (0..12).map(|number| (format!("field-{number}"), json!("x"))).collect();
        let kind = kinds.named("welding.log").expect("it is declared");
        let subject = Organisation::checked_before("GB-COH:09506232");
        let claims = Value::Object(claims).to_string();
        let refused = kinds.read_claims(&identifiers, &subject, &kind, &claims).expect_err("no integers");
        assert!(refused.to_string().contains("/field-9: \"x\" is not of type \"integer\"; correct them"), "{refused}");
        let refusal = Refusal::from(refused).to_string();
        assert!(refusal.contains("/field-2: \"x\" is not of type \"integer\"; and 7 more; correct them"), "{refusal}");
    }
}

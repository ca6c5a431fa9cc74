//! The kinds that this daemon reads: the built-in ones, those that the configuration declares with a JSON Schema, and
//! the foreign predicate types that it maps to either.

use super::{
    predicate::{PREDICATE_TYPE_PREFIX, PREDICATE_TYPE_SUFFIX},
    refusal::{Refusal, Shown, listed},
    written::{MAX_FAULTS, faults_of_claims},
};
use crate::model::{
    Claims, Identifiers, Kind, Organisation,
    claims::{DeclaredClaims, MAX_KIND_NAME_BYTES, NetworkClaims, NotSpelled},
    country,
};
use jsonschema::{ValidationError, Validator};
use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

/// Longest claims of a declared kind of which all faults are told and not just the first, in bytes.
const MAX_LISTED_BYTES: usize = 16 * 1024;

/// A pole, in millionths of a degree.
const MAX_LATITUDE_MICRODEGREES: i32 = 90_000_000;

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
    pub(super) fn manual(&self, kind: &Kind) -> Shown {
        match self.files.get(kind.as_str()) {
            Some(file) => Shown::of(format_args!("its JSON Schema `{}`", file.display())),
            None => Shown::of("the kind's table in the manual"),
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

    /// Reads the claims of `kind` about `subject` from JSON text that means one thing only.
    ///
    /// # Errors
    /// [`Refusal::InvalidClaims`] or [`Refusal::InvalidIdentifier`].
    pub fn read_claims(
        &self,
        identifiers: &Identifiers,
        subject: &Organisation,
        kind: &Kind,
        json: &str,
    ) -> Result<Claims, Refusal> {
        let invalid = |problem: &dyn std::fmt::Display| Refusal::InvalidClaims {
            kind: Shown::of(kind),
            problem: Shown::of(problem),
            manual: self.manual(kind),
        };
        let mut claims = Claims::parse(kind, json).map_err(|error| invalid(&faults_of_claims(kind, json, &error)))?;
        claims.spell(identifiers).map_err(|error| match error {
            NotSpelled::Organisation(error) => error.into(),
            NotSpelled::Country(error) => invalid(&error),
        })?;
        if let Claims::Declared(declared) = claims {
            // What many faults cost grows with what is claimed.
            let most = if json.len() <= MAX_LISTED_BYTES { MAX_FAULTS } else { 1 };
            return self.validate(declared, most).map(Claims::Declared).map_err(|problem| invalid(&problem));
        }
        speaks_of(subject, &claims).and_then(|()| agrees(&claims)).map_err(|problem| invalid(&problem))?;
        Ok(claims)
    }

    /// Checks claims of a declared kind against its schema; of what does not fit, the first `most` faults are told.
    fn validate(&self, declared: DeclaredClaims, most: usize) -> Result<DeclaredClaims, String> {
        let DeclaredClaims { kind, claims } = declared;
        let validator = self.declared.get(&kind).ok_or("the kind is not declared")?;
        let value = serde_json::Value::Object(claims);
        let told = |error: ValidationError<'_>| match error.instance_path().as_str() {
            "" => error.to_string(),
            path => format!("{path}: {error}"),
        };
        if let Err(first) = validator.validate(&value) {
            let faults: Vec<String> = match most {
                1 => vec![told(first)],
                _ => validator.iter_errors(&value).take(most).map(told).collect(),
            };
            return Err(listed(&faults));
        }
        match value {
            serde_json::Value::Object(claims) => Ok(DeclaredClaims { kind, claims }),
            _ => Err("the claims are no object".into()),
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

/// What no field can tell by itself: fields that cannot both be true. Stored claims may be from before this was asked, so
/// reading them does not.
fn agrees(claims: &Claims) -> Result<(), &'static str> {
    if let Claims::ClearancePersonnel(counts) = claims
        && counts.iter().any(|count| count.review_due_on.is_none() && count.granted_on.is_none())
    {
        return Err("every count needs `review_due_on` or `granted_on`");
    }
    if let Claims::Screening(screening) = claims
        && screening.from.zip(screening.until).is_some_and(|(from, until)| until < from)
    {
        return Err("`until` is before `from`: correct one of them");
    }
    if let Claims::Incident(incident) = claims
        // A day is its issuer's, and an instant is kept in UTC: they may be a day apart.
        && incident.closed_on.is_some_and(|closed_on| closed_on < incident.opened_at.plus_days(-1).date())
    {
        return Err("`closed_on` is before `opened_on`: correct one of them");
    }
    if let Claims::Site(site) = claims {
        if site.latitude.is_some_and(|latitude| latitude.abs() > MAX_LATITUDE_MICRODEGREES) {
            return Err("`latitude` is -90 to 90 degrees: write degrees north there, and degrees east as `longitude`");
        }
        if site.latitude.is_some() != site.longitude.is_some() {
            return Err("a place has `latitude` and `longitude`: write both, or neither");
        }
    }
    Ok(())
}

/// Claims that name the parties of an edge must be about one of them: otherwise a key that may speak about one
/// organisation could draw edges between any others.
fn speaks_of(subject: &Organisation, claims: &Claims) -> Result<(), &'static str> {
    let Some(claims) = claims.network() else { return Ok(()) };
    match claims {
        NetworkClaims::Need(need) if need.buyer != *subject => Err("`buyer` must be the subject itself"),
        NetworkClaims::Source(source) if source.buyer != *subject && source.supplier != *subject => {
            Err("`buyer` or `supplier` must be the subject itself")
        }
        NetworkClaims::Requirement(requirement) if subject.is_programme() && requirement.programme != *subject => {
            Err("`programme` must be the subject itself when the subject is a programme")
        }
        NetworkClaims::Requirement(requirement) if !requirement.programme.is_programme() => {
            Err("`programme` must be named PROGRAMME:ID")
        }
        NetworkClaims::Need(_)
        | NetworkClaims::Source(_)
        | NetworkClaims::Requirement(_)
        | NetworkClaims::Profile(_)
        | NetworkClaims::Capability(_)
        | NetworkClaims::EndOfLife(_)
        | NetworkClaims::Site(_)
        | NetworkClaims::Recovery(_)
        | NetworkClaims::Holding(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn fields_that_cannot_both_be_true_are_refused() {
        let (identifiers, subject) = (Identifiers::default(), Organisation::checked_before("GB-COH:09506232"));
        let kinds = Kinds::new(&[].into(), &[].into(), &identifiers).expect("kinds");
        for (kind, claims, told) in [
            (
                "site",
                json!({"region": "Derby", "share_bp": 10000, "latitude": 52.9}),
                "a place has `latitude` and `longitude`: write both, or neither",
            ),
            (
                "screening",
                json!({"list": "1260H", "outcome": "match", "from": "2026-07-01", "until": "2026-06-30"}),
                "`until` is before `from`: correct one of them",
            ),
            (
                "incident",
                json!({"severity": 1, "opened_on": "2026-05-02T09:00:00Z", "closed_on": "2026-04-30", "reported_at": "2026-05-02"}),
                "`closed_on` is before `opened_on`: correct one of them",
            ),
            (
                "clearance.personnel",
                json!([{"level": "GB:SC", "count": 1}]),
                "every count needs `review_due_on` or `granted_on`",
            ),
        ] {
            let read =
                |claims: &Value| kinds.read_claims(&identifiers, &subject, &Kind::named(kind), &claims.to_string());
            let refusal = read(&claims).expect_err(kind).to_string();
            assert!(refusal.contains(told), "{kind}: {refusal}");
        }
        let day = json!({"severity": 1, "opened_on": "2026-05-01T22:00:00-05:00", "closed_on": "2026-05-01", "reported_at": "2026-05-02"});
        kinds
            .read_claims(&identifiers, &subject, &Kind::named("incident"), &day.to_string())
            .expect("closed the same day");
    }

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
        let refusal = kinds.read_claims(&identifiers, &subject, &kind, &claims).expect_err("no integers").to_string();
        assert!(refusal.contains("/field-2: \"x\" is not of type \"integer\"; and 7 more; correct them"), "{refusal}");
    }
}

//! A plugin's manifest, checked: what it declares must make sense before a policy can name it.

use super::{
    bindings_v1 as v1,
    limits::{
        MAX_ARGUMENTS, MAX_KINDS, MAX_MESSAGES, MAX_NAME_BYTES, MAX_SCHEMA_BYTES, MAX_SCHEMA_DEPTH, MAX_SCHEMA_STEPS,
        MAX_TEXT_BYTES, MAX_WORDS, shown,
    },
};
use crate::{
    by_name,
    model::{Kind, Manifest, assessment::Message, facts::Fact},
};
use std::{collections::BTreeSet, sync::Arc};

/// Why a manifest is refused; the sentence ends with the fix.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// Empty, too long, or of other letters.
    #[error(
        "`{0}` is no name for a rule: write lower-case letters, digits and `-`, at most {MAX_NAME_BYTES}, starting with a letter"
    )]
    Name(String),
    /// No semantic version.
    #[error("`{0}` is no version: write three numbers, as 1.0.0")]
    Version(String),
    /// Empty or too long.
    #[error("the {field} is empty or longer than {limit} bytes: shorten it or write one")]
    Length {
        /// The name of the text.
        field: &'static str,
        /// The most bytes that it may have.
        limit: usize,
    },
    /// More than the limit.
    #[error("there are {got} {field}: keep to {limit}")]
    Count {
        /// What there are too many of.
        field: &'static str,
        /// How many there are.
        got: usize,
        /// How many there may be.
        limit: usize,
    },
    /// It reads no kind and no fact: it would always answer the same.
    #[error("it declares neither a kind nor a fact: name in `kinds` and `facts` what it reads")]
    ReadsNothing,
    /// A kind that never reaches a rule.
    #[error("the kind `{0}` is obeyed before a rule sees anything: leave it out of `kinds`")]
    Obeyed(String),
    /// A kind that the contract did not have when the component was built.
    #[error(
        "the kind `{0}` is newer than the contract that it was built with: build it again with the WIT in plugins/wit/1.0.0, or \
         leave the kind out of `kinds`"
    )]
    Newer(String),
    /// The same kind, fact or message code twice.
    #[error("`{0}` is declared twice: leave one out")]
    Twice(String),
    /// A message code of other letters.
    #[error("`{0}` is no message code: write capital letters, digits and `_`, as CEP_WINDOW")]
    Code(String),
    /// A placeholder that no argument can fill.
    #[error("message {code} has the placeholder `{{{placeholder}}}`: write {{0}} to {{{}}}", MAX_ARGUMENTS - 1)]
    Placeholder {
        /// The code of the message.
        code: String,
        /// The text between the braces.
        placeholder: String,
    },
    /// With its parameters it has another name or version.
    #[error("with these parameters it calls itself {0}: keep the name and the version that `describe` gives")]
    Other(String),
    /// The parameters' schema is no JSON, or no schema.
    #[error("its JSON Schema of parameters cannot be read ({0}): correct it")]
    Schema(String),
    /// Following the parameters' schema takes too long.
    #[error(
        "its JSON Schema of parameters takes more than {MAX_SCHEMA_STEPS} steps with its references written out: have its author \
         refer to less, or repeat less"
    )]
    SchemaSteps,
    /// Following the parameters' schema goes too deep.
    #[error(
        "its JSON Schema of parameters is more than {MAX_SCHEMA_DEPTH} values deep with its references written out: have its \
         author nest less"
    )]
    SchemaDepth,
    /// The parameters' schema never ends.
    #[error("its JSON Schema of parameters refers to itself with `{0}`: have its author write out how deep it goes")]
    SchemaCircle(String),
    /// The parameters' schema refers to what is not in it.
    #[error(
        "its JSON Schema of parameters has `\"{0}\"`: have its author write `$ref` with a place in the schema, as \
         \"#/$defs/share\""
    )]
    SchemaReference(String),
}

/// Checks what `describe` returned.
pub(super) fn checked(from: v1::Manifest) -> Result<Manifest, ManifestError> {
    if !is_rule_name(&from.name) {
        return Err(ManifestError::Name(shown(&from.name)));
    }
    if !is_version(&from.version) {
        return Err(ManifestError::Version(shown(&from.version)));
    }
    length("dimension", &from.dimension, MAX_NAME_BYTES)?;
    length("help", &from.help, MAX_TEXT_BYTES)?;
    length("JSON Schema of parameters", &from.parameters, MAX_SCHEMA_BYTES)?;
    let parameters =
        by_name::json(&from.parameters).map_err(|error| ManifestError::Schema(shown(&error.to_string())))?;
    if from.kinds.is_empty() && from.facts.is_empty() {
        return Err(ManifestError::ReadsNothing);
    }
    Ok(Manifest {
        name: from.name.into(),
        version: from.version,
        dimension: from.dimension,
        help: from.help,
        kinds: kinds(from.kinds)?,
        facts: facts(&from.facts)?,
        parameters,
        messages: messages(from.messages)?,
    })
}

/// Checks what `configure` makes of the manifest that `describe` returned.
pub(super) fn tailored(general: &Manifest, from: v1::Manifest) -> Result<Manifest, ManifestError> {
    let tailored = checked(from)?;
    if (&tailored.name, &tailored.version) == (&general.name, &general.version) {
        Ok(tailored)
    } else {
        Err(ManifestError::Other(format!("{} {}", tailored.name, tailored.version)))
    }
}

/// The case of claims that the contract has for a built-in kind.
pub(super) fn case_of(kind: &Kind) -> String {
    kind.as_str().replace(['.', '_'], "-")
}

/// Refuses a manifest that names a kind which the contract did not have when the component was built: its claims had these
/// `cases`.
pub(super) fn known(manifest: Manifest, cases: &[String]) -> Result<Manifest, ManifestError> {
    let is_newer = |kind: &&Kind| !matches!(kind, Kind::Declared(_)) && !cases.contains(&case_of(kind));
    match manifest.kinds.iter().find(is_newer) {
        Some(kind) => Err(ManifestError::Newer(kind.to_string())),
        None => Ok(manifest),
    }
}

/// Checks the words that `configure` returned.
pub(super) fn words(from: Vec<String>) -> Result<Vec<Arc<str>>, ManifestError> {
    count("words", from.len(), MAX_WORDS)?;
    for word in &from {
        length("word", word, MAX_TEXT_BYTES)?;
    }
    Ok(from.into_iter().map(Arc::from).collect())
}

fn kinds(from: Vec<String>) -> Result<Vec<Kind>, ManifestError> {
    count("kinds", from.len(), MAX_KINDS)?;
    let mut kinds = Vec::with_capacity(from.len());
    for name in from {
        length("name of a kind", &name, MAX_NAME_BYTES)?;
        let kind = Kind::named(&name);
        if kind.withdraws() {
            return Err(ManifestError::Obeyed(shown(&name)));
        }
        if kinds.contains(&kind) {
            return Err(ManifestError::Twice(shown(&name)));
        }
        kinds.push(kind);
    }
    Ok(kinds)
}

fn facts(from: &[v1::Fact]) -> Result<Vec<Fact>, ManifestError> {
    let mut facts = Vec::with_capacity(from.len());
    for fact in from {
        let (fact, word) = match fact {
            v1::Fact::Requirement => (Fact::Requirement, "requirement"),
            v1::Fact::Needs => (Fact::Needs, "needs"),
            v1::Fact::Impact => (Fact::Impact, "impact"),
            v1::Fact::Ownership => (Fact::Ownership, "ownership"),
        };
        if facts.contains(&fact) {
            return Err(ManifestError::Twice(word.into()));
        }
        facts.push(fact);
    }
    Ok(facts)
}

fn messages(from: Vec<v1::Message>) -> Result<Vec<Arc<Message>>, ManifestError> {
    count("messages", from.len(), MAX_MESSAGES)?;
    let mut codes = BTreeSet::new();
    let mut messages = Vec::with_capacity(from.len());
    for v1::Message { code, text, remedy } in from {
        let letter = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        if !code.starts_with(|first: char| first.is_ascii_uppercase())
            || code.len() > MAX_NAME_BYTES
            || !code.bytes().all(letter)
        {
            return Err(ManifestError::Code(shown(&code)));
        }
        length("text of a message", &text, MAX_TEXT_BYTES)?;
        count("bytes in a remedy", remedy.len(), MAX_TEXT_BYTES)?;
        placeholders(&code, &text)?;
        placeholders(&code, &remedy)?;
        if !codes.insert(code.clone()) {
            return Err(ManifestError::Twice(code));
        }
        messages.push(Arc::new(Message { code, text, remedy }));
    }
    Ok(messages)
}

fn placeholders(code: &str, template: &str) -> Result<(), ManifestError> {
    for after in template.split('{').skip(1) {
        let placeholder = after.split('}').next().unwrap_or_default();
        let fits = after.contains('}') && placeholder.parse::<usize>().is_ok_and(|index| index < MAX_ARGUMENTS);
        if !fits {
            return Err(ManifestError::Placeholder { code: code.into(), placeholder: shown(placeholder) });
        }
    }
    Ok(())
}

/// Whether a rule may have this name.
#[must_use]
pub(crate) fn is_rule_name(name: &str) -> bool {
    name.len() <= MAX_NAME_BYTES
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_version(text: &str) -> bool {
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()) && part.parse::<u32>().is_ok();
    text.len() <= MAX_NAME_BYTES && text.split('.').count() == 3 && text.split('.').all(is_number)
}

fn length(field: &'static str, text: &str, limit: usize) -> Result<(), ManifestError> {
    if (1..=limit).contains(&text.len()) { Ok(()) } else { Err(ManifestError::Length { field, limit }) }
}

fn count(field: &'static str, got: usize, limit: usize) -> Result<(), ManifestError> {
    if got <= limit { Ok(()) } else { Err(ManifestError::Count { field, got, limit }) }
}

//! What attestations are written in: identifier schemes, kinds and foreign predicate types. Each is declared once: of two
//! tables with one name the first would be lost silently.

use super::MAX_PATH_BYTES;
use crate::{
    attest::{
        kinds::{Kinds, check_predicate_type},
        verifier::FUTURE_TOLERANCE_SECONDS,
    },
    diagnostic::Section,
    model::{Identifiers, Kind, organisation::Scheme},
};
use std::{
    collections::BTreeMap,
    fmt::Display,
    path::{Path, PathBuf},
};
use toml::Spanned;

/// Longest pattern of an identifier scheme, in bytes.
const MAX_PATTERN_BYTES: usize = 1024;
/// Longest name of a scheme, kind or predicate type, in bytes.
const MAX_NAME_BYTES: usize = 256;

/// `[attestations]`, `[[schemes]]`, `[[kinds]]`, `[[predicates]]`
#[derive(Clone, Debug)]
pub struct Attestations {
    /// How far the clock of an issuer may be ahead of ours.
    pub future_tolerance_seconds: i64,
    /// Identifier schemes beside the built-in ones.
    pub schemes: BTreeMap<String, Scheme>,
    /// Kinds beside the built-in ones, with the JSON Schema files of their claims.
    pub kinds: BTreeMap<String, PathBuf>,
    /// Foreign predicate types, each with the kind that it stands for.
    pub predicates: BTreeMap<String, String>,
}

impl Attestations {
    pub(super) fn read(file: &mut Section<'_>, folder: &Path) -> Self {
        let mut future_tolerance_seconds = FUTURE_TOLERANCE_SECONDS;
        if let Some(mut section) = file.section("attestations") {
            if let Some(seconds) = section.number("future_tolerance_seconds", 0..=86_400_i64) {
                future_tolerance_seconds = seconds.into_inner();
            }
            section.finish();
        }
        let schemes = read_schemes(file.sections("schemes"));
        let kinds = read_kinds(file.sections("kinds"), folder);
        let predicates = read_predicates(file.sections("predicates"), &kinds);
        Self { future_tolerance_seconds, schemes, kinds, predicates }
    }
}

fn read_schemes(sections: Vec<Section<'_>>) -> BTreeMap<String, Scheme> {
    let mut schemes = BTreeMap::new();
    for mut section in sections {
        let pattern = ("pattern", "pattern = \"[0-9]{8}\"", MAX_PATTERN_BYTES);
        if let Some((name, pattern)) = pair(&mut section, ("name", "name = \"NL-KVK\""), pattern) {
            if let Err(error) = Identifiers::check_scheme(name.get_ref()) {
                refuse(&section, &name, &format_args!("the scheme `{}`: {error}", name.get_ref()));
            }
            match Scheme::new(pattern.get_ref()) {
                Ok(scheme) => {
                    let fix = "keep one of them: `[0-9]{8}|[0-9]{12}` matches either form";
                    insert(&section, &mut schemes, ("schemes", fix), &name, scheme);
                }
                Err(_) => section.problem(
                    pattern.span(),
                    "this is no regular expression",
                    "write one as `[0-9]{8}`; it must match the whole identifier",
                ),
            }
        }
        section.finish();
    }
    schemes
}

fn read_kinds(sections: Vec<Section<'_>>, folder: &Path) -> BTreeMap<String, PathBuf> {
    let mut kinds = BTreeMap::new();
    for mut section in sections {
        let schema = ("schema", "schema = \"as9100.schema.json\"", MAX_PATH_BYTES);
        if let Some((name, schema)) = pair(&mut section, ("name", "name = \"approval.as9100\""), schema) {
            if let Err(error) = Kinds::check_name(name.get_ref()) {
                refuse(&section, &name, &error);
            }
            let fix = "keep one of them: a kind has one schema";
            insert(&section, &mut kinds, ("kinds", fix), &name, folder.join(schema.get_ref()));
        }
        section.finish();
    }
    kinds
}

fn read_predicates(sections: Vec<Section<'_>>, kinds: &BTreeMap<String, PathBuf>) -> BTreeMap<String, String> {
    let mut predicates = BTreeMap::new();
    for mut section in sections {
        let kind = ("kind", "kind = \"cyber.ce\"", MAX_NAME_BYTES);
        if let Some((uri, kind)) = pair(&mut section, ("type", "type = \"https://example.org/ce/v1\""), kind) {
            if let Err(error) = check_predicate_type(uri.get_ref()) {
                refuse(&section, &uri, &error);
            }
            let name = *kind.get_ref();
            if !kinds.contains_key(name) && !Kind::BUILT_IN.contains(&Kind::named(name)) {
                let fix = "declare it under [[kinds]], or correct the name";
                section.problem(kind.span(), format!("there is no kind `{name}`"), fix);
            }
            let fix = "keep one of them: a predicate type is one kind";
            insert(&section, &mut predicates, ("predicate types", fix), &uri, name.to_owned());
        }
        section.finish();
    }
    predicates
}

/// Adds what a table declares, once.
fn insert<T>(
    section: &Section<'_>,
    to: &mut BTreeMap<String, T>,
    (what, fix): (&str, &str),
    name: &Spanned<&str>,
    value: T,
) {
    if to.insert((*name.get_ref()).to_owned(), value).is_some() {
        section.problem(name.span(), format!("there are two {what} `{}`", name.get_ref()), fix);
    }
}

/// Shows a sentence that ends with its fix at `name`.
fn refuse(section: &Section<'_>, name: &Spanned<&str>, error: &dyn Display) {
    let sentence = error.to_string();
    let (message, fix) = sentence.rsplit_once(": ").unwrap_or((&sentence, "correct the name"));
    section.problem(name.span(), message, fix);
}

/// The two texts that a table of a list must have, each with a line that shows one.
fn pair<'a>(
    section: &mut Section<'a>,
    (first, first_example): (&'static str, &str),
    (second, second_example, second_max_bytes): (&'static str, &str, usize),
) -> Option<(Spanned<&'a str>, Spanned<&'a str>)> {
    section.require(first, first_example);
    section.require(second, second_example);
    let first = section.text(first, MAX_NAME_BYTES)?;
    Some((first, section.text(second, second_max_bytes)?))
}

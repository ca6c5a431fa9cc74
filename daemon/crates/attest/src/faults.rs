//! Everything that is wrong with how a document is written, at once and by field: what it lacks, what it has too much, and
//! what cannot be what it is. A JSON Schema says how it is written, the same as in the manual.

use super::{
    plain::plain_schema,
    predicate::{PREDICATE_TYPE_PREFIX, PREDICATE_TYPE_SUFFIX},
    written::{present, properties, type_of, words, written},
};
use crate::{
    by_name,
    diagnostic::{harmless, spelling},
    model::{Date, Digest, Instant, Kind, claims::MAX_TEXT_BYTES},
};
use serde_json::{Map, Value, json};
use std::fmt;

/// Most faults that are told at once: a person mends from the top.
pub(super) const MAX_FAULTS: usize = 20;
/// Most characters of the faults that are listed one after the other, so that the number of the others is shown as well.
const MAX_LISTED_CHARS: usize = 216;
/// Longest fault among those, in characters: the first may not hide the number of the others.
const MAX_FAULT_CHARS: usize = 200;
/// Longest value or name that a fault shows, in characters.
const MAX_VALUE_CHARS: usize = 40;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fault {
    /// This field is not there.
    Missing(String),
    /// A sentence without its fix.
    Told(String),
    /// A sentence that ends with the fix.
    Mended(String),
}

impl Fault {
    fn as_str(&self) -> &str {
        let (Self::Missing(text) | Self::Told(text) | Self::Mended(text)) = self;
        text
    }

    /// What stands before it after so many others.
    fn before(&self, others: usize) -> &'static str {
        match (self, others) {
            (Self::Missing(_), 0) => "it lacks ",
            (Self::Missing(_), _) => ", ",
            (_, 0) => "",
            _ => "; ",
        }
    }
}

/// What is wrong, as far as it was looked for. It displays all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    found: Vec<Fault>,
    /// There are others, which nobody has counted.
    are_more: bool,
}

impl Faults {
    /// One, in a sentence that ends with the fix.
    pub(super) fn mended(text: impl fmt::Display) -> Self {
        Self { found: vec![Fault::Mended(text.to_string())], are_more: false }
    }

    /// One, in a sentence that says nothing of a fix.
    fn told(text: impl Into<String>) -> Self {
        Self { found: vec![Fault::Told(text.into())], are_more: false }
    }

    /// The first `most` of several without a fix.
    pub(super) fn first(mut several: impl Iterator<Item = String>, most: usize) -> Self {
        let found = several.by_ref().take(most).map(Fault::Told).collect();
        Self { found, are_more: several.next().is_some() }
    }

    /// Whether each is told with its fix.
    pub(super) fn are_mended(&self) -> bool {
        self.found.iter().all(|fault| matches!(fault, Fault::Mended(_)))
    }

    /// As many as a refusal shows, at least the first, and how many more there are.
    pub(super) fn listed(&self) -> String {
        let mut listed = String::new();
        for (index, fault) in self.found.iter().enumerate() {
            let next = format!("{}{}", fault.before(index), clipped(fault.as_str(), MAX_FAULT_CHARS));
            if index > 0 && listed.chars().count() + next.chars().count() > MAX_LISTED_CHARS {
                let least = if self.are_more { "at least " } else { "" };
                return format!("{listed}; and {least}{} more", self.found.len() - index);
            }
            listed += &next;
        }
        if self.are_more { listed + "; and more" } else { listed }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.found.iter().enumerate() {
            write!(f, "{}{}", fault.before(index), harmless::line(fault.as_str()))?;
        }
        if self.are_more { f.write_str("; and more") } else { Ok(()) }
    }
}

/// The first characters of a text.
fn clipped(text: &str, most_chars: usize) -> String {
    match text.char_indices().nth(most_chars) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// What is wrong with an attestation in the plain form: with all fields, and with the claims where its kind is known.
pub(super) fn faults_of_plain(json: &str) -> Option<Faults> {
    let document: Value = by_name::json(json).ok()?;
    let mut schema = plain_schema().to_value();
    schema["properties"]["claims"] = claims_schema(document["kind"].as_str());
    of_document(&schema, &document)
}

/// The same of a statement, whose kind and subject stand outside of the predicate.
pub(super) fn faults_of_signed(json: &str) -> Option<Faults> {
    let document: Value = by_name::json(json).ok()?;
    let predicate_type = document["predicateType"].as_str().unwrap_or_default();
    let kind =
        predicate_type.strip_prefix(PREDICATE_TYPE_PREFIX).and_then(|rest| rest.strip_suffix(PREDICATE_TYPE_SUFFIX));
    let mut predicate = plain_schema().to_value();
    for outside in ["kind", "subject"] {
        predicate["properties"].as_object_mut()?.remove(outside);
        predicate["required"].as_array_mut()?.retain(|name| name != outside);
    }
    predicate["properties"]["claims"] = claims_schema(kind);
    let digest = json!({"type": "object", "properties": {"sha256": {"type": ["string", "null"]}}});
    let subject = json!({"type": "object", "properties": {"name": {"type": "string"}, "digest": digest}});
    // Other fields are ignored, as in-toto asks.
    let schema = json!({
        "type": "object",
        "required": ["_type", "subject", "predicateType", "predicate"],
        "properties": {
            "_type": {"type": "string"},
            "predicateType": {"type": "string"},
            "subject": {"type": "array", "items": subject},
            "predicate": predicate
        }
    });
    of_document(&schema, &document)
}

/// The schema of the claims of the kind of this name; of one that is not built in, of anything.
fn claims_schema(kind: Option<&str>) -> Value {
    kind.and_then(|kind| Kind::named(kind).written()).map_or_else(|| json!({}), schemars::Schema::to_value)
}

fn of_document(schema: &Value, document: &Value) -> Option<Faults> {
    let mut search = Search::default();
    search.look("", schema, document);
    search.found()
}

/// Why `json` is not the claims of `kind`, where `error` says that it is not.
pub(super) fn faults_of_claims(kind: &Kind, json: &str, error: &serde_json::Error) -> Faults {
    let told = || Faults::told(by_name::json_fault(kind, json).unwrap_or_else(|| error.to_string()));
    faults_by_schema(kind, json).unwrap_or_else(told)
}

/// What the JSON Schema of `kind` finds wrong with `json`.
pub(super) fn faults_by_schema(kind: &Kind, json: &str) -> Option<Faults> {
    of_document(&kind.written()?.to_value(), &by_name::json(json).ok()?)
}

/// What was found so far: at most [`MAX_FAULTS`] of each sort. A stranger's document may have as many as it has bytes, and
/// each that is told costs a search for the name that was meant.
#[derive(Default)]
struct Search {
    missing: Vec<Fault>,
    unknown: Vec<Fault>,
    wrong: Vec<Fault>,
    are_more: bool,
}

impl Search {
    fn is_full(&self) -> bool {
        self.are_more && [&self.missing, &self.unknown, &self.wrong].iter().all(|sort| sort.len() >= MAX_FAULTS)
    }

    fn look(&mut self, path: &str, schema: &Value, value: &Value) {
        if value.is_null() && may_be_null(schema) {
            return;
        }
        let schema = present(schema);
        match value {
            Value::Array(items) if type_of(schema) == "array" => {
                for (index, item) in items.iter().enumerate() {
                    if self.is_full() {
                        return;
                    }
                    self.look(&format!("{path}[{index}]"), &schema["items"], item);
                }
            }
            Value::Object(fields) if schema["properties"].is_object() => self.look_at_fields(path, schema, fields),
            _ => {
                if self.wrong.len() >= MAX_FAULTS && self.are_more {
                    return;
                }
                let Some(fault) = wrong(path, schema, value) else { return };
                if self.wrong.len() < MAX_FAULTS { self.wrong.push(fault) } else { self.are_more = true }
            }
        }
    }

    fn look_at_fields(&mut self, path: &str, schema: &Value, fields: &Map<String, Value>) {
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let mut missing: Vec<&str> = required.filter(|name| !fields.contains_key(*name)).collect();
        missing.sort_unstable();
        self.are_more |= self.missing.len() + missing.len() > MAX_FAULTS;
        let left = MAX_FAULTS - self.missing.len();
        self.missing.extend(missing.into_iter().take(left).map(|name| Fault::Missing(format!("`{}`", below(name)))));
        for (name, value) in fields {
            if self.is_full() {
                return;
            }
            match schema["properties"].get(name) {
                Some(property) => self.look(&below(name), property, value),
                None if schema["additionalProperties"] != false => {}
                None if self.unknown.len() >= MAX_FAULTS => self.are_more = true,
                None => self.unknown.push(unknown(&below(&clipped(name, MAX_VALUE_CHARS)), name, schema, fields)),
            }
        }
    }

    fn found(self) -> Option<Faults> {
        let found: Vec<Fault> = self.missing.into_iter().chain(self.unknown).chain(self.wrong).collect();
        (!found.is_empty()).then_some(Faults { found, are_more: self.are_more })
    }
}

/// A field of this name is not known among `fields`.
fn unknown(path: &str, name: &str, schema: &Value, fields: &Map<String, Value>) -> Fault {
    let mut known: Vec<&str> = properties(schema).map(|(name, _)| name.as_str()).collect();
    known.sort_unstable();
    // What is there already was not meant.
    let absent: Vec<&str> = known.iter().filter(|name| !fields.contains_key(**name)).copied().collect();
    let near = spelling::nearest(name, &absent)
        .map_or_else(|| format!("there are {}", known.join(", ")), |near| format!("did you mean `{near}`?"));
    Fault::Told(format!("`{path}` is no field ({near})"))
}

fn may_be_null(schema: &Value) -> bool {
    let is_null = |one: &Value| one["type"] == "null";
    schema["type"].as_array().is_some_and(|types| types.iter().any(|one| one == "null"))
        || schema["anyOf"].as_array().is_some_and(|any| any.iter().any(is_null))
}

/// What is wrong with one value that is not looked into.
fn wrong(path: &str, schema: &Value, value: &Value) -> Option<Fault> {
    let field = if path.is_empty() { "the whole".to_owned() } else { format!("`{path}`") };
    let words = words(schema);
    if !words.is_empty() {
        let written = value.as_str().unwrap_or_default();
        let fix = match spelling::nearest(written, &words) {
            _ if words.contains(&written) => return None,
            Some(near) => format!(" (did you mean `{near}`?)"),
            None => format!(": write `{}`", words.join("`, `")),
        };
        return Some(Fault::Mended(format!("{field} cannot be {}{fix}", shown(value))));
    }
    let title = schema["title"].as_str().unwrap_or_default();
    if title == "date"
        && let Some(day) = value.as_str().and_then(day_of_instant)
    {
        return Some(Fault::Mended(format!("{field} is a day: write {day}")));
    }
    let (is_right, fix) = match (value.as_str(), title, type_of(schema)) {
        (text, "date", _) => (text.is_some_and(|text| text.parse::<Date>().is_ok()), "a day, as 2026-05-09".to_owned()),
        (text, "date or time", _) => (
            text.is_some_and(|text| Instant::parse_start(text).is_ok()),
            "a day or a time, as 2026-05-09 or 2026-05-09T14:30:00Z".to_owned(),
        ),
        (text, "64 hexadecimal digits", _) => {
            (text.is_some_and(|text| text.parse::<Digest>().is_ok()), title.to_owned())
        }
        (Some(text), "text", _) => ((1..=MAX_TEXT_BYTES).contains(&text.len()), format!("1 to {MAX_TEXT_BYTES} bytes")),
        (None, "SCHEME:ID", _) => (false, "an organisation as SCHEME:ID".to_owned()),
        (text, _, "string") => (text.is_some(), "a text".to_owned()),
        (_, _, "boolean") => (value.is_boolean(), written(schema)),
        (_, _, "integer") => (is_whole_number(schema, value), format!("a {}", written(schema))),
        (_, _, "number") => (is_within(schema, value.as_f64()), format!("a {}", written(schema))),
        (_, _, "array") => (false, format!("a {}", written(schema))),
        (_, _, "object") if schema["properties"].is_object() => {
            (false, "an object with the names of its fields".to_owned())
        }
        (_, _, "object") => (value.is_object(), "an object".to_owned()),
        _ => (true, String::new()),
    };
    (!is_right).then(|| Fault::Mended(format!("{field} cannot be {}: write {fix}", shown(value))))
}

/// The day of what is written as a time.
fn day_of_instant(text: &str) -> Option<&str> {
    let day = text.get(..10).filter(|day| day.parse::<Date>().is_ok())?;
    text[10..].starts_with(['T', 't', ' ']).then_some(day)
}

fn is_whole_number(schema: &Value, value: &Value) -> bool {
    let (least, most) = match schema["format"].as_str() {
        Some("uint32") => (0, i64::from(u32::MAX)),
        Some("int32") => (i64::from(i32::MIN), i64::from(i32::MAX)),
        _ => (i64::MIN, i64::MAX),
    };
    value.as_i64().is_some_and(|number| (least..=most).contains(&number)) && is_within(schema, value.as_f64())
}

fn is_within(schema: &Value, number: Option<f64>) -> bool {
    let is_enough = |number: f64| schema["minimum"].as_f64().is_none_or(|least| number >= least);
    let is_little = |number: f64| schema["maximum"].as_f64().is_none_or(|most| number <= most);
    number.is_some_and(|number| is_enough(number) && is_little(number))
}

/// What stands there, as a person calls it.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{}`", clipped(text, MAX_VALUE_CHARS)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;

//! How attestations are written: what a kind's JSON Schema says in a table, and an example to fill in.

use super::plain::plain_schema;
use serde_json::{Map, Value};

/// A field as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name, with the fields that it stands in before it: `poam[].points`.
    pub name: String,
    /// What is written: `date`, `0 to 3`, or the words to choose from.
    pub written: String,
    /// Whether it must be there.
    pub is_required: bool,
    /// What it means.
    pub meaning: String,
}

/// The JSON Schema of an attestation in the plain form: the fields beside the claims.
#[must_use]
pub fn envelope() -> Value {
    plain_schema().to_value()
}

/// The fields that `schema` describes, those required first, each followed by its own.
#[must_use]
pub fn fields(schema: &Value) -> Vec<Field> {
    let mut fields = Vec::new();
    add_fields(&mut fields, "", schema);
    fields
}

fn add_fields(fields: &mut Vec<Field>, path: &str, schema: &Value) {
    let (schema, path) = match schema.get("items") {
        Some(items) => (items, format!("{path}[]")),
        None => (schema, path.to_owned()),
    };
    let mut properties: Vec<(bool, &String, &Value)> =
        properties(schema).map(|(name, property)| (is_required(schema, name), name, property)).collect();
    properties.sort_by_key(|(required, name, _)| (!required, *name));
    for (is_required, name, property) in properties {
        let name = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let meaning = property["description"].as_str().unwrap_or_default().replace('\n', " ");
        let present = present(property);
        fields.push(Field { name: name.clone(), written: written(present), is_required, meaning });
        add_fields(fields, &name, present);
    }
}

pub(super) fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema["properties"].as_object().into_iter().flatten()
}

fn is_required(schema: &Value, name: &str) -> bool {
    schema["required"].as_array().is_some_and(|required| required.iter().any(|one| one == name))
}

/// What an optional field is when it is there.
pub(super) fn present(schema: &Value) -> &Value {
    let alternatives = schema["anyOf"].as_array();
    alternatives.and_then(|any| any.iter().find(|one| one["type"] != "null")).unwrap_or(schema)
}

/// The type of a schema, without the null that stands for absence.
pub(super) fn type_of(schema: &Value) -> &str {
    match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).find(|one| *one != "null").unwrap_or_default(),
        one => one.as_str().unwrap_or_default(),
    }
}

/// The words that may stand there.
pub(super) fn words(schema: &Value) -> Vec<&str> {
    let listed = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let described = schema["oneOf"].as_array().into_iter().flatten();
    let described = described.flat_map(|one| one["const"].as_str().into_iter().chain(words(one)));
    listed.chain(described).collect()
}

pub(super) fn written(schema: &Value) -> String {
    let words = words(schema);
    if !words.is_empty() {
        return words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    }
    if let Some(title) = schema["title"].as_str().filter(|_| type_of(schema) == "string") {
        return title.to_owned();
    }
    if let Some((written, _)) = format_of(schema) {
        return written.to_owned();
    }
    let number = |what: &str| match (schema["minimum"].as_f64(), schema["maximum"].as_f64()) {
        (Some(least), Some(most)) => format!("{what}, {least} to {most}"),
        (Some(least), None) => format!("{what}, {least} or more"),
        _ => what.to_owned(),
    };
    match type_of(schema) {
        "boolean" => "`true` or `false`".to_owned(),
        "integer" => number("whole number"),
        "number" => number("number"),
        "array" => match &schema["items"] {
            items if items["properties"].is_object() => "list of objects".to_owned(),
            items => format!("list: {}", written(items)),
        },
        "object" => "object".to_owned(),
        "string" => "text".to_owned(),
        _ => "anything".to_owned(),
    }
}

/// How a text of the schema's `format` is written, and one: those that a declared kind's text is held to.
fn format_of(schema: &Value) -> Option<(&'static str, &'static str)> {
    const FORMATS: [(&str, &str, &str); 6] = [
        ("date", "date", "2026-05-09"),
        ("date-time", "instant", "2026-05-09T10:00:00Z"),
        ("organisation", "identifier of an organisation", "GB-COH:01234567"),
        ("country", "country", "GB"),
        ("uri", "URI", "https://example.org/"),
        ("email", "e-mail address", "office@example.org"),
    ];
    let format = schema["format"].as_str().filter(|_| type_of(schema) == "string")?;
    FORMATS.iter().find(|(name, ..)| *name == format).map(|(_, written, example)| (*written, *example))
}

/// A value that `schema` describes, to be filled in: every field, those that may be left out too.
#[must_use]
pub fn example(schema: &Value) -> Value {
    let schema = present(schema);
    if let Some(example) = schema["examples"].get(0) {
        return example.clone();
    }
    if let Some(word) = words(schema).first() {
        return (*word).into();
    }
    if let Some((_, example)) = format_of(schema) {
        return example.into();
    }
    let least = || schema["minimum"].as_i64().unwrap_or(0).max(1);
    match type_of(schema) {
        "boolean" => true.into(),
        "integer" => least().into(),
        "number" => schema["minimum"].as_f64().unwrap_or(0.0).into(),
        "array" => Value::Array(vec![example(&schema["items"])]),
        "object" => {
            let fields = properties(schema).map(|(name, property)| (name.clone(), example_of(property)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        _ => "as it is called".into(),
    }
}

/// An example stands at the field itself or at its type.
fn example_of(property: &Value) -> Value {
    property["examples"].get(0).cloned().unwrap_or_else(|| example(property))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Claims, Kind};
    use serde_json::json;

    #[test]
    fn every_example_is_what_its_kind_reads() {
        for kind in Kind::BUILT_IN {
            let schema = kind.written().expect("it is built in").to_value();
            let example = example(&schema).to_string();
            Claims::parse(kind, &example).unwrap_or_else(|error| panic!("{kind}: {error}\n{example}"));
            for field in fields(&schema) {
                assert!(!field.meaning.is_empty() && field.written != "anything", "{kind}: {field:?}");
            }
        }
    }

    #[test]
    fn a_text_of_a_format_is_shown_in_it() {
        let schema = json!({"properties": {
            "on": {"type": "string", "format": "date"},
            "seen": {"type": ["string", "null"], "format": "date-time"},
            "by": {"type": "string", "format": "organisation"},
            "note": {"type": "string", "format": "something else"},
        }, "type": "object"});
        let written: Vec<(String, String)> =
            fields(&schema).into_iter().map(|field| (field.name, field.written)).collect();
        let expected = [("by", "identifier of an organisation"), ("note", "text"), ("on", "date"), ("seen", "instant")];
        assert_eq!(written, expected.map(|(name, written)| (name.to_owned(), written.to_owned())));
        let filled = json!({"by": "GB-COH:01234567", "note": "as it is called", "on": "2026-05-09",
            "seen": "2026-05-09T10:00:00Z"});
        assert_eq!(example(&schema), filled);
    }

    #[test]
    fn fields_are_told_as_they_are_written() {
        let holding = fields(&Kind::named("ownership.holding").written().expect("built in").to_value());
        let percent = holding.iter().find(|field| field.name == "percent").expect("it is written so");
        assert_eq!((percent.written.as_str(), percent.is_required), ("number, 0 to 100", true));
        let cmmc = fields(&Kind::named("cyber.cmmc").written().expect("built in").to_value());
        let shown: Vec<(&str, &str)> = cmmc.iter().map(|field| (field.name.as_str(), field.written.as_str())).collect();
        let expected = [
            ("level", "whole number, 1 to 3"),
            ("status", "`final`, `conditional`"),
            ("status_on", "date"),
            ("affirmed_on", "date"),
            ("poam", "list of objects"),
            ("poam[].points", "whole number, 0 to 255"),
            ("poam[].requirement", "text"),
        ];
        assert_eq!(shown, expected);
    }
}

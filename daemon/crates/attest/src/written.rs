//! How attestations are written: what a kind's JSON Schema says in a table, an example to fill in, and everything that a
//! document lacks or has too much, at once.

use super::{
    plain::plain_schema,
    predicate::{PREDICATE_TYPE_PREFIX, PREDICATE_TYPE_SUFFIX},
    refusal::listed,
};
use crate::{by_name, diagnostic::spelling, model::Kind};
use serde_json::{Map, Value};

/// Most faults that are told at once: a person mends from the top.
pub(super) const MAX_FAULTS: usize = 20;

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

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema["properties"].as_object().into_iter().flatten()
}

fn is_required(schema: &Value, name: &str) -> bool {
    schema["required"].as_array().is_some_and(|required| required.iter().any(|one| one == name))
}

/// What an optional field is when it is there.
fn present(schema: &Value) -> &Value {
    let alternatives = schema["anyOf"].as_array();
    alternatives.and_then(|any| any.iter().find(|one| one["type"] != "null")).unwrap_or(schema)
}

/// The type of a schema, without the null that stands for absence.
fn type_of(schema: &Value) -> &str {
    match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).find(|one| *one != "null").unwrap_or_default(),
        one => one.as_str().unwrap_or_default(),
    }
}

/// The words that may stand there.
fn words(schema: &Value) -> Vec<&str> {
    let listed = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let described = schema["oneOf"].as_array().into_iter().flatten();
    let described = described.flat_map(|one| one["const"].as_str().into_iter().chain(words(one)));
    listed.chain(described).collect()
}

fn written(schema: &Value) -> String {
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

/// What an attestation in the plain form lacks or has too much: of all fields, and of the claims where its kind is known.
pub(super) fn faults_of_plain(json: &str) -> Option<String> {
    let document: Value = by_name::json(json).ok()?;
    let mut faults = Faults::default();
    faults.look("", &envelope(), &document);
    let kind = document["kind"].as_str().map(Kind::named).and_then(|kind| kind.written());
    if let (Some(schema), Some(claims)) = (kind, document.get("claims")) {
        faults.look("claims", &schema.to_value(), claims);
    }
    faults.told()
}

/// The same of the predicate of a statement, whose kind and subject stand outside.
pub(super) fn faults_of_signed(json: &str) -> Option<String> {
    let document: Value = by_name::json(json).ok()?;
    let mut plain = document.get("predicate")?.clone();
    let predicate_type = document["predicateType"].as_str().unwrap_or_default();
    let kind =
        predicate_type.strip_prefix(PREDICATE_TYPE_PREFIX).and_then(|rest| rest.strip_suffix(PREDICATE_TYPE_SUFFIX));
    let fields = plain.as_object_mut()?;
    for outside in ["kind", "subject"] {
        if fields.contains_key(outside) {
            return None;
        }
        fields.insert(outside.to_owned(), kind.unwrap_or_default().into());
    }
    faults_of_plain(&plain.to_string())
}

/// Why `json` is not the claims of `kind`, where `error` says that it is not: all that they lack or have too much, or else
/// the first field that cannot be what it is.
pub fn faults_of_claims(kind: &Kind, json: &str, error: &serde_json::Error) -> String {
    let of_fields = || {
        let schema = kind.written()?.to_value();
        let mut faults = Faults::default();
        faults.look("", &schema, &by_name::json(json).ok()?);
        faults.told()
    };
    of_fields().or_else(|| by_name::json_fault(kind, json)).unwrap_or_else(|| error.to_string())
}

/// The fields that are missing or not known, found so far: at most [`MAX_FAULTS`] of each. A stranger's document may have
/// as many as it has bytes, and each that is told costs a search for the name that was meant.
#[derive(Default)]
struct Faults {
    missing: Vec<String>,
    unknown: Vec<String>,
}

impl Faults {
    fn is_full(&self) -> bool {
        self.missing.len() >= MAX_FAULTS && self.unknown.len() >= MAX_FAULTS
    }

    fn look(&mut self, path: &str, schema: &Value, value: &Value) {
        let schema = present(schema);
        match value {
            Value::Array(items) => {
                // Only an object lacks anything or has too much.
                let nested = |item: &Value| item.is_object() || item.is_array();
                for (place, item) in items.iter().enumerate().filter(|(_, item)| nested(item)) {
                    if self.is_full() {
                        return;
                    }
                    self.look(&format!("{path}[{place}]"), &schema["items"], item);
                }
            }
            Value::Object(fields) if schema["properties"].is_object() => self.look_at_fields(path, schema, fields),
            _ => {}
        }
    }

    fn look_at_fields(&mut self, path: &str, schema: &Value, fields: &Map<String, Value>) {
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        if self.missing.len() < MAX_FAULTS {
            let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let mut missing: Vec<&str> = required.filter(|name| !fields.contains_key(*name)).collect();
            missing.sort_unstable();
            self.missing.extend(missing.into_iter().map(|name| format!("`{}`", below(name))));
            self.missing.truncate(MAX_FAULTS);
        }
        for (name, value) in fields {
            if self.is_full() {
                return;
            }
            match schema["properties"].get(name) {
                Some(property) => self.look(&below(name), property, value),
                None if schema["additionalProperties"] == false && self.unknown.len() < MAX_FAULTS => {
                    let mut known: Vec<&str> = properties(schema).map(|(name, _)| name.as_str()).collect();
                    known.sort_unstable();
                    // What is there already was not meant.
                    let absent: Vec<&str> = known.iter().filter(|name| !fields.contains_key(**name)).copied().collect();
                    let near = spelling::nearest(name, &absent).map_or_else(
                        || format!("there are {}", known.join(", ")),
                        |near| format!("did you mean `{near}`?"),
                    );
                    self.unknown.push(format!("`{}` is no field ({near})", below(name)));
                }
                None => {}
            }
        }
    }

    fn told(self) -> Option<String> {
        let missing = (!self.missing.is_empty()).then(|| format!("it lacks {}", self.missing.join(", ")));
        let faults: Vec<String> = missing.into_iter().chain(self.unknown).collect();
        (!faults.is_empty()).then(|| listed(&faults))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Claims;
    use serde_json::json;

    #[test]
    fn everything_missing_is_named_at_once() {
        let check = |kind: &str, json: &str, expected: Option<&str>| {
            let kind = Kind::named(kind);
            let told = Claims::parse(&kind, json).err().map(|error| faults_of_claims(&kind, json, &error));
            assert_eq!(told.as_deref(), expected, "{kind} {json}");
        };
        check("supply.source", "{}", Some("it lacks `buyer`, `item`, `qualified`, `share_bp`, `supplier`"));
        check(
            "ownership.holding",
            r#"{"owner":"X","percent_ppm":250100}"#,
            Some("it lacks `owner_country`, `percent`; `percent_ppm` is no field (did you mean `percent`?)"),
        );
        check(
            "cyber.cmmc",
            r#"{"level":2,"status":"final","status_on":"2026-01-01","poam":[{"points":1},{}]}"#,
            Some("it lacks `poam[0].requirement`, `poam[1].points`, `poam[1].requirement`"),
        );
        check("clearance.personnel", r#"[{"level":"GB:SC"}]"#, Some("it lacks `[0].count`"));
        check("cyber.saq", r#"{"level":9,"gaps":0}"#, Some("`level`: expected 0 to 3, not 9"));
        check("cyber.saq", r#"{"level":true}"#, Some("`level`: invalid type: boolean `true`, expected i64"));
        check(
            "cyber.cmmc",
            r#"{"level":2,"status":"final","status_on":"2026-01-01","poam":[{"requirement":"A","points":"x"}]}"#,
            Some("`poam[0].points`: invalid type: string \"x\", expected u8"),
        );
        check(
            "screening",
            r#"{"list":"1260H","outcome":"none","from":"2026-01-01","foo":1}"#,
            Some("`foo` is no field (there are entry, from, list, measure, outcome, until)"),
        );
        check("clearance.personnel", "7", Some("invalid type: integer `7`, expected a sequence at line 1 column 1"));
        check("cyber.saq", r#"{"level":1}"#, None);
        let plain = |json: &str| faults_of_plain(json);
        assert_eq!(plain("{}").as_deref(), Some("it lacks `claims`, `issued_at`, `kind`, `subject`"));
        let expected = "it lacks `issued_at`, `claims.whole_organisation`; `valid_untill` is no field (did you mean `valid_until`?)";
        let found = plain(
            r#"{"kind":"cyber.ce","subject":"GB-COH:1","valid_untill":"2027-01-01","claims":{"certificate":"C"}}"#,
        );
        assert_eq!(found.as_deref(), Some(expected));
    }

    /// A stranger's document costs no more to refuse than what is told of it.
    #[test]
    fn no_more_faults_are_looked_for_than_are_told() {
        let many = |fields: usize| -> String {
            let fields: Vec<String> = (0..fields).map(|number| format!("\"a{number}\":1")).collect();
            format!("{{{}}}", fields.join(","))
        };
        let empty = format!("[{}]", vec!["{}"; 5000].join(","));
        for (what, kind, json) in [
            ("fields that are unknown", "cyber.ce", many(5000)),
            ("things that lack their fields", "cyber.cmmc", format!("{{\"poam\":{empty}}}")),
            ("both", "cyber.cmmc", format!("{{\"poam\":{empty},{}}}", &many(5000)[1..].trim_end_matches('}'))),
        ] {
            let mut faults = Faults::default();
            let schema = Kind::named(kind).written().expect("it is built in").to_value();
            faults.look("", &schema, &by_name::json(&json).expect("JSON"));
            assert!(faults.missing.len() <= MAX_FAULTS && faults.unknown.len() <= MAX_FAULTS, "{what}");
            assert!(faults.missing.len().max(faults.unknown.len()) == MAX_FAULTS, "{what}");
        }
    }

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

//! A rule's parameters: TOML to JSON, remembering where each value is, so that violations of the plugin's schema can be shown
//! with a line and a caret.

use super::{Problems, Section, Span, quoted};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// A rule's parameters as JSON, and where each is in the file.
#[derive(Debug, Default)]
pub struct Parameters {
    /// The parameters by name.
    pub values: Map<String, Value>,
    /// Where each parameter is in the file.
    pub spans: ParameterSpans,
}

/// Where parameters are in the file, by JSON Pointer (RFC 6901); the whole table is at the empty pointer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParameterSpans(BTreeMap<String, Span>);

impl Parameters {
    /// Reads a table of parameters.
    #[must_use]
    pub fn read(section: Section<'_>) -> Self {
        let mut reader = ParameterReader { problems: section.problems(), spans: BTreeMap::new() };
        reader.spans.insert(String::new(), section.span());
        let values = reader.table("", section.table());
        Self { values, spans: ParameterSpans(reader.spans) }
    }
}

impl ParameterSpans {
    /// Where the parameter at `pointer` is, or the nearest table around it; `None` where there is no table of parameters.
    #[must_use]
    pub fn around(&self, pointer: &str) -> Option<Span> {
        let mut pointer = pointer;
        loop {
            if let Some(span) = self.0.get(pointer) {
                return Some(span.clone());
            }
            (pointer, _) = pointer.rsplit_once('/')?;
        }
    }

    /// Whether there is a value at `pointer` itself.
    #[must_use]
    pub fn holds(&self, pointer: &str) -> bool {
        self.0.contains_key(pointer)
    }
}

/// Where a part of a text is, given the span of the text in `file` and the bytes of its value.
#[must_use]
pub fn part_of_text(file: &str, text: Span, part: Span) -> Span {
    let written = &file[text.clone()];
    text.start + quoted::offset(written, part.start)..text.start + quoted::offset(written, part.end)
}

struct ParameterReader<'a> {
    problems: &'a Problems<'a>,
    spans: BTreeMap<String, Span>,
}

impl ParameterReader<'_> {
    fn table(&mut self, pointer: &str, table: &DeTable<'_>) -> Map<String, Value> {
        let entry = |(key, value): (&Spanned<_>, _)| {
            let key: &str = AsRef::<str>::as_ref(Spanned::get_ref(key));
            let token = key.replace('~', "~0").replace('/', "~1");
            (key.to_owned(), self.value(&format!("{pointer}/{token}"), value))
        };
        table.iter().map(entry).collect()
    }

    /// Converts a value; what JSON cannot express is refused, and dates and times become texts.
    fn value(&mut self, pointer: &str, value: &Spanned<DeValue<'_>>) -> Value {
        self.spans.insert(pointer.to_owned(), value.span());
        match value.get_ref() {
            DeValue::String(text) => Value::String(text.to_string()),
            DeValue::Boolean(flag) => Value::Bool(*flag),
            DeValue::Datetime(time) => Value::String(time.to_string()),
            DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
                Ok(number) => number.into(),
                Err(_) => self.refuse(value, "is beyond 64 bits"),
            },
            DeValue::Float(float) => match float.as_str().parse().ok().and_then(serde_json::Number::from_f64) {
                Some(number) => Value::Number(number),
                None => self.refuse(value, "is not a number that JSON can say"),
            },
            DeValue::Array(array) => {
                let element = |(index, value)| self.value(&format!("{pointer}/{index}"), value);
                array.iter().enumerate().map(element).collect()
            }
            DeValue::Table(table) => Value::Object(self.table(pointer, table)),
        }
    }

    fn refuse(&self, value: &Spanned<DeValue<'_>>, why: &str) -> Value {
        self.problems.add(value.span(), format!("this parameter {why}"), "write a finite number of at most 64 bits");
        Value::Null
    }
}

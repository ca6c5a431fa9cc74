//! From the JSON Schema of a declared kind to a record: which fields its claims have, and of which types. What the schema
//! leaves open has no type here; the field is known all the same, and using it is refused with what to write in the schema.

use super::{
    types::{Base, Field, Get, Many, Record, Type, Words},
    vocabulary::ATTESTATION,
};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// How deep objects within objects have fields.
const MAX_DEPTH: usize = 5;
/// How deep schemas are followed within one another, by properties, items and alternatives.
const MAX_NESTED: usize = 24;
/// Most fields of a kind, those of objects in it included: a schema that refers to itself has no end.
const MAX_FIELDS: usize = 1024;
/// Most schemas that say something of one value together, by `$ref` and `allOf`.
const MAX_PARTS: usize = 32;
/// Most texts of an `enum` that are kept: comparing with others is refused.
const MAX_CHOICES: usize = 256;

/// The record of what a `kind` claims, by the `schema` that it is declared with. It is kept for as long as the instance lasts.
pub(super) fn record(kind: &'static str, schema: &Value) -> &'static Record {
    let mut reader = Reader { whole: schema, fields: 0, open: 0 };
    let properties = reader.parts(schema).map(|parts| reader.fields(kind, &parts, 0, true)).unwrap_or_default();
    kept(Record { name: kind, specialises: Some(&ATTESTATION), fields: Vec::leak(properties) })
}

/// A guest's instance is configured once and lives for one batch: what it makes then is never given back.
fn kept<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn kept_text(text: impl Into<String>) -> &'static str {
    String::leak(text.into())
}

/// Why a value has no type.
struct Refused {
    why: String,
    fix: String,
}

fn refused<T>(why: impl Into<String>, fix: impl Into<String>) -> Result<T, Refused> {
    Err(Refused { why: why.into(), fix: fix.into() })
}

/// What one value is, and whether it may be null.
struct Shape {
    of: Type,
    is_nullable: bool,
}

struct Reader<'a> {
    whole: &'a Value,
    /// How many there are so far.
    fields: usize,
    /// How many schemas are being followed, one within the other.
    open: usize,
}

impl<'a> Reader<'a> {
    /// Everything that holds of the value that `schema` describes: the schema, what it refers to, and what of `allOf`.
    fn parts(&self, schema: &'a Value) -> Result<Vec<&'a Map<String, Value>>, Refused> {
        let (mut all, mut objects, mut index) = (vec![schema], Vec::new(), 0);
        while let Some(part) = all.get(index).copied() {
            index += 1;
            let Some(part) = part.as_object() else { continue };
            objects.push(part);
            let referred = match part.get("$ref").and_then(Value::as_str) {
                Some(to) => Some(self.referred(to)?),
                None => None,
            };
            let members = part.get("allOf").and_then(Value::as_array).into_iter().flatten();
            for next in referred.into_iter().chain(members) {
                if !all.iter().any(|known| std::ptr::eq(*known, next)) {
                    all.push(next);
                }
            }
            if all.len() > MAX_PARTS {
                let why = format!("its schema is made of more than {MAX_PARTS} by `$ref` and `allOf`");
                return refused(why, "write its `type` at the property itself");
            }
        }
        Ok(objects)
    }

    fn referred(&self, to: &str) -> Result<&'a Value, Refused> {
        let found = to.strip_prefix('#').and_then(|pointer| self.whole.pointer(pointer));
        found.map_or_else(
            || {
                refused(
                    format!("its schema refers to `{to}`, which is not followed"),
                    "refer to a place in the same schema, as `#/$defs/share`",
                )
            },
            Ok,
        )
    }

    /// The properties of an object, in the order of their names. Those of the kind itself that have the name of something that
    /// every attestation has are left out: `trust` is what the daemon says of it, whatever it claims.
    fn fields(
        &mut self,
        called: &str,
        parts: &[&'a Map<String, Value>],
        depth: usize,
        is_attestation: bool,
    ) -> Vec<Field> {
        let texts = |key: &'static str| {
            let lists = parts.iter().filter_map(move |part| part.get(key)?.as_array());
            lists.flatten().filter_map(Value::as_str)
        };
        let required: BTreeSet<&str> = texts("required").collect();
        let mut properties: BTreeMap<&str, &'a Value> = BTreeMap::new();
        for (name, schema) in parts.iter().filter_map(|part| part.get("properties")?.as_object()).flatten() {
            let is_taken = is_attestation && ATTESTATION.fields.iter().any(|field| field.name == name);
            if !is_taken {
                properties.entry(name).or_insert(schema);
            }
        }
        let field = |(name, schema): (&str, &'a Value)| {
            self.fields += 1;
            let called = format!("{called}.{name}");
            let (of, get) = match self.shape(&called, schema, depth) {
                Ok(Shape { of: Type { base, many: Many::List }, .. }) => (Type::list(base), Get::Named),
                Ok(Shape { of: Type { base, .. }, is_nullable }) if is_nullable || !required.contains(name) => {
                    (Type::optional(base), Get::Named)
                }
                Ok(Shape { of, .. }) => (of, Get::Named),
                Err(Refused { why, fix }) => {
                    (Type::one(Base::Nothing), Get::Never { why: kept_text(why), fix: kept_text(fix) })
                }
            };
            Field { name: kept_text(name), of, about: "", get }
        };
        properties.into_iter().map(field).collect()
    }

    /// What the value that `schema` describes is; `called` is its path.
    fn shape(&mut self, called: &str, schema: &'a Value, depth: usize) -> Result<Shape, Refused> {
        if self.open >= MAX_NESTED {
            return refused("its schema has no end", "write out how deep it goes");
        }
        self.open += 1;
        let shape = self.shape_within(called, schema, depth);
        self.open -= 1;
        shape
    }

    fn shape_within(&mut self, called: &str, schema: &'a Value, depth: usize) -> Result<Shape, Refused> {
        let parts = self.parts(schema)?;
        if let (Some((member, is_nullable)), true) = (alternative(&parts), types(&parts).is_none()) {
            let Shape { of, is_nullable: inner } = self.shape(called, member, depth)?;
            return Ok(Shape { of, is_nullable: is_nullable || inner });
        }
        let Some(mut types) = types(&parts).or_else(|| types_of_values(&parts)) else {
            let open = ["anyOf", "oneOf", "not", "if"]
                .into_iter()
                .find(|key| parts.iter().any(|part| part.contains_key(*key)));
            let by = open.map_or_else(String::new, |key| format!(", only `{key}`"));
            return refused(format!("its schema gives it no `type`{by}"), "write one `type` there, as `string`");
        };
        let with_null = types.len();
        types.retain(|name| *name != "null");
        let is_nullable = types.len() < with_null;
        let of = match types.as_slice() {
            ["string"] => Type::one(text(called, &parts)),
            ["integer"] => Type::one(Base::Int),
            ["number"] | ["integer", "number"] | ["number", "integer"] => Type::one(Base::Decimal),
            ["boolean"] => Type::one(Base::Bool),
            ["object"] => Type::one(Base::Record(self.object(called, &parts, depth)?)),
            ["array"] => Type::list(self.items(called, &parts, depth)?),
            [] => {
                return refused(
                    "its schema lets it be nothing but null",
                    "write the `type` that it has when it is there",
                );
            }
            several => {
                let several = several.join("` or `");
                return refused(
                    format!("its schema lets it be `{several}`"),
                    "write one `type` for it, or a property for each",
                );
            }
        };
        Ok(Shape { of, is_nullable })
    }

    fn object(
        &mut self,
        called: &str,
        parts: &[&'a Map<String, Value>],
        depth: usize,
    ) -> Result<&'static Record, Refused> {
        if depth >= MAX_DEPTH {
            let why = format!("it is within more than {MAX_DEPTH} objects, as its schema has it");
            return refused(why, "nest less, or write a property beside the outer ones");
        }
        if self.fields > MAX_FIELDS {
            let why = format!("its kind has more than {MAX_FIELDS} properties, those of objects in it included");
            return refused(why, "have the schema refer to less");
        }
        let fields = self.fields(called, parts, depth + 1, false);
        Ok(kept(Record { name: kept_text(called), specialises: None, fields: Vec::leak(fields) }))
    }

    fn items(&mut self, called: &str, parts: &[&'a Map<String, Value>], depth: usize) -> Result<Base, Refused> {
        let items = parts.iter().find_map(|part| part.get("items").filter(|items| items.is_object()));
        let Some(items) = items else {
            return refused("its schema does not say what its items are", "write `items` with one `type`");
        };
        match self.shape(called, items, depth) {
            Ok(Shape { of: Type { many: Many::List, .. }, .. }) => {
                refused("it is a list of lists", "make its items objects that have a list each")
            }
            Ok(Shape { is_nullable: true, .. }) => {
                refused("its items may be null", "leave `null` out of the `type` of its items")
            }
            Ok(Shape { of, .. }) => Ok(of.base),
            Err(Refused { why, fix }) => refused(format!("of its items, {why}"), fix),
        }
    }
}

/// The one schema of `anyOf` or `oneOf` that is not null alone, and whether another is: how generators write what may be null.
fn alternative<'a>(parts: &[&'a Map<String, Value>]) -> Option<(&'a Value, bool)> {
    let list = |part: &&'a Map<String, Value>| part.get("anyOf").or_else(|| part.get("oneOf"))?.as_array();
    let members = parts.iter().find_map(list)?;
    let is_null = |member: &&Value| member.get("type").is_some_and(|name| name == "null");
    let mut others = members.iter().filter(|member| !is_null(member));
    let only = others.next()?;
    others.next().is_none().then(|| (only, members.iter().any(|member| is_null(&member))))
}

/// The types that are written.
fn types<'a>(parts: &[&'a Map<String, Value>]) -> Option<Vec<&'a str>> {
    parts.iter().find_map(|part| match part.get("type")? {
        Value::String(name) => Some(vec![name.as_str()]),
        Value::Array(names) => Some(names.iter().filter_map(Value::as_str).collect()),
        _ => None,
    })
}

/// All values that it may be, where they are listed.
fn values<'a>(parts: &[&'a Map<String, Value>]) -> Option<Vec<&'a Value>> {
    parts.iter().find_map(|part| match (part.get("enum"), part.get("const")) {
        (Some(Value::Array(values)), _) => Some(values.iter().collect()),
        (_, Some(value)) => Some(vec![value]),
        _ => None,
    })
}

/// The types of the values that it may be.
fn types_of_values(parts: &[&Map<String, Value>]) -> Option<Vec<&'static str>> {
    let mut types: Vec<&str> = Vec::new();
    for value in values(parts)? {
        let name = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        if !types.contains(&name) {
            types.push(name);
        }
    }
    Some(types)
}

/// What a text is: a day, an instant, an organisation, a country, one of some texts, or any text.
fn text(called: &str, parts: &[&Map<String, Value>]) -> Base {
    let format = parts.iter().find_map(|part| part.get("format")?.as_str());
    match (format, values(parts)) {
        (Some("date"), _) => Base::Date,
        (Some("date-time"), _) => Base::Instant,
        (Some("organisation"), None) => Base::Identifier,
        (Some("country"), None) => Base::Country,
        (_, Some(values)) => {
            let texts: Vec<&str> = values.into_iter().filter_map(Value::as_str).take(MAX_CHOICES + 1).collect();
            if texts.len() > MAX_CHOICES {
                return Base::Text;
            }
            let words: Vec<&'static str> = texts.into_iter().map(kept_text).collect();
            Base::Choice(kept(Words { name: kept_text(called), words: Vec::leak(words), ordered: false }))
        }
        _ => Base::Text,
    }
}

//! The declared kinds that a policy's rules read, each with the JSON Schema of its claims. They are a part of the policy's text:
//! so a score is bound to them, `replay` has them, and a schema that changes is a policy that changes.

use super::{Policy, parse};
use crate::{
    by_name,
    diagnostic::{Diagnostics, FILE_MAX_BYTES, Problems, Section},
    model::{DeclaredKinds, Kind},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::Arc,
};

/// Most declared kinds that the rules of one policy read.
pub const KINDS_MAX: usize = 32;
/// Longest JSON Schema of a declared kind that a policy's rules read, in bytes, without white space.
pub const KIND_SCHEMA_MAX_BYTES: usize = 64 * 1024;
/// The same of all of them together: every batch of every rule that is told of them begins with reading them.
pub const KIND_SCHEMAS_MAX_BYTES: usize = 256 * 1024;

/// What stands before the kinds that are added.
const HEADING: &str = "# Declared kinds that its rules read, as the configuration had them.";

/// `[kinds]` of a policy.
pub(super) fn read(section: Section<'_>) -> BTreeMap<Arc<str>, Value> {
    let (span, problems) = (section.span(), section.problems());
    let mut kinds = BTreeMap::new();
    let mut bytes = 0;
    for (name, mut section) in section.children() {
        section.require("schema", "schema = '''{\"type\": \"object\"}'''");
        if !matches!(Kind::named(name.get_ref()), Kind::Declared(_)) {
            let message = format!("the kind `{}` is built in", name.get_ref());
            problems.add(name.span(), message, "remove the table: its fields are known");
        } else if !Kind::is_name(name.get_ref()) {
            let fix = "use lower-case letters and digits, a letter first, with `.`, `_` or `-` between";
            problems.add(name.span(), format!("`{}` is not a name for a kind", name.get_ref()), fix);
        }
        if let Some(schema) = section.text("schema", KIND_SCHEMA_MAX_BYTES) {
            bytes += schema.get_ref().len();
            match by_name::json(schema.get_ref()) {
                Ok(parsed @ (Value::Object(_) | Value::Bool(_))) => {
                    _ = kinds.insert(Arc::from(*name.get_ref()), parsed)
                }
                Ok(_) => {
                    section.problem(schema.span(), "this is no JSON Schema", "write the JSON Schema of the claims")
                }
                Err(error) => section.problem(schema.span(), format!("the schema is no JSON ({error})"), "correct it"),
            }
        }
        section.finish();
    }
    if kinds.len() > KINDS_MAX || bytes > KIND_SCHEMAS_MAX_BYTES {
        let [message, fix] = too_many(kinds.len(), bytes);
        problems.add(span, message, fix);
    }
    kinds
}

/// What is said of too many kinds, and the fix.
fn too_many(kinds: usize, bytes: usize) -> [String; 2] {
    [
        format!("its rules read {kinds} declared kinds, with schemas of {bytes} bytes"),
        format!("keep to {KINDS_MAX} kinds and {KIND_SCHEMAS_MAX_BYTES} bytes: shorten the schemas, or read fewer"),
    ]
}

/// Reads a policy, and adds to its text what it mentions of `declared`.
pub(super) fn policy(file_name: &str, text: &str, declared: &DeclaredKinds) -> Result<Policy, Diagnostics> {
    let policy = parse::policy(file_name, text)?;
    let own = &policy.kinds.schemas;
    let wanted: Vec<(&Arc<str>, &Value)> = if declared.schemas.is_empty() {
        Vec::new()
    } else {
        let known: Vec<&str> = declared.schemas.keys().chain(own.keys()).map(|name| &**name).collect();
        let said = said(&policy);
        let is_wanted = |(name, _): &(&Arc<str>, &Value)| !own.contains_key(*name) && mentions(&said, name, &known);
        declared.schemas.iter().filter(is_wanted).collect()
    };
    let mut completed = text.to_owned();
    if !wanted.is_empty() {
        completed += if text.ends_with('\n') { "\n" } else { "\n\n" };
        completed += HEADING;
        completed.push('\n');
    }
    let refused = |[message, fix]: [String; 2]| {
        let problems = Problems::new(file_name, text);
        problems.add(0..0, message, fix);
        Err(problems.refused())
    };
    let mut bytes: usize = own.values().map(|schema| schema.to_string().len()).sum();
    for (name, schema) in &wanted {
        let schema = literal(schema);
        if schema.len() > KIND_SCHEMA_MAX_BYTES {
            return refused([
                format!("its rules read the kind `{name}`, whose JSON Schema has {} bytes", schema.len()),
                format!("shorten it to {KIND_SCHEMA_MAX_BYTES} bytes at the most: descriptions and examples first"),
            ]);
        }
        bytes += schema.len();
        let _ = write!(completed, "[kinds.\"{name}\"]\nschema = '''{schema}'''\n");
    }
    if own.len() + wanted.len() > KINDS_MAX || bytes > KIND_SCHEMAS_MAX_BYTES || completed.len() > FILE_MAX_BYTES {
        return refused(too_many(own.len() + wanted.len(), bytes));
    }
    let mut policy = if wanted.is_empty() {
        policy
    } else {
        match parse::policy(file_name, &completed) {
            Ok(policy) => policy,
            // Only how its own kinds are written can be in the way: `kinds = {…}` takes no more tables.
            Err(_) => {
                return refused(
                    [
                        "no kinds can be added to those that it defines",
                        "write each of its own as a table, as `[kinds.\"approval.as9100\"]`",
                    ]
                    .map(str::to_owned),
                );
            }
        }
    };
    let others = declared.names().filter(|name| !policy.kinds.schemas.contains_key(*name)).cloned();
    policy.kinds.others = others.collect::<BTreeSet<_>>();
    Ok(policy)
}

/// A schema as one line of JSON that can stand between three apostrophes.
fn literal(schema: &Value) -> String {
    schema.to_string().replace('\'', "\\u0027").replace('\u{7f}', "\\u007f")
}

/// All texts that its rules are told, one a line: what mentions a kind. A name with dots may have white space beside them.
fn said(policy: &Policy) -> String {
    let mut said = String::new();
    policy.rules.iter().for_each(|rule| texts(&rule.parameters, &mut said));
    said
}

fn texts(value: &Value, said: &mut String) {
    match value {
        Value::String(text) => {
            for word in text.split_whitespace() {
                if !word.starts_with('.') && !said.ends_with('.') {
                    said.push(' ');
                }
                said.push_str(word);
            }
            said.push('\n');
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, said)),
        Value::Object(members) => members.values().for_each(|member| texts(member, said)),
        _ => {}
    }
}

/// Whether `said` mentions the kind `name`: by its whole name, and not as a part of another's of `known`.
fn mentions(said: &str, name: &str, known: &[&str]) -> bool {
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    let is_whole = |start: usize| {
        let (before, after) = (&said[..start], &said[start + name.len()..]);
        !before.ends_with(|c| is_letter(c) || c == '.') && !after.starts_with(is_letter)
    };
    let longer: Vec<(usize, &str)> = (known.iter().filter(|other| other.len() > name.len()))
        .flat_map(|other| other.match_indices(name).map(|(offset, _)| (offset, *other)))
        .collect();
    let is_part = |start: usize| {
        let begins = |(offset, other): &(usize, &str)| {
            start.checked_sub(*offset).and_then(|start| said.get(start..)).is_some_and(|rest| rest.starts_with(other))
        };
        longer.iter().any(begins)
    };
    said.match_indices(name).any(|(start, _)| is_whole(start) && !is_part(start))
}

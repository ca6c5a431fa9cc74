//! A policy with the declared kinds that its rules mention.

use super::{
    Policy,
    kinds::{MAX_KIND_SCHEMA_BYTES, MAX_KIND_SCHEMAS_BYTES, MAX_KINDS, too_many},
    parse,
};
use crate::{
    diagnostic::{Diagnostics, MAX_FILE_BYTES, Problems},
    model::DeclaredKinds,
};
use serde_json::Value;
use std::{collections::BTreeSet, fmt::Write as _, sync::Arc};

/// The comment before the kinds that are added.
const HEADING: &str = "# Declared kinds that its rules read, as the configuration had them.";

impl Policy {
    /// Reads a policy; `file_name` is shown in diagnostics.
    ///
    /// # Errors
    /// [`Diagnostics`] with every problem: unknown keys, values of the wrong type, impossible values.
    pub fn parse(file_name: &str, text: &str) -> Result<Self, Diagnostics> {
        parse::policy(file_name, text)
    }

    /// Reads a policy and adds to its text the `declared` kinds that its rules mention and that it does not define itself: its
    /// scores are bound to the text, which then has everything that is needed to make them again.
    ///
    /// # Errors
    /// As [`Policy::parse`], and when there is too much to add.
    pub fn parse_with(file_name: &str, text: &str, declared: &DeclaredKinds) -> Result<Self, Diagnostics> {
        completed(file_name, text, declared)
    }
}

/// Reads a policy, and adds to its text the `declared` kinds that it mentions.
fn completed(file_name: &str, text: &str, declared: &DeclaredKinds) -> Result<Policy, Diagnostics> {
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
        if schema.len() > MAX_KIND_SCHEMA_BYTES {
            return refused([
                format!("its rules read the kind `{name}`, whose JSON Schema has {} bytes", schema.len()),
                format!("shorten it to {MAX_KIND_SCHEMA_BYTES} bytes at the most: descriptions and examples first"),
            ]);
        }
        bytes += schema.len();
        let _ = write!(completed, "[kinds.\"{name}\"]\nschema = '''{schema}'''\n");
    }
    if own.len() + wanted.len() > MAX_KINDS || bytes > MAX_KIND_SCHEMAS_BYTES || completed.len() > MAX_FILE_BYTES {
        return refused(too_many(own.len() + wanted.len(), bytes));
    }
    let mut policy = if wanted.is_empty() {
        policy
    } else {
        match parse::policy(file_name, &completed) {
            Ok(policy) => policy,
            // Only the form of its own kinds can prevent that: `kinds = {…}` takes no further tables.
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
    policy.kinds.schemes.clone_from(&declared.schemes);
    Ok(policy)
}

/// A schema as one line of JSON that can be put between three apostrophes.
fn literal(schema: &Value) -> String {
    schema.to_string().replace('\'', "\\u0027").replace('\u{7f}', "\\u007f")
}

/// All texts of its rules' parameters, one on each line, in which kinds are searched. A dotted name may have white space beside
/// the dots.
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

/// Whether `said` mentions the kind `name`: by its whole name, and not as part of another name of `known`.
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

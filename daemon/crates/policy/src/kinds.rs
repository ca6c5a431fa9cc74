//! The declared kinds that a policy's rules read, each with the JSON Schema of its claims. They are part of the policy's text: so
//! a score is bound to them, `replay` has them, and a changed schema is a changed policy.

use crate::{by_name, diagnostic::Section, model::Kind};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};

/// Most declared kinds that the rules of one policy read.
pub const MAX_KINDS: usize = 32;
/// Longest JSON Schema of a declared kind that a policy's rules read, in bytes, without white space.
pub(super) const MAX_KIND_SCHEMA_BYTES: usize = 64 * 1024;
/// The same for all of them together: every batch of every rule that gets them begins with reading them.
pub(super) const MAX_KIND_SCHEMAS_BYTES: usize = 256 * 1024;

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
        if let Some(schema) = section.text("schema", MAX_KIND_SCHEMA_BYTES) {
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
    if kinds.len() > MAX_KINDS || bytes > MAX_KIND_SCHEMAS_BYTES {
        let [message, fix] = too_many(kinds.len(), bytes);
        problems.add(span, message, fix);
    }
    kinds
}

/// The error for too many kinds, and the fix.
pub(super) fn too_many(kinds: usize, bytes: usize) -> [String; 2] {
    [
        format!("its rules read {kinds} declared kinds, with schemas of {bytes} bytes"),
        format!("keep to {MAX_KINDS} kinds and {MAX_KIND_SCHEMAS_BYTES} bytes: shorten the schemas, or read fewer"),
    ]
}

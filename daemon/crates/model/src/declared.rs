//! The kinds and schemes that a configuration declares, as rules are told of them.

use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Declared kinds with the JSON Schemas of their claims.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeclaredKinds {
    /// The schemas of the kinds that a rule gets, by name.
    pub schemas: BTreeMap<Arc<str>, Value>,
    /// The names of the other kinds, to suggest for a misspelt one.
    pub others: BTreeSet<Arc<str>>,
    /// The schemes of organisations that are declared too; `None` where nobody knows, as when a score is made again.
    pub schemes: Option<BTreeSet<String>>,
}

impl DeclaredKinds {
    /// The schemas as one JSON value; with `others`, those too, each with the schema that accepts anything.
    #[must_use]
    pub fn to_json(&self, others: bool) -> Value {
        let others = self.others.iter().filter(|_| others).map(|name| (name.to_string(), Value::Bool(true)));
        let schemas = self.schemas.iter().map(|(name, schema)| (name.to_string(), schema.clone()));
        Value::Object(others.chain(schemas).collect())
    }

    /// The names of all declared kinds.
    pub fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.schemas.keys().chain(&self.others)
    }
}

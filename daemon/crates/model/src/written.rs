//! How the model's own types are written in JSON: their part of the JSON Schemas of kinds. A title names the type for people.

use super::{
    Date, Digest, Instant, Organisation,
    claims::{Country, Party, Text},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

macro_rules! written {
    ($($type:ident = $schema:tt;)+) => {
        $(impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        })+
    };
}

written! {
    Text = {"type": "string", "title": "text", "minLength": 1, "examples": ["as it is called"]};
    Country = {"type": "string", "title": "text", "minLength": 1, "examples": ["as it is called"]};
    Party = {"type": "string", "title": "text", "minLength": 1, "examples": ["as it is called"]};
    Organisation = {"type": "string", "title": "SCHEME:ID", "examples": ["GB-COH:09506232"]};
    Date = {"type": "string", "title": "date", "examples": ["2026-05-09"]};
    Instant = {"type": "string", "title": "date or time", "examples": ["2026-05-10T09:00:00Z"]};
    Digest = {"type": "string", "title": "64 hexadecimal digits",
        "examples": ["5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"]};
}

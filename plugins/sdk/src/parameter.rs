//! The parameters that a policy may set: type, defaults and JSON Schema from one list.

use crate::{Problem, json};
use serde::Serialize;

impl Problem {
    /// What is wrong with the value at `path`, a JSON Pointer.
    #[must_use]
    pub fn of(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), within: None, message: message.into() }
    }
}

/// The JSON Schema of a number from `least` to `most`, both included.
#[must_use]
pub fn within(least: u32, most: u32) -> String {
    format!(r#""type":"integer","minimum":{least},"maximum":{most}"#)
}

/// One property of a JSON Schema.
#[doc(hidden)]
#[must_use]
pub fn property(name: &str, description: &[&str], default: &impl Serialize, constraints: &str) -> String {
    let mut sentence = String::new();
    for line in description {
        sentence.push_str(if sentence.is_empty() { "" } else { " " });
        sentence.push_str(line.trim());
    }
    let description = json::quoted(&sentence);
    // A default that JSON cannot say is left out: it is for reading only.
    let default = json::write(default).map(|default| format!(r#","default":{default}"#)).unwrap_or_default();
    format!(r#""{name}":{{"description":{description},{constraints}{default}}}"#)
}

/// The JSON Schema of an object with these properties and no others.
#[doc(hidden)]
#[must_use]
pub fn schema(properties: &[String]) -> String {
    let mut schema = String::from(r#"{"type":"object","additionalProperties":false,"properties":{"#);
    for (place, property) in properties.iter().enumerate() {
        schema.push_str(if place == 0 { "" } else { "," });
        schema.push_str(property);
    }
    schema.push_str("}}");
    schema
}

/// Declares a rule's parameters as `/// what it means`, `name: type = default, constraints;`. Makes a struct `Parameters`
/// that reads JSON with these defaults and refuses unknown names, and whose `schema()` goes into the manifest. The
/// constraints are the inside of a JSON Schema: [`within`](crate::within) for a number, a string for anything else.
#[macro_export]
macro_rules! parameters {
    ($($(#[doc = $doc:literal])+ $name:ident: $type:ty = $default:expr, $constraints:expr;)+) => {
        /// What a policy may set.
        #[derive(Clone, Debug, PartialEq, $crate::internal::serde::Serialize, $crate::internal::serde::Deserialize)]
        #[serde(crate = "tierwatch_rule::internal::serde", default, deny_unknown_fields)]
        pub struct Parameters {
            $($(#[doc = $doc])+ pub $name: $type,)+
        }

        impl Default for Parameters {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        impl Parameters {
            /// Their JSON Schema, with the defaults.
            #[must_use]
            pub fn schema() -> ::std::string::String {
                let default = Self::default();
                $crate::internal::schema(&[
                    $($crate::internal::property(stringify!($name), &[$($doc),+], &default.$name, &$constraints),)+
                ])
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_json() {
        let properties = [property("days", &[" How \"long\".", " In days."], &30, &within(1, 60))];
        let schema: serde_json::Value = serde_json::from_str(&schema(&properties)).expect("JSON");
        let expected = serde_json::json!({"type": "object", "additionalProperties": false, "properties": {
            "days": {"description": "How \"long\". In days.", "type": "integer", "minimum": 1, "maximum": 60, "default": 30}
        }});
        assert_eq!(schema, expected);
    }
}

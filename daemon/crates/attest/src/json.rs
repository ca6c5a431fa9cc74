//! JSON that means one thing only. Parsers differ on repeated keys, and a signature over bytes that two programs read
//! differently protects neither, so repeated keys are refused at every depth, before anything else looks at the text.
//!
//! The check walks the text with the parser that will read it afterwards: there is no second parser to disagree with.

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::{borrow::Cow, cell::Cell, collections::HashSet, fmt};

/// Deepest nesting of arrays and objects.
pub const MAX_JSON_DEPTH: usize = 64;

/// Up to this many keys of one object are compared one by one; more go through a hash set.
const MAX_KEYS_COMPARED: usize = 16;

/// Keys that `serde_json` gives a meaning of its own: text in them would be parsed once more, past every check.
const RESERVED_PREFIX: &str = "$serde_json::private::";

/// Why a text is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nested deeper than [`MAX_JSON_DEPTH`].
    TooDeep,
    /// A key twice in one object.
    Repeated(String),
    /// A key that only a parser's internals use.
    Reserved(String),
    /// Not JSON (RFC 8259).
    Syntax(String),
}

/// What a text is at its outermost level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum JsonOutline<'a> {
    /// An object with these keys.
    Object(Vec<Cow<'a, str>>),
    /// An array.
    Array,
    /// A string, a number, or a literal.
    Other,
}

impl JsonOutline<'_> {
    /// Whether it is an object with all of `keys`.
    pub(super) fn has(&self, keys: &[&str]) -> bool {
        match self {
            Self::Object(found) => keys.iter().all(|key| found.iter().any(|found| found == key)),
            Self::Array | Self::Other => false,
        }
    }
}

/// Checks the whole of `text`: one value, nothing after it, no key twice, not nested too deep.
pub(super) fn check(text: &str) -> Result<JsonOutline<'_>, Fault> {
    let fault = Cell::new(None);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let checked = Strict { depth_left: MAX_JSON_DEPTH, fault: &fault }.deserialize(&mut deserializer);
    checked
        .and_then(|outline| deserializer.end().map(|()| outline))
        .map_err(|error| fault.take().unwrap_or_else(|| Fault::Syntax(error.to_string())))
}

#[derive(Clone, Copy)]
struct Strict<'f> {
    depth_left: usize,
    /// Where the reason goes: the parser's own errors are texts.
    fault: &'f Cell<Option<Fault>>,
}

impl Strict<'_> {
    fn refuse<E: serde::de::Error>(self, fault: Fault) -> E {
        self.fault.set(Some(fault));
        E::custom("refused")
    }

    fn below<E: serde::de::Error>(self) -> Result<Self, E> {
        let depth_left = self.depth_left.checked_sub(1).ok_or_else(|| self.refuse(Fault::TooDeep))?;
        Ok(Self { depth_left, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = JsonOutline<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = JsonOutline<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(JsonOutline::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(JsonOutline::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(JsonOutline::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(JsonOutline::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(JsonOutline::Other)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(JsonOutline::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let below = self.below()?;
        while seq.next_element_seed(below)?.is_some() {}
        Ok(JsonOutline::Array)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let below = self.below()?;
        let mut keys = SeenKeys::default();
        while let Some(key) = map.next_key_seed(KeySeed)? {
            if key.starts_with(RESERVED_PREFIX) {
                return Err(self.refuse(Fault::Reserved(key.into_owned())));
            }
            if let Err(repeated) = keys.insert(key) {
                return Err(self.refuse(Fault::Repeated(repeated.into_owned())));
            }
            map.next_value_seed(below)?;
        }
        Ok(JsonOutline::Object(keys.all))
    }
}

/// The keys of one object so far.
#[derive(Default)]
struct SeenKeys<'a> {
    all: Vec<Cow<'a, str>>,
    /// Holds them all once there are many; seeded by the standard library, so that no input can choose collisions.
    many: HashSet<Cow<'a, str>>,
}

impl<'a> SeenKeys<'a> {
    fn insert(&mut self, key: Cow<'a, str>) -> Result<(), Cow<'a, str>> {
        let new = if self.all.len() < MAX_KEYS_COMPARED {
            !self.all.contains(&key)
        } else {
            if self.many.is_empty() {
                self.many.extend(self.all.iter().cloned());
            }
            self.many.insert(key.clone())
        };
        if new {
            self.all.push(key);
            Ok(())
        } else {
            Err(key)
        }
    }
}

/// A key, borrowed from the text where it has no escapes.
struct KeySeed;

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Option<Fault> {
        check(text).err()
    }

    #[test]
    fn a_key_twice_is_refused_at_any_depth_and_in_any_spelling() {
        let repeated = |key: &str| Some(Fault::Repeated(key.into()));
        assert_eq!(refused(r#"{"a":1,"a":1}"#), repeated("a"));
        assert_eq!(refused(r#"[[{"x":{"b":1,"\u0062":2}}]]"#), repeated("b"));
        assert_eq!(refused(r#"{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}"#), None);
        let many = |last: usize| {
            let keys: Vec<_> = (0..1000).chain([last]).map(|key| format!(r#""k{key}":0"#)).collect();
            format!("{{{}}}", keys.join(","))
        };
        assert_eq!(refused(&many(1000)), None);
        assert_eq!(refused(&many(3)), repeated("k3"));
        assert_eq!(refused(&many(999)), repeated("k999"));
    }

    #[test]
    fn depth_is_counted_in_arrays_and_objects() {
        let arrays = |depth| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        let objects = |depth| format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
        for nested in [arrays, objects] {
            assert_eq!(refused(&nested(MAX_JSON_DEPTH)), None);
            assert_eq!(refused(&nested(MAX_JSON_DEPTH + 1)), Some(Fault::TooDeep));
            assert_eq!(refused(&nested(20_000)), Some(Fault::TooDeep));
        }
        assert_eq!(refused(&"[".repeat(100_000)), Some(Fault::TooDeep));
    }

    #[test]
    fn what_is_not_one_json_value_is_refused() {
        for text in ["", " ", "{", "{}x", "{} {}", "[1,]", "'a'", "nul", r#""\ud800""#, "\u{feff}{}", "1e999"] {
            assert!(matches!(refused(text), Some(Fault::Syntax(_))), "{text:?}");
        }
        let reserved = r#"{"$serde_json::private::RawValue":"[1,1]"}"#;
        assert!(matches!(refused(reserved), Some(Fault::Reserved(_))));
    }

    #[test]
    fn the_outline_tells_what_there_is() {
        let outline = check(r#" {"a":1,"b":[2,{"c":0}]} "#).expect("JSON");
        assert!(outline.has(&["b", "a"]) && !outline.has(&["a", "c"]));
        assert_eq!((check("[{}]"), check("1")), (Ok(JsonOutline::Array), Ok(JsonOutline::Other)));
    }
}

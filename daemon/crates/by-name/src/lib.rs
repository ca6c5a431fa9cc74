//! Fields are read by their names, never by their position.
//!
//! The `Deserialize` that serde derives for a struct also takes an array and fills the fields in the order in which they
//! happen to be declared. Whoever signs `["GB", "top-secret", "full"]` has signed something whose meaning the next
//! release may change, so an array for an object is refused at every depth. serde has no switch for that
//! (serde-rs/serde issue 1587); [`ByName`] is one for a whole document: it passes on what it reads, and lets no struct see
//! an array. All JSON and TOML that comes from outside is read through it, which `tests/tests/architecture.rs` checks.

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, EnumAccess, Error, MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor},
};
use serde_path_to_error::Track;
use std::fmt;

/// What an error says that a struct is written as.
const EXPECTED: &str = "an object with the names of its fields";

/// Reads JSON text.
///
/// # Errors
/// Where `text` is no JSON, or not that of a `T`.
pub fn json<'de, T: Deserialize<'de>>(text: &'de str) -> serde_json::Result<T> {
    serde_json::from_str(text).map(|ByName(value)| value)
}

/// Reads JSON text as what `seed` makes of it.
///
/// # Errors
/// As [`json`].
pub fn json_seeded<'de, S: DeserializeSeed<'de>>(seed: S, text: &'de str) -> serde_json::Result<S::Value> {
    let mut reading = serde_json::Deserializer::from_str(text);
    let value = ByName(seed).deserialize(&mut reading)?;
    reading.end().map(|()| value)
}

/// Why [`json_seeded`] refuses `text`, with the place in it: "`poam[2].points`: expected 1 to 5, not 9". Reads it once more to
/// say so; `None` where nothing is wrong.
pub fn json_fault<'de, S: DeserializeSeed<'de>>(seed: S, text: &'de str) -> Option<String> {
    let mut track = Track::new();
    let mut reading = serde_json::Deserializer::from_str(text);
    let tracked = serde_path_to_error::Deserializer::new(&mut reading, &mut track);
    let error = ByName(seed).deserialize(tracked).err()?;
    let path = track.path();
    if error.is_syntax() || path.iter().len() == 0 {
        return Some(error.to_string());
    }
    let position = format!(" at line {} column {}", error.line(), error.column());
    let what = error.to_string();
    Some(format!("`{path}`: {}", what.strip_suffix(&position).unwrap_or(&what)))
}

/// Reads JSON bytes.
///
/// # Errors
/// As [`json`].
pub fn json_bytes<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> serde_json::Result<T> {
    serde_json::from_slice(bytes).map(|ByName(value)| value)
}

/// Reads TOML text.
///
/// # Errors
/// Where `text` is no TOML, or not that of a `T`.
pub fn toml<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, toml::de::Error> {
    toml::from_str(text).map(|ByName(value)| value)
}

/// A value whose structs are all read by the names of their fields. It also does the reading: every part of serde's machinery
/// that holds another is wrapped in it, at every depth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByName<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for ByName<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(ByName(deserializer)).map(Self)
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for ByName<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(ByName(deserializer))
    }
}

macro_rules! hand_on {
    ($($method:ident($($argument:ident: $type:ty),*);)+) => {
        $(
            fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, D::Error> {
                self.0.$method($($argument,)* ByNameVisitor { visitor, are_named: false })
            }
        )+
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for ByName<D> {
    type Error = D::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_struct(name, fields, ByNameVisitor { visitor, are_named: true })
    }

    hand_on! {
        deserialize_any();
        deserialize_bool();
        deserialize_i8();
        deserialize_i16();
        deserialize_i32();
        deserialize_i64();
        deserialize_i128();
        deserialize_u8();
        deserialize_u16();
        deserialize_u32();
        deserialize_u64();
        deserialize_u128();
        deserialize_f32();
        deserialize_f64();
        deserialize_char();
        deserialize_str();
        deserialize_string();
        deserialize_bytes();
        deserialize_byte_buf();
        deserialize_option();
        deserialize_unit();
        deserialize_unit_struct(name: &'static str);
        deserialize_newtype_struct(name: &'static str);
        deserialize_seq();
        deserialize_tuple(len: usize);
        deserialize_tuple_struct(name: &'static str, len: usize);
        deserialize_map();
        deserialize_enum(name: &'static str, variants: &'static [&'static str]);
        deserialize_identifier();
        deserialize_ignored_any();
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

/// A visitor, and whether it visits a struct.
struct ByNameVisitor<V> {
    visitor: V,
    are_named: bool,
}

macro_rules! hand_in {
    ($($method:ident($type:ty);)+) => {
        $(
            fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
                self.visitor.$method(value)
            }
        )+
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for ByNameVisitor<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.are_named { f.write_str(EXPECTED) } else { self.visitor.expecting(f) }
    }

    hand_in! {
        visit_bool(bool);
        visit_i8(i8);
        visit_i16(i16);
        visit_i32(i32);
        visit_i64(i64);
        visit_i128(i128);
        visit_u8(u8);
        visit_u16(u16);
        visit_u32(u32);
        visit_u64(u64);
        visit_u128(u128);
        visit_f32(f32);
        visit_f64(f64);
        visit_char(char);
        visit_str(&str);
        visit_borrowed_str(&'de str);
        visit_string(String);
        visit_bytes(&[u8]);
        visit_borrowed_bytes(&'de [u8]);
        visit_byte_buf(Vec<u8>);
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_some(ByName(deserializer))
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_unit()
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_newtype_struct(ByName(deserializer))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<V::Value, A::Error> {
        if self.are_named {
            return Err(A::Error::invalid_type(Unexpected::Other("an array"), &EXPECTED));
        }
        self.visitor.visit_seq(ByName(seq))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(ByName(map))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_enum(ByName(data))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for ByName<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(ByName(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for ByName<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(ByName(seed))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(ByName(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for ByName<A> {
    type Error = A::Error;
    type Variant = ByName<A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        self.0.variant_seed(ByName(seed)).map(|(value, variant)| (value, ByName(variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for ByName<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.0.newtype_variant_seed(ByName(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(len, ByNameVisitor { visitor, are_named: false })
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.0.struct_variant(fields, ByNameVisitor { visitor, are_named: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::value::RawValue;
    use std::{borrow::Cow, collections::BTreeMap};

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Point {
        x: u8,
        #[serde(default)]
        y: Option<u8>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    enum Shape {
        None,
        Dot(Point),
        Line(u8, u8),
        Box { at: Point },
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Newtype(Point);

    #[derive(Debug, Deserialize)]
    struct Everything<'a> {
        #[serde(borrow)]
        text: Cow<'a, str>,
        #[serde(borrow)]
        raw: &'a RawValue,
        points: Vec<Point>,
        maybe: Option<Point>,
        named: BTreeMap<String, Point>,
        newtype: Newtype,
        shapes: Vec<Shape>,
        pair: (u8, Point),
        any: serde_json::Value,
    }

    const GOOD: &str = r#"{"text":"é","raw":[1, 2],"points":[{"x":1},{"x":2,"y":null}],"maybe":{"x":3},"named":{"a":{"x":4}},
        "newtype":{"x":5},"shapes":["None",{"Dot":{"x":6}},{"Line":[7,8]},{"Box":{"at":{"x":9}}}],"pair":[1,{"x":10}],
        "any":[{"b":[1]},[2]]}"#;

    #[test]
    fn what_has_names_is_read_as_ever() {
        let read: Everything<'_> = json(GOOD).expect("read");
        assert!(matches!(read.text, Cow::Borrowed("é")), "nothing is copied");
        assert_eq!((read.raw.get(), read.any.to_string().as_str()), ("[1, 2]", r#"[{"b":[1]},[2]]"#));
        assert_eq!(read.points, [Point { x: 1, y: None }, Point { x: 2, y: None }]);
        assert_eq!((read.maybe, read.named["a"].x), (Some(Point { x: 3, y: None }), 4));
        assert_eq!((read.newtype.0.x, read.pair.1.x), (5, 10));
        let at = |x| Point { x, y: None };
        assert_eq!(read.shapes, [Shape::None, Shape::Dot(at(6)), Shape::Line(7, 8), Shape::Box { at: at(9) }]);
        assert_eq!(toml::<Point>("x = 1\ny = 2"), Ok(Point { x: 1, y: Some(2) }));
        assert_eq!(json_bytes::<Point>(b"{\"x\":1}").expect("read"), at(1));
    }

    /// Every position in which a struct can stand, with an array in it.
    #[test]
    fn an_array_is_no_object_at_any_depth() {
        for (object, array) in [
            (r#"[{"x":1}"#, "[[1]"),
            (r#"{"x":2,"y":null}"#, "[2,null]"),
            (r#"{"x":3}"#, "[3]"),
            (r#"{"x":4}"#, "[4]"),
            (r#"{"x":5}"#, "[5]"),
            (r#"{"x":6}"#, "[6]"),
            (r#"{"at":{"x":9}}"#, r#"[{"x":9}]"#),
            (r#"{"x":9}"#, "[9,9]"),
            (r#"{"x":10}"#, "[10]"),
        ] {
            assert!(GOOD.contains(object));
            let error = json::<Everything<'_>>(&GOOD.replacen(object, array, 1)).expect_err(array).to_string();
            let expected = "invalid type: an array, expected an object with the names of its fields at line ";
            assert!(error.starts_with(expected), "{array}: {error}");
        }
        assert!(json::<Point>("[1, 2]").is_err() && json_bytes::<Point>(b"[1]").is_err());
        assert!(toml::<BTreeMap<String, Vec<Point>>>("p = [[1, 2]]").is_err(), "TOML too");
        assert!(toml::<BTreeMap<String, Vec<Point>>>("p = [{ x = 1 }]").is_ok());
    }

    #[test]
    fn other_mistakes_are_told_as_ever() {
        for wrong in ["{}", r#"{"x":1,"z":2}"#, r#"{"x":"1"}"#, "1", r#"{"x":300}"#, "{"] {
            let (by_name, plain) = (json::<Point>(wrong), serde_json::from_str::<Point>(wrong));
            let (by_name, plain) = (by_name.expect_err(wrong).to_string(), plain.expect_err(wrong).to_string());
            assert_eq!(by_name, plain.replace("struct Point", EXPECTED), "{wrong}");
        }
    }
}

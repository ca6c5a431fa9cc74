//! From JSON to whatever serde can read. The daemon has parsed the text and has checked it against the manifest's schema, so
//! errors name the value and what is expected there, and nothing of the text.

use crate::Problem;
use serde::de::{self, DeserializeOwned, DeserializeSeed, Visitor};
use std::fmt::{self, Display};

/// Lists and objects within one another.
const DEPTH_MAX: usize = 64;

/// Reads a value from the whole of `text`.
///
/// # Errors
/// The first that is wrong, with its JSON Pointer.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    let mut reader = Reader { rest: text, depth: 0 };
    let value = T::deserialize(&mut reader).and_then(|value| match reader.peek() {
        None => Ok(value),
        Some(_) => Err(malformed()),
    });
    value.map_err(|Error(problem)| problem)
}

#[derive(Debug)]
struct Error(Problem);

impl Error {
    fn new(message: String) -> Self {
        Self(Problem::of("", message))
    }

    /// The same, found under `name`.
    #[cold]
    fn below(mut self, name: &str) -> Self {
        let mut path = String::from("/");
        for letter in name.chars() {
            match letter {
                '~' => path.push_str("~0"),
                '/' => path.push_str("~1"),
                _ => path.push(letter),
            }
        }
        path.push_str(&self.0.path);
        self.0.path = path;
        self
    }
}

#[cold]
fn malformed() -> Error {
    Error::new("this is no JSON".to_owned())
}

#[cold]
fn expected(what: &str) -> Error {
    expected_one_of(&[what])
}

#[cold]
fn expected_one_of(these: &[&str]) -> Error {
    let mut message = String::from("expected ");
    for (place, this) in these.iter().enumerate() {
        message.push_str(if place == 0 { "" } else { ", " });
        message.push_str(this);
    }
    Error::new(message)
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}

/// What serde's derived code says; the sentences that would print the value are not used.
impl de::Error for Error {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(_: de::Unexpected<'_>, wanted: &dyn de::Expected) -> Self {
        Self::new(format!("expected {wanted}"))
    }

    fn invalid_value(_: de::Unexpected<'_>, wanted: &dyn de::Expected) -> Self {
        Self::new(format!("expected {wanted}"))
    }

    fn invalid_length(_: usize, wanted: &dyn de::Expected) -> Self {
        Self::new(format!("expected {wanted}"))
    }

    fn unknown_variant(_: &str, known: &'static [&'static str]) -> Self {
        expected_one_of(known)
    }

    fn unknown_field(_: &str, known: &'static [&'static str]) -> Self {
        expected_one_of(known)
    }

    fn missing_field(name: &'static str) -> Self {
        expected(name)
    }
}

type Result<T, E = Error> = std::result::Result<T, E>;

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl Reader<'_> {
    /// The byte after white space.
    fn peek(&mut self) -> Option<u8> {
        self.rest = self.rest.trim_ascii_start();
        self.rest.as_bytes().first().copied()
    }

    /// Takes `word` when it comes next.
    fn take(&mut self, word: &str) -> bool {
        self.peek();
        let rest = self.rest.strip_prefix(word);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// The next so many bytes.
    fn next(&mut self, bytes: usize) -> Result<&str> {
        let (next, rest) = self.rest.split_at_checked(bytes).ok_or_else(malformed)?;
        self.rest = rest;
        Ok(next)
    }

    fn truth(&mut self) -> Result<bool> {
        if self.take("true") {
            Ok(true)
        } else if self.take("false") {
            Ok(false)
        } else {
            Err(expected("true or false"))
        }
    }

    /// The letters of a number.
    fn number(&mut self) -> Result<&str> {
        self.peek();
        let letter = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        let letters = self.rest.bytes().take_while(letter).count();
        self.next(letters)
    }

    fn string(&mut self) -> Result<String> {
        if !self.take("\"") {
            return Err(expected("a text"));
        }
        let mut string = String::new();
        loop {
            let plain = self.rest.bytes().position(|byte| matches!(byte, b'"' | b'\\')).ok_or_else(malformed)?;
            string.push_str(self.next(plain)?);
            if self.next(1)? == "\"" {
                return Ok(string);
            }
            string.push(self.escaped()?);
        }
    }

    /// The character after a backslash.
    fn escaped(&mut self) -> Result<char> {
        Ok(match self.next(1)? {
            "\"" => '"',
            "\\" => '\\',
            "/" => '/',
            "b" => '\u{8}',
            "f" => '\u{c}',
            "n" => '\n',
            "r" => '\r',
            "t" => '\t',
            "u" => {
                let first = self.code_unit()?;
                let pair = (0xd800..0xdc00).contains(&first);
                let second = if pair && self.next(2)? == "\\u" { self.code_unit()? } else { 0 };
                let code = match second {
                    0xdc00..0xe000 => 0x10000 + ((first - 0xd800) << 10 | (second - 0xdc00)),
                    _ => first,
                };
                char::from_u32(code).ok_or_else(malformed)?
            }
            _ => return Err(malformed()),
        })
    }

    fn code_unit(&mut self) -> Result<u32> {
        u32::from_str_radix(self.next(4)?, 16).map_err(|_| malformed())
    }

    /// Reads what `read` reads between a list's or an object's brackets.
    fn within<T>(&mut self, close: &str, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Error::new("this is too deep".to_owned()));
        }
        let value = read(self)?;
        self.depth -= 1;
        if self.take(close) { Ok(value) } else { Err(malformed()) }
    }

    /// Takes the comma between two entries; `false` at the end.
    fn more(&mut self, first: bool, close: &str) -> Result<bool> {
        self.peek();
        if self.rest.starts_with(close) {
            Ok(false)
        } else if first || self.take(",") {
            Ok(true)
        } else {
            Err(malformed())
        }
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $number:ty, $what:literal;)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            let number: $number = self.number()?.parse().map_err(|_| expected($what))?;
            visitor.$visit(number)
        }
    )+};
}

/// Types that JSON writes alike.
macro_rules! alike {
    ($($method:ident = $same:ident;)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            self.$same(visitor)
        }
    )+};
}

impl<'de> de::Deserializer<'de> for &mut Reader<'_> {
    type Error = Error;

    numbers! {
        deserialize_i8 visit_i8 i8, "a whole number that fits";
        deserialize_i16 visit_i16 i16, "a whole number that fits";
        deserialize_i32 visit_i32 i32, "a whole number that fits";
        deserialize_i64 visit_i64 i64, "a whole number that fits";
        deserialize_u8 visit_u8 u8, "a whole number from 0 that fits";
        deserialize_u16 visit_u16 u16, "a whole number from 0 that fits";
        deserialize_u32 visit_u32 u32, "a whole number from 0 that fits";
        deserialize_u64 visit_u64 u64, "a whole number from 0 that fits";
        deserialize_f32 visit_f32 f32, "a number";
        deserialize_f64 visit_f64 f64, "a number";
    }

    alike! {
        deserialize_char = deserialize_string;
        deserialize_str = deserialize_string;
        deserialize_identifier = deserialize_string;
        deserialize_bytes = deserialize_any;
        deserialize_byte_buf = deserialize_any;
        deserialize_ignored_any = deserialize_any;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek() {
            Some(b'{') => self.deserialize_map(visitor),
            Some(b'[') => self.deserialize_seq(visitor),
            Some(b'"') => self.deserialize_string(visitor),
            Some(b't' | b'f') => self.deserialize_bool(visitor),
            Some(b'n') => self.deserialize_unit(visitor),
            _ => {
                let number = self.number()?;
                if let Ok(number) = number.parse() {
                    visitor.visit_u64(number)
                } else if let Ok(number) = number.parse() {
                    visitor.visit_i64(number)
                } else {
                    visitor.visit_f64(number.parse().map_err(|_| malformed())?)
                }
            }
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_bool(self.truth()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_string(self.string()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.take("null") { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.take("null") { visitor.visit_unit() } else { Err(expected("null")) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if !self.take("[") {
            return Err(expected("a list"));
        }
        self.within("]", |reader| visitor.visit_seq(List { reader, place: 0 }))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, _: usize, visitor: V) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if !self.take("{") {
            return Err(expected("an object"));
        }
        self.within("}", |reader| visitor.visit_map(Object { reader, name: String::new(), first: true }))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_map(visitor)
    }

    /// `"Case"`, or `{"Case": content}`.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.peek() {
            Some(b'"') => visitor.visit_enum(Case { reader: self, content: false }),
            Some(b'{') => {
                self.take("{");
                self.within("}", |reader| visitor.visit_enum(Case { reader, content: true }))
            }
            _ => Err(expected("a text or an object")),
        }
    }
}

struct List<'r, 'a> {
    reader: &'r mut Reader<'a>,
    place: usize,
}

impl<'de> de::SeqAccess<'de> for List<'_, '_> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        if !self.reader.more(self.place == 0, "]")? {
            return Ok(None);
        }
        let element = seed.deserialize(&mut *self.reader).map_err(|error| error.below(&self.place.to_string()))?;
        self.place += 1;
        Ok(Some(element))
    }
}

struct Object<'r, 'a> {
    reader: &'r mut Reader<'a>,
    /// Of the current entry.
    name: String,
    first: bool,
}

impl<'de> de::MapAccess<'de> for Object<'_, '_> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        if !self.reader.more(self.first, "}")? {
            return Ok(None);
        }
        self.first = false;
        self.name = self.reader.string()?;
        let name = de::value::StrDeserializer::new(&self.name);
        seed.deserialize(name).map(Some).map_err(|error: Error| error.below(&self.name))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value> {
        if !self.reader.take(":") {
            return Err(malformed());
        }
        seed.deserialize(&mut *self.reader).map_err(|error| error.below(&self.name))
    }
}

struct Case<'r, 'a> {
    reader: &'r mut Reader<'a>,
    /// Whether something comes after its name.
    content: bool,
}

impl<'de> de::EnumAccess<'de> for Case<'_, '_> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self)> {
        let name = seed.deserialize(&mut *self.reader)?;
        if self.content && !self.reader.take(":") {
            return Err(malformed());
        }
        Ok((name, self))
    }
}

impl<'de> de::VariantAccess<'de> for Case<'_, '_> {
    type Error = Error;

    fn unit_variant(self) -> Result<()> {
        if self.content { de::Deserialize::deserialize(self.reader) } else { Ok(()) }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value> {
        if self.content { seed.deserialize(self.reader) } else { Err(expected("an object")) }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        if self.content { de::Deserializer::deserialize_seq(self.reader, visitor) } else { Err(expected("an object")) }
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value> {
        if self.content { de::Deserializer::deserialize_map(self.reader, visitor) } else { Err(expected("an object")) }
    }
}

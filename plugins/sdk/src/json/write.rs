//! From whatever serde can write to JSON: the defaults in a schema.

use serde::ser::{self, Serialize};
use std::fmt::{self, Display, Write as _};

/// The JSON of a value; nothing where JSON cannot say it.
pub(crate) fn write(value: &impl Serialize) -> Option<String> {
    let mut json = String::new();
    value.serialize(Writer(&mut json)).ok().map(|()| json)
}

/// A text in its quotes.
pub(crate) fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    push_quoted(&mut json, text);
    json
}

fn push_quoted(json: &mut String, text: &str) {
    json.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => {
                json.push('\\');
                json.push(letter);
            }
            '\0'..' ' => {
                let digit = |value: u32| char::from_digit(value, 16).unwrap_or('0');
                let code = u32::from(letter);
                json.push_str("\\u00");
                json.push(digit(code / 16));
                json.push(digit(code % 16));
            }
            _ => json.push(letter),
        }
    }
    json.push('"');
}

/// JSON cannot say it.
#[derive(Debug)]
struct Unsaid;

impl Display for Unsaid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON cannot say it")
    }
}

impl std::error::Error for Unsaid {}

impl ser::Error for Unsaid {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

type Result<T, E = Unsaid> = std::result::Result<T, E>;

struct Writer<'a>(&'a mut String);

impl<'a> Writer<'a> {
    fn word(self, word: impl Display) -> Result<()> {
        write!(self.0, "{word}").map_err(|_| Unsaid)
    }

    fn open(self, open: &str, close: &'static str) -> Entries<'a> {
        self.0.push_str(open);
        Entries { json: self.0, first: true, close }
    }

    /// `{"case":`
    fn case(self, case: &str) -> &'a mut String {
        self.0.push('{');
        push_quoted(self.0, case);
        self.0.push(':');
        self.0
    }
}

macro_rules! words {
    ($($method:ident $word:ty;)+) => {$(
        fn $method(self, word: $word) -> Result<()> {
            self.word(word)
        }
    )+};
}

impl<'a> ser::Serializer for Writer<'a> {
    type Ok = ();
    type Error = Unsaid;
    type SerializeSeq = Entries<'a>;
    type SerializeTuple = Entries<'a>;
    type SerializeTupleStruct = Entries<'a>;
    type SerializeTupleVariant = Entries<'a>;
    type SerializeMap = Entries<'a>;
    type SerializeStruct = Entries<'a>;
    type SerializeStructVariant = Entries<'a>;

    words! {
        serialize_bool bool;
        serialize_i8 i8;
        serialize_i16 i16;
        serialize_i32 i32;
        serialize_i64 i64;
        serialize_u8 u8;
        serialize_u16 u16;
        serialize_u32 u32;
        serialize_u64 u64;
    }

    fn serialize_f32(self, number: f32) -> Result<()> {
        self.serialize_f64(number.into())
    }

    fn serialize_f64(self, number: f64) -> Result<()> {
        if number.is_finite() { self.word(number) } else { Err(Unsaid) }
    }

    fn serialize_char(self, letter: char) -> Result<()> {
        self.serialize_str(letter.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<()> {
        push_quoted(self.0, text);
        Ok(())
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<()> {
        Err(Unsaid)
    }

    fn serialize_none(self) -> Result<()> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<()> {
        self.0.push_str("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<()> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, case: &'static str) -> Result<()> {
        self.serialize_str(case)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        case: &'static str,
        value: &T,
    ) -> Result<()> {
        let json = self.case(case);
        value.serialize(Writer(json))?;
        json.push('}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Entries<'a>> {
        Ok(self.open("[", "]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Entries<'a>> {
        Ok(self.open("[", "]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Entries<'a>> {
        Ok(self.open("[", "]"))
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, case: &'static str, _: usize) -> Result<Entries<'a>> {
        Ok(Writer(self.case(case)).open("[", "]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries<'a>> {
        Ok(self.open("{", "}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Entries<'a>> {
        Ok(self.open("{", "}"))
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, case: &'static str, _: usize) -> Result<Entries<'a>> {
        Ok(Writer(self.case(case)).open("{", "}}"))
    }
}

/// The entries of a list or an object.
struct Entries<'a> {
    json: &'a mut String,
    first: bool,
    close: &'static str,
}

impl Entries<'_> {
    fn separate(&mut self) {
        if !std::mem::take(&mut self.first) {
            self.json.push(',');
        }
    }

    fn element(&mut self, value: &(impl Serialize + ?Sized)) -> Result<()> {
        self.separate();
        value.serialize(Writer(self.json))
    }

    fn field(&mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Result<()> {
        self.separate();
        push_quoted(self.json, name);
        self.json.push(':');
        value.serialize(Writer(self.json))
    }

    fn close(self) -> Result<()> {
        self.json.push_str(self.close);
        Ok(())
    }
}

macro_rules! lists {
    ($($list:ident $method:ident;)+) => {$(
        impl ser::$list for Entries<'_> {
            type Ok = ();
            type Error = Unsaid;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
                self.element(value)
            }

            fn end(self) -> Result<()> {
                self.close()
            }
        }
    )+};
}

macro_rules! objects {
    ($($object:ident)+) => {$(
        impl ser::$object for Entries<'_> {
            type Ok = ();
            type Error = Unsaid;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
                self.field(name, value)
            }

            fn end(self) -> Result<()> {
                self.close()
            }
        }
    )+};
}

lists! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}

objects! { SerializeStruct SerializeStructVariant }

impl ser::SerializeMap for Entries<'_> {
    type Ok = ();
    type Error = Unsaid;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<()> {
        self.separate();
        let start = self.json.len();
        name.serialize(Writer(self.json))?;
        // JSON's names are texts.
        if self.json[start..].starts_with('"') { Ok(()) } else { Err(Unsaid) }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.json.push(':');
        value.serialize(Writer(self.json))
    }

    fn end(self) -> Result<()> {
        self.close()
    }
}

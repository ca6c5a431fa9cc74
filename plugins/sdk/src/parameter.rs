//! The parameters that a policy may set: type, defaults and JSON Schema from one list.

use crate::{
    assessment::WHOLE_BP,
    bindings::plugin::Problem,
    json::{Reader, Setting, Writer},
};

/// A type that a policy's parameters are read into; [`parameters!`](crate::parameters) makes one. A `String` gets the JSON
/// itself, for rules that read it their own way.
pub trait FromJson: Sized {
    /// Reads JSON that the manifest's schema has passed.
    ///
    /// # Errors
    /// The first value that is wrong.
    fn from_json(json: &str) -> Result<Self, Problem>;
}

impl FromJson for String {
    fn from_json(json: &str) -> Result<Self, Problem> {
        Ok(json.to_owned())
    }
}

macro_rules! numbers {
    ($($number:ty, $what:literal;)+) => {$(
        impl Setting for $number {
            fn read(&mut self, json: &mut Reader<'_>) -> Result<(), Problem> {
                *self = json.number($what)?;
                Ok(())
            }

            fn write(&self, json: &mut Writer) {
                json.raw(&self.to_string());
            }
        }
    )+};
}

numbers! {
    i32, "a whole number that fits";
    i64, "a whole number that fits";
    u8, "a whole number from 0 that fits";
    u16, "a whole number from 0 that fits";
    u32, "a whole number from 0 that fits";
    f64, "a number";
}

impl Setting for bool {
    fn read(&mut self, json: &mut Reader<'_>) -> Result<(), Problem> {
        *self = json.truth()?;
        Ok(())
    }

    fn write(&self, json: &mut Writer) {
        json.raw(if *self { "true" } else { "false" });
    }
}

impl Setting for String {
    fn read(&mut self, json: &mut Reader<'_>) -> Result<(), Problem> {
        *self = json.text()?;
        Ok(())
    }

    fn write(&self, json: &mut Writer) {
        json.text(self);
    }
}

impl<T: Setting + Default> Setting for Option<T> {
    fn read(&mut self, json: &mut Reader<'_>) -> Result<(), Problem> {
        *self = None;
        if json.take("null") { Ok(()) } else { self.insert(T::default()).read(json) }
    }

    fn write(&self, json: &mut Writer) {
        match self {
            Some(value) => value.write(json),
            None => drop(json.raw("null")),
        }
    }
}

impl<T: Setting + Default> Setting for Vec<T> {
    fn read(&mut self, json: &mut Reader<'_>) -> Result<(), Problem> {
        self.clear();
        json.list(&mut |json| {
            let mut element = T::default();
            element.read(json)?;
            self.push(element);
            Ok(())
        })
    }

    fn write(&self, json: &mut Writer) {
        json.list(self.iter().map(|element| element as &dyn Setting));
    }
}

/// The constraints of a schema on a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constraints {
    /// A whole number from the first to the second, both included.
    Within(u32, u32),
    /// The inside of a JSON Schema.
    Schema(&'static str),
}

impl From<&'static str> for Constraints {
    fn from(schema: &'static str) -> Self {
        Self::Schema(schema)
    }
}

/// Requires a whole number from `least` to `most`, both included.
#[must_use]
pub const fn within(least: u32, most: u32) -> Constraints {
    Constraints::Within(least, most)
}

/// Requires a part of the whole in basis points, 0 to 10 000.
pub const BASIS_POINTS: Constraints = within(0, WHOLE_BP);

/// Requires a part of the whole in hundredths, 0 to 100.
pub const PERCENT: Constraints = within(0, 100);

/// One parameter: its name, its description line by line, its constraints, and its default.
#[doc(hidden)]
pub type Parameter<'a> = (&'a str, &'a [&'a str], Constraints, &'a dyn Setting);

/// Reads an object into the settings of these names.
///
/// # Errors
/// The first wrong value, or an unknown name.
#[doc(hidden)]
pub fn read(json: &str, settings: &mut [(&str, &mut dyn Setting)]) -> Result<(), Problem> {
    Reader::whole(json, |json| json.object(settings))
}

/// The JSON Schema of an object with these parameters and no others.
#[doc(hidden)]
#[must_use]
pub fn schema(parameters: &[Parameter<'_>]) -> String {
    let mut json = Writer::new(r#"{"type":"object","additionalProperties":false,"properties":{"#);
    for (index, (name, description, constraints, default)) in parameters.iter().enumerate() {
        let description: String = description.concat();
        json.raw(if index == 0 { "" } else { "," }).text(name);
        json.raw(r#":{"description":"#).text(description.trim_ascii_start());
        match constraints {
            Constraints::Within(least, most) => {
                json.raw(r#","type":"integer","minimum":"#);
                least.write(&mut json);
                json.raw(r#","maximum":"#);
                most.write(&mut json);
            }
            Constraints::Schema(inside) => drop(json.raw(",").raw(inside)),
        }
        json.raw(r#","default":"#);
        default.write(&mut json);
        json.raw("}");
    }
    json.raw("}}");
    json.into_json()
}

/// Declares a rule's parameters as `/// what it means`, `name: type = default, constraints;`. Makes a struct `Parameters`
/// that reads JSON with these defaults and refuses unknown names, and whose `schema()` goes into the manifest. Their types
/// are [`Setting`]s. The constraints are [`BASIS_POINTS`], [`PERCENT`] or
/// [`within`] for a whole number, the inside of a JSON Schema for anything else.
#[macro_export]
macro_rules! parameters {
    ($($(#[doc = $doc:literal])+ $name:ident: $type:ty = $default:expr, $constraints:expr;)+) => {
        /// What a policy may set.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Parameters {
            $($(#[doc = $doc])+ pub $name: $type,)+
        }

        impl Default for Parameters {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        impl $crate::FromJson for Parameters {
            fn from_json(json: &str) -> Result<Self, $crate::Problem> {
                let mut parameters = Self::default();
                $crate::internal::read(json, &mut [$((stringify!($name), &mut parameters.$name),)+])?;
                Ok(parameters)
            }
        }

        impl Parameters {
            /// The JSON Schema of the parameters, with the defaults.
            #[must_use]
            pub fn schema() -> ::std::string::String {
                let default = Self::default();
                $crate::internal::schema(&[
                    $((stringify!($name), &[$($doc),+], $crate::internal::Constraints::from($constraints), &default.$name),)+
                ])
            }
        }
    };
}

#[cfg(test)]
mod tests;

//! The fields of what an attestation of a declared kind claims. They cross by name, objects and lists as JSON, of which only
//! what is asked for is read. An attestation that was taken in under an older schema may lack what today's requires, or have
//! it in another form: that is told of the attestation, never guessed.

use super::{
    item::Item,
    time::{parse_date, parse_instant},
    types::{Base, Field, Many},
    value::{Text, Value, as_decimal},
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};
use tierwatch_rule::{Attestation, Claims, Value as Crossed};

/// An attestation that does not fit the schema of its kind, and what of it.
#[derive(Clone, Debug)]
pub struct Misfit<'s> {
    /// The attestation.
    pub of: &'s Attestation,
    /// Its kind.
    pub kind: &'s str,
    /// What is wrong with it, in a clause.
    pub what: String,
}

/// A value as it is claimed.
enum Claimed<'s> {
    Text(Text<'s>),
    Integer(i64),
    Decimal(f64),
    Truth(bool),
    /// An object or a list.
    Json(&'s str),
}

/// What `item` has as `field`.
///
/// # Errors
/// When it lacks it or has it in another form.
pub(super) fn value<'s>(item: Item<'s>, field: &Field) -> Result<Value<'s>, Misfit<'s>> {
    let (of, claimed) = match item {
        Item::Attestation(of) => match &of.claims {
            Claims::Declared(declared) => {
                let found = declared.fields.iter().find(|one| one.name == field.name);
                (of, found.and_then(|one| crossed(&one.value)))
            }
            _ => return Ok(Value::Absent),
        },
        Item::Object { of, json } => (of, member(json, field.name).and_then(read)),
        _ => return Ok(Value::Absent),
    };
    let Claims::Declared(declared) = &of.claims else { return Ok(Value::Absent) };
    let misfit = |what| Misfit { of, kind: &declared.kind, what };
    let no_such = || {
        misfit(match (field.of.many, field.of.base) {
            (Many::List, _) => format!("its `{}` is no {}", field.name, field.of),
            (_, Base::Record(_)) => format!("its `{}` is no object", field.name),
            (_, base) => format!("its `{}` is no {base}", field.name),
        })
    };
    match (claimed, field.of.many) {
        (None, Many::Optional) => Ok(Value::Absent),
        (None, Many::List) => Ok(Value::List([].into())),
        (None, Many::One) => Err(misfit(format!("it has no `{}`", field.name))),
        (Some(Claimed::Json(json)), Many::List) => {
            let items: Vec<&'s RawValue> = serde_json::from_str(json).map_err(|_| no_such())?;
            let item = |item: &&'s RawValue| of_base(of, read(item.get())?, field.of.base);
            items.iter().map(item).collect::<Option<_>>().map(Value::List).ok_or_else(no_such)
        }
        (Some(_), Many::List) => Err(no_such()),
        (Some(claimed), _) => of_base(of, claimed, field.of.base).ok_or_else(no_such),
    }
}

fn of_base<'s>(of: &'s Attestation, claimed: Claimed<'s>, base: Base) -> Option<Value<'s>> {
    Some(match (base, claimed) {
        (Base::Text | Base::Choice(_), Claimed::Text(text)) => Value::Text(text),
        (Base::Date, Claimed::Text(text)) => Value::Date(parse_date(&text)?),
        (Base::Instant, Claimed::Text(text)) => Value::Instant(parse_instant(&text)?),
        (Base::Int, Claimed::Integer(number)) => Value::Int(number),
        (Base::Int, Claimed::Decimal(number)) => Value::Int(whole(number)?),
        (Base::Decimal, Claimed::Integer(number)) => Value::Decimal(as_decimal(number)),
        (Base::Decimal, Claimed::Decimal(number)) => Value::Decimal(number),
        (Base::Bool, Claimed::Truth(truth)) => Value::Bool(truth),
        (Base::Record(_), Claimed::Json(json)) if json.starts_with('{') => Value::Item(Item::Object { of, json }),
        _ => return None,
    })
}

/// JSON Schema takes `2.0` for an integer.
fn whole(number: f64) -> Option<i64> {
    let least = as_decimal(i64::MIN);
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and within the range")]
    ((least..-least).contains(&number) && number.fract() == 0.0).then_some(number as i64)
}

/// A claim as it has crossed; nothing for null.
fn crossed(value: &Crossed) -> Option<Claimed<'_>> {
    match value {
        Crossed::Text(text) => Some(Claimed::Text(Text::Borrowed(text))),
        Crossed::Integer(number) => Some(Claimed::Integer(*number)),
        Crossed::Decimal(number) => Some(Claimed::Decimal(*number)),
        Crossed::Truth(truth) => Some(Claimed::Truth(*truth)),
        Crossed::Json(json) => read(json),
    }
}

/// A claim within JSON; nothing for null.
fn read(json: &str) -> Option<Claimed<'_>> {
    match json.trim_ascii_start().bytes().next()? {
        b'"' => serde_json::from_str(json).ok().map(|Quoted(text)| match text {
            Cow::Borrowed(text) => Claimed::Text(Text::Borrowed(text)),
            Cow::Owned(text) => Claimed::Text(Text::Made(text.into())),
        }),
        b't' | b'f' => serde_json::from_str(json).ok().map(Claimed::Truth),
        b'{' | b'[' => Some(Claimed::Json(json.trim_ascii_start())),
        b'n' => None,
        _ => match serde_json::from_str(json) {
            Ok(number) => Some(Claimed::Integer(number)),
            Err(_) => serde_json::from_str(json).ok().map(Claimed::Decimal),
        },
    }
}

/// A text that is copied only where it holds an escape.
#[derive(Deserialize)]
struct Quoted<'a>(#[serde(borrow)] Cow<'a, str>);

/// The member `name` of an object; the others are passed over unread.
fn member<'s>(json: &'s str, name: &str) -> Option<&'s str> {
    let mut object = serde_json::Deserializer::from_str(json);
    Member(name).deserialize(&mut object).ok().flatten().map(RawValue::get)
}

struct Member<'n>(&'n str);

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, object: D) -> Result<Self::Value, D::Error> {
        object.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut members: M) -> Result<Self::Value, M::Error> {
        let mut found = None;
        while let Some(Quoted(name)) = members.next_key()? {
            if name == self.0 {
                found = Some(members.next_value()?);
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

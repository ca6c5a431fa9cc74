//! From a value of a TOML file to a type that serde knows, with problems shown at the value itself.

use super::{Problems, Span};
use crate::by_name::ByName;
use serde::de::DeserializeSeed;
use toml::{
    Spanned,
    de::{DeTable, DeValue, ValueDeserializer},
};

/// Names of Rust types for whoever writes the file.
const WORDS: &[(&str, &str)] = &[
    ("a string", "a text in quotes"),
    ("a boolean", "true or false"),
    ("a sequence", "a list in brackets"),
    ("a map", "a table"),
    ("u8", "a whole number from 0 to 255"),
    ("u32", "a whole number from 0 on"),
    ("u64", "a whole number from 0 on"),
    ("i32", "a whole number"),
    ("i64", "a whole number"),
    ("f64", "a number"),
];

impl Problems<'_> {
    /// `value` as what `seed` makes of it. A date or time may be written with or without quotes.
    pub fn typed<'de, S: DeserializeSeed<'de>>(&self, seed: S, mut value: Spanned<DeValue<'de>>) -> Option<S::Value> {
        let whole = value.span();
        quote_times(value.get_mut());
        match ByName(seed).deserialize(ValueDeserializer::from(value)) {
            Ok(typed) => Some(typed),
            Err(error) => {
                let span = error.span().filter(|span| !span.is_empty()).unwrap_or(whole);
                self.mistyped(span, error.message());
                None
            }
        }
    }

    /// Adds a problem for serde's message, in the words of this program.
    fn mistyped(&self, span: Span, message: &str) {
        if let Some(field) = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
            return self.add(span, format!("`{field}` is missing"), format!("add `{field} = …`"));
        }
        let allowed = message.strip_prefix("expected ").and_then(|rest| rest.split_once(", not "));
        if let Some((allowed, found)) = allowed {
            return self.add(span, format!("this cannot be {found}"), format!("write {allowed}"));
        }
        match message.split_once(", expected ") {
            Some((message, expected)) => {
                let known = WORDS.iter().find(|(word, _)| *word == expected);
                self.add(span, message, format!("write {}", known.map_or(expected, |(_, plain)| plain)));
            }
            None => self.add(span, message, "correct this value"),
        }
    }
}

fn quote_times(value: &mut DeValue<'_>) {
    match value {
        DeValue::Datetime(time) => *value = DeValue::String(time.to_string().into()),
        DeValue::Array(array) => array.iter_mut().for_each(|value| quote_times(value.get_mut())),
        DeValue::Table(table) => table.iter_mut().for_each(|(_, value)| quote_times(value.get_mut())),
        _ => {}
    }
}

/// Adds to `table` and its inner tables the entries of `defaults` that are missing there.
pub fn fill<'a>(table: &mut DeTable<'a>, defaults: DeTable<'a>) {
    for (key, default) in defaults {
        match (table.get_mut(key.get_ref().as_ref()).map(Spanned::get_mut), default) {
            (None, default) => _ = table.insert(key, default),
            (Some(DeValue::Table(own)), default) => {
                if let DeValue::Table(default) = default.into_inner() {
                    fill(own, default);
                }
            }
            (Some(_), _) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Requirement;
    use std::marker::PhantomData;

    #[test]
    fn a_mistake_is_shown_where_it_is() {
        #[track_caller]
        fn check(text: &str, at: &str, message: &str, fix: &str) {
            let problems = Problems::new("x.toml", text);
            let value = problems.parse_toml().expect("TOML");
            let value = Spanned::new(value.span(), DeValue::Table(value.into_inner()));
            assert!(problems.typed(PhantomData::<Requirement>, value).is_none());
            let shown = problems.finish(()).expect_err("a problem").to_string();
            let lines: Vec<&str> = shown.lines().collect();
            assert_eq!(lines[0], format!("error: {message}"), "{shown}");
            assert_eq!(lines[1], format!(" --> x.toml:{at}"), "{shown}");
            assert_eq!(lines.last(), Some(&format!("  = help: {fix}").as_str()), "{shown}");
        }
        let rest = "clearances = []\nprogrammes = []\n";
        check(
            &format!("{rest}cyber_level = \"2\"\n"),
            "3:15",
            "invalid type: string \"2\"",
            "write a whole number from 0 to 255",
        );
        check("clearances = []\n", "1:1", "`programmes` is missing", "add `programmes = …`");
        check(
            &format!("{rest}criticalty = 3\n"),
            "3:1",
            "unknown field `criticalty`",
            "write one of `cyber_level`, `cmmc_level`, `clearances`, `criticality`, `programmes`",
        );
        check(
            "programmes = []\nclearances = [{ level = \"GB:TOP\", headcount = 1 }]\n",
            "2:25",
            "unknown variant `GB:TOP`",
            "write one of `GB:BPSS`, `GB:CTC`, `GB:SC`, `GB:DV`, `US:CONFIDENTIAL`, `US:SECRET`, `US:TOP-SECRET`",
        );
    }

    #[test]
    fn what_is_said_stays_when_defaults_are_filled_in() {
        let parse = |text| DeTable::parse(text).expect("TOML").into_inner();
        let mut table = parse("a = 1\n[b]\nc = 2\n");
        fill(&mut table, parse("a = 9\nd = 4\n[b]\nc = 9\ne = 5\n"));
        let number = |value: &DeValue<'_>| value.as_integer().map(|number| number.as_str().to_owned());
        let of = |table: &DeTable<'_>, key: &str| table.get(key).and_then(|value| number(value.get_ref()));
        let inner = table["b"].get_ref().as_table().expect("a table");
        assert_eq!([of(&table, "a"), of(&table, "d")], [Some("1".into()), Some("4".into())]);
        assert_eq!([of(inner, "c"), of(inner, "e")], [Some("2".into()), Some("5".into())]);
    }
}

//! Reads one TOML table key by key. Whatever is wrong is added to the [`Problems`] of the file, and reading goes on; the keys
//! that were asked for are the keys that exist, so an unknown one is refused without a second list of them.

use super::{Problems, Span, nearest};
use serde::de::DeserializeSeed;
use std::{fmt::Display, ops::RangeInclusive};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// Longest name (of a policy, a band, a rule), in bytes.
pub(super) const MAX_NAME_BYTES: usize = 64;

/// One table of a file while it is read.
#[derive(Debug)]
pub struct Section<'a> {
    problems: &'a Problems<'a>,
    /// Its name in messages: `a policy`, `[gate]`, `[[bands]]`.
    title: String,
    /// Its dotted name in the file; empty for the whole file.
    path: String,
    span: Span,
    table: &'a DeTable<'a>,
    asked: Vec<&'static str>,
}

impl<'a> Section<'a> {
    /// The whole file; `title` is its name in messages, as `a policy`.
    #[must_use]
    pub fn of_file(problems: &'a Problems<'a>, table: &'a DeTable<'a>, title: &str) -> Self {
        Self { problems, title: title.to_owned(), path: String::new(), span: 0..0, table, asked: Vec::new() }
    }

    /// Where the table begins: its header, or the start of the file.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span.clone()
    }

    /// The table as it was parsed.
    #[must_use]
    pub fn table(&self) -> &'a DeTable<'a> {
        self.table
    }

    /// Adds a problem at `span`.
    pub fn problem(&self, span: Span, message: impl Into<String>, fix: impl Into<String>) {
        self.problems.add(span, message, fix);
    }

    /// The problems of this file.
    #[must_use]
    pub fn problems(&self) -> &'a Problems<'a> {
        self.problems
    }

    /// Refuses the file when `key` is absent; `example` is a line to add.
    pub fn require(&self, key: &str, example: &str) {
        if !self.table.contains_key(key) {
            self.problems.add(self.span(), format!("{} has no `{key}`", self.title), format!("add `{example}`"));
        }
    }

    /// The value of `key` as it was parsed; `None` when absent.
    pub fn value(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.table.get(key)
    }

    /// A text of 1 to `max_bytes` bytes.
    pub fn text(&mut self, key: &'static str, max_bytes: usize) -> Option<Spanned<&'a str>> {
        let value = self.value(key)?;
        let Some(text) = value.get_ref().as_str() else {
            return self.mistyped(key, value, "a text", "write it in quotes");
        };
        if text.is_empty() || text.len() > max_bytes {
            let message = format!("`{key}` has {} bytes", text.len());
            self.problems.add(value.span(), message, format!("write a text of 1 to {max_bytes} bytes"));
            return None;
        }
        Some(Spanned::new(value.span(), text))
    }

    /// A list of at most `most` texts of 1 to `max_bytes` bytes each; empty when absent.
    pub fn texts(&mut self, key: &'static str, most: usize, max_bytes: usize) -> Vec<Spanned<&'a str>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let example = format!("write texts in brackets: `{key} = [\"…\"]`");
        let Some(array) = value.get_ref().as_array() else {
            return self.mistyped(key, value, "a list", &example).unwrap_or_default();
        };
        if array.len() > most {
            let message = format!("`{key}` has {} entries", array.len());
            self.problems.add(value.span(), message, format!("keep to {most}"));
        }
        let text = |value: &'a Spanned<DeValue<'a>>| {
            let text = value.get_ref().as_str().filter(|text| (1..=max_bytes).contains(&text.len()));
            if text.is_none() {
                let message = format!("an entry of `{key}` is no text of 1 to {max_bytes} bytes");
                self.problems.add(value.span(), message, &example);
            }
            text.map(|text| Spanned::new(value.span(), text))
        };
        array.iter().filter_map(text).collect()
    }

    /// A name: lower-case letters, digits and hyphens, beginning with a letter.
    pub fn name(&mut self, key: &'static str) -> Option<Spanned<&'a str>> {
        let name = self.text(key, MAX_NAME_BYTES)?;
        self.checked_name(name.span(), name.get_ref()).then_some(name)
    }

    fn checked_name(&self, span: Span, name: &str) -> bool {
        let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let good = name.len() <= MAX_NAME_BYTES
            && name.bytes().all(letters)
            && name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
        if !good {
            let fix = format!(
                "use lower-case letters, digits and hyphens, a letter first, at most {MAX_NAME_BYTES}: `cyber-posture`"
            );
            self.problems.add(span, format!("`{name}` is not a name"), fix);
        }
        good
    }

    /// A whole number within `range`.
    pub fn number<T>(&mut self, key: &'static str, range: RangeInclusive<T>) -> Option<Spanned<T>>
    where
        T: TryFrom<i64> + PartialOrd + Display,
    {
        let value = self.value(key)?;
        let fix = format!("write a whole number from {} to {}", range.start(), range.end());
        let Some(integer) = value.get_ref().as_integer() else {
            return self.mistyped(key, value, "a whole number", &fix);
        };
        let number =
            i64::from_str_radix(integer.as_str(), integer.radix()).ok().and_then(|number| number.try_into().ok());
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            self.problems.add(value.span(), format!("`{key}` cannot be {integer}"), fix);
        }
        number.map(|number| Spanned::new(value.span(), number))
    }

    /// `true` or `false`.
    pub fn flag(&mut self, key: &'static str) -> Option<bool> {
        let value = self.value(key)?;
        match value.get_ref().as_bool() {
            Some(flag) => Some(flag),
            None => self.mistyped(key, value, "true or false", "write `true` or `false`, without quotes"),
        }
    }

    /// What `seed` makes of the value of `key`.
    pub fn typed<S: DeserializeSeed<'a>>(&mut self, key: &'static str, seed: S) -> Option<S::Value> {
        let value = self.value(key)?;
        self.problems.typed(seed, value.clone())
    }

    /// The table `[key]`.
    pub fn section(&mut self, key: &'static str) -> Option<Self> {
        let value = self.value(key)?;
        self.child(key, value)
    }

    /// The tables `[[key]]`, in the order of the file; empty when absent.
    pub fn sections(&mut self, key: &'static str) -> Vec<Self> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let path = self.path_of(key);
        let Some(array) = value.get_ref().as_array() else {
            return self
                .mistyped(key, value, "a list of tables", &format!("write `[[{path}]]` before each"))
                .unwrap_or_default();
        };
        let table = |value: &'a Spanned<DeValue<'a>>| {
            let mut section = self.child(key, value)?;
            section.title = format!("[[{path}]]");
            Some(section)
        };
        array.iter().filter_map(table).collect()
    }

    /// The tables `[NAME]` of a table whose keys are names that the file chooses, by name.
    pub fn named_sections(self) -> Vec<(&'a str, Self)> {
        let named = |(key, value): (&'a Spanned<_>, &'a Spanned<DeValue<'a>>)| {
            let name: &'a str = AsRef::<str>::as_ref(Spanned::get_ref(key));
            self.checked_name(key.span(), name)
                .then(|| self.child(name, value))
                .flatten()
                .map(|section| (name, section))
        };
        self.table.iter().filter_map(named).collect()
    }

    /// Refuses those of `keys` that are here and belong into its table `name`.
    pub fn belong_into(&mut self, name: &str, keys: &[&'static str]) {
        for key in self.table.keys() {
            let Some(known) = keys.iter().find(|known| **known == key.get_ref().as_ref()) else { continue };
            let fix = format!("write it below `[{}]`", self.path_of(name));
            self.problems.add(key.span(), format!("`{known}` is not a key of {}", self.title), fix);
            self.asked.push(known);
        }
    }

    /// The tables in this one, each with its name as it is written, and where that is.
    pub fn children(self) -> Vec<(Spanned<&'a str>, Self)> {
        let named = |(key, value): (&'a Spanned<_>, &'a Spanned<DeValue<'a>>)| {
            let name: &'a str = AsRef::<str>::as_ref(Spanned::get_ref(key));
            self.child(name, value).map(|section| (Spanned::new(key.span(), name), section))
        };
        self.table.iter().filter_map(named).collect()
    }

    /// Refuses every key that was not asked for.
    pub fn finish(self) {
        for key in self.table.keys().filter(|key| !self.asked.contains(&key.get_ref().as_ref())) {
            let keys = self.asked.join(", ");
            let fix = match nearest(key.get_ref(), &self.asked) {
                Some(near) => format!("did you mean `{near}`? The keys of {} are {keys}", self.title),
                None => format!("remove it, or use one of the keys of {}: {keys}", self.title),
            };
            self.problems.add(key.span(), format!("`{}` is not a key of {}", key.get_ref(), self.title), fix);
        }
    }

    fn child(&self, key: &str, value: &'a Spanned<DeValue<'a>>) -> Option<Self> {
        let path = self.path_of(key);
        let Some(table) = value.get_ref().as_table() else {
            return self.mistyped(key, value, "a table", &format!("write `[{path}]` and its keys below it"));
        };
        let title = format!("[{path}]");
        Some(Self { problems: self.problems, title, path, span: value.span(), table, asked: Vec::new() })
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn mistyped<T>(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str, fix: &str) -> Option<T> {
        let found = match value.get_ref() {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a point",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.problems.add(value.span(), format!("`{key}` is {found}, not {wanted}"), fix);
        None
    }
}

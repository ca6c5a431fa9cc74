//! JSON for parameters, reduced to what rules need, because everything that a component links must be compiled before the
//! component counts. The daemon has parsed the text and checked it against the manifest's schema, so errors name only the
//! value and what is expected there.

use crate::bindings::plugin::Problem;

type Result<T> = std::result::Result<T, Problem>;

#[cold]
fn malformed() -> Problem {
    Problem::of("", "this is no JSON")
}

#[cold]
fn expected<'a>(these: impl IntoIterator<Item = &'a str>) -> Problem {
    let mut message = String::from("expected");
    for (index, this) in these.into_iter().enumerate() {
        message.push_str(if index == 0 { " " } else { ", " });
        message.push_str(this);
    }
    Problem::of("", message)
}

/// The same problem, found under `name`.
#[cold]
fn below(mut problem: Problem, name: &str) -> Problem {
    let mut path = String::from("/");
    push_escaped(&mut path, name, |byte| match byte {
        b'~' => Some("~0".into()),
        b'/' => Some("~1".into()),
        _ => None,
    });
    path.push_str(&problem.path);
    problem.path = path;
    problem
}

/// Appends `text`, with the ASCII characters replaced for which `escape` gives something.
#[inline(never)]
fn push_escaped(to: &mut String, text: &str, escape: fn(u8) -> Option<String>) {
    let mut plain = 0;
    for (index, byte) in text.bytes().enumerate() {
        if let Some(escaped) = escape(byte) {
            to.push_str(text.get(plain..index).unwrap_or_default());
            to.push_str(&escaped);
            plain = index + 1;
        }
    }
    to.push_str(text.get(plain..).unwrap_or_default());
}

/// A type of parameters: a whole number, a number, a Boolean, a text, an optional value, a list of one of these, or a type of
/// the rule's own that is read and written as these.
pub trait Setting {
    /// Reads the value that the policy sets.
    ///
    /// # Errors
    /// What is expected instead.
    fn read(&mut self, json: &mut Reader<'_>) -> Result<()>;

    /// Writes it as the default that a schema shows.
    fn write(&self, json: &mut Writer);
}

/// The rest of the JSON that a policy sets.
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// Reads the whole of `text` with `read`.
    pub(crate) fn whole(text: &'a str, read: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let mut reader = Self { rest: text };
        read(&mut reader)?;
        reader.skip();
        if reader.rest.is_empty() { Ok(()) } else { Err(malformed()) }
    }

    fn skip(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    /// Takes `word` when it comes next.
    #[inline(never)]
    pub(crate) fn take(&mut self, word: &str) -> bool {
        self.skip();
        let rest = self.rest.strip_prefix(word);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Takes `word`, or says what is expected.
    fn must(&mut self, word: &str, what: &str) -> Result<()> {
        if self.take(word) { Ok(()) } else { Err(expected([what])) }
    }

    /// Takes `count` bytes.
    fn bytes(&mut self, count: usize) -> Result<&'a str> {
        let (bytes, rest) = self.rest.split_at_checked(count).ok_or_else(malformed)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// Reads a number of this kind.
    ///
    /// # Errors
    /// When there is no such number: `what` is expected.
    pub(crate) fn number<T: std::str::FromStr>(&mut self, what: &str) -> Result<T> {
        self.skip();
        let letter = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        let letters = self.rest.bytes().take_while(letter).count();
        self.bytes(letters)?.parse().map_err(|_| expected([what]))
    }

    pub(crate) fn truth(&mut self) -> Result<bool> {
        let truth = self.take("true");
        if truth { Ok(true) } else { self.must("false", "true or false").map(|()| false) }
    }

    /// Reads a text.
    ///
    /// # Errors
    /// When there is something else.
    pub fn text(&mut self) -> Result<String> {
        self.must("\"", "a text")?;
        let mut text = String::new();
        loop {
            let plain = self.rest.bytes().position(|byte| matches!(byte, b'"' | b'\\')).ok_or_else(malformed)?;
            text.push_str(self.bytes(plain)?);
            if self.bytes(1)? == "\"" {
                return Ok(text);
            }
            text.push(self.escaped()?);
        }
    }

    /// The character after a backslash.
    #[cold]
    fn escaped(&mut self) -> Result<char> {
        let letter = self.bytes(1)?.as_bytes();
        Ok(match letter {
            b"b" => '\u{8}',
            b"f" => '\u{c}',
            b"n" => '\n',
            b"r" => '\r',
            b"t" => '\t',
            &[same @ (b'"' | b'\\' | b'/')] => same.into(),
            b"u" => {
                let first = self.code_unit()?;
                let pair = (0xd800..0xdc00).contains(&first);
                let second = if pair && self.bytes(2)? == "\\u" { self.code_unit()? } else { 0 };
                let code = match second {
                    0xdc00..0xe000 => 0x10000 + ((first - 0xd800) << 10 | (second - 0xdc00)),
                    _ => first,
                };
                char::from_u32(code).ok_or_else(malformed)?
            }
            _ => return Err(malformed()),
        })
    }

    #[inline(never)]
    fn code_unit(&mut self) -> Result<u32> {
        let mut unit = 0;
        for letter in self.bytes(4)?.bytes() {
            unit = unit << 4 | char::from(letter).to_digit(16).ok_or_else(malformed)?;
        }
        Ok(unit)
    }

    /// Reads one of these texts.
    ///
    /// # Errors
    /// When there is another text: these are expected.
    pub fn one_of<T: Copy>(&mut self, these: &[(&str, T)]) -> Result<T> {
        let text = self.text()?;
        let found = these.iter().find(|(name, _)| *name == text);
        found.map(|(_, value)| *value).ok_or_else(|| expected(these.iter().map(|(name, _)| *name)))
    }

    /// Reads a list, each element with `read`.
    ///
    /// # Errors
    /// When there is something else, and the error of `read`, at the element's index.
    pub fn list(&mut self, read: &mut dyn FnMut(&mut Self) -> Result<()>) -> Result<()> {
        self.must("[", "a list")?;
        let mut index = 0;
        while self.more(index == 0, "]")? {
            read(self).map_err(|problem| below(problem, &index.to_string()))?;
            index += 1;
        }
        Ok(())
    }

    /// Reads an object into the settings of these names; settings that it does not name keep their values.
    ///
    /// # Errors
    /// When there is something else, or a wrong value under one of its names.
    pub fn object(&mut self, settings: &mut [(&str, &mut dyn Setting)]) -> Result<()> {
        self.must("{", "an object")?;
        let mut first = true;
        while self.more(first, "}")? {
            first = false;
            let name = self.text()?;
            if !self.take(":") {
                return Err(malformed());
            }
            let read = match settings.iter_mut().find(|(known, _)| *known == name) {
                Some((_, setting)) => setting.read(self),
                None => Err(expected(settings.iter().map(|(known, _)| *known))),
            };
            read.map_err(|problem| below(problem, &name))?;
        }
        Ok(())
    }

    /// Takes what precedes an entry; `false` at the end.
    fn more(&mut self, first: bool, close: &str) -> Result<bool> {
        if self.take(close) {
            Ok(false)
        } else if first || self.take(",") {
            Ok(true)
        } else {
            Err(malformed())
        }
    }
}

/// The JSON of a schema that is being written.
#[derive(Debug)]
pub struct Writer(String);

impl Writer {
    pub(crate) fn new(start: &str) -> Self {
        Self(start.to_owned())
    }

    /// Writes JSON unchanged.
    #[inline(never)]
    pub(crate) fn raw(&mut self, json: &str) -> &mut Self {
        self.0.push_str(json);
        self
    }

    pub(crate) fn into_json(self) -> String {
        self.0
    }

    /// Writes a text as a JSON string.
    #[inline(never)]
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.raw("\"");
        push_escaped(&mut self.0, text, |byte| match byte {
            b'"' => Some("\\\"".into()),
            b'\\' => Some("\\\\".into()),
            ..b' ' => Some(format!("\\u{byte:04x}")),
            _ => None,
        });
        self.raw("\"")
    }

    /// Writes the text that stands for `value`.
    pub fn one_of<T: PartialEq>(&mut self, these: &[(&str, T)], value: T) -> &mut Self {
        let found = these.iter().find(|(_, one)| *one == value);
        self.text(found.map_or("", |(name, _)| name))
    }

    /// Writes the settings as a JSON list.
    pub fn list<'a>(&mut self, settings: impl IntoIterator<Item = &'a dyn Setting>) -> &mut Self {
        self.raw("[");
        for (index, setting) in settings.into_iter().enumerate() {
            self.raw(if index == 0 { "" } else { "," });
            setting.write(self);
        }
        self.raw("]")
    }

    /// Writes the settings as a JSON object, by name.
    pub fn object(&mut self, settings: &[(&str, &dyn Setting)]) -> &mut Self {
        self.raw("{");
        for (index, (name, setting)) in settings.iter().enumerate() {
            self.raw(if index == 0 { "" } else { "," }).text(name).raw(":");
            setting.write(self);
        }
        self.raw("}")
    }
}

//! Problems in a file that a person wrote: each is shown at its place, says what is wrong and ends with the fix.
//! Policies and the configuration are read with this, so that both report problems in the same form, and several at once.
//!
//! [`Problems`] collects, [`Section`] reads TOML tables into checked values, [`Diagnostics`] is what a person sees.

use tierwatch_by_name as by_name;
#[cfg(test)]
use tierwatch_model as model;

pub mod harmless;
mod parameters;
mod quoted;
mod section;
pub mod spelling;
mod typed;

pub use parameters::{ParameterSpans, Parameters, part_of_text};
pub use section::Section;
pub use spelling::nearest;
pub use typed::fill;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use std::{cell::RefCell, ops::Range};
use toml::{Spanned, de::DeTable};

/// Longest file, in bytes.
pub const MAX_FILE_BYTES: usize = 1024 * 1024;
/// Most problems that are shown at once: people fix them from the top.
const MAX_PROBLEMS_SHOWN: usize = 20;

/// Longest sentence about a problem, in characters: it may quote the file.
const MAX_MESSAGE_CHARS: usize = 400;

/// A range of bytes in the file's text.
pub type Span = Range<usize>;

/// Why a file is refused: every problem with file, line, column, source line, caret and fix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Diagnostics(String);

#[derive(Debug)]
struct Problem {
    span: Span,
    message: String,
    fix: String,
}

/// The problems found so far in one file.
#[derive(Debug)]
pub struct Problems<'a> {
    file_name: &'a str,
    text: &'a str,
    // Shared by all sections of the file while they are read.
    found: RefCell<Vec<Problem>>,
}

impl<'a> Problems<'a> {
    /// Without any problem yet; `file_name` is shown as it is given.
    #[must_use]
    pub fn new(file_name: &'a str, text: &'a str) -> Self {
        Self { file_name, text, found: RefCell::default() }
    }

    /// Adds one: where, what is wrong (a clause without a full stop), and what to do (an imperative).
    pub fn add(&self, span: Span, message: impl Into<String>, fix: impl Into<String>) {
        self.found.borrow_mut().push(Problem { span, message: message.into(), fix: fix.into() });
    }

    /// Parses the file as TOML.
    ///
    /// # Errors
    /// [`Diagnostics`] when the file is too long, or with the first syntax error, after which nothing else can be checked.
    pub fn parse_toml(&self) -> Result<Spanned<DeTable<'a>>, Diagnostics> {
        if self.text.len() > MAX_FILE_BYTES {
            let message = format!("the file has {} bytes", self.text.len());
            return Err(self.refusal(0..0, message, format!("keep it within {MAX_FILE_BYTES} bytes")));
        }
        DeTable::parse(self.text).map_err(|error| self.syntax_error(&error))
    }

    fn syntax_error(&self, error: &toml::de::Error) -> Diagnostics {
        let start = error.span().unwrap_or_default().start;
        let (message, fix) = match error.message().split_once(", expected ") {
            _ if let Some(word) = bare_word(self.text, start) => (
                "a text without quotes",
                format!("write `\"{word}\"`, or a number or `true` or `false` without quotes"),
            ),
            Some(("unexpected key or value", _)) => (
                "this follows what is complete already",
                "end the line before it; a text begins and ends with `\"`, and a quote within it is `'`".to_owned(),
            ),
            Some((message, "nothing")) => (message, "remove it".to_owned()),
            Some((message, expected)) => (message, format!("write {expected} here")),
            None if error.message() == "duplicate key" => ("the key stands here twice", "keep one of them".to_owned()),
            None => (error.message(), "correct the TOML here; https://toml.io/en/v1.1.0 describes it".to_owned()),
        };
        self.refusal(error.span().unwrap_or_default(), message.to_owned(), fix)
    }

    fn refusal(&self, span: Span, message: String, fix: String) -> Diagnostics {
        Diagnostics(render(self.file_name, self.text, &Problem { span, message, fix }))
    }

    /// `value` if nothing was found.
    ///
    /// # Errors
    /// [`Diagnostics`] with everything that was found, in the order of the file.
    pub fn finish<T>(self, value: T) -> Result<T, Diagnostics> {
        if self.found.borrow().is_empty() { Ok(value) } else { Err(self.refused()) }
    }

    /// Everything that was found, in the order of the file.
    #[must_use]
    pub fn refused(self) -> Diagnostics {
        let mut found = self.found.into_inner();
        found.sort_by_key(|problem| (problem.span.start, problem.span.end));
        let shown = found.iter().take(MAX_PROBLEMS_SHOWN);
        let mut rendered: Vec<_> = shown.map(|problem| render(self.file_name, self.text, problem)).collect();
        if found.len() > MAX_PROBLEMS_SHOWN {
            let more = found.len() - MAX_PROBLEMS_SHOWN;
            rendered.push(format!("error: {more} more in {}: mend these first", self.file_name));
        }
        Diagnostics(rendered.join("\n\n"))
    }
}

/// The word at `start` that stands where a value does and is none, as a text whose quotes were forgotten.
fn bare_word(text: &str, start: usize) -> Option<&str> {
    let (before, after) = text.split_at_checked(start)?;
    let word = after.split(['\n', '\r', '#', ',', ']', '}', '"', '\'']).next()?.trim_end();
    let is_value = before.trim_end_matches([' ', '\t']).ends_with(['=', '[', ',']);
    (is_value && word.starts_with(char::is_alphabetic)).then_some(word)
}

fn render(file_name: &str, text: &str, problem: &Problem) -> String {
    // Not the wrapped `term_width` of a terminal: the text also goes to logs and answers.
    let snippet =
        Snippet::source(text).path(file_name).annotation(AnnotationKind::Primary.span(first_line(text, &problem.span)));
    let report = Level::ERROR
        .primary_title(one_line(&problem.message))
        .element(snippet)
        .element(Level::HELP.message(one_line(&problem.fix)));
    Renderer::plain().render(&[report])
}

/// The message on one line and cut to its limit: what it quotes must neither flood a log nor control a terminal.
fn one_line(message: &str) -> String {
    let end = message.char_indices().nth(MAX_MESSAGE_CHARS).map_or(message.len(), |(end, _)| end);
    let cut = if end < message.len() { "…" } else { "" };
    format!("{}{cut}", harmless::line(&message[..end]))
}

/// A text of several lines as one line of a log: excerpts of the file are left out, everything else stays.
#[must_use]
pub fn on_one_line(text: &str) -> String {
    let is_excerpt = |line: &&str| {
        let rest = line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
        rest.starts_with('|') || rest.is_empty()
    };
    let mut joined = String::with_capacity(text.len());
    for line in text.lines().filter(|line| !is_excerpt(line)).map(str::trim) {
        // Diagnostics mark their place with an arrow, and their fix with an equals sign.
        let (join, line) = match (line.strip_prefix("--> "), line.strip_prefix("= ")) {
            (Some(location), _) => (" at ", location),
            (_, Some(fix)) => ("; ", fix),
            _ => ("; ", line),
        };
        if !joined.is_empty() {
            joined.push_str(join);
        }
        joined.push_str(line);
    }
    joined
}

/// The part of `span` on its first line, on character boundaries: the caret points at it.
fn first_line(text: &str, span: &Span) -> Span {
    let start = text.floor_char_boundary(span.start.min(text.len()));
    let end = text.ceil_char_boundary(span.end.clamp(start, text.len()));
    let line = text[start..end].lines().next().map_or(0, str::len);
    start..start + line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_shown_at_its_place() {
        #[track_caller]
        fn check(text: &str, span: Span, expected: &str) {
            let problems = Problems::new("x.toml", text);
            problems.add(span, "wrong", "mend it");
            let message = problems.finish(()).expect_err("a problem").to_string();
            assert_eq!(message.lines().skip(1).take(4).collect::<Vec<_>>().join("\n"), expected);
        }
        check("a = 1\r\nbé = 22\r\n", 13..15, " --> x.toml:2:6\n  |\n2 | bé = 22\n  |      ^^");
        // Only the first of several lines, and never half a character.
        check("a = [\n1]\n", 4..8, " --> x.toml:1:5\n  |\n1 | a = [\n  |     ^");
        check("é = 1", 1..2, " --> x.toml:1:1\n  |\n1 | é = 1\n  | ^");
        check("", 7..9, " --> x.toml:1:1\n  |\n1 |\n  | ^");
    }

    #[test]
    fn quotes_that_were_forgotten_are_named() {
        for (text, fix) in [
            ("path = feed\n", "write `\"feed\"`, or a number"),
            ("weight = one # of three\n", "write `\"one\"`, or a number"),
            ("path = tierwatch/feed\n", "write `\"tierwatch/feed\"`, or a number"),
            ("kinds = [site, \"cyber.ce\"]\n", "write `\"site\"`, or a number"),
            ("when = \"site.exists(s, \"Derby\" in s.corridors)\"\n", "a quote within it is `'`"),
            ("help = Whether it is.\"\n", "a text begins and ends with"),
            ("a = 1\na = 2\n", "keep one of them"),
            ("x =\n", "here"),
        ] {
            let refused = Problems::new("x.toml", text).parse_toml().expect_err(text).to_string();
            assert!(refused.contains(fix), "{text}{refused}");
        }
    }

    #[test]
    fn a_log_has_a_problem_on_one_line() {
        let text = "a = 1\nb = 2\n";
        let problems = Problems::new("x.toml", text);
        problems.add(0..1, "`a` is wrong", "mend it");
        problems.add(6..7, "`b` is wrong", "remove it");
        let refused = problems.refused().to_string();
        let expected =
            "error: `a` is wrong at x.toml:1:1; help: mend it; error: `b` is wrong at x.toml:2:1; help: remove it";
        assert_eq!(on_one_line(&refused), expected, "{refused}");
        assert_eq!(on_one_line("cannot listen: change http.listen"), "cannot listen: change http.listen");
        assert_eq!(on_one_line(""), "");
    }

    #[test]
    fn problems_come_in_the_order_of_the_file() {
        let problems = Problems::new("x.toml", "a = 1\nb = 2\n");
        problems.add(6..7, "second", "mend it");
        problems.add(0..1, "first", "mend it");
        let message = problems.finish(()).expect_err("problems").to_string();
        assert!(message.find("first") < message.find("second"), "{message}");
        assert_eq!(Problems::new("x.toml", "").finish(3), Ok(3));
    }
}

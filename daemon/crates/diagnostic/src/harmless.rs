//! Foreign text made safe to show. A name is data: nothing in it controls a terminal, begins a line, or hides.
//!
//! All output goes through here, at the last moment and nowhere else, so that what is stored and compared stays as it
//! arrived: the cells of tables and of CSV, the lines of texts, errors, the log. JSON writes the same characters as escapes
//! and loses nothing ([`json`]).

use std::{borrow::Cow, fmt::Write as _};

/// `text` on one line: control characters as their pictures (`␛`, `␊`), and what has no picture by its number
/// (`<U+202E>`).
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    replaced(text, is_unseen, |shown, c| match u32::from(c) {
        control @ 0..=0x1f => shown.push(char::from_u32(0x2400 + control).unwrap_or(char::REPLACEMENT_CHARACTER)),
        0x7f => shown.push('␡'),
        // Writing to a string cannot fail.
        number => _ = write!(shown, "<U+{number:04X}>"),
    })
}

/// `text` with its line breaks, each line as [`line()`] shows it.
#[must_use]
pub fn lines(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unseen) {
        return Cow::Borrowed(text);
    }
    text.split('\n').map(line).collect::<Vec<_>>().join("\n").into()
}

/// The same JSON, with the characters of its strings that a terminal would obey as `\u` escapes.
#[must_use]
pub fn json(text: &str) -> Cow<'_, str> {
    let hides = |c: char| is_unseen(c) && c != '\n';
    replaced(text, hides, |shown, c| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a string cannot fail.
            let _ = write!(shown, "\\u{unit:04x}");
        }
    })
}

fn replaced(text: &str, is_meant: impl Fn(char) -> bool, show: impl Fn(&mut String, char)) -> Cow<'_, str> {
    let Some(first) = text.find(&is_meant) else { return Cow::Borrowed(text) };
    let mut shown = text[..first].to_owned();
    for c in text[first..].chars() {
        if is_meant(c) { show(&mut shown, c) } else { shown.push(c) }
    }
    shown.into()
}

/// Whether a terminal obeys a character or shows nothing of it: control characters (Cc), the marks that reorder text,
/// separators of lines, and whatever else Unicode 16 does not draw (Default_Ignorable_Code_Point, which holds the
/// zero-width marks).
fn is_unseen(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    matches!(c, '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_obeyed_or_not_seen_is_written_out() {
        let check = |text, expected| assert_eq!(line(text), expected, "{text:?}");
        check("Zoë & Söhne 株式会社 \u{5d0} 🛩", "Zoë & Söhne 株式会社 \u{5d0} 🛩");
        check("\u{1b}[31mRed\u{1b}[0m", "␛[31mRed␛[0m");
        check("a\0b\r\n\tc\u{7f}", "a␀b␍␊␉c␡");
        check("\u{9b}31m", "<U+009B>31m");
        check("\u{202e}dtL\u{2066}\u{200f}", "<U+202E>dtL<U+2066><U+200F>");
        check("Ac\u{200b}me\u{2060}\u{feff}\u{ad}", "Ac<U+200B>me<U+2060><U+FEFF><U+00AD>");
        check("\u{2028}\u{2029}\u{e0041}", "<U+2028><U+2029><U+E0041>");
        check("", "");
    }

    #[test]
    fn a_text_keeps_its_lines_and_showing_twice_is_showing_once() {
        assert_eq!(lines("a\n\u{1b}b\n"), "a\n␛b\n");
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            let once = line(c.encode_utf8(&mut [0; 4])).into_owned();
            assert_eq!(line(&once), once);
            assert!(!once.contains(char::is_control), "{c:?}");
        }
    }

    #[test]
    fn json_says_the_same() {
        let value = serde_json::json!({"a\u{202e}": ["\u{1b}\u{9b}\u{200b}", "\u{e0041}", "\n", "ü"]});
        let text = serde_json::to_string_pretty(&value).expect("JSON");
        let shown = json(&text);
        assert!(!shown.contains(|c| is_unseen(c) && c != '\n'), "{shown}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).expect("JSON"), value);
    }
}

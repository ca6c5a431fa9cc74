//! Maps a byte of a TOML string's value to the string as it was written: between one or three quotes, with escapes.

/// The offset in `written`, a string with its quotes, of the byte `at` of its value; its end when the value is shorter.
pub(super) fn offset(written: &str, at: usize) -> usize {
    let (quotes, escapes) = match written.as_bytes() {
        [b'"', b'"', b'"', ..] => (3, true),
        [b'"', ..] => (1, true),
        [b'\'', b'\'', b'\'', ..] => (3, false),
        [b'\'', ..] => (1, false),
        _ => (0, false),
    };
    let mut offset = quotes;
    if quotes == 3 {
        // A line that ends right after the quotes is not part of the value.
        offset += ["\r\n", "\n"].iter().find(|end| written[offset..].starts_with(**end)).map_or(0, |end| end.len());
    }
    let mut value = 0;
    while let Some((of_written, of_value)) = next(&written[offset..], escapes) {
        // Characters that yield nothing belong before the byte that follows them.
        if value >= at && of_value > 0 {
            break;
        }
        offset += of_written;
        value += of_value;
    }
    offset.min(written.len().saturating_sub(quotes))
}

/// How many bytes the next character takes as written, and how many in the value.
fn next(rest: &str, escapes: bool) -> Option<(usize, usize)> {
    let first = rest.chars().next()?;
    if first != '\\' || !escapes {
        return Some((first.len_utf8(), first.len_utf8()));
    }
    let code = |digits: usize| {
        let named = rest.get(2..2 + digits).and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
        (2 + digits, named.map_or(1, char::len_utf8))
    };
    Some(match rest[1..].chars().next()? {
        'x' => code(2),
        'u' => code(4),
        'U' => code(8),
        // A backslash at the end of a line swallows all space up to the next character.
        space if space.is_whitespace() => (1 + rest[1..].len() - rest[1..].trim_start().len(), 0),
        named => (1 + named.len_utf8(), 1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use toml::Spanned;

    /// Every `@` of the value is mapped to an `@` of the written string.
    #[test]
    fn a_place_in_the_value_is_one_in_the_file() {
        for written in [
            "'a @ b @'",
            "\"a @ b\"",
            "\"tab\\t \\\"quoted\\\" \\u00e9 \\U0001F600 é @ \\\\ @\"",
            "'''@ first\n@ second é\n  @'''",
            "'''\n@ first\n@ second'''",
            "\"\"\"\n@ first \\\n      @ the same line\n @\"\"\"",
            "\"\"\"\r\n@ first\r\n@ second\"\"\"",
        ] {
            let text = format!("key = {written}");
            let table = toml::de::DeTable::parse(&text).expect("TOML");
            let (_, value) = table.get_ref().iter().next().expect("a key");
            let value = Spanned::get_ref(value).as_str().expect("a text");
            let mut marks = 0;
            for (at, _) in value.match_indices('@') {
                assert_eq!(&written[offset(written, at)..][..1], "@", "{written}, byte {at}");
                marks += 1;
            }
            assert_eq!(marks, written.matches('@').count());
            assert_eq!(
                offset(written, usize::MAX),
                written.len() - if written.starts_with(r#"""""#) || written.starts_with("'''") { 3 } else { 1 }
            );
        }
    }
}

//! How deep a text nests its expression, told before it is parsed: a rule's stack is small, and the parser recurses.
//!
//! What is told is never less than the depth of the syntax: every bracket, dot and operator counts where it can have something
//! within it. Arguments do not lie within one another, and what `&&` and `||` join is halved again and again.

/// How deep brackets may be within one another.
pub(super) const MAX_BRACKETS: usize = 32;
/// How deep what they hold may be, with them.
pub(super) const MAX_DEPTH: usize = 160;
/// How to nest less.
pub(super) const NESTED_FIX: &str = "name parts of it under `let`";

/// What stands between two brackets, or all.
#[derive(Default)]
struct Level {
    /// Dots and operators since the last `,`, `&&`, `||`, `?` or `:`.
    links: usize,
    /// The deepest bracket among them.
    inner: usize,
    /// The deepest of what came before, in the same argument.
    deepest: usize,
    /// How often `?` and `:` part the argument: each part lies within the one before.
    choices: usize,
    /// How many terms `&&` and `||` join in the argument.
    terms: usize,
    /// The deepest argument before.
    before: usize,
}

impl Level {
    fn depth(&self) -> usize {
        let terms = usize::try_from(self.terms.checked_ilog2().map_or(0, |halvings| halvings + 1)).unwrap_or(0);
        self.before.max(self.deepest.max(self.links + self.inner) + self.choices + terms)
    }

    fn end_part(&mut self) {
        self.deepest = self.deepest.max(self.links + self.inner);
        (self.links, self.inner) = (0, 0);
    }

    fn end_argument(&mut self) {
        *self = Self { before: self.depth(), ..Self::default() };
    }
}

/// Where `text` begins to be nested too deep, if it is.
pub(super) fn too_deep(text: &str) -> Option<usize> {
    // Nearly all texts are too short for that, and a rule reads its own for every batch.
    let brackets = || text.bytes().filter(|byte| matches!(byte, b'(' | b'[' | b'{')).count();
    if text.len() <= MAX_DEPTH && brackets() <= MAX_BRACKETS {
        return None;
    }
    let mut levels = vec![Level::default()];
    let mut rest = text.as_bytes();
    while let [first, ..] = rest {
        let at = text.len() - rest.len();
        let is_within = levels.len() > 1;
        let level = levels.last_mut()?;
        let taken = match (first, &rest[1..]) {
            (b'/', [b'/', ..]) => rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()),
            (b'\'' | b'"', _) => literal(rest),
            (b'r' | b'R', [b'\'' | b'"', ..]) => raw_literal(rest),
            (b'&', [b'&', ..]) | (b'|', [b'|', ..]) => {
                level.end_part();
                level.terms += 1;
                2
            }
            (b'.', [b'?', ..]) => {
                level.links += 1;
                2
            }
            (b'=' | b'!' | b'<' | b'>', [b'=', ..]) => {
                level.links += 1;
                2
            }
            (b'.' | b'+' | b'-' | b'*' | b'/' | b'%' | b'!' | b'<' | b'>', _) => {
                level.links += 1;
                1
            }
            (b'?' | b':', _) => {
                level.end_part();
                level.choices += 1;
                1
            }
            (b',', _) => {
                level.end_argument();
                1
            }
            (b'(' | b'[' | b'{', _) => {
                level.links += 1;
                levels.push(Level::default());
                1
            }
            (b')' | b']' | b'}', _) if is_within => {
                let inner = levels.pop().map_or(0, |level| level.depth());
                let outer = levels.last_mut()?;
                outer.inner = outer.inner.max(inner);
                1
            }
            (byte, _) if byte.is_ascii_alphanumeric() || *byte == b'_' => {
                let word = rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
                let word = word.unwrap_or(rest.len());
                level.links += usize::from(&rest[..word] == b"in");
                word
            }
            _ => 1,
        };
        rest = &rest[taken..];
        if levels.len() > MAX_BRACKETS + 1 || levels.last()?.depth() > MAX_DEPTH {
            return Some(at);
        }
    }
    None
}

/// The length of the text in quotes that `rest` begins with.
fn literal(rest: &[u8]) -> usize {
    let quotes = quotes(rest);
    let mut at = quotes.len();
    while at < rest.len() && !rest[at..].starts_with(quotes) {
        at += if rest[at] == b'\\' { 2 } else { 1 };
    }
    (at + quotes.len()).min(rest.len())
}

/// The same of one in which a backslash is itself.
fn raw_literal(rest: &[u8]) -> usize {
    let quotes = quotes(&rest[1..]);
    let start = 1 + quotes.len();
    let within = rest[start..].windows(quotes.len()).position(|bytes| bytes == quotes);
    within.map_or(rest.len(), |within| start + within + quotes.len())
}

/// One quote or three.
fn quotes(rest: &[u8]) -> &[u8] {
    let is_three = rest.len() >= 3 && rest[..3].iter().all(|byte| *byte == rest[0]);
    &rest[..if is_three { 3 } else { 1 }]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(text: &str) -> usize {
        let longer = |more: usize| too_deep(&format!("{text}{}", "+1".repeat(more))).is_some();
        (0..=MAX_DEPTH + 1).find(|more| longer(*more)).map_or(0, |more| MAX_DEPTH + 1 - more)
    }

    #[test]
    fn whatever_lies_within_something_counts() {
        for (text, expected) in [
            ("1", 0),
            ("1 + 2 * 3", 2),
            ("a.b.?c.d()", 4),
            ("f(1 + 2, 3 + 4)", 2),
            ("f(g(h(1)))", 3),
            ("[1, [2 + 3]]", 3),
            ("a <= b", 1),
            ("1 in [2]", 2),
            ("'((((' + \"....\" + r'\\' + '''a'(''' // ((((\n", 3),
            ("'a\\'(('", 0),
        ] {
            assert_eq!(depth(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_too_deep_is_told_where_it_becomes_so() {
        let at = |text: &str| too_deep(text);
        assert_eq!(at(&"(".repeat(MAX_BRACKETS)), None);
        assert_eq!(at(&"(".repeat(MAX_BRACKETS + 1)), Some(MAX_BRACKETS));
        assert_eq!(at(&format!("1{}", "+1".repeat(MAX_DEPTH + 1))), Some(2 * MAX_DEPTH + 1));
        let chain = |many: usize| "x?1:".repeat(many) + "2";
        assert_eq!((at(&chain(MAX_DEPTH / 2)), at(&chain(MAX_DEPTH / 2 + 1)).is_some()), (None, true));
        // What `&&` joins is no deeper for being long.
        assert_eq!(at(&format!("x.a{}", "&&x.a".repeat(800))), None);
        assert_eq!(at(&format!("[1{}]", ",1".repeat(800))), None);
    }

    #[test]
    fn whatever_it_is_given_it_ends() {
        for text in ["", "'", "r'", "'''", "\\", "'\\", ")))", "é'é", "r", "//"] {
            assert_eq!(too_deep(text), None, "{text}");
        }
    }
}

//! From the text of an expression to its syntax, and to where each part of it stands.

use super::{
    checked::Mistake,
    depth::{self, MAX_BRACKETS, NESTED_FIX, too_deep},
    names::{CE_PLUS, CE_PLUS_FIX, is_reserved},
    spelling::field_fix,
};
use cel::{
    IdedExpr,
    common::ast::{Expr, SourceInfo},
    parser::{ParseErrors, PrattParser},
};
use std::{ops::Range, sync::Arc};

/// Texts of the parser's that have a better one here.
const NOT_SELECTED: &str = "invalid argument to has() macro";

fn parser() -> PrattParser {
    PrattParser::new().enable_optional_syntax(true)
}

/// The syntax of `text`.
///
/// # Errors
/// The first mistake, at its place.
pub(super) fn parse(text: &str) -> Result<IdedExpr, Mistake> {
    match too_deep(text) {
        Some(at) => Err(nested(text, at)),
        None => parser().parse(text).map_err(|errors| syntax_error(text, &errors)),
    }
}

fn nested(text: &str, start: usize) -> Mistake {
    let message =
        format!("brackets and what is in them are nested more than {MAX_BRACKETS} or {} deep", depth::MAX_DEPTH);
    Mistake { at: start..after(text, start), message, fix: NESTED_FIX.to_owned() }
}

/// Where the character at `start` ends.
fn after(text: &str, start: usize) -> usize {
    text[start..].chars().next().map_or(text.len(), |c| start + c.len_utf8())
}

fn syntax_error(text: &str, errors: &ParseErrors) -> Mistake {
    let (position, message) = errors.errors.first().map_or(((1, 1), ""), |error| (error.pos, error.msg.as_str()));
    let start = offset(text, position);
    if message == NOT_SELECTED {
        if let Some((at, name)) = dashed_name(text, start) {
            let fix = format!("write `.field('{name}').hasValue()` for `has` of that field");
            return Mistake { message: format!("`{name}` is read as a difference"), at, fix };
        }
        let fix = "write `….hasValue()`; `has` asks for a field, as `has(x.y)`";
        return Mistake {
            at: start..words_at(text, start)[0].end,
            message: "this is no field".into(),
            fix: fix.into(),
        };
    }
    let message = message.strip_prefix("Syntax error: ").unwrap_or(message).replace(": ", " ");
    let message = format!("this is no CEL ({message})");
    if let Some((at, fix)) = foreign_operator(text, start) {
        return Mistake { at, message, fix };
    }
    if let Some((at, name)) = reserved_field(text, start) {
        let message = format!("CEL keeps the word `{name}` for itself");
        return Mistake { fix: field_fix(name), at, message };
    }
    let [_, word] = words_at(text, start);
    if text[start..].starts_with('(') && text[..word.start].trim_end().ends_with(".?") {
        let name = &text[word.clone()];
        return Mistake {
            message: format!("`.?{name}` is a field, and no call"),
            fix: format!("write `.{name}(…)`"),
            at: word,
        };
    }
    if let Some(start) = text.find("?.").filter(|_| message.contains("conditional")) {
        return Mistake { at: start..start + 2, message, fix: "write `.?` for `?.`".into() };
    }
    if let Some((at, fix)) = foreign_sign(text, start) {
        return Mistake { at, message, fix };
    }
    Mistake { at: start..after(text, start), message, fix: "correct the expression here".into() }
}

/// The name with dashes after a dot, of which a dash stands at `start`.
fn dashed_name(text: &str, start: usize) -> Option<(Range<usize>, &str)> {
    let is_of_name = |c: char| is_letter(c) || c == '-';
    let begins = text[..start].trim_end_matches(is_of_name).len();
    let ends = start + text[start..].find(|c| !is_of_name(c)).unwrap_or(text.len() - start);
    let is_field = text[start..].starts_with('-') && text[..begins].ends_with('.');
    is_field.then(|| (begins..ends, &text[begins..ends]))
}

/// The word after a dot, at `start` or before it, that can be no name in CEL.
fn reserved_field(text: &str, start: usize) -> Option<(Range<usize>, &str)> {
    words_at(text, start).into_iter().find_map(|at| {
        let name = &text[at.clone()];
        let before = text[..at.start].trim_end();
        let is_field = before.strip_suffix('?').unwrap_or(before).ends_with('.');
        (is_reserved(name) && is_field).then_some((at, name))
    })
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The word that begins at `start`, and the one that ends before it.
fn words_at(text: &str, start: usize) -> [Range<usize>; 2] {
    let before = text[..start].trim_end();
    let begins = before.trim_end_matches(is_letter).len();
    let ends = start + text[start..].find(|c| !is_letter(c)).unwrap_or(text.len() - start);
    [start..ends, begins..before.len()]
}

/// The word that begins at `start` or ends before it, if other languages have it for an operator, and what to write here.
fn foreign_operator(text: &str, start: usize) -> Option<(Range<usize>, String)> {
    words_at(text, start).into_iter().find_map(|at| {
        let word = &text[at.clone()];
        let fix = match &*word.to_ascii_lowercase() {
            "and" => format!("write `&&` for `{word}`"),
            "or" => format!("write `||` for `{word}`"),
            "not" => format!("write `!` for `{word}`"),
            "if" => format!("write `condition ? value : other` for `{word}`"),
            "like" => format!("write `x.startsWith('…')`, `x.endsWith('…')` or `x.contains('…')` for `{word}`"),
            "is" => format!("write `==` for `{word}`, and `!has(x.y)` for `{word} null`"),
            "between" => format!("write `x >= 1 && x <= 2` for `{word}`"),
            "day" | "days" => format!("leave `{word}` out, as in `days_after(today, 30)`"),
            "month" | "months" => format!("leave `{word}` out, as in `months_after(today, 12)`"),
            _ => return None,
        };
        Some((at, fix))
    })
}

/// The signs around `start` that other languages or people have, and what to do about them.
fn foreign_sign(text: &str, start: usize) -> Option<(Range<usize>, String)> {
    let is_sign = |c: char| "=<>&|!%?-~.".contains(c);
    let before = text[..start].trim_end();
    if before.ends_with(CE_PLUS) {
        return Some((before.len() - CE_PLUS.len()..before.len(), CE_PLUS_FIX.to_owned()));
    }
    let begins = |end: usize| text[..end].trim_end_matches(is_sign).len();
    let ends = start + text[start..].find(|c| !is_sign(c)).unwrap_or(text.len() - start);
    [begins(start)..ends, begins(before.len())..before.len()].into_iter().find_map(|at| {
        let sign = &text[at.clone()];
        let number = text[..at.start].rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        let fix = match sign {
            "=" | "===" => format!("write `==` for `{sign}`"),
            "<>" | "!==" | "~=" | "=!" => format!("write `!=` for `{sign}`"),
            "=<" => "write `<=` for `=<`".to_owned(),
            "=>" | "->" if is_parameter(&text[..at.start]) => format!("write `,` for `{sign}`"),
            "=>" => "write `>=` for `=>`".to_owned(),
            "&" => "write `&&` for `&`".to_owned(),
            "|" => "write `||` for `|`".to_owned(),
            "->" => "write `&&` and the second condition, or `condition ? value : other`".to_owned(),
            "%" if !number.is_empty() => format!(
                "write a whole number in the field's own unit, as `{number}00` in basis points or `{number}0000` in millionths"
            ),
            "=~" | "~" => format!("write `x.contains('…')` for `{sign}`, since there are no patterns"),
            _ => return None,
        };
        Some((at, fix))
    })
}

/// Whether a text ends with a bracket and one name, as what other languages give to `filter`.
fn is_parameter(text: &str) -> bool {
    let text = text.trim_end();
    let begins = text.trim_end_matches(is_letter).len();
    begins < text.len() && text[..begins].trim_end().ends_with('(')
}

/// The byte at a line and a column (of bytes), both from 1.
fn offset(text: &str, (line, column): (isize, isize)) -> usize {
    let place = |number: isize| usize::try_from(number - 1).unwrap_or(0);
    let before: usize = text.split_inclusive('\n').take(place(line)).map(str::len).sum();
    text.floor_char_boundary((before + place(column)).min(text.len()))
}

/// Where the parts of `text` stand. The parser keeps that for errors only, so it is given one: a bracket after the end.
pub(super) struct Places<'t> {
    text: &'t str,
    info: Option<Arc<SourceInfo>>,
}

impl<'t> Places<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let failed = parser().parse(&format!("{text}\n)")).err();
        let info = failed.into_iter().flat_map(|errors| errors.errors).find_map(|error| error.source_info);
        Self { text, info }
    }

    /// The token that stands for `expression`: the name of what is called or selected, the operator, the literal.
    pub(super) fn of_part(&self, expression: &IdedExpr) -> Range<usize> {
        let Some((start, end)) = self.info.as_ref().and_then(|info| info.offset_for(expression.id)) else {
            return 0..self.text.len();
        };
        let place = |at: u32| usize::try_from(at).unwrap_or(usize::MAX).min(self.text.len());
        let (start, end) = (place(start), place(end));
        match &expression.expr {
            Expr::Select(select) => self.forwards(start, &select.field),
            Expr::Call(call) if call.target.is_some() => self.backwards(start, &call.func_name),
            _ => None,
        }
        .unwrap_or(start..end)
    }

    /// The field's name, which stands after a dot.
    fn forwards(&self, from: usize, word: &str) -> Option<Range<usize>> {
        let mut places =
            self.text.get(from..)?.match_indices(word).map(|(start, _)| from + start..from + start + word.len());
        let is_field = |place: &Range<usize>| {
            let goes_on = self.text[place.end..].starts_with(is_letter);
            !goes_on && self.text[..place.start].trim_end().ends_with('.')
        };
        places.find(is_field)
    }

    fn backwards(&self, to: usize, word: &str) -> Option<Range<usize>> {
        let start = self.text.get(..to)?.rfind(word)?;
        Some(start..start + word.len())
    }
}

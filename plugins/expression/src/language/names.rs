//! Which names can stand in an expression as they are; the others stand in quotes.

use cel::{
    IdedExpr,
    common::ast::{Expr, LiteralValue},
};

/// Words that CEL keeps for itself.
const RESERVED: &[&str] = &[
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "true",
    "var",
    "void",
    "while",
];

/// What certificates of Cyber Essentials Plus are called elsewhere.
pub(super) const CE_PLUS: &str = "cyber.ce+";
/// What they are called here.
pub(super) const CE_PLUS_FIX: &str = "write `cyber.ceplus` for `cyber.ce+`";

/// Whether a name can stand in an expression as it is.
pub(super) fn is_written(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(letter)
        && !is_reserved(name)
}

/// Whether CEL takes it for something else than a name.
pub(super) fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

/// The name that CEL cannot write as it is and that begins with `word`: `fire` of `fire-safety` is taken for the whole. The longest
/// that `rest` begins with is meant, or else any.
pub(super) fn begun_by(word: &str, known: &[&'static str], rest: &str) -> Option<&'static str> {
    let begins = |name: &&&'static str| name.strip_prefix(word).is_some_and(|more| more.starts_with(['-', '.']));
    let begun = || known.iter().filter(begins).copied();
    begun().filter(|name| rest.starts_with(name)).max_by_key(|name| name.len()).or_else(|| begun().next())
}

/// The text in quotes that it is.
pub(super) fn quoted(expression: &IdedExpr) -> Option<&str> {
    match &expression.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}

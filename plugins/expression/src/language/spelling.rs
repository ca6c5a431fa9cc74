//! How mistakes are worded: what was meant, and how one thing becomes another.

use super::types::Base;
use std::fmt::Display;
use strsim::levenshtein;

/// How to make one of the other.
pub(super) fn fix_for(of: Base, wanted: Base) -> &'static str {
    match (of.plain(), wanted.plain()) {
        (Base::Date, Base::Instant) | (Base::Instant, Base::Date) => {
            "write date_of(…) of the instant, or start_of(…) of the day"
        }
        (Base::Int, Base::Text) | (Base::Text, Base::Int) => {
            "compare a number with one without quotes, and a text with one in quotes"
        }
        (Base::Decimal, Base::Int) | (Base::Int, Base::Decimal) => {
            "write `scaled(x, 100)` of the decimal, which is so many times it and whole"
        }
        (Base::Date, Base::Text) | (Base::Text, Base::Date) => "write a day as date('2026-05-09')",
        (Base::Name, Base::Text) | (Base::Text, Base::Name) => {
            "a name is compared with a text in quotes or another name"
        }
        (_, Base::Bool) => "ask something of it, as `== …`",
        _ => "use two values of one type",
    }
}

/// How a field is read whose name CEL takes for something else.
pub(super) fn field_fix(name: &str) -> String {
    format!("write `.field('{name}')` for the field of that name")
}

/// How a kind is named whose name CEL takes for something else.
pub(super) fn kind_fix(name: &str) -> String {
    format!("write `kind('{name}')` for the kind of that name")
}

/// A type as a sentence names one of it: `an int`.
pub(super) fn with_article(of: impl Display) -> String {
    let name = of.to_string();
    let article = if name.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {name}")
}

/// The word of `known` that `word` is most likely a slip of.
pub(crate) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let tolerated = (word.chars().count() / 3).max(1);
    let near = known.iter().map(|candidate| (levenshtein(word, candidate), *candidate));
    near.filter(|(distance, _)| *distance <= tolerated).min_by_key(|(distance, _)| *distance).map(|(_, near)| near)
}

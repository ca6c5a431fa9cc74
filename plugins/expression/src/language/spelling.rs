//! How mistakes are worded: what was meant, and how one thing becomes another.

use super::types::{Base, Field, Many};
use std::fmt::Display;
use strsim::osa_distance;
use tierwatch_identifiers::country;

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
        (Base::PerCent, Base::Int) | (Base::Int, Base::PerCent) => {
            "compare the basis points themselves, as 2500 for 25 %, since `per_cent` is for messages"
        }
        (Base::Instant, Base::Text) | (Base::Text, Base::Instant) => {
            "write an instant as start_of(date('2026-05-09')), or compare its day, as date_of(…)"
        }
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

/// How to ask whether a list of `base` holds `element`.
pub(super) fn fix_for_element(element: &str, list: &str, base: Base) -> String {
    let Base::Record(record) = base else { return format!("write `{element} in {list}`") };
    let is_called =
        |field: &&Field| field.of.many == Many::One && matches!(field.of.base.plain(), Base::Name | Base::Text);
    match record.fields.iter().find(is_called) {
        Some(field) => format!("ask of each, as `{list}.exists(x, x.{} == {element})`", field.name),
        None => format!("ask of each, as `{list}.exists(x, …)`"),
    }
}

/// A type as a sentence names one of it: `an int`.
pub(super) fn with_article(of: impl Display) -> String {
    let name = of.to_string();
    let article = if name.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {name}")
}

/// The word of `known` that `word` is most likely a slip of, and not itself: but for its case, as another names the nation that it
/// begins with, as the last part of one, or but for a few letters.
pub(crate) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let known: Vec<&str> = known.iter().copied().filter(|known| *known != word).collect();
    let plain = |word: &str| word.to_lowercase().replace(['-', ' '], "_");
    let same = |wanted: &str| known.iter().copied().find(|known| plain(known) == plain(wanted));
    let (nation, rest) = word.split_once(':').map_or((word, ""), |(nation, _)| (nation, &word[nation.len()..]));
    let in_nation = || same(&format!("{}{rest}", country::alpha_2(nation).ok()?));
    let last = || {
        let is_last =
            |known: &&&str| known.rsplit(['.', ':', '-']).next().is_some_and(|last| plain(last) == plain(word));
        let mut ending = known.iter().filter(is_last);
        ending.next().copied().filter(|_| ending.next().is_none())
    };
    let slip = || {
        let tolerated = (word.chars().count() / 3).max(1);
        let near = known.iter().map(|candidate| (osa_distance(word, candidate), *candidate));
        near.filter(|(distance, _)| *distance <= tolerated).min_by_key(|(distance, _)| *distance).map(|(_, near)| near)
    };
    same(word).or_else(in_nation).or_else(last).or_else(slip)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_led_to_the_word_that_is_meant() {
        let known = ["GB", "US", "GB:SC", "US:SECRET", "cyber.ce", "entity.profile", "end_of_life", "in-force"];
        for (word, expected) in [
            ("UK", Some("GB")),
            ("uk", Some("GB")),
            ("usa", Some("US")),
            ("SC", Some("GB:SC")),
            ("UK:SC", Some("GB:SC")),
            ("GB:sc", Some("GB:SC")),
            ("Secret", Some("US:SECRET")),
            ("Cyber.CE", Some("cyber.ce")),
            ("profile", Some("entity.profile")),
            ("end-of-life", Some("end_of_life")),
            ("in-forse", Some("in-force")),
            ("in-froce", Some("in-force")),
            ("nothing", None),
        ] {
            assert_eq!(nearest(word, &known), expected, "{word}");
        }
        assert_eq!(nearest("GB", &["GB", "GBX"]), Some("GBX"), "never itself");
    }
}

//! Which known word an unknown one was meant to be.

use strsim::osa_distance;

/// Most choices that a refusal lists.
const MAX_CHOICES_SHOWN: usize = 20;
/// The shortest part of a word that counts as a match.
const MIN_PART_CHARS: usize = 3;
/// The shortest word that is compared with one word of a name; a slip of so many letters more is tolerated for each time that it is so long.
const MIN_SLIP_CHARS: usize = 4;

/// The sentence about a word that names nothing, with the known words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnknownWord(String);

/// The words of `known` that `word` may be a slip or a part of, or a slip of a part of, the nearest first; of those equally near
/// the first of `known`. Case does not count.
fn near<'k>(word: &str, known: &[&'k str]) -> Vec<&'k str> {
    let lower = word.to_lowercase();
    let length = lower.chars().count();
    // A third of the word, at least two: `wieght` is a swap, which counts two.
    let tolerated = (length / 3).max(2);
    let distance = |candidate: &str| {
        let candidate = candidate.to_lowercase();
        let other = candidate.chars().count();
        let slip = (length.abs_diff(other) <= tolerated).then(|| osa_distance(&lower, &candidate));
        let is_part = (length >= MIN_PART_CHARS && candidate.contains(&lower))
            || (other >= MIN_PART_CHARS && lower.starts_with(&candidate));
        let part = is_part.then(|| length.abs_diff(other) + tolerated);
        let slip = slip.filter(|distance| *distance <= tolerated && *distance < other).or(part);
        slip.or_else(|| Some(slip_of_part(&lower, &candidate)? + other + tolerated))
    };
    let mut near: Vec<(usize, &str)> =
        known.iter().filter_map(|candidate| Some((distance(candidate)?, *candidate))).collect();
    near.sort_by_key(|(distance, _)| *distance);
    near.into_iter().map(|(_, candidate)| candidate).collect()
}

/// How far `word` is from the nearest word of a name of several, where that is near: `kestral` from `PROGRAMME:KESTREL`.
fn slip_of_part(word: &str, name: &str) -> Option<usize> {
    let length = word.chars().count();
    if length < MIN_SLIP_CHARS {
        return None;
    }
    let parts = name.split(|c: char| !c.is_alphanumeric()).filter(|part| part.chars().count() >= MIN_SLIP_CHARS);
    parts.map(|part| osa_distance(word, part)).filter(|distance| *distance <= length / MIN_SLIP_CHARS).min()
}

/// The word of `known` that `word` is most likely a slip of; `None` when none is near. Ties go to the first.
#[must_use]
pub fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    near(word, known).into_iter().next()
}

/// The word of `known` that equals `word`. `list` says what lists them all, where they are too many to show.
///
/// # Errors
/// When it is none of them: the known words, similar ones first.
pub fn among<'k>(what: &str, word: &str, known: &[&'k str], list: &str) -> Result<&'k str, UnknownWord> {
    known.iter().find(|one| **one == word).copied().ok_or_else(|| unknown(what, word, known, list))
}

/// Says that there is no `what` called `word`, and which there are: similar ones first, then the others.
#[must_use]
pub fn unknown(what: &str, word: &str, known: &[&str], list: &str) -> UnknownWord {
    let many = known.len() > MAX_CHOICES_SHOWN;
    let mut known = known.to_vec();
    if many {
        // What is many comes in any order: each command suggests the same.
        known.sort_unstable();
        known.dedup();
    }
    let near = near(word, &known);
    let text = format!("there is no {what} `{word}`");
    if known.is_empty() {
        return UnknownWord(format!("{text}, nor any other: {list}"));
    }
    let others = known.iter().filter(|one| !many && !near.contains(one));
    let choices: Vec<&str> = near.iter().chain(others).copied().take(MAX_CHOICES_SHOWN).collect();
    let all = if many { format!("; {list}") } else { String::new() };
    let choices = choices.join(", ");
    UnknownWord(match near.as_slice() {
        [] if many => format!("{text}: {list}"),
        [] => format!("{text}: name one of {choices}"),
        [nearest] if many => format!("{text}: did you mean `{nearest}`? If not, {list}"),
        [nearest, ..] => format!("{text}: did you mean `{nearest}`? There are {choices}{all}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word() {
        let check = |word, expected| assert_eq!(nearest(word, &["enabled", "weight", "gate"]), expected, "{word}");
        check("wieght", Some("weight"));
        check("weight_bp", Some("weight"));
        check("enable", Some("enabled"));
        check("WEIGHT", Some("weight"));
        check("gates", Some("gate"));
        check("weight_in_points", Some("weight"));
        check("threshold", None);
        check("", None);
        let names = ["Otterstoke Forgings Ltd", "Kettlewell Castings", "PROGRAMME:KESTREL"];
        let check = |word, expected| assert_eq!(nearest(word, &names), expected, "{word}");
        check("Oterstoke", Some("Otterstoke Forgings Ltd"));
        check("kestral", Some("PROGRAMME:KESTREL"));
        check("Forgins", Some("Otterstoke Forgings Ltd"));
        check("Ltx", None);
    }

    #[test]
    fn a_refusal_names_the_choices_with_the_near_ones_first() {
        let bands = ["low", "moderate", "high", "critical"];
        let check =
            |word, expected| assert_eq!(unknown("band", word, &bands, "the policy has them").to_string(), expected);
        check("hihg", "there is no band `hihg`: did you mean `high`? There are high, low, moderate, critical");
        check("LOW", "there is no band `LOW`: did you mean `low`? There are low, moderate, high, critical");
        check("severe-est", "there is no band `severe-est`: name one of low, moderate, high, critical");
        check("crit", "there is no band `crit`: did you mean `critical`? There are critical, low, moderate, high");
        let none = unknown("band", "x", &[], "write one").to_string();
        assert_eq!(none, "there is no band `x`, nor any other: write one");
        assert_eq!(among("band", "low", &bands, ""), Ok("low"));
        let many: Vec<String> = (0..30).map(|number| format!("region {number}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let said = unknown("region", "regoin 29", &many, "`tierwatch groups --by region` lists them").to_string();
        assert!(
            said.starts_with("there is no region `regoin 29`: did you mean `region 29`? There are region 29"),
            "{said}"
        );
        assert!(said.ends_with("; `tierwatch groups --by region` lists them"), "{said}");
        let none = unknown("region", "elsewhere", &many, "`tierwatch groups --by region` lists them").to_string();
        assert_eq!(none, "there is no region `elsewhere`: `tierwatch groups --by region` lists them");
    }
}

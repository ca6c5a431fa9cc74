//! Which known word an unknown one was meant to be.

use strsim::levenshtein;

/// The word of `known` that `word` is most likely a slip of; `None` when none is near. Ties go to the first.
pub fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    // A third of the word, at least two: `wieght` is a swap, which counts two.
    let tolerated = (word.chars().count() / 3).max(2);
    let near = known.iter().map(|candidate| (levenshtein(word, candidate), *candidate));
    near.filter(|(distance, _)| *distance <= tolerated).min_by_key(|(distance, _)| *distance).map(|(_, near)| near)
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
        check("gates", Some("gate"));
        check("threshold", None);
        check("", None);
    }
}

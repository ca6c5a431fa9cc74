//! Which known word an unknown one was meant to be.

/// The word of `known` that `word` is most likely a slip of; `None` when none is near. Ties go to the first.
pub(super) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    // A third of the word, at least two: `wieght` is a swap, which counts two.
    let tolerated = (word.chars().count() / 3).max(2);
    let near = known.iter().map(|candidate| (distance(word, candidate), *candidate));
    near.filter(|(distance, _)| *distance <= tolerated).min_by_key(|(distance, _)| *distance).map(|(_, near)| near)
}

/// Levenshtein's distance: insertions, deletions and substitutions of characters.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (deleted, from) in left.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], deleted + 1);
        for (column, to) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(from != *to);
            diagonal = row[column + 1];
            row[column + 1] = substituted.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
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

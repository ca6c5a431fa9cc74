//! The words for a country, read as its two letters of ISO 3166-1: registers write `GB`, `GBR`, `UK`, `United Kingdom` and
//! `England` for one country, and an owner from `China` is from `CN`.

use std::{collections::HashMap, sync::LazyLock};

/// One country on each line: alpha-2, alpha-3, then its names, the first one the English short name of ISO 3166-1.
const COUNTRIES: &str = include_str!("countries.txt");

/// Most characters of a refused word that an error shows.
const MAX_SHOWN_CHARS: usize = 64;

/// The word names no country.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no country: write its two or three letters of ISO 3166-1, as GB or GBR, or its English short name there"
)]
pub struct NotACountry(String);

/// The two letters of the country that `word` names, whatever its case.
///
/// # Errors
/// [`NotACountry`] when it names none.
pub fn alpha_2(word: &str) -> Result<&'static str, NotACountry> {
    static BY_KEY: LazyLock<HashMap<String, &str>> = LazyLock::new(|| keys(COUNTRIES).collect());
    BY_KEY.get(&key(word)).copied().ok_or_else(|| NotACountry(word.chars().take(MAX_SHOWN_CHARS).collect()))
}

/// Every word of the table, with the two letters of its country.
fn keys(table: &'static str) -> impl Iterator<Item = (String, &'static str)> {
    table.lines().flat_map(|line| {
        let (alpha_2, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (alpha_3, names) = rest.split_once(' ').unwrap_or((rest, ""));
        [alpha_2, alpha_3].into_iter().chain(names.split("; ")).map(move |word| (key(word), alpha_2))
    })
}

/// A word without differences of spelling: case, accents, points and brackets, `the` and `and`.
fn key(word: &str) -> String {
    let plain = word.chars().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).flat_map(char::to_uppercase);
    let plain: String = plain.map(without_accent).collect();
    let words = || plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    // A single word is kept as it is: AND is Andorra.
    let is_one = words().nth(1).is_none();
    words().filter(|word| is_one || !["THE", "AND"].contains(word)).collect()
}

/// A capital letter of Unicode's Latin-1 and Latin Extended-A, of Romanian or of Vietnamese, without its diacritics.
fn without_accent(c: char) -> char {
    match c {
        'À'..='Å' | 'Ā' | 'Ă' | 'Ą' | 'Ạ'..='Ặ' => 'A',
        'Ç' | 'Ć' | 'Ĉ' | 'Ċ' | 'Č' => 'C',
        'Ď' | 'Đ' => 'D',
        'È'..='Ë' | 'Ē' | 'Ĕ' | 'Ė' | 'Ę' | 'Ě' | 'Ẹ'..='Ệ' => 'E',
        'Ĝ' | 'Ğ' | 'Ġ' | 'Ģ' => 'G',
        'Ĥ' | 'Ħ' => 'H',
        'Ì'..='Ï' | 'Ĩ' | 'Ī' | 'Ĭ' | 'Į' | 'İ' | 'Ỉ'..='Ị' => 'I',
        'Ĵ' => 'J',
        'Ķ' => 'K',
        'Ĺ' | 'Ļ' | 'Ľ' | 'Ŀ' | 'Ł' => 'L',
        'Ñ' | 'Ń' | 'Ņ' | 'Ň' => 'N',
        'Ò'..='Ö' | 'Ø' | 'Ō' | 'Ŏ' | 'Ő' | 'Ơ' | 'Ọ'..='Ợ' => 'O',
        'Ŕ' | 'Ŗ' | 'Ř' => 'R',
        'Ś' | 'Ŝ' | 'Ş' | 'Š' | 'Ș' => 'S',
        'Ţ' | 'Ť' | 'Ŧ' | 'Ț' => 'T',
        'Ù'..='Ü' | 'Ũ' | 'Ū' | 'Ŭ' | 'Ů' | 'Ű' | 'Ų' | 'Ư' | 'Ụ'..='Ự' => 'U',
        'Ŵ' => 'W',
        'Ý' | 'Ŷ' | 'Ÿ' | 'Ỳ'..='Ỹ' => 'Y',
        'Ź' | 'Ż' | 'Ž' => 'Z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_registers_are_two_letters() {
        for (word, expected) in [
            ("GB", "GB"),
            ("gb", "GB"),
            ("GBR", "GB"),
            ("UK", "GB"),
            ("u.k.", "GB"),
            ("England", "GB"),
            ("SCOTLAND", "GB"),
            ("wales", "GB"),
            ("Northern Ireland", "GB"),
            ("United Kingdom", "GB"),
            ("United Kingdom of Great Britain and Northern Ireland (the)", "GB"),
            ("China", "CN"),
            ("cn", "CN"),
            ("CHN", "CN"),
            ("Russian Federation (the)", "RU"),
            ("Russia", "RU"),
            ("Iran (Islamic Republic of)", "IR"),
            ("Korea (the Democratic People's Republic of)", "KP"),
            ("Korea, Republic of", "KR"),
            ("The Netherlands", "NL"),
            ("U.S.A.", "US"),
            ("  United   States of America ", "US"),
            ("Cote d'Ivoire", "CI"),
            ("Cu\u{0301}ba", "CU"),
            ("TURKIYE", "TR"),
            ("türkiye", "TR"),
            ("São Tomé and Príncipe", "ST"),
            ("Sao Tome & Principe", "ST"),
            ("Sa\u{0303}o Tome\u{0301} and Pri\u{0301}ncipe", "ST"),
            ("MÉXICO", "MX"),
            ("Perú", "PE"),
            ("Việt Nam", "VN"),
            ("Saint-Barthélemy", "BL"),
            ("Åland Islands", "AX"),
            ("And", "AD"),
            ("Trinidad & Tobago", "TT"),
            ("Virgin Islands (British)", "VG"),
        ] {
            assert_eq!(alpha_2(word), Ok(expected), "{word}");
        }
        for word in ["", " ", "XX", "EU", "XK", "Atlantis", "Great", "GB-ENG", "Chinaa", "the", "GB\u{200b}x"] {
            let refused = alpha_2(word).expect_err(word).to_string();
            assert!(refused.ends_with("or its English short name there"), "{word}: {refused}");
        }
    }

    /// A diacritic never makes a different word.
    #[test]
    fn a_letter_is_the_same_with_its_accent() {
        // Letters that are not variants of others, and have other replacements.
        const OTHERS: &str = "ÆÐÞŊŒĲ";
        let capitals = ('À'..='Ž').flat_map(char::to_uppercase);
        for c in capitals.filter(|c| c.is_uppercase() && !OTHERS.contains(*c)) {
            assert!(c.is_ascii() || without_accent(c).is_ascii_uppercase(), "{c}");
        }
    }

    /// Every word stands for one country, and no country is missing.
    #[test]
    fn no_word_stands_for_two_countries() {
        assert_eq!(COUNTRIES.lines().count(), 249, "as many as ISO 3166-1 has");
        let mut seen = HashMap::new();
        for (key, alpha_2) in keys(COUNTRIES) {
            assert!(key.chars().all(|c| c.is_ascii_alphanumeric()), "{key} can be typed without accents");
            let before = seen.insert(key.clone(), alpha_2);
            assert!(before.is_none_or(|before| before == alpha_2), "{key}: {before:?} and {alpha_2}");
        }
        for line in COUNTRIES.lines() {
            let (two, three) = (&line[..2], &line[3..6]);
            assert_eq!((alpha_2(two), alpha_2(three)), (Ok(two), Ok(two)), "{line}");
        }
    }
}

//! The schemes that are built in, and the one spelling that each has for an identifier: upper case, with leading zeros.

/// The scheme of programmes: what the prime delivers, a root of the supply network.
pub const PROGRAMME_SCHEME: &str = "PROGRAMME";

/// The schemes that are always there; others are configured.
pub const BUILT_IN_SCHEMES: [&str; 6] = ["GB-COH", "XI-LEI", "US-SAM", "CAGE", "XI-DUNS", PROGRAMME_SCHEME];

/// Longest name of a scheme, in bytes.
const MAX_SCHEME_BYTES: usize = 32;

/// How long the identifiers of the built-in schemes are; a company number with its leading zeros.
const COMPANY_NUMBER_CHARS: usize = 8;
const LEI_CHARS: usize = 20;
const UEI_CHARS: usize = 12;
const CAGE_CHARS: usize = 5;
const DUNS_DIGITS: usize = 9;

/// Whether a scheme could be configured under this name.
#[must_use]
pub fn is_scheme(name: &str) -> bool {
    name.len() <= MAX_SCHEME_BYTES
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-')
        && !name.ends_with('-')
}

/// The built-in scheme that `name` is but for case, hyphens and the like.
#[must_use]
pub fn alike(name: &str) -> Option<&'static str> {
    let letters = |name: &str| name.replace(|c: char| !c.is_ascii_alphanumeric(), "").to_ascii_uppercase();
    BUILT_IN_SCHEMES.into_iter().find(|known| letters(known) == letters(name))
}

/// An identifier in the spelling of its built-in scheme; `None` where the scheme is none of these.
///
/// # Errors
/// What the scheme asks for.
#[must_use]
pub fn spelled(scheme: &str, id: &str) -> Option<Result<String, &'static str>> {
    Some(match scheme {
        "GB-COH" => company_number(id).ok_or("a company number is 8 characters: digits, or a known two-letter prefix and digits, after which some societies have letters and some partnerships an A"),
        "XI-LEI" => checked(id, is_lei).ok_or("an LEI is 18 letters or digits and 2 check digits (ISO 7064 mod 97-10): check for a mistyped character"),
        "US-SAM" => checked(id, is_uei).ok_or("a UEI is 12 letters or digits without I and O, and does not start with 0"),
        "CAGE" => checked(id, |id| id.len() == CAGE_CHARS && alphanumeric(id)).ok_or("a CAGE code is 5 letters or digits"),
        "XI-DUNS" => checked(id, |id| id.len() == DUNS_DIGITS && digits(id)).ok_or("a D-U-N-S number is 9 digits"),
        PROGRAMME_SCHEME => checked(id, is_programme).ok_or("a programme is named with letters, digits, `-`, `_` and `.`"),
        _ => return None,
    })
}

/// The built-in scheme whose identifier a text without one can only be: an LEI checks itself, and no firm is named by the eight
/// characters of a company number with at most two letters, or by nine digits.
#[must_use]
pub fn scheme_of(id: &str) -> Option<&'static str> {
    let upper = id.to_ascii_uppercase();
    let digits = id.bytes().filter(u8::is_ascii_digit).count();
    let is_of = |scheme: &&str| spelled(scheme, id).is_some_and(|spelled| spelled.as_deref() == Ok(&*upper));
    let is_number = digits + 2 >= COMPANY_NUMBER_CHARS;
    ["XI-LEI", "GB-COH", "XI-DUNS"].into_iter().filter(|scheme| is_number || *scheme == "XI-LEI").find(is_of)
}

/// Whether some identifier of a built-in scheme begins with `id`, which is in upper case.
#[must_use]
pub fn begins_identifier(scheme: &str, id: &str) -> bool {
    match scheme {
        "GB-COH" => begins_company_number(id),
        "XI-LEI" => begins_lei(id),
        "US-SAM" => id.len() <= UEI_CHARS && is_of_uei(id),
        "CAGE" => id.len() <= CAGE_CHARS && alphanumeric(id),
        "XI-DUNS" => id.len() <= DUNS_DIGITS && digits(id),
        _ => id.is_empty() || is_programme(id),
    }
}

fn checked(id: &str, valid: impl Fn(&str) -> bool) -> Option<String> {
    let upper = id.to_ascii_uppercase();
    valid(&upper).then_some(upper)
}

fn digits(id: &str) -> bool {
    id.bytes().all(|b| b.is_ascii_digit())
}

fn alphanumeric(id: &str) -> bool {
    id.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

/// Companies House: the two-letter prefixes of its register; plain numbers are of England and Wales.
const COMPANY_PREFIXES: [&str; 41] = [
    "AC", "CE", "CS", "EN", "ES", "FC", "FE", "GE", "GN", "GS", "IC", "IP", "LP", "NA", "NC", "NF", "NI", "NL", "NO",
    "NP", "NR", "NV", "NZ", "OC", "OE", "PC", "R0", "RC", "RS", "SA", "SC", "SE", "SF", "SG", "SI", "SL", "SO", "SP",
    "SR", "SZ", "ZC",
];

/// Prefixes of societies, whose numbers the registrar of mutuals gives: up to three letters may end them (`IP12345R`,
/// `SP1234RS`, `IP000CUS`).
const SOCIETY_PREFIXES: [&str; 6] = ["IP", "NO", "NP", "RS", "SO", "SP"];

/// Prefixes of partnerships and of Northern Ireland: an `A` may end the number (`SL00123A`).
const LETTERED_PREFIXES: [&str; 5] = ["LP", "NI", "NL", "SG", "SL"];

/// Most letters that end the number of a society.
const MAX_SOCIETY_LETTERS: usize = 3;

fn company_number(id: &str) -> Option<String> {
    let upper = id.to_ascii_uppercase();
    let (prefix, rest) = match upper.get(..2) {
        Some(prefix) if COMPANY_PREFIXES.contains(&prefix) => upper.split_at(2),
        _ => ("", upper.as_str()),
    };
    let number = rest.trim_end_matches(|c: char| c.is_ascii_uppercase());
    let letters = &rest[number.len()..];
    let ends_well = letters.is_empty()
        || (SOCIETY_PREFIXES.contains(&prefix) && letters.len() <= MAX_SOCIETY_LETTERS)
        || (LETTERED_PREFIXES.contains(&prefix) && letters == "A");
    let width = COMPANY_NUMBER_CHARS.checked_sub(prefix.len() + letters.len())?;
    let good = ends_well && (1..=width).contains(&number.len()) && digits(number);
    good.then(|| format!("{prefix}{number:0>width$}{letters}"))
}

/// Whether a company number begins with `id`: it is one when it is filled up, with zeros or with letters at its end.
fn begins_company_number(id: &str) -> bool {
    let is_begun_prefix = id.len() < 2 && COMPANY_PREFIXES.iter().any(|prefix| prefix.starts_with(id));
    let is_one_with = |fill: char| {
        let filled: String = id.chars().chain(std::iter::repeat(fill)).take(COMPANY_NUMBER_CHARS).collect();
        filled.starts_with(id) && company_number(&filled).as_deref() == Some(&filled)
    };
    is_begun_prefix || is_one_with('0') || is_one_with('A')
}

/// Whether an LEI begins with `id`: its check digits follow from what stands before them.
fn begins_lei(id: &str) -> bool {
    match id.len().checked_sub(LEI_CHARS - 2) {
        None | Some(0) => alphanumeric(id),
        Some(1) => ('0'..='9').any(|digit| is_lei(&format!("{id}{digit}"))),
        Some(_) => is_lei(id),
    }
}

/// ISO 17442: 18 characters and two check digits; letters count 10..=35, the whole mod 97 is 1 (ISO 7064).
fn is_lei(id: &str) -> bool {
    let shape = id.len() == LEI_CHARS && alphanumeric(id) && digits(&id[LEI_CHARS - 2..]);
    let remainder = id.bytes().fold(0u32, |remainder, byte| match byte {
        b'0'..=b'9' => (remainder * 10 + u32::from(byte - b'0')) % 97,
        _ => (remainder * 100 + u32::from(byte.saturating_sub(b'A')) + 10) % 97,
    });
    shape && remainder == 1
}

fn is_uei(id: &str) -> bool {
    id.len() == UEI_CHARS && is_of_uei(id)
}

fn is_of_uei(id: &str) -> bool {
    alphanumeric(id) && !id.contains(['I', 'O']) && !id.starts_with('0')
}

fn is_programme(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The forms that the register has beside plain numbers, each with what is not one.
    #[test]
    fn company_numbers_have_the_forms_of_their_register() {
        for (number, expected) in [
            ("IP12345R", Some("IP12345R")),
            ("ip123r", Some("IP00123R")),
            ("SP1234RS", Some("SP1234RS")),
            ("IP000CUS", Some("IP000CUS")),
            ("RS007643", Some("RS007643")),
            ("SL00123A", Some("SL00123A")),
            ("NI06543A", Some("NI06543A")),
            ("R0000123", Some("R0000123")),
            ("ZC000123", Some("ZC000123")),
            ("NZ000001", Some("NZ000001")),
            ("SC12345A", None),
            ("0123456A", None),
            ("SL0012AA", None),
            ("IP12ABCD", None),
            ("IPR", None),
            ("IP123456R", None),
            ("SL00123B", None),
            ("", None),
        ] {
            assert_eq!(company_number(number).as_deref(), expected, "{number}");
        }
    }
}

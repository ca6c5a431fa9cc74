//! Names and identifiers for organisations that do not exist.

use super::catalogue::{ENDINGS, STEMS};
use crate::model::Organisation;

/// Company numbers from here on are not handed out by Companies House (at its pace, not for a century).
const COMPANY_NUMBER_FIRST: u32 = 90_000_000;
/// CAGE codes from here on, read in base 36: `9A000`.
const CAGE_FIRST: u32 = 9 * 36 * 36 * 36 * 36 + 10 * 36 * 36 * 36;
/// Coprime to the number of name stems, so that neighbours have different names and no stem is used twice before all were
/// used once.
const STEM_STRIDE: usize = 277;
const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// `GB-COH:9…` of organisation `number`, at most 9 999 999.
pub(super) fn company(number: u32) -> Organisation {
    Organisation::checked_before(&format!("GB-COH:{}", COMPANY_NUMBER_FIRST + number))
}

/// `CAGE:9A…` of organisation `number`.
pub(super) fn cage(number: u32) -> Organisation {
    Organisation::checked_before(&format!("CAGE:{}", base36(CAGE_FIRST + number, 5)))
}

/// `XI-LEI:9999…` of organisation `number`, with its check digits (ISO 17442, ISO 7064 mod 97-10).
pub(super) fn lei(number: u32) -> Organisation {
    let body = format!("999900TIERW{}", base36(number, 7));
    let remainder = body.bytes().chain(*b"00").fold(0, |remainder, byte| match byte {
        b'0'..=b'9' => (remainder * 10 + u32::from(byte - b'0')) % 97,
        _ => (remainder * 100 + u32::from(byte - b'A') + 10) % 97,
    });
    Organisation::checked_before(&format!("XI-LEI:{body}{:02}", 98 - remainder))
}

/// `PROGRAMME:…`, with a number from the second round on.
pub(super) fn programme(name: &str, round: usize) -> Organisation {
    let suffix = if round == 0 { String::new() } else { format!("-{}", round + 1) };
    Organisation::checked_before(&format!("PROGRAMME:{name}{suffix}"))
}

/// The word, like the name of a place, that organisation `number` is named after; a number follows once all were used.
pub(super) fn stem(number: usize) -> String {
    let index = number * STEM_STRIDE % (STEMS.len() * ENDINGS.len());
    format!("{}{}", STEMS[index / ENDINGS.len()], ENDINGS[index % ENDINGS.len()])
}

/// How often all stems were used before organisation `number`.
pub(super) fn round(number: usize) -> usize {
    number / (STEMS.len() * ENDINGS.len())
}

fn base36(mut number: u32, width: usize) -> String {
    let mut text = vec![b'0'; width];
    for digit in text.iter_mut().rev() {
        *digit = DIGITS[(number % 36) as usize];
        number /= 36;
    }
    text.into_iter().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Identifiers;
    use std::collections::BTreeSet;

    #[test]
    fn identifiers_pass_their_schemes_checks() {
        let identifiers = Identifiers::default();
        for number in [0, 1, 42, 999, 123_456, 999_999, 1_999_999] {
            for organisation in [company(number), cage(number), lei(number)] {
                assert_eq!(identifiers.parse(organisation.as_str()), Ok(organisation));
            }
        }
        assert_eq!(cage(0).as_str(), "CAGE:9A000");
    }

    #[test]
    fn stems_come_once() {
        let count = STEMS.len() * ENDINGS.len();
        assert_eq!((0..count).map(stem).collect::<BTreeSet<_>>().len(), count);
        assert_eq!((round(count - 1), round(count)), (0, 1));
    }
}

//! Text in which digests, keys and signatures are replaced by the bytes that they spell.
//!
//! What is stored is JSON whose parts that no other row shares are mostly written in hexadecimal or base64: twice as long as
//! what they say, and in an envelope the whole statement is such a part, so that nothing in it looks like anything else.
//! Folded it is half as long and looks like the statements of its kind. Whatever bytes are folded come back.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// The byte that follows stands for itself, though it has the value of a mark.
const BYTE: u8 = 0;
/// A count and as many bytes follow, which stand for twice as many lower-case hexadecimal digits.
const HEXADECIMAL: u8 = 1;
/// What follows, up to [`END`], is folded itself, and stands for its base64.
const BASE64: u8 = 2;
/// The end of what is written in base64.
const END: u8 = 3;

/// Fewer digits are left as they are: they are a date or a number.
const MIN_HEXADECIMAL_DIGITS: usize = 16;
/// Fewer characters are left as they are: they are words.
const MIN_BASE64_CHARACTERS: usize = 40;
/// Base64 within base64 is folded this deep.
const MAX_DEPTH: usize = 2;

/// Folded bytes that nothing was ever folded to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

/// Folds `bytes`. The same bytes are always folded the same way: what lies packed depends on it.
pub(super) fn fold(bytes: &[u8]) -> Vec<u8> {
    let mut folded = Vec::with_capacity(bytes.len());
    fold_into(&mut folded, bytes, 0);
    folded
}

fn fold_into(folded: &mut Vec<u8>, mut bytes: &[u8], depth: usize) {
    while let [first, after @ ..] = bytes {
        let word = bytes.iter().take_while(|byte| is_base64(**byte)).count();
        if word == 0 {
            plain(folded, &[*first]);
            bytes = after;
            continue;
        }
        let padding = bytes[word..].iter().take(2).take_while(|byte| **byte == b'=').count();
        let (padded, after) = bytes.split_at(word + padding);
        let decoded =
            || (depth < MAX_DEPTH && padded.len() >= MIN_BASE64_CHARACTERS).then(|| STANDARD.decode(padded).ok());
        if word >= MIN_HEXADECIMAL_DIGITS && padded[..word].iter().all(|byte| nibble(*byte).is_some()) {
            hexadecimal(folded, &padded[..word]);
            plain(folded, &padded[word..]);
        } else if let Some(decoded) = decoded().flatten() {
            folded.push(BASE64);
            fold_into(folded, &decoded, depth + 1);
            folded.push(END);
        } else {
            plain(folded, padded);
        }
        bytes = after;
    }
}

fn plain(folded: &mut Vec<u8>, bytes: &[u8]) {
    for byte in bytes {
        if *byte <= END {
            folded.push(BYTE);
        }
        folded.push(*byte);
    }
}

/// An odd digit at the end is left as it is.
fn hexadecimal(folded: &mut Vec<u8>, digits: &[u8]) {
    let (pairs, odd) = digits.as_chunks::<2>();
    for pairs in pairs.chunks(usize::from(u8::MAX)) {
        folded.push(HEXADECIMAL);
        folded.push(u8::try_from(pairs.len()).unwrap_or(u8::MAX));
        let byte = |[high, low]: &[u8; 2]| nibble(*high).unwrap_or(0) << 4 | nibble(*low).unwrap_or(0);
        folded.extend(pairs.iter().map(byte));
    }
    folded.extend_from_slice(odd);
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

/// The bytes that [`fold`] folded.
pub(super) fn unfold(folded: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let mut bytes = Vec::with_capacity(folded.len() * 2);
    let rest = unfold_into(&mut bytes, folded, 0)?;
    if rest.is_empty() { Ok(bytes) } else { Err(Unreadable) }
}

/// Unfolds up to the end of what is written at this `depth`; gives what follows.
fn unfold_into<'a>(bytes: &mut Vec<u8>, mut folded: &'a [u8], depth: usize) -> Result<&'a [u8], Unreadable> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    loop {
        folded = match folded {
            [BYTE, byte, rest @ ..] => {
                bytes.push(*byte);
                rest
            }
            [HEXADECIMAL, count, rest @ ..] => {
                let (spelt, rest) = rest.split_at_checked(usize::from(*count)).ok_or(Unreadable)?;
                let digits = |byte: &u8| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
                bytes.extend(spelt.iter().flat_map(digits));
                rest
            }
            [BASE64, rest @ ..] if depth < MAX_DEPTH => {
                let mut decoded = Vec::new();
                let rest = unfold_into(&mut decoded, rest, depth + 1)?;
                bytes.extend_from_slice(STANDARD.encode(decoded).as_bytes());
                rest
            }
            [END, rest @ ..] if depth > 0 => return Ok(rest),
            [BYTE..=END, ..] => return Err(Unreadable),
            [] if depth > 0 => return Err(Unreadable),
            [] => return Ok(folded),
            plain => {
                let many = plain.iter().take_while(|byte| **byte > END).count();
                bytes.extend_from_slice(&plain[..many]);
                &plain[many..]
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    fn check(bytes: &[u8], folded: &[u8]) {
        assert_eq!(fold(bytes), folded);
        assert_eq!(unfold(folded).as_deref(), Ok(bytes));
    }

    #[test]
    fn what_spells_bytes_lies_as_these() {
        check(b"", b"");
        check(b"no digest", b"no digest");
        check(b"\"00ff10ab00ff10ab\"", b"\"\x01\x08\x00\xff\x10\xab\x00\xff\x10\xab\"");
        check(b"00ff10ab00ff10abc", b"\x01\x08\x00\xff\x10\xab\x00\xff\x10\xabc");
        check(b"00ff10ab00ff10ab=", b"\x01\x08\x00\xff\x10\xab\x00\xff\x10\xab=");
        check(b"2026-05-10T09:00:00Z", b"2026-05-10T09:00:00Z");
        check(b"\x00\x01\x02\x03\x04", b"\x00\x00\x00\x01\x00\x02\x00\x03\x04");
        let statement = b"what somebody says, and 0000000000000000";
        let written = STANDARD.encode(statement);
        let folded = b"\x02what somebody says, and \x01\x08\x00\x00\x00\x00\x00\x00\x00\x00\x03";
        check(written.as_bytes(), folded);
        check(format!("{written}=").as_bytes(), &[folded.as_slice(), b"="].concat());
        // No base64: too short by one, bits after the end, no padding, more of it.
        for other in ["A".repeat(39), "A".repeat(42) + "B=", "A".repeat(41), "A".repeat(40) + "===="] {
            assert_eq!(unfold(&fold(other.as_bytes())).as_deref(), Ok(other.as_bytes()));
        }
        check("A".repeat(39).as_bytes(), "A".repeat(39).as_bytes());
        check(("A".repeat(42) + "B=").as_bytes(), ("A".repeat(42) + "B=").as_bytes());
    }

    #[test]
    fn base64_is_followed_no_deeper_than_the_limit() {
        let mut written = b"what is said".to_vec();
        let mut folded = written.clone();
        for depth in 0..=MAX_DEPTH + 2 {
            assert_eq!(unfold(&fold(&written)).as_deref(), Ok(written.as_slice()), "{depth}");
            written = STANDARD.encode([written.as_slice(), &[b'.'; 30]].concat()).into_bytes();
            folded = [&[BASE64], folded.as_slice(), &[END]].concat();
            assert_eq!(unfold(&folded).is_ok(), depth < MAX_DEPTH, "{depth}");
        }
    }

    #[test]
    fn what_was_never_folded_is_refused() {
        for folded in ["\0", "\x01", "\x01\x02a", "\x02a", "\x03", "a\x03b", "\x02\x02a\x03"] {
            assert_eq!(unfold(folded.as_bytes()), Err(Unreadable), "{folded:?}");
        }
    }

    fn parts() -> impl Strategy<Value = Vec<u8>> {
        let hexadecimal = vec(any::<u8>(), 0..300).prop_map(|bytes| hex::encode(bytes).into_bytes());
        let base64 = vec(any::<u8>(), 0..100).prop_map(|bytes| STANDARD.encode(bytes).into_bytes());
        prop_oneof![hexadecimal, base64, vec(any::<u8>(), 0..50), "[A-Za-z0-9+/=\"]{0,60}".prop_map(String::into_bytes)]
    }

    proptest! {
        #[test]
        fn whatever_is_folded_comes_back(parts in vec(parts(), 0..6), wrapped in any::<bool>()) {
            let mut bytes = parts.concat();
            if wrapped {
                bytes = STANDARD.encode(bytes).into_bytes();
            }
            prop_assert_eq!(unfold(&fold(&bytes)), Ok(bytes));
        }

        /// Any bytes are unfolded or refused, and quickly.
        #[test]
        fn anything_is_unfolded_or_refused(bytes in vec(prop_oneof![0..=4_u8, any::<u8>()], 0..200)) {
            let _ = unfold(&bytes);
        }
    }
}

//! How organisations are identified: `SCHEME:ID`, in one spelling. The daemon brings all that is attested into it, and what an
//! expression compares with must be in it. A rule knows no register: it refuses what could stand in none. Which other schemes there
//! are, and whom they identify, only the daemon's configuration says.

/// The schemes that every daemon knows, whose identifiers are in upper case.
const BUILT_IN: [&str; 6] = ["GB-COH", "XI-LEI", "US-SAM", "CAGE", "XI-DUNS", "PROGRAMME"];
/// How long a company number is, with its leading zeros.
const COMPANY_NUMBER_CHARS: usize = 8;
/// Longest name of a scheme, in bytes.
const MAX_SCHEME_BYTES: usize = 32;

/// What to do about a text that reads as an identifier and that no organisation has for one; `None` for any other, as for a name.
pub(super) fn fix(text: &str) -> Option<String> {
    let (scheme, id) = text.split_once(':')?;
    let bare = |part: &str| part.replace(char::is_whitespace, "");
    let (scheme, id) = (bare(scheme).to_ascii_uppercase(), bare(id));
    let letters = |scheme: &str| scheme.replace(|c: char| !c.is_ascii_alphanumeric(), "");
    let built_in = BUILT_IN.into_iter().find(|known| letters(known) == letters(&scheme));
    let is_number = built_in.is_some() && id.contains(|c: char| c.is_ascii_digit());
    if text.trim().contains(char::is_whitespace) && !is_number {
        return None;
    }
    let (spelled, only_if) = match built_in {
        Some(known) => (format!("{known}:{}", upper(known, &id)), String::new()),
        None => (format!("{scheme}:{id}"), format!(", if [[schemes]] of the configuration declares `{scheme}`")),
    };
    if id.is_empty() || built_in.is_none() && !is_scheme(&scheme) {
        let fix = "write `'SCHEME:ID'`, the scheme in capital letters, digits and hyphens, as `'GB-COH:09506232'`";
        return Some(fix.to_owned());
    }
    (spelled != text).then(|| format!("write `'{spelled}'`{only_if}"))
}

/// An identifier of a built-in scheme in upper case, and a company number with its zeros.
fn upper(scheme: &str, id: &str) -> String {
    let id = id.to_ascii_uppercase();
    let missing = COMPANY_NUMBER_CHARS.saturating_sub(id.len());
    match id.find(|c: char| c.is_ascii_digit()) {
        Some(number) if scheme == "GB-COH" => format!("{}{}{}", &id[..number], "0".repeat(missing), &id[number..]),
        _ => id,
    }
}

/// Whether a scheme could be declared under this name.
fn is_scheme(name: &str) -> bool {
    name.len() <= MAX_SCHEME_BYTES
        && name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-')
        && !name.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_as_an_identifier_is_written_as_one() {
        for (text, spelled) in [
            ("gb-coh:09000009", "GB-COH:09000009"),
            ("GB-COH:9000009", "GB-COH:09000009"),
            ("GB-COH:sc1234", "GB-COH:SC001234"),
            ("GB-COH:IP123R", "GB-COH:IP00123R"),
            ("GB-COH:R01234", "GB-COH:R0001234"),
            ("GBCOH:9000009", "GB-COH:09000009"),
            ("GB_COH:09000009", "GB-COH:09000009"),
            ("GB-COH: 09000009", "GB-COH:09000009"),
            (" GB-COH:09000009", "GB-COH:09000009"),
            ("Programme:Typhoon", "PROGRAMME:TYPHOON"),
            ("cage:acme1", "CAGE:ACME1"),
            ("nl-kvk:12345678", "NL-KVK:12345678"),
            ("NL-KVK:12345678 ", "NL-KVK:12345678"),
        ] {
            assert!(fix(text).is_some_and(|fix| fix.starts_with(&format!("write `'{spelled}'`"))), "{text}");
            assert_eq!(fix(spelled), None, "{spelled}");
        }
        for text in ["acme.example:x", ":x", "GB-COH:", "X-:1", "1X:1"] {
            assert!(fix(text).is_some_and(|fix| fix.starts_with("write `'SCHEME:ID'`")), "{text}");
        }
    }

    #[test]
    fn names_and_what_a_scheme_may_have_are_taken() {
        for text in [
            "IASME",
            "West Midlands",
            "Acme: Holdings",
            "Cage: Steel Ltd",
            "NL-KVK:12345678",
            "X:a:b",
            "DE-HRB:b 1/x",
            "X9:Any-Case_is.their/own",
        ] {
            assert_eq!(fix(text), None, "{text}");
        }
    }
}

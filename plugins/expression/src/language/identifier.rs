//! How organisations are identified: `SCHEME:ID`, in one spelling. The daemon brings all that is attested into it, and what an
//! expression compares with must be in it. A rule knows no register: it refuses what could stand in none. Which other schemes there
//! are, and whom they identify, only the daemon's configuration says.

use super::types::Base;

/// The schemes that every daemon knows, whose identifiers are in upper case.
const BUILT_IN: [&str; 6] = ["GB-COH", "XI-LEI", "US-SAM", "CAGE", "XI-DUNS", "PROGRAMME"];
/// How long a company number is, with its leading zeros.
const COMPANY_NUMBER_CHARS: usize = 8;
/// Longest name of a scheme, in bytes.
const MAX_SCHEME_BYTES: usize = 32;

/// What is wrong with a text that is compared with a value of the type `of` and that none can be, and what to write instead.
pub(super) fn never(text: &str, of: Base) -> Option<(String, String)> {
    if !stands_in(text, of) {
        return None;
    }
    let spelled = text.trim().to_ascii_uppercase();
    Some(match of {
        Base::Country if is_country(&spelled) => (format!("no country is `'{text}'`"), format!("write `'{spelled}'`")),
        Base::Country => {
            (format!("no country is `'{text}'`"), "write its two letters of ISO 3166-1, as `'GB'`".to_owned())
        }
        _ if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') && !text.is_empty() => (
            format!("no organisation is `'{text}'`"),
            format!("write its identifier, as `'GB-COH:09506232'`, or `'PROGRAMME:{spelled}'` if it is a programme"),
        ),
        _ => (
            format!("no organisation is `'{text}'`"),
            "write its identifier, as `'GB-COH:09506232'`, and not its name".to_owned(),
        ),
    })
}

/// Whether a text can only stand for a value of the type `of` that is absent, since it can be none.
pub(super) fn stands_in(text: &str, of: Base) -> bool {
    match of {
        Base::Country => !is_country(text),
        Base::Organisation => !text.contains(':'),
        _ => false,
    }
}

fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

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
    fn what_can_be_no_country_and_no_organisation_is_told() {
        let told = |text, of| never(text, of).map(|(message, fix)| format!("{message}: {fix}"));
        let check = |text, of, expected: Option<&str>| assert_eq!(told(text, of).as_deref(), expected, "{text}");
        check("GB", Base::Country, None);
        check("cn", Base::Country, Some("no country is `'cn'`: write `'CN'`"));
        check("China", Base::Country, Some("no country is `'China'`: write its two letters of ISO 3166-1, as `'GB'`"));
        check("GB-COH:1", Base::Organisation, None);
        check(
            "Kestrel",
            Base::Organisation,
            Some(
                "no organisation is `'Kestrel'`: write its identifier, as `'GB-COH:09506232'`, or `'PROGRAMME:KESTREL'` if it is a programme",
            ),
        );
        check(
            "Acme Ltd",
            Base::Organisation,
            Some("no organisation is `'Acme Ltd'`: write its identifier, as `'GB-COH:09506232'`, and not its name"),
        );
        check("Acme Ltd", Base::Party, None);
        check("China", Base::Text, None);
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

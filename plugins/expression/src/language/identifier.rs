//! How organisations are identified: `SCHEME:ID`, in one spelling. The daemon brings all that is attested into it, and what an
//! expression compares with must be in it. A rule knows no register: it brings the spelling right, and leaves to the daemon whether a
//! scheme has such an identifier, and which other schemes there are.

use super::types::Base;

/// The schemes that every daemon knows, whose identifiers are in upper case.
const BUILT_IN: [&str; 6] = ["GB-COH", "XI-LEI", "US-SAM", "CAGE", "XI-DUNS", "PROGRAMME"];
/// Two letters that people write and ISO 3166-1 gives to no country, with those that it gives.
const OTHER_LETTERS: [(&str, &str); 2] = [("UK", "GB"), ("EL", "GR")];
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
    if of == Base::Country {
        let letters = OTHER_LETTERS.iter().find(|(other, _)| *other == spelled).map(|(_, letters)| *letters);
        let letters = letters.or_else(|| is_country(&spelled).then_some(&*spelled));
        let fix = letters.map(|letters| format!("write `'{letters}'`"));
        let fix = fix.unwrap_or_else(|| "write its two letters of ISO 3166-1, as `'GB'`".to_owned());
        return Some((format!("no country is `'{text}'`"), fix));
    }
    let is_identifier = BUILT_IN.iter().any(|known| spelled.starts_with(known));
    let may_be_programme = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let fix = if !is_identifier && !spelled.is_empty() && text.bytes().all(may_be_programme) {
        format!("write its identifier, as `'GB-COH:09506232'`, or `'PROGRAMME:{spelled}'` if it is a programme")
    } else {
        "write its identifier, as `'GB-COH:09506232'`, and not its name".to_owned()
    };
    Some((format!("no organisation is `'{text}'`"), fix))
}

/// Whether a text can only stand for a value of the type `of` that is absent, since it can be none.
pub(super) fn stands_in(text: &str, of: Base) -> bool {
    match of {
        Base::Country => !is_country(text),
        Base::Organisation => !text.contains(':') || text.trim().contains(char::is_whitespace) && fix(text).is_none(),
        _ => false,
    }
}

fn is_country(text: &str) -> bool {
    let is_other = OTHER_LETTERS.iter().any(|(other, _)| *other == text);
    !is_other && text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// What to do about a text that reads as an identifier and that no organisation has for one; `None` for any other, as for a name.
pub(super) fn fix(text: &str) -> Option<String> {
    let (scheme, id) = text.split_once(':')?;
    let bare = |part: &str| part.replace(char::is_whitespace, "");
    let (scheme, id) = (bare(scheme).to_ascii_uppercase(), bare(id));
    let letters = |scheme: &str| scheme.replace(|c: char| !c.is_ascii_alphanumeric(), "");
    let built_in = BUILT_IN.into_iter().find(|known| letters(known) == letters(&scheme));
    let is_disguised = built_in.is_some_and(|known| reads_as(known, &id));
    if text.trim().contains(char::is_whitespace) && !is_disguised {
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

/// Whether blanks hide an identifier of a built-in scheme, as the daemon sees it: what is longer or has no digit is a name.
fn reads_as(scheme: &str, id: &str) -> bool {
    let fits = match scheme {
        "GB-COH" => id.len() <= COMPANY_NUMBER_CHARS,
        "XI-LEI" => id.len() == 20,
        "US-SAM" => id.len() == 12,
        "CAGE" => id.len() == 5,
        "XI-DUNS" => id.len() == 9,
        _ => false,
    };
    fits && id.bytes().all(|byte| byte.is_ascii_alphanumeric()) && id.contains(|c: char| c.is_ascii_digit())
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
        check("UK", Base::Country, Some("no country is `'UK'`: write `'GB'`"));
        check("uk", Base::Country, Some("no country is `'uk'`: write `'GB'`"));
        check("GB-COH:1", Base::Organisation, None);
        for name in ["Acme: Holdings", "GB-COH-09506232"] {
            let fix = "write its identifier, as `'GB-COH:09506232'`, and not its name";
            check(name, Base::Organisation, Some(&format!("no organisation is `'{name}'`: {fix}")));
        }
        check("Acme: Holdings", Base::Party, None);
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
            "Cage: Steel 2000 Ltd",
            "Programme: Phase 2 Board",
            "NL-KVK:12345678",
            "X:a:b",
            "Trust: b 1/x",
            "X9:Any-Case_is.their/own",
        ] {
            assert_eq!(fix(text), None, "{text}");
        }
    }
}

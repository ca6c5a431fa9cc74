use super::*;
use proptest::prelude::*;

fn identifiers() -> Identifiers {
    let schemes = [("NL-KVK", "[0-9]{8}|[0-9]{12}"), ("X-ANY", ".+")];
    let scheme = |(name, pattern): (&str, &str)| (name.to_owned(), Scheme::new(pattern).expect("a pattern"));
    Identifiers::new(schemes.into_iter().map(scheme).collect())
}

#[track_caller]
fn check(got: Result<Organisation, NotAnOrganisation>, expected: Result<&str, &str>) {
    match (got, expected) {
        (Ok(organisation), Ok(expected)) => assert_eq!(organisation.as_str(), expected),
        (Err(error), Err(expected)) => assert!(error.to_string().contains(expected), "{error}, not {expected}"),
        (got, expected) => panic!("{got:?}, not {expected:?}"),
    }
}

#[test]
fn identifiers_are_checked_and_spelled() {
    let identifiers = identifiers();
    for (name, expected) in [
        ("GB-COH:09506232", Ok("GB-COH:09506232")),
        ("GB-COH:9506232", Ok("GB-COH:09506232")),
        ("gb-coh:6", Ok("GB-COH:00000006")),
        ("GB-COH:sc123456", Ok("GB-COH:SC123456")),
        ("GB-COH:OC1234", Ok("GB-COH:OC001234")),
        ("GB-COH:QQ123456", Err("company number is 8")),
        ("GB-COH:123456789", Err("company number is 8")),
        ("XI-LEI:724500PMK2A2M1SQQ228", Ok("XI-LEI:724500PMK2A2M1SQQ228")),
        ("xi-lei:724500pmk2a2m1sqq228", Ok("XI-LEI:724500PMK2A2M1SQQ228")),
        ("XI-LEI:969500T3MBS4SQAMHJ45", Err("mod 97-10")),
        ("US-SAM:YNDUZMUZF8H8", Ok("US-SAM:YNDUZMUZF8H8")),
        ("US-SAM:T53MCMLTWK59", Ok("US-SAM:T53MCMLTWK59")),
        ("US-SAM:0NDUZMUZF8H8", Err("does not start with 0")),
        ("US-SAM:INDUZMUZF8H8", Err("without I and O")),
        ("Cage:1abc9", Ok("CAGE:1ABC9")),
        ("CAGE:1ABC", Err("5 letters or digits")),
        ("XI-DUNS:123456789", Ok("XI-DUNS:123456789")),
        ("XI-DUNS:12345678", Err("9 digits")),
        ("programme:kestrel", Ok("PROGRAMME:KESTREL")),
        ("NL-KVK:12345678", Ok("NL-KVK:12345678")),
        ("nl-kvk:123456789012", Ok("NL-KVK:123456789012")),
        ("NL-KVK:123456789", Err("does not match the pattern `[0-9]{8}|[0-9]{12}` that [[schemes]] gives its scheme")),
        ("NL-KVK:x12345678", Err("does not match the pattern")),
        ("FR-SIREN:123", Err("or declare the scheme with its pattern as [[schemes]] in the configuration")),
        ("acme", Err("write SCHEME:ID")),
        ("GB-COH:", Err("write SCHEME:ID")),
        ("XI-LEI:É24500PMK2A2M1SQQ22", Err("mod 97-10")),
        ("GB-COH:é", Err("company number")),
        ("GB-COH:09506232 ", Err("take the blank or invisible character out and write `GB-COH:09506232`")),
        ("GB-COH:09506232\u{200b}", Err("`GB-COH:09506232<U+200B>` names no organisation")),
        ("X-ANY:a\u{202e}b", Err("`X-ANY:a<U+202E>b`")),
        ("X-ANY:a\u{feff}b", Err("write `X-ANY:ab`")),
        ("X-ANY:é", Ok("X-ANY:é")),
    ] {
        check(identifiers.parse(name), expected);
    }
}

#[test]
fn a_party_is_an_organisation_or_a_name_and_never_something_between() {
    let identifiers = identifiers();
    let party = |text: &str| identifiers.parse_party(text).map(|found| found.map(|found| found.to_string()));
    for name in [
        "Acme Holdings Ltd",
        "Trust: the Smith family",
        "Cage Group",
        "Programme 1",
        "GB-COH Nominees",
        "Founders of GB-COH:1 and others",
        "12 Acacia Avenue Ltd",
        "1200000",
        "3M",
        "SC Group",
    ] {
        assert_eq!(party(name), Ok(None), "{name}");
    }
    for (text, expected) in [
        ("gb-coh:9506232", "GB-COH:09506232"),
        ("GB-COH:09506232", "GB-COH:09506232"),
        ("nl-kvk:12345678", "NL-KVK:12345678"),
    ] {
        assert_eq!(party(text), Ok(Some(expected.to_owned())), "{text}");
    }
    for (text, fix) in [
        ("GB-COH:09506232 ", "write `GB-COH:09506232`"),
        ("GB-COH:09506232\u{200b}", "write `GB-COH:09506232`"),
        ("GB-COH: 9506232", "write `GB-COH:09506232`"),
        ("GB-COH 09506232", "write `GB-COH:09506232`"),
        ("GB-COH：09506232", "write `GB-COH:09506232`"),
        ("GB-COH/9506232", "write `GB-COH:09506232`"),
        ("CAGE 1ABC9", "write `CAGE:1ABC9`"),
        ("NL-KVK 12345678", "write `NL-KVK:12345678`"),
        ("724500PMK2A2M1SQQ228", "write `XI-LEI:724500PMK2A2M1SQQ228`"),
        ("00000012", "write `GB-COH:00000012`"),
        ("sc123456", "write `GB-COH:SC123456`"),
        ("123456789", "write `XI-DUNS:123456789`"),
        ("FR-SIREN:123456789", "declare the scheme"),
        ("GB-COH:QQ1", "a company number is 8 characters"),
    ] {
        let refused = party(text).expect_err(text).to_string();
        assert!(refused.contains(fix), "{text}: {refused}");
    }
}

#[test]
fn a_prefix_is_the_beginning_of_some_identifier() {
    let identifiers = identifiers();
    for (prefix, expected) in [
        ("", Some("")),
        ("GB-COH:", Some("GB-COH:")),
        ("gb-coh:", Some("GB-COH:")),
        ("GB-COH:sc", Some("GB-COH:SC")),
        ("GB-", Some("GB-")),
        ("nl-kvk:12", Some("NL-KVK:12")),
        ("programme:", Some("PROGRAMME:")),
        ("PROGRAMME:K-", Some("PROGRAMME:K-")),
        ("GB-CHO:", None),
        ("GB-COH: 1", None),
        ("GB-COH:1-", None),
        ("FR-", None),
        ("GB-COH:R", Some("GB-COH:R")),
        ("GB-COH:09506232", Some("GB-COH:09506232")),
        ("GB-COH:SL00123A", Some("GB-COH:SL00123A")),
        ("GB-COH:ip000c", Some("GB-COH:IP000C")),
        ("GB-COH:ZZ", None),
        ("GB-COH:B", None),
        ("GB-COH:095062321", None),
        ("GB-COH:IP1R", None),
        ("GB-COH:1A", None),
        ("XI-LEI:724500PMK2A2M1SQQ2", Some("XI-LEI:724500PMK2A2M1SQQ2")),
        ("XI-LEI:724500PMK2A2M1SQQ22", Some("XI-LEI:724500PMK2A2M1SQQ22")),
        ("XI-LEI:724500PMK2A2M1SQQ228", Some("XI-LEI:724500PMK2A2M1SQQ228")),
        ("XI-LEI:724500PMK2A2M1SQQ23", None),
        ("XI-LEI:724500PMK2A2M1SQQ2289", None),
        ("US-SAM:YND", Some("US-SAM:YND")),
        ("US-SAM:0", None),
        ("US-SAM:YNO", None),
        ("US-SAM:YNDUZMUZF8H8Y", None),
        ("CAGE:1ABC9", Some("CAGE:1ABC9")),
        ("CAGE:ABCDEFGH", None),
        ("XI-DUNS:123456789", Some("XI-DUNS:123456789")),
        ("XI-DUNS:ABC", None),
        ("XI-DUNS:1234567890", None),
    ] {
        assert_eq!(identifiers.parse_prefix(prefix).as_deref(), expected, "{prefix:?}");
    }
}

#[test]
fn a_scheme_has_a_name_that_identifiers_can_have() {
    for (name, expected) in [
        ("NL-KVK", Ok(())),
        ("FR-SIREN", Ok(())),
        ("GB-COH", Err(NotAScheme::BuiltIn)),
        ("gb-coh", Err(NotAScheme::BuiltIn)),
        ("GBCOH", Err(NotAScheme::Alike("GB-COH"))),
        ("gbcoh", Err(NotAScheme::Alike("GB-COH"))),
        ("CA-GE", Err(NotAScheme::Alike("CAGE"))),
        ("ca-ge", Err(NotAScheme::Alike("CAGE"))),
        ("nl-kvk", Err(NotAScheme::Name)),
        ("nl:kvk x", Err(NotAScheme::Name)),
        ("NL-", Err(NotAScheme::Name)),
        ("", Err(NotAScheme::Name)),
        ("1A", Err(NotAScheme::Name)),
    ] {
        assert_eq!(Identifiers::check_scheme(name), expected, "{name}");
    }
    for pattern in ["[0-9", "[0-9]{8})|([0-9]{12}"] {
        assert!(Scheme::new(pattern).is_err(), "{pattern}");
    }
}

proptest! {
    /// However a number is written, it is one organisation; a normalised one stays the same.
    #[test]
    fn case_and_padding_make_no_other_organisation(
        prefix in prop::sample::select(vec!["", "SC", "NI", "IP", "R0", "LP"]),
        number in 0_u32..1_000_000,
        scheme in prop::sample::select(vec!["GB-COH", "gb-coh", "Gb-Coh"]),
    ) {
        let identifiers = Identifiers::default();
        let width = 8 - prefix.len();
        let spelled = format!("GB-COH:{prefix}{number:0>width$}");
        for written in [format!("{scheme}:{prefix}{number}"), format!("{scheme}:{}", spelled[7..].to_lowercase()), spelled.clone()] {
            let parsed = identifiers.parse(&written);
            prop_assert_eq!(parsed.as_ref().map(Organisation::as_str), Ok(spelled.as_str()));
            let party = identifiers.parse_party(&written).ok().flatten();
            prop_assert_eq!(party.as_ref().map(Organisation::as_str), Some(spelled.as_str()));
        }
    }

    /// Whatever is accepted is already normalised, and its beginnings are valid in grants.
    #[test]
    fn what_is_spelled_is_spelled(name in "(GB-COH|XI-LEI|US-SAM|CAGE|XI-DUNS|PROGRAMME|NL-KVK|X-ANY):\\PC{0,12}") {
        if let Ok(organisation) = identifiers().parse(&name) {
            prop_assert_eq!(identifiers().parse(organisation.as_str()), Ok(organisation.clone()));
            for end in organisation.scheme().len() + 1..=organisation.as_str().len() {
                let Some(beginning) = organisation.as_str().get(..end) else { continue };
                let prefix = identifiers().parse_prefix(beginning);
                prop_assert_eq!(prefix.as_deref(), Some(beginning));
            }
        }
    }

    /// Beginnings of valid identifiers are accepted, and no others.
    #[test]
    fn an_identifier_begins_as_a_prefix_may(
        name in "(GB-COH:([0-9]{8}|SC[0-9]{6}|IP[0-9]{3,5}[A-Z]{0,3}|SL[0-9]{5}A)|CAGE:[0-9A-Z]{5}|XI-DUNS:[0-9]{9}|US-SAM:[1-9A-HJ-NP-Z][0-9A-HJ-NP-Z]{11})",
        beyond in "[0-9A-Z]",
    ) {
        let identifiers = Identifiers::default();
        if let Ok(organisation) = identifiers.parse(&name) {
            let spelled = organisation.as_str();
            for end in organisation.scheme().len() + 1..=spelled.len() {
                let prefix = identifiers.parse_prefix(&spelled[..end]);
                prop_assert_eq!(prefix.as_deref(), Some(&spelled[..end]));
            }
            prop_assert_eq!(identifiers.parse_prefix(&format!("{spelled}{beyond}")), None);
        }
    }
}

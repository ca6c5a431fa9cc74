//! How organisations and countries are identified. The daemon brings all that is attested into one spelling, and what an
//! expression compares with must be in it: anything else would be false for everybody.

use super::{spelling::nearest, types::Base};
use std::collections::BTreeSet;
use tierwatch_identifiers::{BUILT_IN_SCHEMES, PROGRAMME_SCHEME, alike, country, is_scheme, scheme_of, spelled};

/// How an organisation is written, in a fix that knows nothing better.
const WRITTEN: &str = "write its identifier, as `'GB-COH:09506232'`, and not its name";

/// The schemes that the configuration declares beside the built-in ones, where the daemon told.
#[derive(Debug, Default)]
pub(super) struct Schemes(pub(super) Option<BTreeSet<String>>);

impl Schemes {
    /// What is wrong with a text that is compared with a value of the type `of` and that none can be, and what to write instead.
    pub(super) fn never(&self, text: &str, of: Base) -> Option<[String; 2]> {
        match of {
            Base::Country if country::alpha_2(text) != Ok(text) => {
                let fix = match country::alpha_2(text) {
                    Ok(letters) => format!("write `'{letters}'`"),
                    Err(_) => "write its two letters of ISO 3166-1, as `'GB'`".to_owned(),
                };
                Some([format!("no country is `'{text}'`"), fix])
            }
            Base::Organisation | Base::Identifier => self.no_organisation(text),
            Base::Programme => self.no_programme(text),
            Base::Party if is_identifier(text) => self.no_organisation(text),
            Base::Party => self.disguised(text).map(|meant| no("organisation", text, &meant)),
            _ => None,
        }
    }

    /// Whether a text can only stand for a value of the type `of` that is absent, since it can be none.
    pub(super) fn stands_in(&self, text: &str, of: Base) -> bool {
        match of {
            Base::Country => country::alpha_2(text) != Ok(text),
            Base::Organisation | Base::Programme | Base::Identifier => {
                !text.contains(':') && self.disguised(text).is_none()
            }
            _ => false,
        }
    }

    fn no_organisation(&self, text: &str) -> Option<[String; 2]> {
        let message = format!("no organisation is `'{text}'`");
        if let Some(meant) = self.disguised(text) {
            return Some(no("organisation", text, &meant));
        }
        let Some((scheme, id)) = text.split_once(':').filter(|_| is_identifier(text)) else {
            let begins = |known: &&str| text.to_ascii_uppercase().starts_with(known);
            let fix = match spelled(PROGRAMME_SCHEME, text) {
                Some(Ok(id)) if !BUILT_IN_SCHEMES.iter().any(begins) => format!(
                    "write its identifier, as `'GB-COH:09506232'`, or `'{PROGRAMME_SCHEME}:{id}'` if it is a programme"
                ),
                _ => WRITTEN.to_owned(),
            };
            return Some([message, fix]);
        };
        if let Some(id) = spelled(scheme, id) {
            return id.err().map(|fix| [format!("`'{text}'` is not valid in its scheme"), fix.to_owned()]);
        }
        if !is_scheme(scheme) || id.is_empty() {
            let fix = "write `'SCHEME:ID'`, the scheme in capital letters, digits and hyphens, as `'GB-COH:09506232'`";
            return Some([message, fix.to_owned()]);
        }
        let declared = self.0.as_ref();
        if declared.is_none_or(|declared| declared.contains(scheme)) {
            return None;
        }
        let known: Vec<&str> =
            BUILT_IN_SCHEMES.into_iter().chain(declared.into_iter().flatten().map(String::as_str)).collect();
        let fix = match nearest(scheme, &known) {
            Some(near) => format!("did you mean `'{near}:{id}'`?"),
            None => format!(
                "write one of {}, or declare `{scheme}` with its pattern as [[schemes]] of the configuration",
                known.join(", ")
            ),
        };
        Some([format!("`{scheme}` is no scheme of organisations"), fix])
    }

    fn no_programme(&self, text: &str) -> Option<[String; 2]> {
        let bare = text.replace(is_hidden, "");
        let id = match bare.split_once(':') {
            Some((scheme, id)) => Some(id).filter(|_| alike(scheme) == Some(PROGRAMME_SCHEME)),
            None => Some(text),
        };
        let meant = id.and_then(|id| spelled(PROGRAMME_SCHEME, id)?.ok()).map(|id| format!("{PROGRAMME_SCHEME}:{id}"));
        Some(match meant {
            Some(meant) if meant == text => return None,
            Some(meant) => no("programme", text, &meant),
            None => {
                let near = |(scheme, id)| nearest(scheme, &[PROGRAMME_SCHEME]).map(|scheme| format!("{scheme}:{id}"));
                let fix = match bare.split_once(':').and_then(near) {
                    Some(near) => format!("did you mean `'{near}'`?"),
                    None => "write it as `'PROGRAMME:KESTREL'`".to_owned(),
                };
                [format!("no programme is `'{text}'`"), fix]
            }
        })
    }

    /// The identifier that a text is but for its spelling: its case, its zeros, what nobody sees, another sign for the colon, and
    /// an LEI, which checks itself, without its scheme.
    fn disguised(&self, text: &str) -> Option<String> {
        let bare = text.replace(is_hidden, "");
        let (scheme, id) = match bare.split_once(':') {
            Some((scheme, id)) => (scheme, id),
            None => {
                let begins =
                    |scheme: &&&str| bare.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme));
                match BUILT_IN_SCHEMES.iter().filter(begins).find(|scheme| **scheme != PROGRAMME_SCHEME) {
                    Some(scheme) => {
                        let id = bare[scheme.len()..].trim_start_matches(|c: char| !c.is_alphanumeric());
                        (*scheme, Some(id).filter(|id| id.contains(|c: char| c.is_ascii_digit()))?)
                    }
                    None => (scheme_of(&bare)?, &*bare),
                }
            }
        };
        // A name may have a colon and a blank after it.
        let is_name = bare.len() < text.trim_matches(is_hidden).len();
        let meant = match alike(scheme) {
            Some(known) => {
                let id = spelled(known, id)?.ok()?;
                (!is_name || known != PROGRAMME_SCHEME && id.contains(|c: char| c.is_ascii_digit()))
                    .then(|| format!("{known}:{id}"))?
            }
            None if is_name || id.is_empty() => return None,
            None => {
                let scheme = scheme.to_ascii_uppercase();
                is_scheme(&scheme).then(|| format!("{scheme}:{id}"))?
            }
        };
        (meant != text).then_some(meant)
    }
}

fn no(what: &str, text: &str, meant: &str) -> [String; 2] {
    [format!("no {what} is `'{text}'`"), format!("write `'{meant}'`")]
}

/// Whether the daemon would read it as an identifier, where a name may stand too.
fn is_identifier(text: &str) -> bool {
    text.contains(':') && !text.trim_matches(is_hidden).contains(char::is_whitespace)
}

/// What no identifier has, and nobody sees: blanks, controls, and what Unicode calls formats, as a zero-width space.
fn is_hidden(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, of: Base) -> Option<String> {
        let schemes = Schemes(Some(["NL-KVK", "X", "X9"].map(str::to_owned).into()));
        schemes.never(text, of).map(|told| told.join(": "))
    }

    #[test]
    fn what_reads_as_an_identifier_is_written_as_one() {
        for (text, spelled) in [
            ("gb-coh:09000009", "GB-COH:09000009"),
            ("GB-COH:9000009", "GB-COH:09000009"),
            ("GB-COH:sc1234", "GB-COH:SC001234"),
            ("GB-COH:IP123R", "GB-COH:IP00123R"),
            ("GBCOH:9000009", "GB-COH:09000009"),
            ("GB_COH:09000009", "GB-COH:09000009"),
            ("GB-COH: 09000009", "GB-COH:09000009"),
            ("GB-COH 09000009", "GB-COH:09000009"),
            ("GB-COH-09000009", "GB-COH:09000009"),
            ("gb-coh/9000009", "GB-COH:09000009"),
            (" GB-COH:09000009", "GB-COH:09000009"),
            ("GB-COH:09000009\u{200b}", "GB-COH:09000009"),
            ("724500pmk2a2m1sqq228", "XI-LEI:724500PMK2A2M1SQQ228"),
            ("00000012", "GB-COH:00000012"),
            ("cage:acme1", "CAGE:ACME1"),
            ("nl-kvk:12345678", "NL-KVK:12345678"),
            ("NL-KVK:12345678 ", "NL-KVK:12345678"),
        ] {
            for of in [Base::Organisation, Base::Identifier, Base::Party] {
                assert_eq!(told(text, of), Some(format!("no organisation is `'{text}'`: write `'{spelled}'`")), "{of}");
                assert_eq!(told(spelled, of), None, "{spelled}");
            }
        }
    }

    #[test]
    fn an_identifier_that_no_register_gives_is_told() {
        for (text, expected) in [
            ("CAGE:12345678", "is not valid in its scheme: a CAGE code is 5 letters or digits"),
            ("GB-COH:ABC", "is not valid in its scheme: a company number is 8 characters"),
            ("XI-LEI:ABC", "is not valid in its scheme: an LEI is 18"),
            ("US-SAM:1", "is not valid in its scheme: a UEI is 12"),
            ("GB-CH:09506232", "`GB-CH` is no scheme of organisations: did you mean `'GB-COH:09506232'`?"),
            ("NL-KVC:12345678", "`NL-KVC` is no scheme of organisations: did you mean `'NL-KVK:12345678'`?"),
            (
                "FR-SIREN:1",
                "write one of GB-COH, XI-LEI, US-SAM, CAGE, XI-DUNS, PROGRAMME, NL-KVK, X, X9, or declare `FR-SIREN`",
            ),
            ("acme.example:x", "write `'SCHEME:ID'`"),
            (":x", "write `'SCHEME:ID'`"),
            ("GB-COH:", "a company number is 8 characters"),
            ("X-:1", "write `'SCHEME:ID'`"),
        ] {
            for of in [Base::Organisation, Base::Party] {
                assert!(told(text, of).is_some_and(|told| told.contains(expected)), "{text}: {:?}", told(text, of));
            }
        }
        // Nobody told which schemes there are.
        assert_eq!(Schemes(None).never("FR-SIREN:1", Base::Organisation), None);
    }

    #[test]
    fn what_can_be_no_country_no_programme_and_no_organisation_is_told() {
        let check = |text, of, expected: Option<&str>| assert_eq!(told(text, of).as_deref(), expected, "{text}");
        check("GB", Base::Country, None);
        check("cn", Base::Country, Some("no country is `'cn'`: write `'CN'`"));
        check("China", Base::Country, Some("no country is `'China'`: write `'CN'`"));
        check("UK", Base::Country, Some("no country is `'UK'`: write `'GB'`"));
        check("EU", Base::Country, Some("no country is `'EU'`: write its two letters of ISO 3166-1, as `'GB'`"));
        check("PROGRAMME:KESTREL", Base::Programme, None);
        for text in ["Kestrel", "programme:kestrel", "PROGRAMME: Kestrel"] {
            let expected = format!("no programme is `'{text}'`: write `'PROGRAMME:KESTREL'`");
            check(text, Base::Programme, Some(&expected));
        }
        check(
            "GB-COH:09506232",
            Base::Programme,
            Some("no programme is `'GB-COH:09506232'`: write it as `'PROGRAMME:KESTREL'`"),
        );
        check("GB-COH:00000001", Base::Organisation, None);
        for name in ["Acme: Holdings", "Acme Ltd"] {
            check(name, Base::Organisation, Some(&format!("no organisation is `'{name}'`: {WRITTEN}")));
            check(name, Base::Party, None);
        }
        check(
            "Kestrel",
            Base::Organisation,
            Some(
                "no organisation is `'Kestrel'`: write its identifier, as `'GB-COH:09506232'`, or `'PROGRAMME:KESTREL'` if it is a programme",
            ),
        );
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
            "Cage Group",
            "Programme: Phase 2 Board",
            "Programme 1",
            "GB-COH Nominees",
            "NL-KVK:12345678",
            "X:a:b",
            "X9:Any-Case_is.their/own",
        ] {
            assert_eq!(told(text, Base::Party), None, "{text}");
        }
    }
}

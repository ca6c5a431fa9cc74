//! What is sent for an attestation and is none, in the forms that are met in the wild: each is named, with the command that
//! makes an attestation of it. Nothing is guessed: what is signed stays as its signer wrote it.

use super::{json::Outline, refusal::Refusal};

/// What a JSON document is that is no attestation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// The attestations of many, in one array.
    Array,
    /// What `cosign attest` and GitHub write: an envelope with a certificate and a log entry beside it.
    SigstoreBundle,
    /// The same around the signature of a file.
    SigstoreMessage,
    /// A CycloneDX BOM that claims nothing.
    Claimless,
    /// Another object.
    Object,
    /// A string, a number, or a literal.
    Scalar,
}

impl Form {
    /// What a document of this outline is.
    pub(super) fn of(outline: &Outline<'_>) -> Self {
        match outline {
            Outline::Array => Self::Array,
            Outline::Object(_) if outline.has(&["dsseEnvelope"]) => Self::SigstoreBundle,
            Outline::Object(_) if outline.has(&["messageSignature"]) => Self::SigstoreMessage,
            Outline::Object(_) => Self::Object,
            Outline::Other => Self::Scalar,
        }
    }

    /// What it is called, and how it is mended.
    fn told(self) -> (&'static str, &'static str) {
        let other =
            "keep other files out of the feed, or wrap the statement in a DSSE envelope with `tierwatch attest sign`";
        match self {
            Self::Array => ("an array", "write one attestation a line into a .jsonl file, as `jq -c '.[]'` does"),
            Self::SigstoreBundle => (
                "a Sigstore bundle",
                "take its envelope out, as `jq -c .dsseEnvelope` does, and add the key that signed it as [[key]]: its certificate is not looked at",
            ),
            Self::SigstoreMessage => (
                "a Sigstore bundle over a file",
                "it holds a signature and no statement: state what is attested with `tierwatch attest sign`",
            ),
            Self::Claimless => ("a CycloneDX BOM without claims", other),
            Self::Object => ("neither a DSSE envelope nor a statement", other),
            Self::Scalar => ("not a JSON object", other),
        }
    }
}

impl Refusal {
    /// What is sent is of another form.
    pub(super) fn of_form(form: Form) -> Self {
        let (what, fix) = form.told();
        Self::NotAnAttestation { what, fix }
    }
}

/// What is wrong with the encoding of a text, where its first bytes tell: the marks that Windows programs put there, and
/// UTF-16 and UTF-32 by the zeros beside what JSON begins with. The sentence ends with the fix.
#[must_use]
pub fn encoding(bytes: &[u8]) -> Option<&'static str> {
    const WIDE: &str = "it is UTF-16 or UTF-32 and not UTF-8, which `iconv -f UTF-16 -t UTF-8` makes of it";
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => Some(
            "it begins with a byte order mark, which `sed '1s/^\\xef\\xbb\\xbf//'` takes away: save it as UTF-8 without one",
        ),
        [0xff, 0xfe, ..]
        | [0xfe, 0xff, ..]
        | [b'{' | b'[', 0, ..]
        | [0, b'{' | b'[', ..]
        | [0, 0, 0, b'{' | b'[', ..] => Some(WIDE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attest::json;

    #[test]
    fn a_form_is_told_by_its_keys() {
        for (text, expected) in [
            ("[]", Form::Array),
            (r#"{"mediaType":"x","dsseEnvelope":{}}"#, Form::SigstoreBundle),
            (r#"{"mediaType":"x","messageSignature":{}}"#, Form::SigstoreMessage),
            (r#"{"a":1}"#, Form::Object),
            ("1", Form::Scalar),
        ] {
            assert_eq!(Form::of(&json::check(text).expect("JSON")), expected, "{text}");
        }
    }

    #[test]
    fn an_encoding_is_told_by_its_first_bytes() {
        let wide = |little: bool| {
            let units = "{\"a\":1}".encode_utf16();
            let bytes = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
            units.flat_map(bytes).collect::<Vec<u8>>()
        };
        for (bytes, expected) in [
            ("\u{feff}{}".as_bytes(), Some("byte order mark")),
            (&[&[0xff, 0xfe][..], &wide(true)].concat(), Some("UTF-16")),
            (&[&[0xfe, 0xff][..], &wide(false)].concat(), Some("UTF-16")),
            (&wide(true), Some("UTF-16")),
            (&wide(false), Some("UTF-16")),
            (&[0, 0, 0, b'{'], Some("UTF-16")),
            (b"{}", None),
            (b"", None),
            ("{\"é\":1}".as_bytes(), None),
        ] {
            let told = encoding(bytes);
            assert_eq!(told.is_some(), expected.is_some(), "{bytes:?}");
            assert!(expected.is_none_or(|part| told.is_some_and(|told| told.contains(part))), "{bytes:?}: {told:?}");
        }
    }
}

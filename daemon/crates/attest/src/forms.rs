//! What is sent for an attestation and is none, in the forms that are met in the wild: each is named, with the command that
//! makes an attestation of it. Nothing is guessed: what is signed stays as its signer wrote it.

use super::{json::JsonOutline, refusal::Refusal};

/// What a JSON document is that is no attestation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ForeignForm {
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

impl ForeignForm {
    /// What a document of this outline is.
    pub(super) fn of(outline: &JsonOutline<'_>) -> Self {
        match outline {
            JsonOutline::Array => Self::Array,
            JsonOutline::Object(_) if outline.has(&["dsseEnvelope"]) => Self::SigstoreBundle,
            JsonOutline::Object(_) if outline.has(&["messageSignature"]) => Self::SigstoreMessage,
            JsonOutline::Object(_) => Self::Object,
            JsonOutline::Other => Self::Scalar,
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
            Self::Claimless => {
                ("a CycloneDX BOM without claims", "add `declarations.claims` to it, or keep it out of the feed")
            }
            Self::Object => ("neither a DSSE envelope nor a statement", other),
            Self::Scalar => ("not a JSON object", other),
        }
    }
}

impl Refusal {
    /// What is sent is of another form.
    pub(super) fn of_form(form: ForeignForm) -> Self {
        let (what, fix) = form.told();
        Self::NotAnAttestation { what, fix }
    }
}

/// What is wrong with a text in this encoding.
macro_rules! wide {
    ($encoding:literal) => {
        Some(concat!("it is not UTF-8, which `iconv -f ", $encoding, " -t UTF-8` makes of it"))
    };
}

/// What is wrong with the encoding of a text, where its first bytes tell: the marks that Windows programs put there, and
/// UTF-16 and UTF-32 by the zeros beside what JSON begins with. The sentence ends with the fix.
#[must_use]
pub fn encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => Some(
            "it begins with a byte order mark, which `sed '1s/^\\xef\\xbb\\xbf//'` takes away: save it as UTF-8 without one",
        ),
        // With a mark the command finds the order of the bytes by itself, and takes the mark away.
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => wide!("UTF-32"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => wide!("UTF-16"),
        [b'{' | b'[', 0, 0, 0, ..] => wide!("UTF-32LE"),
        [0, 0, 0, b'{' | b'[', ..] => wide!("UTF-32BE"),
        [b'{' | b'[', 0, ..] => wide!("UTF-16LE"),
        [0, b'{' | b'[', ..] => wide!("UTF-16BE"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn a_form_is_told_by_its_keys() {
        for (text, expected) in [
            ("[]", ForeignForm::Array),
            (r#"{"mediaType":"x","dsseEnvelope":{}}"#, ForeignForm::SigstoreBundle),
            (r#"{"mediaType":"x","messageSignature":{}}"#, ForeignForm::SigstoreMessage),
            (r#"{"a":1}"#, ForeignForm::Object),
            ("1", ForeignForm::Scalar),
        ] {
            assert_eq!(ForeignForm::of(&json::check(text).expect("JSON")), expected, "{text}");
        }
    }

    #[test]
    fn an_encoding_is_told_by_its_first_bytes() {
        const TEXT: &str = "{\"é\":1}";
        let units = |mark: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            format!("{mark}{TEXT}").encode_utf16().flat_map(bytes).collect()
        };
        let points = |mark: &str, bytes: fn(u32) -> [u8; 4]| -> Vec<u8> {
            format!("{mark}{TEXT}").chars().flat_map(|c| bytes(u32::from(c))).collect()
        };
        const MARK: &str = "\u{feff}";
        for (bytes, expected) in [
            (format!("{MARK}{TEXT}").into_bytes(), Some("sed '1s/^\\xef\\xbb\\xbf//'")),
            (units(MARK, u16::to_le_bytes), Some("iconv -f UTF-16 -t UTF-8")),
            (units(MARK, u16::to_be_bytes), Some("iconv -f UTF-16 -t UTF-8")),
            (points(MARK, u32::to_le_bytes), Some("iconv -f UTF-32 -t UTF-8")),
            (points(MARK, u32::to_be_bytes), Some("iconv -f UTF-32 -t UTF-8")),
            (units("", u16::to_le_bytes), Some("iconv -f UTF-16LE -t UTF-8")),
            (units("", u16::to_be_bytes), Some("iconv -f UTF-16BE -t UTF-8")),
            (points("", u32::to_le_bytes), Some("iconv -f UTF-32LE -t UTF-8")),
            (points("", u32::to_be_bytes), Some("iconv -f UTF-32BE -t UTF-8")),
            (TEXT.into(), None),
            (b"{}".to_vec(), None),
            (Vec::new(), None),
        ] {
            let command = encoding(&bytes).map(|told| told.split('`').nth(1).expect("a command"));
            assert_eq!(command, expected, "{bytes:?}");
            if let Some(mended) = command.and_then(|command| run(command, &bytes)) {
                assert_eq!(String::from_utf8_lossy(&mended), TEXT, "{command:?} of {bytes:?}");
            }
        }
    }

    /// What a command makes of `input`; `None` where there is no such program.
    fn run(command: &str, input: &[u8]) -> Option<Vec<u8>> {
        use std::{
            io::Write as _,
            process::{Command, Stdio},
        };
        let mut shell = Command::new("sh")
            .args(["-c", command])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        shell.stdin.take()?.write_all(input).ok()?;
        let output = shell.wait_with_output().ok()?;
        if output.status.code() == Some(127) {
            #[expect(clippy::print_stderr, reason = "whoever reads the test's output should know")]
            {
                eprintln!("SKIPPED: there is no program for `{command}`; install it");
            }
            return None;
        }
        Some(output.stdout)
    }
}

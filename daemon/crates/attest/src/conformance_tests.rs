//! Vectors that others published, read from the folder that `TIERWATCH_CONFORMANCE` names.

use super::{
    Refusal, cyclonedx, dsse,
    fixture::{key, now, verifier},
};
use crate::model::{Identifiers, country};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The files of a folder of the vectors, sorted; none, visibly, when there are no vectors.
fn vectors(folder: &str) -> Vec<PathBuf> {
    let Some(root) = std::env::var_os("TIERWATCH_CONFORMANCE") else {
        #[expect(clippy::print_stderr, reason = "a test that skips must say so")]
        {
            eprintln!("skipped {folder}: set TIERWATCH_CONFORMANCE to the folder of public vectors");
        }
        return Vec::new();
    };
    let folder = Path::new(&root).join(folder);
    let mut files: Vec<_> =
        fs::read_dir(&folder).expect("vectors").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    assert!(!files.is_empty(), "no vectors in {}", folder.display());
    files
}

fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).expect("a name")
}

#[test]
fn json_suite() {
    for path in vectors("jsontestsuite/test_parsing") {
        let bytes = fs::read(&path).expect("a vector");
        let code = verifier().verify(&bytes, "spreadsheet", now()).expect_err("no attestation").code();
        let ok = match name(&path).split('_').next() {
            Some("y") => ["not-an-attestation", "malformed"].contains(&code),
            Some("n") => ["malformed", "too-deep"].contains(&code),
            _ => true,
        };
        assert!(ok, "{}: {code}", path.display());
        // The only valid JSON that is refused is what two parsers read differently.
        if name(&path).starts_with("y_") && code == "malformed" {
            assert!(name(&path).starts_with("y_object_duplicated_key"), "{}", path.display());
        }
        let enveloped = dsse::sign("application/vnd.in-toto+json", &bytes, &[&key("body")]);
        verifier().verify(enveloped.as_bytes(), "directory", now()).expect_err("no statement");
    }
}

#[test]
fn lei_vectors() {
    for path in vectors("lei").iter().filter(|path| name(path) == "lei_valid.txt") {
        let text = fs::read_to_string(path).expect("a vector");
        let valid = text.split_whitespace().filter(|lei| lei.len() == 20);
        for lei in valid {
            Identifiers::default().parse(&format!("XI-LEI:{lei}")).unwrap_or_else(|error| panic!("{error}"));
            let last = if lei.ends_with('0') { "1" } else { "0" };
            let mistyped = format!("XI-LEI:{}{last}", &lei[..19]);
            assert!(Identifiers::default().parse(&mistyped).is_err(), "{mistyped}");
        }
    }
}

#[test]
fn cyclonedx_vectors() {
    for version in ["1.6", "1.7"] {
        for path in vectors(&format!("cyclonedx-attestations/{version}")) {
            let bytes = fs::read(&path).expect("a vector");
            let signed = dsse::sign(cyclonedx::PAYLOAD_TYPE, &bytes, &[&key("body")]);
            let refusal = verifier().verify(signed.as_bytes(), "directory", now()).expect_err("no claims of ours");
            let expected = match name(&path).trim_end_matches(&format!("-{version}.json")) {
                "invalid-bomformat" => {
                    "unsupported-type: its bomFormat `AnotherFormat` is not read here: use CycloneDX"
                }
                "invalid-metadata-timestamp" => "invalid-time: metadata.timestamp: `2020-04-13` is not a time",
                "invalid-serialnumber" => "malformed: it cannot be read: serialNumber",
                // It is prose: a predicate that names no kind is for people.
                "valid-attestation" => "unknown-kind: `Predicate here` is no kind",
                _ => "not-an-attestation: it is no attestation (a CycloneDX BOM without claims)",
            };
            let shown = format!("{}: {refusal}", refusal.code());
            assert!(shown.starts_with(expected), "{}: {shown}", path.display());
            let bare = verifier().verify(&bytes, "directory", now()).map_err(|refusal| refusal.code());
            let bare_expected = if matches!(refusal, Refusal::UnknownKind(_)) { "unsigned" } else { refusal.code() };
            assert_eq!(bare.err(), Some(bare_expected), "{}", path.display());
        }
    }
}

#[test]
fn dsse_vector() {
    for path in vectors("dsse").iter().filter(|path| name(path) == "hello-world.json") {
        let text = fs::read_to_string(path).expect("a vector");
        let envelope = dsse::Envelope::parse(&text).expect("an envelope");
        assert_eq!(envelope.signed_bytes(), b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
        let refusal = verifier().verify(text.as_bytes(), "directory", now()).expect_err("no statement");
        assert_eq!(refusal.code(), "unsupported-type");
    }
}

#[test]
fn cage_and_uei_vectors() {
    for path in vectors("lei").iter().filter(|path| name(path) == "cage_uei_sample.csv") {
        let text = fs::read_to_string(path).expect("a vector");
        for line in text.lines().skip(1) {
            let mut fields = line.split(',');
            let (cage, uei) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
            for (scheme, id) in [("CAGE", cage), ("US-SAM", uei)].into_iter().filter(|(_, id)| !id.is_empty()) {
                let parsed = Identifiers::default().parse(&format!("{scheme}:{}", id.to_lowercase()));
                assert_eq!(parsed.map(|parsed| parsed.to_string()), Ok(format!("{scheme}:{id}")), "{line}");
            }
        }
    }
}

/// The numbers and country words of the register of companies, as its own files have them.
#[test]
fn companies_house_vectors() {
    for path in vectors("companies-house") {
        let text = fs::read_to_string(&path).expect("a vector");
        if name(&path) == "product-101-expected.csv" {
            let numbers = text.lines().skip(1).filter_map(|line| line.split(',').nth(1));
            for number in numbers.filter(|number| number.len() == 8) {
                let parsed = Identifiers::default().parse(&format!("gb-coh:{}", number.to_lowercase()));
                assert_eq!(parsed.map(|parsed| parsed.to_string()), Ok(format!("GB-COH:{number}")));
            }
        }
        for field in ["country_registered", "country_of_residence"] {
            for found in text.split(&format!("\"{field}\": \"")).skip(1) {
                let word = found.split('"').next().unwrap_or_default();
                // What people write there is not always a country: that is refused, not guessed.
                let expected = if word == "West Yorkshire" { None } else { Some("GB") };
                assert_eq!(country::alpha_2(word).ok(), expected, "{word}");
            }
        }
    }
}

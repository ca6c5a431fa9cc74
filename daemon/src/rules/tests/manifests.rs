//! What a manifest may declare: each limit at its value, and one beyond.

use crate::rules::{
    bindings_v1 as v1,
    limits::{MAX_ARGUMENTS, MAX_KINDS, MAX_MESSAGES, MAX_NAME_BYTES, MAX_SCHEMA_BYTES, MAX_TEXT_BYTES},
    manifest::{ManifestError, checked},
};

fn good() -> v1::Manifest {
    v1::Manifest {
        name: "example".into(),
        version: "1.0.0".into(),
        dimension: "test".into(),
        help: "Helps.".into(),
        kinds: vec!["cyber.ce".into()],
        facts: vec![v1::Fact::Needs],
        parameters: "{}".into(),
        messages: vec![v1::Message { code: "CODE".into(), text: "Text {0}.".into(), remedy: String::new() }],
    }
}

/// Asserts that a manifest with `most` of something is accepted, and refused with this sentence with one more.
fn check(most: usize, change: fn(&mut v1::Manifest, usize), expected: &str) {
    let with = |many| {
        let mut manifest = good();
        change(&mut manifest, many);
        checked(manifest).map(|_| ()).map_err(|error: ManifestError| error.to_string())
    };
    assert_eq!(with(most), Ok(()), "before: {expected}");
    assert_eq!(with(most + 1), Err(expected.to_owned()));
}

fn message(code: String, text: String, remedy: String) -> v1::Message {
    v1::Message { code, text, remedy }
}

#[test]
fn texts() {
    let name = "a".repeat(MAX_NAME_BYTES + 1);
    check(
        MAX_NAME_BYTES,
        |manifest, many| manifest.name = "a".repeat(many),
        &format!(
            "`{name}` is no name for a rule: write lower-case letters, digits and `-`, at most 64, starting with a letter"
        ),
    );
    check(
        MAX_NAME_BYTES,
        |manifest, many| manifest.version = format!("1.0.{}1", "0".repeat(many - 5)),
        &format!("`1.0.{}1` is no version: write three numbers, as 1.0.0", "0".repeat(60)),
    );
    check(
        MAX_NAME_BYTES,
        |manifest, many| manifest.dimension = "d".repeat(many),
        "the dimension is empty or longer than 64 bytes: shorten it or write one",
    );
    check(
        MAX_TEXT_BYTES,
        |manifest, many| manifest.help = "h".repeat(many),
        "the help is empty or longer than 4096 bytes: shorten it or write one",
    );
    check(
        MAX_SCHEMA_BYTES,
        |manifest, many| manifest.parameters = format!("{{{}}}", " ".repeat(many - 2)),
        "the JSON Schema of parameters is empty or longer than 65536 bytes: shorten it or write one",
    );
    check(
        MAX_NAME_BYTES,
        |manifest, many| manifest.kinds = vec!["k".repeat(many)],
        "the name of a kind is empty or longer than 64 bytes: shorten it or write one",
    );
    check(
        MAX_NAME_BYTES,
        |manifest, many| manifest.messages[0].code = "C".repeat(many),
        &format!("`{}` is no message code: write capital letters, digits and `_`, as CEP_WINDOW", "C".repeat(65)),
    );
    check(
        MAX_TEXT_BYTES,
        |manifest, many| manifest.messages[0].text = "t".repeat(many),
        "the text of a message is empty or longer than 4096 bytes: shorten it or write one",
    );
    check(
        MAX_TEXT_BYTES,
        |manifest, many| manifest.messages[0].remedy = "r".repeat(many),
        "there are 4097 bytes in a remedy: keep to 4096",
    );
}

#[test]
fn counts() {
    check(
        MAX_KINDS,
        |manifest, many| manifest.kinds = (0..many).map(|number| format!("kind.k{number}")).collect(),
        "there are 65 kinds: keep to 64",
    );
    check(
        MAX_MESSAGES,
        |manifest, many| {
            let numbered = |number| message(format!("CODE_{number}"), "Text.".into(), String::new());
            manifest.messages = (0..many).map(numbered).collect();
        },
        "there are 257 messages: keep to 256",
    );
    check(
        MAX_ARGUMENTS - 1,
        |manifest, many| manifest.messages[0].remedy = format!("Do {{{many}}}."),
        "message CODE has the placeholder `{16}`: write {0} to {15}",
    );
}

#[test]
fn what_is_refused_is_shown_in_short() {
    let long = "é".repeat(1_000_000);
    let check = |change: fn(&mut v1::Manifest, String), long: &str| {
        let mut manifest = good();
        change(&mut manifest, long.to_owned());
        let error = checked(manifest).map(|_| ()).expect_err("too long").to_string();
        assert!(error.len() < 1_024, "{} bytes", error.len());
    };
    check(|manifest, long| manifest.name = long, &long);
    check(|manifest, long| manifest.version = long, &long);
    check(|manifest, long| manifest.dimension = long, &long);
    check(|manifest, long| manifest.help = long, &long);
    check(|manifest, long| manifest.kinds = vec![long], &long);
    check(|manifest, long| manifest.parameters = format!("{{\"a\": {long}}}"), "é");
    check(|manifest, long| manifest.messages[0].code = long, &long);
    check(|manifest, long| manifest.messages[0].text = long, &long);
    check(|manifest, long| manifest.messages[0].text = format!("{{{long}}}"), &"é".repeat(2_000));
}

#[test]
fn versions() {
    for version in ["", "1", "1.0", "1.0.0.0", "1.0.x", "1.0.-1", "1.0.+1", "1..0", "1.0.4294967296", " 1.0.0"] {
        let refused = checked(v1::Manifest { version: version.into(), ..good() });
        assert_eq!(refused.map(|_| ()), Err(ManifestError::Version(version.into())));
    }
    for version in ["0.0.0", "1.0.4294967295"] {
        assert!(checked(v1::Manifest { version: version.into(), ..good() }).is_ok(), "{version}");
    }
}

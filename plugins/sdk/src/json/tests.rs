//! What serde's own JSON library reads and writes is the measure.

use super::{quoted, read, write};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{collections::BTreeMap, fmt::Debug};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Everything {
    truth: bool,
    small: i8,
    large: u64,
    share: f64,
    letter: char,
    text: String,
    some: Option<u32>,
    none: Option<u32>,
    nothing: (),
    pair: (u8, String),
    list: Vec<Case>,
    map: BTreeMap<String, Vec<i64>>,
    wrapped: Wrapped,
    free: serde_json::Value,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Wrapped(u32);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Case {
    JustSo,
    One(u32),
    Two(u32, bool),
    Named { days: u32 },
}

fn everything() -> Everything {
    Everything {
        truth: true,
        small: -128,
        large: u64::MAX,
        share: -0.125,
        letter: '"',
        text: "a \"quoted\" \\ line\n\t\u{1} with é, 𝄞 and /".into(),
        some: Some(7),
        none: None,
        nothing: (),
        pair: (1, String::new()),
        list: vec![Case::JustSo, Case::One(1), Case::Two(2, false), Case::Named { days: 3 }],
        map: [("a".to_owned(), vec![1, -2]), ("b/~".to_owned(), vec![])].into(),
        wrapped: Wrapped(9),
        free: serde_json::json!({"deep": [[{"x": null}], 1.5, -3, 3, "s", true]}),
    }
}

#[test]
fn what_is_written_is_what_serde_json_writes() {
    let everything = everything();
    assert_eq!(
        write(&everything),
        serde_json::to_string(&everything).ok().map(|json| json.replace("\\n\\t", "\\u000a\\u0009"))
    );
    assert_eq!(quoted("a\"b\\\u{1f}"), r#""a\"b\\\u001f""#);
    assert_eq!(write(&f64::NAN), None);
    assert_eq!(write(&BTreeMap::from([(1, 2)])), None);
}

#[test]
fn what_is_read_is_what_was_meant() {
    let everything = everything();
    assert_eq!(read(&serde_json::to_string(&everything).expect("JSON")), Ok(everything.clone()));
    assert_eq!(read(&serde_json::to_string_pretty(&everything).expect("JSON")), Ok(everything));
    assert_eq!(read(r#" "\ud834\udd1e\u00e9\/\b\f" "#), Ok("𝄞é/\u{8}\u{c}".to_owned()));
}

#[test]
fn an_error_names_the_value_and_what_is_expected() {
    fn refused<T: DeserializeOwned + Debug>(text: &str, path: &str, message: &str) {
        let problem = read::<T>(text).expect_err(text);
        assert_eq!((problem.path.as_str(), problem.message.as_str()), (path, message), "{text}");
    }
    type Lists = BTreeMap<String, Vec<u8>>;
    refused::<Lists>(r#"{"a/b": [1, 256]}"#, "/a~1b/1", "expected a whole number from 0 that fits");
    refused::<Lists>(r#"{"a": 1}"#, "/a", "expected a list");
    refused::<Lists>("[]", "", "expected an object");
    refused::<Wrapped>("1.5", "", "expected a whole number from 0 that fits");
    refused::<Vec<Case>>(r#"["half-so"]"#, "/0", "expected just-so, one, two, named");
    refused::<Vec<Case>>(r#"["one"]"#, "/0", "expected an object");
    refused::<Vec<Case>>(r#"[{"named": {}}]"#, "/0", "expected days");
    refused::<Everything>(
        r#"{"colour": 1}"#,
        "/colour",
        "expected truth, small, large, share, letter, text, some, none, nothing, pair, list, map, wrapped, free",
    );
    refused::<serde_json::Value>(&"[".repeat(65), &"/0".repeat(64), "this is too deep");
    for text in [
        "",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[1 2]",
        "[,1]",
        "[1]]",
        "[1] x",
        "[01x]",
        r#"["\x"]"#,
        r#"["\ud800"]"#,
        r#"["a]"#,
    ] {
        assert!(read::<serde_json::Value>(text).is_err(), "{text}");
    }
}

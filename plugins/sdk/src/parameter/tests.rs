//! Reading and writing compared with serde's JSON library.

use super::*;
use serde_json::json;

const LIST: &str = r#""type":"array""#;

#[expect(unreachable_pub, reason = "the macro's type is a rule's, which the crate shows")]
mod sample {
    use super::LIST;

    crate::parameters! {
        /// How "long".
        /// In days.
        days: u32 = 30, crate::within(1, 60);
        /// Whether.
        truth: bool = true, r#""type":"boolean""#;
        /// Below zero.
        below: i64 = -3, r#""type":"integer""#;
        /// A share.
        share: f64 = 0.25, r#""type":"number""#;
        /// Said.
        text: String = "a \"quoted\" \\ line\n\t\u{1} with é, 𝄞 and /".to_owned(), r#""type":"string""#;
        /// Perhaps.
        perhaps: Option<u8> = None, "\"type\":[\"integer\",\"null\"]";
        /// Some.
        lists: Vec<Vec<String>> = vec![vec![], vec!["x".to_owned(), "é".to_owned()]], LIST;
    }
}

use sample::Parameters;

#[test]
fn a_schema_says_what_is_declared() {
    let schema: serde_json::Value = serde_json::from_str(&Parameters::schema()).expect("JSON");
    let default = Parameters::default();
    let property = |description: &str, kind: serde_json::Value, default: serde_json::Value| json!({"description": description, "type": kind, "default": default});
    let mut days = property("How \"long\". In days.", json!("integer"), json!(30));
    days["minimum"] = json!(1);
    days["maximum"] = json!(60);
    let properties = json!({
        "days": days,
        "truth": property("Whether.", json!("boolean"), json!(true)),
        "below": property("Below zero.", json!("integer"), json!(-3)),
        "share": property("A share.", json!("number"), json!(0.25)),
        "text": property("Said.", json!("string"), json!(default.text)),
        "perhaps": property("Perhaps.", json!(["integer", "null"]), json!(null)),
        "lists": property("Some.", json!("array"), json!([[], ["x", "é"]])),
    });
    assert_eq!(schema, json!({"type": "object", "additionalProperties": false, "properties": properties}));
}

#[test]
fn what_is_set_is_read_and_the_rest_stays() {
    let text = "a \"quoted\" \\ line\n\t\u{1}\u{7f} with é, 𝄞 and /";
    let set = json!({
        "days": 7, "truth": false, "below": i64::MIN, "share": -1.5e-3, "text": text, "perhaps": 255,
        "lists": [["a", ""], [], [text]],
    });
    let expected = Parameters {
        days: 7,
        truth: false,
        below: i64::MIN,
        share: -1.5e-3,
        text: text.to_owned(),
        perhaps: Some(255),
        lists: vec![vec!["a".to_owned(), String::new()], vec![], vec![text.to_owned()]],
    };
    assert_eq!(Parameters::from_json(&set.to_string()), Ok(expected.clone()));
    assert_eq!(Parameters::from_json(&format!(" {set:#}\n")), Ok(expected));
    assert_eq!(Parameters::from_json("{ }"), Ok(Parameters::default()));
    let escaped = Parameters::from_json(r#"{"\u0074ext": "\ud834\udd1e\u00e9\/\b\f\r", "perhaps": null}"#);
    assert_eq!(escaped, Ok(Parameters { text: "𝄞é/\u{8}\u{c}\r".to_owned(), ..Parameters::default() }));
    assert_eq!(String::from_json("[1]"), Ok("[1]".to_owned()));
}

#[test]
fn an_error_names_the_value_and_what_is_expected() {
    let refused = |text: &str, path: &str, message: &str| {
        assert_eq!(Parameters::from_json(text), Err(Problem::of(path, message)), "{text}");
    };
    refused(r#"{"days": -1}"#, "/days", "expected a whole number from 0 that fits");
    refused(r#"{"days": 1.0}"#, "/days", "expected a whole number from 0 that fits");
    refused(r#"{"perhaps": 256}"#, "/perhaps", "expected a whole number from 0 that fits");
    refused(r#"{"below": ""}"#, "/below", "expected a whole number that fits");
    refused(r#"{"truth": 1}"#, "/truth", "expected true or false");
    refused(r#"{"lists": [["a"], ["b", 1]]}"#, "/lists/1/1", "expected a text");
    refused(r#"{"lists": {}}"#, "/lists", "expected a list");
    refused("[]", "", "expected an object");
    refused(r#"{"days": 1"#, "", "this is no JSON");
    refused(r#"{"a/~": 1}"#, "/a~1~0", "expected days, truth, below, share, text, perhaps, lists");
    for text in [
        "",
        "{",
        "{,}",
        r#"{"days""#,
        r#"{"days" 1}"#,
        r#"{"days":1,}"#,
        r#"{"days":1 "below":1}"#,
        r#"{"days":1}}"#,
        r#"{"days":1} x"#,
        r#"{"lists":[,]}"#,
        r#"{"lists":[["a" "b"]]}"#,
        r#"{"text":"a}"#,
        r#"{"text":"\x"}"#,
        r#"{"text":"\u00é"}"#,
        r#"{"text":"\ud800"}"#,
        r#"{"text":"\"#,
    ] {
        assert!(Parameters::from_json(text).is_err(), "{text}");
    }
}

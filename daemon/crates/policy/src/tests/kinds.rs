//! The declared kinds in a policy's text: which are added, and that a policy with them is read again as it was.

use crate::{
    MAX_KINDS, Policy,
    kinds::{MAX_KIND_SCHEMA_BYTES, MAX_KIND_SCHEMAS_BYTES},
    model::DeclaredKinds,
};
use serde_json::{Value, json};

fn declared(kinds: &[(&str, Value)]) -> DeclaredKinds {
    let schemas = kinds.iter().map(|(name, schema)| ((*name).into(), schema.clone())).collect();
    DeclaredKinds { schemas, ..DeclaredKinds::default() }
}

fn text(parameters: &str) -> String {
    format!(
        "# health\nname = 'test'\nversion = '1'\nhelp = 'health'\n[[bands]]\nname = 'any'\nfrom_bp = 0\n\
         [rules.ours]\nplugin = 'expression'\n[rules.ours.parameters]\n{parameters}"
    )
}

fn completed(text: &str, declared: &DeclaredKinds) -> Result<Policy, String> {
    Policy::parse_with("policy.toml", text, declared).map_err(|refused| refused.to_string())
}

#[test]
fn the_kinds_that_rules_mention_become_a_part_of_the_text() {
    let odd = json!({"type": "object", "description": "it's '''so''' \u{7f} \n \"quoted\" \\ ünd"});
    let kinds = declared(&[("health", odd.clone()), ("fire.safety", json!({})), ("site2", json!({"type": "object"}))]);
    let check = |parameters: &str, expected: &[&str]| {
        let text = text(parameters);
        let policy = completed(&text, &kinds).unwrap_or_else(|refused| panic!("{refused}"));
        let told: Vec<&str> = policy.kinds().schemas.keys().map(|name| &**name).collect();
        assert_eq!(told, expected, "{parameters}");
        let others = policy.kinds().others.len();
        assert_eq!(told.len() + others, 3, "{parameters}");
        assert!(policy.text().starts_with(&text), "{}", policy.text());
        assert_eq!(**policy.text() == *text, expected.is_empty(), "{parameters}");
        // As `replay` reads it, and as somebody would who uses it as a policy of his own.
        let again = Policy::parse("stored", policy.text()).expect("it was read");
        assert_eq!((again.digest(), &again.kinds().schemas), (policy.digest(), &policy.kinds().schemas));
        let own = completed(policy.text(), &kinds).unwrap_or_else(|refused| panic!("{refused}"));
        assert_eq!(own.text(), policy.text());
        policy
    };
    // A comment and what the policy says of itself mention nothing.
    check("a = 1", &[]);
    check("a = 'usable(site)'\n", &[]);
    let policy = check("a = 'usable(health)'\n\n", &["health"]);
    assert_eq!(policy.kinds().schemas["health"], odd);
    assert!(
        policy
            .text()
            .contains("\n\n# Declared kinds that its rules read, as the configuration had them.\n[kinds.\"health\"]\n")
    );
    check("a = { b = ['x', \"fire\\n . safety\"] }", &["fire.safety"]);
    check("kinds = ['site2', 'health', 'other']", &["health", "site2"]);
}

/// A kind is mentioned by its whole name.
#[test]
fn a_part_of_a_name_mentions_nothing() {
    let kinds = ["audit", "audit.site", "iso.1", "iso.10", "fire", "fire-safety", "safety"];
    let kinds = declared(&kinds.map(|kind| (kind, json!({}))));
    for (text_of_rule, expected) in [
        ("in_force(iso.10).size()", &["iso.10"][..]),
        ("iso . 1.size()", &["iso.1"]),
        ("x in audit", &["audit"]),
        ("kind('fire-safety').size()", &["fire-safety"]),
        ("safety.size()-fire.size()", &["fire", "safety"]),
        ("audit.site.exists(a, a.audit == 3)", &["audit.site"]),
        ("audits.size() + preaudit.size() + my_audit + site.audit", &[]),
        ("audit.size() + audit.site.size()", &["audit", "audit.site"]),
    ] {
        let text = text(&format!("a = \"{text_of_rule}\""));
        let policy = completed(&text, &kinds).unwrap_or_else(|refused| panic!("{refused}"));
        assert_eq!(policy.kinds().schemas.keys().map(|name| &**name).collect::<Vec<_>>(), expected, "{text_of_rule}");
    }
}

#[test]
fn what_a_policy_defines_itself_holds() {
    let own = text("a = 'health + site2'\n[kinds.health]\nschema = '{\"type\": \"object\", \"title\": \"own\"}'\n");
    let kinds = declared(&[("health", json!({})), ("site2", json!({"title": "configured"}))]);
    let policy = completed(&own, &kinds).unwrap_or_else(|refused| panic!("{refused}"));
    let title = |name: &str| policy.kinds().schemas[name]["title"].as_str().unwrap_or_default().to_owned();
    assert_eq!((title("health"), title("site2")), ("own".to_owned(), "configured".to_owned()));
}

/// A changed schema is a changed policy; its layout does not matter.
#[test]
fn the_digest_binds_the_schemas() {
    let text = text("a = 'health'");
    let digest = |schema: &str| {
        let schema = serde_json::from_str(schema).expect("JSON");
        completed(&text, &declared(&[("health", schema)])).unwrap_or_else(|refused| panic!("{refused}")).digest()
    };
    assert_eq!(digest(r#"{"type":"object","title":"a"}"#), digest("{ \"title\": \"a\",\n \"type\": \"object\" }"));
    assert_ne!(digest(r#"{"type":"object"}"#), digest(r#"{"type":"object","required":["score"]}"#));
}

#[test]
fn what_is_too_much_is_refused() {
    let check = |parameters: &str, kinds: &DeclaredKinds, expected: &str| {
        let refused = completed(&text(parameters), kinds).expect_err("too much");
        assert!(refused.contains(expected), "{refused}");
    };
    let of_bytes = |bytes: usize| json!({"title": "x".repeat(bytes - json!({"title": ""}).to_string().len())});
    let large = declared(&[("health", of_bytes(MAX_KIND_SCHEMA_BYTES + 1))]);
    check("a = 'health'", &large, "its rules read the kind `health`, whose JSON Schema has 65537 bytes");
    let names: Vec<String> = (0..=MAX_KINDS).map(|number| format!("kind.n{number}x")).collect();
    let all = |count: usize, bytes: usize| {
        let kinds: Vec<(&str, Value)> = names[..count].iter().map(|name| (name.as_str(), of_bytes(bytes))).collect();
        declared(&kinds)
    };
    let parameters = format!("a = '{}'", names.join(" + "));
    check(&parameters, &all(MAX_KINDS + 1, 20), "its rules read 33 declared kinds, with schemas of 660 bytes");
    let half = MAX_KIND_SCHEMAS_BYTES / MAX_KIND_SCHEMA_BYTES;
    check(
        &parameters,
        &all(half + 1, MAX_KIND_SCHEMA_BYTES),
        "its rules read 5 declared kinds, with schemas of 327680 bytes",
    );
    for most in
        [declared(&[("health", of_bytes(MAX_KIND_SCHEMA_BYTES))]), all(MAX_KINDS, 20), all(half, MAX_KIND_SCHEMA_BYTES)]
    {
        let policy = completed(&text(&format!("{parameters}\nb = 'health'")), &most);
        assert_eq!(policy.unwrap_or_else(|refused| panic!("{refused}")).kinds().schemas, most.schemas);
    }
    let inline = "a = 'health + site2'";
    let inline = format!("kinds = {{ site2 = {{ schema = '{{}}' }} }}\n{}", text(inline));
    let refused = completed(&inline, &declared(&[("health", json!({}))])).expect_err("no room");
    assert!(refused.contains("no kinds can be added to those that it defines"), "{refused}");
}

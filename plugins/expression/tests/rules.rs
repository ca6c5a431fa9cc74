//! Whole rules: what is wrong with one is told where it stands, and what cannot be calculated is the rule's failure.

use expression::Expressions;
use serde_json::{Value, json};
use tierwatch_rule::{Argument, Assessment, Attestation, Claims, Outcome, Rule, Site, State, Subject, Trust};

/// Where each problem is, and its text.
fn problems(parameters: &Value) -> Vec<(String, String)> {
    match Expressions::configure(parameters.to_string()) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.into_iter().map(|problem| (problem.path, problem.message)).collect(),
    }
}

/// A rule that says one finding, whose message this is.
fn finding(message: &Value) -> Value {
    json!({"otherwise": {"risk": "site.size()", "confidence": 0, "findings": ["SAID"]}, "messages": {"SAID": message}})
}

/// A rule that says why it is unknown.
fn reason(message: &Value) -> Value {
    json!({"kinds": ["site"], "let": {"sites": "site.size()"},
        "clauses": [{"when": "sites > 0", "risk": 0, "confidence": 0}],
        "otherwise": {"outcome": "unknown", "reason": "SAID"}, "messages": {"SAID": message}})
}

fn let_of(name: &str, expression: &Value) -> Value {
    json!({"let": {name: expression}, "otherwise": {"risk": "site.size()", "confidence": 0}})
}

fn risk(expression: &Value) -> Value {
    json!({"otherwise": {"risk": expression, "confidence": "site"}})
}

#[test]
fn what_is_wrong_with_a_rule_is_told_where_it_stands() {
    let said = |path: &str, message: &str| vec![(path.to_owned(), message.to_owned())];
    for (parameters, expected) in [
        (
            finding(&json!({"text": "{0}", "remedy": "{1}", "severity": "low", "arguments": ["1", "2", "3"]})),
            said("/messages/SAID/arguments/2", "no text has a place for it: write `{2}` in `text` or `remedy`, or take it out"),
        ),
        (
            finding(&json!({"text": "It.", "severity": "low", "arguments": ["requirement.cyber_level"]})),
            vec![
                (
                    "/messages/SAID/arguments/0".to_owned(),
                    "this is optional(int), which a message cannot show: give a value with `.orValue(…)`, or ask for it in `when`"
                        .to_owned(),
                ),
                (
                    "/messages/SAID/arguments/0".to_owned(),
                    "no text has a place for it: write `{0}` in `text` or `remedy`, or take it out".to_owned(),
                ),
            ],
        ),
        (
            finding(&json!({"text": "{0}", "severity": "low", "arguments": ["site"]})),
            said(
                "/messages/SAID/arguments/0",
                "this is list(site), which a message cannot show: count them, as `(…).size()`, or take one with first(), last() or \
                 greatest(…)",
            ),
        ),
        (
            reason(&json!({"text": "It.", "severity": "low", "when": "true", "evidence": "site", "due_on": "today"})),
            ["severity", "when", "evidence", "due_on"]
                .map(|key| {
                    let fix = "leave it out, or name `SAID` among the `findings` of an answer";
                    (format!("/messages/SAID/{key}"), format!("only a finding has it: {fix}"))
                })
                .to_vec(),
        ),
        (
            reason(&json!({"text": "It.", "each": "site"})),
            said("/otherwise/reason", "a reason is said once: name a message without `each`"),
        ),
        (let_of("in", &json!(1)), said("/let/in", "CEL keeps the word `in` for itself: choose another name")),
        (let_of("cyber", &json!(1)), said("/let/cyber", "the kind `cyber.ce` begins with `cyber`: choose another name")),
        (let_of("a", &json!(5000.0)), said("/let/a", "numbers here are whole: write `5000`")),
        (risk(&json!(5000.0)), said("/otherwise/risk", "numbers here are whole: write `5000`")),
        (
            risk(&json!("cyber.ce + site")),
            said("/otherwise/risk", "this is list(attestation), not int: count them, as `(…).size()`"),
        ),
        (
            json!({"clauses": [{"when": "site", "risk": 0, "confidence": 0}], "otherwise": {"risk": 0, "confidence": 0}}),
            said(
                "/clauses/0/when",
                "this is list(site), not bool: ask whether it holds something, as `….size() > 0`",
            ),
        ),
        // The last `: ` stands before the fix, whatever the fix names.
        (
            json!({"declared": {"k": {"properties": {"a": {"enum": ["x: yes", "x: no"]}}}},
                "otherwise": {"risk": "k.filter(o, o.?a.orValue('x: ys') == 'x: ye').size()", "confidence": 0}}),
            said("/otherwise/risk", "`k.a` is never `'x: ye'`: did you mean `'x: yes'`?"),
        ),
    ] {
        let told = problems(&parameters);
        assert_eq!(told, expected, "{parameters:#}");
        assert!(told.iter().all(|(_, message)| message.contains(": ")));
    }
}

fn site(index: u32) -> Attestation {
    Attestation {
        index,
        about: 0,
        issuer: 1,
        trust: Trust::Authority,
        state: State::InForce,
        covers: true,
        issued_at: 0,
        valid_from: 0,
        valid_until: None,
        claims: Claims::Site(Site { region: 2, corridors: vec![], share_bp: 1, latitude: None, longitude: None }),
    }
}

/// What a rule says of somebody with so many sites.
fn assess(parameters: &Value, sites: u32) -> Assessment {
    let rule = Expressions::configure(parameters.to_string()).unwrap_or_else(|problems| panic!("{problems:?}"));
    rule.assess(&Subject {
        as_of: 20_583 * 86_400,
        words: None,
        evidence: (0..sites).map(site).collect(),
        requirement: None,
        needs: None,
        impact: None,
        ownership: None,
    })
}

/// Why the rule failed; nothing where it did not.
fn failure(parameters: &Value, sites: u32) -> Option<String> {
    match assess(parameters, sites).outcome {
        Outcome::Invalid(reason) if reason.message == u32::MAX => match reason.arguments.as_slice() {
            [Argument::Text(why)] => Some(why.clone()),
            other => panic!("{other:?}"),
        },
        _ => None,
    }
}

#[test]
fn what_cannot_be_calculated_says_where() {
    let zero = "1 / (site.size() - 2)";
    let said = |key: &str, value: Value| {
        let mut message = json!({"text": "It.", "severity": "low"});
        message[key] = value;
        if key == "arguments" {
            message["text"] = "{0}".into();
        }
        finding(&message)
    };
    let in_message = "a division by zero in the message `SAID`";
    for (parameters, why) in [
        (said("arguments", json!([zero])), in_message),
        (said("when", json!(format!("{zero} > 0"))), in_message),
        (said("each", json!(format!("[{zero}]"))), in_message),
        (said("due_on", json!(format!("days_after(today, {zero})"))), in_message),
        (
            said("due_on", json!("days_after(today, 3000000 + site.size())")),
            "a day before the year 1 or after the year 9999 in the message `SAID`",
        ),
        (
            said("arguments", json!(["per_cent(site.size() - 3)"])),
            "`per_cent` of a number below 0 or above 4294967295 in the message `SAID`",
        ),
        (
            json!({"clauses": [{"when": "site.exists(s, ends(s, 1 - site.size()) > as_of)", "risk": 0, "confidence": 0}],
                "otherwise": {"risk": 0, "confidence": 0}}),
            "`ends` after a number of months below 0 or above 4294967295 in `when` of clause 1",
        ),
    ] {
        assert_eq!(failure(&parameters, 2).as_deref(), Some(why), "{parameters:#}");
    }
    // A `let` that a message names is where it happens.
    let mut named = said("arguments", json!(["part"]));
    named["let"] = json!({"part": zero});
    assert_eq!(failure(&named, 2).as_deref(), Some("a division by zero in `let.part`"));
    assert_eq!(failure(&named, 3), None);
}

#[test]
fn an_answer_has_so_many_findings_and_no_more() {
    let each = finding(&json!({"text": "{0}", "severity": "low", "each": "site", "arguments": ["it.place"]}));
    assert_eq!(assess(&each, 256).findings.len(), 256);
    assert_eq!(failure(&each, 257).as_deref(), Some("more than 256 findings of one answer in the message `SAID`"));
}

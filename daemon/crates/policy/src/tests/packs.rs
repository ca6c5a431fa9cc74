//! The policies of this repository, and the positions at which others report problems of a policy.

use super::policy;
use crate::Policy;
use std::collections::BTreeSet;

#[test]
fn the_packs_are_valid_and_gate_on_what_stops_a_supplier() {
    let common = [
        ("adverse-events", 2, true),
        ("clearance", 3, true),
        ("cyber-posture", 3, false),
        ("expiry-horizon", 1, false),
        ("foci", 1, false),
        ("geography", 1, false),
        ("recovery", 2, false),
        ("single-source", 3, false),
    ];
    let packs = [
        ("uk-mod", include_str!("../../../../../rules/uk-mod.toml"), None),
        ("us-dod", include_str!("../../../../../rules/us-dod.toml"), Some(("cmmc", 3, true))),
    ];
    for (name, text, own) in packs {
        let policy = Policy::parse(name, text).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
        assert_eq!(&**policy.name(), name);
        let rules: BTreeSet<_> = policy.rules().map(|rule| (&*rule.name, rule.weight, rule.gate)).collect();
        assert_eq!(rules, common.into_iter().chain(own).collect());
        assert_eq!((policy.assumed().unknown_bp, policy.gate_factor_bp()), (7000, 9000));
    }
}

#[test]
fn a_rule_may_be_another_plugin() {
    let policy = policy("clearance = {}\nours = { plugin = 'expression' }");
    let rules: Vec<_> = policy.rules().map(|rule| (&*rule.name, &*rule.plugin)).collect();
    assert_eq!(rules, [("clearance", "clearance"), ("ours", "expression")]);
}

#[test]
fn a_part_of_a_text_stands_somewhere_too() {
    let policy = policy("ours = { parameters = { when = \"a \\\\ bé > 1\", both = '''\na\n  b''' } }");
    let check = |pointer, part, shown: &str| {
        assert_eq!(&policy.text()[policy.parameter_part_span("ours", pointer, part)], shown);
    };
    check("/when", 4..7, "bé");
    check("/when", 0..1, "a");
    check("/both", 4..5, "b");
}

#[test]
fn a_policy_says_where_its_parameters_stand() {
    let policy = policy("clearance = { parameters = { uk = { sc = [10, 5] }, \"a/b\" = 1, on = 2026-05-09 } }");
    let rule = policy.rules().next().expect("a rule");
    assert_eq!(rule.parameters.to_string(), r#"{"a/b":1,"on":"2026-05-09","uk":{"sc":[10,5]}}"#);
    let check = |pointer, shown: &str| assert_eq!(&policy.text()[policy.parameter_span("clearance", pointer)], shown);
    check("/uk/sc/1", "5");
    check("/uk/sc", "[10, 5]");
    check("/uk/sc/7", "[10, 5]");
    check("/uk/missing", "{ sc = [10, 5] }");
    check("/a~1b", "1");
    assert!(policy.text()[policy.parameter_span("clearance", "")].starts_with("{ uk ="));
    assert_eq!(policy.parameter_span("no-such-rule", ""), 0..0);

    let problems = policy.problems();
    problems.add(policy.parameter_span("clearance", "/uk/sc/1"), "5 is less than 10", "write at least 10");
    let message = problems.finish(()).expect_err("a problem").to_string();
    let expected = "\
error: 5 is less than 10
  --> test.toml:10:47
   |
10 | clearance = { parameters = { uk = { sc = [10, 5] }, \"a/b\" = 1, on = 2026-05-09 } }
   |                                               ^
   |
   = help: write at least 10";
    assert_eq!(message, expected);
}

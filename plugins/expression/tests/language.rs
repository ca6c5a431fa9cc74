//! The language by itself: its syntax and its numbers are those of the `cel` crate, and a guard is understood.

use cel::{
    Context, Program, Value,
    parser::{Parser, PrattParser},
};
use expression::language::{Checker, Evaluation, Value as Own};
use tierwatch_rule::Subject;

fn subject() -> Subject {
    Subject {
        as_of: 20_583 * 86_400,
        words: None,
        evidence: vec![],
        requirement: None,
        needs: None,
        impact: None,
        ownership: None,
    }
}

/// Expressions without variables, which `cel` evaluates too.
const ALIKE: &[&str] = &[
    "1 + 2 * 3 - 4",
    "-7 / 2",
    "7 / -2",
    "-7 % 3",
    "(1 + 2) * (3 - 10)",
    "9223372036854775807 - 1",
    "1 < 2 && 2 <= 2 && !(3 >= 4) && 4 > 3 && 5 != 6",
    "false || 1 == 1",
    "true ? 1 : 2",
    "1 > 2 ? 3 : 4 > 3 ? 5 : 6",
    "3 in [1, 2, 3]",
    "3 in [1, 2]",
    "[1, 2, 3].exists(x, x > 2)",
    "[1, 2, 3].all(x, x > 1)",
    "[1, 2, 3].exists_one(x, x > 2)",
    "[1, 2, 3].exists_one(x, x > 1)",
    "[1, 2, 3].filter(x, x > 1).map(x, x * 10) == [20, 30] ? 1 : 0",
    "size([1, 2, 3].filter(x, x % 2 == 1))",
    "[1, 2, 3].map(x, x > 1, x * x).size()",
    "[1, 2].exists(x, [3, 4].exists(y, x + y == 6))",
    "[1, 2].map(x, [10, 20].map(y, x * y).size()).size()",
    "'abc'.startsWith('ab') && 'abc'.endsWith('c') && 'abc'.contains('b')",
    "'\\u00e9' == 'é'",
    "0x10 + 1",
];

#[test]
fn numbers_and_lists_are_those_of_cel() {
    let subject = subject();
    for text in ALIKE {
        let theirs = Program::compile(text).expect("CEL").execute(&Context::default()).expect("a value");
        let own = match Checker::default().check(text, None, &[]) {
            Ok(checked) => checked,
            // Lists are not compared with one another here; the elements are.
            Err(mistake) => {
                assert!(text.contains("== ["), "{text}: {}", mistake.message);
                continue;
            }
        };
        let same = match (Evaluation::new(&subject, &[]).value(&own.node), &theirs) {
            (Own::Int(own), Value::Int(theirs)) => own == *theirs,
            (Own::Bool(own), Value::Bool(theirs)) => own == *theirs,
            _ => false,
        };
        assert!(same, "{text}: {theirs:?}");
    }
}

/// The parser that is used (fast, and small enough for the sandbox) reads what `cel`'s first one reads, and tells the same places.
#[test]
fn both_parsers_of_cel_read_the_same() {
    let policies = [
        include_str!("../../../rules/midlands-cluster.toml"),
        include_str!("../../../tests/guests/cyber-posture/expression.toml"),
    ];
    let mut read = 0;
    let quoted = policies.iter().flat_map(|policy| policy.split('"')).filter(|text| text.contains(['(', '.', '=']));
    for text in ALIKE.iter().copied().chain(quoted) {
        let Ok(first) = Parser::new().enable_optional_syntax(true).parse(text) else { continue };
        let own = PrattParser::new().enable_optional_syntax(true).parse(text).expect(text);
        if !text.contains('?') {
            assert_eq!(own, first, "{text}");
        }
        read += 1;
    }
    assert!(read > 60, "only {read} expressions");
}

fn mistake(text: &str) -> (String, String) {
    match Checker::default().check(text, None, &[]) {
        Ok(checked) => (String::new(), checked.of.to_string()),
        Err(mistake) => (text[mistake.at].to_owned(), mistake.message),
    }
}

/// `has` and `hasValue` make what they ask for safe to use, as far as they hold and no further.
#[test]
fn what_is_asked_for_may_be_used() {
    for good in [
        "has(requirement.cyber_level) && requirement.cyber_level > 1",
        "!has(requirement.cyber_level) || requirement.cyber_level > 1",
        "has(requirement.cyber_level) ? requirement.cyber_level > 1 : false",
        "!(has(requirement.cyber_level) && has(requirement.criticality)) || requirement.cyber_level > requirement.criticality",
        "!(!has(requirement.cyber_level) || !has(requirement.criticality)) && requirement.cyber_level > requirement.criticality",
        "has(requirement.gb_clearance) && requirement.gb_clearance.headcount > 3",
        "cyber.ce.exists(c, has(c.valid_until) && c.valid_until > as_of)",
        "ownership.hasValue() && ownership.owners.size() > 0",
        "ownership.hasValue() && ownership.value().undisclosed_ppm > 0",
        "ownership.?undisclosed_ppm.orValue(0) > 0 && ownership.?owners.size() == 0",
        "requirement.?gb_clearance.?headcount.orValue(0) > 3",
    ] {
        assert_eq!(mistake(good), (String::new(), "bool".to_owned()), "{good}");
    }
    for (bad, at, path) in [
        ("requirement.cyber_level > 1 && has(requirement.cyber_level)", "cyber_level", "requirement.cyber_level"),
        ("has(requirement.cyber_level) || requirement.cyber_level > 1", "cyber_level", "requirement.cyber_level"),
        ("!has(requirement.cyber_level) && requirement.cyber_level > 1", "cyber_level", "requirement.cyber_level"),
        ("has(requirement.criticality) && requirement.cyber_level > 1", "cyber_level", "requirement.cyber_level"),
        (
            "(has(requirement.cyber_level) && 1 > 0 ? true : false) && requirement.cyber_level > 1",
            "cyber_level",
            "requirement.cyber_level",
        ),
        (
            "!(has(requirement.cyber_level) && 1 > 2) && requirement.cyber_level > 1",
            "cyber_level",
            "requirement.cyber_level",
        ),
        // The other macro's variable is another certificate.
        (
            "cyber.ce.exists(c, has(c.valid_until)) && cyber.ce.exists(c, c.valid_until > as_of)",
            "valid_until",
            "c.valid_until",
        ),
        (
            "cyber.ce.exists(c, has(c.valid_until) && cyber.ceplus.exists(c, c.valid_until > as_of))",
            "valid_until",
            "c.valid_until",
        ),
        ("ownership.owners.size() > 0", "owners", "ownership"),
    ] {
        assert_eq!(mistake(bad), (at.to_owned(), format!("`{path}` may be absent")), "{bad}");
    }
}

#[test]
fn days_move_both_ways() {
    let subject = subject();
    for text in [
        "months_after(date('2024-02-29'), 12) == date('2025-02-28')",
        "months_after(date('2026-05-10'), -12) == date('2025-05-10')",
        "months_after(date('2024-03-31'), -1) == date('2024-02-29')",
        "months_after(today, 0) == today",
        "months_after(date('0001-01-01'), -9223372036854775807) == date('0001-01-01')",
        "days_after(date('2026-05-10'), -10) == date('2026-04-30')",
    ] {
        let checked = Checker::default().check(text, None, &[]).expect(text);
        assert!(Evaluation::new(&subject, &[]).value(&checked.node).is_true(), "{text}");
    }
}

//! Named expressions: under which names, in whatever order, and nested in one another as deep as is allowed.

use expression::language::{Checker, Declared};

/// However an expression is nested, it is refused or else shallow enough; and naming its parts helps.
#[test]
fn what_is_nested_too_deep_is_told() {
    let refused = |lets: &[(&str, String)], text: &str| {
        let lets = lets.iter().map(|(name, text)| ((*name).to_owned(), text.clone()));
        let mut checker = Checker::new(lets, Vec::new());
        let told = checker.define().into_iter().map(|(_, mistake)| mistake).next();
        told.or(checker.check(text, None, &[]).err()).map(|mistake| (mistake.message, mistake.fix))
    };
    let own = Some(("this is nested more than 48 deep".to_owned(), "name parts of it under `let`".to_owned()));
    let sum = |many: usize, last: &str| format!("{last}{}", " + 1".repeat(many));
    assert_eq!(refused(&[], &sum(47, "1")), None);
    assert_eq!(refused(&[], &sum(48, "1")), own);
    assert_eq!(refused(&[], &("true ? 1 : ".repeat(48) + "2")), own);
    assert_eq!(refused(&[], &format!("'a'{} == 'a'", ".lower()".repeat(48))), own);
    assert_eq!(refused(&[("half", sum(40, "1"))], &sum(40, "half")), None);
    // Far more than that is not even parsed.
    for text in [sum(1000, "1"), "true?1:".repeat(500) + "2", format!("{}1{}", "[".repeat(40), "]".repeat(40))] {
        let (message, fix) = refused(&[], &text).expect("too deep");
        assert!(message.starts_with("brackets and what is in them are nested more than 32 or 160 deep"), "{message}");
        assert_eq!(fix, "name parts of it under `let`");
    }
    let names = ["a", "b", "c", "d", "e", "f"];
    let chain = |links: usize| -> Vec<(&str, String)> {
        let before = |place: usize| if place == 0 { "1" } else { names[place - 1] };
        (0..links).map(|place| (names[place], sum(46, before(place)))).collect()
    };
    assert_eq!(refused(&chain(4), "d"), None);
    let (message, _) = refused(&chain(5), "e").expect("too deep");
    assert_eq!(message, "with the expressions that are named in one another this is nested more than 192 deep");
    // In whatever order they stand.
    let backwards: Vec<(&str, String)> = chain(5).into_iter().rev().collect();
    assert!(refused(&backwards, "e").is_some());
}

#[test]
fn named_expressions_may_stand_in_any_order() {
    let define = |lets: &[(&str, &str)]| {
        let lets = lets.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let mut checker = Checker::new(lets, Vec::new());
        checker.define().into_iter().map(|(place, mistake)| (place, mistake.message)).collect::<Vec<_>>()
    };
    assert_eq!(define(&[("a", "b + c"), ("b", "c + 1"), ("c", "site.size()")]), []);
    // A macro's variable is no named expression.
    assert_eq!(
        define(&[("a", "[1].map(b, b).sum() + site.greatest(b, b.share_bp).?share_bp.orValue(0)"), ("b", "a")]),
        []
    );
    let itself = |name: &str| format!("`{name}` is defined by itself");
    assert_eq!(define(&[("a", "a + 1")]), [(0, itself("a"))]);
    assert_eq!(
        define(&[("a", "b"), ("b", "c"), ("c", "a")]),
        [(2, itself("a")), (1, String::new()), (0, String::new())]
    );
}

/// What an expression cannot be called.
#[test]
fn names_that_mean_something_else_are_taken() {
    let kinds = ["fire-drill", "iso.9001"].map(|kind| Declared::new(kind, "{}"));
    let checker = Checker::new([], kinds.into());
    for (name, why) in [
        ("in", "CEL keeps the word `in` for itself"),
        ("for", "CEL keeps the word `for` for itself"),
        ("true", "CEL keeps the word `true` for itself"),
        ("it", "`it` is an element of a message's `each`"),
        ("today", "every rule has the variable `today`"),
        ("site", "`site` is a kind"),
        ("cyber", "the kind `cyber.ce` begins with `cyber`"),
        ("iso", "the kind `iso.9001` begins with `iso`"),
    ] {
        assert_eq!(checker.taken(name).as_deref(), Some(why));
    }
    for name in ["sites", "fire", "cyb", "intake"] {
        assert_eq!(checker.taken(name), None, "{name}");
    }
}

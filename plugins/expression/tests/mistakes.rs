//! What is wrong with an expression: the place, the sentence and the fix, and that the fix works.

#[path = "mistakes/elsewhere.rs"]
mod elsewhere;
#[path = "mistakes/table.rs"]
mod table;

use elsewhere::FROM_ELSEWHERE;
use expression::language::{Checker, Declared};
use table::MISTAKES;

/// Kinds with names that CEL does not take, one that is named like the beginning of others, and fields of all types.
const KINDS: &[&str] =
    &["fire-drill", "fire-safety", "iso.9001", "import.licence", "k", "k.in", "k.fire-safety", "int.x"];

const SCHEMA: &str = r#"{"type": "object", "required": ["days", "score", "class"], "properties": {
    "days": {"type": "integer"}, "days-late": {"type": "integer"}, "score": {"type": "integer"}, "share": {"type": "number"},
    "class": {"enum": ["critical", "minor"]}, "grade": {"enum": ["gold", "silver"]}, "share-bp": {"type": "integer"},
    "a.b": {"type": "integer"}, "maker": {"type": "string", "format": "organisation"}, "origin": {"type": "string", "format": "country"}, "as": {"type": "string"}, "in": {"type": "integer"}, "tags": {"type": "array", "items": {"type": "string"}},
    "inner": {"type": "object", "required": ["x"], "properties": {"x": {"type": "integer"}, "parts": {"type": "array", "items": {"type": "integer"}}}}}}"#;

fn checker() -> Checker {
    let lets = [
        ("late", "3"),
        ("plan", "in_force(continuity.recovery).first()"),
        ("last", "k.last()"),
        ("home", "['UK', 'DE']"),
    ];
    let lets = lets.map(|(name, text)| (name.to_owned(), text.to_owned()));
    Checker::new(lets, KINDS.iter().map(|kind| Declared::new(kind, SCHEMA)).collect())
        .knowing_schemes(Some(["NL-KVK".to_owned()].into()))
}

fn check(text: &str) -> Result<String, [String; 3]> {
    let mut checker = checker();
    assert_eq!(checker.define(), []);
    let checked = checker.check(text, None, &[]).map(|checked| checked.of.to_string());
    checked.map_err(|mistake| [text[mistake.at].to_owned(), mistake.message, mistake.fix])
}

#[test]
fn a_mistake_is_told_with_a_fix_that_works() {
    let mut wrong = Vec::new();
    for (text, at, message, fix, mended) in MISTAKES.iter().chain(FROM_ELSEWHERE) {
        let told = check(text);
        if told != Err([*at, *message, *fix].map(str::to_owned)) {
            wrong.push(format!("{text}: {told:?}"));
        }
        // The daemon splits what is wrong from its fix there.
        let outside_code = fix.split('`').step_by(2).any(|part| part.contains(": "));
        assert!(!outside_code, "{fix}");
        wrong.extend(check(mended).err().map(|told| format!("{mended}: {told:?}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_looks_like_a_mistake_and_is_none_is_taken() {
    for (text, of) in [
        // A difference, beside a field whose name it could be.
        ("k.map(x, x.days - late).sum()", "int"),
        ("k.map(x, x.days-late).sum()", "int"),
        ("k.filter(x, x.?share.orValue(0) > 1).size()", "int"),
        ("k.map(x, has(x.share) ? x.share : 1)", "list(decimal)"),
        ("k.filter(x, has(x.share) && x.share in [1, 2]).size()", "int"),
        ("k.map(x, x.field('a.b').hasValue() && x.field('a.b') > 3).size()", "int"),
        ("k.map(x, x.field('days') + x.days).sum()", "int"),
        ("k.filter(x, x.field('share').hasValue() && x.share > 3).size()", "int"),
        ("entity.profile.filter(p, has(p.region) && 'Wales' in [p.region, 'Kent']).size()", "int"),
        ("[late, 1, late].sum()", "int"),
        ("['a', 'b'].size()", "int"),
        // An item and a region are called as they are, and an organisation may have a name.
        ("supply.need.exists(n, n.item == 'gb-coh:9000009')", "bool"),
        ("site.exists(s, s.region in ['x: y', 'a:b'])", "bool"),
        ("ownership.?owners.exists(o, o.owner == 'Acme: Holdings')", "bool"),
        ("self == 'NL-KVK:1/b'", "bool"),
        ("needs.exists(n, n.item == self || n.item in [self, n.item])", "bool"),
        ("needs.map(n, n.?shared_upstream.orValue('none'))", "list(name)"),
        ("needs.exists(n, n.?shared_upstream.orValue('none') == 'none')", "bool"),
        ("entity.profile.first().?country.orValue('none') == 'none'", "bool"),
        ("incident.exists(i, i.severity >= 4) || 5 in [5]", "bool"),
        // What may be absent has fields in quotes that may be.
        ("k.first().field('a.b')", "optional(int)"),
        ("k.first().field('tags')", "list(text)"),
        ("k.first().field('inner').?x.orValue(0)", "int"),
        ("last.field('in').hasValue() && last.field('in') > 1", "bool"),
        ("k.exists(x, x.?maker.orValue('none') == 'none' || x.?origin.orValue('none') == 'none')", "bool"),
        ("k.exists(x, has(x.maker) && x.maker.startsWith('GB-COH:'))", "bool"),
        ("int.x.size()", "int"),
    ] {
        assert_eq!(check(text), Ok(of.to_owned()), "{text}");
    }
    // `x.field('a.b')` is not `x.a.b`.
    assert!(check("k.filter(x, has(x.inner) && has(x.inner.parts)).size()").is_err());
}

#[test]
fn names_are_compared_with_so_many_texts_and_no_more() {
    let names = |many: usize| {
        let list: Vec<String> = (0..many).map(|number| format!("'n{number}'")).collect();
        format!("site.exists(s, s.region in [{}])", list.join(", "))
    };
    let mut checker = checker();
    assert!(checker.check(&names(256), None, &[]).is_ok());
    let text = names(257);
    let mistake = checker.check(&text, None, &[]).expect_err("too many");
    assert_eq!((&text[mistake.at], &*mistake.message), ("'n256'", "the rule compares names with more than 256 texts"));
}

/// What is within a difference that makes no sense is looked at once more where the mistake is shown, and not once more a level: that
/// would be four million times here.
#[test]
fn a_mistake_within_differences_is_found_at_once() {
    let text = (0..22).fold("(1 + 'a')".to_owned(), |inner, _| format!("({inner}.c - late)"));
    let [at, message, _] = check(&text).expect_err("no sum");
    assert_eq!((&*at, &*message), ("+", "there is no sum of an int and a text"));
}

/// So is one within comparisons, with null and with lists.
#[test]
fn a_mistake_within_comparisons_is_found_at_once() {
    for end in [" == null)", " == [])"] {
        let text = (0..30).fold("(1 + 'a')".to_owned(), |inner, _| format!("({inner}{end}"));
        let [at, message, _] = check(&text).expect_err("no sum");
        assert_eq!((&*at, &*message), ("+", "there is no sum of an int and a text"));
    }
}

/// Whatever is written, it is taken or refused at a place in the text.
#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn whatever_is_written_has_its_place() {
    const PIECES: &[&str] = &[
        "x",
        "k",
        "k.in",
        "fire-safety",
        "iso.9001",
        "'é'",
        "\"ü",
        "(",
        ")",
        "[",
        "]",
        "?",
        ":",
        ".",
        ".?",
        ",",
        "&&",
        "||",
        "!",
        "-",
        "+",
        "==",
        "=",
        "<",
        "in",
        "has(",
        "ownership.owners",
        ".orValue(",
        ".hasValue()",
        ".map(x, ",
        ".greatest(x, ",
        ".size()",
        "1",
        "2.5",
        "é",
        " ",
        "\n",
        "//",
        ".field('share-bp')",
        ".share-bp",
        ".value()",
        "requirement.cyber_level",
        "site",
        "as",
        "import.licence",
        "kind('k.in')",
        "last",
    ];
    // A linear congruence: the same texts every time.
    let mut state: u64 = 7;
    let mut below = |most: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or(0) % most
    };
    let (mut taken, mut refused) = (0, 0);
    for round in 0..20_000 {
        let start = MISTAKES[round % MISTAKES.len()];
        let text = if round % 2 == 0 { start.0 } else { start.4 };
        let mut text = text.to_owned();
        for _ in 0..=below(3) {
            let at = text.floor_char_boundary(below(text.len() + 1));
            let end = text.floor_char_boundary((at + below(4)).min(text.len())).max(at);
            text.replace_range(at..end, PIECES[below(PIECES.len())]);
        }
        match checker().check(&text, None, &[]) {
            Ok(_) => taken += 1,
            Err(mistake) => {
                refused += 1;
                let Some(_) = text.get(mistake.at.clone()) else { panic!("{text}: {mistake:?}") };
                assert!(!mistake.message.is_empty() && !mistake.fix.is_empty(), "{text}");
            }
        }
    }
    assert!(taken > 50 && refused > 10_000, "{taken} taken, {refused} refused");
}

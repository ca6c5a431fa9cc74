//! What is wrong with an expression: the place, the sentence and the fix, and that the fix works.

use expression::language::{Checker, Declared};

/// Kinds with names that CEL does not take, one that is named like the beginning of others, and fields of all types.
const KINDS: &[&str] =
    &["fire-drill", "fire-safety", "iso.9001", "import.licence", "k", "k.in", "k.fire-safety", "int.x"];

const SCHEMA: &str = r#"{"type": "object", "required": ["days", "score", "class"], "properties": {
    "days": {"type": "integer"}, "days-late": {"type": "integer"}, "score": {"type": "integer"}, "share": {"type": "number"},
    "class": {"enum": ["critical", "minor"]}, "grade": {"enum": ["gold", "silver"]}, "share-bp": {"type": "integer"},
    "a.b": {"type": "integer"}, "as": {"type": "string"}, "in": {"type": "integer"}, "tags": {"type": "array", "items": {"type": "string"}},
    "inner": {"type": "object", "required": ["x"], "properties": {"x": {"type": "integer"}, "parts": {"type": "array", "items": {"type": "integer"}}}}}}"#;

fn checker() -> Checker {
    let lets = [("late", "3"), ("plan", "in_force(continuity.recovery).first()"), ("last", "k.last()")];
    let lets = lets.map(|(name, text)| (name.to_owned(), text.to_owned()));
    Checker::new(lets, KINDS.iter().map(|kind| Declared::new(kind, SCHEMA)).collect())
}

fn check(text: &str) -> Result<String, [String; 3]> {
    let mut checker = checker();
    assert_eq!(checker.define(), []);
    let checked = checker.check(text, None, &[]).map(|checked| checked.of.to_string());
    checked.map_err(|mistake| [text[mistake.at].to_owned(), mistake.message, mistake.fix])
}

/// An expression; the part of it that is wrong, what is wrong, and the fix; and the expression with that.
const MISTAKES: &[(&str, &str, &str, &str, &str)] = &[
    // Kinds and fields whose names CEL takes for something else.
    (
        "in_force(fire-safety).size()",
        "fire",
        "`fire` is no variable",
        "write `kind('fire-safety')` for the kind of that name",
        "in_force(kind('fire-safety')).size()",
    ),
    (
        "in_force(iso.9001).size()",
        "iso.9001",
        "CEL does not take `iso.9001` for a name",
        "write `kind('iso.9001')` for the kind of that name",
        "in_force(kind('iso.9001')).size()",
    ),
    (
        "import.licence.size()",
        "import.licence",
        "CEL does not take `import.licence` for a name",
        "write `kind('import.licence')` for the kind of that name",
        "kind('import.licence').size()",
    ),
    (
        "usable(k.in).size()",
        "k.in",
        "CEL does not take `k.in` for a name",
        "write `kind('k.in')` for the kind of that name",
        "usable(kind('k.in')).size()",
    ),
    (
        "usable(k.fire-safety).size()",
        "fire",
        "`k.fire` is no kind",
        "write `kind('k.fire-safety')` for the kind of that name",
        "usable(kind('k.fire-safety')).size()",
    ),
    // Asked of what has no answer in that form.
    (
        "k.exists(x, has(x.share-bp))",
        "share-bp",
        "`share-bp` is read as a difference",
        "write `.field('share-bp').hasValue()` for `has` of that field",
        "k.exists(x, x.field('share-bp').hasValue())",
    ),
    (
        "k.map(x, x[\"share-bp\"]).size()",
        "[",
        "a field is not read with brackets",
        "write `.field('share-bp')` for the field of that name",
        "k.filter(x, x.field('share-bp').hasValue()).size()",
    ),
    (
        "k.map(x, x[\"days\"]).sum()",
        "[",
        "a field is not read with brackets",
        "write `.days`",
        "k.map(x, x.days).sum()",
    ),
    (
        "k.map(x, x.?field('share-bp').orValue(0)).sum()",
        "field",
        "`.?field` is a field, and no call",
        "write `.field(…)`",
        "k.map(x, x.field('share-bp').orValue(0)).sum()",
    ),
    (
        "incident.exists(i, i.severity == 'high')",
        "==",
        "an int and a text have nothing in common",
        "compare `severity` with a number, which is 1 (worst) to 4",
        "incident.exists(i, i.severity == 1)",
    ),
    (
        "k.exists(x, x.class == 5)",
        "==",
        "a text and an int have nothing in common",
        "compare a number with one without quotes, and a text with one in quotes",
        "k.exists(x, x.class == 'minor')",
    ),
    (
        "needs.exists(n, n.class.lower() == 'minor')",
        "lower",
        "a class is one of some words: `lower` cannot read it",
        "compare it as it is with 'sole-critical' or 'critical' or 'major' or 'minor'",
        "needs.exists(n, n.class == 'minor')",
    ),
    (
        "k.exists(x, x.grade.contains('ol'))",
        "grade",
        "`x.grade` may be absent",
        "ask `has(x.grade) &&` before, or give a value for then with `x.?grade.orValue(…)`",
        "k.exists(x, has(x.grade) && x.grade.contains('ol'))",
    ),
    ("1 / 0 + k.size()", "0", "a division by zero", "divide by what is never 0", "1 / 1 + k.size()"),
    (
        "k.map(x, x.in).sum()",
        "in",
        "CEL keeps the word `in` for itself",
        "write `.field('in')` for the field of that name",
        "k.filter(x, x.field('in').hasValue()).size()",
    ),
    (
        "last.?in.orValue(0)",
        "in",
        "CEL keeps the word `in` for itself",
        "write `.field('in')` for the field of that name",
        "last.field('in').orValue(0)",
    ),
    (
        "k.filter(x, x.share-bp > 3).size()",
        "-",
        "`share-bp` is read as a difference",
        "write `.field('share-bp')` for the field of that name",
        "k.filter(x, x.field('share-bp').orValue(0) > 3).size()",
    ),
    (
        "k.filter(x, has(x.as) && has(x.at)).size()",
        "at",
        "the k `x` has no field `at`",
        "write `.field('as')` for the field of that name",
        "k.filter(x, has(x.as) && x.field('as').hasValue()).size()",
    ),
    (
        "site.exists(s, has(s.as))",
        "as",
        "the site `s` has no field `as`",
        "its fields are region, corridors, share_bp, latitude, longitude, kind, issuer, about, trust, state, covers, issued_at, valid_from, valid_until, place",
        "site.exists(s, has(s.latitude))",
    ),
    // What may be absent.
    (
        "ownership.owners.size()",
        "owners",
        "`ownership` may be absent",
        "ask `ownership.hasValue() &&` before, or write `.?owners` in the place of `.owners`, a list that is empty then",
        "ownership.?owners.size()",
    ),
    (
        "k.first().inner.x",
        "inner",
        "this may be absent",
        "write `.?inner` in the place of `.inner`, and so for what follows it",
        "k.first().?inner.?x.orValue(0)",
    ),
    (
        "k.first().as",
        "as",
        "this may be absent",
        "give a value for then with `.?as.orValue(…)` in the place of `.as`",
        "k.first().?as.orValue('none')",
    ),
    (
        "k.first().field('share-bp') > 3",
        "field",
        "this may be absent",
        "name it under `let` and ask `hasValue()` before, or give a value for then with `.orValue(…)`",
        "k.first().field('share-bp').orValue(0) > 3",
    ),
    (
        "k.filter(x, x.field('share-bp') > 3).size()",
        "field",
        "`x.field('share-bp')` may be absent",
        "ask `x.field('share-bp').hasValue() &&` before, or give a value for then with `x.field('share-bp').orValue(…)`",
        "k.filter(x, x.field('share-bp').hasValue() && x.field('share-bp') > 3).size()",
    ),
    (
        "[k.first()].size()",
        "first",
        "this may be absent",
        "write `?` before it, which leaves it out then",
        "[?k.first()].size()",
    ),
    (
        "has(plan)",
        "plan",
        "this is no field",
        "write `….hasValue()`; `has` asks for a field, as `has(x.y)`",
        "plan.hasValue()",
    ),
    (
        "plan && true",
        "plan",
        "this is an optional(recovery plan), not a bool",
        "ask whether there is one, as `….hasValue()`",
        "plan.hasValue() && true",
    ),
    // Operators.
    ("late = 3", "=", "this is no CEL (mismatched input '=' expecting <EOF>)", "write `==` for `=`", "late == 3"),
    (
        "in_force(k) && true",
        "in_force",
        "this is a list(k), not a bool",
        "ask whether it holds something, as `….size() > 0`",
        "in_force(k).size() > 0 && true",
    ),
    (
        "k + 1",
        "+",
        "there is no sum of a list(k) and an int",
        "count a list with `.size()`, or add it up with `.sum()`",
        "k.size() + 1",
    ),
    (
        "k.filter(x, has(x.share)).map(x, x.?share.orValue(1) * 100)",
        "*",
        "there is no product of a decimal and an int",
        "make it whole with `scaled(x, 100)` and calculate with that",
        "k.filter(x, has(x.share)).map(x, scaled(x.?share.orValue(1), 100))",
    ),
    (
        "entity.profile.filter(p, p.?region.orValue('') == 'Wales').size()",
        "''",
        "a name is never empty",
        "write one that none has, as 'none'",
        "entity.profile.filter(p, p.?region.orValue('none') == 'Wales').size()",
    ),
    (
        "foci.mitigation.filter(m, m.instrument > 'sca').size()",
        ">",
        "an instrument cannot be compared so",
        "they have no order, so use `==`, or name those that are meant with `in ['…', '…']`",
        "foci.mitigation.filter(m, m.instrument in ['ssa', 'proxy']).size()",
    ),
    (
        "k.greatest(x, x.class)",
        "class",
        "a text is neither greater nor less than another",
        "order by whether it is one, as `x.class == 'critical' ? 1 : 0`",
        "k.greatest(x, x.class == 'critical' ? 1 : 0)",
    ),
    (
        "k.filter(x, (has(x.grade) ? x.grade : 'none') == 'Gold').size()",
        "'Gold'",
        "`k.grade` is never `'Gold'`",
        "did you mean `'gold'`?",
        "k.filter(x, (has(x.grade) ? x.grade : 'none') == 'none').size()",
    ),
    (
        "k.filter(x, has(x.grade) && 'iron' in [x.grade, 'none']).size()",
        "'iron'",
        "`k.grade` is never `'iron'`",
        "it is one of gold, silver, none",
        "k.filter(x, has(x.grade) && 'none' in [x.grade, 'none']).size()",
    ),
    // Organisations: their identifiers have one spelling.
    (
        "self == 'gb-coh:9000009'",
        "'gb-coh:9000009'",
        "no organisation is named `'gb-coh:9000009'`",
        "write `'GB-COH:09000009'`",
        "self == 'GB-COH:09000009'",
    ),
    (
        "supply.source.exists(s, 'GBCOH:9000009' != s.supplier)",
        "'GBCOH:9000009'",
        "no organisation is named `'GBCOH:9000009'`",
        "write `'GB-COH:09000009'`",
        "supply.source.exists(s, 'GB-COH:09000009' != s.supplier)",
    ),
    (
        "k.exists(x, x.issuer in ['IASME', 'nl-kvk:12345678'])",
        "'nl-kvk:12345678'",
        "no organisation is named `'nl-kvk:12345678'`",
        "write `'NL-KVK:12345678'`, if [[schemes]] of the configuration declares `NL-KVK`",
        "k.exists(x, x.issuer in ['IASME', 'NL-KVK:12345678'])",
    ),
    (
        "'Programme:Typhoon' in impact.programmes",
        "'Programme:Typhoon'",
        "no organisation is named `'Programme:Typhoon'`",
        "write `'PROGRAMME:TYPHOON'`",
        "'PROGRAMME:TYPHOON' in impact.programmes",
    ),
    (
        "ownership.?owners.exists(o, o.owner == 'acme.example:1')",
        "'acme.example:1'",
        "no organisation is named `'acme.example:1'`",
        "write `'SCHEME:ID'`, the scheme in capital letters, digits and hyphens, as `'GB-COH:09506232'`",
        "ownership.?owners.exists(o, o.owner == 'GB-COH:09506232')",
    ),
    // Numbers.
    ("5000.0 + k.size()", "5000.0", "numbers here are whole", "write `5000`", "5000 + k.size()"),
    (
        "ends(k.last().value(), 12) > as_of",
        "value",
        "this may be absent",
        "name it under `let` and ask `hasValue()` before, or read a field of it, as `.?class.orValue(…)`",
        "last.hasValue() && ends(last, 12) > as_of",
    ),
    (
        "k.filter(x, ends(x, -12) > as_of).size()",
        "-",
        "nothing ends 12 months before it begins",
        "write after how many months it ends, as `ends(c, 12)`",
        "k.filter(x, ends(x, 12) > as_of).size()",
    ),
    (
        "distance_km(-9223372036854775808, 0, 0, 0)",
        "-",
        "-9223372036854775808 millionths of a degree are no latitude",
        "write millionths of a degree, as 51500000 for 51.5",
        "distance_km(51500000, 0, 0, 0)",
    ),
    (
        "it.size()",
        "it",
        "`it` is no variable",
        "`it` is an element of a message's `each`, and stands in that message's other expressions only",
        "k.size()",
    ),
];

#[test]
fn a_mistake_is_told_with_a_fix_that_works() {
    let mut wrong = Vec::new();
    for (text, at, message, fix, mended) in MISTAKES {
        let told = check(text);
        if told != Err([*at, *message, *fix].map(str::to_owned)) {
            wrong.push(format!("{text}: {told:?}"));
        }
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
        // What may be absent has fields in quotes that may be.
        ("k.first().field('a.b')", "optional(int)"),
        ("k.first().field('tags')", "list(text)"),
        ("k.first().field('inner').?x.orValue(0)", "int"),
        ("last.field('in').hasValue() && last.field('in') > 1", "bool"),
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

//! `rules/README.md` says what the code does: its tables of variables, fields and functions are made from the code's, and its
//! examples have the types that it gives.

use expression::language::{
    Base, Checker, Record,
    functions::FUNCTIONS,
    vocabulary::{ALL_WORDS, ATTESTATION, GIVEN, KINDS, RECORDS, is_attestation},
};
use std::{env, fmt::Write as _, fs, path::Path};

const BEGIN: &str = "<!-- made from plugins/expression by UPDATE_GOLDEN=1 cargo test: begin -->\n";
const END: &str = "<!-- end -->";

fn manual() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules/README.md")
}

/// Every macro of the language: how it is written, what it gives.
const MACROS: &[(&str, &str)] = &[
    ("list.exists(x, bool) → bool", "whether it holds for any of them"),
    ("list.all(x, bool) → bool", "whether it holds for all of them"),
    ("list.exists_one(x, bool) → bool", "whether it holds for exactly one"),
    ("list.filter(x, bool) → list", "those for which it holds"),
    ("list.map(x, value) → list", "what it is for each"),
    ("list.map(x, bool, value) → list", "what the value is for those for which it holds"),
    (
        "list.greatest(x, key, …) → optional",
        "the one with the greatest keys, the first key counting most; of equals the last",
    ),
    ("list.least(x, key, …) → optional", "the one with the least keys; of equals the first"),
    ("has(x.y) → bool", "whether the field is there"),
    ("x.?y → optional", "the field, if both are there"),
    ("optional.hasValue() → bool", "whether there is a value"),
    ("optional.value() → value", "the value, where it is known that there is one; it may be left out"),
    ("optional.orValue(value) → value", "the value, or this one where there is none"),
    ("kind('a-b') → list", "the attestations of a declared kind whose name CEL takes for something else"),
    ("x.field('a-b') → value", "a field whose name CEL takes for something else; of an optional `x` as `x.?y`"),
    ("[a, ?b] → list", "a list; `?` leaves out what is absent"),
];

fn all_records() -> impl Iterator<Item = &'static Record> {
    [&ATTESTATION].into_iter().chain(RECORDS.iter().copied())
}

fn tables() -> String {
    let mut text = String::from("\n### Variables\n\n| variable | type | what it is |\n|---|---|---|\n");
    for given in GIVEN {
        let _ = writeln!(text, "| `{}` | {} | {} |", given.name, given.of, given.about);
    }
    for kind in KINDS {
        let _ =
            writeln!(text, "| `{0}` | list({1}) | the attestations of the kind `{0}` |", kind.name, kind.record.name);
    }
    text += "\n### Fields\n\nEvery attestation has the fields of *attestation* beside those of its kind. Optional ones may be absent.\n\n";
    text += "| of | field | type | what it is |\n|---|---|---|---|\n";
    for record in all_records() {
        for field in record.fields {
            let _ = writeln!(text, "| {} | `{}` | {} | {} |", record.name, field.name, field.of, field.about);
        }
    }
    text += "\n### Words\n\n| type | words | ordered |\n|---|---|---|\n";
    for words in ALL_WORDS {
        let list = words.words.iter().map(|word| format!("`'{word}'`")).collect::<Vec<_>>().join(", ");
        let _ = writeln!(
            text,
            "| {} | {list} | {} |",
            words.name,
            if words.ordered { "yes, the least first" } else { "no" }
        );
    }
    text += "\n### Functions\n\nBeside `==`, `!=`, `<`, `<=`, `>`, `>=`, `&&`, `||`, `!`, `? :`, `in`, and `+ - * / %` of ints; `+` joins lists.\n\n";
    text += "| call | what it gives |\n|---|---|\n";
    for function in FUNCTIONS {
        let _ = writeln!(text, "| `{}` | {} |", function.usage, function.about);
    }
    for (usage, about) in MACROS {
        let _ = writeln!(text, "| `{usage}` | {about} |");
    }
    text + "\n"
}

#[test]
fn the_manual_has_every_name() {
    let text = fs::read_to_string(manual()).expect("it is there");
    let (before, rest) = text.split_once(BEGIN).expect("the tables begin");
    let (written, after) = rest.split_once(END).expect("the tables end");
    let made = tables();
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(manual(), format!("{before}{BEGIN}{made}{END}{after}")).expect("it is ours");
    } else {
        assert_eq!(written, made, "run UPDATE_GOLDEN=1 cargo test and read the difference");
    }
}

#[test]
fn the_examples_have_their_types() {
    let text = fs::read_to_string(manual()).expect("it is there");
    let (_, table) = text.split_once("| expression | type |\n|---|---|\n").expect("the examples");
    let mut checked = 0;
    for row in table.lines().take_while(|line| line.starts_with("| `")) {
        let (expression, of) = row.trim_start_matches("| `").split_once("` | ").expect("two cells");
        let expression = expression.replace("\\|", "|");
        let found = Checker::default()
            .check(&expression, None, &[])
            .unwrap_or_else(|mistake| panic!("{expression}: {} ({})", mistake.message, mistake.fix));
        assert_eq!(found.of.to_string(), of.trim_end_matches(" |"), "{expression}");
        checked += 1;
    }
    assert!(checked >= 10, "only {checked} examples");
}

/// Each is named once. That each has a value is asked of the compiled rule, in the daemon's `rules/tests/canonical.rs`.
#[test]
fn the_vocabulary_is_sound() {
    let names: Vec<&str> = GIVEN.iter().map(|given| given.name).chain(KINDS.iter().map(|kind| kind.name)).collect();
    for (place, name) in names.iter().enumerate() {
        assert!(!names[..place].contains(name), "{name} twice");
    }
    for kind in KINDS {
        assert!(
            is_attestation(Base::Record(kind.record))
                && RECORDS.iter().any(|record| std::ptr::eq(*record, kind.record)),
            "{}",
            kind.name
        );
    }
    let words: &[&str] = ALL_WORDS.iter().find(|words| words.name == "kind").expect("the kinds").words;
    assert_eq!(words, KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>());
    for record in all_records() {
        let fields: Vec<&str> = Record::all_fields(record).map(|field| field.name).collect();
        for (place, name) in fields.iter().enumerate() {
            assert!(!fields[..place].contains(name), "{}.{name} twice", record.name);
        }
    }
}

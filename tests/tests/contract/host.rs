//! The daemon's side: the lists that `rules/lower.rs` and `rules/canonical.rs` go through.

use super::{
    MADE,
    wit::{Contract, Shape, Ty, camel, snake},
};
use std::fmt::Write as _;

/// Fields of claims that rules do not see.
const DOES_NOT_CROSS: &[(&str, &[&str])] = &[
    // The network has already merged all names of an organisation.
    ("entity-profile", &["aliases"]),
    // The field `covers` says what follows from them.
    ("certificate", &["certificate", "entities"]),
    ("incident", &["reference"]),
    // The network has already applied it.
    ("programme-requirement", &["flow_tiers"]),
];

/// Records that are written by hand: the claims of a declared kind are no struct.
const BY_HAND: &[&str] = &["declared", "field"];

/// All names of the contract in the tables here.
pub(crate) fn named() -> impl Iterator<Item = &'static str> {
    DOES_NOT_CROSS.iter().map(|(name, _)| *name).chain(BY_HAND.iter().copied())
}

pub(crate) fn contract(contract: &Contract) -> String {
    let claims = contract.claims();
    let mut claimed: Vec<String> = Vec::new();
    for name in claims.parts.iter().flat_map(|case| contract.within(&case.of)) {
        if !claimed.contains(&name) && !BY_HAND.contains(&&*name) {
            claimed.push(name);
        }
    }
    let mut text = format!("//! What the contract holds, as lists for those that go through all of it. {MADE}\n");
    let words = contract.words.iter().filter(|words| claimed.contains(&words.name));
    let words = words.map(|words| entry(&camel(&words.name), words.words.iter().map(|word| camel(word)), None));
    list(&mut text, "words_of_claims", "The sets of words in claims.", words);
    let records = claimed.iter().filter_map(|name| contract.records.iter().find(|record| record.name == *name));
    let records = records.map(|record| {
        let not = DOES_NOT_CROSS.iter().find(|(name, _)| *name == record.name).map_or(&[][..], |(_, not)| not);
        entry(&camel(&record.name), fields(record), Some(not))
    });
    list(
        &mut text,
        "records_of_claims",
        "The records of claims: the fields that cross, and after the semicolon those that do not.",
        records,
    );
    let cases = claims.parts.iter().map(|case| format!("{} = {:?}\n", camel(&case.name), case.name));
    list(&mut text, "cases_of_claims", "The cases of claims, in their order.", cases);
    let flat = |of: &Ty| contract.is_flat(of);
    let numbered = claims.parts.iter().zip(0..).filter(|(case, _)| flat(&case.of));
    let mut cases: Vec<String> = numbered.map(|(case, at)| format!("{at} {}\n", camel(&case.name))).collect();
    cases.push(";\n".to_owned());
    cases.extend(claims.parts.iter().filter(|case| !flat(&case.of)).map(|case| format!("{}\n", camel(&case.name))));
    list(
        &mut text,
        "cases_in_memory",
        "The cases of claims that point nowhere, each with its index; and after the semicolon the others.",
        cases.into_iter(),
    );
    let records = contract.records.iter().filter(|record| flat(&Ty::Record(record.name.clone())));
    let records = records.map(|record| entry(&camel(&record.name), fields(record), None));
    list(&mut text, "flat_records", "The records that point nowhere.", records);
    let words = contract.words.iter().map(|words| format!("{}\n", camel(&words.name)));
    list(&mut text, "flat_words", "The sets of words.", words);
    text += "\npub(super) use {\n    cases_in_memory, cases_of_claims, flat_records, flat_words, records_of_claims, words_of_claims,\n};\n";
    text
}

fn fields(record: &Shape) -> impl Iterator<Item = String> {
    record.parts.iter().map(|field| snake(&field.name))
}

fn entry(name: &str, parts: impl Iterator<Item = String>, rest: Option<&[&str]>) -> String {
    let parts = parts.collect::<Vec<_>>().join(", ");
    let rest = match rest {
        None => String::new(),
        Some([]) => ";".to_owned(),
        Some(rest) => format!("; {}", rest.join(", ")),
    };
    format!("{name} {{ {parts}{rest} }}\n")
}

/// A macro that passes its list to another one.
fn list(text: &mut String, name: &str, about: &str, entries: impl Iterator<Item = String>) {
    let _ = write!(text, "\n/// {about}\nmacro_rules! {name} {{\n    ($with:ident) => {{\n        $with! {{\n");
    for entry in entries {
        let _ = write!(text, "            {entry}");
    }
    *text += "        }\n    };\n}\n";
}

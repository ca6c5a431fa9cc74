//! The expressions' side: what they can name of claims and facts.

use super::{
    MADE,
    wit::{Contract, Part, Shape, Ty, Words, camel, capitals, kind, snake},
};
use std::fmt::Write as _;

/// Display names of records and sets of words; the others have their own names.
const CALLED: &[(&str, &str)] = &[
    ("entity-profile", "profile"),
    ("entity-status", "register status"),
    ("dcc", "certification"),
    ("saq", "questionnaire"),
    ("cip", "plan"),
    ("sprs", "SPRS score"),
    ("cmmc", "CMMC"),
    ("cmmc-status", "CMMC status"),
    ("poam-item", "plan item"),
    ("cyber-standard", "standard"),
    ("facility", "facility clearance"),
    ("clearance-personnel", "personnel clearances"),
    ("personnel-count", "cleared people"),
    ("supply-need", "attested need"),
    ("supply-source", "attested source"),
    ("end-of-life", "end-of-life notice"),
    ("recovery", "recovery plan"),
    ("programme-requirement", "attested requirement"),
    ("clearance-requirement", "required clearance"),
];

/// Sets of words in which a later word means more.
const ORDERED: &[&str] = &["trust", "facility-level"];

/// Words with a spelling that the contract cannot express.
const SPELLED: &[(&str, &str)] = &[
    ("self-asserted", "self"),
    ("gb", "GB"),
    ("us", "US"),
    ("gb-bpss", "GB:BPSS"),
    ("gb-ctc", "GB:CTC"),
    ("gb-sc", "GB:SC"),
    ("gb-dv", "GB:DV"),
    ("us-confidential", "US:CONFIDENTIAL"),
    ("us-secret", "US:SECRET"),
    ("us-top-secret", "US:TOP-SECRET"),
];

/// The longest line that rustfmt leaves.
const WIDTH: usize = 120;

/// The name of the only field of a case that holds no record.
const ONLY_FIELD: &[(&str, &str)] = &[("entity-status", "status"), ("clearance-personnel", "counts")];

/// Cases and records that have tables of their own: what all attestations have, and what a declared kind claims.
const BY_HAND: &[&str] = &["subject", "attestation", "declared", "field"];

/// Fields that name organisations, always by an identifier, in whatever record.
const ORGANISATIONS: &[&str] = &["buyer", "parent", "shared-upstream", "supplier", "ultimate-parent"];
/// Fields that name programmes, by an identifier.
const PROGRAMMES: &[&str] = &["programme", "programmes"];
/// Fields that name organisations, by an identifier or by a name.
const PARTIES: &[&str] = &["accepted-by", "owner"];
/// Fields that name something else: a region, an item, a contract.
const NAMES: &[&str] = &["corridors", "entry", "item", "items", "name", "region", "sponsor-contract"];
/// Fields that are countries.
const COUNTRIES: &[&str] = &["country", "owner-country"];

/// All names of the contract in the tables here.
pub(crate) fn named() -> impl Iterator<Item = &'static str> {
    let pairs = [CALLED, SPELLED, ONLY_FIELD].into_iter().flatten().map(|(name, _)| *name);
    pairs.chain(ORDERED.iter().chain(BY_HAND).copied())
}

/// The sets of words, and which kind claims are of.
pub(crate) fn words(contract: &Contract) -> String {
    let mut text = format!(
        "//! The words that claims and facts hold. {MADE}\n\nuse super::super::types::Words;\nuse tierwatch_rule::Claims;\n"
    );
    contract.words.iter().for_each(|words| text += &set_of(words));
    let cases = cases(contract);
    text += "\n/// The kinds, in the order of the table of kinds.\npub static KIND: Words = Words {\n    name: \"kind\",\n    words: &[\n";
    cases.iter().for_each(|case| _ = writeln!(text, "        {:?},", kind(&case.name)));
    text += "    ],\n    ordered: false,\n};\n\n/// Every set of words.\npub static ALL_WORDS: &[&Words] = &[\n";
    contract.words.iter().for_each(|words| _ = writeln!(text, "    &{},", capitals(&words.name)));
    text += "    &KIND,\n];\n\n/// The index of an attestation's kind among them; `None` for a declared one.\n#[must_use]\n\
             pub fn kind_of(claims: &Claims) -> Option<u8> {\n    Some(match claims {\n";
    for (index, case) in cases.iter().enumerate() {
        let _ = writeln!(text, "        Claims::{}(_) => {index},", camel(&case.name));
    }
    text + "        Claims::Declared(_) => return None,\n    })\n}\n"
}

/// The kinds and the records.
pub(crate) fn contract(contract: &Contract) -> String {
    for field in [ORGANISATIONS, PROGRAMMES, PARTIES, NAMES, COUNTRIES].into_iter().flatten() {
        let mut parts = contract.records.iter().flat_map(|record| &record.parts);
        assert!(parts.any(|part| part.name == *field), "`{field}` is no field of the contract");
    }
    let mut text = format!(
        "//! What expressions can name of claims and facts. {MADE}\n\n\
         use super::{{\n    super::{{\n        item::Item,\n        types::{{Base, Field, Get, Record, Type}},\n        value::Value,\n    }},\n    \
         attestation::ATTESTATION,\n    tables::{{Kind, int, names, number, optional, texts}},\n    words::*,\n}};\n\
         use tierwatch_rule::{{Attestation, Claims}};\n\n/// The kinds, each a variable.\npub static KINDS: &[Kind] = &[\n"
    );
    let cases = cases(contract);
    for case in &cases {
        let _ = writeln!(text, "    Kind {{ name: {:?}, record: &{} }},", kind(&case.name), record_of(case));
    }
    text += "];\n";
    let mut records = Vec::new();
    for case in &cases {
        if !records.contains(&record_of(case)) {
            records.push(record_of(case));
            text += &claimed(contract, case, &cases);
        }
        for inner in nested(contract, &case.of) {
            add(&mut text, &mut records, inner);
        }
    }
    for record in contract.records.iter().filter(|record| !BY_HAND.contains(&&*record.name)) {
        add(&mut text, &mut records, record);
    }
    text += "\n/// Every record but what all attestations have, in the order of the manual.\npub static RECORDS: &[&Record] = &[\n";
    records.iter().for_each(|record| _ = writeln!(text, "    &{record},"));
    text + "];\n"
}

/// The cases of the kinds that have tables.
fn cases(contract: &Contract) -> Vec<&Part> {
    contract.claims().parts.iter().filter(|case| !BY_HAND.contains(&&*case.name)).collect()
}

/// The enumeration of everything with fields.
pub(crate) fn item(contract: &Contract) -> String {
    let claimed: Vec<&str> = contract.claims().parts.iter().filter_map(|case| payload(&case.of)).collect();
    let records =
        contract.records.iter().filter(|one| !BY_HAND.contains(&&*one.name) && !claimed.contains(&&*one.name));
    let records: Vec<&Shape> = records.collect();
    let mut named: Vec<String> = records.iter().map(|record| camel(&record.name)).collect();
    named.push("Attestation".to_owned());
    named.sort();
    let mut text =
        format!("//! What has fields. {MADE}\n\nuse tierwatch_rule::{{\n    {},\n}};\n", named.join(",\n    "));
    text += "\n/// Something with fields.\n#[derive(Clone, Copy, Debug)]\n#[expect(clippy::enum_variant_names, reason = \"they are the contract's\")]\npub enum Item<'s> {\n    \
             /// An attestation.\n    Attestation(&'s Attestation),\n";
    for record in records {
        let _ = writeln!(text, "    /// {}\n    {1}(&'s {1}),", sentence(&record.docs), camel(&record.name));
    }
    text + "    /// An object within the claims of a declared kind.\n    Object {\n        /// The attestation that claims it.\n        \
            of: &'s Attestation,\n        /// As JSON.\n        json: &'s str,\n    },\n}\n"
}

/// The record that a case holds itself.
fn payload(of: &Ty) -> Option<&str> {
    if let Ty::Record(name) = of { Some(name) } else { None }
}

/// The records below what a case holds.
fn nested<'c>(contract: &'c Contract, of: &Ty) -> Vec<&'c Shape> {
    let records = contract.within(of).into_iter().filter(|name| Some(&**name) != payload(of));
    records.filter_map(|name| contract.records.iter().find(|record| record.name == name)).collect()
}

fn add(text: &mut String, records: &mut Vec<String>, record: &Shape) {
    let id = capitals(&record.name);
    if records.contains(&id) {
        return;
    }
    let _ =
        write!(text, "\nrecord! {{\n    /// {}\n    {id} = {:?} {{\n", sentence(&record.docs), called(&record.name));
    for part in &record.parts {
        *text += &field(part, &format!("Item::{}(it)", camel(&record.name)));
    }
    *text += "    }\n}\n";
    records.push(id);
}

/// The static of the record that expressions see of a case.
fn record_of(case: &Part) -> String {
    capitals(payload(&case.of).unwrap_or(&case.name))
}

fn claimed(contract: &Contract, case: &Part, cases: &[&Part]) -> String {
    let own = payload(&case.of);
    let alike = cases.iter().filter(|other| own.is_some() && payload(&other.of) == own || other.name == case.name);
    let pattern = alike.map(|case| format!("Claims::{}(it)", camel(&case.name))).collect::<Vec<_>>().join(" | ");
    let docs = own.map_or_else(|| format!("`{}`", kind(&case.name)), |name| contract.record(name).docs.clone());
    let name = called(own.unwrap_or(&case.name));
    let mut text = format!("\nclaims! {{\n    /// {docs}\n    {} = {name:?} {{\n", record_of(case));
    if let Some(name) = own {
        contract.record(name).parts.iter().for_each(|part| text += &field(part, &pattern));
    } else {
        let (_, only) = ONLY_FIELD.iter().find(|(name, _)| *name == case.name).expect("what it holds has a name");
        let (of, value) = (type_of(&case.of, only), value(&case.of, "it", false));
        let _ = writeln!(text, "        {only:?}: {of}, {pattern} => {value},\n            {:?};", about(case));
    }
    text + "    }\n}\n"
}

fn field(part: &Part, pattern: &str) -> String {
    let (of, value) = (type_of(&part.of, &part.name), value(&part.of, &format!("it.{}", snake(&part.name)), true));
    let of = format!("        {:?}: {of}, {pattern} => {value},", snake(&part.name));
    let about = format!("{:?};\n", about(part));
    let parted = if of.len() + about.len() <= WIDTH { " " } else { "\n            " };
    format!("{of}{parted}{about}")
}

fn called(name: &str) -> String {
    let called = CALLED.iter().find(|(of, _)| *of == name);
    called.map_or_else(|| name.replace('-', " "), |(_, called)| (*called).to_owned())
}

fn spelled(word: &str) -> String {
    SPELLED.iter().find(|(of, _)| *of == word).map_or(word, |(_, spelled)| spelled).to_owned()
}

fn set_of(words: &Words) -> String {
    let list: Vec<String> = words.words.iter().map(|word| spelled(word)).collect();
    let ordered = ORDERED.contains(&&*words.name);
    format!(
        "\n/// {}\npub static {}: Words = Words {{ name: {:?}, words: &{list:?}, ordered: {ordered} }};\n",
        sentence(&words.docs),
        capitals(&words.name),
        called(&words.name),
    )
}

/// The first sentence of a part's documentation, as tables show it.
fn about(part: &Part) -> String {
    let sentence = sentence(&part.docs);
    assert!(!sentence.is_empty(), "say in the contract what `{}` means", part.name);
    let sentence = sentence.strip_suffix('.').unwrap_or(&sentence);
    let (first, rest) = sentence.split_at(1);
    let is_capital = |text: &str| text.starts_with(|one: char| one.is_ascii_uppercase());
    // An abbreviation, or a name of several words.
    let is_name = is_capital(rest) || sentence.split_once(' ').is_some_and(|(_, next)| is_capital(next));
    if is_name { sentence.to_owned() } else { first.to_lowercase() + rest }
}

fn sentence(docs: &str) -> String {
    docs.split_once(". ").map_or_else(|| docs.to_owned(), |(first, _)| format!("{first}."))
}

fn base(of: &Ty, field: &str) -> String {
    match of {
        Ty::Bool => "Base::Bool".to_owned(),
        Ty::Number(_) => "Base::Int".to_owned(),
        Ty::Text if COUNTRIES.contains(&field) => "Base::Country".to_owned(),
        Ty::Text => "Base::Text".to_owned(),
        Ty::Name if ORGANISATIONS.contains(&field) => "Base::Organisation".to_owned(),
        Ty::Name if PROGRAMMES.contains(&field) => "Base::Programme".to_owned(),
        Ty::Name if PARTIES.contains(&field) => "Base::Party".to_owned(),
        Ty::Name if NAMES.contains(&field) => "Base::Name".to_owned(),
        Ty::Name => panic!("say in {} whether `{field}` names organisations, parties or something else", file!()),
        Ty::Date => "Base::Date".to_owned(),
        Ty::Instant => "Base::Instant".to_owned(),
        Ty::Words(name) => format!("Base::Word(&{})", capitals(name)),
        Ty::Record(name) => format!("Base::Record(&{})", capitals(name)),
        Ty::Variant(_) | Ty::Option(_) | Ty::List(_) => panic!("expressions have no such type"),
    }
}

fn type_of(of: &Ty, field: &str) -> String {
    match of {
        Ty::Number(_) => "int()".to_owned(),
        Ty::Option(of) => format!("optional({})", base(of, field)),
        Ty::List(of) => format!("Type::list({})", base(of, field)),
        of => format!("Type::one({})", base(of, field)),
    }
}

/// The expression for the value of `it`, which is a field or else a reference.
fn value(of: &Ty, it: &str, is_field: bool) -> String {
    let lent = if is_field { format!("&{it}") } else { it.to_owned() };
    match of {
        Ty::Bool => format!("Value::Bool({it})"),
        Ty::Number(_) => format!("number({it})"),
        Ty::Text => format!("Value::text({lent})"),
        Ty::Name => format!("Value::Name({it})"),
        Ty::Date => format!("Value::Date({it})"),
        Ty::Instant => format!("Value::Instant({it})"),
        Ty::Words(_) => format!("Value::Word({it} as u8)"),
        Ty::Record(name) => format!("Value::Item(Item::{}({lent}))", camel(name)),
        Ty::Option(of) => match &**of {
            Ty::Bool => format!("Value::of({it}, Value::Bool)"),
            Ty::Number(_) => format!("Value::of({it}, number)"),
            Ty::Text => format!("Value::of({it}.as_deref(), Value::text)"),
            Ty::Name => format!("Value::of({it}, Value::Name)"),
            Ty::Date => format!("Value::of({it}, Value::Date)"),
            Ty::Instant => format!("Value::of({it}, Value::Instant)"),
            Ty::Words(_) => format!("Value::of({it}, |word| Value::Word(word as u8))"),
            Ty::Record(name) => format!("Value::of({it}.as_ref(), |one| Value::Item(Item::{}(one)))", camel(name)),
            Ty::Variant(_) | Ty::Option(_) | Ty::List(_) => panic!("expressions have no such type"),
        },
        Ty::List(of) => match &**of {
            Ty::Name => format!("names({lent})"),
            Ty::Text => format!("texts({lent})"),
            Ty::Record(name) => format!("Value::list({lent}, |one| Value::Item(Item::{}(one)))", camel(name)),
            _ => panic!("expressions have no such list yet"),
        },
        Ty::Variant(_) => panic!("expressions have no such type"),
    }
}

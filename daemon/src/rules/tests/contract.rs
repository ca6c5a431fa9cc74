//! A kind is written once: the model, the contract and the expressions agree on all kinds, and components that were built with
//! fewer kinds still load and get the same bytes.

use super::{
    canonical::{everything, read, show_memory, subjects},
    harness,
    module::{Behaviour, CONTRACT, HARMLESS, component, first_component},
};
use crate::{
    attest::written,
    model::{Kind, facts::Fact},
    rules::{Host, Limits, built_in, manifest::case_of},
};
use serde_json::json;
use std::collections::BTreeSet;
use wit_parser::{Type, TypeDefKind, TypeId};

/// The kinds that reach rules.
fn kinds() -> impl Iterator<Item = &'static Kind> {
    Kind::BUILT_IN.iter().filter(|kind| !kind.withdraws())
}

fn find(name: &str) -> TypeId {
    let mut types = CONTRACT.0.types.iter();
    types.find(|(_, ty)| ty.name.as_deref() == Some(name)).unwrap_or_else(|| panic!("no type {name}")).0
}

/// Every field below `of` in the contract, with its enumeration, if it is one.
fn fields(of: Type) -> Vec<(String, Option<TypeId>)> {
    let Type::Id(id) = of else { return Vec::new() };
    match &CONTRACT.0.types[id].kind {
        TypeDefKind::List(of) | TypeDefKind::Option(of) | TypeDefKind::Type(of) => fields(*of),
        TypeDefKind::Record(record) => {
            let own = record.fields.iter().map(|field| (field.name.replace('-', "_"), enumeration(field.ty)));
            own.chain(record.fields.iter().flat_map(|field| fields(field.ty))).collect()
        }
        _ => Vec::new(),
    }
}

fn enumeration(of: Type) -> Option<TypeId> {
    let Type::Id(id) = of else { return None };
    match &CONTRACT.0.types[id].kind {
        TypeDefKind::Enum(_) => Some(id),
        TypeDefKind::Option(of) | TypeDefKind::Type(of) => enumeration(*of),
        _ => None,
    }
}

/// The type of the claims of a kind.
fn claims_of(kind: &Kind) -> Type {
    let TypeDefKind::Variant(claims) = &CONTRACT.0.types[find("claims")].kind else { panic!("claims are a variant") };
    let name = case_of(kind);
    let case = claims.cases.iter().find(|case| case.name == name);
    case.and_then(|case| case.ty).unwrap_or_else(|| panic!("the contract has no case `{name}`"))
}

#[test]
fn expressions_know_every_kind_that_reaches_rules() {
    let expression = built_in().iter().find(|rule| rule.name == "expression").expect("it is built in");
    let plugin = harness::host().compile("expression", expression.component).expect("a plugin");
    assert_eq!(plugin.manifest().kinds, kinds().cloned().collect::<Vec<_>>());
}

#[test]
fn words_are_written_as_the_contract_has_them() {
    let mut compared = BTreeSet::new();
    for kind in kinds() {
        let schema = kind.written().expect("it is built in").to_value();
        let of_contract = fields(claims_of(kind));
        for field in written::fields(&schema).iter().filter(|field| field.written.starts_with('`')) {
            let name = field.name.rsplit('.').next().unwrap_or_default();
            let Some((_, Some(id))) = of_contract.iter().find(|(other, _)| other == name) else { continue };
            let TypeDefKind::Enum(words) = &CONTRACT.0.types[*id].kind else { panic!("it is an enumeration") };
            let of_schema: Vec<String> =
                field.written.split(", ").map(|word| word.trim_matches('`').to_lowercase().replace(':', "-")).collect();
            let words: Vec<&str> = words.cases.iter().map(|case| case.name.as_str()).collect();
            assert_eq!(of_schema, words, "{kind}: {name}");
            compared.insert(*id);
        }
        for (name, of) in of_contract {
            assert!(of.is_none_or(|id| compared.contains(&id)), "the words of {kind}.{name} are not in its schema");
        }
    }
}

/// The checker refuses a word that no field of the kind has, so every word of every schema is tried as it is attested.
#[test]
fn expressions_spell_words_as_they_are_attested() {
    let expression = built_in().iter().find(|rule| rule.name == "expression").expect("it is built in");
    let plugin = harness::host().compile("expression", expression.component).expect("a plugin");
    let mut asked = 0;
    for kind in kinds() {
        let schema = kind.written().expect("it is built in").to_value();
        let words = written::fields(&schema).into_iter().filter(|field| field.written.starts_with('`'));
        for field in words.filter(|field| !field.name.contains(['.', '[']) && !field.written.contains("true")) {
            for word in field.written.split(", ").map(|word| word.trim_matches('`')) {
                let name = &field.name;
                let of = if field.is_required { format!("it.{name}") } else { format!("it.?{name}.orValue('{word}')") };
                let when = format!("{kind}.exists(it, {of} == '{word}')");
                let otherwise = json!({"risk": 0, "confidence": 0});
                let parameters =
                    json!({"clauses": [{"when": when, "risk": 1, "confidence": 0}], "otherwise": otherwise});
                plugin.configure(&parameters).unwrap_or_else(|error| panic!("{kind}.{name}: {error}"));
                asked += 1;
            }
        }
    }
    assert!(asked > 20, "only {asked} words");
}

/// Compares the rule's tables with `rules/tests/canonical.rs`, field by field.
#[test]
fn every_field_of_every_kind_is_read_by_an_expression() {
    let read = read();
    for kind in kinds() {
        let of_kind: Vec<&String> = read.iter().filter(|each| each.contains(&format!("{kind}.exists("))).collect();
        assert!(!of_kind.is_empty(), "{kind} is not read");
        for (name, _) in fields(claims_of(kind)) {
            let is_read = |each: &&&String| each.contains(&format!(".{name}")) || each.contains(&format!(".?{name}"));
            assert!(of_kind.iter().any(|each| is_read(&each)), "{kind}.{name} is not read");
        }
    }
}

/// What a component gets does not depend on how many kinds its contract had.
#[test]
fn a_component_of_the_first_contract_is_told_the_same() {
    let host = Host::new(Limits::default()).expect("a host");
    let mirror = Behaviour { harm: show_memory, ..HARMLESS };
    let first_kinds: Vec<Kind> = kinds().filter(|kind| !is_later(kind)).cloned().collect();
    let whole = everything();
    let all = [Fact::Requirement, Fact::Needs, Fact::Impact, Fact::Ownership];
    let declared = [Kind::named("cluster.audit")];
    let kinds: Vec<Kind> = first_kinds.iter().chain(&declared).cloned().collect();
    let told = |bytes: &[u8]| {
        let rule = host.load("mirror.wasm", bytes, &json!({})).expect("it loads");
        let answers = rule.start().expect("an instance").assess(&subjects(&whole, &kinds, &all)).expect("answers");
        answers[0].findings[0].evidence.clone()
    };
    let words = told(&first_component(&mirror));
    assert!(words.iter().filter(|word| **word != 0).count() > 100);
    assert_eq!(words, told(&component(&mirror)));
}

/// Whether the kind was added after the first contract.
fn is_later(kind: &Kind) -> bool {
    let TypeDefKind::Variant(claims) = &CONTRACT.0.types[find("claims")].kind else { panic!("claims are a variant") };
    let position = |name: &str| claims.cases.iter().position(|case| case.name == name);
    position(&case_of(kind)) > position("declared")
}

#[test]
fn a_kind_that_a_component_cannot_know_is_refused() {
    let later = kinds().find(|kind| is_later(kind)).expect("there is one");
    for kind in [later.as_str(), "cyber.ce"] {
        let reads = Behaviour { kind: Some(kind), ..HARMLESS };
        let refused =
            harness::host().compile("old.wasm", &first_component(&reads)).err().map(|error| error.to_string());
        let expected = format!(
            "plugin `old.wasm`: its manifest is refused: the kind `{kind}` is newer than the contract that it was built with: \
             build it again with the WIT in plugins/wit/1.0.0, or leave the kind out of `kinds`"
        );
        assert_eq!(refused, (kind != "cyber.ce").then_some(expected));
        let loaded = harness::host().compile("new.wasm", &component(&reads)).expect("it loads");
        assert_eq!(loaded.manifest().kinds, [Kind::named(kind)]);
    }
}

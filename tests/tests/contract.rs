//! Files that are generated from `plugins/wit/1.0.0/rule.wit` are up to date: the lists for both sides of the crossing, and what
//! expressions can name. A new kind is written there once.

mod contract {
    pub(crate) mod host;
    pub(crate) mod sdk;
    pub(crate) mod vocabulary;
    pub(crate) mod wit;

    /// The note in every generated file.
    pub(crate) const MADE: &str =
        "Made from `plugins/wit/1.0.0/rule.wit`\n//! by `UPDATE_GOLDEN=1 cargo test --test contract`; never edited.";
}

use contract::{host, sdk, vocabulary, wit::Contract};
use std::{
    io::Write as _,
    process::{Command, Stdio},
};
use tierwatch_tests::{check_made, repository};

#[test]
fn what_is_made_from_the_contract_is_as_it_would_be_made_today() {
    let contract = Contract::read(&repository().join("plugins/wit/1.0.0"));
    let expressions = "plugins/expression/src/language";
    let check_made = |path: &str, text: &str| check_made(path, &formatted(text));
    check_made("daemon/src/rules/contract.rs", &host::contract(&contract));
    check_made("plugins/sdk/src/canonical/contract.rs", &sdk::contract(&contract));
    check_made(&format!("{expressions}/vocabulary/words.rs"), &vocabulary::words(&contract));
    check_made(&format!("{expressions}/vocabulary/contract.rs"), &vocabulary::contract(&contract));
    check_made(&format!("{expressions}/item.rs"), &vocabulary::item(&contract));
}

/// A name that changed in the contract would lose its entry unnoticed.
#[test]
fn what_is_said_of_the_contract_by_hand_is_of_something_in_it() {
    let contract = Contract::read(&repository().join("plugins/wit/1.0.0"));
    let shapes = contract.records.iter().chain(&contract.variants);
    let mut known: Vec<&str> = shapes.map(|shape| shape.name.as_str()).collect();
    known.extend(contract.claims().parts.iter().map(|case| case.name.as_str()));
    known.extend(contract.words.iter().flat_map(|set| set.words.iter().chain([&set.name])).map(String::as_str));
    for name in vocabulary::named().chain(host::named()) {
        assert!(known.contains(&name), "`{name}` is nothing of the contract");
    }
}

/// Rust as `cargo fmt` leaves it.
fn formatted(text: &str) -> String {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(repository())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("rustfmt is there: `rustup component add rustfmt`");
    rustfmt.stdin.take().expect("it is piped").write_all(text.as_bytes()).expect("it reads");
    let output = rustfmt.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{text}");
    String::from_utf8(output.stdout).expect("it is text")
}

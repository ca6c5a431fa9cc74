//! The smallest network that is scored: a programme that asks for cyber level 1, and suppliers that it buys from.
//! A supplier's risk is then that of the rule `cyber-posture` alone.

use crate::key::Key;
use serde_json::json;

/// The identifier of the programme.
pub const PROGRAMME: &str = "PROGRAMME:TEST";
/// The risk of a supplier with a Cyber Essentials certificate and nothing on the controls, in basis points.
pub const CERTIFIED_BP: u64 = 6000;
/// The risk of one that has also answered the questionnaire.
pub const ANSWERED_BP: u64 = 2500;

/// The identifier of supplier `number`.
#[must_use]
pub fn supplier(number: u32) -> String {
    format!("GB-COH:{}", 90_000_000 + number)
}

/// Signs what the programme asks of its suppliers.
#[must_use]
pub fn requirement(key: &Key) -> String {
    let claims = json!({"programme": PROGRAMME, "criticality": 3, "cyber_level": 1});
    key.sign(PROGRAMME, "programme.requirement", &claims, &[])
}

/// Signs that the programme buys an item of its own from supplier `number`.
#[must_use]
pub fn source(key: &Key, number: u32) -> String {
    let supplier = supplier(number);
    let item = format!("part {number}");
    let claims = json!({"supplier": supplier, "buyer": PROGRAMME, "item": item, "share_bp": 10_000, "qualified": true});
    key.sign(&supplier, "supply.source", &claims, &[])
}

/// Signs a Cyber Essentials certificate of supplier `number`.
#[must_use]
pub fn certificate(key: &Key, number: u32) -> String {
    let claims = json!({"certificate": format!("CE-{number}"), "whole_organisation": true});
    key.sign(&supplier(number), "cyber.ce", &claims, &[])
}

/// Signs the questionnaire, answered by supplier `number` up to level 1.
#[must_use]
pub fn answers(key: &Key, number: u32) -> String {
    key.sign(&supplier(number), "cyber.saq", &json!({"level": 1}), &[])
}

/// Everything that gives supplier `number` the score [`CERTIFIED_BP`], as lines of a log.
#[must_use]
pub fn certified(key: &Key, number: u32) -> String {
    requirement(key) + &source(key, number) + &certificate(key, number)
}

//! What every attestation has.

use super::{
    super::{
        item::Item,
        types::{Base, Field, Get, Record, Type},
        value::Value,
    },
    tables::{int, number, optional},
    words::{KIND, STATE, TRUST, kind_of},
};

record! {
    /// What every attestation has.
    ATTESTATION = "attestation" {
        "kind": Type::optional(Base::Word(&KIND)), Item::Attestation(one) => Value::of(kind_of(&one.claims), Value::Word),
            "its kind; absent for one that the configuration declares";
        "issuer": Type::one(Base::Party), Item::Attestation(one) => Value::Name(one.issuer), "who says so";
        "about": Type::one(Base::Organisation), Item::Attestation(one) => Value::Name(one.about), "whom it is about";
        "trust": Type::one(Base::Word(&TRUST)), Item::Attestation(one) => Value::Word(one.trust as u8),
            "how far it may be believed, the least first";
        "state": Type::one(Base::Word(&STATE)), Item::Attestation(one) => Value::Word(one.state as u8),
            "where `as_of` lies in its validity";
        "covers": Type::one(Base::Bool), Item::Attestation(one) => Value::Bool(one.covers),
            "whether its scope covers the organisation; what does not counts as absent";
        "issued_at": Type::one(Base::Instant), Item::Attestation(one) => Value::Instant(one.issued_at), "when it was issued";
        "valid_from": Type::one(Base::Instant), Item::Attestation(one) => Value::Instant(one.valid_from), "from when it holds";
        "valid_until": optional(Base::Instant), Item::Attestation(one) => Value::of(one.valid_until, Value::Instant),
            "when it has ended; absent when it says nothing of an end";
        "place": int(), Item::Attestation(one) => number(one.index), "its place in `evidence`, from 0";
    }
}

/// Whether it is an attestation, of whatever kind.
#[must_use]
pub fn is_attestation(base: Base) -> bool {
    base.fits(Base::Record(&ATTESTATION))
}

//! What `wit-bindgen` makes of the contract. The types are the contract's own, which explains them.

#![allow(
    clippy::all,
    clippy::pedantic,
    missing_docs,
    unreachable_pub,
    unsafe_code,
    unused_qualifications,
    reason = "generated"
)]

wit_bindgen::generate!({
    path: "../wit/1.0.0",
    world: "rule",
    additional_derives: [PartialEq],
});

pub use exports::tierwatch::rule::plugin;

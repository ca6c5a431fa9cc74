//! Mutation fuzzing on the stable toolchain: every parser, and the plugin host on components and on what they return.
//!
//! Each test is a target: seeds that are valid, a mutation of them, and what must hold of whatever comes out. `cargo test`
//! tries a fixed number of inputs from a fixed seed, so it cannot flake; `make fuzz` goes on for ten minutes a target from a
//! fresh seed. An input that breaks something is made smaller, kept below `target/fuzz/`, and named with the command that
//! tries it again; once fixed, it becomes a test.
//!
//! | variable | meaning |
//! |---|---|
//! | `TIERWATCH_FUZZ_SECONDS` | how long each target goes on |
//! | `TIERWATCH_FUZZ_SEED` | the seed of all random numbers |
//! | `TIERWATCH_FUZZ_INPUT` | the only input to try |

mod components;
mod documents;
mod files;
mod harness;
#[path = "../../src/rules/tests/module.rs"]
#[allow(dead_code, reason = "each user of these plugins needs a part of them")]
mod module;
mod mutation;
mod sandbox;
mod values;

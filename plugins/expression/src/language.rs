//! The language of expressions: CEL's syntax, its types checked when the policy loads, over what a rule knows of a supplier.
//!
//! `cel`'s parser reads the text (`parse`), `check` gives every part a type and resolves every name, and `evaluate` runs what
//! that gives. `vocabulary` and `functions` are the tables of all that can be named. An expression that loads cannot meet a
//! missing field or a wrong type later; only an overflow or a division by zero can still make it fail.

mod absent;
mod calls;
mod check;
mod checked;
mod checker;
mod combine;
mod comparison;
mod declared;
mod depth;
mod distance;
mod evaluate;
mod facts;
pub mod functions;
mod identifier;
mod item;
mod kinds;
mod names;
mod node;
mod numbers;
mod operators;
mod order;
mod parse;
mod schema;
mod spelling;
mod time;
mod types;
mod value;
pub mod vocabulary;

pub(crate) use check::fix_for_condition;
pub use checked::{Checked, Known, Mistake};
pub use checker::{Checker, Declared};
pub use declared::Misfit;
pub use evaluate::{Evaluation, Fault, Within};
pub use node::Node;
pub(crate) use spelling::nearest;
pub use types::{Base, Field, Get, Many, Record, Type};
pub use value::Value;

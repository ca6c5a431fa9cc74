//! An expression as it is evaluated: every name resolved, every type known.

use super::{functions::Function, types::Field, vocabulary::Variable};

/// A part of an expression.
#[derive(Debug)]
pub enum Node {
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Int(i64),
    /// A number that is compared with ones that need not be whole.
    Decimal(f64),
    /// A text.
    Text(String),
    /// A day.
    Date(i32),
    /// A word, by its index in its set.
    Word(u8),
    /// A text that names are compared with, by its index in the rule's words.
    Named(usize),
    /// A variable of the subject.
    Variable(Variable),
    /// A named expression of the rule, by its index.
    Let(usize),
    /// A variable of a macro, by how many were bound before it.
    Local(usize),
    /// A field.
    Field(Box<Node>, &'static Field),
    /// Whether there is a value.
    Present(Box<Node>),
    /// The first that there is.
    Otherwise(Box<Node>, Box<Node>),
    /// `&&`
    And(Box<Node>, Box<Node>),
    /// `||`
    Or(Box<Node>, Box<Node>),
    /// `!`
    Not(Box<Node>),
    /// `? :`
    If(Box<Node>, Box<Node>, Box<Node>),
    /// `==`, `<` and the like.
    Compare(Comparison, Box<Node>, Box<Node>),
    /// `+` and the like, of numbers.
    Arithmetic(Arithmetic, Box<Node>, Box<Node>),
    /// `-` of one number.
    Negate(Box<Node>),
    /// `in`
    Contains(Box<Node>, Box<Node>),
    /// The elements of all, one after the other.
    Join(Vec<Node>),
    /// For each element of a list.
    Each(Each, Box<Node>, Vec<Node>),
    /// A function.
    Call(&'static Function, Vec<Node>),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

/// What is done with two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`, towards zero
    Divide,
    /// `%`
    Remainder,
}

/// What is made of a list, element by element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Each {
    /// Whether it holds for all.
    All,
    /// Whether it holds for any.
    Exists,
    /// Whether it holds for exactly one.
    ExistsOne,
    /// Those for which it holds.
    Filter,
    /// What it is for each.
    Map,
    /// What the second is for those for which the first holds.
    FilterMap,
    /// The element with the greatest keys; of equals the last.
    Greatest,
    /// The element with the least keys; of equals the first.
    Least,
}

impl Node {
    /// The number that it is, if it is written as one.
    #[must_use]
    pub fn whole(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Negate(of) => of.whole().map(i64::saturating_neg),
            _ => None,
        }
    }
}

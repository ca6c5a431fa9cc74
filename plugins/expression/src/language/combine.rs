//! The macros of CEL, as `cel`'s parser expands them, taken together again: what they mean is known, so their types can be
//! checked and their work done in one step.

use super::node::Each;
use cel::{
    IdedExpr,
    common::ast::{ComprehensionExpr, Expr, operators},
};

/// A macro: what is made of each element of a list.
pub(super) struct Macro<'e> {
    pub(super) each: Each,
    pub(super) list: &'e IdedExpr,
    pub(super) variable: &'e str,
    pub(super) bodies: Vec<&'e IdedExpr>,
}

/// Which macro this was; `None` for what no macro of CEL expands to.
pub(super) fn of(expanded: &ComprehensionExpr) -> Option<Macro<'_>> {
    let (each, bodies) = match call(&expanded.loop_step)? {
        (operators::LOGICAL_OR, [_, body]) => (Each::Exists, vec![body]),
        (operators::LOGICAL_AND, [_, body]) => (Each::All, vec![body]),
        (operators::ADD, [_, added]) => (Each::Map, vec![only(added)?]),
        (operators::CONDITIONAL, [condition, step, _]) => match call(step)? {
            (operators::ADD, [_, added]) => match &added.expr {
                Expr::Literal(_) => (Each::ExistsOne, vec![condition]),
                _ => {
                    let added = only(added)?;
                    match &added.expr {
                        // `filter` adds the element itself. So does `map(x, p, x)`, which is the same.
                        Expr::Ident(name) if *name == expanded.iter_var => (Each::Filter, vec![condition]),
                        _ => (Each::FilterMap, vec![condition, added]),
                    }
                }
            },
            _ => return None,
        },
        _ => return None,
    };
    Some(Macro { each, list: &expanded.iter_range, variable: &expanded.iter_var, bodies })
}

fn call(expression: &IdedExpr) -> Option<(&str, &[IdedExpr])> {
    match &expression.expr {
        Expr::Call(call) if call.target.is_none() => Some((call.func_name.as_str(), call.args.as_slice())),
        _ => None,
    }
}

/// The element of a list of one.
fn only(list: &IdedExpr) -> Option<&IdedExpr> {
    match &list.expr {
        Expr::List(list) => match list.elements.as_slice() {
            [only] => Some(only),
            _ => None,
        },
        _ => None,
    }
}

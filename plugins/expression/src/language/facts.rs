//! What is known to be there: `has(x.y)` and `x.hasValue()` make `x.y` and `x` safe to use wherever they hold.

use super::{
    check::Check,
    checked::Known,
    names::{is_written, quoted},
};
use cel::{
    IdedExpr,
    common::ast::{Expr, operators},
};

impl Check<'_> {
    /// What `condition` tells.
    pub(super) fn known_by(&self, condition: &IdedExpr) -> Known {
        match &condition.expr {
            Expr::Select(select) if select.test => {
                let path = self.path(&select.operand).map(|path| format!("{path}.{}", select.field));
                Known { when_true: path.into_iter().collect(), when_false: Vec::new() }
            }
            Expr::Ident(name) => self.known_by_definition(name),
            Expr::Call(call) => match (call.func_name.as_str(), &call.target, call.args.as_slice()) {
                ("hasValue", Some(target), []) => {
                    Known { when_true: self.path(target).into_iter().collect(), when_false: Vec::new() }
                }
                (operators::LOGICAL_NOT, None, [of]) => self.known_by(of).swapped(),
                (operators::LOGICAL_AND, None, [left, right]) => both(self.known_by(left), self.known_by(right)),
                (operators::LOGICAL_OR, None, [left, right]) => {
                    both(self.known_by(left).swapped(), self.known_by(right).swapped()).swapped()
                }
                _ => Known::default(),
            },
            _ => Known::default(),
        }
    }

    /// How a value that can be absent is called: the same path is the same value.
    pub(super) fn path(&self, expression: &IdedExpr) -> Option<String> {
        match &expression.expr {
            Expr::Ident(name) => Some(match self.local(name) {
                Some((index, _)) => format!("{name}#{index}"),
                None => name.clone(),
            }),
            Expr::Select(select) if !select.test => Some(format!("{}.{}", self.path(&select.operand)?, select.field)),
            Expr::Call(call) => match (call.func_name.as_str(), call.target.as_ref()?, call.args.as_slice()) {
                ("value", target, []) => self.path(target),
                ("field", target, [name]) => {
                    let (path, name) = (self.path(target)?, quoted(name)?);
                    Some(if is_written(name) { format!("{path}.{name}") } else { format!("{path}.field({name:?})") })
                }
                _ => None,
            },
            _ => None,
        }
    }
}

/// What both tell when both are true, and what each of them would tell when either is false.
fn both(left: Known, right: Known) -> Known {
    let when_false = left.when_false.iter().filter(|path| right.when_false.contains(path)).cloned().collect();
    Known { when_true: [left.when_true, right.when_true].concat(), when_false }
}

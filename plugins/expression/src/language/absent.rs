//! What is said where something that can be absent is used as if it were there.

use super::{
    check::Check,
    checked::Mistake,
    names::{is_written, quoted},
    types::{Base, Field, Many, Type},
};
use cel::{IdedExpr, common::ast::Expr};

impl Check<'_> {
    /// `operand` is used where there must be a value.
    #[inline(never)]
    pub(super) fn absent(&self, at: &IdedExpr, operand: &IdedExpr, of: Base) -> Mistake {
        let written = self.written(operand);
        let ask = self.ask(operand).unwrap_or_else(|| "name it under `let` and ask `hasValue()` before".to_owned());
        if let Base::Record(record) = of {
            // No record can be written, to stand for one that is absent.
            let is_plain = |field: &&Field| {
                field.of.many != Many::List && !matches!(field.of.base, Base::Record(_)) && is_written(field.name)
            };
            let field = record.all_fields().find(is_plain);
            let instead = field.map_or_else(String::new, |field| {
                format!(", or read a field of it, as `{}.?{}.orValue(…)`", written.unwrap_or_default(), field.name)
            });
            return self.may_be_absent(at, operand, format!("{ask}{instead}"));
        }
        let value = match (&operand.expr, &written) {
            (Expr::Select(select), Some(_)) => {
                let before = self.written(&select.operand).unwrap_or_default();
                format!("{before}.?{}.orValue(…)", select.field)
            }
            (_, written) => format!("{}.orValue(…)", written.as_deref().unwrap_or_default()),
        };
        self.may_be_absent(at, operand, format!("{ask}, or give a value for then with `{value}`"))
    }

    /// Its field `name` is read.
    #[inline(never)]
    pub(super) fn absent_with(&self, at: &IdedExpr, operand: &IdedExpr, of: Base, name: &str) -> Mistake {
        let field = if let Base::Record(record) = of { record.field(name).map(|field| field.of) } else { None };
        let instead = match field {
            Some(Type { many: Many::List, .. }) => {
                format!("write `.?{name}` in the place of `.{name}`, a list that is empty then")
            }
            Some(Type { base: Base::Record(_), .. }) => {
                format!("write `.?{name}` in the place of `.{name}`, and so for what follows it")
            }
            _ => format!("give a value for then with `.?{name}.orValue(…)` in the place of `.{name}`"),
        };
        let fix = match self.ask(operand) {
            Some(ask) => format!("{ask}, or {instead}"),
            None => instead,
        };
        self.may_be_absent(at, operand, fix)
    }

    /// `has` asks for a field of it.
    #[inline(never)]
    pub(super) fn asked_of_absent(&self, at: &IdedExpr, operand: &IdedExpr, field: &Field) -> Mistake {
        let (path, name) = (self.written(operand).unwrap_or_else(|| "…".to_owned()), field.name);
        let fix = match field.of.many {
            Many::List => format!("write `{path}.?{name}.size() > 0` for `has` of that list"),
            _ => format!("write `{path}.?{name}.hasValue()` for `has` of that field"),
        };
        self.may_be_absent(at, operand, fix)
    }

    fn may_be_absent(&self, at: &IdedExpr, operand: &IdedExpr, fix: String) -> Mistake {
        self.mistake(at, format!("{} may be absent", self.called(operand)), fix)
    }

    /// How to ask whether it is there, where it has a name.
    fn ask(&self, operand: &IdedExpr) -> Option<String> {
        let path = self.written(operand)?;
        Some(match operand.expr {
            Expr::Select(_) => format!("ask `has({path}) &&` before"),
            _ => format!("ask `{path}.hasValue() &&` before"),
        })
    }

    /// What a message calls it.
    pub(super) fn called(&self, expression: &IdedExpr) -> String {
        self.written(expression).map_or_else(|| "this".to_owned(), |written| format!("`{written}`"))
    }

    /// How a value with a path is written.
    pub(super) fn written(&self, expression: &IdedExpr) -> Option<String> {
        match &expression.expr {
            Expr::Ident(name) => Some(name.clone()),
            Expr::Select(select) if !select.test => {
                Some(format!("{}.{}", self.written(&select.operand)?, select.field))
            }
            Expr::Call(call) => match (call.func_name.as_str(), call.target.as_ref()?, call.args.as_slice()) {
                ("value", target, []) => self.written(target),
                ("field", target, [name]) => Some(format!("{}.field('{}')", self.written(target)?, quoted(name)?)),
                _ => None,
            },
            _ => None,
        }
    }
}

//! The types of operators that do not compare, and of what looks like a call and is none: `hasValue`, `orValue`, `greatest`.

use super::{
    check::{Check, Part},
    checked::Mistake,
    comparison::{comparison, is_literal},
    names::{is_written, quoted},
    node::{Arithmetic, Comparison, Each, Node},
    spelling::{field_fix, fix_for, with_article},
    types::{Base, Many, Type},
};
use cel::{
    IdedExpr,
    common::ast::{CallExpr, Expr, LiteralValue, operators},
};

impl Check<'_> {
    pub(super) fn call(&mut self, at: &IdedExpr, call: &CallExpr) -> Result<Part, Mistake> {
        let truth = Type::one(Base::Bool);
        match (call.func_name.as_str(), &call.target, call.args.as_slice()) {
            (operators::LOGICAL_NOT, None, [of]) => Ok((Node::Not(self.of_base(of, Base::Bool)?.into()), truth)),
            (operators::LOGICAL_AND, None, [left, right]) => {
                let first = self.of_base(left, Base::Bool)?;
                let second = self.knowing(left, true, |check| check.of_base(right, Base::Bool))?;
                Ok((Node::And(first.into(), second.into()), truth))
            }
            (operators::LOGICAL_OR, None, [left, right]) => {
                let first = self.of_base(left, Base::Bool)?;
                let second = self.knowing(left, false, |check| check.of_base(right, Base::Bool))?;
                Ok((Node::Or(first.into(), second.into()), truth))
            }
            (operators::CONDITIONAL, None, [condition, yes, no]) => self.conditional(at, condition, yes, no),
            (operators::NEGATE, None, [of]) => {
                Ok((Node::Negate(self.of_base(of, Base::Int)?.into()), Type::one(Base::Int)))
            }
            (operators::IN, None, [one, list]) => self.contains(at, one, list),
            (operators::INDEX | operators::OPT_INDEX, None, arguments) => Err(self.indexed(at, arguments)),
            (operators::OPT_SELECT, None, [operand, field]) => self.optional_select(at, operand, field),
            ("kind", None, _) => self.quoted_kind(at, call),
            ("field", Some(of), [name]) => self.quoted_field(at, of, name),
            ("hasValue", Some(of), []) => {
                let (node, _) = self.optional(at, of, "is always there", "leave `hasValue` out")?;
                Ok((Node::Present(node.into()), truth))
            }
            ("value", Some(of), []) => match self.part(of)? {
                (_, Type { many: Many::Optional, base }) => Err(self.absent(at, of, base)),
                (node, Type { many: Many::One, base }) => Ok((node, Type::one(base))),
                (_, of) => Err(self.mistake(at, format!("this is a {of}"), "leave `value` out")),
            },
            ("orValue", Some(of), [other]) => {
                let (node, base) = self.optional(at, of, "is always there", "leave `orValue` out")?;
                let (instead, other_base) = self.one(other)?;
                let ([node, instead], base) = self.either(at, (of, node, base), (other, instead, other_base))?;
                Ok((Node::Otherwise(node.into(), instead.into()), Type::one(base)))
            }
            ("greatest" | "least", Some(list), [variable, keys @ ..]) => {
                let each = if call.func_name == "greatest" { Each::Greatest } else { Each::Least };
                match &variable.expr {
                    Expr::Ident(name) if !keys.is_empty() => {
                        self.each(at, each, list, name, &keys.iter().collect::<Vec<_>>())
                    }
                    _ => {
                        let message = format!("`{}` wants a name for the element and what to order by", call.func_name);
                        Err(self.mistake(
                            at,
                            message,
                            format!("write as `cyber.ce.{}(c, c.valid_from)`", call.func_name),
                        ))
                    }
                }
            }
            (name, None, [left, right]) if comparison(name).is_some() => {
                self.compare(at, comparison(name).unwrap_or(Comparison::Equal), left, right)
            }
            (name, None, [left, right]) if arithmetic(name).is_some() => {
                self.calculate(at, arithmetic(name).unwrap_or(Arithmetic::Add), left, right)
            }
            _ => self.function(at, call),
        }
    }

    /// What `then` gives while it is known that `condition` is `truth`.
    pub(super) fn knowing<T>(&mut self, condition: &IdedExpr, truth: bool, then: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.known.len();
        let known = self.known_by(condition);
        self.known.extend(if truth { known.when_true } else { known.when_false });
        let given = then(self);
        self.known.truncate(before);
        given
    }

    pub(super) fn conditional(
        &mut self,
        at: &IdedExpr,
        condition: &IdedExpr,
        yes: &IdedExpr,
        no: &IdedExpr,
    ) -> Result<Part, Mistake> {
        let test = self.of_base(condition, Base::Bool)?;
        let (first, of) = self.knowing(condition, true, |check| check.part(yes))?;
        let (second, other) = self.knowing(condition, false, |check| check.part(no))?;
        let ([first, second], base) = self.either(at, (yes, first, of.base), (no, second, other.base))?;
        let many = match (of.many, other.many) {
            (one, other) if one == other => one,
            (Many::List, _) | (_, Many::List) => {
                return Err(self.mistake(
                    at,
                    "one branch is a list and the other is not",
                    "write a list for both, as `[x]`",
                ));
            }
            _ => Many::Optional,
        };
        Ok((Node::If(test.into(), first.into(), second.into()), Type { base, many }))
    }

    /// Two values of which it is one, and what that is: a literal takes the other's type.
    fn either(
        &mut self,
        at: &IdedExpr,
        (yes, first, of): (&IdedExpr, Node, Base),
        (no, second, other): (&IdedExpr, Node, Base),
    ) -> Result<([Node; 2], Base), Mistake> {
        let schemes = &self.rule.schemes;
        let stands_in = |node: &Node, of: Base| matches!(node, Node::Text(text) if schemes.stands_in(text, of));
        let is_looser = stands_in(&first, other) || stands_in(&second, of);
        let (first, second) = (self.fitted(yes, first, other)?, self.fitted(no, second, of)?);
        let base = match (&first, &second) {
            // It is still one of these words, or that.
            (Node::Text(text), _) if let Base::Choice(words) = other => Base::Choice(words.or(text)),
            (_, Node::Text(text)) if let Base::Choice(words) = of => Base::Choice(words.or(text)),
            (first, _) if is_literal(first) => other,
            (_, second) if is_literal(second) => of,
            _ => self.joined(at, of, other)?,
        };
        let base = match base {
            Base::Organisation | Base::Programme if is_looser => Base::Party,
            Base::Country | Base::Identifier if is_looser => Base::Text,
            base => base,
        };
        Ok(([first, second], base))
    }

    pub(super) fn optional(
        &mut self,
        at: &IdedExpr,
        of: &IdedExpr,
        otherwise: &str,
        fix: &str,
    ) -> Result<(Node, Base), Mistake> {
        match self.unsure(of)? {
            (node, Type { base, many: Many::Optional }) => Ok((node, base)),
            (_, Type { many: Many::List, .. }) => {
                let message = "this is a list, which is always there";
                Err(self.mistake(at, message, "ask whether it holds something, as `….size() > 0`"))
            }
            _ => Err(self.mistake(at, format!("this {otherwise}"), fix)),
        }
    }

    pub(super) fn optional_select(
        &mut self,
        at: &IdedExpr,
        operand: &IdedExpr,
        field: &IdedExpr,
    ) -> Result<Part, Mistake> {
        let Expr::Literal(LiteralValue::String(name)) = &field.expr else {
            return Err(self.mistake(at, "this is no field", "write a name after `.?`"));
        };
        let part = self.unsure(operand)?;
        self.field_if_there(at, operand, part, name.inner())
    }

    /// A field of what may be absent: its value if both are there, and a list that is empty otherwise.
    fn field_if_there(&self, at: &IdedExpr, operand: &IdedExpr, (node, of): Part, name: &str) -> Result<Part, Mistake> {
        let many = if of.many == Many::Optional { Many::One } else { of.many };
        let field = self.field(at, operand, Type { base: of.base, many }, name)?;
        let node = Node::Field(node.into(), field);
        Ok(match field.of.many {
            Many::List => (Node::Join(vec![node]), field.of),
            _ => (node, Type::optional(field.of.base)),
        })
    }

    /// `x.field('share-bp')`, for a name that CEL takes for something else: of an `x` that may be absent it is as `x.?y`.
    pub(super) fn quoted_field(&mut self, at: &IdedExpr, of: &IdedExpr, name: &IdedExpr) -> Result<Part, Mistake> {
        let Some(name) = quoted(name) else {
            return Err(self.mistake(name, "this is no text in quotes", "write it as `x.field('share-bp')`"));
        };
        let (operand, record) = self.part(of)?;
        if record.many == Many::Optional {
            return self.field_if_there(at, of, (operand, record), name);
        }
        let field = self.field(at, of, record, name)?;
        Ok((Node::Field(operand.into(), field), field.of))
    }

    pub(super) fn calculate(
        &mut self,
        at: &IdedExpr,
        arithmetic: Arithmetic,
        left: &IdedExpr,
        right: &IdedExpr,
    ) -> Result<Part, Mistake> {
        self.calculated(at, arithmetic, left, right).map_err(|mistake| {
            if mistake.message.is_empty() { mistake } else { self.dashed_field(at, &mistake).unwrap_or(mistake) }
        })
    }

    fn calculated(
        &mut self,
        at: &IdedExpr,
        arithmetic: Arithmetic,
        left: &IdedExpr,
        right: &IdedExpr,
    ) -> Result<Part, Mistake> {
        let ((first, of), (second, other)) = (self.part(left)?, self.part(right)?);
        match (of, other) {
            (Type { base: Base::Int, many: Many::One }, Type { base: Base::Int, many: Many::One }) => {
                if matches!(arithmetic, Arithmetic::Divide | Arithmetic::Remainder) && second.whole() == Some(0) {
                    return Err(self.mistake(right, "a division by zero", "divide by what is never 0"));
                }
                Ok((Node::Arithmetic(arithmetic, first.into(), second.into()), Type::one(Base::Int)))
            }
            (Type { many: Many::List, .. }, Type { many: Many::List, .. }) if arithmetic == Arithmetic::Add => {
                let base = self.joined(at, of.base, other.base)?;
                Ok((Node::Join(vec![first, second]), Type::list(base)))
            }
            (Type { many: Many::Optional, base }, _) => Err(self.absent(left, left, base)),
            (_, Type { many: Many::Optional, base }) => Err(self.absent(right, right, base)),
            _ => Err(self.incalculable(at, arithmetic, of, other)),
        }
    }

    #[inline(never)]
    fn incalculable(&self, at: &IdedExpr, arithmetic: Arithmetic, of: Type, other: Type) -> Mistake {
        let what = match arithmetic {
            Arithmetic::Add => "sum",
            Arithmetic::Subtract => "difference",
            Arithmetic::Multiply => "product",
            Arithmetic::Divide => "quotient",
            Arithmetic::Remainder => "remainder",
        };
        let fix = match (of.base.plain(), other.base.plain()) {
            _ if of.many == Many::List || other.many == Many::List => {
                "count a list with `.size()`, or add it up with `.sum()`"
            }
            (Base::Date, _) | (_, Base::Date) => "use days_after, months_after or days_between",
            (Base::Instant, _) | (_, Base::Instant) => "use date_of and days_after, or seconds_between",
            (Base::Decimal, _) | (_, Base::Decimal) => "make it whole with `scaled(x, 100)` and calculate with that",
            (Base::Text | Base::Name, _) => "put texts into a message with {0} and {1}",
            _ => "calculate with whole numbers",
        };
        let message = format!("there is no {what} of {} and {}", with_article(of), with_article(other));
        self.mistake(at, message, fix)
    }

    /// What is said of a difference that makes no sense, where `x.share-bp` is meant as the field `share-bp` of `x`. It is looked at
    /// once, where that is shown, and not for a mistake within `x`: each level would look at all that is in it again.
    #[inline(never)]
    fn dashed_field(&mut self, at: &IdedExpr, mistake: &Mistake) -> Option<Mistake> {
        let (select, operand, name) = dashed(at)?;
        if !self.has_places() || mistake.at.start < self.place(select).start {
            return None;
        }
        let (_, Type { base: Base::Record(record), .. }) = self.unsure(operand).ok()? else { return None };
        record.field(&name)?;
        Some(self.mistake(at, format!("`{name}` is read as a difference"), field_fix(&name)))
    }

    /// What is said of `x[…]`.
    #[inline(never)]
    fn indexed(&self, at: &IdedExpr, arguments: &[IdedExpr]) -> Mistake {
        let message = "a field is not read with brackets";
        match arguments.get(1).and_then(quoted) {
            Some(name) if is_written(name) => self.mistake(at, message, format!("write `.{name}`")),
            Some(name) => self.mistake(at, message, field_fix(name)),
            None => self.mistake(at, "elements have no numbers here", "take one with first(), last() or greatest(…)"),
        }
    }

    /// What holds both.
    pub(super) fn joined(&self, at: &IdedExpr, of: Base, other: Base) -> Result<Base, Mistake> {
        of.join(other).ok_or_else(|| {
            let message = format!("{} and {} have nothing in common", with_article(of), with_article(other));
            self.mistake(at, message, fix_for(of, other))
        })
    }
}

/// What `x.share-bp` may be meant as: `x.share`, `x`, and `share-bp`.
fn dashed(expression: &IdedExpr) -> Option<(&IdedExpr, &IdedExpr, String)> {
    match &expression.expr {
        Expr::Select(select) => Some((expression, &select.operand, select.field.clone())),
        Expr::Call(call) if call.func_name == operators::SUBSTRACT => match call.args.as_slice() {
            [left, IdedExpr { expr: Expr::Ident(word), .. }] => {
                let (select, operand, name) = dashed(left)?;
                Some((select, operand, format!("{name}-{word}")))
            }
            _ => None,
        },
        _ => None,
    }
}

fn arithmetic(name: &str) -> Option<Arithmetic> {
    Some(match name {
        operators::ADD => Arithmetic::Add,
        operators::SUBSTRACT => Arithmetic::Subtract,
        operators::MULTIPLY => Arithmetic::Multiply,
        operators::DIVIDE => Arithmetic::Divide,
        operators::MODULO => Arithmetic::Remainder,
        _ => return None,
    })
}

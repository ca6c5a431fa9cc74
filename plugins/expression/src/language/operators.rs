//! The types of operators, and of what looks like a call and is none: `hasValue`, `orValue`, `greatest`.

use super::{
    check::{Check, Part},
    checked::Mistake,
    checker::MAX_WORDS,
    identifier,
    names::{is_written, quoted},
    node::{Arithmetic, Comparison, Each, Node},
    spelling::{field_fix, fix_for, nearest, with_article},
    types::{Base, Many, Type},
    value::as_decimal,
    vocabulary::is_attestation,
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
        let stands_in = |node: &Node, of: Base| matches!(node, Node::Text(text) if identifier::stands_in(text, of));
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
            Base::Organisation if is_looser => Base::Party,
            Base::Country if is_looser => Base::Text,
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

    pub(super) fn contains(&mut self, at: &IdedExpr, one: &IdedExpr, list: &IdedExpr) -> Result<Part, Mistake> {
        let (element, base) = self.one(one)?;
        let (all, of) = self.part(list)?;
        if of.many != Many::List {
            let message = format!("this is {}, not a list", with_article(of));
            return Err(self.mistake(list, message, "write a list after `in`, as `[1, 2]`"));
        }
        let element = self.literal_of(one, element, of.base)?;
        let all = match (all, &list.expr) {
            (Node::Join(nodes), Expr::List(written)) => {
                let fitted = nodes.into_iter().zip(&written.elements).map(|(node, at)| {
                    check_case(self, at, &node, &element)?;
                    self.literal_of(at, node, base)
                });
                Node::Join(fitted.collect::<Result<_, _>>()?)
            }
            (all, _) => all,
        };
        let fits = is_literal(&element) || matches!(&all, Node::Join(nodes) if nodes.iter().all(is_literal));
        if !fits {
            self.joined(at, base, of.base)?;
        }
        Ok((Node::Contains(element.into(), all.into()), Type::one(Base::Bool)))
    }

    pub(super) fn compare(
        &mut self,
        at: &IdedExpr,
        comparison: Comparison,
        left: &IdedExpr,
        right: &IdedExpr,
    ) -> Result<Part, Mistake> {
        let ((first, of), (second, other)) = (self.one(left)?, self.one(right)?);
        check_case(self, left, &first, &second)?;
        check_case(self, right, &second, &first)?;
        let (first, second) = (self.literal_of(left, first, other)?, self.literal_of(right, second, of)?);
        let base = match (is_literal(&first), is_literal(&second), of, other) {
            (true, ..) => other,
            (_, true, ..) => of,
            (_, _, Base::Int, Base::Decimal) | (_, _, Base::Decimal, Base::Int) => Base::Decimal,
            _ => self.joined(at, of, other).map_err(|mistake| about_number(mistake, &first, &second))?,
        };
        let equality = matches!(comparison, Comparison::Equal | Comparison::Unequal);
        let is_comparable = match base {
            Base::Record(_) => equality && is_attestation(base),
            base => equality || base.is_ordered(),
        };
        if !is_comparable {
            let message = format!("{} cannot be compared so", with_article(base));
            let fix = match base {
                Base::Record(_) if is_attestation(base) => "compare one of its fields, or use `==`",
                Base::Record(_) => "compare one of its fields",
                _ => "they have no order, so use `==`, or name those that are meant with `in ['…', '…']`",
            };
            return Err(self.mistake(at, message, fix));
        }
        Ok((Node::Compare(comparison, first.into(), second.into()), Type::one(Base::Bool)))
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

    /// A literal that is compared with a value of the type `wanted`: what that can never be is a slip.
    pub(super) fn literal_of(&mut self, at: &IdedExpr, node: Node, wanted: Base) -> Result<Node, Mistake> {
        if let Node::Text(text) = &node
            && let Some((message, fix)) = identifier::never(text, wanted)
        {
            return Err(self.mistake(at, message, fix));
        }
        if let (Node::Text(text), Base::Choice(words)) = (&node, wanted)
            && !words.words.contains(&text.as_str())
        {
            let fix = match nearest(text, words.words) {
                Some(near) => format!("did you mean `'{near}'`?"),
                None => format!("it is one of {}", words.words.join(", ")),
            };
            return Err(self.mistake(at, format!("`{}` is never `'{text}'`", words.name), fix));
        }
        self.fitted(at, node, wanted)
    }

    /// A text that was written where a word or a name is compared, as that.
    pub(super) fn fitted(&mut self, at: &IdedExpr, node: Node, wanted: Base) -> Result<Node, Mistake> {
        match (node, wanted) {
            (Node::Text(text), Base::Name | Base::Organisation | Base::Party) => self.name(at, &text, wanted),
            (Node::Text(text), Base::Word(words)) => {
                let place = words.words.iter().position(|word| *word == text);
                place.and_then(|place| u8::try_from(place).ok()).map(Node::Word).ok_or_else(|| {
                    let fix = match nearest(&text, words.words) {
                        Some(near) => format!("did you mean `'{near}'`?"),
                        None => format!("write one of {}", words.words.join(", ")),
                    };
                    self.mistake(at, format!("`'{text}'` is no {}", words.name), fix)
                })
            }
            (Node::Int(number), Base::Decimal) => Ok(Node::Decimal(as_decimal(number))),
            (node, _) => Ok(node),
        }
    }

    /// A text that a name is compared with, or that stands for one.
    #[inline(never)]
    fn name(&mut self, at: &IdedExpr, text: &str, wanted: Base) -> Result<Node, Mistake> {
        if wanted != Base::Name
            && let Some(fix) = identifier::fix(text)
        {
            return Err(self.mistake(at, format!("no organisation is named `'{text}'`"), fix));
        }
        if text.is_empty() {
            return Err(self.mistake(at, "a name is never empty", "write one that none has, as 'none'"));
        }
        self.rule.word(text).map(Node::Named).ok_or_else(|| {
            let message = format!("the rule compares names with more than {MAX_WORDS} texts");
            self.mistake(at, message, "compare them with fewer, or make two rules of it")
        })
    }
}

/// What is in small letters never equals or holds a text with capital ones.
pub(super) fn check_case(check: &Check<'_>, at: &IdedExpr, node: &Node, compared_with: &Node) -> Result<(), Mistake> {
    if let (Node::Text(text), Node::Call(function, _)) = (node, compared_with)
        && function.name == "lower"
        && text.to_lowercase() != *text
    {
        let message = format!("`'{text}'` has capital letters, and what `lower()` gives has none");
        return Err(check.mistake(at, message, format!("write `'{}'`", text.to_lowercase())));
    }
    Ok(())
}

/// What a number is that is compared with a text, where it is a field that says so.
fn about_number(mistake: Mistake, first: &Node, second: &Node) -> Mistake {
    match (first, second) {
        (Node::Field(_, field), Node::Text(_)) | (Node::Text(_), Node::Field(_, field))
            if field.of.base == Base::Int && !field.about.is_empty() =>
        {
            let fix = format!("compare `{}` with a number, which is {}", field.name, field.about.replace(": ", ", "));
            Mistake { fix, ..mistake }
        }
        _ => mistake,
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

/// Whether it is a text or a number that was taken as something else.
pub(super) fn is_literal(node: &Node) -> bool {
    matches!(node, Node::Named(_) | Node::Word(_) | Node::Decimal(_))
}

fn comparison(name: &str) -> Option<Comparison> {
    Some(match name {
        operators::EQUALS => Comparison::Equal,
        operators::NOT_EQUALS => Comparison::Unequal,
        operators::LESS => Comparison::Less,
        operators::LESS_EQUALS => Comparison::AtMost,
        operators::GREATER => Comparison::Greater,
        operators::GREATER_EQUALS => Comparison::AtLeast,
        _ => return None,
    })
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

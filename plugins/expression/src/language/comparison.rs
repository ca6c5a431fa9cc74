//! What is compared with what: the operators that do, and literals that stand beside a value, which are of its type.

use super::{
    check::{Check, Part},
    checked::Mistake,
    checker::MAX_WORDS,
    names::quoted,
    node::{Comparison, Node},
    spelling::{fix_for_element, nearest, with_article},
    types::{Base, Field, Many, Type},
    value::as_decimal,
    vocabulary::is_attestation,
};
use cel::{
    IdedExpr,
    common::ast::{Expr, LiteralValue, operators},
};

impl Check<'_> {
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
                    self.check_bounds(at, &node, &element)?;
                    self.literal_of(at, node, base)
                });
                Node::Join(fitted.collect::<Result<_, _>>()?)
            }
            (all, _) => {
                self.check_countries(list, &all, base)?;
                all
            }
        };
        let fits = is_literal(&element) || matches!(&all, Node::Join(nodes) if nodes.iter().all(is_literal));
        if !fits {
            self.joined(at, base, of.base).map_err(|mistake| match (of.base, quoted(one)) {
                (Base::Record(_), Some(text)) => {
                    let list = self.written(list).unwrap_or_else(|| "…".to_owned());
                    Mistake { fix: fix_for_element(&format!("'{text}'"), &list, of.base), ..mistake }
                }
                _ => mistake,
            })?;
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
        self.check_null(comparison, left, right)?;
        let ((first, of), (second, other)) = (self.part(left)?, self.part(right)?);
        match (of.many, other.many) {
            (Many::List, _) => return Err(self.compared_list(comparison, (left, of), (right, other))),
            (_, Many::List) => return Err(self.compared_list(comparison, (right, other), (left, of))),
            (Many::Optional, _) => return Err(self.absent(left, left, of.base)),
            (_, Many::Optional) => return Err(self.absent(right, right, other.base)),
            (Many::One, Many::One) => {}
        }
        let (of, other) = (of.base, other.base);
        check_case(self, left, &first, &second)?;
        check_case(self, right, &second, &first)?;
        let (first, second) = (self.literal_of(left, first, other)?, self.literal_of(right, second, of)?);
        self.check_bounds(left, &first, &second)?;
        self.check_bounds(right, &second, &first)?;
        let base = match (is_literal(&first), is_literal(&second), of, other) {
            (true, ..) => other,
            (_, true, ..) => of,
            (_, _, Base::Int, Base::Decimal) | (_, _, Base::Decimal, Base::Int) => Base::Decimal,
            _ => {
                self.joined(at, of, other).map_err(|mistake| about_operands(mistake, (&first, of), (&second, other)))?
            }
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

    /// A literal that is compared with a value of the type `wanted`: what that can never be is a slip.
    pub(super) fn literal_of(&mut self, at: &IdedExpr, node: Node, wanted: Base) -> Result<Node, Mistake> {
        if let Node::Text(text) = &node
            && let Some([message, fix]) = self.rule.schemes.never(text, wanted)
        {
            return Err(self.mistake(at, message, fix));
        }
        self.check_countries(at, &node, wanted)?;
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
            (Node::Text(text), Base::Name | Base::Organisation | Base::Programme | Base::Party) => {
                self.name(at, &text, wanted)
            }
            (Node::Text(text), Base::Word(words)) => {
                let index = words.words.iter().position(|word| *word == text);
                index.and_then(|index| u8::try_from(index).ok()).map(Node::Word).ok_or_else(|| {
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
        if !self.rule.schemes.stands_in(text, wanted)
            && let Some([message, fix]) = self.rule.schemes.never(text, wanted)
        {
            return Err(self.mistake(at, message, fix));
        }
        if text.is_empty() {
            return Err(self.mistake(at, "a name is never empty", "write one that none has, as 'none'"));
        }
        self.rule.word(text).map(Node::Named).ok_or_else(|| {
            let message = format!("the rule compares names with more than {MAX_WORDS} texts");
            self.mistake(at, message, "compare them with fewer, or make two rules of it")
        })
    }

    /// Texts that are written elsewhere, under `let` or as the list of a macro, and compared with a country.
    #[inline(never)]
    fn check_countries(&self, at: &IdedExpr, node: &Node, wanted: Base) -> Result<(), Mistake> {
        if wanted != Base::Country || matches!(node, Node::Text(_)) {
            return Ok(());
        }
        let mut texts = Vec::new();
        self.texts(node, &mut texts);
        match texts.into_iter().find_map(|text| self.rule.schemes.never(&text, wanted)) {
            Some([message, fix]) => Err(self.mistake(at, message, fix)),
            None => Ok(()),
        }
    }

    /// The texts that a node can only be.
    pub(super) fn texts(&self, node: &Node, found: &mut Vec<String>) {
        match node {
            Node::Text(text) => found.push(text.clone()),
            Node::Join(nodes) => nodes.iter().for_each(|node| self.texts(node, found)),
            Node::Local(index) => {
                found.extend(self.locals.get(*index).into_iter().flat_map(|local| local.texts.clone()));
            }
            Node::Let(index) => {
                self.rule.nodes.get(*index).into_iter().for_each(|node| self.texts(node, found));
            }
            _ => {}
        }
    }

    /// A number that is compared with a field whose numbers end before.
    #[inline(never)]
    fn check_bounds(&self, at: &IdedExpr, number: &Node, compared_with: &Node) -> Result<(), Mistake> {
        if let (Some(number), Node::Field(_, field)) = (number.whole(), compared_with)
            && let Some((least, most)) = bounds(field)
            && !(least..=most).contains(&number)
        {
            let message = format!("`{}` is never {number}: it is {}", field.name, field.about.replace(": ", ", "));
            return Err(self.mistake(at, message, format!("write a number from {least} to {most}")));
        }
        Ok(())
    }

    /// Nothing is null: what is compared with it is there, may be absent, or is a list.
    #[inline(never)]
    fn check_null(&mut self, comparison: Comparison, left: &IdedExpr, right: &IdedExpr) -> Result<(), Mistake> {
        let is_null = |part: &IdedExpr| matches!(&part.expr, Expr::Literal(LiteralValue::Null));
        let (null, of) = match (is_null(left), is_null(right)) {
            (true, false) => (left, right),
            (false, true) => (right, left),
            _ => return Ok(()),
        };
        // It is looked at here alone: a mistake in it is told, and not looked for a second time.
        let (_, whole) = self.unsure(of)?;
        if whole.many == Many::List {
            return Err(self.compared_list(comparison, (of, whole), (null, Type::one(Base::Nothing))));
        }
        let not = if comparison == Comparison::Equal { "!" } else { "" };
        let fix = match (whole.many, self.written(of)) {
            (Many::Optional, Some(path)) if matches!(of.expr, Expr::Select(_)) => format!("write `{not}has({path})`"),
            (Many::Optional, path) => format!("write `{not}{}.hasValue()`", path.as_deref().unwrap_or("…")),
            _ => "leave the comparison out, since this is always there".to_owned(),
        };
        Err(self.mistake(null, "nothing is null", fix))
    }

    /// What is said where a list is compared with something else.
    #[inline(never)]
    fn compared_list(
        &self,
        comparison: Comparison,
        (list, of): (&IdedExpr, Type),
        (other, with): (&IdedExpr, Type),
    ) -> Mistake {
        let path = self.written(list).unwrap_or_else(|| "…".to_owned());
        let fix = match (with.base, quoted(other)) {
            (Base::Nothing, _) => {
                let operator = if comparison == Comparison::Equal { "==" } else { ">" };
                format!("ask how many it holds, as `{path}.size() {operator} 0`")
            }
            (Base::Int, _) if of.base != Base::Int => format!("ask how many it holds, as `{path}.size() > 0`"),
            (_, Some(text)) => fix_for_element(&format!("'{text}'"), &path, of.base),
            _ => fix_for_element("…", &path, of.base),
        };
        let message = format!("{} is {}, not one value", self.called(list), with_article(of));
        self.mistake(list, message, fix)
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

/// What is said of operands of two types: of a second comparison in one, or of a text beside a value of another type.
fn about_operands(mistake: Mistake, first: (&Node, Base), second: (&Node, Base)) -> Mistake {
    let is_equality = |comparison: &Comparison| matches!(comparison, Comparison::Equal | Comparison::Unequal);
    let is_ordered = |node: &Node| matches!(node, Node::Compare(comparison, ..) if !is_equality(comparison));
    if is_ordered(first.0) || is_ordered(second.0) {
        return Mistake { fix: "compare twice, as `1 < x && x < 3`".into(), ..mistake };
    }
    about_literal(mistake, first, second)
}

/// What is said of a text beside a value of another type: what the value's field is, or that the text is no text.
fn about_literal(mistake: Mistake, first: (&Node, Base), second: (&Node, Base)) -> Mistake {
    let (text, (value, of)) = match (first, second) {
        ((Node::Text(text), _), other) | (other, (Node::Text(text), _)) => (text, other),
        _ => return mistake,
    };
    let fix = match (value, of) {
        (Node::Field(_, field), Base::Int) if !field.about.is_empty() => {
            format!("compare `{}` with a number, which is {}", field.name, field.about.replace(": ", ", "))
        }
        (_, Base::Bool) if text == "true" || text == "false" => format!("write `{text}` without quotes"),
        _ => return mistake,
    };
    Mistake { fix, ..mistake }
}

/// The least and the greatest number of a field that says so at the end of what it means: `1 (worst) to 4`.
fn bounds(field: &Field) -> Option<(i64, i64)> {
    let (before, most) = field.about.rsplit_once(" to ")?;
    let before = before.strip_suffix(')').and_then(|before| Some(before.rsplit_once(" (")?.0)).unwrap_or(before);
    let least = before.rsplit_once(' ').map_or(before, |(_, least)| least);
    Some((least.parse().ok()?, most.parse().ok()?))
}

/// Whether it is a text or a number that was taken as something else.
pub(super) fn is_literal(node: &Node) -> bool {
    matches!(node, Node::Named(_) | Node::Word(_) | Node::Decimal(_))
}

/// The comparison that an operator is.
pub(super) fn comparison(name: &str) -> Option<Comparison> {
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

#[cfg(test)]
mod tests {
    use super::{super::vocabulary::KINDS, bounds};

    /// What the contract says at the end of a field's meaning is what a number is held against.
    #[test]
    fn the_bounds_of_fields_are_read_off_their_meaning() {
        let fields = KINDS.iter().flat_map(|kind| kind.record.fields.iter().map(move |field| (kind.name, field)));
        let found = fields.filter_map(|(kind, field)| Some((kind, field.name, bounds(field)?)));
        let expected = [
            ("cyber.dcc", "level", (0, 3)),
            ("cyber.saq", "level", (0, 3)),
            ("cyber.sprs", "score", (-203, 110)),
            ("cyber.cmmc", "level", (1, 3)),
            ("incident", "severity", (1, 4)),
            ("programme.requirement", "criticality", (1, 5)),
            ("programme.requirement", "cyber_level", (0, 3)),
            ("programme.requirement", "cmmc_level", (1, 3)),
        ];
        assert_eq!(found.collect::<Vec<_>>(), expected);
    }
}

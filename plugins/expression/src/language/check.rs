//! From the syntax of an expression to what is evaluated: every name is resolved and every part gets its type, or the mistake
//! is shown at its place with the fix.

use super::{
    checked::{Checked, Known, Mistake},
    checker::{Checker, Named},
    combine,
    depth::NESTED_FIX,
    names::{begun_by, is_written},
    node::Node,
    parse::Places,
    spelling::{field_fix, fix_for, kind_fix, nearest, with_article},
    types::{Base, Field, Get, Many, Record, Type},
    vocabulary::{GIVEN, KINDS, Variable},
};
use cel::{
    IdedExpr,
    common::ast::{Expr, LiteralValue, SelectExpr},
};
use std::ops::Range;

/// How deep an expression may be nested without those that it names. Checking a level takes up to 1.4 KiB of a stack of 128 KiB
/// (a comparison; 95 of them within one another still pass), and it never comes on top of the parser.
const MAX_DEPTH: usize = 48;
/// How deep with them: so deep evaluating goes, which takes up to 290 bytes a level (a macro).
const MAX_DEPTH_WITH_NAMED: usize = 192;

/// A variable of a macro.
pub(super) struct Local {
    pub(super) name: String,
    pub(super) of: Type,
    /// What it stands for, one after the other, where the texts are written there.
    pub(super) texts: Vec<String>,
}

/// One expression while it is checked.
pub(super) struct Check<'c> {
    pub(super) rule: &'c mut Checker,
    pub(super) text: &'c str,
    pub(super) locals: Vec<Local>,
    /// The paths that are known to have a value here.
    pub(super) known: Vec<String>,
    /// Where its parts stand, once there is a mistake.
    places: Option<Places<'c>>,
    /// How deep the part is that is being checked.
    level: usize,
    /// How deep the deepest so far is, with the named expressions in it.
    depth: usize,
}

/// What `it` is, wherever it stands for nothing.
const IT_FIX: &str = "`it` is an element of a message's `each`, and stands in that message's other expressions only";

pub(super) type Part = (Node, Type);

impl<'c> Check<'c> {
    pub(super) fn new(rule: &'c mut Checker, text: &'c str, it: Option<Base>, known: &[String]) -> Self {
        let it = it.map(|base| Local { name: "it".to_owned(), of: Type::one(base), texts: Vec::new() });
        let locals = it.into_iter().collect();
        Self { rule, text, locals, known: known.to_vec(), places: None, level: 0, depth: 0 }
    }

    /// With the places of its parts. They are found by parsing again, which must not come on top of a deep check: so whoever
    /// meets a mistake checks once more.
    pub(super) fn with_places(self) -> Self {
        let places = Some(Places::of(self.text));
        Self { places, ..self }
    }

    pub(super) fn whole(mut self, syntax: &IdedExpr) -> Result<Checked, Mistake> {
        let (node, of) = self.part(syntax)?;
        Ok(Checked { node, of, known: self.known_by(syntax), depth: self.depth })
    }

    pub(super) fn mistake(&self, at: &IdedExpr, message: impl Into<String>, fix: impl Into<String>) -> Mistake {
        Mistake { at: self.place(at), message: message.into(), fix: fix.into() }
    }

    /// Whether a mistake's place is looked for: the first time nobody sees what is said.
    pub(super) fn has_places(&self) -> bool {
        self.places.is_some()
    }

    /// Where it stands, once that is asked.
    pub(super) fn place(&self, part: &IdedExpr) -> Range<usize> {
        self.places.as_ref().map_or(0..0, |places| places.of_part(part))
    }

    /// The index and the type of a macro's variable.
    pub(super) fn local(&self, name: &str) -> Option<(usize, Type)> {
        let index = self.locals.iter().rposition(|local| local.name == name)?;
        Some((index, self.locals[index].of))
    }

    /// What a named condition tells.
    pub(super) fn known_by_definition(&self, name: &str) -> Known {
        if self.local(name).is_some() { Known::default() } else { self.rule.known_by(name) }
    }

    /// A part, which is there for certain where that is known.
    pub(super) fn part(&mut self, expression: &IdedExpr) -> Result<Part, Mistake> {
        let (node, of) = self.unsure(expression)?;
        let is_known =
            of.many == Many::Optional && self.path(expression).is_some_and(|path| self.known.contains(&path));
        Ok((node, if is_known { Type::one(of.base) } else { of }))
    }

    /// A part as it is, whatever is known of it.
    pub(super) fn unsure(&mut self, expression: &IdedExpr) -> Result<Part, Mistake> {
        if self.level >= MAX_DEPTH {
            return Err(self.too_deep(expression));
        }
        self.level += 1;
        self.depth = self.depth.max(self.level);
        let part = self.of_syntax(expression);
        self.level -= 1;
        part
    }

    #[inline(never)]
    fn too_deep(&self, at: &IdedExpr) -> Mistake {
        let message = format!("this is nested more than {MAX_DEPTH} deep");
        self.mistake(at, message, NESTED_FIX)
    }

    fn of_syntax(&mut self, expression: &IdedExpr) -> Result<Part, Mistake> {
        match &expression.expr {
            Expr::Literal(literal) => self.literal(expression, literal),
            Expr::Ident(name) => self.variable(expression, name),
            Expr::Select(select) => self.select(expression, select),
            Expr::List(list) => self.list(list),
            Expr::Comprehension(expanded) => match combine::of(expanded) {
                Some(found) => self.each(expression, found.each, found.list, found.variable, &found.bodies),
                None => Err(self.mistake(
                    expression,
                    "this macro is not known",
                    "use exists, all, exists_one, filter or map",
                )),
            },
            Expr::Call(call) => self.call(expression, call),
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                Err(self.mistake(expression, "an expression makes no records", "name the values that are needed"))
            }
        }
    }

    fn literal(&self, at: &IdedExpr, literal: &LiteralValue) -> Result<Part, Mistake> {
        Ok(match literal {
            LiteralValue::Boolean(flag) => (Node::Bool(*flag.inner()), Type::one(Base::Bool)),
            LiteralValue::Int(number) => (Node::Int(*number.inner()), Type::one(Base::Int)),
            LiteralValue::String(text) => (Node::Text(text.inner().to_owned()), Type::one(Base::Text)),
            LiteralValue::Double(number) if number.inner().fract() == 0.0 && number.inner().abs() < 1e15 => {
                return Err(self.mistake(at, "numbers here are whole", format!("write `{:.0}`", number.inner())));
            }
            LiteralValue::Double(_) => {
                let fix = "round it to a whole number in the field's own unit, as 2500 basis points for 25 % or 51500000 \
                           millionths for 51.5 degrees; a decimal of a declared kind is compared as `scaled(x, 100) > 50`";
                return Err(self.mistake(at, "numbers here are whole", fix));
            }
            LiteralValue::UInt(_) => return Err(self.mistake(at, "numbers have no `u`", "leave the `u` out")),
            LiteralValue::Null => {
                return Err(self.mistake(at, "nothing is null", "ask `has(x.y)` or `x.hasValue()` instead"));
            }
            LiteralValue::Bytes(_) => return Err(self.mistake(at, "there are no bytes", "write a text in quotes")),
        })
    }

    fn variable(&mut self, at: &IdedExpr, name: &str) -> Result<Part, Mistake> {
        if let Some((index, of)) = self.local(name) {
            return Ok((Node::Local(index), of));
        }
        let index = self.rule.names().position(|known| known == name);
        if let Some(index) = index {
            return self.defined(at, index);
        }
        if let Some(given) = GIVEN.iter().find(|given| given.name == name) {
            if given.variable == Variable::Evidence {
                self.rule.name_all_evidence();
            }
            given.fact.into_iter().for_each(|fact| self.rule.name_fact(fact));
            return Ok((Node::Variable(given.variable), given.of));
        }
        if let Some(part) = self.kind(name) {
            return Ok(part);
        }
        Err(self.no_variable(at, name))
    }

    #[inline(never)]
    fn no_variable(&self, at: &IdedExpr, name: &str) -> Mistake {
        let own = self.locals.iter().map(|local| local.name.as_str()).chain(self.rule.names());
        let known: Vec<&str> = own.chain(GIVEN.iter().map(|given| given.name)).chain(self.rule.known_kinds()).collect();
        let fix = match (self.unwritten(at, name), nearest(name, &known)) {
            _ if name == "it" && self.rule.it_is_told => return Mistake::told(),
            _ if name == "it" => IT_FIX.to_owned(),
            (Some(kind), _) => kind_fix(kind),
            (None, Some(near)) => format!("did you mean `{near}`?"),
            (None, None) => "rules/README.md lists the variables; define others under `let`, and kinds of your own under [[kinds]] of \
                             the configuration"
                .to_owned(),
        };
        self.mistake(at, format!("`{name}` is no variable"), fix)
    }

    fn defined(&mut self, at: &IdedExpr, index: usize) -> Result<Part, Mistake> {
        let (of, depth) = match self.rule.named(index) {
            Named::Checked(of, depth) => (of, depth),
            Named::Open(name) => {
                let message = format!("`{name}` is defined by itself");
                return Err(self.mistake(at, message, "take it out of what it is defined by"));
            }
            // The mistake is shown where it is made.
            Named::Refused => return Err(Mistake::told()),
        };
        self.depth = self.depth.max(self.level + depth);
        if self.depth > MAX_DEPTH_WITH_NAMED {
            let message = format!(
                "with the expressions that are named in one another this is nested more than {MAX_DEPTH_WITH_NAMED} deep"
            );
            return Err(self.mistake(
                at,
                message,
                "take it out of brackets and long sums, or write a clause for each case",
            ));
        }
        Ok((Node::Let(index), of))
    }

    fn select(&mut self, at: &IdedExpr, select: &SelectExpr) -> Result<Part, Mistake> {
        if let Some(kind) = self.selected_kind(at, select) {
            return kind;
        }
        let (operand, of) = self.part(&select.operand)?;
        if select.test
            && let Type { base: Base::Record(record), many: Many::Optional } = of
            && let Some(field) = record.field(&select.field)
        {
            return Err(self.asked_of_absent(at, &select.operand, field));
        }
        let field = self.field(at, &select.operand, of, &select.field)?;
        if !select.test {
            return Ok((Node::Field(operand.into(), field), field.of));
        }
        if field.of.many == Many::Optional {
            return Ok((Node::Present(Node::Field(operand.into(), field).into()), Type::one(Base::Bool)));
        }
        Err(self.mistake(at, format!("`{}` is always there", select.field), "leave `has` out"))
    }

    pub(super) fn field(
        &self,
        at: &IdedExpr,
        operand: &IdedExpr,
        of: Type,
        name: &str,
    ) -> Result<&'static Field, Mistake> {
        match of {
            Type { base: Base::Record(record), many: Many::One } => match record.field(name) {
                Some(Field { get: Get::Never { why, fix }, .. }) => {
                    Err(self.mistake(at, format!("`{name}` cannot be read: {why}"), *fix))
                }
                Some(field) => Ok(field),
                None => Err(self.no_field(at, operand, record, name)),
            },
            of => Err(self.no_record(at, operand, of, name)),
        }
    }

    #[inline(never)]
    fn no_field(&self, at: &IdedExpr, operand: &IdedExpr, record: &'static Record, name: &str) -> Mistake {
        let known: Vec<&'static str> = record.all_fields().map(|field| field.name).collect();
        let begun = begun_by(name, &known, self.rest(at));
        let fix = match begun.or_else(|| nearest(name, &known)) {
            Some(near) if is_written(near) => format!("did you mean `{near}`?"),
            Some(near) => field_fix(near),
            None => format!("its fields are {}", known.join(", ")),
        };
        self.mistake(at, format!("the {} {} has no field `{name}`", record.name, self.called(operand)), fix)
    }

    #[inline(never)]
    fn no_record(&self, at: &IdedExpr, operand: &IdedExpr, of: Type, name: &str) -> Mistake {
        let called = self.called(operand);
        match of.many {
            Many::Optional => match of.base {
                // What it never has is the first thing to say.
                Base::Record(record) if record.field(name).is_none() => self.no_field(at, operand, record, name),
                base => self.absent_with(at, operand, base, name),
            },
            Many::List if ["count", "len", "length", "size"].contains(&name) => {
                self.mistake(at, format!("{called} is {}", with_article(of)), "write `.size()`")
            }
            Many::List => {
                let fix =
                    "take one with first(), last() or greatest(…), or ask of each with exists(…), filter(…) or map(…)";
                self.mistake(at, format!("{called} is {}", with_article(of)), fix)
            }
            Many::One => {
                let message = format!("{called} is {}, which has no fields", with_article(of));
                self.mistake(at, message, self.fix_for_field(operand, of.base, name))
            }
        }
    }

    /// What is written for the field `name` of what has none.
    fn fix_for_field(&self, operand: &IdedExpr, of: Base, name: &str) -> String {
        match of.plain() {
            Base::Name => {}
            Base::Date => return "compare days, as `>= date('2026-01-01')`, or count with `days_between`".to_owned(),
            Base::Instant => {
                return "compare instants, as `>= start_of(date('2026-01-01'))`, or its day with `date_of(…)`"
                    .to_owned();
            }
            _ => return "leave the field out".to_owned(),
        }
        let itself = matches!(&operand.expr, Expr::Ident(given) if given == "self");
        match KINDS.iter().find(|kind| kind.record.fields.iter().any(|field| field.name == name)) {
            Some(kind) if itself => {
                format!("ask what is attested about it, as `{}.exists(x, x.{name} == …)`", kind.name)
            }
            _ if itself => {
                "what is known about it stands in its attestations, as `entity.profile.exists(p, …)`".to_owned()
            }
            _ => "leave the field out, since a rule is told what is attested about `self` alone".to_owned(),
        }
    }

    /// A part of which there is exactly one.
    pub(super) fn one(&mut self, expression: &IdedExpr) -> Result<(Node, Base), Mistake> {
        match self.part(expression)? {
            (node, Type { base, many: Many::One }) => Ok((node, base)),
            (_, of) => Err(self.not_one(expression, of)),
        }
    }

    #[inline(never)]
    fn not_one(&self, at: &IdedExpr, of: Type) -> Mistake {
        if of.many == Many::Optional {
            return self.absent(at, at, of.base);
        }
        let message = format!("this is {}, not one value", with_article(of));
        self.mistake(at, message, "take one with first(), last() or greatest(…)")
    }

    pub(super) fn of_base(&mut self, expression: &IdedExpr, wanted: Base) -> Result<Node, Mistake> {
        match self.part(expression)? {
            (node, Type { base, many: Many::One }) if base == wanted => Ok(node),
            (_, of) => Err(self.not_of_base(expression, of, wanted)),
        }
    }

    #[inline(never)]
    fn not_of_base(&self, at: &IdedExpr, of: Type, wanted: Base) -> Mistake {
        let fix = match (fix_for_condition(of), of.many) {
            (Some(fix), _) if wanted == Base::Bool => fix,
            (_, Many::One) => fix_for(of.base, wanted),
            _ => return self.not_one(at, of),
        };
        self.mistake(at, format!("this is {}, not {}", with_article(of), with_article(wanted)), fix)
    }
}

/// How to ask something of what is no condition and not there for certain, or several.
pub(crate) fn fix_for_condition(of: Type) -> Option<&'static str> {
    match of.many {
        Many::List => Some("ask whether it holds something, as `….size() > 0`"),
        Many::Optional if of.base != Base::Bool => Some("ask whether there is one, as `….hasValue()`"),
        _ => None,
    }
}

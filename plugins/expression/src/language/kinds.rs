//! Kinds of attestation, named in an expression: those of the vocabulary and those that the configuration declares.

use super::{
    check::{Check, Part},
    checked::Mistake,
    checker::Checker,
    names::{begun_by, is_reserved, is_written, quoted},
    node::Node,
    spelling::{kind_fix, nearest},
    types::{Base, Type},
    vocabulary::{GIVEN, KINDS, Variable},
};
use cel::{
    IdedExpr,
    common::ast::{CallExpr, Expr, SelectExpr},
};
use std::ops::Range;

fn is_kind_written(name: &str) -> bool {
    name.split('.').all(is_written) && !GIVEN.iter().any(|given| given.name == name)
}

impl Checker {
    /// Why a rule cannot have an expression called `name`: it means something else.
    #[must_use]
    pub fn taken(&self, name: &str) -> Option<String> {
        if is_reserved(name) {
            return Some(format!("CEL keeps the word `{name}` for itself"));
        }
        if name == "it" {
            return Some("`it` is an element of a message's `each`".to_owned());
        }
        if GIVEN.iter().any(|given| given.name == name) {
            return Some(format!("every rule has the variable `{name}`"));
        }
        let is_begun =
            |kind: &&str| kind.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let kind = self.known_kinds().into_iter().find(is_begun)?;
        Some(if kind == name {
            format!("`{name}` is a kind")
        } else {
            format!("the kind `{kind}` begins with `{name}`")
        })
    }

    /// The kinds that CEL cannot name as they are.
    pub(super) fn unwritten_kinds(&self) -> Vec<&'static str> {
        self.known_kinds().into_iter().filter(|kind| !is_kind_written(kind)).collect()
    }

    /// The kind that stands at a place that CEL cannot read, because of how it is called.
    pub(super) fn unread_kind(&self, text: &str, at: &Range<usize>) -> Option<Mistake> {
        let beside =
            |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_-.'\"".contains(byte));
        let there = |kind: &'static str| {
            let mut places = text.match_indices(kind).map(|(start, _)| (start..start + kind.len(), kind));
            places.find(|(place, _)| {
                let before = place.start.checked_sub(1).and_then(|before| text.as_bytes().get(before));
                let after = text.as_bytes().get(place.end).filter(|after| **after != b'.');
                place.start <= at.end && at.start <= place.end && !beside(before) && !beside(after)
            })
        };
        let (at, kind) = self.unwritten_kinds().into_iter().filter_map(there).max_by_key(|(at, _)| at.len())?;
        let message = format!("CEL does not take `{kind}` for a name");
        Some(Mistake { at, message, fix: kind_fix(kind) })
    }
}

impl Check<'_> {
    /// All attestations of the kind `name`, if it is one.
    pub(super) fn kind(&mut self, name: &str) -> Option<Part> {
        let index = self.rule.known_kinds().iter().position(|kind| *kind == name)?;
        self.rule.name_kind(index);
        let (variable, record) = match KINDS.get(index) {
            Some(kind) => (Variable::Kind(index), kind.record),
            None => {
                let record = self.rule.declared_record(index - KINDS.len())?;
                (Variable::Declared(record.name), record)
            }
        };
        Some((Node::Variable(variable), Type::list(Base::Record(record))))
    }

    /// The kind that CEL cannot name as it is and that begins with `word`: `fire` of `fire-safety` is taken for a variable.
    pub(super) fn unwritten(&self, at: &IdedExpr, word: &str) -> Option<&'static str> {
        begun_by(word, &self.rule.unwritten_kinds(), self.rest(at))
    }

    /// The text from where `expression` begins.
    pub(super) fn rest(&self, expression: &IdedExpr) -> &str {
        match &expression.expr {
            Expr::Select(select) if !select.test && self.dotted(&select.operand).is_some() => {
                self.rest(&select.operand)
            }
            _ => &self.text[self.place(expression).start..],
        }
    }

    /// `kind('fire-safety')`, for a name that CEL takes for something else.
    pub(super) fn quoted_kind(&mut self, at: &IdedExpr, call: &CallExpr) -> Result<Part, Mistake> {
        let [argument] = call.args.as_slice() else {
            return Err(self.mistake(at, "`kind` wants one name", "write it as `kind('approval.as9100')`"));
        };
        let Some(name) = quoted(argument) else {
            return Err(self.mistake(argument, "this is no text in quotes", "write it as `kind('approval.as9100')`"));
        };
        self.kind(name).ok_or_else(|| {
            let fix = self.instead(name);
            self.mistake(argument, format!("`{name}` is no kind"), fix)
        })
    }

    /// The kind that is named with dots; nothing where a field is.
    pub(super) fn selected_kind(&mut self, at: &IdedExpr, select: &SelectExpr) -> Option<Result<Part, Mistake>> {
        let before = self.dotted(&select.operand)?;
        let name = format!("{before}.{}", select.field);
        let known = self.rule.known_kinds();
        // The longer name goes first, as everywhere in CEL: `ownership.holding` is a kind, though `ownership` is a fact.
        if select.test && known.contains(&&*name) {
            let fix = format!("ask whether it holds something, as `size(usable({name})) > 0`");
            return Some(Err(self.mistake(at, format!("`{name}` is a list, which is always there"), fix)));
        }
        if let Some(part) = self.kind(&name) {
            return Some(Ok(part));
        }
        let is_kind = |name: &str| known.contains(&name);
        let begins_with = |is_one: &dyn Fn(&str) -> bool| {
            before.match_indices('.').any(|(end, _)| is_one(&before[..end])) || is_one(&before)
        };
        let family = before.split('.').next().unwrap_or(&before);
        let is_family = known.iter().any(|kind| kind.split('.').next() == Some(family) && kind.contains('.'));
        let unwritten = self.unwritten(at, &name);
        let is_there = unwritten.is_some_and(|kind| self.rest(at).starts_with(kind));
        // A list has no fields: where a kind stands before, another whose name begins with it can be meant, but no field.
        let is_field =
            begins_with(&|name| GIVEN.iter().any(|given| given.name == name)) || begins_with(&is_kind) && !is_there;
        // A slip in the family is one in the kind: `clearence.facility`.
        if is_field || !is_family && !is_there && nearest(&name, &known).is_none() {
            return None;
        }
        // As it goes on: `supply.end` of `supply.end-of-life`.
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let rest = self.rest(at);
        let whole = rest[..rest.find(|c| !is_of_name(c)).unwrap_or(rest.len())].replace('-', "_");
        let is_begun = |kind: &&&str| {
            whole.strip_prefix(**kind).is_some_and(|after| !after.starts_with(is_of_name) || after.starts_with('.'))
        };
        let meant = known.iter().filter(is_begun).max_by_key(|kind| kind.len());
        let meant = meant.filter(|_| rest.contains('-')).map(|kind| format!("did you mean `{kind}`?"));
        let fix = unwritten.map(kind_fix).or(meant).unwrap_or_else(|| self.instead(&name));
        Some(Err(self.mistake(at, format!("`{name}` is no kind"), fix)))
    }

    /// What is meant by the name of a kind that there is not.
    fn instead(&self, name: &str) -> String {
        match nearest(name, &self.rule.known_kinds()) {
            Some(near) if is_kind_written(near) => format!("did you mean `{near}`?"),
            Some(near) => format!("did you mean `kind('{near}')`?"),
            None => "rules/README.md lists the kinds; declare others under [[kinds]] of the configuration".to_owned(),
        }
    }

    /// Names with dots between, the first of which is no variable of the rule's own.
    fn dotted(&self, expression: &IdedExpr) -> Option<String> {
        match &expression.expr {
            Expr::Ident(name) => {
                (self.local(name).is_none() && !self.rule.names().any(|known| known == name)).then(|| name.clone())
            }
            Expr::Select(select) if !select.test => Some(format!("{}.{}", self.dotted(&select.operand)?, select.field)),
            _ => None,
        }
    }
}

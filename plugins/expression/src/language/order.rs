//! In which order expressions are checked: after the named ones that they name.

use super::{
    check::Check,
    checked::{Checked, Mistake},
    checker::{Checker, Definition, State},
    parse::parse,
    types::Base,
};
use cel::{
    IdedExpr,
    common::ast::{CallExpr, EntryExpr, Expr},
};
use std::collections::BTreeSet;

impl Checker {
    /// Checks `text`, in which `it` is an element of a list if there is one, and `known` are paths that have a value.
    ///
    /// # Errors
    /// The first mistake.
    pub fn check(&mut self, text: &str, it: Option<Base>, known: &[String]) -> Result<Checked, Mistake> {
        self.define_all();
        let syntax = self.parsed(text)?;
        self.checked(text, &syntax, it, known)
    }

    fn checked(
        &mut self,
        text: &str,
        syntax: &IdedExpr,
        it: Option<Base>,
        known: &[String],
    ) -> Result<Checked, Mistake> {
        let checked = Check::new(self, text, it, known).whole(syntax);
        checked.or_else(|_| Check::new(self, text, it, known).with_places().whole(syntax))
    }

    /// Checks all named expressions; the mistakes in them, each with the index of its expression.
    pub fn define(&mut self) -> Vec<(usize, Mistake)> {
        self.define_all();
        std::mem::take(&mut self.mistakes)
    }

    fn define_all(&mut self) {
        (0..self.definitions.len()).for_each(|index| self.define_one(index));
    }

    /// Checks a named expression after those that it names: the stack is small, and a chain of them may be long.
    fn define_one(&mut self, index: usize) {
        let mut waiting = vec![index];
        while let Some(index) = waiting.last().copied() {
            match self.definitions[index].state {
                State::Unchecked => waiting.extend(self.open(index)),
                State::Open(_) => self.settle(index),
                State::Checked { .. } | State::Refused => _ = waiting.pop(),
            }
        }
    }

    /// Reads a named expression; those that it names and that are to be checked before.
    fn open(&mut self, index: usize) -> Vec<usize> {
        let syntax = match self.parsed(&self.definitions[index].text) {
            Ok(syntax) => syntax,
            Err(mistake) => {
                self.refuse(index, mistake);
                return Vec::new();
            }
        };
        let names = named(&syntax);
        let is_wanted = |one: &Definition| matches!(one.state, State::Unchecked) && names.contains(one.name.as_str());
        let wanted =
            (0..self.definitions.len()).filter(|other| *other != index && is_wanted(&self.definitions[*other]));
        let wanted = wanted.collect();
        self.definitions[index].state = State::Open(Some(syntax));
        wanted
    }

    /// Checks a named expression that was read.
    fn settle(&mut self, index: usize) {
        let State::Open(Some(syntax)) = std::mem::replace(&mut self.definitions[index].state, State::Open(None)) else {
            return;
        };
        let text = self.definitions[index].text.clone();
        match self.checked(&text, &syntax, None, &[]) {
            Ok(Checked { node, of, known, depth }) => {
                self.nodes[index] = node;
                self.definitions[index].state = State::Checked { of, known, depth };
            }
            Err(mistake) => self.refuse(index, mistake),
        }
    }

    fn refuse(&mut self, index: usize, mistake: Mistake) {
        self.mistakes.push((index, mistake));
        self.definitions[index].state = State::Refused;
    }

    /// The syntax of `text`.
    fn parsed(&self, text: &str) -> Result<IdedExpr, Mistake> {
        parse(text).map_err(|mistake| self.unread_kind(text, &mistake.at).unwrap_or(mistake))
    }
}

/// All names in `expression` that stand for no variable of a macro.
fn named(expression: &IdedExpr) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    collect(expression, &mut Vec::new(), &mut found);
    found
}

fn collect<'e>(expression: &'e IdedExpr, locals: &mut Vec<&'e str>, found: &mut BTreeSet<&'e str>) {
    match &expression.expr {
        Expr::Ident(name) if !locals.contains(&name.as_str()) => _ = found.insert(name),
        Expr::Select(select) => collect(&select.operand, locals, found),
        Expr::List(list) => list.elements.iter().for_each(|element| collect(element, locals, found)),
        Expr::Call(call) => collect_call(call, locals, found),
        Expr::Comprehension(expanded) => {
            collect(&expanded.iter_range, locals, found);
            locals.push(&expanded.iter_var);
            collect(&expanded.loop_step, locals, found);
            locals.pop();
        }
        Expr::Map(map) => {
            for entry in &map.entries {
                if let EntryExpr::MapEntry(entry) = &entry.expr {
                    collect(&entry.key, locals, found);
                    collect(&entry.value, locals, found);
                }
            }
        }
        Expr::Ident(_) | Expr::Literal(_) | Expr::Struct(_) | Expr::Unspecified => {}
    }
}

fn collect_call<'e>(call: &'e CallExpr, locals: &mut Vec<&'e str>, found: &mut BTreeSet<&'e str>) {
    call.target.iter().for_each(|target| collect(target, locals, found));
    let (variable, rest) = match (call.func_name.as_str(), call.args.as_slice()) {
        ("greatest" | "least", [IdedExpr { expr: Expr::Ident(variable), .. }, keys @ ..]) => (Some(variable), keys),
        (_, all) => (None, all),
    };
    locals.extend(variable.map(String::as_str));
    rest.iter().for_each(|argument| collect(argument, locals, found));
    variable.map(|_| locals.pop());
}

//! The types of lists, of macros over them, and of functions.

use super::{
    check::{Check, Mistake, Part},
    functions::{self, FUNCTIONS, parse_date},
    node::{Each, Node},
    spelling::{article, nearest},
    types::{Base, Many, Type},
};
use cel::{
    IdedExpr,
    common::ast::{CallExpr, ListExpr},
};

/// What is called like a function and is none.
const MACROS: &[&str] =
    &["all", "exists", "exists_one", "filter", "greatest", "has", "hasValue", "least", "map", "orValue", "value"];

impl Check<'_> {
    pub(super) fn list(&mut self, list: &ListExpr) -> Result<Part, Mistake> {
        let (mut nodes, mut base) = (Vec::new(), Base::Nothing);
        for (place, element) in list.elements.iter().enumerate() {
            let (node, of) = self.part(element)?;
            let may_be_absent = list.optional_indices.contains(&place);
            match of.many {
                Many::List => return Err(self.mistake(element, "a list holds no lists", "join lists with `+`")),
                Many::Optional if !may_be_absent => {
                    return Err(self.mistake(
                        element,
                        "this may be absent",
                        "write `?` before it: it is left out then",
                    ));
                }
                _ => {}
            }
            base = base.join(of.base).ok_or_else(|| {
                self.mistake(
                    element,
                    format!("a list of {base} holds no {}", of.base),
                    "give a list elements of one type",
                )
            })?;
            nodes.push(node);
        }
        Ok((Node::Join(nodes), Type::list(base)))
    }

    pub(super) fn each(
        &mut self,
        at: &IdedExpr,
        each: Each,
        list: &IdedExpr,
        variable: &str,
        bodies: &[&IdedExpr],
    ) -> Result<Part, Mistake> {
        let (node, of) = self.part(list)?;
        if of.many != Many::List {
            let message = format!("this is {} {of}, not a list", article(of));
            return Err(self.mistake(at, message, "ask this of a list, as of `usable(cyber.ce)`"));
        }
        if of.base == Base::Nothing {
            return Err(self.mistake(at, "the list is empty", "ask this of a list that can hold something"));
        }
        self.locals.push((variable.to_owned(), Type::one(of.base)));
        let known = self.known.len();
        let checked = self.bodies(each, of.base, bodies);
        self.known.truncate(known);
        self.locals.pop();
        let (bodies, gives) = checked?;
        Ok((Node::Each(each, node.into(), bodies), gives))
    }

    pub(super) fn bodies(&mut self, each: Each, of: Base, bodies: &[&IdedExpr]) -> Result<(Vec<Node>, Type), Mistake> {
        let mut nodes = Vec::new();
        let mut gives = match each {
            Each::All | Each::Exists | Each::ExistsOne => Type::one(Base::Bool),
            Each::Greatest | Each::Least => Type::optional(of),
            Each::Filter | Each::Map | Each::FilterMap => Type::list(of),
        };
        for (place, body) in bodies.iter().enumerate() {
            let is_made = matches!((each, place), (Each::Map, 0) | (Each::FilterMap, 1));
            if is_made {
                let (node, base) = self.one(body)?;
                gives = Type::list(base);
                nodes.push(node);
            } else if matches!(each, Each::Greatest | Each::Least) {
                let (node, base) = self.one(body)?;
                if !base.is_ordered() {
                    let message = format!("a {base} is neither greater nor less than another");
                    return Err(self.mistake(body, message, "order by a number, a day, an instant or a trust"));
                }
                nodes.push(node);
            } else {
                nodes.push(self.of_base(body, Base::Bool)?);
                self.known.extend(self.known_by(body).when_true);
            }
        }
        Ok((nodes, gives))
    }

    pub(super) fn function(&mut self, at: &IdedExpr, call: &CallExpr) -> Result<Part, Mistake> {
        let name = call.func_name.as_str();
        let Some(function) = functions::find(name, call.target.is_some()) else {
            let known: Vec<&str> =
                FUNCTIONS.iter().map(|function| function.name).chain(MACROS.iter().copied()).collect();
            let fix = match functions::find(name, call.target.is_none()) {
                None if name == "not" => "write `!` for `not`".to_owned(),
                Some(other) => format!("it is called as {}", other.usage),
                None => match nearest(name, &known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "rules/README.md lists the functions".to_owned(),
                },
            };
            return Err(self.mistake(at, format!("`{name}` is no function that can be called so"), fix));
        };
        let (mut nodes, mut types) = (Vec::new(), Vec::new());
        for argument in call.target.iter().map(AsRef::as_ref).chain(&call.args) {
            let (node, of) = self.part(argument)?;
            nodes.push(node);
            types.push(of);
        }
        if let ("date", [Node::Text(text)]) = (name, nodes.as_slice()) {
            let date = parse_date(text).map(|date| (Node::Date(date), Type::one(Base::Date)));
            return date.ok_or_else(|| {
                self.mistake(&call.args[0], format!("`'{text}'` is no day"), "write it as '2026-05-09'")
            });
        }
        match (function.takes)(&types) {
            Some(of) => Ok((Node::Call(function, nodes), of)),
            None => {
                let got = types.iter().map(Type::to_string).collect::<Vec<_>>().join(", ");
                let message = format!("`{name}` does not take ({got})");
                Err(self.mistake(at, message, format!("call it as {}", function.usage)))
            }
        }
    }
}

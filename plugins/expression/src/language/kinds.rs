//! Kinds of attestation, named in an expression: those of the vocabulary and those that the configuration declares.

use super::{
    check::{Check, Mistake, Part},
    node::{Node, Variable},
    spelling::nearest,
    types::{Base, Type},
    vocabulary::{GIVEN, KINDS},
};
use cel::{
    IdedExpr,
    common::ast::{CallExpr, Expr, LiteralValue, SelectExpr},
};

/// Words that CEL keeps for itself.
const RESERVED: &[&str] = &[
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "true",
    "var",
    "void",
    "while",
];

/// Whether a name can stand in an expression as it is.
pub(super) fn is_written(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(letter)
        && !is_reserved(name)
}

/// Whether CEL takes it for something else than a name.
pub(super) fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

/// The name that CEL cannot write as it is and that begins with `word`: `fire` of `fire-safety` is taken for the whole.
pub(super) fn begun_by<'k>(word: &str, mut known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    known.find(|name| name.strip_prefix(word).is_some_and(|rest| rest.starts_with(['-', '.'])))
}

fn is_kind_written(name: &str) -> bool {
    name.split('.').all(is_written) && !GIVEN.iter().any(|given| given.name == name)
}

impl Check<'_> {
    /// All attestations of the kind `name`, if it is one.
    pub(super) fn kind(&mut self, name: &str) -> Option<Part> {
        let place = self.rule.known_kinds().iter().position(|kind| *kind == name)?;
        self.rule.name_kind(place);
        let (variable, record) = match KINDS.get(place) {
            Some(kind) => (Variable::Kind(place), kind.record),
            None => {
                let record = self.rule.declared_record(place - KINDS.len())?;
                (Variable::Declared(record.name), record)
            }
        };
        Some((Node::Variable(variable), Type::list(Base::Record(record))))
    }

    /// The kind that CEL cannot name as it is and that begins with `word`: `fire` of `fire-safety` is taken for a variable.
    pub(super) fn unwritable(&self, word: &str) -> Option<&'static str> {
        let begins = |kind: &&str| kind.strip_prefix(word).is_some_and(|rest| rest.starts_with(['-', '.']));
        self.rule.known_kinds().into_iter().find(|kind| !is_kind_written(kind) && begins(kind))
    }

    /// `kind('fire-safety')`, for a name that CEL takes for something else.
    pub(super) fn quoted_kind(&mut self, at: &IdedExpr, call: &CallExpr) -> Result<Part, Mistake> {
        let [argument] = call.args.as_slice() else {
            return Err(self.mistake(at, "`kind` wants one name", "write it as `kind('approval.as9100')`"));
        };
        let Expr::Literal(LiteralValue::String(name)) = &argument.expr else {
            return Err(self.mistake(argument, "this is no text in quotes", "write it as `kind('approval.as9100')`"));
        };
        let name = name.inner();
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
        let family = before.split('.').next().unwrap_or(&before);
        let is_variable = |name: &str| GIVEN.iter().any(|given| given.name == name) || known.contains(&name);
        let begins_with_one =
            before.match_indices('.').any(|(end, _)| is_variable(&before[..end])) || is_variable(&before);
        let is_family = known.iter().any(|kind| kind.split('.').next() == Some(family) && kind.contains('.'));
        // A slip in the family is one in the kind: `clearence.facility`.
        if begins_with_one || !is_family && nearest(&name, &known).is_none() {
            return None;
        }
        let fix = self.unwritable(&name).map(|kind| format!("write `kind('{kind}')` for the kind of that name"));
        let fix = fix.unwrap_or_else(|| self.instead(&name));
        Some(Err(self.mistake(at, format!("`{name}` is no kind"), fix)))
    }

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
            Expr::Ident(name) => (self.local(name).is_none() && !self.rule.defines(name)).then(|| name.clone()),
            Expr::Select(select) if !select.test => Some(format!("{}.{}", self.dotted(&select.operand)?, select.field)),
            _ => None,
        }
    }
}

//! Which named expressions an expression names, so that they are checked before it.

use cel::{
    IdedExpr,
    common::ast::{CallExpr, EntryExpr, Expr},
};
use std::collections::BTreeSet;

/// All names in `expression` that stand for no variable of a macro.
pub(super) fn named(expression: &IdedExpr) -> BTreeSet<&str> {
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

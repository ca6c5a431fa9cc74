//! The types of lists, of macros over them, and of functions.

use super::{
    check::{Check, Local, Part},
    checked::Mistake,
    comparison::check_case,
    distance::{MAX_LATITUDE, MAX_LONGITUDE},
    functions::{self, FUNCTIONS, Function},
    names::{CE_PLUS, CE_PLUS_FIX, quoted},
    node::{Each, Node},
    spelling::{fix_for_element, nearest, with_article},
    time::{meant_day, parse_date},
    types::{Base, Many, Type},
    vocabulary::GIVEN,
};
use cel::{
    IdedExpr,
    common::ast::{CallExpr, ListExpr},
};

/// What is called like a function and is none, and how.
const MACROS: &[(&str, &str)] = &[
    ("all", "`list.all(x, condition)`"),
    ("exists", "`list.exists(x, condition)`"),
    ("exists_one", "`list.exists_one(x, condition)`"),
    ("field", "`x.field('share-bp')`"),
    ("filter", "`list.filter(x, condition)`"),
    ("greatest", "`list.greatest(x, x.valid_from)`"),
    ("has", "`has(x.y)`"),
    ("hasValue", "`x.hasValue()`"),
    ("kind", "`kind('approval.as9100')`"),
    ("least", "`list.least(x, x.valid_from)`"),
    ("map", "`list.map(x, value)`"),
    ("orValue", "`x.orValue(instead)`"),
    ("value", "`x.value()`"),
];
/// What other languages call otherwise or have, and what to write here.
const ELSEWHERE: &[(&[&str], &str)] = &[
    (&["len", "length"], "write `size`"),
    (&["isEmpty", "is_empty", "empty"], "ask how many there are, as `list.size() == 0`"),
    (&["any", "some"], "write `list.exists(x, condition)`"),
    (&["every"], "write `list.all(x, condition)`"),
    (&["find"], "write `list.filter(x, condition).first()`"),
    (&["select", "where"], "write `list.filter(x, condition)`"),
    (&["not"], "write `!` for `not`"),
    (&["now", "getDate"], "write `as_of`, the instant that is asked about, or `today`, its day"),
    (&["timestamp", "datetime"], "write `start_of(date('2026-05-09'))`"),
    (&["duration"], "count in days with `days_between` and `days_after`, or in months with `months_after`"),
    (&["matches", "match"], "compare with `contains`, `startsWith` or `endsWith`, since there are no patterns"),
    (
        &[
            "casefold",
            "equalsIgnoreCase",
            "lowerAscii",
            "lowercase",
            "toLowerCase",
            "toUpperCase",
            "to_lower",
            "upper",
            "upperAscii",
        ],
        "write `x.lower()`, and compare that with small letters",
    ),
];

impl Check<'_> {
    pub(super) fn list(&mut self, list: &ListExpr) -> Result<Part, Mistake> {
        let mut elements = Vec::new();
        for (index, element) in list.elements.iter().enumerate() {
            let (node, of) = self.part(element)?;
            let may_be_absent = list.optional_indices.contains(&index);
            match of.many {
                Many::List => return Err(self.mistake(element, "a list holds no lists", "join lists with `+`")),
                Many::Optional if !may_be_absent => {
                    return Err(self.mistake(
                        element,
                        "this may be absent",
                        "write `?` before it, which leaves it out then",
                    ));
                }
                _ => elements.push((element, node, of.base)),
            }
        }
        let mut base = Base::Nothing;
        let is_literal = |node: &Node| matches!(node, Node::Text(_) | Node::Int(_));
        // A literal is what the others are, wherever it stands.
        for (at, _, of) in elements.iter().filter(|(_, node, _)| !is_literal(node)) {
            base = self.with_element(at, base, *of)?;
        }
        let mut nodes = Vec::new();
        for (at, node, of) in elements {
            let node = self.fitted(at, node, base)?;
            base = match (&node, base) {
                (Node::Text(text), Base::Choice(words)) => Base::Choice(words.or(text)),
                (Node::Text(_) | Node::Int(_), base) => self.with_element(at, base, of)?,
                _ => base,
            };
            nodes.push(node);
        }
        Ok((Node::Join(nodes), Type::list(base)))
    }

    /// What a list of `base` is with an element of another type.
    fn with_element(&self, at: &IdedExpr, base: Base, of: Base) -> Result<Base, Mistake> {
        base.join(of).ok_or_else(|| {
            self.mistake(at, format!("a list of {base} holds no {of}"), "give a list elements of one type")
        })
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
            let message = format!("this is {}, not a list", with_article(of));
            return Err(self.mistake(at, message, "ask this of a list, as of `usable(cyber.ce)`"));
        }
        if of.base == Base::Nothing {
            return Err(self.mistake(at, "the list is empty", "ask this of a list that can hold something"));
        }
        let mut texts = Vec::new();
        self.texts(&node, &mut texts);
        self.locals.push(Local { name: variable.to_owned(), of: Type::one(of.base), texts });
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
        for (index, body) in bodies.iter().enumerate() {
            let is_made = matches!((each, index), (Each::Map, 0) | (Each::FilterMap, 1));
            if is_made {
                let (node, base) = self.element(body)?;
                gives = Type::list(base);
                nodes.push(node);
            } else if matches!(each, Each::Greatest | Each::Least) {
                let (node, base) = self.one(body)?;
                if !base.is_ordered() {
                    let message = format!("{} is neither greater nor less than another", with_article(base));
                    let fix = match base {
                        Base::Record(_) => "order by a number, a day, an instant or a trust",
                        _ => "order by whether it is one, as `x.class == 'critical' ? 1 : 0`",
                    };
                    return Err(self.mistake(body, message, fix));
                }
                nodes.push(node);
            } else {
                nodes.push(self.of_base(body, Base::Bool)?);
                self.known.extend(self.known_by(body).when_true);
            }
        }
        Ok((nodes, gives))
    }

    /// What `map` makes of an element: one value.
    fn element(&mut self, body: &IdedExpr) -> Result<(Node, Base), Mistake> {
        match self.part(body)? {
            (_, Type { many: Many::List, .. }) => {
                let fix = "make one value of each, as `….size()`, `….sum()` or `….exists(x, condition)`";
                Err(self.mistake(body, "a list holds no lists", fix))
            }
            (node, Type { base, many: Many::One }) => Ok((node, base)),
            (_, Type { base, .. }) => Err(self.absent(body, body, base)),
        }
    }

    pub(super) fn function(&mut self, at: &IdedExpr, call: &CallExpr) -> Result<Part, Mistake> {
        let name = call.func_name.as_str();
        let Some(function) = functions::find(name, call.target.is_some()) else {
            let message = format!("`{name}` is no function that can be called so");
            let fix = if name.starts_with('.') { self.fix_for_dot(at) } else { instead_of(call) };
            return Err(self.mistake(at, message, fix));
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
                let written = meant_day(text).unwrap_or_else(|| "2026-05-09".to_owned());
                let as_one = if meant_day(text).is_some() { "" } else { "it as " };
                self.mistake(&call.args[0], format!("`'{text}'` is no day"), format!("write {as_one}'{written}'"))
            });
        }
        self.check_literals(call, function, &nodes)?;
        if is_of_texts(function) && types.first().is_some_and(|of| of.base == Base::Country) {
            return Err(self.not_taken(at, call, function, &types));
        }
        let plain = || types.iter().map(|of| Type { base: of.base.plain(), many: of.many }).collect::<Vec<_>>();
        match (function.takes)(&types).or_else(|| (function.takes)(&plain())) {
            Some(of) => Ok((Node::Call(function, nodes), of)),
            None => Err(self.not_taken(at, call, function, &types)),
        }
    }

    /// What to write for a call that nothing stands before, as `.size()`.
    #[inline(never)]
    fn fix_for_dot(&self, at: &IdedExpr) -> String {
        let is_plus = self.text[..self.place(at).start].trim_end().ends_with(CE_PLUS);
        if is_plus { CE_PLUS_FIX } else { "write before the dot of what this is asked" }.to_owned()
    }

    /// What is said of arguments that a function does not take.
    #[inline(never)]
    fn not_taken(&self, at: &IdedExpr, call: &CallExpr, function: &Function, types: &[Type]) -> Mistake {
        let name = function.name;
        if let ("contains", Some(Type { many: Many::List, .. }), Some(target)) = (name, types.first(), &call.target) {
            let list = self.written(target).unwrap_or_else(|| "…".to_owned());
            let element = call.args.first().and_then(quoted).map_or_else(|| "…".to_owned(), |text| format!("'{text}'"));
            let message = format!("`contains` asks a text, and this is {}", with_article(types[0]));
            return self.mistake(at, message, fix_for_element(&element, &list, types[0].base));
        }
        if is_of_texts(function) && types.iter().any(|of| of.base.plain() == Base::Name) {
            let fix =
                "compare the whole of it as it is written, as `== 'West Midlands'` or `in ['West Midlands', 'Wales']`";
            return self.mistake(at, format!("a name is only compared: `{name}` cannot read it"), fix);
        }
        if let (true, Some(Type { base: Base::Country, .. })) = (is_of_texts(function), types.first()) {
            let message = format!("a country is two capital letters: `{name}` finds nothing in them");
            return self.mistake(at, message, "compare it as it is, as `== 'GB'` or `in ['GB', 'US']`");
        }
        if let (true, Some(Base::Word(words))) = (is_of_texts(function), types.first().map(|of| of.base)) {
            let message = format!("{} is one of some words: `{name}` cannot read it", with_article(words.name));
            return self.mistake(at, message, format!("compare it as it is with '{}'", words.words.join("' or '")));
        }
        let there = |of: &Type| Type {
            base: of.base.plain(),
            many: if of.many == Many::Optional { Many::One } else { of.many },
        };
        let absent = types.iter().position(|of| of.many == Many::Optional);
        if (function.takes)(&types.iter().map(there).collect::<Vec<_>>()).is_some()
            && let Some(index) = absent
            && let Some(argument) = call.target.iter().map(AsRef::as_ref).chain(&call.args).nth(index)
        {
            return self.absent(argument, argument, types[index].base);
        }
        if let ([Type { many: Many::List, .. }], Some(fix)) = (types, fix_for_extreme(name)) {
            return self.mistake(at, format!("`{name}` takes single values, and this is a list"), fix);
        }
        let got = types.iter().map(Type::to_string).collect::<Vec<_>>().join(", ");
        let is_instant = |of: &Type| matches!(of.base, Base::Instant);
        let fix = match types {
            [Type { many: Many::Optional, .. }] if name == "size" => {
                "ask whether there is one, as `….hasValue()`".to_owned()
            }
            types if types.iter().any(is_instant) && function.usage.contains("date,") => {
                format!("call it as {}, with `date_of(…)` of an instant", function.usage)
            }
            _ => format!("call it as {}", function.usage),
        };
        self.mistake(at, format!("`{name}` does not take ({got})"), fix)
    }

    /// Literals that a function takes and that cannot be meant.
    fn check_literals(&self, call: &CallExpr, function: &Function, nodes: &[Node]) -> Result<(), Mistake> {
        if let (true, [text, part], [at]) = (is_of_texts(function), nodes, call.args.as_slice()) {
            check_case(self, at, part, text)?;
        }
        if function.name == "ends"
            && let [_, months] = nodes
            && let Some(months) = months.whole().filter(|months| *months < 0)
        {
            let message = format!("nothing ends {} months before it begins", months.unsigned_abs());
            return Err(self.mistake(&call.args[1], message, "write after how many months it ends, as `ends(c, 12)`"));
        }
        if function.name != "distance_km" {
            return Ok(());
        }
        let given = nodes.iter().skip(usize::from(function.of_value)).zip(&call.args);
        for (index, (node, at)) in given.enumerate() {
            let (what, most) = if index % 2 == 0 { ("latitude", MAX_LATITUDE) } else { ("longitude", MAX_LONGITUDE) };
            let Some(number) = node.whole() else { continue };
            // Whole degrees: nobody is within 20 metres of the equator or the meridian of Greenwich and means it.
            let in_degrees = number != 0 && number.unsigned_abs() <= 180;
            if in_degrees || number.unsigned_abs() > most.unsigned_abs() {
                let message = format!("{number} millionths of a degree are no {what}");
                return Err(self.mistake(at, message, "write millionths of a degree, as 51500000 for 51.5"));
            }
        }
        Ok(())
    }
}

/// What to write for a call of what there is not, or not in this form.
#[inline(never)]
fn instead_of(call: &CallExpr) -> String {
    let name = call.func_name.as_str();
    if let Some(fix) = fix_for_extreme(name).filter(|_| call.target.is_some()) {
        return fix;
    }
    if name == "count" {
        let asks = call.args.len() > 1;
        return if asks { "write `list.filter(x, condition).size()`" } else { "write `size`" }.to_owned();
    }
    if let Some((_, fix)) = ELSEWHERE.iter().find(|(names, _)| names.contains(&name)) {
        return (*fix).to_owned();
    }
    if call.target.is_none() && call.args.is_empty() && GIVEN.iter().any(|given| given.name == name) {
        return format!("write `{name}` without brackets");
    }
    if let Some((_, usage)) = MACROS.iter().find(|(known, _)| *known == name) {
        return format!("it is called as {usage}");
    }
    if let Some(other) = functions::find(name, call.target.is_none()) {
        return format!("it is called as {}", other.usage);
    }
    let functions = FUNCTIONS.iter().map(|function| function.name);
    let elsewhere = ELSEWHERE.iter().flat_map(|(names, _)| names.iter().copied());
    let known: Vec<&str> = functions.chain(MACROS.iter().map(|(name, _)| *name)).chain(elsewhere).collect();
    match nearest(name, &known) {
        Some(near) if let Some((_, fix)) = ELSEWHERE.iter().find(|(names, _)| names.contains(&near)) => {
            (*fix).to_owned()
        }
        Some(near) => format!("did you mean `{near}`?"),
        None => "rules/README.md lists the functions".to_owned(),
    }
}

/// How the greatest or the least of a list is taken, where `name` takes that of single values.
fn fix_for_extreme(name: &str) -> Option<String> {
    let of_list = match name {
        "max" => "greatest",
        "min" => "least",
        _ => return None,
    };
    Some(format!("of a list of numbers write `….{of_list}(x, x).orValue(0)`"))
}

/// Whether it reads texts.
fn is_of_texts(function: &Function) -> bool {
    function.of_value && ["contains", "endsWith", "lower", "startsWith"].contains(&function.name)
}

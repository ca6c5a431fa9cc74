//! What an expression can call. The table of `rules/README.md` is made from this one.

use super::{
    distance::kilometres,
    item::Item,
    numbers::{rounded, scaled},
    time::{FIRST_DAY, LAST_DAY, parse_date},
    types::{Base, Many, Type},
    value::{Text, Value},
    vocabulary::{SITE, is_attestation},
};
use std::rc::Rc;
use tierwatch_rule::{Attestation, Claims, Date, State, confidence_bp, date_of, minus_months, plus_months, start_of};

/// A function.
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// Whether it is called as `x.name(…)`.
    pub of_value: bool,
    /// How it is called and what it gives.
    pub usage: &'static str,
    /// What it does.
    pub about: &'static str,
    /// What it gives for arguments of these types; `None` when it does not take them.
    pub takes: fn(&[Type]) -> Option<Type>,
    /// What it gives for arguments of types that it takes, or why it cannot.
    pub apply: for<'s> fn(&[Value<'s>]) -> Value<'s>,
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

const INT: Type = Type::one(Base::Int);
const BOOL: Type = Type::one(Base::Bool);
const DECIMAL: Type = Type::one(Base::Decimal);
const TEXT: Type = Type::one(Base::Text);
const DATE: Type = Type::one(Base::Date);
const INSTANT: Type = Type::one(Base::Instant);

/// The function `name`, if there is one that is called in this way.
#[must_use]
pub fn find(name: &str, of_value: bool) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name && function.of_value == of_value)
}

/// Every function that is no macro.
pub static FUNCTIONS: &[Function] = &[
    Function {
        name: "usable",
        of_value: false,
        usage: "usable(attestations) → the same type",
        about: "those that cover the organisation and have started, lapsed or not",
        takes: attestations,
        apply: |given| kept(&given[0], Attestation::is_usable),
    },
    Function {
        name: "in_force",
        of_value: false,
        usage: "in_force(attestations) → the same type",
        about: "those that cover the organisation and hold",
        takes: attestations,
        apply: |given| kept(&given[0], Attestation::is_in_force),
    },
    Function {
        name: "stated",
        of_value: false,
        usage: "stated(attestations) → the same type",
        about: "those in force; where all have lapsed, those that are usable",
        takes: attestations,
        apply: |given| match kept(&given[0], Attestation::is_in_force) {
            Value::List(none) if none.is_empty() => kept(&given[0], Attestation::is_usable),
            some => some,
        },
    },
    Function {
        name: "renewals",
        of_value: false,
        usage: "renewals(attestations) → the same type",
        about: "those that cover the organisation and start later",
        takes: attestations,
        apply: |given| kept(&given[0], |one| one.covers && one.state == State::Upcoming),
    },
    Function {
        name: "confidence",
        of_value: false,
        usage: "confidence(attestations) → int",
        about: "what the weakest trust among them allows, basis points: unsigned 1000, self 4000, third-party 7500, authority 9500; 0 of none",
        takes: |types| is_attestations(types).then_some(INT),
        apply: |given| Value::Int(confidence_bp(of_list(&given[0])).into()),
    },
    Function {
        name: "ends",
        of_value: false,
        usage: "ends(attestation, months int) → instant",
        about: "when what was awarded at `valid_from` has ended: after so many months, or sooner if it says so itself",
        takes: |types| match types {
            [one, months] if is_attestation(one.base) && one.many == Many::One && *months == INT => Some(INSTANT),
            _ => None,
        },
        apply: |given| match (&given[0], u32::try_from(given[1].rank())) {
            (_, Err(_)) => Value::Failed("`ends` after a number of months below 0 or above 4294967295"),
            (Value::Item(Item::Attestation(one)), Ok(months)) => {
                let scheme = start_of(plus_months(date_of(one.valid_from), months));
                Value::Instant(one.valid_until.map_or(scheme, |until| until.min(scheme)))
            }
            _ => Value::Absent,
        },
    },
    Function {
        name: "date",
        of_value: false,
        usage: "date('2026-05-09') → date",
        about: "a day",
        takes: |types| (types == [TEXT]).then_some(DATE),
        apply: |given| match &given[0] {
            Value::Text(text) => parse_date(text).map_or(Value::Failed("a text that is no date"), Value::Date),
            _ => Value::Absent,
        },
    },
    Function {
        name: "date_of",
        of_value: false,
        usage: "date_of(instant) → date",
        about: "its day in UTC",
        takes: |types| (types == [INSTANT]).then_some(DATE),
        apply: |given| Value::Date(date_of(given[0].rank())),
    },
    Function {
        name: "start_of",
        of_value: false,
        usage: "start_of(date) → instant",
        about: "its 00:00 in UTC",
        takes: |types| (types == [DATE]).then_some(INSTANT),
        apply: |given| Value::Instant(start_of(day(&given[0]))),
    },
    Function {
        name: "last_day",
        of_value: false,
        usage: "last_day(instant) → date",
        about: "the last day before it, for an end that is not included",
        takes: |types| (types == [INSTANT]).then_some(DATE),
        apply: |given| Value::Date(date_of(given[0].rank() - 1)),
    },
    Function {
        name: "months_after",
        of_value: false,
        usage: "months_after(date, int) → date",
        about: "so many months later, or earlier when negative; a day that the month lacks becomes its last: 2024-02-29 and 12 months are 2025-02-28",
        takes: |types| (types == [DATE, INT]).then_some(DATE),
        apply: |given| {
            let months = given[1].rank();
            let moved = if months < 0 { minus_months } else { plus_months };
            Value::Date(moved(day(&given[0]), u32::try_from(months.unsigned_abs()).unwrap_or(u32::MAX)))
        },
    },
    Function {
        name: "days_after",
        of_value: false,
        usage: "days_after(date, int) → date",
        about: "so many days later, or earlier when negative",
        takes: |types| (types == [DATE, INT]).then_some(DATE),
        apply: |given| {
            let days = given[0].rank().checked_add(given[1].rank()).and_then(|days| Date::try_from(days).ok());
            let day = days.filter(|day| (FIRST_DAY..=LAST_DAY).contains(day));
            day.map_or(Value::Failed("a day before the year 1 or after the year 9999"), Value::Date)
        },
    },
    Function {
        name: "days_between",
        of_value: false,
        usage: "days_between(from date, to date) → int",
        about: "days from the first to the second, negative when that is earlier",
        takes: |types| (types == [DATE, DATE]).then_some(INT),
        apply: |given| Value::Int(given[1].rank() - given[0].rank()),
    },
    Function {
        name: "seconds_between",
        of_value: false,
        usage: "seconds_between(from instant, to instant) → int",
        about: "seconds from the first to the second",
        takes: |types| (types == [INSTANT, INSTANT]).then_some(INT),
        apply: |given| Value::Int(given[1].rank().saturating_sub(given[0].rank())),
    },
    Function {
        name: "rounded",
        of_value: false,
        usage: "rounded(int, by int) → int",
        about: "the first divided by the second, rounded half up; `/` cuts off",
        takes: |types| (types == [INT, INT]).then_some(INT),
        apply: |given| match given[1].rank() {
            0 => Value::Failed("a division by zero"),
            ..0 => Value::Failed("`rounded` by a negative number"),
            by => rounded(given[0].rank(), by).map_or(Value::Failed("a quotient that overflows"), Value::Int),
        },
    },
    Function {
        name: "scaled",
        of_value: false,
        usage: "scaled(decimal, int) → int",
        about: "so many times a number that need not be whole, rounded half up: `scaled(h.share, 10000)` of 0.285 is 2850",
        takes: |types| (types == [DECIMAL, INT] || types == [INT, INT]).then_some(INT),
        apply: |given| {
            let product = match &given[0] {
                Value::Decimal(decimal) => scaled(*decimal, given[1].rank()),
                whole => whole.rank().checked_mul(given[1].rank()),
            };
            product.map_or(Value::Failed("a product that overflows"), Value::Int)
        },
    },
    Function {
        name: "distance_km",
        of_value: false,
        usage: "distance_km(latitude, longitude, latitude, longitude) → int",
        about: "kilometres between two places along the great circle, rounded half up; each in millionths of a degree, an int",
        takes: |types| (types == [INT, INT, INT, INT]).then_some(INT),
        apply: |given| Value::Int(kilometres([0, 1, 2, 3].map(|place: usize| given[place].rank()))),
    },
    Function {
        name: "distance_km",
        of_value: true,
        usage: "site.distance_km(latitude, longitude) → optional(int)",
        about: "the same from a site; absent where nobody says where it is",
        takes: |types| (types == [Type::one(Base::Record(&SITE)), INT, INT]).then_some(Type::optional(Base::Int)),
        apply: |given| match &given[0] {
            Value::Item(Item::Attestation(Attestation { claims: Claims::Site(site), .. })) => {
                Value::of(site.latitude.zip(site.longitude), |(latitude, longitude)| {
                    let (to, along) = (given[1].rank(), given[2].rank());
                    Value::Int(kilometres([latitude.into(), longitude.into(), to, along]))
                })
            }
            _ => Value::Absent,
        },
    },
    Function {
        name: "min",
        of_value: false,
        usage: "min(a, b, …) → the same type",
        about: "the least of ints, days or instants",
        takes: alike,
        apply: |given| given.iter().min_by_key(|value| value.rank()).cloned().unwrap_or(Value::Absent),
    },
    Function {
        name: "max",
        of_value: false,
        usage: "max(a, b, …) → the same type",
        about: "the greatest of ints, days or instants",
        takes: alike,
        apply: |given| given.iter().max_by_key(|value| value.rank()).cloned().unwrap_or(Value::Absent),
    },
    Function {
        name: "per_cent",
        of_value: false,
        usage: "per_cent(int) → per cent",
        about: "basis points, for a message: 2501 is shown as 25.01 %",
        takes: |types| (types == [INT]).then_some(Type::one(Base::PerCent)),
        apply: |given| {
            let bp = u32::try_from(given[0].rank());
            bp.map_or(Value::Failed("`per_cent` of a number below 0 or above 4294967295"), Value::PerCent)
        },
    },
    Function {
        name: "size",
        of_value: false,
        usage: "size(list) → int",
        about: "how many",
        takes: |types| matches!(types, [Type { many: Many::List, .. }]).then_some(INT),
        apply: |given| Value::Int(length(&given[0])),
    },
    Function {
        name: "size",
        of_value: true,
        usage: "list.size() → int",
        about: "how many",
        takes: |types| matches!(types, [Type { many: Many::List, .. }]).then_some(INT),
        apply: |given| Value::Int(length(&given[0])),
    },
    Function {
        name: "sum",
        of_value: true,
        usage: "list(int).sum() → int",
        about: "their sum; 0 of none",
        takes: |types| match types {
            [Type { base: Base::Int | Base::Nothing, many: Many::List }] => Some(INT),
            _ => None,
        },
        apply: |given| match &given[0] {
            Value::List(numbers) => {
                let sum = numbers.iter().try_fold(0_i64, |sum, number| sum.checked_add(number.rank()));
                sum.map_or(Value::Failed("a sum that overflows"), Value::Int)
            }
            _ => Value::Absent,
        },
    },
    Function {
        name: "first",
        of_value: true,
        usage: "list.first() → optional",
        about: "its first element, if it has any",
        takes: one_of_list,
        apply: |given| given[0].clone().elements().first().cloned().unwrap_or(Value::Absent),
    },
    Function {
        name: "last",
        of_value: true,
        usage: "list.last() → optional",
        about: "its last element, if it has any",
        takes: one_of_list,
        apply: |given| given[0].clone().elements().last().cloned().unwrap_or(Value::Absent),
    },
    Function {
        name: "startsWith",
        of_value: true,
        usage: "text.startsWith(text) → bool",
        about: "whether it begins so",
        takes: |types| (types == [TEXT, TEXT]).then_some(BOOL),
        apply: |given| both(given, |text, part| text.starts_with(part)),
    },
    Function {
        name: "endsWith",
        of_value: true,
        usage: "text.endsWith(text) → bool",
        about: "whether it ends so",
        takes: |types| (types == [TEXT, TEXT]).then_some(BOOL),
        apply: |given| both(given, |text, part| text.ends_with(part)),
    },
    Function {
        name: "contains",
        of_value: true,
        usage: "text.contains(text) → bool",
        about: "whether it is in it",
        takes: |types| (types == [TEXT, TEXT]).then_some(BOOL),
        apply: |given| both(given, |text, part| text.contains(part)),
    },
    Function {
        name: "lower",
        of_value: true,
        usage: "text.lower() → text",
        about: "the same in small letters, to compare without regard to case: `s.scope.lower().contains('manufactur')`",
        takes: |types| (types == [TEXT]).then_some(TEXT),
        apply: |given| match &given[0] {
            Value::Text(text) => Value::Text(Text::Made(text.to_lowercase().into())),
            _ => Value::Absent,
        },
    },
];

fn is_attestations(types: &[Type]) -> bool {
    matches!(types, [only] if is_attestation(only.base))
}

fn attestations(types: &[Type]) -> Option<Type> {
    match types {
        [Type { base, many: Many::List }] if is_attestation(*base) => Some(Type::list(*base)),
        _ => None,
    }
}

fn one_of_list(types: &[Type]) -> Option<Type> {
    match types {
        [Type { base, many: Many::List }] if *base != Base::Nothing => Some(Type::optional(*base)),
        _ => None,
    }
}

fn alike(types: &[Type]) -> Option<Type> {
    let (first, rest) = types.split_first()?;
    let plain = matches!(first.base, Base::Int | Base::Date | Base::Instant) && first.many == Many::One;
    (plain && !rest.is_empty() && rest.iter().all(|other| other == first)).then_some(*first)
}

fn kept<'s>(list: &Value<'s>, keep: impl Fn(&Attestation) -> bool) -> Value<'s> {
    let Value::List(elements) = list else { return Value::Absent };
    let is_kept = |value: &&Value<'s>| matches!(value, Value::Item(Item::Attestation(one)) if keep(one));
    Value::List(elements.iter().filter(is_kept).cloned().collect::<Rc<[_]>>())
}

/// The attestations of a list, of one, or of none.
pub(crate) fn of_list<'s>(value: &Value<'s>) -> Vec<&'s Attestation> {
    let attestation = |value: &Value<'s>| match value {
        Value::Item(Item::Attestation(one)) => Some(*one),
        _ => None,
    };
    value.clone().elements().iter().filter_map(attestation).collect()
}

fn length(list: &Value<'_>) -> i64 {
    match list {
        Value::List(elements) => i64::try_from(elements.len()).unwrap_or(i64::MAX),
        _ => 0,
    }
}

fn both<'s>(given: &[Value<'s>], test: impl Fn(&str, &str) -> bool) -> Value<'s> {
    match given {
        [Value::Text(text), Value::Text(part)] => Value::Bool(test(text, part)),
        _ => Value::Absent,
    }
}

fn day(value: &Value<'_>) -> Date {
    match value {
        Value::Date(date) => *date,
        _ => 0,
    }
}

//! Schemas and claims of strangers: whatever they hold, reading them ends, and what an expression comes to is of its type or is
//! said not to fit.

use expression::language::{Base, Checker, Declared, Evaluation, Many, Type, Value as Own};
use serde_json::{Value, json};
use tierwatch_rule::{Attestation, Claims, Declared as Claimed, Field, State, Subject, Trust, Value as Crossed};

/// A seeded generator: the same schemas and claims every time.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        // xorshift64*, Vigna 2016
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).unwrap_or(0) % most
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    fn schema(&mut self, depth: usize) -> Value {
        let mut schema = json!({});
        for _ in 0..=self.below(3) {
            let inner =
                |random: &mut Self| if depth == 0 { json!({"type": "integer"}) } else { random.schema(depth - 1) };
            match self.below(9) {
                0..3 => {
                    schema["type"] =
                        self.pick(&["string", "integer", "number", "boolean", "object", "array", "odd"]).into()
                }
                3 => schema["type"] = json!([self.pick(&["string", "object", "array"]), "null"]),
                4 => schema["format"] = self.pick(&["date", "date-time", "uri"]).into(),
                5 => schema["enum"] = json!(["a", "b", self.below(3)]),
                6 => {
                    for name in ["a", "b"] {
                        schema["properties"][name] = inner(self);
                    }
                    schema["required"] = json!([self.pick(&["a", "b", "c"])]);
                }
                7 => schema["items"] = inner(self),
                _ => match self.below(3) {
                    0 => {
                        schema["$ref"] = self
                            .pick(&["#", "#/properties/a", "#/properties/b/items", "#/$defs/no", "x", "#/%zz"])
                            .into()
                    }
                    1 => schema["allOf"] = json!([inner(self), {"$ref": self.pick(&["#", "#/properties/a"])}]),
                    _ => schema["anyOf"] = json!([inner(self), {"type": "null"}]),
                },
            }
        }
        schema
    }

    fn json(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 5 } else { 8 }) {
            0 => self.pick(&["a", "b", "2026-05-10", "2026-05-10T00:00:00Z", "\\u0000 \" \u{e9}", ""]).into(),
            1 => json!(self.below(5)),
            2 => json!(f64::from(u8::try_from(self.below(200)).unwrap_or(0)) / 8.0 - 9.0),
            3 => json!(self.below(2) == 0),
            4 => Value::Null,
            5 => (0..self.below(4)).map(|_| self.json(depth - 1)).collect(),
            _ => json!({"a": self.json(depth - 1), "b": self.json(depth - 1)}),
        }
    }
}

/// As the daemon lets claims cross.
fn crossed(value: &Value) -> Crossed {
    match value {
        Value::String(text) => Crossed::Text(text.clone()),
        Value::Bool(truth) => Crossed::Truth(*truth),
        Value::Number(number) => {
            number.as_i64().map_or_else(|| Crossed::Decimal(number.as_f64().unwrap_or(0.0)), Crossed::Integer)
        }
        other => Crossed::Json(other.to_string()),
    }
}

fn subject(claims: &Value) -> Subject {
    let fields = claims.as_object().into_iter().flatten();
    let fields = fields.map(|(name, value)| Field { name: name.clone(), value: crossed(value) }).collect();
    let attestation = Attestation {
        index: 0,
        about: 0,
        issuer: 1,
        trust: Trust::Authority,
        state: State::InForce,
        covers: true,
        issued_at: 0,
        valid_from: 0,
        valid_until: None,
        claims: Claims::Declared(Claimed { kind: "k".into(), fields }),
    };
    Subject {
        as_of: 0,
        words: None,
        evidence: vec![attestation],
        requirement: None,
        needs: None,
        impact: None,
        ownership: None,
    }
}

/// Expressions of which each fits some schemas.
const EXPRESSIONS: &[&str] = &[
    "k.map(x, x.a)",
    "k.map(x, x.?a.orValue(x.b))",
    "k.map(x, x.a.b)",
    "k.map(x, has(x.a), x.a)",
    "k.map(x, x.?a.?b).size()",
    "k.map(x, x.a.size()).sum()",
    "k.map(x, x.a.map(y, y.b).size()).sum()",
    "k.filter(x, x.a == 'a').size()",
    "k.filter(x, x.b in ['a', 'b']).size()",
    "k.map(x, scaled(x.b, 100)).sum()",
    "k.filter(x, x.b > 1).size()",
    "k.map(x, x.b.lower())",
    "k.greatest(x, x.b).?a",
    "k.map(x, days_between(today, x.a)).sum()",
    "k.first().?a.?a.?a.?a.?a.?a.?a.?a.?a.?a",
];

/// Whether a value is what its expression's type says.
fn is_of(value: &Own<'_>, of: Type) -> bool {
    let is_one = |value: &Own<'_>| match value {
        Own::Bool(_) => of.base == Base::Bool,
        Own::Int(_) => of.base == Base::Int,
        Own::Decimal(_) => of.base == Base::Decimal,
        Own::Text(_) => matches!(of.base, Base::Text | Base::Choice(_)),
        Own::Date(_) => of.base == Base::Date,
        Own::Instant(_) => of.base == Base::Instant,
        Own::Item(_) => matches!(of.base, Base::Record(_)),
        _ => false,
    };
    match (value, of.many) {
        (Own::List(elements), Many::List) => elements.iter().all(is_one),
        (Own::Absent, Many::Optional) => true,
        (one, Many::One | Many::Optional) => is_one(one),
        (_, Many::List) => false,
    }
}

#[test]
fn whatever_a_schema_and_claims_hold_reading_them_ends() {
    let mut random = Random(0x7157_0a7c);
    let (mut taken, mut fitted, mut unfit) = (0, 0, 0);
    for _ in 0..6_000 {
        let mut schema = random.schema(3);
        if random.below(4) > 0 {
            schema["type"] = "object".into();
            schema["properties"]["a"] = random.schema(2);
            schema["properties"]["b"] = random.schema(2);
        }
        let schema = schema.to_string();
        let subject = subject(&json!({"a": random.json(3), "b": random.json(3)}));
        for text in EXPRESSIONS {
            let mut checker = Checker::new([], vec![Declared::new("k", &schema)]);
            let Ok(checked) = checker.check(text, None, &[]) else { continue };
            taken += 1;
            let mut evaluation = Evaluation::new(&subject, &[]);
            let value = evaluation.value(&checked.node);
            if evaluation.misfit().is_some() {
                unfit += 1;
                continue;
            }
            fitted += 1;
            assert!(is_of(&value, checked.of), "{text} of {schema}: {value:?} is no {}", checked.of);
        }
    }
    assert!(
        taken > 2_000 && fitted > 500 && unfit > 1_000,
        "{taken} expressions, {fitted} values, {unfit} that do not fit"
    );
}

/// A schema that refers to itself in two places is a tree without end.
#[test]
fn a_schema_without_end_has_an_end() {
    let twice =
        json!({"type": "object", "properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}, "c": {"type": "integer"}}})
            .to_string();
    let check = |text: &str| {
        let mut checker = Checker::new([], vec![Declared::new("k", &twice)]);
        checker.check(text, None, &[]).map(|checked| checked.of.to_string()).map_err(|mistake| mistake.message)
    };
    let path = |many: usize| format!("k.first(){}.?c", ".?a".repeat(many));
    assert_eq!(check(&path(5)), Ok("optional(int)".to_owned()));
    let deep = check(&path(6)).expect_err("too deep");
    assert_eq!(deep, "`a` cannot be read: it is within more than 5 objects, as its schema has it");
    assert_eq!(check("k.first().?b.?a.?c"), Ok("optional(int)".to_owned()));
}

//! The JSON Schema of a rule's parameters, and a policy's parameters against it. The schema comes from a stranger, and
//! even a small one can ask for an endless number of steps: it is bounded before it is followed.

use super::{
    limits::{MAX_LISTED, MAX_PATTERN_BYTES, MAX_SCHEMA_DEPTH, MAX_SCHEMA_STEPS, MAX_VALIDATION_STEPS, shown},
    load_reason::{LoadReason, ParameterProblem},
    manifest::ManifestError,
};
use crate::model::{DeclaredKinds, country};
use jsonschema::{Draft, PatternOptions, ValidationError, Validator, error::ValidationErrorKind};
use rustc_hash::FxHashMap;
use serde_json::Value;
use std::borrow::Cow;
use strsim::levenshtein;

/// Up to this many steps all problems are listed, beyond it only the first: each takes memory.
const MAX_LISTING_STEPS: u64 = 250_000;
/// Most known names that are shown for an unknown one.
const MAX_NAMED: usize = 5;
/// The version of JSON Schema that the contract names.
const VERSION: &str = "https://json-schema.org/draft/2020-12/schema";
/// Keywords that would make a reference mean another place than the one that it names.
const REBASING: [&str; 6] = ["$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveAnchor", "$recursiveRef"];
/// Keywords that have the schemas beside them followed again.
const UNEVALUATED: [&str; 2] = ["unevaluatedItems", "unevaluatedProperties"];

/// A keyword of ours in a parameter's schema.
const KEYWORD: &str = "x-tierwatch";
/// Its value at the parameter that takes the declared kinds with their schemas.
const DECLARED_KINDS: &str = "declared-kinds";
/// Its value at the parameter that takes the names of the declared schemes.
const DECLARED_SCHEMES: &str = "declared-schemes";

/// The parameter that takes the declared kinds, according to the schema of all parameters.
#[must_use]
pub(crate) fn kinds_parameter(schema: &Value) -> Option<&str> {
    parameter_for(DECLARED_KINDS, schema)
}

fn parameter_for<'s>(wanted: &str, schema: &'s Value) -> Option<&'s str> {
    let properties = schema.get("properties")?.as_object()?;
    let takes_it = |property: &Value| property.get(KEYWORD).is_some_and(|word| word == wanted);
    properties.iter().find_map(|(name, property)| takes_it(property).then_some(name.as_str()))
}

/// A schema of parameters that is safe to follow.
pub(super) struct Schema {
    validator: Validator,
    schema: Value,
    /// How many schemas one value may meet.
    steps: u64,
}

impl Schema {
    pub(super) fn new(schema: &Value) -> Result<Self, ManifestError> {
        let steps = Steps { whole: schema, known: FxHashMap::default(), open: Vec::new() }.of(schema)?.steps;
        if steps > MAX_SCHEMA_STEPS {
            return Err(ManifestError::SchemaSteps);
        }
        // This engine's time grows with the text; the default engine's may double with each letter.
        let patterns = PatternOptions::regex().size_limit(MAX_PATTERN_BYTES).dfa_size_limit(MAX_PATTERN_BYTES);
        // Countries are compared as texts: two letters that name no country, as UK, would be foreign everywhere.
        let options = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_pattern_options(patterns)
            .with_format("country", |text: &str| country::alpha_2(text) == Ok(text))
            .should_validate_formats(true);
        let validator = options.build(schema).map_err(|error| refused(&error.to_string()))?;
        Ok(Self { validator, schema: schema.clone(), steps })
    }

    /// Whether it has a parameter for the declared kinds.
    pub(super) fn takes_kinds(&self) -> bool {
        kinds_parameter(&self.schema).is_some()
    }

    /// Whether it has a place for the declared schemes.
    pub(super) fn takes_schemes(&self) -> bool {
        parameter_for(DECLARED_SCHEMES, &self.schema).is_some()
    }

    /// The parameters, and in them the declared kinds where the schema has a place for them and nothing stands there; with `all`,
    /// those that they do not mention too, and the schemes: what only tells slips of the pen. What is put there is not the
    /// policy's, and is not checked.
    pub(super) fn with_declared<'p>(
        &self,
        parameters: &'p Value,
        declared: &DeclaredKinds,
        all: bool,
    ) -> Cow<'p, Value> {
        let is_empty = declared.schemas.is_empty() && (!all || declared.others.is_empty());
        let kinds = kinds_parameter(&self.schema).filter(|_| !is_empty).map(|name| (name, declared.to_json(all)));
        let schemes = declared.schemes.as_ref().filter(|_| all).map(|schemes| schemes.iter().cloned().collect());
        let schemes = parameter_for(DECLARED_SCHEMES, &self.schema).zip(schemes);
        let added = [kinds, schemes].into_iter().flatten();
        let Some(given) = parameters.as_object() else { return Cow::Borrowed(parameters) };
        let added: Vec<_> = added.filter(|(name, _)| !given.contains_key(*name)).collect();
        if added.is_empty() {
            return Cow::Borrowed(parameters);
        }
        let given = given.iter().map(|(name, value)| (name.clone(), value.clone()));
        let added = added.into_iter().map(|(name, value)| (name.to_owned(), value));
        Cow::Owned(Value::Object(given.chain(added).collect()))
    }

    /// Everything that is wrong with a policy's parameters.
    pub(super) fn check(&self, parameters: &Value) -> Result<(), LoadReason> {
        let steps = self.steps.saturating_mul(weight(parameters));
        if steps > MAX_VALIDATION_STEPS {
            return Err(LoadReason::ParametersSteps);
        }
        let mut problems: Vec<_> = if steps > MAX_LISTING_STEPS {
            self.validator.validate(parameters).err().iter().flat_map(|error| self.problems(error)).collect()
        } else {
            self.validator.iter_errors(parameters).take(MAX_LISTED).flat_map(|error| self.problems(&error)).collect()
        };
        problems.truncate(MAX_LISTED);
        if problems.is_empty() { Ok(()) } else { Err(LoadReason::Parameters(problems)) }
    }

    /// What to write where a value does not fit: what its schema says that it is, in the words of the rule's author.
    fn described(&self, error: &ValidationError<'_>) -> Option<String> {
        let path = error.schema_path().to_string();
        let (at, _) = path.rsplit_once('/')?;
        let schema = self.schema.pointer(at)?;
        let mut about = schema.get("description")?.as_str()?.trim_end_matches('.').chars();
        let about: String = about.next()?.to_lowercase().chain(about).collect();
        let what = match error.kind() {
            ValidationErrorKind::Type { .. } => type_words(schema.get("type")?)?,
            ValidationErrorKind::Pattern { pattern } => format!("what matches `{pattern}`"),
            _ => return None,
        };
        Some(format!("write {what} ({about})"))
    }

    /// What an error says. Each name that the schema does not have is a problem at its own place, with the names that it has.
    fn problems(&self, error: &ValidationError<'_>) -> Vec<ParameterProblem> {
        let path = error.instance_path().to_string();
        if let Some((message, fix)) = told(error) {
            let (message, fix) = (shown(&message), Some(shown(&fix)));
            return vec![ParameterProblem { path: shown(&path), within: None, message, fix }];
        }
        let ValidationErrorKind::AdditionalProperties { unexpected } = error.kind() else {
            let message = shown(&error.to_string());
            let fix = self.described(error).map(|fix| shown(&fix));
            return vec![ParameterProblem { path: shown(&path), within: None, message, fix }];
        };
        let around = error.schema_path().to_string();
        let around = around.strip_suffix("/additionalProperties").and_then(|around| self.schema.pointer(around));
        let known = around.and_then(|around| around.get("properties")?.as_object());
        let known: Vec<&str> = known.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        let patterns = around.and_then(|around| around.get("patternProperties")?.as_object());
        let patterns: Vec<&str> = patterns.into_iter().flatten().map(|(pattern, _)| pattern.as_str()).collect();
        let problem = |name: &String| {
            // Where a pattern decides which names are allowed, no name can be suggested.
            let (message, fix) = if known.is_empty() && !patterns.is_empty() {
                let fix = format!("write one that matches `{}`", patterns.join("` or `"));
                (format!("`{name}` is no name that can stand here"), fix)
            } else {
                (format!("`{name}` is no parameter of the rule"), instead(name, &known))
            };
            let path = shown(&format!("{path}/{}", name.replace('~', "~0").replace('/', "~1")));
            ParameterProblem { path, within: None, message: shown(&message), fix: Some(shown(&fix)) }
        };
        unexpected.iter().map(problem).collect()
    }
}

/// The types of JSON Schema as a policy writes them.
fn type_words(types: &Value) -> Option<String> {
    let words = |name: &Value| {
        Some(match name.as_str()? {
            "array" => "a list",
            "boolean" => "`true` or `false`",
            "integer" => "a whole number",
            "number" => "a number",
            "object" => "a table",
            "string" => "a text",
            _ => return None,
        })
    };
    match types {
        Value::Array(several) => Some(several.iter().map(words).collect::<Option<Vec<_>>>()?.join(", or ")),
        one => words(one).map(str::to_owned),
    }
}

/// Messages for errors whose own text shows the wrong value and not the allowed ones.
fn told(error: &ValidationError<'_>) -> Option<(String, String)> {
    Some(match (error.kind(), error.instance().as_ref()) {
        (ValidationErrorKind::Enum { options }, Value::String(word)) => {
            let known: Vec<&str> = options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            (format!("`{word}` is none of its words"), instead(word, &known))
        }
        (ValidationErrorKind::Required { property }, _) => {
            let name = property.as_str().unwrap_or_default();
            (format!("`{name}` is missing"), format!("write `{name}`, which the rule cannot do without"))
        }
        (ValidationErrorKind::MaxLength { limit }, Value::String(text)) => {
            (format!("it has {} characters, and {limit} are allowed", text.chars().count()), "shorten it".to_owned())
        }
        (ValidationErrorKind::MaxItems { limit }, Value::Array(items)) => {
            (format!("it has {} elements, and {limit} are allowed", items.len()), "take some out".to_owned())
        }
        (ValidationErrorKind::MaxProperties { limit }, Value::Object(entries)) => {
            (format!("it has {} entries, and {limit} are allowed", entries.len()), "take some out".to_owned())
        }
        _ => return None,
    })
}

/// What to write instead of an unknown name: the nearest known ones.
fn instead(name: &str, known: &[&str]) -> String {
    let mut near = known.to_vec();
    near.sort_by_cached_key(|known| levenshtein(name, known));
    match (near.split_at_checked(MAX_NAMED), near.as_slice()) {
        (_, []) => "remove it".to_owned(),
        (Some((near, more)), _) if !more.is_empty() => {
            format!("write one of {} or {} more that `tierwatch plugin inspect` lists", near.join(", "), more.len())
        }
        (_, all) => format!("write one of {}", all.join(", ")),
    }
}

fn refused(why: &str) -> ManifestError {
    ManifestError::Schema(shown(why))
}

/// Counts a schema's steps: every value in it is one, wherever a reference leads to it.
struct Steps<'a> {
    whole: &'a Value,
    /// The values that have been counted. Schemas that explode mostly do so through a few values that are referred to often.
    known: FxHashMap<*const Value, Counted>,
    /// What is being counted, the outermost first.
    open: Vec<*const Value>,
}

/// A part of a schema with its references expanded.
#[derive(Clone, Copy)]
struct Counted {
    steps: u64,
    /// How many levels of values it has, itself included.
    depth: usize,
}

impl Counted {
    /// Adds an inner value, which is one level deeper.
    fn add(&mut self, inner: Self) {
        self.steps = self.steps.saturating_add(inner.steps);
        self.depth = self.depth.max(inner.depth + 1);
    }
}

impl<'a> Steps<'a> {
    fn of(&mut self, value: &'a Value) -> Result<Counted, ManifestError> {
        let address: *const Value = value;
        let counted = self.known.get(&address).copied();
        // A value that is not counted yet has one level at least.
        if self.open.len() + counted.map_or(1, |counted| counted.depth) > MAX_SCHEMA_DEPTH {
            return Err(ManifestError::SchemaDepth);
        }
        if let Some(counted) = counted {
            return Ok(counted);
        }
        self.open.push(address);
        let mut counted = Counted { steps: 1, depth: 1 };
        match value {
            Value::Object(members) => {
                for member in members.values() {
                    counted.add(self.of(member)?);
                }
                if let Some(name) = REBASING.into_iter().find(|name| members.get(*name).is_some_and(Value::is_string)) {
                    return Err(ManifestError::SchemaReference(name.to_owned()));
                }
                if members
                    .get("$schema")
                    .and_then(Value::as_str)
                    .is_some_and(|version| version.trim_end_matches('#') != VERSION)
                {
                    return Err(refused(&format!("it is not of {VERSION}")));
                }
                if let Some(to) = members.get("$ref").and_then(Value::as_str) {
                    counted.add(self.referred(to)?);
                }
                if UNEVALUATED.iter().any(|name| members.contains_key(*name)) {
                    counted.steps = counted.steps.saturating_mul(3);
                }
            }
            Value::Array(items) => {
                for item in items {
                    counted.add(self.of(item)?);
                }
            }
            _ => {}
        }
        self.open.pop();
        self.known.insert(address, counted);
        Ok(counted)
    }

    fn referred(&mut self, to: &str) -> Result<Counted, ManifestError> {
        let pointer = to.strip_prefix('#').filter(|pointer| pointer.is_empty() || pointer.starts_with('/'));
        let found = pointer.and_then(|pointer| self.whole.pointer(pointer));
        let target = found.ok_or_else(|| ManifestError::SchemaReference(format!("$ref\": \"{}", shown(to))))?;
        let address: *const Value = target;
        if self.open.contains(&address) {
            return Err(ManifestError::SchemaCircle(shown(to)));
        }
        self.of(target)
    }
}

/// How many values there are; a long text counts as several, since a pattern reads all of it.
fn weight(value: &Value) -> u64 {
    1 + match value {
        Value::Object(members) => members.values().map(weight).sum(),
        Value::Array(items) => items.iter().map(weight).sum(),
        Value::String(text) => text.len() as u64 / 64,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::{Duration, Instant};

    /// Whether the parameters are accepted; asserts that the answer comes quickly.
    fn check(schema: &Value, parameters: &Value) -> Result<(), String> {
        let started = Instant::now();
        let schema = Schema::new(schema).map_err(|error| error.to_string());
        let checked = schema.and_then(|schema| schema.check(parameters).map_err(|error| error.to_string()));
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
        checked
    }

    const TOO_MANY: &str = "its JSON Schema of parameters takes more than 65536 steps with its references written out: have \
                            its author refer to less, or repeat less";

    #[test]
    fn what_does_not_fit_is_told_in_the_words_of_the_author() {
        let schema = json!({"type": "object", "required": ["otherwise"], "properties": {
            "otherwise": {"type": ["integer", "boolean"], "description": "Of a score: basis points."},
            "reason": {"type": "string", "pattern": "^[A-Z]+$", "description": "The code of a message."},
            "plain": {"type": "array"}}});
        for (parameters, fix) in [
            (json!({}), Some("write `otherwise`, which the rule cannot do without")),
            (json!({"otherwise": "x"}), Some("write a whole number, or `true` or `false` (of a score: basis points)")),
            (json!({"otherwise": 1, "reason": "x"}), Some("write what matches `^[A-Z]+$` (the code of a message)")),
            (json!({"otherwise": 1, "plain": 1}), None),
        ] {
            let checked = Schema::new(&schema).expect("a schema").check(&parameters);
            let Err(LoadReason::Parameters(problems)) = checked else { panic!("{parameters}") };
            assert_eq!(problems[0].fix.as_deref(), fix, "{parameters}");
        }
    }

    #[test]
    fn a_country_is_one_of_iso_3166() {
        let schema = json!({"properties": {"home": {"type": "string", "format": "country"}}});
        assert_eq!(check(&schema, &json!({"home": "GB"})), Ok(()));
        for home in ["UK", "gb", "Ireland", ""] {
            let refused = check(&schema, &json!({"home": home})).expect_err(home);
            assert!(refused.contains("/home") && refused.contains("country"), "{refused}");
        }
    }

    #[test]
    fn a_name_that_the_schema_does_not_have_is_shown_with_those_that_it_has() {
        let schema = json!({"properties": {"grace_days": {}, "worst_bp": {}}, "additionalProperties": false});
        let refused = check(&schema, &json!({"grace_day": 3})).expect_err("a slip");
        assert!(refused.contains("`/grace_day`: `grace_day` is no parameter of the rule"), "{refused}");
        assert!(refused.contains("write one of grace_days, worst_bp"), "{refused}");
        let within = json!({"properties": {"uk": schema}});
        let refused = check(&within, &json!({"uk": {"a/b": 3}})).expect_err("a slip");
        assert!(refused.contains("`/uk/a~1b`"), "{refused}");
    }

    #[test]
    fn a_schema_that_doubles_sixty_times() {
        let level = |number: u32| {
            let next = json!({"$ref": format!("#/$defs/a{}", number + 1)});
            (format!("a{number}"), json!({"allOf": [next, next]}))
        };
        let mut levels: serde_json::Map<_, _> = (0..60).map(level).collect();
        levels.insert("a60".to_owned(), json!({"type": "object"}));
        let schema = json!({"$defs": levels, "$ref": "#/$defs/a0"});
        // Each level is four values deep, so that this is the limit that it meets first.
        assert_eq!(check(&schema, &json!({})), Err(ManifestError::SchemaDepth.to_string()));
        let levels: serde_json::Map<_, _> = (0..30)
            .map(|number| {
                let next = json!({"$ref": format!("#/$defs/a{}", number + 1)});
                (format!("a{number}"), json!({"allOf": [next, next]}))
            })
            .chain([("a30".to_owned(), json!({"type": "object"}))])
            .collect();
        assert_eq!(check(&json!({"$defs": levels, "$ref": "#/$defs/a0"}), &json!({})), Err(TOO_MANY.to_owned()));
    }

    #[test]
    fn depth_is_counted_with_references_written_out_in_whatever_order_they_stand() {
        // The innermost comes first, so that each is counted before the next one refers to it. A level is two values deep.
        let levels = |count: usize| {
            let level = |number: usize| match number {
                0 => ("a000".to_owned(), json!({})),
                _ => (format!("a{number:03}"), json!({"not": {"$ref": format!("#/$defs/a{:03}", number - 1)}})),
            };
            let levels: serde_json::Map<_, _> = (0..count).map(level).collect();
            check(&json!({"$defs": levels}), &json!({}))
        };
        // The schema, `$defs`, and the innermost.
        let deepest = (MAX_SCHEMA_DEPTH - 3) / 2;
        assert_eq!(levels(deepest), Ok(()));
        assert_eq!(levels(2 * deepest), Err(ManifestError::SchemaDepth.to_string()));
    }

    #[test]
    fn schemas_that_are_followed_again_and_again() {
        let mut nested = json!({});
        for _ in 0..40 {
            nested = json!({"allOf": [nested], "unevaluatedProperties": false});
        }
        assert_eq!(check(&nested, &json!({"a": 1})), Err(TOO_MANY.to_owned()));
        let circle = json!({"properties": {"a": {"allOf": [{"$ref": "#"}, {"$ref": "#"}]}}});
        assert_eq!(
            check(&circle, &json!({})),
            Err("its JSON Schema of parameters refers to itself with `#`: have its author write out how deep it goes"
                .into())
        );
        let many: Vec<Value> = (0..20_000).map(|_| json!({"minimum": 3})).collect();
        assert_eq!(
            check(&json!({"items": {"allOf": many}}), &json!(vec![1; 1_000])),
            Err("checking its parameters could take more than 20000000 steps: shorten them, or have its author simplify its \
                 JSON Schema".into())
        );
        // Validation within the limit of time whose complaints are too many: only the first is listed.
        let many: Vec<Value> = (0..2_000).map(|_| json!({"minimum": 3})).collect();
        let refused = check(&json!({"items": {"allOf": many}}), &json!(vec![1; 1_000])).expect_err("too small");
        assert_eq!(
            refused,
            "its parameters are refused: `/0`: 1 is less than the minimum of 3: correct them in the policy"
        );
    }

    #[test]
    fn patterns_that_would_double_with_each_letter() {
        let schema = json!({"type": "string", "pattern": "^(a|aa)+$"});
        let refused = check(&schema, &json!(format!("{}b", "a".repeat(5_000)))).expect_err("no match");
        assert!(refused.starts_with("its parameters are refused: "), "{refused}");
        let large = check(&json!({"pattern": "(((a{100}){100}){100})"}), &json!("a")).expect_err("too large");
        assert!(large.starts_with("its JSON Schema of parameters cannot be read ("), "{large}");
    }

    #[test]
    fn references_to_a_place_in_the_schema() {
        let schema = json!({"$defs": {"share": {"maximum": 10}}, "properties": {"a": {"$ref": "#/$defs/share"}}});
        assert_eq!(check(&schema, &json!({"a": 10})), Ok(()));
        assert!(check(&schema, &json!({"a": 11})).is_err());
        for reference in ["https://json-schema.org/draft/2020-12/schema", "#share", "other.json", "#/$defs/none"] {
            let refused = check(&json!({"$ref": reference}), &json!({})).expect_err("elsewhere");
            assert_eq!(
                refused,
                format!(
                    "its JSON Schema of parameters has `\"$ref\": \"{reference}\"`: have its author write `$ref` with a \
                     place in the schema, as \"#/$defs/share\""
                )
            );
        }
        assert!(check(&json!({"$id": "https://example.org/a"}), &json!({})).is_err());
        assert!(check(&json!({"$schema": "http://json-schema.org/draft-07/schema#"}), &json!({})).is_err());
        assert_eq!(check(&json!({"$schema": VERSION, "properties": {"$id": {"type": "string"}}}), &json!({})), Ok(()));
    }
}

//! `tierwatch plugin eval`

use super::bed::Bed;
use crate::{
    analysis::snapshot::Snapshot,
    cli::{
        common::{parse_instant, reader},
        done::Done,
        output::{Column, Output, Page, column, lines, print_json, print_rows},
    },
    config::policy_file,
    diagnostic::{Diagnostics, Problems, spelling},
    model::{Argument, Assessment, DeclaredKinds, Finding, Instant, Manifest, Outcome, assessment::Message},
    policy::Policy,
    rules::{LoadReason, ParameterProblem, Plugin, Rule, Subject, built_in},
    scoring::{rule_set, scorer},
};
use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// The plugin that evaluates expressions.
const PLUGIN: &str = "expression";
/// The file name under which a mistake in the expression is shown.
const NAME: &str = "EXPRESSION";
/// Most values that are shown in total.
const MAX_VALUES: usize = 8192;

/// Say what an expression comes to on a supplier of the store, as a policy's rule would have it (rules/README.md).
///
/// All kinds that the configuration declares may be named. A list shows its elements, and what has fields shows them.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Eval {
    /// As a policy writes it: "in_force(site).filter(s, s.share_bp > 5000)".
    expression: String,
    /// Of whom: `SCHEME:ID`, an alias, or a part of a name.
    #[arg(long, value_name = "SUPPLIER")]
    supplier: String,
    /// The day or instant that is asked about; by default the last at which what is known of the supplier changed.
    #[arg(long, value_name = "TIME", value_parser = parse_instant)]
    as_of: Option<Instant>,
    /// The policy that has the rule, instead of the configuration's.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// A rule of the policy whose named expressions (`let`) may be used, and whose `kinds` are read.
    #[arg(long, value_name = "RULE")]
    rule: Option<String>,
}

/// A field that is shown, and what its message says of it.
struct ShownField {
    code: String,
    name: String,
    of: String,
}

/// The value of the expression.
struct ShownResult {
    /// The name of its type, as `list(organisation)`.
    of: String,
    fields: Vec<ShownField>,
    /// An element of a list, or the one value, each with the values of every field.
    elements: Vec<Vec<Vec<Argument>>>,
    /// Whether there are more values than are shown.
    is_cut: bool,
}

/// One element, for people.
struct Element {
    index: usize,
    lines: Vec<String>,
}

/// One value, for a table of fields and for CSV.
#[derive(Serialize)]
struct ValueLine {
    element: usize,
    field: String,
    of: String,
    value: String,
}

const ELEMENTS: [Column<Element>; 2] =
    [column("#", |row| row.index.to_string()), lines("value", |row| row.lines.clone())];

const FIELDS: [Column<ValueLine>; 3] = [
    column("field", |row| row.field.clone()),
    column("type", |row| row.of.clone()),
    column("value", |row| row.value.clone()),
];

const VALUES: [Column<ValueLine>; 4] = [
    column("element", |row| row.element.to_string()),
    column("field", |row| row.field.clone()),
    column("type", |row| row.of.clone()),
    column("value", |row| row.value.clone()),
];

impl Eval {
    pub(super) fn run(self, path: &Path, output: Output) -> Result<Done> {
        let (config, reader) = reader(path)?;
        let bed = Bed::new(path)?;
        let mut snapshot = Snapshot::open(&config, &reader, self.as_of.unwrap_or_else(Instant::now))?;
        let policy = match &self.policy {
            Some(policy) => policy_file::policy_at(policy, &bed.kinds)?,
            None => snapshot.policy().clone(),
        };
        let plugin =
            built_in().iter().find(|rule| rule.name == PLUGIN).context("this build has no rule `expression`")?;
        let plugin = bed.host.compile(plugin.name, plugin.component)?;
        let mut kinds = bed.kinds.clone();
        kinds.schemas.extend(policy.kinds().schemas.clone());
        // A mistake is reported before the supplier is looked up.
        let parameters = self.parameters(&policy)?;
        let first = self.configured(&plugin, &parameters, &kinds, &policy)?;
        let (name, _) = snapshot.find(&self.supplier)?;
        let Some(case) = snapshot.case(&name).filter(|_| !name.is_programme()) else {
            bail!("{name} is no supplier of whom anything is attested: `tierwatch suppliers` lists them");
        };
        let as_of = self.as_of.unwrap_or(case.as_of);
        let shown = self.shown(first, &case, as_of, |skip| {
            let mut parameters = parameters.clone();
            parameters.insert("skip".to_owned(), skip.into());
            self.configured(&plugin, &parameters, &kinds, &policy)
        })?;
        let called = format!("{name} {}", snapshot.name(&name));
        match output {
            Output::Table => shown.page(called.trim_end(), as_of).print()?,
            Output::Csv => print_rows(output, &shown.cells(), &VALUES)?,
            Output::Json => print_json(&json!({
                "expression": self.expression,
                "supplier": name,
                "as_of": as_of,
                "type": shown.of,
                "value": shown.json(),
                "cut": shown.is_cut,
            }))?,
        }
        Ok(Done::Fine)
    }

    fn parameters(&self, policy: &Policy) -> Result<Map<String, Value>> {
        let mut parameters = Map::new();
        if let Some(wanted) = &self.rule {
            let Some(rule) = policy.rules().find(|rule| *rule.name == **wanted && *rule.plugin == *PLUGIN) else {
                let known = policy.rules().filter(|rule| *rule.plugin == *PLUGIN).map(|rule| &*rule.name);
                let known: Vec<&str> = known.collect();
                if known.is_empty() {
                    bail!("the policy `{}` has no rule of expressions: leave --rule out", policy.name());
                }
                let list = format!("the policy `{}` has them", policy.name());
                return Err(spelling::unknown("rule of expressions", wanted, &known, &list).into());
            };
            for key in ["let", "declared", "kinds"] {
                let given = rule.parameters.get(key).map(|value| (key.to_owned(), value.clone()));
                parameters.extend(given);
            }
        }
        parameters.insert("show".to_owned(), self.expression.clone().into());
        // The schema requires this of a rule.
        parameters.insert("otherwise".to_owned(), json!({}));
        Ok(parameters)
    }

    fn configured(
        &self,
        plugin: &Plugin,
        parameters: &Map<String, Value>,
        kinds: &DeclaredKinds,
        policy: &Policy,
    ) -> Result<Rule> {
        let configured = plugin.configure_as(&plugin.manifest().name, &Value::Object(parameters.clone()), kinds);
        configured.map_err(|error| match error.reason {
            LoadReason::Parameters(refused) => self.complaints(policy, refused).into(),
            _ => error.into(),
        })
    }

    /// What is wrong with the expression, at its place in it, or else with what it names, at its place in the policy.
    fn complaints(&self, policy: &Policy, refused: Vec<ParameterProblem>) -> Diagnostics {
        let (of_rule, own): (Vec<_>, Vec<_>) = refused
            .into_iter()
            .partition(|problem| ["/let/", "/declared/", "/kinds/"].iter().any(|key| problem.path.starts_with(key)));
        if own.is_empty() {
            return rule_set::complaints(policy, self.rule.as_deref().unwrap_or_default(), &of_rule);
        }
        let problems = Problems::new(NAME, &self.expression);
        for ParameterProblem { within, message, fix, .. } in own {
            let span = within.unwrap_or(0..self.expression.len());
            problems.add(span, message, fix.unwrap_or_else(|| "correct the expression".to_owned()));
        }
        problems.refused()
    }

    /// All values of the expression: `configured` makes the rule that skips a number of values.
    fn shown(
        &self,
        first: Rule,
        case: &scorer::ScoringCase,
        as_of: Instant,
        configured: impl Fn(usize) -> Result<Rule>,
    ) -> Result<ShownResult> {
        let mut shown = ShownResult::new(first.manifest());
        let (mut rule, mut values) = (first, 0);
        loop {
            let subject = Subject {
                organisation: &case.organisation,
                names: &case.names,
                as_of,
                evidence: &case.evidence.in_force,
                facts: &case.facts,
            };
            let answer = rule.assess(&[subject]).assessments.pop().unwrap_or_else(|| Assessment::failed("no answer"));
            let count = match &answer.outcome {
                Outcome::NotApplicable(reason) => reason.arguments.first().cloned(),
                Outcome::Invalid(reason) => bail!("{} {}", reason.text(), reason.remedy().unwrap_or_default()),
                Outcome::Failed(why) => bail!("{why}"),
                _ => None,
            };
            shown.make_room(count);
            shown.is_cut = values >= MAX_VALUES && !answer.findings.is_empty();
            if shown.is_cut || answer.findings.is_empty() {
                return Ok(shown);
            }
            answer.findings.iter().for_each(|finding| shown.take(finding));
            values += answer.findings.len();
            rule = configured(values)?;
        }
    }
}

impl ShownResult {
    /// An empty result, of the type and the fields that the rule's messages name.
    fn new(manifest: &Manifest) -> Self {
        let parts = |message: &Message| message.text.split('\t').map(str::to_owned).collect::<Vec<_>>();
        let of = manifest.messages.first().and_then(|message| parts(message).into_iter().next()).unwrap_or_default();
        let field = |message: &Message| match parts(message).as_slice() {
            [name, of, ..] if message.code.starts_with("FIELD_") => {
                Some(ShownField { code: message.code.clone(), name: name.clone(), of: of.clone() })
            }
            _ => None,
        };
        let fields = manifest.messages.iter().filter_map(|message| field(message)).collect();
        Self { of, fields, elements: Vec::new(), is_cut: false }
    }

    fn make_room(&mut self, count: Option<Argument>) {
        if let Some(Argument::Number(count)) = count {
            let count = usize::try_from(count).unwrap_or(0).min(MAX_VALUES);
            self.elements.resize_with(count, || vec![Vec::new(); self.fields.len()]);
        }
    }

    fn take(&mut self, finding: &Finding) {
        let reason = &finding.reason;
        let field = self.fields.iter().position(|field| field.code == reason.message.code);
        if let ([Argument::Number(index), value], Some(field)) = (reason.arguments.as_slice(), field)
            && let Some(element) = usize::try_from(*index).ok().and_then(|index| self.elements.get_mut(index))
        {
            element[field].push(value.clone());
        }
    }

    fn is_list(&self) -> bool {
        is_list(&self.of)
    }

    /// Whether its elements have fields: a value without fields is shown as one field of its own type, which no record has.
    fn is_record(&self) -> bool {
        !matches!(self.fields.as_slice(), [] | [ShownField { .. }])
            || self.fields.iter().any(|field| field.of != base(&self.of))
    }

    fn cells(&self) -> Vec<ValueLine> {
        let mut cells = Vec::new();
        for (element, values) in self.elements.iter().enumerate() {
            for (field, values) in self.fields.iter().zip(values) {
                let cell = |value: &Argument| {
                    let (field, of) = (field.name.clone(), field.of.clone());
                    ValueLine { element, field, of, value: value.to_string() }
                };
                cells.extend(values.iter().map(cell));
            }
        }
        cells
    }

    fn page(&self, supplier: &str, as_of: Instant) -> Page {
        let mut page = Page::default();
        let many = match (self.is_list(), self.elements.len()) {
            (true, 1) => ", 1 element".to_owned(),
            (true, many) => format!(", {many} elements"),
            (false, 0) => ", absent".to_owned(),
            (false, _) => String::new(),
        };
        page.line(format!("{}{many}: {supplier} as of {as_of}", self.of));
        if self.elements.is_empty() {
            return page;
        }
        page.gap();
        let shown = |values: &Vec<Argument>| match values.as_slice() {
            [] => "-".to_owned(),
            values => values.iter().map(Argument::to_string).collect::<Vec<_>>().join(", "),
        };
        if !self.is_list() && self.is_record() {
            let cell = |(field, values): (&ShownField, &Vec<Argument>)| ValueLine {
                element: 0,
                field: field.name.clone(),
                of: field.of.clone(),
                value: shown(values),
            };
            let rows: Vec<ValueLine> =
                self.elements.iter().flat_map(|values| self.fields.iter().zip(values).map(cell)).collect();
            page.rows(&rows, &FIELDS);
        } else if self.is_list() {
            let line = |(field, values): (&ShownField, &Vec<Argument>)| {
                if self.is_record() { format!("{}: {}", field.name, shown(values)) } else { shown(values) }
            };
            let element = |(index, values): (usize, &Vec<Vec<Argument>>)| Element {
                index,
                lines: self.fields.iter().zip(values).map(line).collect(),
            };
            let rows: Vec<Element> = self.elements.iter().enumerate().map(element).collect();
            page.rows(&rows, &ELEMENTS);
        } else {
            self.elements.iter().flatten().for_each(|values| page.line(shown(values)));
        }
        if self.is_cut {
            page.line(format!("There is more: {MAX_VALUES} values are shown. Narrow it with filter(…)."));
        }
        page
    }

    fn json(&self) -> Value {
        let one = |values: &Vec<Vec<Argument>>| {
            if !self.is_record() {
                return values.first().map_or(Value::Null, |values| self.fields[0].json(values));
            }
            let members =
                self.fields.iter().zip(values).map(|(field, values)| (field.name.clone(), field.json(values)));
            Value::Object(members.collect())
        };
        if self.is_list() {
            return Value::Array(self.elements.iter().map(one).collect());
        }
        self.elements.first().map_or(Value::Null, one)
    }
}

fn is_list(of: &str) -> bool {
    of.starts_with("list(")
}

/// The type of one value of this type.
fn base(of: &str) -> &str {
    let inner = of.strip_prefix("list(").or_else(|| of.strip_prefix("optional("));
    inner.and_then(|inner| inner.strip_suffix(')')).unwrap_or(of)
}

impl ShownField {
    /// The values of one element as JSON.
    fn json(&self, values: &[Argument]) -> Value {
        let of = base(&self.of);
        let one = |value: &Argument| match value {
            Argument::Number(number) => (*number).into(),
            Argument::BasisPoints(bp) => (*bp).into(),
            Argument::Text(text) if of == "bool" => Value::Bool(text.as_str() == "true"),
            Argument::Text(text) if of == "decimal" => text.as_str().parse::<f64>().map_or(Value::Null, Value::from),
            other => other.to_string().into(),
        };
        if is_list(&self.of) {
            return Value::Array(values.iter().map(one).collect());
        }
        values.first().map_or(Value::Null, one)
    }
}

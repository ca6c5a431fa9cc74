//! `tierwatch plugin inspect`

use super::{
    bed::Bed,
    found::{FoundComponent, Wanted},
};
use crate::{
    cli::{
        done::Done,
        output::{Column, Output, Page, column, print_json},
    },
    model::{Digest, assessment::Message},
    rules::Rule,
    scoring::components,
};
use anyhow::Result;
use serde::Serialize;
use serde_json::{Map, Value};
use std::path::Path;

/// Say what a component, or a rule of a policy, is: its manifest, parameters, messages, digest and size. One that does not
/// load is refused as the daemon would refuse it.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Inspect {
    #[command(flatten)]
    rule: Wanted,
}

/// A component, as programs read it.
#[derive(Serialize)]
struct Inspected<'a> {
    origin: &'a str,
    rule: &'a str,
    version: &'a str,
    dimension: &'a str,
    help: &'a str,
    digest: Digest,
    signature: &'a str,
    size_bytes: usize,
    /// Always empty: what imports anything does not load.
    imports: [&'a str; 0],
    kinds: Vec<&'a str>,
    facts: Vec<String>,
    parameters: &'a Value,
    messages: Vec<Message>,
}

/// One parameter of the schema, for people.
struct Parameter {
    name: String,
    allowed: String,
    default: String,
    description: String,
}

const PARAMETERS: [Column<Parameter>; 4] = [
    column("parameter", |row| row.name.clone()),
    column("allowed", |row| row.allowed.clone()),
    column("default", |row| row.default.clone()),
    column("what it means", |row| row.description.clone()),
];

const MESSAGES: [Column<Message>; 3] = [
    column("code", |row| row.code.clone()),
    column("message", |row| row.text.clone()),
    column("remedy", |row| row.remedy.clone()),
];

impl Inspect {
    pub(super) fn run(self, config: &Path, output: Output) -> Result<Done> {
        let bed = Bed::new(config)?;
        let found = self.rule.found(&bed)?;
        let plugin = bed.host.compile(&found.origin, &found.bytes)?;
        let signature = signature(&bed, &found);
        // The manifest of a rule of a policy may depend on the policy's parameters.
        let rule = found.in_policy().then(|| found.configure(&plugin, &Map::new())).transpose()?;
        let manifest = rule.as_ref().map_or(plugin.manifest(), Rule::manifest);
        let inspected = Inspected {
            origin: plugin.origin(),
            rule: &manifest.name,
            version: &manifest.version,
            dimension: &manifest.dimension,
            help: &manifest.help,
            digest: plugin.digest(),
            signature: &signature,
            size_bytes: plugin.component_bytes(),
            imports: [],
            kinds: manifest.kinds.iter().map(crate::model::Kind::as_str).collect(),
            facts: manifest.facts.iter().map(word).collect(),
            parameters: &manifest.parameters,
            messages: manifest.messages.iter().map(|message| Message::clone(message)).collect(),
        };
        output.no_csv("a rule")?;
        if output == Output::Table { inspected.page().print() } else { print_json(&inspected) }?;
        Ok(Done::Fine)
    }
}

impl Inspected<'_> {
    fn page(&self) -> Page {
        let or_nothing = |words: &[String]| if words.is_empty() { "none".to_owned() } else { words.join(", ") };
        let kinds: Vec<String> = self.kinds.iter().map(ToString::to_string).collect();
        let mut page = Page::default();
        let head = format!(
            "rule       {} {}\ncomponent  {}\ndigest     {}\nsignature  {}\nsize       {}\nimports    none\ndimension  {}\nkinds      {}\nfacts      {}\nhelp       {}\n",
            self.rule,
            self.version,
            self.origin,
            self.digest,
            self.signature,
            bytes(self.size_bytes),
            self.dimension,
            or_nothing(&kinds),
            or_nothing(&self.facts),
            self.help,
        );
        head.lines().for_each(|line| page.line(line));
        let parameters = parameters(self.parameters);
        if !parameters.is_empty() {
            page.gap();
            page.rows(&parameters, &PARAMETERS);
        }
        page.gap();
        page.rows(&self.messages, &MESSAGES);
        page
    }
}

/// Whether its signature counts, in words.
fn signature(bed: &Bed, found: &FoundComponent) -> String {
    let Some(file) = &found.file else { return "none needed: it comes with the daemon".to_owned() };
    match (&bed.component_signers, components::signature(file)) {
        (_, None) => "none".to_owned(),
        (None, Some(_)) => "there is one; a configuration says whose keys are good".to_owned(),
        (Some(component_signers), signature) => {
            match component_signers.check(&Digest::of(&found.bytes), signature.as_deref()) {
                Ok(key) => format!("good, by the key `{key}`"),
                Err(error) => format!("not good: {error}"),
            }
        }
    }
}

/// The properties of a JSON Schema, as far as one line can say them.
fn parameters(schema: &Value) -> Vec<Parameter> {
    let shown = |value: &Value| if value.is_null() { String::new() } else { value.to_string() };
    let properties = schema["properties"].as_object();
    let parameter = |(name, property): (&String, &Value)| {
        let range = match (&property["minimum"], &property["maximum"]) {
            (Value::Null, Value::Null) => property["type"].as_str().unwrap_or_default().to_owned(),
            (least, most) => format!("{} to {}", shown(least), shown(most)),
        };
        Parameter {
            name: name.clone(),
            allowed: if property["enum"].is_null() { range } else { shown(&property["enum"]) },
            default: shown(&property["default"]),
            description: property["description"].as_str().unwrap_or_default().to_owned(),
        }
    };
    properties.into_iter().flatten().map(parameter).collect()
}

/// The contract's word for a fact or the like.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

/// As `18.5 MB`.
pub(super) fn bytes(many: usize) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let many = many as f64;
    if many < 1e6 { format!("{:.1} kB", many / 1e3) } else { format!("{:.1} MB", many / 1e6) }
}

//! `tierwatch template`

use super::{
    common::config_if_any,
    done::Done,
    output::{Column, Output, column, print_json, print_rows},
};
use crate::{
    attest::written::{self, Field},
    by_name,
    diagnostic::spelling,
    model::{Instant, Kind},
};
use anyhow::{Context as _, Result};
use serde::Serialize;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Print an attestation of a kind, to be filled in; without a kind, the kinds that there are.
///
/// It has every field, those that may be left out too, in the plain form: sign its claims with `tierwatch attest sign`, or let
/// a feed bring it unsigned that a grant trusts with that.
#[derive(Debug, clap::Args)]
pub(super) struct Template {
    /// The kind, as cyber.ce.
    kind: Option<String>,
    /// List the fields of its claims instead: how each is written, whether it must be there, what it means.
    #[arg(long, requires = "kind")]
    fields: bool,
    /// Print the JSON Schema of its claims instead.
    #[arg(long, requires = "kind", conflicts_with = "fields")]
    schema: bool,
}

/// A kind, as programs read it.
#[derive(Serialize)]
struct KindRow {
    kind: String,
    about: String,
}

const KINDS: [Column<KindRow>; 2] =
    [column("kind", |row| row.kind.clone()), column("what it is", |row| row.about.clone())];

/// A field, as programs read it.
#[derive(Serialize)]
struct FieldRow {
    field: String,
    written: String,
    required: bool,
    meaning: String,
}

const FIELDS: [Column<FieldRow>; 4] = [
    column("field", |row| row.field.clone()),
    column("written as", |row| row.written.clone()),
    column("must be there", |row| if row.required { "yes" } else { "" }.to_owned()),
    column("what it means", |row| row.meaning.clone()),
];

impl Template {
    pub(super) fn run(self, config: &Path, output: Output) -> Result<Done> {
        let declared = declared(config)?;
        let Some(wanted) = &self.kind else {
            let row = |kind: &Kind| KindRow { kind: kind.to_string(), about: kind.about().to_owned() };
            let own = |kind: &String| KindRow { kind: kind.clone(), about: "declared by the configuration".to_owned() };
            let rows: Vec<KindRow> = Kind::BUILT_IN.iter().map(row).chain(declared.keys().map(own)).collect();
            print_rows(output, &rows, &KINDS)?;
            return Ok(Done::Fine);
        };
        let schema = schema(wanted, &declared)?;
        if self.fields {
            let row = |Field { name, written, is_required, meaning }| FieldRow {
                field: name,
                written,
                required: is_required,
                meaning,
            };
            let rows: Vec<FieldRow> = written::fields(&schema).into_iter().map(row).collect();
            print_rows(output, &rows, &FIELDS)?;
            return Ok(Done::Fine);
        }
        output.no_csv("an attestation")?;
        if self.schema {
            print_json(&schema)?
        } else {
            print_json(&filled(wanted, &schema))?
        }
        Ok(Done::Fine)
    }
}

/// The kinds that the configuration declares, with the files of their schemas.
fn declared(config: &Path) -> Result<BTreeMap<String, PathBuf>> {
    Ok(config_if_any(config)?.map_or_else(BTreeMap::new, |config| config.attestations.kinds))
}

/// The JSON Schema of a kind: a built-in one, or one that the configuration declares.
fn schema(wanted: &str, declared: &BTreeMap<String, PathBuf>) -> Result<Value> {
    if let Some(schema) = Kind::named(wanted).written() {
        return Ok(schema.to_value());
    }
    let Some(path) = declared.get(wanted) else {
        let known: Vec<&str> =
            Kind::BUILT_IN.iter().map(Kind::as_str).chain(declared.keys().map(String::as_str)).collect();
        return Err(spelling::unknown("kind", wanted, &known, "`tierwatch template` lists them").into());
    };
    let text = fs::read_to_string(path)
        .with_context(|| format!("cannot read the JSON Schema {}: correct `schema` under [[kinds]]", path.display()))?;
    by_name::json(&text).with_context(|| format!("{} is no JSON: correct it", path.display()))
}

/// The plain form with the claims that `schema` describes, issued now.
fn filled(kind: &str, schema: &Value) -> Value {
    let mut filled = written::example(&written::envelope());
    filled["kind"] = kind.into();
    filled["issued_at"] = Instant::now().to_string().into();
    filled["claims"] = written::example(schema);
    filled
}

//! From a rule pack's text to a [`Policy`]: one function for each table.

use super::{
    Assumed, Band, ExposurePolicy, MAX_RULES, MAX_SHADOWS, MAX_WEIGHT, Policy, PolicyRule, UNRATED, kinds,
    limits::MAX_BANDS,
};
use crate::{
    diagnostic::{Diagnostics, Parameters, Problems, Section, spelling::nearest},
    model::{BasisPoints, DeclaredKinds, Digest, WHOLE_BP},
};
use std::sync::Arc;
use toml::{Spanned, de::DeTable};

/// Longest version, in bytes.
const MAX_VERSION_BYTES: usize = 64;
/// Longest help text, in bytes.
const MAX_HELP_BYTES: usize = 4096;
/// Nine tenths of the worst gate, unless the policy says otherwise.
const GATE_FACTOR_DEFAULT_BP: BasisPoints = 9000;

pub(super) fn policy(file_name: &str, text: &str) -> Result<Policy, Diagnostics> {
    let problems = Problems::new(file_name, text);
    let table = problems.parse_toml()?;
    let policy = whole(&problems, table.get_ref(), file_name, text);
    problems.finish(policy)
}

/// Reads the whole file. Missing or refused values get placeholders: the policy is used only when there are no problems.
fn whole<'a>(problems: &'a Problems<'a>, table: &'a DeTable<'a>, file_name: &str, text: &str) -> Policy {
    let mut file = Section::of_file(problems, table, "a policy");
    file.require("name", "name = \"uk-mod\"");
    file.require("version", "version = \"1\"");
    file.require("bands", "[[bands]]` with `name = \"low\"` and `from_bp = 0");
    file.require("rules", "[rules.NAME]");
    let policy = Policy {
        name: file.name("name").map_or("", Spanned::into_inner).into(),
        version: file.text("version", MAX_VERSION_BYTES).map_or("", Spanned::into_inner).to_owned(),
        help: file.text("help", MAX_HELP_BYTES).map_or("", Spanned::into_inner).to_owned(),
        assumed: file.section("assume").map(assumed).unwrap_or_default(),
        gate_factor_bp: file.section("gate").map_or(GATE_FACTOR_DEFAULT_BP, gate_factor),
        bands: bands(file.sections("bands")),
        exposure: file.section("exposure").map(ExposurePolicy::read).unwrap_or_default(),
        rules: file.section("rules").map(rules).unwrap_or_default(),
        kinds: DeclaredKinds {
            schemas: file.section("kinds").map(kinds::read).unwrap_or_default(),
            ..Default::default()
        },
        file_name: file_name.to_owned(),
        text: text.into(),
        digest: Digest::of(text.as_bytes()),
    };
    file.finish();
    check_named(problems, &policy);
    policy
}

/// Checks that the rules which `[exposure]` names exist: a slip would silently keep a dissolved company among the living.
fn check_named(problems: &Problems<'_>, policy: &Policy) {
    for (name, span) in policy.exposure.named_rules().filter(|(name, _)| policy.rule(name).is_none()) {
        let known: Vec<&str> = policy.rules.iter().map(|rule| &*rule.name).collect();
        let fix = match nearest(name, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("name a rule of this policy: {}", known.join(", ")),
        };
        problems.add(span, format!("this policy has no rule `{name}`"), fix);
    }
}

fn assumed(mut section: Section<'_>) -> Assumed {
    let Assumed { unknown_bp, failed_bp, invalid_bp } = Assumed::default();
    let mut risk = |key, default| section.number(key, 1..=WHOLE_BP).map_or(default, Spanned::into_inner);
    let assumed = Assumed {
        unknown_bp: risk("unknown_bp", unknown_bp),
        failed_bp: risk("failed_bp", failed_bp),
        invalid_bp: risk("invalid_bp", invalid_bp),
    };
    section.finish();
    assumed
}

fn gate_factor(mut section: Section<'_>) -> BasisPoints {
    let factor = section.number("factor_bp", 0..=WHOLE_BP).map_or(GATE_FACTOR_DEFAULT_BP, Spanned::into_inner);
    section.finish();
    factor
}

/// Reads the bands, which cover every risk once: they begin at 0 and rise.
fn bands(sections: Vec<Section<'_>>) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::with_capacity(sections.len());
    for (index, mut section) in sections.into_iter().enumerate() {
        section.require("name", "name = \"low\"");
        section.require("from_bp", "from_bp = 0");
        let name = section.name("name");
        let from_bp = section.number("from_bp", 0..=WHOLE_BP);
        if index == MAX_BANDS {
            section.problem(section.span(), "one band too many", format!("keep to {MAX_BANDS} bands"));
        }
        if let (Some(name), Some(from_bp)) = (name, from_bp) {
            check_band(&section, &bands, &name, &from_bp);
            bands.push(Band { name: name.into_inner().into(), from_bp: from_bp.into_inner() });
        }
        section.finish();
    }
    bands
}

fn check_band(section: &Section<'_>, before: &[Band], name: &Spanned<&str>, from_bp: &Spanned<BasisPoints>) {
    if *name.get_ref() == UNRATED {
        let message = format!("`{UNRATED}` is the band of a supplier to which no rule applies");
        section.problem(name.span(), message, "choose another name");
    }
    if before.iter().any(|band| *band.name == **name.get_ref()) {
        let message = format!("there are two bands `{}`", name.get_ref());
        section.problem(name.span(), message, "give each band its own name");
    }
    let from = *from_bp.get_ref();
    match before.last() {
        None if from != 0 => {
            let message = format!("no band holds a risk below {from}");
            section.problem(from_bp.span(), message, "let the first band begin with `from_bp = 0`");
        }
        Some(last) if from <= last.from_bp => {
            let message = format!("`{}` does not begin above `{}`, the band before it", name.get_ref(), last.name);
            let fix = format!("put the bands in rising order; this one begins above {}", last.from_bp);
            section.problem(from_bp.span(), message, fix);
        }
        _ => {}
    }
}

fn rules(section: Section<'_>) -> Vec<PolicyRule> {
    let (span, problems) = (section.span(), section.problems());
    let named = section.table().len();
    let mut rules: Vec<PolicyRule> =
        section.named_sections().into_iter().map(|(name, section)| rule(name, section)).collect();
    rules.sort_by(|left, right| left.name.cmp(&right.name));
    if named > MAX_RULES {
        problems.add(span, format!("there are {named} rules"), format!("keep to {MAX_RULES} rules"));
    } else if rules.len() == named && rules.iter().all(|rule| !rule.enabled) {
        let fix = "add `[rules.NAME]` for a rule plugin, or set `enabled = true` in one";
        problems.add(span, "no rule is enabled, so nobody would be scored", fix);
    }
    rules
}

fn rule(name: &str, mut section: Section<'_>) -> PolicyRule {
    let enabled = section.flag("enabled").unwrap_or(true);
    let plugin = section.name("plugin").map_or(name, Spanned::into_inner);
    let weight = section.number("weight", 1..=MAX_WEIGHT).map_or(1, Spanned::into_inner);
    let gate = section.flag("gate").unwrap_or(false);
    let version = section.text("version", MAX_VERSION_BYTES).map(|version| (*version.get_ref()).into());
    let shadow = shadows(&mut section, version.as_ref());
    let parameters = section.section("parameters").map(Parameters::read).unwrap_or_default();
    let span = section.span();
    section.finish();
    PolicyRule {
        name: name.into(),
        plugin: plugin.into(),
        enabled,
        weight,
        gate,
        version,
        shadow,
        parameters: serde_json::Value::Object(parameters.values),
        span,
        parameter_spans: parameters.spans,
    }
}

/// Reads the versions that run as shadows. The version that counts must then be named too.
fn shadows(section: &mut Section<'_>, counting: Option<&Arc<str>>) -> Vec<Arc<str>> {
    let mut shadows: Vec<Arc<str>> = Vec::new();
    for version in section.texts("shadow", MAX_SHADOWS, MAX_VERSION_BYTES) {
        let named: Arc<str> = (*version.get_ref()).into();
        if counting == Some(&named) || shadows.contains(&named) {
            let message = format!("version `{named}` is named twice");
            section.problem(version.span(), message, "name each version once, as the one that counts or in the shadow");
        } else if counting.is_none() {
            let fix = "add `version = \"…\"` for the one that counts";
            section.problem(version.span(), "a version runs in the shadow, and none is named that counts", fix);
        }
        shadows.push(named);
    }
    shadows
}

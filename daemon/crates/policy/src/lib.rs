//! A policy turns a supplier's assessments into its score. Pure: no I/O, no clock, integers only.
//!
//! [`Policy::parse`] reads a rule pack (`rules/*.toml`) once into checked values; [`score()`] applies it; [`change`] says
//! what a new score changes. How to write a policy: `rules/README.md`.

use tierwatch_by_name as by_name;
use tierwatch_diagnostic as diagnostic;
use tierwatch_model as model;

mod change;
mod exposure;
mod kinds;
mod parse;
mod points;
mod score;
mod standing;

#[cfg(test)]
mod tests;

pub use change::{AttestationChange, Change, RuleChange, change};
pub use exposure::{CERTAIN_MAX, CertainFinding, ExposurePolicy, HORIZON_MAX_DAYS, POINTS_MAX, SHOCKS_MAX, ShockKind};
pub use kinds::{KIND_SCHEMA_MAX_BYTES, KIND_SCHEMAS_MAX_BYTES, KINDS_MAX};
pub use points::Points;
use score::{Part, composite};
pub use score::{Rated, score};
pub use standing::{Level, RuleStanding, Standing};

use crate::{
    diagnostic::{Diagnostics, FILE_MAX_BYTES, ParameterSpans, Problems, Span, part_of_text},
    model::{BasisPoints, DeclaredKinds, Digest, WHOLE_BP},
};
use std::sync::Arc;

/// Longest policy file, in bytes.
pub const POLICY_MAX_BYTES: usize = FILE_MAX_BYTES;
/// Most rules in one policy.
pub const RULES_MAX: usize = 64;
/// Most bands in one policy: each is a series in the metrics.
pub const BANDS_MAX: usize = 16;
/// Heaviest rule. With [`RULES_MAX`] it keeps one rule's weight above half a basis point of them all, so that a coverage
/// of 100 % is only ever shown when every rule was scored.
pub const WEIGHT_MAX: u32 = 100;
/// Most versions of one rule that run in the shadow of the one that counts.
pub const SHADOWS_MAX: usize = 4;
/// The band of a supplier to which no rule applies.
pub const UNRATED: &str = "unrated";

/// A validated policy.
#[derive(Clone, Debug)]
pub struct Policy {
    name: Arc<str>,
    version: String,
    help: String,
    assumed: Assumed,
    gate_factor_bp: BasisPoints,
    bands: Vec<Band>,
    exposure: ExposurePolicy,
    rules: Vec<Rule>,
    kinds: DeclaredKinds,
    file_name: String,
    text: Arc<str>,
    digest: Digest,
}

/// The risk that counts where a rule has none to give. Never 0: what is not known is not "no risk".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assumed {
    /// For a rule that has no evidence.
    pub unknown_bp: BasisPoints,
    /// For a rule that did not answer, which is the daemon's fault.
    pub failed_bp: BasisPoints,
    /// For evidence that contradicts itself or cannot be.
    pub invalid_bp: BasisPoints,
}

impl Default for Assumed {
    fn default() -> Self {
        Self { unknown_bp: 7000, failed_bp: 7000, invalid_bp: 7000 }
    }
}

/// What the policy calls a range of risk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    /// As `high`.
    pub name: Arc<str>,
    /// The lowest risk that it holds; it ends where the next begins.
    pub from_bp: BasisPoints,
}

/// How the policy uses one rule plugin.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// What the policy calls it: the name of its table.
    pub name: Arc<str>,
    /// The plugin that it is: of the same name, unless the table says another.
    pub plugin: Arc<str>,
    /// Whether it runs.
    pub enabled: bool,
    /// Its part of the weighted mean, 1 to [`WEIGHT_MAX`].
    pub weight: u32,
    /// Whether its risk alone, times the gate factor, is a floor under the score.
    pub gate: bool,
    /// Which version of the plugin counts; `None`: the only one there is.
    pub version: Option<Arc<str>>,
    /// Versions that run beside it on the same suppliers and count nothing.
    pub shadow: Vec<Arc<str>>,
    /// What the plugin is configured with: a JSON object, for the host to check against the plugin's schema.
    pub parameters: serde_json::Value,
    span: Span,
    /// Where each parameter stands in the file, by JSON Pointer (RFC 6901).
    parameter_spans: ParameterSpans,
}

impl Policy {
    /// Reads a policy; `file_name` is shown in diagnostics.
    ///
    /// # Errors
    /// [`Diagnostics`] with every problem: unknown keys, values of the wrong type, impossible values.
    pub fn parse(file_name: &str, text: &str) -> Result<Self, Diagnostics> {
        parse::policy(file_name, text)
    }

    /// Reads a policy and adds to its text those of the `declared` kinds that its rules mention and that it does not define
    /// itself: what its scores are bound to, and made again from, is then all that they rest on.
    ///
    /// # Errors
    /// As [`Policy::parse`], and when there is too much to add.
    pub fn parse_with(file_name: &str, text: &str, declared: &DeclaredKinds) -> Result<Self, Diagnostics> {
        kinds::policy(file_name, text, declared)
    }

    /// Its name, as `uk-mod`.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Its version, in its author's own scheme.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What it is for; empty when it does not say.
    #[must_use]
    pub fn help(&self) -> &str {
        &self.help
    }

    /// The SHA-256 of its text: every score that it makes is bound to it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Its text as it was read, for `replay` to read again.
    #[must_use]
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The rules that run, by name.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(|rule| rule.enabled)
    }

    /// The declared kinds that its rules may read.
    #[must_use]
    pub fn kinds(&self) -> &DeclaredKinds {
        &self.kinds
    }

    /// The bands, from the lowest.
    #[must_use]
    pub fn bands(&self) -> &[Band] {
        &self.bands
    }

    /// The risk that counts for a rule without one.
    #[must_use]
    pub fn assumed(&self) -> Assumed {
        self.assumed
    }

    /// How likely what is disrupted.
    #[must_use]
    pub fn exposure(&self) -> &ExposurePolicy {
        &self.exposure
    }

    /// The probability, 0 to 1, that an organisation with this standing is disrupted by itself: certain where a finding
    /// says so, otherwise by its risk, without what the shocks count already. `None`: it has no score.
    #[must_use]
    pub fn own_probability(&self, standing: Option<&Standing>) -> f64 {
        match standing {
            Some(standing) if standing.is_certain => 1.0,
            standing => self.exposure.own_probability(standing.and_then(|standing| self.own_risk_bp(standing))),
        }
    }

    /// The risk of a standing without the rules whose risk the shocks count.
    fn own_risk_bp(&self, standing: &Standing) -> Option<BasisPoints> {
        let counted = |name: &Arc<str>| self.exposure.is_counted_as_shocks(name);
        if !standing.rules.iter().any(|(name, rule)| rule.risk_bp.is_some() && counted(name)) {
            return standing.level.risk_bp;
        }
        let part = |(name, standing): &(Arc<str>, RuleStanding)| {
            let rule = self.rule(name).filter(|rule| !counted(&rule.name))?;
            Some(Part { weight: rule.weight, gate: rule.gate, risk_bp: standing.risk_bp? })
        };
        composite(standing.rules.iter().filter_map(part), self.gate_factor_bp)
    }

    /// What part of a gate's risk is a floor under the score.
    #[must_use]
    pub fn gate_factor_bp(&self) -> BasisPoints {
        self.gate_factor_bp
    }

    /// The band that holds `risk_bp`; [`UNRATED`] for none.
    #[must_use]
    pub fn band(&self, risk_bp: Option<BasisPoints>) -> Arc<str> {
        let holds = |risk_bp| self.bands.iter().rev().find(|band| band.from_bp <= risk_bp);
        risk_bp.and_then(holds).map_or_else(|| UNRATED.into(), |band| Arc::clone(&band.name))
    }

    /// For problems that only others can see, as a rule that no plugin provides or a parameter that breaks the plugin's
    /// schema: collects them over this policy's own text.
    #[must_use]
    pub fn problems(&self) -> Problems<'_> {
        Problems::new(&self.file_name, &self.text)
    }

    /// Where `[rules.NAME]` stands in the file; its start when the policy does not name the rule.
    #[must_use]
    pub fn rule_span(&self, name: &str) -> Span {
        self.rule(name).map_or(0..0, |rule| rule.span.clone())
    }

    /// Where a part of a parameter that is a text stands, by JSON Pointer and the bytes of the text.
    #[must_use]
    pub fn parameter_part_span(&self, rule: &str, pointer: &str, part: Span) -> Span {
        part_of_text(&self.text, self.parameter_span(rule, pointer), part)
    }

    /// Where a parameter of a rule stands, by JSON Pointer; the nearest table around it when it is absent.
    #[must_use]
    pub fn parameter_span(&self, rule: &str, pointer: &str) -> Span {
        self.rule(rule).map_or(0..0, |rule| rule.parameter_spans.around(pointer).unwrap_or_else(|| rule.span.clone()))
    }

    fn rule(&self, name: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| *rule.name == *name)
    }
}

// One rule's weight is more than half a basis point of all the others together: coverage cannot round to the whole.
const _: () = assert!(RULES_MAX as u64 * (WEIGHT_MAX as u64) < 2 * (WHOLE_BP as u64));

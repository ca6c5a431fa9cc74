//! A policy that is valid.

use super::{
    RuleStanding, Standing,
    composite::{WeightedRisk, composite},
    exposure::ExposurePolicy,
    limits::UNRATED,
};
use crate::{
    diagnostic::{ParameterSpans, Problems, Span, part_of_text},
    model::{BasisPoints, DeclaredKinds, Digest},
};
use std::sync::Arc;

/// A validated policy.
#[derive(Clone, Debug)]
pub struct Policy {
    pub(super) name: Arc<str>,
    pub(super) version: String,
    pub(super) help: String,
    pub(super) assumed: Assumed,
    pub(super) gate_factor_bp: BasisPoints,
    pub(super) bands: Vec<Band>,
    pub(super) exposure: ExposurePolicy,
    pub(super) rules: Vec<PolicyRule>,
    pub(super) kinds: DeclaredKinds,
    pub(super) file_name: String,
    pub(super) text: Arc<str>,
    pub(super) digest: Digest,
}

/// The risk that counts where a rule gives none, in basis points. It is never 0: unknown is not "no risk".
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

/// A range of risk with the policy's name for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    /// Its name, as `high`.
    pub name: Arc<str>,
    /// The lowest risk that it holds; it ends where the next begins.
    pub from_bp: BasisPoints,
}

/// How the policy uses one rule plugin.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyRule {
    /// The name of its table in the policy.
    pub name: Arc<str>,
    /// The name of its plugin: the same, unless the table says another.
    pub plugin: Arc<str>,
    /// Whether the policy runs it.
    pub enabled: bool,
    /// Its part of the weighted mean, 1 to [`MAX_WEIGHT`](crate::MAX_WEIGHT).
    pub weight: u32,
    /// Whether its risk alone, times the gate factor, is a floor under the score.
    pub gate: bool,
    /// Which version of the plugin counts; `None`: the only one there is.
    pub version: Option<Arc<str>>,
    /// Versions that run beside it on the same suppliers and do not count.
    pub shadow: Vec<Arc<str>>,
    /// The plugin's parameters: a JSON object, for the host to check against the plugin's schema.
    pub parameters: serde_json::Value,
    pub(super) span: Span,
    /// Where each parameter is in the file, by JSON Pointer (RFC 6901).
    pub(super) parameter_spans: ParameterSpans,
}

impl Policy {
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
    pub fn rules(&self) -> impl Iterator<Item = &PolicyRule> {
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

    /// The probabilities of disruptions.
    #[must_use]
    pub fn exposure(&self) -> &ExposurePolicy {
        &self.exposure
    }

    /// The probability, 0 to 1, that an organisation with this standing is disrupted by itself: certain where a finding
    /// says so, otherwise by its risk, without what shocks already count. `None`: it has no score.
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
            Some(WeightedRisk { weight: rule.weight, gate: rule.gate, risk_bp: standing.risk_bp? })
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

    /// Collects problems in this policy's text that only others can find: a rule that no plugin provides, or a parameter that
    /// violates the plugin's schema.
    #[must_use]
    pub fn problems(&self) -> Problems<'_> {
        Problems::new(&self.file_name, &self.text)
    }

    /// Where a part of a parameter that is a text is, by JSON Pointer and the bytes of the text.
    #[must_use]
    pub fn parameter_part_span(&self, rule: &str, pointer: &str, part: Span) -> Span {
        part_of_text(&self.text, self.parameter_span(rule, pointer), part)
    }

    /// Where a parameter of a rule is, by JSON Pointer; the nearest table around it when it is absent.
    #[must_use]
    pub fn parameter_span(&self, rule: &str, pointer: &str) -> Span {
        self.rule(rule).map_or(0..0, |rule| rule.parameter_spans.around(pointer).unwrap_or_else(|| rule.span.clone()))
    }

    pub(super) fn rule(&self, name: &str) -> Option<&PolicyRule> {
        self.rules.iter().find(|rule| *rule.name == *name)
    }
}

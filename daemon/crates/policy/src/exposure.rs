//! What a policy says of disruption: the probability that an organisation of a given risk is disrupted by itself, and
//! of common shocks. All probabilities are within the policy's horizon.

use super::limits::{MAX_RULES, MAX_SHOCK_NAME_BYTES};
use crate::{
    diagnostic::{Section, Span},
    model::{BasisPoints, Identifiers, WHOLE_BP, country::alpha_2, organisation::NotAnOrganisation},
};
use std::{collections::BTreeMap, fmt, sync::Arc};
use toml::Spanned;

/// Most points in one table.
const MAX_POINTS: usize = 32;
/// Most shocks that one policy names: each is one more event behind every probability.
const MAX_SHOCKS: usize = 256;
/// Most findings that one policy treats as certain disruption.
const MAX_CERTAIN: usize = 64;
/// Longest entry in a list of rules or findings, in bytes.
const MAX_NAMED_BYTES: usize = 256;
/// Longest horizon, in days.
const MAX_HORIZON_DAYS: u32 = 3650;

/// The table `[exposure]` of a policy; a policy without one has the defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExposurePolicy {
    /// The horizon of all probabilities, in days.
    pub horizon_days: u32,
    /// The probability for an organisation without a risk, about which nobody attests anything that a rule can judge.
    pub unrated_bp: BasisPoints,
    /// Probability by risk, in rising order of risk, interpolated linearly.
    points: Vec<(BasisPoints, BasisPoints)>,
    /// By kind: the probability of a shock that the policy does not name.
    default_bp: BTreeMap<ShockKind, BasisPoints>,
    named_bp: BTreeMap<(ShockKind, Arc<str>), BasisPoints>,
    certain: Vec<CertainFinding>,
    counted_as_shocks: Vec<(Arc<str>, Span)>,
}

/// A finding of a rule that means that the organisation does not deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertainFinding {
    /// The rule's name in the policy.
    pub rule: Arc<str>,
    /// The code of its finding.
    pub code: Arc<str>,
    /// Where the policy says so; `None`: it is a default, which has no effect without such a rule.
    pub span: Option<Span>,
}

impl fmt::Display for CertainFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.rule, self.code)
    }
}

/// What organisations have in common when a shock strikes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ShockKind {
    /// A region, as a flood.
    Region,
    /// A transport corridor, as a closed motorway.
    Corridor,
    /// An ultimate parent, as its insolvency.
    Parent,
    /// A country, as an export ban.
    Country,
}

impl ShockKind {
    /// Every kind of shock.
    pub const ALL: [Self; 4] = [Self::Region, Self::Corridor, Self::Parent, Self::Country];

    /// Its word in policies and outputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Region => "region",
            Self::Corridor => "corridor",
            Self::Parent => "parent",
            Self::Country => "country",
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Region => "region_bp",
            Self::Corridor => "corridor_bp",
            Self::Parent => "parent_bp",
            Self::Country => "country_bp",
        }
    }

    fn default_bp(self) -> BasisPoints {
        match self {
            Self::Region => 50,
            Self::Corridor => 100,
            Self::Parent => 50,
            Self::Country => 10,
        }
    }
}

impl fmt::Display for ShockKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Default for ExposurePolicy {
    fn default() -> Self {
        Self {
            horizon_days: 365,
            unrated_bp: 500,
            points: vec![(0, 50), (2500, 200), (5000, 500), (7500, 1500), (9000, 3000), (WHOLE_BP, WHOLE_BP)],
            default_bp: ShockKind::ALL.into_iter().map(|kind| (kind, kind.default_bp())).collect(),
            named_bp: BTreeMap::new(),
            certain: CERTAIN
                .map(|(rule, code)| CertainFinding { rule: rule.into(), code: code.into(), span: None })
                .into(),
            counted_as_shocks: COUNTED_AS_SHOCKS.iter().map(|rule| (Arc::from(*rule), 0..0)).collect(),
        }
    }
}

/// By default, an organisation that no longer exists delivers nothing.
const CERTAIN: [(&str, &str); 2] = [("adverse-events", "DISSOLVED"), ("adverse-events", "INSOLVENT")];
/// Shocks of regions and corridors already count what this rule measures.
const COUNTED_AS_SHOCKS: [&str; 1] = ["geography"];

impl ExposurePolicy {
    /// The probability, 0 to 1, that an organisation of this risk is disrupted by itself.
    #[must_use]
    pub fn own_probability(&self, risk_bp: Option<BasisPoints>) -> f64 {
        let Some(risk_bp) = risk_bp else { return fraction(f64::from(self.unrated_bp)) };
        let after = self.points.partition_point(|(risk, _)| *risk <= risk_bp);
        let probability_bp =
            match (after.checked_sub(1).and_then(|index| self.points.get(index)), self.points.get(after)) {
                (Some((from, low)), Some((to, high))) => {
                    let part = f64::from(risk_bp - from) / f64::from(to - from);
                    f64::from(*low) + part * (f64::from(*high) - f64::from(*low))
                }
                (Some((_, only)), None) | (None, Some((_, only))) => f64::from(*only),
                (None, None) => f64::from(WHOLE_BP),
            };
        fraction(probability_bp)
    }

    /// The findings that make a disruption certain.
    #[must_use]
    pub fn certain(&self) -> &[CertainFinding] {
        &self.certain
    }

    /// Whether shocks already count what `rule` measures, so that it does not raise the own probability.
    #[must_use]
    pub fn is_counted_as_shocks(&self, rule: &str) -> bool {
        self.counted_as_shocks.iter().any(|(name, _)| **name == *rule)
    }

    /// The rules that the policy itself names, each with the span of its name.
    pub(super) fn named_rules(&self) -> impl Iterator<Item = (&Arc<str>, Span)> {
        let certain = self.certain.iter().filter_map(|one| Some((&one.rule, one.span.clone()?)));
        certain.chain(
            self.counted_as_shocks.iter().map(|(rule, span)| (rule, span.clone())).filter(|(_, span)| !span.is_empty()),
        )
    }

    /// The probability, 0 to 1, that `name` is struck.
    #[must_use]
    pub fn shock_probability(&self, kind: ShockKind, name: &str) -> f64 {
        let named = self.named_bp.get(&(kind, name.into()));
        fraction(f64::from(*named.or_else(|| self.default_bp.get(&kind)).unwrap_or(&0)))
    }

    pub(super) fn read(mut section: Section<'_>) -> Self {
        let mut policy = Self::default();
        let horizon = section.number("horizon_days", 1..=MAX_HORIZON_DAYS);
        policy.horizon_days = horizon.map_or(policy.horizon_days, Spanned::into_inner);
        policy.unrated_bp = section.number("unrated_bp", 1..=WHOLE_BP).map_or(policy.unrated_bp, Spanned::into_inner);
        for kind in ShockKind::ALL {
            if let Some(probability_bp) = section.number(kind.key(), 0..=WHOLE_BP) {
                policy.default_bp.insert(kind, probability_bp.into_inner());
            }
        }
        let points = section.sections("points");
        if !points.is_empty() {
            policy.points = read_points(points);
        }
        policy.named_bp = read_shocks(section.sections("shocks"));
        if section.value("certain").is_some() {
            policy.certain = read_certain(&mut section);
        }
        if section.value("counted_as_shocks").is_some() {
            let rules = section.texts("counted_as_shocks", MAX_RULES, MAX_NAMED_BYTES);
            policy.counted_as_shocks = rules.into_iter().map(|rule| ((*rule.get_ref()).into(), rule.span())).collect();
        }
        section.finish();
        policy
    }
}

/// Points in rising order of risk, whose probabilities never fall: a higher risk never means a lower probability.
fn read_points(sections: Vec<Section<'_>>) -> Vec<(BasisPoints, BasisPoints)> {
    let mut points: Vec<(BasisPoints, BasisPoints)> = Vec::with_capacity(sections.len());
    for (index, mut section) in sections.into_iter().enumerate() {
        section.require("risk_bp", "risk_bp = 0");
        section.require("probability_bp", "probability_bp = 50");
        if index == MAX_POINTS {
            section.problem(section.span(), "one point too many", format!("keep to {MAX_POINTS} points"));
        }
        let risk = section.number("risk_bp", 0..=WHOLE_BP);
        let probability = section.number("probability_bp", 0..=WHOLE_BP);
        if let (Some(risk), Some(probability)) = (risk, probability) {
            let (at, value) = (*risk.get_ref(), *probability.get_ref());
            match points.last() {
                Some((before, _)) if at <= *before => {
                    let message = format!("the point at {at} does not lie above the one before it, at {before}");
                    section.problem(
                        risk.span(),
                        message,
                        format!("put the points in rising order; this one begins above {before}"),
                    );
                }
                Some((_, before)) if value < *before => {
                    let message = format!("a higher risk would be less likely to fail: {value} after {before}");
                    section.problem(probability.span(), message, format!("write at least {before}"));
                }
                _ => {}
            }
            points.push((at, value));
        }
        section.finish();
    }
    points
}

fn read_certain(section: &mut Section<'_>) -> Vec<CertainFinding> {
    let mut certain = Vec::new();
    for entry in section.texts("certain", MAX_CERTAIN, MAX_NAMED_BYTES) {
        match entry.get_ref().split_once(':') {
            Some((rule, code)) if !rule.is_empty() && !code.is_empty() => {
                certain.push(CertainFinding { rule: rule.into(), code: code.into(), span: Some(entry.span()) });
            }
            _ => {
                let message = format!("`{}` names no finding of a rule", entry.get_ref());
                section.problem(entry.span(), message, "write the rule and the code: `adverse-events:DISSOLVED`");
            }
        }
    }
    certain
}

fn read_shocks(sections: Vec<Section<'_>>) -> BTreeMap<(ShockKind, Arc<str>), BasisPoints> {
    let mut shocks = BTreeMap::new();
    for (index, mut section) in sections.into_iter().enumerate() {
        section.require("kind", "kind = \"corridor\"");
        section.require("name", "name = \"M6\"");
        section.require("probability_bp", "probability_bp = 200");
        if index == MAX_SHOCKS {
            section.problem(section.span(), "one shock too many", format!("keep to {MAX_SHOCKS} shocks"));
        }
        let kind = section.text("kind", MAX_SHOCK_NAME_BYTES);
        let name = section.text("name", MAX_SHOCK_NAME_BYTES);
        let probability = section.number("probability_bp", 0..=WHOLE_BP);
        let known =
            kind.as_ref().and_then(|kind| ShockKind::ALL.into_iter().find(|one| one.as_str() == *kind.get_ref()));
        match (kind, known, name, probability) {
            (Some(kind), None, ..) => {
                let message = format!("there is no kind of shock `{}`", kind.get_ref());
                section.problem(kind.span(), message, "write region, corridor, parent or country");
            }
            (_, Some(kind), Some(name), Some(probability)) => {
                let spelled = spelled(kind, name.get_ref()).unwrap_or_else(|sentence| {
                    let (message, fix) = sentence.split_once(": ").unwrap_or((&sentence, "correct the name"));
                    section.problem(name.span(), message, fix);
                    (*name.get_ref()).to_owned()
                });
                let key = (kind, spelled.into());
                if shocks.insert(key, probability.into_inner()).is_some() {
                    let message = format!("there are two shocks of the {kind} `{}`", name.get_ref());
                    section.problem(name.span(), message, "keep one of them");
                }
            }
            _ => {}
        }
        section.finish();
    }
    shocks
}

/// The name of what is struck, as attestations spell it: a country in two letters, a parent as its scheme spells it. Schemes of
/// the configuration are not known here, and their identifiers are taken as they are.
fn spelled(kind: ShockKind, name: &str) -> Result<String, String> {
    match kind {
        ShockKind::Country => alpha_2(name).map(str::to_owned).map_err(|error| error.to_string()),
        ShockKind::Parent => match Identifiers::default().parse_party(name) {
            Ok(organisation) => {
                Ok(organisation.map_or_else(|| name.to_owned(), |organisation| organisation.to_string()))
            }
            Err(NotAnOrganisation::Scheme(_)) => Ok(name.to_owned()),
            Err(error) => Err(error.to_string()),
        },
        ShockKind::Region | ShockKind::Corridor => Ok(name.to_owned()),
    }
}

fn fraction(basis_points: f64) -> f64 {
    basis_points / f64::from(WHOLE_BP)
}

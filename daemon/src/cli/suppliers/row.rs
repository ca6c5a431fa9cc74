//! A supplier as it is listed.

use crate::{
    cli::{
        output::{Column, Unit, column, cost, figure, lines, risk, whole_percent},
        wire::{organisation_names, top_reason},
    },
    model::{
        BasisPoints, Digest, Facts, Instant, Severity,
        claims::Text,
        stored::{ContributionJson, FindingJson, ScoreJson},
    },
    network::Profile,
};
use serde::Serialize;

/// One supplier, as programs read it.
#[derive(Debug, Serialize)]
pub(super) struct SupplierLine {
    /// `SCHEME:ID`, the name that stands for all its aliases.
    organisation: String,
    /// Its registered name.
    name: Option<String>,
    /// What it costs the programmes: the sum over them of the probability of being down that is charged to it (0 to 1) times
    /// the criticality (1 to 5).
    cost: f64,
    /// 0 to 10000; null when no rule applies.
    risk_bp: Option<BasisPoints>,
    /// The policy's name for the band of the risk.
    band: String,
    /// The weight of the scored rules, as a part of 10 000 of all that apply.
    coverage_bp: BasisPoints,
    /// How far the evidence may be trusted, 0 to 10 000.
    confidence_bp: BasisPoints,
    /// Its distance below the nearest programme; null when it reaches none.
    tier: Option<u32>,
    /// The programmes that it reaches.
    programmes: Vec<String>,
    /// Programmes that stop when it alone stops.
    single_point_of: Vec<String>,
    /// Days from its failure until the first of them stops; null when none of them does.
    survive_days: Option<u32>,
    /// ISO 3166-1 alpha-2; null when nobody says.
    country: Option<String>,
    /// Where it works.
    regions: Vec<String>,
    /// What it works in.
    sectors: Vec<String>,
    /// The regional bodies that it belongs to.
    clusters: Vec<String>,
    /// Whether it is a small or medium enterprise; null when nobody says.
    sme: Option<bool>,
    /// The instant that the score was made for.
    as_of: Instant,
    /// Its other names.
    aliases: Vec<String>,
    /// The rule that says most of why; null where none has anything to tell.
    top_reason: Option<String>,
    /// One for each rule; they sum to the risk.
    contributions: Vec<ContributionLine>,
    /// What was found, rule by rule.
    findings: Vec<FindingLine>,
    /// Names everything that the score was made from.
    provenance: Digest,
}

/// The part of one rule in the risk.
#[derive(Debug, Serialize)]
struct ContributionLine {
    rule: String,
    outcome: String,
    risk_bp: Option<BasisPoints>,
    contribution_bp: BasisPoints,
}

/// One finding.
#[derive(Debug, Serialize)]
struct FindingLine {
    /// The rule that made it; null: the daemon itself.
    rule: Option<String>,
    code: String,
    severity: Severity,
    message: String,
}

impl SupplierLine {
    pub(super) fn of(score: ScoreJson<'_>, facts: &Facts, profile: &Profile, cost: f64) -> Self {
        let texts = |texts: &[Text]| texts.iter().map(ToString::to_string).collect();
        let found = |rule: Option<&str>, finding: &FindingJson<'_>| FindingLine {
            rule: rule.map(str::to_owned),
            code: finding.code.to_string(),
            severity: finding.severity,
            message: finding.message.to_string(),
        };
        let of_rules = score.contributions.iter();
        let of_rules = of_rules.flat_map(|part| part.findings.iter().map(|finding| found(Some(&part.rule), finding)));
        let findings = of_rules.chain(score.findings.iter().map(|finding| found(None, finding))).collect();
        let contribution = |part: &ContributionJson<'_>| ContributionLine {
            rule: part.rule.to_string(),
            outcome: part.outcome.to_string(),
            risk_bp: part.risk_bp,
            contribution_bp: part.contribution_bp,
        };
        Self {
            cost,
            top_reason: top_reason(&score),
            organisation: score.organisation.into_owned(),
            name: score.name.as_deref().map(str::to_owned),
            risk_bp: score.risk_bp,
            band: score.band.into_owned(),
            coverage_bp: score.coverage_bp,
            confidence_bp: score.confidence_bp,
            tier: facts.impact.tier,
            programmes: organisation_names(&facts.requirement.programmes),
            single_point_of: facts.impact.single_point_of.iter().map(|loss| loss.programme.to_string()).collect(),
            survive_days: facts.impact.survive_days,
            country: profile.country.as_ref().map(ToString::to_string),
            regions: profile.regions().map(|(region, _)| region.to_string()).collect(),
            sectors: texts(&profile.sectors),
            clusters: texts(&profile.clusters),
            sme: profile.sme,
            as_of: score.as_of,
            aliases: score.aliases.iter().map(ToString::to_string).collect(),
            contributions: score.contributions.iter().map(contribution).collect(),
            findings,
            provenance: score.provenance.digest,
        }
    }

    /// What each rule adds to the risk, the largest part first.
    fn from(&self) -> Vec<String> {
        let mut parts: Vec<_> = self.contributions.iter().filter(|part| part.contribution_bp > 0).collect();
        parts.sort_by_key(|part| std::cmp::Reverse(part.contribution_bp));
        parts.iter().map(|part| format!("{} {}", part.rule, risk(part.contribution_bp))).collect()
    }
}

const COST: Column<SupplierLine> = figure("cost", Unit::None, |row| Some(cost(row.cost)));
const RISK: Column<SupplierLine> = figure("risk", Unit::None, |row| row.risk_bp.map(risk));
const BAND: Column<SupplierLine> = column("band", |row| row.band.clone());
const COVERAGE: Column<SupplierLine> = figure("coverage", Unit::Percent, |row| Some(whole_percent(row.coverage_bp)));
const FROM: Column<SupplierLine> = lines("from", SupplierLine::from);

/// For people: columns that fit a screen of 80 characters.
pub(super) const TABLE: [Column<SupplierLine>; 6] = [
    lines("supplier", |row| [Some(row.organisation.clone()), row.name.clone()].into_iter().flatten().collect()),
    COST,
    RISK,
    BAND,
    FROM,
    lines("brings down", |row| {
        let after = row.survive_days.map(|days| format!("after {days} days"));
        row.single_point_of.iter().cloned().chain(after).collect()
    }),
];

/// For programs that read no JSON.
pub(super) const CSV: [Column<SupplierLine>; 11] = [
    column("organisation", |row| row.organisation.clone()),
    column("name", |row| row.name.clone().unwrap_or_default()),
    COST,
    RISK,
    BAND,
    COVERAGE,
    figure("tier", Unit::None, |row| row.tier.map(|tier| tier.to_string())),
    FROM,
    lines("brings down", |row| row.single_point_of.clone()),
    figure("after", Unit::Days, |row| row.survive_days.map(|days| days.to_string())),
    column("since", |row| row.as_of.date().to_string()),
];

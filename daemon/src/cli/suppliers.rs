//! `tierwatch suppliers`

use super::{
    Done, for_each_dearest, for_each_worst,
    output::{Column, Output, column, cost, percent, print_rows, risk},
    reader,
};
use crate::{
    cli::wire::{StoredScore, stored_facts},
    model::{BasisPoints, Digest, Facts, Instant, Organisation},
    pipeline::{costs::Costs, survey::Survey},
};
use anyhow::Result;
use serde::Serialize;
use std::path::Path;

/// What comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum By {
    /// What costs the programmes most: how much likelier they are down because of it, times their criticality.
    #[default]
    Cost,
    /// The highest risk, whatever hangs on it.
    Risk,
}

/// List the suppliers, the worst first.
#[derive(Debug, clap::Args)]
pub(super) struct Suppliers {
    /// What comes first.
    #[arg(long, value_enum, default_value_t)]
    by: By,
    /// Only this band of the policy, as `high`.
    #[arg(long)]
    band: Option<String>,
    /// At least this risk, 0 to 10000 basis points.
    #[arg(long, value_name = "BP")]
    min_risk_bp: Option<BasisPoints>,
    /// At most this many.
    #[arg(long, short = 'n', value_name = "COUNT")]
    limit: Option<usize>,
}

/// One supplier, as programs read it.
#[derive(Debug, Serialize)]
pub(super) struct Supplier {
    /// `SCHEME:ID`, the name that stands for all its aliases.
    organisation: String,
    /// Its registered name.
    name: Option<String>,
    /// What it costs the programmes: the sum over them of the probability of being down that is charged to it (0 to 1) times
    /// the criticality (1 to 5).
    cost: f64,
    /// 0 to 10000; null when no rule applies.
    risk_bp: Option<BasisPoints>,
    /// The policy's word for it.
    band: String,
    /// The weight of what was scored, of all that applies.
    coverage_bp: BasisPoints,
    /// How far the evidence may be believed.
    confidence_bp: BasisPoints,
    /// Programmes that stop when it alone stops.
    single_point_of: Vec<String>,
    /// Days from its failure until the first of them stops; null when none of them does.
    survive_days: Option<u32>,
    /// Since when the score holds.
    as_of: Instant,
    /// Its other names.
    aliases: Vec<String>,
    /// The rule that says most of why; null where none has anything to tell.
    top_reason: Option<String>,
    /// One a rule; they sum to the risk.
    contributions: Vec<Contribution>,
    /// Names everything that the score was made from.
    provenance: Digest,
}

/// One rule's part.
#[derive(Debug, Serialize)]
struct Contribution {
    rule: String,
    outcome: String,
    risk_bp: Option<BasisPoints>,
    contribution_bp: BasisPoints,
}

impl Supplier {
    fn of(score: StoredScore, facts: &Facts, costs: &Costs) -> Self {
        let contribution = |part: crate::cli::wire::StoredContribution| Contribution {
            rule: part.rule,
            outcome: part.outcome,
            risk_bp: part.risk_bp,
            contribution_bp: part.contribution_bp,
        };
        Self {
            top_reason: score.top_reason(),
            cost: costs.cost(&Organisation::checked_before(&score.organisation)),
            organisation: score.organisation,
            name: score.name,
            risk_bp: score.risk_bp,
            band: score.band,
            coverage_bp: score.coverage_bp,
            confidence_bp: score.confidence_bp,
            single_point_of: facts.impact.single_point_of.iter().map(|loss| loss.programme.to_string()).collect(),
            survive_days: facts.impact.survive_days,
            as_of: score.as_of,
            aliases: score.aliases,
            contributions: score.contributions.into_iter().map(contribution).collect(),
            provenance: score.provenance.digest,
        }
    }
}

const COLUMNS: [Column<Supplier>; 9] = [
    column("organisation", |row| row.organisation.clone()),
    column("name", |row| row.name.clone().unwrap_or_default()),
    column("cost", |row| cost(row.cost)),
    column("risk", |row| row.risk_bp.map_or_else(|| "-".to_owned(), risk)),
    column("band", |row| row.band.clone()),
    column("coverage", |row| percent(row.coverage_bp)),
    column("from", |row| {
        let mut parts: Vec<_> = row.contributions.iter().filter(|part| part.contribution_bp > 0).collect();
        parts.sort_by_key(|part| std::cmp::Reverse(part.contribution_bp));
        parts.iter().map(|part| format!("{} {}", part.rule, risk(part.contribution_bp))).collect::<Vec<_>>().join(", ")
    }),
    column("brings down", |row| {
        let programmes = row.single_point_of.join(", ");
        row.survive_days.map_or(String::new(), |days| format!("{programmes} after {days} days"))
    }),
    column("since", |row| row.as_of.date().to_string()),
];

impl Suppliers {
    pub(super) fn run(self, config: &Path, output: Output) -> Result<Done> {
        let (config, reader) = reader(config)?;
        let costs = Survey::open(&config, &reader, Instant::now())?.costs();
        let mut rows: Vec<Supplier> = Vec::new();
        let each = |stored: crate::store::StoredScore| {
            if self.limit.is_some_and(|limit| rows.len() >= limit) {
                return Ok(false);
            }
            let below = self.min_risk_bp.is_some_and(|least| stored.risk_bp.is_none_or(|risk_bp| risk_bp < least));
            if below || self.band.as_ref().is_some_and(|band| *band != stored.band) {
                return Ok(true);
            }
            let score = StoredScore::parse(&stored.body)?;
            let facts = stored_facts(&reader, &score)?;
            rows.push(Supplier::of(score, &facts, &costs));
            Ok(true)
        };
        match self.by {
            By::Cost => for_each_dearest(&reader, &costs, each)?,
            By::Risk => for_each_worst(&reader, None, each)?,
        }
        print_rows(output, &rows, &COLUMNS)?;
        Ok(Done::Fine)
    }
}

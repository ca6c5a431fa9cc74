//! `tierwatch suppliers`

mod filter;
mod row;

use super::{
    common::{for_each_dearest, for_each_worst, reader, snapshot_of},
    done::Done,
    output::{Output, print_rows},
    wire::{stored_facts, stored_score},
};
use crate::{
    config::{Config, policy_file},
    model::{BasisPoints, Organisation, WHOLE_BP, organisation::PROGRAMME_SCHEME},
    network::Profile,
    pipeline::settings::Settings,
    policy::UNRATED,
    scoring::{
        group_by::{GroupBy, UNKNOWN},
        scorer::OWN_FINDINGS,
    },
    store,
};
use anyhow::Result;
use filter::{Candidate, Filter, Search};
use row::{CSV, SupplierLine, TABLE};
use std::{num::NonZeroUsize, path::Path};

/// List the suppliers, the worst first.
///
/// Filters hold together: those are listed that pass all of them. The groups are those of `tierwatch groups --by`, their
/// group `unknown` too.
#[derive(Debug, clap::Args)]
pub(super) struct Suppliers {
    /// What comes first.
    #[arg(long, value_enum, default_value_t)]
    by: SortBy,
    /// Only this band of the policy, as `high`.
    #[arg(long)]
    band: Option<String>,
    /// At least this risk, 0 to 10000 basis points.
    #[arg(long, value_name = "BP", value_parser = clap::value_parser!(BasisPoints).range(..=i64::from(WHOLE_BP)))]
    min_risk_bp: Option<BasisPoints>,
    /// Only those that work in this region.
    #[arg(long, value_name = "NAME")]
    region: Option<String>,
    /// Only the members of this cluster.
    #[arg(long, value_name = "NAME")]
    cluster: Option<String>,
    /// Only those that work in this sector.
    #[arg(long, value_name = "NAME")]
    sector: Option<String>,
    /// Only those so far below the nearest programme: 1 supplies it directly.
    #[arg(long, value_name = "NUMBER")]
    tier: Option<String>,
    /// Only those that reach this programme, as `PROGRAMME:KESTREL` or `kestrel`.
    #[arg(long, value_name = "NAME")]
    programme: Option<String>,
    /// Only small and medium enterprises, only others, or only those of whom nobody says it.
    #[arg(long, value_enum)]
    sme: Option<Size>,
    /// Only those to whose risk this rule adds.
    #[arg(long, value_name = "NAME")]
    rule: Option<String>,
    /// Only those with this finding, as `DISSOLVED` or `adverse-events:DISSOLVED`.
    #[arg(long, value_name = "CODE")]
    finding: Option<String>,
    /// Only those with this text in a name, an identifier or a finding; case does not count.
    #[arg(long)]
    text: Option<String>,
    /// At most this many.
    #[arg(long, short = 'n', value_name = "COUNT")]
    limit: Option<NonZeroUsize>,
}

/// What comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum SortBy {
    /// What costs the programmes most: how much likelier they are down because of it, times their criticality.
    #[default]
    Cost,
    /// The highest risk, whatever hangs on it.
    Risk,
}

/// Whether an organisation is a small or medium enterprise, in the words of `tierwatch groups`.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Size {
    /// Small or medium.
    Sme,
    /// Neither.
    Large,
    /// Nobody says.
    Unknown,
}

impl Size {
    fn as_str(self) -> &'static str {
        match self {
            Self::Sme => "sme",
            Self::Large => "large",
            Self::Unknown => "unknown",
        }
    }
}

impl Suppliers {
    pub(super) fn run(self, path: &Path, output: Output) -> Result<Done> {
        let (config, reader) = reader(path)?;
        let snapshot = snapshot_of(&config, &reader)?;
        let costs = snapshot.costs();
        let mut filters = self.filters(path, &config)?;
        let mut text = self.text.as_deref().map(Search::new);
        let nobody = Profile::default();
        let mut rows: Vec<SupplierLine> = Vec::new();
        let each = |stored: store::StoredScore| {
            if self.limit.is_some_and(|limit| rows.len() >= limit.get()) {
                return Ok(false);
            }
            let score = stored_score(&stored.body)?;
            let facts = stored_facts(&reader, &score)?;
            let organisation = Organisation::checked_before(&score.organisation);
            let profile = snapshot.profile(&organisation).unwrap_or(&nobody);
            let candidate = Candidate { score: &score, facts: &facts, profile };
            // Each filter sees everybody: a word that it has not seen once is misspelt.
            let mut passed = true;
            for filter in &mut filters {
                passed &= filter.passes(&candidate);
            }
            let bad_enough = self.min_risk_bp.is_none_or(|least| score.risk_bp.is_some_and(|risk_bp| risk_bp >= least));
            passed &= text.as_mut().is_none_or(|text| text.finds(&candidate));
            if passed && bad_enough {
                rows.push(SupplierLine::of(score, &facts, profile, costs.cost(&organisation)));
            }
            Ok(true)
        };
        match self.by {
            SortBy::Cost => for_each_dearest(&reader, &costs, each)?,
            SortBy::Risk => for_each_worst(&reader, None, each)?,
        }
        filters.into_iter().try_for_each(Filter::finish)?;
        text.map_or(Ok(()), Search::finish)?;
        match output {
            Output::Csv => print_rows(output, &rows, &CSV)?,
            Output::Table | Output::Json => print_rows(output, &rows, &TABLE)?,
        }
        Ok(Done::Fine)
    }

    fn filters<'a>(&self, path: &'a Path, config: &Config) -> Result<Vec<Filter<'a>>> {
        let policy = policy_file::policy(config)?;
        let mut filters = Vec::new();
        let mut group = |by, wanted: &Option<String>| {
            filters.extend(wanted.as_ref().map(|wanted| Filter::group(by, wanted)));
        };
        group(GroupBy::Region, &self.region);
        group(GroupBy::Cluster, &self.cluster);
        group(GroupBy::Sector, &self.sector);
        group(GroupBy::Tier, &self.tier);
        group(GroupBy::Programme, &self.programme.as_deref().map(programme));
        // The command line knows all words of this filter.
        filters
            .extend(self.sme.map(|sme| Filter::group(GroupBy::Sme, sme.as_str()).knowing([sme.as_str().to_owned()])));
        if let Some(band) = &self.band {
            let bands = policy.bands().iter().map(|band| band.name.to_string()).chain([UNRATED.to_owned()]);
            let filter = Filter::new("band", band, "the policy has them", |one| vec![one.score.band.to_string()]);
            filters.push(filter.knowing(bands));
        }
        if let Some(rule) = &self.rule {
            let rules = policy.rules().map(|rule| rule.name.to_string()).collect::<Vec<_>>();
            let filter = Filter::new("rule", rule, "`tierwatch plugins` lists them", |one| one.adding_rules());
            filters.push(filter.knowing(rules));
        }
        if let Some(finding) = &self.finding {
            let with_rule = finding.contains(':');
            let list = "`tierwatch plugin inspect RULE` lists a rule's";
            let filter = Filter::new("finding", finding, list, move |one| one.findings(with_rule));
            filters.push(filter.asking(move || finding_codes(path, with_rule)));
        }
        Ok(filters)
    }
}

/// A programme by its whole name; `kestrel` is short for `PROGRAMME:KESTREL`.
fn programme(wanted: &str) -> String {
    match wanted.split_once(':') {
        Some(_) => wanted.to_owned(),
        None if wanted == UNKNOWN => wanted.to_owned(),
        None => format!("{PROGRAMME_SCHEME}:{}", wanted.to_uppercase()),
    }
}

/// Every finding that the rules of today's policy can give, and the daemon's own.
fn finding_codes(path: &Path, with_rule: bool) -> Result<Vec<String>> {
    let settings = Settings::read(path, Config::read(path)?)?;
    let word = |rule: &str, code: &str| if with_rule { format!("{rule}:{code}") } else { code.to_owned() };
    let own = OWN_FINDINGS.iter().map(|code| word("", code));
    let of_rules = settings.scorer.rules().flat_map(|rule| {
        let manifest = rule.manifest();
        manifest.messages.iter().map(|message| word(&manifest.name, &message.code)).collect::<Vec<_>>()
    });
    Ok(own.chain(of_rules).collect())
}

//! `tierwatch alternatives` and `tierwatch opportunities`

use super::{
    common::snapshot,
    done::Done,
    output::{Column, Output, Unit, column, figure, lines, print_rows, probability, risk},
    wire::organisation_names,
};
use crate::{
    analysis::{
        alternatives::{Adoption, Preference, alternatives, members, opportunities},
        snapshot::Snapshot,
    },
    model::BasisPoints,
};
use anyhow::{Result, bail};
use serde::Serialize;
use std::{num::NonZeroUsize, path::Path};

/// Most organisations that a cell names.
const MAX_NAMES_SHOWN: usize = 3;

/// Say who else could meet a need, the best first, and why.
///
/// In this order: who is preferred, who lacks least to be eligible, how much the programmes gain, how little they share
/// upstream with the present sources, their score.
#[derive(Debug, clap::Args)]
pub(super) struct Alternatives {
    /// Who needs it: `SCHEME:ID`, an alias, or a part of the name.
    buyer: String,
    /// What is needed, as `explain` names it.
    item: String,
    /// Put those first that work in this region.
    #[arg(long, value_name = "REGION")]
    prefer_region: Option<String>,
    /// Put those first that belong to this cluster.
    #[arg(long, value_name = "CLUSTER")]
    prefer_cluster: Option<String>,
    /// At most this many.
    #[arg(long, short = 'n', value_name = "COUNT")]
    limit: Option<NonZeroUsize>,
}

/// Say which fragile needs a supplier could second-source, what it lacks, and what each programme would gain.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("whose").required(true)))]
pub(super) struct Opportunities {
    /// The supplier: `SCHEME:ID`, an alias, or a part of its name.
    #[arg(group = "whose")]
    organisation: Option<String>,
    /// All members of this cluster.
    #[arg(long, group = "whose", value_name = "NAME")]
    cluster: Option<String>,
    /// At most this many.
    #[arg(long, short = 'n', value_name = "COUNT")]
    limit: Option<NonZeroUsize>,
}

/// A supplier for a need, as programs read it.
#[derive(Serialize)]
struct AlternativeLine {
    supplier: String,
    name: String,
    buyer: String,
    item: String,
    risk_bp: Option<BasisPoints>,
    preferred: bool,
    claimed: bool,
    eligible: bool,
    lacks: Vec<String>,
    approvals: Vec<String>,
    shared_upstream: Vec<String>,
    gain: f64,
    programmes: Vec<Gain>,
}

#[derive(Serialize)]
struct Gain {
    programme: String,
    before: f64,
    after: f64,
}

impl AlternativeLine {
    fn of(snapshot: &Snapshot, adoption: Adoption) -> Self {
        let gain = adoption.gain();
        let gains = adoption.programmes.iter().map(|(programme, before, after)| Gain {
            programme: programme.to_string(),
            before: *before,
            after: *after,
        });
        Self {
            name: snapshot.name(&adoption.supplier).to_owned(),
            supplier: adoption.supplier.to_string(),
            buyer: adoption.buyer.to_string(),
            item: adoption.item.to_string(),
            risk_bp: adoption.risk_bp,
            preferred: adoption.is_preferred,
            claimed: adoption.is_claimed,
            eligible: adoption.lacks.is_empty(),
            programmes: gains.collect(),
            gain,
            lacks: adoption.lacks,
            approvals: adoption.approvals.iter().map(ToString::to_string).collect(),
            shared_upstream: organisation_names(&adoption.shared),
        }
    }

    fn gains(&self) -> Vec<String> {
        let gain =
            |gain: &Gain| format!("{} {} → {}", gain.programme, probability(gain.before), probability(gain.after));
        self.programmes.iter().map(gain).collect()
    }

    /// By how many percentage points the programmes' exposures fall together.
    fn points(&self) -> Option<String> {
        Some(format!("{:.2}", self.gain * 100.0))
    }

    fn reasons(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        if self.preferred {
            reasons.push("preferred".to_owned());
        }
        if self.claimed {
            reasons.push("claims to supply it already, which the buyer does not say".to_owned());
        }
        reasons.push(if self.lacks.is_empty() {
            "eligible".to_owned()
        } else {
            format!("lacks {}", self.lacks.join(", "))
        });
        if !self.approvals.is_empty() {
            reasons.push(format!("holds {}", self.approvals.join(", ")));
        }
        reasons.push(match self.shared_upstream.as_slice() {
            [] => "independent of the present sources".to_owned(),
            shared if shared.len() > MAX_NAMES_SHOWN => {
                format!("shares {} and {} more", shared[..MAX_NAMES_SHOWN].join(", "), shared.len() - MAX_NAMES_SHOWN)
            }
            shared => format!("shares {}", shared.join(", ")),
        });
        reasons
    }
}

const RISK: Column<AlternativeLine> = figure("risk", Unit::None, |row| row.risk_bp.map(risk));
const GAINS: Column<AlternativeLine> = lines("programmes, if adopted", AlternativeLine::gains);
const REASONS: Column<AlternativeLine> = lines("because", AlternativeLine::reasons);
const SUPPLIER: Column<AlternativeLine> = lines("supplier", |row| vec![row.supplier.clone(), row.name.clone()]);
const NEED: Column<AlternativeLine> = lines("need", |row| vec![row.item.clone(), format!("for {}", row.buyer)]);

/// For programs that read no JSON: one value in each cell.
const CSV: [Column<AlternativeLine>; 7] = [
    column("supplier", |row| row.supplier.clone()),
    column("name", |row| row.name.clone()),
    column("buyer", |row| row.buyer.clone()),
    column("item", |row| row.item.clone()),
    RISK,
    figure("gain", Unit::Points, AlternativeLine::points),
    REASONS,
];

impl Alternatives {
    pub(super) fn run(self, config: &Path, output: Output) -> Result<Done> {
        let snapshot = snapshot(config)?;
        let preference = Preference { region: self.prefer_region.as_deref(), cluster: self.prefer_cluster.as_deref() };
        let found = alternatives(&snapshot, &self.buyer, &self.item, preference)?;
        print(&snapshot, found, self.limit, output, &[SUPPLIER, RISK, GAINS, REASONS])
    }
}

impl Opportunities {
    pub(super) fn run(self, config: &Path, output: Output) -> Result<Done> {
        let snapshot = snapshot(config)?;
        let suppliers = match (&self.organisation, &self.cluster) {
            (_, Some(cluster)) => members(&snapshot, cluster)?,
            (organisation, None) => {
                let supplier = snapshot.find(organisation.as_deref().unwrap_or_default())?.0;
                if supplier.is_programme() {
                    bail!(
                        "{supplier} is a programme, which supplies nobody: name a supplier; `tierwatch suppliers --programme \
                         {supplier}` lists its own"
                    );
                }
                vec![supplier]
            }
        };
        let found = opportunities(&snapshot, &suppliers);
        print(&snapshot, found, self.limit, output, &[SUPPLIER, NEED, RISK, GAINS, REASONS])
    }
}

fn print(
    snapshot: &Snapshot,
    found: Vec<Adoption>,
    limit: Option<NonZeroUsize>,
    output: Output,
    table: &[Column<AlternativeLine>],
) -> Result<Done> {
    let found = found.into_iter().take(limit.map_or(usize::MAX, NonZeroUsize::get));
    let rows: Vec<AlternativeLine> = found.map(|adoption| AlternativeLine::of(snapshot, adoption)).collect();
    print_rows(output, &rows, if output == Output::Csv { &CSV } else { table })?;
    Ok(Done::Fine)
}

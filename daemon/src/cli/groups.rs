//! `tierwatch groups`

use super::{
    common::snapshot,
    done::Done,
    output::{Column, Output, Unit, column, figure, hundredths, print_rows, risk},
};
use crate::{
    analysis::groups::{Group, groups},
    model::BasisPoints,
    scoring::group_by::GroupBy,
};
use anyhow::Result;
use serde::Serialize;
use std::path::Path;

/// Roll every figure up over groups of suppliers.
#[derive(Debug, clap::Args)]
pub(super) struct Groups {
    /// By what.
    #[arg(long, value_enum)]
    by: Grouping,
}

/// By what suppliers are grouped.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Grouping {
    /// The regional bodies that they belong to.
    Cluster,
    /// Where they work.
    Region,
    /// What they work in.
    Sector,
    /// Their distance below the nearest programme.
    Tier,
    /// The programmes that they reach.
    Programme,
    /// Small and medium enterprises, and others.
    Sme,
}

impl From<Grouping> for GroupBy {
    fn from(by: Grouping) -> Self {
        match by {
            Grouping::Cluster => Self::Cluster,
            Grouping::Region => Self::Region,
            Grouping::Sector => Self::Sector,
            Grouping::Tier => Self::Tier,
            Grouping::Programme => Self::Programme,
            Grouping::Sme => Self::Sme,
        }
    }
}

/// One group, as programs read it.
#[derive(Serialize)]
struct GroupLine {
    group: String,
    count: u32,
    rated: u32,
    risk_mean_bp: Option<BasisPoints>,
    risk_worst_bp: Option<BasisPoints>,
    worst: Option<String>,
    exposure_mean: f64,
    exposure_worst: f64,
    expected_down: f64,
}

const COLUMNS: [Column<GroupLine>; 8] = [
    column("group", |row| row.group.clone()),
    column("suppliers", |row| row.count.to_string()),
    figure("mean risk", Unit::None, |row| row.risk_mean_bp.map(risk)),
    figure("worst risk", Unit::None, |row| row.risk_worst_bp.map(risk)),
    column("worst", |row| row.worst.clone().unwrap_or_default()),
    figure("mean exposure", Unit::Percent, |row| Some(hundredths(row.exposure_mean))),
    figure("worst exposure", Unit::Percent, |row| Some(hundredths(row.exposure_worst))),
    column("expected down", |row| format!("{:.1}", row.expected_down)),
];

impl Groups {
    pub(super) fn run(self, config: &Path, output: Output) -> Result<Done> {
        let snapshot = snapshot(config)?;
        let row = |(name, group): (String, Group)| GroupLine {
            group: name,
            count: group.count,
            rated: group.rated,
            risk_mean_bp: group.risk_mean_bp(),
            exposure_mean: group.exposure_mean(),
            exposure_worst: group.exposure_worst,
            expected_down: group.expected_down,
            risk_worst_bp: group.worst.as_ref().map(|(risk_bp, _)| risk_bp.0),
            worst: group.worst.map(|(_, name)| name.to_string()),
        };
        let rows: Vec<GroupLine> = groups(&snapshot, self.by.into()).into_iter().map(row).collect();
        print_rows(output, &rows, &COLUMNS)?;
        Ok(Done::Fine)
    }
}

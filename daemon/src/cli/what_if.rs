//! `tierwatch what-if`

use super::{
    common::snapshot,
    done::Done,
    output::{Column, Output, Unit, column, figure, hundredths, print_rows},
};
use crate::{
    analysis::what_if::WhatIf,
    model::{BasisPoints, WHOLE_BP},
    network::exposure::{SCENARIOS, Sample},
};
use anyhow::{Result, bail};
use serde::Serialize;
use std::{num::NonZeroUsize, path::Path};

/// Most scenarios that may be asked for.
const MAX_SCENARIOS: i64 = 1 << 20;

/// Say who moves, and by how much, if something were otherwise. Nothing is stored.
///
/// All changes count together. Before and after are the same random scenarios, so that what a change does not reach does
/// not move at all.
#[derive(Debug, clap::Args)]
pub(super) struct WhatIfArgs {
    /// An organisation fails.
    #[arg(long, value_name = "ORG")]
    fail: Vec<String>,
    /// An organisation has another risk, 0 to 10000 basis points.
    #[arg(long, value_name = "ORG=BP", value_parser = parse_score)]
    score: Vec<(String, BasisPoints)>,
    /// An organisation supplies an even part of a need, as `GB-COH:1:PROGRAMME:KESTREL:avionics rack`.
    #[arg(long, value_name = "SUPPLIER:BUYER:ITEM", value_parser = parse_source)]
    add_source: Vec<SourceArgument>,
    /// An organisation stands by for a need: it could carry all that is required of it, at once.
    #[arg(long, value_name = "SUPPLIER:BUYER:ITEM", value_parser = parse_source)]
    dual_source: Vec<SourceArgument>,
    /// All fail of whom at least half passes through a transport corridor.
    #[arg(long, value_name = "NAME")]
    close_corridor: Vec<String>,
    /// All fail of whom at least half works in a region.
    #[arg(long, value_name = "NAME")]
    close_region: Vec<String>,
    /// Only programmes.
    #[arg(long)]
    programmes: bool,
    /// At most this many.
    #[arg(long, short = 'n', value_name = "COUNT")]
    limit: Option<NonZeroUsize>,
    /// How many scenarios are simulated.
    #[arg(long, value_name = "COUNT", default_value_t = SCENARIOS, value_parser = clap::value_parser!(u32).range(1..=MAX_SCENARIOS))]
    scenarios: u32,
}

/// A need and who would supply it.
#[derive(Clone, Debug)]
struct SourceArgument {
    supplier: String,
    buyer: String,
    item: String,
}

fn parse_source(text: &str) -> Result<SourceArgument, String> {
    let parts: Vec<&str> = text.splitn(5, ':').collect();
    match parts.as_slice() {
        [scheme, supplier, buyer_scheme, buyer, item] if !item.is_empty() => Ok(SourceArgument {
            supplier: format!("{scheme}:{supplier}"),
            buyer: format!("{buyer_scheme}:{buyer}"),
            item: (*item).to_owned(),
        }),
        _ => Err("write SUPPLIER:BUYER:ITEM with both as SCHEME:ID, as GB-COH:1:PROGRAMME:KESTREL:radar".to_owned()),
    }
}

fn parse_score(text: &str) -> Result<(String, BasisPoints), String> {
    let wrong = || format!("write SCHEME:ID=RISK with a risk from 0 to {WHOLE_BP} basis points, as GB-COH:1=9000");
    let (organisation, risk) = text.rsplit_once('=').ok_or_else(wrong)?;
    let risk_bp = risk.parse().ok().filter(|risk_bp| *risk_bp <= WHOLE_BP).ok_or_else(wrong)?;
    Ok((organisation.to_owned(), risk_bp))
}

/// A node that moves, as programs read it.
#[derive(Serialize)]
struct MovedNode {
    organisation: String,
    name: String,
    programme: bool,
    before: f64,
    after: f64,
    change: f64,
    low: f64,
    high: f64,
}

const COLUMNS: [Column<MovedNode>; 7] = [
    column("organisation", |row| row.organisation.clone()),
    column("name", |row| row.name.clone()),
    figure("before", Unit::Percent, |row| Some(hundredths(row.before))),
    figure("after", Unit::Percent, |row| Some(hundredths(row.after))),
    figure("change", Unit::Points, |row| Some(format!("{:+.2}", row.change * 100.0))),
    figure("at least", Unit::Percent, |row| Some(hundredths(row.low))),
    figure("at most", Unit::Percent, |row| Some(hundredths(row.high))),
];

impl WhatIfArgs {
    pub(super) fn run(self, config: &Path, output: Output) -> Result<Done> {
        let snapshot = snapshot(config)?;
        let mut what_if = WhatIf::of(&snapshot);
        let changes = self.fail.len()
            + self.score.len()
            + self.add_source.len()
            + self.dual_source.len()
            + self.close_corridor.len()
            + self.close_region.len();
        if changes == 0 {
            bail!(
                "nothing is otherwise: add --fail, --score, --add-source, --dual-source, --close-corridor or --close-region"
            );
        }
        self.score.iter().try_for_each(|(organisation, risk_bp)| what_if.score(organisation, *risk_bp))?;
        self.add_source.iter().try_for_each(|one| what_if.add_source(&one.supplier, &one.buyer, &one.item))?;
        self.dual_source.iter().try_for_each(|one| what_if.dual_source(&one.supplier, &one.buyer, &one.item))?;
        self.close_corridor.iter().try_for_each(|name| what_if.close_corridor(name))?;
        self.close_region.iter().try_for_each(|name| what_if.close_region(name))?;
        self.fail.iter().try_for_each(|organisation| what_if.fail(organisation))?;
        let moves = what_if.moves(Sample { scenarios: self.scenarios, ..Sample::default() });
        let moves = moves.into_iter().filter(|(name, _)| !self.programmes || name.is_programme());
        let rows: Vec<MovedNode> = moves
            .take(self.limit.map_or(usize::MAX, NonZeroUsize::get))
            .map(|(name, one)| MovedNode {
                organisation: name.to_string(),
                name: snapshot.name(name).to_owned(),
                programme: name.is_programme(),
                before: one.before.probability,
                after: one.after.probability,
                change: one.after.probability - one.before.probability,
                low: one.after.low,
                high: one.after.high,
            })
            .collect();
        print_rows(output, &rows, &COLUMNS)?;
        Ok(Done::Fine)
    }
}

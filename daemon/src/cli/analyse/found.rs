//! What was found about one programme, for programs and for people.

use super::super::{
    number::{ratio, some},
    output::{Column, column},
};
use crate::diagnostic::harmless;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fmt::{Display, Error, Write as _},
};

/// Most rows of a list in the text for people.
pub(super) const TEXT_ROWS: usize = 20;
/// Most nodes, or needs, of a single point's ways in the text for people.
const TEXT_WAYS: usize = 5;

/// The figures of one programme.
#[derive(Serialize)]
pub(super) struct ProgrammeFigures {
    pub(super) programme: String,
    pub(super) probability: f64,
    /// The 95 % interval; a single point where the answer is exact.
    pub(super) interval: [f64; 2],
    pub(super) method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scenarios: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) not_exact_because: Option<String>,
    pub(super) single_points: FigureOrReason<Vec<FoundPoint>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pairs: Option<FigureOrReason<FoundPairs>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cut_sets: Option<FigureOrReason<FoundSets>>,
    pub(super) importance: Vec<FoundImportance>,
    /// How many causes there are, shown or not.
    pub(super) causes: usize,
}

/// A figure that was asked for, or why it is unknown.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum FigureOrReason<T> {
    Known(T),
    Unknown { not_exact_because: String },
}

#[derive(Serialize)]
pub(super) struct FoundPoint {
    pub(super) id: String,
    pub(super) hidden: bool,
    pub(super) tier: u32,
    /// In days from its failure until the programme stops.
    pub(super) time_to_survive: u32,
    pub(super) recover_days: Option<u32>,
    /// Only for the first points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ways: Option<FoundWays>,
}

/// How a single point's failure comes in.
#[derive(Serialize)]
pub(super) struct FoundWays {
    /// The organisations that all ways pass through, from the programme on.
    pub(super) common: Listed<String>,
    /// Needs each of which alone would stop the failure with another source that does not fail too.
    pub(super) second_source: Listed<FoundNeed>,
    /// The programme's own needs that it leaves unmet.
    pub(super) entries: Listed<FoundNeed>,
}

/// The first items of a list, and its length.
#[derive(Serialize)]
pub(super) struct Listed<T> {
    pub(super) count: usize,
    pub(super) first: Vec<T>,
}

#[derive(Serialize)]
pub(super) struct FoundNeed {
    pub(super) node: String,
    pub(super) item: String,
}

#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct FoundPairs {
    pub(super) pairs: Vec<Vec<String>>,
    /// The length of the whole list.
    #[serde(skip)]
    pub(super) count: u128,
}

#[derive(Serialize)]
pub(super) struct FoundSets {
    pub(super) order: u64,
    /// How many there are, by order in nodes.
    pub(super) counts: BTreeMap<usize, u128>,
    pub(super) sets: Vec<Vec<String>>,
    /// Whether all are listed.
    pub(super) complete: bool,
}

#[derive(Serialize)]
pub(super) struct FoundImportance {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) shock: Option<String>,
    pub(super) birnbaum: f64,
    pub(super) fussell_vesely: f64,
}

pub(super) const COLUMNS: [Column<ProgrammeFigures>; 6] = [
    column("programme", |row| row.programme.clone()),
    column("probability", |row| row.probability.to_string()),
    column("low", |row| row.interval[0].to_string()),
    column("high", |row| row.interval[1].to_string()),
    column("method", |row| row.method.to_owned()),
    column("single_points", |row| match &row.single_points {
        FigureOrReason::Known(points) => points.iter().map(|point| point.id.as_str()).collect::<Vec<_>>().join(" "),
        FigureOrReason::Unknown { not_exact_because } => not_exact_because.clone(),
    }),
];

/// The text for people.
pub(super) fn text(found: &ProgrammeFigures) -> Result<String, Error> {
    let mut text = String::new();
    let [low, high] = found.interval.map(|end| ratio(end, 6));
    writeln!(text, "{}", harmless::line(&found.programme))?;
    let probability = ratio(found.probability, 6);
    match &found.not_exact_because {
        None => writeln!(text, "  is down with probability {probability} (exact)")?,
        Some(why) => {
            let scenarios = found.scenarios.unwrap_or_default();
            writeln!(text, "  is down with probability {probability}, 95 % interval {low} to {high}")?;
            writeln!(text, "  ({scenarios} scenarios; {why})")?;
        }
    }
    match &found.single_points {
        FigureOrReason::Unknown { not_exact_because } => {
            writeln!(text, "  single points of failure: {not_exact_because}")?
        }
        FigureOrReason::Known(points) => {
            writeln!(text, "  single points of failure: {}", points.len())?;
            points.iter().take(TEXT_ROWS).try_for_each(|point| write_point(&mut text, point))?;
            write_more(&mut text, points.len())?;
        }
    }
    match &found.pairs {
        None => {}
        Some(FigureOrReason::Unknown { not_exact_because }) => writeln!(text, "  pairs: {not_exact_because}")?,
        Some(FigureOrReason::Known(FoundPairs { pairs, count })) => {
            writeln!(text, "  pairs: {count}")?;
            for pair in pairs.iter().take(TEXT_ROWS) {
                writeln!(text, "    {}", harmless::line(&pair.join(" and ")))?;
            }
            write_more(&mut text, usize::try_from(*count).unwrap_or(usize::MAX))?;
        }
    }
    match &found.cut_sets {
        None => {}
        Some(FigureOrReason::Unknown { not_exact_because }) => {
            writeln!(text, "  minimal cut sets: {not_exact_because}")?
        }
        Some(FigureOrReason::Known(sets)) => {
            for (order, count) in &sets.counts {
                writeln!(text, "  minimal cut sets of order {order}: {count}")?;
            }
        }
    }
    write_importance(&mut text, found)?;
    Ok(text)
}

fn write_point(text: &mut String, point: &FoundPoint) -> Result<(), Error> {
    let hidden = if point.hidden { "hidden, " } else { "" };
    let id = harmless::line(&point.id);
    writeln!(text, "    {id}: {hidden}tier {}, {} days", point.tier, point.time_to_survive)?;
    let Some(ways) = &point.ways else { return Ok(()) };
    if ways.common.count > 0 {
        writeln!(text, "      every way passes {}", ways.common.text(" < "))?;
    }
    if ways.second_source.count > 0 {
        writeln!(text, "      a second source stops it at {}", ways.second_source.text(" or "))
    } else {
        writeln!(text, "      no second source alone stops it: it comes in by {}", ways.entries.text(" and "))
    }
}

fn write_importance(text: &mut String, found: &ProgrammeFigures) -> Result<(), Error> {
    if found.importance.is_empty() {
        return Ok(());
    }
    writeln!(text, "  most important (Fussell-Vesely, Birnbaum)")?;
    for one in &found.importance {
        let cause = one.id.clone().or_else(|| one.shock.as_ref().map(|shock| format!("shock {shock}")));
        let (part, slope) = (ratio(one.fussell_vesely, 4), ratio(one.birnbaum, 4));
        writeln!(text, "    {}: {part}, {slope}", harmless::line(&cause.unwrap_or_default()))?;
    }
    match found.causes - found.importance.len() {
        0 => Ok(()),
        more => writeln!(text, "    and {more} more"),
    }
}

fn write_more(text: &mut String, count: usize) -> Result<(), Error> {
    match count.checked_sub(TEXT_ROWS) {
        None | Some(0) => Ok(()),
        Some(more) => writeln!(text, "    and {more} more"),
    }
}

impl<T: Display> Listed<T> {
    fn text(&self, joined: &str) -> String {
        let shown: Vec<String> = self.first.iter().take(TEXT_WAYS).map(T::to_string).collect();
        harmless::line(&some(&shown, self.count, joined)).into_owned()
    }
}

impl Display for FoundNeed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { node, item } = self;
        if item.is_empty() { write!(formatter, "{node}") } else { write!(formatter, "{node} ({item})") }
    }
}

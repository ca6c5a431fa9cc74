//! `tierwatch programmes`

use super::{
    analyse::{NetworkFile, NetworkWords},
    common::snapshot,
    done::Done,
    number::{more, ratio},
    output::{Column, Output, Page, Unit, column, figure, hundredths, lines, print_json, print_rows},
    wire::ExposureLine,
};
use crate::{
    analysis::snapshot::Snapshot,
    model::{Organisation, facts::NeedFacts},
    network::{NeedOf, UpstreamOf, attribution::RootCause, exposure::Sample, graph::NodeIx},
    scoring::likelihood::{RootPart, asked, within},
};
use anyhow::Result;
use serde::Serialize;
use std::path::Path;

/// Most roots that are listed: each costs two simulations.
const MAX_ROOTS_SHOWN: usize = 10;
/// Most organisations, or needs, of a single point's ways in the text for people.
const MAX_WAYS_SHOWN: usize = 5;

/// Say how likely each programme is down, and what brings it down.
#[derive(Debug, clap::Args)]
pub(super) struct Programmes {
    /// One programme, with its single points and what is behind its exposure; all of them when absent.
    programme: Option<String>,
    /// Print what stands behind the programme as a network file for `tierwatch analyse`: who needs what from whom, how
    /// likely each fails by itself, the common shocks.
    #[arg(long, requires = "programme")]
    network: bool,
    /// Which table of the programme CSV has: a file has one.
    #[arg(long, value_enum, default_value_t, requires = "programme")]
    table: Which,
}

/// A table about one programme.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Which {
    /// Who alone brings it down.
    #[default]
    SinglePoints,
    /// What it needs, and how concentrated that is.
    Needs,
    /// What is behind its exposure.
    Roots,
}

/// One programme, as programs read it.
#[derive(Serialize)]
struct Programme {
    programme: String,
    /// 1 (least) to 5 (most); null when nobody says.
    criticality: Option<u8>,
    /// Null when nothing can be said of it.
    exposure: Option<ExposureLine>,
    single_points: Vec<SinglePointLine>,
    /// What it needs, and how concentrated that is in hands and places.
    needs: Vec<NeedFacts>,
    /// Empty unless one programme is asked for.
    roots: Vec<RootLine>,
}

#[derive(Serialize)]
struct SinglePointLine {
    organisation: String,
    name: String,
    hidden: bool,
    tier: u32,
    survives_days: u32,
    /// Null when nobody attests it.
    recover_days: Option<u32>,
    /// For how long the programme is down when it recovers in that time; null when nobody attests it.
    down_days: Option<u32>,
    /// Null unless one programme is asked for.
    ways: Option<WaysLine>,
}

/// How a single point's failure comes in.
#[derive(Serialize)]
struct WaysLine {
    /// The organisations that all ways pass through, from the programme on.
    common: Vec<String>,
    /// Needs each of which alone would stop the failure with another source that does not fail too.
    second_source: Vec<NeedLine>,
    /// The programme's own needs that it leaves unmet.
    entries: Vec<NeedLine>,
}

#[derive(Serialize)]
struct NeedLine {
    buyer: String,
    item: String,
}

/// What is behind an exposure: an organisation that fails by itself, or a shock.
#[derive(Serialize)]
struct RootLine {
    root: String,
    name: String,
    attributed: f64,
    birnbaum: f64,
    fussell_vesely: f64,
}

const COLUMNS: [Column<Programme>; 8] = [
    column("programme", |row| row.programme.clone()),
    column("criticality", |row| row.criticality.map(|criticality| criticality.to_string()).unwrap_or_default()),
    figure("down", Unit::Percent, |row| row.exposure.as_ref().map(|exposure| hundredths(exposure.probability))),
    figure("at least", Unit::Percent, |row| row.exposure.as_ref().map(|exposure| hundredths(exposure.low))),
    figure("at most", Unit::Percent, |row| row.exposure.as_ref().map(|exposure| hundredths(exposure.high))),
    figure("method", Unit::None, |row| row.exposure.as_ref().map(|exposure| exposure.method.to_owned())),
    column("single points", |row| row.single_points.len().to_string()),
    column("hidden", |row| row.single_points.iter().filter(|point| point.hidden).count().to_string()),
];

const HIDDEN: Column<SinglePointLine> = column("hidden", |row| if row.hidden { "hidden" } else { "" }.to_owned());
const TIER: Column<SinglePointLine> = column("tier", |row| row.tier.to_string());
const SURVIVES: Column<SinglePointLine> = figure("survives", Unit::Days, |row| Some(row.survives_days.to_string()));
const RECOVERS: Column<SinglePointLine> =
    figure("recovers", Unit::Days, |row| row.recover_days.map(|days| days.to_string()));
const DOWN: Column<SinglePointLine> = figure("down for", Unit::Days, |row| row.down_days.map(|days| days.to_string()));
const PASSES: Column<SinglePointLine> =
    lines("every way passes", |row| row.ways.as_ref().map(WaysLine::common).unwrap_or_default());
const STOPS: Column<SinglePointLine> =
    lines("a second source stops it at", |row| row.ways.as_ref().map(WaysLine::second_source).unwrap_or_default());

const POINTS: [Column<SinglePointLine>; 8] = [
    lines("organisation", |row| vec![row.organisation.clone(), row.name.clone()]),
    HIDDEN,
    TIER,
    SURVIVES,
    RECOVERS,
    DOWN,
    PASSES,
    STOPS,
];

/// For programs: a cell has one value.
const POINTS_CSV: [Column<SinglePointLine>; 9] = [
    column("organisation", |row| row.organisation.clone()),
    column("name", |row| row.name.clone()),
    HIDDEN,
    TIER,
    SURVIVES,
    RECOVERS,
    DOWN,
    PASSES,
    STOPS,
];

impl WaysLine {
    fn common(&self) -> Vec<String> {
        let shown: Vec<String> = self.common.iter().take(MAX_WAYS_SHOWN).cloned().collect();
        if shown.is_empty() { vec!["-".to_owned()] } else { more(shown, self.common.len()) }
    }

    fn second_source(&self) -> Vec<String> {
        let list = |needs: &[NeedLine]| {
            let line = |need: &NeedLine| format!("{} for {}", need.item, need.buyer);
            more(needs.iter().take(MAX_WAYS_SHOWN).map(line).collect(), needs.len())
        };
        if self.second_source.is_empty() {
            return [vec!["no need alone; it comes in by".to_owned()], list(&self.entries)].concat();
        }
        list(&self.second_source)
    }
}

const NEEDS: [Column<NeedFacts>; 8] = [
    column("item", |need| need.item.to_string()),
    column("class", |need| need.class.as_str().to_owned()),
    column("sources", |need| need.sources.len().to_string()),
    figure("stock", Unit::Days, |need| Some(need.buffer_days.to_string())),
    column("HHI by parent", |need| need.hhi_bp.to_string()),
    column("by region", |need| need.region_hhi_bp.to_string()),
    column("by corridor", |need| need.corridor_hhi_bp.to_string()),
    column("by country", |need| need.country_hhi_bp.to_string()),
];

const ROOTS: [Column<RootLine>; 5] = [
    column("root", |row| row.root.clone()),
    column("name", |row| row.name.clone()),
    figure("attributed", Unit::Percent, |row| Some(hundredths(row.attributed))),
    column("Birnbaum", |row| ratio(row.birnbaum, 4)),
    column("Fussell–Vesely", |row| ratio(row.fussell_vesely, 4)),
];

impl Programmes {
    pub(super) fn run(self, config: &Path, output: Output) -> Result<Done> {
        let snapshot = snapshot(config)?;
        let Some(wanted) = self.programme else {
            let rows: Vec<Programme> =
                snapshot.programmes().into_iter().map(|(name, _)| programme(&snapshot, &name, None)).collect();
            print_rows(output, &rows, &COLUMNS)?;
            return Ok(Done::Fine);
        };
        let (name, node) = snapshot.find(&wanted)?;
        if self.network {
            let hazards = snapshot.fleet().exposures().hazards();
            print_json(&NetworkFile::behind(snapshot.network().graph(), node, hazards, &snapshot))?;
            return Ok(Done::Fine);
        }
        let one = programme(&snapshot, &name, Some(node));
        match output {
            Output::Json => print_json(&one)?,
            Output::Csv => match self.table {
                Which::SinglePoints => print_rows(output, &one.single_points, &POINTS_CSV)?,
                Which::Needs => print_rows(output, &one.needs, &NEEDS)?,
                Which::Roots => print_rows(output, &one.roots, &ROOTS)?,
            },
            Output::Table => describe(&one)?,
        }
        Ok(Done::Fine)
    }
}

impl NetworkWords for Snapshot {
    fn id(&self, node: NodeIx) -> String {
        self.network().organisation(node).to_string()
    }

    fn recover_days(&self, node: NodeIx) -> Option<u32> {
        self.profile(self.network().organisation(node))?.recover_days
    }

    fn item(&self, item: u32) -> String {
        self.network().item_name(item).to_string()
    }

    fn shock(&self, index: usize) -> String {
        let shock = self.fleet().exposures().shock(index);
        shock.map_or_else(String::new, |(kind, name)| format!("{kind} {name}"))
    }
}

/// One programme; with its node also its exact exposure and what is behind it.
fn programme(snapshot: &Snapshot, name: &Organisation, node: Option<NodeIx>) -> Programme {
    let mut exposure = snapshot.exposure(name).cloned();
    let mut roots = Vec::new();
    if let Some(node) = node {
        let hazards = snapshot.fleet().exposures().hazards();
        let (likelihood, parts) = asked(snapshot.network().graph(), node, hazards, Sample::default(), MAX_ROOTS_SHOWN);
        exposure = exposure.map(|stored| within(stored.horizon_days, likelihood));
        roots = root_lines(snapshot, parts);
    }
    let behind = node.map(|node| UpstreamOf::of(snapshot.network().graph(), node));
    let points = snapshot.network().single_points(name).into_iter().map(|point| {
        let recover_days = snapshot.profile(&point.organisation).and_then(|profile| profile.recover_days);
        let its_node = snapshot.network().node(&point.organisation);
        SinglePointLine {
            name: snapshot.name(&point.organisation).to_owned(),
            hidden: point.is_hidden,
            tier: point.tier,
            survives_days: point.survives_days,
            recover_days,
            down_days: recover_days.map(|days| days.saturating_sub(point.survives_days)),
            ways: behind.as_ref().zip(its_node).map(|(behind, point)| ways(snapshot, behind, point)),
            organisation: point.organisation.to_string(),
        }
    });
    Programme {
        programme: name.to_string(),
        criticality: snapshot.network().criticality(name),
        exposure: exposure.as_ref().map(ExposureLine::of),
        single_points: points.collect(),
        needs: snapshot.facts(name).needs.clone(),
        roots,
    }
}

fn ways(snapshot: &Snapshot, behind: &UpstreamOf<'_>, point: NodeIx) -> WaysLine {
    let found = behind.ways(point);
    let need = |need: &NeedOf| NeedLine { buyer: snapshot.id(need.node), item: snapshot.item(need.item) };
    WaysLine {
        common: found.common.iter().map(|node| snapshot.id(*node)).collect(),
        second_source: found.second_source.iter().map(need).collect(),
        entries: found.entries.iter().map(need).collect(),
    }
}

fn root_lines(snapshot: &Snapshot, parts: Vec<RootPart>) -> Vec<RootLine> {
    let exposures = snapshot.fleet().exposures();
    let line = |part: RootPart| {
        let (root, name) = match part.root {
            RootCause::Node(node) => {
                let organisation = snapshot.network().organisation(node);
                (organisation.to_string(), snapshot.name(organisation).to_owned())
            }
            RootCause::Shock(index) => match exposures.shock(index) {
                Some((kind, name)) => (format!("{kind} {name}"), "a shock".to_owned()),
                None => ("a shock".to_owned(), String::new()),
            },
        };
        let RootPart { attributed, birnbaum, fussell_vesely, .. } = part;
        RootLine { root, name, attributed, birnbaum, fussell_vesely }
    };
    parts.into_iter().map(line).collect()
}

/// Prints one programme for people.
fn describe(one: &Programme) -> Result<()> {
    let mut page = Page::default();
    let exposure = one.exposure.as_ref().map(ExposureLine::sentence).unwrap_or_default();
    page.line(format_args!("{}  {exposure}", one.programme));
    page.gap();
    page.line("single points of failure");
    page.rows(&one.single_points, &POINTS);
    page.gap();
    page.line("what it needs, and how concentrated that is");
    page.rows(&one.needs, &NEEDS);
    page.gap();
    page.line("what is behind the probability");
    page.rows(&one.roots, &ROOTS);
    page.print()
}

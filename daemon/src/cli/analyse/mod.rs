//! `tierwatch analyse`

mod file;

use super::{
    Done,
    output::{Column, Output, column, print_json, print_rows, print_text},
};
use crate::network::{
    attribution::Root,
    cuts::{CutSet, minimal_cut_sets},
    exact::{CutSets, DIAGRAM_NODES, Effort, Exact, NotExact, cut_sets, exact},
    exposure::{SCENARIOS, Sample, exposure_of},
    graph::NodeIx,
    single_points,
};
use anyhow::{Result, bail};
use file::Plain;
pub(super) use file::{Wire, Words};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::PathBuf,
    time::{Duration, Instant},
};

/// Cut sets listed of one programme; all are counted.
const CUT_SETS_LISTED_MAX: usize = 100_000;
/// Rows of a list in the text for people.
const TEXT_ROWS: usize = 20;
/// Highest order of cut sets that can be counted.
const ORDER_MAX: u64 = 64;
/// Most scenarios of a simulation.
const SCENARIOS_MAX: i64 = 1 << 24;

/// What the file must look like, in `--help`.
const FILE_HELP: &str = r#"The file:
  {"nodes": [{"id": "A", "probability": 0.1, "recover_days": 30}, {"id": "B"}],
   "needs": [{"node": "P", "item": "X", "required_share_bp": 6000, "buffer_days": 10,
              "sources": [{"node": "A", "share_bp": 6000}, {"node": "B", "share_bp": 4000, "active": true, "switch_days": 0}]}],
   "shocks": [{"name": "M6 closed", "probability": 0.02, "nodes": ["A", "B"]}],
   "programmes": ["P"]}
Without required_share_bp any one source meets a need; without share_bp sources are equal. An idle source (active false)
counts if it is qualified and its switch_days are within buffer_days. A node without a probability does not fail by itself.
Cut sets are made of the nodes with a probability, or of all nodes where none has one."#;

/// Analyse a supply network in a plain file: no daemon, no store.
#[derive(Debug, clap::Args)]
#[command(after_help = FILE_HELP)]
pub(super) struct Analyse {
    /// The network, as JSON; `-` for standard input.
    file: PathBuf,
    /// List the pairs too: two nodes whose failure together brings a programme down, and neither's alone.
    #[arg(long)]
    pairs: bool,
    /// Count, and list, the minimal cut sets of up to so many nodes.
    #[arg(long, value_name = "ORDER", value_parser = clap::value_parser!(u64).range(1..=ORDER_MAX))]
    cut_sets: Option<u64>,
    /// Causes shown by importance, of each programme.
    #[arg(long, value_name = "COUNT", default_value_t = 10)]
    importance: usize,
    /// Scenarios of the simulation where there is no exact answer.
    #[arg(long, value_name = "COUNT", default_value_t = SCENARIOS, value_parser = clap::value_parser!(u32).range(1..=SCENARIOS_MAX))]
    scenarios: u32,
    /// Which series of random numbers the simulation takes.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
    /// Fail where there is no exact answer, instead of simulating.
    #[arg(long)]
    exact_only: bool,
    /// Seconds that may be spent on the exact answers of one programme.
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0, value_parser = seconds)]
    time_limit: f64,
    /// Nodes that one decision diagram may have; some 40 bytes each.
    #[arg(long, value_name = "COUNT", default_value_t = DIAGRAM_NODES, value_parser = nodes)]
    node_limit: usize,
}

fn seconds(text: &str) -> Result<f64, String> {
    let wrong = || "write a number of seconds from 0 to 1000000".to_owned();
    text.parse().ok().filter(|seconds| (0.0..=1e6).contains(seconds)).ok_or_else(wrong)
}

fn nodes(text: &str) -> Result<usize, String> {
    let wrong = || "write a whole number from 1 to 268435456".to_owned();
    text.parse().ok().filter(|nodes| (1..=1 << 28).contains(nodes)).ok_or_else(wrong)
}

/// What was found of one programme.
#[derive(Serialize)]
struct Found {
    programme: String,
    probability: f64,
    /// 95 %; of one point where the answer is exact.
    interval: [f64; 2],
    method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scenarios: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_exact_because: Option<String>,
    single_points: Vec<FoundPoint>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pairs: Option<Told<Vec<Vec<String>>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cut_sets: Option<Told<FoundSets>>,
    importance: Vec<FoundImportance>,
}

/// What was asked for, or why it cannot be told.
#[derive(Serialize)]
#[serde(untagged)]
enum Told<T> {
    Known(T),
    Unknown { not_exact_because: String },
}

#[derive(Serialize)]
struct FoundPoint {
    id: String,
    hidden: bool,
    tier: usize,
    path: Vec<String>,
    /// Days.
    time_to_survive: u32,
    recover_days: Option<u32>,
}

#[derive(Serialize)]
struct FoundSets {
    order: u64,
    /// By order.
    counts: BTreeMap<usize, u128>,
    sets: Vec<Vec<String>>,
    /// Whether all are listed.
    complete: bool,
}

#[derive(Serialize)]
struct FoundImportance {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shock: Option<String>,
    birnbaum: f64,
    fussell_vesely: f64,
}

const COLUMNS: [Column<Found>; 6] = [
    column("programme", |row| row.programme.clone()),
    column("probability", |row| row.probability.to_string()),
    column("low", |row| row.interval[0].to_string()),
    column("high", |row| row.interval[1].to_string()),
    column("method", |row| row.method.to_owned()),
    column("single_points", |row| {
        row.single_points.iter().map(|point| point.id.as_str()).collect::<Vec<_>>().join(" ")
    }),
];

impl Analyse {
    pub(super) fn run(self, output: Output) -> Result<Done> {
        let plain = Plain::read(&self.file)?;
        let found = plain.programmes.iter().map(|programme| self.programme(&plain, *programme));
        let found: Vec<Found> = found.collect::<Result<_>>()?;
        match output {
            Output::Json => print_json(&found)?,
            Output::Csv => print_rows(output, &found, &COLUMNS)?,
            Output::Table => print_text(&found.iter().map(text).collect::<Result<Vec<_>, _>>()?.join("\n"))?,
        }
        Ok(Done::Fine)
    }

    fn programme(&self, plain: &Plain, programme: NodeIx) -> Result<Found> {
        let started = Instant::now();
        let limit = Duration::from_secs_f64(self.time_limit);
        let give_up = move || started.elapsed() > limit;
        let effort = Effort { nodes: self.node_limit, give_up: &give_up };
        let answer = exact(&plain.graph, programme, &plain.hazards, effort);
        let points = single_points(&plain.graph, programme, |node| &plain.ids[node as usize]);
        let ids = |nodes: &[NodeIx]| nodes.iter().map(|node| plain.ids[*node as usize].clone()).collect::<Vec<_>>();
        let mut found = Found {
            programme: plain.ids[programme as usize].clone(),
            probability: 0.0,
            interval: [0.0, 0.0],
            method: "exact",
            scenarios: None,
            not_exact_because: None,
            single_points: points
                .into_iter()
                .map(|point| FoundPoint {
                    id: plain.ids[point.node as usize].clone(),
                    hidden: point.is_hidden,
                    tier: point.path.len(),
                    path: ids(&point.path),
                    time_to_survive: point.survives_days,
                    recover_days: plain.recover_days[point.node as usize],
                })
                .collect(),
            pairs: None,
            cut_sets: None,
            importance: Vec::new(),
        };
        self.answer(&mut found, plain, programme, answer)?;
        if self.pairs {
            let sets = minimal_cut_sets(&plain.graph, programme, 2).map_err(|why| why.to_string());
            let pairs =
                |sets: Vec<CutSet>| sets.iter().filter(|set| set.len() == 2).map(|set| sorted(ids(set))).collect();
            found.pairs = Some(self.told(&found.programme, sets.map(pairs))?);
        }
        if let Some(order) = self.cut_sets {
            let counted = count(plain, programme, usize::try_from(order)?, effort);
            let sets = |CutSets { counts, sets }: CutSets| {
                let whole: u128 = counts.iter().fold(0, |sum, count| sum.saturating_add(*count));
                let complete = whole == sets.len() as u128;
                let sets = sets.iter().map(|set| sorted(ids(set))).collect();
                FoundSets { order, complete, counts: (1..).zip(counts).collect(), sets }
            };
            let counted = counted.map(sets).map_err(|why| format!("not exact because {why}"));
            found.cut_sets = Some(self.told(&found.programme, counted)?);
        }
        Ok(found)
    }

    /// What is not known is told beside what is, unless only exact answers will do.
    fn told<T>(&self, programme: &str, found: Result<T, String>) -> Result<Told<T>> {
        match found {
            Ok(found) => Ok(Told::Known(found)),
            Err(why) if self.exact_only => bail!("{programme}: {why}, or leave out --exact-only"),
            Err(not_exact_because) => Ok(Told::Unknown { not_exact_because }),
        }
    }

    fn answer(
        &self,
        found: &mut Found,
        plain: &Plain,
        programme: NodeIx,
        answer: Result<Exact, NotExact>,
    ) -> Result<()> {
        match answer {
            Ok(Exact { probability, importance }) => {
                found.probability = probability;
                found.interval = [probability, probability];
                let shown = importance.into_iter().take(self.importance).map(|one| {
                    let (id, shock) = match one.root {
                        Root::Node(node) => (Some(plain.ids[node as usize].clone()), None),
                        Root::Shock(shock) => (None, Some(plain.shocks[shock].clone())),
                    };
                    FoundImportance { id, shock, birnbaum: one.birnbaum, fussell_vesely: one.fussell_vesely }
                });
                found.importance = shown.collect();
            }
            Err(why) if self.exact_only => {
                bail!("{} is not exact because {why}, or leave out --exact-only", found.programme);
            }
            Err(why) => {
                let sample = Sample { scenarios: self.scenarios, seed: self.seed };
                let estimate = exposure_of(&plain.graph, [programme], &plain.hazards, sample).estimate(programme);
                found.probability = estimate.probability;
                found.interval = [estimate.low, estimate.high];
                found.method = "monte-carlo";
                found.scenarios = Some(self.scenarios);
                found.not_exact_because = Some(format!("not exact because {why}"));
            }
        }
        Ok(())
    }
}

/// The cut sets of `programme` among those who can fail: those with a probability, or all where none has one.
fn count(plain: &Plain, programme: NodeIx, order: usize, effort: Effort<'_>) -> Result<CutSets, NotExact> {
    let stated = plain.hazards.own.iter().any(|hazard| hazard.probability > 0.0);
    let can_fail = |node: NodeIx| !stated || plain.hazards.own[node as usize].probability > 0.0;
    cut_sets(&plain.graph, programme, &can_fail, order, CUT_SETS_LISTED_MAX, effort)
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

/// One programme for people.
fn text(found: &Found) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    let [low, high] = found.interval;
    writeln!(text, "{}", found.programme)?;
    match &found.not_exact_because {
        None => writeln!(text, "  is down with probability {:.6} (exact)", found.probability)?,
        Some(why) => {
            let scenarios = found.scenarios.unwrap_or_default();
            writeln!(text, "  is down with probability {:.6}, 95 % interval {low:.6} to {high:.6}", found.probability)?;
            writeln!(text, "  ({scenarios} scenarios; {why})")?;
        }
    }
    writeln!(text, "  single points of failure: {}", found.single_points.len())?;
    for point in found.single_points.iter().take(TEXT_ROWS) {
        let hidden = if point.hidden { "hidden, " } else { "" };
        let days = point.time_to_survive;
        writeln!(text, "    {}: {hidden}tier {}, {days} days, by {}", point.id, point.tier, point.path.join(" < "))?;
    }
    match &found.pairs {
        None => {}
        Some(Told::Unknown { not_exact_because }) => writeln!(text, "  pairs: {not_exact_because}")?,
        Some(Told::Known(pairs)) => {
            writeln!(text, "  pairs: {}", pairs.len())?;
            for pair in pairs.iter().take(TEXT_ROWS) {
                writeln!(text, "    {}", pair.join(" and "))?;
            }
        }
    }
    match &found.cut_sets {
        None => {}
        Some(Told::Unknown { not_exact_because }) => writeln!(text, "  minimal cut sets: {not_exact_because}")?,
        Some(Told::Known(sets)) => {
            for (order, count) in &sets.counts {
                writeln!(text, "  minimal cut sets of order {order}: {count}")?;
            }
        }
    }
    if !found.importance.is_empty() {
        writeln!(text, "  most important (Fussell-Vesely, Birnbaum)")?;
    }
    for one in &found.importance {
        let cause = one.id.clone().or_else(|| one.shock.as_ref().map(|shock| format!("shock {shock}")));
        writeln!(text, "    {}: {:.4}, {:.4}", cause.unwrap_or_default(), one.fussell_vesely, one.birnbaum)?;
    }
    Ok(text)
}

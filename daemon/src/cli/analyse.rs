//! `tierwatch analyse`

mod file;
mod found;

use super::{
    done::Done,
    output::{Output, print_json, print_rows, print_text},
};
use crate::network::{
    NeedOf, SinglePointNode, UpstreamOf, Ways,
    attribution::RootCause,
    cuts::{CutSet, NoCutSets, minimal_cut_sets},
    exact::{Budget, CutSets, DIAGRAM_NODES, Exact, NotExact, cut_sets, exact},
    exposure::{SCENARIOS, Sample, exposure_of},
    graph::NodeIx,
};
use anyhow::{Result, bail};
use file::CheckedNetwork;
pub(super) use file::{NetworkFile, NetworkWords};
use found::{
    COLUMNS, FigureOrReason, FoundImportance, FoundNeed, FoundPairs, FoundPoint, FoundSets, FoundWays, Listed,
    ProgrammeFigures, TEXT_ROWS, text,
};
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

/// Most cut sets of one programme that are listed; all are counted.
const MAX_CUT_SETS_LISTED: usize = 100_000;
/// For how many single points, the first ones, it is shown how their failure comes in.
const MAX_WAYS_TOLD: usize = 100;
/// Most nodes, or needs, of one single point's ways that are listed; all are counted.
const MAX_WAYS_LISTED: usize = 100;
/// The parts of the time limit that may be spent on how single points come in, and on pairs.
const SHARE_OF_WAYS: f64 = 0.25;
const SHARE_OF_PAIRS: f64 = 0.5;
/// Nodes of the small diagrams that are tried first for pairs.
const PAIR_NODES: usize = 1 << 14;
/// Most nodes of a diagram that can be asked for.
const MAX_NODES: usize = 1 << 28;
/// Longest time limit, in seconds.
const MAX_SECONDS: f64 = 1e6;
/// Highest order of cut sets that can be counted.
const MAX_ORDER: u64 = 64;
/// Most scenarios of a simulation.
const MAX_SCENARIOS: i64 = 1 << 24;

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
    #[arg(long, value_name = "ORDER", value_parser = clap::value_parser!(u64).range(1..=MAX_ORDER))]
    cut_sets: Option<u64>,
    /// Causes shown by importance, of each programme.
    #[arg(long, value_name = "COUNT", default_value_t = 10)]
    importance: usize,
    /// Scenarios of the simulation where there is no exact answer.
    #[arg(long, value_name = "COUNT", default_value_t = SCENARIOS, value_parser = clap::value_parser!(u32).range(1..=MAX_SCENARIOS))]
    scenarios: u32,
    /// Which series of random numbers the simulation takes.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
    /// Fail where there is no exact answer, instead of simulating.
    #[arg(long)]
    exact_only: bool,
    /// Seconds that may be spent on one programme before it is simulated: its single points and how they come in, its pairs,
    /// its probability, its cut sets.
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0, value_parser = seconds)]
    time_limit: f64,
    /// Nodes that one decision diagram may have; up to some 120 bytes each, with all that is made of it.
    #[arg(long, value_name = "COUNT", default_value_t = DIAGRAM_NODES, value_parser = nodes)]
    node_limit: usize,
}

fn seconds(text: &str) -> Result<f64, String> {
    let wrong = || format!("write a number of seconds from 0 to {MAX_SECONDS}");
    text.parse().ok().filter(|seconds| (0.0..=MAX_SECONDS).contains(seconds)).ok_or_else(wrong)
}

fn nodes(text: &str) -> Result<usize, String> {
    let wrong = || format!("write a whole number from 1 to {MAX_NODES}");
    text.parse().ok().filter(|nodes| (1..=MAX_NODES).contains(nodes)).ok_or_else(wrong)
}

impl Analyse {
    pub(super) fn run(self, output: Output) -> Result<Done> {
        let plain = CheckedNetwork::read(&self.file)?;
        let found = plain.programmes.iter().map(|programme| self.programme(&plain, *programme, output));
        let found: Vec<ProgrammeFigures> = found.collect::<Result<_>>()?;
        match output {
            Output::Json => print_json(&found)?,
            Output::Csv => print_rows(output, &found, &COLUMNS)?,
            Output::Table => print_text(&found.iter().map(text).collect::<Result<Vec<_>, _>>()?.join("\n"))?,
        }
        Ok(Done::Fine)
    }

    fn programme(&self, plain: &CheckedNetwork, programme: NodeIx, output: Output) -> Result<ProgrammeFigures> {
        let clock = TimeLimit { started: Instant::now(), limit: Duration::from_secs_f64(self.time_limit) };
        let give_up = move || clock.is_over(1.0);
        let budget = Budget { nodes: self.node_limit, give_up: &give_up };
        let name = plain.ids[programme as usize].clone();
        let single_points = self.points(plain, programme, clock, output);
        let single_points = self.told(&name, single_points)?;
        let pairs = self.pairs.then(|| self.told(&name, self.pairs(plain, programme, clock))).transpose()?;
        let mut found = ProgrammeFigures {
            programme: name,
            probability: 0.0,
            interval: [0.0, 0.0],
            method: "exact",
            scenarios: None,
            not_exact_because: None,
            single_points,
            pairs,
            cut_sets: None,
            importance: Vec::new(),
            causes: 0,
        };
        self.answer(&mut found, plain, programme, exact(&plain.graph, programme, &plain.hazards, budget))?;
        if let Some(order) = self.cut_sets {
            let counted = count(plain, programme, usize::try_from(order)?, budget);
            let sets = |CutSets { counts, sets }: CutSets| {
                let whole: u128 = counts.iter().fold(0, |sum, count| sum.saturating_add(*count));
                let complete = whole == sets.len() as u128;
                let sets = sets.iter().map(|set| plain.sorted(set)).collect();
                FoundSets { order, complete, counts: (1..).zip(counts).collect(), sets }
            };
            let counted = counted.map(sets).map_err(|why| self.because(why));
            found.cut_sets = Some(self.told(&found.programme, counted)?);
        }
        Ok(found)
    }

    /// The single points, and how the first of them come in.
    fn points(
        &self,
        plain: &CheckedNetwork,
        programme: NodeIx,
        clock: TimeLimit,
        output: Output,
    ) -> Result<Vec<FoundPoint>, String> {
        let behind = UpstreamOf::of(&plain.graph, programme);
        let found = behind.single_points(|node| &plain.ids[node as usize], &|| clock.is_over(1.0));
        let found = found.map_err(|_| self.because(NotExact::GivenUp))?;
        let told = if output == Output::Table { TEXT_ROWS } else { MAX_WAYS_TOLD };
        let point = |(number, point): (usize, SinglePointNode)| {
            let is_told = number < told && !clock.is_over(SHARE_OF_WAYS);
            FoundPoint {
                id: plain.ids[point.node as usize].clone(),
                hidden: point.is_hidden,
                tier: point.tier,
                time_to_survive: point.survives_days,
                recover_days: plain.recover_days[point.node as usize],
                ways: is_told.then(|| plain.ways(behind.ways(point.node))),
            }
        };
        Ok(found.into_iter().enumerate().map(point).collect())
    }

    /// The pairs: by small diagrams first, then by trying sets, and where these are too many, by diagrams of any size.
    fn pairs(&self, plain: &CheckedNetwork, programme: NodeIx, clock: TimeLimit) -> Result<FoundPairs, String> {
        let give_up = move || clock.is_over(SHARE_OF_PAIRS);
        let pairs = |sets: &[CutSet]| -> Vec<Vec<String>> {
            sets.iter().filter(|set| set.len() == 2).map(|set| plain.sorted(set)).collect()
        };
        let by_diagrams = |nodes| {
            let budget = Budget { nodes, give_up: &give_up };
            let CutSets { counts, sets } =
                cut_sets(&plain.graph, programme, &|_| true, 2, MAX_CUT_SETS_LISTED, budget)?;
            Ok(FoundPairs { pairs: pairs(&sets), count: counts.get(1).copied().unwrap_or_default() })
        };
        let few_nodes = self.node_limit.min(PAIR_NODES);
        let found = match by_diagrams(few_nodes) {
            Err(NotExact::Nodes { .. }) => match minimal_cut_sets(&plain.graph, programme, 2, &give_up) {
                Ok(sets) => {
                    let pairs = pairs(&sets);
                    Ok(FoundPairs { count: pairs.len() as u128, pairs })
                }
                Err(NoCutSets::GivenUp) => Err(NotExact::GivenUp),
                Err(NoCutSets::TooMany { .. } | NoCutSets::Order { .. }) => by_diagrams(self.node_limit),
            },
            found => found,
        };
        found.map_err(|why| self.because(why))
    }

    /// Why there is no exact answer, and what can be done about it.
    fn because(&self, why: NotExact) -> String {
        let fix = match why {
            NotExact::Nodes { .. } if self.node_limit < MAX_NODES => "raise --node-limit",
            NotExact::GivenUp if self.time_limit < MAX_SECONDS => "raise --time-limit",
            NotExact::Stack => "free some",
            _ => "ask about a smaller part",
        };
        format!("not exact because {why}: {fix}")
    }

    /// Shows why a figure is unknown beside the known ones, or fails if only exact answers will do.
    fn told<T>(&self, programme: &str, found: Result<T, String>) -> Result<FigureOrReason<T>> {
        match found {
            Ok(found) => Ok(FigureOrReason::Known(found)),
            Err(why) if self.exact_only => bail!("{programme}: {why}, or leave out --exact-only"),
            Err(not_exact_because) => Ok(FigureOrReason::Unknown { not_exact_because }),
        }
    }

    fn answer(
        &self,
        found: &mut ProgrammeFigures,
        plain: &CheckedNetwork,
        programme: NodeIx,
        answer: Result<Exact, NotExact>,
    ) -> Result<()> {
        match answer {
            Ok(Exact { probability, importance }) => {
                found.probability = probability;
                found.interval = [probability, probability];
                found.causes = importance.len();
                let shown = importance.into_iter().take(self.importance).map(|one| {
                    let (id, shock) = match one.root {
                        RootCause::Node(node) => (Some(plain.ids[node as usize].clone()), None),
                        RootCause::Shock(shock) => (None, Some(plain.shocks[shock].clone())),
                    };
                    FoundImportance { id, shock, birnbaum: one.birnbaum, fussell_vesely: one.fussell_vesely }
                });
                found.importance = shown.collect();
            }
            Err(why) if self.exact_only => {
                bail!("{} is {}, or leave out --exact-only", found.programme, self.because(why));
            }
            Err(why) => {
                let sample = Sample { scenarios: self.scenarios, seed: self.seed };
                let estimate = exposure_of(&plain.graph, [programme], &plain.hazards, sample).estimate(programme);
                found.probability = estimate.probability;
                found.interval = [estimate.low, estimate.high];
                found.method = "monte-carlo";
                found.scenarios = Some(self.scenarios);
                found.not_exact_because = Some(self.because(why));
            }
        }
        Ok(())
    }
}

/// The time that one programme may take.
#[derive(Clone, Copy)]
struct TimeLimit {
    started: Instant,
    limit: Duration,
}

impl TimeLimit {
    /// Whether this part of it is over.
    fn is_over(self, part: f64) -> bool {
        self.started.elapsed() > self.limit.mul_f64(part)
    }
}

impl CheckedNetwork {
    fn ways(&self, Ways { common, second_source, entries }: Ways) -> FoundWays {
        let id = |node: &NodeIx| self.ids[*node as usize].clone();
        let need = |need: &NeedOf| FoundNeed { node: id(&need.node), item: self.items[need.item as usize].clone() };
        FoundWays {
            common: Listed::of(&common, id),
            second_source: Listed::of(&second_source, need),
            entries: Listed::of(&entries, need),
        }
    }

    fn sorted(&self, set: &[NodeIx]) -> Vec<String> {
        let mut ids: Vec<String> = set.iter().map(|node| self.ids[*node as usize].clone()).collect();
        ids.sort();
        ids
    }
}

impl<T> Listed<T> {
    fn of<N>(all: &[N], name: impl Fn(&N) -> T) -> Self {
        Self { count: all.len(), first: all.iter().take(MAX_WAYS_LISTED).map(name).collect() }
    }
}

/// The cut sets of `programme` among those who can fail: those with a probability, or all where none has one.
fn count(plain: &CheckedNetwork, programme: NodeIx, order: usize, budget: Budget<'_>) -> Result<CutSets, NotExact> {
    let stated = plain.hazards.own.iter().any(|hazard| hazard.probability > 0.0);
    let can_fail = |node: NodeIx| !stated || plain.hazards.own[node as usize].probability > 0.0;
    cut_sets(&plain.graph, programme, &can_fail, order, MAX_CUT_SETS_LISTED, budget)
}

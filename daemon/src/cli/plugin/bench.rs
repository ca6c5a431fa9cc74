//! `tierwatch plugin bench`

use super::{
    bed::Bed,
    found::{CaseFile, Wanted},
    inspect::bytes,
};
use crate::{
    cli::{
        done::Done,
        output::{Column, Output, column, print_rows, print_text},
    },
    rules::{Evaluation, Limits, Rule, Subject},
};
use anyhow::{Result, bail};
use serde::Serialize;
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant as Stopwatch},
};

/// The least time that it measures.
const MEASURED: Duration = Duration::from_secs(2);
/// Fewest rounds, so that one disturbed round does not count.
const MIN_ROUNDS: u32 = 3;

/// Measure a rule on its cases: assessments a second on one core, fuel and memory, beside the limits.
///
/// The cases are repeated until they are as many as asked for. How many go into one call is what the host finds right.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Bench {
    #[command(flatten)]
    rule: Wanted,
    /// A case, or a folder of them; `cases` beside the component by default, `cases/RULE` beside the policy.
    #[arg(long, value_name = "FILE|DIR")]
    cases: Option<PathBuf>,
    /// How many suppliers are assessed in a round.
    #[arg(long, value_name = "COUNT", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    subjects: u32,
}

/// One measure, as programs read it.
#[derive(Serialize)]
struct Measure {
    measure: &'static str,
    value: f64,
    limit: Option<f64>,
    unit: &'static str,
}

const COLUMNS: [Column<Measure>; 4] = [
    column("measure", |row| row.measure.to_owned()),
    column("value", |row| shown(row.value, row.unit)),
    column("limit", |row| row.limit.map_or_else(String::new, |limit| shown(limit, row.unit))),
    column("used", |row| row.limit.map_or_else(String::new, |limit| format!("{:.1} %", 100.0 * row.value / limit))),
];

fn shown(value: f64, unit: &str) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes are shown with three digits")]
    match unit {
        "bytes" => bytes(value as usize),
        "seconds" if value < 1.0 => format!("{:.3} ms", value * 1e3),
        "seconds" => format!("{value:.2} s"),
        _ => grouped(value.round() as u64),
    }
}

/// The number with its digits grouped, as `1 234 567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let spaced = |(index, digit): (usize, char)| {
        let gap = index > 0 && (digits.len() - index).is_multiple_of(3);
        [gap.then_some(' '), Some(digit)]
    };
    digits.char_indices().flat_map(spaced).flatten().collect()
}

impl Bench {
    pub(super) fn run(self, config: &Path, output: Output) -> Result<Done> {
        let bed = Bed::new(config)?;
        let found = self.rule.found(&bed)?;
        let started = Stopwatch::now();
        let plugin = bed.host.compile(&found.origin, &found.bytes)?;
        let compiled = started.elapsed();
        let cases = found.cases(self.cases.as_deref(), &bed.known(&plugin, &found.kinds(&plugin)))?;
        let first = &cases[0].case.parameters;
        let rule = found.configure_for(&plugin, &cases[0])?;
        let asked = cases.iter().filter(|file| file.case.parameters == *first);
        let subjects: Vec<Subject<'_>> = asked.flat_map(subjects_of).collect();
        if subjects.is_empty() {
            bail!("the cases ask for nothing: add `[[expected]]` to one");
        }
        let many = usize::try_from(self.subjects).unwrap_or(usize::MAX);
        let subjects: Vec<Subject<'_>> = subjects.iter().copied().cycle().take(many).collect();
        let measures = measure(&rule, &subjects, compiled, bed.host.limits());
        if output == Output::Table {
            let manifest = rule.manifest();
            print_text(&format!(
                "{} {} on {} suppliers from {} cases, one core\n",
                manifest.name,
                manifest.version,
                subjects.len(),
                cases.len(),
            ))?;
        }
        print_rows(output, &measures, &COLUMNS)?;
        Ok(Done::Fine)
    }
}

fn subjects_of(file: &CaseFile) -> impl Iterator<Item = Subject<'_>> {
    file.case.expected.iter().map(|expected| file.case.subject(expected.as_of))
}

/// The best round counts: whatever else the machine does only makes a round slower.
#[expect(clippy::cast_precision_loss, reason = "some digits are shown")]
fn measure(rule: &Rule, subjects: &[Subject<'_>], compiled: Duration, limits: &Limits) -> Vec<Measure> {
    let (mut best, mut evaluation) = (Duration::MAX, Evaluation::default());
    let (started, mut rounds) = (Stopwatch::now(), 0);
    while rounds < MIN_ROUNDS || started.elapsed() < MEASURED {
        let round = Stopwatch::now();
        evaluation = rule.assess(subjects);
        best = best.min(round.elapsed());
        rounds += 1;
    }
    let calls = f64::from(evaluation.calls);
    let fuel_to_start = evaluation.fuel_to_start as f64 / calls;
    let fuel = (evaluation.fuel - evaluation.fuel_to_start) as f64;
    let measured = |measure, value, limit, unit| Measure { measure, value, limit, unit };
    vec![
        measured("assessments a second", subjects.len() as f64 / best.as_secs_f64(), None, "assessments"),
        measured("failed assessments", evaluation.failures as f64, None, "assessments"),
        measured("fuel to start", fuel_to_start, Some(limits.fuel_to_start as f64), "fuel"),
        measured("fuel a supplier", fuel / subjects.len() as f64, None, "fuel"),
        measured("suppliers a call", subjects.len() as f64 / calls, None, "suppliers"),
        measured("fuel a call", fuel / calls, Some(limits.fuel_per_batch as f64), "fuel"),
        measured("memory peak", evaluation.memory_bytes as f64, Some(limits.memory_bytes as f64), "bytes"),
        measured("time to start", evaluation.parts.start.as_secs_f64() / calls, None, "seconds"),
        measured("time to compile", compiled.as_secs_f64(), None, "seconds"),
        measured("time of a call", best.as_secs_f64() / calls, Some(limits.wall_clock.as_secs_f64()), "seconds"),
    ]
}

//! `tierwatch plugin test`

use super::{
    bed::Bed,
    found::{CaseFile, FoundComponent, Wanted},
};
use crate::{
    case::{Difference, Expected},
    cli::{
        done::Done,
        output::{Column, Output, column, print_rows, print_text},
    },
    model::{Assessment, Digest, Instant, Manifest},
    rules::{Plugin, Rule, Subject},
};
use anyhow::Result;
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::{Path, PathBuf},
};

/// Run a rule's cases through the daemon's own host and limits, and say what differs; exit code 3 when anything does.
///
/// Each case is asked alone and twice in company, in both orders: a rule must answer the same.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Test {
    #[command(flatten)]
    rule: Wanted,
    /// A case, or a folder of them; `cases` beside the component by default, `cases/RULE` beside the policy.
    #[arg(long, value_name = "FILE|DIR")]
    cases: Option<PathBuf>,
}

/// One answer against one expectation, as programs read it.
#[derive(Serialize)]
struct Tested {
    case: String,
    as_of: Instant,
    same: bool,
    differences: Vec<String>,
    #[serde(skip)]
    answered: Expected,
}

const COLUMNS: [Column<Tested>; 4] = [
    column("case", |row| row.case.clone()),
    column("as_of", |row| row.as_of.to_string()),
    column("same", |row| row.same.to_string()),
    column("differences", |row| row.differences.join("; ")),
];

impl Test {
    pub(super) fn run(self, config: &Path, output: Output) -> Result<Done> {
        let bed = Bed::new(config)?;
        let found = self.rule.found(&bed)?;
        let plugin = bed.host.compile(&found.origin, &found.bytes)?;
        let cases = found.cases(self.cases.as_deref(), &bed.known(&plugin, &found.kinds(&plugin)))?;
        let rules = groups(&found, &plugin, &cases)?;
        let tested = run(&rules);
        match output {
            Output::Table => {
                let manifest = rules.first().map_or(plugin.manifest(), |group| group.rule.manifest());
                print_text(&report(manifest, plugin.digest(), &cases, &tested))?;
            }
            Output::Json | Output::Csv => print_rows(output, &tested, &COLUMNS)?,
        }
        Ok(if tested.iter().all(|one| one.same) { Done::Fine } else { Done::Difference })
    }
}

/// One instant of one case.
#[derive(Clone, Copy)]
struct AskedInstant<'a> {
    file: &'a CaseFile,
    expected: &'a Expected,
}

/// The cases with the same parameters, and the rule with these.
struct CaseGroup<'a> {
    rule: Rule,
    /// Each with its index among all.
    asked: Vec<(usize, AskedInstant<'a>)>,
}

fn groups<'a>(found: &FoundComponent, plugin: &Plugin, cases: &'a [CaseFile]) -> Result<Vec<CaseGroup<'a>>> {
    let mut alike: BTreeMap<String, Vec<(usize, AskedInstant<'a>)>> = BTreeMap::new();
    let all =
        cases.iter().flat_map(|file| file.case.expected.iter().map(move |expected| AskedInstant { file, expected }));
    for (index, asked) in all.enumerate() {
        let parameters = serde_json::to_string(&asked.file.case.parameters)?;
        alike.entry(parameters).or_default().push((index, asked));
    }
    let mut groups = Vec::new();
    for asked in alike.into_values() {
        let Some((_, first)) = asked.first() else { continue };
        let rule = found.configure_for(plugin, first.file)?;
        groups.push(CaseGroup { rule, asked });
    }
    Ok(groups)
}

/// Assesses all cases: each alone, and twice in company of those with the same parameters, the second time in the other order.
/// The answers are in the order of the files.
fn run(groups: &[CaseGroup<'_>]) -> Vec<Tested> {
    let mut tested = Vec::new();
    for CaseGroup { rule, asked } in groups {
        let subjects: Vec<Subject<'_>> =
            asked.iter().map(|(_, asked)| asked.file.case.subject(asked.expected.as_of)).collect();
        // A case without others keeps its own company.
        let twice: Vec<Subject<'_>> = subjects.iter().chain(subjects.iter().rev()).copied().collect();
        let mut together = rule.assess(&twice).assessments;
        let again = together.split_off(subjects.len().min(together.len()));
        let in_company = together.into_iter().zip(again.into_iter().rev());
        for (((index, asked), subject), (first, second)) in asked.iter().zip(subjects).zip(in_company) {
            let alone = rule.assess(&[subject]).assessments.pop();
            let alone = alone.unwrap_or_else(|| Assessment::failed("no answer"));
            tested.push((*index, asked.compared(&alone, [&first, &second])));
        }
    }
    tested.sort_by_key(|(index, _)| *index);
    tested.into_iter().map(|(_, one)| one).collect()
}

impl AskedInstant<'_> {
    fn compared(&self, alone: &Assessment, in_company: [&Assessment; 2]) -> Tested {
        let Self { file, expected } = self;
        let answered = file.case.answered(expected.as_of, alone);
        let mut differences: Vec<String> = expected.differences(&answered).iter().map(Difference::to_string).collect();
        if let Some(other) = in_company.into_iter().find(|other| *other != alone) {
            let other = answered.differences(&file.case.answered(expected.as_of, other));
            let told = |one: String| format!("asked again in company, it does not repeat itself: {one}");
            differences.extend(other.iter().map(|one| told(one.to_string())));
            differences.extend(other.is_empty().then(|| told("its findings have other arguments".to_owned())));
        }
        let same = differences.is_empty();
        Tested { case: file.path.clone(), as_of: expected.as_of, same, differences, answered }
    }
}

fn report(manifest: &Manifest, digest: Digest, cases: &[CaseFile], tested: &[Tested]) -> String {
    let mut text = format!("{} {} ({})\n", manifest.name, manifest.version, digest.short());
    for file in cases {
        let about = file.case.about.as_ref().map_or_else(String::new, |about| format!(": {about}"));
        let _ = writeln!(text, "{}{about}", file.path);
        for one in tested.iter().filter(|one| one.case == file.path) {
            let day = one.as_of.to_string();
            let day = day.strip_suffix("T00:00:00Z").unwrap_or(&day);
            let _ = writeln!(text, "  {day} {}", if one.same { "as expected" } else { "DIFFERS" });
            for difference in &one.differences {
                let _ = writeln!(text, "    {difference}");
            }
        }
    }
    let good = tested.iter().filter(|one| one.same).count();
    let _ = writeln!(text, "{good} of {} as expected", tested.len());
    let said: BTreeSet<&str> = tested.iter().flat_map(|one| one.answered.codes()).collect();
    let unsaid = manifest.messages.iter().map(|message| message.code.as_str()).filter(|code| !said.contains(code));
    let unsaid = unsaid.collect::<Vec<_>>().join(", ");
    if !unsaid.is_empty() {
        let _ = writeln!(text, "no case makes it say {unsaid}");
    }
    text
}

#[cfg(test)]
mod tests;

//! `tierwatch replay`

use super::{
    common::{identifiers, reader},
    done::Done,
    output::{Column, Output, column, print_rows, print_text},
};
use crate::{
    analysis::replay::{Replayer, otherwise},
    diagnostic::spelling,
    model::{Digest, Organisation},
    scoring::components,
    store::{Reader, StoredScore},
};
use anyhow::{Result, anyhow};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::path::Path;

/// How many scores of one organisation's history are replayed at a time.
const HISTORY_PAGE: usize = 256;

/// Make stored scores again from what they were made from; the bytes must be the same.
#[derive(Debug, clap::Args)]
pub(super) struct Replay {
    /// `SCHEME:ID` of a supplier: every score that it ever had. All suppliers' current scores when absent.
    organisation: Option<String>,
    /// Every score that all suppliers ever had.
    #[arg(long, conflicts_with = "organisation")]
    all: bool,
    /// The provenance digest of one score.
    #[arg(long, conflicts_with_all = ["organisation", "all"], value_name = "DIGEST")]
    provenance: Option<Digest>,
}

/// One replayed score, as programs read it.
#[derive(Debug, Serialize)]
struct Replayed {
    organisation: String,
    provenance: String,
    same: bool,
    stored_digest: Digest,
    replayed_digest: Option<Digest>,
    problem: Option<String>,
}

const COLUMNS: [Column<Replayed>; 4] = [
    column("organisation", |row| row.organisation.clone()),
    column("provenance", |row| row.provenance.clone()),
    column("bytes", |row| if row.same { "same" } else { "DIFFERENT" }.to_owned()),
    column("problem", |row| row.problem.clone().unwrap_or_default()),
];

impl Replay {
    pub(super) fn run(self, config: &Path, output: Output) -> Result<Done> {
        let (config, reader) = reader(config)?;
        let mut replayer = Replayer::new(&reader, components::host(&config)?);
        let bar = ProgressBar::new_spinner()
            .with_style(ProgressStyle::with_template("{spinner} {human_pos} scores, {per_sec}")?);
        let mut rows = Vec::new();
        let organisation = self.organisation.as_deref().map(|name| identifiers(&config).parse(name)).transpose()?;
        self.for_each(&reader, organisation.as_ref(), |stored| {
            bar.inc(1);
            rows.push(replay(&mut replayer, stored));
            Ok(())
        })?;
        bar.finish_and_clear();
        if rows.is_empty() {
            return Err(self.nothing(&reader)?);
        }
        let (made, different) = (rows.len(), rows.iter().filter(|row| !row.same).count());
        if output == Output::Table {
            rows.retain(|row| !row.same);
            if !rows.is_empty() {
                print_rows(output, &rows, &COLUMNS)?;
            }
            print_text(&format!("{made} scores made again: {} the same, {different} different\n", made - different))?;
        } else {
            print_rows(output, &rows, &COLUMNS)?;
        }
        Ok(if different == 0 { Done::Fine } else { Done::Difference })
    }

    /// Why there is nothing to make again.
    fn nothing(&self, reader: &Reader) -> Result<anyhow::Error> {
        let Some(wanted) = &self.organisation else {
            return Ok(anyhow!("there is no such score in the store: `tierwatch suppliers` lists what there is"));
        };
        let mut known = Vec::new();
        reader.for_each_score(|stored| {
            known.push(stored.organisation.to_string());
            anyhow::Ok(())
        })?;
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        Ok(spelling::unknown("supplier", wanted, &known, "`tierwatch suppliers` lists them all").into())
    }

    fn for_each(
        &self,
        reader: &Reader,
        organisation: Option<&Organisation>,
        mut each: impl FnMut(StoredScore) -> Result<()>,
    ) -> Result<()> {
        if let Some(provenance) = &self.provenance {
            return reader.scores_by_provenance(provenance, HISTORY_PAGE)?.into_iter().try_for_each(each);
        }
        if let Some(organisation) = organisation {
            return for_each_of(reader, organisation, each);
        }
        reader.for_each_score(|stored| {
            if self.all { for_each_of(reader, &stored.organisation, &mut each) } else { each(stored) }
        })
    }
}

/// Every score that one organisation ever had.
fn for_each_of(
    reader: &Reader,
    organisation: &Organisation,
    mut each: impl FnMut(StoredScore) -> Result<()>,
) -> Result<()> {
    let mut before = None;
    loop {
        let page = reader.history(organisation, before, HISTORY_PAGE)?;
        let Some(last) = page.last() else { return Ok(()) };
        before = Some(last.id);
        page.into_iter().try_for_each(&mut each)?;
    }
}

fn replay(replayer: &mut Replayer<'_>, stored: StoredScore) -> Replayed {
    let replayed = replayer.replay(&stored.body);
    let same = replayed.as_ref().is_ok_and(|bytes| bytes == stored.body.as_bytes());
    let digest = replayed.as_ref().ok().map(|bytes| Digest::of(bytes));
    let problem = match replayed {
        Ok(bytes) => (!same).then(|| otherwise(&stored.body, &bytes)),
        Err(error) => Some(format!("{error:#}")),
    };
    Replayed {
        organisation: stored.organisation.to_string(),
        provenance: stored.provenance.to_string(),
        same,
        stored_digest: Digest::of(stored.body.as_bytes()),
        replayed_digest: digest,
        problem,
    }
}

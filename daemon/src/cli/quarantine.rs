//! `tierwatch quarantine list|show|retry|set-aside`

use super::{
    ask_daemon,
    common::reader,
    done::Done,
    output::{Column, Output, Page, Unit, column, figure, print_bytes, print_json, print_rows, print_text},
};
use crate::{
    attest::Refusal,
    config::Config,
    diagnostic::spelling,
    http::{RetryRequest, SetAsideDone, SetAsideRequest, check},
    metrics::Metrics,
    model::Instant,
    pipeline::{Pipeline, UnknownItems, settings::Settings},
    store::{
        MAX_QUARANTINE_BYTES, MAX_QUARANTINE_ITEMS, QuarantineFilter, QuarantineState, Quarantined, Reader, Store,
        StoreError, StoreOptions, Summarised,
    },
};
use anyhow::{Context as _, Result};
use serde::Serialize;
use std::{collections::BTreeSet, path::Path};

/// How many items are read at a time.
const PAGE_ITEMS: u32 = 10_000;

/// List, show, retry or set aside what was refused.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Quarantine {
    /// List what waits in quarantine, the latest first, then what is counted only.
    List {
        /// Only this reason code, as `bad-signature`.
        #[arg(long)]
        reason: Option<String>,
        /// Also what was accepted later or replaced.
        #[arg(long)]
        all: bool,
    },
    /// Show one item with its bytes.
    Show {
        /// Its number in the list.
        id: i64,
        /// Print the bytes alone, as they arrived.
        #[arg(long)]
        raw: bool,
    },
    /// Try items again, after a mend of the configuration.
    Retry {
        /// Their numbers in the list; all that wait when none is named.
        ids: Vec<i64>,
    },
    /// Set items aside that you have looked at and that need no mend: they wait no more. Their bytes stay.
    SetAside {
        /// Their numbers in the list.
        #[arg(required = true)]
        ids: Vec<i64>,
    },
}

/// One refused item, as programs read it.
#[derive(Debug, Serialize)]
struct RefusedItem {
    /// None where it stands for many that are counted only.
    id: Option<i64>,
    /// How many it stands for.
    items: u64,
    reason: String,
    sentence: String,
    feed: String,
    origin: String,
    state: String,
    byte_count: u64,
    digest: Option<String>,
    received_at: Instant,
    attempts: u32,
}

impl From<Quarantined> for RefusedItem {
    fn from(row: Quarantined) -> Self {
        Self {
            id: Some(row.id),
            items: 1,
            reason: row.reason.into(),
            sentence: row.sentence.into(),
            feed: row.feed.to_string(),
            origin: row.origin.to_string(),
            state: row.state.as_str().to_owned(),
            byte_count: row.byte_count,
            digest: Some(row.digest.to_string()),
            received_at: row.received_at,
            attempts: row.attempts,
        }
    }
}

impl From<Summarised> for RefusedItem {
    fn from(summary: Summarised) -> Self {
        let Summarised { feed, reason, items, byte_count, first_origin, last_origin, first_at, last_at } = summary;
        let mebibytes = MAX_QUARANTINE_BYTES >> 20;
        let sentence = format!(
            "{items} more, until {last_at}, counted and not kept: of one feed at most {MAX_QUARANTINE_ITEMS} items and \
             {mebibytes} MiB are. Mend or remove their source, and send what is mended again"
        );
        Self {
            id: None,
            items,
            reason: reason.into(),
            sentence,
            feed: feed.to_string(),
            origin: format!("{first_origin} … {last_origin}"),
            state: "summarised".to_owned(),
            byte_count,
            digest: None,
            received_at: first_at,
            attempts: 0,
        }
    }
}

const COLUMNS: [Column<RefusedItem>; 6] = [
    column("id", |item| item.id.map_or_else(String::new, |id| id.to_string())),
    column("reason", |item| item.reason.clone()),
    column("what happened and what to do", |item| item.sentence.clone()),
    column("origin", |item| format!("{}: {}", item.feed, item.origin)),
    figure("bytes", Unit::None, |item| Some(item.byte_count.to_string())),
    column("received", |item| item.received_at.to_string()),
];

impl Quarantine {
    pub(super) fn run(self, config: &Path, output: Output) -> Result<Done> {
        match self {
            Self::List { reason, all } => list(config, output, reason.as_deref(), all),
            Self::Show { id, raw } => show(config, output, id, raw),
            Self::Retry { ids } => retry(config, output, ids),
            Self::SetAside { ids } => set_aside(config, output, ids),
        }
    }
}

fn list(config: &Path, output: Output, reason: Option<&str>, all: bool) -> Result<Done> {
    let (_, reader) = reader(config)?;
    if let Some(reason) = reason {
        let counted = reader.counts()?.quarantined;
        let known = Refusal::CODES.iter().copied().chain(counted.iter().map(|(reason, _)| reason.as_str()));
        let known: Vec<&str> = known.collect::<BTreeSet<_>>().into_iter().collect();
        spelling::among("reason", reason, &known, "the manual lists them")?;
    }
    let state = (!all).then_some(QuarantineState::Waiting);
    // As many as the store keeps of each feed.
    let mut rows: Vec<Quarantined> = Vec::new();
    loop {
        let after = rows.last().map_or(0, |row| row.id);
        let page = reader.quarantine(&QuarantineFilter { state, reason, after, limit: PAGE_ITEMS })?;
        if page.is_empty() {
            break;
        }
        rows.extend(page);
    }
    let mut items: Vec<RefusedItem> = rows.into_iter().rev().map(RefusedItem::from).collect();
    let is_meant = |one: &Summarised| reason.is_none_or(|reason| *one.reason == *reason);
    items.extend(reader.summarised()?.into_iter().filter(is_meant).map(RefusedItem::from));
    print_rows(output, &items, &COLUMNS)?;
    Ok(Done::Fine)
}

fn show(config: &Path, output: Output, id: i64, raw: bool) -> Result<Done> {
    let (_, reader) = reader(config)?;
    let (item, bytes) = reader
        .quarantined(id)?
        .with_context(|| format!("there is no item {id}: `tierwatch quarantine list --all` lists them"))?;
    if raw {
        print_bytes(&bytes)?;
        return Ok(Done::Fine);
    }
    let item = RefusedItem::from(item);
    if output == Output::Json {
        print_json(&item)?;
        return Ok(Done::Fine);
    }
    output.no_csv("one item")?;
    let mut page = Page::default();
    page.line(format_args!("{} ({})", item.reason, item.state));
    page.line(&item.sentence);
    page.line(format_args!(
        "from {}: {}, received {}, tried {} times, {} bytes, sha256 {}",
        item.feed,
        item.origin,
        item.received_at,
        item.attempts,
        item.byte_count,
        item.digest.as_deref().unwrap_or_default()
    ));
    page.gap();
    String::from_utf8_lossy(&bytes).lines().for_each(|line| page.line(line));
    page.print()?;
    Ok(Done::Fine)
}

/// The running daemon does it; without one, this process takes the store and does it itself.
fn retry(path: &Path, output: Output, ids: Vec<i64>) -> Result<Done> {
    let config = Config::read(path)?;
    check(&ids).map_err(anyhow::Error::msg)?;
    let request = RetryRequest { ids: (!ids.is_empty()).then_some(ids) };
    let done = match Store::open(&config.store_path(), &StoreOptions::default()) {
        Ok(store) => {
            let settings = Settings::read(path, config)?;
            Pipeline::start(settings, store, Metrics::new()?)?.retry_and_close(request.ids.as_deref())?
        }
        Err(StoreError::InUse { .. }) => ask_daemon::post(&config, "/v1/quarantine/retry", &request)?,
        Err(error) => return Err(error.into()),
    };
    match output {
        Output::Json => print_json(&done)?,
        _ => print_text(&format!("tried {}, accepted {}\n", done.tried, done.accepted))?,
    }
    Ok(if done.accepted == done.tried { Done::Fine } else { Done::Difference })
}

/// As [`retry`]: by the running daemon, or by this process.
fn set_aside(path: &Path, output: Output, ids: Vec<i64>) -> Result<Done> {
    let config = Config::read(path)?;
    check(&ids).map_err(anyhow::Error::msg)?;
    let asked = ids.len();
    let done = match Store::open(&config.store_path(), &StoreOptions::default()) {
        Ok(store) => {
            UnknownItems::none_of(&Reader::open(store.path())?, &ids)?;
            SetAsideDone { set_aside: store.set_aside(ids).wait()? }
        }
        Err(StoreError::InUse { .. }) => {
            ask_daemon::post(&config, "/v1/quarantine/set-aside", &SetAsideRequest { ids })?
        }
        Err(error) => return Err(error.into()),
    };
    match output {
        Output::Json => print_json(&done)?,
        _ => print_text(&format!("set aside {}\n", done.set_aside))?,
    }
    Ok(if done.set_aside == asked { Done::Fine } else { Done::Difference })
}

//! `tierwatch demo`

use super::{
    common::for_each_dearest,
    done::Done,
    log::start_log,
    output::{Column, Page, Unit, column, cost, figure, lines, risk},
    simulate,
    wire::{reasons, stored_facts, stored_score},
};
use crate::{
    analysis::snapshot::Snapshot,
    config::Config,
    daemon::{Daemon, Signals, listen, runtime},
    model::{BasisPoints, Facts, Instant, Organisation, facts::Loss},
    scoring::costs::Costs,
    simulate::{Options, WrittenNetwork},
    store::{self, QuarantineFilter, QuarantineState, Reader},
};
use anyhow::{Context as _, Result, bail};
use std::{
    collections::BTreeMap,
    fs,
    io::{ErrorKind, Write as _},
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::{Duration, Instant as Stopwatch},
};
use tokio::net::TcpListener;

/// How long the demonstration network may take to be scored.
const MAX_READY_WAIT: Duration = Duration::from_secs(120);
/// How often readiness is checked.
const READY_POLL: Duration = Duration::from_millis(10);
/// How many of the worst suppliers are shown.
const MAX_WORST_SHOWN: usize = 10;
/// How many refused items are shown.
const MAX_QUARANTINED_SHOWN: u32 = 50;
/// The default address; if it is taken, any free port is used.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 9470);
/// How many demonstrations can run at once without being given a folder.
const MAX_FOLDERS: usize = 16;
/// A folder with this file was made by this command, and may be overwritten.
const MARKER: &str = ".tierwatch-demo";

/// Make a demonstration network, watch it, and say what it shows. It stays up until Ctrl-C.
#[derive(Debug, clap::Args)]
pub(super) struct Demo {
    /// Report once and end.
    #[arg(long)]
    once: bool,
    /// Where the network is made, anew each time; a folder of the system's temporary folder by default.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// The address to answer on; port 0 takes a free one. By default 127.0.0.1:9470, or a free port where that is taken.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Where all chance comes from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Demo {
    pub(super) fn run(self) -> Result<Done> {
        let folder = self.folder.clone().map_or_else(free_folder, Ok)?;
        let written = self.prepare(&folder)?;
        let path = folder.join("tierwatch.toml");
        let mut config = Config::read(&path)?;
        if self.once {
            // Changes are logged for whoever watches: with `--once` the report is the whole output.
            "error".clone_into(&mut config.log.filter);
        }
        start_log(&config.log)?;
        let shown = config.clone();
        let runtime = runtime()?;
        runtime.block_on(async {
            let mut signals = Signals::take()?;
            let started = Stopwatch::now();
            let listener = match self.listen {
                Some(address) => listen(address).await,
                None => listen_near(LISTEN).await,
            };
            let daemon = Daemon::start(&path, config, listener?).await?;
            note_address(&path, daemon.address)?;
            while !daemon.health.is_ready() {
                if started.elapsed() > MAX_READY_WAIT {
                    bail!("the network was not scored within {MAX_READY_WAIT:?}: the log above says what it waits for");
                }
                tokio::select! {
                    () = signals.stop() => return daemon.stop().await,
                    () = tokio::time::sleep(READY_POLL) => {}
                }
            }
            let took = started.elapsed();
            let reader = Reader::open(&shown.store_path())?;
            let costs = Snapshot::open(&shown, &reader, Instant::now())?.costs();
            let mut page = report(&reader, &costs, &written, took)?;
            let address = (!self.once).then_some(daemon.address);
            add_places(&mut page, &folder, address, &written);
            page.print()?;
            if self.once { daemon.stop().await } else { daemon.until_stopped(signals).await }
        })?;
        Ok(Done::Fine)
    }

    /// A fresh folder with the network in it.
    fn prepare(&self, folder: &Path) -> Result<WrittenNetwork> {
        if is_running(folder) {
            bail!("a demonstration runs in {}: stop it, or name another folder with --folder", folder.display());
        }
        if folder.join(MARKER).exists() {
            fs::remove_dir_all(folder)
                .with_context(|| format!("cannot remove the last demonstration in {}", folder.display()))?;
        }
        if folder.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
            bail!(
                "{} is there already and was not made by `tierwatch demo`: name another folder with --folder",
                folder.display()
            );
        }
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot make {}: name another folder with --folder", folder.display()))?;
        fs::write(folder.join(MARKER), "made by `tierwatch demo`, which removes this folder at its next start\n")?;
        let options = Options { seed: self.seed, ..Options::demo(Instant::now().date()) };
        simulate::write(folder, &options)
    }
}

/// The usual address, or a free port beside it: another demonstration, or a daemon, may have that one.
async fn listen_near(usual: SocketAddr) -> Result<TcpListener> {
    match TcpListener::bind(usual).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == ErrorKind::AddrInUse => listen(SocketAddr::new(usual.ip(), 0)).await,
        // The error of this attempt says what to do.
        Err(_) => listen(usual).await,
    }
}

/// A folder of the system's temporary folder in which no demonstration runs.
fn free_folder() -> Result<PathBuf> {
    let folder = |number: usize| match number {
        1 => "tierwatch-demo".to_owned(),
        _ => format!("tierwatch-demo-{number}"),
    };
    let mut folders = (1..=MAX_FOLDERS).map(|number| std::env::temp_dir().join(folder(number)));
    let free = folders.find(|folder| !is_running(folder));
    free.with_context(|| format!("{MAX_FOLDERS} demonstrations run already: stop one, or name a folder with --folder"))
}

/// Whether the daemon of a demonstration has its store in `folder`.
fn is_running(folder: &Path) -> bool {
    folder.join(MARKER).exists()
        && Config::read(&folder.join("tierwatch.toml")).is_ok_and(|config| store::is_in_use(&config.store_path()))
}

/// Writes the daemon's address into the configuration, where other commands find it.
fn note_address(config: &Path, address: SocketAddr) -> Result<()> {
    let mut file = fs::OpenOptions::new().append(true).open(config)?;
    write!(file, "\n[http]\nlisten = \"{address}\"\n").with_context(|| format!("cannot write {}", config.display()))
}

/// One of the worst suppliers.
struct Worst {
    organisation: String,
    name: String,
    cost: f64,
    risk_bp: Option<BasisPoints>,
    band: String,
    tier: Option<u32>,
    reasons: Vec<String>,
}

const COLUMNS: [Column<Worst>; 6] = [
    figure("cost", Unit::None, |row| Some(cost(row.cost))),
    figure("risk", Unit::None, |row| row.risk_bp.map(risk)),
    column("band", |row| row.band.clone()),
    figure("tier", Unit::None, |row| row.tier.map(|tier| tier.to_string())),
    lines("supplier", |row| vec![row.name.clone(), row.organisation.clone()]),
    lines("why", |row| row.reasons.clone()),
];

/// What the demonstration shows, read back from the store as any other command would.
fn report(reader: &Reader, costs: &Costs, written: &WrittenNetwork, took: Duration) -> Result<Page> {
    let mut worst = Vec::new();
    let mut programmes: BTreeMap<Organisation, Vec<(Option<u32>, String)>> = BTreeMap::new();
    let mut suppliers = 0;
    for_each_dearest(reader, costs, |stored| {
        suppliers += 1;
        let score = stored_score(&stored.body)?;
        let facts = stored_facts(reader, &score)?;
        let name = score.name.as_deref().unwrap_or_default().to_owned();
        for programme in &facts.requirement.programmes {
            programmes.entry(programme.clone()).or_default();
        }
        for loss in facts.impact.single_point_of.iter().filter(|loss| loss.hidden) {
            let point = (facts.impact.tier, format!("{name} ({}): {}", score.organisation, lost(loss)));
            programmes.entry(loss.programme.clone()).or_default().push(point);
        }
        if worst.len() < MAX_WORST_SHOWN {
            let reasons = stops(&facts).into_iter().chain(reasons(&score)).collect();
            worst.push(Worst {
                cost: costs.cost(&stored.organisation),
                organisation: score.organisation.into_owned(),
                name,
                risk_bp: score.risk_bp,
                band: score.band.into_owned(),
                tier: facts.impact.tier,
                reasons,
            });
        }
        Ok(true)
    })?;
    let mut page = Page::default();
    page.line(format_args!(
        "{} attestations about {} organisations below {} programmes: {suppliers} suppliers scored in {:.2} s",
        written.attestations,
        written.organisations,
        written.programmes,
        took.as_secs_f64(),
    ));
    page.gap();
    page.line(format_args!("The {} worst suppliers, by what they cost the programmes", worst.len()));
    page.rows(&worst, &COLUMNS);
    page.gap();
    page.line("Hidden single points of failure: nobody buys from them directly, and everything hangs on them");
    for (programme, mut points) in programmes {
        points.sort();
        page.line(format_args!("  {programme}"));
        if points.is_empty() {
            page.line("    none");
        }
        for (tier, point) in points {
            page.line(format_args!(
                "    tier {} {point}",
                tier.map_or_else(|| "?".to_owned(), |tier| tier.to_string())
            ));
        }
    }
    page.gap();
    page.line("In quarantine");
    let waiting = QuarantineFilter {
        state: Some(QuarantineState::Waiting),
        reason: None,
        after: 0,
        limit: MAX_QUARANTINED_SHOWN,
    };
    for item in reader.quarantine(&waiting)? {
        page.line(format_args!("  {:<18} {}", item.reason, item.origin));
        page.line(format_args!("    {}", item.sentence));
    }
    Ok(page)
}

/// The programmes that stop without it.
fn stops(facts: &Facts) -> Option<String> {
    let days = facts.impact.survive_days?;
    let programmes: Vec<&str> = facts.impact.single_point_of.iter().map(|loss| loss.programme.as_str()).collect();
    Some(format!("Without it stop, from day {days} on: {}.", programmes.join(", ")))
}

/// What a programme loses when one of its single points of failure fails.
fn lost(loss: &Loss) -> String {
    let survive_days = loss.survive_days;
    match loss.down_days {
        Some(0) => format!("stops it after {survive_days} days, and is back before"),
        Some(down_days) => format!("stops it after {survive_days} days, for {down_days} days"),
        None => format!("stops it after {survive_days} days, for nobody knows how long"),
    }
}

/// Adds where to look next; with an address also what only a running daemon answers.
fn add_places(page: &mut Page, folder: &Path, address: Option<SocketAddr>, written: &WrittenNetwork) {
    let feed = folder.join("feed");
    page.gap();
    if let Some(address) = address {
        page.line(format_args!("metrics   http://{address}/metrics"));
        page.line(format_args!("health    http://{address}/healthz, http://{address}/readyz"));
    }
    page.line(format_args!("feed      {}", feed.display()));
    let config = folder.join("tierwatch.toml");
    page.line(format_args!("explain   tierwatch --config {} explain ORGANISATION", config.display()));
    if let (Some(file), Some(_)) = (&written.replacement, address) {
        page.line(format_args!("try       cp {} {}/", folder.join(file).display(), feed.display()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_port_is_taken_where_it_is_free_and_another_where_it_is_not() {
        // Nothing else on this machine uses this address, so a port that was free stays free.
        let own = Ipv4Addr::new(127, 94, 70, 1);
        runtime().expect("a runtime").block_on(async {
            let usual = TcpListener::bind((own, 0)).await.and_then(|free| free.local_addr()).expect("a free port");
            let address = |listener: &TcpListener| listener.local_addr().expect("it has one");
            let first = listen_near(usual).await.expect("it is free");
            assert_eq!(address(&first), usual);
            let second = listen_near(usual).await.expect("there are others");
            assert_eq!(address(&second).ip(), usual.ip());
            assert_ne!(address(&second).port(), usual.port());
        });
    }
}

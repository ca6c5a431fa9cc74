//! `tierwatch demo`

use super::{
    Done, for_each_worst,
    log::start_log,
    output::{Column, column, print_text, risk, table},
    run::{Daemon, Signals, runtime},
    simulate,
    wire::{StoredScore, stored_facts},
};
use crate::{
    config::Config,
    model::{BasisPoints, Instant, Organisation, facts::Loss},
    simulate::{Options, Written},
    store::{QuarantineFilter, QuarantineState, Reader},
};
use anyhow::{Context as _, Result, bail};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant as Stopwatch},
};

/// How long the demonstration network may take to be scored.
const READY_MAX: Duration = Duration::from_secs(120);
/// How often readiness is looked at.
const READY_POLL: Duration = Duration::from_millis(10);
/// How many of the worst suppliers are shown.
const WORST_SHOWN: usize = 10;
/// How many refused items are shown.
const QUARANTINED_SHOWN: u32 = 50;
/// A folder with this file was made by this command, and may be made anew.
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
    /// The address to answer on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:9470")]
    listen: SocketAddr,
    /// Where all chance comes from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Demo {
    pub(super) fn run(self) -> Result<Done> {
        let folder = self.folder.clone().unwrap_or_else(|| std::env::temp_dir().join("tierwatch-demo"));
        let written = self.prepare(&folder)?;
        let path = folder.join("tierwatch.toml");
        let mut config = Config::read(&path)?;
        config.listen = self.listen;
        if self.once {
            // What changes is for who watches: a single report is the whole output.
            "error".clone_into(&mut config.log.filter);
        }
        start_log(&config.log)?;
        let store = config.store_path();
        let runtime = runtime()?;
        runtime.block_on(async {
            let mut signals = Signals::take()?;
            let started = Stopwatch::now();
            let daemon = Daemon::start(&path, config).await?;
            note_address(&path, daemon.address)?;
            while !daemon.health.is_ready() {
                if started.elapsed() > READY_MAX {
                    bail!("the network was not scored within {READY_MAX:?}: the log above says what it waits for");
                }
                tokio::select! {
                    () = signals.stop() => return daemon.stop().await,
                    () = tokio::time::sleep(READY_POLL) => {}
                }
            }
            let took = started.elapsed();
            print_text(&report(&Reader::open(&store)?, &written, took)?)?;
            print_text(&addresses(&folder, daemon.address, &written))?;
            if self.once { daemon.stop().await } else { daemon.until_stopped(signals).await }
        })?;
        Ok(Done::Fine)
    }

    /// A fresh folder with the network in it.
    fn prepare(&self, folder: &Path) -> Result<Written> {
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

/// Tells other commands, through the configuration, where this daemon answers.
fn note_address(config: &Path, address: SocketAddr) -> Result<()> {
    let mut file = fs::OpenOptions::new().append(true).open(config)?;
    write!(file, "\n[http]\nlisten = \"{address}\"\n").with_context(|| format!("cannot write {}", config.display()))
}

/// One of the worst suppliers.
struct Worst {
    organisation: String,
    name: String,
    risk_bp: BasisPoints,
    band: String,
    tier: Option<u32>,
    reasons: Vec<String>,
}

const COLUMNS: [Column<Worst>; 5] = [
    column("risk", |row| risk(row.risk_bp)),
    column("band", |row| row.band.clone()),
    column("tier", |row| row.tier.map(|tier| tier.to_string()).unwrap_or_default()),
    column("supplier", |row| format!("{}\n{}", row.name, row.organisation)),
    column("why", |row| row.reasons.join("\n")),
];

/// What the demonstration shows, read back from the store as any other command would.
fn report(reader: &Reader, written: &Written, took: Duration) -> Result<String> {
    let mut worst = Vec::new();
    let mut programmes: BTreeMap<Organisation, Vec<(Option<u32>, String)>> = BTreeMap::new();
    let mut suppliers = 0;
    for_each_worst(reader, None, |stored| {
        suppliers += 1;
        let score = StoredScore::parse(&stored.body)?;
        let facts = stored_facts(reader, &score)?;
        let name = score.name.clone().unwrap_or_default();
        for programme in &facts.requirement.programmes {
            programmes.entry(programme.clone()).or_default();
        }
        for loss in facts.impact.single_point_of.iter().filter(|loss| loss.hidden) {
            let point = (facts.impact.tier, format!("{name} ({}): {}", score.organisation, lost(loss)));
            programmes.entry(loss.programme.clone()).or_default().push(point);
        }
        if let Some(risk_bp) = score.risk_bp.filter(|_| worst.len() < WORST_SHOWN) {
            let reasons = score.reasons();
            worst.push(Worst {
                organisation: score.organisation,
                name,
                risk_bp,
                band: score.band,
                tier: facts.impact.tier,
                reasons,
            });
        }
        Ok(true)
    })?;
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{} attestations about {} organisations below {} programmes: {suppliers} suppliers scored in {:.2} s\n\nThe {} worst suppliers",
        written.attestations,
        written.organisations,
        written.programmes,
        took.as_secs_f64(),
        worst.len(),
    );
    let _ = writeln!(
        text,
        "{}\n\nHidden single points of failure: nobody buys from them directly, and everything hangs on them",
        table(&worst, &COLUMNS)
    );
    for (programme, mut points) in programmes {
        points.sort();
        let _ = writeln!(text, "  {programme}");
        if points.is_empty() {
            let _ = writeln!(text, "    none");
        }
        for (tier, point) in points {
            let _ = writeln!(text, "    tier {} {point}", tier.map_or_else(|| "?".to_owned(), |tier| tier.to_string()));
        }
    }
    let _ = writeln!(text, "\nIn quarantine");
    let waiting =
        QuarantineFilter { state: Some(QuarantineState::Waiting), reason: None, after: 0, limit: QUARANTINED_SHOWN };
    for item in reader.quarantine(&waiting)? {
        let _ = writeln!(text, "  {:<18} {}\n    {}", item.reason, item.origin, item.sentence);
    }
    Ok(text)
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

/// Where to look next.
fn addresses(folder: &Path, address: SocketAddr, written: &Written) -> String {
    let config = folder.join("tierwatch.toml");
    let mut text = format!(
        "\nmetrics   http://{address}/metrics\nhealth    http://{address}/healthz, http://{address}/readyz\nfeed      {}\n\
         explain   tierwatch --config {} explain ORGANISATION\n",
        folder.join("feed").display(),
        config.display(),
    );
    if let Some(file) = &written.replacement {
        let _ = writeln!(text, "try       cp {} {}/", folder.join(file).display(), folder.join("feed").display());
    }
    text
}

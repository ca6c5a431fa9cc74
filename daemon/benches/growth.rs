//! How much the store grows with an attestation at the load that the project's figures speak of: 5 000 organisations below
//! 50 programmes, a thousand attestations a day.
//!
//! `cargo bench --bench growth [-- ATTESTATIONS [ORGANISATIONS]]`. Each attestation renews one of the network's, is verified,
//! stored, evaluated and its scores stored before the next one comes, as in a daemon at that load; the days are virtual, so
//! that what midnights change is in the figure too. Bytes are those of the file after its log was written back.

mod common;

use common::{Renewal, TIERWATCH, asked, print_machine, renewals, simulate_renewed};
use rusqlite::Connection;
use std::{
    collections::BTreeMap,
    convert::Infallible,
    fs,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};
use tierwatch::{
    attest::Matter,
    config::Config,
    model::Instant,
    pipeline::{scoring, settings::Settings},
    scoring::{fleet::Fleet, rebuild},
    store::{Arrival, Intake, NewAttestation, Reader, Store, StoreOptions, StoredArrival},
};

const ORGANISATIONS: usize = 5_000;
const ATTESTATIONS: usize = 2_000;
/// How many of them come in a day.
const A_DAY: usize = 1_000;
const DAY_SECONDS: i64 = 86_400;
/// The name of the feed in a simulated network's configuration.
const FEED: &str = "demo";
/// Most bytes an attestation that the project allows itself at the full load.
const ALLOWED_BYTES: f64 = 4_096.0;

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn main() {
    print_machine();
    let [attestations, organisations] = asked([ATTESTATIONS, ORGANISATIONS]);
    let folder = tempfile::tempdir().expect("a folder");
    let network = simulate_renewed(folder.path(), organisations);
    let status = Command::new(TIERWATCH)
        .arg("--config")
        .arg(network.join("tierwatch.toml"))
        .arg("ingest")
        .arg(network.join("feed"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    // Some of what is simulated is refused on purpose.
    assert_eq!(status.expect("the binary starts").code(), Some(3), "the network is not taken in");

    let mut site = Site::new(&network);
    let renewals = renewals(folder.path());
    assert!(renewals.len() >= attestations, "the network has {} attestations to renew", renewals.len());
    site.evaluate();
    let before = Contents::of(&site.rest());
    let mut accepted = 0;
    for (nth, renewal) in renewals.iter().take(attestations).enumerate() {
        site.pass(nth);
        accepted += site.take_in(renewal);
    }
    let after = Contents::of(&site.rest());
    println!(
        "growth: {organisations} organisations, {accepted} attestations taken in one by one, {A_DAY} a virtual day"
    );
    after.print_against(&before, accepted);
}

/// A daemon's state, driven by hand.
struct Site {
    settings: Settings,
    store: Option<Store>,
    fleet: Fleet,
    start: Instant,
    now: Instant,
}

impl Site {
    fn new(network: &Path) -> Self {
        let config = network.join("tierwatch.toml");
        let settings = Settings::read(&config, Config::read(&config).expect("a configuration")).expect("settings");
        let reader = Reader::open(&settings.config.store_path()).expect("the store is read");
        let start = reader.newest_time().expect("read").expect("it holds something");
        let fleet = rebuild::rebuild(&settings.verifier, &reader, start, None).expect("the state").fleet;
        Self { settings, store: None, fleet, start, now: start }
    }

    fn store(&mut self) -> &Store {
        let path = self.settings.config.store_path();
        self.store.get_or_insert_with(|| Store::open(&path, &StoreOptions::default()).expect("the store opens"))
    }

    /// Goes on to the time at which the attestation with this number comes.
    fn pass(&mut self, nth: usize) {
        let seconds = DAY_SECONDS * i64::try_from(nth).expect("few") / i64::try_from(A_DAY).expect("few");
        self.now = self.start.plus_seconds(seconds);
    }

    /// Verifies, stores and scores; how many attestations were new.
    fn take_in(&mut self, renewal: &Renewal) -> usize {
        let now = self.now;
        let verified = self.settings.verifier.verify(renewal.line.as_bytes(), FEED, now);
        let verified = verified.unwrap_or_else(|refusal| panic!("{}: {refusal}", renewal.origin));
        let envelope: Arc<[u8]> = renewal.line.as_bytes().into();
        let arrival = |one: &tierwatch::attest::Verified| {
            let signers = one.signers.iter().map(|key| key.to_string().into()).collect();
            let (matter, origin) = (Matter::of(&one.attestation).digest, renewal.origin.as_str().into());
            let (envelope, feed) = (Arc::clone(&envelope), FEED.into());
            Arrival::Attested(NewAttestation::new(&one.attestation, envelope, matter, signers, feed, origin))
        };
        let arrivals = verified.iter().map(arrival).collect();
        let intake = Intake { arrivals, positions: Vec::new(), forgotten: Vec::new(), stored_at: now };
        let done = self.store().intake(intake).wait().expect("stored");
        let mut new = 0;
        for (one, stored) in verified.into_iter().zip(done.outcomes) {
            if matches!(stored, StoredArrival::New { .. }) {
                self.fleet.insert(Arc::new(one.attestation), &one.remit);
                new += 1;
            }
        }
        self.evaluate();
        new
    }

    fn evaluate(&mut self) {
        self.store();
        let Self { settings, store: Some(store), fleet, now, .. } = self else { return };
        let done = fleet.evaluate(&settings.scorer, *now, &|_, _| None, |evaluation| {
            if evaluation.is_news() {
                store.record_scores(scoring(&evaluation, Vec::new(), *now)).wait().expect("recorded");
            }
            Ok::<_, Infallible>(())
        });
        done.expect("nothing of it fails");
    }

    /// The store's file when nobody writes it.
    fn rest(&mut self) -> std::path::PathBuf {
        self.store = None;
        self.settings.config.store_path()
    }
}

/// What the store's file holds.
struct Contents {
    file_bytes: u64,
    /// Pages of each table and index, in bytes.
    pages: BTreeMap<String, f64>,
    rows: BTreeMap<String, f64>,
    /// Of each column, all its values together.
    values: BTreeMap<String, f64>,
    /// Scores that say nothing new but of what they were made.
    unchanged: f64,
}

impl Contents {
    fn of(path: &Path) -> Self {
        let file_bytes = fs::metadata(path).expect("the file").len();
        let connection = Connection::open(path).expect("opens");
        let pairs = |sql: &str| -> Vec<(String, f64)> {
            let mut query = connection.prepare(sql).expect("a query");
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
            rows.collect::<rusqlite::Result<_>>().expect("rows")
        };
        let pages = pairs("SELECT name, CAST(sum(pgsize) AS REAL) FROM dbstat GROUP BY name").into_iter().collect();
        let tables = "FROM sqlite_schema AS m WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'";
        let names = pairs(&format!("SELECT m.name, 0.0 {tables}"));
        let counted = |name: &String| {
            let rows = pairs(&format!("SELECT '{name}', CAST(count(*) AS REAL) FROM {name}"));
            rows.into_iter().next().expect("one")
        };
        let rows = names.iter().map(|(name, _)| counted(name)).collect();
        let columns = pairs(
            "SELECT m.name || '.' || c.name, 0.0 FROM sqlite_schema AS m, pragma_table_info(m.name) AS c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND c.type IN ('TEXT', 'BLOB')",
        );
        let values = columns.into_iter().flat_map(|(name, _)| {
            let (table, column) = name.split_once('.').expect("a table's column");
            let length = format!("coalesce(CAST(sum(length(CAST({column} AS BLOB))) AS REAL), 0.0)");
            pairs(&format!("SELECT '{name}', {length} FROM {table}"))
        });
        let values = values.collect();
        let unchanged = pairs("SELECT '', CAST(count(*) AS REAL) FROM score WHERE change IS NULL")[0].1;
        Self { file_bytes, pages, rows, values, unchanged }
    }

    #[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
    #[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^53 bytes")]
    fn print_against(&self, before: &Self, attestations: usize) {
        let each = |bytes: f64| bytes / attestations as f64;
        let file = each((self.file_bytes - before.file_bytes) as f64);
        println!("{file:.0} bytes an attestation; {ALLOWED_BYTES:.0} are allowed at the full load");
        let whole = each((self.file_bytes - before.file_bytes) as f64) * 365_000.0 / 1e9;
        println!("that is {whole:.2} GB a year at {A_DAY} a day");
        let print = |title: &str, now: &BTreeMap<String, f64>, then: &BTreeMap<String, f64>, least: f64| {
            println!("\n{title}, an attestation");
            let grown = |name: &String, value: f64| value - then.get(name).copied().unwrap_or(0.0);
            let mut grown: Vec<_> = now.iter().map(|(name, value)| (name, each(grown(name, *value)))).collect();
            grown.sort_by(|one, other| other.1.total_cmp(&one.1));
            for (name, value) in grown.iter().filter(|(_, value)| *value >= least) {
                println!("  {value:>8.1}  {name}");
            }
        };
        print("bytes of pages", &self.pages, &before.pages, 1.0);
        print("rows", &self.rows, &before.rows, 0.01);
        print("bytes of values", &self.values, &before.values, 1.0);
        let unchanged = self.unchanged - before.unchanged;
        let scores = self.rows["score"] - before.rows["score"];
        println!("\n{:.0} % of the scores say nothing new but of what they were made", 100.0 * unchanged / scores);
    }
}

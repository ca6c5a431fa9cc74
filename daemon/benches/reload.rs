//! From a component renamed into the plugin folder to that version counting, as the daemon's log says it; and a hundred such
//! reloads while attestations keep arriving.
//!
//! `cargo bench --bench reload`; about six minutes. The rule is `cyber-posture` under another name. What makes it another
//! version is the length of a day, a constant in the rule and in the SDK's calendar; in Python, a custom section that means
//! nothing. The rule never seen is the worked one of `plugin new`, on a site that has compiled the built-in rules only. The
//! Python rule is measured when `make guests` has run.

mod common;

use common::{Issuer, Running, TIERWATCH, append, memory_mb, print_machine, simulate};
use rusqlite::Connection;
use std::{
    fs::{self, OpenOptions},
    io::{BufRead as _, BufReader, Write as _},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
        mpsc::{self, Receiver},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use tierwatch::{
    model::{Digest, Instant as Now, Organisation},
    rules::built_in,
};

const ORGANISATIONS: u32 = 10_000;
/// Reloads measured one after another, and under load.
const RELOADS: u32 = 20;
const RELOADS_UNDER_LOAD: u32 = 100;
/// Attestations a second under load.
const LOAD: u32 = 2_000;
/// How long they arrive without any reload.
const LOAD_ALONE: Duration = Duration::from_secs(60);
/// Between two questions about what has come of something.
const BETWEEN_QUESTIONS: Duration = Duration::from_millis(5);
/// How long what goes on after a reload may take.
const AFTERWARDS: Duration = Duration::from_millis(100);
/// Where the daemon keeps compiled functions, below its folder.
const FUNCTIONS: &str = "data/compiled/functions.db";
/// `i64.const 86400`, the seconds of a day, and which of its bytes is the least significant.
const DAY: [u8; 4] = [0x42, 0x80, 0xa3, 0x05];
const DAY_LEAST: usize = 1;
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(120);

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn main() {
    print_machine();
    let folder = tempfile::tempdir().expect("a folder");
    println!("reload: from the new file to the new version counting, {RELOADS} times each");
    let rule = worked_rule(&folder.path().join("rust"), "rust", |_| ());
    for organisations in [0, ORGANISATIONS] {
        let site = Site::new(&folder.path().join(organisations.to_string()), organisations);
        let daemon = site.start();
        let versions: Vec<Vec<u8>> = (1..=RELOADS).map(rust_rule).collect();
        let functions = Connection::open(site.folder.join(FUNCTIONS)).expect("compiled functions");
        functions.execute_batch("CREATE TEMP TABLE built_in AS SELECT name FROM functions").expect("their names");
        let as_new = (0..RELOADS).map(|number| {
            // The compiler of the last is just keeping its own.
            thread::sleep(AFTERWARDS);
            let forget = "DELETE FROM functions WHERE name NOT IN (SELECT name FROM built_in)";
            functions.execute(forget, []).expect("forgotten");
            daemon.reload(&version(&rule, number))
        });
        report("Rust, a rule never seen", organisations, as_new.collect());
        report("Rust, another version", organisations, versions.iter().map(|bytes| daemon.reload(bytes)).collect());
        report("Rust, compiled before", organisations, versions.iter().map(|bytes| daemon.reload(bytes)).collect());
        if let Some(rule) = python_rule(&folder.path().join(format!("python-{organisations}"))) {
            let versions: Vec<Vec<u8>> = (0..3).map(|number| version(&rule, number)).collect();
            report(
                "Python, another version",
                organisations,
                versions.iter().map(|bytes| daemon.reload(bytes)).collect(),
            );
            let again = (0..RELOADS).map(|nth| daemon.reload(&versions[nth as usize % versions.len()]));
            report("Python, compiled before", organisations, again.collect());
        }
    }
    under_load(&Site::new(&folder.path().join("load"), ORGANISATIONS));
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn report(what: &str, organisations: u32, mut took: Vec<Duration>) {
    took.sort_unstable();
    let milliseconds = |at: usize| took[at * (took.len() - 1) / 100].as_secs_f64() * 1000.0;
    println!(
        "{what:<26} {organisations:>6} suppliers: median {:>6.1} ms, worst {:>6.1} ms",
        milliseconds(50),
        milliseconds(100)
    );
}

/// A hundred reloads while nothing arrives; then attestations arrive, at first alone and then beside a hundred reloads: none
/// is refused, and every attestation is stored. What arrives stays in memory, so it is what a reload adds to that which
/// tells whether reloads leave anything there.
#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn under_load(site: &Site) {
    let daemon = site.start();
    let stored_before = daemon.metric("tierwatch_store_attestations");
    let refused_before = daemon.metric("tierwatch_reloads_total{outcome=\"refused\"}");
    let versions = [rust_rule(1), rust_rule(2)];
    let reload = |nth: u32| daemon.reload(&versions[nth as usize % 2]);
    let memory = || memory_mb(daemon.process.0.id(), "VmRSS");
    (0..2).for_each(|nth| _ = reload(nth));
    let at_first = memory();
    report("one after another", ORGANISATIONS, (0..RELOADS_UNDER_LOAD).map(reload).collect());
    println!("memory {at_first:.0} MB before, {:.0} MB after", memory());

    let load = Load::start(site);
    // What the first batches need for good is there.
    thread::sleep(LOAD_ALONE / 4);
    let (fed_0, memory_0) = (load.fed(), memory());
    thread::sleep(LOAD_ALONE);
    let (fed_1, memory_1, started) = (load.fed(), memory(), Instant::now());
    let took: Vec<Duration> = (0..RELOADS_UNDER_LOAD).map(reload).collect();
    let (fed_2, memory_2, lasted) = (load.fed(), memory(), started.elapsed());
    let fed = load.stop();
    let stored = || daemon.metric("tierwatch_store_attestations") - stored_before;
    daemon.wait(|| stored() >= f64::from(fed));
    let rate = f64::from(fed_2 - fed_1) / lasted.as_secs_f64();
    report(&format!("under {rate:.0} attestations/s"), ORGANISATIONS, took);
    let refused = daemon.metric("tierwatch_reloads_total{outcome=\"refused\"}") - refused_before;
    println!("{RELOADS_UNDER_LOAD} reloads, {refused} refused; {fed} attestations fed, {} stored", stored());
    let bytes_each = |memory: f64, fed: u32| memory * 1e6 / f64::from(fed);
    println!(
        "memory {memory_0:.0} MB, {memory_1:.0} MB after the load alone ({:.0} bytes an attestation), \
         {memory_2:.0} MB after the load with reloads ({:.0} bytes an attestation)",
        bytes_each(memory_1 - memory_0, fed_1 - fed_0),
        bytes_each(memory_2 - memory_1, fed_2 - fed_1),
    );
}

/// Signed lines that are appended to a feed, [`LOAD`] a second.
struct Load {
    stop: Arc<AtomicBool>,
    fed: Arc<AtomicU32>,
    feeding: JoinHandle<()>,
}

impl Load {
    fn start(site: &Site) -> Self {
        let (stop, fed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
        let (stopped, counter, issuer) = (Arc::clone(&stop), Arc::clone(&fed), site.issuer.clone());
        let path = site.folder.join("feed/load.jsonl");
        let feeding = thread::spawn(move || {
            let mut file = OpenOptions::new().create(true).append(true).open(path).expect("a feed");
            let started = Instant::now();
            let mut fed = 0;
            while !stopped.load(Ordering::Relaxed) {
                let due = (started.elapsed().as_secs_f64() * f64::from(LOAD)) as u32;
                let lines: String = (fed..due).map(|number| questionnaire(&issuer, number) + "\n").collect();
                file.write_all(lines.as_bytes()).expect("written");
                fed = due;
                counter.store(fed, Ordering::Relaxed);
                thread::sleep(Duration::from_millis(10));
            }
        });
        Self { stop, fed, feeding }
    }

    /// How many lines there are.
    fn fed(&self) -> u32 {
        self.fed.load(Ordering::Relaxed)
    }

    /// Ends it; gives how many lines there are.
    fn stop(self) -> u32 {
        self.stop.store(true, Ordering::Relaxed);
        self.feeding.join().expect("it feeds");
        self.fed.load(Ordering::Relaxed)
    }
}

fn questionnaire(issuer: &Issuer, number: u32) -> String {
    let organisation = Organisation::checked_before(&format!("GB-COH:{}", 90_000_001 + number % ORGANISATIONS));
    issuer.questionnaire(&organisation, Now::from_unix_seconds(1_760_000_000 + i64::from(number)), number % 4)
}

/// The rule `cyber-postura`: `cyber-posture` by another name of the same length, with a day of `number` seconds more.
fn rust_rule(number: u32) -> Vec<u8> {
    let original = built_in().iter().find(|rule| rule.name == "cyber-posture").expect("the rule").component;
    let mut component = original.to_vec();
    let mut replace = |from: &[u8], to: &[u8]| {
        let offsets: Vec<usize> = (0..component.len()).filter(|&at| component[at..].starts_with(from)).collect();
        assert!(!offsets.is_empty(), "{from:?} is not in it");
        offsets.into_iter().for_each(|at| component[at..at + to.len()].copy_from_slice(to));
    };
    replace(b"cyber-posture", b"cyber-postura");
    let mut day = DAY;
    day[DAY_LEAST] += u8::try_from(number).expect("a small number");
    replace(&DAY, &day);
    component
}

/// The same component with a custom section that means nothing.
fn version(component: &[u8], number: u32) -> Vec<u8> {
    let section = [&[0, 6, 1, b'x'][..], &number.to_le_bytes()].concat();
    [component, &section].concat()
}

/// The worked rule in Python; `None` where there is nothing to build it with.
fn python_rule(folder: &Path) -> Option<Vec<u8>> {
    let environment = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/guests/python");
    let link = |rule: &Path| symlink(&environment, rule.join(".venv")).expect("a link");
    environment.exists().then(|| worked_rule(folder, "python", link))
}

/// The worked rule in a language under the name of the site's, built with what `prepare` puts into its folder.
fn worked_rule(folder: &Path, language: &str, prepare: impl FnOnce(&Path)) -> Vec<u8> {
    fs::create_dir_all(folder).expect("a folder");
    let plugin = |arguments: &[&str]| {
        let status =
            Command::new(TIERWATCH).arg("plugin").args(arguments).current_dir(folder).stdout(Stdio::null()).status();
        assert!(status.expect("the binary starts").success(), "{arguments:?}");
    };
    plugin(&["new", "cyber-postura", "--lang", language]);
    let rule = folder.join("cyber-postura");
    prepare(&rule);
    plugin(&["build", "cyber-postura"]);
    fs::read(rule.join("cyber-postura.wasm")).expect("it was built")
}

/// A simulated network whose policy runs one rule, from a folder of plugins.
struct Site {
    folder: PathBuf,
    issuer: Issuer,
}

impl Site {
    fn new(folder: &Path, organisations: u32) -> Self {
        let issuer = Issuer::new();
        simulate(folder, organisations.max(100), 4);
        if organisations == 0 {
            fs::remove_dir_all(folder.join("feed")).expect("a feed");
            fs::create_dir(folder.join("feed")).expect("a feed");
        }
        fs::create_dir(folder.join("plugins")).expect("a folder");
        fs::write(folder.join("plugins/rule.wasm"), rust_rule(0)).expect("a component");
        fs::write(
            folder.join("uk-mod.toml"),
            "name = \"one\"\nversion = \"1\"\n[[bands]]\nname = \"any\"\nfrom_bp = 0\n[rules.cyber-postura]\n",
        )
        .expect("a policy");
        let more = "\n[http]\nlisten = \"127.0.0.1:0\"\n[plugins]\nfolder = \"plugins\"\n";
        append(&folder.join("tierwatch.toml"), more);
        issuer.be_trusted(folder);
        Self { folder: folder.to_owned(), issuer }
    }

    fn start(&self) -> Daemon {
        let mut command = Command::new(TIERWATCH);
        command.arg("--config").arg(self.folder.join("tierwatch.toml")).arg("run").stderr(Stdio::piped());
        // As `make demo` and the systemd unit start it: the C library keeps one heap for each thread otherwise.
        command.env("MALLOC_ARENA_MAX", "1");
        let mut process = command.spawn().expect("the binary starts");
        let mut log = BufReader::new(process.stderr.take().expect("it is piped")).lines();
        let address = log.find_map(|line| {
            let line = line.ok()?;
            Some(line.split_once("address=")?.1.split(' ').next()?.to_owned())
        });
        let (taken, reloads) = mpsc::channel();
        // The pipe is read to its end, so that the daemon never waits for it.
        thread::spawn(move || {
            let reloaded = log.map_while(Result::ok).filter(|line| line.contains("reload"));
            reloaded.for_each(|line| _ = taken.send((Instant::now(), line)));
        });
        let url = format!("http://{}/metrics", address.expect("it listens"));
        let daemon = Daemon { process: Running(process), url, plugins: self.folder.join("plugins"), reloads };
        daemon.wait(|| daemon.metric("tierwatch_ready") > 0.0);
        daemon
    }
}

struct Daemon {
    process: Running,
    url: String,
    plugins: PathBuf,
    /// Lines of the log about reloads, and when they came.
    reloads: Receiver<(Instant, String)>,
}

impl Daemon {
    /// Puts a component in the place of the last one; gives how long it takes until it counts.
    fn reload(&self, component: &[u8]) -> Duration {
        let arriving = self.plugins.with_file_name("arriving");
        fs::write(&arriving, component).expect("written");
        let digest = Digest::of(component).short();
        let started = Instant::now();
        fs::rename(arriving, self.plugins.join("rule.wasm")).expect("renamed");
        let (at, line) = self.reloads.recv_timeout(PATIENCE).expect("something comes of it");
        assert!(line.contains("reloaded: ") && self.metrics().contains(&digest), "{line}");
        at - started
    }

    fn metrics(&self) -> String {
        let mut response = ureq::get(&self.url).call().expect("it answers");
        response.body_mut().read_to_string().expect("text")
    }

    fn metric(&self, series: &str) -> f64 {
        let metrics = self.metrics();
        let line = metrics.lines().find(|line| line.strip_prefix(series).is_some_and(|rest| rest.starts_with(' ')));
        line.and_then(|line| line.rsplit_once(' ')?.1.parse().ok()).unwrap_or(0.0)
    }

    fn wait(&self, mut is_so: impl FnMut() -> bool) {
        let started = Instant::now();
        while !is_so() {
            assert!(started.elapsed() < PATIENCE, "nothing came of it in {PATIENCE:?}");
            thread::sleep(BETWEEN_QUESTIONS);
        }
    }
}

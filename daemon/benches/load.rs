//! From arrival to score at the load that the project's figures speak of: 5 000 organisations below 50 programmes, 1.4
//! attestations a second. What the daemon's own histogram says of it, which the alert TierwatchScoringSlow asks.
//!
//! `cargo bench --bench load [-- ATTESTATIONS [ORGANISATIONS]]`; about seven minutes. Each attestation renews one of the
//! network's and is a file of its own, renamed into the feed.

mod common;

use common::{Running, TIERWATCH, append, asked, print_machine, renewals, simulate_renewed};
use std::{
    fs,
    net::TcpListener,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

const ORGANISATIONS: usize = 5_000;
const ATTESTATIONS: usize = 500;
/// Between two attestations: 1.4 a second.
const BETWEEN: Duration = Duration::from_nanos(1_000_000_000 * 10 / 14);
/// How long the network may take to be scored, and the last attestation to show.
const PATIENCE: Duration = Duration::from_secs(900);
/// What ordinary load stays below, in seconds: the alert's threshold.
const SLOW_SECONDS: f64 = 0.25;

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn main() {
    print_machine();
    let [attestations, organisations] = asked([ATTESTATIONS, ORGANISATIONS]);
    let folder = tempfile::tempdir().expect("a folder");
    let network = simulate_renewed(folder.path(), organisations);
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
    let config = network.join("tierwatch.toml");
    append(&config, &format!("\n[http]\nlisten = \"{free}\"\n"));
    let live = network.join("feed/live");
    fs::create_dir(&live).expect("a folder");
    let run = Command::new(TIERWATCH).arg("--config").arg(&config).arg("run").stderr(Stdio::null()).spawn();
    let _daemon = Running(run.expect("the binary starts"));
    let scrape = || {
        let answer = ureq::get(format!("http://{free}/metrics")).call().ok()?;
        answer.into_body().read_to_string().ok()
    };
    let is_ready = || ureq::get(format!("http://{free}/readyz")).call().is_ok();
    wait_for(is_ready);
    thread::sleep(Duration::from_secs(2));

    let before = Histogram::of(&scrape().expect("metrics"));
    let renewals = renewals(folder.path());
    assert!(renewals.len() >= attestations, "the network has {} attestations to renew", renewals.len());
    let started = Instant::now();
    for (nth, renewal) in (0..).zip(renewals.iter().take(attestations)) {
        let draft = network.join("draft");
        fs::write(&draft, &renewal.line).expect("a file");
        thread::sleep((BETWEEN * nth).saturating_sub(started.elapsed()));
        fs::rename(&draft, live.join(format!("{nth}.json"))).expect("a rename");
    }
    let mut after = Histogram::default();
    wait_for(|| {
        after = Histogram::of(&scrape().unwrap_or_default()).since(&before);
        after.count() >= attestations as f64
    });
    println!(
        "load: {organisations} organisations, {attestations} attestations, one every {BETWEEN:?}; from arrival to score"
    );
    println!(
        "p50 {:.1} ms, p90 {:.1} ms, p99 {:.1} ms by the daemon's histogram; {:.2} % took more than {:.0} ms",
        after.quantile(0.5) * 1000.0,
        after.quantile(0.9) * 1000.0,
        after.quantile(0.99) * 1000.0,
        after.over(SLOW_SECONDS) * 100.0,
        SLOW_SECONDS * 1000.0
    );
    for (until, count) in &after.buckets {
        println!("  up to {until:>7} s: {count}");
    }
}

fn wait_for(mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < PATIENCE, "nothing came of it in {PATIENCE:?}");
        thread::sleep(Duration::from_millis(200));
    }
}

/// A cumulative histogram, as Prometheus has it.
#[derive(Default)]
struct Histogram {
    /// Up to how many seconds, and how many took no longer.
    buckets: Vec<(f64, f64)>,
}

impl Histogram {
    fn of(metrics: &str) -> Self {
        let bucket = |line: &str| {
            let (until, count) =
                line.strip_prefix("tierwatch_arrival_to_score_seconds_bucket{le=\"")?.split_once("\"} ")?;
            Some((until.parse().ok()?, count.parse().ok()?))
        };
        Self { buckets: metrics.lines().filter_map(bucket).collect() }
    }

    fn since(self, before: &Self) -> Self {
        let grown = self.buckets.iter().zip(&before.buckets).map(|(now, then)| (now.0, now.1 - then.1));
        Self { buckets: grown.collect() }
    }

    fn count(&self) -> f64 {
        self.buckets.last().map_or(0.0, |(_, count)| *count)
    }

    /// As `histogram_quantile` has it: evenly spread within a bucket.
    fn quantile(&self, part: f64) -> f64 {
        let rank = part * self.count();
        let mut below = (0.0, 0.0);
        for (until, count) in &self.buckets {
            if *count >= rank && *count > below.1 {
                let last = if until.is_finite() { *until } else { return below.0 };
                return below.0 + (last - below.0) * (rank - below.1) / (count - below.1);
            }
            below = (*until, *count);
        }
        f64::NAN
    }

    /// The part that took longer.
    fn over(&self, seconds: f64) -> f64 {
        let within = self.buckets.iter().rfind(|(until, _)| *until <= seconds).map_or(0.0, |(_, count)| *count);
        1.0 - within / self.count()
    }
}

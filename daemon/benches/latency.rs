//! From `rename()` into the feed to the committed score, with 10 000 suppliers resident: seen from outside, by a reader of
//! the store that looks for the new score without a pause.

mod common;

use common::{Issuer, Running, TIERWATCH, append, print_machine, simulate};
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};
use tierwatch::{
    model::{Instant as Now, Organisation},
    store::Reader,
};

const ORGANISATIONS: u32 = 10_000;
/// Files dropped, one after another.
const FILES: u32 = 400;
/// How long the network may take to be scored, and one file to show.
const PATIENCE: Duration = Duration::from_secs(300);

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn main() {
    print_machine();
    let folder = tempfile::tempdir().expect("a folder");
    let network = folder.path().join("network");
    simulate(&network, ORGANISATIONS, 4);
    let issuer = Issuer::new();
    issuer.be_trusted(&network);
    let config = network.join("tierwatch.toml");
    append(&config, "\n[http]\nlisten = \"127.0.0.1:0\"\n");
    let run = Command::new(TIERWATCH).arg("--config").arg(&config).arg("run").stderr(Stdio::null()).spawn();
    let _daemon = Running(run.expect("the binary starts"));
    let store = network.join("data/tierwatch.db");
    let reader = wait_for(|| Reader::open(&store).ok());
    wait_for(|| (scores(&reader) >= u64::from(ORGANISATIONS)).then_some(()));
    thread::sleep(Duration::from_secs(1));
    let suppliers = reader.ranking(None).expect("scores");
    let mut took: Vec<Duration> = suppliers
        .iter()
        .zip(0..FILES)
        .map(|(one, nth)| drop_one(&network, &reader, &issuer, &one.organisation, nth))
        .collect();
    took.sort_unstable();
    let milliseconds = |at: usize| took[at * (took.len() - 1) / 100].as_secs_f64() * 1000.0;
    println!("latency: {ORGANISATIONS} suppliers resident, {FILES} files renamed into the feed");
    println!(
        "p50 {:.2} ms, p90 {:.2} ms, p99 {:.2} ms, worst {:.2} ms",
        milliseconds(50),
        milliseconds(90),
        milliseconds(99),
        milliseconds(100)
    );
}

fn scores(reader: &Reader) -> u64 {
    reader.counts().map_or(0, |counts| counts.scores.iter().map(|(_, count)| count).sum())
}

fn wait_for<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "nothing came of it in {PATIENCE:?}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Attests something new about one supplier, which makes its score another one.
fn drop_one(network: &Path, reader: &Reader, issuer: &Issuer, organisation: &Organisation, nth: u32) -> Duration {
    let questionnaire = issuer.questionnaire(organisation, Now::now(), nth % 4);
    let last = |reader: &Reader| reader.score_of(organisation, None).ok().flatten().map(|score| score.id);
    let before = last(reader);
    let draft = network.join(format!("draft-{nth}"));
    fs::write(&draft, questionnaire).expect("a file");
    let target = network.join(format!("feed/latency-{nth}.json"));
    let started = Instant::now();
    fs::rename(&draft, &target).expect("a rename");
    while last(reader) == before {
        assert!(started.elapsed() < PATIENCE, "the file {nth} does not show");
    }
    started.elapsed()
}

//! What was acknowledged is stored exactly once, however the process ended.

use super::*;
use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

/// Set for the child process that is killed; names its store.
const CHILD_STORE: &str = "TIERWATCH_TEST_STORE";
const KILLS: u32 = 5;
const EACH: u32 = 20;

/// The child: takes in without end and prints the offset of each position that was acknowledged.
#[test]
#[ignore = "runs as the child of `killed_at_any_moment_nothing_acknowledged_is_lost`"]
#[expect(clippy::print_stdout, reason = "how the child tells its parent what was acknowledged")]
fn child_that_takes_in_until_it_is_killed() {
    let Some(path) = std::env::var_os(CHILD_STORE) else { return };
    let store = Store::open(Path::new(&path), &StoreOptions::default()).expect("opens");
    let resumed = Reader::open(Path::new(&path)).and_then(|reader| reader.positions(FEED)).expect("read");
    let mut next = resumed.first().map_or(0, |position| u32::try_from(position.offset_bytes).expect("fits"));
    loop {
        // One before the position is sent again, as a feed may after a restart.
        let arrivals = (next.saturating_sub(1)..next + EACH).map(|number| attested(number, &["a"], "x")).collect();
        next += EACH;
        let positions = vec![position("a.jsonl", u64::from(next))];
        store.intake(Intake { positions, ..intake(arrivals, 1) }).wait().expect("stored");
        println!("\nacknowledged {next}");
    }
}

#[test]
fn killed_at_any_moment_nothing_acknowledged_is_lost() {
    let bench = Bench::new();
    drop(bench.store());
    let within = module_path!().split_once("::").expect("a module of the crate").1;
    let test = format!("{within}::child_that_takes_in_until_it_is_killed");
    for kill in 1..=KILLS {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", &test, "--ignored", "--nocapture"])
            .env(CHILD_STORE, bench.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a child");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let acknowledged = lines.map(|line| line.expect("a line"));
        let acknowledged = acknowledged.filter_map(|line| line.strip_prefix("acknowledged ")?.parse::<u32>().ok());
        let acknowledged = acknowledged.take(usize::try_from(kill * 7).expect("fits")).last().expect("some");
        child.kill().expect("SIGKILL");
        child.wait().expect("ended");

        let reader = bench.reader();
        let stored = rebuilt(&reader, None);
        let offset = reader.positions(FEED).expect("read")[0].offset_bytes;
        assert!(offset >= u64::from(acknowledged), "{offset} is before what was acknowledged, {acknowledged}");
        assert_eq!(stored.len() as u64, offset, "what was read up to the position, each once");
        for (number, (_, stored, _)) in (0..).zip(&stored) {
            assert_eq!(*stored, digest(number));
        }
    }
    drop(bench.store());
}

/// What a power cut leaves: the log ends anywhere, its index (in shared memory) is gone.
#[test]
fn a_log_that_was_cut_anywhere_holds_whole_intakes_only() {
    const INTAKES: u32 = 12;
    let bench = Bench::new();
    let store = bench.store();
    for number in 0..INTAKES {
        let arrivals = vec![attested(2 * number, &["a"], "x"), attested(2 * number + 1, &["a"], "x")];
        let positions = vec![position("a.jsonl", u64::from(2 * number + 2))];
        store.intake(Intake { positions, ..intake(arrivals, 1) }).wait().expect("stored");
    }
    let [database, log] =
        ["store.db", "store.db-wal"].map(|name| fs::read(bench.directory.path().join(name)).expect("read"));
    let mut most = 0;
    for cut in (0..=16).map(|sixteenth| log.len() * sixteenth / 16) {
        let copy = Bench::new();
        fs::write(copy.path(), &database).expect("written");
        fs::write(copy.directory.path().join("store.db-wal"), &log[..cut]).expect("written");
        let recovered = copy.store();
        let stored = rebuilt(&copy.reader(), None).len() as u64;
        let offset = copy.reader().positions(FEED).expect("read").first().map_or(0, |position| position.offset_bytes);
        assert_eq!(stored, offset, "cut at {cut} of {}", log.len());
        assert!(stored >= most, "a longer log holds no less");
        most = stored;
        let again = recovered.intake(intake((0..2 * INTAKES).map(|n| attested(n, &["a"], "x")).collect(), 2)).wait();
        let new = again
            .expect("stored")
            .outcomes
            .iter()
            .filter(|outcome| matches!(outcome, StoredArrival::New { .. }))
            .count();
        assert_eq!(new as u64 + stored, u64::from(2 * INTAKES), "what was lost is stored, the rest is known");
    }
    assert_eq!(most, u64::from(2 * INTAKES), "all that was acknowledged is in the whole log");
}

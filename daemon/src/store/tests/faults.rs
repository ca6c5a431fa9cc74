use super::*;
use std::{fs, io::Write as _, path::PathBuf};

fn refusal(path: &Path) -> String {
    Store::open(path, &StoreOptions::default()).expect_err("is refused").to_string()
}

#[test]
fn one_daemon_a_store_by_whatever_name() {
    let bench = Bench::new();
    let store = bench.store();
    let path = store.path().display().to_string();
    let expected = format!(
        "the store {path} is in use by process {}: stop that Tierwatch first, or give this one a store of its own",
        std::process::id()
    );
    assert_eq!(refusal(&bench.path()), expected);
    let link = bench.directory.path().join("link.db");
    std::os::unix::fs::symlink(bench.path(), &link).expect("a link");
    assert_eq!(refusal(&link), expected);
    store.close(MAX_DROP_TIME).expect("closes");
    drop(bench.store());
}

#[test]
fn what_is_no_store_is_refused_and_left_alone() {
    let bench = Bench::new();
    let path = bench.path();
    fs::write(&path, "a shopping list, longer than the hundred bytes of a header ".repeat(9)).expect("written");
    let expected = format!("{} is not a Tierwatch store: name another file, or move this one away", path.display());
    let before = fs::read(&path).expect("read");
    assert_eq!(refusal(&path), expected);
    assert_eq!(Reader::open(&path).expect_err("is refused").to_string(), expected);
    assert_eq!(fs::read(&path).expect("read"), before);

    let other = bench.directory.path().join("other.db");
    rusqlite::Connection::open(&other).and_then(|db| db.execute_batch("CREATE TABLE t (x)")).expect("a database");
    let before = fs::read(&other).expect("read");
    assert!(refusal(&other).contains("is not a Tierwatch store"));
    assert_eq!(fs::read(&other).expect("read"), before, "not even its journal mode was changed");
}

#[test]
fn what_is_not_there_is_said() {
    let missing = PathBuf::from("/nonexistent/store.db");
    assert_eq!(
        Reader::open(&missing).expect_err("is refused").to_string(),
        "there is no store at /nonexistent/store.db: start the daemon once, or name the store that it uses",
    );
    assert_eq!(
        refusal(&missing),
        "cannot use the store /nonexistent/store.db (No such file or directory (os error 2)): \
         check its disk, its folder and their permissions",
    );
}

#[test]
fn only_the_daemons_user_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::new();
    let store = bench.store();
    store.intake(intake(vec![attested(1, &["a"], "x")], 1)).wait().expect("stored");
    for entry in fs::read_dir(bench.directory.path()).expect("a directory") {
        let entry = entry.expect("an entry");
        let mode = entry.metadata().expect("metadata").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", entry.file_name());
    }
}

#[test]
fn a_full_store_acknowledges_nothing_and_goes_on_when_there_is_room() {
    let bench = Bench::new();
    let options = StoreOptions { size_limit_bytes: Some(256 * 1024), ..StoreOptions::default() };
    let store = Store::open(&bench.path(), &options).expect("opens");
    let mut stored = 0;
    let error = loop {
        let arrivals = (stored..stored + 20).map(|number| attested(number, &["a"], "x")).collect();
        let positions = vec![position("a.jsonl", u64::from(stored) + 20)];
        match store.intake(Intake { positions, ..intake(arrivals, 1) }).wait() {
            Ok(_) => stored += 20,
            Err(error) => break error,
        }
    };
    assert!(stored > 0);
    assert!(
        error
            .to_string()
            .ends_with("cannot grow: free space on its disk, or raise its size limit where one is configured")
    );
    let offset = |reader: &Reader| reader.positions(FEED).expect("read")[0].offset_bytes;
    assert_eq!(rebuilt(&bench.reader(), None).len() as u64, u64::from(stored));
    assert_eq!(offset(&bench.reader()), u64::from(stored), "nor did the position move");
    drop(store);

    let store = bench.store();
    let arrivals = (0..stored + 20).map(|number| attested(number, &["a"], "x")).collect();
    let done = store.intake(intake(arrivals, 2)).wait().expect("stored");
    assert_eq!(done.outcomes.iter().filter(|outcome| matches!(outcome, StoredArrival::New { .. })).count(), 20);
}

#[test]
fn damage_is_told_and_not_followed() {
    let bench = Bench::new();
    {
        let store = bench.store();
        let arrivals = (0..500).map(|number| attested(number, &["a"], "x")).collect();
        store.intake(intake(arrivals, 1)).wait().expect("stored");
    }
    let length = fs::metadata(bench.path()).expect("metadata").len();
    let mut file = fs::OpenOptions::new().write(true).open(bench.path()).expect("opens");
    // All but the first page, which says what the file is.
    std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(4096)).expect("seeks");
    file.write_all(&vec![0xa5; usize::try_from(length - 4096).expect("fits")]).expect("written");
    drop(file);
    let error = refusal(&bench.path());
    assert!(error.ends_with("check the disk, then put the newest backup in its place"), "{error}");
    let read = Reader::open(&bench.path()).and_then(|reader| reader.for_each_attestation(None, |_| Ok(())));
    let error = read.expect_err("is refused").to_string();
    assert!(error.ends_with("check the disk, then put the newest backup in its place"), "{error}");
}

#[test]
fn closing_finishes_what_was_asked_and_takes_nothing_more() {
    let bench = Bench::new();
    let store = bench.store();
    let pending: Vec<_> = (0..40).map(|n| store.intake(intake(vec![attested(n, &["a"], "x")], 1))).collect();
    store.close(MAX_DROP_TIME).expect("closes");
    for pending in pending {
        pending.wait().expect("was finished");
    }
    let late = store.intake(intake(vec![attested(99, &["a"], "x")], 1)).wait().expect_err("came too late");
    let expected = format!(
        "the store {} is closed and stored nothing of this: start the daemon again and send it again",
        store.path().display()
    );
    assert_eq!(late.to_string(), expected);
    assert!(!bench.directory.path().join("store.db-wal").exists(), "the log was written back");
    assert_eq!(rebuilt(&bench.reader(), None).len(), 40, "and it can be read with no daemon");
}

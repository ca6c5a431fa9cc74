//! The writer waits for trouble to pass: no request is lost, and the reason for the delay is logged once.

use super::*;
use rusqlite::Connection;
use std::{thread, time::Instant as Stopwatch};

fn waiting(bench: &Bench) -> (Arc<Trouble>, Store) {
    let trouble = Arc::new(Trouble::default());
    let options = StoreOptions { trouble: Some(Arc::clone(&trouble)), ..StoreOptions::default() };
    (trouble, Store::open(&bench.path(), &options).expect("opens"))
}

/// Waits until the trouble begins.
fn begun(trouble: &Trouble) -> StoreError {
    let started = Stopwatch::now();
    loop {
        if let Some(error) = trouble.why() {
            return error;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "no trouble");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn another_programs_lock_is_waited_for_and_a_stop_is_not_held_up() {
    let bench = Bench::new();
    let (trouble, store) = waiting(&bench);
    let other = Connection::open(bench.path()).expect("opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("locked");
    let pending = store.intake(intake(vec![attested(1, &["a"], "x")], 1));
    assert!(matches!(begun(&trouble), StoreError::Busy(_)));
    assert_eq!(rebuilt(&bench.reader(), None).len(), 0, "and it can be read meanwhile");
    other.execute_batch("COMMIT").expect("unlocked");
    assert_eq!(pending.wait().expect("stored").outcomes, [StoredArrival::New { id: 1 }]);
    assert_eq!(trouble.why(), None);

    other.execute_batch("BEGIN IMMEDIATE").expect("locked");
    let pending = store.intake(intake(vec![attested(2, &["a"], "x")], 2));
    begun(&trouble);
    trouble.give_up();
    assert!(matches!(pending.wait(), Err(StoreError::Busy(_))), "nothing is acknowledged");
    other.execute_batch("COMMIT").expect("unlocked");
    assert_eq!(rebuilt(&bench.reader(), None).len(), 1);
    drop(store);
}

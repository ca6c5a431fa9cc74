use super::*;
use std::{os::unix::ffi::OsStringExt as _, sync::Barrier};

#[test]
fn a_duplicate_changes_nothing_and_a_further_signer_is_added() {
    let bench = Bench::new();
    let store = bench.store();
    let check = |signers: &[&str], origin: &str, seconds, expected: StoredArrival| {
        let done = store.intake(intake(vec![attested(7, signers, origin)], seconds)).wait().expect("stored");
        assert_eq!(done.outcomes, [expected], "{signers:?}");
    };
    let extended = |signers: &[&str]| StoredArrival::SignersExtended {
        id: 1,
        signers: signers.iter().map(|s| (*s).into()).collect(),
    };
    check(&["own"], "a.json", 1, StoredArrival::New { id: 1 });
    check(&["own"], "b.json", 2, StoredArrival::Duplicate { id: 1 });
    check(&["authority", "own"], "c.json", 3, extended(&["own", "authority"]));
    check(&["authority"], "d.json", 4, StoredArrival::Duplicate { id: 1 });
    check(&["auditor"], "e.json", 5, extended(&["own", "authority", "auditor"]));

    let reader = bench.reader();
    let known =
        |seconds: Option<i64>| rebuilt(&reader, seconds.map(at)).into_iter().map(|row| row.2).collect::<Vec<_>>();
    assert_eq!(known(None), ["own authority auditor"]);
    assert_eq!(known(Some(4)), ["own authority"], "what was known before the auditor's copy came");
    assert_eq!(known(Some(2)), ["own"]);
    assert!(known(Some(0)).is_empty());

    let whole = reader.attestation(&digest(7)).expect("read").expect("is there");
    let copies: Vec<_> = whole.copies.iter().map(|copy| (copy.origin.as_str(), copy.signers.join(" "))).collect();
    assert_eq!(copies, [("a.json", "own".into()), ("c.json", "authority".into()), ("e.json", "auditor".into())]);
    assert_eq!(whole.copies[0].envelope, b"envelope 7");
    assert!(whole.canonical.contains(r#""kind":"entity.status""#), "{}", whole.canonical);
    assert_eq!(reader.attestation(&digest(8)), Ok(None));
}

/// An envelope repeats the canonical form in base64, and names its key and its subject by digests.
#[test]
fn an_envelope_takes_a_third_of_its_length_and_comes_back_to_the_byte() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let key = digest(1).to_string();
    let named = digest(2);
    let statement = format!(
        r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[{{"name":"GB-COH:09506232","digest":{{"sha256":"{named}"}}}}],"predicateType":"urn:tierwatch:attestation:entity.status:v1","predicate":{{"issued_at":"2026-07-29T00:00:00Z","claims":{{"status":"active"}}}}}}"#
    );
    let (payload, signature) = (STANDARD.encode(statement), STANDARD.encode([digest(3).0, digest(4).0].concat()));
    let envelope = format!(
        r#"{{"payloadType":"application/vnd.in-toto+json","payload":"{payload}","signatures":[{{"keyid":"{key}","sig":"{signature}"}}]}}"#
    );
    let bench = Bench::new();
    let arrivals = vec![arrival(7, &[&key], "a.json", envelope.as_bytes())];
    bench.store().intake(intake(arrivals, 1)).wait().expect("stored");
    let whole = bench.reader().attestation(&digest(7)).expect("read").expect("is there");
    assert_eq!(whole.copies[0].envelope, envelope.as_bytes());
    let lying: u32 = rusqlite::Connection::open(bench.path())
        .and_then(|connection| connection.query_row("SELECT length(envelope) FROM attestation", [], |row| row.get(0)))
        .expect("a length");
    assert!(lying as usize * 3 < envelope.len(), "{lying} of {} bytes", envelope.len());
}

#[test]
fn a_digest_that_comes_twice_in_one_intake_is_stored_once() {
    let bench = Bench::new();
    let store = bench.store();
    let arrivals = vec![attested(1, &["a"], "x"), attested(2, &["a"], "y"), attested(1, &["a"], "z")];
    let done = store.intake(intake(arrivals, 1)).wait().expect("stored");
    assert_eq!(
        done.outcomes,
        [StoredArrival::New { id: 1 }, StoredArrival::New { id: 2 }, StoredArrival::Duplicate { id: 1 }]
    );
}

#[test]
fn duplicates_are_known_on_every_shelf_and_after_a_restart() {
    let bench = Bench::new();
    let rows = (1 << 16) + 10;
    {
        let store = bench.store();
        for first in (0..rows).step_by(8192) {
            let arrivals = (first..rows.min(first + 8192)).map(|number| attested(number, &["a"], "x")).collect();
            store.intake(intake(arrivals, 1)).wait().expect("stored");
        }
    }
    let store = bench.store();
    let old: Vec<u32> = (0..rows).step_by(997).collect();
    let arrivals = old.iter().map(|number| attested(*number, &["a"], "again")).collect();
    let done = store.intake(intake(arrivals, 2)).wait().expect("stored");
    let expected: Vec<_> = old.iter().map(|number| StoredArrival::Duplicate { id: i64::from(*number) + 1 }).collect();
    assert_eq!(done.outcomes, expected);
    let reader = bench.reader();
    for number in [0, (1 << 16) - 1, 1 << 16, rows - 1] {
        let id = reader.attestation(&digest(number)).expect("read").map(|whole| whole.id);
        assert_eq!(id, Some(i64::from(number) + 1));
    }
    assert_eq!(reader.counts().expect("counts").attestations, u64::from(rows));
}

#[test]
fn a_refusal_is_kept_once_an_origin_and_settled_when_its_bytes_are_accepted() {
    let bench = Bench::new();
    let store = bench.store();
    let send = |arrivals, seconds| store.intake(intake(arrivals, seconds)).wait().expect("stored");
    assert_eq!(send(vec![refused("{", "a"), refused("{", "b"), refused("{{", "a")], 1).outcomes.len(), 3);
    assert_eq!(send(vec![refused("{", "a")], 9).outcomes, [StoredArrival::Quarantined { id: 1 }]);
    send(vec![refused("envelope 5", "c")], 10);

    let reader = bench.reader();
    let list = |state, after| {
        let filter = QuarantineFilter { state, after, limit: 10, reason: Some("malformed") };
        let rows = reader.quarantine(&filter).expect("read");
        rows.into_iter()
            .map(|row| format!("{} {} x{} {}", row.id, row.origin, row.attempts, row.state.as_str()))
            .collect()
    };
    let all: Vec<String> = list(None, 0);
    assert_eq!(all, ["1 a x2 waiting", "2 b x1 waiting", "3 a x1 waiting", "4 c x1 waiting"]);
    let (row, bytes) = reader.quarantined(1).expect("read").expect("is there");
    assert_eq!((row.received_at, row.last_tried_at, row.byte_count, bytes), (at(1), at(9), 1, b"{".to_vec()));
    assert_eq!(reader.quarantined(99), Ok(None));

    // Another from the same path settles nothing; the same bytes do, wherever they come from.
    assert_eq!(send(vec![attested(4, &["k"], "a"), attested(5, &["k"], "elsewhere")], 20).settled, 1);
    let settled: Vec<String> = list(None, 0);
    assert_eq!(settled, ["1 a x2 waiting", "2 b x1 waiting", "3 a x1 waiting", "4 c x1 accepted"]);
    assert_eq!(store.set_aside(vec![3, 4, 99]).wait(), Ok(1), "only what waits");
    assert_eq!(list(Some(QuarantineState::Waiting), 0), ["1 a x2 waiting", "2 b x1 waiting"]);
    assert_eq!(list(None, 3), ["4 c x1 accepted"]);
    assert_eq!(reader.counts().expect("counts").quarantined, [("malformed".to_owned(), 2)]);

    send(vec![refused("{{", "a")], 30);
    let waiting = list(Some(QuarantineState::Waiting), 2);
    assert_eq!(waiting, ["3 a x2 waiting"], "refused again, it waits again");
}

/// A refusal about the matter of this number, issued at this instant.
fn refused_word(bytes: &str, matter: Option<u32>, issued_at: Option<Instant>) -> RefusedArrival {
    let bytes = bytes.as_bytes().into();
    let refusal = RefusedArrival::whole(FEED.into(), "log.jsonl:byte 0".into(), "malformed", "send JSON", bytes);
    RefusedArrival { matter: matter.map(digest), issued_at, ..refusal }
}

#[test]
fn a_refusal_is_settled_by_a_later_word_on_its_matter() {
    let bench = Bench::new();
    let store = bench.store();
    let about = |bytes: &str, matter, issued_at| Arrival::Refused(refused_word(bytes, matter, issued_at));
    let refusals = vec![
        about("as old", Some(7), Some(at(0))),
        about("older", Some(7), Some(at(-1))),
        about("later", Some(7), Some(at(1))),
        // It came at 5.
        about("of no time", Some(7), None),
        about("another matter", Some(8), Some(at(0))),
        about("of no matter", None, Some(at(0))),
    ];
    store.intake(intake(refusals, 5)).wait().expect("stored");
    let settled = |arrival| store.intake(intake(vec![arrival], 9)).wait().expect("stored").settled;
    assert_eq!(settled(attested(7, &["k"], "log.jsonl:byte 0")), 2);
    let reader = bench.reader();
    let of_file = |path: &str| reader.waiting_of_file(FEED, path).expect("read");
    assert_eq!(of_file("log.jsonl"), [3, 4, 5, 6], "of no time: it may be the later word");
    assert_eq!(of_file("log.json"), Vec::<i64>::new(), "another file");
    let for_time = |seconds| reader.waiting_for_time("malformed", at(seconds)).expect("read");
    assert_eq!(for_time(0), (vec![4, 5, 6], Some(at(1))));
    assert_eq!(for_time(1), (vec![3, 4, 5, 6], None));
    assert_eq!(settled(said(20, at(4), 7, &["k"], "a.json")), 1, "the one that says it was before");
    assert_eq!(of_file("log.jsonl"), [4, 5, 6]);
    assert_eq!(settled(said(21, at(5), 7, &["k"], "b.json")), 1);
    assert_eq!(of_file("log.jsonl"), [5, 6], "what was said when it had come is later");
}

/// A known statement is no later one, however often it is read.
#[test]
fn a_word_that_is_known_settles_nothing_of_its_matter_again() {
    let bench = Bench::new();
    let store = bench.store();
    let send = |arrival, seconds| store.intake(intake(vec![arrival], seconds)).wait().expect("stored").settled;
    send(said(7, at(50), 7, &["own"], "a.json"), 60);
    // Bad news came after it, without a date or with a wrong one.
    send(Arrival::Refused(refused_word("of no time", Some(7), None)), 70);
    send(Arrival::Refused(refused_word("of an odd time", Some(7), Some(at(1)))), 70);
    send(Arrival::Refused(refused_word("envelope 7", Some(7), Some(at(50)))), 70);
    assert_eq!(send(said(7, at(50), 7, &["own"], "copy.json"), 80), 1, "the same bytes alone");
    let waiting = bench.reader().waiting_of_file(FEED, "log.jsonl").expect("read");
    assert_eq!(waiting, [1, 2]);
    // Further keys have signed it, so their holders state it now.
    assert_eq!(send(said(7, at(50), 7, &["own", "authority"], "countersigned.json"), 90), 1);
    assert_eq!(bench.reader().waiting_of_file(FEED, "log.jsonl").expect("read"), [1]);
}

/// What is retried and refused keeps its state.
#[test]
fn a_retry_makes_nothing_wait_again() {
    let check = |what: &str, row: RefusedArrival, retry: &dyn Fn(Arrival) -> Vec<Arrival>, expected: &str| {
        let bench = Bench::new();
        let store = bench.store();
        store.intake(intake(vec![Arrival::Refused(row)], 1)).wait().expect("stored");
        if what.contains("set aside") {
            store.set_aside(vec![1]).wait().expect("set aside");
        }
        let again = refused_word("bad", Some(7), Some(at(-1)));
        let again = RefusedArrival { sentence: "it is still bad".into(), ..again };
        let arrivals = retry(Arrival::RefusedAgain { id: 1, refusal: again });
        let outcomes = store.intake(intake(arrivals, 2)).wait().expect("stored").outcomes;
        assert!(outcomes.contains(&StoredArrival::Quarantined { id: 1 }), "{what}");
        let (row, _) = bench.reader().quarantined(1).expect("read").expect("is there");
        let stands = format!("{} x{}: {}", row.state.as_str(), row.attempts, row.sentence);
        assert_eq!(stands, expected, "{what}");
    };
    let known = || refused_word("bad", Some(7), Some(at(-1)));
    let unknown = || refused_word("bad", None, None);
    let later_word = || attested(7, &["k"], "a.json");
    check("alone", known(), &|again| vec![again], "waiting x2: it is still bad");
    check("set aside", known(), &|again| vec![again], "superseded x2: it is still bad");
    let settled = "superseded x2: it is still bad";
    check("after what settles it", known(), &|again| vec![later_word(), again], settled);
    check("before what settles it", known(), &|again| vec![again, later_word()], settled);
    check("only now told what it is", unknown(), &|again| vec![later_word(), again], settled);
}

#[test]
fn positions_move_with_what_was_read() {
    let bench = Bench::new();
    let store = bench.store();
    let strange = std::path::PathBuf::from(std::ffi::OsString::from_vec(b"caf\xe9.jsonl".to_vec()));
    let mut first = intake(vec![attested(1, &["a"], "x")], 1);
    first.positions = vec![
        position("b.jsonl", 10),
        position("a.jsonl", 20),
        FeedPosition { path: strange.clone(), ..position("", 5) },
    ];
    store.intake(first).wait().expect("stored");
    let mut second = intake(Vec::new(), 2);
    second.positions = vec![position("a.jsonl", 30)];
    second.forgotten = vec![(FEED.into(), "b.jsonl".into())];
    store.intake(second).wait().expect("stored");

    let positions = bench.reader().positions(FEED).expect("read");
    assert_eq!(positions, [position("a.jsonl", 30), FeedPosition { path: strange, ..position("", 5) }]);
    assert!(bench.reader().positions("another").expect("read").is_empty());
}

#[test]
fn readers_see_whole_intakes_while_the_writer_works() {
    const INTAKES: u32 = 200;
    const EACH: u32 = 25;
    let bench = Bench::new();
    let store = bench.store();
    let start = Barrier::new(3);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let reader = bench.reader();
                start.wait();
                let mut seen = 0;
                while seen < u64::from(INTAKES * EACH) {
                    let count = u64::try_from(rebuilt(&reader, None).len()).expect("fits");
                    let positions = reader.positions(FEED).expect("read");
                    let offset = positions.first().map_or(0, |position| position.offset_bytes);
                    assert_eq!(count % u64::from(EACH), 0, "an intake is seen whole");
                    assert!(count >= seen && offset >= count, "a later question sees no less");
                    seen = count;
                }
            });
        }
        start.wait();
        let mut pending = Vec::new();
        for number in 0..INTAKES {
            let arrivals = (0..EACH).map(|n| attested(number * EACH + n, &["a"], "x")).collect();
            let positions = vec![position("a.jsonl", u64::from((number + 1) * EACH))];
            pending.push(store.intake(Intake { positions, ..intake(arrivals, 1) }));
        }
        for pending in pending {
            pending.wait().expect("stored");
        }
    });
}

#[test]
fn an_intake_can_be_awaited() {
    let bench = Bench::new();
    let store = bench.store();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let pending = store.intake(intake(vec![attested(1, &["a"], "x")], 1));
    let done = runtime.block_on(pending).expect("stored");
    assert_eq!(done.outcomes, [StoredArrival::New { id: 1 }]);
}

//! What is in the file is what was written, or the difference is reported.

use super::*;
use crate::{
    model::{Exposure, Method},
    store::scoring::NewScore,
};
use rusqlite::{Connection, types::Value};
use std::{fs, path::PathBuf};

fn score(name: &str, risk_bp: u32, seconds: i64) -> NewScore {
    let digest = |of: &str| Digest::of(of.as_bytes()).to_string();
    let body = format!(
        r#"{{"organisation":"{name}","risk_bp":{risk_bp},"band":"low","plugins":["{}","{}"],"as_of":{seconds}}}"#,
        digest("one plugin"),
        digest("another plugin"),
    );
    NewScore {
        organisation: Organisation::checked_before(name),
        as_of: at(seconds),
        risk_bp: Some(risk_bp),
        band: "low".into(),
        coverage_bp: 10_000,
        confidence_bp: 9_500,
        provenance: Digest::of(body.as_bytes()),
        change: Some(format!(r#"{{"after":{risk_bp},"plugin":"{}"}}"#, digest("one plugin")).into()),
        body: body.into_bytes(),
    }
}

/// A store with something in every table.
fn filled(bench: &Bench) {
    let store = bench.store();
    let arrivals = vec![
        attested(1, &["a"], "x"),
        attested(2, &["a"], "y"),
        attested(1, &["b"], "z"),
        refused("not JSON", "q"),
        refused("not JSON either", "r"),
    ];
    let mut first = intake(arrivals, 1);
    first.positions = vec![position("a.jsonl", 10)];
    store.intake(first).wait().expect("stored");
    let exposure = |probability| Exposure {
        horizon_days: 365,
        probability,
        low: probability / 2.0,
        high: 1.0,
        method: Method::MonteCarlo { scenarios: 4096, not_exact_because: "it is followed".into() },
    };
    let gone = Organisation::checked_before("CAGE:ZZZZ9");
    for seconds in 2..6 {
        let facts = format!(r#"{{"facts":"{}","day":{seconds}}}"#, "much the same ".repeat(9));
        let before = format!(r#"{{"facts":"{}","day":{}}}"#, "much the same ".repeat(9), seconds - 1);
        let artefact = Artefact::new(ArtefactKind::Facts, facts.into_bytes().into());
        let scoring = Scoring {
            scores: vec![score("CAGE:AAAA1", 100, seconds), score("CAGE:BBBB2", 70, 1), score("CAGE:ZZZZ9", 5, 1)],
            withdrawn: vec![Withdrawn {
                organisation: gone.clone(),
                merged_into: None,
                cause: WithdrawalCause::NothingInForce,
            }],
            artefacts: vec![artefact.like(Some(Digest::of(before.as_bytes())))],
            exposures: vec![(Organisation::checked_before("CAGE:AAAA1"), exposure(seconds as f64 / 100.0))],
            known_at: at(seconds),
        };
        store.record_scores(scoring).wait().expect("recorded");
    }
}

/// Everything that a reader can be asked, as one text.
fn everything(path: &Path) -> Result<String, StoreError> {
    let reader = Reader::open(path)?;
    let mut all = String::new();
    let mut tell = |line: String| {
        all.push_str(&line);
        all.push('\n');
    };
    reader.for_each_attestation::<StoreError>(None, |stored| {
        tell(format!("{stored:?}"));
        Ok(())
    })?;
    for number in 1..=2 {
        tell(format!("{:?}", reader.attestation(&digest(number))?));
    }
    reader.for_each_score::<StoreError>(|score| {
        tell(format!("{score:?}"));
        Ok(())
    })?;
    for name in ["CAGE:AAAA1", "CAGE:BBBB2", "CAGE:ZZZZ9"] {
        let name = Organisation::checked_before(name);
        tell(format!("{:?}", reader.score_of(&name, None)?));
        tell(format!("{:?}", reader.history(&name, None, 99)?));
        tell(format!("{:?}", reader.exposures_of(&name, 99)?));
    }
    reader.for_each_exposure::<StoreError>(|name, exposure| {
        tell(format!("{name} {exposure:?}"));
        Ok(())
    })?;
    tell(format!("{:?}", reader.ranking(None)?));
    tell(format!("{:?}", reader.positions(FEED)?));
    let quarantine = reader.quarantine(&QuarantineFilter { limit: 99, ..QuarantineFilter::default() })?;
    for row in &quarantine {
        tell(format!("{:?}", reader.quarantined(row.id)?));
    }
    tell(format!("{quarantine:?} {:?}", reader.newest_time()?));
    for id in reader.numbers(Rows::Artefacts, 0, 99)? {
        tell(format!("{:?}", reader.artefact_at(id)?));
    }
    Ok(all)
}

/// Every column that the tables of a store have, but the checksum.
fn columns(connection: &Connection) -> Vec<(String, String)> {
    let mut query = connection
        .prepare(
            "SELECT m.name, c.name FROM sqlite_schema AS m, pragma_table_xinfo(m.name) AS c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND c.hidden = 0 AND c.name <> 'checksum'",
        )
        .expect("a query");
    let columns = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("columns");
    columns.collect::<rusqlite::Result<_>>().expect("columns")
}

/// Another value of the same type.
fn another(value: Value) -> Value {
    match value {
        Value::Null => Value::Integer(1),
        Value::Integer(number) => Value::Integer(number ^ 1),
        Value::Real(number) => Value::Real(number / 2.0 + 0.125),
        Value::Text(text) => Value::Text(text + "x"),
        Value::Blob(mut bytes) => {
            if let Some(last) = bytes.last_mut() {
                *last ^= 1;
            }
            Value::Blob(bytes)
        }
    }
}

#[test]
fn a_value_that_was_changed_in_any_column_is_told() {
    let bench = Bench::new();
    filled(&bench);
    everything(&bench.path()).expect("sound");
    assert_eq!(bench.reader().faults(), Ok(Vec::new()));
    let connection = Connection::open(bench.path()).expect("opens");
    let stranger = connection.execute("UPDATE quarantine SET reason = 'none'", []).expect_err("refused").to_string();
    assert!(stranger.contains("no such function: "), "another program changes nothing unseen: {stranger}");
    let all = columns(&connection);
    assert!(all.len() > 70, "{}", all.len());
    drop(connection);

    let mut unread = Vec::new();
    for (table, column) in all {
        let copy = Bench::new();
        fs::copy(bench.path(), copy.path()).expect("copied");
        let connection = Connection::open(copy.path()).expect("opens");
        connection.pragma_update(None, "ignore_check_constraints", true).expect("set");
        let triggers = format!("DROP TRIGGER {table}_is_sealed; DROP TRIGGER {table}_is_sealed_again");
        connection.execute_batch(&triggers).expect("dropped");
        let last = format!("SELECT {column} FROM {table} LIMIT 1");
        // An empty column has nothing to change.
        let Ok(value) = connection.query_row(&last, [], |row| row.get(0)).map(another) else { continue };
        let rowid =
            format!("UPDATE {table} SET {column} = ?1 WHERE {column} IS (SELECT {column} FROM {table} LIMIT 1)");
        // What the schema refuses cannot be written either.
        if connection.execute(&rowid, [value]).is_err() {
            continue;
        }
        drop(connection);
        let faults = copy.reader().faults().expect("read");
        assert!(faults.iter().any(|fault| fault.contains(&table)), "{table}.{column}: {faults:?}");
        match everything(&copy.path()) {
            Ok(_) => unread.push(format!("{table}.{column}")),
            Err(error) => {
                let error = error.to_string();
                assert!(error.ends_with("put the newest backup in its place"), "{table}.{column}: {error}");
            }
        }
    }
    // Only the deep check finds damage in rows that no question reads: those of a feed that is not followed, those that only a
    // migration reads, and a row whose number nothing refers to.
    let asked_by_nobody = ["feed_position.feed", "meta.key", "meta.value", "exposure.id", "quarantine.id"];
    assert_eq!(unread, asked_by_nobody);
}

/// Whichever bit of the file flips, every answer stays the same, or a deep check says that something is wrong.
#[test]
fn a_bit_that_turned_is_told_or_harmless() {
    let bench = Bench::new();
    filled(&bench);
    let bytes = fs::read(bench.path()).expect("read");
    let expected = everything(&bench.path()).expect("sound");
    let mut told = 0;
    let mut bit: usize = 77;
    for _ in 0..400 {
        // A fixed walk over the whole file, with every bit of a byte in turn.
        bit = (bit * 7919 + 104_729) % (bytes.len() * 8);
        let mut turned = bytes.clone();
        turned[bit / 8] ^= 1 << (bit % 8);
        let copy = Bench::new();
        fs::write(copy.path(), &turned).expect("written");
        match everything(&copy.path()) {
            Err(_) => told += 1,
            Ok(served) if served == expected => {}
            Ok(_) => {
                let faults = copy.reader().faults().expect("read");
                assert!(!faults.is_empty(), "bit {bit} serves another answer");
            }
        }
    }
    assert!(told > 20, "{told}");
}

#[test]
fn a_row_that_was_taken_away_is_told() {
    let bench = Bench::new();
    filled(&bench);
    for (table, sql) in [
        ("attestation", "DELETE FROM attestation WHERE id = 1"),
        ("score", "DELETE FROM score WHERE id = 2"),
        ("organisations", "DELETE FROM standing WHERE organisation = 'CAGE:AAAA1'"),
    ] {
        let copy = Bench::new();
        fs::copy(bench.path(), copy.path()).expect("copied");
        let connection = Connection::open(copy.path()).expect("opens");
        connection.pragma_update(None, "foreign_keys", false).expect("set");
        connection.execute_batch(sql).expect("deleted");
        drop(connection);
        let faults = copy.reader().faults().expect("read");
        assert!(faults.iter().any(|fault| fault.contains(table)), "{sql}: {faults:?}");
    }
    let connection = Connection::open(bench.path()).expect("opens");
    connection.execute_batch("DELETE FROM attestation WHERE id = 1").expect("deleted");
    drop(connection);
    let error = bench.reader().for_each_attestation::<StoreError>(None, |_| Ok(())).expect_err("a gap");
    assert!(error.to_string().contains("row 1 of attestation is missing"), "{error}");
}

#[test]
fn damage_is_not_sealed_again_by_a_change() {
    let bench = Bench::new();
    filled(&bench);
    let connection = Connection::open(bench.path()).expect("opens");
    connection
        .execute_batch("DROP TRIGGER quarantine_is_sealed_again; UPDATE quarantine SET sentence = 'all is well'")
        .expect("changed");
    drop(connection);
    let store = bench.store();
    // The trigger is back, and the same item refused again would change the row.
    let again = store.intake(intake(vec![refused("not JSON", "q")], 9)).wait();
    assert!(matches!(again, Err(StoreError::Damaged { .. })), "{again:?}");
}

/// The bodies of one organisation's scores, each the one before with another digest in it.
fn drifting() -> Vec<String> {
    const SCORES: usize = 60;
    const PARTS: usize = 24;
    let name = |number: usize| digest(u32::try_from(number).expect("small")).to_string();
    let mut parts: Vec<String> = (0..PARTS).map(|part| name(SCORES + part)).collect();
    let mut next = |number: usize| {
        parts[number * 7 % PARTS] = name(number);
        format!("{{\"parts\":[\"{}\"],\"own\":\"{}\"}}", parts.join("\",\""), name(SCORES + PARTS + number))
    };
    (0..SCORES).map(&mut next).collect()
}

/// A store with these as the scores of one organisation, and as its facts.
fn recorded(bench: &Bench, bodies: &[String]) {
    let store = bench.store();
    let mut before: Option<Digest> = None;
    for (seconds, body) in (0..).zip(bodies) {
        let artefact = Artefact::new(ArtefactKind::Facts, body.as_bytes().into()).like(before);
        before = Some(artefact.digest());
        let scoring = Scoring {
            scores: vec![NewScore { body: body.clone().into_bytes(), ..score("CAGE:AAAA1", 100, seconds) }],
            withdrawn: Vec::new(),
            artefacts: vec![artefact],
            exposures: Vec::new(),
            known_at: at(seconds),
        };
        store.record_scores(scoring).wait().expect("recorded");
    }
}

/// Bodies that differ little are stored as differences, are read from few rows, and come back to the byte.
#[test]
fn alike_scores_share_their_room() {
    let (bench, bodies) = (Bench::new(), drifting());
    recorded(&bench, &bodies);
    let reader = bench.reader();
    let history = reader.history(&Organisation::checked_before("CAGE:AAAA1"), None, 99).expect("read");
    assert_eq!(history.iter().rev().map(|score| score.body.clone()).collect::<Vec<_>>(), bodies);
    for body in &bodies {
        let facts = reader.artefact(&Digest::of(body.as_bytes())).expect("read").expect("is there");
        assert_eq!(facts, body.as_bytes());
    }
    let connection = Connection::open(bench.path()).expect("opens");
    for (table, column) in [("score", "body"), ("artefact", "bytes")] {
        let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a number");
        let bytes = number(&format!("SELECT sum(length({column})) / count(*) FROM {table}"));
        // Two digests are new in each, of 25.
        assert!(bytes < 300, "{bytes} bytes each in {table} for what is {}", bodies[0].len());
        let depth = number(&format!(
            "WITH RECURSIVE told(id, depth) AS (SELECT id, 0 FROM {table} WHERE base_id IS NULL UNION ALL \
             SELECT {table}.id, depth + 1 FROM {table} JOIN told ON told.id = base_id) SELECT max(depth) FROM told"
        ));
        let depth = usize::try_from(depth).expect("small");
        assert!((2..=pack::MAX_DEPTH).contains(&depth), "{depth} in {table}");
    }
}

/// A difference whose base is missing is never applied to another base.
#[test]
fn a_base_that_was_taken_away_is_told() {
    for table in ["score", "artefact"] {
        let (bench, bodies) = (Bench::new(), drifting());
        recorded(&bench, &bodies);
        let connection = Connection::open(bench.path()).expect("opens");
        connection.pragma_update(None, "foreign_keys", false).expect("set");
        let told = format!("SELECT max(id) FROM {table} WHERE base_id IS NOT NULL");
        let id: i64 = connection.query_row(&told, [], |row| row.get(0)).expect("one");
        let whole = format!(
            "WITH RECURSIVE chain(id, base) AS (SELECT id, base_id FROM {table} WHERE id = {id} UNION ALL \
             SELECT {table}.id, base_id FROM {table} JOIN chain ON chain.base = {table}.id) SELECT min(id) FROM chain"
        );
        let whole: i64 = connection.query_row(&whole, [], |row| row.get(0)).expect("its last base");
        assert_eq!(connection.execute(&format!("DELETE FROM {table} WHERE id = {whole}"), []), Ok(1));
        drop(connection);
        let reader = bench.reader();
        let read = match table {
            "score" => reader.score(id).map(drop),
            _ => reader.artefact_at(id).map(drop),
        };
        assert!(matches!(read, Err(StoreError::Damaged { .. })), "{table}: {read:?}");
    }
}

/// A store of the previous schema is brought up to date with everything in it.
#[test]
fn a_store_without_seals_is_sealed_whole() {
    let bench = Bench::new();
    let old = Connection::open(bench.path()).expect("opens");
    old.execute_batch(include_str!("../migrations/0001_initial.sql")).expect("made");
    old.execute_batch(include_str!("../migrations/0002_exposure.sql")).expect("made");
    let digest = "zeroblob(32)";
    old.execute_batch(&format!(
        "PRAGMA application_id = 0x54575354; PRAGMA user_version = 2;
         INSERT INTO attestation VALUES (1, {digest}, 'k', 's', 'i', 1, 1, NULL, '[]', 'f', 'o', 1, '{{}}', x'00');
         INSERT INTO score VALUES (1, 'CAGE:AAAA1', NULL, 1, 1, 100, 'low', 1, 1, {digest}, NULL, '{{\"one\":1}}'),
             (2, 'CAGE:AAAA1', 1, 2, 2, 200, 'low', 1, 1, {digest}, '{{\"what\":\"changed\"}}', '{{\"two\":2}}');
         INSERT INTO withdrawal VALUES (2, NULL, 3);
         INSERT INTO standing VALUES ('CAGE:AAAA1', 2, 200, 'low', 1);
         INSERT INTO artefact VALUES (1, {digest}, 'facts', 1, x'6661637473');
         INSERT INTO quarantine VALUES (7, 'f', 'o', {digest}, 1, 'malformed', 's', 'waiting', 2, 1, 2, x'00');"
    ))
    .expect("filled");
    drop(old);
    drop(bench.store());
    let reader = bench.reader();
    assert_eq!(reader.faults(), Ok(Vec::new()));
    let history = reader.history(&Organisation::checked_before("CAGE:AAAA1"), None, 9).expect("read");
    let told: Vec<_> = history.iter().map(|score| (score.body.as_str(), score.change.as_deref())).collect();
    assert_eq!(told, [("{\"two\":2}", Some("{\"what\":\"changed\"}")), ("{\"one\":1}", None)]);
    assert!(history[0].withdrawal.is_some());
    assert_eq!(reader.artefact(&Digest([0; 32])), Ok(Some(b"facts".to_vec())));
    let (refused, bytes) = reader.quarantined(7).expect("read").expect("it keeps its number");
    assert_eq!((&*refused.origin, refused.attempts, bytes), ("o", 2, vec![0]));
    let again = RefusedArrival::whole("f".into(), "another".into(), "malformed", "s", b"x"[..].into());
    let kept = bench.store().intake(intake(vec![Arrival::Refused(again)], 9)).wait().expect("stored");
    assert_eq!(kept.outcomes, [StoredArrival::Quarantined { id: 8 }]);
}

/// What Debian's sqlite3 writes out and reads back is the same store: no version of it disagrees with a check.
#[test]
fn a_dump_by_another_sqlite_loses_nothing() {
    use std::process::{Command, Stdio};
    let bench = Bench::new();
    filled(&bench);
    let shell = |path: &Path, argument: &str| Command::new("sqlite3").arg(path).arg(argument).output();
    let Ok(dump) = shell(&bench.path(), ".dump") else {
        #[expect(clippy::print_stderr, reason = "whoever reads the test's output should know")]
        {
            eprintln!("SKIPPED: there is no sqlite3; install it");
        }
        return;
    };
    assert!(dump.status.success());
    let restored: PathBuf = bench.directory.path().join("restored.db");
    let mut reading =
        Command::new("sqlite3").arg("-bail").arg(&restored).stdin(Stdio::piped()).spawn().expect("it starts");
    std::io::Write::write_all(&mut reading.stdin.take().expect("piped"), &dump.stdout).expect("read");
    assert!(reading.wait().expect("ends").success());
    for path in [&bench.path(), &restored] {
        let checked = shell(path, "PRAGMA integrity_check").expect("it runs");
        assert_eq!(String::from_utf8_lossy(&checked.stdout), "ok\n");
    }
    assert_eq!(everything(&restored), everything(&bench.path()));
    let store = Store::open(&restored, &StoreOptions::default()).expect("opens");
    let done =
        store.intake(intake(vec![attested(1, &["a"], "x"), attested(9, &["a"], "x")], 9)).wait().expect("stored");
    assert_eq!(done.outcomes, [StoredArrival::Duplicate { id: 1 }, StoredArrival::New { id: 3 }]);
    drop(store);
    assert_eq!(Reader::open(&restored).and_then(|reader| reader.faults()), Ok(Vec::new()));
}

//! The schema: numbered migrations, each in a transaction of its own, and the refusal of what is not ours.

use super::{StoreError, pack, seal};
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};
use std::path::Path;

/// Migration `n` turns schema `n - 1` into schema `n`; one that has been released is never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_initial.sql"),
    include_str!("migrations/0002_exposure.sql"),
    include_str!("migrations/0003_trust.sql"),
    include_str!("migrations/0004_quarantine_summary.sql"),
    include_str!("migrations/0005_sealed.sql"),
    include_str!("migrations/0006_packed.sql"),
    include_str!("migrations/0007_numbers.sql"),
    include_str!("migrations/0008_no_outbox.sql"),
    include_str!("migrations/0009_no_index_by_risk.sql"),
];
/// The first schema whose rows are sealed.
const SEALED: i64 = 5;

/// "TWST": tells a Tierwatch store from any other SQLite file (`PRAGMA application_id`).
const APPLICATION_ID: i64 = 0x5457_5354;

/// The key of `meta` that holds the number of the schema.
const SCHEMA_KEY: &str = "tierwatch.schema";

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FileContent {
    Nothing,
    Schema(i64),
}

/// Checks, changing nothing, that the file is a store that this program can write, or an empty file.
///
/// # Errors
/// [`StoreError::NotAStore`] or [`StoreError::Newer`]; what SQLite says when it fails.
pub(super) fn recognise(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    inspect(connection, path, latest(MIGRATIONS)).map(|_| ())
}

/// Brings the store up to the latest schema.
///
/// # Errors
/// As [`recognise`], before anything is changed.
pub(super) fn migrate(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    // The functions that the migrations and their triggers call.
    let installed = seal::install(connection).and_then(|()| pack::install(connection));
    installed.map_err(|error| StoreError::of(path, &error))?;
    apply(connection, path, MIGRATIONS)
}

/// Checks that a reader of this program understands the store.
///
/// # Errors
/// [`StoreError::NotAStore`], [`StoreError::Newer`] or [`StoreError::Outdated`]; what SQLite says when it fails.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let known = latest(MIGRATIONS);
    let found = match inspect(connection, path, known)? {
        FileContent::Nothing => 0,
        FileContent::Schema(found) => found,
    };
    if found < known { Err(StoreError::Outdated { path: path.to_owned(), found, known }) } else { Ok(()) }
}

fn apply(connection: &Connection, path: &Path, migrations: &[&str]) -> Result<(), StoreError> {
    let failed = |error: rusqlite::Error| StoreError::of(path, &error);
    let done = match inspect(connection, path, latest(migrations))? {
        FileContent::Nothing => 0,
        FileContent::Schema(found) => found,
    };
    if (SEALED..latest(migrations)).contains(&done) {
        refuse_broken(connection, path)?;
    }
    // Rebuilding a table must not delete the rows that refer to it.
    connection.pragma_update(None, "foreign_keys", false).map_err(failed)?;
    for (migration, schema) in migrations.iter().zip(1i64..).filter(|(_, schema)| *schema > done) {
        take(connection, migration, schema).map_err(failed)?;
        // A new store has the latest schema from the start.
        if done > 0 {
            tracing::info!(store = %path.display(), schema, "the store was brought to this schema");
        }
    }
    connection.pragma_update(None, "foreign_keys", true).map_err(failed)?;
    if done > 0 && number(connection, "PRAGMA user_version").map_err(failed)? == 0 {
        mark(connection, done).map_err(failed)?;
    }
    seal::apply(connection, false).map_err(failed)
}

fn take(connection: &Connection, migration: &str, schema: i64) -> rusqlite::Result<()> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    transaction.execute_batch(migration)?;
    seal::apply(&transaction, true)?;
    mark(&transaction, schema)?;
    transaction.commit()
}

/// Marks the file as a store; a copy by `.dump` keeps only the mark that is in a table.
fn mark(connection: &Connection, schema: i64) -> rusqlite::Result<()> {
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    connection.pragma_update(None, "user_version", schema)?;
    if schema >= SEALED {
        connection
            .execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)", (SCHEMA_KEY, schema.to_string()))?;
    }
    Ok(())
}

/// Refuses a store with damaged rows, which must not be sealed again.
fn refuse_broken(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let broken = seal::broken(connection).map_err(|error| StoreError::of(path, &error))?;
    match broken.first() {
        None => Ok(()),
        Some(broken) => Err(StoreError::Damaged {
            path: path.to_owned(),
            detail: format!("{}row {} of {}", seal::NOT_AS_WRITTEN, broken.first, broken.table),
        }),
    }
}

fn inspect(connection: &Connection, path: &Path, known: i64) -> Result<FileContent, StoreError> {
    let found = found(connection).map_err(|error| StoreError::of(path, &error))?;
    match found {
        Some(FileContent::Schema(found)) if found > known => {
            Err(StoreError::Newer { path: path.to_owned(), found, known })
        }
        Some(found) => Ok(found),
        None => Err(StoreError::NotAStore(path.to_owned())),
    }
}

/// What the marks of the file say; `None`: it belongs to another program.
fn found(connection: &Connection) -> rusqlite::Result<Option<FileContent>> {
    let schema = number(connection, "PRAGMA user_version")?;
    match number(connection, "PRAGMA application_id")? {
        APPLICATION_ID if schema > 0 => Ok(Some(FileContent::Schema(schema))),
        0 if schema == 0 && number(connection, "SELECT count(*) FROM sqlite_schema")? == 0 => {
            Ok(Some(FileContent::Nothing))
        }
        0 if schema == 0 => dumped(connection),
        _ => Ok(None),
    }
}

/// A store that was written out by `.dump` and read back has lost its marks but not its tables.
fn dumped(connection: &Connection) -> rusqlite::Result<Option<FileContent>> {
    let has_meta = "SELECT count(*) FROM main.sqlite_schema WHERE type = 'table' AND name IN ('meta', 'attestation')";
    if number(connection, has_meta)? < 2 {
        return Ok(None);
    }
    let schema = connection
        .query_row("SELECT value FROM main.meta WHERE key = ?1", [SCHEMA_KEY], |row| row.get::<_, String>(0))
        .optional()?;
    Ok(schema.and_then(|schema| schema.parse().ok()).map(FileContent::Schema))
}

fn number(connection: &Connection, sql: &str) -> rusqlite::Result<i64> {
    connection.query_row(sql, [], |row| row.get(0))
}

fn latest(migrations: &[&str]) -> i64 {
    i64::try_from(migrations.len()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Digest, Method, Organisation},
        store::{Reader, Store, StoreOptions},
    };
    use lz4_flex::block::compress_prepend_size_with_dict;

    const PATH: &str = "/var/lib/tierwatch/store.db";

    fn memory(prepared_by: &str) -> Connection {
        let connection = Connection::open_in_memory().expect("a connection");
        connection.execute_batch(prepared_by).expect("valid SQL");
        connection
    }

    #[test]
    fn an_empty_file_becomes_a_store_of_strict_tables_with_whole_foreign_keys() {
        let connection = memory("");
        migrate(&connection, Path::new(PATH)).expect("migrates");
        migrate(&connection, Path::new(PATH)).expect("nothing is left to do");
        check(&connection, Path::new(PATH)).expect("is understood");
        let lax: i64 = connection
            .query_row(
                "SELECT count(*) FROM pragma_table_list \
                 WHERE schema = 'main' AND name NOT LIKE 'sqlite_%' AND NOT strict",
                [],
                |row| row.get(0),
            )
            .expect("a count");
        assert_eq!(lax, 0, "every table is STRICT");
        let wrong = connection.execute("INSERT INTO meta VALUES ('key', x'00')", []);
        assert!(wrong.is_err(), "a STRICT table refuses a value of another kind");
        let broken = connection.prepare("PRAGMA foreign_key_check").and_then(|mut check| check.exists([]));
        assert_eq!(broken, Ok(false));
    }

    #[test]
    fn what_is_not_ours_or_not_yet_known_is_refused() {
        let refused = |connection: &Connection, expected: &str| {
            let error = migrate(connection, Path::new(PATH)).expect_err("refused");
            assert_eq!(error.to_string(), expected);
        };
        refused(
            &memory(&format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 99")),
            &format!(
                "the store /var/lib/tierwatch/store.db has schema 99 and this Tierwatch knows schemas up to {}: run the \
                 Tierwatch that wrote it, or a later one",
                latest(MIGRATIONS)
            ),
        );
        let stranger = "/var/lib/tierwatch/store.db is not a Tierwatch store: name another file, or move this one away";
        refused(&memory("CREATE TABLE theirs (x)"), stranger);
        refused(&memory("PRAGMA user_version = 3"), stranger);
        refused(&memory("PRAGMA application_id = 5"), stranger);
        assert_eq!(
            check(&memory(""), Path::new(PATH)).expect_err("refused").to_string(),
            format!(
                "the store /var/lib/tierwatch/store.db has schema 0 and this Tierwatch reads schema {}: start the daemon \
                 once, which brings the store up to date",
                latest(MIGRATIONS)
            ),
        );
    }

    #[test]
    fn migrations_apply_in_order_and_a_failed_one_leaves_nothing() {
        let connection = memory("");
        let first = "CREATE TABLE one (x INTEGER) STRICT";
        apply(&connection, Path::new(PATH), &[first]).expect("migrates");
        let failing = [first, "CREATE TABLE two (x INTEGER) STRICT; INSERT INTO missing VALUES (1)"];
        apply(&connection, Path::new(PATH), &failing).expect_err("the second fails");
        assert_eq!(inspect(&connection, Path::new(PATH), 2), Ok(FileContent::Schema(1)));
        let mended = [first, "ALTER TABLE one ADD COLUMN y INTEGER; CREATE TABLE two (x INTEGER) STRICT"];
        apply(&connection, Path::new(PATH), &mended).expect("migrates");
        assert_eq!(inspect(&connection, Path::new(PATH), 2), Ok(FileContent::Schema(2)));
    }

    /// A store of schema 5, whose attestations were stored whole and whose bodies were packed differently, is read as it was.
    #[test]
    fn what_lay_whole_is_packed_and_comes_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("store.db");
        let old = Connection::open(&path).expect("opens");
        seal::install(&old).and_then(|()| pack::install(&old)).expect("installed");
        apply(&old, &path, &MIGRATIONS[..5]).expect("migrates");
        let named = |number: u8| Digest([number; 32]);
        let told = |bytes: &str, from: &str| compress_prepend_size_with_dict(bytes.as_bytes(), from.as_bytes());
        let [body, next, change] = [r#"{"n":1,"digest":"aa"}"#, r#"{"n":2,"digest":"aa"}"#, r#"{"from":1}"#];
        old.execute(
            "INSERT INTO attestation VALUES (1, ?1, 'k', 's', 'i', 1, 1, NULL, '[\"a\"]', 'f', 'o', 1, '{\"c\":1}', ?2, 0)",
            (named(1).0, b"what came".as_slice()),
        )
        .expect("an attestation");
        old.execute(
            "INSERT INTO countersignature VALUES (1, 1, '[\"b\"]', 'f', 'p', 2, ?1, 0)",
            [b"what came again".as_slice()],
        )
        .expect("a copy");
        let insert = "INSERT INTO score VALUES (?1, 'CAGE:AAAA1', ?2, 1, 1, 100, 'low', 1, 1, ?3, ?2, ?4, ?5, 0)";
        old.execute(insert, (1, None::<i64>, named(2).0, told(body, ""), None::<Vec<u8>>)).expect("a score");
        old.execute(insert, (2, 1, named(2).0, told(next, body), told(change, next))).expect("a score");
        old.execute_batch(
            "INSERT INTO standing (organisation, score_id, risk_bp, band, withdrawn) VALUES ('CAGE:AAAA1', 2, 100, 'low', 0);
             INSERT INTO exposure VALUES (1, 'CAGE:AAAA1', NULL, 1, 365, 0.5, 0.25, 1.0, 4096, 'it is followed', 0),
                 (2, 'CAGE:AAAA1', 1, 2, 365, 0.5, 0.5, 0.5, NULL, NULL, 0);
             INSERT INTO exposure_standing VALUES ('CAGE:AAAA1', 2, 0);",
        )
        .expect("exposures");
        drop(old);

        drop(Store::open(&path, &StoreOptions::default()).expect("is brought up to date"));
        let reader = Reader::open(&path).expect("is read");
        assert_eq!(reader.faults(), Ok(Vec::new()));
        let whole = reader.attestation(&named(1)).expect("read").expect("is there");
        let copies: Vec<_> = whole.copies.iter().map(|copy| copy.envelope.as_slice()).collect();
        assert_eq!(
            (whole.canonical.as_str(), copies),
            (r#"{"c":1}"#, vec![b"what came".as_slice(), b"what came again"])
        );
        let firm = Organisation::checked_before("CAGE:AAAA1");
        let history = reader.history(&firm, None, 9).expect("read");
        let told: Vec<_> = history.iter().map(|score| (score.body.as_str(), score.change.as_deref())).collect();
        assert_eq!(told, [(next, Some(change)), (body, None)]);
        let because: Vec<_> =
            reader.exposures_of(&firm, 9).expect("read").into_iter().map(|one| one.exposure.method).collect();
        let followed = Method::MonteCarlo { scenarios: 4096, not_exact_because: "it is followed".to_owned() };
        assert_eq!(because, [Method::Exact, followed]);
    }
}

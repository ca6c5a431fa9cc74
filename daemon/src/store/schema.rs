//! The schema: numbered migrations, each in a transaction of its own, and the refusal of what is not ours.

use super::StoreError;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::Path;

/// Migration `n` makes schema `n` of schema `n - 1`; one that has been released is never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_initial.sql"),
    include_str!("migrations/0002_exposure.sql"),
    include_str!("migrations/0003_trust.sql"),
    include_str!("migrations/0004_quarantine_summary.sql"),
];

/// "TWST": tells a Tierwatch store from any other SQLite file (`PRAGMA application_id`).
const APPLICATION_ID: i64 = 0x5457_5354;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
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
    apply(connection, path, MIGRATIONS)
}

/// Checks that a reader of this program understands the store.
///
/// # Errors
/// [`StoreError::NotAStore`], [`StoreError::Newer`] or [`StoreError::Outdated`]; what SQLite says when it fails.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let known = latest(MIGRATIONS);
    let found = match inspect(connection, path, known)? {
        Found::Nothing => 0,
        Found::Schema(found) => found,
    };
    if found < known { Err(StoreError::Outdated { path: path.to_owned(), found, known }) } else { Ok(()) }
}

fn apply(connection: &Connection, path: &Path, migrations: &[&str]) -> Result<(), StoreError> {
    let failed = |error: rusqlite::Error| StoreError::of(path, &error);
    let done = match inspect(connection, path, latest(migrations))? {
        Found::Nothing => 0,
        Found::Schema(found) => usize::try_from(found).unwrap_or(0),
    };
    for (migration, schema) in migrations.iter().zip(1i64..).skip(done) {
        let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate).map_err(failed)?;
        transaction.execute_batch(migration).map_err(failed)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed)?;
        transaction.pragma_update(None, "user_version", schema).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        tracing::info!(store = %path.display(), schema, "the store was brought to this schema");
    }
    Ok(())
}

fn inspect(connection: &Connection, path: &Path, known: i64) -> Result<Found, StoreError> {
    let number = |pragma: &str| {
        connection.query_row(pragma, [], |row| row.get::<_, i64>(0)).map_err(|error| StoreError::of(path, &error))
    };
    let found = number("PRAGMA user_version")?;
    match number("PRAGMA application_id")? {
        APPLICATION_ID if found > known => Err(StoreError::Newer { path: path.to_owned(), found, known }),
        APPLICATION_ID if found > 0 => Ok(Found::Schema(found)),
        0 if found == 0 && number("SELECT count(*) FROM sqlite_schema")? == 0 => Ok(Found::Nothing),
        _ => Err(StoreError::NotAStore(path.to_owned())),
    }
}

fn latest(migrations: &[&str]) -> i64 {
    i64::try_from(migrations.len()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            &memory(&format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 9")),
            &format!(
                "the store /var/lib/tierwatch/store.db has schema 9 and this Tierwatch knows schemas up to {}: run the \
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
        assert_eq!(inspect(&connection, Path::new(PATH), 2), Ok(Found::Schema(1)));
        let mended = [first, "ALTER TABLE one ADD COLUMN y INTEGER; CREATE TABLE two (x INTEGER) STRICT"];
        apply(&connection, Path::new(PATH), &mended).expect("migrates");
        assert_eq!(inspect(&connection, Path::new(PATH), 2), Ok(Found::Schema(2)));
    }
}

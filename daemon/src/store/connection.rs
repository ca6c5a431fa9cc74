//! How connections are opened: one that writes, any number that read.

use super::{StoreError, lock, options::StoreOptions, schema, seal};
use rusqlite::{Connection, OpenFlags};
use std::{
    fs::OpenOptions,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

/// How long to wait for another program's transaction, such as one of a `sqlite3` shell.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Page cache of the writer: the hot ends of all tables and one shelf of the digest index.
const WRITER_CACHE_KIB: i64 = 6 * 1024;
/// Page cache of each reader.
const READER_CACHE_KIB: i64 = 2 * 1024;
/// SQLite's page size; the size limit is counted in pages.
const PAGE_BYTES: u64 = 4096;
/// The log is written back at this size at the latest, within a commit; before that whenever the writer has nothing
/// to do.
const LOG_BYTES: u64 = 64 << 20;
/// Statements that are kept prepared; the writer has about 30.
const STATEMENTS: usize = 48;

/// Makes the file if there is none, readable by its owner alone, and gives its one true name: the lock must be the
/// same whatever link the store is opened by.
pub(super) fn locate(path: &Path) -> Result<PathBuf, StoreError> {
    let io = |error: std::io::Error| StoreError::Io { path: path.to_owned(), detail: error.to_string() };
    // Only a new file is opened here: closing one that SQLite has open would drop SQLite's locks (POSIX).
    match OpenOptions::new().write(true).create_new(true).mode(lock::FILE_MODE).open(path) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(io(error)),
    }
    path.canonicalize().map_err(io)
}

/// Opens the connection that writes and brings the schema up to date.
pub(super) fn writer(path: &Path, options: &StoreOptions) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| StoreError::of(path, &error))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    defend(&connection).map_err(|error| StoreError::of(path, &error))?;
    schema::recognise(&connection, path)?;
    configure_writer(&connection, options).map_err(|error| StoreError::of(path, &error))?;
    schema::migrate(&connection, path)?;
    seal::guard(&connection, seal::CHECKED).map_err(|error| StoreError::of(path, &error))?;
    Ok(connection)
}

fn configure_writer(connection: &Connection, options: &StoreOptions) -> rusqlite::Result<()> {
    // A write-ahead log: readers and the writer do not wait for one another. FULL: a commit returns once it is on the
    // disk.
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "wal_autocheckpoint", pages(LOG_BYTES))?;
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES.cast_signed())?;
    connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
    if let Some(bytes) = options.size_limit_bytes {
        connection.pragma_update(None, "max_page_count", pages(bytes).max(1))?;
    }
    Ok(())
}

/// Opens a connection that reads.
pub(super) fn reader(path: &Path) -> Result<Connection, StoreError> {
    if !path.exists() {
        return Err(StoreError::Missing(path.to_owned()));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| StoreError::of(path, &error))?;
    let configure = || {
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
        defend(&connection)
    };
    configure().map_err(|error| StoreError::of(path, &error))?;
    schema::check(&connection, path)?;
    seal::guard(&connection, "").map_err(|error| StoreError::of(path, &error))?;
    Ok(connection)
}

/// Bounds how long it waits for others, and trusts neither the file's pages nor its schema more than needed: a damaged
/// store must be refused, not followed.
fn defend(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    seal::install(connection)
}

fn pages(bytes: u64) -> i64 {
    (bytes / PAGE_BYTES).cast_signed()
}

//! Compiled functions, kept on disk from one compilation to the next: another version of a rule shares most of its functions
//! with the one before it, and a Python rule is an interpreter that shares all but a few with every other.
//!
//! The engine names a function by a digest of all that its code is made from. The code is run unchecked, so a row carries
//! the same seal as a file of [`cache`], and the file must be this user's alone, in a folder that is. Nothing here is
//! needed: what cannot be read is compiled, and a file that is no longer a database is removed.

use super::cache;
use crate::model::Digest;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _, TransactionBehavior, params};
use std::{
    borrow::Cow,
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Most bytes that functions take on disk. A Python rule takes 50 MB.
pub(super) const MAX_KEPT_BYTES: i64 = 256 * 1024 * 1024;
/// How long to wait while another compilation stores its functions.
const PATIENCE: Duration = Duration::from_secs(2);

const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS functions (
    name BLOB PRIMARY KEY, code BLOB NOT NULL, seal BLOB NOT NULL, used INTEGER NOT NULL
) STRICT";

/// The functions that are kept, and those of this compilation.
#[derive(Debug)]
pub(super) struct Functions {
    path: PathBuf,
    connection: Mutex<Connection>,
    news: Mutex<News>,
}

/// What a compilation compiled and used. A few functions get another name each time; they are never found again.
#[derive(Debug, Default)]
struct News {
    compiled: Vec<(Vec<u8>, Vec<u8>)>,
    /// Names of the functions that were found.
    used: Vec<Vec<u8>>,
}

impl Functions {
    /// Opens the file at `path`, which is made when its folder is this user's alone.
    pub(super) fn open(path: &Path) -> Option<Self> {
        cache::own_file(path).ok()?;
        let opened = connect(path);
        if opened.as_ref().is_err_and(is_damaged) {
            // The next compilation creates a new file.
            remove(path);
        }
        let connection = Mutex::new(opened.ok()?);
        Some(Self { path: path.to_owned(), connection, news: Mutex::default() })
    }

    /// Stores what this compilation compiled, once. Beyond `most_bytes`, the least recently used half is removed.
    pub(super) fn keep(&self, most_bytes: i64) {
        let news = std::mem::take(&mut *lock(&self.news));
        if add(&mut lock(&self.connection), &news, most_bytes).as_ref().is_err_and(is_damaged) {
            remove(&self.path);
        }
    }

    fn find(&self, name: &[u8]) -> rusqlite::Result<Option<(Vec<u8>, Digest)>> {
        let connection = lock(&self.connection);
        let mut select = connection.prepare_cached("SELECT code, seal FROM functions WHERE name = ?1")?;
        select.query_row([name], |row| Ok((row.get(0)?, Digest(row.get(1)?)))).optional()
    }
}

impl wasmtime::CacheStore for Functions {
    fn get(&self, name: &[u8]) -> Option<Cow<'_, [u8]>> {
        let (code, seal) = self.find(name).ok()??;
        if seal != cache::seal(&Digest::of(name), &code) {
            return None;
        }
        lock(&self.news).used.push(name.to_owned());
        Some(Cow::Owned(code))
    }

    fn insert(&self, name: &[u8], code: Vec<u8>) -> bool {
        lock(&self.news).compiled.push((name.to_owned(), code));
        true
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NOFOLLOW | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    // Readers do not block writers. What a crash of the system loses is compiled again, and what it damages has a wrong seal.
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "off")?;
    connection.execute(SCHEMA, [])?;
    // One transaction for all reads: one for each function would take longer than finding it.
    connection.execute_batch("BEGIN")?;
    Ok(connection)
}

/// Removes a file that is no database, and what SQLite keeps beside it.
fn remove(path: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(suffix);
        let _ = fs::remove_file(file);
    }
}

fn add(connection: &mut Connection, news: &News, most_bytes: i64) -> rusqlite::Result<()> {
    connection.execute_batch("COMMIT")?;
    if news.compiled.is_empty() && news.used.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let pragma = |name| transaction.pragma_query_value(None, name, |row| row.get::<_, i32>(0)).map(i64::from);
    // Compilations are numbered.
    let number = pragma("user_version")? + 1;
    transaction.pragma_update(None, "user_version", number)?;
    {
        let mut insert =
            transaction.prepare("INSERT OR REPLACE INTO functions (name, code, seal, used) VALUES (?1, ?2, ?3, ?4)")?;
        for (name, code) in &news.compiled {
            insert.execute(params![name, code, cache::seal(&Digest::of(name), code).0, number])?;
        }
        let mut update = transaction.prepare("UPDATE functions SET used = ?2 WHERE name = ?1")?;
        for name in &news.used {
            update.execute(params![name, number])?;
        }
    }
    if (pragma("page_count")? - pragma("freelist_count")?) * pragma("page_size")? > most_bytes {
        let forget = "DELETE FROM functions WHERE rowid IN (
            SELECT rowid FROM functions ORDER BY used, rowid LIMIT (SELECT count(*) / 2 FROM functions)
        )";
        transaction.execute(forget, [])?;
    }
    transaction.commit()
}

fn is_damaged(error: &rusqlite::Error) -> bool {
    // A file of another program has no such table, or a different one.
    !matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::DiskFull)
    )
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

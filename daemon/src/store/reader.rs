//! Reading the store: on connections of their own, beside the writer, each question answered as of one moment.

mod attestations;
mod audit;
mod packed;
mod scores;

use super::{
    FeedPosition, QuarantineFilter, Quarantined, StoreError, Summarised,
    columns::{unsigned, word},
    connection, position, quarantine, room,
    shelves::Filed,
};
use crate::model::{Digest, Instant};
pub(crate) use attestations::{AttestationCopy, WholeAttestation};
pub(crate) use audit::Rows;
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};
pub use scores::Ranked;
pub(crate) use scores::{ScoreWithdrawal, StoredScore};
use std::path::{Path, PathBuf};

/// One connection that reads. It may be sent to another thread but not shared.
///
/// Any question may fail with what the disk says: [`StoreError::Damaged`], [`StoreError::Io`] or
/// [`StoreError::Busy`].
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    connection: Connection,
}

/// How much the store holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreCounts {
    /// How many attestations there are, each counted once.
    pub attestations: u64,
    /// How many organisations have a current score, by band.
    pub scores: Vec<(String, u64)>,
    /// How many items wait in quarantine, by the code of the reason.
    pub quarantined: Vec<(String, u64)>,
    /// The size of the database file and its log, in bytes.
    pub size_bytes: u64,
}

impl Reader {
    /// Opens the store at `path` for reading, whether a daemon writes it or not.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::NotAStore`], [`StoreError::Newer`], [`StoreError::Outdated`], or what the
    /// disk says.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self { path: path.to_owned(), connection: connection::reader(path)? })
    }

    /// How much the store holds.
    pub fn counts(&self) -> Result<StoreCounts, StoreError> {
        self.read(|connection| {
            let count = |sql: &str| connection.prepare_cached(sql)?.query_row([], |row| unsigned(row, 0));
            Ok(StoreCounts {
                attestations: count("SELECT coalesce(max(id), 0) FROM main.attestation")?,
                scores: by_band(connection)?,
                quarantined: quarantine::waiting_by_reason(connection)?,
                size_bytes: size_bytes(&self.path),
            })
        })
    }

    /// The newest time in the store; `None` in a store that holds nothing.
    pub fn newest_time(&self) -> Result<Option<Instant>, StoreError> {
        self.read(|connection| {
            let newest = |sql: &str| {
                let last: Option<Instant> =
                    connection.prepare_cached(sql)?.query_row([], |row| word(row, 0)).optional()?;
                Ok::<_, rusqlite::Error>(last)
            };
            Ok(newest("SELECT stored_at FROM attestation ORDER BY id DESC LIMIT 1")?
                .max(newest("SELECT stored_at FROM countersignature ORDER BY id DESC LIMIT 1")?)
                .max(newest("SELECT known_at FROM score ORDER BY id DESC LIMIT 1")?)
                .max(newest("SELECT known_at FROM exposure ORDER BY id DESC LIMIT 1")?))
        })
    }

    /// How far each file of a feed has been read, by path.
    pub fn positions(&self, feed: &str) -> Result<Vec<FeedPosition>, StoreError> {
        self.read(|connection| position::of_feed(connection, feed))
    }

    /// A page of the quarantine, without the bytes.
    pub fn quarantine(&self, filter: &QuarantineFilter<'_>) -> Result<Vec<Quarantined>, StoreError> {
        self.read(|connection| quarantine::list(connection, filter))
    }

    /// What was refused and is only counted, by feed and reason.
    pub fn summarised(&self) -> Result<Vec<Summarised>, StoreError> {
        self.read(room::summarised)
    }

    /// The `ids` that name no row of the quarantine.
    pub(crate) fn unknown_quarantined(&self, ids: &[i64]) -> Result<Vec<i64>, StoreError> {
        self.read(|connection| quarantine::unknown(connection, ids))
    }

    /// One row of the quarantine with the bytes that were kept.
    pub fn quarantined(&self, id: i64) -> Result<Option<(Quarantined, Vec<u8>)>, StoreError> {
        self.read(|connection| quarantine::show(connection, id).optional())
    }

    /// The items waiting in quarantine that came from the file `path` of `feed`.
    pub(crate) fn waiting_of_file(&self, feed: &str, path: &str) -> Result<Vec<i64>, StoreError> {
        self.read(|connection| quarantine::waiting_of_file(connection, feed, path))
    }

    /// The items waiting in quarantine that were refused for `reason`, which time alone cures, and that were issued at `until` or
    /// before or have no date; and the next instant after that at which one was issued.
    pub(crate) fn waiting_for_time(
        &self,
        reason: &str,
        until: Instant,
    ) -> Result<(Vec<i64>, Option<Instant>), StoreError> {
        self.read(|connection| quarantine::waiting_for_time(connection, reason, until))
    }

    /// The bytes of an artefact.
    pub(crate) fn artefact(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|connection| {
            let Some(id) = Filed::Artefacts.find(connection, digest)? else { return Ok(None) };
            let (told_from, bases) = (packed::told_from("artefact", "bytes"), packed::bases("artefact"));
            connection
                .prepare_cached(&format!(
                    "SELECT artefact.bytes, {told_from} FROM artefact {bases} WHERE artefact.id = ?1"
                ))?
                .query_row([id], |row| packed::unpacked(row, row.get_ref(0)?.as_bytes()?))
                .optional()
        })
    }

    /// Answers from one snapshot of the store, however many statements that takes.
    pub(in crate::store) fn read<T>(
        &self,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        Transaction::new_unchecked(&self.connection, TransactionBehavior::Deferred)
            .and_then(|transaction| question(&transaction))
            .map_err(|error| StoreError::of(&self.path, &error))
    }
}

/// The bytes that the store at `path` takes on its disk: the database with its log.
#[must_use]
pub(crate) fn size_bytes(path: &Path) -> u64 {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    [path, Path::new(&log)].into_iter().filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum()
}

/// How many organisations have a score, by band.
fn by_band(connection: &Connection) -> rusqlite::Result<Vec<(String, u64)>> {
    connection
        .prepare_cached("SELECT band, count(*) FROM main.standing WHERE withdrawn = 0 GROUP BY band ORDER BY band")?
        .query_map([], |row| Ok((row.get(0)?, unsigned(row, 1)?)))?
        .collect()
}

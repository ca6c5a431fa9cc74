//! What can go wrong with the store, in sentences that end with the fix.

use super::seal;
use rusqlite::ErrorCode;
use std::path::{Path, PathBuf};

/// Why the store could not be opened, read or written. Whatever fails, nothing of the failed request is stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another process writes this store.
    #[error(
        "the store {} is in use by {holder}: stop that Tierwatch first, or give this one a store of its own",
        path.display()
    )]
    InUse {
        /// The path of the store.
        path: PathBuf,
        /// Who has it, as `process 4711`.
        holder: String,
    },
    /// There is no store to read.
    #[error("there is no store at {}: start the daemon once, or name the store that it uses", .0.display())]
    Missing(PathBuf),
    /// The file holds something else.
    #[error("{} is not a Tierwatch store: name another file, or move this one away", .0.display())]
    NotAStore(PathBuf),
    /// A later Tierwatch wrote it.
    #[error(
        "the store {} has schema {found} and this Tierwatch knows schemas up to {known}: \
         run the Tierwatch that wrote it, or a later one",
        path.display()
    )]
    Newer {
        /// The path of the store.
        path: PathBuf,
        /// The number of its schema.
        found: i64,
        /// The latest schema of this program.
        known: i64,
    },
    /// An earlier Tierwatch wrote it, and a reader changes nothing.
    #[error(
        "the store {} has schema {found} and this Tierwatch reads schema {known}: \
         start the daemon once, which brings the store up to date",
        path.display()
    )]
    Outdated {
        /// The path of the store.
        path: PathBuf,
        /// The number of its schema.
        found: i64,
        /// The schema that this program reads.
        known: i64,
    },
    /// No room is left.
    #[error(
        "the store {} cannot grow: free space on its disk, or raise its size limit where one is configured",
        .0.display()
    )]
    Full(PathBuf),
    /// It may be read but not written.
    #[error("the store {} is read-only: let the daemon's user write the file and its folder", .0.display())]
    ReadOnly(PathBuf),
    /// Another program holds it locked.
    #[error(
        "the store {} has been locked by another program for too long: end that program's transaction",
        .0.display()
    )]
    Busy(PathBuf),
    /// What is on the disk is not what was written.
    #[error(
        "the store {} is damaged ({detail}): check the disk, then put the newest backup in its place",
        path.display()
    )]
    Damaged {
        /// The path of the store.
        path: PathBuf,
        /// In SQLite's words.
        detail: String,
    },
    /// The operating system refused.
    #[error("cannot use the store {} ({detail}): check its disk, its folder and their permissions", path.display())]
    Io {
        /// The path of the store.
        path: PathBuf,
        /// In the system's words.
        detail: String,
    },
    /// A request that the schema does not admit: a fault of the program, not of the data.
    #[error(
        "the store {} refused a request ({detail}): this is a fault of Tierwatch, report it with this line",
        path.display()
    )]
    Refused {
        /// The path of the store.
        path: PathBuf,
        /// In SQLite's words.
        detail: String,
    },
    /// The request came after the end.
    #[error(
        "the store {} is closed and stored nothing of this: start the daemon again and send it again",
        .0.display()
    )]
    Closed(PathBuf),
    /// Closing took longer than it may.
    #[error(
        "the store {} did not finish within {bound_seconds} s: what was acknowledged is safe, \
         the rest is read again at the next start",
        path.display()
    )]
    NotFinished {
        /// The path of the store.
        path: PathBuf,
        /// How many seconds were waited.
        bound_seconds: u64,
    },
}

/// Whether what failed is trouble of the store that may pass.
#[must_use]
pub(crate) fn may_pass(error: &anyhow::Error) -> bool {
    error.downcast_ref::<StoreError>().is_some_and(StoreError::may_pass)
}

impl StoreError {
    /// Whether it may pass without anybody repairing the store, so that waiting makes sense.
    #[must_use]
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self, Self::Full(_) | Self::ReadOnly(_) | Self::Busy(_) | Self::Io { .. })
    }

    /// The error that a failure of SQLite means for the operator.
    pub(super) fn of(path: &Path, error: &rusqlite::Error) -> Self {
        let path = path.to_owned();
        let detail = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full(path),
            Some(ErrorCode::ReadOnly) => Self::ReadOnly(path),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy(path),
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged { path, detail },
            Some(ErrorCode::NotADatabase) => Self::NotAStore(path),
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::OutOfMemory
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::NoLargeFileSupport,
            ) => Self::Io { path, detail },
            // A value of the wrong kind in a STRICT table that only this program writes.
            None if is_conversion(error) => Self::Damaged { path, detail },
            // A row that its own checksum does not agree with.
            Some(_) if detail.starts_with(seal::NOT_AS_WRITTEN) => Self::Damaged { path, detail },
            _ => Self::Refused { path, detail },
        }
    }
}

fn is_conversion(error: &rusqlite::Error) -> bool {
    matches!(
        error,
        rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            // An index names a row that is not there.
            | rusqlite::Error::QueryReturnedNoRows
            | rusqlite::Error::Utf8Error(..)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi;

    #[test]
    fn every_failure_ends_with_the_fix() {
        let check = |code, expected: &str| {
            let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), Some("as it said".to_owned()));
            assert_eq!(StoreError::of(Path::new("/var/t.db"), &error).to_string(), expected);
        };
        check(
            ffi::SQLITE_FULL,
            "the store /var/t.db cannot grow: free space on its disk, or raise its size limit where one is configured",
        );
        check(
            ffi::SQLITE_READONLY,
            "the store /var/t.db is read-only: let the daemon's user write the file and its folder",
        );
        check(
            ffi::SQLITE_BUSY,
            "the store /var/t.db has been locked by another program for too long: end that program's transaction",
        );
        check(
            ffi::SQLITE_CORRUPT,
            "the store /var/t.db is damaged (as it said): check the disk, then put the newest backup in its place",
        );
        check(ffi::SQLITE_NOTADB, "/var/t.db is not a Tierwatch store: name another file, or move this one away");
        for code in [ffi::SQLITE_IOERR, ffi::SQLITE_CANTOPEN, ffi::SQLITE_PERM] {
            check(
                code,
                "cannot use the store /var/t.db (as it said): check its disk, its folder and their permissions",
            );
        }
        check(
            ffi::SQLITE_CONSTRAINT,
            "the store /var/t.db refused a request (as it said): \
             this is a fault of Tierwatch, report it with this line",
        );
    }
}

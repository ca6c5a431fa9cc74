//! One daemon for each store: a lock file beside it, locked for as long as its writer lives.
//!
//! SQLite would let two daemons take turns; each would then score what the other had changed beneath it. The lock is
//! the kernel's, so it ends with the process however that ends; the file itself stays and means nothing.

use super::StoreError;
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

/// Attestations may be confidential: only the daemon's user may read what it writes.
pub(super) const FILE_MODE: u32 = 0o600;

/// Held while the store may be written.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "held for its lock, never read")] File);

impl Lock {
    /// Takes the lock of the store at `path`.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another has it; [`StoreError::Io`] when the lock file cannot be made.
    pub(super) fn take(path: &Path) -> Result<Self, StoreError> {
        let lock_path = lock_path(path);
        let io = |error: std::io::Error| StoreError::Io { path: lock_path.clone(), detail: error.to_string() };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(FILE_MODE)
            .open(&lock_path)
            .map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::InUse { path: path.to_owned(), holder: holder(&mut file) });
            }
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        file.set_len(0).map_err(io)?;
        writeln!(file, "{}", std::process::id()).map_err(io)?;
        Ok(Self(file))
    }
}

/// Whether somebody writes the store at `path` now.
#[must_use]
pub(crate) fn is_in_use(path: &Path) -> bool {
    lock_path(path).exists() && matches!(Lock::take(path), Err(StoreError::InUse { .. }))
}

fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    match file.read_to_string(&mut text) {
        Ok(_) if !text.trim().is_empty() => format!("process {}", text.trim()),
        _ => "another process".to_owned(),
    }
}

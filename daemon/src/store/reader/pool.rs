//! Readers for many threads.

use super::Reader;
use crate::store::StoreError;
use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

/// Readers that are kept open for the next question. More are opened when more ask at once, and closed afterwards.
const KEPT_READERS: usize = 4;

/// Lends readers to threads: cheap to ask, as connections stay open with their statements prepared.
#[derive(Debug)]
pub struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Reader>>,
}

impl Readers {
    /// Opens the store at `path` for reading.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn open(path: PathBuf) -> Result<Self, StoreError> {
        let first = Reader::open(&path)?;
        Ok(Self { path, idle: Mutex::new(vec![first]) })
    }

    /// Asks with a reader that nobody else uses meanwhile. Blocks for as long as the question takes.
    ///
    /// # Errors
    /// As [`Reader::open`], and what the question gives.
    pub fn ask<T, E: From<StoreError>>(&self, question: impl FnOnce(&Reader) -> Result<T, E>) -> Result<T, E> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let reader = match idle {
            Some(reader) => reader,
            None => Reader::open(&self.path)?,
        };
        let answer = question(&reader);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT_READERS {
            idle.push(reader);
        }
        answer
    }
}

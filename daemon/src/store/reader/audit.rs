//! Reads everything in the store, to see whether it is what was written.

use super::Reader;
use crate::{
    model::Digest,
    store::{
        StoreError, WholeAttestation,
        columns::word,
        seal::{self, Broken},
    },
};
use rusqlite::OptionalExtension as _;

/// Most faults of the file that are listed; a damaged one can have thousands.
const MAX_LISTED: u32 = 20;
/// Tables whose rows are only ever added, so that their numbers have no gap.
const APPENDED: [&str; 5] = ["attestation", "countersignature", "score", "artefact", "exposure"];
/// Organisations whose current score is not their newest.
const MISPLACED: &str = "SELECT count(*) FROM \
    (SELECT organisation, max(id) AS newest FROM main.score GROUP BY organisation) AS last \
    LEFT JOIN main.standing AS standing ON standing.organisation = last.organisation \
    WHERE standing.score_id IS NOT newest";

/// Tables that are read from end to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// Attestations, in the order of arrival.
    Attestations,
    /// Scores, in the order in which they were made.
    Scores,
    /// Facts, policies and components.
    Artefacts,
}

impl Reader {
    /// What is wrong with the file and its rows, a sentence each; none when all is as it was written.
    pub fn faults(&self) -> Result<Vec<String>, StoreError> {
        self.read(|connection| {
            let mut faults: Vec<String> = connection
                .prepare(&format!("PRAGMA main.integrity_check({MAX_LISTED})"))?
                .query_map([], |row| row.get::<_, String>(0))?
                .filter(|line| line.as_ref().is_ok_and(|line| line != "ok") || line.is_err())
                .collect::<rusqlite::Result<_>>()?;
            for Broken { table, rows, first } in seal::broken(connection)? {
                faults.push(format!("{rows} rows of {table} are not as they were written, the first is {first}"));
            }
            for table in APPENDED {
                let sql = format!("SELECT coalesce(max(id), 0) - count(*) FROM main.{table}");
                match connection.query_row(&sql, [], |row| row.get::<_, i64>(0))? {
                    0 => {}
                    missing => faults.push(format!("{missing} rows of {table} are missing")),
                }
            }
            match connection.query_row(MISPLACED, [], |row| row.get::<_, i64>(0))? {
                0 => {}
                misplaced => faults.push(format!("{misplaced} organisations stand by another score than their newest")),
            }
            Ok(faults)
        })
    }

    /// The attestation with this number in the order of arrival.
    pub(crate) fn attestation_at(&self, id: i64) -> Result<Option<WholeAttestation>, StoreError> {
        self.read(|connection| {
            let digest: Option<Digest> = connection
                .prepare_cached("SELECT digest FROM attestation WHERE id = ?1")?
                .query_row([id], |row| word(row, 0))
                .optional()?;
            digest.map(|digest| super::attestations::whole(connection, id, &digest)).transpose()
        })
    }

    /// The numbers of at most `limit` rows that come after the number `after`, in their order. A file that is damaged may hold
    /// numbers of any size, so they are never counted up to.
    pub fn numbers(&self, of: Rows, after: i64, limit: usize) -> Result<Vec<i64>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(|connection| {
            let sql = format!("SELECT id FROM main.{} WHERE id > ?1 ORDER BY id LIMIT ?2", of.table());
            connection.prepare_cached(&sql)?.query_map([after, limit], |row| row.get(0))?.collect()
        })
    }

    /// The digest by which an artefact is found, and its bytes.
    pub(crate) fn artefact_at(&self, id: i64) -> Result<Option<(Digest, Vec<u8>)>, StoreError> {
        let digest = self.read(|connection| {
            let mut digest = connection.prepare_cached("SELECT digest FROM artefact WHERE id = ?1")?;
            digest.query_row([id], |row| word(row, 0)).optional()
        })?;
        let Some(digest) = digest else { return Ok(None) };
        Ok(self.artefact(&digest)?.map(|bytes| (digest, bytes)))
    }
}

impl Rows {
    fn table(self) -> &'static str {
        match self {
            Self::Attestations => "attestation",
            Self::Scores => "score",
            Self::Artefacts => "artefact",
        }
    }
}

//! Reading everything there is, to see whether it is what was written.

use super::Reader;
use crate::{
    model::Digest,
    store::{Broken, StoreError, WholeAttestation, seal},
};
use rusqlite::{Connection, OptionalExtension as _};

/// Faults of the file that are listed; a damaged one can have thousands.
const LISTED_MAX: u32 = 20;
/// Tables whose rows are only ever added, so that their numbers have no gap.
const APPENDED: [&str; 5] = ["attestation", "countersignature", "score", "artefact", "exposure"];
/// Organisations that stand by another score than their newest.
const MISPLACED: &str = "SELECT count(*) FROM \
    (SELECT organisation, max(id) AS newest FROM main.score GROUP BY organisation) AS last \
    LEFT JOIN main.standing AS standing ON standing.organisation = last.organisation \
    WHERE standing.score_id IS NOT newest";

impl Reader {
    /// What is wrong with the file and its rows, a sentence each; none when all is as it was written.
    pub fn faults(&self) -> Result<Vec<String>, StoreError> {
        self.read(|connection| {
            let mut faults: Vec<String> = connection
                .prepare(&format!("PRAGMA main.integrity_check({LISTED_MAX})"))?
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

    /// The attestation at a place in the order of arrival.
    pub fn attestation_at(&self, id: i64) -> Result<Option<WholeAttestation>, StoreError> {
        self.read(|connection| {
            let digest: Option<Digest> = connection
                .prepare_cached("SELECT digest FROM attestation WHERE id = ?1")?
                .query_row([id], |row| row.get(0))
                .optional()?;
            digest.map(|digest| super::attestations::whole(connection, id, &digest)).transpose()
        })
    }

    /// The greatest number of an attestation, of a score, and of an artefact.
    pub fn newest_ids(&self) -> Result<[i64; 3], StoreError> {
        self.read(|connection| {
            let newest = |table: &str| newest(connection, table);
            Ok([newest("attestation")?, newest("score")?, newest("artefact")?])
        })
    }

    /// The digest by which an artefact is found, and its bytes.
    pub fn artefact_at(&self, id: i64) -> Result<Option<(Digest, Vec<u8>)>, StoreError> {
        let digest = self.read(|connection| {
            let mut digest = connection.prepare_cached("SELECT digest FROM artefact WHERE id = ?1")?;
            digest.query_row([id], |row| row.get(0)).optional()
        })?;
        let Some(digest) = digest else { return Ok(None) };
        Ok(self.artefact(&digest)?.map(|bytes| (digest, bytes)))
    }
}

fn newest(connection: &Connection, table: &str) -> rusqlite::Result<i64> {
    connection.query_row(&format!("SELECT coalesce(max(id), 0) FROM main.{table}"), [], |row| row.get(0))
}

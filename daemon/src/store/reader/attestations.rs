//! Reading attestations: all of them in order of arrival, or one with its envelopes.

use super::Reader;
use crate::{
    model::{Digest, Instant},
    store::{
        StoreError,
        columns::{SignersColumn, text, word},
        pack,
        shelves::Filed,
    },
};
use rusqlite::{Connection, Row, Rows, Transaction, TransactionBehavior};
use std::sync::Arc;

/// An attestation as a rebuild needs it.
#[derive(Clone, Debug)]
pub(crate) struct StoredAttestation<'a> {
    /// Its number in the order of arrival.
    pub id: i64,
    /// The SHA-256 of its signed bytes.
    pub digest: Digest,
    /// Its canonical form, in JSON, with the issuer and the trust of the day on which it was stored.
    pub canonical: String,
    /// The keys whose signatures were verified, of all its copies, in their order.
    pub signers: Vec<Arc<str>>,
    /// The feed that brought its first copy.
    pub feed: &'a str,
}

/// An attestation with everything that is kept of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WholeAttestation {
    /// Its number in the order of arrival.
    pub id: i64,
    /// The SHA-256 of its signed bytes.
    pub digest: Digest,
    /// Its canonical form, in JSON, with the issuer and the trust of the day on which it was stored.
    pub canonical: String,
    /// The first copy, then those that brought signatures of further keys.
    pub copies: Vec<AttestationCopy>,
}

/// One copy of an attestation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttestationCopy {
    /// The bytes as received.
    pub envelope: Vec<u8>,
    /// The keys that this copy was the first to bring.
    pub signers: Vec<Arc<str>>,
    /// The feed that brought it.
    pub feed: String,
    /// The path within the feed, with the byte at which the line of a log starts.
    pub origin: String,
    /// When it was stored.
    pub stored_at: Instant,
}

impl Reader {
    /// Hands every attestation to `each`, in order of arrival: with `known_at`, as the store was known at the end of
    /// that second. One snapshot, streamed: memory does not grow with the number.
    ///
    /// # Errors
    /// The first that `each` gives, or what the disk says.
    pub(crate) fn for_each_attestation<E: From<StoreError>>(
        &self,
        known_at: Option<Instant>,
        mut each: impl FnMut(StoredAttestation<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let until = known_at.unwrap_or(Instant::MAX);
        let failed = |error: rusqlite::Error| StoreError::of(&self.path, &error);
        let transaction =
            Transaction::new_unchecked(&self.connection, TransactionBehavior::Deferred).map_err(failed)?;
        let mut copies = transaction
            .prepare(
                "SELECT attestation_id, signers FROM countersignature WHERE stored_at <= ?1 \
                 ORDER BY attestation_id, id",
            )
            .map_err(failed)?;
        let mut further = Further::new(copies.query([until.unix_seconds()]).map_err(failed)?).map_err(failed)?;
        let mut query = transaction
            .prepare(
                "SELECT id, digest, canonical, signers, feed FROM attestation \
                 WHERE stored_at <= ?1 ORDER BY id",
            )
            .map_err(failed)?;
        let mut rows = query.query([until.unix_seconds()]).map_err(failed)?;
        let mut last = 0;
        while let Some(row) = rows.next().map_err(failed)? {
            let stored = stored(row, &mut further).map_err(failed)?;
            // Rows are never removed, so a gap means damage. Only with `known_at` may some be missing.
            if known_at.is_none() && stored.id != last + 1 {
                let detail = format!("row {} of attestation is missing", last + 1);
                return Err(StoreError::Damaged { path: self.path.clone(), detail }.into());
            }
            last = stored.id;
            each(stored)?;
        }
        Ok(())
    }

    /// An attestation with the envelopes of all its copies.
    pub fn attestation(&self, digest: &Digest) -> Result<Option<WholeAttestation>, StoreError> {
        self.read(|connection| match Filed::Attestations.find(connection, digest)? {
            Some(id) => whole(connection, id, digest).map(Some),
            None => Ok(None),
        })
    }
}

fn stored<'a>(row: &'a Row<'_>, further: &mut Further<'_>) -> rusqlite::Result<StoredAttestation<'a>> {
    let id = row.get(0)?;
    let SignersColumn(mut signers) = row.get(3)?;
    further.append(id, &mut signers)?;
    Ok(StoredAttestation {
        id,
        digest: word(row, 1)?,
        canonical: unpacked(row, 2)?,
        signers,
        feed: row.get_ref(4)?.as_str()?,
    })
}

/// Walks the countersignatures beside the attestations, as both are in the same order.
struct Further<'a> {
    rows: Rows<'a>,
    next: Option<(i64, SignersColumn)>,
}

impl<'a> Further<'a> {
    fn new(rows: Rows<'a>) -> rusqlite::Result<Self> {
        let mut further = Self { rows, next: None };
        further.step()?;
        Ok(further)
    }

    fn step(&mut self) -> rusqlite::Result<()> {
        self.next = self.rows.next()?.map(|row| Ok::<_, rusqlite::Error>((row.get(0)?, row.get(1)?))).transpose()?;
        Ok(())
    }

    fn append(&mut self, id: i64, signers: &mut Vec<Arc<str>>) -> rusqlite::Result<()> {
        while let Some((of, _)) = &self.next
            && *of <= id
        {
            if let Some((_, further)) = self.next.take_if(|(of, _)| *of == id) {
                signers.extend(further.0);
            }
            self.step()?;
        }
        Ok(())
    }
}

pub(super) fn whole(connection: &Connection, id: i64, digest: &Digest) -> rusqlite::Result<WholeAttestation> {
    let mut further = connection.prepare_cached(
        "SELECT envelope, signers, feed, origin, stored_at FROM countersignature WHERE attestation_id = ?1 ORDER BY id",
    )?;
    let (first, canonical) = connection
        .prepare_cached(
            "SELECT envelope, signers, feed, origin, stored_at, canonical FROM attestation WHERE id = ?1 AND digest = ?2",
        )?
        .query_row((id, digest.0), |row| {
            let canonical = unpacked(row, 5)?;
            Ok((copy(row, &canonical)?, canonical))
        })?;
    let mut copies = vec![first];
    for further in further.query_map([id], |row| copy(row, ""))? {
        copies.push(further?);
    }
    Ok(WholeAttestation { id, digest: *digest, canonical, copies })
}

/// Reads a copy, whose envelope is stored as a difference from `canonical` and its signers.
fn copy(row: &Row<'_>, canonical: &str) -> rusqlite::Result<AttestationCopy> {
    let beside = [canonical.as_bytes(), row.get_ref(1)?.as_bytes()?].concat();
    Ok(AttestationCopy {
        envelope: pack::unpack(row.get_ref(0)?.as_bytes()?, &beside)?,
        signers: row.get::<_, SignersColumn>(1)?.0,
        feed: row.get(2)?,
        origin: row.get(3)?,
        stored_at: word(row, 4)?,
    })
}

/// Reads text that is packed without a base.
fn unpacked(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    text(pack::unpack(row.get_ref(column)?.as_bytes()?, &[])?)
}

//! Taking in what a feed brought: attestations, refusals and how far it was read, in one transaction.

use super::{
    columns::SignersColumn,
    pack::Packed,
    position::{self, FeedPosition},
    quarantine::{self, RefusedArrival},
    room::Rooms,
    stored::StoredArrival,
    work::{Session, Work},
};
use crate::model::{Attestation, Digest, Instant};
use rusqlite::{CachedStatement, Connection};
use std::{path::PathBuf, sync::Arc};

/// What was read from feeds, to be stored together or not at all.
#[derive(Clone, Debug)]
pub struct Intake {
    /// What arrived, in the order of arrival.
    pub arrivals: Vec<Arrival>,
    /// How far the files are read once these arrivals are stored.
    pub positions: Vec<FeedPosition>,
    /// Files that are gone, as (feed, path), none of which has a position here. Their positions are forgotten; what they held is
    /// kept.
    pub forgotten: Vec<(Arc<str>, PathBuf)>,
    /// The time of storing.
    pub stored_at: Instant,
}

/// One thing that a feed brought.
#[derive(Clone, Debug)]
pub enum Arrival {
    /// Verified and admitted.
    Attested(NewAttestation),
    /// Refused, and kept in quarantine.
    Refused(RefusedArrival),
    /// Taken from the quarantine, tried again and refused. Its state stays: what was settled meanwhile, perhaps by
    /// another item of the same retry, does not wait again.
    RefusedAgain {
        /// Its number there.
        id: i64,
        /// Why it is refused now.
        refusal: RefusedArrival,
    },
}

/// A verified attestation as it is to be stored.
#[derive(Clone, Debug)]
pub struct NewAttestation {
    digest: Digest,
    kind: Box<str>,
    subject: Box<str>,
    issuer: Arc<str>,
    issued_at: Instant,
    valid_from: Instant,
    valid_until: Option<Instant>,
    canonical: Arc<Packed>,
    envelope: Arc<[u8]>,
    packed_envelope: Arc<Packed>,
    envelope_digest: Digest,
    matter: Digest,
    signers: SignersColumn,
    feed: Arc<str>,
    origin: Arc<str>,
}

impl NewAttestation {
    /// Prepares an attestation on the caller's thread, so that the writer has only to write.
    ///
    /// `envelope` is the bytes as received; `matter` names what it is about, and settles what was refused of that; `signers` are
    /// the keys whose signatures were verified; `origin` is the path within `feed` where it was found, with the byte at which
    /// its line starts.
    #[must_use]
    pub fn new(
        attestation: &Attestation,
        envelope: Arc<[u8]>,
        matter: Digest,
        signers: Vec<Arc<str>>,
        feed: Arc<str>,
        origin: Arc<str>,
    ) -> Self {
        let canonical = serde_json::to_string(attestation)
            .unwrap_or_else(|error| unreachable!("an attestation holds only strings and numbers: {error}"));
        let signers = SignersColumn(signers);
        let beside = [canonical.as_bytes(), signers.text().as_bytes()].concat();
        Self {
            digest: attestation.digest,
            kind: attestation.kind().as_str().into(),
            subject: attestation.subject.as_str().into(),
            issuer: Arc::clone(&attestation.issuer),
            issued_at: attestation.issued_at,
            valid_from: attestation.valid_from,
            valid_until: attestation.valid_until,
            canonical: Packed::beside(canonical.as_bytes(), &[]).into(),
            packed_envelope: Packed::beside(&envelope, &beside).into(),
            envelope_digest: Digest::of(&envelope),
            envelope,
            matter,
            signers,
            feed,
            origin,
        }
    }
}

/// What became of an intake, now durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntakeDone {
    /// One for each arrival, in their order.
    pub outcomes: Vec<StoredArrival>,
    /// How many rows of the quarantine were settled by what was accepted.
    pub settled: usize,
}

impl Work for Intake {
    type Done = IntakeDone;

    fn rows(&self) -> usize {
        self.arrivals.len() + self.positions.len() + self.forgotten.len()
    }

    fn apply(&self, session: &mut Session<'_>) -> rusqlite::Result<IntakeDone> {
        let connection = session.connection;
        let mut statements = PreparedStatements::prepare(connection)?;
        let mut waiting = quarantine::any_waiting(connection)?;
        let mut rooms = Rooms::default();
        let mut done = IntakeDone { outcomes: Vec::with_capacity(self.arrivals.len()), settled: 0 };
        for arrival in &self.arrivals {
            done.outcomes.push(match arrival {
                Arrival::Attested(new) => {
                    let stored = take(session, &mut statements, new, self.stored_at)?;
                    if waiting {
                        done.settled += settle(connection, new, &stored)?;
                    }
                    stored
                }
                Arrival::Refused(refusal) => {
                    waiting = true;
                    rooms.keep(connection, refusal, self.stored_at)?
                }
                Arrival::RefusedAgain { id, refusal } => {
                    quarantine::keep_again(connection, *id, refusal, self.stored_at)?;
                    StoredArrival::Quarantined { id: *id }
                }
            });
        }
        if self.arrivals.iter().any(|arrival| matches!(arrival, Arrival::RefusedAgain { .. })) {
            done.settled += self.settle_retried(connection, &done.outcomes)?;
        }
        position::remember(connection, &self.positions)?;
        position::forget(connection, &self.forgotten)?;
        Ok(done)
    }
}

impl Intake {
    /// Items that are retried together have no order: only now may it be known what a refused one is about, and an accepted one
    /// that came before it may be the later statement.
    fn settle_retried(&self, connection: &Connection, outcomes: &[StoredArrival]) -> rusqlite::Result<usize> {
        let mut settled = 0;
        for (arrival, stored) in self.arrivals.iter().zip(outcomes) {
            if let Arrival::Attested(new) = arrival {
                settled += settle(connection, new, stored)?;
            }
        }
        Ok(settled)
    }
}

/// The statements that every attestation needs, fetched from the cache once per intake.
struct PreparedStatements<'a> {
    insert: CachedStatement<'a>,
}

impl<'a> PreparedStatements<'a> {
    fn prepare(connection: &'a Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            insert: connection.prepare_cached(
                "INSERT INTO attestation (digest, kind, subject, issuer, issued_at, valid_from, valid_until, \
                 signers, feed, origin, stored_at, canonical, envelope) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            )?,
        })
    }
}

/// Settles what waits and is superseded by what was accepted; returns how much. A statement that is known already was made
/// before what waits was refused, or settled it when it came: it settles nothing of its matter again.
fn settle(connection: &Connection, new: &NewAttestation, stored: &StoredArrival) -> rusqlite::Result<usize> {
    let same = quarantine::settle_same(connection, &new.envelope_digest)?;
    let is_news = matches!(stored, StoredArrival::New { .. } | StoredArrival::SignersExtended { .. });
    let replaced = if is_news { quarantine::settle_matter(connection, &new.matter, new.issued_at)? } else { 0 };
    Ok(same + replaced)
}

fn take(
    session: &mut Session<'_>,
    statements: &mut PreparedStatements<'_>,
    new: &NewAttestation,
    stored_at: Instant,
) -> rusqlite::Result<StoredArrival> {
    if let Some(id) = session.attestations.find(session.connection, &new.digest)? {
        return countersign(session.connection, id, new, stored_at);
    }
    let id = statements.insert.insert((
        new.digest.0,
        &new.kind,
        &new.subject,
        &new.issuer,
        new.issued_at.unix_seconds(),
        new.valid_from.unix_seconds(),
        new.valid_until.map(Instant::unix_seconds),
        &new.signers,
        &new.feed,
        &new.origin,
        stored_at.unix_seconds(),
        &*new.canonical,
        &*new.packed_envelope,
    ))?;
    session.attestations.add(id, &new.digest);
    Ok(StoredArrival::New { id })
}

/// Keeps a further copy of an attestation if keys signed it that had not signed the copies before it.
fn countersign(
    connection: &Connection,
    id: i64,
    new: &NewAttestation,
    stored_at: Instant,
) -> rusqlite::Result<StoredArrival> {
    let mut signers: Vec<Arc<str>> = Vec::new();
    let mut query = connection.prepare_cached(
        "SELECT signers, 0 AS position FROM checked_attestation WHERE id = ?1 \
         UNION ALL SELECT signers, id FROM checked_countersignature WHERE attestation_id = ?1 ORDER BY position",
    )?;
    for copy in query.query_map([id], |row| row.get::<_, SignersColumn>(0))? {
        signers.extend(copy?.0);
    }
    let further: Vec<_> = new.signers.0.iter().filter(|signer| !signers.contains(signer)).cloned().collect();
    if further.is_empty() {
        return Ok(StoredArrival::Duplicate { id });
    }
    signers.extend_from_slice(&further);
    let further = SignersColumn(further);
    let envelope = Packed::beside(&new.envelope, further.text().as_bytes());
    connection
        .prepare_cached(
            "INSERT INTO countersignature (attestation_id, signers, feed, origin, stored_at, envelope) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((id, further, &new.feed, &new.origin, stored_at.unix_seconds(), envelope))?;
    Ok(StoredArrival::SignersExtended { id, signers })
}

//! Records scores: appends those that differ from the recorded ones, with what they were made from.

use super::{
    cause::WithdrawalCause,
    exposures,
    pack::{self, Base, MAX_DEPTH, Packed},
    work::{Session, Work},
};
use crate::model::{BasisPoints, Digest, Exposure, Instant, Organisation, Score};
use rusqlite::{Connection, OptionalExtension as _};
use std::sync::Arc;

/// Scores with everything that belongs to them, to be recorded together or not at all.
#[derive(Clone, Debug)]
pub struct Scoring {
    /// The scores, at most one for each organisation.
    pub scores: Vec<NewScore>,
    /// Organisations that have no score any more.
    pub withdrawn: Vec<Withdrawn>,
    /// What the scores were made from; what is there already costs nothing.
    pub artefacts: Vec<Artefact>,
    /// Exposures that differ from the current ones.
    pub exposures: Vec<(Organisation, Exposure)>,
    /// The time of recording, from which on this is known.
    pub known_at: Instant,
}

/// A score as it is to be recorded.
#[derive(Clone, Debug)]
pub struct NewScore {
    pub(super) organisation: Organisation,
    pub(super) as_of: Instant,
    pub(super) risk_bp: Option<BasisPoints>,
    pub(super) band: Arc<str>,
    pub(super) coverage_bp: BasisPoints,
    pub(super) confidence_bp: BasisPoints,
    pub(super) provenance: Digest,
    pub(super) change: Option<Box<str>>,
    pub(super) body: Vec<u8>,
}

impl NewScore {
    /// Prepares a score on the caller's thread. `change` is what changed against the score before, as JSON: before,
    /// after, cause.
    #[must_use]
    pub(crate) fn new(score: &Score, change: Option<Box<str>>) -> Self {
        Self {
            organisation: score.organisation.clone(),
            as_of: score.as_of,
            risk_bp: score.risk_bp,
            band: Arc::clone(&score.band),
            coverage_bp: score.coverage_bp,
            confidence_bp: score.confidence_bp,
            provenance: score.provenance.digest,
            change,
            body: score.to_bytes(),
        }
    }
}

/// An organisation that has no score any more.
#[derive(Clone, Debug)]
pub struct Withdrawn {
    /// The organisation that had the score.
    pub organisation: Organisation,
    /// The organisation that it was found to be.
    pub merged_into: Option<Organisation>,
    /// Why it has no score any more.
    pub cause: WithdrawalCause,
}

/// Bytes that a score was made from besides attestations, named by their digest.
#[derive(Clone, Debug)]
pub struct Artefact {
    digest: Digest,
    kind: ArtefactKind,
    bytes: Arc<[u8]>,
    /// The digest of another artefact that is probably similar.
    like: Option<Digest>,
}

/// The kinds of artefacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArtefactKind {
    /// A compiled rule plugin, as it was found.
    Component,
    /// The text of a policy.
    Policy,
    /// An organisation's network facts, in canonical bytes.
    Facts,
}

impl ArtefactKind {
    /// The word for it in the store.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Component => "component",
            Self::Policy => "policy",
            Self::Facts => "facts",
        }
    }
}

impl Artefact {
    /// Names the bytes by their digest, on the caller's thread.
    #[must_use]
    pub fn new(kind: ArtefactKind, bytes: Arc<[u8]>) -> Self {
        Self { digest: Digest::of(&bytes), kind, bytes, like: None }
    }

    /// The same, with the hint that it is similar to another one: if that is stored, it takes less room.
    #[must_use]
    pub fn like(self, other: Option<Digest>) -> Self {
        Self { like: other, ..self }
    }

    /// The SHA-256 of its bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

/// What became of each score, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScoringDone {
    /// One for each score.
    pub scores: Vec<Recorded>,
}

/// What became of one score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It is the organisation's score now.
    Appended {
        /// The number of the recorded score.
        id: i64,
    },
    /// The organisation already had this score, to the byte.
    Unchanged {
        /// The number of the recorded score.
        id: i64,
    },
}

impl Work for Scoring {
    type Done = ScoringDone;

    fn rows(&self) -> usize {
        self.scores.len() + self.withdrawn.len() + self.artefacts.len() + self.exposures.len()
    }

    fn apply(&self, session: &mut Session<'_>) -> rusqlite::Result<ScoringDone> {
        let connection = session.connection;
        keep(session, &self.artefacts, self.known_at)?;
        let scores =
            self.scores.iter().map(|score| record(connection, score, self.known_at)).collect::<Result<_, _>>()?;
        for withdrawn in &self.withdrawn {
            withdraw(connection, withdrawn, self.known_at)?;
            exposures::end(connection, &withdrawn.organisation)?;
        }
        for (organisation, exposure) in &self.exposures {
            exposures::record(connection, organisation, exposure, self.known_at)?;
        }
        Ok(ScoringDone { scores })
    }
}

fn keep(session: &mut Session<'_>, artefacts: &[Artefact], at: Instant) -> rusqlite::Result<()> {
    let connection = session.connection;
    let mut keep = connection
        .prepare_cached("INSERT INTO artefact (digest, kind, stored_at, base_id, bytes) VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for artefact in artefacts {
        if session.artefacts.find(connection, &artefact.digest)?.is_some() {
            continue;
        }
        let like = match artefact.like {
            Some(like) => session.artefacts.find(connection, &like)?,
            None => None,
        };
        let bases = match like {
            Some(id) => lying(connection, Lying::Artefact, id)?,
            None => Vec::new(),
        };
        let packed = Packed::of(&artefact.bytes, &bases);
        let id = keep.insert((artefact.digest.0, artefact.kind.as_str(), at.unix_seconds(), packed.base, &packed))?;
        session.artefacts.add(id, &artefact.digest);
    }
    Ok(())
}

/// The packed columns.
#[derive(Clone, Copy, Debug)]
enum Lying {
    Score,
    Artefact,
}

impl Lying {
    fn row(self) -> &'static str {
        match self {
            Self::Score => "SELECT body, base_id FROM checked_score WHERE id = ?1",
            Self::Artefact => "SELECT bytes, base_id FROM checked_artefact WHERE id = ?1",
        }
    }
}

/// The bytes of a row and of its bases, down to the one that is stored whole.
fn lying(connection: &Connection, what: Lying, id: i64) -> rusqlite::Result<Vec<Base>> {
    let mut row = connection.prepare_cached(what.row())?;
    let mut chain: Vec<(i64, Vec<u8>)> = Vec::new();
    let mut next = Some(id);
    while let Some(id) = next {
        if chain.len() > MAX_DEPTH {
            return Err(pack::damaged("they are told from more rows than they can be"));
        }
        let (packed, base) = row.query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        chain.push((id, packed));
        next = base;
    }
    let packed: Vec<&[u8]> = chain.iter().map(|(_, packed)| packed.as_slice()).collect();
    let unpacked = pack::unpack_chain(&packed)?;
    let bases = chain.iter().zip(unpacked);
    Ok(bases.map(|((id, packed), bytes)| Base { id: *id, bytes, packed_bytes: packed.len() }).collect())
}

fn record(connection: &Connection, score: &NewScore, known_at: Instant) -> rusqlite::Result<Recorded> {
    let standing: Option<(i64, bool)> = connection
        .prepare_cached("SELECT score_id, withdrawn FROM checked_standing WHERE organisation = ?1")?
        .query_row([score.organisation.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let mut bases = Vec::new();
    if let Some((id, withdrawn)) = standing {
        bases = lying(connection, Lying::Score, id)?;
        if !withdrawn && bases.first().is_some_and(|last| last.bytes == score.body) {
            return Ok(Recorded::Unchanged { id });
        }
    }
    let body = Packed::of(&score.body, &bases);
    let change = score.change.as_ref().map(|change| Packed::beside(change.as_bytes(), &score.body));
    let id = connection
        .prepare_cached(
            "INSERT INTO score (organisation, previous_id, as_of, known_at, risk_bp, band, coverage_bp, confidence_bp, \
             provenance, base_id, body, change) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .insert((
            score.organisation.as_str(),
            standing.map(|(id, _)| id),
            score.as_of.unix_seconds(),
            known_at.unix_seconds(),
            score.risk_bp,
            &score.band,
            score.coverage_bp,
            score.confidence_bp,
            score.provenance.0,
            body.base,
            &body,
            &change,
        ))?;
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO standing (organisation, score_id, risk_bp, band, withdrawn) \
             VALUES (?1, ?2, ?3, ?4, 0)",
        )?
        .execute((score.organisation.as_str(), id, score.risk_bp, &score.band))?;
    Ok(Recorded::Appended { id })
}

fn withdraw(connection: &Connection, withdrawn: &Withdrawn, at: Instant) -> rusqlite::Result<()> {
    let last: Option<i64> = connection
        .prepare_cached(
            "UPDATE standing SET withdrawn = 1 WHERE organisation = ?1 AND withdrawn = 0 RETURNING score_id",
        )?
        .query_row([withdrawn.organisation.as_str()], |row| row.get(0))
        .optional()?;
    if let Some(score) = last {
        connection
            .prepare_cached(
                "INSERT INTO withdrawal (score_id, merged_into, withdrawn_at, cause) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute((
                score,
                withdrawn.merged_into.as_ref().map(Organisation::as_str),
                at.unix_seconds(),
                withdrawn.cause,
            ))?;
    }
    Ok(())
}

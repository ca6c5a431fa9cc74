//! Reading scores: those that hold now, and how they came to be.

use super::{Reader, packed};
use crate::{
    model::{BasisPoints, Digest, Instant, Organisation},
    store::{
        StoreError,
        cause::WithdrawalCause,
        columns::{text, word, word_if_any},
        pack,
        shelves::shelves_to,
    },
};
use rusqlite::{Connection, OptionalExtension as _, Row};

/// A recorded score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredScore {
    /// Its number: greater than that of every score before it.
    pub id: i64,
    /// The organisation that is scored.
    pub organisation: Organisation,
    /// The instant that it speaks of.
    pub as_of: Instant,
    /// When it was recorded.
    pub known_at: Instant,
    /// Its risk, 0 to 10 000; `None` when no rule applied.
    pub risk_bp: Option<BasisPoints>,
    /// The policy's name for the band of its risk.
    pub band: String,
    /// The weight of the scored rules, as a part of 10 000 of those that apply.
    pub coverage_bp: BasisPoints,
    /// How far its evidence may be trusted, 0 to 10 000.
    pub confidence_bp: BasisPoints,
    /// The digest of what it was made from.
    pub provenance: Digest,
    /// The number of the organisation's previous score.
    pub previous: Option<i64>,
    /// What changed against the previous score, as JSON: before, after, cause.
    pub change: Option<String>,
    /// Set when this was the organisation's last score before it had none.
    pub withdrawal: Option<ScoreWithdrawal>,
    /// The whole score, as JSON: the bytes that a replay must reproduce.
    pub body: String,
}

/// The end of an organisation's score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScoreWithdrawal {
    /// When it ended.
    pub withdrawn_at: Instant,
    /// The organisation that it was found to be.
    pub merged_into: Option<Organisation>,
    /// Why; `None` where an earlier version, which told no cause, wrote it.
    pub cause: Option<WithdrawalCause>,
}

/// An organisation that has a score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranked {
    /// Who.
    pub organisation: Organisation,
    /// Its risk, 0 to 10 000; `None` when no rule applied.
    pub risk_bp: Option<BasisPoints>,
}

/// Reads scores; a query adds `WHERE`.
fn scores() -> String {
    read_from("score")
}

/// Reads the scores that hold now; a query adds `AND`.
fn current() -> String {
    read_from("standing LEFT JOIN score ON score.id = standing.score_id") + " WHERE standing.withdrawn = 0"
}

/// What is read of a score: its row, the bases of its body, and whether it was withdrawn.
fn read_from(rows: &str) -> String {
    let (told_from, bases) = (packed::told_from("score", "body"), packed::bases("score"));
    format!(
        "SELECT score.*, {told_from}, withdrawn_at, merged_into, cause FROM {rows}{bases} \
         LEFT JOIN withdrawal ON withdrawal.score_id = score.id"
    )
}

impl Reader {
    /// Who has a score now, in the band if one is given: the worst first, those of equal risk by name, the unrated last. The
    /// rows themselves are read, which are sealed, and no index, which is not.
    pub fn ranking(&self, band: Option<&str>) -> Result<Vec<Ranked>, StoreError> {
        let sql = "SELECT organisation, risk_bp FROM standing WHERE withdrawn = 0 AND (?1 IS NULL OR band = ?1) \
                   ORDER BY place, organisation";
        let ranked = |row: &Row<'_>| {
            Ok(Ranked { organisation: Organisation::checked_before(row.get_ref(0)?.as_str()?), risk_bp: row.get(1)? })
        };
        self.read(|connection| connection.prepare_cached(sql)?.query_map([band], ranked)?.collect())
    }

    /// Hands every score that holds now to `each`, by organisation. One snapshot, streamed.
    ///
    /// # Errors
    /// The first that `each` gives, or what the disk says.
    pub(crate) fn for_each_score<E: From<StoreError>>(
        &self,
        mut each: impl FnMut(StoredScore) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = |error: rusqlite::Error| StoreError::of(&self.path, &error);
        let sql = current() + " ORDER BY standing.organisation";
        let mut query = self.connection.prepare_cached(&sql).map_err(failed)?;
        let mut rows = query.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            each(read(row).map_err(failed)?)?;
        }
        Ok(())
    }

    /// The score of an organisation: the one that holds now, or that was known at the end of the second `known_at`.
    /// `None` when there was none, or none any more.
    pub fn score_of(
        &self,
        organisation: &Organisation,
        known_at: Option<Instant>,
    ) -> Result<Option<StoredScore>, StoreError> {
        let known_at = known_at.unwrap_or(Instant::MAX);
        let known = self.read(|connection| {
            let mut step =
                connection.prepare_cached("SELECT previous_id FROM score WHERE id = ?1 AND known_at > ?2")?;
            let mut id = newest(connection, organisation)?;
            while let Some(later) = id
                && let Some(previous) = step.query_row((later, known_at.unix_seconds()), |row| row.get(0)).optional()?
            {
                id = previous;
            }
            id.map_or(Ok(None), |id| one(connection, id))
        })?;
        let withdrawn = |score: &StoredScore| score.withdrawal.as_ref().is_some_and(|w| w.withdrawn_at <= known_at);
        Ok(known.filter(|score| !withdrawn(score)))
    }

    /// A score by its number.
    pub fn score(&self, id: i64) -> Result<Option<StoredScore>, StoreError> {
        self.read(|connection| one(connection, id))
    }

    /// The scores that were made from exactly this, the newest first: several when organisations share all their
    /// facts.
    pub(crate) fn scores_by_provenance(&self, digest: &Digest, limit: usize) -> Result<Vec<StoredScore>, StoreError> {
        let sql = scores() + " WHERE score.shelf = ?1 AND score.provenance = ?2 ORDER BY score.id DESC";
        self.read(|connection| {
            let newest = connection.query_row("SELECT max(id) FROM score", [], |row| row.get(0))?;
            let mut on_shelf = connection.prepare_cached(&sql)?;
            let mut scores = Vec::new();
            for shelf in shelves_to(newest) {
                let wanted = limit - scores.len();
                if wanted == 0 {
                    break;
                }
                for score in on_shelf.query_map((shelf, digest.0), read)?.take(wanted) {
                    scores.push(score?);
                }
            }
            Ok(scores)
        })
    }

    /// The scores of an organisation, the newest first, also those from before a withdrawal: from its newest one, or
    /// from the one before its score number `before`.
    pub fn history(
        &self,
        organisation: &Organisation,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<StoredScore>, StoreError> {
        self.read(|connection| {
            let mut next = match before {
                Some(id) => {
                    one(connection, id)?.filter(|score| score.organisation == *organisation).and_then(|s| s.previous)
                }
                None => newest(connection, organisation)?,
            };
            let mut scores = Vec::new();
            while let Some(id) = next
                && scores.len() < limit
                && let Some(score) = one(connection, id)?
            {
                next = score.previous;
                scores.push(score);
            }
            Ok(scores)
        })
    }
}

/// The newest score of an organisation, also when it has been withdrawn.
fn newest(connection: &Connection, organisation: &Organisation) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT score_id FROM standing WHERE organisation = ?1")?
        .query_row([organisation.as_str()], |row| row.get(0))
        .optional()
}

fn one(connection: &Connection, id: i64) -> rusqlite::Result<Option<StoredScore>> {
    connection.prepare_cached(&(scores() + " WHERE score.id = ?1"))?.query_row([id], read).optional()
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredScore> {
    let withdrawal = match word_if_any(row, "withdrawn_at")? {
        Some(withdrawn_at) => Some(ScoreWithdrawal {
            withdrawn_at,
            merged_into: word_if_any(row, "merged_into")?,
            cause: row.get("cause")?,
        }),
        None => None,
    };
    let body = packed::unpacked(row, row.get_ref("body")?.as_bytes()?)?;
    let change = row.get_ref("change")?.as_bytes_or_null()?.map(|change| pack::unpack(change, &body)).transpose()?;
    Ok(StoredScore {
        id: row.get("id")?,
        organisation: word(row, "organisation")?,
        as_of: word(row, "as_of")?,
        known_at: word(row, "known_at")?,
        risk_bp: row.get("risk_bp")?,
        band: row.get("band")?,
        coverage_bp: row.get("coverage_bp")?,
        confidence_bp: row.get("confidence_bp")?,
        provenance: word(row, "provenance")?,
        previous: row.get("previous_id")?,
        change: change.map(text).transpose()?,
        withdrawal,
        body: text(body)?,
    })
}

//! What was refused, and what became of it.

use super::{
    columns::{unsigned, word, word_if_any},
    work::{Session, Work},
};
use crate::model::{Digest, Instant};
use rusqlite::{
    Connection, OptionalExtension as _, Row, named_params,
    types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef},
};
use std::sync::Arc;

/// Something that was refused.
#[derive(Clone, Debug)]
pub struct RefusedArrival {
    /// The feed that brought it.
    pub feed: Arc<str>,
    /// The path within the feed, with the byte at which the line of a log starts: it is unique within the feed.
    pub origin: Arc<str>,
    /// The code of the reason, as `bad-signature`.
    pub reason: Box<str>,
    /// What is wrong and how to mend it.
    pub sentence: Box<str>,
    /// The digest of all its bytes.
    pub digest: Digest,
    /// How many bytes it had.
    pub byte_count: u64,
    /// Its bytes, as many as are kept.
    pub bytes: Arc<[u8]>,
    /// A digest of what it is about, where that is known.
    pub matter: Option<Digest>,
    /// When it was issued, as it says itself, where that is known.
    pub issued_at: Option<Instant>,
}

impl RefusedArrival {
    /// A refusal whose bytes are all kept.
    #[must_use]
    pub fn whole(feed: Arc<str>, origin: Arc<str>, reason: &str, sentence: &str, bytes: Arc<[u8]>) -> Self {
        let byte_count = bytes.len() as u64;
        Self {
            feed,
            origin,
            reason: reason.into(),
            sentence: sentence.into(),
            digest: Digest::of(&bytes),
            byte_count,
            bytes,
            matter: None,
            issued_at: None,
        }
    }
}

/// The state of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuarantineState {
    /// It waits to be settled.
    Waiting,
    /// The same bytes were accepted later.
    Accepted,
    /// A later statement of its issuer about the same matter was accepted, or an operator has set it aside.
    Superseded,
}

impl QuarantineState {
    /// Every state.
    pub(crate) const ALL: [Self; 3] = [Self::Waiting, Self::Accepted, Self::Superseded];

    /// The word for it in answers.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Accepted => "accepted",
            Self::Superseded => "superseded",
        }
    }
}

impl ToSql for QuarantineState {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for QuarantineState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let word = value.as_str()?;
        Self::ALL.into_iter().find(|state| state.as_str() == word).ok_or(FromSqlError::InvalidType)
    }
}

/// A row of the quarantine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// Its number, which is never given to another item.
    pub id: i64,
    /// The feed that brought it.
    pub feed: Arc<str>,
    /// The path within the feed, with the byte at which the line of a log starts.
    pub origin: Arc<str>,
    /// The digest of all its bytes.
    pub digest: Digest,
    /// How many bytes it had; fewer may be kept.
    pub byte_count: u64,
    /// The reason's code, as of the last attempt.
    pub reason: Box<str>,
    /// What is wrong and how to mend it, as of the last attempt.
    pub sentence: Box<str>,
    /// Whether it still waits, and if not, why.
    pub state: QuarantineState,
    /// How often it was refused.
    pub attempts: u32,
    /// When it first came.
    pub received_at: Instant,
    /// When it was last refused.
    pub last_tried_at: Instant,
}

/// Which rows of the quarantine to list, the oldest first.
#[derive(Clone, Copy, Debug, Default)]
pub struct QuarantineFilter<'a> {
    /// Only those in this state.
    pub state: Option<QuarantineState>,
    /// Only those refused for this reason.
    pub reason: Option<&'a str>,
    /// Only those after this number: the last of the page before.
    pub after: i64,
    /// How many at most.
    pub limit: u32,
}

pub(super) fn any_waiting(connection: &Connection) -> rusqlite::Result<bool> {
    connection.prepare_cached("SELECT 1 FROM quarantine WHERE state = 'waiting' LIMIT 1")?.exists([])
}

/// Settles waiting items that have the bytes of an accepted envelope, wherever they came from.
pub(super) fn settle_same(connection: &Connection, envelope: &Digest) -> rusqlite::Result<usize> {
    connection
        .prepare_cached("UPDATE quarantine SET state = 'accepted' WHERE state = 'waiting' AND digest = ?1")?
        .execute([envelope.0])
}

/// Settles waiting items about `matter` that were issued until `issued_at`, when their issuer made a later statement. An item
/// without a date counts as issued when it first came.
pub(super) fn settle_matter(connection: &Connection, matter: &Digest, issued_at: Instant) -> rusqlite::Result<usize> {
    connection
        .prepare_cached(
            "UPDATE quarantine SET state = 'superseded' WHERE state = 'waiting' AND matter IS NOT NULL \
             AND matter = ?1 AND coalesce(issued_at, received_at) <= ?2",
        )?
        .execute((matter.0, issued_at.unix_seconds()))
}

/// Items that an operator sets aside: they no longer wait, unless they come again and are refused.
#[derive(Clone, Debug)]
pub(super) struct SetAside {
    pub(super) ids: Vec<i64>,
}

impl Work for SetAside {
    type Done = usize;

    fn rows(&self) -> usize {
        self.ids.len()
    }

    fn apply(&self, session: &mut Session<'_>) -> rusqlite::Result<usize> {
        let mut set_aside = session
            .connection
            .prepare_cached("UPDATE quarantine SET state = 'superseded' WHERE id = ?1 AND state = 'waiting'")?;
        self.ids.iter().map(|id| set_aside.execute([id])).sum()
    }
}

/// Notes a refusal whose bytes came from the same origin before; returns its number, if they did.
pub(super) fn keep_known(
    connection: &Connection,
    refusal: &RefusedArrival,
    at: Instant,
) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached(
            "UPDATE quarantine SET attempts = attempts + 1, last_tried_at = :at, reason = :reason, \
             sentence = :sentence, state = 'waiting', matter = :matter, issued_at = :issued_at \
             WHERE feed = :feed AND origin = :origin AND digest = :digest RETURNING id",
        )?
        .query_row(
            named_params! {
                ":feed": refusal.feed,
                ":origin": refusal.origin,
                ":digest": refusal.digest.0,
                ":reason": refusal.reason,
                ":sentence": refusal.sentence,
                ":at": at.unix_seconds(),
                ":matter": refusal.matter.map(|matter| matter.0),
                ":issued_at": refusal.issued_at.map(Instant::unix_seconds),
            },
            |row| row.get(0),
        )
        .optional()
}

/// Keeps a new refusal and returns its number.
pub(super) fn keep(connection: &Connection, refusal: &RefusedArrival, at: Instant) -> rusqlite::Result<i64> {
    connection
        .prepare_cached(
            "INSERT INTO quarantine (feed, origin, digest, byte_count, reason, sentence, state, attempts, \
             received_at, last_tried_at, bytes, matter, issued_at) \
             VALUES (:feed, :origin, :digest, :byte_count, :reason, :sentence, 'waiting', 1, :at, :at, :bytes, \
             :matter, :issued_at)",
        )?
        .insert(named_params! {
            ":feed": refusal.feed,
            ":origin": refusal.origin,
            ":digest": refusal.digest.0,
            ":byte_count": refusal.byte_count.cast_signed(),
            ":reason": refusal.reason,
            ":sentence": refusal.sentence,
            ":at": at.unix_seconds(),
            ":bytes": refusal.bytes,
            ":matter": refusal.matter.map(|matter| matter.0),
            ":issued_at": refusal.issued_at.map(Instant::unix_seconds),
        })
}

/// Notes that row `id` was tried again and refused; it waits if it did.
pub(super) fn keep_again(
    connection: &Connection,
    id: i64,
    refusal: &RefusedArrival,
    at: Instant,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE quarantine SET attempts = attempts + 1, last_tried_at = ?2, reason = ?3, sentence = ?4, \
             matter = ?5, issued_at = ?6 WHERE id = ?1",
        )?
        .execute((
            id,
            at.unix_seconds(),
            &refusal.reason,
            &refusal.sentence,
            refusal.matter.map(|matter| matter.0),
            refusal.issued_at.map(Instant::unix_seconds),
        ))
        .map(drop)
}

const ROW: &str = "id, feed, origin, digest, byte_count, reason, sentence, state, attempts, received_at, last_tried_at";

pub(super) fn list(connection: &Connection, filter: &QuarantineFilter<'_>) -> rusqlite::Result<Vec<Quarantined>> {
    let by_state = if filter.state.is_some() { "state = :state" } else { ":state IS NULL" };
    let mut query = connection.prepare_cached(&format!(
        "SELECT {ROW} FROM quarantine WHERE {by_state} AND id > :after AND (:reason IS NULL OR reason = :reason) \
         ORDER BY id LIMIT :limit",
    ))?;
    let parameters = named_params! {
        ":state": filter.state,
        ":after": filter.after,
        ":reason": filter.reason,
        ":limit": filter.limit,
    };
    query.query_map(parameters, read)?.collect()
}

pub(super) fn show(connection: &Connection, id: i64) -> rusqlite::Result<(Quarantined, Vec<u8>)> {
    connection
        .prepare_cached(&format!("SELECT {ROW}, bytes FROM quarantine WHERE id = ?1"))?
        .query_row([id], |row| Ok((read(row)?, row.get("bytes")?)))
}

/// The waiting items that came from the file `path` of `feed`, as a whole or as one of its lines.
pub(super) fn waiting_of_file(connection: &Connection, feed: &str, path: &str) -> rusqlite::Result<Vec<i64>> {
    connection
        .prepare_cached(
            "SELECT id FROM quarantine WHERE feed = ?1 AND state = 'waiting' \
             AND (origin = ?2 OR (origin >= ?2 || ':byte ' AND origin < ?2 || ':byte!')) ORDER BY id",
        )?
        .query_map((feed, path), |row| row.get(0))?
        .collect()
}

/// The waiting items that were refused for `reason`, which time alone cures, and that were issued at `until` or before or have no
/// date; and the next instant after that at which one was issued.
pub(super) fn waiting_for_time(
    connection: &Connection,
    reason: &str,
    until: Instant,
) -> rusqlite::Result<(Vec<i64>, Option<Instant>)> {
    let due = connection
        .prepare_cached(
            "SELECT id FROM quarantine WHERE state = 'waiting' AND reason = ?1 \
             AND (issued_at IS NULL OR issued_at <= ?2) ORDER BY id",
        )?
        .query_map((reason, until.unix_seconds()), |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let next = connection
        .prepare_cached(
            "SELECT min(issued_at) FROM quarantine WHERE state = 'waiting' AND reason = ?1 AND issued_at > ?2",
        )?
        .query_row((reason, until.unix_seconds()), |row| word_if_any(row, 0))?;
    Ok((due, next))
}

/// The `ids` that name no row, in their order.
pub(super) fn unknown(connection: &Connection, ids: &[i64]) -> rusqlite::Result<Vec<i64>> {
    let mut query = connection.prepare_cached("SELECT 1 FROM quarantine WHERE id = ?1")?;
    let mut unknown = Vec::new();
    for id in ids {
        if !query.exists([id])? {
            unknown.push(*id);
        }
    }
    Ok(unknown)
}

/// How many wait, by reason.
pub(super) fn waiting_by_reason(connection: &Connection) -> rusqlite::Result<Vec<(String, u64)>> {
    connection
        .prepare_cached(
            "SELECT reason, count(*) FROM main.quarantine WHERE state = 'waiting' GROUP BY reason ORDER BY reason",
        )?
        .query_map([], |row| Ok((row.get(0)?, unsigned(row, 1)?)))?
        .collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Quarantined> {
    Ok(Quarantined {
        id: row.get("id")?,
        feed: row.get("feed")?,
        origin: row.get("origin")?,
        digest: word(row, "digest")?,
        byte_count: unsigned(row, "byte_count")?,
        reason: row.get("reason")?,
        sentence: row.get("sentence")?,
        state: row.get("state")?,
        attempts: row.get("attempts")?,
        received_at: word(row, "received_at")?,
        last_tried_at: word(row, "last_tried_at")?,
    })
}

//! Small things to write down: what was delivered, and what the daemon remembers of itself.

use super::work::{Session, Work};
use crate::model::Instant;

/// Events that reached their receivers.
#[derive(Clone, Debug)]
pub struct Delivered {
    /// Their numbers.
    pub ids: Vec<i64>,
    /// When.
    pub at: Instant,
}

impl Work for Delivered {
    type Done = ();

    fn rows(&self) -> usize {
        self.ids.len()
    }

    fn apply(&self, session: &mut Session<'_>) -> rusqlite::Result<()> {
        let mut note = session
            .connection
            .prepare_cached("UPDATE outbox SET delivered_at = ?2 WHERE id = ?1 AND delivered_at IS NULL")?;
        for id in &self.ids {
            note.execute((id, self.at))?;
        }
        Ok(())
    }
}

/// Something that the daemon remembers of itself, as the digest of the trust table that was last in force.
#[derive(Clone, Debug)]
pub struct Note {
    /// What.
    pub key: Box<str>,
    /// Its value from now on.
    pub value: Box<str>,
}

impl Work for Note {
    type Done = ();

    fn rows(&self) -> usize {
        1
    }

    fn apply(&self, session: &mut Session<'_>) -> rusqlite::Result<()> {
        session
            .connection
            .prepare_cached("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)")?
            .execute((&self.key, &self.value))?;
        Ok(())
    }
}

//! What was delivered.

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
            note.execute((id, self.at.unix_seconds()))?;
        }
        Ok(())
    }
}

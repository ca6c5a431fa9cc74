//! Logs that are held open. What was written to one just before it was replaced is still read. Reading one that was not
//! finished in its turn goes on, whatever is at its path meanwhile. One that left its path is recognised under another name.

use super::{known::FileProgress, position::FileState};
use std::{
    collections::VecDeque,
    fs::File,
    time::{Duration, Instant},
};

/// Most logs that are held open.
const MAX_OPEN_LOGS: usize = 32;
/// How long a log that has left its path is held open.
const DEPARTED_WAIT: Duration = Duration::from_secs(10);

/// All logs that are held open.
#[derive(Default)]
pub(super) struct HeldLogs {
    /// In the order in which they were last read.
    open: VecDeque<HeldLog>,
    departed: Vec<Departed>,
}

/// A log as it was last read.
struct HeldLog {
    name: String,
    file: File,
    state: FileState,
    /// Whether its turn was over before all of it was read.
    is_owed: bool,
}

/// A log that has left its path. It may reappear under another name, as when logs are rotated. While it is held open, no
/// other file gets its inode.
struct Departed {
    known: FileProgress,
    _file: File,
    since: Instant,
}

impl HeldLogs {
    /// Holds the log open that was read as `name`. Logs that are not read to their end are not closed for others.
    pub(super) fn hold(&mut self, name: &str, file: File, state: FileState, is_owed: bool) {
        self.open.retain(|held| held.name != name);
        self.open.push_back(HeldLog { name: name.to_owned(), file, state, is_owed });
        if self.open.len() > MAX_OPEN_LOGS {
            let least = self.open.iter().position(|held| !held.is_owed).unwrap_or(MAX_OPEN_LOGS);
            self.open.remove(least);
        }
    }

    /// Takes the log that is held as `name`, unless it is the file that is there `now`.
    pub(super) fn take_other(&mut self, name: &str, now: Option<&FileState>) -> Option<File> {
        let is_other = |held: &HeldLog| held.name == name && now.is_none_or(|now| !held.state.is_inode_of(now));
        let index = self.open.iter().position(is_other)?;
        self.open.remove(index).map(|held| held.file)
    }

    /// Takes the log of this `state` that was not read to its end; returns the name by which it was read.
    pub(super) fn take_owed(&mut self, state: &FileState) -> Option<String> {
        let index = self.open.iter().position(|held| held.is_owed && held.state.is_inode_of(state))?;
        self.open.remove(index).map(|held| held.name)
    }

    /// Notes that a log was read to its end and has left its path.
    pub(super) fn depart(&mut self, known: FileProgress, file: File) {
        if self.departed.len() < MAX_OPEN_LOGS {
            self.departed.push(Departed { known, _file: file, since: Instant::now() });
        }
    }

    /// What is known of the departed log that is the file of this `state`.
    pub(super) fn departed_as(&self, state: &FileState) -> Option<&FileProgress> {
        self.departed.iter().map(|log| &log.known).find(|known| known.position.state().is_inode_of(state))
    }

    /// Closes the logs that did not reappear under another name.
    pub(super) fn let_go(&mut self) {
        self.departed.retain(|log| log.since.elapsed() < DEPARTED_WAIT);
    }
}

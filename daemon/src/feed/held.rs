//! Logs that are held open. What was written to one just before it was replaced is still read; one that was not done with
//! in its turn is gone on with, whatever stands at its place meanwhile; and one that left its place is known again under
//! another name.

use super::{known::FileProgress, position::FileState};
use std::{
    collections::VecDeque,
    fs::File,
    time::{Duration, Instant},
};

/// Logs that are held open.
const MAX_OPEN_LOGS: usize = 32;
/// How long a log that is no longer where it was is held open.
const DEPARTED_WAIT: Duration = Duration::from_secs(10);

/// All of them.
#[derive(Default)]
pub(super) struct HeldLogs {
    /// The one that was read last comes last.
    open: VecDeque<HeldLog>,
    departed: Vec<Departed>,
}

/// A log as it was last read.
struct HeldLog {
    name: String,
    file: File,
    state: FileState,
    /// Its turn was over before it was read.
    is_owed: bool,
}

/// A log that is no longer where it was. It may come to light under another name: a rotation. While it is held open, no
/// other file gets its inode.
struct Departed {
    known: FileProgress,
    _file: File,
    since: Instant,
}

impl HeldLogs {
    /// Holds the log open that was read as `name`. Those that were not done with are not let go for others.
    pub(super) fn hold(&mut self, name: &str, file: File, state: FileState, is_owed: bool) {
        self.open.retain(|held| held.name != name);
        self.open.push_back(HeldLog { name: name.to_owned(), file, state, is_owed });
        if self.open.len() > MAX_OPEN_LOGS {
            let least = self.open.iter().position(|held| !held.is_owed).unwrap_or(MAX_OPEN_LOGS);
            self.open.remove(least);
        }
    }

    /// Takes the log that is held as `name`, unless it is the file that stands there `now`.
    pub(super) fn take_other(&mut self, name: &str, now: Option<&FileState>) -> Option<File> {
        let is_other = |held: &HeldLog| held.name == name && now.is_none_or(|now| !held.state.is_inode_of(now));
        let place = self.open.iter().position(is_other)?;
        self.open.remove(place).map(|held| held.file)
    }

    /// Takes the log that was not done with and is the file of this `state`: the name that it was read by.
    pub(super) fn take_owed(&mut self, state: &FileState) -> Option<String> {
        let place = self.open.iter().position(|held| held.is_owed && held.state.is_inode_of(state))?;
        self.open.remove(place).map(|held| held.name)
    }

    /// A log was read to its end and is no longer where it was.
    pub(super) fn depart(&mut self, known: FileProgress, file: File) {
        if self.departed.len() < MAX_OPEN_LOGS {
            self.departed.push(Departed { known, _file: file, since: Instant::now() });
        }
    }

    /// What is known of the departed log that is the file of this `state`.
    pub(super) fn departed_as(&self, state: &FileState) -> Option<&FileProgress> {
        self.departed.iter().map(|log| &log.known).find(|known| known.position.state().is_inode_of(state))
    }

    /// Lets go of the logs that did not come to light again.
    pub(super) fn let_go(&mut self) {
        self.departed.retain(|log| log.since.elapsed() < DEPARTED_WAIT);
    }
}

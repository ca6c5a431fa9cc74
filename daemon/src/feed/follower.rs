//! Remembers how far each file of a feed was read, and what becomes of it when it is renamed, replaced or gone.

use super::{
    FeedEvent, Position, ReadError, TURN_BYTES,
    lines::{Chunk, LastLine},
    outlet::Outlet,
    pending::Trigger,
    position::{FileState, Trail},
};
use crate::model::Digest;
use std::{
    collections::{HashMap, VecDeque},
    fs::File,
    io,
    time::{Duration, Instant},
};

/// Logs that are held open, so that what was written to one just before it was replaced is still read.
const MAX_OPEN_LOGS: usize = 32;
/// How long a log that is no longer where it was is held open.
const DEPARTED_WAIT: Duration = Duration::from_secs(10);

/// The two kinds of files that a feed holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `.json`: read as a whole once its writer is done.
    Document,
    /// `.jsonl`: followed line by line.
    Log,
}

impl Form {
    /// The form that a file's name promises; none for a file that is no feed's business.
    pub(super) fn of(name: &str) -> Option<Self> {
        let (stem, extension) = name.rsplit_once('.')?;
        let is_named = !stem.is_empty() && !stem.ends_with('/');
        if is_named && extension.eq_ignore_ascii_case("json") {
            Some(Self::Document)
        } else if is_named && extension.eq_ignore_ascii_case("jsonl") {
            Some(Self::Log)
        } else {
            None
        }
    }
}

/// An open file and why it is read.
pub(super) struct Visit<'a> {
    pub(super) name: &'a str,
    pub(super) file: File,
    pub(super) state: FileState,
    pub(super) trigger: Trigger,
    pub(super) arrived: Instant,
}

/// What is left to do for a file after a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Nothing until it changes.
    Done,
    /// It looks unfinished: visit it again as overdue when it was left alone for a while.
    Unfinished,
    /// It was overdue and still has a last line without a newline.
    NoNewline,
    /// Its turn is over and there is more; `in_long_line` when that goes on with a line that is no attestation.
    More { in_long_line: bool },
}

/// How far a file was read.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) position: Position,
    /// No newline stands between the offset and here.
    pub(super) seen_bytes: u64,
    /// What it takes to go on from the position without reading again what stands before it; none after a start.
    pub(super) memory: Option<Memory>,
    /// The scan that last came by.
    scan: u64,
}

/// What is known of the bytes before a position.
#[derive(Clone)]
pub(super) struct Memory {
    pub(super) trail: Trail,
    /// The digest of the last of them: when it is as it was, a log was only added to.
    pub(super) tail: Digest,
}

/// All files of a feed and how far each was read.
pub(super) struct Follower {
    pub(super) outlet: Outlet,
    pub(super) known: HashMap<String, Known>,
    /// What a log's last line means when it lacks its newline.
    pub(super) last_line: LastLine,
    /// How long a file that looks unfinished is left to its writer.
    pub(super) unfinished_wait: Duration,
    /// What of one file is read before the others have their turn.
    pub(super) turn_bytes: u64,
    /// Whether files are read once and never gone on with.
    pub(super) is_once: bool,
    /// What stands before a file's name in the origins of its items.
    prefix: String,
    open_logs: VecDeque<(String, File)>,
    departed: Vec<Departed>,
    scan: u64,
}

/// A log that is no longer where it was. It may come to light under another name: a rotation. While it is held open, no
/// other file gets its inode.
struct Departed {
    known: Known,
    _file: File,
    since: Instant,
}

impl Follower {
    /// Goes on from `positions`.
    pub(super) fn new(outlet: Outlet, positions: Vec<Position>, unfinished_wait: Duration) -> Self {
        let known = |position: Position| {
            let seen_bytes = position.offset_bytes;
            (position.path.clone(), Known { position, seen_bytes, memory: None, scan: 0 })
        };
        Self {
            known: positions.into_iter().map(known).collect(),
            unfinished_wait,
            is_once: false,
            ..Self::once(outlet, String::new(), LastLine::Waits)
        }
    }

    /// Reads every file from its start; `prefix` comes before the names in the origins.
    pub(super) fn once(outlet: Outlet, prefix: String, last_line: LastLine) -> Self {
        Self {
            outlet,
            known: HashMap::new(),
            last_line,
            unfinished_wait: Duration::ZERO,
            turn_bytes: TURN_BYTES,
            is_once: true,
            prefix,
            open_logs: VecDeque::new(),
            departed: Vec::new(),
            scan: 0,
        }
    }

    /// The origin of what a file holds.
    pub(super) fn origin(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// How many files are followed.
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether `name` is followed; if so, it counts as seen in the present scan.
    pub(super) fn sees(&mut self, name: &str) -> bool {
        let scan = self.scan;
        self.known.get_mut(name).map(|known| known.scan = scan).is_some()
    }

    /// Whether a scan may pass `name` by: it was read to its end and has not changed since.
    pub(super) fn is_unchanged(&self, name: &str, state: &FileState) -> bool {
        self.known.get(name).is_some_and(|known| known.position.is_at_end() && known.position.state() == *state)
    }

    /// A scan of everything begins.
    pub(super) fn begin_scan(&mut self) {
        self.scan += 1;
    }

    /// Whether the present scan saw no file although some were read before: more likely a mount is missing than that all
    /// were taken away, and their positions are of use when it is back.
    pub(super) fn is_bereft(&self) -> bool {
        !self.known.is_empty() && self.known.values().all(|known| known.scan != self.scan)
    }

    /// A scan of everything ended, and nothing was unreadable: what it did not see is gone.
    pub(super) fn forget_unseen(&mut self) -> Result<(), ReadError> {
        let unseen = |(name, known): (&String, &Known)| (known.scan != self.scan).then(|| name.clone());
        let gone: Vec<String> = self.known.iter().filter_map(unseen).collect();
        gone.iter().try_for_each(|name| self.forget(name))
    }

    /// A file is gone: what was still written to it is read, if it was held open, and its position is dropped.
    pub(super) fn forget(&mut self, name: &str) -> Result<(), ReadError> {
        self.drain(name, None)?;
        if self.known.remove(name).is_some() {
            let feed = self.outlet.feed().clone();
            self.outlet.send(FeedEvent::Gone { feed, path: name.to_owned() })?;
        }
        Ok(())
    }

    /// The files that are followed in a folder and below it.
    pub(super) fn names_in(&self, folder: &str) -> Vec<String> {
        let below = format!("{folder}/");
        self.known.keys().filter(|name| name.starts_with(&below)).cloned().collect()
    }

    /// Remembers where a file was left. What is remembered of that very place stays.
    pub(super) fn remember(&mut self, position: Position, seen_bytes: u64, memory: Option<Memory>) {
        let before = self.known.remove(&position.path).filter(|before| before.position.anchor == position.anchor);
        let memory = memory.or(before.and_then(|before| before.memory));
        self.known.insert(position.path.clone(), Known { position, seen_bytes, memory, scan: self.scan });
    }

    /// Delivers what is new in a file.
    pub(super) fn read(&mut self, form: Form, visit: Visit<'_>) -> Result<Outcome, ReadError> {
        match form {
            Form::Document => self.read_document(&visit),
            Form::Log => {
                self.drain(visit.name, Some(&visit.state))?;
                self.recognise(&visit)?;
                self.read_log(&visit).inspect(|_| self.hold_open(visit))
            }
        }
    }

    /// Lets go of the logs that did not come to light again.
    pub(super) fn let_go(&mut self) {
        self.departed.retain(|log| log.since.elapsed() < DEPARTED_WAIT);
    }

    /// Reads what is left of a log that was replaced (`now` is another file) or removed while it was held open.
    fn drain(&mut self, name: &str, now: Option<&FileState>) -> Result<(), ReadError> {
        let is_same = |known: &Known| now.is_some_and(|now| now.inode == known.position.inode);
        if self.known.get(name).is_none_or(is_same) {
            return Ok(());
        }
        let Some(place) = self.open_logs.iter().position(|(held, _)| held == name) else { return Ok(()) };
        let Some((_, file)) = self.open_logs.remove(place) else { return Ok(()) };
        let state = FileState::of(&rustix::fs::fstat(&file).map_err(io::Error::from)?);
        let visit = Visit { name, file, state, trigger: Trigger::Changed, arrived: Instant::now() };
        while let Outcome::More { .. } = self.read_log(&visit)? {}
        if let Some(known) = self.known.get(name)
            && self.departed.len() < MAX_OPEN_LOGS
        {
            self.departed.push(Departed { known: known.clone(), _file: visit.file, since: Instant::now() });
        }
        Ok(())
    }

    /// Goes on with a departed log under its new name.
    fn recognise(&mut self, visit: &Visit<'_>) -> Result<(), ReadError> {
        let was_at = |log: &Departed| (log.known.position.device, log.known.position.inode);
        let is_it = |log: &&Departed| was_at(log) == (visit.state.device, visit.state.inode);
        let Some(log) = self.departed.iter().find(is_it).filter(|_| !self.known.contains_key(visit.name)) else {
            return Ok(());
        };
        let anchor = log.known.position.anchor;
        self.known.insert(visit.name.to_owned(), log.known.clone());
        let end_bytes = self.resume(visit)?.0.end_bytes;
        if end_bytes == 0 {
            self.known.remove(visit.name);
            return Ok(());
        }
        self.deliver(visit, Chunk { items: Vec::new(), end_bytes, anchor })
    }

    fn hold_open(&mut self, visit: Visit<'_>) {
        self.open_logs.retain(|(name, _)| name != visit.name);
        self.open_logs.push_back((visit.name.to_owned(), visit.file));
        if self.open_logs.len() > MAX_OPEN_LOGS {
            self.open_logs.pop_front();
        }
    }
}

//! Remembers how far each file of a feed was read, and what becomes of it when it is renamed, replaced or gone.

use super::{
    FeedEvent, MAX_TURN_BYTES, MAX_TURN_DELIVERIES, Position, ReadError,
    event_sender::EventSender,
    held::HeldLogs,
    known::{FileProgress, Memory},
    lines::{LastLine, ReadingTurn},
    pending::Trigger,
    position::FileState,
    visit::Visit,
};
use std::{
    collections::HashMap,
    io,
    time::{Duration, Instant},
};

/// The two kinds of files that a feed holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileForm {
    /// `.json` or `.dsse`: read as a whole once its writer is done.
    Document,
    /// `.jsonl`: followed line by line.
    Log,
}

impl FileForm {
    /// The form that a file's name promises; `None` for a file that feeds ignore.
    pub(super) fn of(name: &str) -> Option<Self> {
        let (stem, extension) = name.rsplit_once('.')?;
        let is_named = !stem.is_empty() && !stem.ends_with('/');
        let is = |other: &str| is_named && extension.eq_ignore_ascii_case(other);
        if is("json") || is("dsse") { Some(Self::Document) } else { is("jsonl").then_some(Self::Log) }
    }
}

/// What is left to do with a file after a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum VisitOutcome {
    /// Nothing, until it changes.
    Done,
    /// It looks unfinished: visit it again as overdue once its writer had time to finish it.
    Unfinished,
    /// It was overdue and still has a last line without a newline that is no whole JSON value.
    NoNewline,
    /// Its turn is over and there is more; `in_long_line` when the rest begins within a line that is too long for an attestation.
    More { in_long_line: bool },
}

/// All files of a feed and how far each was read.
pub(super) struct Follower {
    pub(super) event_sender: EventSender,
    pub(super) known: HashMap<String, FileProgress>,
    /// What a log's last line means when it lacks its newline.
    pub(super) last_line: LastLine,
    /// How long a file that looks unfinished is left to its writer.
    pub(super) unfinished_wait: Duration,
    /// How many bytes of one file are read before the others have their turn.
    pub(super) turn_bytes: u64,
    /// Whether files are read once and never resumed.
    pub(super) is_once: bool,
    /// The prefix of a file's name in the origins of its items.
    prefix: String,
    logs: HeldLogs,
    scan: u64,
}

impl Follower {
    /// Resumes from `positions`.
    pub(super) fn new(event_sender: EventSender, positions: Vec<Position>, unfinished_wait: Duration) -> Self {
        let known = |position: Position| {
            let seen_bytes = position.offset_bytes;
            (position.path.clone(), FileProgress { position, seen_bytes, memory: None, recognition: None, scan: 0 })
        };
        Self {
            known: positions.into_iter().map(known).collect(),
            unfinished_wait,
            is_once: false,
            ..Self::once(event_sender, String::new(), LastLine::Waits)
        }
    }

    /// Reads every file from its start; `prefix` comes before the names in the origins.
    pub(super) fn once(event_sender: EventSender, prefix: String, last_line: LastLine) -> Self {
        Self {
            event_sender,
            known: HashMap::new(),
            last_line,
            unfinished_wait: Duration::ZERO,
            turn_bytes: MAX_TURN_BYTES,
            is_once: true,
            prefix,
            logs: HeldLogs::default(),
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
        let is_it = |FileProgress { position, .. }: &FileProgress| {
            position.path == name && position.is_at_end() && position.state() == *state
        };
        self.known.get(name).is_some_and(is_it)
    }

    /// Notes that a scan of everything begins.
    pub(super) fn begin_scan(&mut self) {
        self.scan += 1;
    }

    /// Whether the present scan saw no file although some were read before: a missing mount is more
    /// likely than that all were removed, and their positions are needed when it is back.
    pub(super) fn is_bereft(&self) -> bool {
        !self.known.is_empty() && self.known.values().all(|known| known.scan != self.scan)
    }

    /// The files that the present scan did not see: if nothing was unreadable, they are gone.
    pub(super) fn unseen(&self) -> Vec<String> {
        let unseen = |(name, known): (&String, &FileProgress)| (known.scan != self.scan).then(|| name.clone());
        self.known.iter().filter_map(unseen).collect()
    }

    /// Handles a file that is gone: if it was held open, what was still written to it is read, turn by turn; then its position is
    /// dropped.
    pub(super) fn forget(&mut self, name: &str) -> Result<VisitOutcome, ReadError> {
        let mut turn = self.turn();
        let drained = self.drain(name, None, &mut turn)?;
        if drained == VisitOutcome::Done && self.known.remove(name).is_some() {
            let feed = self.event_sender.feed().clone();
            self.event_sender.send(FeedEvent::Gone { feed, path: name.to_owned() })?;
        }
        Ok(drained)
    }

    /// The files that are followed in a folder and below it.
    pub(super) fn names_in(&self, folder: &str) -> Vec<String> {
        let below = format!("{folder}/");
        self.known.keys().filter(|name| name.starts_with(&below)).cloned().collect()
    }

    /// Remembers where a file was left. If the position is the same as before, its memory stays.
    pub(super) fn remember(&mut self, position: Position, seen_bytes: u64, memory: Option<Memory>) {
        let before = self.known.remove(&position.path).filter(|before| before.position.anchor == position.anchor);
        let memory = memory.or(before.and_then(|before| before.memory));
        self.known.insert(
            position.path.clone(),
            FileProgress { position, seen_bytes, memory, recognition: None, scan: self.scan },
        );
    }

    /// A fresh turn for one file.
    fn turn(&self) -> ReadingTurn {
        ReadingTurn { bytes: self.turn_bytes, deliveries: MAX_TURN_DELIVERIES }
    }

    /// Delivers what is new in a file.
    pub(super) fn read(&mut self, form: FileForm, visit: Visit<'_>) -> Result<VisitOutcome, ReadError> {
        let mut turn = self.turn();
        match form {
            FileForm::Document => self.read_document(&visit, &mut turn),
            FileForm::Log => {
                let drained = self.drain(visit.name, Some(&visit.state), &mut turn)?;
                if drained != VisitOutcome::Done {
                    return Ok(drained);
                }
                self.recognise(&visit);
                let outcome = self.read_log(&visit, &mut turn)?;
                let is_owed = matches!(outcome, VisitOutcome::More { .. });
                self.logs.hold(visit.name, visit.file, visit.state, is_owed);
                Ok(outcome)
            }
        }
    }

    /// Closes the logs that did not reappear under another name.
    pub(super) fn let_go(&mut self) {
        self.logs.let_go();
    }

    /// Reads what is left of a log that was replaced (`now` is another file) or removed while it was held open: `Done`, or
    /// `More` when that takes another turn.
    fn drain(
        &mut self,
        name: &str,
        now: Option<&FileState>,
        turn: &mut ReadingTurn,
    ) -> Result<VisitOutcome, ReadError> {
        let Some(file) = self.logs.take_other(name, now) else { return Ok(VisitOutcome::Done) };
        if !self.known.contains_key(name) {
            return Ok(VisitOutcome::Done);
        }
        let state = FileState::of(&rustix::fs::fstat(&file).map_err(io::Error::from)?);
        let visit = Visit { name, file, state, trigger: Trigger::Changed, arrived: Instant::now() };
        let outcome = self.read_log(&visit, turn)?;
        if let VisitOutcome::More { .. } = outcome {
            self.logs.hold(name, visit.file, state, true);
            return Ok(outcome);
        }
        if let Some(known) = self.known.get(name) {
            self.logs.depart(known.clone(), visit.file);
        }
        Ok(VisitOutcome::Done)
    }

    /// Moves what is known of a renamed log from its old name to its new one.
    fn recognise(&mut self, visit: &Visit<'_>) {
        if self.known.contains_key(visit.name) {
            return;
        }
        let known = match self.logs.departed_as(&visit.state) {
            Some(known) => Some(known),
            // It was renamed before it was read to its end.
            None => self.logs.take_owed(&visit.state).and_then(|name| self.known.get(&name)),
        };
        if let Some(known) = known {
            let known = FileProgress { scan: self.scan, ..known.clone() };
            self.known.insert(visit.name.to_owned(), known);
        }
    }
}

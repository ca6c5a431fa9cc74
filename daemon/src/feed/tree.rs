//! Walks the feed's folder: what is read, which folders are watched, where links lead.
//!
//! A folder is watched before it is listed, so one of the two finds what is put into it meanwhile. A link is
//! followed unless its target is read under its own name anyway: so nothing is read twice and no loop is entered.

use super::{
    FeedEvent, ReadError, ScanLimits, Unread,
    agenda::{Agenda, Due},
    event_sender::Stopped,
    follower::{FileForm, Follower, VisitOutcome},
    pending::{PathChange, Trigger},
    problem,
    root::{EntryKind, FeedRoot, OpenError, Probe},
    unread::NotedProblems,
    visit::Visit,
    watches::Watches,
};
use rustix::fs::FileType;
use std::{
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

/// The feed's folder and all that is known of it.
pub(super) struct Tree {
    root: FeedRoot,
    watches: Watches,
    follower: Follower,
    limits: ScanLimits,
    /// Why the files that a scan finds are read.
    scan_trigger: Trigger,
    /// What is to be looked at again without any change to it.
    agenda: Agenda,
    problems: NotedProblems,
    /// Whether a scan is under way, so that files that are read belong to it.
    is_scanning: bool,
    /// Whether the present scan met a folder that it could not list.
    is_blind: bool,
    /// Whether links were met, so that hidden names matter.
    has_links: bool,
}

/// Why an entry is looked at, and the folders that were found and are still to be listed.
struct Inspection {
    trigger: Trigger,
    arrived: Instant,
    folders: Vec<String>,
}

impl Inspection {
    fn new(trigger: Trigger, arrived: Instant) -> Self {
        Self { trigger, arrived, folders: Vec::new() }
    }
}

/// Why a folder was not listed to its end.
enum ScanError {
    Refused(OpenError),
    Stopped,
}

impl From<OpenError> for ScanError {
    fn from(error: OpenError) -> Self {
        Self::Refused(error)
    }
}

impl From<Stopped> for ScanError {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

impl Tree {
    /// A folder that is followed.
    pub(super) fn new(root: FeedRoot, watches: Watches, follower: Follower, limits: ScanLimits) -> Self {
        Self {
            scan_trigger: Trigger::Scan,
            root,
            watches,
            follower,
            limits,
            agenda: Agenda::default(),
            problems: NotedProblems::default(),
            is_scanning: false,
            is_blind: false,
            has_links: false,
        }
    }

    /// A folder that is read once, and whose files are taken to be finished.
    pub(super) fn once(root: FeedRoot, follower: Follower, limits: ScanLimits) -> Self {
        Self { scan_trigger: Trigger::Finished, ..Self::new(root, Watches::none(), follower, limits) }
    }

    /// Continues with another folder at the feed's path; how far its files were read stays known.
    pub(super) fn move_to(&mut self, root: FeedRoot, watches: Watches) {
        self.root = root;
        self.watches = watches;
    }

    /// Continues with other watches, which the next scan fills.
    pub(super) fn listen_with(&mut self, watches: Watches) {
        self.watches = watches;
    }

    /// Whether `path` still leads to the folder that is being followed.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        self.root.is_at(path)
    }

    /// Whether some folder could not be watched, so that only scans see it.
    pub(super) fn is_deaf(&self) -> bool {
        self.watches.is_deaf()
    }

    /// Whether nothing at all can be watched, although it should be.
    pub(super) fn has_no_watcher(&self) -> bool {
        self.watches.refusal().is_some()
    }

    /// Looks at everything, one turn for each file: what is not finished then gets further turns.
    pub(super) fn scan_all(&mut self) -> Result<(), Stopped> {
        self.follower.begin_scan();
        self.watches.begin_scan();
        self.problems.begin_scan();
        self.agenda.begin_scan();
        (self.is_blind, self.has_links, self.is_scanning) = (false, false, true);
        let scanned = self.scan_folders(vec![String::new()]);
        self.is_scanning = false;
        scanned?;
        if self.follower.is_bereft() && !self.is_blind {
            self.report("", problem::EMPTY)?;
        } else if !self.is_blind {
            for name in self.follower.unseen() {
                self.forget(&name, true)?;
            }
        }
        self.problems.end_scan();
        Ok(())
    }

    /// Looks at everything once, and retries what could not be read for as long as that may pass; returns what is left unread.
    pub(super) fn read_once(&mut self) -> Result<Unread, Stopped> {
        self.scan_all()?;
        while self.agenda.has_turns() {
            self.take_turns()?;
        }
        while let Some(wait) = self.agenda.passing_in() {
            thread::sleep(wait);
            self.look_at_due()?;
            while self.agenda.has_turns() {
                self.take_turns()?;
            }
        }
        Ok(self.problems.unread())
    }

    /// What the last scan left unread.
    pub(super) fn unread(&self) -> Unread {
        self.problems.unread()
    }

    /// Whether files wait for a further turn.
    pub(super) fn has_turns(&self) -> bool {
        self.agenda.has_turns()
    }

    /// Whether the last scan's files are all read, except lines that are too long for an attestation.
    pub(super) fn is_scan_over(&self) -> bool {
        self.agenda.is_scan_over()
    }

    /// Gives each unfinished file its next turn.
    pub(super) fn take_turns(&mut self) -> Result<(), Stopped> {
        for (name, trigger) in self.agenda.take_turns() {
            self.look_and_list(&name, trigger, Instant::now())?;
        }
        Ok(())
    }

    /// Looks at what has changed; true when only a scan of everything can find out what that means.
    pub(super) fn look_at(&mut self, change: &PathChange) -> Result<bool, Stopped> {
        let Ok(inside) = change.path.strip_prefix(self.root.location()) else { return Ok(false) };
        let Some(name) = inside.to_str() else {
            self.report(&inside.to_string_lossy(), problem::NOT_UTF8)?;
            return Ok(false);
        };
        if is_hidden(name) && self.is_way(name, change.is_new_entry) {
            return Ok(true);
        }
        let names = self.watches.names_of(name);
        let mut look = Inspection::new(change.trigger, change.arrived);
        for name in names {
            let is_ours = FileForm::of(&name).is_some() || change.is_new_entry || self.watches.holds(&name);
            if is_ours && !is_hidden(&name) {
                self.look(&name, &mut look)?;
            }
        }
        self.scan_folders(look.folders)?;
        Ok(false)
    }

    /// Looks again at files that seemed unfinished, and at those that could not be read, when they are due.
    pub(super) fn look_at_due(&mut self) -> Result<(), Stopped> {
        self.follower.let_go();
        let now = Instant::now();
        for (name, due) in self.agenda.take_due(now) {
            let trigger = match due {
                Due::Unfinished => Trigger::Overdue,
                Due::Refused { .. } => self.scan_trigger.max(Trigger::Changed),
            };
            self.look_and_list(&name, trigger, now)?;
        }
        Ok(())
    }

    /// How long until something is to be looked at again.
    pub(super) fn due_in(&self) -> Option<Duration> {
        self.agenda.due_in()
    }

    fn look_and_list(&mut self, name: &str, trigger: Trigger, arrived: Instant) -> Result<(), Stopped> {
        let mut look = Inspection::new(trigger, arrived);
        self.look(name, &mut look)?;
        self.scan_folders(look.folders)
    }

    /// Reports a problem to the pipeline, once for as long as it lasts.
    pub(super) fn report(&mut self, name: &str, sentence: &str) -> Result<(), Stopped> {
        if !self.problems.note(name, sentence) {
            return Ok(());
        }
        self.tell(|feed| FeedEvent::Problem { feed, path: name.to_owned(), sentence: sentence.to_owned() })
    }

    /// Reports something about the feed as a whole to the pipeline.
    pub(super) fn tell(&mut self, event: impl FnOnce(Arc<str>) -> FeedEvent) -> Result<(), Stopped> {
        let feed = self.follower.event_sender.feed().clone();
        self.follower.event_sender.send(event(feed))
    }

    /// Whether links may lead elsewhere now, because the hidden entry `name` was replaced. This is how Kubernetes
    /// updates a volume: it swaps the hidden link through which all the visible ones pass.
    fn is_way(&mut self, name: &str, is_new_entry: bool) -> bool {
        match self.root.probe(name) {
            Ok(probe) => is_new_entry && self.has_links && matches!(probe.kind, EntryKind::Folder | EntryKind::Link),
            Err(_) => {
                if self.watches.holds(name) {
                    self.watches.forget(name);
                }
                false
            }
        }
    }

    fn scan_folders(&mut self, mut waiting: Vec<String>) -> Result<(), Stopped> {
        while let Some(folder) = waiting.pop() {
            if depth(&folder) > self.limits.depth_folders {
                self.report(&folder, &problem::too_deep(self.limits.depth_folders))?;
                continue;
            }
            match self.scan_folder(&folder, &mut waiting) {
                Ok(()) => self.is_well(&folder),
                Err(ScanError::Stopped) => return Err(Stopped),
                Err(ScanError::Refused(OpenError::Missing)) => self.gone(&folder)?,
                Err(ScanError::Refused(error)) => {
                    self.is_blind = true;
                    self.report_refusal(&folder, &error)?;
                }
            }
        }
        Ok(())
    }

    /// Watches and lists one folder; the folders in it are left `waiting`.
    fn scan_folder(&mut self, folder: &str, waiting: &mut Vec<String>) -> Result<(), ScanError> {
        let (listing, id) = self.root.read_folder(folder)?;
        if self.watches.is_known_elsewhere(&self.root, folder, id) {
            return Ok(());
        }
        let watched = self.watches.watch(&self.root, folder, id);
        self.report_deafness(watched)?;
        for entry in listing {
            let entry = entry.map_err(|errno| OpenError::Io(errno.into()))?;
            match entry.file_name().to_str() {
                Ok(name) => self.look_at_entry(folder, name, entry.file_type(), waiting)?,
                Err(_) => self.report(&join(folder, &entry.file_name().to_string_lossy()), problem::NOT_UTF8)?,
            }
        }
        Ok(())
    }

    fn look_at_entry(
        &mut self,
        folder: &str,
        entry: &str,
        kind: FileType,
        waiting: &mut Vec<String>,
    ) -> Result<(), Stopped> {
        if self.follower.event_sender.is_stopped() {
            return Err(Stopped);
        }
        if is_hidden(entry) {
            return Ok(());
        }
        let name = join(folder, entry);
        if kind == FileType::RegularFile && FileForm::of(entry).is_none() {
            self.problems.ignore(&name);
            return Ok(());
        }
        if kind == FileType::Directory {
            waiting.push(name);
            return Ok(());
        }
        let mut look = Inspection::new(self.scan_trigger, Instant::now());
        self.look(&name, &mut look)?;
        waiting.append(&mut look.folders);
        Ok(())
    }

    /// Looks at one entry: a file is read, a folder is left for later, a link is followed.
    fn look(&mut self, name: &str, look: &mut Inspection) -> Result<(), Stopped> {
        match self.root.probe(name) {
            Err(OpenError::Missing) => self.gone(name),
            Err(error) => self.report_refusal(name, &error),
            Ok(probe) if probe.kind == EntryKind::Link => self.look_through(name, look),
            Ok(probe) => self.take(name, name, &probe, look),
        }
    }

    fn look_through(&mut self, link: &str, look: &mut Inspection) -> Result<(), Stopped> {
        self.has_links = true;
        match self.root.resolve(link) {
            Err(OpenError::Missing) => self.dangles(link, look.trigger),
            Err(error) => self.report_refusal(link, &error),
            // Read under its own name, now or later.
            Ok((real, target)) if is_read_itself(&real, &target) => Ok(()),
            Ok((real, target)) => {
                if target.kind == EntryKind::File && FileForm::of(link).is_some() {
                    let watched = self.watches.watch_target(&self.root, &real, link);
                    self.report_deafness(watched)?;
                }
                self.take(link, &real, &target, look)
            }
        }
    }

    /// Takes what is at `real` as `name`.
    fn take(&mut self, name: &str, real: &str, probe: &Probe, look: &mut Inspection) -> Result<(), Stopped> {
        match (probe.kind, FileForm::of(name)) {
            (EntryKind::Folder, _) => look.folders.push(name.to_owned()),
            (EntryKind::File, Some(form)) => {
                let is_known = self.follower.sees(name);
                if look.trigger == Trigger::Scan && self.follower.is_unchanged(name, &probe.state) {
                    self.is_well(name);
                } else if !is_known && self.follower.len() >= self.limits.files {
                    self.report("", &problem::too_many_files(self.limits.files))?;
                } else {
                    self.read(form, name, real, look)?;
                }
            }
            (EntryKind::Other | EntryKind::Link, Some(_)) => self.report(name, problem::NOT_A_FILE)?,
            (EntryKind::File | EntryKind::Other, None) if self.is_scanning => self.problems.ignore(name),
            (_, None) => {}
        }
        Ok(())
    }

    /// Notes that nothing is wrong with an entry, and nothing is left to do for it.
    fn is_well(&mut self, name: &str) {
        self.problems.remove(name);
        self.agenda.remove(name);
    }

    /// Handles a dangling link: that happens while links are swapped, and passes.
    fn dangles(&mut self, link: &str, trigger: Trigger) -> Result<(), Stopped> {
        self.gone(link)?;
        if FileForm::of(link).is_none() {
            return Ok(());
        }
        if trigger >= Trigger::Finished {
            return self.report(link, problem::DANGLES);
        }
        self.agenda.wait_for(link, self.follower.unfinished_wait);
        Ok(())
    }

    fn read(&mut self, form: FileForm, name: &str, real: &str, look: &Inspection) -> Result<(), Stopped> {
        let (file, probe) = match self.root.read_file(real) {
            Ok(opened) => opened,
            Err(OpenError::Missing) => return self.gone(name),
            Err(error) => return self.report_refusal(name, &error),
        };
        if probe.kind != EntryKind::File {
            return self.report(name, problem::NOT_A_FILE);
        }
        let visit = Visit { name, file, state: probe.state, trigger: look.trigger, arrived: look.arrived };
        let read = self.follower.read(form, visit);
        let read = self.account(name, read)?;
        match read {
            None => {}
            Some(VisitOutcome::Done) => self.is_well(name),
            Some(VisitOutcome::Unfinished) => {
                // The reported problem lasts until the file is finished.
                self.problems.see_again(name);
                self.agenda.wait_for(name, self.follower.unfinished_wait);
            }
            Some(VisitOutcome::NoNewline) => self.report(name, problem::NO_NEWLINE)?,
            Some(VisitOutcome::More { in_long_line }) => {
                self.is_well(name);
                let trigger = look.trigger.max(Trigger::Changed);
                self.agenda.next_turn(name, trigger, self.is_scanning, in_long_line);
            }
        }
        Ok(())
    }

    fn gone(&mut self, name: &str) -> Result<(), Stopped> {
        self.is_well(name);
        let mut names = vec![name.to_owned()];
        if self.watches.holds(name) {
            self.watches.forget(name);
            names.extend(self.follower.names_in(name));
        }
        for name in names {
            self.forget(&name, self.is_scanning)?;
        }
        Ok(())
    }

    /// Handles a file that is gone: what is left of it, if it is held open, takes turns as well.
    fn forget(&mut self, name: &str, is_of_scan: bool) -> Result<(), Stopped> {
        let forgotten = self.follower.forget(name);
        if let Some(VisitOutcome::More { in_long_line }) = self.account(name, forgotten)? {
            self.agenda.next_turn(name, Trigger::Changed, is_of_scan, in_long_line);
        }
        Ok(())
    }

    fn report_deafness(&mut self, watched: Result<(), String>) -> Result<(), Stopped> {
        watched.or_else(|sentence| self.report("", &sentence))
    }

    fn report_refusal(&mut self, name: &str, error: &OpenError) -> Result<(), Stopped> {
        self.follower.sees(name);
        if let OpenError::Io(error) = error {
            self.agenda.try_again(name, problem::is_passing(error));
        }
        self.report(name, &problem::refusal(error))
    }

    /// Reports a file that cannot be read, so that the feed goes on.
    fn account<T>(&mut self, name: &str, result: Result<T, ReadError>) -> Result<Option<T>, Stopped> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(ReadError::Stopped) => Err(Stopped),
            Err(ReadError::Io(error)) => self.report_refusal(name, &OpenError::Io(error)).map(|()| None),
        }
    }
}

/// Whether a link's target is read under its own name, `real`.
fn is_read_itself(real: &str, target: &Probe) -> bool {
    !is_hidden(real)
        && (target.kind == EntryKind::Folder || (target.kind == EntryKind::File && FileForm::of(real).is_some()))
}

/// Whether a part of the path starts with a dot: temporary files, and the folders behind a swapped link.
fn is_hidden(name: &str) -> bool {
    name.split('/').any(|part| part.starts_with('.'))
}

fn join(folder: &str, entry: &str) -> String {
    if folder.is_empty() { entry.to_owned() } else { format!("{folder}/{entry}") }
}

fn depth(folder: &str) -> usize {
    if folder.is_empty() { 0 } else { folder.matches('/').count() + 1 }
}

//! Reads one open file from where it was left, and delivers what is new.

use super::{
    Body, DeliveredItem, Delivery, FeedEvent, MAX_ATTESTATION_BYTES, OVERSIZED_HEAD_BYTES, ReadError,
    content::{self, Shape},
    follower::{Follower, VisitOutcome},
    known::Memory,
    lines::{Chunk, Cut, LastLine, ReadingTurn},
    pending::Trigger,
    position::{Trail, tail_before},
    visit::Visit,
    walk::{FileWalk, Rest},
};
use crate::model::Digest;
use std::{
    io::{self, Read as _},
    time::SystemTime,
};

impl Follower {
    /// Delivers the lines that a log has gained.
    pub(super) fn read_log(&mut self, visit: &Visit<'_>, turn: &mut ReadingTurn) -> Result<VisitOutcome, ReadError> {
        if self.is_unchanged(visit.name, &visit.state) {
            return Ok(VisitOutcome::Done);
        }
        let Some(from) = self.resume(visit, turn)? else { return Ok(VisitOutcome::More { in_long_line: false }) };
        let is_moved = self
            .known
            .get(visit.name)
            .is_some_and(|known| known.position.inode != visit.state.inode || known.position.path != visit.name);
        if from.0.end_bytes > 0 && is_moved {
            // The file was recognised by its content; from now on a start recognises it by name and inode.
            self.deliver(visit, Chunk { items: Vec::new(), end_bytes: from.0.end_bytes, anchor: from.1.anchor() })?;
        }
        let is_left_alone = visit.trigger == Trigger::Overdue && self.last_line == LastLine::Waits;
        let last_line = if is_left_alone { LastLine::CountsIfWhole } else { self.last_line };
        Ok(match self.walk(visit, from, last_line, turn)? {
            Rest::End => VisitOutcome::Done,
            Rest::Turn { in_long_line } => VisitOutcome::More { in_long_line },
            Rest::Waits if visit.trigger == Trigger::Overdue => VisitOutcome::NoNewline,
            Rest::Waits => VisitOutcome::Unfinished,
        })
    }

    /// Delivers a document that is new or has changed.
    pub(super) fn read_document(
        &mut self,
        visit: &Visit<'_>,
        turn: &mut ReadingTurn,
    ) -> Result<VisitOutcome, ReadError> {
        let known = self.known.get(visit.name);
        let is_alike = known.is_some_and(|known| known.is_of(&visit.state));
        let known = known.map(|known| known.position.clone());
        // Too long to compare, or not finished: the file system is trusted that nothing changed.
        match &known {
            Some(known) if known.is_at_end() => {
                let is_long = visit.state.size_bytes > MAX_ATTESTATION_BYTES as u64;
                if is_long && known.state() == visit.state {
                    return Ok(VisitOutcome::Done);
                }
            }
            Some(known) if known.state() == visit.state || is_alike => return self.read_lines(visit, true, turn),
            _ => {}
        }
        let head = read_head(visit)?;
        let is_whole = head.len() <= MAX_ATTESTATION_BYTES;
        let shape = content::shape(&head);
        if let Some(known) = &known
            && known.is_at_end()
            && known.size_bytes == visit.state.size_bytes
        {
            match self.anchor_of(visit, &head, shape, turn)? {
                None => return Ok(VisitOutcome::More { in_long_line: false }),
                Some(anchor) if anchor == known.anchor => return self.refresh(visit, anchor),
                Some(_) => {}
            }
        }
        if visit.trigger < Trigger::Finished
            && visit.state.modified_within(self.unfinished_wait, SystemTime::now())
            && (!is_whole || content::is_unfinished(&head))
        {
            return Ok(VisitOutcome::Unfinished);
        }
        let length_bytes = visit.state.size_bytes;
        let body = match shape {
            Shape::Lines => return self.read_lines(visit, false, turn),
            Shape::One => Body::Bytes(head),
            Shape::TooLong => Body::Oversized { length_bytes, head: head[..OVERSIZED_HEAD_BYTES].to_vec() },
        };
        let anchor = match &body {
            Body::Bytes(bytes) => Digest::of(bytes),
            Body::Oversized { head, .. } => anchor_of_long(head, length_bytes),
        };
        let items = vec![DeliveredItem { origin: self.origin(visit.name), body }];
        self.deliver(visit, Chunk { items, end_bytes: length_bytes, anchor })?;
        Ok(VisitOutcome::Done)
    }

    /// Delivers the lines of a document, from where it was left if it `goes_on`.
    fn read_lines(
        &mut self,
        visit: &Visit<'_>,
        goes_on: bool,
        turn: &mut ReadingTurn,
    ) -> Result<VisitOutcome, ReadError> {
        let from = if goes_on { self.resume(visit, turn)? } else { Some(self.start()) };
        let Some(from) = from else { return Ok(VisitOutcome::More { in_long_line: false }) };
        Ok(match self.walk(visit, from, LastLine::Counts, turn)? {
            Rest::End | Rest::Waits => VisitOutcome::Done,
            Rest::Turn { in_long_line } => VisitOutcome::More { in_long_line },
        })
    }

    /// The anchor at the end of a document as it is now; `None` when the turn ended before it was known.
    fn anchor_of(
        &mut self,
        visit: &Visit<'_>,
        head: &[u8],
        shape: Shape,
        turn: &mut ReadingTurn,
    ) -> Result<Option<Digest>, ReadError> {
        let size_bytes = visit.state.size_bytes;
        match shape {
            _ if head.len() <= MAX_ATTESTATION_BYTES => Ok(Some(Digest::of(head))),
            Shape::TooLong => Ok(Some(anchor_of_long(&head[..OVERSIZED_HEAD_BYTES], size_bytes))),
            Shape::One | Shape::Lines => Ok(self.trail_before(visit, size_bytes, turn)?.map(|trail| trail.anchor())),
        }
    }

    /// Handles unchanged content: only the position may need the file's new inode and times.
    fn refresh(&mut self, visit: &Visit<'_>, anchor: Digest) -> Result<VisitOutcome, ReadError> {
        if !self.is_unchanged(visit.name, &visit.state) {
            self.deliver(visit, Chunk { items: Vec::new(), end_bytes: visit.state.size_bytes, anchor })?;
        }
        Ok(VisitOutcome::Done)
    }

    /// The cut and the trail at the start of a file.
    pub(super) fn start(&self) -> (Cut, Trail) {
        (Cut::at(0), if self.is_once { Trail::none() } else { Trail::new() })
    }

    /// Delivers what follows `at`, until the turn is over, and remembers where it ended.
    fn walk(
        &mut self,
        visit: &Visit<'_>,
        (at, mut trail): (Cut, Trail),
        last_line: LastLine,
        turn: &mut ReadingTurn,
    ) -> Result<Rest, ReadError> {
        let (event_sender, origin) = (self.event_sender.clone(), self.origin(visit.name));
        let is_stopped = || event_sender.is_stopped();
        let (file, size_bytes) = (&visit.file, visit.state.size_bytes);
        let walk = FileWalk { file, size_bytes, origin: &origin, last_line, is_stopped: &is_stopped };
        let (at, rest) = walk.go(at, &mut trail, turn, &mut |chunk| self.deliver(visit, chunk))?;
        let position = visit.state.at(visit.name, at.end_bytes, trail.anchor());
        let tail = tail_before(&visit.file, at.end_bytes)?;
        let memory = Memory { trail, tail, is_settled: visit.state.is_settled() };
        self.remember(position, at.seen_bytes, Some(memory));
        Ok(rest)
    }

    /// Hands a chunk to the pipeline and remembers the position that goes with it.
    pub(super) fn deliver(&mut self, visit: &Visit<'_>, chunk: Chunk) -> Result<(), ReadError> {
        let position = visit.state.at(visit.name, chunk.end_bytes, chunk.anchor);
        let feed = self.event_sender.feed().clone();
        let delivery = Delivery { feed, items: chunk.items, position: position.clone(), arrived: visit.arrived };
        self.event_sender.send(FeedEvent::Delivery(delivery))?;
        self.remember(position, chunk.end_bytes, None);
        Ok(())
    }
}

/// The first bytes of a file: all of it if it may be one attestation, otherwise one byte more than one may have.
fn read_head(visit: &Visit<'_>) -> io::Result<Vec<u8>> {
    let most = visit.state.size_bytes.min(MAX_ATTESTATION_BYTES as u64 + 1);
    let mut head = Vec::with_capacity(most as usize);
    (&visit.file).take(most).read_to_end(&mut head)?;
    Ok(head)
}

/// The anchor after a document that is too long for an attestation.
fn anchor_of_long(head: &[u8], length_bytes: u64) -> Digest {
    let mut trail = Trail::new();
    trail.pass_long(head, length_bytes);
    trail.anchor()
}

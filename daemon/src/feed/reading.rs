//! Reads one open file from where it was left, and delivers what is new.

use super::{
    Body, Delivery, FeedEvent, Item, MAX_ATTESTATION_BYTES, OVERSIZED_HEAD_BYTES, ReadError,
    content::{self, Shape},
    follower::{Follower, Known, Memory, Outcome, Visit},
    lines::{Chunk, Cut, LastLine, Turn},
    pending::Trigger,
    position::{Trail, tail_before},
    walk::{Rest, Walk},
};
use crate::model::Digest;
use std::{
    io::{self, Read as _},
    time::SystemTime,
};

impl Follower {
    /// Delivers the lines that a log has gained.
    pub(super) fn read_log(&mut self, visit: &Visit<'_>) -> Result<Outcome, ReadError> {
        if self.is_unchanged(visit.name, &visit.state) {
            return Ok(Outcome::Done);
        }
        let from = self.resume(visit)?;
        if from.0.end_bytes > 0
            && self.known.get(visit.name).is_some_and(|known| known.position.inode != visit.state.inode)
        {
            // Found again by its content: the next start knows it by its inode.
            self.deliver(visit, Chunk { items: Vec::new(), end_bytes: from.0.end_bytes, anchor: from.1.anchor() })?;
        }
        Ok(match self.walk(visit, from, self.last_line)? {
            Rest::End => Outcome::Done,
            Rest::Turn { in_long_line } => Outcome::More { in_long_line },
            Rest::Waits if visit.trigger == Trigger::Overdue => Outcome::NoNewline,
            Rest::Waits => Outcome::Unfinished,
        })
    }

    /// Delivers a document that is new or another one than before.
    pub(super) fn read_document(&mut self, visit: &Visit<'_>) -> Result<Outcome, ReadError> {
        let known = self.known.get(visit.name).map(|known| known.position.clone());
        if let Some(known) = &known
            && known.state() == visit.state
            && (!known.is_at_end() || visit.state.size_bytes > MAX_ATTESTATION_BYTES as u64)
        {
            // Too long to compare, or not done with: the file system's word is taken for it that nothing changed.
            return if known.is_at_end() { Ok(Outcome::Done) } else { self.read_lines(visit, true) };
        }
        let head = read_head(visit)?;
        let is_whole = head.len() <= MAX_ATTESTATION_BYTES;
        let shape = content::shape(&head);
        if let Some(known) = &known
            && known.is_at_end()
            && known.size_bytes == visit.state.size_bytes
            && known.anchor == self.anchor_of(visit, &head, shape)?
        {
            return self.refresh(visit, known.anchor);
        }
        if visit.trigger < Trigger::Finished
            && visit.state.modified_within(self.unfinished_wait, SystemTime::now())
            && (!is_whole || content::is_unfinished(&head))
        {
            return Ok(Outcome::Unfinished);
        }
        let length_bytes = visit.state.size_bytes;
        let body = match shape {
            Shape::Lines => return self.read_lines(visit, false),
            Shape::One => Body::Bytes(head),
            Shape::TooLong => Body::Oversized { length_bytes, head: head[..OVERSIZED_HEAD_BYTES].to_vec() },
        };
        let anchor = match &body {
            Body::Bytes(bytes) => Digest::of(bytes),
            Body::Oversized { head, .. } => anchor_of_long(head, length_bytes),
        };
        let items = vec![Item { origin: self.origin(visit.name), body }];
        self.deliver(visit, Chunk { items, end_bytes: length_bytes, anchor })?;
        Ok(Outcome::Done)
    }

    /// Delivers the lines of a document, from where it was left if it `goes_on`.
    fn read_lines(&mut self, visit: &Visit<'_>, goes_on: bool) -> Result<Outcome, ReadError> {
        let from = if goes_on { self.resume(visit)? } else { self.start() };
        Ok(match self.walk(visit, from, LastLine::Counts)? {
            Rest::End | Rest::Waits => Outcome::Done,
            Rest::Turn { in_long_line } => Outcome::More { in_long_line },
        })
    }

    /// The anchor at the end of a document as it is now.
    fn anchor_of(&self, visit: &Visit<'_>, head: &[u8], shape: Shape) -> Result<Digest, ReadError> {
        match shape {
            _ if head.len() <= MAX_ATTESTATION_BYTES => Ok(Digest::of(head)),
            Shape::TooLong => Ok(anchor_of_long(&head[..OVERSIZED_HEAD_BYTES], visit.state.size_bytes)),
            Shape::One | Shape::Lines => Ok(self.trail_before(visit, visit.state.size_bytes)?.anchor()),
        }
    }

    /// The content is as before: only the position may need to move along with the file.
    fn refresh(&mut self, visit: &Visit<'_>, anchor: Digest) -> Result<Outcome, ReadError> {
        if !self.is_unchanged(visit.name, &visit.state) {
            self.deliver(visit, Chunk { items: Vec::new(), end_bytes: visit.state.size_bytes, anchor })?;
        }
        Ok(Outcome::Done)
    }

    fn start(&self) -> (Cut, Trail) {
        (Cut::at(0), if self.is_once { Trail::none() } else { Trail::new() })
    }

    /// Where to go on in a file that was read before: where it was left, if everything before that is as it was, whatever
    /// has become of the file's inode and times; otherwise at its start.
    pub(super) fn resume(&self, visit: &Visit<'_>) -> Result<(Cut, Trail), ReadError> {
        let Some(Known { position, seen_bytes, memory, .. }) = self.known.get(visit.name) else {
            return Ok(self.start());
        };
        let offset_bytes = position.offset_bytes;
        if offset_bytes > visit.state.size_bytes {
            return Ok(self.start());
        }
        // The device is not compared, because many get another number at every boot.
        let is_same_file = position.inode == visit.state.inode;
        let tail = if is_same_file { Some(tail_before(&visit.file, offset_bytes)?) } else { None };
        let seen_bytes = if is_same_file { (*seen_bytes).min(visit.state.size_bytes) } else { offset_bytes };
        let at = Cut { seen_bytes, ..Cut::at(offset_bytes) };
        if let Some(memory) = memory
            && Some(memory.tail) == tail
        {
            return Ok((at, memory.trail.clone()));
        }
        let trail = self.trail_before(visit, offset_bytes)?;
        // The tail alone was the anchor until version 0.1.
        let is_it = trail.anchor() == position.anchor || Some(position.anchor) == tail;
        Ok(if is_it { (at, trail) } else { self.start() })
    }

    fn trail_before(&self, visit: &Visit<'_>, size_bytes: u64) -> Result<Trail, ReadError> {
        let is_stopped = || self.outlet.is_stopped();
        let (file, last_line) = (&visit.file, LastLine::Counts);
        Walk { file, size_bytes, origin: "", last_line, is_stopped: &is_stopped }.trail()
    }

    /// Delivers what stands after `at`, for one turn, and remembers where it ended.
    fn walk(
        &mut self,
        visit: &Visit<'_>,
        (at, mut trail): (Cut, Trail),
        last_line: LastLine,
    ) -> Result<Rest, ReadError> {
        let (outlet, origin) = (self.outlet.clone(), self.origin(visit.name));
        let is_stopped = || outlet.is_stopped();
        let (file, size_bytes) = (&visit.file, visit.state.size_bytes);
        let walk = Walk { file, size_bytes, origin: &origin, last_line, is_stopped: &is_stopped };
        let mut turn = Turn { bytes: self.turn_bytes, deliveries: super::TURN_DELIVERIES };
        let (at, rest) = walk.go(at, &mut trail, &mut turn, &mut |chunk| self.deliver(visit, chunk))?;
        let position = visit.state.at(visit.name, at.end_bytes, trail.anchor());
        let memory = Memory { tail: tail_before(&visit.file, at.end_bytes)?, trail };
        self.remember(position, at.seen_bytes, Some(memory));
        Ok(rest)
    }

    /// Hands a chunk to the pipeline and remembers the position that goes with it.
    pub(super) fn deliver(&mut self, visit: &Visit<'_>, chunk: Chunk) -> Result<(), ReadError> {
        let position = visit.state.at(visit.name, chunk.end_bytes, chunk.anchor);
        let feed = self.outlet.feed().clone();
        let delivery = Delivery { feed, items: chunk.items, position: position.clone(), arrived: visit.arrived };
        self.outlet.send(FeedEvent::Delivery(delivery))?;
        self.remember(position, chunk.end_bytes, None);
        Ok(())
    }
}

/// The first bytes of a file: all of it, when it may be one attestation, and one byte more than that otherwise.
fn read_head(visit: &Visit<'_>) -> io::Result<Vec<u8>> {
    let most = visit.state.size_bytes.min(MAX_ATTESTATION_BYTES as u64 + 1);
    let mut head = Vec::with_capacity(most as usize);
    (&visit.file).take(most).read_to_end(&mut head)?;
    Ok(head)
}

/// The anchor behind what is too long for an attestation.
fn anchor_of_long(head: &[u8], length_bytes: u64) -> Digest {
    let mut trail = Trail::new();
    trail.pass_long(head, length_bytes);
    trail.anchor()
}

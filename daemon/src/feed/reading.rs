//! Reads one open file from where it was left, and delivers what is new.

use super::{
    Body, Delivery, FeedEvent, Item, MAX_ATTESTATION_BYTES, OVERSIZED_HEAD_BYTES, ReadError,
    content::{self, Shape},
    follower::{Follower, Outcome, Visit},
    lines::{Chunk, Cut, LastLine, Lines, skip_line},
    pending::Trigger,
    position::anchor_before,
};
use crate::model::Digest;
use std::{
    io::{self, BufReader, Read as _, Seek as _, SeekFrom},
    time::SystemTime,
};

/// How much of a file is read at once.
const BUFFER_BYTES: u64 = 256 * 1024;

impl Follower {
    /// Delivers the lines that a log has gained.
    pub(super) fn read_log(&mut self, visit: &Visit<'_>) -> Result<Outcome, ReadError> {
        let known = self.known.get(visit.name);
        let start_bytes = known.map_or(Ok(0), |known| known.position.resume_log(&visit.file, &visit.state))?;
        // A line that is too long already is only searched for its end, not read again with every write.
        let seen_bytes = known.map_or(0, |known| known.seen_bytes).min(visit.state.size_bytes);
        let is_too_long = seen_bytes.saturating_sub(start_bytes) > MAX_ATTESTATION_BYTES as u64;
        let waits_still = is_too_long && !has_newline(visit, seen_bytes)?;
        let cut = if waits_still {
            Cut { end_bytes: start_bytes, seen_bytes: visit.state.size_bytes }
        } else {
            self.cut(visit, start_bytes, self.last_line, None)?
        };
        let anchor = anchor_before(&visit.file, cut.end_bytes)?;
        self.remember(visit.state.at(visit.name, cut.end_bytes, anchor), cut.seen_bytes);
        Ok(match visit.trigger {
            _ if cut.seen_bytes == cut.end_bytes => Outcome::Done,
            Trigger::Overdue => Outcome::NoNewline,
            _ => Outcome::Unfinished,
        })
    }

    /// Delivers a document that is new or another one than before.
    pub(super) fn read_document(&mut self, visit: &Visit<'_>) -> Result<Outcome, ReadError> {
        let size_bytes = visit.state.size_bytes;
        let known = self.known.get(visit.name).map(|known| known.position.clone());
        if let Some(known) = &known
            && known.state() == visit.state
            && size_bytes > MAX_ATTESTATION_BYTES as u64
        {
            // Too long to compare: the file system's word is taken for it that nothing changed.
            if !known.is_at_end() {
                self.cut(visit, known.offset_bytes, LastLine::Counts, None)?;
            }
            return Ok(Outcome::Done);
        }
        let head = read_head(visit)?;
        let digest = (head.len() <= MAX_ATTESTATION_BYTES).then(|| Digest::of(&head));
        if let Some(known) = &known
            && known.is_at_end()
            && Some(known.anchor) == digest
            && known.size_bytes == head.len() as u64
        {
            return self.refresh(visit, known.anchor);
        }
        if visit.trigger < Trigger::Finished
            && visit.state.modified_within(self.unfinished_wait, SystemTime::now())
            && (digest.is_none() || content::is_unfinished(&head))
        {
            return Ok(Outcome::Unfinished);
        }
        match content::shape(&head) {
            Shape::Lines => drop(self.cut(visit, 0, LastLine::Counts, digest)?),
            Shape::One => self.deliver_one(visit, Body::Bytes(head), digest)?,
            Shape::TooLong => {
                let head = head[..OVERSIZED_HEAD_BYTES].to_vec();
                self.deliver_one(visit, Body::Oversized { length_bytes: size_bytes, head }, digest)?;
            }
        }
        Ok(Outcome::Done)
    }

    /// The content is as before: only the position may need to move along with the file.
    fn refresh(&mut self, visit: &Visit<'_>, anchor: Digest) -> Result<Outcome, ReadError> {
        let is_same = self.known.get(visit.name).is_some_and(|known| known.position.state() == visit.state);
        if !is_same {
            self.deliver(visit, Chunk { items: Vec::new(), end_bytes: visit.state.size_bytes }, anchor)?;
        }
        Ok(Outcome::Done)
    }

    fn deliver_one(&mut self, visit: &Visit<'_>, body: Body, digest: Option<Digest>) -> Result<(), ReadError> {
        let end_bytes = visit.state.size_bytes;
        let anchor = digest.map_or_else(|| anchor_before(&visit.file, end_bytes), Ok)?;
        let item = Item { origin: self.origin(visit.name), body };
        self.deliver(visit, Chunk { items: vec![item], end_bytes }, anchor)
    }

    /// Delivers line by line; `whole` becomes the anchor at the end of the file.
    fn cut(
        &mut self,
        visit: &Visit<'_>,
        start_bytes: u64,
        last_line: LastLine,
        whole: Option<Digest>,
    ) -> Result<Cut, ReadError> {
        let length_bytes = visit.state.size_bytes.saturating_sub(start_bytes);
        let mut file = &visit.file;
        file.seek(SeekFrom::Start(start_bytes))?;
        let buffer_bytes = length_bytes.clamp(1, BUFFER_BYTES) as usize;
        let reader = BufReader::with_capacity(buffer_bytes, file.take(length_bytes));
        let (outlet, origin) = (self.outlet.clone(), self.origin(visit.name));
        let lines = Lines { reader, start_bytes, origin: &origin, last_line, is_stopped: &|| outlet.is_stopped() };
        lines.cut(&mut |chunk| {
            let anchor = match whole {
                Some(whole) if chunk.end_bytes == visit.state.size_bytes => whole,
                _ => anchor_before(&visit.file, chunk.end_bytes)?,
            };
            self.deliver(visit, chunk, anchor)
        })
    }

    /// Hands a chunk to the pipeline and remembers the position that goes with it.
    pub(super) fn deliver(&mut self, visit: &Visit<'_>, chunk: Chunk, anchor: Digest) -> Result<(), ReadError> {
        let position = visit.state.at(visit.name, chunk.end_bytes, anchor);
        let feed = self.outlet.feed().clone();
        let delivery = Delivery { feed, items: chunk.items, position: position.clone(), arrived: visit.arrived };
        self.outlet.send(FeedEvent::Delivery(delivery))?;
        self.remember(position, chunk.end_bytes);
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

/// Whether a newline has come since the bytes that were already seen.
fn has_newline(visit: &Visit<'_>, seen_bytes: u64) -> io::Result<bool> {
    let mut file = &visit.file;
    file.seek(SeekFrom::Start(seen_bytes))?;
    let length_bytes = visit.state.size_bytes.saturating_sub(seen_bytes);
    let (_, found) = skip_line(BufReader::new(file.take(length_bytes)))?;
    Ok(found)
}

//! Cuts a stream into lines, with a limit on what is held in memory and on what is done in one turn.

use super::{
    Body, DeliveredItem, MAX_ATTESTATION_BYTES, MAX_DELIVERY_BYTES, MAX_DELIVERY_ITEMS, OVERSIZED_HEAD_BYTES,
    ReadError, content::is_value, position::Trail,
};
use crate::model::Digest;
use std::io::{BufRead, Read as _};

/// How much of an oversized line is skipped between two looks at whether to stop.
const SKIP_BYTES: u64 = 4 * 1024 * 1024;

/// What a last line without a newline means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LastLine {
    /// The file is finished: it is a line like any other.
    Counts,
    /// Its writer has left it alone: it is a line like any other if it is a JSON value, which nothing can follow on its line.
    CountsIfWhole,
    /// The file is a log that may grow: the line is not complete yet.
    Waits,
}

impl LastLine {
    fn counts(self, line: &[u8]) -> bool {
        match self {
            Self::Counts => true,
            Self::CountsIfWhole => is_value(line),
            Self::Waits => false,
        }
    }
}

/// What to do with a line that is too long for an attestation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LongLine {
    /// Search for its end at once: the stream can be read only once.
    Skipped,
    /// End the cut before it: the reader of the file searches for its end, turn by turn.
    Left,
}

/// How much may be done before others have their turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ReadingTurn {
    /// Bytes that may still be passed.
    pub(super) bytes: u64,
    /// Deliveries that may still be made.
    pub(super) deliveries: usize,
}

impl ReadingTurn {
    /// Without a limit.
    pub(super) const ENDLESS: Self = Self { bytes: u64::MAX, deliveries: usize::MAX };

    pub(super) fn is_over(&self) -> bool {
        self.bytes == 0 || self.deliveries == 0
    }

    pub(super) fn pass(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

/// Some lines of a stream.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) items: Vec<DeliveredItem>,
    /// The byte of the stream after the last of them.
    pub(super) end_bytes: u64,
    /// The anchor of a position at `end_bytes`.
    pub(super) anchor: Digest,
}

/// How far a stream was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// The byte after the last line that was handed on.
    pub(super) end_bytes: u64,
    /// There is no newline between `end_bytes` and this byte; it is greater when a last line waits or a long one is left.
    pub(super) seen_bytes: u64,
    /// Whether the line that begins at `end_bytes` is left because it is too long.
    pub(super) is_long: bool,
}

impl Cut {
    /// A cut of which everything before `end_bytes` was handed on, and nothing after it was seen.
    pub(super) fn at(end_bytes: u64) -> Self {
        Self { end_bytes, seen_bytes: end_bytes, is_long: false }
    }
}

/// The stream to cut and where it starts.
pub(super) struct Lines<'a, R> {
    pub(super) reader: R,
    /// The byte of the file at which the reader is.
    pub(super) start_bytes: u64,
    /// The prefix of the origins: the path within the feed.
    pub(super) origin: &'a str,
    pub(super) last_line: LastLine,
    pub(super) long_line: LongLine,
    /// Covers everything before the reader; afterwards, everything that was handed on.
    pub(super) trail: &'a mut Trail,
    /// What may be done; afterwards, what is left of that.
    pub(super) turn: &'a mut ReadingTurn,
    /// Asked between chunks of work.
    pub(super) is_stopped: &'a dyn Fn() -> bool,
}

/// One line as it was found.
struct Line {
    /// As in the file; of a long line, its head.
    bytes: Vec<u8>,
    /// Its length with the newline, if it has one.
    length_bytes: u64,
    has_newline: bool,
    is_long: bool,
}

impl<R: BufRead> Lines<'_, R> {
    /// Hands on every line that is not blank, in chunks, in order, until the turn is over.
    pub(super) fn cut(mut self, sink: &mut dyn FnMut(Chunk) -> Result<(), ReadError>) -> Result<Cut, ReadError> {
        let mut cut = Cut::at(self.start_bytes);
        let mut delivered_bytes = self.start_bytes;
        let (mut items, mut held_bytes) = (Vec::new(), 0);
        while !self.turn.is_over() {
            let Some(line) = self.next()? else { break };
            cut.is_long = line.is_long && self.long_line == LongLine::Left;
            if cut.is_long || (!line.has_newline && !self.last_line.counts(&line.bytes)) {
                cut.seen_bytes += line.length_bytes - u64::from(line.has_newline);
                break;
            }
            cut.seen_bytes += line.length_bytes;
            self.turn.pass(line.length_bytes);
            if let Some(body) = self.take(line) {
                held_bytes += held(&body);
                items.push(DeliveredItem { origin: origin_at(self.origin, cut.end_bytes), body });
            }
            cut.end_bytes = cut.seen_bytes;
            if items.len() >= MAX_DELIVERY_ITEMS || held_bytes >= MAX_DELIVERY_BYTES {
                self.turn.deliveries -= 1;
                let (items, anchor) = (std::mem::take(&mut items), self.trail.anchor());
                sink(Chunk { items, end_bytes: cut.end_bytes, anchor })?;
                (held_bytes, delivered_bytes) = (0, cut.end_bytes);
            }
        }
        if cut.end_bytes > delivered_bytes {
            sink(Chunk { items, end_bytes: cut.end_bytes, anchor: self.trail.anchor() })?;
        }
        Ok(cut)
    }

    /// Passes the line, and returns what it holds, unless it is blank.
    fn take(&mut self, line: Line) -> Option<Body> {
        let Line { mut bytes, length_bytes, has_newline, is_long } = line;
        if is_long {
            self.trail.pass_long(&bytes, length_bytes);
            return Some(Body::Oversized { length_bytes: length_bytes - u64::from(has_newline), head: bytes });
        }
        self.trail.pass(&bytes);
        trim_line_end(&mut bytes);
        bytes.shrink_to_fit();
        (!bytes.trim_ascii().is_empty()).then_some(Body::Bytes(bytes))
    }

    fn next(&mut self) -> Result<Option<Line>, ReadError> {
        if (self.is_stopped)() {
            return Err(ReadError::Stopped);
        }
        let mut bytes = Vec::new();
        // One byte more than an attestation may have, and the newline.
        let most = MAX_ATTESTATION_BYTES as u64 + 2;
        let length_bytes = self.reader.by_ref().take(most).read_until(b'\n', &mut bytes)? as u64;
        if bytes.is_empty() {
            return Ok(None);
        }
        let has_newline = bytes.last() == Some(&b'\n');
        let line_end = trimmed(&bytes).len();
        if line_end <= MAX_ATTESTATION_BYTES {
            return Ok(Some(Line { bytes, length_bytes, has_newline, is_long: false }));
        }
        bytes.truncate(OVERSIZED_HEAD_BYTES);
        bytes.shrink_to_fit();
        let mut line = Line { bytes, length_bytes, has_newline, is_long: true };
        if self.long_line == LongLine::Skipped {
            self.skip_rest(&mut line)?;
        }
        Ok(Some(line))
    }

    fn skip_rest(&mut self, line: &mut Line) -> Result<(), ReadError> {
        while !line.has_newline {
            if (self.is_stopped)() {
                return Err(ReadError::Stopped);
            }
            let available = self.reader.fill_buf()?;
            if available.is_empty() {
                break;
            }
            let (skipped, found) = skip_line(self.reader.by_ref().take(SKIP_BYTES))?;
            line.length_bytes += skipped;
            line.has_newline = found;
        }
        Ok(())
    }
}

/// The origin of a line: the path and the byte at which it starts.
pub(super) fn origin_at(origin: &str, start_bytes: u64) -> String {
    format!("{origin}:byte {start_bytes}")
}

/// Skips to the next newline, or to the end of `reader`; returns how many bytes it skipped, and whether it found the newline.
fn skip_line(mut reader: impl BufRead) -> std::io::Result<(u64, bool)> {
    let mut skipped = 0;
    loop {
        let available = reader.fill_buf()?;
        if available.is_empty() {
            return Ok((skipped, false));
        }
        let newline = available.iter().position(|byte| *byte == b'\n');
        let count = newline.map_or(available.len(), |at| at + 1);
        reader.consume(count);
        skipped += count as u64;
        if newline.is_some() {
            return Ok((skipped, true));
        }
    }
}

fn trim_line_end(bytes: &mut Vec<u8>) {
    let length = trimmed(bytes).len();
    bytes.truncate(length);
}

fn trimmed(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn held(body: &Body) -> usize {
    match body {
        Body::Bytes(bytes) => bytes.len(),
        Body::Oversized { head, .. } => head.len(),
    }
}

//! Cuts a stream into lines, with a limit on what is held in memory.

use super::{
    Body, Item, MAX_ATTESTATION_BYTES, MAX_DELIVERY_BYTES, MAX_DELIVERY_ITEMS, OVERSIZED_HEAD_BYTES, ReadError,
};
use std::io::{BufRead, Read as _};

/// How much of an oversized line is skipped between two looks at whether to stop.
const SKIP_BYTES: u64 = 4 * 1024 * 1024;

/// What a last line without a newline means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LastLine {
    /// The file is finished: it is a line like any other.
    Counts,
    /// The file is a log that may grow: the line is not whole yet.
    Waits,
}

/// Some lines of a stream.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) items: Vec<Item>,
    /// The byte of the stream after the last of them.
    pub(super) end_bytes: u64,
}

/// How far a stream was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// The byte after the last line that was handed on.
    pub(super) end_bytes: u64,
    /// The byte after the last one that was seen: beyond `end_bytes` when a last line waits.
    pub(super) seen_bytes: u64,
}

/// The stream to cut and where it starts.
pub(super) struct Lines<'a, R> {
    pub(super) reader: R,
    /// Where in the file the reader stands.
    pub(super) start_bytes: u64,
    /// What the origins start with.
    pub(super) origin: &'a str,
    pub(super) last_line: LastLine,
    /// Asked between chunks of work.
    pub(super) is_stopped: &'a dyn Fn() -> bool,
}

/// One line as it was found.
struct Line {
    body: Body,
    /// With its newline, if it has one.
    length_bytes: u64,
    has_newline: bool,
}

impl<R: BufRead> Lines<'_, R> {
    /// Hands on every line that is not blank, in chunks, in order.
    pub(super) fn cut(mut self, sink: &mut dyn FnMut(Chunk) -> Result<(), ReadError>) -> Result<Cut, ReadError> {
        let mut cut = Cut { end_bytes: self.start_bytes, seen_bytes: self.start_bytes };
        let mut delivered_bytes = self.start_bytes;
        let (mut items, mut held_bytes) = (Vec::new(), 0);
        while let Some(line) = self.next()? {
            cut.seen_bytes += line.length_bytes;
            if !line.has_newline && self.last_line == LastLine::Waits {
                break;
            }
            let origin = || format!("{}:byte {}", self.origin, cut.end_bytes);
            if !is_blank(&line.body) {
                held_bytes += held(&line.body);
                items.push(Item { origin: origin(), body: line.body });
            }
            cut.end_bytes = cut.seen_bytes;
            if items.len() >= MAX_DELIVERY_ITEMS || held_bytes >= MAX_DELIVERY_BYTES {
                sink(Chunk { items: std::mem::take(&mut items), end_bytes: cut.end_bytes })?;
                (held_bytes, delivered_bytes) = (0, cut.end_bytes);
            }
        }
        if cut.end_bytes > delivered_bytes {
            sink(Chunk { items, end_bytes: cut.end_bytes })?;
        }
        Ok(cut)
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
        trim_line_end(&mut bytes);
        if bytes.len() <= MAX_ATTESTATION_BYTES {
            bytes.shrink_to_fit();
            return Ok(Some(Line { body: Body::Bytes(bytes), length_bytes, has_newline }));
        }
        self.skip_rest(bytes, length_bytes, has_newline).map(Some)
    }

    fn skip_rest(
        &mut self,
        mut head: Vec<u8>,
        mut length_bytes: u64,
        mut has_newline: bool,
    ) -> Result<Line, ReadError> {
        head.truncate(OVERSIZED_HEAD_BYTES);
        head.shrink_to_fit();
        while !has_newline {
            if (self.is_stopped)() {
                return Err(ReadError::Stopped);
            }
            let available = self.reader.fill_buf()?;
            if available.is_empty() {
                break;
            }
            let (skipped, found) = skip_line(self.reader.by_ref().take(SKIP_BYTES))?;
            length_bytes += skipped;
            has_newline = found;
        }
        let body = Body::Oversized { length_bytes: length_bytes - u64::from(has_newline), head };
        Ok(Line { body, length_bytes, has_newline })
    }
}

/// Skips to the next newline, or to the end of `reader`: how many bytes, and whether the newline was there.
pub(super) fn skip_line(mut reader: impl BufRead) -> std::io::Result<(u64, bool)> {
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
    for end in [b'\n', b'\r'] {
        if bytes.last() == Some(&end) {
            bytes.pop();
        }
    }
}

fn is_blank(body: &Body) -> bool {
    matches!(body, Body::Bytes(bytes) if bytes.trim_ascii().is_empty())
}

fn held(body: &Body) -> usize {
    match body {
        Body::Bytes(bytes) => bytes.len(),
        Body::Oversized { head, .. } => head.len(),
    }
}

//! Reads the lines of a file in turns. A line that is too long for an attestation is never held: its end is
//! searched for, over holes without reading them, so that a sparse file of any size costs next to nothing.

use super::{
    Body, DeliveredItem, MAX_ATTESTATION_BYTES, OVERSIZED_HEAD_BYTES, ReadError,
    lines::{Chunk, Cut, LastLine, Lines, LongLine, ReadingTurn, origin_at},
    position::Trail,
};
use rustix::{
    fs::{SeekFrom, seek},
    io::Errno,
};
use std::{
    fs::File,
    io::{self, BufReader, Read as _, Seek as _},
    os::unix::fs::FileExt as _,
};

/// How much of a file is read at once.
const BUFFER_BYTES: u64 = 256 * 1024;

/// A file that is read in turns.
pub(super) struct FileWalk<'a> {
    pub(super) file: &'a File,
    /// The byte at which the file ends for this walk.
    pub(super) size_bytes: u64,
    /// The prefix of the origins: the path within the feed.
    pub(super) origin: &'a str,
    pub(super) last_line: LastLine,
    /// Asked between chunks of work.
    pub(super) is_stopped: &'a dyn Fn() -> bool,
}

/// Why a walk ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// There is nothing more.
    End,
    /// The last line has no newline yet.
    Waits,
    /// The turn is over; `in_long_line` when it ended within a line that is already too long for an attestation.
    Turn { in_long_line: bool },
}

impl FileWalk<'_> {
    /// Hands on what follows `from`, until the turn is over; `trail` covers everything before `from`.
    pub(super) fn go(
        &self,
        from: Cut,
        trail: &mut Trail,
        turn: &mut ReadingTurn,
        sink: &mut dyn FnMut(Chunk) -> Result<(), ReadError>,
    ) -> Result<(Cut, Rest), ReadError> {
        // A line that is known to be this long is not read into memory again.
        let is_known_long = from.seen_bytes.saturating_sub(from.end_bytes) > MAX_ATTESTATION_BYTES as u64 + 1;
        let mut at = Cut { is_long: from.is_long || is_known_long, ..from };
        loop {
            if at.is_long {
                let has_newline = self.search(&mut at, turn)?;
                let is_read = at.seen_bytes >= self.size_bytes;
                if !has_newline && !is_read {
                    return Ok((at, Rest::Turn { in_long_line: true }));
                }
                if !has_newline && self.last_line != LastLine::Counts {
                    return Ok((at, Rest::Waits));
                }
                sink(self.long_line(&at, has_newline, trail)?)?;
                at = Cut::at(at.seen_bytes);
            }
            if turn.is_over() && at.end_bytes < self.size_bytes {
                return Ok((at, Rest::Turn { in_long_line: false }));
            }
            at = self.lines(at.end_bytes, trail, turn, sink)?;
            if !at.is_long {
                let is_over = turn.is_over() && at.end_bytes < self.size_bytes;
                return Ok(match at.seen_bytes > at.end_bytes {
                    true => (at, Rest::Waits),
                    false if is_over => (at, Rest::Turn { in_long_line: false }),
                    false => (at, Rest::End),
                });
            }
        }
    }

    fn lines(
        &self,
        start_bytes: u64,
        trail: &mut Trail,
        turn: &mut ReadingTurn,
        sink: &mut dyn FnMut(Chunk) -> Result<(), ReadError>,
    ) -> Result<Cut, ReadError> {
        let length_bytes = self.size_bytes.saturating_sub(start_bytes);
        let mut file = self.file;
        file.seek(io::SeekFrom::Start(start_bytes))?;
        let buffer_bytes = length_bytes.clamp(1, BUFFER_BYTES) as usize;
        let reader = BufReader::with_capacity(buffer_bytes, file.take(length_bytes));
        let (origin, last_line, is_stopped) = (self.origin, self.last_line, self.is_stopped);
        let long_line = LongLine::Left;
        Lines { reader, start_bytes, origin, last_line, long_line, trail, turn, is_stopped }.cut(sink)
    }

    /// Moves `at.seen_bytes` behind the next newline and returns true, or else as far as the turn and the file go.
    fn search(&self, at: &mut Cut, turn: &mut ReadingTurn) -> Result<bool, ReadError> {
        let mut buffer = vec![0; BUFFER_BYTES as usize];
        while at.seen_bytes < self.size_bytes && !turn.is_over() {
            if (self.is_stopped)() {
                return Err(ReadError::Stopped);
            }
            at.seen_bytes = match seek(self.file, SeekFrom::Data(at.seen_bytes)) {
                Ok(data_bytes) => data_bytes.min(self.size_bytes),
                Err(Errno::NXIO) => self.size_bytes,
                // Not every file system reports holes.
                Err(_) => at.seen_bytes,
            };
            let most = (self.size_bytes - at.seen_bytes).min(BUFFER_BYTES) as usize;
            let count = match self.file.read_at(&mut buffer[..most], at.seen_bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read?,
            };
            // The file has become shorter: the line ends there.
            if count == 0 {
                at.seen_bytes = self.size_bytes;
                break;
            }
            turn.pass(count as u64);
            if let Some(index) = buffer[..count].iter().position(|byte| *byte == b'\n') {
                at.seen_bytes += index as u64 + 1;
                return Ok(true);
            }
            at.seen_bytes += count as u64;
        }
        Ok(false)
    }

    /// The line from `at.end_bytes` to `at.seen_bytes`, of which only the head is kept.
    fn long_line(&self, at: &Cut, has_newline: bool, trail: &mut Trail) -> Result<Chunk, ReadError> {
        let mut head = vec![0; OVERSIZED_HEAD_BYTES];
        self.file.read_exact_at(&mut head, at.end_bytes)?;
        let length_bytes = at.seen_bytes - at.end_bytes;
        trail.pass_long(&head, length_bytes);
        let body = Body::Oversized { length_bytes: length_bytes - u64::from(has_newline), head };
        let items = vec![DeliveredItem { origin: origin_at(self.origin, at.end_bytes), body }];
        Ok(Chunk { items, end_bytes: at.seen_bytes, anchor: trail.anchor() })
    }
}

//! Where to resume a file that was read before.

use super::{
    ReadError,
    follower::Follower,
    known::FileProgress,
    lines::{Cut, LastLine, ReadingTurn},
    position::{Trail, tail_before},
    recognition::Recognition,
    visit::Visit,
    walk::{FileWalk, Rest},
};

impl Follower {
    /// Where to resume a file that was read before: where it was left, if everything before that is unchanged, whatever the
    /// file's inode and times are now; otherwise at its start. `None` when the turn ended before that was known.
    pub(super) fn resume(
        &mut self,
        visit: &Visit<'_>,
        turn: &mut ReadingTurn,
    ) -> Result<Option<(Cut, Trail)>, ReadError> {
        let Some(known) = self.known.get(visit.name) else {
            return Ok(Some(self.start()));
        };
        let FileProgress { position, seen_bytes, memory, .. } = known;
        let (offset_bytes, anchor) = (position.offset_bytes, position.anchor);
        if offset_bytes > visit.state.size_bytes {
            return Ok(Some(self.start()));
        }
        // The device is not compared, because many devices get another number at every boot.
        let is_same_file = position.inode == visit.state.inode || known.is_of(&visit.state);
        let tail = if is_same_file { Some(tail_before(&visit.file, offset_bytes)?) } else { None };
        let seen_bytes = if is_same_file { (*seen_bytes).min(visit.state.size_bytes) } else { offset_bytes };
        let at = Cut { seen_bytes, ..Cut::at(offset_bytes) };
        if let Some(memory) = memory
            && Some(memory.tail) == tail
        {
            return Ok(Some((at, memory.trail.clone())));
        }
        let Some(trail) = self.trail_before(visit, offset_bytes, turn)? else { return Ok(None) };
        // The tail alone was the anchor until version 0.1.
        let is_it = trail.anchor() == anchor || Some(anchor) == tail;
        Ok(Some(if is_it { (at, trail) } else { self.start() }))
    }

    /// The trail of what is before `until_bytes` of a known file; `None` when the turn ended before that.
    pub(super) fn trail_before(
        &mut self,
        visit: &Visit<'_>,
        until_bytes: u64,
        turn: &mut ReadingTurn,
    ) -> Result<Option<Trail>, ReadError> {
        let begun = self.known.get_mut(visit.name).and_then(|known| known.recognition.take());
        let (at, mut trail) = match begun {
            Some(begun) if begun.is_of(visit, until_bytes)? => (begun.at, begun.trail),
            _ => (Cut::at(0), Trail::new()),
        };
        let (file, last_line, event_sender) = (&visit.file, LastLine::Counts, &self.event_sender);
        let is_stopped = || event_sender.is_stopped();
        let walk = FileWalk { file, size_bytes: until_bytes, origin: "", last_line, is_stopped: &is_stopped };
        // Nothing that was delivered before is delivered again.
        let mut own = ReadingTurn { deliveries: usize::MAX, ..*turn };
        let (at, rest) = walk.go(at, &mut trail, &mut own, &mut |_| Ok(()))?;
        turn.bytes = own.bytes;
        if !matches!(rest, Rest::Turn { .. }) {
            return Ok(Some(trail));
        }
        let (state, tail) = (visit.state, tail_before(&visit.file, at.end_bytes)?);
        if let Some(known) = self.known.get_mut(visit.name) {
            known.recognition =
                Some(Box::new(Recognition { state, until_bytes, at, trail, tail, is_settled: state.is_settled() }));
        }
        Ok(None)
    }
}

//! Strongly connected components: the nodes that are on cycles together.

/// Components one after another, each after all that it takes input from, with sorted slots. First come those that take no
/// input from others, in the order of their slots, then those that take it from these, and so on: so a walk over them goes
/// forward in memory.
#[derive(Clone, Debug)]
pub(super) struct StrongComponents {
    ends: Vec<usize>,
    slots: Vec<u32>,
}

impl StrongComponents {
    /// The components of the slots `0..starts.len() - 1`, where slot `p` takes input from the slots
    /// `inputs[starts[p]..starts[p + 1]]`.
    pub(super) fn of(starts: &[usize], inputs: &[u32]) -> Self {
        let slots = starts.len().saturating_sub(1);
        let mut search = TarjanSearch {
            starts,
            inputs,
            visits: vec![TarjanVisit::default(); slots],
            stack: Vec::new(),
            calls: Vec::new(),
            met: 0,
            cycles: Vec::new(),
        };
        for slot in 0..slots {
            if search.visits[slot].index == 0 {
                search.visit(slot);
            }
        }
        search.arrange()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.slots[start..*end])
    }
}

/// Tarjan's algorithm (1972) without recursion: a chain of a million suppliers must not overflow the stack.
struct TarjanSearch<'a> {
    starts: &'a [usize],
    inputs: &'a [u32],
    /// By slot.
    visits: Vec<TarjanVisit>,
    stack: Vec<u32>,
    /// Slots that are being visited, each with how many of its inputs have been looked at.
    calls: Vec<(u32, usize)>,
    met: u32,
    /// The components of more than one slot, each sorted.
    cycles: Vec<Vec<u32>>,
}

#[derive(Clone, Copy, Default)]
struct TarjanVisit {
    /// Its number in the order of discovery, from 1; 0: not discovered yet.
    index: u32,
    /// The earliest slot on the stack that can be reached from it. Once its component is found, `DONE` for its first slot
    /// and `FOLLOWS` for the others.
    low: u32,
    /// The greatest step of the components that it takes input from; once its own component is found, one more than that.
    step: u32,
}

const DONE: u32 = u32::MAX;
const FOLLOWS: u32 = u32::MAX - 1;

impl TarjanSearch<'_> {
    fn visit(&mut self, root: usize) {
        self.open(root);
        while let Some((slot, looked_at)) = self.calls.last_mut() {
            let slot = *slot as usize;
            if let Some(input) = self.inputs[self.starts[slot]..self.starts[slot + 1]].get(*looked_at) {
                let input = *input as usize;
                match self.visits[input] {
                    // It is looked at again when the input is done.
                    TarjanVisit { index: 0, .. } => self.open(input),
                    TarjanVisit { low, step, .. } => {
                        *looked_at += 1;
                        let visit = &mut self.visits[slot];
                        if low >= FOLLOWS { visit.step = visit.step.max(step) } else { visit.low = visit.low.min(low) }
                    }
                }
                continue;
            }
            self.calls.pop();
            if self.visits[slot].low == self.visits[slot].index {
                self.close(slot);
            }
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "slots are numbered with u32")]
    fn open(&mut self, slot: usize) {
        self.met += 1;
        self.visits[slot] = TarjanVisit { index: self.met, low: self.met, step: 0 };
        self.stack.push(slot as u32);
        self.calls.push((slot as u32, 0));
    }

    fn close(&mut self, root: usize) {
        if self.stack.last().is_some_and(|last| *last as usize == root) {
            self.stack.pop();
            let visit = &mut self.visits[root];
            *visit = TarjanVisit { low: DONE, step: visit.step + 1, ..*visit };
            return;
        }
        let start = self.stack.iter().rposition(|member| *member as usize == root).unwrap_or(0);
        let mut members = self.stack.split_off(start);
        members.sort_unstable();
        let step = 1 + members.iter().map(|member| self.visits[*member as usize].step).max().unwrap_or(0);
        for (nth, member) in members.iter().enumerate() {
            let visit = &mut self.visits[*member as usize];
            *visit = TarjanVisit { low: if nth == 0 { DONE } else { FOLLOWS }, step, ..*visit };
        }
        self.cycles.push(members);
    }

    /// Sorts the components by step, and within one step by their first slot.
    fn arrange(mut self) -> StrongComponents {
        self.cycles.sort_unstable();
        // By step: how many components and slots there are; then where the next of them goes.
        let mut next = vec![(0, 0); self.visits.iter().map(|visit| visit.step as usize + 1).max().unwrap_or(0)];
        for TarjanVisit { step, low, .. } in &self.visits {
            let (components, slots) = &mut next[*step as usize];
            *components += usize::from(*low == DONE);
            *slots += 1;
        }
        let mut end = (0, 0);
        for (components, slots) in &mut next {
            let start = end;
            end = (end.0 + *components, end.1 + *slots);
            (*components, *slots) = start;
        }
        let mut found = StrongComponents { ends: vec![0; end.0], slots: vec![0; end.1] };
        let mut cycles = self.cycles.iter().peekable();
        for (slot, TarjanVisit { step, low, .. }) in (0..).zip(&self.visits) {
            if *low == FOLLOWS {
                continue;
            }
            let single = [slot];
            let members = cycles.next_if(|cycle| cycle[0] == slot).map_or(&single[..], Vec::as_slice);
            let (component, start) = &mut next[*step as usize];
            found.slots[*start..*start + members.len()].copy_from_slice(members);
            *start += members.len();
            found.ends[*component] = *start;
            *component += 1;
        }
        found
    }
}

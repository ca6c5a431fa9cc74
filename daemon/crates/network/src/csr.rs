//! Many short rows in one piece of memory (CSR, but rows may change): a `Vec<Vec<T>>` without a header and an allocation
//! for each.

/// Rows of `T`, by number. A row that outgrows its room moves to the end; when more items are dead than alive, the rows are
/// moved together.
#[derive(Clone, Debug)]
pub(super) struct Csr<T> {
    spans: Vec<RowSpan>,
    items: Vec<T>,
    /// Items that belong to no row any more.
    dead: usize,
}

/// Where a row is. Its room beyond `len` holds unused items, which are not counted as dead.
#[derive(Clone, Copy, Debug, Default)]
struct RowSpan {
    start: usize,
    len: u32,
    room: u32,
}

impl<T> Default for Csr<T> {
    fn default() -> Self {
        Self { spans: Vec::new(), items: Vec::new(), dead: 0 }
    }
}

impl<T: Copy> Csr<T> {
    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    /// Makes room for the rows `0..len`; new ones are empty.
    pub(super) fn grow(&mut self, len: usize) {
        if len > self.spans.len() {
            self.spans.resize_with(len, RowSpan::default);
        }
    }

    pub(super) fn get(&self, row: u32) -> &[T] {
        let RowSpan { start, len, .. } = self.spans[row as usize];
        &self.items[start..start + len as usize]
    }

    /// Replaces a row.
    pub(super) fn set(&mut self, row: u32, items: &[T]) {
        let span = self.spans[row as usize];
        if items.len() <= span.room as usize {
            self.items[span.start..span.start + items.len()].copy_from_slice(items);
            self.spans[row as usize].len = short(items.len());
            return;
        }
        self.dead += span.room as usize;
        let start = self.items.len();
        self.items.extend_from_slice(items);
        self.spans[row as usize] = RowSpan { start, len: short(items.len()), room: short(items.len()) };
        self.tidy();
    }

    /// Puts `item` into a row, before the item at `index`.
    pub(super) fn insert(&mut self, row: u32, index: usize, item: T) {
        let span = self.spans[row as usize];
        if span.len == span.room {
            self.double(row, item);
        }
        let RowSpan { start, len, .. } = &mut self.spans[row as usize];
        let (start, end) = (*start, *start + *len as usize);
        *len += 1;
        self.items.copy_within(start + index..end, start + index + 1);
        self.items[start + index] = item;
        self.tidy();
    }

    /// Takes the item at `index` out of a row.
    pub(super) fn remove(&mut self, row: u32, index: usize) {
        let RowSpan { start, len, .. } = &mut self.spans[row as usize];
        let (start, end) = (*start, *start + *len as usize);
        *len -= 1;
        self.items.copy_within(start + index + 1..end, start + index);
    }

    /// Moves a row to the end, with twice the room, filled with `filler`.
    fn double(&mut self, row: u32, filler: T) {
        let span = self.spans[row as usize];
        let room = (2 * span.room).max(1);
        self.dead += span.room as usize;
        let start = self.items.len();
        self.items.extend_from_within(span.start..span.start + span.len as usize);
        self.items.resize(start + room as usize, filler);
        self.spans[row as usize] = RowSpan { start, room, ..span };
    }

    fn tidy(&mut self) {
        if self.dead <= self.items.len() / 2 {
            return;
        }
        let mut items = Vec::with_capacity(self.items.len() - self.dead);
        for span in &mut self.spans {
            let start = items.len();
            items.extend_from_slice(&self.items[span.start..span.start + span.room as usize]);
            span.start = start;
        }
        self.items = items;
        self.dead = 0;
    }
}

fn short(len: usize) -> u32 {
    u32::try_from(len).unwrap_or_else(|_| unreachable!("a row holds each of the 2^32 nodes at most once a need"))
}

#[cfg(test)]
mod tests {
    use super::Csr;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum RowChange {
        Grow(usize),
        Set(usize, Vec<u16>),
        Insert(usize, usize, u16),
        Remove(usize, usize),
    }

    fn change() -> impl Strategy<Value = RowChange> {
        prop_oneof![
            1 => (0..8_usize).prop_map(RowChange::Grow),
            3 => (0..8_usize, prop::collection::vec(any::<u16>(), 0..9)).prop_map(|(row, items)| RowChange::Set(row, items)),
            6 => (0..8_usize, any::<usize>(), any::<u16>()).prop_map(|(row, index, item)| RowChange::Insert(row, index, item)),
            2 => (0..8_usize, any::<usize>()).prop_map(|(row, index)| RowChange::Remove(row, index)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn rows_are_vectors_of_vectors(changes in prop::collection::vec(change(), 0..200)) {
            let mut rows = Csr::default();
            let mut vectors: Vec<Vec<u16>> = vec![Vec::new(); 8];
            rows.grow(8);
            for change in changes {
                match change {
                    RowChange::Grow(more) => {
                        rows.grow(8 + more);
                        vectors.resize(vectors.len().max(8 + more), Vec::new());
                    }
                    RowChange::Set(row, items) => {
                        rows.set(row as u32, &items);
                        vectors[row] = items;
                    }
                    RowChange::Insert(row, index, item) => {
                        let index = index % (vectors[row].len() + 1);
                        rows.insert(row as u32, index, item);
                        vectors[row].insert(index, item);
                    }
                    RowChange::Remove(row, index) => {
                        if !vectors[row].is_empty() {
                            let index = index % vectors[row].len();
                            rows.remove(row as u32, index);
                            vectors[row].remove(index);
                        }
                    }
                }
                prop_assert_eq!(rows.len(), vectors.len());
                for (row, vector) in (0..).zip(&vectors) {
                    prop_assert_eq!(rows.get(row), &vector[..]);
                }
                // What is kept is at most twice the rows' own room.
                let room: usize = rows.spans.iter().map(|span| span.room as usize).sum();
                prop_assert_eq!(rows.items.len(), room + rows.dead);
                prop_assert!(rows.dead <= rows.items.len() / 2);
            }
        }
    }
}

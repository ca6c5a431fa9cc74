//! Indexes of digests that are filed by shelf, and which shelf a digest may lie on, without asking the disk.
//!
//! Digests are random, so that every insert into one index over all of them dirties another page of it: at a million
//! rows that takes three times as long as all else, and more beyond. Filed by shelf of 65 536 rows, writing stays on
//! the newest shelf at any size; but a look-up has to ask every shelf. That is cheap enough for a reader. The writer,
//! which asks about everything that arrives, keeps a blocked Bloom filter of each shelf, two bytes a digest: it
//! answers "surely not here" for nearly all of them. It errs only towards "perhaps here", which costs one look into
//! the index; so a digest whose transaction failed may stay in it.

use super::columns::word;
use crate::model::Digest;
use rusqlite::{Connection, OptionalExtension as _};

/// `id >> SHELF_SHIFT` is a row's shelf; the generated columns of the schema say the same.
const SHELF_SHIFT: u32 = 16;
const BITS_A_DIGEST: usize = 16;
/// One cache line: a look-up touches one a shelf.
const BLOCK_WORDS: usize = 8;
const BLOCK_BITS: u128 = 512;
const BLOCKS_A_SHELF: usize = (1 << SHELF_SHIFT) * BITS_A_DIGEST / (BLOCK_WORDS * 64);
/// Bits set for a digest.
const PROBES: u32 = 8;

type Block = [u64; BLOCK_WORDS];

/// A table whose rows are named by a digest, once each.
#[derive(Clone, Copy, Debug)]
pub(super) enum Filed {
    Attestations,
    Artefacts,
}

impl Filed {
    fn every_row(self) -> &'static str {
        match self {
            Self::Attestations => "SELECT id, digest FROM attestation INDEXED BY attestation_by_digest",
            Self::Artefacts => "SELECT id, digest FROM artefact INDEXED BY artefact_by_digest",
        }
    }

    fn row(self) -> &'static str {
        match self {
            Self::Attestations => "SELECT id FROM attestation WHERE shelf = ?1 AND digest = ?2",
            Self::Artefacts => "SELECT id FROM artefact WHERE shelf = ?1 AND digest = ?2",
        }
    }

    fn newest_row(self) -> &'static str {
        match self {
            Self::Attestations => "SELECT max(id) FROM attestation",
            Self::Artefacts => "SELECT max(id) FROM artefact",
        }
    }

    /// The row of a digest, by asking every shelf, the newest first: a microsecond or two each.
    pub(super) fn find(self, connection: &Connection, digest: &Digest) -> rusqlite::Result<Option<i64>> {
        let newest = connection.prepare_cached(self.newest_row())?.query_row([], |row| row.get::<_, Option<i64>>(0))?;
        self.find_on(connection, digest, shelves_to(newest))
    }

    fn find_on(
        self,
        connection: &Connection,
        digest: &Digest,
        shelves: impl Iterator<Item = i64>,
    ) -> rusqlite::Result<Option<i64>> {
        let mut find = connection.prepare_cached(self.row())?;
        for shelf in shelves {
            if let Some(id) = find.query_row((shelf, digest.0), |row| row.get(0)).optional()? {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }
}

/// The shelves of a table up to its `newest` row, the newest first.
pub(super) fn shelves_to(newest: Option<i64>) -> impl Iterator<Item = i64> {
    (0..newest.map_or(0, |id| (id >> SHELF_SHIFT) + 1)).rev()
}

/// The writer's filters of one table.
#[derive(Debug)]
pub(super) struct Shelves {
    filed: Filed,
    filters: Vec<Box<[Block]>>,
}

impl Shelves {
    /// Reads what the store holds: a scan of the index alone.
    pub(super) fn load(connection: &Connection, filed: Filed) -> rusqlite::Result<Self> {
        let mut shelves = Self { filed, filters: Vec::new() };
        let mut query = connection.prepare(filed.every_row())?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            shelves.add(row.get(0)?, &word(row, 1)?);
        }
        Ok(shelves)
    }

    /// The row of a digest, by asking the shelves that may hold it.
    pub(super) fn find(&self, connection: &Connection, digest: &Digest) -> rusqlite::Result<Option<i64>> {
        let mut candidates = self.candidates(digest).peekable();
        if candidates.peek().is_none() {
            return Ok(None);
        }
        self.filed.find_on(connection, digest, candidates)
    }

    /// Notes that row `id` has this digest.
    pub(super) fn add(&mut self, id: i64, digest: &Digest) {
        let shelf = usize::try_from(id >> SHELF_SHIFT).unwrap_or(0);
        while self.filters.len() <= shelf {
            self.filters.push(vec![[0; BLOCK_WORDS]; BLOCKS_A_SHELF].into_boxed_slice());
        }
        let (block, mask) = slot(digest);
        for (word, mask) in self.filters[shelf][block].iter_mut().zip(mask) {
            *word |= mask;
        }
    }

    fn candidates(&self, digest: &Digest) -> impl Iterator<Item = i64> {
        let (block, mask) = slot(digest);
        self.filters.iter().enumerate().rev().filter_map(move |(shelf, filter)| {
            let holds = filter[block].iter().zip(mask).all(|(word, mask)| word & mask == mask);
            holds.then(|| i64::try_from(shelf).unwrap_or(i64::MAX))
        })
    }
}

/// A digest's block and its bits in it. A SHA-256 needs no further hashing: each part of it is as good as random.
fn slot(digest: &Digest) -> (usize, Block) {
    let number = |bytes: &[u8]| bytes.iter().fold(0u128, |number, byte| number << 8 | u128::from(*byte));
    let (head, tail) = digest.0.split_at(16);
    let block = number(head) % BLOCKS_A_SHELF as u128;
    let mut bits = number(tail);
    let mut mask = [0; BLOCK_WORDS];
    for _ in 0..PROBES {
        let bit = (bits % BLOCK_BITS) as usize;
        mask[bit / 64] |= 1 << (bit % 64);
        bits /= BLOCK_BITS;
    }
    (block as usize, mask)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_found_on_its_shelf_and_rarely_on_another() {
        let digest = |number: u32| Digest::of(&number.to_be_bytes());
        let mut shelves = Shelves { filed: Filed::Artefacts, filters: Vec::new() };
        for id in 0..3 << SHELF_SHIFT {
            shelves.add(i64::from(id), &digest(id));
        }
        for id in (0..3 << SHELF_SHIFT).step_by(1000) {
            let shelf = i64::from(id >> SHELF_SHIFT);
            assert!(shelves.candidates(&digest(id)).any(|candidate| candidate == shelf), "{id}");
        }
        let wrong: usize = (1 << 24..(1 << 24) + 10_000).map(|other| shelves.candidates(&digest(other)).count()).sum();
        assert!(wrong < 90, "{wrong} of 30 000 look-ups erred: at most 0.3 % may");
    }
}

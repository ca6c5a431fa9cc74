//! How much of what was refused is kept of each feed, and the count of what is not: a feed that brings millions of bad items
//! fills a bounded part of the disk, and what was there before them stays.

use super::{
    columns::{unsigned, word},
    quarantine::{self, RefusedArrival},
    stored::StoredArrival,
};
use crate::model::Instant;
use rusqlite::{Connection, named_params};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The most refused items that are kept of one feed.
pub(crate) const MAX_QUARANTINE_ITEMS: u64 = 10_000;
/// The most bytes that those may have together, with their sentences: 64 MiB.
pub(crate) const MAX_QUARANTINE_BYTES: u64 = 64 * 1024 * 1024;
/// How many settled items are removed at a time, the oldest first.
const GIVING_WAY: u32 = 1000;

/// What was refused of a feed for one reason and is only counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summarised {
    /// The feed that brought it.
    pub feed: Arc<str>,
    /// The code of the reason, as `bad-signature`.
    pub reason: Box<str>,
    /// How many items.
    pub items: u64,
    /// How many bytes they had together.
    pub byte_count: u64,
    /// Where the first came from.
    pub first_origin: Box<str>,
    /// Where the last came from.
    pub last_origin: Box<str>,
    /// When the first came.
    pub first_at: Instant,
    /// When the last came.
    pub last_at: Instant,
}

/// The room that is left in quarantine, for the feeds of one intake.
pub(super) struct Rooms {
    items_max: u64,
    bytes_max: u64,
    feeds: FxHashMap<Arc<str>, Room>,
}

#[derive(Clone, Copy, Default)]
struct Room {
    items: u64,
    bytes: u64,
    /// Whether nothing is left that can be removed.
    is_full: bool,
}

impl Default for Rooms {
    fn default() -> Self {
        Self { items_max: MAX_QUARANTINE_ITEMS, bytes_max: MAX_QUARANTINE_BYTES, feeds: FxHashMap::default() }
    }
}

impl Rooms {
    /// Keeps a refusal where there is room for it, and counts it otherwise.
    pub(super) fn keep(
        &mut self,
        connection: &Connection,
        refusal: &RefusedArrival,
        at: Instant,
    ) -> rusqlite::Result<StoredArrival> {
        if let Some(id) = quarantine::keep_known(connection, refusal, at)? {
            return Ok(StoredArrival::Quarantined { id });
        }
        if !self.take_room(connection, refusal)? {
            count(connection, refusal, at)?;
            return Ok(StoredArrival::Summarised);
        }
        Ok(StoredArrival::Quarantined { id: quarantine::keep(connection, refusal, at)? })
    }

    /// Takes room for the refusal; false where there is none.
    fn take_room(&mut self, connection: &Connection, refusal: &RefusedArrival) -> rusqlite::Result<bool> {
        let mut room = match self.feeds.get(&refusal.feed) {
            Some(room) => *room,
            None => room(connection, &refusal.feed)?,
        };
        let bytes = (refusal.bytes.len() + refusal.sentence.len()) as u64;
        let (items_max, bytes_max) = (self.items_max, self.bytes_max);
        let fits = |room: &Room| room.items < items_max && room.bytes + bytes <= bytes_max;
        while !fits(&room) && !room.is_full {
            let is_full = give_way(connection, &refusal.feed)? == 0;
            room = Room { is_full, ..self::room(connection, &refusal.feed)? };
        }
        let has_room = fits(&room);
        if has_room {
            room.items += 1;
            room.bytes += bytes;
        }
        self.feeds.insert(Arc::clone(&refusal.feed), room);
        Ok(has_room)
    }
}

fn room(connection: &Connection, feed: &str) -> rusqlite::Result<Room> {
    connection
        .prepare_cached(
            "SELECT count(*), coalesce(sum(length(bytes) + length(CAST(sentence AS BLOB))), 0) FROM quarantine \
             WHERE feed = ?1",
        )?
        .query_row([feed], |row| Ok(Room { items: unsigned(row, 0)?, bytes: unsigned(row, 1)?, is_full: false }))
}

/// Removes items that no longer wait; returns how many.
fn give_way(connection: &Connection, feed: &str) -> rusqlite::Result<usize> {
    connection
        .prepare_cached(
            "DELETE FROM quarantine WHERE id IN \
             (SELECT id FROM quarantine WHERE feed = ?1 AND state <> 'waiting' ORDER BY id LIMIT ?2)",
        )?
        .execute((feed, GIVING_WAY))
}

fn count(connection: &Connection, refusal: &RefusedArrival, at: Instant) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO quarantine_summary \
             (feed, reason, items, byte_count, first_origin, last_origin, first_at, last_at) \
             VALUES (:feed, :reason, 1, :byte_count, :origin, :origin, :at, :at) \
             ON CONFLICT (feed, reason) DO UPDATE SET items = items + 1, byte_count = byte_count + :byte_count, \
             last_origin = :origin, last_at = :at",
        )?
        .execute(named_params! {
            ":feed": refusal.feed,
            ":reason": refusal.reason,
            ":byte_count": refusal.byte_count.cast_signed(),
            ":origin": refusal.origin,
            ":at": at.unix_seconds(),
        })
        .map(drop)
}

/// Everything that is only counted, by feed and reason.
pub(super) fn summarised(connection: &Connection) -> rusqlite::Result<Vec<Summarised>> {
    connection
        .prepare_cached("SELECT * FROM quarantine_summary ORDER BY feed, reason")?
        .query_map([], |row| {
            Ok(Summarised {
                feed: row.get("feed")?,
                reason: row.get("reason")?,
                items: unsigned(row, "items")?,
                byte_count: unsigned(row, "byte_count")?,
                first_origin: row.get("first_origin")?,
                last_origin: row.get("last_origin")?,
                first_at: word(row, "first_at")?,
                last_at: word(row, "last_at")?,
            })
        })?
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(feed: &str, nth: u32) -> RefusedArrival {
        let bytes: Arc<[u8]> = format!("{nth:04}").into_bytes().into();
        RefusedArrival::whole(feed.into(), format!("log:byte {nth}").into(), "malformed", "mend it", bytes)
    }

    #[test]
    fn a_feed_fills_its_own_room_and_no_more() {
        let connection = Connection::open_in_memory().expect("opened");
        super::super::schema::migrate(&connection, "memory".as_ref()).expect("migrated");
        let at = Instant::from_unix_seconds;
        let mut rooms = Rooms { items_max: 3, ..Rooms::default() };
        let keep = |rooms: &mut Rooms, feed: &str, nth: u32| {
            rooms.keep(&connection, &refusal(feed, nth), at(nth.into())).expect("kept") != StoredArrival::Summarised
        };
        let kept: Vec<bool> = (1..=6).map(|nth| keep(&mut rooms, "flood", nth)).collect();
        assert_eq!(kept, [true, true, true, false, false, false], "what came first stays");
        assert!(keep(&mut rooms, "flood", 2), "what is known takes no room");
        assert!(keep(&mut rooms, "other", 1));
        let told = summarised(&connection).expect("read");
        let want = Summarised {
            feed: "flood".into(),
            reason: "malformed".into(),
            items: 3,
            byte_count: 12,
            first_origin: "log:byte 4".into(),
            last_origin: "log:byte 6".into(),
            first_at: at(4),
            last_at: at(6),
        };
        assert_eq!(told, [want]);

        // What no longer waits is removed at the next intake.
        connection
            .execute("UPDATE quarantine SET state = 'superseded' WHERE feed = 'flood' AND id = 1", ())
            .expect("set");
        let mut rooms = Rooms { items_max: 3, ..Rooms::default() };
        assert!(keep(&mut rooms, "flood", 7));
        assert!(!keep(&mut rooms, "flood", 8));

        // Four bytes of an item and seven of its sentence.
        let mut rooms = Rooms { bytes_max: 21, ..Rooms::default() };
        assert!(keep(&mut rooms, "long", 1));
        assert!(!keep(&mut rooms, "long", 2), "one byte is missing");
        let mut rooms = Rooms { bytes_max: 22, ..Rooms::default() };
        assert!(keep(&mut rooms, "long", 2));
    }

    /// The next intake finds what the one before has counted.
    #[test]
    fn room_is_counted_in_bytes_wherever_it_is_counted() {
        let connection = Connection::open_in_memory().expect("opened");
        super::super::schema::migrate(&connection, "memory".as_ref()).expect("migrated");
        let sentence = "größer als erlaubt: kürzen";
        let refusal = |nth: u32| RefusedArrival { sentence: sentence.into(), ..refusal("wide", nth) };
        let mut rooms = Rooms::default();
        for nth in 1..=3 {
            rooms.keep(&connection, &refusal(nth), Instant::from_unix_seconds(0)).expect("kept");
        }
        let counted = rooms.feeds["wide"];
        let found = room(&connection, "wide").expect("read");
        assert_eq!((found.items, found.bytes), (counted.items, counted.bytes));
        assert_eq!(found.bytes, 3 * (4 + sentence.len() as u64));
    }

    /// A number that an operator has seen in a list never names another item.
    #[test]
    fn a_number_is_never_given_again() {
        let connection = Connection::open_in_memory().expect("opened");
        super::super::schema::migrate(&connection, "memory".as_ref()).expect("migrated");
        let mut rooms = Rooms { items_max: 2, ..Rooms::default() };
        let mut last = 0;
        for nth in 1..=9 {
            let kept = rooms.keep(&connection, &refusal("flood", nth), Instant::from_unix_seconds(0)).expect("kept");
            let StoredArrival::Quarantined { id } = kept else { panic!("{kept:?}") };
            assert!(id > last, "{id} after {last}");
            last = id;
            // None of them waits any more, so they are removed for the next.
            connection.execute("UPDATE quarantine SET state = 'superseded'", ()).expect("set");
            rooms = Rooms { items_max: 1, ..Rooms::default() };
        }
    }
}

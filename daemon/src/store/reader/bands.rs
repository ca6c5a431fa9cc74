//! How many suppliers have which band.

use crate::store::columns::unsigned;
use rusqlite::Connection;

/// How many organisations have a score, by band.
pub(super) fn by_band(connection: &Connection) -> rusqlite::Result<Vec<(String, u64)>> {
    connection
        .prepare_cached("SELECT band, count(*) FROM main.standing WHERE withdrawn = 0 GROUP BY band ORDER BY band")?
        .query_map([], |row| Ok((row.get(0)?, unsigned(row, 1)?)))?
        .collect()
}

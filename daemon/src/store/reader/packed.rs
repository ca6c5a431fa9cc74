//! Reads packed rows: a row with its bases, in one query.

use crate::store::pack::{self, MAX_DEPTH};
use rusqlite::Row;

/// What a query selects of the bases of rows of `table`: their `column`, and the number of a base that is missing.
pub(super) fn told_from(table: &str, column: &str) -> String {
    let bytes: String = (1..=MAX_DEPTH).map(|depth| format!("told_{depth}.{column} AS told_{depth}, ")).collect();
    let ends = (1..=MAX_DEPTH)
        .map(|depth| format!("WHEN told_{depth}.id IS NULL THEN {}.base_id ", above(table, depth)))
        .collect::<String>();
    format!("{bytes}CASE {ends}ELSE told_{MAX_DEPTH}.base_id END AS missing")
}

/// The joins that [`told_from`] needs: one for each possible base.
pub(super) fn bases(table: &str) -> String {
    let join = |depth| {
        let above = above(table, depth);
        format!(" LEFT JOIN {table} AS told_{depth} ON told_{depth}.id = {above}.base_id")
    };
    (1..=MAX_DEPTH).map(join).collect()
}

/// The row whose base is at this depth.
fn above(table: &str, depth: usize) -> String {
    if depth == 1 { table.to_owned() } else { format!("told_{}", depth - 1) }
}

/// Unpacks the bytes that a row of such a query holds as `packed`.
pub(super) fn unpacked(row: &Row<'_>, packed: &[u8]) -> rusqlite::Result<Vec<u8>> {
    // With another base the bytes would be wrong.
    if let Some(missing) = row.get::<_, Option<i64>>("missing")? {
        return Err(pack::damaged(&format!("row {missing}, which they are told from, is not there")));
    }
    let mut chain = vec![packed];
    for depth in 1..=MAX_DEPTH {
        chain.extend(row.get_ref(&*format!("told_{depth}"))?.as_bytes_or_null()?);
    }
    Ok(pack::unpack_chain(&chain)?.swap_remove(0))
}

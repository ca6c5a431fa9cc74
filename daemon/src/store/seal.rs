//! A checksum in every row, over all that the row says: written by a trigger of its table, so that no statement can forget
//! it, and checked by a view.
//!
//! On a connection that reads, the view replaces its table, and a statement skips the check only where it names `main.` on
//! purpose: to count rows or to find the newest, where a damaged one counts as well. The writer reads whatever it goes on to
//! use, the bases of scores and the known signers, through views whose names begin with [`CHECKED`]. Its other reads are of
//! the tables themselves, since checking a row costs more than they do, and damage there is reported when anybody reads or
//! changes the row: whether anything waits in quarantine, how full it is and which settled items are removed
//! (`quarantine.rs`, `room.rs`), and where a digest is filed (`shelves.rs`), which the index alone answers.
//!
//! Which columns a table has is asked of the schema: a migration that adds one has its rows sealed anew. A checksum reveals
//! damage and careless changes. Whoever can write the file can also write a checksum; what they cannot write is a signature,
//! and `tierwatch check --deep` verifies those again.

use super::columns::unsigned;
use rusqlite::{
    Connection,
    functions::{Context, FunctionFlags},
    types::ValueRef,
};
use sha2::{Digest as _, Sha256};

/// The column of every table that holds it.
const COLUMN: &str = "checksum";
/// The beginning of the error for a row that is not as it was written.
pub(super) const NOT_AS_WRITTEN: &str = "not as it was written: ";
/// The prefix of a writer's views; the table's name follows.
pub(super) const CHECKED: &str = "checked_";

/// A table with what its checksum is over.
struct Table {
    name: String,
    /// The columns of the primary key.
    key: Vec<String>,
    /// Everything that a row holds, in the table's order, but the checksum.
    columns: Vec<String>,
    /// Every column that can be selected.
    visible: Vec<String>,
}

/// Adds the functions `seal` and `intact` to a connection. The triggers call the first, so that a program that does not
/// have it cannot change a row unseen.
pub(super) fn install(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("seal", -1, flags, |row| Ok(checksum(row, 0)))?;
    connection.create_scalar_function("intact", -1, flags, |row| {
        if row.get::<Option<i64>>(0)? == Some(checksum(row, 1)) { Ok(true) } else { Err(not_as_written(row)) }
    })
}

/// The checksum over the arguments from the `first` on, which are the table's name and a row's values: each with its type and
/// length, so that different rows give different bytes.
fn checksum(arguments: &Context<'_>, first: usize) -> i64 {
    let mut hash = Sha256::new();
    for index in first..arguments.len() {
        let mut add = |kind: u8, bytes: &[u8]| {
            hash.update([kind]);
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        match arguments.get_raw(index) {
            ValueRef::Null => add(0, &[]),
            ValueRef::Integer(number) => add(1, &number.to_be_bytes()),
            ValueRef::Real(number) => add(2, &number.to_bits().to_be_bytes()),
            ValueRef::Text(text) => add(3, text),
            ValueRef::Blob(bytes) => add(4, bytes),
        }
    }
    hash.finalize().iter().take(8).fold(0, |number, byte| number << 8 | i64::from(*byte))
}

fn not_as_written(row: &Context<'_>) -> rusqlite::Error {
    let shown = |index| match row.get_raw(index) {
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        _ => "?".to_owned(),
    };
    let why = format!("{NOT_AS_WRITTEN}row {} of {}", shown(2), shown(1));
    rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ERROR), Some(why))
}

/// Puts a view of sound rows before every table, named after it with `prefix`: it fails at a row that is not as it was
/// written. Without a prefix it replaces the table, for a connection that only reads.
pub(super) fn guard(connection: &Connection, prefix: &str) -> rusqlite::Result<()> {
    let views: String = tables(connection)?
        .iter()
        .map(|table| {
            let (name, visible) = (&table.name, table.visible.join(", "));
            let same: Vec<String> =
                table.key.iter().map(|column| format!("checked.{column} = {name}.{column}")).collect();
            let (same, values) = (same.join(" AND "), table.values("checked."));
            // The check selects the row itself: inside the query, a condition on a column would be taken for the column's value.
            format!(
                "CREATE TEMP VIEW {prefix}{name} AS SELECT {visible} FROM main.{name} WHERE \
                 (SELECT intact(checked.{COLUMN}, '{name}', {values}) FROM main.{name} AS checked WHERE {same});"
            )
        })
        .collect();
    connection.execute_batch(&views)
}

/// Creates the triggers that the schema asks for. If they differ and the schema has just been changed, rows are sealed as they
/// are, since a migration has found them sound before. Otherwise only triggers that somebody removed are restored.
pub(super) fn apply(connection: &Connection, is_changed: bool) -> rusqlite::Result<()> {
    for table in tables(connection)? {
        let wanted = [table.insert_trigger(), table.update_trigger()];
        let is_there = |sql: &String| {
            let mut there = connection.prepare_cached("SELECT 1 FROM main.sqlite_schema WHERE sql = ?1")?;
            there.exists([sql])
        };
        if wanted.iter().map(is_there).collect::<rusqlite::Result<Vec<_>>>()? == [true, true] {
            continue;
        }
        let (name, values) = (&table.name, table.values(""));
        let drop = format!("DROP TRIGGER IF EXISTS {name}_is_sealed; DROP TRIGGER IF EXISTS {name}_is_sealed_again;");
        connection.execute_batch(&drop)?;
        if is_changed {
            connection.execute(&format!("UPDATE {name} SET {COLUMN} = seal('{name}', {values})"), [])?;
        }
        connection.execute_batch(&wanted.join(";"))?;
    }
    Ok(())
}

/// Rows of a table that are not as they were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    /// The name of the table.
    pub table: String,
    /// How many of its rows are damaged.
    pub rows: u64,
    /// The key of the first of them.
    pub first: String,
}

/// The rows that are not as they were written, for each table that has any.
pub(super) fn broken(connection: &Connection) -> rusqlite::Result<Vec<Broken>> {
    let mut found = Vec::new();
    for table in tables(connection)? {
        let (name, key) = (&table.name, table.key.join(" || ' ' || "));
        let sql = format!(
            "SELECT count(*), CAST(min({key}) AS TEXT) FROM main.{name} WHERE {COLUMN} IS NOT seal('{name}', {})",
            table.values("")
        );
        let (rows, first) = connection.query_row(&sql, [], |row| {
            let first = row.get_ref(1)?.as_bytes_or_null()?.unwrap_or_default();
            Ok((unsigned(row, 0)?, String::from_utf8_lossy(first).into_owned()))
        })?;
        if rows > 0 {
            found.push(Broken { table: table.name, rows, first });
        }
    }
    Ok(found)
}

/// Every table that has the column.
fn tables(connection: &Connection) -> rusqlite::Result<Vec<Table>> {
    let mut names = connection.prepare(
        "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )?;
    let names: Vec<String> = names.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut tables = Vec::with_capacity(names.len());
    for name in names {
        let mut columns =
            connection.prepare("SELECT name, hidden, pk FROM pragma_table_xinfo(?1, 'main') ORDER BY cid")?;
        let columns: Vec<(String, i64, i64)> = columns
            .query_map([&name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<rusqlite::Result<_>>()?;
        if !columns.iter().any(|(column, ..)| column == COLUMN) {
            continue;
        }
        // Generated columns hold nothing of their own.
        let stored = columns.iter().filter(|(column, hidden, _)| *hidden == 0 && column != COLUMN);
        tables.push(Table {
            name,
            key: columns.iter().filter(|(_, _, key)| *key > 0).map(|(column, ..)| column.clone()).collect(),
            columns: stored.map(|(column, ..)| column.clone()).collect(),
            visible: columns.iter().map(|(column, ..)| column.clone()).collect(),
        });
    }
    Ok(tables)
}

impl Table {
    fn values(&self, of: &str) -> String {
        self.columns.iter().map(|column| format!("{of}{column}")).collect::<Vec<_>>().join(", ")
    }

    fn set(&self) -> String {
        let row: Vec<String> = self.key.iter().map(|column| format!("{column} = NEW.{column}")).collect();
        let (name, values) = (&self.name, self.values("NEW."));
        format!("UPDATE {name} SET {COLUMN} = seal('{name}', {values}) WHERE {};", row.join(" AND "))
    }

    fn insert_trigger(&self) -> String {
        let name = &self.name;
        format!("CREATE TRIGGER {name}_is_sealed AFTER INSERT ON {name} BEGIN {} END", self.set())
    }

    /// Seals a changed row only if it was sound before: damage is not sealed again.
    fn update_trigger(&self) -> String {
        let (name, values) = (&self.name, self.values("OLD."));
        format!(
            "CREATE TRIGGER {name}_is_sealed_again AFTER UPDATE ON {name} WHEN OLD.{COLUMN} IS NEW.{COLUMN} \
             BEGIN SELECT intact(OLD.{COLUMN}, '{name}', {values}); {} END",
            self.set()
        )
    }
}

//! How the model's words lie in columns: digests as their 32 bytes, instants as UTC seconds, names as text.

use crate::{
    by_name,
    model::{Digest, Instant, Organisation},
};
use rusqlite::{
    Row, RowIndex,
    types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef},
};
use std::sync::Arc;

/// One of the model's words, read from where it lies.
pub(super) struct Sql<T>(T);

impl FromSql for Sql<Digest> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        <[u8; 32]>::column_result(value).map(|bytes| Self(Digest(bytes)))
    }
}

impl FromSql for Sql<Instant> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(|seconds| Self(Instant::from_unix_seconds(seconds)))
    }
}

impl FromSql for Sql<Organisation> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str().map(|name| Self(Organisation::checked_before(name)))
    }
}

/// What `column` holds, as one of the model's words.
pub(super) fn word<T>(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<T>
where
    Sql<T>: FromSql,
{
    row.get::<_, Sql<T>>(column).map(|Sql(word)| word)
}

/// The same for a column that may be NULL.
pub(super) fn word_if_any<T>(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<Option<T>>
where
    Sql<T>: FromSql,
{
    Ok(row.get::<_, Option<Sql<T>>>(column)?.map(|Sql(word)| word))
}

/// The keys whose signatures were verified: a JSON array of strings in a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SignersColumn(pub(super) Vec<Arc<str>>);

impl SignersColumn {
    /// The text that is stored in the column.
    pub(super) fn text(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_else(|error| unreachable!("a list of texts is JSON: {error}"))
    }
}

impl ToSql for SignersColumn {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.text().into())
    }
}

impl FromSql for SignersColumn {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        by_name::json(value.as_str()?).map(Self).map_err(FromSqlError::other)
    }
}

/// A number that is never negative. SQLite has signed integers only: one above 2^63, as an inode may be, wraps and
/// comes back whole.
pub(super) fn unsigned(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<u64> {
    row.get(column).map(i64::cast_unsigned)
}

pub(super) fn text(bytes: Vec<u8>) -> rusqlite::Result<String> {
    String::from_utf8(bytes).map_err(|error| rusqlite::Error::Utf8Error(0, error.utf8_error()))
}

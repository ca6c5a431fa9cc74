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

impl ToSql for Digest {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(&self.0)))
    }
}

impl FromSql for Digest {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        <[u8; 32]>::column_result(value).map(Self)
    }
}

impl ToSql for Instant {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.unix_seconds().into())
    }
}

impl FromSql for Instant {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Self::from_unix_seconds)
    }
}

impl ToSql for Organisation {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for Organisation {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str().map(Self::checked_before)
    }
}

/// The keys whose signatures were verified: a JSON array of strings in a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Signers(pub(super) Vec<Arc<str>>);

impl Signers {
    /// As they lie in their column.
    pub(super) fn text(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_else(|error| unreachable!("a list of texts is JSON: {error}"))
    }
}

impl ToSql for Signers {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.text().into())
    }
}

impl FromSql for Signers {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        by_name::json(value.as_str()?).map(Self).map_err(FromSqlError::other)
    }
}

/// A number that is never negative. SQLite has signed integers only: one above 2^63, as an inode may be, wraps and
/// comes back whole.
pub(super) fn unsigned(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<u64> {
    row.get(column).map(i64::cast_unsigned)
}

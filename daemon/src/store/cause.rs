//! Why a score was withdrawn.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

/// Why an organisation has no score any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithdrawalCause {
    /// It was found to be another one.
    Merged,
    /// No key or grant admits the evidence that it was known by any more.
    NotAdmitted,
    /// All that was said of it was revoked, replaced or has ended.
    NothingInForce,
}

impl WithdrawalCause {
    /// Every cause.
    pub(crate) const ALL: [Self; 3] = [Self::Merged, Self::NotAdmitted, Self::NothingInForce];

    /// The word for it in the store and in the log.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Merged => "merged",
            Self::NotAdmitted => "not-admitted",
            Self::NothingInForce => "nothing-in-force",
        }
    }

    /// The cause as a sentence for people.
    #[must_use]
    pub(crate) fn sentence(self) -> &'static str {
        match self {
            Self::Merged => "it was found to be another organisation",
            Self::NotAdmitted => "no key or grant of today admits what it was known by",
            Self::NothingInForce => "all that was said of it was revoked, replaced or has ended",
        }
    }
}

impl ToSql for WithdrawalCause {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for WithdrawalCause {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let word = value.as_str()?;
        Self::ALL.into_iter().find(|cause| cause.as_str() == word).ok_or(FromSqlError::InvalidType)
    }
}

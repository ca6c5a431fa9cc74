//! Exposures: the current ones and their history. They are appended when they change, in the transaction
//! of the scores behind them.

use super::{
    Reader, StoreError,
    columns::{text, word},
    pack::{self, Packed},
};
use crate::model::{Exposure, Instant, Method, Organisation};
use rusqlite::{Connection, OptionalExtension as _, Row};

/// An exposure with when it became known.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StoredExposure {
    /// When it was recorded.
    pub known_at: Instant,
    /// The exposure itself.
    pub exposure: Exposure,
}

/// Appends the exposures that differ from the current ones.
pub(super) fn record(
    connection: &Connection,
    organisation: &Organisation,
    exposure: &Exposure,
    known_at: Instant,
) -> rusqlite::Result<()> {
    let standing: Option<(i64, StoredExposure)> = connection
        .prepare_cached(
            "SELECT exposure.* FROM checked_exposure_standing AS standing JOIN checked_exposure AS exposure \
             ON exposure.id = exposure_id WHERE standing.organisation = ?1",
        )?
        .query_row([organisation.as_str()], |row| Ok((row.get("id")?, read(row)?)))
        .optional()?;
    if standing.as_ref().is_some_and(|(_, standing)| standing.exposure == *exposure) {
        return Ok(());
    }
    let (scenarios, because) = match &exposure.method {
        Method::Exact => (None, None),
        Method::MonteCarlo { scenarios, not_exact_because } => {
            (Some(*scenarios), Some(Packed::beside(not_exact_because.as_bytes(), &[])))
        }
    };
    let id = connection
        .prepare_cached(
            "INSERT INTO exposure (organisation, previous_id, known_at, horizon_days, probability, low, high, scenarios, \
             not_exact_because) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .insert((
            organisation.as_str(),
            standing.map(|(id, _)| id),
            known_at.unix_seconds(),
            exposure.horizon_days,
            exposure.probability,
            exposure.low,
            exposure.high,
            scenarios,
            because,
        ))?;
    connection
        .prepare_cached("INSERT OR REPLACE INTO exposure_standing (organisation, exposure_id) VALUES (?1, ?2)")?
        .execute((organisation.as_str(), id))?;
    Ok(())
}

/// Ends the exposure of an organisation; it stays in the history.
pub(super) fn end(connection: &Connection, organisation: &Organisation) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM exposure_standing WHERE organisation = ?1")?
        .execute([organisation.as_str()])?;
    Ok(())
}

impl Reader {
    /// Hands every current exposure to `each`, by organisation.
    ///
    /// # Errors
    /// The first that `each` gives, or what the disk says.
    pub(crate) fn for_each_exposure<E: From<StoreError>>(
        &self,
        mut each: impl FnMut(Organisation, Exposure) -> Result<(), E>,
    ) -> Result<(), E> {
        let all = self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT exposure.* FROM exposure_standing LEFT JOIN exposure ON id = exposure_id \
                     ORDER BY exposure_standing.organisation",
                )?
                .query_map([], |row| Ok((word(row, "organisation")?, read(row)?.exposure)))?
                .collect::<rusqlite::Result<Vec<(Organisation, Exposure)>>>()
        })?;
        all.into_iter().try_for_each(|(organisation, exposure)| each(organisation, exposure))
    }

    /// The exposures of an organisation or programme, the newest first, at most `limit`; empty when there is no current one.
    ///
    /// # Errors
    /// What the disk says.
    pub(crate) fn exposures_of(
        &self,
        organisation: &Organisation,
        limit: usize,
    ) -> Result<Vec<StoredExposure>, StoreError> {
        self.read(|connection| {
            let mut next: Option<i64> = connection
                .prepare_cached("SELECT exposure_id FROM exposure_standing WHERE organisation = ?1")?
                .query_row([organisation.as_str()], |row| row.get(0))
                .optional()?;
            let mut one = connection.prepare_cached("SELECT * FROM exposure WHERE id = ?1")?;
            let mut found = Vec::new();
            while let Some(id) = next
                && found.len() < limit
                && let Some((previous, exposure)) =
                    one.query_row([id], |row| Ok((row.get("previous_id")?, read(row)?))).optional()?
            {
                next = previous;
                found.push(exposure);
            }
            Ok(found)
        })
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredExposure> {
    let method = match row.get::<_, Option<u32>>("scenarios")? {
        None => Method::Exact,
        Some(scenarios) => {
            let because = pack::unpack(row.get_ref("not_exact_because")?.as_bytes()?, &[])?;
            Method::MonteCarlo { scenarios, not_exact_because: text(because)? }
        }
    };
    let exposure = Exposure {
        horizon_days: row.get("horizon_days")?,
        probability: row.get("probability")?,
        low: row.get("low")?,
        high: row.get("high")?,
        method,
    };
    Ok(StoredExposure { known_at: word(row, "known_at")?, exposure })
}

//! What new claims of a built-in kind must be beyond each field by itself: their fields can all be true, they speak of their
//! subject, and what they tell has happened. Stored claims may be from before this was asked, so reading them asks nothing.

use crate::model::{
    Claims, Date, Instant, Organisation,
    claims::{FacilityClearance, FacilityStatus, Incident, NetworkClaims, SupplySource},
};

/// A pole, in millionths of a degree.
const MAX_LATITUDE_MICRODEGREES: i32 = 90_000_000;

/// Most days by which something may seem to come too early or too late: a day is its issuer's, an instant is kept in UTC.
const MAX_APART_DAYS: i64 = 1;

/// Whether the numbers are within the limits that the kind's JSON Schema has and that are not asked of stored claims.
pub(super) fn is_within_limits(claims: &Claims) -> bool {
    let Claims::Site(site) = claims else { return true };
    site.latitude.is_none_or(|latitude| latitude.abs() <= MAX_LATITUDE_MICRODEGREES)
}

/// Checks that claims are about their subject and that their fields can all be true at once.
///
/// # Errors
/// A sentence that ends with the fix.
pub(super) fn agreement(subject: &Organisation, claims: &Claims) -> Result<(), &'static str> {
    if let Some(claims) = claims.network() {
        speaks_of(subject, claims)?;
    }
    match claims {
        Claims::ClearancePersonnel(counts)
            if counts.iter().any(|count| count.review_due_on.is_none() && count.granted_on.is_none()) =>
        {
            Err("a count has neither `review_due_on` nor `granted_on`: write one of them in every count")
        }
        Claims::ClearanceFacility(facility) if ends_before_it_begins(facility) => {
            Err("`sponsor_until` is before `since`: write the later sponsorship, or when the clearance began")
        }
        Claims::Screening(screening)
            if screening.from.zip(screening.until).is_some_and(|(from, until)| until < from) =>
        {
            Err("`until` is before `from`: write the last day as `until` and the first as `from`")
        }
        Claims::Incident(incident) => in_order(incident),
        Claims::Site(site) if site.latitude.is_some() != site.longitude.is_some() => {
            Err("a place has `latitude` and `longitude`: write both, or neither")
        }
        _ => Ok(()),
    }
}

/// A sponsorship may end before a clearance is taken away, and never before it is given.
fn ends_before_it_begins(facility: &FacilityClearance) -> bool {
    let is_there =
        !matches!(facility.status, FacilityStatus::None | FacilityStatus::Suspended | FacilityStatus::Withdrawn);
    is_there && facility.since.zip(facility.sponsor_until).is_some_and(|(since, until)| until < since)
}

fn in_order(incident: &Incident) -> Result<(), &'static str> {
    let first_day = incident.opened_at.plus_days(-MAX_APART_DAYS).date();
    if incident.closed_on.is_some_and(|closed_on| closed_on < first_day) {
        return Err(
            "`closed_on` is before `opened_on`: write the last day as `closed_on` and the first as `opened_on`",
        );
    }
    if incident.reported_at.date() < first_day {
        return Err(
            "`reported_at` is before `opened_on`: write when it was reported, and when it began as `opened_on`",
        );
    }
    Ok(())
}

/// Claims that name the parties of an edge must be about one of them: otherwise a key that may speak about one
/// organisation could draw edges between any others. Nobody is on both ends of one.
fn speaks_of(subject: &Organisation, claims: NetworkClaims<'_>) -> Result<(), &'static str> {
    match claims {
        NetworkClaims::Need(need) if need.buyer != *subject => {
            Err("`buyer` must be the subject itself: write the subject there, or attest it about the buyer")
        }
        NetworkClaims::Source(source) => is_supply_of(subject, source),
        NetworkClaims::Requirement(requirement) if subject.is_programme() && requirement.programme != *subject => {
            Err("`programme` must be the subject itself when the subject is a programme: write the subject there")
        }
        NetworkClaims::Requirement(requirement) if !requirement.programme.is_programme() => {
            Err("`programme` names an organisation: write PROGRAMME:ID")
        }
        NetworkClaims::Profile(profile) if profile.parent.as_ref() == Some(subject) => {
            Err("`parent` is the subject itself: write who controls it, or leave `parent` out")
        }
        NetworkClaims::Holding(holding) if holding.organisation().as_ref() == Some(subject) => {
            Err("`owner` is the subject itself: write who else holds a part of it")
        }
        NetworkClaims::Need(_)
        | NetworkClaims::Requirement(_)
        | NetworkClaims::Profile(_)
        | NetworkClaims::Capability(_)
        | NetworkClaims::EndOfLife(_)
        | NetworkClaims::Site(_)
        | NetworkClaims::Recovery(_)
        | NetworkClaims::Holding(_) => Ok(()),
    }
}

fn is_supply_of(subject: &Organisation, source: &SupplySource) -> Result<(), &'static str> {
    if source.buyer == source.supplier {
        return Err("`supplier` and `buyer` are the same: write who supplies whom");
    }
    if source.buyer != *subject && source.supplier != *subject {
        return Err("`buyer` or `supplier` must be the subject itself: write the subject as one of them");
    }
    Ok(())
}

/// Checks that nothing which the claims tell as done lies later than `issued_at`, a day's difference aside.
///
/// # Errors
/// A sentence that ends with the fix.
pub(super) fn about_the_past(claims: &Claims, issued_at: Instant) -> Result<(), String> {
    let last_day = issued_at.plus_days(MAX_APART_DAYS).date();
    match done(claims).into_iter().find(|(_, day)| *day > last_day) {
        Some((field, day)) => Err(format!(
            "`{field}` is {day}, and they were issued on {}: write the day on which it was done, or issue them once it is",
            issued_at.date()
        )),
        None => Ok(()),
    }
}

/// The days of what has been done by the time it is told, with their fields.
fn done(claims: &Claims) -> Vec<(String, Date)> {
    let fields = |days: &[(&str, Option<Date>)]| -> Vec<(String, Date)> {
        days.iter().filter_map(|(field, day)| Some(((*field).to_owned(), (*day)?))).collect()
    };
    match claims {
        Claims::CyberDcc(dcc) => fields(&[("attested_on", Some(dcc.attested_on))]),
        Claims::CyberSprs(sprs) => fields(&[("assessed_on", Some(sprs.assessed_on))]),
        Claims::CyberCmmc(cmmc) => fields(&[("status_on", Some(cmmc.status_on)), ("affirmed_on", cmmc.affirmed_on)]),
        Claims::ContinuityRecovery(recovery) => fields(&[("tested_on", recovery.tested_on)]),
        Claims::Incident(incident) => fields(&[
            ("opened_on", Some(incident.opened_at.date())),
            ("closed_on", incident.closed_on),
            ("reported_at", Some(incident.reported_at.date())),
        ]),
        Claims::ClearancePersonnel(counts) => {
            let granted = |(number, day): (usize, Option<Date>)| Some((format!("[{number}].granted_on"), day?));
            counts.iter().map(|count| count.granted_on).enumerate().filter_map(granted).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;

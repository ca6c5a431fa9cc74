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
    match claims {
        Claims::Site(site) => site.latitude.is_none_or(|latitude| latitude.abs() <= MAX_LATITUDE_MICRODEGREES),
        Claims::CyberSprs(sprs) => sprs.is_possible(),
        _ => true,
    }
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
mod tests {
    use super::*;
    use crate::{
        Refusal,
        kinds::Kinds,
        model::{Identifiers, Kind},
    };
    use serde_json::{Value, json};

    const SUBJECT: &str = "GB-COH:09506232";

    fn read(kind: &str, claims: &Value) -> Result<Claims, String> {
        let subject = Organisation::checked_before(SUBJECT);
        let read =
            Kinds::default().read_claims(&Identifiers::default(), &subject, &Kind::named(kind), &claims.to_string());
        read.map_err(|error| {
            let (shown, refused) = (error.to_string(), Refusal::from(error).to_string());
            assert!(refused.matches("correct").count() <= 1, "{refused}");
            assert_eq!(shown, refused, "it is short enough to be shown whole");
            refused
        })
    }

    #[test]
    fn fields_that_cannot_all_be_true_are_refused() {
        let facility = |status: &str| json!({"nation": "GB", "level": "secret", "status": status, "since": "2026-05-02", "sponsor_until": "2026-05-01"});
        let incident = |closed: &str, reported: &str| json!({"severity": 1, "opened_on": "2026-05-02T09:00:00Z", "closed_on": closed, "reported_at": reported});
        let site = |latitude: f64, longitude: f64| json!({"region": "Derby", "share_bp": 1, "latitude": latitude, "longitude": longitude});
        let sprs = |score: i32| json!({"score": score, "assessed_on": "2026-01-01", "ssp": true});
        let alone = json!({"region": "R", "share_bp": 1, "latitude": 52.9});
        let measure = json!({"list": "1260H", "outcome": "match", "from": "2026-07-01", "until": "2026-06-30"});
        let count = json!([{"level": "GB:SC", "count": 1}]);
        let (north, east) = (
            "`latitude` cannot be -90.1: write a number, -90 to 90",
            "`longitude` cannot be -180.1: write a number, -180 to 180",
        );
        let both = format!("{north}; {east}");
        for (kind, claims, told) in [
            ("site", alone, "a place has `latitude` and `longitude`: write both, or neither"),
            ("site", site(-90.1, 0.0), north),
            ("site", site(0.0, -180.1), east),
            ("site", site(-90.1, -180.1), &both),
            ("cyber.sprs", sprs(111), "`score` cannot be 111: write a whole number, -203 to 110"),
            ("cyber.sprs", sprs(-204), "`score` cannot be -204: write a whole number, -203 to 110"),
            ("screening", measure, "`until` is before `from`: "),
            ("incident", incident("2026-04-30", "2026-05-02"), "`closed_on` is before `opened_on`: "),
            ("incident", incident("2026-05-03", "2026-04-30"), "`reported_at` is before `opened_on`: "),
            ("clearance.personnel", count, "neither `review_due_on` nor `granted_on`: "),
            ("clearance.facility", facility("full"), "`sponsor_until` is before `since`: "),
        ] {
            let refused = read(kind, &claims).expect_err(kind);
            assert!(refused.contains(told), "{kind}: {refused}");
        }
        for (kind, claims) in [
            ("site", site(-90.0, 180.0)),
            ("cyber.sprs", sprs(110)),
            ("cyber.sprs", sprs(-203)),
            ("clearance.facility", facility("withdrawn")),
            ("incident", incident("2026-05-01", "2026-05-01")),
            (
                "incident",
                json!({"severity": 1, "opened_on": "2026-05-01T22:00:00-05:00", "closed_on": "2026-05-01", "reported_at": "2026-05-01"}),
            ),
        ] {
            read(kind, &claims).unwrap_or_else(|refused| panic!("{claims}: {refused}"));
        }
    }

    #[test]
    fn nobody_supplies_owns_or_controls_itself() {
        let source = |supplier: &str, buyer: &str| json!({"supplier": supplier, "buyer": buyer, "item": "i", "share_bp": 1, "qualified": true});
        let holding = |owner: &str| json!({"owner": owner, "owner_country": "GB", "percent": 1});
        let profile = |parent: &str| json!({"name": "N", "country": "GB", "parent": parent});
        let need = json!({"buyer": "CAGE:AAAAA", "item": "i", "class": "minor"});
        let requirement = |programme: &str| json!({"programme": programme, "criticality": 1, "flow_tiers": 0});
        for (kind, claims, told) in [
            ("supply.source", source(SUBJECT, "gb-coh:9506232"), "`supplier` and `buyer` are the same: "),
            ("supply.source", source("CAGE:AAAAA", "CAGE:BBBBB"), "`buyer` or `supplier` must be the subject itself: "),
            ("supply.need", need, "`buyer` must be the subject itself: "),
            ("ownership.holding", holding("gb-coh:9506232"), "`owner` is the subject itself: "),
            ("entity.profile", profile("gb-coh:9506232"), "`parent` is the subject itself: "),
            ("programme.requirement", requirement(SUBJECT), "`programme` names an organisation: "),
            (
                "programme.requirement",
                requirement("KESTREL"),
                "`programme`: `KESTREL` names no programme: write PROGRAMME:KESTREL",
            ),
        ] {
            let refused = read(kind, &claims).expect_err(kind);
            assert!(refused.contains(told), "{kind}: {refused}");
        }
        for (kind, claims) in [
            ("supply.source", source(SUBJECT, "CAGE:BBBBB")),
            ("ownership.holding", holding("The founders")),
            ("entity.profile", profile("CAGE:BBBBB")),
            ("programme.requirement", requirement("PROGRAMME:K")),
        ] {
            read(kind, &claims).unwrap_or_else(|refused| panic!("{claims}: {refused}"));
        }
    }

    #[test]
    fn what_has_happened_is_not_after_the_issue() {
        let issued_at: Instant = "2026-05-10T09:00:00Z".parse().expect("an instant");
        let incident = |day: &str, reported: &str, closed: Option<&str>| json!({"severity": 1, "opened_on": day, "reported_at": reported, "closed_on": closed});
        for (kind, field, claims) in [
            ("cyber.dcc", "attested_on", json!({"level": 1, "attested_on": "DAY"})),
            ("cyber.sprs", "assessed_on", json!({"score": 1, "assessed_on": "DAY", "ssp": true})),
            ("cyber.cmmc", "status_on", json!({"level": 1, "status": "final", "status_on": "DAY"})),
            (
                "cyber.cmmc",
                "affirmed_on",
                json!({"level": 1, "status": "final", "status_on": "2026-01-01", "affirmed_on": "DAY"}),
            ),
            ("continuity.recovery", "tested_on", json!({"recover_days": 1, "tested_on": "DAY"})),
            ("clearance.personnel", "[0].granted_on", json!([{"level": "GB:SC", "count": 1, "granted_on": "DAY"}])),
            ("incident", "opened_on", incident("DAY", "DAY", None)),
            ("incident", "closed_on", incident("2026-05-01", "2026-05-01", Some("DAY"))),
            ("incident", "reported_at", incident("2026-05-01", "DAY", None)),
        ] {
            let on = |day: &str| {
                let claims: Value = serde_json::from_str(&claims.to_string().replace("DAY", day)).expect("JSON");
                Kinds::default().check_past(&read(kind, &claims).expect("claims"), issued_at)
            };
            assert_eq!(on("2026-05-11"), Ok(()), "{kind}");
            let refused = on("2026-05-12").expect_err(field).to_string();
            let told = format!("`{field}` is 2026-05-12, and they were issued on 2026-05-10: ");
            assert!(refused.contains(&told), "{refused}");
        }
        let plan = json!({"accepted": true, "due_on": "2099-01-01"});
        let plan = read("cyber.cip", &plan).expect("a plan is of what is to come");
        assert_eq!(Kinds::default().check_past(&plan, issued_at), Ok(()));
    }
}

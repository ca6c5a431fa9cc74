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
    let read = Kinds::default().read_claims(&Identifiers::default(), &subject, &Kind::named(kind), &claims.to_string());
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
        // An impossible score is for the rule to call invalid.
        ("cyber.sprs", sprs(111)),
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

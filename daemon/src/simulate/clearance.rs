//! Evidence of clearance: of the facility, and how many people hold which.

use super::{
    defects::Defect,
    firm::Firm,
    issuers::Office,
    planned::{PlannedAttestation, Signer},
    random::Stream,
    world::{World, programme},
};
use crate::model::{
    Claims, Date,
    claims::{ClearanceLevel, FacilityClearance, FacilityLevel, FacilityStatus, Nation, PersonnelCount},
};

/// How long a count of cleared people is taken to hold.
const PERSONNEL_MONTHS: i32 = 12;

const VETTING: Signer = Signer::Office(Office::Vetting);

/// The evidence about the clearance of `firm`; none where no programme asks for it.
pub(super) fn evidence(world: &World, firm: &Firm, signer: Signer, stream: &mut Stream) -> Vec<PlannedAttestation> {
    let asked = world.asked(firm);
    if asked.headcount == 0 {
        return Vec::new();
    }
    let defect = world.defect(firm.number);
    let status = match defect {
        Defect::ClearanceProvisional => FacilityStatus::Provisional,
        Defect::Withdrawn => FacilityStatus::Withdrawn,
        _ => FacilityStatus::Full,
    };
    let issuer = if defect == Defect::ClearanceSelfAsserted { signer } else { VETTING };
    let sponsor_until = match defect {
        Defect::SponsorEnded => world.days_ago(25),
        _ => world.days_ago(-i64::from(stream.between(200, 900))),
    };
    let since = world.days_ago(stream.between(320, 1500));
    let facility = facility(world, firm, status, since, sponsor_until);
    let mut facility =
        PlannedAttestation::new(issuer, &firm.organisation, world.days_ago(stream.between(20, 300)), facility);
    facility.valid_from = since.start();
    vec![facility, people(world, firm, defect, asked.headcount, stream)]
}

/// A full clearance from today and enough cleared people: what mends a withdrawn one.
pub(super) fn restoration(world: &World, firm: &Firm) -> Vec<PlannedAttestation> {
    let asked = world.asked(firm);
    let due = world.days_ago(-1500);
    let facility = facility(world, firm, FacilityStatus::Full, world.today, world.days_ago(-700));
    let counts = vec![PersonnelCount {
        level: ClearanceLevel::GbSc,
        count: asked.headcount + 2,
        review_due_on: Some(due),
        granted_on: None,
    }];
    vec![
        PlannedAttestation::new(VETTING, &firm.organisation, world.today, facility),
        PlannedAttestation::new(VETTING, &firm.organisation, world.today, Claims::ClearancePersonnel(counts))
            .for_months(PERSONNEL_MONTHS),
    ]
}

fn facility(world: &World, firm: &Firm, status: FacilityStatus, since: Date, sponsor_until: Date) -> Claims {
    let sponsor = world.reach(firm.number).first().map(|number| format!("{}/prime", programme(*number)));
    Claims::ClearanceFacility(FacilityClearance {
        nation: Nation::Gb,
        level: FacilityLevel::Secret,
        status,
        since: Some(since),
        sponsor_contract: sponsor.as_deref().map(Into::into),
        sponsor_until: Some(sponsor_until),
    })
}

fn people(world: &World, firm: &Firm, defect: Defect, headcount: u32, stream: &mut Stream) -> PlannedAttestation {
    let (count, due_in_days) = match defect {
        Defect::ReviewsDue => (headcount, stream.between(30, 150)),
        Defect::TooFewCleared => (headcount / 2, stream.between(400, 2500)),
        Defect::Withdrawn => (0, 900),
        _ => (headcount + stream.between(0, 8), stream.between(400, 2500)),
    };
    let line = |level, count, due_in_days: u32| PersonnelCount {
        level,
        count,
        review_due_on: Some(world.days_ago(-i64::from(due_in_days))),
        granted_on: None,
    };
    let mut counts = vec![line(ClearanceLevel::GbSc, count, due_in_days)];
    if defect == Defect::Healthy && stream.chance(20) {
        counts.push(line(ClearanceLevel::GbDv, stream.between(1, 3), stream.between(400, 2000)));
    }
    let date = world.days_ago(stream.between(10, 250));
    PlannedAttestation::new(VETTING, &firm.organisation, date, Claims::ClearancePersonnel(counts))
        .for_months(PERSONNEL_MONTHS)
}

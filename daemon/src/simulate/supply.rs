//! Evidence of the supply network: what is needed, from whom, and what the programmes ask.

use super::{
    firm::Firm,
    issuers::Office,
    planned::{PlannedAttestation, Signer},
    structure::{Buyer, PlannedNeed},
    world::{RELIEVED_CYBER_LEVEL, World, programme, programme_spec},
};
use crate::model::{
    Claims, Date, Organisation,
    claims::{ProgrammeRequirement, SupplyNeed, SupplySource},
};

/// How many days ago the programmes stated what they need and require.
const PROGRAMME_SAID_DAYS_AGO: i64 = 180;

/// What a programme needs and asks, said by the prime and its customer.
pub(super) fn of_programme(world: &World, number: u32) -> Vec<PlannedAttestation> {
    let date = world.days_ago(PROGRAMME_SAID_DAYS_AGO);
    let mut drafts = vec![requirement(world, number)];
    drafts.extend(needs(world, Buyer::Programme(number), &programme(number), Signer::Office(Office::Prime), date));
    drafts
}

/// What a programme asks of all that it reaches.
pub(super) fn requirement(world: &World, number: u32) -> PlannedAttestation {
    let spec = programme_spec(number);
    let (clearance_level, headcount) = spec.clearance.unzip();
    let requirement = ProgrammeRequirement {
        programme: programme(number),
        criticality: spec.criticality,
        cyber_level: Some(spec.cyber_level),
        cmmc_level: None,
        clearance_level,
        headcount: headcount.unwrap_or(0),
        flow_tiers: None,
    };
    let claims = Claims::ProgrammeRequirement(requirement);
    PlannedAttestation::new(
        Signer::PrimeAndProgrammes,
        &programme(number),
        world.days_ago(PROGRAMME_SAID_DAYS_AGO),
        claims,
    )
}

/// What an organisation needs: the prime has mapped tier 1, everyone below speaks for itself.
pub(super) fn of_firm(world: &World, firm: &Firm, own: Signer) -> Vec<PlannedAttestation> {
    let signer = if firm.tier == 0 { Signer::Office(Office::Prime) } else { own };
    let date = world.days_ago(20 + i64::from(firm.number % 97));
    needs(world, Buyer::Firm(firm.number), &firm.organisation, signer, date)
}

/// States that an organisation which sees no secrets needs nobody cleared, for programmes that otherwise ask for it.
pub(super) fn relief(world: &World, firm: &Firm) -> Vec<PlannedAttestation> {
    let requirement = |number: u32| {
        let claims = Claims::ProgrammeRequirement(ProgrammeRequirement {
            programme: programme(number),
            criticality: programme_spec(number).criticality,
            cyber_level: Some(RELIEVED_CYBER_LEVEL),
            cmmc_level: (firm.country == "US").then_some(2),
            clearance_level: None,
            headcount: 0,
            flow_tiers: None,
        });
        PlannedAttestation::new(Signer::PrimeAndProgrammes, &firm.organisation, world.days_ago(170), claims)
    };
    world.relieving(firm).map(requirement).collect()
}

fn needs(
    world: &World,
    buyer: Buyer,
    organisation: &Organisation,
    signer: Signer,
    date: Date,
) -> Vec<PlannedAttestation> {
    let claims = |need: &PlannedNeed| {
        let mut claims = vec![Claims::SupplyNeed(SupplyNeed {
            buyer: organisation.clone(),
            item: need.item.into(),
            class: need.class,
            required_share_bp: need.required_share_bp,
            buffer_days: need.buffer_days,
        })];
        claims.extend(need.sources.iter().map(|source| {
            Claims::SupplySource(SupplySource {
                supplier: world.organisation(source.supplier),
                buyer: organisation.clone(),
                item: need.item.into(),
                share_bp: source.share_bp,
                qualified: source.qualified,
                switch_days: source.switch_days,
            })
        }));
        claims
    };
    world
        .needs(buyer)
        .iter()
        .flat_map(claims)
        .map(|claims| PlannedAttestation::new(signer, organisation, date, claims))
        .collect()
}

//! Evidence of who an organisation is, where it works and what it could supply.

use super::{
    catalogue::{PRODUCTS, REGIONS, Region},
    defects::Defect,
    firm::Firm,
    issuers::Office,
    names,
    planned::{PlannedAttestation, Signer},
    random::Stream,
    world::World,
};
use crate::model::{
    Claims, Organisation,
    claims::{EndOfLife, EntityProfile, EntityStatus, Holding, Incident, Recovery, Site, SupplyCapability, Text},
};

/// Number of the group that owns two suppliers who look independent; far above every organisation's.
const GROUP_FIRST: u32 = 9_000_000;
/// The corridor that a story is about.
const THE_CORRIDOR: &str = "M6";
/// What the group of a story holds of the organisation that it is about, in per cent.
const HELD_PERCENT: u32 = 75;
/// What a fund abroad holds of that group.
const FUND_PERCENT: u32 = 40;
/// Distance between two sites of one organisation, in millionths of a degree.
const SITE_SPREAD: u32 = 200_000;

/// The group with this number.
pub(super) fn group(number: u32) -> Organisation {
    names::company(GROUP_FIRST + number)
}

/// What the register says of the groups that the stories need, and who owns those that hold others.
pub(super) fn groups(world: &World) -> Vec<PlannedAttestation> {
    let profile = |number: &u32| {
        let profile = EntityProfile {
            name: format!("Netherhythe Holdings {number} Ltd").as_str().into(),
            country: "GB".into(),
            region: None,
            sme: Some(false),
            sectors: Vec::new(),
            clusters: Vec::new(),
            parent: None,
            aliases: Vec::new(),
        };
        let claims = Claims::EntityProfile(profile);
        PlannedAttestation::new(Signer::Office(Office::Register), &group(*number), world.days_ago(900), claims)
    };
    let held = |number: &u32| {
        let claims = holding("Aldermarsh Growth Fund", "FR", FUND_PERCENT);
        PlannedAttestation::new(Signer::Office(Office::Portal), &group(*number), world.days_ago(200), claims)
    };
    let founders = |number: &u32| {
        let claims = holding("Netherhythe family", "GB", 100 - FUND_PERCENT);
        PlannedAttestation::new(Signer::Office(Office::Portal), &group(*number), world.days_ago(200), claims)
    };
    let told = world.holding_groups.iter().flat_map(|number| [held(number), founders(number)]);
    world.groups.iter().map(profile).chain(told).collect()
}

/// What the register says of it.
pub(super) fn profile(world: &World, firm: &Firm, stream: &mut Stream) -> PlannedAttestation {
    let (region, clusters) = match firm.region {
        Some(region) => (Some(region.name.into()), region.clusters),
        None => (None, &[][..]),
    };
    let mut aliases = Vec::new();
    let by_alias = world.defect(firm.number) == Defect::CertifiedByAlias;
    if firm.has_lei || by_alias {
        aliases.push(names::lei(firm.number));
    }
    let parent = match world.defect(firm.number) {
        Defect::OwnedBy(number) => Some(group(number)),
        _ => None,
    };
    let profile = EntityProfile {
        name: firm.name.as_str().into(),
        country: firm.country.into(),
        region,
        sme: Some(firm.sme),
        sectors: vec![firm.product.sector.into()],
        clusters: clusters.iter().filter(|_| stream.chance(60)).map(|cluster| Text::from(*cluster)).collect(),
        parent,
        aliases,
    };
    let date = world.days_ago(stream.between(400, 900));
    PlannedAttestation::new(Signer::Office(Office::Register), &firm.organisation, date, Claims::EntityProfile(profile))
}

/// The register's statement about it, of `months` ago.
pub(super) fn status(world: &World, firm: &Firm, months: i32) -> PlannedAttestation {
    let troubled = world.defect(firm.number) == Defect::Administration && months == 0;
    let status = if troubled { "administration" } else { "active" };
    let date = world.days_ago(6).plus_months(-months);
    let claims = Claims::EntityStatus(EntityStatus { status: status.into() });
    PlannedAttestation::new(Signer::Office(Office::Register), &firm.organisation, date, claims)
}

/// What it says of itself: sites, recovery, capability, owners, and what its defect makes it say.
pub(super) fn own_word(world: &World, firm: &Firm, signer: Signer, stream: &mut Stream) -> Vec<PlannedAttestation> {
    let mut claims = sites(world, firm, stream);
    claims.extend(recovery(world, firm, stream));
    if stream.chance(60) {
        claims.push(Claims::SupplyCapability(capability(firm, stream)));
    }
    claims.extend(holdings(world, firm, stream));
    let date = world.days_ago(stream.between(5, 300));
    // Nobody tells of a test before it is done.
    for claims in &mut claims {
        if let Claims::ContinuityRecovery(recovery) = claims {
            recovery.tested_on = recovery.tested_on.map(|tested_on| tested_on.min(date));
        }
    }
    let mut drafts: Vec<_> =
        claims.into_iter().map(|claims| PlannedAttestation::new(signer, &firm.organisation, date, claims)).collect();
    drafts.extend(troubles(world, firm, signer));
    drafts
}

/// Its sites: most have one, or several in one region.
fn sites(world: &World, firm: &Firm, stream: &mut Stream) -> Vec<Claims> {
    let Some(home) = firm.region else { return Vec::new() };
    let other = stream.pick(REGIONS);
    let chance = stream.below(100);
    let by_motorway = || REGIONS.iter().filter(|region| region.corridors.contains(&THE_CORRIDOR));
    let sites: Vec<(&Region, u32)> = match (world.defect(firm.number), chance) {
        (Defect::FourRegions, _) => REGIONS.iter().take(4).map(|region| (region, 2500)).collect(),
        (Defect::OneCorridor, _) => by_motorway().take(2).map(|region| (region, 5000)).collect(),
        (_, 0..55) => vec![(home, 10_000)],
        (_, 55..75) => vec![(home, 6000), (home, 4000)],
        _ => vec![(home, 7000), (other, 3000)],
    };
    let site = |(region, share_bp): (&Region, u32)| {
        let corridors = match world.defect(firm.number) {
            Defect::OneCorridor => &[THE_CORRIDOR][..],
            Defect::FourRegions => &region.corridors[..1],
            _ if stream.chance(50) => &region.corridors[..1],
            _ => region.corridors,
        };
        let mut coordinate = |degrees: i32| {
            let offset = i32::try_from(stream.below(2 * SITE_SPREAD)).unwrap_or(0) - SITE_SPREAD.cast_signed();
            Some(degrees + offset)
        };
        Claims::Site(Site {
            region: region.name.into(),
            corridors: corridors.iter().map(|corridor| Text::from(*corridor)).collect(),
            share_bp,
            latitude: coordinate(region.latitude),
            longitude: coordinate(region.longitude),
        })
    };
    sites.into_iter().map(site).collect()
}

/// How soon it recovers; not everybody has a plan.
fn recovery(world: &World, firm: &Firm, stream: &mut Stream) -> Option<Claims> {
    let is_planned = stream.chance(60);
    let recover_days = *stream.pick(&[10, 20, 30, 45, 60, 90]);
    let tested_days_ago = stream.between(30, 500);
    let is_tested = stream.chance(50);
    let recover_days = match world.defect(firm.number) {
        Defect::SlowToRecover(days) => days,
        _ if is_planned => recover_days,
        _ => return None,
    };
    let tested_on = is_tested.then(|| world.days_ago(tested_days_ago));
    Some(Claims::ContinuityRecovery(Recovery { item: None, recover_days, tested_on }))
}

/// Who owns it: stated where a clearance is required, for organisations abroad, and now and then otherwise.
fn holdings(world: &World, firm: &Firm, stream: &mut Stream) -> Vec<Claims> {
    let (is_told, has_fund, fund_percent) = (stream.chance(8), stream.chance(15), stream.between(6, 40));
    let founders = format!("{} founders", firm.name);
    let parts: Vec<(String, &str, u32)> = match world.defect(firm.number) {
        Defect::HeldThrough(number) => {
            vec![(group(number).to_string(), "GB", HELD_PERCENT), (founders, "GB", 100 - HELD_PERCENT)]
        }
        _ if !is_told && !firm.is_abroad() && world.asked(firm).headcount == 0 => Vec::new(),
        _ if has_fund => {
            let fund = "Aldermarsh Growth Fund".to_owned();
            vec![(fund, "FR", fund_percent), (founders, firm.country, 100 - fund_percent)]
        }
        _ => vec![(founders, firm.country, 100)],
    };
    parts.into_iter().map(|(owner, country, percent)| holding(&owner, country, percent)).collect()
}

fn holding(owner: &str, country: &str, percent: u32) -> Claims {
    let (owner, owner_country) = (owner.into(), country.into());
    Claims::OwnershipHolding(Holding { owner, owner_country, percent_ppm: percent * 10_000 })
}

fn capability(firm: &Firm, stream: &mut Stream) -> SupplyCapability {
    let mut items = vec![Text::from(firm.product.item)];
    if stream.chance(30) {
        let same_sector: Vec<_> =
            PRODUCTS[firm.tier].iter().filter(|other| other.sector == firm.product.sector).collect();
        items.push(stream.pick(&same_sector).item.into());
        items.dedup();
    }
    SupplyCapability {
        items,
        categories: vec![firm.product.sector.into()],
        approvals: vec![firm.product.approval.into()],
    }
}

fn troubles(world: &World, firm: &Firm, signer: Signer) -> Vec<PlannedAttestation> {
    let claims = match world.defect(firm.number) {
        Defect::ProfileConflict => Claims::EntityProfile(EntityProfile {
            name: firm.name.as_str().into(),
            country: firm.country.into(),
            region: REGIONS
                .iter()
                .map(|region| region.name)
                .find(|name| Some(*name) != firm.region.map(|r| r.name))
                .map(Text::from),
            sme: Some(!firm.sme),
            sectors: vec![firm.product.sector.into()],
            clusters: Vec::new(),
            parent: None,
            aliases: Vec::new(),
        }),
        Defect::EndOfLife => {
            Claims::SupplyEndOfLife(EndOfLife { item: firm.product.item.into(), last_order_on: world.days_ago(-60) })
        }
        Defect::IncidentOpen => Claims::Incident(Incident {
            severity: 2,
            opened_at: world.days_ago(9).start(),
            closed_on: None,
            reported_at: world.days_ago(8).start(),
            reference: Some("INC-1".into()),
        }),
        _ => return Vec::new(),
    };
    vec![PlannedAttestation::new(signer, &firm.organisation, world.days_ago(4), claims)]
}

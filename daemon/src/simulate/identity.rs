//! Evidence of who an organisation is, where it works and what it could supply.

use super::{
    catalogue::{PRODUCTS, REGIONS},
    draft::{Draft, Signer},
    firm::Firm,
    issuers::Office,
    names,
    random::Stream,
    twist::Twist,
    world::World,
};
use crate::model::{
    Claims, Organisation,
    claims::{EndOfLife, EntityProfile, EntityStatus, Holding, Incident, Recovery, Site, SupplyCapability, Text},
};

/// Number of the group that owns two suppliers who look independent; far above every organisation's.
const GROUP_FIRST: u32 = 9_000_000;
/// Distance between two sites of one organisation, in millionths of a degree.
const SITE_SPREAD: u32 = 200_000;

/// The group with this number.
pub(super) fn group(number: u32) -> Organisation {
    names::company(GROUP_FIRST + number)
}

/// What the register says of the groups that the stories need.
pub(super) fn groups(world: &World) -> Vec<Draft> {
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
        Draft::new(Signer::Office(Office::Register), &group(*number), world.days_ago(900), claims)
    };
    world.groups.iter().map(profile).collect()
}

/// What the register says of it.
pub(super) fn profile(world: &World, firm: &Firm, stream: &mut Stream) -> Draft {
    let (region, clusters) = match firm.region {
        Some(region) => (Some(region.name.into()), region.clusters),
        None => (None, &[][..]),
    };
    let mut aliases = Vec::new();
    let by_alias = world.twist(firm.number) == Twist::CertifiedByAlias;
    if firm.has_lei || by_alias {
        aliases.push(names::lei(firm.number));
    }
    let parent = match world.twist(firm.number) {
        Twist::OwnedBy(number) => Some(group(number)),
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
    Draft::new(Signer::Office(Office::Register), &firm.organisation, date, Claims::EntityProfile(profile))
}

/// The register's word on it, `months` ago.
pub(super) fn status(world: &World, firm: &Firm, months: i32) -> Draft {
    let troubled = world.twist(firm.number) == Twist::Administration && months == 0;
    let status = if troubled { "administration" } else { "active" };
    let date = world.days_ago(6).plus_months(-months);
    let claims = Claims::EntityStatus(EntityStatus { status: status.into() });
    Draft::new(Signer::Office(Office::Register), &firm.organisation, date, claims)
}

/// What it says of itself: sites, recovery, capability, owners, and what its twist makes it say.
pub(super) fn own_word(world: &World, firm: &Firm, signer: Signer, stream: &mut Stream) -> Vec<Draft> {
    let mut claims = sites(firm, stream);
    if stream.chance(60) {
        let recovery = Recovery {
            item: None,
            recover_days: *stream.pick(&[10, 20, 30, 45, 60, 90]),
            tested_on: stream.chance(50).then(|| world.days_ago(stream.between(30, 500))),
        };
        claims.push(Claims::ContinuityRecovery(recovery));
    }
    if stream.chance(60) {
        claims.push(Claims::SupplyCapability(capability(firm, stream)));
    }
    if firm.is_abroad() || stream.chance(8) {
        let holding = Holding {
            owner: format!("{} Holdings", firm.name).as_str().into(),
            owner_country: firm.country.into(),
            percent_ppm: stream.between(30, 100) * 10_000,
        };
        claims.push(Claims::OwnershipHolding(holding));
    }
    let date = world.days_ago(stream.between(5, 300));
    let mut drafts: Vec<_> =
        claims.into_iter().map(|claims| Draft::new(signer, &firm.organisation, date, claims)).collect();
    drafts.extend(troubles(world, firm, signer));
    drafts
}

fn sites(firm: &Firm, stream: &mut Stream) -> Vec<Claims> {
    let Some(region) = firm.region else { return Vec::new() };
    let shares: &[u32] = if stream.chance(20) { &[6000, 4000] } else { &[10_000] };
    let mut place = |degrees: i32| {
        let offset = i32::try_from(stream.below(2 * SITE_SPREAD)).unwrap_or(0) - SITE_SPREAD.cast_signed();
        Some(degrees + offset)
    };
    let site = |share_bp: &u32| {
        Claims::Site(Site {
            region: region.name.into(),
            corridors: region.corridors.iter().map(|corridor| Text::from(*corridor)).collect(),
            share_bp: *share_bp,
            latitude: place(region.latitude),
            longitude: place(region.longitude),
        })
    };
    shares.iter().map(site).collect()
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

fn troubles(world: &World, firm: &Firm, signer: Signer) -> Vec<Draft> {
    let claims = match world.twist(firm.number) {
        Twist::ProfileConflict => Claims::EntityProfile(EntityProfile {
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
        Twist::EndOfLife => {
            Claims::SupplyEndOfLife(EndOfLife { item: firm.product.item.into(), last_order_on: world.days_ago(-60) })
        }
        Twist::IncidentOpen => Claims::Incident(Incident {
            severity: 2,
            opened_at: world.days_ago(9).start(),
            closed_on: None,
            reported_at: world.days_ago(8).start(),
            reference: Some("INC-1".into()),
        }),
        _ => return Vec::new(),
    };
    vec![Draft::new(signer, &firm.organisation, world.days_ago(4), claims)]
}

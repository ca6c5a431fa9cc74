//! What expressions can name of claims and facts. Made from `plugins/wit/1.0.0/rule.wit`
//! by `UPDATE_GOLDEN=1 cargo test --test contract`; never edited.

use super::{
    super::{
        item::Item,
        types::{Base, Field, Get, Record, Type},
        value::Value,
    },
    attestation::ATTESTATION,
    tables::{Kind, int, names, number, optional, texts},
    words::*,
};
use tierwatch_rule::{Attestation, Claims};

/// The kinds, each a variable.
pub static KINDS: &[Kind] = &[
    Kind { name: "entity.profile", record: &ENTITY_PROFILE },
    Kind { name: "entity.status", record: &ENTITY_STATUS },
    Kind { name: "cyber.ce", record: &CERTIFICATE },
    Kind { name: "cyber.ceplus", record: &CERTIFICATE },
    Kind { name: "cyber.dcc", record: &DCC },
    Kind { name: "cyber.saq", record: &SAQ },
    Kind { name: "cyber.cip", record: &CIP },
    Kind { name: "cyber.sprs", record: &SPRS },
    Kind { name: "cyber.cmmc", record: &CMMC },
    Kind { name: "cyber.standard", record: &CYBER_STANDARD },
    Kind { name: "clearance.facility", record: &FACILITY },
    Kind { name: "clearance.personnel", record: &CLEARANCE_PERSONNEL },
    Kind { name: "supply.need", record: &SUPPLY_NEED },
    Kind { name: "supply.source", record: &SUPPLY_SOURCE },
    Kind { name: "supply.capability", record: &CAPABILITY },
    Kind { name: "supply.end_of_life", record: &END_OF_LIFE },
    Kind { name: "site", record: &SITE },
    Kind { name: "continuity.recovery", record: &RECOVERY },
    Kind { name: "ownership.holding", record: &HOLDING },
    Kind { name: "foci.mitigation", record: &MITIGATION },
    Kind { name: "incident", record: &INCIDENT },
    Kind { name: "programme.requirement", record: &PROGRAMME_REQUIREMENT },
    Kind { name: "screening", record: &SCREENING },
];

claims! {
    /// `entity.profile`
    ENTITY_PROFILE = "profile" {
        "name": Type::one(Base::Name), Claims::EntityProfile(it) => Value::Name(it.name), "its registered name";
        "country": Type::one(Base::Country), Claims::EntityProfile(it) => Value::text(&it.country),
            "ISO 3166-1 alpha-2, as `'GB'`";
        "region": optional(Base::Name), Claims::EntityProfile(it) => Value::of(it.region, Value::Name),
            "where it is seated";
        "sme": optional(Base::Bool), Claims::EntityProfile(it) => Value::of(it.sme, Value::Bool),
            "whether it is a small or medium-sized enterprise; absent when nobody says";
        "sectors": Type::list(Base::Text), Claims::EntityProfile(it) => texts(&it.sectors), "what it works in";
        "clusters": Type::list(Base::Text), Claims::EntityProfile(it) => texts(&it.clusters),
            "regional bodies that it belongs to";
        "parent": optional(Base::Organisation), Claims::EntityProfile(it) => Value::of(it.parent, Value::Name),
            "its parent";
    }
}

claims! {
    /// `entity.status`
    ENTITY_STATUS = "register status" {
        "status": Type::one(Base::Text), Claims::EntityStatus(it) => Value::text(it),
            "the register's word, as `'active'` or `'administration'`";
    }
}

claims! {
    /// `cyber.ce`, `cyber.ceplus`: awarded at `valid-from`
    CERTIFICATE = "certificate" {
        "whole_organisation": Type::one(Base::Bool), Claims::CyberCe(it) | Claims::CyberCeplus(it) => Value::Bool(it.whole_organisation),
            "whether its scope is the whole organisation";
    }
}

claims! {
    /// `cyber.dcc`: awarded at `valid-from`
    DCC = "certification" {
        "level": int(), Claims::CyberDcc(it) => number(it.level), "0 to 3";
        "attested_on": Type::one(Base::Date), Claims::CyberDcc(it) => Value::Date(it.attested_on),
            "the last yearly attestation";
    }
}

claims! {
    /// `cyber.saq`: answered at `valid-from`
    SAQ = "questionnaire" {
        "level": int(), Claims::CyberSaq(it) => number(it.level), "the level that the answers reach, 0 to 3";
        "gaps": int(), Claims::CyberSaq(it) => number(it.gaps), "how many controls the answers fall short of";
    }
}

claims! {
    /// `cyber.cip`
    CIP = "plan" {
        "accepted": Type::one(Base::Bool), Claims::CyberCip(it) => Value::Bool(it.accepted),
            "whether the buyer accepted it";
        "due_on": Type::one(Base::Date), Claims::CyberCip(it) => Value::Date(it.due_on),
            "the last day for carrying it out";
    }
}

claims! {
    /// `cyber.sprs`
    SPRS = "SPRS score" {
        "score": int(), Claims::CyberSprs(it) => number(it.score), "-203 to 110";
        "assessed_on": Type::one(Base::Date), Claims::CyberSprs(it) => Value::Date(it.assessed_on),
            "the day of the assessment";
        "ssp": Type::one(Base::Bool), Claims::CyberSprs(it) => Value::Bool(it.ssp),
            "whether there is a system security plan";
    }
}

claims! {
    /// `cyber.cmmc`
    CMMC = "CMMC" {
        "level": int(), Claims::CyberCmmc(it) => number(it.level), "1 to 3";
        "status": Type::one(Base::Word(&CMMC_STATUS)), Claims::CyberCmmc(it) => Value::Word(it.status as u8),
            "final or conditional";
        "status_on": Type::one(Base::Date), Claims::CyberCmmc(it) => Value::Date(it.status_on), "the day of the status";
        "affirmed_on": optional(Base::Date), Claims::CyberCmmc(it) => Value::of(it.affirmed_on, Value::Date),
            "the last affirmation";
        "poam": Type::list(Base::Record(&POAM_ITEM)), Claims::CyberCmmc(it) => Value::list(&it.poam, |one| Value::Item(Item::PoamItem(one))),
            "its plan of action";
    }
}

record! {
    /// An item of a plan of action.
    POAM_ITEM = "plan item" {
        "requirement": Type::one(Base::Text), Item::PoamItem(it) => Value::text(&it.requirement),
            "as `'3.13.11'` (NIST SP 800-171)";
        "points": int(), Item::PoamItem(it) => number(it.points), "what it counts";
    }
}

claims! {
    /// `cyber.standard`
    CYBER_STANDARD = "standard" {
        "standard": Type::one(Base::Text), Claims::CyberStandard(it) => Value::text(&it.standard), "as `'ISO 27001'`";
        "scope": Type::one(Base::Text), Claims::CyberStandard(it) => Value::text(&it.scope), "what it covers, in words";
    }
}

claims! {
    /// `clearance.facility`
    FACILITY = "facility clearance" {
        "nation": Type::one(Base::Word(&NATION)), Claims::ClearanceFacility(it) => Value::Word(it.nation as u8),
            "whose clearance it is";
        "level": Type::one(Base::Word(&FACILITY_LEVEL)), Claims::ClearanceFacility(it) => Value::Word(it.level as u8),
            "up to which classification it may hold";
        "status": Type::one(Base::Word(&FACILITY_STATUS)), Claims::ClearanceFacility(it) => Value::Word(it.status as u8),
            "how it stands";
        "since": optional(Base::Date), Claims::ClearanceFacility(it) => Value::of(it.since, Value::Date),
            "from when it stands so";
        "sponsor_contract": optional(Base::Name), Claims::ClearanceFacility(it) => Value::of(it.sponsor_contract, Value::Name),
            "the contract that it is sponsored for";
        "sponsor_until": optional(Base::Date), Claims::ClearanceFacility(it) => Value::of(it.sponsor_until, Value::Date),
            "the last day of the sponsorship";
    }
}

claims! {
    /// `clearance.personnel`
    CLEARANCE_PERSONNEL = "personnel clearances" {
        "counts": Type::list(Base::Record(&PERSONNEL_COUNT)), Claims::ClearancePersonnel(it) => Value::list(it, |one| Value::Item(Item::PersonnelCount(one))),
            "its lines";
    }
}

record! {
    /// One line of `clearance.personnel`
    PERSONNEL_COUNT = "cleared people" {
        "level": Type::one(Base::Word(&CLEARANCE_LEVEL)), Item::PersonnelCount(it) => Value::Word(it.level as u8),
            "to which level";
        "count": int(), Item::PersonnelCount(it) => number(it.count), "how many";
        "review_due_on": optional(Base::Date), Item::PersonnelCount(it) => Value::of(it.review_due_on, Value::Date),
            "their next review";
        "granted_on": optional(Base::Date), Item::PersonnelCount(it) => Value::of(it.granted_on, Value::Date),
            "when they were cleared";
    }
}

claims! {
    /// `supply.need`
    SUPPLY_NEED = "attested need" {
        "buyer": Type::one(Base::Organisation), Claims::SupplyNeed(it) => Value::Name(it.buyer), "who needs it";
        "item": Type::one(Base::Name), Claims::SupplyNeed(it) => Value::Name(it.item), "what is needed";
        "class": Type::one(Base::Word(&CLASS)), Claims::SupplyNeed(it) => Value::Word(it.class as u8),
            "how much hangs on it";
        "required_share_bp": optional(Base::Int), Claims::SupplyNeed(it) => Value::of(it.required_share_bp, number),
            "how much of the supply must be up, basis points; absent: any one source";
        "buffer_days": int(), Claims::SupplyNeed(it) => number(it.buffer_days), "how long stock lasts, days";
    }
}

claims! {
    /// `supply.source`
    SUPPLY_SOURCE = "attested source" {
        "supplier": Type::one(Base::Organisation), Claims::SupplySource(it) => Value::Name(it.supplier), "who supplies";
        "buyer": Type::one(Base::Organisation), Claims::SupplySource(it) => Value::Name(it.buyer), "who buys";
        "item": Type::one(Base::Name), Claims::SupplySource(it) => Value::Name(it.item), "what";
        "share_bp": int(), Claims::SupplySource(it) => number(it.share_bp),
            "its part of the need, basis points; 0 is idle";
        "qualified": Type::one(Base::Bool), Claims::SupplySource(it) => Value::Bool(it.qualified),
            "whether the buyer has qualified it";
        "switch_days": int(), Claims::SupplySource(it) => number(it.switch_days), "days to switch it on";
    }
}

claims! {
    /// `supply.capability`
    CAPABILITY = "capability" {
        "items": Type::list(Base::Name), Claims::SupplyCapability(it) => names(&it.items), "items that it could supply";
        "categories": Type::list(Base::Text), Claims::SupplyCapability(it) => texts(&it.categories),
            "categories that it could supply";
        "approvals": Type::list(Base::Text), Claims::SupplyCapability(it) => texts(&it.approvals),
            "approvals that it holds, as `'AS9100'`";
    }
}

claims! {
    /// `supply.end_of_life`
    END_OF_LIFE = "end-of-life notice" {
        "item": Type::one(Base::Name), Claims::SupplyEndOfLife(it) => Value::Name(it.item), "what ends";
        "last_order_on": Type::one(Base::Date), Claims::SupplyEndOfLife(it) => Value::Date(it.last_order_on),
            "the last day for orders";
    }
}

claims! {
    /// `site`
    SITE = "site" {
        "region": Type::one(Base::Name), Claims::Site(it) => Value::Name(it.region), "where it is";
        "corridors": Type::list(Base::Name), Claims::Site(it) => names(&it.corridors),
            "transport corridors that its supply passes through";
        "share_bp": int(), Claims::Site(it) => number(it.share_bp),
            "its part of the organisation's supply, basis points";
        "latitude": optional(Base::Int), Claims::Site(it) => Value::of(it.latitude, number),
            "millionths of a degree north";
        "longitude": optional(Base::Int), Claims::Site(it) => Value::of(it.longitude, number),
            "millionths of a degree east";
    }
}

claims! {
    /// `continuity.recovery`
    RECOVERY = "recovery plan" {
        "item": optional(Base::Name), Claims::ContinuityRecovery(it) => Value::of(it.item, Value::Name),
            "for what; absent: for everything";
        "recover_days": int(), Claims::ContinuityRecovery(it) => number(it.recover_days),
            "days until it supplies again";
        "tested_on": optional(Base::Date), Claims::ContinuityRecovery(it) => Value::of(it.tested_on, Value::Date),
            "its last test";
    }
}

claims! {
    /// `ownership.holding`
    HOLDING = "holding" {
        "owner": Type::one(Base::Party), Claims::OwnershipHolding(it) => Value::Name(it.owner), "who holds";
        "owner_country": Type::one(Base::Country), Claims::OwnershipHolding(it) => Value::text(&it.owner_country),
            "ISO 3166-1 alpha-2";
        "percent_ppm": int(), Claims::OwnershipHolding(it) => number(it.percent_ppm), "how much, parts per million";
    }
}

claims! {
    /// `foci.mitigation`
    MITIGATION = "mitigation" {
        "instrument": Type::one(Base::Word(&INSTRUMENT)), Claims::FociMitigation(it) => Value::Word(it.instrument as u8),
            "by which means";
        "accepted_by": Type::one(Base::Party), Claims::FociMitigation(it) => Value::Name(it.accepted_by),
            "who accepted it";
    }
}

claims! {
    /// `incident`
    INCIDENT = "incident" {
        "severity": int(), Claims::Incident(it) => number(it.severity), "1 (worst) to 4";
        "opened_at": Type::one(Base::Instant), Claims::Incident(it) => Value::Instant(it.opened_at), "when it began";
        "closed_on": optional(Base::Date), Claims::Incident(it) => Value::of(it.closed_on, Value::Date),
            "its last day; absent while it is open";
        "reported_at": Type::one(Base::Instant), Claims::Incident(it) => Value::Instant(it.reported_at),
            "when it was reported";
    }
}

claims! {
    /// `programme.requirement`, as attested; what counts for the organisation is the fact `requirement`, for which the network has already heeded down to how many tiers it flows (`flow_tiers`, which does not cross).
    PROGRAMME_REQUIREMENT = "attested requirement" {
        "programme": Type::one(Base::Programme), Claims::ProgrammeRequirement(it) => Value::Name(it.programme),
            "which programme asks";
        "criticality": int(), Claims::ProgrammeRequirement(it) => number(it.criticality), "1 (least) to 5";
        "cyber_level": optional(Base::Int), Claims::ProgrammeRequirement(it) => Value::of(it.cyber_level, number),
            "0 to 3";
        "cmmc_level": optional(Base::Int), Claims::ProgrammeRequirement(it) => Value::of(it.cmmc_level, number),
            "1 to 3";
        "clearance_level": optional(Base::Word(&CLEARANCE_LEVEL)), Claims::ProgrammeRequirement(it) => Value::of(it.clearance_level, |word| Value::Word(word as u8)),
            "of its people";
        "headcount": int(), Claims::ProgrammeRequirement(it) => number(it.headcount), "how many must be cleared";
    }
}

claims! {
    /// `screening`
    SCREENING = "screening" {
        "list": Type::one(Base::Text), Claims::Screening(it) => Value::text(&it.list),
            "the list that was searched, as `'1260H'`";
        "outcome": Type::one(Base::Word(&SCREENING_OUTCOME)), Claims::Screening(it) => Value::Word(it.outcome as u8),
            "what the search found";
        "measure": optional(Base::Text), Claims::Screening(it) => Value::of(it.measure.as_deref(), Value::text),
            "what the list forbids or asks";
        "from": optional(Base::Date), Claims::Screening(it) => Value::of(it.from, Value::Date),
            "the first day of the measure; absent: it holds already";
        "until": optional(Base::Date), Claims::Screening(it) => Value::of(it.until, Value::Date),
            "the last day of the measure; absent: it has no end";
        "entry": optional(Base::Name), Claims::Screening(it) => Value::of(it.entry, Value::Name),
            "who it is on the list, in the list's words";
    }
}

record! {
    /// The highest that any programme in reach asks whose requirement flows down this far, or what a `programme.requirement` about the organisation says instead.
    REQUIREMENT = "requirement" {
        "cyber_level": optional(Base::Int), Item::Requirement(it) => Value::of(it.cyber_level, number),
            "Cyber Security Model, 0 to 3";
        "cmmc_level": optional(Base::Int), Item::Requirement(it) => Value::of(it.cmmc_level, number), "1 to 3";
        "gb_clearance": optional(Base::Record(&CLEARANCE_REQUIREMENT)), Item::Requirement(it) => Value::of(it.gb_clearance.as_ref(), |one| Value::Item(Item::ClearanceRequirement(one))),
            "by the United Kingdom";
        "us_clearance": optional(Base::Record(&CLEARANCE_REQUIREMENT)), Item::Requirement(it) => Value::of(it.us_clearance.as_ref(), |one| Value::Item(Item::ClearanceRequirement(one))),
            "by the United States";
        "criticality": optional(Base::Int), Item::Requirement(it) => Value::of(it.criticality, number),
            "1 (least) to 5";
    }
}

record! {
    /// People that must be cleared.
    CLEARANCE_REQUIREMENT = "required clearance" {
        "level": Type::one(Base::Word(&CLEARANCE_LEVEL)), Item::ClearanceRequirement(it) => Value::Word(it.level as u8),
            "to which level";
        "headcount": int(), Item::ClearanceRequirement(it) => number(it.headcount), "how many";
    }
}

record! {
    /// What an organisation depends on.
    NEED = "need" {
        "item": Type::one(Base::Name), Item::Need(it) => Value::Name(it.item), "what is needed";
        "class": Type::one(Base::Word(&CLASS)), Item::Need(it) => Value::Word(it.class as u8), "how much hangs on it";
        "required_share_bp": optional(Base::Int), Item::Need(it) => Value::of(it.required_share_bp, number),
            "how much of the supply must be up, basis points; absent: any one source";
        "buffer_days": int(), Item::Need(it) => number(it.buffer_days), "how long stock lasts, days";
        "sources": Type::list(Base::Record(&SOURCE)), Item::Need(it) => Value::list(&it.sources, |one| Value::Item(Item::Source(one))),
            "who supplies it";
        "hhi_bp": int(), Item::Need(it) => number(it.hhi_bp), "concentration by ultimate parent, 0 to 10000";
        "region_hhi_bp": int(), Item::Need(it) => number(it.region_hhi_bp), "the same by region";
        "corridor_hhi_bp": int(), Item::Need(it) => number(it.corridor_hhi_bp), "the same by transport corridor";
        "country_hhi_bp": int(), Item::Need(it) => number(it.country_hhi_bp), "the same by country";
        "share_total_bp": int(), Item::Need(it) => number(it.share_total_bp), "the sum of the shares, basis points";
        "shared_upstream": optional(Base::Organisation), Item::Need(it) => Value::of(it.shared_upstream, Value::Name),
            "without whom none of the sources can supply";
    }
}

record! {
    /// A source of a need.
    SOURCE = "source" {
        "supplier": Type::one(Base::Organisation), Item::Source(it) => Value::Name(it.supplier), "who supplies";
        "ultimate_parent": Type::one(Base::Organisation), Item::Source(it) => Value::Name(it.ultimate_parent),
            "itself when it has no parent";
        "share_bp": int(), Item::Source(it) => number(it.share_bp), "its part of the need, basis points; 0 is idle";
        "qualified": Type::one(Base::Bool), Item::Source(it) => Value::Bool(it.qualified),
            "whether the buyer has qualified it";
        "switch_days": int(), Item::Source(it) => number(it.switch_days), "days to switch it on";
        "last_order_on": optional(Base::Date), Item::Source(it) => Value::of(it.last_order_on, Value::Date),
            "of an end-of-life notice";
    }
}

record! {
    /// What depends on the organisation.
    IMPACT = "impact" {
        "buyers": int(), Item::Impact(it) => number(it.buyers), "how many it supplies directly";
        "tier": optional(Base::Int), Item::Impact(it) => Value::of(it.tier, number),
            "1 supplies a programme itself; absent: reaches none";
        "programmes": Type::list(Base::Programme), Item::Impact(it) => names(&it.programmes),
            "the programmes that it reaches";
        "single_point_of": Type::list(Base::Record(&LOSS)), Item::Impact(it) => Value::list(&it.single_point_of, |one| Value::Item(Item::Loss(one))),
            "the programmes that stop when it alone stops";
        "survive_days": optional(Base::Int), Item::Impact(it) => Value::of(it.survive_days, number),
            "days from its failure until the first of them stops";
        "recover_days": optional(Base::Int), Item::Impact(it) => Value::of(it.recover_days, number),
            "days until it supplies again";
    }
}

record! {
    /// A programme that the organisation alone brings down.
    LOSS = "loss" {
        "programme": Type::one(Base::Programme), Item::Loss(it) => Value::Name(it.programme), "which";
        "hidden": Type::one(Base::Bool), Item::Loss(it) => Value::Bool(it.hidden),
            "whether it is not a direct supplier";
        "criticality": optional(Base::Int), Item::Loss(it) => Value::of(it.criticality, number), "1 (least) to 5";
        "survive_days": int(), Item::Loss(it) => number(it.survive_days), "days until the programme stops";
        "down_days": optional(Base::Int), Item::Loss(it) => Value::of(it.down_days, number), "days that it is down";
    }
}

record! {
    /// Who owns the organisation, through all chains of holdings that are attested.
    OWNERSHIP = "ownership" {
        "owners": Type::list(Base::Record(&OWNER)), Item::Ownership(it) => Value::list(&it.owners, |one| Value::Item(Item::Owner(one))),
            "directly or through others";
        "countries": Type::list(Base::Record(&NATIONAL_HOLDING)), Item::Ownership(it) => Value::list(&it.countries, |one| Value::Item(Item::NationalHolding(one))),
            "by country";
        "undisclosed_ppm": int(), Item::Ownership(it) => number(it.undisclosed_ppm),
            "what no attested owner holds, parts per million";
        "opaque": Type::one(Base::Bool), Item::Ownership(it) => Value::Bool(it.opaque),
            "whether a chain of holdings has no end";
    }
}

record! {
    /// Who owns a part of the organisation, directly or through others.
    OWNER = "owner" {
        "owner": Type::one(Base::Party), Item::Owner(it) => Value::Name(it.owner), "who";
        "country": Type::one(Base::Country), Item::Owner(it) => Value::text(&it.country), "ISO 3166-1 alpha-2";
        "effective_ppm": int(), Item::Owner(it) => number(it.effective_ppm), "over all chains, parts per million";
    }
}

record! {
    /// What the owners of one country hold together, in parts per million.
    NATIONAL_HOLDING = "national holding" {
        "country": Type::one(Base::Country), Item::NationalHolding(it) => Value::text(&it.country),
            "ISO 3166-1 alpha-2";
        "effective_ppm": int(), Item::NationalHolding(it) => number(it.effective_ppm), "together, parts per million";
    }
}

/// Every record but what all attestations have, in the order of the manual.
pub static RECORDS: &[&Record] = &[
    &ENTITY_PROFILE,
    &ENTITY_STATUS,
    &CERTIFICATE,
    &DCC,
    &SAQ,
    &CIP,
    &SPRS,
    &CMMC,
    &POAM_ITEM,
    &CYBER_STANDARD,
    &FACILITY,
    &CLEARANCE_PERSONNEL,
    &PERSONNEL_COUNT,
    &SUPPLY_NEED,
    &SUPPLY_SOURCE,
    &CAPABILITY,
    &END_OF_LIFE,
    &SITE,
    &RECOVERY,
    &HOLDING,
    &MITIGATION,
    &INCIDENT,
    &PROGRAMME_REQUIREMENT,
    &SCREENING,
    &REQUIREMENT,
    &CLEARANCE_REQUIREMENT,
    &NEED,
    &SOURCE,
    &IMPACT,
    &LOSS,
    &OWNERSHIP,
    &OWNER,
    &NATIONAL_HOLDING,
];

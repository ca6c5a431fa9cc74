//! What attestations claim, one record a kind.

use super::{
    super::{
        types::{Base, Type},
        value::{Item, Value},
    },
    CLASS, CLEARANCE_LEVEL, CMMC_STATUS, FACILITY_LEVEL, FACILITY_STATUS, Field, Get, INSTRUMENT, KIND, NATION, Record,
    STATE, TRUST, int, kind_of, names, number, optional, texts,
};
use tierwatch_rule::{Attestation, Claims};

record! {
    /// What every attestation has.
    ATTESTATION = "attestation" true {
        "kind": Type::optional(Base::Word(&KIND)), Item::Attestation(one) => Value::of(kind_of(&one.claims), Value::Word),
            "its kind; absent for one that the configuration declares";
        "issuer": Type::one(Base::Name), Item::Attestation(one) => Value::Name(one.issuer), "who says so";
        "about": Type::one(Base::Name), Item::Attestation(one) => Value::Name(one.about), "whom it is about";
        "trust": Type::one(Base::Word(&TRUST)), Item::Attestation(one) => Value::Word(one.trust as u8),
            "how far it may be believed, the least first";
        "state": Type::one(Base::Word(&STATE)), Item::Attestation(one) => Value::Word(one.state as u8),
            "where `as_of` lies in its validity";
        "covers": Type::one(Base::Bool), Item::Attestation(one) => Value::Bool(one.covers),
            "whether its scope covers the organisation; what does not counts as absent";
        "issued_at": Type::one(Base::Instant), Item::Attestation(one) => Value::Instant(one.issued_at), "when it was issued";
        "valid_from": Type::one(Base::Instant), Item::Attestation(one) => Value::Instant(one.valid_from), "from when it holds";
        "valid_until": optional(Base::Instant), Item::Attestation(one) => Value::of(one.valid_until, Value::Instant),
            "when it has ended; absent when it says nothing of an end";
        "place": int(), Item::Attestation(one) => number(one.index), "its place in `evidence`, from 0";
    }
}

claims! {
    /// `entity.profile`
    PROFILE = "profile" {
        "name": Type::one(Base::Name), Claims::EntityProfile(it) => Value::Name(it.name), "its registered name";
        "country": Type::one(Base::Text), Claims::EntityProfile(it) => Value::text(&it.country), "ISO 3166-1 alpha-2, as `'GB'`";
        "region": optional(Base::Name), Claims::EntityProfile(it) => Value::of(it.region, Value::Name), "where it is seated";
        "sme": optional(Base::Bool), Claims::EntityProfile(it) => Value::of(it.sme, Value::Bool),
            "whether it is a small or medium-sized enterprise; absent when nobody says";
        "sectors": Type::list(Base::Text), Claims::EntityProfile(it) => texts(&it.sectors), "what it works in";
        "clusters": Type::list(Base::Text), Claims::EntityProfile(it) => texts(&it.clusters), "regional bodies that it belongs to";
        "parent": optional(Base::Name), Claims::EntityProfile(it) => Value::of(it.parent, Value::Name), "its parent";
    }
}

claims! {
    /// `entity.status`
    STATUS = "register status" {
        "status": Type::one(Base::Text), Claims::EntityStatus(status) => Value::text(status),
            "the register's word, as `'active'` or `'administration'`";
    }
}

claims! {
    /// `cyber.ce`, `cyber.ceplus`
    CERTIFICATE = "certificate" {
        "whole_organisation": Type::one(Base::Bool),
            Claims::CyberCe(it) | Claims::CyberCeplus(it) => Value::Bool(it.whole_organisation),
            "whether its scope is the whole organisation";
    }
}

claims! {
    /// `cyber.dcc`
    DCC = "certification" {
        "level": int(), Claims::CyberDcc(it) => number(it.level), "0 to 3";
        "attested_on": Type::one(Base::Date), Claims::CyberDcc(it) => Value::Date(it.attested_on), "the last yearly attestation";
    }
}

claims! {
    /// `cyber.saq`
    SAQ = "questionnaire" {
        "level": int(), Claims::CyberSaq(it) => number(it.level), "the level that the answers reach, 0 to 3";
        "gaps": int(), Claims::CyberSaq(it) => number(it.gaps), "how many controls the answers fall short of";
    }
}

claims! {
    /// `cyber.cip`
    CIP = "plan" {
        "accepted": Type::one(Base::Bool), Claims::CyberCip(it) => Value::Bool(it.accepted), "whether the buyer accepted it";
        "due_on": Type::one(Base::Date), Claims::CyberCip(it) => Value::Date(it.due_on), "the last day for carrying it out";
    }
}

claims! {
    /// `cyber.sprs`
    SPRS = "SPRS score" {
        "score": int(), Claims::CyberSprs(it) => number(it.score), "-203 to 110";
        "assessed_on": Type::one(Base::Date), Claims::CyberSprs(it) => Value::Date(it.assessed_on), "the day of the assessment";
        "ssp": Type::one(Base::Bool), Claims::CyberSprs(it) => Value::Bool(it.ssp), "whether there is a system security plan";
    }
}

claims! {
    /// `cyber.cmmc`
    CMMC = "CMMC" {
        "level": int(), Claims::CyberCmmc(it) => number(it.level), "1 to 3";
        "status": Type::one(Base::Word(&CMMC_STATUS)), Claims::CyberCmmc(it) => Value::Word(it.status as u8), "final or conditional";
        "status_on": Type::one(Base::Date), Claims::CyberCmmc(it) => Value::Date(it.status_on), "the day of the status";
        "affirmed_on": optional(Base::Date), Claims::CyberCmmc(it) => Value::of(it.affirmed_on, Value::Date), "the last affirmation";
        "poam": Type::list(Base::Record(&POAM_ITEM)),
            Claims::CyberCmmc(it) => Value::list(&it.poam, |item| Value::Item(Item::Shortfall(item))), "its plan of action";
    }
}

record! {
    /// An item of a plan of action.
    POAM_ITEM = "plan item" false {
        "requirement": Type::one(Base::Text), Item::Shortfall(it) => Value::text(&it.requirement), "as `'3.13.11'` (NIST SP 800-171)";
        "points": int(), Item::Shortfall(it) => number(it.points), "what it counts";
    }
}

claims! {
    /// `cyber.standard`
    STANDARD = "standard" {
        "standard": Type::one(Base::Text), Claims::CyberStandard(it) => Value::text(&it.standard), "as `'ISO 27001'`";
        "scope": Type::one(Base::Text), Claims::CyberStandard(it) => Value::text(&it.scope), "what it covers, in words";
    }
}

claims! {
    /// `clearance.facility`
    FACILITY = "facility clearance" {
        "nation": Type::one(Base::Word(&NATION)), Claims::ClearanceFacility(it) => Value::Word(it.nation as u8), "whose clearance it is";
        "level": Type::one(Base::Word(&FACILITY_LEVEL)), Claims::ClearanceFacility(it) => Value::Word(it.level as u8),
            "up to which classification it may hold";
        "status": Type::one(Base::Word(&FACILITY_STATUS)), Claims::ClearanceFacility(it) => Value::Word(it.status as u8), "how it stands";
        "since": optional(Base::Date), Claims::ClearanceFacility(it) => Value::of(it.since, Value::Date), "from when it stands so";
        "sponsor_contract": optional(Base::Name),
            Claims::ClearanceFacility(it) => Value::of(it.sponsor_contract, Value::Name), "the contract that it is sponsored for";
        "sponsor_until": optional(Base::Date), Claims::ClearanceFacility(it) => Value::of(it.sponsor_until, Value::Date),
            "the last day of the sponsorship";
    }
}

claims! {
    /// `clearance.personnel`
    PERSONNEL = "personnel clearances" {
        "counts": Type::list(Base::Record(&PERSONNEL_COUNT)),
            Claims::ClearancePersonnel(it) => Value::list(it, |line| Value::Item(Item::PersonnelCount(line))), "its lines";
    }
}

record! {
    /// A line of cleared people.
    PERSONNEL_COUNT = "cleared people" false {
        "level": Type::one(Base::Word(&CLEARANCE_LEVEL)), Item::PersonnelCount(it) => Value::Word(it.level as u8), "to which level";
        "count": int(), Item::PersonnelCount(it) => number(it.count), "how many";
        "review_due_on": optional(Base::Date), Item::PersonnelCount(it) => Value::of(it.review_due_on, Value::Date), "their next review";
        "granted_on": optional(Base::Date), Item::PersonnelCount(it) => Value::of(it.granted_on, Value::Date), "when they were cleared";
    }
}

claims! {
    /// `supply.need`
    SUPPLY_NEED = "attested need" {
        "buyer": Type::one(Base::Name), Claims::SupplyNeed(it) => Value::Name(it.buyer), "who needs it";
        "item": Type::one(Base::Name), Claims::SupplyNeed(it) => Value::Name(it.item), "what is needed";
        "class": Type::one(Base::Word(&CLASS)), Claims::SupplyNeed(it) => Value::Word(it.class as u8), "how much hangs on it";
        "required_share_bp": optional(Base::Int), Claims::SupplyNeed(it) => Value::of(it.required_share_bp, number),
            "how much of the supply must be up, basis points; absent: any one source";
        "buffer_days": int(), Claims::SupplyNeed(it) => number(it.buffer_days), "how long stock lasts, days";
    }
}

claims! {
    /// `supply.source`
    SUPPLY_SOURCE = "attested source" {
        "supplier": Type::one(Base::Name), Claims::SupplySource(it) => Value::Name(it.supplier), "who supplies";
        "buyer": Type::one(Base::Name), Claims::SupplySource(it) => Value::Name(it.buyer), "who buys";
        "item": Type::one(Base::Name), Claims::SupplySource(it) => Value::Name(it.item), "what";
        "share_bp": int(), Claims::SupplySource(it) => number(it.share_bp), "its part of the need, basis points; 0 is idle";
        "qualified": Type::one(Base::Bool), Claims::SupplySource(it) => Value::Bool(it.qualified), "whether the buyer has qualified it";
        "switch_days": int(), Claims::SupplySource(it) => number(it.switch_days), "days to switch it on";
    }
}

claims! {
    /// `supply.capability`
    CAPABILITY = "capability" {
        "items": Type::list(Base::Name), Claims::SupplyCapability(it) => names(&it.items), "items that it could supply";
        "categories": Type::list(Base::Text), Claims::SupplyCapability(it) => texts(&it.categories), "categories that it could supply";
        "approvals": Type::list(Base::Text), Claims::SupplyCapability(it) => texts(&it.approvals), "approvals that it holds, as `'AS9100'`";
    }
}

claims! {
    /// `supply.end_of_life`
    END_OF_LIFE = "end-of-life notice" {
        "item": Type::one(Base::Name), Claims::SupplyEndOfLife(it) => Value::Name(it.item), "what ends";
        "last_order_on": Type::one(Base::Date), Claims::SupplyEndOfLife(it) => Value::Date(it.last_order_on), "the last day for orders";
    }
}

claims! {
    /// `site`
    SITE = "site" {
        "region": Type::one(Base::Name), Claims::Site(it) => Value::Name(it.region), "where it is";
        "corridors": Type::list(Base::Name), Claims::Site(it) => names(&it.corridors), "transport corridors that its supply passes through";
        "share_bp": int(), Claims::Site(it) => number(it.share_bp), "its part of the organisation's supply, basis points";
        "latitude": optional(Base::Int), Claims::Site(it) => Value::of(it.latitude, number), "millionths of a degree north";
        "longitude": optional(Base::Int), Claims::Site(it) => Value::of(it.longitude, number), "millionths of a degree east";
    }
}

claims! {
    /// `continuity.recovery`
    RECOVERY = "recovery plan" {
        "item": optional(Base::Name), Claims::ContinuityRecovery(it) => Value::of(it.item, Value::Name), "for what; absent: for everything";
        "recover_days": int(), Claims::ContinuityRecovery(it) => number(it.recover_days), "days until it supplies again";
        "tested_on": optional(Base::Date), Claims::ContinuityRecovery(it) => Value::of(it.tested_on, Value::Date), "its last test";
    }
}

claims! {
    /// `ownership.holding`
    HOLDING = "holding" {
        "owner": Type::one(Base::Name), Claims::OwnershipHolding(it) => Value::Name(it.owner), "who holds";
        "owner_country": Type::one(Base::Text), Claims::OwnershipHolding(it) => Value::text(&it.owner_country), "ISO 3166-1 alpha-2";
        "percent_ppm": int(), Claims::OwnershipHolding(it) => number(it.percent_ppm), "how much, parts per million";
    }
}

claims! {
    /// `foci.mitigation`
    MITIGATION = "mitigation" {
        "instrument": Type::one(Base::Word(&INSTRUMENT)), Claims::FociMitigation(it) => Value::Word(it.instrument as u8), "by which means";
        "accepted_by": Type::one(Base::Name), Claims::FociMitigation(it) => Value::Name(it.accepted_by), "who accepted it";
    }
}

claims! {
    /// `incident`
    INCIDENT = "incident" {
        "severity": int(), Claims::Incident(it) => number(it.severity), "1 (worst) to 4";
        "opened_at": Type::one(Base::Instant), Claims::Incident(it) => Value::Instant(it.opened_at), "when it began";
        "closed_on": optional(Base::Date), Claims::Incident(it) => Value::of(it.closed_on, Value::Date), "its last day; absent while it is open";
        "reported_at": Type::one(Base::Instant), Claims::Incident(it) => Value::Instant(it.reported_at), "when it was reported";
    }
}

claims! {
    /// `programme.requirement`
    ASKED = "attested requirement" {
        "programme": Type::one(Base::Name), Claims::ProgrammeRequirement(it) => Value::Name(it.programme), "which programme asks";
        "criticality": int(), Claims::ProgrammeRequirement(it) => number(it.criticality), "1 (least) to 5";
        "cyber_level": optional(Base::Int), Claims::ProgrammeRequirement(it) => Value::of(it.cyber_level, number), "0 to 3";
        "cmmc_level": optional(Base::Int), Claims::ProgrammeRequirement(it) => Value::of(it.cmmc_level, number), "1 to 3";
        "clearance_level": optional(Base::Word(&CLEARANCE_LEVEL)),
            Claims::ProgrammeRequirement(it) => Value::of(it.clearance_level, |level| Value::Word(level as u8)), "of its people";
        "headcount": int(), Claims::ProgrammeRequirement(it) => number(it.headcount), "how many must be cleared";
    }
}

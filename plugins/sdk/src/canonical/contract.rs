//! The types that a subject is made of, as they are read. Made from `plugins/wit/1.0.0/rule.wit`
//! by `UPDATE_GOLDEN=1 cargo test --test contract`; never edited.

use super::*;

enums! { Trust State Class CmmcStatus Nation FacilityLevel FacilityStatus ClearanceLevel Instrument ScreeningOutcome }

variants! {
    Claims {
        0 EntityProfile(EntityProfile),
        1 EntityStatus(String),
        2 CyberCe(Certificate),
        3 CyberCeplus(Certificate),
        4 CyberDcc(Dcc),
        5 CyberSaq(Saq),
        6 CyberCip(Cip),
        7 CyberSprs(Sprs),
        8 CyberCmmc(Cmmc),
        9 CyberStandard(CyberStandard),
        10 ClearanceFacility(Facility),
        11 ClearancePersonnel(Vec<PersonnelCount>),
        12 SupplyNeed(SupplyNeed),
        13 SupplySource(SupplySource),
        14 SupplyCapability(Capability),
        15 SupplyEndOfLife(EndOfLife),
        16 Site(Site),
        17 ContinuityRecovery(Recovery),
        18 OwnershipHolding(Holding),
        19 FociMitigation(Mitigation),
        20 Incident(Incident),
        21 ProgrammeRequirement(ProgrammeRequirement),
        22 Declared(Declared),
        23 Screening(Screening),
    }
    Value {
        0 Text(String),
        1 Integer(i64),
        2 Decimal(f64),
        3 Truth(bool),
        4 Json(String),
    }
}

records! {
    Subject {
        as_of: i64,
        words: Option<Vec<u32>>,
        evidence: Vec<Attestation>,
        requirement: Option<Requirement>,
        needs: Option<Vec<Need>>,
        impact: Option<Impact>,
        ownership: Option<Ownership>
    }
    Attestation {
        index: u32,
        about: u32,
        issuer: u32,
        trust: Trust,
        state: State,
        covers: bool,
        issued_at: i64,
        valid_from: i64,
        valid_until: Option<i64>,
        claims: Claims
    }
    EntityProfile {
        name: u32,
        country: String,
        region: Option<u32>,
        sme: Option<bool>,
        sectors: Vec<String>,
        clusters: Vec<String>,
        parent: Option<u32>
    }
    Certificate {
        whole_organisation: bool
    }
    Dcc {
        level: u8,
        attested_on: i32
    }
    Saq {
        level: u8,
        gaps: u32
    }
    Cip {
        accepted: bool,
        due_on: i32
    }
    Sprs {
        score: i32,
        assessed_on: i32,
        ssp: bool
    }
    Cmmc {
        level: u8,
        status: CmmcStatus,
        status_on: i32,
        affirmed_on: Option<i32>,
        poam: Vec<PoamItem>
    }
    PoamItem {
        requirement: String,
        points: u8
    }
    CyberStandard {
        standard: String,
        scope: String
    }
    Facility {
        nation: Nation,
        level: FacilityLevel,
        status: FacilityStatus,
        since: Option<i32>,
        sponsor_contract: Option<u32>,
        sponsor_until: Option<i32>
    }
    PersonnelCount {
        level: ClearanceLevel,
        count: u32,
        review_due_on: Option<i32>,
        granted_on: Option<i32>
    }
    SupplyNeed {
        buyer: u32,
        item: u32,
        class: Class,
        required_share_bp: Option<u32>,
        buffer_days: u32
    }
    SupplySource {
        supplier: u32,
        buyer: u32,
        item: u32,
        share_bp: u32,
        qualified: bool,
        switch_days: u32
    }
    Capability {
        items: Vec<u32>,
        categories: Vec<String>,
        approvals: Vec<String>
    }
    EndOfLife {
        item: u32,
        last_order_on: i32
    }
    Site {
        region: u32,
        corridors: Vec<u32>,
        share_bp: u32,
        latitude: Option<i32>,
        longitude: Option<i32>
    }
    Recovery {
        item: Option<u32>,
        recover_days: u32,
        tested_on: Option<i32>
    }
    Holding {
        owner: u32,
        owner_country: String,
        percent_ppm: u32
    }
    Mitigation {
        instrument: Instrument,
        accepted_by: u32
    }
    Incident {
        severity: u8,
        opened_at: i64,
        closed_on: Option<i32>,
        reported_at: i64
    }
    ProgrammeRequirement {
        programme: u32,
        criticality: u8,
        cyber_level: Option<u8>,
        cmmc_level: Option<u8>,
        clearance_level: Option<ClearanceLevel>,
        headcount: u32
    }
    Declared {
        kind: String,
        fields: Vec<Field>
    }
    Field {
        name: String,
        value: Value
    }
    Screening {
        list: String,
        outcome: ScreeningOutcome,
        measure: Option<String>,
        from: Option<i32>,
        until: Option<i32>,
        entry: Option<u32>
    }
    Requirement {
        cyber_level: Option<u8>,
        cmmc_level: Option<u8>,
        gb_clearance: Option<ClearanceRequirement>,
        us_clearance: Option<ClearanceRequirement>,
        criticality: Option<u8>
    }
    ClearanceRequirement {
        level: ClearanceLevel,
        headcount: u32
    }
    Need {
        item: u32,
        class: Class,
        required_share_bp: Option<u32>,
        buffer_days: u32,
        sources: Vec<Source>,
        hhi_bp: u32,
        region_hhi_bp: u32,
        corridor_hhi_bp: u32,
        country_hhi_bp: u32,
        share_total_bp: u32,
        shared_upstream: Option<u32>
    }
    Source {
        supplier: u32,
        ultimate_parent: u32,
        share_bp: u32,
        qualified: bool,
        switch_days: u32,
        last_order_on: Option<i32>
    }
    Impact {
        buyers: u32,
        tier: Option<u32>,
        programmes: Vec<u32>,
        single_point_of: Vec<Loss>,
        survive_days: Option<u32>,
        recover_days: Option<u32>
    }
    Loss {
        programme: u32,
        hidden: bool,
        criticality: Option<u8>,
        survive_days: u32,
        down_days: Option<u32>
    }
    Ownership {
        owners: Vec<Owner>,
        countries: Vec<NationalHolding>,
        undisclosed_ppm: u32,
        opaque: bool
    }
    Owner {
        owner: u32,
        country: String,
        effective_ppm: u32
    }
    NationalHolding {
        country: String,
        effective_ppm: u32
    }
}

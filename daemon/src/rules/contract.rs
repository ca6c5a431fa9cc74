//! What the contract holds, as lists for those that go through all of it. Made from `plugins/wit/1.0.0/rule.wit`
//! by `UPDATE_GOLDEN=1 cargo test --test contract`; never edited.

/// The sets of words in claims.
macro_rules! words_of_claims {
    ($with:ident) => {
        $with! {
            Class { SoleCritical, Critical, Major, Minor }
            CmmcStatus { Final, Conditional }
            Nation { Gb, Us }
            FacilityLevel { Confidential, Secret, TopSecret }
            FacilityStatus { None, Applied, Interim, Provisional, Full, Suspended, Withdrawn }
            ClearanceLevel { GbBpss, GbCtc, GbSc, GbDv, UsConfidential, UsSecret, UsTopSecret }
            Instrument { BoardResolution, Sca, Ssa, Proxy, VotingTrust }
            ScreeningOutcome { None, Possible, Match }
        }
    };
}

/// The records of claims: the fields that cross, and after the semicolon those that do not.
macro_rules! records_of_claims {
    ($with:ident) => {
        $with! {
            EntityProfile { name, country, region, sme, sectors, clusters, parent; aliases }
            Certificate { whole_organisation; certificate, entities }
            Dcc { level, attested_on; }
            Saq { level, gaps; }
            Cip { accepted, due_on; }
            Sprs { score, assessed_on, ssp; }
            Cmmc { level, status, status_on, affirmed_on, poam; }
            PoamItem { requirement, points; }
            CyberStandard { standard, scope; }
            Facility { nation, level, status, since, sponsor_contract, sponsor_until; }
            PersonnelCount { level, count, review_due_on, granted_on; }
            SupplyNeed { buyer, item, class, required_share_bp, buffer_days; }
            SupplySource { supplier, buyer, item, share_bp, qualified, switch_days; }
            Capability { items, categories, approvals; }
            EndOfLife { item, last_order_on; }
            Site { region, corridors, share_bp, latitude, longitude; }
            Recovery { item, recover_days, tested_on; }
            Holding { owner, owner_country, percent_ppm; }
            Mitigation { instrument, accepted_by; }
            Incident { severity, opened_at, closed_on, reported_at; reference }
            ProgrammeRequirement { programme, criticality, cyber_level, cmmc_level, clearance_level, headcount; flow_tiers }
            Screening { list, outcome, measure, from, until, entry; }
        }
    };
}

/// The cases of claims, in their order.
macro_rules! cases_of_claims {
    ($with:ident) => {
        $with! {
            EntityProfile = "entity-profile"
            EntityStatus = "entity-status"
            CyberCe = "cyber-ce"
            CyberCeplus = "cyber-ceplus"
            CyberDcc = "cyber-dcc"
            CyberSaq = "cyber-saq"
            CyberCip = "cyber-cip"
            CyberSprs = "cyber-sprs"
            CyberCmmc = "cyber-cmmc"
            CyberStandard = "cyber-standard"
            ClearanceFacility = "clearance-facility"
            ClearancePersonnel = "clearance-personnel"
            SupplyNeed = "supply-need"
            SupplySource = "supply-source"
            SupplyCapability = "supply-capability"
            SupplyEndOfLife = "supply-end-of-life"
            Site = "site"
            ContinuityRecovery = "continuity-recovery"
            OwnershipHolding = "ownership-holding"
            FociMitigation = "foci-mitigation"
            Incident = "incident"
            ProgrammeRequirement = "programme-requirement"
            Declared = "declared"
            Screening = "screening"
        }
    };
}

/// The cases of claims that point nowhere, each with its index; and after the semicolon the others.
macro_rules! cases_in_memory {
    ($with:ident) => {
        $with! {
            2 CyberCe
            3 CyberCeplus
            4 CyberDcc
            5 CyberSaq
            6 CyberCip
            7 CyberSprs
            10 ClearanceFacility
            12 SupplyNeed
            13 SupplySource
            15 SupplyEndOfLife
            17 ContinuityRecovery
            19 FociMitigation
            20 Incident
            21 ProgrammeRequirement
            ;
            EntityProfile
            EntityStatus
            CyberCmmc
            CyberStandard
            ClearancePersonnel
            SupplyCapability
            Site
            OwnershipHolding
            Declared
            Screening
        }
    };
}

/// The records that point nowhere.
macro_rules! flat_records {
    ($with:ident) => {
        $with! {
            Certificate { whole_organisation }
            Dcc { level, attested_on }
            Saq { level, gaps }
            Cip { accepted, due_on }
            Sprs { score, assessed_on, ssp }
            Facility { nation, level, status, since, sponsor_contract, sponsor_until }
            PersonnelCount { level, count, review_due_on, granted_on }
            SupplyNeed { buyer, item, class, required_share_bp, buffer_days }
            SupplySource { supplier, buyer, item, share_bp, qualified, switch_days }
            EndOfLife { item, last_order_on }
            Recovery { item, recover_days, tested_on }
            Mitigation { instrument, accepted_by }
            Incident { severity, opened_at, closed_on, reported_at }
            ProgrammeRequirement { programme, criticality, cyber_level, cmmc_level, clearance_level, headcount }
            Requirement { cyber_level, cmmc_level, gb_clearance, us_clearance, criticality }
            ClearanceRequirement { level, headcount }
            Source { supplier, ultimate_parent, share_bp, qualified, switch_days, last_order_on }
            Loss { programme, hidden, criticality, survive_days, down_days }
        }
    };
}

/// The sets of words.
macro_rules! flat_words {
    ($with:ident) => {
        $with! {
            Trust
            State
            Class
            CmmcStatus
            Nation
            FacilityLevel
            FacilityStatus
            ClearanceLevel
            Instrument
            ScreeningOutcome
        }
    };
}

pub(super) use {cases_in_memory, cases_of_claims, flat_records, flat_words, records_of_claims, words_of_claims};

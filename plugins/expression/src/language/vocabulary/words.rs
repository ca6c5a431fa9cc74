//! The words that claims and facts hold. Made from `plugins/wit/1.0.0/rule.wit`
//! by `UPDATE_GOLDEN=1 cargo test --test contract`; never edited.

use super::super::types::Words;
use tierwatch_rule::Claims;

/// How far an attestation may be believed, the least first.
pub static TRUST: Words =
    Words { name: "trust", words: &["unsigned", "self", "third-party", "authority"], ordered: true };

/// Where the instant lies in an attestation's validity.
pub static STATE: Words = Words { name: "state", words: &["in-force", "lapsed", "upcoming"], ordered: false };

/// How much hangs on a need.
pub static CLASS: Words =
    Words { name: "class", words: &["sole-critical", "critical", "major", "minor"], ordered: false };

/// What a CMMC status is.
pub static CMMC_STATUS: Words = Words { name: "CMMC status", words: &["final", "conditional"], ordered: false };

/// A nation whose clearances are known.
pub static NATION: Words = Words { name: "nation", words: &["GB", "US"], ordered: false };

/// Up to which classification a facility may hold.
pub static FACILITY_LEVEL: Words =
    Words { name: "facility level", words: &["confidential", "secret", "top-secret"], ordered: true };

/// The standing of a facility's clearance.
pub static FACILITY_STATUS: Words = Words {
    name: "facility status",
    words: &["none", "applied", "interim", "provisional", "full", "suspended", "withdrawn"],
    ordered: false,
};

/// Personnel clearances, each nation's in its own order.
pub static CLEARANCE_LEVEL: Words = Words {
    name: "clearance level",
    words: &["GB:BPSS", "GB:CTC", "GB:SC", "GB:DV", "US:CONFIDENTIAL", "US:SECRET", "US:TOP-SECRET"],
    ordered: false,
};

/// A mitigation of foreign ownership.
pub static INSTRUMENT: Words =
    Words { name: "instrument", words: &["board-resolution", "sca", "ssa", "proxy", "voting-trust"], ordered: false };

/// What a search of a list of restricted parties found.
pub static SCREENING_OUTCOME: Words =
    Words { name: "screening outcome", words: &["none", "possible", "match"], ordered: false };

/// The kinds, in the order of the table of kinds.
pub static KIND: Words = Words {
    name: "kind",
    words: &[
        "entity.profile",
        "entity.status",
        "cyber.ce",
        "cyber.ceplus",
        "cyber.dcc",
        "cyber.saq",
        "cyber.cip",
        "cyber.sprs",
        "cyber.cmmc",
        "cyber.standard",
        "clearance.facility",
        "clearance.personnel",
        "supply.need",
        "supply.source",
        "supply.capability",
        "supply.end_of_life",
        "site",
        "continuity.recovery",
        "ownership.holding",
        "foci.mitigation",
        "incident",
        "programme.requirement",
        "screening",
    ],
    ordered: false,
};

/// Every set of words.
pub static ALL_WORDS: &[&Words] = &[
    &TRUST,
    &STATE,
    &CLASS,
    &CMMC_STATUS,
    &NATION,
    &FACILITY_LEVEL,
    &FACILITY_STATUS,
    &CLEARANCE_LEVEL,
    &INSTRUMENT,
    &SCREENING_OUTCOME,
    &KIND,
];

/// The index of an attestation's kind among them; `None` for a declared one.
#[must_use]
pub fn kind_of(claims: &Claims) -> Option<u8> {
    Some(match claims {
        Claims::EntityProfile(_) => 0,
        Claims::EntityStatus(_) => 1,
        Claims::CyberCe(_) => 2,
        Claims::CyberCeplus(_) => 3,
        Claims::CyberDcc(_) => 4,
        Claims::CyberSaq(_) => 5,
        Claims::CyberCip(_) => 6,
        Claims::CyberSprs(_) => 7,
        Claims::CyberCmmc(_) => 8,
        Claims::CyberStandard(_) => 9,
        Claims::ClearanceFacility(_) => 10,
        Claims::ClearancePersonnel(_) => 11,
        Claims::SupplyNeed(_) => 12,
        Claims::SupplySource(_) => 13,
        Claims::SupplyCapability(_) => 14,
        Claims::SupplyEndOfLife(_) => 15,
        Claims::Site(_) => 16,
        Claims::ContinuityRecovery(_) => 17,
        Claims::OwnershipHolding(_) => 18,
        Claims::FociMitigation(_) => 19,
        Claims::Incident(_) => 20,
        Claims::ProgrammeRequirement(_) => 21,
        Claims::Screening(_) => 22,
        Claims::Declared(_) => return None,
    })
}

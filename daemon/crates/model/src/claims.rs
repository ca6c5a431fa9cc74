//! What each kind of attestation claims. A kind is a row below: its claims, its name, and in words what else the daemon must know
//! of it. `ARCHITECTURE.md`, "Add a kind", says what follows from that.

mod claimed;
mod clearance;
mod continuity;
mod cyber;
mod entity;
mod field;
mod incident;
mod kind;
mod kinds;
mod named;
mod network;
mod ownership;
mod programme;
mod screening;
mod site;
mod supply;
mod text;
mod withdrawal;

pub use clearance::{ClearanceLevel, FacilityClearance, FacilityLevel, FacilityStatus, Nation, PersonnelCount};
pub use continuity::Recovery;
pub use cyber::{Certificate, Cip, Cmmc, CmmcStatus, CyberStandard, Dcc, PoamItem, Saq, Sprs};
pub use entity::{EntityProfile, EntityStatus};
pub use incident::Incident;
pub use kind::{DeclaredClaims, MAX_KIND_NAME_BYTES, NotSpelled, SpellingFault};
use named::Place;
pub use named::{Country, Named, Party};
pub use network::NetworkClaims;
pub use ownership::{Holding, Instrument, Mitigation};
pub use programme::ProgrammeRequirement;
pub use screening::{Screening, ScreeningOutcome};
pub use site::Site;
pub use supply::{Class, EndOfLife, SupplyCapability, SupplyNeed, SupplySource};
pub use text::{MAX_TEXT_BYTES, Text};
pub use withdrawal::{Withdrawal, Withdraws};

use kinds::{Covers, Effect, MatterKey, kinds};

// The order is bound into scores, which list evidence by kind: a new row goes right before `Revocation`, as its case is the last
// of the contract.
kinds! {
    /// Who the organisation is.
    EntityProfile(EntityProfile) = "entity.profile",
        MatterKey::One, Covers::Subject, Effect::Network(NetworkClaims::Profile);
    /// What the register says of it.
    EntityStatus(EntityStatus) = "entity.status", MatterKey::One, Covers::Subject, Effect::RulesOnly;
    /// Cyber Essentials certificate (IASME).
    CyberCe(Certificate) = "cyber.ce", MatterKey::One, Covers::Listed(Certificate::covered), Effect::RulesOnly;
    /// Cyber Essentials Plus certificate (IASME).
    CyberCeplus(Certificate) = "cyber.ceplus", MatterKey::One, Covers::Listed(Certificate::covered), Effect::RulesOnly;
    /// Defence Cyber Certification.
    CyberDcc(Dcc) = "cyber.dcc", MatterKey::One, Covers::Subject, Effect::RulesOnly;
    /// Supplier Assurance Questionnaire (Cyber Security Model v4, Def Stan 05-138 issue 4).
    CyberSaq(Saq) = "cyber.saq", MatterKey::One, Covers::Subject, Effect::RulesOnly;
    /// Cyber Implementation Plan: how a shortfall is mended.
    CyberCip(Cip) = "cyber.cip", MatterKey::One, Covers::Subject, Effect::RulesOnly;
    /// Supplier Performance Risk System score (NIST SP 800-171 DoD assessment).
    CyberSprs(Sprs) = "cyber.sprs", MatterKey::One, Covers::Subject, Effect::RulesOnly;
    /// Cybersecurity Maturity Model Certification status (32 CFR 170).
    CyberCmmc(Cmmc) = "cyber.cmmc", MatterKey::One, Covers::Subject, Effect::RulesOnly;
    /// A certificate of another standard.
    CyberStandard(CyberStandard) = "cyber.standard",
        MatterKey::Each(|it| it.standard.to_string()), Covers::Subject, Effect::RulesOnly;
    /// Facility security clearance.
    ClearanceFacility(FacilityClearance) = "clearance.facility",
        MatterKey::Each(|it| it.nation.as_str().to_owned()), Covers::Subject, Effect::RulesOnly;
    /// Cleared people: counts only, never a name.
    ClearancePersonnel(Vec<PersonnelCount>) = "clearance.personnel", MatterKey::One, Covers::Subject, Effect::RulesOnly;
    /// What a buyer needs.
    SupplyNeed(SupplyNeed) = "supply.need",
        MatterKey::Each(|it| format!("{}|{}", it.buyer, it.item)), Covers::Subject, Effect::Network(NetworkClaims::Need);
    /// Who supplies a need.
    SupplySource(SupplySource) = "supply.source",
        MatterKey::Each(|it| format!("{}|{}|{}", it.buyer, it.item, it.supplier)),
        Covers::Subject, Effect::Network(NetworkClaims::Source);
    /// What an organisation could supply.
    SupplyCapability(SupplyCapability) = "supply.capability",
        MatterKey::One, Covers::Subject, Effect::Network(NetworkClaims::Capability);
    /// An item that will not be made any more.
    SupplyEndOfLife(EndOfLife) = "supply.end_of_life",
        MatterKey::Each(|it| it.item.to_string()), Covers::Subject, Effect::Network(NetworkClaims::EndOfLife);
    /// Where an organisation works.
    Site(Site) = "site",
        MatterKey::Each(|it| format!("{}|{:?}|{:?}", it.region, it.latitude, it.longitude)),
        Covers::Subject, Effect::Network(NetworkClaims::Site);
    /// How long it takes to be back.
    ContinuityRecovery(Recovery) = "continuity.recovery",
        MatterKey::Each(|it| it.item.as_ref().map(Text::to_string).unwrap_or_default()),
        Covers::Subject, Effect::Network(NetworkClaims::Recovery);
    /// Who owns it.
    OwnershipHolding(Holding) = "ownership.holding",
        MatterKey::Each(|it| it.owner.to_string()), Covers::Subject, Effect::Network(NetworkClaims::Holding);
    /// What keeps a foreign owner from control.
    FociMitigation(Mitigation) = "foci.mitigation", MatterKey::One, Covers::Subject, Effect::RulesOnly;
    /// A security incident.
    Incident(Incident) = "incident",
        MatterKey::Each(|it| format!("{}|{}", it.opened_at, it.reference.as_ref().map_or("", Text::as_str))),
        Covers::Subject, Effect::RulesOnly;
    /// What a programme asks of its suppliers.
    ProgrammeRequirement(ProgrammeRequirement) = "programme.requirement",
        MatterKey::Each(|it| it.programme.to_string()), Covers::Subject, Effect::Network(NetworkClaims::Requirement);
    /// Whether it is on a list of restricted parties.
    Screening(Screening) = "screening", MatterKey::Each(|it| it.list.to_string()), Covers::Subject, Effect::RulesOnly;
    /// An attestation is taken back for good.
    Revocation(Withdrawal) = "revocation", MatterKey::Each(|it| it.digest.to_string()), Covers::Subject, Effect::Others(Withdraws::ForGood);
    /// An attestation does not count while this one holds.
    Suspension(Withdrawal) = "suspension", MatterKey::Each(|it| it.digest.to_string()), Covers::Subject, Effect::Others(Withdraws::WhileItHolds);
}

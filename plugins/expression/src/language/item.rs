//! What has fields. Made from `plugins/wit/1.0.0/rule.wit`
//! by `UPDATE_GOLDEN=1 cargo test --test contract`; never edited.

use tierwatch_rule::{
    Attestation, ClearanceRequirement, Impact, Loss, NationalHolding, Need, Owner, Ownership, PersonnelCount, PoamItem,
    Requirement, Source,
};

/// Something with fields.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::enum_variant_names, reason = "they are the contract's")]
pub enum Item<'s> {
    /// An attestation.
    Attestation(&'s Attestation),
    /// An item of a plan of action.
    PoamItem(&'s PoamItem),
    /// One line of `clearance.personnel`
    PersonnelCount(&'s PersonnelCount),
    /// The highest that any programme in reach asks whose requirement flows down this far, or what a `programme.requirement` about the organisation says instead.
    Requirement(&'s Requirement),
    /// People that must be cleared.
    ClearanceRequirement(&'s ClearanceRequirement),
    /// What an organisation depends on.
    Need(&'s Need),
    /// A source of a need.
    Source(&'s Source),
    /// What depends on the organisation.
    Impact(&'s Impact),
    /// A programme that the organisation alone brings down.
    Loss(&'s Loss),
    /// Who owns the organisation, through all chains of holdings that are attested.
    Ownership(&'s Ownership),
    /// Who owns a part of the organisation, directly or through others.
    Owner(&'s Owner),
    /// What the owners of one country hold together, in parts per million.
    NationalHolding(&'s NationalHolding),
    /// An object within the claims of a declared kind.
    Object {
        /// The attestation that claims it.
        of: &'s Attestation,
        /// As JSON.
        json: &'s str,
    },
}

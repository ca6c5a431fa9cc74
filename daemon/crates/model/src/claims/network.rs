//! Claims that the supply network is made of.

use super::{
    EndOfLife, EntityProfile, Holding, ProgrammeRequirement, Recovery, Site, SupplyCapability, SupplyNeed, SupplySource,
};

/// What claims say of the supply network: whoever asks for it treats each.
#[derive(Clone, Copy, Debug)]
pub enum NetworkClaims<'c> {
    /// Who the subject is.
    Profile(&'c EntityProfile),
    /// What a buyer needs.
    Need(&'c SupplyNeed),
    /// Who supplies a need.
    Source(&'c SupplySource),
    /// What the subject could supply.
    Capability(&'c SupplyCapability),
    /// An item that will not be made any more.
    EndOfLife(&'c EndOfLife),
    /// Where the subject works.
    Site(&'c Site),
    /// How long it takes to be back.
    Recovery(&'c Recovery),
    /// Who owns a part of the subject.
    Holding(&'c Holding),
    /// What a programme asks.
    Requirement(&'c ProgrammeRequirement),
}

//! The file that heals the worst supplier: what a person at a demonstration drops into the feed to see a score fall.

use super::{Options, SimulateError, clearance, cyber, sign::OfficeKeys, staging::staged, world::World};
use crate::model::Organisation;

/// A file to be dropped into the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// Whom it heals.
    pub organisation: Organisation,
    /// What that organisation is called.
    pub name: String,
    /// What the file says, for a person.
    pub says: &'static str,
    /// A name for the file.
    pub file_name: String,
    /// The file: signed attestations, one a line.
    pub text: String,
}

/// Makes the file that heals the worst supplier of the network that `options` describe.
///
/// # Errors
/// [`SimulateError::NobodyToHeal`] when the network is too small for stories.
pub fn replacement(options: &Options) -> Result<Replacement, SimulateError> {
    options.check()?;
    of_world(&staged(options), &OfficeKeys::new(options.seed)).ok_or(SimulateError::NobodyToHeal(options.organisations))
}

/// The same for a network that is there already.
pub(super) fn of_world(world: &World, keys: &OfficeKeys) -> Option<Replacement> {
    let firm = world.firm(world.worst?);
    let drafts = cyber::renewal(world, &firm).into_iter().chain(clearance::restoration(world, &firm));
    let text = drafts.map(|draft| keys.sign(&draft) + "\n").collect();
    Some(Replacement {
        file_name: format!("renewal-{}.jsonl", firm.organisation.as_str().replace(':', "-")),
        organisation: firm.organisation,
        name: firm.name,
        says: "certificates renewed, facility clearance restored, enough people cleared",
        text,
    })
}

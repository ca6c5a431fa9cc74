//! The file that heals the worst supplier: what a person at a demonstration drops into the feed to see a score fall.

use super::{clearance, cyber, sign::OfficeKeys, world::World};

/// A file to be dropped into the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Replacement {
    /// A name for the file, with the organisation's in it.
    pub(super) file_name: String,
    /// The file: signed attestations, one a line.
    pub(super) text: String,
}

/// The file that heals the worst supplier of `world`: certificates renewed, facility clearance restored, enough people
/// cleared. `None` when the network is too small for stories.
pub(super) fn of_world(world: &World, keys: &OfficeKeys) -> Option<Replacement> {
    let firm = world.firm(world.worst?);
    let drafts = cyber::renewal(world, &firm).into_iter().chain(clearance::restoration(world, &firm));
    let text = drafts.map(|draft| keys.sign(&draft) + "\n").collect();
    Some(Replacement { file_name: format!("renewal-{}.jsonl", firm.organisation.as_str().replace(':', "-")), text })
}

//! All attestations about one organisation, in the order of their weight.

use super::{
    Options, clearance, cyber, identity,
    issuers::Office,
    planned::{PlannedAttestation, Signer},
    random::Stream,
    supply,
    world::World,
};

/// Everything that is attested about organisation `number`. The network itself always is. If a number of attestations
/// is given, the weightiest evidence comes first, and older statements of the register fill the rest.
pub(super) fn of_firm(world: &World, options: &Options, number: u32) -> Vec<PlannedAttestation> {
    let firm = world.firm(number);
    let own = if number < options.own_keys { Signer::Firm(number) } else { Signer::Office(Office::Portal) };
    let mut stream = Stream::new(world.seed, "evidence", u64::from(number));
    let mut drafts = vec![identity::profile(world, &firm, &mut stream)];
    drafts.extend(supply::of_firm(world, &firm, own));
    let network = drafts.len();
    drafts.extend(cyber::evidence(world, &firm, own, &mut stream));
    drafts.extend(supply::relief(world, &firm));
    drafts.extend(clearance::evidence(world, &firm, own, &mut stream));
    drafts.push(identity::status(world, &firm, 0));
    drafts.extend(identity::own_word(world, &firm, own, &mut stream));
    if let Some(wanted) = options.attestations_per_organisation {
        let wanted = wanted as usize;
        let months_back = (1..).map(|months| identity::status(world, &firm, months));
        let missing = wanted.saturating_sub(drafts.len());
        drafts.extend(months_back.take(missing));
        drafts.truncate(wanted.max(network));
    }
    drafts
}

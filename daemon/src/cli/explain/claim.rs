//! What does not count, and why: a claim about another's supply, and a score that was withdrawn.

use crate::{
    cli::output::{percent, risk},
    model::{Attestation, Organisation, claims::NetworkClaims},
    store::{ScoreWithdrawal, StoredScore},
};
use anyhow::{Result, bail};

/// What `attestation` says of the supply of another on its subject's word alone, as a text; `None` for everything else.
/// `is_itself` tells whether a name is the subject's.
pub(super) fn claimed(attestation: &Attestation, is_itself: impl FnOnce(&Organisation) -> bool) -> Option<String> {
    attestation.is_hearsay(|other, _| is_itself(other)).then_some(())?;
    Some(match attestation.claims.network()? {
        NetworkClaims::Need(need) => format!("{} needs {}", need.buyer, need.item),
        NetworkClaims::Source(source) => format!(
            "{} supplies {} of the {} that {} needs",
            source.supplier,
            percent(source.share_bp),
            source.item,
            source.buyer
        ),
        NetworkClaims::Requirement(asked) => format!("what {} asks of it", asked.programme),
        // None of these speaks for another.
        NetworkClaims::Profile(_)
        | NetworkClaims::Capability(_)
        | NetworkClaims::EndOfLife(_)
        | NetworkClaims::Site(_)
        | NetworkClaims::Recovery(_)
        | NetworkClaims::Holding(_) => return None,
    })
}

/// Says since when an organisation has no score any more, and why.
pub(super) fn refuse_withdrawn(last: &StoredScore) -> Result<()> {
    let Some(ScoreWithdrawal { withdrawn_at, merged_into, cause }) = &last.withdrawal else { return Ok(()) };
    let (organisation, band) = (&last.organisation, &last.band);
    let because = cause.map_or_else(String::new, |cause| format!(": {}", cause.sentence()));
    let was = last.risk_bp.map_or_else(|| "unrated".to_owned(), |risk_bp| format!("{} ({band})", risk(risk_bp)));
    let next = merged_into.as_ref().map_or_else(String::new, |other| format!("; explain {other} instead"));
    bail!("{organisation} has had no score since {withdrawn_at}{because}. Its last one was {was}{next}")
}

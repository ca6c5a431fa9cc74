//! From the store to the state: everything that it holds, judged by today's keys and grants.

use super::fleet::Fleet;
use crate::{
    attest::{Ledger, Refusal, Remit, Verifier, canonical, keys::KeyId},
    model::{Attestation, Instant, stored::ScoreJson},
    store::Reader,
};
use anyhow::{Context as _, Result};
use std::sync::Arc;

/// The state that the store holds, and how much of it counts.
pub struct Rebuilt {
    /// The state, without any evaluation yet.
    pub fleet: Fleet,
    /// How many of the attestations that counted before today's keys and grants do not admit.
    pub stopped: usize,
}

/// The state that the store holds, with today's keys and grants: what they no longer admit is left out and counted.
/// `before` is what counted until now, where that is known.
///
/// # Errors
/// When the store cannot be read.
pub fn rebuild(verifier: &Verifier, reader: &Reader, now: Instant, before: Option<&Ledger>) -> Result<Rebuilt> {
    let mut fleet = Fleet::new(Ledger::new(now));
    let (mut stored_attestations, mut not_admitted, mut stopped): (u64, u64, usize) = (0, 0, 0);
    reader.for_each_attestation(None, |stored| {
        stored_attestations += 1;
        match readmit(verifier, &stored.canonical, &stored.signers, stored.feed)? {
            Ok((attestation, remit)) => fleet.insert(Arc::new(attestation), &remit),
            Err(refusal) => {
                tracing::debug!(digest = %stored.digest, "{refusal}");
                not_admitted += 1;
                stopped += usize::from(before.is_some_and(|before| before.attestation(&stored.digest).is_some()));
                fleet.leave_out(canonical::parse(&stored.canonical)?);
            }
        }
        anyhow::Ok(())
    })?;
    // Where `before` is given, the caller reports what stops counting.
    if not_admitted > 0 && before.is_none() {
        tracing::warn!(
            attestations = not_admitted,
            of = stored_attestations,
            "stored attestations that today's keys and grants do not admit: they do not count"
        );
    }
    reader.for_each_score(|stored| {
        let score =
            ScoreJson::parse(&stored.body).context("a stored score is damaged: restore the store from a backup")?;
        fleet.restore(stored.organisation, score.into());
        anyhow::Ok(())
    })?;
    reader.for_each_exposure(|organisation, exposure| {
        fleet.restore_exposure(organisation, exposure);
        anyhow::Ok(())
    })?;
    Ok(Rebuilt { fleet, stopped })
}

/// A stored attestation with the issuer and trust that today's keys and grants give it, and how far its signers may speak
/// beyond it.
///
/// # Errors
/// When the store is damaged; the inner refusal when nothing admits it today.
fn readmit(
    verifier: &Verifier,
    canonical: &str,
    signers: &[Arc<str>],
    feed: &str,
) -> Result<Result<(Attestation, Remit), Refusal>> {
    let attestation = canonical::parse(canonical)?;
    let key = |signer: &Arc<str>| {
        signer.parse().map(KeyId).context("a stored signer is damaged: restore the store from a backup")
    };
    let signers = signers.iter().map(key).collect::<Result<Vec<_>>>()?;
    Ok(verifier.readmit(attestation, &signers, feed))
}

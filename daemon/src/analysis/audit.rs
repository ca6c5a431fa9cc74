//! Whether the store holds what it was given: every row as it was written, every envelope verified again and compared with
//! what is believed of it, every score with all that it was made from.

use crate::{
    attest::{Refusal, Verifier, canonical, keys::KeyId},
    by_name,
    model::{Attestation, Digest, Trust, score::ConflictDigests},
    scoring::parallel::in_parallel,
    store::{AttestationCopy, Reader, Rows, StoreError, StoredScore, WholeAttestation},
};
use anyhow::Result;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};

/// Attestations verified at a time.
const CHUNK: usize = 4096;
/// Most faults that are listed one by one.
const MAX_FAULTS: usize = 100;

/// What reading the whole store found.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Audit {
    /// Attestations that were read.
    pub attestations: u64,
    /// Envelopes that were verified again.
    pub envelopes: u64,
    /// Envelopes that today's keys and grants do not admit, which count for nothing, by reason.
    pub not_admitted: BTreeMap<&'static str, u64>,
    /// Envelopes that would be refused if they came today, since schemes, kinds or the tolerance of clocks have changed;
    /// they count as they were taken. By reason.
    pub refused_today: BTreeMap<&'static str, u64>,
    /// Scores that were read.
    pub scores: u64,
    /// Artefacts that were read.
    pub artefacts: u64,
    /// What is wrong, a sentence each: the first [`MAX_FAULTS`].
    pub faults: Vec<String>,
    /// How many further faults are not listed.
    pub more_faults: u64,
}

/// The outcome for one envelope.
enum EnvelopeVerdict {
    Verified,
    NotAdmitted(&'static str),
    RefusedToday(&'static str),
    Fault(String),
}

/// The part of a score that names what it was made from.
#[derive(Deserialize)]
struct Made {
    organisation: String,
    risk_bp: Option<u32>,
    band: String,
    provenance: From,
}

#[derive(Deserialize)]
struct From {
    digest: Digest,
    attestations: Vec<(Digest, Trust)>,
    conflicts: Vec<ConflictDigests>,
    facts: Digest,
    plugins: Vec<(String, Digest)>,
    policy: Digest,
}

/// Reads everything in the store.
///
/// # Errors
/// When it cannot be read at all; what is wrong with a row is a fault.
pub(crate) fn audit(verifier: &Verifier, reader: &Reader) -> Result<Audit> {
    let mut audit = Audit::default();
    for fault in reader.faults()? {
        audit.fault(fault);
    }
    let known = audit.attestations(verifier, reader)?;
    let kept = audit.artefacts(reader)?;
    audit.scores(reader, &known, &kept)?;
    Ok(audit)
}

impl Audit {
    fn fault(&mut self, fault: String) {
        if self.faults.len() < MAX_FAULTS { self.faults.push(fault) } else { self.more_faults += 1 }
    }

    /// What a row holds; `None` where it is missing or damaged, which has been reported already.
    fn sound<T>(read: Result<Option<T>, StoreError>) -> Result<Option<T>> {
        match read {
            Ok(row) => Ok(row),
            Err(StoreError::Damaged { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn attestations(&mut self, verifier: &Verifier, reader: &Reader) -> Result<HashSet<Digest>> {
        let mut known = HashSet::new();
        for_each_chunk(reader, Rows::Attestations, |chunk| {
            let mut whole = Vec::with_capacity(chunk.len());
            for id in chunk {
                whole.extend(Self::sound(reader.attestation_at(*id))?);
            }
            known.extend(whole.iter().map(|one| one.digest));
            self.attestations += whole.len() as u64;
            for found in in_parallel(whole, |one| verify(verifier, &one)).into_iter().flatten() {
                self.envelopes += 1;
                match found {
                    EnvelopeVerdict::Verified => {}
                    EnvelopeVerdict::NotAdmitted(reason) => *self.not_admitted.entry(reason).or_default() += 1,
                    EnvelopeVerdict::RefusedToday(reason) => *self.refused_today.entry(reason).or_default() += 1,
                    EnvelopeVerdict::Fault(fault) => self.fault(fault),
                }
            }
            Ok(())
        })?;
        Ok(known)
    }

    fn artefacts(&mut self, reader: &Reader) -> Result<HashSet<Digest>> {
        let mut kept = HashSet::new();
        for_each_chunk(reader, Rows::Artefacts, |chunk| {
            for id in chunk {
                let Some((digest, bytes)) = Self::sound(reader.artefact_at(*id))? else { continue };
                self.artefacts += 1;
                if Digest::of(&bytes) != digest {
                    self.fault(format!("the artefact {digest} holds other bytes than those that have this digest"));
                }
                kept.insert(digest);
            }
            Ok(())
        })?;
        Ok(kept)
    }

    fn scores(&mut self, reader: &Reader, known: &HashSet<Digest>, kept: &HashSet<Digest>) -> Result<()> {
        for_each_chunk(reader, Rows::Scores, |chunk| {
            for id in chunk {
                let Some(score) = Self::sound(reader.score(*id))? else { continue };
                self.scores += 1;
                if let Err(fault) = complete(&score, known, kept) {
                    self.fault(format!("the score {id} of {}: {fault}", score.organisation));
                }
            }
            Ok(())
        })
    }
}

/// Hands the numbers of all rows to `each`, some at a time.
fn for_each_chunk(reader: &Reader, of: Rows, mut each: impl FnMut(&[i64]) -> Result<()>) -> Result<()> {
    let mut after = i64::MIN;
    loop {
        let chunk = reader.numbers(of, after, CHUNK)?;
        let Some(last) = chunk.last() else { return Ok(()) };
        after = *last;
        each(&chunk)?;
    }
}

/// Verifies every copy of an attestation as if it had just come.
fn verify(verifier: &Verifier, whole: &WholeAttestation) -> Vec<EnvelopeVerdict> {
    let stored = match canonical::parse(&whole.canonical) {
        Ok(stored) => stored,
        Err(error) => {
            return vec![EnvelopeVerdict::Fault(format!("the attestation {} cannot be read: {error:#}", whole.digest))];
        }
    };
    whole.copies.iter().map(|copy| verify_copy(verifier, whole.digest, &stored, copy)).collect()
}

fn verify_copy(verifier: &Verifier, digest: Digest, stored: &Attestation, copy: &AttestationCopy) -> EnvelopeVerdict {
    let fault = |what: String| EnvelopeVerdict::Fault(format!("the attestation {digest} of {}: {what}", copy.origin));
    let verified = match verifier.verify(&copy.envelope, &copy.feed, copy.stored_at) {
        Ok(verified) => verified,
        Err(refusal) => {
            let found = by_configuration(verifier, &refusal, digest, copy);
            return found.unwrap_or_else(|| fault(format!("its envelope is refused, {refusal}")));
        }
    };
    let Some(one) = verified.into_iter().find(|one| one.attestation.digest == digest) else {
        return fault("its envelope holds another".to_owned());
    };
    // Issuer and trust are today's, whatever they were on the day it was stored.
    let believed = Attestation { issuer: stored.issuer.clone(), trust: stored.trust, ..one.attestation };
    if believed != *stored {
        return fault("what is believed of it is not what its envelope says".to_owned());
    }
    if !verifier.is_signed_by(&copy.envelope, &keys(&copy.signers)) {
        return fault("a key that is said to have signed it has not".to_owned());
    }
    EnvelopeVerdict::Verified
}

/// The verdict on an envelope that is refused because the configuration has changed since it was stored; `None` where its bytes
/// may have changed. Bytes are unchanged if their signatures verify or, of what nobody signed, if their digest is the name.
fn by_configuration(
    verifier: &Verifier,
    refusal: &Refusal,
    digest: Digest,
    copy: &AttestationCopy,
) -> Option<EnvelopeVerdict> {
    let signers = keys(&copy.signers);
    let is_forgotten = |key: &KeyId| verifier.options().trust.key(*key).is_none();
    let is_untouched = || match signers.is_empty() {
        true => Digest::of(copy.envelope.trim_ascii()) == digest,
        false => verifier.is_signed_by(&copy.envelope, &signers),
    };
    let reason = refusal.code();
    match refusal {
        Refusal::Unsigned { .. } => signers.is_empty().then_some(EnvelopeVerdict::NotAdmitted(reason)),
        Refusal::BadSignature | Refusal::UnknownKey { .. } => {
            (!signers.is_empty() && signers.iter().all(is_forgotten)).then_some(EnvelopeVerdict::NotAdmitted(reason))
        }
        Refusal::OutOfRemit { .. } | Refusal::Threshold { .. } => Some(EnvelopeVerdict::NotAdmitted(reason)),
        Refusal::FromTheFuture { .. }
        | Refusal::InvalidIdentifier(_)
        | Refusal::InvalidClaims { .. }
        | Refusal::UnknownKind(_) => is_untouched().then_some(EnvelopeVerdict::RefusedToday(reason)),
        _ => None,
    }
}

fn keys(signers: &[impl AsRef<str>]) -> Vec<KeyId> {
    signers.iter().filter_map(|signer| signer.as_ref().parse().ok().map(KeyId)).collect()
}

/// Whether a score's columns agree with its bytes, and everything that it was made from is stored.
fn complete(score: &StoredScore, known: &HashSet<Digest>, kept: &HashSet<Digest>) -> Result<(), String> {
    let made: Made = by_name::json(&score.body).map_err(|error| format!("it cannot be read, {error}"))?;
    let told = (made.organisation.as_str(), made.risk_bp, made.band.as_str(), made.provenance.digest);
    if told != (score.organisation.as_str(), score.risk_bp, score.band.as_str(), score.provenance) {
        return Err("its columns say otherwise than its bytes".to_owned());
    }
    let From { attestations, conflicts, facts, plugins, policy, .. } = made.provenance;
    let in_conflict = conflicts.iter().flat_map(|conflict| &conflict.others);
    if let Some((digest, _)) = attestations.iter().chain(in_conflict).find(|(digest, _)| !known.contains(digest)) {
        return Err(format!("the attestation {digest} that it was made from is not there"));
    }
    let mut artefacts = plugins.iter().map(|(_, digest)| digest).chain([&facts, &policy]);
    match artefacts.find(|digest| !kept.contains(*digest)) {
        Some(digest) => Err(format!("the artefact {digest} that it was made from is not there")),
        None => Ok(()),
    }
}

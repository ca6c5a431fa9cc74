//! From planned attestations to signed envelopes.

use super::{
    issuers::{Office, firm_key},
    planned::{PlannedAttestation, Signer},
};
use crate::{
    attest::{
        dsse,
        keys::SigningKey,
        statement::{self, PAYLOAD_TYPE},
    },
    model::{Claims, Digest},
};

/// The keys of the offices, made once.
pub(super) struct OfficeKeys {
    seed: u64,
    offices: Vec<SigningKey>,
}

impl OfficeKeys {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, offices: Office::ALL.iter().map(|office| office.key(seed)).collect() }
    }

    pub(super) fn office(&self, office: Office) -> &SigningKey {
        &self.offices[office as usize]
    }

    /// The signed envelope of `draft`, one line of JSON.
    pub(super) fn sign(&self, draft: &PlannedAttestation) -> String {
        let payload = payload(draft);
        let sign = |keys: &[&SigningKey]| dsse::sign(PAYLOAD_TYPE, payload.as_bytes(), keys);
        match draft.signer {
            Signer::Office(office) => sign(&[self.office(office)]),
            Signer::PrimeAndProgrammes => sign(&[self.office(Office::Prime), self.office(Office::Programmes)]),
            Signer::Firm(number) => sign(&[&firm_key(self.seed, number)]),
        }
    }
}

/// The name that the attestation of `draft` will have: a revocation needs it.
pub(super) fn attestation_digest(draft: &PlannedAttestation) -> Digest {
    Digest::of(&dsse::pae(PAYLOAD_TYPE, payload(draft).as_bytes()))
}

/// The statement that is signed.
pub(super) fn payload(draft: &PlannedAttestation) -> String {
    let kind = draft.claims.kind();
    statement::write(&statement::Draft {
        subject: &draft.subject,
        kind: &kind,
        issued_at: draft.issued_at,
        valid_from: Some(draft.valid_from),
        valid_until: draft.valid_until,
        scope: None,
        claims: &claims_value(&draft.claims),
        evidence: &[],
        supersedes: &[],
        handling: None,
    })
}

/// The claims without the kind that `Claims` writes beside them.
fn claims_value(claims: &Claims) -> serde_json::Value {
    let tagged = serde_json::to_value(claims);
    tagged.ok().and_then(|mut tagged| tagged.get_mut("claims").map(serde_json::Value::take)).unwrap_or_default()
}

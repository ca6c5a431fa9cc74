//! Who has signed: every key of the trust table that made one of an envelope's signatures.

use super::{
    dsse::{Envelope, Signature},
    keys::{KeyId, PublicKey},
    refusal::{Refusal, Shown},
    trust::TrustTable,
    unverified::Unverified,
};
use std::collections::BTreeSet;

/// Most verifications for one envelope beside those of its hints, of which it has as many as signatures. Without hints the
/// keys are tried one after another, and this bounds what a worthless envelope can cost (64 Ed25519 keys: about 2 ms).
const MAX_KEY_TRIALS: usize = 64;

/// The keys that signed `envelope`, sorted, each once.
///
/// A hint says which key to try first: all hints are looked at before any search, so that a good one never depends on what
/// stands before it. Where it is missing or wrong, the keys that could speak about what is stated are tried, then all
/// others, so that a key outside its remit is told from a stranger's.
pub(super) fn signers(
    table: &TrustTable,
    envelope: &Envelope<'_>,
    message: &[u8],
    unverified: &[Unverified<'_>],
) -> Result<Vec<KeyId>, Refusal> {
    let hinted = |signature: &Signature<'_>| signature.hint().and_then(|hint| table.key(hint));
    let (mut signers, mut left) = (BTreeSet::new(), Vec::new());
    for signature in &envelope.signatures {
        match hinted(signature) {
            Some(key) if key.verify(message, &signature.bytes) => _ = signers.insert(key.id()),
            key => left.push((signature, key)),
        }
    }
    let mut search = KeySearch { table, message, unverified, trials_left: MAX_KEY_TRIALS };
    signers.extend(left.into_iter().filter_map(|(signature, hinted)| search.signer(signature, hinted)));
    if !signers.is_empty() {
        return Ok(signers.into_iter().collect());
    }
    if envelope.signatures.iter().filter_map(Signature::hint).any(|hint| table.key(hint).is_some()) {
        return Err(Refusal::BadSignature);
    }
    let keyids = envelope.signatures.iter().filter_map(|signature| signature.keyid.as_deref());
    let keyids: Vec<&str> = keyids.filter(|keyid| !keyid.is_empty()).collect();
    let keyids = if keyids.is_empty() { "none".to_owned() } else { keyids.join(", ") };
    Err(Refusal::UnknownKey { keyids: Shown::of(keyids) })
}

struct KeySearch<'s> {
    table: &'s TrustTable,
    message: &'s [u8],
    unverified: &'s [Unverified<'s>],
    trials_left: usize,
}

impl KeySearch<'_> {
    /// The key that made a signature, where its hint has not told.
    fn signer(&mut self, signature: &Signature<'_>, hinted: Option<&PublicKey>) -> Option<KeyId> {
        let (table, unverified) = (self.table, self.unverified);
        let granted = unverified.iter().flat_map(|unverified| table.granted(&unverified.kind, &unverified.subject));
        // A hint at a key of ours is not worth a search through strangers' keys: the signature is simply not valid.
        let others = table.keys().filter(|_| hinted.is_none());
        let mut tried: BTreeSet<KeyId> = hinted.iter().map(|key| key.id()).collect();
        for key in granted.chain(others).filter(|key| tried.insert(key.id())) {
            self.trials_left = self.trials_left.checked_sub(1)?;
            if key.verify(self.message, &signature.bytes) {
                return Some(key.id());
            }
        }
        None
    }
}

//! Who has signed: every key of the trust table that made one of an envelope's signatures.

use super::{
    dsse::{Envelope, Signature},
    keys::{KeyId, PublicKey},
    refusal::{Refusal, Shown},
    stated::Stated,
    trust::TrustTable,
};
use std::collections::BTreeSet;

/// Most verifications for one envelope. One with good hints needs as many as it has signatures; without hints the keys
/// are tried one after another, and this bounds what a worthless envelope can cost (64 Ed25519 keys: about 2 ms).
const KEY_TRIALS_MAX: usize = 64;

/// The keys that signed `envelope`, sorted, each once.
///
/// A hint says which key to try first. Where it is missing or wrong, the keys that could speak about what is stated are
/// tried, then all others, so that a key outside its remit is told from a stranger's.
pub(super) fn signers(
    table: &TrustTable,
    envelope: &Envelope<'_>,
    message: &[u8],
    stated: &[Stated<'_>],
) -> Result<Vec<KeyId>, Refusal> {
    let mut search = Search { table, message, stated, trials_left: KEY_TRIALS_MAX };
    let signers: BTreeSet<KeyId> =
        envelope.signatures.iter().filter_map(|signature| search.signer(signature)).collect();
    if !signers.is_empty() {
        return Ok(signers.into_iter().collect());
    }
    if envelope.signatures.iter().filter_map(Signature::hint).any(|hint| table.key(hint).is_some()) {
        return Err(Refusal::BadSignature);
    }
    let keyids: Vec<&str> = envelope.signatures.iter().filter_map(|signature| signature.keyid.as_deref()).collect();
    let keyids = if keyids.is_empty() { "none".to_owned() } else { keyids.join(", ") };
    Err(Refusal::UnknownKey { keyids: Shown::of(keyids) })
}

struct Search<'s> {
    table: &'s TrustTable,
    message: &'s [u8],
    stated: &'s [Stated<'s>],
    trials_left: usize,
}

impl Search<'_> {
    fn signer(&mut self, signature: &Signature<'_>) -> Option<KeyId> {
        let table = self.table;
        let hinted = signature.hint().and_then(|hint| table.key(hint));
        if let Some(key) = hinted.filter(|key| self.verifies(key, signature)) {
            return Some(key.id());
        }
        let stated = self.stated;
        let granted = stated.iter().flat_map(|stated| table.granted(&stated.kind, &stated.subject));
        // A hint at a key of ours is not worth a search through strangers' keys: the signature is simply not valid.
        let others = table.keys().filter(|_| hinted.is_none());
        let mut tried: BTreeSet<KeyId> = hinted.iter().map(|key| key.id()).collect();
        for key in granted.chain(others) {
            if self.trials_left == 0 {
                break;
            }
            if tried.insert(key.id()) && self.verifies(key, signature) {
                return Some(key.id());
            }
        }
        None
    }

    fn verifies(&mut self, key: &PublicKey, signature: &Signature<'_>) -> bool {
        let Some(left) = self.trials_left.checked_sub(1) else { return false };
        self.trials_left = left;
        key.verify(self.message, &signature.bytes)
    }
}

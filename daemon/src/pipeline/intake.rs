//! From deliveries to durable attestations: verified on all cores, committed with their feed's position, and only then
//! taken into memory.

use super::{
    Pipeline, RetryDone, UnknownItems,
    batch::{ArrivalOutcome, ArrivedBatch, CommittingBatch, UnverifiedItem, VerifiedBatch, positions_of},
};
use crate::{
    attest::{Matter, Refusal, Refused, Verified, Verifier, keys::KeyId, reaches_others},
    feed::Body,
    metrics::unix_seconds_now,
    model::{Digest, Instant},
    scoring::parallel::in_parallel,
    store::{self, Arrival, Intake, NewAttestation, QuarantineFilter, QuarantineState, StoredArrival, may_pass},
};
use anyhow::{Context as _, Result};
use std::{collections::BTreeMap, sync::Arc, time::Instant as Stopwatch};

/// Quarantined items tried again in one transaction.
const RETRY_BATCH_ITEMS: usize = 256;
/// Quarantined items listed at a time.
const QUARANTINE_PAGE_ITEMS: u32 = 10_000;

impl Pipeline {
    /// Verifies a batch on all cores.
    pub(super) fn verify(&mut self, batch: ArrivedBatch) -> VerifiedBatch {
        let started = Stopwatch::now();
        let now = self.look();
        self.clock.used(now);
        let verifier = Arc::clone(&self.settings.verifier);
        let ArrivedBatch { items, files, arrivals, resent } = batch;
        let (positions, forgotten) = positions_of(files);
        self.resent.extend(resent);
        let checked = in_parallel(items, |item| check(&verifier, item, now));
        let (mut stored, mut told) = (Vec::new(), Vec::new());
        for (arrival, one) in checked.into_iter().flatten() {
            stored.push(arrival);
            told.push(one);
        }
        tell_distrusted(&stored);
        self.totals.parts.verify += started.elapsed();
        VerifiedBatch { intake: Intake { arrivals: stored, positions, forgotten, stored_at: now }, told, arrivals }
    }

    /// Hands a verified batch to the store.
    pub(super) fn commit(&mut self, verified: VerifiedBatch) -> CommittingBatch {
        let VerifiedBatch { intake, told, arrivals } = verified;
        CommittingBatch { pending: self.store.intake(intake), told, arrivals, started: Stopwatch::now() }
    }

    /// Waits until a batch is durable, then takes what is new into memory.
    pub(super) fn settle(&mut self, committing: Option<CommittingBatch>) -> Result<()> {
        let Some(CommittingBatch { pending, told, arrivals, started }) = committing else { return Ok(()) };
        let waited = Stopwatch::now();
        let done = pending.wait().context("nothing of the last batch is acknowledged")?;
        self.metrics.store_commit.observe(started.elapsed().as_secs_f64());
        self.totals.parts.store += waited.elapsed();
        let taking = Stopwatch::now();
        for (told, stored) in told.into_iter().zip(done.outcomes) {
            self.take_in(told, stored);
        }
        for (feed, arrived) in arrivals {
            self.metrics.feed_last_delivery.with_label_values(&[&*feed]).set(unix_seconds_now());
            self.metrics.feed_lag.with_label_values(&[&*feed]).set(arrived.elapsed().as_secs_f64());
            self.unscored.push(arrived);
        }
        self.quarantine_moved = true;
        self.totals.parts.take_in += taking.elapsed();
        Ok(())
    }

    fn take_in(&mut self, told: ArrivalOutcome, stored: StoredArrival) {
        let ArrivalOutcome { feed, attested } = told;
        let outcome = match (attested, stored) {
            (Err(reason), stored) => {
                if stored == StoredArrival::Summarised {
                    self.tell_full(&feed);
                }
                if reason == Refusal::FROM_THE_FUTURE {
                    self.awaited = Some(Instant::MIN);
                }
                *self.totals.refused.entry(reason).or_default() += 1;
                self.metrics.refusals.with_label_values(&[&*feed, reason]).inc();
                "refused"
            }
            (Ok(verified), StoredArrival::SignersExtended { signers, .. }) => {
                self.extend(&verified, &signers, &feed);
                self.totals.duplicates += 1;
                "duplicate"
            }
            (Ok(verified), StoredArrival::New { .. }) => {
                self.totals.accepted += 1;
                let Verified { attestation, remit, .. } = *verified;
                tracing::debug!(digest = %attestation.digest, kind = %attestation.kind(), subject = %attestation.subject, "accepted");
                self.fleet.insert(Arc::new(attestation), &remit);
                "accepted"
            }
            (
                Ok(_),
                StoredArrival::Duplicate { .. } | StoredArrival::Quarantined { .. } | StoredArrival::Summarised,
            ) => {
                self.totals.duplicates += 1;
                "duplicate"
            }
        };
        self.metrics.attestations.with_label_values(&[&*feed, outcome]).inc();
    }

    /// A known attestation has got signatures of further keys. All of them together may raise its trust, and then the state is
    /// rebuilt, which is expensive and rare.
    fn extend(&mut self, verified: &Verified, signers: &[Arc<str>], feed: &str) {
        let attestation = &verified.attestation;
        let keys: Vec<KeyId> = signers.iter().filter_map(|signer| signer.parse().ok().map(KeyId)).collect();
        match self.settings.verifier.admit(&keys, feed, &attestation.kind(), &attestation.subject) {
            Ok(admission) => {
                let held = self.fleet.ledger().attestation(&attestation.digest);
                let reaches_further = reaches_others(attestation);
                self.outdated |= held.is_some_and(|held| {
                    reaches_further || held.trust != admission.trust || held.issuer != admission.issuer
                });
            }
            Err(refusal) => {
                tracing::error!(digest = %attestation.digest, %refusal, "a countersigned attestation is not admitted again")
            }
        }
    }

    /// Tries quarantined items again with the current keys and grants: these rows, or all that wait.
    pub(super) fn retry(&mut self, rows: Option<&[i64]>) -> Result<RetryDone> {
        let reader = store::Reader::open(&self.reader_path)?;
        let ids = match rows {
            Some(rows) => {
                UnknownItems::none_of(&reader, rows)?;
                rows.to_vec()
            }
            None => waiting(&reader)?,
        };
        let before = self.totals.accepted + self.totals.duplicates;
        let mut done = RetryDone::default();
        for ids in ids.chunks(RETRY_BATCH_ITEMS) {
            let mut batch = ArrivedBatch::default();
            for id in ids {
                let (row, bytes) =
                    reader.quarantined(*id)?.with_context(|| format!("there is no item {id} in quarantine"))?;
                let cut = row.byte_count > bytes.len() as u64;
                let body = if cut {
                    Body::Oversized { length_bytes: row.byte_count, head: bytes }
                } else {
                    Body::Bytes(bytes)
                };
                batch.items.push(UnverifiedItem { feed: row.feed, origin: row.origin, body, retried: Some(*id) });
            }
            done.tried += batch.len();
            let verified = self.verify(batch);
            let committing = self.commit(verified);
            self.settle(Some(committing))?;
        }
        let accepted = self.totals.accepted + self.totals.duplicates - before;
        done.accepted = usize::try_from(accepted).unwrap_or(usize::MAX).min(done.tried);
        Ok(done)
    }

    /// Sets items of the quarantine aside; returns how many of them had been waiting.
    pub(super) fn set_aside(&mut self, ids: Vec<i64>) -> Result<usize> {
        UnknownItems::none_of(&store::Reader::open(&self.reader_path)?, &ids)?;
        self.quarantine_moved = true;
        Ok(self.store.set_aside(ids).wait()?)
    }

    /// Retries what waits of files that were sent again unchanged: whoever sends them expects another outcome.
    pub(super) fn retry_resent(&mut self) -> Result<()> {
        if self.resent.is_empty() {
            return Ok(());
        }
        let waiting = store::Reader::open(&self.reader_path).and_then(|reader| {
            let of_file = |(feed, path): &(Arc<str>, String)| reader.waiting_of_file(feed, path);
            self.resent.iter().map(of_file).collect::<Result<Vec<_>, _>>()
        });
        let Some(waiting) = self.unless_put_off(waiting.map_err(Into::into))? else { return Ok(()) };
        if self.retry_by_itself(&waiting.concat(), "sent again")? {
            self.resent.clear();
        }
        Ok(())
    }

    /// Retries what was dated in the future, once its time has come.
    pub(super) fn retry_due(&mut self) -> Result<()> {
        let until = self.look().plus_seconds(self.future_tolerance_seconds());
        if self.awaited.is_none_or(|at| at > until) {
            return Ok(());
        }
        let waiting = store::Reader::open(&self.reader_path)
            .and_then(|reader| reader.waiting_for_time(Refusal::FROM_THE_FUTURE, until));
        let Some((ids, next)) = self.unless_put_off(waiting.map_err(Into::into))? else { return Ok(()) };
        self.awaited = next;
        if !self.retry_by_itself(&ids, "its time has come")? {
            self.awaited = Some(Instant::MIN);
        }
        Ok(())
    }

    /// Returns whether the items were tried; if not, they will be later.
    fn retry_by_itself(&mut self, ids: &[i64], because: &str) -> Result<bool> {
        if ids.is_empty() {
            return Ok(true);
        }
        let done = self.retry(Some(ids));
        let Some(RetryDone { tried, accepted }) = self.unless_put_off(done)? else { return Ok(false) };
        tracing::info!(tried, accepted, because, "quarantined items were tried again");
        Ok(true)
    }

    /// What was read of the store; `None` where reading failed for a reason that may pass, as when descriptors are exhausted.
    /// That is logged once, and whatever needed it is tried again.
    fn unless_put_off<T>(&mut self, read: Result<T>) -> Result<Option<T>> {
        match read {
            Ok(read) => {
                self.put_off = false;
                Ok(Some(read))
            }
            Err(error) if may_pass(&error) => {
                if !std::mem::replace(&mut self.put_off, true) {
                    tracing::warn!("{error:#}; what waits in quarantine is tried again when that is over");
                }
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// When the next item that was dated in the future is to be retried.
    pub(super) fn next_retry(&self) -> Option<Instant> {
        self.awaited.map(|said| said.plus_seconds(-self.future_tolerance_seconds()))
    }

    fn future_tolerance_seconds(&self) -> i64 {
        self.settings.config.attestations.future_tolerance_seconds
    }
}

/// Every item that waits in quarantine.
fn waiting(reader: &store::Reader) -> Result<Vec<i64>> {
    let mut ids: Vec<i64> = Vec::new();
    loop {
        let after = ids.last().copied().unwrap_or(0);
        let page = QuarantineFilter {
            state: Some(QuarantineState::Waiting),
            reason: None,
            after,
            limit: QUARANTINE_PAGE_ITEMS,
        };
        let page = reader.quarantine(&page)?;
        if page.is_empty() {
            return Ok(ids);
        }
        ids.extend(page.into_iter().map(|row| row.id));
    }
}

/// Logs whose signatures were not accepted: one line for each feed and reason of a batch, however many it refused.
fn tell_distrusted(arrivals: &[Arrival]) {
    let mut groups: BTreeMap<(&str, &str), (usize, &store::RefusedArrival)> = BTreeMap::new();
    for arrival in arrivals {
        let (Arrival::Refused(refusal) | Arrival::RefusedAgain { refusal, .. }) = arrival else { continue };
        if Refusal::OF_TRUST.contains(&&*refusal.reason) {
            groups.entry((&refusal.feed, &refusal.reason)).or_insert((0, refusal)).0 += 1;
        }
    }
    for ((feed, reason), (count, first)) in groups {
        tracing::warn!(feed, reason, count, origin = %first.origin, "refused: {}", first.sentence);
    }
}

/// Verifies one item. One envelope may hold several attestations.
fn check(verifier: &Verifier, item: UnverifiedItem, now: Instant) -> Vec<(Arrival, ArrivalOutcome)> {
    let UnverifiedItem { feed, origin, body, retried } = item;
    let refused = |refused: Refused, bytes: Vec<u8>, byte_count: u64| {
        let Refused { refusal, matter } = refused;
        let (reason, sentence) = (refusal.code(), refusal.to_string());
        let issued_at = match &refusal {
            Refusal::FromTheFuture { issued_at, .. } => Some(*issued_at),
            _ => matter.as_ref().and_then(|matter| matter.issued_at),
        };
        tracing::debug!(%feed, %origin, reason, "refused");
        let refusal = store::RefusedArrival {
            feed: Arc::clone(&feed),
            origin: Arc::clone(&origin),
            reason: reason.into(),
            sentence: sentence.into(),
            digest: Digest::of(&bytes),
            byte_count,
            bytes: bytes.into(),
            matter: matter.map(|matter| matter.digest),
            issued_at,
        };
        let arrival = match retried {
            Some(id) => Arrival::RefusedAgain { id, refusal },
            None => Arrival::Refused(refusal),
        };
        vec![(arrival, ArrivalOutcome { feed: Arc::clone(&feed), attested: Err(reason) })]
    };
    let bytes = match body {
        Body::Bytes(bytes) => bytes,
        Body::Oversized { length_bytes, head } => {
            let oversized = Refusal::Oversized { bytes: usize::try_from(length_bytes).unwrap_or(usize::MAX) };
            return refused(oversized.into(), head, length_bytes);
        }
    };
    let verified = match verifier.judge(&bytes, &feed, now) {
        Ok(verified) => verified,
        Err(why) => {
            let byte_count = bytes.len() as u64;
            return refused(why, bytes, byte_count);
        }
    };
    let envelope: Arc<[u8]> = bytes.into();
    let stored = |one: Verified| {
        let signers = one.signers.iter().map(|key| key.to_string().into()).collect();
        let new = NewAttestation::new(
            &one.attestation,
            Arc::clone(&envelope),
            Matter::of(&one.attestation).digest,
            signers,
            Arc::clone(&feed),
            Arc::clone(&origin),
        );
        (Arrival::Attested(new), ArrivalOutcome { feed: Arc::clone(&feed), attested: Ok(Box::new(one)) })
    };
    verified.into_iter().map(stored).collect()
}

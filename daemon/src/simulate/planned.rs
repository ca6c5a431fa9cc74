//! An attestation before it is signed.

use super::issuers::Office;
use crate::model::{Claims, Date, Instant, Organisation};

/// Who signs a planned attestation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signer {
    /// One office.
    Office(Office),
    /// The prime and the programme office together, as the grant's threshold asks.
    PrimeAndProgrammes,
    /// An organisation, by number.
    Firm(u32),
}

/// An attestation that will be signed: its signer, subject, claims and dates.
#[derive(Clone, Debug)]
pub(super) struct PlannedAttestation {
    pub(super) signer: Signer,
    pub(super) subject: Organisation,
    pub(super) issued_at: Instant,
    pub(super) valid_from: Instant,
    pub(super) valid_until: Option<Instant>,
    pub(super) claims: Claims,
}

impl PlannedAttestation {
    /// A claim made on `date` that holds from then on.
    pub(super) fn new(signer: Signer, subject: &Organisation, date: Date, claims: Claims) -> Self {
        let start = date.start();
        Self { signer, subject: subject.clone(), issued_at: start, valid_from: start, valid_until: None, claims }
    }

    /// The same, valid for `months` months.
    pub(super) fn for_months(mut self, months: i32) -> Self {
        self.valid_until = Some(self.valid_from.date().plus_months(months).start());
        self
    }
}

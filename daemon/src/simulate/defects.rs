//! What is wrong with an organisation: at most one thing, so that a demonstration shows cause and effect.

use super::random::Stream;

/// The one thing that tells an organisation from a healthy one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Defect {
    /// Nothing is wrong.
    Healthy,
    /// Its certificate lapsed this many days ago.
    CertificateLapsed(i64),
    /// Its certificate lapses in this many days.
    CertificateLapsing(i64),
    /// The same, and the next one is already issued.
    CertificateRenewed(i64),
    /// Its certificate was revoked.
    CertificateRevoked,
    /// Its certificate is suspended.
    CertificateSuspended,
    /// Its CE Plus came ten days after the three months that follow a CE.
    PlusTooLate,
    /// It has CE where CE Plus is needed.
    PlusMissing,
    /// Its certificate names another organisation only.
    ScopeElsewhere,
    /// It has the certificate and no evidence of the controls.
    CertificateAlone,
    /// Its answers fall short; the plan to mend them is accepted.
    PlanAccepted,
    /// No cyber evidence at all.
    NoCyber,
    /// Its facility clearance is provisional.
    ClearanceProvisional,
    /// Only it says that its facility is cleared.
    ClearanceSelfAsserted,
    /// The contract that sponsored its clearance ended.
    SponsorEnded,
    /// All its people are due for review within months.
    ReviewsDue,
    /// It has half of the cleared people that it needs.
    TooFewCleared,
    /// Facility clearance withdrawn, nobody cleared, certificate long lapsed: the worst of all.
    Withdrawn,
    /// It describes itself differently from the register.
    ProfileConflict,
    /// It stops making its item.
    EndOfLife,
    /// It has an open incident.
    IncidentOpen,
    /// It is in administration.
    Administration,
    /// Its certificates are issued to its LEI, which the register ties to its company number.
    CertifiedByAlias,
    /// Belongs to the group with this number.
    OwnedBy(u32),
    /// Works in four regions alike.
    FourRegions,
    /// Works in two regions, and all that it supplies takes one motorway.
    OneCorridor,
    /// Needs this many days to recover.
    SlowToRecover(u32),
    /// Most of it is held by the group with this number, which a fund abroad holds.
    HeldThrough(u32),
}

/// What is wrong with `firm`, when no story says so: in 13 % of cases there is something.
pub(super) fn by_chance(seed: u64, firm: u32, tier: usize) -> Defect {
    let mut stream = Stream::new(seed, "twist", u64::from(firm));
    let days = i64::from(stream.between(1, 80));
    match (stream.below(100), tier) {
        (0..2, _) => Defect::CertificateLapsed(days.min(28)),
        (2..4, _) => Defect::CertificateLapsed(30 + days),
        (4..6, _) => Defect::CertificateLapsing(days.min(30)),
        (6..8, _) => Defect::CertificateAlone,
        (8, _) => Defect::PlanAccepted,
        (9, 0 | 1) => Defect::PlusMissing,
        (9..11, 2 | 3) => Defect::NoCyber,
        (10, 0 | 1) => Defect::SponsorEnded,
        (11, 0 | 1) => Defect::TooFewCleared,
        (12, 0 | 1) => Defect::ClearanceProvisional,
        _ => Defect::Healthy,
    }
}

//! # expiry-horizon: does what it must hold lapse before it can be renewed?
//!
//! A credential that lapses next month is a shortfall next month, and some take the better part of a year to renew. The
//! credentials that a requirement rests on are looked at, each with the lead that its renewal takes:
//!
//! | required | credential | lapses | lead |
//! |---|---|---|---|
//! | a cyber level | Cyber Essentials (levels 0 and 1, when there is no Plus that lasts as well) | after 12 months | 30 days |
//! | a cyber level | Cyber Essentials Plus | after 12 months | 90 days |
//! | a cyber level | Defence Cyber Certification, where it has one at the level | after 36 months | 180 days |
//! | a CMMC level | CMMC at the level: Final level 1, levels 2 and 3; Conditional | after 12, 36 months; 180 days | 270 days |
//! | a clearance of a nation | its facility clearance: sponsorship or attestation, whichever ends first | as attested | 270 days |
//!
//! Each may end sooner when its attestation says so. With d days from today to its last day and a lead of L: nothing for
//! d ≥ L; 80.00 × (L − d) / L down to the last day; 90.00 once it has lapsed. A renewal in evidence, one that has been issued
//! and is still to start, halves the risk until the last day, unless only the organisation itself says so. The worst counts.
//! Where nothing that is required says when it ends, it is unknown.
//!
//! What is missing or falls short is for `cyber-posture`, `cmmc` and `clearance`: this rule looks ahead. The periods are the
//! schemes'; leads and risks are Tierwatch's own and rest on no standard.
//!
//! Example: level 2 is required and its Cyber Essentials Plus ends in 45 days: 80.00 × 45 / 90 = 40.00 with `LAPSES`.

use std::cmp::Reverse;
use tierwatch_rule::{
    Argument, Assessment, Attestation, BASIS_POINTS, Claims, CmmcStatus, Date, FacilityStatus, Finding, Manifest,
    Nation, Problem, Requirement, Rule, Severity, Subject, Trust, WHOLE_BP, confidence_bp, date_of, manifest, messages,
    parameters, plus_months, within,
};

const HELP: &str = "Whether the certificates, certifications, statuses and facility clearances that a supplier must hold \
    lapse sooner than they can be renewed. The periods are the schemes'; the leads and the risk figures are Tierwatch's own.";

messages! {
    NOTHING_REQUIRED: "No programme that it reaches asks a credential of it." => "";
    NO_EXPIRY: "Nothing that it must hold says when it ends."
        => "Ask it for its certificates, and the authority for the sponsorship of its facility clearance.";
    LAPSES: "Its {0} ends on {1}, in {2} days; a renewal takes {3}."
        => "Ask for the date of its renewal now.";
    RENEWED: "Its {0} ends on {1}, in {2} days, and the next one is issued." => "";
    LAPSED: "Its {0} ended on {1}."
        => "Have it renewed; until then it counts as absent where it is required.";
}

parameters! {
    /// Days that a renewal of Cyber Essentials takes.
    essentials_lead_days: u32 = 30, within(1, 3_650);
    /// Days that a renewal of Cyber Essentials Plus takes.
    plus_lead_days: u32 = 90, within(1, 3_650);
    /// Days that a renewal of a Defence Cyber Certification takes.
    certification_lead_days: u32 = 180, within(1, 3_650);
    /// Days that a renewal of a CMMC status takes.
    cmmc_lead_days: u32 = 270, within(1, 3_650);
    /// Days that a new sponsorship of a facility clearance takes.
    facility_lead_days: u32 = 270, within(1, 3_650);
    /// Risk on the last day.
    last_day_bp: u32 = 8_000, BASIS_POINTS;
    /// Risk once it has lapsed.
    lapsed_bp: u32 = 9_000, BASIS_POINTS;
}

/// Months that a Cyber Essentials or Cyber Essentials Plus certificate lasts.
const CERTIFICATE_MONTHS: u32 = 12;
/// Months that a Defence Cyber Certification lasts.
const CERTIFICATION_MONTHS: u32 = 36;
/// Months that a Final CMMC level 1 is current, and a level 2 or 3.
const CMMC_MONTHS: [u32; 2] = [12, 36];
/// Days that a Conditional CMMC status is current.
const CONDITIONAL_DAYS: u32 = 180;

/// The rule with a policy's parameters.
#[derive(Debug)]
pub struct ExpiryHorizon(Parameters);

/// The credentials that a requirement may rest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Credential {
    Essentials,
    Plus,
    Certification,
    Cmmc,
    Facility(Nation),
}

/// A credential that the organisation holds or held.
#[derive(Clone, Copy)]
struct Held<'a> {
    attestation: &'a Attestation,
    credential: Credential,
    last_day: Date,
}

impl Rule for ExpiryHorizon {
    type Parameters = Parameters;

    fn manifest() -> Manifest {
        manifest! {
            dimension: "expiry",
            help: HELP,
            kinds: ["cyber.ce", "cyber.ceplus", "cyber.dcc", "cyber.cmmc", "clearance.facility"],
            facts: [Requirement],
        }
    }

    fn configure(parameters: Parameters) -> Result<Self, Vec<Problem>> {
        Ok(Self(parameters))
    }

    fn assess(&self, subject: &Subject) -> Assessment {
        let asked = subject.requirement.as_ref().map(required).unwrap_or_default();
        if asked.is_empty() {
            return Assessment::not_applicable(Message::NOTHING_REQUIRED, vec![]);
        }
        // For each requirement the credential that lasts best; of these the worst counts.
        let held: Vec<Held<'_>> = asked.iter().filter_map(|asked| self.best(subject, asked)).collect();
        if held.is_empty() {
            return Assessment::unknown(Message::NO_EXPIRY, vec![]);
        }
        let risk_bp = held.iter().map(|held| self.risk_bp(subject, *held)).max().unwrap_or(0);
        let findings = held.iter().filter_map(|held| self.finding(subject, *held)).collect();
        Assessment::scored(risk_bp, confidence_bp(held.iter().map(|held| held.attestation)), findings)
    }
}

tierwatch_rule::export!(ExpiryHorizon);

impl ExpiryHorizon {
    /// The credential that meets a requirement with the least risk of lapsing, then for longest.
    fn best<'a>(&self, subject: &'a Subject, asked: &Asked) -> Option<Held<'a>> {
        let held = subject.usable().filter_map(|attestation| held(attestation, asked));
        held.min_by_key(|held| (self.risk_bp(subject, *held), Reverse(held.last_day)))
    }

    fn lead_days(&self, credential: Credential) -> u32 {
        match credential {
            Credential::Essentials => self.0.essentials_lead_days,
            Credential::Plus => self.0.plus_lead_days,
            Credential::Certification => self.0.certification_lead_days,
            Credential::Cmmc => self.0.cmmc_lead_days,
            Credential::Facility(_) => self.0.facility_lead_days,
        }
    }

    /// The risk of a held credential, rounded half up once.
    fn risk_bp(&self, subject: &Subject, held: Held<'_>) -> u32 {
        let lead = u64::from(self.lead_days(held.credential));
        let Some(left) = days_left(subject, held) else { return self.0.lapsed_bp };
        let parts = lead * if is_renewed(subject, held) { 2 } else { 1 };
        let rounded = (u64::from(self.0.last_day_bp) * lead.saturating_sub(left.into()) + parts / 2) / parts;
        u32::try_from(rounded).unwrap_or(WHOLE_BP)
    }

    fn finding(&self, subject: &Subject, held: Held<'_>) -> Option<Finding> {
        let (name, last_day) = (Argument::Text(held.credential.name().into()), Argument::Date(held.last_day));
        let lead_days = self.lead_days(held.credential);
        let finding = match days_left(subject, held) {
            None => Finding::new(Message::LAPSED, Severity::High, vec![name, last_day]),
            Some(left) if left >= lead_days => return None,
            Some(left) => {
                let left = Argument::Number(left.into());
                if is_renewed(subject, held) {
                    Finding::new(Message::RENEWED, Severity::Info, vec![name, last_day, left])
                } else {
                    let arguments = vec![name, last_day, left, Argument::Number(lead_days.into())];
                    Finding::new(Message::LAPSES, Severity::Medium, arguments).due(held.last_day)
                }
            }
        };
        Some(finding.shown_by(held.attestation))
    }
}

impl Credential {
    fn name(self) -> &'static str {
        match self {
            Self::Essentials => "Cyber Essentials",
            Self::Plus => "Cyber Essentials Plus",
            Self::Certification => "Defence Cyber Certification",
            Self::Cmmc => "CMMC status",
            Self::Facility(_) => "facility clearance",
        }
    }
}

/// A requirement that credentials meet.
#[derive(Clone, Copy)]
enum Asked {
    /// Cyber Essentials, or Cyber Essentials Plus.
    Certificate { plus: bool },
    /// Defence Cyber Certification at this level.
    Certification { level: u8 },
    /// A CMMC status at this level.
    Cmmc { level: u8 },
    /// A facility clearance of this nation.
    Facility(Nation),
}

fn required(requirement: &Requirement) -> Vec<Asked> {
    let mut asked = Vec::new();
    if let Some(level) = requirement.cyber_level {
        asked.extend([Asked::Certificate { plus: level >= 2 }, Asked::Certification { level }]);
    }
    asked.extend(requirement.cmmc_level.map(|level| Asked::Cmmc { level }));
    asked.extend(requirement.gb_clearance.map(|_| Asked::Facility(Nation::Gb)));
    asked.extend(requirement.us_clearance.map(|_| Asked::Facility(Nation::Us)));
    asked
}

/// The credential in `attestation` that meets `asked`, if it says when it ends.
fn held<'a>(attestation: &'a Attestation, asked: &Asked) -> Option<Held<'a>> {
    let from = date_of(attestation.valid_from);
    let after_months = |months: u32| Some(plus_months(from, months).saturating_sub(1));
    let (credential, scheme) = match (&attestation.claims, *asked) {
        (Claims::CyberCe(_), Asked::Certificate { plus: false }) => {
            (Credential::Essentials, after_months(CERTIFICATE_MONTHS))
        }
        (Claims::CyberCeplus(_), Asked::Certificate { .. }) => (Credential::Plus, after_months(CERTIFICATE_MONTHS)),
        (Claims::CyberDcc(dcc), Asked::Certification { level }) if dcc.level >= level => {
            (Credential::Certification, after_months(CERTIFICATION_MONTHS))
        }
        (Claims::CyberCmmc(cmmc), Asked::Cmmc { level }) if cmmc.level >= level => {
            let months = CMMC_MONTHS[usize::from(cmmc.level > 1)];
            let last_day = match cmmc.status {
                CmmcStatus::Final => plus_months(cmmc.status_on, months).saturating_sub(1),
                CmmcStatus::Conditional => cmmc.status_on.saturating_add_unsigned(CONDITIONAL_DAYS),
            };
            (Credential::Cmmc, Some(last_day))
        }
        (Claims::ClearanceFacility(facility), Asked::Facility(nation))
            if facility.nation == nation
                && !matches!(
                    facility.status,
                    FacilityStatus::None | FacilityStatus::Applied | FacilityStatus::Withdrawn
                ) =>
        {
            (Credential::Facility(nation), facility.sponsor_until)
        }
        _ => return None,
    };
    let attested = attestation.valid_until.map(|until| date_of(until - 1));
    let last_day = [scheme, attested].into_iter().flatten().min()?;
    Some(Held { attestation, credential, last_day })
}

/// Days from today to the last day; `None` once it has lapsed.
fn days_left(subject: &Subject, held: Held<'_>) -> Option<u32> {
    u32::try_from(held.last_day.saturating_sub(date_of(subject.as_of))).ok()
}

/// Whether the next one has been issued by somebody other than the organisation, and is still to start.
fn is_renewed(subject: &Subject, held: Held<'_>) -> bool {
    let is_next = |attestation: &&Attestation| matches!(attestation.trust, Trust::ThirdParty | Trust::Authority);
    subject.renewals().filter(is_next).any(|attestation| match (&attestation.claims, held.credential) {
        (Claims::CyberCe(_), Credential::Essentials)
        | (Claims::CyberCeplus(_), Credential::Essentials | Credential::Plus)
        | (Claims::CyberDcc(_), Credential::Certification)
        | (Claims::CyberCmmc(_), Credential::Cmmc) => true,
        (Claims::ClearanceFacility(facility), Credential::Facility(nation)) => facility.nation == nation,
        _ => false,
    })
}

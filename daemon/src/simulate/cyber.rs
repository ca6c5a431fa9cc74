//! Evidence of cyber security: Cyber Essentials, Defence Cyber Certification, questionnaires and plans.

use super::{
    defects::Defect,
    firm::Firm,
    issuers::Office,
    names,
    planned::{PlannedAttestation, Signer},
    random::Stream,
    sign::attestation_digest,
    world::{FirmRequirement, World},
};
use crate::model::{
    Claims, Date, Organisation,
    claims::{Certificate, Cip, Cmmc, CmmcStatus, Dcc, Saq, Sprs, Withdrawal},
};

/// How long a CE or CE Plus certificate lasts.
const CERTIFICATE_MONTHS: i32 = 12;
/// How long Defence Cyber Certification lasts.
const DCC_MONTHS: i32 = 36;
/// How long an answered questionnaire counts.
const SAQ_MONTHS: i32 = 12;
/// From CE to CE Plus where nothing else is said: within the three months that the scheme gives.
const PLUS_AFTER_DAYS: i64 = 40;
/// The level from which a programme needs CE Plus.
const PLUS_FROM_LEVEL: u8 = 2;

const CERTIFIER: Signer = Signer::Office(Office::Certification);

/// What there is about the cyber security of `firm`, the weightiest first.
pub(super) fn evidence(world: &World, firm: &Firm, signer: Signer, stream: &mut Stream) -> Vec<PlannedAttestation> {
    let defect = world.defect(firm.number);
    if defect == Defect::NoCyber {
        return Vec::new();
    }
    let asked = world.asked(firm);
    let subject = match defect {
        Defect::CertifiedByAlias => names::lei(firm.number),
        _ => firm.organisation.clone(),
    };
    let mut drafts = certificates(world, firm, &subject, defect, asked, stream);
    drafts.extend(controls(world, firm, &subject, defect, asked, signer, stream));
    if firm.country == "US" {
        drafts.extend(american(world, firm, signer, stream));
    }
    drafts
}

/// The certificate of the level asked, with the CE under a CE Plus.
fn certificates(
    world: &World,
    firm: &Firm,
    subject: &Organisation,
    defect: Defect,
    asked: FirmRequirement,
    stream: &mut Stream,
) -> Vec<PlannedAttestation> {
    let plus = asked.cyber_level >= PLUS_FROM_LEVEL && defect != Defect::PlusMissing;
    let held_on = match defect {
        Defect::CertificateLapsed(days) => world.days_ago(days).plus_months(-CERTIFICATE_MONTHS),
        Defect::CertificateLapsing(days) | Defect::CertificateRenewed(days) => {
            world.days_ago(-days).plus_months(-CERTIFICATE_MONTHS)
        }
        Defect::Withdrawn => world.days_ago(75).plus_months(-CERTIFICATE_MONTHS),
        _ => world.days_ago(stream.between(30, 250)),
    };
    let (ce_on, plus_on) = match (plus, defect) {
        (_, Defect::PlusTooLate) => {
            let ce_on = world.days_ago(200);
            (ce_on, Some(ce_on.plus_months(3).start().plus_days(10).date()))
        }
        (true, _) => (held_on.start().plus_days(-PLUS_AFTER_DAYS).date(), Some(held_on)),
        (false, _) => (held_on, None),
    };
    let mut drafts = vec![certificate(world, firm, subject, ce_on, false)];
    drafts.extend(plus_on.map(|on| certificate(world, firm, subject, on, true)));
    if let Some(last) = drafts.last().cloned() {
        match defect {
            Defect::CertificateRenewed(_) => {
                let mut next = certificate(world, firm, subject, held_on.plus_months(CERTIFICATE_MONTHS), false);
                next.issued_at = world.days_ago(2).start();
                drafts.push(next);
            }
            Defect::CertificateRevoked => drafts.push(withdrawal(world, &last, Claims::Revocation)),
            Defect::CertificateSuspended => drafts.push(withdrawal(world, &last, Claims::Suspension)),
            _ => {}
        }
    }
    drafts
}

/// A CE or CE Plus certificate issued on `on`.
fn certificate(world: &World, firm: &Firm, subject: &Organisation, on: Date, plus: bool) -> PlannedAttestation {
    let whole_organisation = world.defect(firm.number) != Defect::ScopeElsewhere;
    let neighbour = || vec![world.organisation(firm.number - 1)];
    let certificate = Certificate {
        certificate: format!("{}-{:07}-{on}", if plus { "CEP" } else { "CE" }, firm.number).as_str().into(),
        whole_organisation,
        entities: if whole_organisation { Vec::new() } else { neighbour() },
    };
    let claims = if plus { Claims::CyberCeplus(certificate) } else { Claims::CyberCe(certificate) };
    PlannedAttestation::new(CERTIFIER, subject, on, claims).for_months(CERTIFICATE_MONTHS)
}

/// A new certificate and the CE under it, as of today: what mends a lapsed one.
pub(super) fn renewal(world: &World, firm: &Firm) -> Vec<PlannedAttestation> {
    let plus = world.asked(firm).cyber_level >= PLUS_FROM_LEVEL;
    let mut drafts = vec![certificate(world, firm, &firm.organisation, world.today, false)];
    if plus {
        drafts.push(certificate(world, firm, &firm.organisation, world.today, true));
    }
    drafts
}

fn withdrawal(world: &World, draft: &PlannedAttestation, claims: fn(Withdrawal) -> Claims) -> PlannedAttestation {
    let digest = attestation_digest(draft);
    let reason = "assessment found unsupported software in scope".into();
    PlannedAttestation::new(CERTIFIER, &draft.subject, world.days_ago(12), claims(Withdrawal { digest, reason }))
}

/// What shows that the level's controls are in place: DCC, a questionnaire, or a plan to get there.
fn controls(
    world: &World,
    firm: &Firm,
    subject: &Organisation,
    defect: Defect,
    asked: FirmRequirement,
    signer: Signer,
    stream: &mut Stream,
) -> Vec<PlannedAttestation> {
    let certified = match defect {
        Defect::CertificateAlone => return Vec::new(),
        Defect::CertificateLapsed(_) | Defect::CertificateRevoked | Defect::CertifiedByAlias => true,
        Defect::PlusTooLate | Defect::PlusMissing => true,
        _ => stream.chance(80),
    };
    let date = world.days_ago(stream.between(20, 300));
    let falls_short = defect == Defect::PlanAccepted;
    if certified && !falls_short {
        let on = world.days_ago(stream.between(400, 700));
        let claims = Claims::CyberDcc(Dcc { level: asked.cyber_level, attested_on: date });
        let mut dcc = PlannedAttestation::new(CERTIFIER, subject, on, claims).for_months(DCC_MONTHS);
        dcc.issued_at = date.start();
        return vec![dcc];
    }
    let level = asked.cyber_level.saturating_sub(u8::from(falls_short));
    let claims = Claims::CyberSaq(Saq { level, gaps: if falls_short { 7 } else { 0 } });
    let mut drafts = vec![PlannedAttestation::new(signer, &firm.organisation, date, claims).for_months(SAQ_MONTHS)];
    if falls_short {
        let claims = Claims::CyberCip(Cip { accepted: true, due_on: world.days_ago(-120) });
        drafts.push(PlannedAttestation::new(Signer::Office(Office::Prime), &firm.organisation, date, claims));
    }
    drafts
}

/// What a supplier in the United States also has: an SPRS score and a CMMC status.
fn american(world: &World, firm: &Firm, signer: Signer, stream: &mut Stream) -> Vec<PlannedAttestation> {
    let date = world.days_ago(stream.between(30, 300));
    let score = i32::try_from(stream.between(80, 110)).unwrap_or(110);
    let sprs = Claims::CyberSprs(Sprs { score, assessed_on: date, ssp: true });
    let cmmc = Cmmc { level: 2, status: CmmcStatus::Final, status_on: date, affirmed_on: Some(date), poam: Vec::new() };
    vec![
        PlannedAttestation::new(signer, &firm.organisation, date, sprs),
        PlannedAttestation::new(CERTIFIER, &firm.organisation, date, Claims::CyberCmmc(cmmc)).for_months(36),
    ]
}

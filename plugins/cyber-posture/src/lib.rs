//! # cyber-posture: does it meet the cyber level that its programmes ask?
//!
//! Under the Cyber Security Model v4 (Def Stan 05-138 issue 4) a contract has a level from 0 to 3, which flows down to
//! sub-contractors. What shows that a supplier meets it:
//!
//! - **Cyber Essentials** (CE, IASME for the NCSC) covers five controls: firewalls, secure configuration, user access
//!   control, malware protection, security update management. It lasts 12 months. **CE Plus**, the same with a hands-on
//!   test, must follow within 3 months of a CE and lasts 12 months itself. Levels 2 and 3 need CE Plus.
//! - **Defence Cyber Certification** (DCC) has levels 0 to 3 (3, 101, 139 and 144 controls) and lasts 36 months, with an
//!   attestation every 12.
//! - A **Supplier Assurance Questionnaire** (SAQ) is the supplier's own answer. Where it falls short, the buyer may accept
//!   a **Cyber Implementation Plan** (CIP) with a date.
//!
//! Let R be the required level, and the base CE for R ≤ 1, CE Plus for R ≥ 2 (a CE Plus is also a CE). First match wins:
//!
//! | evidence | risk |
//! |---|---|
//! | DCC ≥ R in its 36 months, attested within 12, and the base | 0 |
//! | the same, the yearly attestation overdue | 20.00 |
//! | SAQ ≥ R without gaps, not older than 12 months, and the base | 25.00 |
//! | a current SAQ that falls short, a CIP that is accepted and not past its date, and the base | 50.00 |
//! | the base alone | 60.00 |
//! | CE where CE Plus is needed | 70.00 |
//! | the base lapsed by at most 30 days | 80.00 |
//! | otherwise | 90.00 |
//!
//! The periods are the schemes'; the risks are Tierwatch's own and rest on no standard. A day of lapse counts from the day
//! after the last valid one: a certificate whose last day is 9 May has lapsed by one day on 10 May.
//!
//! Example: level 2 is required; DCC level 2 is attested, but CE Plus lapsed yesterday: 80.00 with `CE_PLUS_LAPSED`, due
//! on the day after which it would be 90.00.

use tierwatch_rule::{
    Argument, Assessment, Attestation, BASIS_POINTS, Cip, Claims, DAY_SECONDS, Date, Dcc, Finding, Instant, Manifest,
    Problem, Rule, Saq, Severity, Subject, confidence_bp, date_of, manifest, messages, parameters, plus_months,
    start_of, within,
};

const HELP: &str = "Whether a supplier meets the Cyber Security Model level (Def Stan 05-138 issue 4) that its programmes \
    ask: Cyber Essentials or Cyber Essentials Plus, with Defence Cyber Certification, a Supplier Assurance Questionnaire \
    or an accepted Cyber Implementation Plan. The periods are the schemes'; the risk figures are Tierwatch's own.";

messages! {
    NOTHING_REQUIRED: "No programme that it reaches asks a cyber level of it." => "";
    NO_EVIDENCE: "Level {0} is required and nothing shows its cyber security."
        => "Ask it for its Cyber Essentials certificate, and for its Defence Cyber Certification or its Supplier Assurance Questionnaire at level {0}.";
    ATTESTED_AHEAD: "A Defence Cyber Certification says that it was attested on {0}, a day that is still to come."
        => "Have {1} send the certification again with the day of the last attestation.";
    SCOPE: "Evidence from {0} does not cover it and counts as absent."
        => "Ask for a certificate of the whole organisation, or for one that names it in its scope.";
    CEP_WINDOW: "Its Cyber Essentials Plus of {0} came after {1}, the last day for following its Cyber Essentials of {2}: it counts as Cyber Essentials."
        => "Have it certify to Cyber Essentials again and take the Plus audit within three months.";
    CE_PLUS_MISSING: "Level {0} needs Cyber Essentials Plus and it has Cyber Essentials only."
        => "Have it take the Plus audit; until then keep data above level 1 from it.";
    CE_MISSING: "It has no Cyber Essentials certificate, which level {0} needs."
        => "Have it certify to Cyber Essentials; until then share nothing of this contract with it.";
    CE_PLUS_NONE: "It has no Cyber Essentials Plus certificate, which level {0} needs."
        => "Have it certify to Cyber Essentials and take the Plus audit within three months; until then share nothing of this contract with it.";
    CE_LAPSED: "Its Cyber Essentials held until {0} and has lapsed."
        => "Have it certify again by {1}; the certificate cannot be extended.";
    CE_PLUS_LAPSED: "Its Cyber Essentials Plus held until {0} and has lapsed."
        => "Have it certify to Cyber Essentials again and take the Plus audit, by {1}.";
    CE_DUE: "Its Cyber Essentials lapses after {0} and no renewal is in evidence."
        => "Ask for the date of its renewal.";
    CE_PLUS_DUE: "Its Cyber Essentials Plus lapses after {0} and no renewal is in evidence."
        => "Ask for the date of its Plus audit: it needs a renewed Cyber Essentials first.";
    DCC_OVERDUE: "The yearly attestation of its Defence Cyber Certification level {0} was due on {1}."
        => "Have it attest to its certification body now.";
    DCC_MISSING: "It has no Defence Cyber Certification at level {0}: only its own questionnaire says that it meets the level."
        => "Agree a date for its certification at level {0}.";
    SHORTFALL: "Its questionnaire reaches level {0} with {1} gaps where level {2} is required; an accepted plan ends on {3}."
        => "Follow the plan's progress: after {3} it no longer counts.";
    BASE_ONLY: "Beyond its certificate nothing current shows that it meets level {0}: neither certification, questionnaire nor accepted plan."
        => "Ask it for a Supplier Assurance Questionnaire at level {0}, and for a Cyber Implementation Plan where it falls short.";
}

parameters! {
    /// Months that a Cyber Essentials or Cyber Essentials Plus certificate lasts.
    certificate_months: u32 = 12, within(1, 60);
    /// Months within which Cyber Essentials Plus must follow Cyber Essentials.
    plus_window_months: u32 = 3, within(0, 60);
    /// Months that a Defence Cyber Certification lasts.
    certification_months: u32 = 36, within(1, 120);
    /// Months within which a certification must be attested again.
    attestation_months: u32 = 12, within(1, 60);
    /// Months that a questionnaire counts.
    questionnaire_months: u32 = 12, within(1, 60);
    /// Days for which a lapsed certificate counts as just lapsed.
    grace_days: u32 = 30, within(0, 365);
    /// Days before a lapse from which it is announced.
    notice_days: u32 = 60, within(0, 365);
    /// Risk with a certification whose yearly attestation is overdue.
    attestation_overdue_bp: u32 = 2_000, BASIS_POINTS;
    /// Risk with a questionnaire at the level.
    questionnaire_bp: u32 = 2_500, BASIS_POINTS;
    /// Risk with a shortfall and an accepted plan.
    plan_bp: u32 = 5_000, BASIS_POINTS;
    /// Risk with the certificate alone.
    certificate_only_bp: u32 = 6_000, BASIS_POINTS;
    /// Risk with Cyber Essentials where Plus is needed.
    plus_missing_bp: u32 = 7_000, BASIS_POINTS;
    /// Risk with a certificate that has just lapsed.
    just_lapsed_bp: u32 = 8_000, BASIS_POINTS;
    /// Risk with nothing that counts.
    nothing_bp: u32 = 9_000, BASIS_POINTS;
}

/// The rule with a policy's parameters.
#[derive(Debug)]
pub struct CyberPosture(Parameters);

/// A certificate that covers the organisation and has started.
#[derive(Clone, Copy)]
struct Certificate<'a> {
    attestation: &'a Attestation,
    /// Whether it counts as Cyber Essentials Plus.
    plus: bool,
    /// When it ends, exclusive.
    until: Instant,
}

/// A scored answer: its risk and the attestations that decided it.
type Answer<'a> = (u32, Vec<&'a Attestation>);

impl Rule for CyberPosture {
    type Parameters = Parameters;

    fn manifest() -> Manifest {
        manifest! {
            dimension: "cyber",
            help: HELP,
            kinds: ["cyber.ce", "cyber.ceplus", "cyber.dcc", "cyber.saq", "cyber.cip"],
            facts: [Requirement],
        }
    }

    fn configure(parameters: Parameters) -> Result<Self, Vec<Problem>> {
        Ok(Self(parameters))
    }

    fn assess(&self, subject: &Subject) -> Assessment {
        let Some(required) = subject.requirement.as_ref().and_then(|requirement| requirement.cyber_level) else {
            return Assessment::not_applicable(Message::NOTHING_REQUIRED, vec![]);
        };
        let mut findings = Vec::new();
        for attestation in subject.out_of_scope() {
            let issuer = vec![Argument::Name(attestation.issuer)];
            findings.push(Finding::new(Message::SCOPE, Severity::Medium, issuer).shown_by(attestation));
        }
        if subject.usable().next().is_none() {
            return Assessment::unknown(Message::NO_EVIDENCE, vec![number(required)]).with(findings);
        }
        if let Some(contradiction) = attested_ahead(subject) {
            return Assessment::invalid(contradiction).with(findings);
        }
        let (risk_bp, used) = self.answer(subject, required, &mut findings);
        Assessment::scored(risk_bp, confidence_bp(used), findings)
    }
}

tierwatch_rule::export!(CyberPosture);

impl CyberPosture {
    fn answer<'a>(&self, subject: &'a Subject, required: u8, findings: &mut Vec<Finding>) -> Answer<'a> {
        let plus_needed = required >= 2;
        let (mut base, mut any, mut lapsed) = (None, None, None);
        for certificate in self.certificates(subject, findings) {
            let counts = certificate.plus || !plus_needed;
            let slot = match (certificate.until > subject.as_of, counts) {
                (true, true) => &mut base,
                (true, false) => &mut any,
                (false, true) => &mut lapsed,
                (false, false) => continue,
            };
            keep_better(slot, certificate);
        }
        match (base, any, lapsed) {
            (Some(base), ..) => self.with_base(subject, required, base, findings),
            (None, Some(essentials), _) => {
                let finding = Finding::new(Message::CE_PLUS_MISSING, Severity::High, vec![number(required)]);
                findings.push(finding.shown_by(essentials.attestation));
                (self.0.plus_missing_bp, vec![essentials.attestation])
            }
            (None, None, Some(lapsed)) => self.with_lapsed(subject, lapsed, findings),
            (None, None, None) => {
                let message = if plus_needed { Message::CE_PLUS_NONE } else { Message::CE_MISSING };
                findings.push(Finding::new(message, Severity::High, vec![number(required)]));
                (self.0.nothing_bp, subject.usable().collect())
            }
        }
    }

    /// The certificates that count, each with what it counts as; adds a finding for a Plus that came too late.
    fn certificates<'a>(&self, subject: &'a Subject, findings: &mut Vec<Finding>) -> Vec<Certificate<'a>> {
        let mut certificates = Vec::with_capacity(subject.evidence.len());
        for attestation in subject.usable() {
            let plus = match attestation.claims {
                Claims::CyberCe(_) => false,
                Claims::CyberCeplus(_) => match self.missed_window(subject, attestation) {
                    None => true,
                    Some(missed) => {
                        findings.push(missed);
                        false
                    }
                },
                _ => continue,
            };
            let until = ends(attestation, self.0.certificate_months);
            certificates.push(Certificate { attestation, plus, until });
        }
        certificates
    }

    /// A Plus must follow a CE in time. Without any earlier CE in evidence (its renewal may have replaced it) nothing
    /// is wrong.
    fn missed_window(&self, subject: &Subject, plus: &Attestation) -> Option<Finding> {
        let plus_on = date_of(plus.valid_from);
        let essentials = subject
            .usable()
            .filter(|attestation| matches!(attestation.claims, Claims::CyberCe(_)))
            .filter(|attestation| date_of(attestation.valid_from) <= plus_on)
            .max_by_key(|attestation| attestation.valid_from)?;
        let essentials_on = date_of(essentials.valid_from);
        let last_day = plus_months(essentials_on, self.0.plus_window_months);
        (plus_on > last_day).then(|| {
            let arguments = vec![Argument::Date(plus_on), Argument::Date(last_day), Argument::Date(essentials_on)];
            Finding::new(Message::CEP_WINDOW, Severity::Medium, arguments).shown_by(plus).shown_by(essentials)
        })
    }

    fn with_base<'a>(
        &self,
        subject: &'a Subject,
        required: u8,
        base: Certificate<'a>,
        findings: &mut Vec<Finding>,
    ) -> Answer<'a> {
        self.announce_lapse(subject, base, findings);
        let base = base.attestation;
        if let Some((attestation, dcc)) = self.certification(subject, required) {
            let due_on = plus_months(dcc.attested_on, self.0.attestation_months);
            let overdue = subject.as_of >= start_of(due_on);
            if overdue {
                let arguments = vec![number(dcc.level), Argument::Date(due_on)];
                findings.push(
                    Finding::new(Message::DCC_OVERDUE, Severity::Medium, arguments).shown_by(attestation).due(due_on),
                );
            }
            return (if overdue { self.0.attestation_overdue_bp } else { 0 }, vec![base, attestation]);
        }
        let Some((attestation, saq)) = self.questionnaire(subject) else {
            findings.push(Finding::new(Message::BASE_ONLY, Severity::High, vec![number(required)]).shown_by(base));
            return (self.0.certificate_only_bp, vec![base]);
        };
        if saq.level >= required && saq.gaps == 0 {
            let missing = Finding::new(Message::DCC_MISSING, Severity::Low, vec![number(required)]);
            findings.push(missing.shown_by(attestation));
            return (self.0.questionnaire_bp, vec![base, attestation]);
        }
        if let Some((plan, cip)) = accepted_plan(subject) {
            let gaps = Argument::Number(saq.gaps.into());
            let arguments = vec![number(saq.level), gaps, number(required), Argument::Date(cip.due_on)];
            let shortfall = Finding::new(Message::SHORTFALL, Severity::Medium, arguments).due(cip.due_on);
            findings.push(shortfall.shown_by(attestation).shown_by(plan));
            return (self.0.plan_bp, vec![base, attestation, plan]);
        }
        let alone = Finding::new(Message::BASE_ONLY, Severity::High, vec![number(required)]);
        findings.push(alone.shown_by(base).shown_by(attestation));
        (self.0.certificate_only_bp, vec![base])
    }

    fn with_lapsed<'a>(
        &self,
        subject: &'a Subject,
        lapsed: Certificate<'a>,
        findings: &mut Vec<Finding>,
    ) -> Answer<'a> {
        let message = if lapsed.plus { Message::CE_PLUS_LAPSED } else { Message::CE_LAPSED };
        let last_day = date_of(lapsed.until - 1);
        let grace_ends = last_day.saturating_add_unsigned(self.0.grace_days);
        let just = date_of(subject.as_of) <= grace_ends;
        let (risk_bp, due_on) =
            if just { (self.0.just_lapsed_bp, grace_ends) } else { (self.0.nothing_bp, date_of(subject.as_of)) };
        let arguments = vec![Argument::Date(last_day), Argument::Date(due_on)];
        findings.push(Finding::new(message, Severity::High, arguments).shown_by(lapsed.attestation).due(due_on));
        (risk_bp, vec![lapsed.attestation])
    }

    fn announce_lapse(&self, subject: &Subject, base: Certificate<'_>, findings: &mut Vec<Finding>) {
        let last_day = date_of(base.until - 1);
        let renewed = |attestation: &Attestation| {
            matches!((&attestation.claims, base.plus), (Claims::CyberCe(_), false) | (Claims::CyberCeplus(_), _))
        };
        let near = base.until - subject.as_of <= i64::from(self.0.notice_days) * DAY_SECONDS;
        if near && !subject.renewals().any(renewed) {
            let message = if base.plus { Message::CE_PLUS_DUE } else { Message::CE_DUE };
            let due = Finding::new(message, Severity::Low, vec![Argument::Date(last_day)]).due(last_day);
            findings.push(due.shown_by(base.attestation));
        }
    }

    /// The certification at the level or above and in its period: the last attested, then the most trusted.
    fn certification<'a>(&self, subject: &'a Subject, required: u8) -> Option<(&'a Attestation, &'a Dcc)> {
        subject
            .usable()
            .filter_map(|attestation| match &attestation.claims {
                Claims::CyberDcc(dcc) if dcc.level >= required => Some((attestation, dcc)),
                _ => None,
            })
            .filter(|(attestation, _)| ends(attestation, self.0.certification_months) > subject.as_of)
            .max_by_key(|(attestation, dcc)| (dcc.attested_on, attestation.trust.confidence_bp()))
    }

    /// The questionnaire that counts: the highest level, then the fewest gaps.
    fn questionnaire<'a>(&self, subject: &'a Subject) -> Option<(&'a Attestation, &'a Saq)> {
        subject
            .usable()
            .filter_map(|attestation| match &attestation.claims {
                Claims::CyberSaq(saq) => Some((attestation, saq)),
                _ => None,
            })
            .filter(|(attestation, _)| ends(attestation, self.0.questionnaire_months) > subject.as_of)
            .max_by_key(|(_, saq)| (saq.level, u32::MAX - saq.gaps))
    }
}

/// The plan that is accepted and has the most time left.
fn accepted_plan(subject: &Subject) -> Option<(&Attestation, &Cip)> {
    let today = date_of(subject.as_of);
    subject
        .in_force()
        .filter_map(|attestation| match &attestation.claims {
            Claims::CyberCip(cip) if cip.accepted && cip.due_on >= today => Some((attestation, cip)),
            _ => None,
        })
        .max_by_key(|(_, cip)| cip.due_on)
}

fn attested_ahead(subject: &Subject) -> Option<Finding> {
    let today = date_of(subject.as_of);
    subject.usable().find_map(|attestation| match &attestation.claims {
        Claims::CyberDcc(dcc) if dcc.attested_on > today => {
            let arguments = vec![Argument::Date(dcc.attested_on), Argument::Name(attestation.issuer)];
            Some(Finding::new(Message::ATTESTED_AHEAD, Severity::High, arguments).shown_by(attestation))
        }
        _ => None,
    })
}

/// When what was awarded at `valid_from` ends, exclusive: after the scheme's period, or sooner when it says so itself.
fn ends(attestation: &Attestation, months: u32) -> Instant {
    let scheme: Date = plus_months(date_of(attestation.valid_from), months);
    let scheme = start_of(scheme);
    attestation.valid_until.map_or(scheme, |until| until.min(scheme))
}

/// Keeps the certificate that lasts longer, then the more trusted one.
fn keep_better<'a>(slot: &mut Option<Certificate<'a>>, certificate: Certificate<'a>) {
    let rank = |certificate: &Certificate<'_>| (certificate.until, certificate.attestation.trust.confidence_bp());
    if slot.as_ref().is_none_or(|kept| rank(kept) < rank(&certificate)) {
        *slot = Some(certificate);
    }
}

fn number(level: u8) -> Argument {
    Argument::Number(level.into())
}

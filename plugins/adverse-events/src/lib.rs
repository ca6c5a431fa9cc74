//! # adverse-events: is it in trouble?
//!
//! **Register status.** What the register of companies says, in the words of Companies House (its monthly file and its API)
//! and of GLEIF; case, blanks and punctuation do not matter:
//!
//! | status | words of registers | risk |
//! |---|---|---|
//! | active | `Active`, `open`, `registered` | 0 |
//! | proposal to strike off | `Active - Proposal to Strike off`, `proposal-to-strike-off` | 70.00 |
//! | voluntary arrangement | `Voluntary Arrangement` | 75.00 |
//! | members' voluntary liquidation | `members-voluntary-liquidation` | 90.00 |
//! | liquidation | `Liquidation` | 100.00 |
//! | receivership | `RECEIVERSHIP`, `Receiver Action`, `Live but Receiver Manager on at least one charge` | 100.00 |
//! | administration | `In Administration`, also `/Administrative Receiver` and `/Receiver Manager`, `administration` | 100.00 |
//! | insolvency proceedings | `insolvency-proceedings` | 100.00 |
//! | dissolved | `dissolved`, `closed`, `removed`, `converted-closed`, `INACTIVE` | 100.00 |
//!
//! A status that is not in the list is unknown: it is no reassurance. So is `LAPSED`, which GLEIF says of a registration: the
//! record is old, and says nothing of the organisation. Liquidation, receivership, administration and insolvency proceedings
//! are found as `INSOLVENT`, dissolved as `DISSOLVED`: a policy may take these for certain (`exposure.certain`), and then such
//! a source is down and not merely likely to be.
//!
//! **Incidents.** 80.00, 50.00, 25.00, 10.00 by severity 1 to 4, in full while open, halved for every full 180 days since it
//! was closed; 15.00 more when it was reported later than 72 hours after it began (the time that DFARS 252.204-7012 gives,
//! and Article 33 of the GDPR).
//!
//! The worst counts, at most 100.00. Where neither is attested it is unknown; when the organisation reaches no programme
//! either, nothing is asked of it. The statuses and the 72 hours are the registers' and the regulations'; the risks are
//! Tierwatch's own and rest on no standard.
//!
//! Example: an incident of severity 1 that was closed 200 days ago counts once halved: 40.00 with `INCIDENT_CLOSED`.

use tierwatch_rule::{
    Argument, Assessment, Attestation, BASIS_POINTS, Claims, Finding, Incident, Manifest, Problem, Rule, Severity,
    State, Subject, WHOLE_BP, confidence_bp, date_of, manifest, messages, parameters, within,
};

const HELP: &str = "Whether a supplier is in trouble: the status that the register of companies gives it, and security \
    incidents by severity, age and how late they were reported. The statuses and the 72 hours are the registers' and the \
    regulations'; the risk figures are Tierwatch's own.";

/// Most incidents that have a finding each.
const MAX_REPORTED_INCIDENTS: usize = 8;
const HOUR_SECONDS: i64 = 3_600;

messages! {
    NOTHING_REQUIRED: "It reaches no programme, and nobody attests how it stands." => "";
    NO_EVIDENCE: "Nobody attests its status in the register, nor any incident."
        => "Have the register's word on it attested (`entity.status`).";
    RECORD_LAPSED: "The register says `{0}` of its record, which is old and says nothing of how it stands."
        => "Have its status looked up in the register of companies and attested (`entity.status`).";
    STATUS_NOT_KNOWN: "The register says `{0}`, which this rule does not know."
        => "Look the status up at {1}, and have it attested in one of the words that the rule's help lists.";
    IMPOSSIBLE_INCIDENT: "An incident attested by {0} cannot be: it was opened ahead, or reported or closed before it was opened or today."
        => "Have {0} correct the dates of the incident.";
    DISSOLVED: "Its status in the register is `{0}`: it is no more."
        => "Place the work elsewhere at once, and secure tooling and drawings from whoever holds its assets.";
    INSOLVENT: "Its status in the register is `{0}`."
        => "Agree with whoever runs its affairs what becomes of open orders, secure tooling and drawings, and place the work elsewhere.";
    IN_TROUBLE: "Its status in the register is `{0}`."
        => "Agree with whoever runs its affairs what becomes of open orders, secure tooling and drawings, and place the work elsewhere.";
    WARNING: "Its status in the register is `{0}`."
        => "Ask it what it means for open orders, and prepare a second source.";
    STATUS_LAPSED: "The register's word on it has lapsed." => "Have its status attested again.";
    INCIDENT_OPEN: "An incident of severity {0} is open since {1}."
        => "Ask it what is affected and when it will be closed; keep data of this contract from what is affected.";
    INCIDENT_CLOSED: "An incident of severity {0} was closed on {1}."
        => "Ask it what it has changed so that it does not happen again.";
    REPORTED_LATE: "An incident of {0} was reported after {1} hours; {2} are allowed."
        => "Agree with it how and to whom it reports within {2} hours.";
}

parameters! {
    /// Risk of liquidation, receivership, administration, insolvency proceedings, and of what is dissolved.
    insolvent_bp: u32 = 10_000, BASIS_POINTS;
    /// Risk of a members' voluntary liquidation.
    members_liquidation_bp: u32 = 9_000, BASIS_POINTS;
    /// Risk of a voluntary arrangement with creditors.
    arrangement_bp: u32 = 7_500, BASIS_POINTS;
    /// Risk of a proposal to strike it off.
    strike_off_bp: u32 = 7_000, BASIS_POINTS;
    /// Risk of an open incident of severity 1.
    severity_1_bp: u32 = 8_000, BASIS_POINTS;
    /// Risk of an open incident of severity 2.
    severity_2_bp: u32 = 5_000, BASIS_POINTS;
    /// Risk of an open incident of severity 3.
    severity_3_bp: u32 = 2_500, BASIS_POINTS;
    /// Risk of an open incident of severity 4.
    severity_4_bp: u32 = 1_000, BASIS_POINTS;
    /// Days after which a closed incident counts half, and half again.
    half_life_days: u32 = 180, within(1, 3_650);
    /// Hours within which an incident is to be reported.
    report_hours: u32 = 72, within(1, 8_760);
    /// What is added for an incident that was reported later.
    late_bp: u32 = 1_500, BASIS_POINTS;
}

/// What a register can say of an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Active,
    StrikeOff,
    Arrangement,
    MembersLiquidation,
    Liquidation,
    Receivership,
    Administration,
    Insolvency,
    Dissolved,
}

/// The words of registers, as [`plain`] leaves them.
const WORDS: [(&str, Status); 21] = [
    ("active", Status::Active),
    ("open", Status::Active),
    ("registered", Status::Active),
    ("active-proposal-to-strike-off", Status::StrikeOff),
    ("proposal-to-strike-off", Status::StrikeOff),
    ("voluntary-arrangement", Status::Arrangement),
    ("members-voluntary-liquidation", Status::MembersLiquidation),
    ("liquidation", Status::Liquidation),
    ("live-but-receiver-manager-on-at-least-one-charge", Status::Receivership),
    ("receiver-action", Status::Receivership),
    ("receivership", Status::Receivership),
    ("administration", Status::Administration),
    ("in-administration", Status::Administration),
    ("in-administration-administrative-receiver", Status::Administration),
    ("in-administration-receiver-manager", Status::Administration),
    ("insolvency-proceedings", Status::Insolvency),
    ("dissolved", Status::Dissolved),
    ("closed", Status::Dissolved),
    ("converted-closed", Status::Dissolved),
    ("inactive", Status::Dissolved),
    ("removed", Status::Dissolved),
];

impl Status {
    /// The status that a register means by `word`; `None` when it is not in the list.
    fn of(word: &str) -> Option<Self> {
        let word = plain(word);
        WORDS.iter().find(|(known, _)| *known == word).map(|(_, status)| *status)
    }
}

/// The rule with a policy's parameters.
#[derive(Debug)]
pub struct AdverseEvents(Parameters);

/// An incident, with the attestation that states it.
type Stated<'a> = (&'a Attestation, &'a Incident);

impl Rule for AdverseEvents {
    type Parameters = Parameters;

    fn manifest() -> Manifest {
        manifest! {
            dimension: "viability",
            help: HELP,
            kinds: ["entity.status", "incident"],
            facts: [Impact],
        }
    }

    fn configure(parameters: Parameters) -> Result<Self, Vec<Problem>> {
        Ok(Self(parameters))
    }

    fn assess(&self, subject: &Subject) -> Assessment {
        let incidents: Vec<Stated<'_>> = subject.usable().filter_map(incident).collect();
        let status = status(subject);
        if status.is_none() && incidents.is_empty() {
            let reaches = subject.impact.as_ref().is_some_and(|impact| !impact.programmes.is_empty());
            return match reaches {
                true => Assessment::unknown(Message::NO_EVIDENCE, vec![]),
                false => Assessment::not_applicable(Message::NOTHING_REQUIRED, vec![]),
            };
        }
        if let Some(contradiction) = incidents.iter().find_map(|stated| impossible(subject, *stated)) {
            return Assessment::invalid(contradiction);
        }
        let (mut findings, mut used, mut risk_bp) = (Vec::new(), Vec::new(), 0);
        if let Some((attestation, word)) = status {
            let Some(status) = Status::of(word) else {
                let unknown = if plain(word) == "lapsed" {
                    Assessment::unknown(Message::RECORD_LAPSED, vec![Argument::Text(word.into())])
                } else {
                    let arguments = vec![Argument::Text(word.into()), Argument::Name(attestation.issuer)];
                    Assessment::unknown(Message::STATUS_NOT_KNOWN, arguments)
                };
                return unknown.with(self.incident_findings(subject, &incidents));
            };
            risk_bp = self.status_bp(status);
            findings.extend(status_findings(attestation, word, status, risk_bp));
            used.push(attestation);
        }
        for stated in &incidents {
            risk_bp = risk_bp.max(self.incident_bp(subject, stated.1));
            used.push(stated.0);
        }
        findings.extend(self.incident_findings(subject, &incidents));
        Assessment::scored(risk_bp.min(WHOLE_BP), confidence_bp(used), findings)
    }
}

tierwatch_rule::export!(AdverseEvents);

impl AdverseEvents {
    fn status_bp(&self, status: Status) -> u32 {
        match status {
            Status::Active => 0,
            Status::StrikeOff => self.0.strike_off_bp,
            Status::Arrangement => self.0.arrangement_bp,
            Status::MembersLiquidation => self.0.members_liquidation_bp,
            Status::Liquidation
            | Status::Receivership
            | Status::Administration
            | Status::Insolvency
            | Status::Dissolved => self.0.insolvent_bp,
        }
    }

    /// The risk of one incident, rounded half up once.
    fn incident_bp(&self, subject: &Subject, incident: &Incident) -> u32 {
        let open_bp = match incident.severity {
            1 => self.0.severity_1_bp,
            2 => self.0.severity_2_bp,
            3 => self.0.severity_3_bp,
            _ => self.0.severity_4_bp,
        };
        let closed_days = incident.closed_on.map_or(0, |closed_on| date_of(subject.as_of).saturating_sub(closed_on));
        let halvings = u32::try_from(closed_days).unwrap_or(0) / self.0.half_life_days;
        let late_bp = if self.is_late(incident) { self.0.late_bp } else { 0 };
        // Twice the risk, halved once more and rounded: after 32 halvings it is 0.
        let twice = (2 * u64::from(open_bp)).checked_shr(halvings).unwrap_or(0);
        u32::try_from(twice.div_ceil(2)).unwrap_or(WHOLE_BP) + late_bp
    }

    fn is_late(&self, incident: &Incident) -> bool {
        incident.reported_at - incident.opened_at > i64::from(self.0.report_hours) * HOUR_SECONDS
    }

    /// The findings about the incidents, the worst first.
    fn incident_findings(&self, subject: &Subject, incidents: &[Stated<'_>]) -> Vec<Finding> {
        let mut incidents = incidents.to_vec();
        incidents.sort_by_key(|(_, incident)| WHOLE_BP.saturating_sub(self.incident_bp(subject, incident)));
        let findings = incidents.into_iter().take(MAX_REPORTED_INCIDENTS).flat_map(|(attestation, incident)| {
            let severity = Argument::Number(incident.severity.into());
            let opened_on = Argument::Date(date_of(incident.opened_at));
            let grave = if incident.severity <= 2 { Severity::High } else { Severity::Medium };
            let first = match incident.closed_on {
                None => Finding::new(Message::INCIDENT_OPEN, grave, vec![severity, opened_on.clone()]),
                Some(closed_on) => {
                    Finding::new(Message::INCIDENT_CLOSED, Severity::Low, vec![severity, Argument::Date(closed_on)])
                }
            };
            let hours = (incident.reported_at - incident.opened_at).div_euclid(HOUR_SECONDS);
            let allowed = Argument::Number(self.0.report_hours.into());
            let late = self.is_late(incident).then(|| {
                Finding::new(
                    Message::REPORTED_LATE,
                    Severity::Medium,
                    vec![opened_on, Argument::Number(hours), allowed],
                )
            });
            [Some(first), late].into_iter().flatten().map(|finding| finding.shown_by(attestation))
        });
        findings.collect()
    }
}

fn status_findings(attestation: &Attestation, word: &str, status: Status, status_bp: u32) -> Vec<Finding> {
    let told = || vec![Argument::Text(word.into())];
    let trouble = match (status, status_bp) {
        (_, 0) => None,
        (Status::Dissolved, _) => Some(Finding::new(Message::DISSOLVED, Severity::Critical, told())),
        (Status::Liquidation | Status::Receivership | Status::Administration | Status::Insolvency, _) => {
            Some(Finding::new(Message::INSOLVENT, Severity::Critical, told()))
        }
        (_, 9_000..) => Some(Finding::new(Message::IN_TROUBLE, Severity::Critical, told())),
        (_, _) => Some(Finding::new(Message::WARNING, Severity::High, told())),
    };
    let lapsed =
        (attestation.state == State::Lapsed).then(|| Finding::new(Message::STATUS_LAPSED, Severity::Low, vec![]));
    [trouble, lapsed].into_iter().flatten().map(|finding| finding.shown_by(attestation)).collect()
}

/// A register's word in one spelling: its parts in lower case, with hyphens between.
fn plain(word: &str) -> String {
    let mut plain = String::with_capacity(word.len());
    for part in word.split(|letter: char| !letter.is_alphanumeric() && !is_apostrophe(letter)) {
        if !part.is_empty() && !plain.is_empty() {
            plain.push('-');
        }
        plain.extend(part.chars().filter(|letter| !is_apostrophe(*letter)).map(|letter| letter.to_ascii_lowercase()));
    }
    plain
}

fn is_apostrophe(letter: char) -> bool {
    matches!(letter, '\'' | '’')
}

/// The status that counts.
fn status(subject: &Subject) -> Option<(&Attestation, &str)> {
    let stated = subject.usable().filter_map(|attestation| match &attestation.claims {
        Claims::EntityStatus(word) => Some((attestation, word.as_str())),
        _ => None,
    });
    stated.max_by_key(|(attestation, _)| attestation.strength())
}

fn incident(attestation: &Attestation) -> Option<Stated<'_>> {
    match &attestation.claims {
        Claims::Incident(incident) => Some((attestation, incident)),
        _ => None,
    }
}

fn impossible(subject: &Subject, (attestation, incident): Stated<'_>) -> Option<Finding> {
    let today = date_of(subject.as_of);
    let opened_on = date_of(incident.opened_at);
    let is_impossible = incident.opened_at > subject.as_of
        || incident.reported_at < incident.opened_at
        || incident.closed_on.is_some_and(|closed_on| closed_on < opened_on || closed_on > today);
    let issuer = vec![Argument::Name(attestation.issuer)];
    is_impossible.then(|| Finding::new(Message::IMPOSSIBLE_INCIDENT, Severity::High, issuer).shown_by(attestation))
}

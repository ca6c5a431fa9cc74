//! # clearance: may it hold the material, and may enough of its people see it?
//!
//! **Facility.** In the UK a Facility Security Clearance (FSC) is sponsored for a contract and ends with it; it can be
//! provisional. In the US a facility clearance (FCL, 32 CFR 117) can be interim. Only the authority that grants them can say
//! that they are there. From SC upwards, and for every US level, a requirement needs the facility's clearance too.
//!
//! | facility | risk |
//! |---|---|
//! | full | 0 |
//! | US interim | 40.00 |
//! | UK provisional | 50.00 |
//! | its sponsorship or its attestation has ended | at least 60.00 |
//! | not from an authority | at least 60.00 |
//! | suspended | 95.00 |
//! | none, applied for, withdrawn, or below the level | 100.00 |
//!
//! **Personnel.** UK: BPSS < CTC < SC < DV; US: Confidential < Secret < Top Secret. Nations do not satisfy one another
//! without a configured equivalence. Clearances are reviewed (defaults: CTC and SC after 10 years, DV after 7 at a cleared
//! facility; CTC and SC after 5, DV after 3 elsewhere): on the day a review is due the clearance no longer counts, and in the
//! 180 days before it counts half. The risk is the shortfall's part of the need.
//!
//! The worse of both counts, and the worst nation. The statuses, levels and periods are the schemes'; the risks are
//! Tierwatch's own and rest on no standard.
//!
//! Example: ten people with SC are needed; it has ten, four of them due for review within 180 days: 20.00 with `REVIEWS_DUE`.

use tierwatch_rule::{
    Argument, Assessment, Attestation, BASIS_POINTS, Claims, ClearanceLevel, ClearanceRequirement, Date, Facility,
    FacilityLevel, FacilityStatus, Finding, Manifest, Nation, PersonnelCount, Problem, Reader, Rule, Setting, Severity,
    Subject, Trust, WHOLE_BP, Writer, confidence_bp, date_of, manifest, messages, parameters, plus_months, within,
};

const HELP: &str = "Whether a supplier's facility and enough of its people hold the clearance that its programmes ask \
    (UK FSC and BPSS to DV; US FCL and Confidential to Top Secret), with sponsorships, reviews and who says so. The \
    statuses, levels and review periods are the schemes'; the risk figures are Tierwatch's own.";

messages! {
    NOTHING_REQUIRED: "No programme that it reaches asks a clearance of it." => "";
    NO_EVIDENCE: "A clearance is required and nothing shows one."
        => "Ask its security controller for the facility's status and for the counts of cleared people.";
    IMPOSSIBLE_FACILITY: "A facility clearance from {0} cannot be: its status, nation and dates contradict one another."
        => "Have {0} correct the attestation: interim is US, provisional is UK, and no date of it lies ahead or before its start.";
    IMPOSSIBLE_PERSONNEL: "A count of cleared people from {0} cannot be: a clearance granted on {1} is still to come or reviewed before it was granted."
        => "Have {0} correct the dates of the count.";
    FACILITY_NONE: "Its facility has no clearance at the level that is required."
        => "Sponsor its facility clearance with the authority, and send it nothing classified until it is granted.";
    FACILITY_PENDING: "Its facility clearance is {0}."
        => "Follow its grant with the authority, and keep what it holds within the conditions of the interim clearance.";
    FACILITY_SUSPENDED: "Its facility clearance is suspended."
        => "Stop sending classified material and agree with the authority what happens to what it holds.";
    FACILITY_WITHDRAWN: "Its facility clearance was withdrawn."
        => "Recover the classified material that it holds, and place the work elsewhere.";
    SPONSORSHIP_ENDED: "The sponsorship of its facility clearance ended on {0}."
        => "Sponsor the facility for the running contract, or recover the classified material.";
    SPONSORSHIP_ENDS: "The sponsorship of its facility clearance ends on {0}."
        => "Extend the sponsorship if the contract goes on.";
    FACILITY_UNCONFIRMED: "Its facility clearance is asserted by {0}, not by the authority."
        => "Have the authority confirm the clearance.";
    SHORTFALL: "{0} people must be cleared, and {1} are."
        => "Sponsor {2} more clearances, or reduce how many must be cleared; allow for the months that vetting takes.";
    REVIEWS_DUE: "The reviews of {0} cleared people are due within {1} days, the first on {2}."
        => "Have its security controller start the reviews now.";
    REVIEWS_OVERDUE: "The reviews of {0} people were due by {1}: their clearances do not count."
        => "Have its security controller submit the reviews, and keep these people from classified material.";
    COUNT_LAPSED: "Its count of cleared people has lapsed and does not count."
        => "Ask its security controller for a new count.";
}

parameters! {
    /// Years until the review of a CTC at a cleared facility.
    ctc_years: u32 = 10, within(1, 50);
    /// Years until the review of an SC at a cleared facility.
    sc_years: u32 = 10, within(1, 50);
    /// Years until the review of a DV at a cleared facility.
    dv_years: u32 = 7, within(1, 50);
    /// Years until the review of a CTC elsewhere.
    ctc_elsewhere_years: u32 = 5, within(1, 50);
    /// Years until the review of an SC elsewhere.
    sc_elsewhere_years: u32 = 5, within(1, 50);
    /// Years until the review of a DV elsewhere.
    dv_elsewhere_years: u32 = 3, within(1, 50);
    /// Days before a review from which a clearance counts half.
    review_notice_days: u32 = 180, within(0, 3_650);
    /// Days before the end of a sponsorship from which it is announced.
    sponsorship_notice_days: u32 = 90, within(0, 3_650);
    /// Risk of a US interim facility clearance.
    interim_bp: u32 = 4_000, BASIS_POINTS;
    /// Risk of a UK provisional facility clearance.
    provisional_bp: u32 = 5_000, BASIS_POINTS;
    /// Least risk of a facility clearance whose sponsorship has ended.
    ended_bp: u32 = 6_000, BASIS_POINTS;
    /// Least risk of a facility clearance that no authority attests.
    unconfirmed_bp: u32 = 6_000, BASIS_POINTS;
    /// Risk of a suspended facility clearance.
    suspended_bp: u32 = 9_500, BASIS_POINTS;
    /// Clearances that one nation accepts from another.
    equivalences: Vec<Equivalence> = Vec::new(), EQUIVALENCES;
}

const EQUIVALENCES: &str = concat!(
    r#""type":"array","maxItems":16,"items":{"type":"object","additionalProperties":false,"required":["held","satisfies"],"#,
    r#""properties":{"held":{"enum":["GB:BPSS","GB:CTC","GB:SC","GB:DV","US:CONFIDENTIAL","US:SECRET","US:TOP-SECRET"]},"#,
    r#""satisfies":{"enum":["GB:BPSS","GB:CTC","GB:SC","GB:DV","US:CONFIDENTIAL","US:SECRET","US:TOP-SECRET"]}}}"#,
);

/// One nation's level that another accepts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Equivalence {
    /// What is held; a higher level of that nation is accepted too.
    pub held: Level,
    /// What it satisfies, with all that is lower.
    pub satisfies: Level,
}

impl Setting for Equivalence {
    fn read(&mut self, json: &mut Reader<'_>) -> Result<(), Problem> {
        json.object(&mut [("held", &mut self.held), ("satisfies", &mut self.satisfies)])
    }

    fn write(&self, json: &mut Writer) {
        json.object(&[("held", &self.held), ("satisfies", &self.satisfies)]);
    }
}

/// A level as a policy writes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level(ClearanceLevel);

const LEVELS: &[(&str, ClearanceLevel)] = &[
    ("GB:BPSS", ClearanceLevel::GbBpss),
    ("GB:CTC", ClearanceLevel::GbCtc),
    ("GB:SC", ClearanceLevel::GbSc),
    ("GB:DV", ClearanceLevel::GbDv),
    ("US:CONFIDENTIAL", ClearanceLevel::UsConfidential),
    ("US:SECRET", ClearanceLevel::UsSecret),
    ("US:TOP-SECRET", ClearanceLevel::UsTopSecret),
];

impl Default for Level {
    fn default() -> Self {
        Self(ClearanceLevel::GbBpss)
    }
}

impl Setting for Level {
    fn read(&mut self, json: &mut Reader<'_>) -> Result<(), Problem> {
        self.0 = json.one_of(LEVELS)?;
        Ok(())
    }

    fn write(&self, json: &mut Writer) {
        json.one_of(LEVELS, self.0);
    }
}

/// The rule with a policy's parameters.
#[derive(Debug)]
pub struct Clearance(Parameters);

/// One half of an answer: its risk, its findings, and the attestations that decided it.
#[derive(Default)]
struct Part<'a> {
    risk_bp: u32,
    findings: Vec<Finding>,
    used: Option<&'a Attestation>,
}

/// Cleared people, by how long they still count.
#[derive(Default)]
struct Held {
    firm: u64,
    /// How many are due for review soon, and when the first of them is.
    soon: u64,
    first_due_on: Option<Date>,
    overdue: u64,
}

impl Rule for Clearance {
    type Parameters = Parameters;

    fn manifest() -> Manifest {
        manifest! {
            dimension: "clearance",
            help: HELP,
            kinds: ["clearance.facility", "clearance.personnel"],
            facts: [Requirement],
        }
    }

    fn configure(parameters: Parameters) -> Result<Self, Vec<Problem>> {
        Ok(Self(parameters))
    }

    fn assess(&self, subject: &Subject) -> Assessment {
        let asked = subject.requirement.as_ref();
        let asked = [asked.and_then(|asked| asked.gb_clearance), asked.and_then(|asked| asked.us_clearance)];
        if asked.iter().all(Option::is_none) {
            return Assessment::not_applicable(Message::NOTHING_REQUIRED, vec![]);
        }
        if subject.usable().next().is_none() {
            return Assessment::unknown(Message::NO_EVIDENCE, vec![]);
        }
        if let Some(contradiction) = subject.usable().find_map(|attestation| contradiction(subject, attestation)) {
            return Assessment::invalid(contradiction);
        }
        let parts =
            asked.iter().flatten().flat_map(|asked| [self.facility(subject, asked), self.personnel(subject, asked)]);
        let (mut risk_bp, mut findings, mut used) = (0, Vec::new(), Vec::new());
        for part in parts {
            risk_bp = risk_bp.max(part.risk_bp);
            findings.extend(part.findings);
            used.extend(part.used);
        }
        if used.is_empty() {
            used.extend(subject.usable());
        }
        Assessment::scored(risk_bp, confidence_bp(used), findings)
    }
}

tierwatch_rule::export!(Clearance);

impl Clearance {
    fn facility<'a>(&self, subject: &'a Subject, asked: &ClearanceRequirement) -> Part<'a> {
        if matches!(asked.level, ClearanceLevel::GbBpss | ClearanceLevel::GbCtc) {
            return Part::default();
        }
        let best = [Nation::Gb, Nation::Us]
            .into_iter()
            .filter_map(|nation| facility_of(subject, nation))
            .filter(|(_, facility)| self.satisfies(facility_level(facility), asked.level))
            .min_by_key(|(attestation, facility)| self.facility_bp(subject, attestation, facility));
        let Some((attestation, facility)) = best else {
            let none = Finding::new(Message::FACILITY_NONE, Severity::Critical, vec![]);
            return Part { risk_bp: WHOLE_BP, findings: vec![none], used: None };
        };
        Part {
            risk_bp: self.facility_bp(subject, attestation, facility),
            findings: self.facility_findings(subject, attestation, facility),
            used: Some(attestation),
        }
    }

    fn facility_bp(&self, subject: &Subject, attestation: &Attestation, facility: &Facility) -> u32 {
        let status_bp = match facility.status {
            FacilityStatus::Full => 0,
            FacilityStatus::Interim => self.0.interim_bp,
            FacilityStatus::Provisional => self.0.provisional_bp,
            FacilityStatus::Suspended => self.0.suspended_bp,
            FacilityStatus::None | FacilityStatus::Applied | FacilityStatus::Withdrawn => WHOLE_BP,
        };
        let ended_bp = if ended_on(subject, attestation, facility).is_some() { self.0.ended_bp } else { 0 };
        let unconfirmed_bp = if attestation.trust == Trust::Authority { 0 } else { self.0.unconfirmed_bp };
        status_bp.max(ended_bp).max(unconfirmed_bp)
    }

    fn facility_findings(&self, subject: &Subject, attestation: &Attestation, facility: &Facility) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut find = |message, severity, arguments, due_on| {
            findings.push(Finding { due_on, ..Finding::new(message, severity, arguments).shown_by(attestation) });
        };
        let status = |word: &str| vec![Argument::Text(word.into())];
        match facility.status {
            FacilityStatus::Full => {}
            FacilityStatus::Interim => find(Message::FACILITY_PENDING, Severity::Medium, status("interim"), None),
            FacilityStatus::Provisional => {
                find(Message::FACILITY_PENDING, Severity::Medium, status("provisional"), None)
            }
            FacilityStatus::Suspended => find(Message::FACILITY_SUSPENDED, Severity::Critical, vec![], None),
            FacilityStatus::Withdrawn => find(Message::FACILITY_WITHDRAWN, Severity::Critical, vec![], None),
            FacilityStatus::None | FacilityStatus::Applied => {
                find(Message::FACILITY_NONE, Severity::Critical, vec![], None);
            }
        }
        let today = date_of(subject.as_of);
        if let Some(ended_on) = ended_on(subject, attestation, facility) {
            find(Message::SPONSORSHIP_ENDED, Severity::High, vec![Argument::Date(ended_on)], Some(ended_on));
        } else if let Some(ends_on) = facility.sponsor_until
            && ends_on < today.saturating_add_unsigned(self.0.sponsorship_notice_days)
        {
            find(Message::SPONSORSHIP_ENDS, Severity::Low, vec![Argument::Date(ends_on)], Some(ends_on));
        }
        if attestation.trust != Trust::Authority {
            find(Message::FACILITY_UNCONFIRMED, Severity::High, vec![Argument::Name(attestation.issuer)], None);
        }
        findings
    }

    fn personnel<'a>(&self, subject: &'a Subject, asked: &ClearanceRequirement) -> Part<'a> {
        if asked.headcount == 0 {
            return Part::default();
        }
        let counts = subject.usable().filter_map(|attestation| match &attestation.claims {
            Claims::ClearancePersonnel(lines) => Some((attestation, lines)),
            _ => None,
        });
        let best = counts.max_by_key(|(attestation, _)| attestation.strength());
        let (held, lapsed) = match best {
            Some((attestation, lines)) if attestation.is_in_force() => (self.held(subject, lines, asked), None),
            Some((attestation, _)) => (Held::default(), Some(attestation)),
            None => (Held::default(), None),
        };
        let used = best.map(|(attestation, _)| attestation);
        let mut findings = self.personnel_findings(subject, &held, asked);
        if lapsed.is_some() {
            findings.push(Finding::new(Message::COUNT_LAPSED, Severity::High, vec![]));
        }
        if let Some(attestation) = used {
            findings = findings.into_iter().map(|finding| finding.shown_by(attestation)).collect();
        }
        Part { risk_bp: shortfall_bp(&held, asked.headcount), findings, used }
    }

    /// The people whose clearance satisfies the requirement, by how long they still count.
    fn held(&self, subject: &Subject, lines: &[PersonnelCount], asked: &ClearanceRequirement) -> Held {
        let today = date_of(subject.as_of);
        let cleared = is_cleared_facility(subject);
        let mut held = Held::default();
        for line in lines.iter().filter(|line| self.satisfies(line.level, asked.level)) {
            let count = u64::from(line.count);
            match self.review_due_on(line, cleared) {
                Some(due_on) if due_on <= today => held.overdue += count,
                Some(due_on) if due_on <= today.saturating_add_unsigned(self.0.review_notice_days) => {
                    held.soon += count;
                    held.first_due_on = Some(held.first_due_on.map_or(due_on, |first| first.min(due_on)));
                }
                _ => held.firm += count,
            }
        }
        held
    }

    /// The day from which a clearance no longer counts: as attested, else by the scheme's period. `None`: it has no period.
    fn review_due_on(&self, line: &PersonnelCount, cleared: bool) -> Option<Date> {
        let years = match (line.level, cleared) {
            (ClearanceLevel::GbCtc, true) => self.0.ctc_years,
            (ClearanceLevel::GbCtc, false) => self.0.ctc_elsewhere_years,
            (ClearanceLevel::GbSc, true) => self.0.sc_years,
            (ClearanceLevel::GbSc, false) => self.0.sc_elsewhere_years,
            (ClearanceLevel::GbDv, true) => self.0.dv_years,
            (ClearanceLevel::GbDv, false) => self.0.dv_elsewhere_years,
            _ => return line.review_due_on,
        };
        line.review_due_on.or_else(|| line.granted_on.map(|granted_on| plus_months(granted_on, years * 12)))
    }

    fn personnel_findings(&self, subject: &Subject, held: &Held, asked: &ClearanceRequirement) -> Vec<Finding> {
        let number = |number: u64| Argument::Number(i64::try_from(number).unwrap_or(i64::MAX));
        let mut findings = Vec::new();
        let (needed, have) = (u64::from(asked.headcount), held.firm + held.soon);
        if have < needed {
            let severity = if have == 0 { Severity::Critical } else { Severity::High };
            let arguments = vec![number(needed), number(have), number(needed - have)];
            findings.push(Finding::new(Message::SHORTFALL, severity, arguments));
        }
        if let Some(first_due_on) = held.first_due_on {
            let severity = if held.firm < needed { Severity::Medium } else { Severity::Low };
            let notice_days = number(self.0.review_notice_days.into());
            let arguments = vec![number(held.soon), notice_days, Argument::Date(first_due_on)];
            findings.push(Finding::new(Message::REVIEWS_DUE, severity, arguments).due(first_due_on));
        }
        if held.overdue > 0 {
            let today = date_of(subject.as_of);
            let arguments = vec![number(held.overdue), Argument::Date(today)];
            findings.push(Finding::new(Message::REVIEWS_OVERDUE, Severity::High, arguments).due(today));
        }
        findings
    }

    /// Whether one level satisfies another: a higher one of its nation does, one of another nation by an equivalence.
    fn satisfies(&self, held: ClearanceLevel, needed: ClearanceLevel) -> bool {
        let reaches = |(nation, rank): (Nation, u8), (other, least): (Nation, u8)| nation == other && rank >= least;
        let (held, needed) = (rank(held), rank(needed));
        let accepted = |each: &Equivalence| reaches(held, rank(each.held.0)) && reaches(rank(each.satisfies.0), needed);
        reaches(held, needed) || self.0.equivalences.iter().any(accepted)
    }
}

/// The shortfall as a part of the need, where people who are due for review soon count half. It is counted in halves, and
/// rounded half up once.
fn shortfall_bp(held: &Held, headcount: u32) -> u32 {
    let needed = u64::from(headcount) * 2;
    let shortfall = needed.saturating_sub(held.firm * 2 + held.soon);
    let rounded = (u64::from(WHOLE_BP) * shortfall + needed / 2) / needed;
    u32::try_from(rounded).unwrap_or(WHOLE_BP)
}

/// The facility clearance of a nation that counts.
fn facility_of(subject: &Subject, nation: Nation) -> Option<(&Attestation, &Facility)> {
    subject
        .usable()
        .filter_map(|attestation| match &attestation.claims {
            Claims::ClearanceFacility(facility) if facility.nation == nation => Some((attestation, facility)),
            _ => None,
        })
        .max_by_key(|(attestation, _)| attestation.strength())
}

/// Whether people here are reviewed as at a cleared facility.
fn is_cleared_facility(subject: &Subject) -> bool {
    facility_of(subject, Nation::Gb).is_some_and(|(attestation, facility)| {
        matches!(facility.status, FacilityStatus::Full | FacilityStatus::Provisional)
            && attestation.trust == Trust::Authority
            && ended_on(subject, attestation, facility).is_none()
    })
}

/// The last day of a facility clearance that has ended with its sponsorship or its attestation.
fn ended_on(subject: &Subject, attestation: &Attestation, facility: &Facility) -> Option<Date> {
    let sponsorship = facility.sponsor_until.filter(|until| *until < date_of(subject.as_of));
    let attested = attestation.valid_until.filter(|until| *until <= subject.as_of).map(|until| date_of(until - 1));
    sponsorship.or(attested)
}

/// The personnel level that corresponds to a facility's.
fn facility_level(facility: &Facility) -> ClearanceLevel {
    match (facility.nation, facility.level) {
        (Nation::Gb, FacilityLevel::Confidential) => ClearanceLevel::GbCtc,
        (Nation::Gb, FacilityLevel::Secret) => ClearanceLevel::GbSc,
        (Nation::Gb, FacilityLevel::TopSecret) => ClearanceLevel::GbDv,
        (Nation::Us, FacilityLevel::Confidential) => ClearanceLevel::UsConfidential,
        (Nation::Us, FacilityLevel::Secret) => ClearanceLevel::UsSecret,
        (Nation::Us, FacilityLevel::TopSecret) => ClearanceLevel::UsTopSecret,
    }
}

/// A level's position in its nation's order.
fn rank(level: ClearanceLevel) -> (Nation, u8) {
    match level {
        ClearanceLevel::GbBpss => (Nation::Gb, 0),
        ClearanceLevel::GbCtc => (Nation::Gb, 1),
        ClearanceLevel::GbSc => (Nation::Gb, 2),
        ClearanceLevel::GbDv => (Nation::Gb, 3),
        ClearanceLevel::UsConfidential => (Nation::Us, 0),
        ClearanceLevel::UsSecret => (Nation::Us, 1),
        ClearanceLevel::UsTopSecret => (Nation::Us, 2),
    }
}

/// The finding about impossible claims, with the attestation that makes them.
fn contradiction(subject: &Subject, attestation: &Attestation) -> Option<Finding> {
    let today = date_of(subject.as_of);
    let issuer = Argument::Name(attestation.issuer);
    let find = |message, arguments| Some(Finding::new(message, Severity::High, arguments).shown_by(attestation));
    match &attestation.claims {
        Claims::ClearanceFacility(facility) => {
            let other_nation = matches!(
                (facility.nation, facility.status),
                (Nation::Gb, FacilityStatus::Interim) | (Nation::Us, FacilityStatus::Provisional)
            );
            let ahead = facility.since.is_some_and(|since| since > today);
            let reversed = facility.since.zip(facility.sponsor_until).is_some_and(|(since, until)| until < since);
            if other_nation || ahead || reversed { find(Message::IMPOSSIBLE_FACILITY, vec![issuer]) } else { None }
        }
        Claims::ClearancePersonnel(lines) => lines.iter().find_map(|line| {
            let granted_on = line.granted_on?;
            let reversed = line.review_due_on.is_some_and(|due_on| due_on < granted_on);
            let impossible = granted_on > today || reversed;
            if impossible {
                find(Message::IMPOSSIBLE_PERSONNEL, vec![issuer.clone(), Argument::Date(granted_on)])
            } else {
                None
            }
        }),
        _ => None,
    }
}

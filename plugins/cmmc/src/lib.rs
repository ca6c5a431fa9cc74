//! # cmmc: does it protect controlled information as United States contracts ask?
//!
//! - **CMMC** (32 CFR 170) has levels 1 to 3. A *Final* level 1 is current for a year, levels 2 and 3 for three years with an
//!   affirmation that is not older than a year. A *Conditional* status is current for 180 days, in which a plan of action is
//!   carried out.
//! - A **plan of action** (32 CFR 170.21) needs a score of at least 88 of 110 and only requirements of one point; 3.13.11 (FIPS
//!   encryption) may stay at three. It must not hold 3.1.20, 3.1.22, 3.12.4, 3.10.3, 3.10.4 or 3.10.5. Level 1 allows none.
//! - The **SPRS score** (NIST SP 800-171 DoD assessment, DFARS 252.204-7019) runs from 110 down to −203, counts for three years,
//!   and supposes a system security plan.
//!
//! First match wins:
//!
//! | evidence | risk |
//! |---|---|
//! | Final at the level or above, current, affirmed within a year | 0 |
//! | the same, the affirmation over a year old | 60.00 |
//! | Conditional at the level or above, current, its plan eligible | 30.00 |
//! | a score of 110 | 0 |
//! | a score s from 88 to 109 | 10.00 + 20.00 × (110 − s) / 22 |
//! | a score s below 88 | 50.00 + 50.00 × (88 − s) / 291 |
//! | nothing usable | 90.00 |
//!
//! By its score alone it is at least at 50.00 when a status is required. The levels, periods and requirements are the schemes';
//! the risks are Tierwatch's own and rest on no standard.
//!
//! Example: level 2 is required; its Conditional status ran out yesterday and its score is 100: 50.00 with `STATUS_LAPSED`.

use tierwatch_rule::{
    Argument, Assessment, Attestation, BASIS_POINTS, Claims, Cmmc, CmmcStatus, Date, Finding, Manifest, PoamItem,
    Problem, Rule, Severity, Sprs, Subject, confidence_bp, date_of, manifest, messages, parameters, plus_months,
    within,
};

const HELP: &str = "Whether a supplier has the CMMC status (32 CFR 170) that its programmes ask, or else how high its SPRS \
    score (NIST SP 800-171) is, with affirmations and plans of action. The levels, periods and requirements are the \
    schemes'; the risk figures are Tierwatch's own.";

/// The highest score.
const MAX_SCORE: i32 = 110;
/// The lowest score.
const MIN_SCORE: i32 = -203;
/// The score that a plan of action needs.
const SCORE_FOR_PLAN: i32 = 88;
/// Requirements that no plan of action may hold (32 CFR 170.21(a)(2)(iii)).
const NEVER_PLANNED: [&str; 6] = ["3.1.20", "3.1.22", "3.12.4", "3.10.3", "3.10.4", "3.10.5"];
/// The requirement that a plan may hold with [`ENCRYPTION_POINTS`]: encryption that is employed and not FIPS-validated.
const ENCRYPTION: &str = "3.13.11";
const ENCRYPTION_POINTS: u8 = 3;

messages! {
    NOTHING_REQUIRED: "No programme that it reaches asks a CMMC status of it, and it attests none." => "";
    NO_EVIDENCE: "CMMC level {0} is required and nothing shows a status or a score."
        => "Ask it for its CMMC status, and for its SPRS score with the date of the assessment.";
    IMPOSSIBLE_SCORE: "An SPRS score of {1} from {0} cannot be: scores run from −203 to 110."
        => "Have {0} look the score up in SPRS and attest it again.";
    NO_SECURITY_PLAN: "An SPRS score from {0} comes without a system security plan, which it supposes."
        => "Have it write its system security plan (NIST SP 800-171 3.12.4) and assess itself again.";
    AHEAD: "An attestation from {0} names {1}, a day that is still to come."
        => "Have {0} correct the date.";
    AFFIRMATION_OVERDUE: "Its last affirmation of CMMC level {0} is of {1} and was due again after a year."
        => "Have its affirming official affirm in SPRS now.";
    CONDITIONAL: "Its CMMC level {0} is conditional until {1}."
        => "Follow its plan of action: what is open after {1} ends the status.";
    PLAN_INELIGIBLE: "Its conditional CMMC level {0} does not count: {1}."
        => "Have it close what the plan may not hold before it relies on the status.";
    STATUS_LAPSED: "Its CMMC level {0} was current until {1}."
        => "Have it assessed again; until then send it nothing that the level is for.";
    LEVEL_SHORT: "Its CMMC level {0} is below level {1}, which is required."
        => "Agree a date for its assessment at level {1}.";
    SCORE_ONLY: "CMMC level {0} is required, and its SPRS score of {1} is all that it shows."
        => "Agree a date for its assessment at level {0}.";
    SCORE_LOW: "Its SPRS score is {0}, which is too low for a plan of action."
        => "Have it close the requirements that cost most first, up to a score of 88.";
    NO_SCORE: "It has no SPRS score of the last three years."
        => "Have it assess itself and post the score in SPRS.";
}

parameters! {
    /// Months that a Final level 1 is current.
    level_1_months: u32 = 12, within(1, 60);
    /// Months that a Final level 2 or 3 is current.
    final_months: u32 = 36, within(1, 120);
    /// Months within which a Final level 2 or 3 must be affirmed again.
    affirmation_months: u32 = 12, within(1, 60);
    /// Days that a Conditional status is current.
    conditional_days: u32 = 180, within(1, 730);
    /// Months that an SPRS score counts.
    score_months: u32 = 36, within(1, 120);
    /// Risk with an affirmation that is overdue.
    unaffirmed_bp: u32 = 6_000, BASIS_POINTS;
    /// Risk with a Conditional status whose plan is eligible.
    conditional_bp: u32 = 3_000, BASIS_POINTS;
    /// Least risk by a score alone where a status is required.
    no_status_bp: u32 = 5_000, BASIS_POINTS;
    /// Risk with nothing that counts.
    nothing_bp: u32 = 9_000, BASIS_POINTS;
}

/// The rule with a policy's parameters.
#[derive(Debug)]
pub struct CmmcRule(Parameters);

/// A status, with the attestation that states it.
type Stated<'a> = (&'a Attestation, &'a Cmmc);

/// A risk, the attestation that decided it, and the findings.
type Answer<'a> = (u32, &'a Attestation, Vec<Finding>);

impl Rule for CmmcRule {
    type Parameters = Parameters;

    fn manifest() -> Manifest {
        manifest! {
            dimension: "cyber",
            help: HELP,
            kinds: ["cyber.cmmc", "cyber.sprs"],
            facts: [Requirement],
        }
    }

    fn configure(parameters: Parameters) -> Result<Self, Vec<Problem>> {
        Ok(Self(parameters))
    }

    fn assess(&self, subject: &Subject) -> Assessment {
        let required = subject.requirement.as_ref().and_then(|requirement| requirement.cmmc_level);
        if subject.usable().next().is_none() {
            return match required {
                Some(level) => Assessment::unknown(Message::NO_EVIDENCE, vec![number(level)]),
                None => Assessment::not_applicable(Message::NOTHING_REQUIRED, vec![]),
            };
        }
        if let Some(contradiction) = subject.usable().find_map(|attestation| contradiction(subject, attestation)) {
            return Assessment::invalid(contradiction);
        }
        let score = self.score(subject);
        let mut findings = Vec::new();
        let mut answers: Vec<Answer<'_>> = Vec::new();
        for stated in statuses(subject) {
            match self.by_status(subject, required, stated, score.map(|(_, sprs)| sprs.score)) {
                Ok(answer) => answers.push(answer),
                Err(refused) => findings.push(refused.shown_by(stated.0)),
            }
        }
        if let Some((risk_bp, used, found)) = answers.into_iter().min_by_key(|(risk_bp, ..)| *risk_bp) {
            return Assessment::scored(risk_bp, confidence_bp([used]), found);
        }
        let Some((attestation, sprs)) = score else {
            findings.push(Finding::new(Message::NO_SCORE, Severity::High, vec![]));
            return Assessment::scored(self.0.nothing_bp, confidence_bp(subject.usable()), findings);
        };
        findings.extend(score_findings(required, sprs.score).into_iter().map(|found| found.shown_by(attestation)));
        let least_bp = if required.is_some() { self.0.no_status_bp } else { 0 };
        Assessment::scored(score_bp(sprs.score).max(least_bp), confidence_bp([attestation]), findings)
    }
}

tierwatch_rule::export!(CmmcRule);

impl CmmcRule {
    /// The answer that a status gives, or why it does not count.
    fn by_status<'a>(
        &self,
        subject: &Subject,
        required: Option<u8>,
        (attestation, cmmc): Stated<'a>,
        score: Option<i32>,
    ) -> Result<Answer<'a>, Finding> {
        let today = date_of(subject.as_of);
        let level = number(cmmc.level);
        if let Some(required) = required.filter(|required| cmmc.level < *required) {
            return Err(Finding::new(Message::LEVEL_SHORT, Severity::High, vec![level, number(required)]));
        }
        let last_day = self.last_day(attestation, cmmc);
        if last_day < today {
            return Err(Finding::new(Message::STATUS_LAPSED, Severity::High, vec![level, Argument::Date(last_day)]));
        }
        if cmmc.status == CmmcStatus::Conditional {
            if let Some(why) = why_ineligible(cmmc, score) {
                return Err(Finding::new(Message::PLAN_INELIGIBLE, Severity::High, vec![level, Argument::Text(why)]));
            }
            let arguments = vec![level, Argument::Date(last_day)];
            let conditional = Finding::new(Message::CONDITIONAL, Severity::Medium, arguments).due(last_day);
            return Ok((self.0.conditional_bp, attestation, vec![conditional.shown_by(attestation)]));
        }
        let affirmed_on = cmmc.affirmed_on.unwrap_or(cmmc.status_on);
        let due_on = plus_months(affirmed_on, self.0.affirmation_months);
        if cmmc.level == 1 || due_on >= today {
            return Ok((0, attestation, vec![]));
        }
        let arguments = vec![level, Argument::Date(affirmed_on)];
        let overdue = Finding::new(Message::AFFIRMATION_OVERDUE, Severity::High, arguments).due(due_on);
        Ok((self.0.unaffirmed_bp, attestation, vec![overdue.shown_by(attestation)]))
    }

    /// The last day on which a status is current: by the scheme's period, or sooner when it says so itself.
    fn last_day(&self, attestation: &Attestation, cmmc: &Cmmc) -> Date {
        let scheme = match (cmmc.status, cmmc.level) {
            (CmmcStatus::Conditional, _) => cmmc.status_on.saturating_add_unsigned(self.0.conditional_days),
            (CmmcStatus::Final, 1) => plus_months(cmmc.status_on, self.0.level_1_months).saturating_sub(1),
            (CmmcStatus::Final, _) => plus_months(cmmc.status_on, self.0.final_months).saturating_sub(1),
        };
        attestation.valid_until.map_or(scheme, |until| scheme.min(date_of(until - 1)))
    }

    /// The score that counts: of those that are not too old the last assessed, then the most trusted.
    fn score<'a>(&self, subject: &'a Subject) -> Option<(&'a Attestation, &'a Sprs)> {
        let today = date_of(subject.as_of);
        let scores = subject.usable().filter_map(|attestation| match &attestation.claims {
            Claims::CyberSprs(sprs) => Some((attestation, sprs)),
            _ => None,
        });
        let counts = |sprs: &Sprs| plus_months(sprs.assessed_on, self.0.score_months) >= today;
        scores
            .filter(|(_, sprs)| counts(sprs))
            .max_by_key(|(attestation, sprs)| (sprs.assessed_on, attestation.trust.confidence_bp()))
    }
}

/// The statuses in evidence, whether they are current or not.
fn statuses(subject: &Subject) -> impl Iterator<Item = Stated<'_>> {
    subject.usable().filter_map(|attestation| match &attestation.claims {
        Claims::CyberCmmc(cmmc) => Some((attestation, cmmc)),
        _ => None,
    })
}

/// Why the plan behind a conditional status is not allowed; `None`: it is allowed.
fn why_ineligible(cmmc: &Cmmc, score: Option<i32>) -> Option<String> {
    let too_dear = |item: &PoamItem| item.points > if item.requirement == ENCRYPTION { ENCRYPTION_POINTS } else { 1 };
    if cmmc.level == 1 {
        return Some("level 1 allows no plan of action".into());
    }
    match score {
        None => return Some("no SPRS score of the last three years shows that a plan may be".into()),
        Some(score) if score < SCORE_FOR_PLAN => return Some(format!("a score of {score} is below {SCORE_FOR_PLAN}")),
        Some(_) => {}
    }
    if let Some(item) = cmmc.poam.iter().find(|item| NEVER_PLANNED.contains(&item.requirement.as_str())) {
        return Some(format!("its plan holds {}, which no plan may", item.requirement));
    }
    let item = cmmc.poam.iter().find(|item| too_dear(item))?;
    Some(format!("its plan holds {} at {} points", item.requirement, item.points))
}

/// The risk of a score, rounded half up once.
fn score_bp(score: i32) -> u32 {
    let (from, per, below, span) = match score {
        MAX_SCORE.. => return 0,
        SCORE_FOR_PLAN.. => (1_000, 2_000, MAX_SCORE - score, MAX_SCORE - SCORE_FOR_PLAN),
        _ => (5_000, 5_000, SCORE_FOR_PLAN - score, SCORE_FOR_PLAN - MIN_SCORE),
    };
    let (below, span) = (below.unsigned_abs(), span.unsigned_abs());
    from + (per * below + span / 2) / span
}

fn score_findings(required: Option<u8>, score: i32) -> Vec<Finding> {
    let told = Argument::Number(score.into());
    let mut findings = Vec::new();
    if let Some(required) = required {
        findings.push(Finding::new(Message::SCORE_ONLY, Severity::High, vec![number(required), told.clone()]));
    }
    if score < SCORE_FOR_PLAN {
        findings.push(Finding::new(Message::SCORE_LOW, Severity::High, vec![told]));
    }
    findings
}

/// The finding about impossible claims, with the attestation that makes them.
fn contradiction(subject: &Subject, attestation: &Attestation) -> Option<Finding> {
    let today = date_of(subject.as_of);
    let issuer = Argument::Name(attestation.issuer);
    let find = |message, arguments| Some(Finding::new(message, Severity::High, arguments).shown_by(attestation));
    let ahead = |dates: &[Option<Date>]| dates.iter().flatten().copied().find(|date| *date > today);
    match &attestation.claims {
        Claims::CyberSprs(sprs) if !(MIN_SCORE..=MAX_SCORE).contains(&sprs.score) => {
            find(Message::IMPOSSIBLE_SCORE, vec![issuer, Argument::Number(sprs.score.into())])
        }
        Claims::CyberSprs(sprs) if !sprs.ssp => find(Message::NO_SECURITY_PLAN, vec![issuer]),
        Claims::CyberSprs(sprs) => {
            ahead(&[Some(sprs.assessed_on)]).and_then(|date| find(Message::AHEAD, vec![issuer, Argument::Date(date)]))
        }
        Claims::CyberCmmc(cmmc) => ahead(&[Some(cmmc.status_on), cmmc.affirmed_on])
            .and_then(|date| find(Message::AHEAD, vec![issuer, Argument::Date(date)])),
        _ => None,
    }
}

fn number(level: u8) -> Argument {
    Argument::Number(level.into())
}

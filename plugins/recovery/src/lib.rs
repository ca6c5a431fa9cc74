//! # recovery: is it back before the first programme stops?
//!
//! When an organisation stops, stock carries the programmes for a while: the **time to survive** (TTS) is how many days
//! pass from its failure until the first programme that it alone brings down stops, by the buffers on the way. The network
//! knows it. The **time to recover** (TTR) is how many days it needs until it supplies again; its recovery plan says so. Of
//! several plans, for several items, the longest counts. What an organisation says of itself is no assessment, so its own
//! word counts 1.3 times, here and wherever the daemon shows a time to recover. (Simchi-Levi and others compare the two at
//! Ford: Interfaces 45(5), 2015.)
//!
//! | | risk |
//! |---|---|
//! | TTS ≥ 1.3 × TTR, or a TTR of 0 | 0 |
//! | TTS ≥ TTR | 20.00 |
//! | otherwise | 40.00 + 60.00 × (TTR − TTS) / TTR |
//!
//! An organisation whose failure alone stops no programme has nothing to be back for, and so has one whose buyers lead to
//! no programme. Where nobody is known to buy from it its time to survive is not known. The comparison is the literature's;
//! the risks are Tierwatch's own and rest on no standard.
//!
//! Example: it says itself that it needs 30 days, which counts as 39; the programme stops after 50: 20.00 with `THIN_MARGIN`.

use tierwatch_rule::{
    Argument, Assessment, Attestation, BASIS_POINTS, Claims, Date, Finding, Impact, Loss, Manifest, Problem, Recovery,
    Rule, Severity, State, Subject, Trust, WHOLE_BP, confidence_bp, date_of, manifest, messages, parameters,
    plus_months, within,
};

const HELP: &str = "Whether a supplier is back before the first programme that it alone brings down stops: its time to \
    recover, from its recovery plans, against the time to survive, from the buffers of the supply network. What it says of \
    itself counts 1.3 times. The risk figures are Tierwatch's own.";

/// Most programmes that have a finding each.
const MAX_NAMED_PROGRAMMES: usize = 8;
/// The percentage at which a time to recover counts that only the organisation itself asserts. The network's facts use the same
/// value, so it is no parameter.
const OWN_WORD_PERCENT: u64 = 130;
/// A time to recover is counted in hundredths of a day, so that percentages of days are whole numbers.
const DAY: u64 = 100;

messages! {
    NOTHING_REQUIRED: "It reaches no programme, and nobody attests how soon it recovers." => "";
    NOT_ALONE: "No programme stops when it alone stops." => "";
    NO_PROGRAMME: "Its buyers lead to no programme that would stop." => "";
    SURVIVAL_NOT_KNOWN: "Nobody is known to buy from it: how long its buyers survive without it is not known."
        => "Ask its buyers for their `supply.need` and `supply.source` attestations.";
    NO_PLAN: "{0} programmes stop when it alone stops, the first after {1} days, and nobody attests how soon it recovers."
        => "Ask it for its `continuity.recovery` attestation, and have somebody assess it.";
    TESTED_AHEAD: "{0} says that its recovery plan was tested on {1}, a day that is still to come."
        => "Have {0} attest the plan again with the day of the last test.";
    TOO_SLOW: "{0} stops {1} days after it does, and it needs {2} days to recover."
        => "Hold stock for {3} days more on the way to {0} ({4} for the margin too), qualify a second source, or have it shorten its recovery.";
    THIN_MARGIN: "{0} stops {1} days after it does, and it needs {2} days to recover: little can go wrong."
        => "Hold stock for {4} days more on the way to {0} for the margin.";
    OWN_WORD: "Only it says how soon it recovers: its {0} days count as {1}."
        => "Have its recovery plan assessed by somebody else.";
    UNTESTED: "Its recovery plan has not been tested since {0}."
        => "Have it test the plan.";
    NEVER_TESTED: "Its recovery plan says nothing of a test."
        => "Have it test the plan and attest when.";
    PLAN_LAPSED: "Its recovery plan has lapsed." => "Ask it for the plan that holds now.";
}

parameters! {
    /// Percentage of the time to recover that the time to survive must reach for no risk.
    margin_percent: u32 = 130, within(100, 1_000);
    /// Risk with less than that margin.
    thin_bp: u32 = 2_000, BASIS_POINTS;
    /// Risk of a recovery that comes just too late; it rises to the worst where nothing is left to survive on.
    late_bp: u32 = 4_000, BASIS_POINTS;
    /// Months after which a plan should be tested again.
    test_months: u32 = 12, within(1, 120);
}

/// The rule with a policy's parameters.
#[derive(Debug)]
pub struct RecoveryRule(Parameters);

/// A plan, with the attestation that states it.
type Stated<'a> = (&'a Attestation, &'a Recovery);

impl Rule for RecoveryRule {
    type Parameters = Parameters;

    fn manifest() -> Manifest {
        manifest! {
            dimension: "supply",
            help: HELP,
            kinds: ["continuity.recovery"],
            facts: [Impact],
        }
    }

    fn configure(parameters: Parameters) -> Result<Self, Vec<Problem>> {
        Ok(Self(parameters))
    }

    fn assess(&self, subject: &Subject) -> Assessment {
        let plans = plans(subject);
        let Some(impact) = subject.impact.as_ref() else {
            return Assessment::unknown(Message::SURVIVAL_NOT_KNOWN, vec![]);
        };
        let Some(survive_days) = impact.survive_days else {
            // Having a plan must never be worse than having none.
            return match (impact.programmes.is_empty(), impact.buyers > 0, plans.is_empty()) {
                (false, ..) => Assessment::not_applicable(Message::NOT_ALONE, vec![]),
                (true, true, _) => Assessment::not_applicable(Message::NO_PROGRAMME, vec![]),
                (true, false, false) => Assessment::unknown(Message::SURVIVAL_NOT_KNOWN, vec![]),
                (true, false, true) => Assessment::not_applicable(Message::NOTHING_REQUIRED, vec![]),
            };
        };
        if let Some(contradiction) = plans.iter().find_map(|plan| tested_ahead(subject, *plan)) {
            return Assessment::invalid(contradiction);
        }
        let Some(slowest) = plans.iter().copied().max_by_key(|plan| self.recovers(*plan)) else {
            let programmes = i64::try_from(impact.single_point_of.len()).unwrap_or(i64::MAX);
            return Assessment::unknown(Message::NO_PLAN, vec![Argument::Number(programmes), days(survive_days)]);
        };
        let risk_bp = self.risk_bp(survive_days, self.recovers(slowest));
        Assessment::scored(risk_bp, confidence_bp([slowest.0]), self.findings(subject, impact, slowest))
    }
}

tierwatch_rule::export!(RecoveryRule);

impl RecoveryRule {
    /// The time to recover that counts, in hundredths of a day.
    fn recovers(&self, (attestation, plan): Stated<'_>) -> u64 {
        let is_assessed = matches!(attestation.trust, Trust::ThirdParty | Trust::Authority);
        u64::from(plan.recover_days) * if is_assessed { DAY } else { OWN_WORD_PERCENT }
    }

    /// Whether a time to survive leaves the margin over a time to recover.
    fn is_ample(&self, survive_days: u32, recovers: u64) -> bool {
        u64::from(survive_days) * DAY * 100 >= u64::from(self.0.margin_percent) * recovers
    }

    /// The risk of recovering too late, rounded half up once.
    fn risk_bp(&self, survive_days: u32, recovers: u64) -> u32 {
        let survives = u64::from(survive_days) * DAY;
        if recovers == 0 || self.is_ample(survive_days, recovers) {
            return 0;
        }
        if survives >= recovers {
            return self.0.thin_bp;
        }
        let span = u64::from(WHOLE_BP - self.0.late_bp);
        let rounded = (span * (recovers - survives) + recovers / 2) / recovers;
        self.0.late_bp + u32::try_from(rounded).unwrap_or(WHOLE_BP)
    }

    fn findings(&self, subject: &Subject, impact: &Impact, slowest: Stated<'_>) -> Vec<Finding> {
        let (attestation, plan) = slowest;
        let recovers = self.recovers(slowest);
        let mut findings = Vec::new();
        let mut losses: Vec<&Loss> = impact.single_point_of.iter().collect();
        // The first programme to stop comes first; equal ones stay in the order of the facts.
        losses.sort_by_key(|loss| loss.survive_days);
        let short = losses.into_iter().filter(|loss| recovers > 0 && !self.is_ample(loss.survive_days, recovers));
        findings.extend(short.take(MAX_NAMED_PROGRAMMES).map(|loss| self.short_of(loss, recovers)));
        if recovers != u64::from(plan.recover_days) * DAY {
            let arguments = vec![days(plan.recover_days), days(whole_days(recovers))];
            findings.push(Finding::new(Message::OWN_WORD, Severity::Info, arguments));
        }
        let test_due = |tested_on: Date| plus_months(tested_on, self.0.test_months) <= date_of(subject.as_of);
        match plan.tested_on {
            Some(tested_on) if test_due(tested_on) => {
                findings.push(Finding::new(Message::UNTESTED, Severity::Low, vec![Argument::Date(tested_on)]));
            }
            Some(_) => {}
            None => findings.push(Finding::new(Message::NEVER_TESTED, Severity::Info, vec![])),
        }
        if attestation.state == State::Lapsed {
            findings.push(Finding::new(Message::PLAN_LAPSED, Severity::Low, vec![]));
        }
        findings.into_iter().map(|finding| finding.shown_by(attestation)).collect()
    }

    /// The finding about a programme whose time to survive is too short.
    fn short_of(&self, loss: &Loss, recovers: u64) -> Finding {
        let wanted = whole_days((u64::from(self.0.margin_percent) * recovers).div_ceil(100));
        let [missing, with_margin] =
            [whole_days(recovers), wanted].map(|day| days(day.saturating_sub(loss.survive_days)));
        let needed = days(whole_days(recovers));
        let arguments = vec![Argument::Name(loss.programme), days(loss.survive_days), needed, missing, with_margin];
        if u64::from(loss.survive_days) * DAY >= recovers {
            return Finding::new(Message::THIN_MARGIN, Severity::Low, arguments);
        }
        let severity =
            if self.risk_bp(loss.survive_days, recovers) >= 7_000 { Severity::High } else { Severity::Medium };
        Finding::new(Message::TOO_SLOW, severity, arguments)
    }
}

/// The plans that count: those in force or, if all have lapsed, the last known ones.
fn plans(subject: &Subject) -> Vec<Stated<'_>> {
    subject.stated(|claims| match claims {
        Claims::ContinuityRecovery(plan) => Some(plan),
        _ => None,
    })
}

fn tested_ahead(subject: &Subject, (attestation, plan): Stated<'_>) -> Option<Finding> {
    let tested_on = plan.tested_on.filter(|tested_on| *tested_on > date_of(subject.as_of))?;
    let arguments = vec![Argument::Name(attestation.issuer), Argument::Date(tested_on)];
    Some(Finding::new(Message::TESTED_AHEAD, Severity::High, arguments).shown_by(attestation))
}

/// Hundredths of a day as days, rounded up.
fn whole_days(hundredths: u64) -> u32 {
    u32::try_from(hundredths.div_ceil(DAY)).unwrap_or(u32::MAX)
}

fn days(days: u32) -> Argument {
    Argument::Number(days.into())
}
